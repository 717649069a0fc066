"""Whether a fast way says of a checkpoint what the plain way says, tried on the first questions before it is used."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from itb.benchmark.ask import Pictures, Question
from itb.models.hf.ways import Way
from tools.errors import ImageError, ToolkitError, join_lines

CLOSE = 1e-4
"""How far logits may be apart in fp32, in units of their spread where that is more than 1: sums in another order."""
CLOSE_IN_HALF = 0.05
"""The same in bf16 and fp16, of the root of the mean square: their rounding alone moves logits by 1e-2 of the spread.

A fast way that is wrong by less than this passes there; run with `--dtype fp32` to have it tried to the last digit.
"""
LOOKED_AT = 16
"""Images that are opened to find two of different size."""
QUESTIONS = 3
"""Asked of each of the two."""

Groups = list[list[Question]]


def choose_groups(groups: Sequence[Sequence[Question]]) -> tuple[Groups, list[Pictures]]:
    """A few questions each about two images, of different size where there are such; broken ones are passed over."""
    found: list[tuple[Sequence[Question], Pictures]] = []
    for group in itertools.islice(groups, LOOKED_AT):
        try:
            found.append((group, group[0].load_images()))
        except ImageError:
            continue
        if [image.size for image in found[-1][1]] != [image.size for image in found[0][1]]:
            break
    chosen = found if len(found) < 2 else [found[0], found[-1]]
    return [list(group[:QUESTIONS]) for group, _ in chosen], [image for _, image in chosen]


def compare_ways(plain: Way, fast: Way, groups: Groups, images: Sequence[Pictures], is_half: bool) -> str:
    """Why the fast way cannot be used; empty where it says what the plain one says.

    Args:
        plain, fast: the two ways, of the same checkpoint.
        groups, images: as the ways take them.
        is_half: whether the checkpoint computes in bf16 or fp16.
    """
    import torch

    expected = {question.key: logits for question, logits in plain.weigh(groups, images)}
    try:
        found = {question.key: logits for question, logits in fast.weigh(groups, images)}
    except torch.OutOfMemoryError:
        raise
    except (ToolkitError, ValueError, TypeError, LookupError, AttributeError, RuntimeError) as error:
        return f"it fails there ({join_lines(error)})"
    worst = max(_differ(expected[key], found[key], is_half) for key in expected)
    close = CLOSE_IN_HALF if is_half else CLOSE
    return "" if worst <= close else f"its logits differ from those of one question at a time by {worst:.1g}"


def _differ(expected: Any, found: Any, is_half: bool) -> float:
    """The largest difference, or in half the root of the mean square, in units of the spread."""
    away, spread = (found - expected).abs(), float(expected.std())
    if is_half:
        return float(away.square().mean().sqrt()) / spread
    return float(away.max()) / max(1.0, spread)


def group_questions(questions: Sequence[Question]) -> Iterator[list[Question]]:
    """The questions by what they share: picture and system message."""
    groups: dict[object, list[Question]] = {}
    for question in questions:
        groups.setdefault((question.picture, question.system), []).append(question)
    yield from groups.values()
