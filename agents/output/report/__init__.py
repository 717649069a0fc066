"""One self-contained page to look at a run: `python -m agents report RUN` writes `RUN/report.html`.

The page reads the exports, never the store. It holds no clock and no path of this machine: equal runs give equal pages.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.english.people import PEOPLE
from agents.output.ledger import OUTCOMES, list_lines
from agents.output.modality import read_modality
from agents.output.people import STAGES
from agents.output.provenance import describe_makers, describe_splits
from agents.output.report.pictures import Picture, embed_picture, find_photo_root
from agents.output.report.rows import Row, read_manifest, read_rules, view_rows
from agents.output.report.sample import STATUSES, ReportSample, choose_sample, read_sample
from agents.output.report.summary import count_instructions, summarise
from agents.output.report.views import ImageView, RuleView, view_image, view_rule
from agents.output.rule_tables import explain_unused
from tools.errors import ToolkitError, UsageError, first_line
from tools.files import replace_file
from tools.ids import name_file
from tools.manifest import is_registered
from tools.page import load_assets

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["MAX_RULES", "PAGE_SIZE", "write_report"]

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
PAGE_SIZE = 20
MAX_RULES = 200
LICENCE = (
    "Photographs and captions keep the licences of their dataset; COCO's photographs belong to their Flickr authors, "
    "each under its own licence."
)


class Card(NamedTuple):
    """One image with its pictures; `photo` is None where a sensor took the image and no photograph belongs to it."""

    view: ImageView
    photo: Picture | None
    image: Picture


def write_report(run: Path, *, images: Path | None = None, limit_images: int = 200, seed: int = 0) -> Path:
    """Write `RUN/report.html` and return its path.

    Memory holds the text of the images shown, one picture at a time, and nothing of the rest of the run.

    Args:
        run: folder with `manifest.json` and the exports.
        images: where the photographs are, in place of the manifest's `photo_root`.
        limit_images: how many images to show; a longer run is sampled by a hash of seed and image id.
        seed: another seed shows other images.

    Raises:
        MissingError: the folder is not a run, or `images` that of other photographs.
        ToolkitError: an export is damaged or was written by another version, or the disk is full.
        UsageError: `limit_images` is less than 1.
    """
    if limit_images < 1:
        raise UsageError(f"--limit-images {limit_images}: a report shows at least one image; give a number from 1 up.")
    manifest = read_manifest(run)
    sample = choose_sample(run, limit_images, seed)
    views = [view_image(image_id, rows) for image_id, rows in read_sample(run, sample.image_ids).items()]
    if images is not None:
        from tools.datasets.first_images import check_first_images

        check_first_images("--images", images, (images / view.photo for view in views if view.photo))
    rules = view_rows(read_rules(run / "rules.jsonl"), view_rule, "rules.jsonl")
    template = _make_environment().get_template("report.html.j2")
    with _as_written(run / "manifest.json"):
        stream = template.generate(
            **_describe_run(manifest, sample, rules, views),
            **load_assets(TEMPLATES),
            cards=_embed(run, views, find_photo_root(run, manifest.get("photo_root"), images), manifest),
        )
        return _write(run / "report.html", stream)


@contextmanager
def _as_written(manifest: Path) -> Iterator[None]:
    """One sentence of a manifest whose values are not those that a run writes."""
    try:
        yield
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        problem = f"{manifest}: is not as a run writes it ({first_line(error)})"
        raise ToolkitError(f"{problem}; the command that made the run writes it again") from error


def _write(path: Path, stream: Iterator[str]) -> Path:
    with replace_file(path) as file:
        for part in stream:
            # Captions may hold unpaired surrogates, which UTF-8 cannot write.
            file.write(part.encode("utf-8", errors="replace"))
    return path


@functools.cache
def _make_environment() -> "Environment":
    """Made once a process: compiling the page's templates takes longer than filling most pages."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"thousands": lambda number: f"{number:,}", "anchor": name_file}
    return environment


def _describe_run(
    manifest: Row, sample: ReportSample, rules: tuple[RuleView, ...], views: list[ImageView]
) -> dict[str, Any]:
    n_mined = sum(rule.is_mined for rule in rules)
    n_images = (manifest.get("counts") or {}).get("images") or max(sample.n_with_pairs, len(views))
    accepted, failed = count_instructions(manifest)
    modality = read_modality(manifest)
    ranked = sorted(rules, key=lambda rule: (rule.is_mined, -rule.used, -rule.support))
    return {
        "manifest": manifest,
        "makers": describe_makers(manifest),
        "nouns": modality.nouns,
        "lead": _lead(manifest, n_images, accepted + failed),
        "summary": summarise(manifest, n_images, (len(rules) - n_mined, n_mined)),
        "n_images": n_images,
        "n_shown": len(views),
        "shown_ids": sample.image_ids,
        "statuses": [(key, label, sum(key in view.statuses for view in views)) for key, label in STATUSES.items()],
        "reasons": sorted(sample.reasons.items(), key=lambda item: (-item[1], item[0])),
        "rules": ranked[:MAX_RULES],
        "rule_texts": {rule.id: rule.text for rule in rules},
        "n_rules": len(rules),
        "rules_unused": explain_unused(manifest, [_as_row(rule) for rule in rules]),
        "page_size": PAGE_SIZE,
        "drawn_by": (manifest.get("evidence") or {}).get("drawn_by"),
        "ledger_lines": tuple(list_lines(manifest.get("ledger"))),
        "ledger_columns": ("before", *OUTCOMES, "after"),
        "people_groups": tuple(PEOPLE),
        "people_stages": STAGES,
        "licence": LICENCE if manifest.get("source") is None else _cite(manifest["source"]),
    }


def _as_row(rule: RuleView) -> dict[str, Any]:
    return {"origin": "mined" if rule.is_mined else "seed", "used": rule.used}


def _cite(source: Row) -> str:
    """Whose terms hold for images that a sensor took."""
    if not source.get("licence"):
        return "Images and captions keep the terms of whoever they come from."
    return f"Images, boxes and captions keep the licence of {source['title']}: {source['licence']}."


def _lead(manifest: Row, images: int, instructions: int) -> str:
    """The first sentence of the page."""
    modality = read_modality(manifest)
    numbers = {"photographs": f"{images:,}", "instructions": f"{instructions:,}"}
    if manifest.get("source") is None:
        return modality.report.lead.format(**numbers)
    made = f"{images:,} {modality.nouns.images} that a sensor took, their captions, and {instructions:,} debated"
    return f"{made} instructions. {describe_splits(manifest['source'])}".strip()


def _embed(run: Path, views: list[ImageView], photo_root: Path | None, manifest: Row) -> Iterator[Card]:
    noun = read_modality(manifest).nouns.image
    without = f"No {noun} was made" if manifest.get("translator") else "The run was made without a translator"
    source = manifest.get("source")
    for view in views:
        not_found = f"{view.photo or 'Photograph'}: its folder is not known; pass --images DIR"
        has_photo = source is None or is_registered(source, view.image_id, view.photo)
        yield Card(
            view,
            embed_picture(photo_root, view.photo, False, not_found) if has_photo else None,
            embed_picture(run, view.image, True, without),
        )
