"""An export for one trainer: its rows, what else it wants to be told, and a README with its command."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tools.conversations.shards import write_shards
from tools.conversations.trainers.readme import describe
from tools.conversations.trainers.samples import (
    Row,
    Sample,
    build_completion_rows,
    build_messages_row,
    find_fault,
    tidy_turns,
)
from tools.errors import UsageError
from tools.files import Owned, clear_files, replace_file, write_text
from tools.files.text import read_content
from tools.registry.extras import require

TrainerLayout = Literal["trl", "trl-parquet", "ms-swift", "llamafactory"]
LAYOUTS: tuple[TrainerLayout, ...] = ("trl", "trl-parquet", "ms-swift", "llamafactory")
TEXTS = Path(__file__).parent / "texts"
SETTINGS = {"trl": "trl.yaml", "trl-parquet": "trl.yaml", "llamafactory": "llamafactory.yaml"}
"""A layout and the file of settings that its tool reads, `sft.yaml` in the export."""
LEFT_OUT = "left_out.jsonl"
INFO = "dataset_info.json"
TOLD = ("README.md", INFO, "sft.yaml", LEFT_OUT)
"""What stands beside the rows; written last, so that a folder with a README is whole."""


class Written(NamedTuple):
    """A set of the export: its name, the beginning of its files, how many rows they hold, and whether with images."""

    name: str
    rows: int
    has_images: bool


def write_sets(
    owned: Owned,
    layout: TrainerLayout,
    sets: Mapping[str, Iterable[Sample]],
    source: str,
    notes: Sequence[str] = (),
    warning: str = "",
) -> list[Path]:
    """Write each set as rows of `layout`, then what tells the tool of them, then README.md; give the files.

    A set without a row gets no file: `datasets` refuses an empty one. What the rows cannot say stands in
    `left_out.jsonl`, with a code and a reason.

    Args:
        sets: name and dialogues, the one to train on by default last; pictures are not copied here.
        source: what the export is made of, as the README says it; notes: sentences that people must know.
        warning: what the README says before all else.

    Raises:
        UsageError: no set holds a row.
        MissingError: `trl-parquet` without the package `datasets`.
    """
    if layout == "trl-parquet":
        require("data", "--format trl-parquet", "datasets")
    clear_files(owned.path, (name for name in TOLD if name in owned.files))
    left: list[Row] = []
    written, paths = [], []
    for name, samples in sets.items():
        found, files = _write_set(owned, layout, name, _sort_out(name, samples, left))
        paths += files
        written += [found] if found.rows else []
    if not written:
        raise UsageError(f"{source} holds no dialogue that can be exported as {layout}")
    paths += _write_left_out(owned, left)
    paths += _write_told(owned, layout, written)
    return [*paths, _write_readme(owned, layout, written, source, notes, warning)]


def _sort_out(name: str, samples: Iterable[Sample], left: list[Row]) -> Iterator[Sample]:
    for sample in samples:
        tidy = sample._replace(turns=tidy_turns(sample.turns))
        fault = find_fault(tidy)
        if fault is None:
            yield tidy
        else:
            left.append({"set": name, "id": sample.name, "code": fault[0], "reason": fault[1]})


def _write_set(owned: Owned, layout: TrainerLayout, name: str, samples: Iterator[Sample]) -> tuple[Written, list[Path]]:
    """The files of a set; of a layout's other form none are left."""
    clear_files(owned.path, (old for old in owned.files if old == f"{name}.jsonl" or old.startswith(f"{name}-")))
    counts = {"rows": 0, "images": 0}

    def build() -> Iterator[tuple[Sample, Row]]:
        for sample in samples:
            rows = build_completion_rows(sample) if layout.startswith("trl") else [build_messages_row(sample)]
            for row in rows:
                counts["rows"] += 1
                counts["images"] += "images" in row
                yield sample, row

    if layout == "trl-parquet":
        rows = ({**row, "images": _embed(sample)} for sample, row in build())
        paths = list(write_shards(owned, name, _list_features(), rows))
    else:
        path = owned.path / f"{name}.jsonl"
        owned.add(path.name)
        with replace_file(path) as file:
            file.writelines(json.dumps(row, ensure_ascii=False).encode() + b"\n" for _, row in build())
        paths = [path]
    found = Written(name, counts["rows"], counts["images"] > 0)
    if not found.rows:
        clear_files(owned.path, [path.name for path in paths])
    return found, paths if found.rows else []


def _list_features() -> Any:
    from datasets import Features, Image, List, Value

    turns = List({"role": Value("string"), "content": Value("string")})
    return Features({"id": Value("string"), "prompt": turns, "completion": turns, "images": List(Image())})


def _embed(sample: Sample) -> list[Row]:
    if sample.file is None:
        return []
    return [{"bytes": read_content(sample.file, "run the same command again"), "path": sample.file.name}]


def _write_left_out(owned: Owned, left: list[Row]) -> list[Path]:
    if not left:
        return []
    owned.add(LEFT_OUT)
    write_text(owned.path / LEFT_OUT, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in left))
    return [owned.path / LEFT_OUT]


def _write_told(owned: Owned, layout: TrainerLayout, written: Sequence[Written]) -> Iterator[Path]:
    """LLaMA-Factory's list of data sets, and the settings of a tool that reads them from a file."""
    if layout == "llamafactory":
        owned.add(INFO)
        write_text(owned.path / INFO, json.dumps(dict(map(_describe_set, written)), indent=1) + "\n")
        yield owned.path / INFO
    if layout in SETTINGS:
        path = owned.path / "sft.yaml"
        owned.add(path.name)
        text = (TEXTS / SETTINGS[layout]).read_text(encoding="utf-8")
        write_text(path, text.replace("SET", written[-1].name))
        yield path


def _describe_set(found: Written) -> tuple[str, Row]:
    columns = {"messages": "messages"} | ({"images": "images"} if found.has_images else {})
    tags = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
    return found.name, {
        "file_name": f"{found.name}.jsonl",
        "formatting": "sharegpt",
        "columns": columns,
        "tags": tags,
    }


def _write_readme(
    owned: Owned, layout: TrainerLayout, written: Sequence[Written], source: str, notes: Sequence[str], warning: str
) -> Path:
    path = owned.path / "README.md"
    owned.add(path.name)
    sets = [(found.name, found.rows, found.has_images) for found in written]
    text = (TEXTS / f"{'trl' if layout == 'trl-parquet' else layout}.md").read_text(encoding="utf-8")
    write_text(path, describe(layout, text, sets, source, notes, warning))
    return path
