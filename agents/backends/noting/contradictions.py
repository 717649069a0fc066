"""Where captions contradict the boxes or one another, in numbers and in what is there at all."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from agents.backends.noting.boxes import BoxGroup
from agents.checks.claims.quantities import CountClaim, find_counts
from agents.english.categories import Nouns, Strength, load_nouns
from agents.english.sentences import split_sentences
from tools.prompts.pack_records import CheckWords
from tools.records import Record


class Contradiction(Record):
    """One matter on which the notes disagree; the pack's `notes.md` says what to do about each kind.

    Attributes:
        kind: `number`: captions give another one than the boxes; `numbers`: captions give different ones, and no boxes
            settle it; `denied`: a caption says there is none, a box or another caption has one; `unboxed`: captions
            name it, and no box has it.
        label: of the class.
        quotes: the words of the captions, each once.
        boxes: how many boxes there are.
        captions: how many captions say so.
        is_confirmed: more than one caption says so, or the image has only one.
    """

    kind: Literal["number", "numbers", "denied", "unboxed"]
    label: str
    quotes: tuple[str, ...]
    boxes: int = 0
    captions: int = 1
    is_confirmed: bool = False


class _Said(NamedTuple):
    """What one caption says of a class: its words, and the number if it gives one."""

    caption: int
    quote: str
    claim: CountClaim | None


def find_contradictions(
    captions: Sequence[str], groups: Sequence[BoxGroup], words: CheckWords
) -> tuple[Contradiction, ...]:
    """Every class that captions and boxes disagree about, in the order of the captions."""
    known = {group.label: group for group in groups}
    nouns = load_nouns().add_labels(known)
    said: dict[str, list[_Said]] = {}
    for place, caption in enumerate(captions):
        for label, item in _read(place, caption, nouns, words):
            said.setdefault(label, []).append(item)
    found = (_compare(label, own, known.get(label), len(captions), bool(groups)) for label, own in said.items())
    return tuple(item for item in found if item is not None)


def _read(place: int, caption: str, nouns: Nouns, words: CheckWords) -> Iterator[tuple[str, _Said]]:
    for sentence in split_sentences(caption, nouns, words):
        claims = {claim.end: claim for claim in find_counts(sentence)}
        for mention in sentence.mentions:
            if mention.noun.strength is not Strength.LOOSE:
                claim = claims.get(mention.end)
                first, last = sentence.span(mention.start if claim is None else claim.start, mention.end)
                yield mention.noun.labels[0], _Said(place, caption[first:last], claim)


def _compare(
    label: str, said: Sequence[_Said], group: BoxGroup | None, captions: int, has_boxes: bool
) -> Contradiction | None:
    denied = [item for item in said if item.claim is not None and item.claim.high == 0]
    if denied:
        is_there = group is not None or len(denied) < len(said)
        return _make("denied", label, denied, group) if is_there else None
    if group is None:
        numbers = _find_different(said)
        if numbers or not has_boxes:
            return _make("numbers", label, numbers, None) if numbers else None
        made = _make("unboxed", label, said, None)
        return made.model_copy(update={"is_confirmed": made.captions > 1 or captions == 1})
    if group.is_exact:
        wrong = [item for item in said if item.claim is not None and _is_other(item.claim, group.count)]
        return _make("number", label, wrong, group) if wrong else None
    numbers = _find_different(said)
    return _make("numbers", label, numbers, group) if numbers else None


def _is_other(claim: CountClaim, count: int) -> bool:
    """Whether a number cannot be that of the boxes: "two dogs" may be two of three, "three dogs" are not two."""
    is_all = claim.is_total and claim.strength is Strength.SAME
    return claim.low > count or (is_all and claim.high is not None and claim.high < count)


def _find_different(said: Sequence[_Said]) -> list[_Said]:
    """Exact numbers of one noun, if they are not all the same."""
    exact = [item for item in said if item.claim is not None and item.claim.low == item.claim.high]
    same = [item for item in exact if item.claim is not None and item.claim.strength is Strength.SAME] or exact
    return same if len({item.claim.low for item in same if item.claim is not None}) > 1 else []


def _make(kind: str, label: str, said: Sequence[_Said], group: BoxGroup | None) -> Contradiction:
    return Contradiction(
        kind=kind,  # type: ignore[arg-type]
        label=label,
        quotes=tuple(dict.fromkeys(item.quote for item in said)),
        boxes=0 if group is None else group.count + group.uncertain,
        captions=len({item.caption for item in said}),
    )
