"""What flags say in short: `2/4`, `10%`, `58:23:77`, `flir=DIR`, one or several addresses."""

import re
from pathlib import Path
from typing import NamedTuple

from tools.errors import UsageError
from tools.records import KINDS, SENSOR_KINDS, InstructionKind
from tools.registry import DATASETS
from tools.seeds import hash_to_unit


class Shard(NamedTuple):
    """Part `number` (from 1) of `of` parts: the images whose index leaves `number - 1` when divided by `of`."""

    number: int
    of: int


SENSOR_DATASETS = tuple(entry.name for entry in DATASETS.entries() if not entry.traits.get("is_visible"))
"""Datasets of images of the modality itself."""


def parse_shard(value: str) -> Shard:
    """`2/4` -> part 2 of 4."""
    match = re.fullmatch(r"(\d+)/(\d+)", value)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise ValueError(f"`{value}` is no part I/N with 1 <= I <= N, e.g. 2/4")
    return Shard(int(match[1]), int(match[2]))


def parse_share(value: str, total: int) -> float:
    """Share of images that get instructions: `all`, `10%`, or a number out of `total`."""
    if value == "all":
        return 1.0
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", value)
    if not match:
        raise ValueError(f"`{value}` is neither a number, a share such as 10%, nor `all`")
    share = float(match[1]) / (100.0 if match[2] else max(total, 1))
    if match[2] and share > 1:
        raise ValueError(f"`{value}` is more than all of the images")
    return min(share, 1.0)


def parse_hold_out(value: str) -> float:
    """`15%` -> 0.15."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%", value)
    if not match or not 0 < float(match[1]) < 100:
        raise ValueError(f"`{value}` is no share between 0% and 100%, e.g. 15%")
    return float(match[1]) / 100


def parse_percent(value: str) -> float:
    """`2%` -> 0.02; only between the ends."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%", value)
    if not match or not 0 < float(match[1]) < 100:
        raise ValueError(f"`{value}` is no share between 0% and 100%, e.g. 2%")
    return float(match[1]) / 100


def parse_mix(value: str) -> tuple[float, ...] | None:
    """Weights in the order of `SENSOR_KINDS`, the last one left out or not; None for `each`."""
    if value == "each":
        return None
    parts = value.split(":")
    if len(parts) not in (len(KINDS), len(SENSOR_KINDS)) or not all(
        re.fullmatch(r"\d+(\.\d+)?", part) for part in parts
    ):
        raise ValueError(
            f"`{value}` is neither `each` nor three weights conversation:description:reasoning, e.g. 58:23:77"
        )
    weights = tuple(float(part) for part in parts)
    if sum(weights) <= 0:
        raise ValueError(f"`{value}`: at least one weight must be above 0")
    return weights


class DatasetArgument(NamedTuple):
    """`NAME=DIR`: a dataset and the folder that holds it."""

    name: str
    root: Path


def parse_dataset(value: str) -> DatasetArgument:
    """`flir=data/FLIR_ADAS_1_3` -> its name and its folder."""
    name, sign, root = value.partition("=")
    if not (name and sign and root):
        raise ValueError(
            f"`{value}` is no NAME=DIR, e.g. flir=data/FLIR_ADAS_1_3; names: {', '.join(DATASETS.names())}"
        )
    try:
        DATASETS.find(name)
    except UsageError as error:
        raise ValueError(str(error)) from error
    if DATASETS.get_trait(name, "is_visible"):
        raise ValueError(f"`{name}` holds photographs: give them with --images, --captions and --instances")
    return DatasetArgument(name, Path(root))


def choose_kinds(
    seed: int, image_id: str, share: float, mix: tuple[float, ...] | None, kinds: tuple[InstructionKind, ...] = KINDS
) -> tuple[InstructionKind, ...]:
    """The instructions one image gets, by a hash of seed and id: nothing else changes it, not even `--limit`."""
    if hash_to_unit(seed, "instructions", image_id) >= share:
        return ()
    if mix is None:
        return kinds
    point = hash_to_unit(seed, "kind", image_id) * sum(mix)
    for kind, weight in zip(kinds, mix, strict=False):
        if point < weight:
            return (kind,)
        point -= weight
    return (kinds[len(mix) - 1],)
