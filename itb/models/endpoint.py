"""Any OpenAI-compatible vision endpoint: OpenAI, vLLM, SGLang, llama.cpp, Ollama."""

import asyncio
import base64
import io
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from itb.benchmark.ask import Question
from itb.benchmark.bench import Bench
from itb.models.adapter import Reply, Unit, plan_singly
from itb.models.kind import ModelKind
from itb.models.settings import EvalSettings
from tools.endpoint.answers import LENGTH, STOP, Answer
from tools.endpoint.client import Endpoint
from tools.endpoint.connection import EndpointConfig
from tools.endpoint.messages import ChatRequest
from tools.errors import RejectError, UsageError


class EndpointModel:
    """Asks a server, many questions at once; replies come in the order in which the server gives them.

    Args:
        config: how to reach it.
        name: of the model, as the server calls it.
        max_new_tokens: longest reply.
        options: what else is sent; null takes an option out.
    """

    needs_images = True
    is_baseline = False

    def __init__(self, config: EndpointConfig, name: str, max_new_tokens: int, options: Mapping[str, Any]) -> None:
        self._config = config
        self._name = name
        merged = {"temperature": 0.0, "max_tokens": max_new_tokens, **options}
        self._options = {option: value for option, value in merged.items() if value is not None}

    def identify(self) -> Mapping[str, Any]:
        """The model's name; the server may change."""
        return {"kind": "endpoint", "name": self._name, "options": self._options}

    def explain(self, questions: Sequence[Question]) -> Mapping[str, Any]:
        """Where the servers are, without what else an address may hold."""
        return {"servers": [urlsplit(url).netloc.rpartition("@")[2] for url in self._config.base_urls]}

    def plan(self, questions: Sequence[Question]) -> list[Unit]:
        """Every question for itself."""
        return plan_singly(questions)

    def answer(self, units: Sequence[Unit]) -> Iterator[Reply]:
        """A reply each, as they arrive; a question that the server refuses is an error, a dead server stops the run."""
        with asyncio.Runner() as runner:
            stream = self._stream([question for (question,) in units])
            try:
                while (reply := runner.run(_take_next(stream))) is not None:
                    yield reply
            finally:
                runner.run(_close(stream))

    async def _stream(self, questions: Sequence[Question]) -> AsyncIterator[Reply]:
        waiting = iter(questions)
        arrived: asyncio.Queue[Reply | None] = asyncio.Queue()

        async def work(endpoint: Endpoint) -> None:
            for question in waiting:
                await arrived.put(await self._ask(endpoint, question))

        async with Endpoint(self._config) as endpoint:
            crew = asyncio.gather(*(work(endpoint) for _ in range(min(self._config.concurrency, len(questions)))))
            crew.add_done_callback(lambda _: arrived.put_nowait(None))
            try:
                while (reply := await arrived.get()) is not None:
                    yield reply
                await crew
            finally:
                crew.cancel()
                await asyncio.gather(crew, return_exceptions=True)

    async def _ask(self, endpoint: Endpoint, question: Question) -> Reply:
        try:
            urls = await asyncio.to_thread(encode_images, question)
            completion = await endpoint.complete(self._make_request(question, urls))
            return Reply(question, read_spoken(completion.answers[0]))
        except RejectError as error:
            return Reply(question, error=str(error))

    def _make_request(self, question: Question, urls: Sequence[str]) -> ChatRequest:
        system = ({"role": "system", "content": question.system},) if question.system else ()
        images: list[dict[str, Any]] = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
        text: list[dict[str, Any]] = [{"type": "text", "text": question.text}]
        content = text + images if question.is_text_first else images + text
        return ChatRequest(
            model=self._name,
            messages=(*system, {"role": "user", "content": content}),
            options=self._options,
        )


def read_spoken(answer: Answer) -> str:
    """What a model said to a question, as that of a local checkpoint is taken: cut it is read as far as it goes.

    Raises:
        RejectError: filtered, broken off, or nothing but thoughts.
    """
    if answer.refusal and not answer.content.strip():
        return answer.refusal
    is_said = bool(answer.content.strip()) or not answer.reasoning
    return answer.content if is_said and answer.finish in (STOP, LENGTH) else answer.read()


def encode_images(question: Question) -> list[str]:
    """The question's pictures, each as the data URL of a PNG.

    Raises:
        ImageError: one cannot be read.
    """
    return list(map(_encode, question.load_images()))


def _encode(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getbuffer()).decode()


async def _take_next(stream: AsyncIterator[Reply]) -> Reply | None:
    return await anext(stream, None)


async def _close(stream: AsyncIterator[Reply]) -> None:
    await stream.aclose()  # type: ignore[attr-defined] # an async generator has it


def open_endpoint(settings: EvalSettings, bench: Bench, max_new_tokens: int) -> EndpointModel:
    """The servers of the addresses.

    Raises:
        UsageError: the model's name is not given.
    """
    if not settings.model_name:
        raise UsageError("--model-name is required with an endpoint: what the server calls its model")
    urls = tuple(url.strip().rstrip("/") for url in settings.model.split(",") if url.strip())
    config = EndpointConfig(base_urls=urls, concurrency=settings.concurrency, key_variable=settings.key_variable)
    return EndpointModel(config, settings.model_name, max_new_tokens, settings.options)


KIND = ModelKind(open_endpoint)
