"""Writes instructions from boxes and filtered captions, without a model: what the three kinds share."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.backends.template.captions import Statement
from agents.backends.template.chooser import Chooser
from agents.backends.template.claims import Claim
from agents.backends.template.scene import (
    LARGE,
    MOST,
    SMALLEST_DESCRIBED,
    Group,
    Relation,
    capitalise,
    join_list,
    name_number,
    name_place,
    split_by_side,
)
from agents.backends.template.wordings import Wordings
from tools.records import Message

LISTED_AT_MOST = 7


@dataclass(frozen=True)
class Draft:
    """Everything that one instruction is written from.

    Attributes:
        wordings, chooser: what can be said, and the choice of it.
        groups: kinds of objects, the largest first.
        statement: what a caption says about the scene, None without a usable one.
        claims: what was measured in the image, ready to be said.
        bright_is_warm: bright may be called warm.
    """

    wordings: Wordings
    chooser: Chooser
    groups: Sequence[Group]
    statement: Statement | None
    claims: Sequence[Claim] = ()
    bright_is_warm: bool = False

    @property
    def rng(self) -> random.Random:
        """The generator of all choices."""
        return self.chooser.rng

    def say(self, key: str, slots: Mapping[str, str] | None = None) -> str:
        """A wording of a list such as `conversation.ask_count`; empty when none is allowed."""
        return self.chooser.choose(self.wordings.lists[key], slots or {})

    def say_statement(self) -> str:
        """The caption as a sentence about the image."""
        if self.statement is None:
            return ""
        text = self.statement.text
        slots = {"phrase": text, "sentence": text, "Sentence": capitalise(text), "words": text}
        return self.say(f"description.show_{self.statement.form}", slots)

    def say_list(self, all_key: str, main_key: str) -> str:
        """All kinds of objects with their numbers, or the largest ones of many."""
        if not self.groups:
            return ""
        listed = self.groups[:LISTED_AT_MOST]
        first = listed[0]
        slots = {
            "list": join_list([group.name_amount() for group in listed]),
            "are": "are" if first.is_bunched or first.count > 1 else "is",
        }
        return self.say(all_key if len(listed) == len(self.groups) else main_key, slots)

    def say_place(self, group: Group, key: str) -> str:
        """Where a group is; `key` names the wordings for a single thing."""
        if group.has_crowd or group.is_bunched or not group.boxes:
            return ""
        if group.is_single:
            return self._say_single_place(group, key)
        parts = split_by_side(group.boxes)
        if len(parts) > 1:
            return self._say_spread(group, parts)
        side = next(iter(parts))
        where = self.say(f"places.{side}") if side != "centre" else ""
        return self.say("places.all_in", {"All": group.name_all(), "where": where}) if where else ""

    def say_relation(self, relation: Relation, key: str) -> str:
        """How two things lie to each other."""
        slots = relation.first.inflect() | {
            "other": relation.second.definite,
            "relation": self.say(f"places.{relation.name}"),
        }
        return self.say(key, slots) if slots["relation"] else ""

    def say_known(self, group: Group, part: str) -> str:
        """What is generally known about the appearance of a group: `fact`, `change` or `trace`."""
        return self.chooser.choose(getattr(self.wordings.know(group.label), part), group.inflect())

    def _say_spread(self, group: Group, parts: Mapping[str, int]) -> str:
        """`one is on the left and two are on the right`, within a sentence."""
        places = [self.say(f"places.part_{name}") for name in parts]
        if not all(places):
            return ""
        said = [
            f"{name_number(count)} {'is' if count == 1 else 'are'} {place}"
            for place, count in zip(places, parts.values(), strict=True)
        ]
        return self.say("places.spread", group.inflect() | {"parts": join_list(said)})

    def _say_single_place(self, group: Group, key: str) -> str:
        if group.area > MOST:
            return self.say("places.fills", group.inflect()) if group is self.groups[0] else ""
        place = name_place(group.boxes[0])
        where = self.say(f"places.{place}") if place else ""
        said = self.say(key, group.inflect() | {"where": where}) if where else ""
        if said and group.area > LARGE:
            said = f"{said} {self.say('places.covers_large')}".strip()
        return said

    def list_described(self) -> list[Group]:
        """The groups that are large enough for their place to be described."""
        return [group for group in self.groups if group.boxes and group.area >= SMALLEST_DESCRIBED]


def make_messages(rounds: Iterable[tuple[str, str]]) -> tuple[Message, ...]:
    """Questions and answers as messages; a round without one of the two is left out."""
    return tuple(
        message
        for question, answer in rounds
        if question and answer
        for message in (Message(role="user", content=question), Message(role="assistant", content=answer))
    )


def join_sentences(sentences: Iterable[str]) -> str:
    """Sentences in a row, the empty ones left out."""
    return " ".join(sentence for sentence in sentences if sentence)
