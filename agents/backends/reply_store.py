"""`replies.sqlite`: every reply, committed before anything uses it, and the backend that takes them from there."""

import hashlib
import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from agents.backends import (
    Backend,
    CaptionRequest,
    CaptionVerdicts,
    FilterReply,
    FilterRequest,
    ImageCaptionReply,
    JudgeCaptionsRequest,
    JudgeRequest,
    MineReply,
    MineRequest,
    WriteReply,
    WriteRequest,
    caption_image,
    judge_captions,
)
from tools.errors import ToolkitError
from tools.files.database import connect, explained, find_damage, set_aside, transaction
from tools.files.json_text import decode_record
from tools.files.text import TextFault
from tools.records import Record, Verdict

Reply = TypeVar("Reply", bound=Record)

# An id that is a number stands in a key as one, so that replies that were stored before ids were text are found. Inside
# of a JSON string no quote stands bare.
_ID, _NUMBER = re.compile(r'"(image_id|image)":"(0|-?[1-9][0-9]{0,18})"'), r'"\1":\2'

# What requests came to say later, with what it is where there is nothing to say: it stands in a key only where there
# is something, so that replies from before there were these fields stay good.
_LATER: dict[str, Any] = {"evidence": None, "is_captioned_here": False, "earlier": (), "mined": ()}

# The key of a reply is a hash: which image it is of stands beside it, so that an image's replies can travel with it.
# Stores of older versions do not say it.
REPLIES_SCHEMA = """
CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS images (
    image_id TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (image_id, key)
) WITHOUT ROWID;
"""
LISTING = "SELECT replies.key, replies.reply FROM images JOIN replies USING (key)"
ARE_REPLIES = "SELECT ifnull(min(json_valid(reply)), 1) FROM replies WHERE key IS NOT NULL"


class KeepsReplies(Protocol):
    """Where replies are kept while a conversation runs: on this disk, or in an actor that sends them on.

    Attributes:
        path: for messages.
    """

    path: Path

    def find(self, key: str) -> str | None:
        """The stored reply."""

    def keep(self, key: str, reply: str, image_id: str) -> str:
        """Keep a reply of a question about an image, unless one is there already; the one that is there now."""

    def together(self) -> AbstractContextManager[object]:
        """What is kept inside is kept at once."""


class ReplyStore:
    """`replies.sqlite`: replies by key; the first write wins, so that a replay is the conversation that was."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with explained(path):
            self._db = connect(path)
            self._db.executescript(REPLIES_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def find(self, key: str) -> str | None:
        """The stored reply."""
        with explained(self.path):
            row = self._db.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def keep(self, key: str, reply: str, image_id: str) -> str:
        """Commit a reply of a question about an image, unless one is there already; the one that is there now."""
        with transaction(self._db, self.path) as db:
            is_new = db.execute("INSERT OR IGNORE INTO replies VALUES (?, ?)", (key, reply)).rowcount
            db.execute("INSERT OR IGNORE INTO images VALUES (?, ?)", (image_id, key))
        return reply if is_new else self.find(key) or reply

    def together(self) -> AbstractContextManager[object]:
        """What is kept inside is committed at once, or not at all."""
        return transaction(self._db, self.path)

    def list_of(self, image_id: str) -> list[tuple[str, str]]:
        """Keys and replies of the questions about an image."""
        with explained(self.path):
            return list(self._db.execute(f"{LISTING} WHERE images.image_id = ?", (image_id,)))

    def list_unplaced(self) -> list[tuple[str, str]]:
        """Keys and replies of which an older version did not write down the image."""
        with explained(self.path):
            return list(self._db.execute("SELECT key, reply FROM replies WHERE key NOT IN (SELECT key FROM images)"))


def explain_reply(path: Path, error: Exception) -> ToolkitError:
    """A stored reply that is none."""
    return ToolkitError(f"{path}: holds a reply that is none ({error}); delete it, replies can be asked for again")


def set_damaged_aside(path: Path) -> Path | None:
    """Rename a damaged store, so that a new one is begun; where it is then, None for one that is whole or not there.

    Raises:
        ToolkitError: it cannot be read, or not be renamed.
    """
    is_damaged = path.is_file() and path.stat().st_size > 0 and find_damage(path, ARE_REPLIES) is not None
    return set_aside(path) if is_damaged else None


class ReplayingBackend:
    """A backend that takes every reply from the store when it is there, and asks and stores it when not.

    Args:
        code: which code answers where no model does; "" for a model, whose replies are paid for and stay good.
    """

    def __init__(self, backend: Backend, replies: KeepsReplies, code: str = "") -> None:
        self._backend = backend
        self._replies = replies
        self._answers = f"{backend.identity}\n{code}" if code else backend.identity
        self.name = backend.name
        self.is_embedded = backend.is_embedded
        self.identity = backend.identity
        self.asked = 0

    async def close(self) -> None:
        """Close what the backend opened."""
        close = getattr(self._backend, "close", None)
        if close is not None:
            await close()

    async def filter_caption(self, request: FilterRequest) -> FilterReply:
        """As the backend's."""
        key = self._key("filter_caption", request)
        return self._stored(key, FilterReply) or self._keep(
            key, request.image_id, await self._backend.filter_caption(request)
        )

    async def caption_image(self, request: CaptionRequest) -> FilterReply:
        """As the backend's."""
        key = self._key("caption_image", request)
        return self._stored(key, ImageCaptionReply) or self._keep(
            key, request.image_id, await caption_image(self._backend, request)
        )

    async def judge_captions(self, request: JudgeCaptionsRequest) -> CaptionVerdicts:
        """As the backend's."""
        key = self._key("judge_captions", request)
        return self._stored(key, CaptionVerdicts) or self._keep(
            key, request.image_id, await judge_captions(self._backend, request)
        )

    async def write_instruction(self, request: WriteRequest) -> WriteReply:
        """As the backend's."""
        key = self._key("write_instruction", request)
        return self._stored(key, WriteReply) or self._keep(
            key, request.image_id, await self._backend.write_instruction(request)
        )

    async def judge(self, request: JudgeRequest) -> Verdict:
        """As the backend's."""
        key = self._key("judge", request)
        return self._stored(key, Verdict) or self._keep(key, request.image_id, await self._backend.judge(request))

    async def mine_rule(self, request: MineRequest) -> MineReply:
        """As the backend's."""
        key = self._key("mine_rule", request)
        return self._stored(key, MineReply) or self._keep(key, request.image_id, await self._backend.mine_rule(request))

    def _key(self, question: str, request: Record) -> str:
        later = dict(_LATER)
        if isinstance(request, FilterRequest):
            later |= {"round": 1, "previous": "", "objections": ()}
        asked = request.model_dump_json(
            exclude={name for name, usual in later.items() if getattr(request, name, 0) == usual}
        )
        text = f"{self._answers}\n{question}\n{_ID.sub(_NUMBER, asked)}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def _stored(self, key: str, kind: type[Reply]) -> Reply | None:
        text = self._replies.find(key)
        try:
            return None if text is None else decode_record(text, kind)
        except TextFault as error:
            raise explain_reply(self._replies.path, error) from error

    def _keep(self, key: str, image_id: str, reply: Reply) -> Reply:
        self.asked += 1
        self._replies.keep(key, reply.model_dump_json(), image_id)
        return reply
