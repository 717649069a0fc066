"""What the browse section shows, as HTML: the list, and one image. Every text is escaped by the templates."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from agents.checks.evidence_rows import EVIDENCE_FILE
from agents.conversation.results import Result
from agents.output.export import BUILDERS, build_evidence_rows
from agents.output.report.sample import STATUSES
from agents.output.report.views import ImageView, view_image
from agents.output.report.words import clip_text
from agents.studio.browse.library import Library, Listed, Spot
from agents.studio.browse.turns import list_turns
from agents.studio.index.slim import Slim
from tools.web import fill

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
LABELS = {
    "accepted": "accepted",
    "revised": "accepted later",
    "failed": "failed",
    "rejected": "rejected",
    "captions": "captions only",
}
SHORT = 140


class Tile(NamedTuple):
    """One image in the list."""

    id: str
    address: str
    has_image: bool
    badges: tuple[tuple[str, str], ...]
    text: str
    is_open: bool


def write_address(spot: Spot) -> str:
    """What the page's address says of a spot, behind its `?`."""
    values = {
        "section": "browse",
        **spot.filters.__dict__,
        "page": spot.page if spot.page > 1 else "",
        "image": spot.image,
    }
    return urlencode({name: value for name, value in values.items() if value})


def show_list(listed: Listed) -> str:
    """The list."""
    tiles = [_make_tile(slim, listed.spot) for slim in listed.images]
    return fill(TEMPLATES, "list.html.j2", tiles=tiles, total=listed.total, note=listed.note)


def _make_tile(slim: Slim, spot: Spot) -> Tile:
    name = str(slim.image_id)
    badges = tuple((key, LABELS[key]) for key in STATUSES if key in slim.verdicts)
    text = slim.pairs[0].caption if slim.pairs else slim.reject.reason if slim.reject else ""
    address = write_address(Spot(spot.filters, spot.page, name))
    return Tile(name, address, slim.image is not None, badges, clip_text(text, SHORT), name == spot.image)


def show_image(library: Library, image_id: str, rule_texts: Mapping[str, str]) -> str:
    """One image with everything that is known of it."""
    result = library.run.store.find_result(image_id) if image_id else None
    if result is None:
        return fill(TEMPLATES, "absent.html.j2", image_id=image_id)
    return fill(
        TEMPLATES,
        "image.html.j2",
        view=make_view(result),
        result=result,
        turns=list_turns(result),
        rule_texts=rule_texts,
        has_photograph=library.run.has_photograph(result),
        nouns=library.run.modality.nouns,
        why_none="No image was made",
    )


def make_view(result: Result) -> ImageView:
    """An image as the report sees it."""
    rows: dict[str, list[dict[str, Any]]] = {name: list(build(result)) for name, build in BUILDERS.items()}
    rows[EVIDENCE_FILE] = list(build_evidence_rows(result))
    return view_image(result.image_id, rows)
