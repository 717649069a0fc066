"""Style codes of sRGB-TIR: which of the many looks of thermal cameras an image gets.

The official script draws its codes after it has drawn all initial weights from the same stream, so that its seed cannot
be repeated without building its networks; its first codes for some seeds are constants here. Codes are explicit, and
what stands in a run's record gives every image's own again.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from tools.errors import MissingError, UsageError
from tools.files.json_text import read_json
from tools.seeds import make_generator

Code = tuple[float, ...]
Policy = Literal["fixed", "choose", "draw"]

OFFICIAL: Final = Path(__file__).with_name("official_codes.json")
OFFICIAL_SEED: Final = 1234
"""The seed in the official README; the paper does not give its own."""
CODE_LENGTH: Final = 8
_DECIMALS: Final = 6
_EXPECTED: Final = "expected a list of codes, each a list of numbers: [[0.1, -0.2, ...], ...]"


@dataclass(frozen=True)
class Styles:
    """Which code an image gets; a pure function of this and the image's id.

    Attributes:
        codes: the codes to choose from; none for `draw`.
        policy: `fixed`, `codes[index]` for every image; `choose`, one of `codes` by a hash of seed and image id;
            `draw`, a code of its own for every image, drawn from N(0, 1) by that hash (the official script does
            so without `--synchronized`, there unseeded).
        index: for `fixed`.
        seed: for `choose` and `draw`.
    """

    codes: tuple[Code, ...] = ()
    policy: Policy = "fixed"
    index: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.policy not in {"fixed", "choose", "draw"}:
            raise UsageError(f"unknown style policy `{self.policy}`; choose one of fixed, choose, draw")
        if self.policy != "draw" and not self.codes:
            raise UsageError(f"the style policy `{self.policy}` needs at least one style code")
        if self.policy == "fixed" and not 0 <= self.index < len(self.codes):
            text = f"there is no style code {self.index}: {len(self.codes)} are given, counted from 0"
            raise UsageError(f"{text}; lower --style-index")

    def code_for(self, image_id: str) -> Code:
        """The code of that image."""
        if self.policy == "fixed":
            return self.codes[self.index]
        rng = make_generator(f"srgb-tir/{self.policy}/{self.seed}/{image_id}")
        if self.policy == "choose":
            return self.codes[int(rng.integers(len(self.codes)))]
        return tuple(round(float(value), _DECIMALS) for value in rng.standard_normal(CODE_LENGTH))

    def check_length(self, length: int) -> None:
        """Compare with the length that a checkpoint wants.

        Raises:
            UsageError: the codes have another one.
        """
        lengths = {CODE_LENGTH} if self.policy == "draw" else {len(code) for code in self.codes}
        if lengths != {length}:
            found = ", ".join(map(str, sorted(lengths)))
            raise UsageError(f"the checkpoint takes style codes of {length} numbers, these have {found}")

    def describe(self) -> str:
        """The policy and what it depends on, in one word for an identity."""
        if self.policy == "draw":
            return f"draw-seed{self.seed}"
        if self.policy == "fixed":
            return f"fixed-{_digest([self.codes[self.index]])}"
        return f"choose-{_digest(self.codes)}-seed{self.seed}"

    def record(self) -> dict[str, object]:
        """For a run's manifest: enough to make the same codes again."""
        return {
            "policy": self.policy,
            "index": self.index if self.policy == "fixed" else None,
            "seed": None if self.policy == "fixed" else self.seed,
            "codes": [list(code) for code in self.codes],
        }


def read_record(record: Mapping[str, Any]) -> Styles:
    """The styles that `Styles.record` wrote down."""
    codes = tuple(tuple(float(value) for value in code) for code in record["codes"])
    return Styles(codes, record["policy"], record["index"] or 0, record["seed"] or 0)


def load_styles(path: Path | None = None, policy: Policy = "fixed", index: int = 0, seed: int = 0) -> Styles:
    """Styles from a JSON file of codes; without one, the official script's first codes for its README's seed, 1234.

    Args:
        path: `[[...], ...]`, one code `[...]`, or `{"codes": [[...], ...]}`.
        policy, index, seed: as in `Styles`.

    Raises:
        MissingError: there is no such file.
        UsageError: it holds no style codes, or there is no code of that index.
    """
    if path is None:
        official = json.loads(OFFICIAL.read_text(encoding="utf-8"))[str(OFFICIAL_SEED)]
        return Styles(tuple(tuple(code) for code in official), policy, index, seed)
    if not path.is_file():
        raise MissingError(f"{path}: there is no such file; --style-codes takes a JSON file, {_EXPECTED}")
    return Styles(_parse(read_json(path, _EXPECTED), path), policy, index, seed)


def _parse(held: object, path: Path) -> tuple[Code, ...]:
    if isinstance(held, dict):
        held = held.get("codes")
    if not isinstance(held, list) or not held:
        raise UsageError(f"{path} holds no style codes; {_EXPECTED}")
    rows = held if isinstance(held[0], list) else [held]
    return tuple(_parse_code(row, f"{path}, code {number}") for number, row in enumerate(rows))


def _parse_code(row: object, where: str) -> Code:
    if not isinstance(row, list) or not row:
        raise UsageError(f"{where}: {row!r} is no style code; {_EXPECTED}")
    for value in row:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise UsageError(f"{where}: {value!r} is no number; {_EXPECTED}")
    return tuple(float(value) for value in row)


def _digest(codes: "list[Code] | tuple[Code, ...]") -> str:
    return hashlib.sha256(json.dumps([list(code) for code in codes]).encode()).hexdigest()[:12]
