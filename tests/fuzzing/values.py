"""Changes inside a value as JSON and YAML hold it: one field at a random path is dropped, doubled, retyped, extreme."""

import copy
import random
from collections.abc import Callable
from typing import Any

NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**40, int("9" * 4000), 0.5, -0.0, 1e308, -1e308, 5e-324, 1e20,
    float("nan"), float("inf"), float("-inf"),
)  # fmt: skip
TEXTS = (
    "", " ", "\n", "\x00", "a\x00b", "\ud800", "\ufeffx", "\u202eabc", "\U0001f642" * 5, "é" * 300,
    "x" * 100_000, "../" * 6 + "x.jpg", "../../x.jpg", "/etc/hostname", "/", ".", "..", "~", "a/" * 3000, "null",
    "true", "1e999", "-1", "0x10", "2001-01-01",
    "{x}", "%s%n", "[red]x[/red]", "[/]", ":warning:", "<script>alert(1)</script>",
    "<image>" * 50, "</s><image>", "C:\\x\\y.jpg", "a\\b", "con", "http://[::1", "\r\n", "\u0661\u0662", "=1+1",
    "'; drop table results; --", "NaN",
)  # fmt: skip
OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"id": {}},
    [1, "a", None],
    "text",
    7,
    7.5,
)
DEEP = (50, 900, 1100, 5000)


STOPS = 0.3
"""How often a walk down from the root stays at a container instead of going on into it."""


def mutate_value(data: Any, rng: random.Random) -> Any:
    """A copy with one to three changes."""
    holder = [copy.deepcopy(data)]
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        parent, key = _choose_place(holder, rng)
        try:
            rng.choice(CHANGES)(parent, key, rng)
        except RecursionError:
            break  # the change before made it deeper than Python copies
        if not holder:
            return None
    return holder[0]


def _choose_place(holder: list[Any], rng: random.Random) -> tuple[Any, Any]:
    parent, key = holder, 0
    while (
        isinstance(parent[key], dict | list) and parent[key] and rng.random() > (STOPS if parent is not holder else 0.1)
    ):
        parent = parent[key]
        key = rng.randrange(len(parent)) if isinstance(parent, list) else rng.choice(list(parent))
    return parent, key


def _drop(parent: Any, key: Any, rng: random.Random) -> None:
    del parent[key]


def _double(parent: Any, key: Any, rng: random.Random) -> None:
    if isinstance(parent, list):
        parent[key:key] = [copy.deepcopy(parent[key])] * rng.choice((1, 1, 2, 1000))
    else:
        parent[f"{key} "] = copy.deepcopy(parent[key])


def _retype(parent: Any, key: Any, rng: random.Random) -> None:
    value = parent[key]
    ways: tuple[Callable[[], Any], ...] = (
        lambda: [value],
        lambda: {"value": value},
        lambda: str(value),
        lambda: copy.deepcopy(rng.choice(OTHERS)),
        lambda: float(len(str(value))),
        lambda: (
            list(value) if isinstance(value, str | dict) else dict(enumerate(value)) if isinstance(value, list) else []
        ),
    )
    parent[key] = rng.choice(ways)()


def _extremise(parent: Any, key: Any, rng: random.Random) -> None:
    value = parent[key]
    if isinstance(value, str):
        parent[key] = rng.choice((rng.choice(TEXTS), value + rng.choice(TEXTS), rng.choice(TEXTS) + value))
    elif isinstance(value, int | float):
        parent[key] = rng.choice(NUMBERS)
    elif isinstance(value, list):
        parent[key] = rng.choice(([], value * 50, value[::-1], value[:1], [*value, rng.choice(OTHERS)]))
    elif isinstance(value, dict):
        parent[key] = rng.choice(({}, {**value, rng.choice(TEXTS): 1}, dict(list(value.items())[:1])))
    else:
        parent[key] = rng.choice((*NUMBERS, *TEXTS))


def _rename(parent: Any, key: Any, rng: random.Random) -> None:
    if isinstance(parent, dict):
        name = str(key)
        new = rng.choice((name.upper(), name + "s", name[:-1], name.replace("_", "-"), rng.choice(TEXTS)))
        parent[new] = parent.pop(key)
    else:
        rng.shuffle(parent)


def _swap(parent: Any, key: Any, rng: random.Random) -> None:
    other = rng.choice(list(parent) if isinstance(parent, dict) else range(len(parent)))
    parent[key], parent[other] = parent[other], parent[key]


def _deepen(parent: Any, key: Any, rng: random.Random) -> None:
    depth, is_list = rng.choice(DEEP), rng.random() < 0.5
    value = parent[key]
    for _ in range(depth):
        value = [value] if is_list else {"a": value}
    parent[key] = value


CHANGES: tuple[Callable[[Any, Any, random.Random], None], ...] = (
    _drop, _drop, _double, _retype, _retype, _retype, _extremise, _extremise, _extremise, _extremise, _rename, _swap,
    _deepen,
)  # fmt: skip
