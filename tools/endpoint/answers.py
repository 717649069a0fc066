"""One answer of a model as a server gives it: content, how it ended, refusal, thoughts. Only a whole one is content."""

from collections.abc import Iterator
from typing import Any

from tools.errors import RejectError
from tools.records import Record

NO_CONTENT, CUT, FILTERED, REFUSED = "no_content", "cut", "content_filter", "refusal"
ANSWER_CODES = frozenset({NO_CONTENT, CUT, FILTERED, REFUSED})
"""Codes of the rejects of answers that are no content."""

STOP, LENGTH, ERROR = "stop", "length", "error"
ENDINGS = {
    **dict.fromkeys(
        ("eos", "eos_token", "end_turn", "end", "stop_sequence", "complete", "completed", "finished"), STOP
    ),
    **dict.fromkeys(("max_tokens", "model_length", "max_length", "max_output_tokens", "token_limit"), LENGTH),
    **dict.fromkeys(("safety", "sensitive", "recitation", "blocklist", "prohibited_content", "filter"), FILTERED),
    **dict.fromkeys(("network_error", "abort", "aborted", "cancelled", "insufficient_system_resource"), ERROR),
}
"""What servers write into `finish_reason` in place of OpenAI's words (TGI, Anthropic, Gemini, DeepSeek, Zhipu)."""
UNTOLD = frozenset({"", "null", "none"})
THOUGHTS = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
PART_TEXTS = ("text", "content", "thinking", "reasoning", "refusal", "summary", "output_text")


class Answer(Record):
    """What a model said in one choice of a reply.

    Attributes:
        content: the text, thoughts apart; `read` alone says whether it may be used.
        finish: how it ended, in OpenAI's words; `stop` is whole.
        refusal: the model's, where the server gives it apart.
        reasoning: thoughts that the server gives apart.
        error: what went wrong half-way, by the server.
    """

    content: str = ""
    finish: str = STOP
    refusal: str = ""
    reasoning: str = ""
    error: str = ""

    def read(self) -> str:
        """The content, when it is one.

        Raises:
            RejectError: cut, filtered, refused, or not there (`ANSWER_CODES`).
        """
        if self.refusal and not self.content.strip():
            raise RejectError(REFUSED, f"the model refuses (finish_reason `{self.finish}`): {_quote(self.refusal)}")
        if self.finish == FILTERED:
            raise RejectError(FILTERED, "a filter of the endpoint cut the reply (finish_reason `content_filter`)")
        if self.error or self.finish == ERROR:
            raise RejectError(NO_CONTENT, f"the reply broke off (finish_reason `{self.finish}`): {_quote(self.error)}")
        if not self.content.strip():
            raise RejectError(NO_CONTENT, self._explain_silence())
        if self.finish == LENGTH:
            raise RejectError(
                CUT, "the reply was cut before its end (finish_reason `length`); allow more with max_tokens"
            )
        if self.finish != STOP:
            raise RejectError(
                NO_CONTENT, f"the reply ended with finish_reason `{_quote(self.finish)}`, not with `stop`"
            )
        return self.content

    def _explain_silence(self) -> str:
        reason = f"the reply has no content (finish_reason `{_quote(self.finish)}`)"
        if not self.reasoning.strip():
            return reason
        return (
            f"{reason}, only {len(self.reasoning)} characters of reasoning (reasoning_content): turn the model's "
            "thinking off, or allow more with max_tokens"
        )


def _quote(text: str) -> str:
    flat = " ".join(text.split())
    return (flat if len(flat) <= 80 else flat[:80] + "…") or "no reason given"


def read_answer(choice: Any) -> Answer:
    """A choice of a reply: its content may be text or a list of parts, in `message`, `delta` or bare `text`."""
    choice = choice if isinstance(choice, dict) else {}
    message = choice.get("message") or choice.get("delta")
    message = message if isinstance(message, dict) else {"content": choice.get("text")}
    content, thoughts, refusals = _sort_parts(message.get("content"))
    thoughts += [part for name in THOUGHTS if message.get(name) for part in [_join(message[name])] if part][:1]
    finish = choice.get("finish_reason")
    return Answer(
        content=_make_plain(content),
        finish=_read_finish(finish if isinstance(finish, str) else ""),
        refusal=_make_plain([_join(message.get("refusal")), *refusals]),
        reasoning=_make_plain(thoughts),
        error=read_error(choice.get("error")),
    )


def _read_finish(value: str) -> str:
    """In OpenAI's words; empty where the server does not tell."""
    name = value.strip().lower()
    if name in UNTOLD:
        return ""
    return FILTERED if name.startswith(FILTERED) else ENDINGS.get(name, name)


def _sort_parts(content: Any) -> tuple[list[str], list[str], list[str]]:
    """Texts, thoughts and refusals among the parts of a content."""
    if isinstance(content, str):
        return [content], [], []
    sorts: tuple[list[str], list[str], list[str]] = ([], [], [])
    for part in content if isinstance(content, list) else [content]:
        kind = str(part.get("type", "")).lower() if isinstance(part, dict) else ""
        place = 1 if "think" in kind or "reason" in kind else 2 if "refus" in kind else 0
        sorts[place].append(_join(part))
    return sorts


def _join(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return "".join(_walk(value, 0))


def _walk(value: Any, depth: int) -> Iterator[str]:
    """The texts of a part, which may itself hold parts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth < 4:
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict) and depth < 4:
        found = next((value[name] for name in PART_TEXTS if value.get(name)), None)
        yield from _walk(found, depth + 1)


def _make_plain(texts: list[str]) -> str:
    """As text that files can hold: halves of surrogate pairs become question marks."""
    text = "".join(texts)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def read_error(error: Any) -> str:
    """What an `error` says, whatever its form; empty where there is none."""
    if isinstance(error, dict):
        return next((text for name in ("message", "detail", "msg") if (text := _join(error.get(name)))), str(error))
    return error if isinstance(error, str) else str(error) if error else ""
