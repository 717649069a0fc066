"""What `why` says of a rule that an image mined, and of the objections in the debates that it comes from."""

import re
from collections.abc import Iterator, Sequence

from agents.conversation.protocol import CaptionRound
from agents.conversation.results import Result
from agents.conversation.rules import Mined, normalise
from agents.store.retries import list_late
from agents.store.run_store import RunStore
from tools.errors import shorten
from tools.records import DebateRound, Objection, Rule

LATE = "mined when the image was asked again, too late for the books of the images after it: it is in none"


def name_mined(item: Mined) -> str:
    """The id of a mined rule."""
    return f"mined-{item.image_id}-{item.place}"


def list_mined_ids(store: RunStore, result: Result) -> set[str]:
    """The ids of all rules that an image mined: also of those before it was asked again."""
    kept = [item for index, item in store.list_mined() if index == result.index]
    return {name_mined(item) for item in (*kept, *result.list_mined(), *list_late(store, result.image_id))}


def explain_mined(store: RunStore, result: Result, name: str, rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    """The rules of an image that go by this id and stand in no book under it.

    Args:
        rules: those that are in books.
    """
    for _, item in store.list_mined():
        if name_mined(item) == name and not any(rule.id == name for rule in rules):
            key = item.category, normalise(item.text)
            same = next((rule.id for rule in rules if (rule.category, normalise(rule.text)) == key), None)
            yield (
                f"rule {name}",
                f"{_describe(item)}, in no book" + (f" of its own: it says what {same} says" if same else ""),
            )
    for item in list_late(store, result.image_id):
        if name_mined(item) == name:
            yield f"late rule {name}", f"{_describe(item)}, {LATE}"


def explain_objections(result: Result, name: str) -> Iterator[tuple[str, str]]:
    """What was objected to in a text before it became what it is, or in the texts that a rule comes from."""
    item = next((item for item in result.list_mined() if name_mined(item) == name), None)
    for row, made, text, objection in _list_objections(result):
        is_cause = item is not None and (made.round, objection.quote) == (item.round, item.objection)
        if name in (row, result.image_id) or (is_cause and _has_mined(made, item)):
            described = f"“{objection.quote}” in “{text}”: {objection.reason} [{objection.category}]"
            yield f"objection to {row}, round {made.round}", described


def explain_edits(result: Result, name: str) -> Iterator[tuple[str, str]]:
    """The captions that the debate edited, as they were before; `applied` names rules in force and nothing of this."""
    captions = {pair.id: pair.caption for pair in result.pairs}
    for made in result.caption_rounds:
        for item in made.objected:
            if item.pair.id in captions and name in (item.pair.id, result.image_id):
                edited = f"“{item.pair.caption}” -> “{captions[item.pair.id]}”"
                yield f"edited {item.pair.id}", f"after the debate agent's objection in round {made.round}: {edited}"


def _list_objections(result: Result) -> Iterator[tuple[str, CaptionRound | DebateRound, str, Objection]]:
    """Row, round, text and objection, of both debates in their order."""
    for made in result.caption_rounds:
        for objected in made.objected:
            yield from ((objected.pair.id, made, objected.pair.caption, found) for found in objected.objections)
    for debate in result.debates:
        for attempt in debate.rounds:
            text = " ".join(message.content for message in attempt.messages if message.role == "assistant")
            yield from ((debate.id, attempt, _cut_out(text, found), found) for found in attempt.verdict.objections)


def _cut_out(text: str, objection: Objection) -> str:
    """The sentence with the words objected to; an answer is too long to be repeated."""
    sentences = re.split(r"(?<=[.!?])\s+", text)
    return next((sentence for sentence in sentences if objection.quote.lower() in sentence.lower()), shorten(text))


def _has_mined(made: CaptionRound | DebateRound, item: Mined | None) -> bool:
    return item is not None and any((rule.text, rule.category) == (item.text, item.category) for rule in made.mined)


def _describe(item: Mined) -> str:
    return (
        f"[{item.category}] {item.text} (mined at image {item.image_id}, round {item.round}, from “{item.objection}”)"
    )
