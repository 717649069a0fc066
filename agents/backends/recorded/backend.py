"""The backend `recorded`: the prompts and the protocol of the `llm` backend, with replies from a recording."""

from pathlib import Path

from pydantic import Field

from agents.backends.llm import LlmBackend
from agents.backends.parts import BackendParts
from agents.backends.recorded import SHIPPED, Recording, hash_messages, read_recording
from agents.backends.replay import RequestOrigin
from agents.backends.settings import LlmSettings
from tools.endpoint.answers import Answer
from tools.endpoint.client import ChatRequest
from tools.errors import RejectError
from tools.records import Record

NOT_RECORDED = "not_recorded"


class RecordedSettings(Record):
    """Which recording is played."""

    recording: Path | None = Field(
        None,
        description="A recording, which `--set backend.record=FILE` writes; default: the one that ships.",
    )


class RecordedBackend(LlmBackend):
    """Answers the agents from a recording.

    Attributes:
        name: `recorded`.
        is_embedded: True: no model answers.
        changed: questions that read differently from those that were recorded.
    """

    name = "recorded"
    is_embedded = True

    def __init__(self, recording: Recording, parts: BackendParts) -> None:
        super().__init__(LlmSettings.model_validate(recording.head.settings), parts._replace(replies=None))
        self._recording = recording
        self.changed: set[RequestOrigin] = set()
        self.identity = f"recorded:{recording.digest}:{self.identity.rpartition(':')[2]}"

    async def _fetch(self, request: ChatRequest, origin: RequestOrigin, image: str | None) -> tuple[Answer, ...]:
        found = self._recording.replies.get(origin)
        if found is None:
            asked = f"{origin.role}, round {origin.round}, attempt {origin.attempt}"
            raise RejectError(NOT_RECORDED, f"{self._recording.path.name} holds no reply to this question ({asked})")
        if found.messages != hash_messages(request.messages):
            self.changed.add(origin)
        return tuple(Answer(content=text) for text in found.replies[: request.n])

    def describe_replay(self) -> str | None:
        """What is to be told at the end of a run; None where every question was as it was recorded."""
        if not self.changed:
            return None
        total = len(self._recording.replies)
        changed = f"{len(self.changed)} of {total} recorded questions"
        return f"{changed} read differently now, after prompts were edited; their replies were used as they are"


def make_recorded(settings: RecordedSettings, parts: BackendParts) -> RecordedBackend:
    """The backend `recorded`."""
    return RecordedBackend(read_recording(settings.recording or SHIPPED), parts)
