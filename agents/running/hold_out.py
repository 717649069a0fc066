"""Images that a run sets aside for tests: whole groups, chosen by a hash of seed and group, never worked on.

What is chosen hangs on the whole dataset, the seed, the share and the grouping alone, so neither `--limit` nor a shard
moves an image from one side to the other.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from agents.config import Grouping
from agents.notation import parse_hold_out
from tools.datasets.records import AnnotatedImage
from tools.datasets.taking import TakenDataset
from tools.errors import UsageError
from tools.images.date import read_date
from tools.seeds import hash_to_unit

Row = dict[str, Any]


def choose_held(dataset: TakenDataset, share: str, group_by: Grouping, seed: int) -> dict[int, str]:
    """The places of the images that are set aside, each with its group.

    Groups come in the order of their hashes, and each is taken that brings the share nearer to what was asked for.

    Raises:
        UsageError: no group can be set aside, or the files lack what they are to be grouped by.
    """
    groups = find_groups(dataset, group_by)
    members: dict[str, list[int]] = defaultdict(list)
    for place, group in groups.items():
        members[group].append(place)
    target, held = parse_hold_out(share) * len(groups), dict[int, str]()
    for group in sorted(members, key=lambda name: (hash_to_unit(seed, "hold-out", name), name)):
        if abs(len(held) + len(members[group]) - target) < abs(len(held) - target):
            held |= dict.fromkeys(members[group], group)
    if not held or len(held) == len(groups):
        raise UsageError(
            f"--hold-out {share}: the {len(groups)} images are of {len(members)} groups by {group_by}, of which none "
            "can be set aside whole; use another --group-by, or another share"
        )
    return dict(sorted((held | _find_strays(dataset, held, group_by)).items()))


def find_groups(dataset: TakenDataset, group_by: Grouping) -> Mapping[int, str]:
    """The group of each image that can be used, by its place; without those that the dataset does not list itself."""
    usable = [place for place, image in enumerate(dataset.images) if image.id not in dataset.faults]
    if group_by == "time":
        return _find_days(dataset, usable)
    listed = [place for place in usable if not (group_by == "sequence" and _is_stray(dataset.images[place]))]
    return {place: _name_group(dataset.images[place], group_by) for place in listed}


def _name_group(image: AnnotatedImage, group_by: Grouping) -> str:
    return image.group if group_by == "sequence" else str(PurePosixPath(image.image).parent)


def _is_stray(image: AnnotatedImage) -> bool:
    """Whether the dataset says nothing of an image but that its file is there, so that its sequence is not known."""
    return not image.band


def _find_strays(dataset: TakenDataset, held: Mapping[int, str], group_by: Grouping) -> dict[int, str]:
    """Images of unknown sequence in a folder that has others held out: they may be of the same sequence."""
    if group_by != "sequence":
        return {}
    folders = {PurePosixPath(dataset.images[place].image).parent for place in held}
    return {
        place: "unknown"
        for place, image in enumerate(dataset.images)
        if _is_stray(image) and PurePosixPath(image.image).parent in folders
    }


def _find_days(dataset: TakenDataset, usable: Sequence[int]) -> dict[int, str]:
    found = {place: read_date(dataset.root / dataset.images[place].image) for place in usable}
    without = [dataset.images[place].image for place, day in found.items() if day is None]
    if without:
        raise UsageError(
            f"--group-by time: {len(without)} of {len(usable)} images state no day on which they were taken (EXIF "
            f"DateTimeOriginal), e.g. {without[0]}; use --group-by folder or sequence. A file's own date is that "
            "of its copy and says nothing"
        )
    return {place: day for place, day in found.items() if day is not None}


def describe_held(rows: Sequence[Row], share: str, group_by: Grouping) -> Row:
    """What the manifest says of the images set aside."""
    names = "\n".join(f"{row['id']}\t{row['group']}" for row in rows)
    return {
        "images": len(rows),
        "groups": len({row["group"] for row in rows}),
        "share": share,
        "group_by": group_by,
        "digest": hashlib.sha256(names.encode()).hexdigest(),
    }
