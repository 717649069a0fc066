"""IF-Bench: the first character of a reply is its letter; else a language model is asked what the reply means.

So "Based on the image, C" is B and "Answer: C" is A. An item is asked once for each place of its options and in two
languages; its score is the share that is right, a dimension's the mean of its items, the average that of dimensions.
"""

from collections.abc import Callable, Mapping, Sequence

from itb.others.scoring.rows import Asked, Figure, Judge, Read, Row, Rules, find_mean, name_letter, name_rows

_LETTERS = frozenset("ABCD")
_THOUGHT = "</think>"

Dimensions = dict[str, tuple[float | None, int]]
"""Mean and number of items, by dimension."""


class IfBench(Rules):
    """Its scripts' rules, with the strict figures of the one for many processes."""

    needs_judge = True

    def read(self, asked: Asked, reply: str, judge: Judge | None = None) -> Read:
        """The first character, behind the last thought."""
        text = _strip_thoughts(reply)
        if not text:
            return Read(None, 0.0, "empty")
        if text[0] in _LETTERS:
            return _score(asked, text[0])
        said = judge(text) if judge else ""
        if said[:1] in _LETTERS and said:
            return _score(asked, said[0], "judged")
        return Read(text[0], 0.0, "judged" if judge else "not judged")

    def find_unclear(self, reply: str) -> str | None:
        """A reply in which another character stands first."""
        text = _strip_thoughts(reply)
        return text if text and text[0] not in _LETTERS else None

    def say(self, asked: Asked, answers: Sequence[str]) -> str:
        """By the letter."""
        return name_letter(asked, answers)

    def add_up(self, rows: Sequence[Row]) -> tuple[Figure, ...]:
        """Each language, their mean, strict, and the dimensions."""
        languages = name_rows(rows, lambda row: row.asked.facts.get("language", "en"))
        unjudged = sum(row.read.why == "not judged" for row in rows)
        note = f"at least so much; replies that wait for the judge: {unjudged}" if unjudged else ""
        plain = {name: _average_dimensions(mine, _take_share) for name, mine in languages.items()}
        strict = {name: _average_dimensions(mine, _take_all) for name, mine in languages.items()}
        figures = [Figure("avg", _join(plain), len(rows), note=note)]
        figures += [
            Figure(name, _join({name: found}), len(languages[name]), note=note) for name, found in plain.items()
        ]
        for name, found in strict.items():
            figures.append(Figure(f"strict {name}", _join({name: found}), len(languages[name]), note=note))
        for name, dimensions in plain.items():
            figures += [Figure(f"{name}/{task}", value, count) for task, (value, count) in dimensions.items()]
        for name, dimensions in strict.items():
            figures += [Figure(f"strict {name}/{task}", value, count) for task, (value, count) in dimensions.items()]
        return tuple(figures)


def _strip_thoughts(reply: str) -> str:
    return reply.strip().rpartition(_THOUGHT)[2].strip()


def _score(asked: Asked, letter: str, why: str = "") -> Read:
    return Read(letter, float(letter == asked.letter), why)


def _average_dimensions(rows: Sequence[Row], take: Callable[[Sequence[float]], float]) -> Dimensions:
    """The mean over the items of each dimension, with their number."""
    found: Dimensions = {}
    for task, mine in name_rows(rows, lambda row: row.asked.task).items():
        items = name_rows(mine, lambda row: row.asked.item)
        found[task] = (
            find_mean([take([row.read.score or 0.0 for row in turns]) for turns in items.values()]),
            len(items),
        )
    return found


def _join(languages: Mapping[str, Dimensions]) -> float | None:
    """The plain mean over dimensions, then over languages."""
    means = [find_mean([value for value, _ in found.values() if value is not None]) for found in languages.values()]
    return find_mean([mean for mean in means if mean is not None])


def _take_share(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores)


def _take_all(scores: Sequence[float]) -> float:
    return float(all(score == 1 for score in scores))
