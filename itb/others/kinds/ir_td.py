"""IR-TD (IRGPT): eight files, one a task, of LLaVA turns whose images are named as on the disk of its makers.

`--map 63-FLIR_ADAS/training/PreviewData=data/flir/train/thermal_8_bit` says where the images of a source lie.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from itb.answers.forms.parts import join_parts
from itb.answers.forms.places import find_places, write_places
from itb.others.kind import Asked, Facts, ForeignBenchmark, Shown, Skipped
from itb.others.scoring.ir_td import parse_points
from tools.errors import MissingError, UsageError
from tools.files.json_text import decode_json
from tools.files.text import TextFault, read_text
from tools.registry import NoSettings

FOLDERS = ("", "json_sft", "json_sft/json_sft")
DISK = "Data4MLLM/"
"""What stands before the name of a source in the path of an image."""
IDENTITIES = tuple(str(place) for place in range(2, 9))
"""Places of the grid of eight, of which the first is the one that is looked for."""
_OPTION = re.compile(r"\(([A-Z])\)\s*(.*?)\s*(?=\([A-Z]\)|\Z)", re.DOTALL)
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_NUMBER = re.compile(r"<num>(\d{1,6})</num>")


def read(root: Path, settings: NoSettings) -> Iterator[Asked | Skipped]:
    """Every row of every file that is there.

    Raises:
        MissingError: none is.
        UsageError: one holds something else.
    """
    paths = {name: path for name in FORMS if (path := _find(root, name))}
    if not paths:
        raise MissingError(
            f"{root}: no file of IR-TD there (Security.json, ...); unpack json_sft.zip, and name its folder"
        )
    for name, path in paths.items():
        for number, row in enumerate(read_rows(path)):
            asked = _ask(name, number, row)
            yield asked or Skipped("bad_row", f"{path.name} row {number}")


def _find(root: Path, name: str) -> Path | None:
    return next((path for folder in FOLDERS if (path := root / folder / f"{name}.json").is_file()), None)


def read_rows(path: Path) -> Sequence[Any]:
    """The rows of a file; one of them has its rows without brackets around them, and a comma behind the last.

    Raises:
        UsageError: it is neither.
    """
    text = read_text(path).strip()
    try:
        rows = decode_json(text if text.startswith("[") else f"[{text.rstrip(',')}]")
    except TextFault as fault:
        raise UsageError(f"{path}: {fault}; take it from json_sft.zip again") from None
    if not isinstance(rows, list):
        raise UsageError(f"{path}: expected a list of rows with `id`, `image` and `conversations`")
    return rows


def _ask(name: str, number: int, row: Any) -> Asked | None:
    """The question of a row; None where it is none."""
    match row:
        case {"image": [str(image)], "conversations": [{"value": str(said)}, {"value": str(label)}]}:
            pass
        case _:
            return None
    prompt = said.replace("<image>", "").strip()
    question, options = split_options(prompt)
    form = FORMS[name]
    answer = form.read(label, options or form.options)
    if answer is None:
        return None
    return Asked(
        kind=name,
        task=_CAPITAL.sub("_", name).lower(),
        key=f"{number:05d}",
        question=question,
        prompt=prompt,
        answer=answer,
        label=label,
        form=form.name,
        options=options or (IDENTITIES if name == "ReID" else ()),
        shown=(Shown(image.partition(DISK)[2] or image),),
    )


def split_options(prompt: str) -> tuple[str, tuple[str, ...]]:
    """A question, and the options that stand below it as "(A) person (B) duck"."""
    start = prompt.find("(A)")
    if start < 0:
        return prompt, ()
    return prompt[:start].strip(), tuple(found[2] for found in _OPTION.finditer(prompt[start:]))


def _read_number(label: str, options: Sequence[str]) -> str | None:
    found = _NUMBER.search(label)
    return str(int(found[1])) if found else None


def _read_boxes(label: str, options: Sequence[str]) -> str | None:
    boxes = find_places(label, 4)
    return write_places(boxes) if boxes else None


def _read_points(label: str, options: Sequence[str]) -> str | None:
    points = [(float(x), float(y)) for x, y in parse_points(label)]
    return write_places(points) if points else None


def _read_word(label: str, options: Sequence[str]) -> str | None:
    return label.strip() if label.strip() in options else None


def _read_chosen(label: str, options: Sequence[str]) -> str | None:
    chosen = [option for _, option in _OPTION.findall(label)]
    is_whole = set(chosen) <= set(options) and len(set(options)) == len(options)
    return join_parts(option for option in options if option in chosen) if chosen and is_whole else None


class Form(NamedTuple):
    """How the answers of a file are written: a form of ours, how a label is read, and unstated options."""

    name: str
    read: Callable[[str, Sequence[str]], str | None]
    options: tuple[str, ...] = ()


FORMS = {
    "AerialCounting": Form("number", _read_number),
    "Detection": Form("boxes", _read_boxes),
    "Location": Form("points", _read_points),
    "PedestrianCounting": Form("number", _read_number),
    "ReID": Form("word", _read_word, IDENTITIES),
    "Recognition": Form("option", _read_chosen),
    "Relationship": Form("yes_no", _read_word, ("yes", "no")),
    "Security": Form("several", _read_chosen),
}
"""By file, in the order in which they are asked; the file of scenes was never released."""


BENCHMARK = ForeignBenchmark(
    name="ir-td",
    title="IR-TD",
    facts=Facts(
        licence="none stated; academic research only, as its guide says",
        origin="github.com/WheatCao/ICCV2025-IRGPT at 4af8e16, ICCV 2025 (what was released: fine-tuning data)",
        images="each source's own: `--map 63-FLIR_ADAS/training/PreviewData=DIR` and so on",
        citation="IRGPT, ICCV 2025",
    ),
    read=read,
)
