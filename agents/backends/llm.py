"""The backend that asks a language model: prompt files, any OpenAI-compatible endpoint, replies stored and replayed.

A reply that is cut, refused or empty, or that its prompt's parser does not read, is asked for again, as often as
`content_attempts` says, and then the caption or the image is rejected. Failures of the transport are the endpoint's to
retry; they are not replies.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from agents.backends import (
    CaptionObjection,
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
)
from agents.backends.asked.images import read_data_url, refer_to_image
from agents.backends.asked.wants import Want, want
from agents.backends.clean import is_spared
from agents.backends.draws import find_draw, through_draws
from agents.backends.llm_prompts import PROMPT_ROLES, explain_missing, find_judge_prompt, load_notes, load_used_prompts
from agents.backends.parts import BackendParts
from agents.backends.prompt_values import PromptValues
from agents.backends.proposals import Measured, find_false_claims, measure_claims
from agents.backends.recorded.recorder import Recorder
from agents.backends.replay import Replies, RequestOrigin, make_key
from agents.backends.settings import LlmSettings
from agents.checks.captions import require_caption, require_new_caption
from tools.endpoint.answers import ANSWER_CODES, Answer
from tools.endpoint.client import ChatRequest, Endpoint, TransportError
from tools.errors import RejectError
from tools.evidence import CLAIM_CHECK
from tools.prompts.folder import prompts_digest
from tools.prompts.replies import (
    CaptionReply,
    CaptionVerdictsReply,
    DialogueReply,
    NumberedObjection,
    RulesReply,
    require_numbers,
)
from tools.prompts.replies import ImageCaptionReply as ImageCaption
from tools.prompts.requests import DESCRIPTION_REQUESTS, load_requests
from tools.records import Message, MinedRule, Objection, Record, Verdict
from tools.seeds import hash_to_unit

ASKED_AGAIN = ANSWER_CODES | {"unparseable", "bad_response"}
Parsed = TypeVar("Parsed", bound=Record)
Read = TypeVar("Read")


class PromptRequest(NamedTuple):
    """A prompt with what is put into it, and which of the equal questions it is.

    Attributes:
        point: in [0, 1), which set of its examples is shown.
    """

    prompt: str
    values: Mapping[str, object]
    origin: RequestOrigin
    image: str | None = None
    point: float = 0.0


class FalseClaim(RejectError):
    """A caption that states of brightness what nothing measured bears out."""

    def __init__(self, objections: tuple[Objection, ...]) -> None:
        super().__init__(CLAIM_CHECK, f"the caption was refused: {objections[0].reason}")
        self.objections = objections


class Captioned(NamedTuple):
    """A caption of an image, with what was measured for it."""

    text: str
    measured: Measured


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
        self._values = PromptValues(settings, parts, load_notes(parts.pack))
        self._options = {
            name: settings.find_options(PROMPT_ROLES[name], prompt) for name, prompt in self._prompts.items()
        }
        self.replies = Replies(parts.replies, parts.billing)
        self._recorder = Recorder(settings) if settings.record else None
        self.identity = f"llm:{settings.describe()}:{prompts_digest(parts.pack)}"

    async def close(self) -> None:
        """Close the connections, if any were opened."""
        endpoint, self._endpoint, self._opening = self._endpoint, None, asyncio.Lock()
        if endpoint is not None:
            await endpoint.__aexit__(None, None, None)
        self.replies.keep_all()
        if self._parts.billing is not None:
            self._parts.billing.close()
        if self._recorder is not None:
            self._recorder.write()

    @through_draws
    async def filter_caption(self, request: FilterRequest) -> FilterReply:
        """Ask for `n` filtered captions at once; those that cannot be read are asked for again.

        Raises:
            RejectError: none could be read, or the model refuses.
        """
        if (
            request.round == 1
            and self._settings.skip_clean_captions
            and is_spared(request.seed, request.image_id, request.sample, request.caption, self._parts.lexicon)
        ):
            return FilterReply(captions=(request.caption,))
        values = self._values.fill_filter(request)
        round_ = 0 if request.round == 1 else request.round
        origin = RequestOrigin("caption", request.image_id, request.sample, round_, 0)

        async def read(answer: Answer) -> str:
            caption = self._parse("caption_filter", answer, CaptionReply).caption
            require_caption(caption, request.caption)
            return caption

        kept = await self._gather(request.n, lambda _: PromptRequest("caption_filter", values, origin), read)
        return FilterReply(captions=tuple(kept))

    @through_draws
    async def caption_image(self, request: CaptionRequest) -> ImageCaptionReply:
        """Ask for `n` captions at once, from boxes and evidence, and with `--vision` from the image as well.

        Those that cannot be read, or state of brightness what was not measured, are asked for again.

        Raises:
            RejectError: none could be used, or the model refuses.
            MissingError: the pack has no prompt for this.
        """
        image = request.image if self._settings.vision else None
        values = self._values.fill_caption(request, image)
        origin = RequestOrigin("caption-image", request.image_id, 0, 0, 0)

        def make_prompt_request(failures: tuple[Objection, ...]) -> PromptRequest:
            return PromptRequest("caption_image", values | {"failures": failures}, origin, image)

        async def read(answer: Answer) -> Captioned:
            return await self._read_image_caption(answer, request)

        kept = await self._gather(request.n, make_prompt_request, read)
        return ImageCaptionReply(
            captions=tuple(item.text for item in kept), proposals=tuple(item.measured.keep() for item in kept)
        )

    async def _read_image_caption(self, answer: Answer, request: CaptionRequest) -> Captioned:
        """A caption whose statements of brightness were all measured: in the boxes there are, or in those it names.

        Raises:
            RejectError: it cannot be read, is no caption, or states something else.
        """
        reply = self._parse("caption_image", answer, ImageCaption)
        require_new_caption(reply.caption)
        measured, evidence = Measured(), request.evidence
        if self._settings.vision and evidence is not None and request.image is not None and reply.claims:
            picture = self._parts.run / request.image
            measured = await asyncio.to_thread(measure_claims, picture, evidence.polarity, request.boxes, reply.claims)
        objections = find_false_claims(reply.caption, request.boxes, evidence, measured, self._parts.lexicon)
        if objections:
            raise FalseClaim(objections)
        return Captioned(reply.caption, measured)

    async def _gather(
        self,
        n: int,
        make_prompt_request: Callable[[tuple[Objection, ...]], PromptRequest],
        read: Callable[[Answer], Awaitable[Read]],
    ) -> list[Read]:
        """Up to `n` replies to one question that could be read; those that are missing are asked for again.

        Args:
            make_prompt_request: from what the replies before were refused for.
        """
        kept: list[Read] = []
        error: RejectError | None = None
        failures: tuple[Objection, ...] = ()
        for attempt in self._attempts():
            prompt_request = make_prompt_request(failures)
            try:
                answers = await self._ask(prompt_request, n - len(kept), attempt)
            except RejectError as refusal:
                error = refusal
                if refusal.code != "bad_response":
                    break
                continue
            for answer in answers:
                try:
                    kept.append(await read(answer))
                except RejectError as unread:
                    error = unread
                    failures += unread.objections if isinstance(unread, FalseClaim) else ()
            if len(kept) == n:
                break
        if not kept:
            raise error or RejectError("unparseable", "the endpoint gave no caption")
        return kept

    async def write_instruction(self, request: WriteRequest) -> WriteReply:
        """Write one instruction; the question before a description comes from the folder's list."""
        values = self._values.fill_writer(request)
        origin = RequestOrigin(f"task-{request.kind}", request.image_id, 0, request.round, 0)
        point = 0.0
        if self._settings.examples == "rotating":
            point = hash_to_unit(request.seed, "examples", request.kind, request.image_id)
        reply = await self._ask_until_read(PromptRequest(request.kind, values, origin, point=point), DialogueReply)
        messages = reply.messages
        if messages[0].role == "assistant":
            messages = (Message(role="user", content=self._choose_request(request)), *messages)
        return WriteReply(messages=messages)

    def _choose_request(self, request: WriteRequest) -> str:
        point = hash_to_unit(request.seed, "description request", request.image_id)
        return self._requests[int(point * len(self._requests))]

    async def judge(self, request: JudgeRequest) -> Verdict:
        """Ask for the verdict, with what `--judge` lets the judge see."""
        values = self._values.fill_judge(request)
        origin = RequestOrigin(f"judge-{request.kind}", request.image_id, 0, request.round, 0)
        image = request.image if self._settings.judge == "vision" else None
        prompt = find_judge_prompt(self._prompts, self._settings.judge)
        return await self._ask_until_read(PromptRequest(prompt, values, origin, image), Verdict)

    def require_caption_judge(self) -> None:
        """Refuse a pack without the prompt for it.

        Raises:
            MissingError: naming the file, and what to do.
        """
        if "judge_captions" not in self._prompts:
            raise explain_missing(self._parts.pack, "judge_captions")

    async def judge_captions(self, request: JudgeCaptionsRequest) -> CaptionVerdicts:
        """Ask for the verdicts on all captions in one question, with what `--judge` lets the judge see."""
        values = self._values.fill_caption_judge(request)
        origin = RequestOrigin("judge-captions", request.image_id, 0, request.round, 0)
        image = request.image if self._settings.judge == "vision" else None

        def require(reply: CaptionVerdictsReply) -> None:
            require_numbers(reply, len(request.captions))

        question = PromptRequest("judge_captions", values, origin, image)
        reply = await self._ask_until_read(question, CaptionVerdictsReply, require)
        return CaptionVerdicts(objections=tuple(_place(item) for item in reply.objections))

    async def mine_rule(self, request: MineRequest) -> MineReply:
        """Ask for rules; each is joined with the first objection of its category."""
        values = self._values.fill_mining(request)
        origin = RequestOrigin(f"rules-{request.kind or 'captions'}", request.image_id, 0, request.round, 0)
        reply = await self._ask_until_read(PromptRequest("rule_mining", values, origin), RulesReply)
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
    async def _ask_until_read(
        self, prompt_request: PromptRequest, kind: type[Parsed], require: Callable[[Parsed], None] = lambda _: None
    ) -> Parsed:
        error: RejectError | None = None
        for attempt in self._attempts():
            try:
                (answer,) = await self._ask(prompt_request, 1, attempt)
                reply = self._parse(prompt_request.prompt, answer, kind)
                require(reply)
                return reply
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

    async def _ask(self, prompt_request: PromptRequest, n: int, attempt: int) -> tuple[Answer, ...]:
        """`n` answers; `attempt` counts from 1 how often the question is asked for want of a reply that can be read."""
        if prompt_request.prompt not in self._prompts:
            raise explain_missing(self._parts.pack, prompt_request.prompt)
        request = ChatRequest(
            model=self._settings.find_model(PROMPT_ROLES[prompt_request.prompt]),
            messages=self._render(prompt_request),
            options=self._options[prompt_request.prompt],
            n=n,
        )
        number = find_draw().number_attempt(attempt, self._settings.content_attempts)
        origin = prompt_request.origin._replace(attempt=number)
        answers = await self._fetch(request, origin, prompt_request.image)
        if self._recorder is not None:
            self._recorder.add(request, origin, answers)
        return answers

    async def _fetch(self, request: ChatRequest, origin: RequestOrigin, image: str | None) -> tuple[Answer, ...]:
        """The answers, stored or asked for; where questions travel in waves, it is noted that they are wanted.

        Raises:
            Wanted: they are.
        """
        key = make_key(request, origin)
        stored = self.replies.find(request, key)
        if stored is not None:
            return stored
        if find_draw().is_over:
            raise RejectError("not_asked", "no reply is stored")
        if self._parts.gathers:
            asked = refer_to_image(request, image)
            raise want(Want(key=key, role=origin.role, image_id=origin.image_id, request=asked))
        try:
            return await self.replies.ask(request, key, origin, await self._open())
        except TransportError as error:
            if self._settings.skip_failed:
                raise RejectError("endpoint", str(error)) from error
            raise

    async def _open(self) -> Endpoint:
        async with self._opening:
            if self._endpoint is None:
                config = self._settings.make_endpoint(self._parts.concurrency).share(self._parts.askers)
                self._endpoint = await Endpoint(config).__aenter__()
        return self._endpoint

    def _render(self, prompt_request: PromptRequest) -> tuple[dict[str, Any], ...]:
        prompt = self._prompts[prompt_request.prompt]
        values = {name: prompt_request.values[name] for name in prompt.inputs}
        messages: list[dict[str, Any]] = [
            {"role": message.role, "content": message.content}
            for message in prompt.render(prompt_request.point, **values)
        ]
        if prompt_request.image is not None:
            messages[-1]["content"] = [
                {"type": "text", "text": messages[-1]["content"]},
                {"type": "image_url", "image_url": {"url": read_data_url(self._parts.run / prompt_request.image)}},
            ]
        return tuple(messages)


def make_llm(settings: LlmSettings, parts: BackendParts) -> LlmBackend:
    """The backend `llm`."""
    return LlmBackend(settings, parts)


def _find_quote(category: str, objections: tuple[Objection, ...]) -> str:
    quotes = (objection.quote for objection in objections if objection.category == category)
    return next(quotes, objections[0].quote if objections else "")


def _place(objection: NumberedObjection) -> CaptionObjection:
    return CaptionObjection(place=objection.number - 1, **objection.model_dump(exclude={"number"}))
