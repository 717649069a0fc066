"""What hands one command's output to the next: links to images under other names, and data files put together."""

import json
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools.files import copy_file, explain_disk, make_parent, stage_file, write_text
from tools.seeds import make_random_by_text

Row = dict[str, Any]
TURNS_AT_MOST = 12
"""Questions of the benchmark's forms in one dialogue."""
PROMPTS, ASK = Path("prompts/infrared"), Path(__file__).with_name("ask.md")
WORDS = (
    (r"\b(?:near-)?(?:infrared|thermal)(?: light)? (image|picture|view|photograph|frame|scene)\b", r"\1"),
    (r"\b(?:an? )?(?:infrared|thermal) camera\b", "the camera"),
    (r"\bin infrared\b", "in the picture"),
)
"""How a text about an infrared image reads when it is said of a photograph."""


def write_prompts(out: Path) -> None:
    """The toolkit's prompts with the miniature's way of putting a question."""
    shutil.copytree(
        PROMPTS, out, copy_function=lambda source, target: copy_file(Path(source), Path(target)), dirs_exist_ok=True
    )
    copy_file(ASK, out / "itb/ask.md")


def link_layout(scenes: Path, images: dict[str, Path], out: Path) -> None:
    """The layout of `tools scenes` with other images in the thermal ones' place.

    Args:
        images: stem of a scene -> the image to show.
    """
    (out / "thermal8").mkdir(parents=True, exist_ok=True)
    for name in ("annotations", "scenes"):
        _link(scenes / name, out / name)
    for stem, image in sorted(images.items()):
        _link(image, out / f"thermal8/{stem}{image.suffix}")


def _link(target: Path, link: Path) -> None:
    with explain_disk(link), stage_file(link) as temporary:
        temporary.symlink_to(os.path.relpath(target, link.parent))


def find_translated(run: Path) -> dict[str, Path]:
    """Stem of a scene -> its infrared image in a synthesis run."""
    return {f"{int(path.stem):06d}": path for path in sorted((run / "images").rglob("*.png"))}


def find_photographs(scenes: Path) -> dict[str, Path]:
    """Stem of a scene -> its visible image."""
    return {path.stem: path for path in sorted((scenes / "visible").glob("*.jpg"))}


def mix_data(instructions: Path, forms: Path, images: dict[str, Path], root: Path, out: Path) -> None:
    """Instructions of the agents, and the benchmark's forms about the same images, in LLaVA's JSON.

    The forms of one image become one dialogue. Without them a language model of this size could not read a question
    of a form that it never met; every arm gets the same ones, about its own images.

    Args:
        instructions: LLaVA's JSON, e.g. `instruct.json` of `agents export`; forms: `itb.json` of `itb export`.
        images: stem of a scene -> what is shown; both name copies of these, whose features would be computed again.
        root: what the images' paths are made relative to; the trainer is told it as `--images`.
    """
    shown = {stem: os.path.relpath(image, root) for stem, image in images.items()}
    rows = [row | {"image": shown[f"{int(row['id'].split('-')[0]):06d}"]} for row in _read(instructions)]
    rows += [row | {"image": shown[row["id"].removeprefix("forms-")]} for row in join_forms(_read(forms))]
    _write(rows, out)


def join_data(forms: Path, images: Path, root: Path, out: Path) -> None:
    """The questions of a benchmark's split alone, a dialogue an image.

    Args:
        forms: `itb.json` of `itb export`; images: folder of the images, by the stem that ends an item's name.
        root: as in `mix_data`.
    """
    rows = [
        row | {"image": os.path.relpath(next(images.glob(f"{row['id'].removeprefix('forms-')}.*")), root)}
        for row in join_forms(_read(forms))
    ]
    _write(rows, out)


def join_forms(rows: Iterable[Row]) -> list[Row]:
    """One dialogue an image, in an order drawn by the image's name."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["id"].rsplit("-", 2)[1]].append(row)
    joined = []
    for stem, mine in sorted(found.items()):
        chosen = make_random_by_text(stem).sample(mine, min(len(mine), TURNS_AT_MOST))
        turns = [dict(turn) for row in chosen for turn in row["conversations"]]
        for turn in turns[2::2]:
            turn["value"] = turn["value"].removeprefix("<image>\n")
        joined.append({"id": f"forms-{stem}", "image": chosen[0]["image"], "conversations": turns})
    return joined


def make_visible(data: Path, out: Path) -> None:
    """The same dialogues, said of photographs."""
    rows = [
        row | {"conversations": [turn | {"value": say_visible(turn["value"])} for turn in row["conversations"]]}
        for row in _read(data)
    ]
    _write(rows, out)


def write_reading(scenes: Path, talks: Path, forms: Path, out: Path) -> None:
    """What the language model reads before it sees: dialogues about scenes that are told in words, one caption a scene.

    Args:
        talks: folder with `pretrain.json` and `instruct.json` of `agents export`; forms: `itb.json` of `itb export`.
    """
    captions = [row for row in _read(talks / "pretrain.json") if row["id"].endswith("-0")]
    rows = [*captions, *_read(talks / "instruct.json"), *join_forms(_read(forms))]
    in_words: dict[str, str] = {}
    for row in rows:
        stem = f"{int(row['id'].removeprefix('forms-').split('-')[0]):06d}"
        if stem not in in_words:
            in_words[stem] = tell_scene(json.loads((scenes / f"scenes/{stem}.json").read_text(encoding="utf-8")))
        first = row["conversations"][0]
        row["conversations"][0] = first | {
            "value": f"{in_words[stem]}\n{first['value'].removeprefix('<image>').strip()}"
        }
    _write([{"id": row["id"], "conversations": row["conversations"]} for row in rows], out)


def tell_scene(record: Row) -> str:
    """`field: dog, person, person, car.`: the kind of scene and its things from left to right."""
    things = sorted(record["objects"], key=lambda thing: (thing["box"][0] + thing["box"][2], thing["label"]))
    return f"{record['kind']}: {', '.join(thing['label'] for thing in things) or 'nothing'}."


def say_visible(text: str) -> str:
    """A text about an infrared image, of a photograph."""
    for pattern, words in WORDS:
        text = re.sub(pattern, words, text)
    return text


def _read(path: Path) -> list[Row]:
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def _write(rows: list[Row], path: Path) -> None:
    make_parent(path)
    write_text(path, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
