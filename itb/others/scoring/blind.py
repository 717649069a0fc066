"""Answers that never look at an image, fitted to the labels they are scored against: the most to be had blindly.

A model that stays below one of these has shown nothing. Each gives a reply to every question, in the benchmark's own
writing, so that upstream's rules and ours score it like a model. Rules that could learn single questions by heart, by
their wording or by the names of their options, are told the labels of all other questions only.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from statistics import median_low

from itb.others.scoring.rows import Asked, Rules

Guess = Callable[[Asked], tuple[str, ...] | None]
"""The answer to a question; None where this way of answering does not apply."""
_CLOSED = ("yes_no", "word", "order")


def fit_blind(asked: Sequence[Asked], rules: Rules) -> dict[str, list[str | None]]:
    """Replies to all questions by name of the rule; a rule that applies to none is left out."""
    guesses: Mapping[str, Guess] = {
        "majority": _fit_majority(asked),
        "majority by wording": _fit_wording(asked),
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


def _fit_majority(asked: Sequence[Asked]) -> Guess:
    """The answer that is right most often in a task: a word, yes or no, an order, or the place of an option."""
    counts: defaultdict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for one in asked:
        if (told := _tell(one)) is not None:
            counts[one.task][told] += 1
    return lambda one: None if _tell(one) is None else _say_commonest(one, counts[one.task])


def _fit_wording(asked: Sequence[Asked]) -> Guess:
    """The answer that is right most often to other questions of the same words; where there are none, to all others."""
    counts: defaultdict[Hashable, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for one in asked:
        if (told := _tell(one)) is not None:
            for key in ((one.task, one.question), (one.task,)):
                counts[key][told] += 1
                counts[*key, _name_item(one)][told] += 1

    def guess(one: Asked) -> tuple[str, ...] | None:
        if _tell(one) is None:
            return None
        for key in ((one.task, one.question), (one.task,)):
            others = counts[key] - counts[*key, _name_item(one)]
            if others:
                return _say_commonest(one, others)
        return None

    return guess


def _name_item(one: Asked) -> str:
    """What all variants of a question share."""
    return one.item or "|".join((one.image, one.question, *sorted(one.options)))


def _say_commonest(one: Asked, counts: Counter[tuple[str, ...]]) -> tuple[str, ...]:
    (told, _), *_ = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if one.form == "option":
        return (one.options[min(int(told[0]), len(one.options) - 1)],)
    return tuple(part for part in told if part in one.options) if one.form == "order" else told


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
    """The option whose name is right most often elsewhere; of several, all that are right there more often than not."""
    offered: Counter[Hashable] = Counter()
    right: Counter[Hashable] = Counter()
    all_offered: Counter[str] = Counter()
    all_right: Counter[str] = Counter()
    for one in asked:
        if one.form in ("option", "several"):
            all_offered[one.task] += len(one.options)
            all_right[one.task] += len(one.answers)
            for key in ((one.task,), (one.task, _name_item(one))):
                offered.update((*key, name) for name in one.options)
                right.update((*key, name) for name in one.answers if name in one.options)

    def rate(one: Asked, name: str) -> float:
        count = offered[one.task, name] - offered[one.task, _name_item(one), name]
        usual = all_right[one.task] / all_offered[one.task]
        return (right[one.task, name] - right[one.task, _name_item(one), name] + usual) / (count + 1)

    def guess(one: Asked) -> tuple[str, ...] | None:
        if one.form not in ("option", "several") or not one.options:
            return None
        best = (max(one.options, key=lambda name: rate(one, name)),)
        if one.form == "option":
            return best
        return tuple(name for name in one.options if rate(one, name) > 0.5) or best

    return guess


def _keep_order(one: Asked) -> tuple[str, ...] | None:
    return one.options if one.form == "order" else None
