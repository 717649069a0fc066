"""Chance that hangs on nothing but what it is for: hashes of seeds and names instead of a shared stream.

Several recipes stand side by side, because what was once drawn stays: a run, a scene or a benchmark made anew equals
the one made before. New code takes `hash_number` for an integer, `random.Random(hash_number(...))` or
`numpy.random.default_rng(hash_number(...))` for a stream, `hash_to_unit` for a share and `spread` for an order.
"""

import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np

Thing = TypeVar("Thing")


def hash_number(*parts: object) -> int:
    """A number of 64 bits from the parts, e.g. seed, source, image and task; equal on every machine. For new code.

    Used by all of `itb` that draws, and for the choice of images that a report on a run shows.
    """
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(_encode(text), digest_size=8).digest(), "big")


def hash_to_unit(*parts: object) -> float:
    """A number in [0, 1) from the parts. For new code.

    Used for which images get instructions, of which kind, and for what the `llm` backend draws.
    """
    return int.from_bytes(_digest(parts)[:7], "big") / 2**56


def hash_number_by_sha256(*parts: object) -> int:
    """Another number of 64 bits from the parts, as `hash_number` gives; new code takes that one.

    Used by the perturbations and the model `chance` of `itb`, and by the two generators below.
    """
    return int.from_bytes(_digest(parts)[:8], "big")


def choose_by_name(name: str, things: Sequence[Thing]) -> Thing:
    """One of the things, by a hash of a name; new code takes `things[hash_number(name) % len(things)]`.

    Used for the question before a caption, by the exports of a run and by the alignment.
    """
    data = name.encode()
    return things[int.from_bytes(hashlib.sha256(f"{len(data)}:".encode() + data).digest()[:8], "big") % len(things)]


def make_random(*parts: object) -> random.Random:
    """Python's generator, seeded by `hash_number_by_sha256`; new code seeds it with `hash_number`.

    Used by the template backend and by `tools calibrate`.
    """
    return random.Random(hash_number_by_sha256(*parts))


def make_generator(*parts: object) -> "np.random.Generator":
    """NumPy's generator, seeded by `hash_number_by_sha256`; new code seeds it with `hash_number`.

    Used by rendered scenes, the noise of the translator `prior` and the style codes of sRGB-TIR.
    """
    import numpy as np

    return np.random.default_rng(hash_number_by_sha256(*parts))


def make_random_by_text(text: str) -> random.Random:
    """Python's generator with Python's own hash of a text as its seed; new code seeds it with `hash_number`.

    Used by the ratings of `itb select`, and by the miniature of the paper for its dialogues.
    """
    return random.Random(text)


def hash_for_order(text: str) -> bytes:
    """A key that shuffles what is sorted by it; new code sorts by `hash_number`.

    Used for the wrong answers that a report on a benchmark shows.
    """
    return _digest((text,))


def hash_to_folder(name: object) -> str:
    """Two hex digits that spread files over 256 folders; for new code. Used by the images of a run."""
    return _digest((name,)).hex()[:2]


def spread(
    things: Iterable[Thing], group_of: Callable[[Thing], str], key_of: Callable[[Thing], str], seed: object
) -> list[Thing]:
    """All things in an order that hangs on seed and keys alone and in which every prefix covers many groups.

    Groups take turns, in hash order; within its group each thing's turn comes in hash order. Keys should be unique.
    For new code; used for the order in which `itb` asks.
    """
    groups: defaultdict[str, list[tuple[int, str, Thing]]] = defaultdict(list)
    for thing in things:
        key = key_of(thing)
        groups[group_of(thing)].append((hash_number(seed, key), key, thing))
    rows = [row for _, row in sorted(groups.items(), key=lambda item: (hash_number(seed, item[0]), item[0]))]
    for row in rows:
        row.sort(key=itemgetter(0, 1))
    return [thing for _, _, thing in _take_turns(rows)]


def _take_turns(rows: list[list[Thing]]) -> Iterator[Thing]:
    place = 0
    while rows:
        rows = [row for row in rows if len(row) > place]
        for row in rows:
            yield row[place]
        place += 1


def _digest(parts: tuple[object, ...]) -> bytes:
    return hashlib.sha256(_encode("|".join(map(str, parts)))).digest()


def _encode(text: str) -> bytes:
    """Lone surrogates pass, so that no name of a file stops a draw."""
    return text.encode("utf-8", "surrogatepass")
