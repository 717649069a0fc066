"""The backend that asks a language model: prompt files, any OpenAI-compatible endpoint, replies stored and replayed.

A reply that is cut, refused or empty, or that its prompt's parser does not read, is asked for again, as often as
`content_attempts` says, and then the caption or the image is rejected. Failures of the transport are the endpoint's to
retry; they are not replies.
"""

import asyncio
import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from agents.backends import (
    FilterReply,
    FilterRequest,
    JudgeRequest,
    MineReply,
    MineRequest,
    WriteReply,
    WriteRequest,
)
from agents.backends.clean import is_spared
from agents.backends.draws import find_draw, through_draws
from agents.backends.llm_prompts import PROMPT_ROLES, load_used_prompts
from agents.backends.parts import BackendParts
from agents.backends.replay import Place, Replies, make_key
from agents.backends.settings import LlmSettings
from agents.checks.captions import require_caption
from agents.checks.verify import verify
from tools.endpoint.answers import ANSWER_CODES, Answer
from tools.endpoint.client import ChatRequest, Endpoint, TransportError
from tools.errors import RejectError
from tools.prompts.folder import prompts_digest
from tools.prompts.replies import CaptionReply, DialogueReply, RulesReply
from tools.prompts.requests import DESCRIPTION_REQUESTS, load_requests
from tools.records import Message, MinedRule, Objection, Record, Verdict
from tools.seeds import hash_to_unit

ASKED_AGAIN = ANSWER_CODES | {"unparseable", "bad_response"}
Parsed = TypeVar("Parsed", bound=Record)


class Question(NamedTuple):
    """A prompt with what is put into it, and which of the equal questions it is."""

    prompt: str
    values: Mapping[str, object]
    place: Place
    image: str | None = None


class LlmBackend:
    """Answers the agents through a language model.

    Attributes:
        name, is_embedded, identity: see `Backend`.
        replies: asks and replays.
    """

    name = "llm"
    is_embedded = False

    def __init__(self, settings: LlmSettings, parts: BackendParts) -> None:
        """Read and prove the prompts; no connection is made before the first question that has no stored reply.

        Raises:
            MissingError: a prompt or the list of requests is not there.
            UsageError: a prompt file is not sound, or does not fit its use.
        """
        self._settings = settings
        self._parts = parts
        self._prompts = load_used_prompts(parts.pack)
        self._requests = load_requests(parts.pack, DESCRIPTION_REQUESTS)
        self._endpoint: Endpoint | None = None
        self._opening = asyncio.Lock()
        self._options = {name: settings.find_options(role, self._prompts[name]) for name, role in PROMPT_ROLES.items()}
        self.replies = Replies(parts.replies)
        self.identity = f"llm:{settings.describe()}:{prompts_digest(parts.pack)}"

    async def close(self) -> None:
        """Close the connections, if any were opened."""
        endpoint, self._endpoint, self._opening = self._endpoint, None, asyncio.Lock()
        if endpoint is not None:
            await endpoint.__aexit__(None, None, None)

    @through_draws
    async def filter_caption(self, request: FilterRequest) -> FilterReply:
        """Ask for `n` filtered captions at once; those that cannot be read are asked for again.

        Raises:
            RejectError: none could be read, or the model refuses.
        """
        if self._settings.skip_clean_captions and is_spared(
            request.seed, request.image_id, request.sample, request.caption, self._parts.lexicon
        ):
            return FilterReply(captions=(request.caption,))
        values = {"rules": request.rules, "caption": request.caption}
        kept: list[str] = []
        error: RejectError | None = None
        for attempt in self._attempts():
            place = Place("caption", request.image_id, request.sample, 0, attempt)
            try:
                answers = await self._ask(Question("caption_filter", values, place), request.n - len(kept))
            except RejectError as refusal:
                error = refusal
                if refusal.code != "bad_response":
                    break
                continue
            for answer in answers:
                try:
                    kept.append(self._read_caption(answer, request.caption))
                except RejectError as unread:
                    error = unread
            if len(kept) == request.n:
                break
        if not kept:
            raise error or RejectError("unparseable", "the endpoint gave no caption")
        return FilterReply(captions=tuple(kept))

    def _read_caption(self, answer: Answer, original: str) -> str:
        caption = self._parse("caption_filter", answer, CaptionReply).caption
        require_caption(caption, original)
        return caption

    async def write_instruction(self, request: WriteRequest) -> WriteReply:
        """Write one instruction; the question before a description comes from the folder's list."""
        values = {
            "requirements": request.rules,
            "captions": request.captions,
            "bboxes": request.boxes,
            "failures": request.objections,
        }
        place = Place(f"task-{request.kind}", request.image_id, 0, request.round, 0)
        reply = await self._ask_until_read(Question(request.kind, values, place), DialogueReply)
        messages = reply.messages
        if messages[0].role == "assistant":
            messages = (Message(role="user", content=self._choose_request(request)), *messages)
        return WriteReply(messages=messages)

    def _choose_request(self, request: WriteRequest) -> str:
        point = hash_to_unit(request.seed, "description request", request.image_id)
        return self._requests[int(point * len(self._requests))]

    async def judge(self, request: JudgeRequest) -> Verdict:
        """Ask for the verdict, with what `--judge` lets the judge see."""
        findings: tuple[Objection, ...] = ()
        if self._settings.judge != "text-only":
            lexicon, evidence = self._parts.lexicon, request.evidence
            findings = verify(
                request.messages, request.boxes, request.captions, lexicon, request.kind, measured=evidence
            )
        values = {"instruction": request.messages, "findings": findings}
        place = Place(f"judge-{request.kind}", request.image_id, 0, request.round, 0)
        image = request.image if self._settings.judge == "vision" else None
        return await self._ask_until_read(Question("debate", values, place, image), Verdict)

    async def mine_rule(self, request: MineRequest) -> MineReply:
        """Ask for rules; each is joined with the first objection of its category."""
        values = {"rules": request.rules, "reasons": request.objections}
        place = Place(f"rules-{request.kind}", request.image_id, 0, request.round, 0)
        reply = await self._ask_until_read(Question("rule_mining", values, place), RulesReply)
        return MineReply(
            rules=tuple(
                MinedRule(
                    text=rule.text, category=rule.category, objection=_find_quote(rule.category, request.objections)
                )
                for rule in reply.rules
            )
        )

    def _attempts(self) -> Iterator[int]:
        return iter(range(1, self._settings.content_attempts + 1))

    @through_draws
    async def _ask_until_read(self, question: Question, kind: type[Parsed]) -> Parsed:
        error: RejectError | None = None
        for attempt in self._attempts():
            asked = question._replace(place=question.place._replace(attempt=attempt))
            try:
                (answer,) = await self._ask(asked, 1)
                return self._parse(question.prompt, answer, kind)
            except RejectError as refusal:
                error = refusal
                if refusal.code not in ASKED_AGAIN:
                    break
        raise error or RejectError("unparseable", "the endpoint gave no reply")

    def _parse(self, prompt: str, answer: Answer, kind: type[Parsed]) -> Parsed:
        record = self._prompts[prompt].parse(answer.read(), self._parts.lexicon.pack.words.caption_labels)
        if not isinstance(record, kind):
            raise TypeError(f"{prompt}: its parser gave {type(record).__name__}, expected {kind.__name__}")
        return record

    async def _ask(self, question: Question, n: int) -> tuple[Answer, ...]:
        request = ChatRequest(
            model=self._settings.find_model(PROMPT_ROLES[question.prompt]),
            messages=self._render(question),
            options=self._options[question.prompt],
            n=n,
        )
        draw, place = find_draw(), question.place
        attempt = draw.number_attempt(place.attempt, self._settings.content_attempts)
        key = make_key(request, place._replace(attempt=attempt))
        stored = self.replies.find(request, key)
        if stored is not None:
            return stored
        if draw.is_over:
            raise RejectError("not_asked", "no reply is stored")
        try:
            return await self.replies.ask(request, key, await self._open())
        except TransportError as error:
            if self._settings.skip_failed:
                raise RejectError("endpoint", str(error)) from error
            raise

    async def _open(self) -> Endpoint:
        async with self._opening:
            if self._endpoint is None:
                self._endpoint = await Endpoint(self._settings.make_endpoint(self._parts.concurrency)).__aenter__()
        return self._endpoint

    def _render(self, question: Question) -> tuple[dict[str, Any], ...]:
        prompt = self._prompts[question.prompt]
        values = {name: question.values[name] for name in prompt.inputs}
        messages: list[dict[str, Any]] = [
            {"role": message.role, "content": message.content} for message in prompt.render(**values)
        ]
        if question.image is not None:
            messages[-1]["content"] = [
                {"type": "text", "text": messages[-1]["content"]},
                {"type": "image_url", "image_url": {"url": read_data_url(self._parts.run / question.image)}},
            ]
        return tuple(messages)


def make_llm(settings: LlmSettings, parts: BackendParts) -> LlmBackend:
    """The backend `llm`."""
    return LlmBackend(settings, parts)


def _find_quote(category: str, objections: tuple[Objection, ...]) -> str:
    quotes = (objection.quote for objection in objections if objection.category == category)
    return next(quotes, objections[0].quote if objections else "")


def read_data_url(path: Path) -> str:
    """A PNG file as a `data:` URL."""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
