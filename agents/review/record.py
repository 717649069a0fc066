"""What one person says of one text, as it was then: a line of `RUN/reviews.jsonl`."""

import time
import unicodedata
from collections.abc import Collection
from pathlib import Path
from typing import Literal

from agents.review.texts import Body, Key, Text, hash_body
from agents.store.run_store import RunStore
from tools.errors import MissingError, UsageError
from tools.prompts.lexicon import CHECKED, load_lexicon
from tools.records import Message, Record, StoredId

ReviewVerdict = Literal["accept", "reject", "edit"]
OTHER = "other"
LONGEST_NAME = 80
LONGEST_TEXT = 20_000


class Review(Record):
    """A review.

    Attributes:
        id: of the row that the text is.
        image_id: of its image.
        text: hash of what the text said when it was reviewed; a review says nothing of another text.
        verdict: `edit` says that the text was wrong as it stood, and what it should say.
        categories: what is wrong with it; at least one where it is rejected, where it is edited as many as were named.
        edited: caption or messages as they should be.
        name: who reviewed it.
        time: in UTC, e.g. `2026-11-28T22:57:02Z`.
        settles: written in sight of a conflict: the reviews of the text before it do not count any more.
    """

    id: str
    image_id: StoredId
    text: str
    verdict: ReviewVerdict
    categories: tuple[str, ...] = ()
    edited: str | tuple[Message, ...] | None = None
    name: str
    time: str
    settles: bool = False

    @property
    def key(self) -> Key:
        """The text that is meant."""
        return Key(self.id, self.text)

    @property
    def is_fault(self) -> bool:
        """Whether the text was found wrong as it stood."""
        return self.verdict != "accept"

    @property
    def person(self) -> str:
        """Tells people apart, see `tell_person`."""
        return tell_person(self.name)


def tell_person(name: str) -> str:
    """What tells people apart: their names without spaces around them; case and width of letters do not count."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()


def read_categories(store: RunStore, pack: Path) -> dict[str, str]:
    """What a text of a run can be rejected for, each with what it means.

    The categories of the pack and of the checks; those of the run's rules, all that is known of the pack where its
    folder has gone; and `other`.

    Raises:
        UsageError: the pack is damaged.
    """
    try:
        known = load_lexicon(pack).list_faults()
    except MissingError:
        known = dict(CHECKED)
    rules = [rule["category"] for rule in store.require_meta("seed_rules")]
    rules += [mined.category for _, mined in store.list_mined()]
    named = {name: name for name in rules if name not in known}
    return known | named | {OTHER: "something that none of these names"}


def clean_name(name: str) -> str:
    """A reviewer's name as it is kept: without spaces around it, on one line.

    Raises:
        UsageError: it is empty, too long, or holds characters that cannot be seen.
    """
    found = " ".join(unicodedata.normalize("NFC", name).split())
    if not found:
        raise UsageError("a review needs the name of whoever reviews; give one")
    if len(found) > LONGEST_NAME or any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in found):
        raise UsageError(f"a reviewer's name has at most {LONGEST_NAME} characters, all of which can be seen")
    return found


def make_review(
    text: Text,
    verdict: ReviewVerdict,
    name: str,
    known: Collection[str],
    *,
    categories: Collection[str] = (),
    edited: Body | None = None,
    settles: bool = False,
) -> Review:
    """A review of a text, made now.

    Args:
        known: the categories that may be named.

    Raises:
        UsageError: it says too little or too much; says what is missing.
    """
    unknown = sorted(set(categories) - set(known))
    if unknown:
        raise UsageError(f"`{unknown[0]}` is no category; the pack has {', '.join(known)}")
    if verdict == "reject" and not categories:
        raise UsageError("a rejected text needs a category: what is wrong with it")
    if (verdict == "edit") != (edited is not None):
        raise UsageError("an edit, and nothing else, brings the text as it should be")
    return Review(
        id=text.id,
        image_id=text.image_id,
        text=text.key.text,
        verdict=verdict,
        categories=() if verdict == "accept" else tuple(dict.fromkeys(categories)),
        edited=None if edited is None else check_edit(text.body, edited),
        name=clean_name(name),
        time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        settles=settles,
    )


def check_edit(body: Body, edited: Body) -> Body:
    """An edited text without spaces around it.

    Raises:
        UsageError: it is empty, too long, no text, has other speakers, or says what the text said before.
    """
    if isinstance(body, str) or isinstance(edited, str):
        if not (isinstance(body, str) and isinstance(edited, str)):
            raise UsageError("a caption is edited as a text, an instruction as messages")
        found: Body = _check_words(edited)
    else:
        if [message.role for message in body] != [message.role for message in edited]:
            raise UsageError("an edited instruction keeps its questions and answers in their number and order")
        found = tuple(Message(role=message.role, content=_check_words(message.content)) for message in edited)
    if hash_body(found) == hash_body(body):
        raise UsageError("the edited text says what the text says: change it, or accept it")
    return found


def _check_words(text: str) -> str:
    found = text.strip()
    if not found or len(found) > LONGEST_TEXT:
        raise UsageError(f"an edited text has 1 to {LONGEST_TEXT:,} characters")
    if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in found):
        raise UsageError("the edited text holds characters that are no text (control characters, half of a character)")
    return found
