"""Notes every reply of a run that asks a language model, and writes them as a recording when the run ends."""

from agents.backends.recorded import (
    FORMAT,
    RecordedReply,
    RecordingHead,
    hash_messages,
    read_recording,
    write_recording,
)
from agents.backends.replay import RequestOrigin
from agents.backends.settings import LlmSettings
from tools.endpoint.answers import Answer
from tools.endpoint.client import ChatRequest

WAYS = frozenset({
    "base_url", "key_variable", "requests_per_minute", "tokens_per_minute", "timeout", "attempts", "skip_failed",
    "record",
})  # fmt: skip
"""Settings of how an endpoint is reached, which no recording needs."""


class Recorder:
    """The replies of one run, those included that were read back from its store."""

    def __init__(self, settings: LlmSettings) -> None:
        """Refuse to write over anything but a recording.

        Raises:
            UsageError: the file holds something else.
        """
        if settings.record is not None and settings.record.exists():
            read_recording(settings.record)
        self._settings = settings
        self._replies: dict[RequestOrigin, RecordedReply] = {}

    def add(self, request: ChatRequest, origin: RequestOrigin, answers: tuple[Answer, ...]) -> None:
        """Note the answers to one question."""
        texts = tuple(answer.content for answer in answers)
        self._replies[origin] = RecordedReply(
            role=origin.role,
            image=origin.image_id,
            sample=origin.sample,
            round=origin.round,
            attempt=origin.attempt,
            messages=hash_messages(request.messages),
            replies=texts,
        )

    def write(self) -> None:
        """Write what was noted, unless nothing was: a run that is finished already keeps its recording."""
        if self._settings.record is None or not self._replies:
            return
        settings = self._settings.model_dump(mode="json", exclude=set(WAYS), exclude_defaults=True)
        about = f"replies of {', '.join(self._settings.list_models())}, recorded in a run"
        head = RecordingHead(format=FORMAT, about=about, settings=settings)
        write_recording(self._settings.record, head, self._replies.values())
