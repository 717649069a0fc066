"""Training samples of every arm: the same images, the same number, and the same questions on photographs beside them.

A sample is one dialogue or caption of an image, known by its set and its name ("000001-reasoning"). Only those count
that the evidence run and the filtered run both have, so that no arm has an image or a kind of text that another lacks.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from claim.settings import Arm
from tools.errors import UsageError
from tools.files import make_parent, write_text
from tools.seeds import make_random_by_text

Row = dict[str, Any]
Key = tuple[str, str]
"""Set, and name of the row in the export."""
FIRST_CAPTION = "-0"
OWN = "arm-"
"""What the names of an arm's own samples begin with in its file."""
FILES = ("instruct.json", "pretrain.json")


def read_run(name: str, run: Path, export: Path, root: Path) -> dict[Key, Row]:
    """The rows of one set as one run wrote them, those that say something, with the run's own images.

    Args:
        name: of the set.
        run: folder of `agents run`; export: LLaVA's JSON of it.
        root: what the images' paths are made relative to.
    """
    rows = (row for file in FILES if (export / file).is_file() for row in read_rows(export / file))
    said = (row for row in rows if any(turn["value"].strip() for turn in row["conversations"] if turn["from"] == "gpt"))
    kept = (row for row in said if not row["id"].rpartition("-")[2].isdigit() or row["id"].endswith(FIRST_CAPTION))
    return {(name, row["id"]): row | {"image": os.path.relpath(run / row["image"], root)} for row in kept}


def draw_samples(arm: Arm, runs: Mapping[str, Mapping[Key, Row]], seed: int) -> list[Row]:
    """The samples of an arm, one for each key that both texts have.

    Args:
        runs: `evidence`, `filtered` and `translated`, each by key.
    """
    common = sorted(runs["evidence"].keys() & runs["filtered"].keys())
    if arm.name == "translated":
        return _fill(runs["translated"], common, seed)
    texts = [_choose_text(arm, place) for place in range(len(common))]
    rows = [
        runs[text][key] | {"image": runs["evidence"][key]["image"]} for text, key in zip(texts, common, strict=True)
    ]
    return _shuffle_images(common, rows, seed) if arm.is_shuffled else rows


def _choose_text(arm: Arm, place: int) -> str:
    """In turn, so that a key's neighbours, which are of the same image, come from both."""
    return arm.text[place % len(arm.text)]


def _fill(rows: Mapping[Key, Row], common: Sequence[Key], seed: int) -> list[Row]:
    """As many rows: the same keys where they are, then others, then some of them again."""
    kept = [rows[key] for key in common if key in rows]
    spare = [rows[key] for key in sorted(rows.keys() - set(common))] + kept
    generator = make_random_by_text(f"fill {seed}")
    while len(kept) < len(common) and spare:
        kept += generator.sample(spare, min(len(spare), len(common) - len(kept)))
    return kept


def _shuffle_images(keys: Sequence[Key], rows: Sequence[Row], seed: int) -> list[Row]:
    """All texts of an image beside one other image of its set, never its own; a lone image's set joins the others'.

    Raises:
        UsageError: there is one image in all.
    """
    images: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for (name, _), row in zip(keys, rows, strict=True):
        images[name][row["image"]] = None
    other: dict[str, str] = {}
    for number, own in enumerate(_join_lone([list(each) for each in images.values()])):
        make_random_by_text(f"shuffle {seed} {number}").shuffle(own)
        other |= dict(zip(own, own[1:] + own[:1], strict=True))
    return [row | {"image": other[row["image"]]} for row in rows]


def _join_lone(sets: Sequence[list[str]]) -> list[list[str]]:
    """Sets of images, one that holds a single image joined to the largest."""
    largest = max(sets, key=len, default=[])
    joined = [*largest, *(own[0] for own in sets if len(own) == 1 and own is not largest)]
    if len(joined) == 1:
        raise UsageError(f"both texts are about one image only, {joined[0]}: there is no other one to show; give more")
    return [joined if own is largest else own for own in sets if len(own) > 1 or own is largest]


def write_samples(rows: Iterable[Row], rehearsed: Path, share: float, seed: int, out: Path) -> None:
    """Write an arm's file: its samples, and the same part of the base model's own ones beside each arm's.

    Args:
        rehearsed: LLaVA's JSON that the base model was trained on; share: of the samples' number.
    """
    own = [row | {"id": f"{OWN}{place:06d}-{row['id']}"} for place, row in enumerate(rows)]
    beside = read_rows(rehearsed)
    chosen = make_random_by_text(f"rehearse {seed}").sample(beside, min(len(beside), round(share * len(own))))
    write_rows([*own, *chosen], out)


def write_rows(rows: Sequence[Row], out: Path) -> None:
    """LLaVA's JSON."""
    make_parent(out)
    write_text(out, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


def read_rows(path: Path) -> list[Row]:
    """LLaVA's JSON."""
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def read_own(path: Path) -> list[Row]:
    """The samples that an arm's file holds beside the base model's own ones."""
    return [row for row in read_rows(path) if row["id"].startswith(OWN)]
