"""The dataset card of a run, so that `datasets.load_dataset(RUN, "pairs")` works and readers know what made it."""

import functools
import json
import shlex
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from agents.output.card_fields import FieldSpec, describe_features, describe_type, list_fields
from agents.output.card_source import CardSource, describe_source
from agents.output.modality import read_modality
from agents.output.provenance import describe_makers
from agents.output.report.summary import count_instructions, format_share
from tools.evidence import CLAIM_CHECK
from tools.files import write_text

if TYPE_CHECKING:
    from jinja2 import Environment

Manifest = dict[str, Any]

TEMPLATE = "card.md.j2"
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
SECRET_WORDS = ("key", "token", "secret", "password")


def write_card(run: Path, manifest: Manifest) -> Path:
    """Write `RUN/README.md` and return its path.

    A file without rows gets no configuration, because `datasets` refuses to load an empty split; the card says so.

    Args:
        run: folder with the exports.
        manifest: what `manifest.json` says; keys it leaves out count as unknown.

    Raises:
        ToolkitError: the disk is full or the folder cannot be written.
    """
    source = describe_source(manifest)
    fields = list_fields(
        is_sensor=source.is_sensor, has_photographs=source.has_photographs, has_evidence="evidence" in manifest
    )
    present = [name for name in fields if _has_rows(run / f"{name}.jsonl")]
    path = run / "README.md"
    text = f"---\n{_dump_yaml(_describe_header(present, manifest))}---\n\n{_render(present, fields, source, manifest)}"
    write_text(path, text, errors="replace")
    return path


def _tag_source(manifest: Manifest) -> tuple[str, ...]:
    """The text is made either way; the images only where they were translated."""
    return ("synthetic",) if manifest.get("source") is None else ("synthetic-text", "real-images")


def list_evidence(manifest: Manifest) -> list[tuple[str, str]]:
    """What the manifest says of what was measured: a name and a figure each."""
    found = manifest.get("evidence")
    if found is None:
        return []
    counts = manifest.get("counts") or {}
    descriptions = (counts.get("instructions_by_kind") or {}).get("description", 0)
    opening = found.get("commonest_opening")
    rows = [
        ("images measured", f"{found['images']:,}"),
        ("images with a fact", format_share(found["images_with_fact"], found["images"])),
        *((f"facts: {name.replace('_', ' ')}", f"{count:,}") for name, count in found["facts"].items()),
        ("captions that say something measured", format_share(found["captions_measured"], counts.get("pairs", 0))),
        ("descriptions that say something measured", format_share(found["descriptions_measured"], descriptions)),
    ]
    if opening:
        rows.append((f"descriptions that begin “{opening}”, the commonest opening", _percent(found)))
    return rows


def _percent(found: Manifest) -> str:
    return format_share(found["share_of_commonest_opening"] or 0, 1)


def _dump_yaml(value: dict[str, Any]) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes shared parts out each time: `datasets` changes what it reads, and would see an alias half eaten."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    return yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1000)


def _has_rows(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _describe_header(present: list[str], manifest: Manifest) -> dict[str, Any]:
    n_pairs = (manifest.get("counts") or {}).get("pairs", 0)
    makers = [maker for maker in describe_makers(manifest) if maker.name != "none"]
    text = read_modality(manifest).cards
    return {
        "pretty_name": text.dataset_title,
        "language": ["en"],
        "license": "other",
        "task_categories": ["image-to-text", "visual-question-answering"],
        "size_categories": [next((name for limit, name in SIZES if n_pairs < limit), "n>1M")],
        "tags": [
            *text.dataset_tags,
            *_tag_source(manifest),
            *dict.fromkeys(f"{maker.role}:{maker.name}" for maker in makers),
        ],
        "configs": [
            {"config_name": name, "data_files": f"{name}.jsonl"} | ({"default": True} if index == 0 else {})
            for index, name in enumerate(present)
        ],
        "dataset_info": [{"config_name": name, "features": describe_features(name)} for name in present],
    }


@functools.cache
def _make_environment() -> "Environment":
    """Made once a process: compiling the template takes longer than filling it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"cell": _escape_cell, "type": describe_type, "thousands": lambda number: f"{number:,}"}
    return environment


def _render(
    present: list[str], fields: dict[str, tuple[FieldSpec, ...]], source: CardSource, manifest: Manifest
) -> str:
    accepted, failed = count_instructions(manifest)
    modality = read_modality(manifest)
    return (
        _make_environment()
        .get_template(TEMPLATE)
        .render(
            modality=modality,
            makers=describe_makers(manifest),
            counts=manifest.get("counts") or {},
            n_accepted=accepted,
            n_debated=accepted + failed,
            acceptance=manifest.get("acceptance_by_round") or {},
            leaks=_list_leaks(manifest),
            objections=manifest.get("objections") or {},
            captions_debated=manifest.get("captions_debated"),
            command=describe_command(manifest),
            prompts_digest=(manifest.get("prompts") or {}).get("digest", "unknown"),
            versions=manifest.get("versions") or {},
            present=present,
            absent=[name for name in fields if name not in present],
            fields=fields,
            source=source,
            evidence=list_evidence(manifest),
            variety=manifest.get("variety") or {},
            claim_check=CLAIM_CHECK,
            held_out=(manifest.get("dataset") or {}).get("held_out"),
        )
    )


def _escape_cell(value: object) -> str:
    """A value inside a table's cell or a line of text: one line, no markup."""
    text = " ".join(str(value).split())
    for character in "\\`|<>[]*_":
        text = text.replace(character, "\\" + character)
    return text


def _list_leaks(manifest: Manifest) -> list[tuple[str, str, str, str]]:
    leaks = manifest.get("leaks") or {}
    before, after, turns = (leaks.get(key) or {} for key in ("captions_before", "captions_after", "assistant_turns"))
    captions, n_turns = leaks.get("captions", 0), leaks.get("assistant_turns_total", 0)
    if captions and not (before or after or turns):
        return [
            ("none of the lexicon's", format_share(0, captions), format_share(0, captions), format_share(0, n_turns))
        ]
    return [
        (
            category,
            format_share(before.get(category, 0), captions),
            format_share(after.get(category, 0), captions),
            format_share(turns.get(category, 0), n_turns),
        )
        for category in sorted(
            before.keys() | after.keys() | turns.keys(), key=lambda name: (-before.get(name, 0), name)
        )
    ]


def describe_command(manifest: Manifest) -> str:
    """The command that makes the run again; folders of this machine and anything secret are left out."""
    config = {key: value for key, value in (manifest.get("config") or {}).items() if not _is_secret(key)}
    is_refiltered = config.pop("refiltered", None) is not None
    inputs = _name_inputs(manifest, config) | {"out": "RUN"}
    settings = {key: value for key, value in config.items() if key not in inputs and value not in (None, False)}
    settings |= _name_pack(manifest)
    changed = {seam: dict(values) for seam, values in settings.pop("set", {}).items()}
    if roles := settings.pop("roles", None):  # has no flag of its own
        changed.setdefault("backend", {})["roles"] = roles
    if settings.pop("freeze", False):
        settings |= {"rules": "rules.jsonl", "freeze": True}
    changes = [
        f"--set {shlex.quote(f'{seam}.{name}={_write_value(value)}')}"
        for seam, values in changed.items()
        for name, value in values.items()
        if not _is_secret(name)
    ]
    plugins = [f"--plugin {shlex.quote(name)}" for name in manifest.get("plugins") or {}]
    flags = [_write_flag(*item) for item in (inputs | settings).items()]
    command = " \\\n    ".join(["python -m agents run", *flags, *changes, *plugins])
    return command + ("\npython -m agents refilter RUN --out RUN-again" if is_refiltered else "")


def _name_inputs(manifest: Manifest, config: dict[str, Any]) -> dict[str, str]:
    """The flags that name what a run is made from; taken out of the settings, where an old run kept them."""
    dataset, source = manifest.get("dataset") or {}, manifest.get("source")
    kept = {name: dataset.get(name) or config.pop(name, None) for name in ("captions", "instances")}
    if source is None:
        given = {name: value for name, value in kept.items() if value or name not in dataset}
        named = {name: f"DIR/{_find_name(value, f'{name}.json')}" for name, value in given.items()}
        return named | {"images": "PHOTOS"}
    config.pop("translator", None)
    own = {"dataset": f"{source['dataset']}=DIR"} if source.get("licence") else {"sensor_images": "DIR"}
    own |= {"split": dataset["split"]} if dataset.get("split") else {}
    own |= {name: f"DIR/{_find_name(value, '')}" for name, value in kept.items() if value}
    return own | ({"images": "PHOTOS"} if source.get("has_photographs") else {})


def _name_pack(manifest: Manifest) -> dict[str, str]:
    """The pack's folder, where it is not the one that a command takes by itself."""
    from tools.prompts import DEFAULT_PACK

    folder = (manifest.get("prompts") or {}).get("dir", DEFAULT_PACK.name)
    return {} if folder == DEFAULT_PACK.name else {"pack": folder}


def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in SECRET_WORDS)


def _find_name(value: object, default: str) -> str:
    return PurePath(str(value)).name if value else default


def _write_value(value: object) -> str:
    """As `--set` reads it: YAML on one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _write_flag(key: str, value: object) -> str:
    flag = "--" + key.replace("_", "-")
    if value is True:
        return flag
    text = str(value)
    return f"{flag} {shlex.quote(_find_name(text, '') if PurePath(text).is_absolute() else text)}"
