"""The texts of a run that a person can review: captions and instructions, accepted ones and those objected to."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from agents.backends.arms import UNREAD
from agents.conversation.results import Result
from agents.store.run_store import RunStore
from tools.records import InstructionKind, Message, Objection

Body = str | tuple[Message, ...]
"""A caption, or the messages of an instruction."""
TextKind = Literal["caption"] | InstructionKind


class Key(NamedTuple):
    """Names a text for as long as it says the same: a row's id, and the hash of what it says (`hash_body`)."""

    id: str
    text: str


class Text(NamedTuple):
    """A text as it was judged.

    Attributes:
        id: of the row of the exports that it is, or would have become: `139-0`, `139-conversation`.
        image: of the modality, relative to the run; None without one.
        round: of the debate that judged it, from 1; 0 where none did.
        is_accepted: it stands in the exports.
        is_judged: the debate agent has read it; what it said against it are the objections.
    """

    id: str
    image_id: str
    image: str | None
    photo: str
    kind: TextKind
    body: Body
    round: int
    is_accepted: bool
    is_judged: bool
    objections: tuple[Objection, ...] = ()

    @property
    def key(self) -> Key:
        """What reviews name it by."""
        return Key(self.id, hash_body(self.body))


def hash_body(body: Body) -> str:
    """16 hexadecimal digits that change where any word does."""
    plain: Any = body if isinstance(body, str) else [[message.role, message.content] for message in body]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:16]


def list_texts(result: Result, is_read: bool = True) -> Iterator[Text]:
    """All texts of an image that were judged or accepted, captions first, in the order in which they were written.

    Args:
        is_read: False of a run whose arm accepts texts that the debate agent has not read.
    """
    common = (result.image_id, result.image, result.photo)
    for made in result.caption_rounds:
        for item in made.objected:
            yield Text(item.pair.id, *common, "caption", item.pair.caption, made.round, False, True, item.objections)
    objected = {item.pair.id for made in result.caption_rounds[:1] for item in made.objected}
    for pair in result.pairs:
        is_judged = is_read and bool(result.caption_rounds) and pair.id not in (result.refiltered or ())
        number = 1 + (pair.id in objected) if is_judged else 0
        yield Text(pair.id, *common, "caption", pair.caption, number, True, is_judged)
    for debate in result.debates:
        for attempt in debate.rounds:
            said, number = attempt.verdict, attempt.round if is_read else 0
            is_final = said.is_accepted and attempt is debate.rounds[-1]
            where = (*common, debate.kind, attempt.messages, number)
            yield Text(debate.id, *where, is_final, is_read, said.objections)


def read_texts(store: RunStore) -> Iterator[Text]:
    """The texts of all images of a run, in its order; of texts of a row that say the same the last one."""
    is_read = has_judge(store)
    for result in store.read_results():
        yield from {text.key: text for text in list_texts(result, is_read)}.values()


def has_judge(store: RunStore) -> bool:
    """Whether the debate agent reads the texts of a run; some arms of an ablation leave it out."""
    return store.require_meta("settings").get("arm", "full") not in UNREAD
