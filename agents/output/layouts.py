"""`export`: a run in the layouts that others read: LLaVA, the paper's authors, Parquet, and those of other trainers."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from agents.checks.evidence_rows import EVIDENCE_FILE
from agents.output.provenance import describe_makers
from agents.output.sources import ReviewedRows, Row, RunRows, find_image
from agents.review.apply import ReviewedMode
from agents.store.folders import EXPORT, IMAGES
from agents.store.run_store import RunStore
from tools.conversations import Turn
from tools.conversations.shards import write_shards
from tools.conversations.trainers import Sample, TrainerLayout, write_sets
from tools.errors import UsageError
from tools.files import Owned, check_folder, clear_files, copy_file, explain_disk, own_folder, replace_file, write_text
from tools.files.inside import find_link_fault, real_path
from tools.files.json_text import find_object
from tools.files.text import read_content
from tools.prompts.frozen import KEY, read_frozen
from tools.prompts.requests import CAPTION_REQUESTS, load_requests
from tools.registry.extras import require
from tools.seeds import choose_by_name

Layout = Literal["llava", "authors", "parquet", "trl", "trl-parquet", "ms-swift", "llamafactory"]
Writer = Callable[[RunRows, Owned, Sequence[str]], tuple[Path, ...]]
SPEAKERS = {"user": "human", "assistant": "gpt"}
IMAGE_TOKEN = "<image>"
REVIEWED = "reviewed.json"
"""In an export of reviewed texts: what people's reviews changed."""


def export_layout(
    run: Path, layout: Layout, out: Path, pack: Path | None = None, reviewed: ReviewedMode | None = None
) -> tuple[Path, ...]:
    """Write pairs and instructions of `run` in `layout` to the folder `out`; give the files.

    Args:
        pack: modality pack whose `caption_requests.yaml` turns a caption into a dialogue; None takes what the run kept.
        reviewed: which texts people's reviews leave, see `ReviewedMode`; None does not ask for reviews.

    Raises:
        UsageError: `out` is the run itself, or holds something else than an export.
        MissingError: the run was not exported yet, `parquet` without the package `datasets`, or no review is there.
    """
    if real_path(out) == real_path(run):
        raise UsageError(f"{out}: is the run folder itself; name another --out")
    check_folder(out, EXPORT)
    with RunStore(run) as store:
        kept = read_frozen(store.read_meta(KEY)).caption_requests
    rows = RunRows(run) if reviewed is None else ReviewedRows(run, reviewed)
    requests = kept if pack is None else load_requests(pack, CAPTION_REQUESTS)
    with own_folder(out, EXPORT) as owned:
        _copy_evidence(run, owned)
        told = _tell_reviewed(rows, owned)
        return (*WRITERS[layout](rows, owned, requests), *told)


def _tell_reviewed(rows: RunRows, owned: Owned) -> tuple[Path, ...]:
    """What people's reviews changed, as a file of the export; that of an earlier export goes."""
    path, found = owned.path / REVIEWED, rows.describe()
    if found is None:
        if REVIEWED in owned.files:
            clear_files(owned.path, [REVIEWED])
        return ()
    owned.add(REVIEWED)
    write_text(path, json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    return (path,)


def _copy_evidence(run: Path, owned: Owned) -> None:
    """What the run measured goes with its rows, so that an audit of them knows what of brightness is borne out."""
    if (run / EVIDENCE_FILE).is_file():
        owned.add(EVIDENCE_FILE)
        copy_file(run / EVIDENCE_FILE, owned.path / EVIDENCE_FILE)
    elif EVIDENCE_FILE in owned.files:
        clear_files(owned.path, [EVIDENCE_FILE])


def _speak(messages: Sequence[Row], has_image: bool) -> list[Row]:
    """LLaVA's conversation form; the image token opens the first question."""
    turns = [{"from": SPEAKERS[message["role"]], "value": message["content"]} for message in messages]
    if has_image and turns:
        turns[0]["value"] = f"{IMAGE_TOKEN}\n{turns[0]['value']}"
    return turns


def _caption_messages(row: Row, requests: Sequence[str]) -> list[Row]:
    request = choose_by_name(row["id"], requests)
    return [{"role": "user", "content": request}, {"role": "assistant", "content": row["caption"]}]


def _write_llava(rows: RunRows, owned: Owned, requests: Sequence[str]) -> tuple[Path, ...]:
    def build(row: Row, messages: Sequence[Row]) -> Row:
        image = {} if row["image"] is None else {"image": row["image"]}
        flag = {name: row[name] for name in ("captions_changed",) if name in row}
        return {"id": row["id"], **image, **flag, "conversations": _speak(messages, row["image"] is not None)}

    pairs = (build(row, _caption_messages(row, requests)) for row in rows.read_pairs())
    instructions = (build(row, row["messages"]) for row in rows.read_instructions())
    owned.add("pretrain.json", "instruct.json")
    _copy_images(rows, owned, IMAGES, is_flat=False)
    return (
        _write_list(owned.path / "pretrain.json", pairs),
        _write_list(owned.path / "instruct.json", instructions),
    )


def _write_authors(rows: RunRows, owned: Owned, requests: Sequence[str]) -> tuple[Path, ...]:
    """Exactly two fields, `thermal` (bare file name) and `conversations`, as in the paper's released files."""

    def build(row: Row, messages: Sequence[Row]) -> Row:
        if row["image"] is None:
            raise UsageError(
                f"{rows.run}: was made without a translator; the authors' layout needs an image for every row"
            )
        return {"thermal": Path(row["image"]).name, "conversations": _speak(messages, True)}

    pairs = (build(row, _caption_messages(row, requests)) for row in rows.read_pairs())
    instructions = (build(row, row["messages"]) for row in rows.read_instructions())
    owned.add("train_caption_pretrain.json", "train_instruction.json")
    written = (
        _write_list(owned.path / "train_caption_pretrain.json", pairs),
        _write_list(owned.path / "train_instruction.json", instructions),
    )
    _copy_images(rows, owned, "thermal", is_flat=True)
    return written


def _copy_images(rows: RunRows, owned: Owned, folder: str, *, is_flat: bool) -> None:
    """The run's images below `folder`, in their subfolders or by their bare names."""
    run, paths = rows.run, rows.list_images()
    if paths:
        owned.add(f"{folder}/")
    for path in paths:
        fault = find_link_fault(run, path)
        if fault is not None:
            raise UsageError(f"{path}: {fault}")
        target = owned.path / folder / (path.name if is_flat else path.relative_to(run / IMAGES))
        with explain_disk(target):
            target.parent.mkdir(parents=True, exist_ok=True)
        copy_file(path, target)


def _write_list(path: Path, rows: Iterator[Row]) -> Path:
    """A JSON list, one row a line, written as it streams."""
    with replace_file(path) as file:
        file.write(b"[")
        for place, row in enumerate(rows):
            file.write((b",\n" if place else b"\n") + json.dumps(row, ensure_ascii=False).encode())
        file.write(b"\n]\n")
    return path


def _write_parquet(rows: RunRows, owned: Owned, requests: Sequence[str]) -> tuple[Path, ...]:
    """Parquet shards with the images inside, for `datasets.load_dataset("parquet", ...)`.

    One row an image in `pairs-*.parquet` (its captions as lists), one row an instruction in `instructions-*.parquet`.
    """
    require("data", "--format parquet", "datasets")
    from datasets import Features, Image, List, Value

    text = Value("string")
    common = {"image_id": text, "image": Image(), "photo": text}
    pairs = Features({**common, "ids": List(text), "captions": List(text), "originals": List(text)})
    message = {"role": text, "content": text}
    instructions = Features({"id": text, **common, "kind": text, "messages": List(message)})
    return (
        *write_shards(owned, "pairs", pairs, (_embed_image(rows.run, row) for row in _group_pairs(rows))),
        *write_shards(
            owned,
            "instructions",
            instructions,
            (_embed_image(rows.run, row) for row in rows.read_instructions()),
        ),
    )


def _group_pairs(rows: RunRows) -> Iterator[Row]:
    for image_id, group in itertools.groupby(rows.read_pairs(), key=lambda row: row["image_id"]):
        found = list(group)
        yield {
            "image_id": image_id,
            "image": found[0]["image"],
            "photo": found[0]["photo"],
            "ids": [row["id"] for row in found],
            "captions": [row["caption"] for row in found],
            "originals": [row["original"] for row in found],
        }


def _embed_image(run: Path, row: Row) -> Row:
    image = None
    if row["image"] is not None:
        path = find_image(run, row["image"])
        image = {"bytes": read_content(path, "run the same command again"), "path": path.name}
    return {**row, "image": image}


def _write_for_trainer(layout: TrainerLayout) -> Writer:
    """A writer of the captions and instructions as rows of a trainer made elsewhere; captions are dialogues too."""

    def write(rows: RunRows, owned: Owned, requests: Sequence[str]) -> tuple[Path, ...]:
        def build(row: Row, messages: Sequence[Row]) -> Sample:
            turns = tuple(Turn(message["role"], message["content"]) for message in messages)
            return Sample(
                row["id"], row["image"], None if row["image"] is None else find_image(rows.run, row["image"]), turns
            )

        sets = {
            "captions": (build(row, _caption_messages(row, requests)) for row in rows.read_pairs()),
            "instructions": (build(row, row["messages"]) for row in rows.read_instructions()),
        }
        if layout != "trl-parquet":
            _copy_images(rows, owned, IMAGES, is_flat=False)
        manifest = find_object(rows.run / "manifest.json")
        notes = [maker.sentence for maker in describe_makers(manifest)] if manifest else []
        return tuple(write_sets(owned, layout, sets, f"the run `{real_path(rows.run).name}`", notes))

    return write


WRITERS: dict[Layout, Writer] = {
    "llava": _write_llava,
    "authors": _write_authors,
    "parquet": _write_parquet,
    "trl": _write_for_trainer("trl"),
    "trl-parquet": _write_for_trainer("trl-parquet"),
    "ms-swift": _write_for_trainer("ms-swift"),
    "llamafactory": _write_for_trainer("llamafactory"),
}
