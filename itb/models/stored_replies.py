"""Replies that were made elsewhere: a JSONL file with one reply a line."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from itb.benchmark.ask import Key, Question
from itb.benchmark.bench import Bench
from itb.models.adapter import Reply, Unit, plan_singly
from itb.models.kind import ModelKind
from itb.models.settings import EvalSettings
from tools.errors import UsageError
from tools.files.text import read_content, split_lines
from tools.manifest import hash_bytes
from tools.records import find_fault


class StoredReply(BaseModel):
    """A line: the item's id, the reply, and the variant if the question was not asked as it stands."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    item: str
    variant: str = ""
    reply: str
    error: str = ""


class StoredModel:
    """Gives the replies of a file, to be parsed here; also those of an earlier run, to be parsed anew.

    Args:
        path: JSONL with `item` and `reply`, and `variant` where there is one; other fields are not read.

    Raises:
        UsageError: a line is none of these, or an item and variant stand twice.
    """

    needs_images = False
    is_baseline = False

    def __init__(self, path: Path) -> None:
        content = read_content(path)
        self._path = path
        self._digest = hash_bytes(content)
        self._replies: dict[Key, StoredReply] = {}
        for number, line in split_lines(content):
            self._keep(_read_line(path, number, line), number)

    def identify(self) -> Mapping[str, Any]:
        """Name and hash of the file."""
        return {"kind": "predictions", "name": self._path.name, "digest": self._digest}

    def explain(self, questions: Sequence[Question]) -> Mapping[str, Any]:
        """How many questions the file does not answer, and how many of its lines no question asks for."""
        asked = {question.key for question in questions}
        return {
            "questions_without_reply": len(asked - self._replies.keys()),
            "replies_without_question": len(self._replies.keys() - asked),
        }

    def plan(self, questions: Sequence[Question]) -> list[Unit]:
        """Every question for itself.

        Raises:
            UsageError: the file answers none of them.
        """
        if not any(question.key in self._replies for question in questions):
            found = next(iter(self._replies), None)
            shown = f"its first is for {found.item!r}" if found else "it is empty"
            raise UsageError(
                f"{self._path}: answers none of the {len(questions)} questions asked ({shown}); the `item` of a line "
                "is an id of items.jsonl"
            )
        return plan_singly(questions)

    def answer(self, units: Sequence[Unit]) -> Iterator[Reply]:
        """The stored replies; a question without one is an error, and has no prediction."""
        for (question,) in units:
            found = self._replies.get(question.key)
            if found is None:
                yield Reply(question, error=f"{self._path.name} has no reply to it")
            else:
                yield Reply(question, found.reply, error=found.error)

    def _keep(self, reply: StoredReply, number: int) -> None:
        key = Key(reply.item, reply.variant)
        if key in self._replies:
            raise UsageError(
                f"{self._path}:{number}: a second reply to {reply.item!r} {reply.variant!r}; keep one of the two"
            )
        self._replies[key] = reply


def _read_line(path: Path, number: int, line: bytes) -> StoredReply:
    try:
        return StoredReply.model_validate_json(line)
    except ValidationError as error:
        where, why = find_fault(error)
        raise UsageError(
            f"{path}:{number}: no stored reply: {where + ': ' if where else ''}{why}; a line is "
            '{"item": ID, "reply": TEXT}'
        ) from error


def open_predictions(settings: EvalSettings, bench: Bench, max_new_tokens: int) -> StoredModel:
    """The replies of the file."""
    return StoredModel(Path(settings.model))


KIND = ModelKind(open_predictions)
