"""Chance that hangs on nothing but what it is for: hashes of the seed and of names instead of a shared stream."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import TypeVar

Thing = TypeVar("Thing")


def hash_number(*parts: object) -> int:
    """A number of 64 bits from the parts, e.g. seed, source, image and task; equal on every machine."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def spread(
    things: Iterable[Thing], group_of: Callable[[Thing], str], key_of: Callable[[Thing], str], seed: object
) -> list[Thing]:
    """All things in an order that hangs on seed and keys alone and in which every prefix covers many groups.

    Groups take turns, in hash order; within its group each thing's turn comes in hash order. Keys should be unique.
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
