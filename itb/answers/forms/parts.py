"""How answers of several parts are written down."""

from collections.abc import Iterable


def join_parts(parts: Iterable[str]) -> str:
    """Parts with ", " between them."""
    return ", ".join(parts)


def split_parts(answer: str) -> tuple[str, ...]:
    """The parts again."""
    return tuple(part for raw in answer.split(",") if (part := raw.strip()))
