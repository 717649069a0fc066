"""Is the stated relative position of two objects correct? (paper 4, first task)

For every pair of names and axis, as many statements are asked of images in which the first object comes first as of
those in which it comes second, under the same words: the words alone say nothing about the answer.
"""

import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final

from itb.tasks.base.draft import NO_NOUN, Candidate, Composer, Draft, Search, Skip, show_evidence
from itb.tasks.base.relations import WORDS, find_sides, list_pairs
from itb.tasks.base.task import Kind, Paper, Task
from tools.datasets import AnnotatedImage
from tools.seeds import hash_number

NAME: Final = "locate"
PER_FRAME = 6
"""Relations of a frame that may be asked; which ones, is a hash of the frame."""


def find(frame: AnnotatedImage, search: Search) -> Iterator[Candidate | Skip]:
    """The frame's relations that are beyond doubt; the truth says whether the first object comes first."""
    if search.lacks_nouns(frame, [box.name for box in frame.boxes]):
        yield NO_NOUN
        return
    vague = frozenset(box.name for box in frame.boxes if search.wordings.noun(box.name).is_vague)
    pairs = list_pairs(frame, vague)
    drawn = random.Random(hash_number(NAME, frame.source, frame.image)).sample(pairs, len(pairs))
    sides = list(itertools.islice(find_sides(drawn, frame), PER_FRAME))
    if not sides:
        yield Skip("no_clear_relation")
    for side in sides:
        yield Candidate(
            frame=frame,
            kind=NAME,
            key=(side.first.id, side.second.id, side.axis),
            truth=side.is_first_smaller,
            evidence=(side.first.box, side.second.box),
        )


def compose(candidates: list[Candidate], composer: Composer) -> Iterator[Draft]:
    """Statements in pairs: the same words about two images, true of one of them.

    What finds no partner under the very same words may find one that differs in how an object is singled out: "the car"
    and "the largest car" are equally likely on either side ("the leftmost car" is not).
    """
    ordered = composer.order(candidates)
    pairs = [] if composer.is_paper else _pair_up(ordered)
    drawn = sorted(((composer.draw(NAME, "pair", pair[0].id), pair) for pair in pairs), key=lambda row: row[0])
    turns: dict[tuple[str, ...], int] = {}
    for number, (draw, pair) in enumerate(drawn):
        key = pair[0].key
        turns[key] = turns.get(key, draw % 4) + 1
        wording = (draw >> 2) % composer.wordings.count(NAME, NAME)
        for item in pair:
            yield _state(item, turns[key] % 4, wording, composer, f"{composer.share}-{number}")
    if not pairs and composer.allow_guessable:
        for item in ordered:
            turn = composer.draw(NAME, "alone", item.id)
            yield _state(item, turn % 4, composer.choose_wording(NAME, NAME, item.id), composer, "")


def _pair_up(ordered: list[Candidate]) -> list[tuple[Candidate, Candidate]]:
    pairs = _pair(ordered, lambda item: item.key)
    paired = {id(item) for pair in pairs for item in pair}
    return pairs + _pair([item for item in ordered if id(item) not in paired and _is_neutral(item)], _name_pair)


def _pair(
    ordered: list[Candidate], key_of: Callable[[Candidate], tuple[str, ...]]
) -> list[tuple[Candidate, Candidate]]:
    """One image in which the first object comes first with one in which it comes second, key by key."""
    sides: defaultdict[tuple[str, ...], tuple[list[Candidate], list[Candidate]]] = defaultdict(lambda: ([], []))
    for item in ordered:
        sides[key_of(item)][not item.truth].append(item)
    return [pair for _, (before, behind) in sorted(sides.items()) for pair in zip(before, behind, strict=False)]


def _name_pair(item: Candidate) -> tuple[str, ...]:
    """The names and the axis, without how the objects are singled out."""
    return tuple(part.partition(" ")[2] for part in item.key[:2]) + item.key[2:]


def _is_neutral(item: Candidate) -> bool:
    """Whether how the objects are singled out says nothing about where they are along the axis."""
    return item.key[2] == "vertical" or not any(key.startswith(("leftmost", "rightmost")) for key in item.key[:2])


def _state(item: Candidate, turn: int, wording: int, composer: Composer, block: str) -> Draft:
    """One of the four statements about two objects and an axis: either as subject, either relation."""
    is_swapped, relation = bool(turn & 1), turn >> 1
    ids = (item.key[1], item.key[0]) if is_swapped else (item.key[0], item.key[1])
    words = WORDS["horizontal" if item.key[2] == "horizontal" else "vertical"]
    is_subject_smaller = item.truth != is_swapped
    is_true = is_subject_smaller == (relation == 0)
    text = composer.ask(
        NAME,
        NAME,
        wording,
        subject=_name(ids[0], composer),
        object=_name(ids[1], composer),
        relation=composer.wordings.word(NAME, words[relation]),
    )
    boxes = item.evidence[::-1] if is_swapped else item.evidence
    return Draft(
        task=NAME,
        frame=item.frame,
        answer="yes" if is_true else "no",
        evidence=show_evidence(boxes),
        facts={"subject": ids[0], "object": ids[1], "relation": words[relation]},
        block=block,
        **text,
    )


def _name(named: str, composer: Composer) -> str:
    how, _, name = named.partition(" ")
    return composer.wordings.files[NAME].words[how].format(one=composer.wordings.nouns[name].one)


TASK = Task(
    name=NAME,
    title="Relative position",
    kinds={NAME: Kind("yes_no", ("subject", "object", "relation"))},
    sources=("flir", "scenes"),
    find=find,
    compose=compose,
    words=("left", "right", "above", "below", "only", "largest", "leftmost", "rightmost"),
    paper=Paper(4387, ("flir",)),
)
