"""The backend that asks a language model: prompt files, any OpenAI-compatible endpoint, replies stored and replayed.

A reply that its prompt's parser does not read is asked for again, as often as `content_attempts` says, and then the
caption or the image is rejected. Failures of the transport are the endpoint's to retry; they are not replies.
"""

import asyncio
import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

from agents.backends import (
    FilterReply,
    FilterRequest,
    JudgeRequest,
    MineReply,
    MineRequest,
    WriteReply,
    WriteRequest,
)
from agents.backends.replay import Place, Replies, make_key
from agents.config import Role, RoleSettings, hash_to_unit
from agents.prompts_command import SLOTS
from agents.store import ReplyStore
from agents.verify import verify
from tools.endpoint.client import ChatRequest, Endpoint, EndpointConfig, TransportError
from tools.errors import MissingError, RejectError, UsageError
from tools.lexicon import Lexicon
from tools.prompts import Prompt, load_prompts, prompts_digest
from tools.prompts.pack import DEFAULT_PACK
from tools.prompts.requests import DESCRIPTION_REQUESTS, load_requests
from tools.records import Message, MinedRule, Objection, Record, Verdict
from tools.replies import CaptionReply, DialogueReply, RulesReply

CHECK_SHARE = 0.05
PROMPT_ROLES: dict[str, Role] = {
    "caption_filter": "caption",
    "conversation": "task",
    "description": "task",
    "reasoning": "task",
    "debate": "judge",
    "rule_mining": "rules",
}
Parsed = TypeVar("Parsed", bound=Record)


class LlmSpec(NamedTuple):
    """What the backend needs besides prompts and lexicon; travels to other processes, and holds no key.

    Attributes:
        run: the run folder that image paths are relative to.
        skips_clean: captions in which the lexicon finds nothing are not sent, but for `CHECK_SHARE` of them.
        skips_failed: what the endpoint does not answer becomes a reject.
    """

    model: str
    endpoint: EndpointConfig
    run: Path
    roles: Mapping[Role, RoleSettings] = {}
    judge: Literal["findings", "text-only", "vision"] = "findings"
    content_attempts: int = 2
    skips_clean: bool = False
    skips_failed: bool = False

    def find_model(self, role: Role) -> str:
        """The model of a role."""
        settings = self.roles.get(role)
        return (settings and settings.model) or self.model

    def find_options(self, role: Role, prompt: Prompt) -> dict[str, Any]:
        """How a role samples: its own settings, else the prompt's."""
        own = self.roles.get(role) or RoleSettings()
        sampling = prompt.sampling
        options: dict[str, Any] = {
            "temperature": sampling.temperature if own.temperature is None else own.temperature,
            "max_tokens": own.max_tokens or sampling.max_tokens,
            **own.options,
        }
        return {name: value for name, value in options.items() if value is not None}

    def describe(self) -> str:
        """Everything here that decides replies."""
        parts = [self.model, f"judge={self.judge}", f"attempts={self.content_attempts}"]
        parts += [
            f"{role}={json.dumps(own.model_dump(exclude_unset=True))}" for role, own in sorted(self.roles.items())
        ]
        return " ".join(parts)


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

    def __init__(self, spec: LlmSpec, prompts_dir: Path, lexicon: Lexicon, store: ReplyStore | None) -> None:
        """Read and prove the prompts; no connection is made before the first question that has no stored reply.

        Raises:
            MissingError: a prompt or the list of requests is not there.
            UsageError: a prompt file is not sound, or does not fit its use.
        """
        self._spec = spec
        self._prompts = _load_used_prompts(prompts_dir)
        self._requests = load_requests(prompts_dir, DESCRIPTION_REQUESTS)
        self._lexicon = lexicon
        self._endpoint: Endpoint | None = None
        self._opening = asyncio.Lock()
        self._options = {name: spec.find_options(role, self._prompts[name]) for name, role in PROMPT_ROLES.items()}
        self.replies = Replies(store)
        self.identity = f"llm:{spec.describe()}:{prompts_digest(prompts_dir)}"

    async def close(self) -> None:
        """Close the connections, if any were opened."""
        endpoint, self._endpoint, self._opening = self._endpoint, None, asyncio.Lock()
        if endpoint is not None:
            await endpoint.__aexit__(None, None, None)

    async def filter_caption(self, request: FilterRequest) -> FilterReply:
        """Ask for `n` filtered captions at once; those that cannot be read are asked for again.

        Raises:
            RejectError: none could be read, or the model refuses.
        """
        if self._spec.skips_clean and is_spared(
            request.seed, request.image_id, request.sample, request.caption, self._lexicon
        ):
            return FilterReply(captions=(request.caption,))
        values = {"rules": request.rules, "caption": request.caption}
        kept: list[str] = []
        error: RejectError | None = None
        for attempt in self._attempts():
            place = Place("caption", request.image_id, request.sample, 0, attempt)
            try:
                texts = await self._ask(Question("caption_filter", values, place), request.n - len(kept))
            except RejectError as refusal:
                error = refusal
                if refusal.code != "bad_response":
                    break
                continue
            for text in texts:
                try:
                    kept.append(self._parse("caption_filter", text, CaptionReply).caption)
                except RejectError as unread:
                    error = unread
            if len(kept) == request.n:
                break
        if not kept:
            raise error or RejectError("unparseable", "the endpoint gave no caption")
        return FilterReply(captions=tuple(kept))

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
        if self._spec.judge != "text-only":
            findings = verify(request.messages, request.boxes, request.captions, self._lexicon, request.kind)
        values = {"instruction": request.messages, "findings": findings}
        place = Place(f"judge-{request.kind}", request.image_id, 0, request.round, 0)
        image = request.image if self._spec.judge == "vision" else None
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
        return iter(range(1, self._spec.content_attempts + 1))

    async def _ask_until_read(self, question: Question, kind: type[Parsed]) -> Parsed:
        error: RejectError | None = None
        for attempt in self._attempts():
            asked = question._replace(place=question.place._replace(attempt=attempt))
            try:
                (text,) = await self._ask(asked, 1)
                return self._parse(question.prompt, text, kind)
            except RejectError as refusal:
                error = refusal
                if refusal.code not in ("unparseable", "refusal", "bad_response"):
                    break
        raise error or RejectError("unparseable", "the endpoint gave no reply")

    def _parse(self, prompt: str, text: str, kind: type[Parsed]) -> Parsed:
        record = self._prompts[prompt].parse(text, self._lexicon.pack.words.caption_labels)
        if not isinstance(record, kind):
            raise TypeError(f"{prompt}: its parser gave {type(record).__name__}, expected {kind.__name__}")
        return record

    async def _ask(self, question: Question, n: int) -> tuple[str, ...]:
        request = ChatRequest(
            model=self._spec.find_model(PROMPT_ROLES[question.prompt]),
            messages=self._render(question),
            options=self._options[question.prompt],
            n=n,
        )
        key = make_key(request, question.place)
        stored = self.replies.find(request, key)
        if stored is not None:
            return stored
        try:
            return await self.replies.ask(request, key, await self._open())
        except TransportError as error:
            if self._spec.skips_failed:
                raise RejectError("endpoint", str(error)) from error
            raise

    async def _open(self) -> Endpoint:
        async with self._opening:
            if self._endpoint is None:
                self._endpoint = await Endpoint(self._spec.endpoint).__aenter__()
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
                {"type": "image_url", "image_url": {"url": read_data_url(self._spec.run / question.image)}},
            ]
        return tuple(messages)


def is_spared(seed: int, image_id: int, sample: int, caption: str, lexicon: Lexicon) -> bool:
    """Whether a caption is clean and none of those that are sent to check the lexicon."""
    return not lexicon.find(caption) and not is_checked(seed, image_id, sample)


def is_checked(seed: int, image_id: int, sample: int) -> bool:
    """Whether a clean caption is sent all the same, by a hash of its place."""
    return hash_to_unit(seed, "clean caption", image_id, sample) < CHECK_SHARE


def _find_quote(category: str, objections: tuple[Objection, ...]) -> str:
    quotes = (objection.quote for objection in objections if objection.category == category)
    return next(quotes, objections[0].quote if objections else "")


def read_data_url(path: Path) -> str:
    """A PNG file as a `data:` URL."""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()


def _load_used_prompts(folder: Path) -> dict[str, Prompt]:
    """The prompts that this backend asks with, proved to fit their use."""
    prompts = load_prompts(folder)
    problems = []
    for name in PROMPT_ROLES:
        if name not in prompts:
            raise MissingError(f"{folder}/{name}.md: no such prompt; copy it from {DEFAULT_PACK}")
        output, inputs = SLOTS[name]
        prompt = prompts[name]
        if prompt.output != output:
            problems.append(f"{prompt.path}: its output is {prompt.output!r}, here it has to be {output!r}")
        problems += [
            f"{prompt.path}: wants the input {given!r}, there are: {', '.join(inputs)}"
            for given in prompt.inputs
            if given not in inputs
        ]
    if problems:
        raise UsageError("\n".join(problems))
    return {name: prompts[name] for name in PROMPT_ROLES}
