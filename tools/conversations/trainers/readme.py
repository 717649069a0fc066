"""The README of an export: what `datasets` reads in its head, the command, and what the tool learns from the rows."""

from collections.abc import Sequence
from typing import Any

TURNS = {"list": [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]}


def describe(
    layout: str,
    text: str,
    sets: Sequence[tuple[str, int, bool]],
    source: str,
    notes: Sequence[str],
    warning: str = "",
) -> str:
    """The README.

    Args:
        text: what is always said of the layout, with `{sets}`, `{set}` and `{source}` to be filled in.
        sets: name, number of rows, whether with images; the last is the one the command trains on.
        warning: what is said above all else.
    """
    table = "\n".join(f"| `{name}` | {rows:,} | {'yes' if has_images else 'no'} |" for name, rows, has_images in sets)
    filled = text.replace("{sets}", f"| set | rows | pictures |\n|---|---|---|\n{table}{_tell_of_others(sets)}")
    if warning:
        filled = filled.replace("\n\n", f"\n\n> **WARNING: {warning}.**\n\n", 1)
    filled = filled.replace("{set}", sets[-1][0]).replace("{source}", source)
    told = "\n".join(f"- {note}" for note in notes)
    head = f"---\n{_write_head(layout, sets)}---\n\n" if layout.startswith("trl") else ""
    return head + filled + (f"\n## What made it\n\n{told}\n" if told else "")


def _tell_of_others(sets: Sequence[tuple[str, int, bool]]) -> str:
    """What the sets are for that the command does not read."""
    used, others = sets[-1][0], [name for name, _, _ in sets[:-1]]
    if not others:
        return ""
    captions = "one request and the caption of a picture, to align an image tower with a language model, or to mix in"
    told = {"captions": captions}
    lines = [f"- `{name}`: {told.get(name, 'another set of rows')}." for name in others]
    return "\n\n".join(
        [
            "",
            f"The command trains on `{used}` alone. What else is here it does not read:",
            "\n".join(lines),
            f"To train on another set put its name where the command, or `sft.yaml` if there is one, names `{used}`.",
        ]
    )


def _write_head(layout: str, sets: Sequence[tuple[str, int, bool]]) -> str:
    """A configuration a set, with its columns: so `datasets` opens pictures of which JSON holds the names."""
    import yaml

    ending = "-*.parquet" if layout == "trl-parquet" else ".jsonl"
    head: dict[str, Any] = {
        "configs": [{"config_name": name, "data_files": f"{name}{ending}"} for name, _, _ in sets],
        "dataset_info": [
            {"config_name": name, "features": _list_columns(layout == "trl-parquet" or has_images)}
            for name, _, has_images in sets
        ],
    }

    class Dumper(yaml.SafeDumper):
        """Writes shared parts out each time: `datasets` changes what it reads."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    return yaml.dump(head, Dumper=Dumper, sort_keys=False)


def _list_columns(has_images: bool) -> list[dict[str, Any]]:
    columns: list[dict[str, Any]] = [
        {"name": "id", "dtype": "string"},
        {"name": "prompt", **TURNS},
        {"name": "completion", **TURNS},
    ]
    return [*columns, {"name": "images", "list": "image"}] if has_images else columns
