"""Answers that never look at an image, fitted to the labels they are scored against: the most to be had blindly.

A model that stays below one of these has shown nothing. Each gives a reply to every question, in the benchmark's own
writing, so that upstream's rules and ours score it like a model.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from statistics import median_low

from itb.others.scoring.rows import Asked, Rules

Guess = Callable[[Asked], tuple[str, ...] | None]
"""The answer to a question; None where this way of answering does not apply."""
_CLOSED = ("yes_no", "word", "order")


def fit_blind(asked: Sequence[Asked], rules: Rules) -> dict[str, list[str | None]]:
    """Replies to all questions by name of the rule; a rule that applies to none is left out."""
    guesses: Mapping[str, Guess] = {
        "majority": _fit_majority(asked, lambda one: one.task),
        "majority by wording": _fit_majority(asked, lambda one: (one.task, one.question)),
        "constant median": _fit_median(asked),
        "longest option": _choose_longest,
        "likeliest names": _fit_names(asked),
        "prompt order": _keep_order,
    }
    found = {}
    for name, guess in guesses.items():
        answers = [guess(one) for one in asked]
        if any(answer is not None for answer in answers):
            found[name] = [
                None if answer is None else rules.say(one, answer) for one, answer in zip(asked, answers, strict=True)
            ]
    return found


def _fit_majority(asked: Sequence[Asked], key: Callable[[Asked], object]) -> Guess:
    """The answer that is right most often: a word, yes or no, an order, or the place of an option."""
    counts: defaultdict[object, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for one in asked:
        if (told := _tell(one)) is not None:
            counts[key(one)][told] += 1

    def guess(one: Asked) -> tuple[str, ...] | None:
        if _tell(one) is None:
            return None
        found = counts[key(one)]
        (told, _), *_ = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
        if one.form == "option":
            return (one.options[min(int(told[0]), len(one.options) - 1)],)
        return tuple(part for part in told if part in one.options) if one.form == "order" else told

    return guess


def _tell(one: Asked) -> tuple[str, ...] | None:
    if one.form == "option" and one.answers and one.answers[0] in one.options:
        return (str(one.options.index(one.answers[0])),)
    return one.answers if one.form in _CLOSED else None


def _fit_median(asked: Sequence[Asked]) -> Guess:
    medians = find_medians(asked)

    def guess(one: Asked) -> tuple[str, ...] | None:
        return (f"{medians[one.task]:g}",) if one.task in medians and one.form in ("number", "measure") else None

    return guess


def find_medians(asked: Sequence[Asked]) -> dict[str, float]:
    """The middle label of each task whose answers are numbers."""
    values: defaultdict[str, list[float]] = defaultdict(list)
    for one in asked:
        if one.form in ("number", "measure"):
            values[one.task].append(float(one.answers[0]))
    return {task: median_low(found) for task, found in values.items()}


def _choose_longest(one: Asked) -> tuple[str, ...] | None:
    """Of equally long ones the first."""
    return (max(one.options, key=len),) if one.form == "option" else None


def _fit_names(asked: Sequence[Asked]) -> Guess:
    """The option whose name is right most often when offered; of several, all that are right more often than not."""
    offered: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for one in asked:
        if one.form in ("option", "several"):
            offered.update((one.task, name) for name in one.options)
            right.update((one.task, name) for name in one.answers)

    def rate(one: Asked, name: str) -> float:
        return right[one.task, name] / offered[one.task, name]

    def guess(one: Asked) -> tuple[str, ...] | None:
        if one.form == "option" and one.options:
            return (max(one.options, key=lambda name: (rate(one, name), offered[one.task, name])),)
        if one.form == "several" and one.options:
            likely = tuple(name for name in one.options if rate(one, name) > 0.5)
            return likely or (max(one.options, key=lambda name: rate(one, name)),)
        return None

    return guess


def _keep_order(one: Asked) -> tuple[str, ...] | None:
    return one.options if one.form == "order" else None
