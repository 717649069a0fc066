"""Our rules: what a reply means, whatever words are around it, and wherever its letters and tags stand.

A reply that could mean two things is ambiguous, and what cannot be read is wrong; nothing is left out.
"""

import re
from collections.abc import Callable, Mapping

from itb.answers.forms.free import says_any
from itb.answers.forms.order import read_order
from itb.answers.forms.parts import join_parts, split_parts
from itb.answers.forms.places import BOXES, POINTS, find_places, write_places
from itb.answers.forms.several import read_several
from itb.answers.forms.words import read_word
from itb.answers.measures import read_measure
from itb.answers.numbers import read_count
from itb.answers.options import read_option
from itb.answers.reading import Reading
from itb.answers.text import is_refusal, is_silent, tidy_reply
from itb.answers.yes_no import read_yes_no
from itb.others.scoring.fusionrs import FusionRs
from itb.others.scoring.restated import is_restated
from itb.others.scoring.rows import Asked, Read

_TAGS = re.compile(r"</?(?:num|ref|pos|box)>", re.IGNORECASE)


def read_by_meaning(asked: Asked, reply: str) -> Read:
    """What a reply says, and its score; never raises."""
    text = tidy_reply(_TAGS.sub(" ", reply))
    places = asked.form in ("points", "boxes")
    if is_silent(text) and not places:
        return _score(asked, Reading(None, "empty"))
    if is_refusal(text):
        return _score(asked, Reading(None, "refusal"))
    return _score(asked, _READERS.get(asked.form, _read_text)(asked, text))


def _read_yes_no(asked: Asked, text: str) -> Reading:
    reading = read_yes_no(text, asked.question)
    return Reading("yes") if reading.failure == "no_answer" and is_restated(asked.question, text) else reading


def _read_text(asked: Asked, text: str) -> Reading:
    return Reading(text)


def _read_places(size: int) -> Callable[[Asked, str], Reading]:
    def read(asked: Asked, text: str) -> Reading:
        found = find_places(text, size)
        is_empty = re.search(r"[\[(]\s*[\])]", text) is not None
        return Reading(write_places(found)) if found or is_empty else Reading(None, "no_answer")

    return read


_READERS: Mapping[str, Callable[[Asked, str], Reading]] = {
    "option": lambda asked, text: read_option(
        text, asked.options, asks_absent=bool(asked.facts.get("asks_absent")), question=asked.question
    ),
    "yes_no": _read_yes_no,
    "number": lambda asked, text: read_count(text, None, asked.question),
    "measure": lambda asked, text: read_measure(text, asked.unit),
    "several": lambda asked, text: read_several(text, asked.options, asked.question),
    "word": lambda asked, text: read_word(text, asked.options),
    "order": lambda asked, text: read_order(text, asked.options),
    "points": _read_places(2),
    "boxes": _read_places(4),
    "text": _read_text,
}


def _score(asked: Asked, reading: Reading) -> Read:
    answer, why = reading.answer, reading.failure or ""
    if asked.form in ("number", "measure"):
        return _score_number(asked, answer, why)
    if asked.form in ("points", "boxes"):
        return _score_places(asked, answer, why)
    if asked.form == "text":
        return _score_text(asked, answer, why)
    if asked.form == "several":
        return Read(answer, float(answer is not None and set(split_parts(answer)) == set(asked.answers)), why)
    right = join_parts(asked.answers) if asked.form == "order" else "".join(asked.answers[:1])
    return Read(answer, float(answer is not None and answer.lower() == right.lower()), why)


def _score_number(asked: Asked, answer: str | None, why: str) -> Read:
    if answer is None:
        return Read(None, 0.0, why)
    error = abs(float(answer) - float(asked.answers[0]))
    return Read(answer, float(error <= float(asked.facts.get("tolerance", "0")) + 1e-9), why, {"error": error})


def _score_places(asked: Asked, answer: str | None, why: str) -> Read:
    reader = POINTS if asked.form == "points" else BOXES
    met = reader.meet(answer or "", asked.answers[0])
    parts = {
        "met": float(len(met.costs)),
        "missed": float(met.right - len(met.costs)),
        "extra": float(met.said - len(met.costs)),
        "distance": sum(met.costs),
    }
    return Read(answer, met.f1 if answer is not None else 0.0, why, parts)


def _score_text(asked: Asked, answer: str | None, why: str) -> Read:
    theirs = _WORDS.read(asked, answer or "")
    is_right = answer is not None and says_any(answer, asked.answers)
    if asked.facts.get("kind") == "caption":
        return Read(answer, theirs.score, why, theirs.parts)
    parts = {**theirs.parts, "exact_match": float(is_right)}
    return Read(answer, float(is_right), why, parts)


_WORDS = FusionRs()


def miss_by_meaning(asked: Asked, why: str) -> Read:
    """A question without a reply: wrong, with the reason."""
    return _score(asked, Reading(None, "empty"))._replace(why=why)
