"""A model behind an OpenAI-compatible endpoint: a second one to compare with. Its answer comes in one piece."""

import asyncio
import base64
import io
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from tools.endpoint.answers import LENGTH, STOP, Answer
from tools.endpoint.client import Endpoint
from tools.endpoint.connection import EndpointConfig, split_urls
from tools.endpoint.messages import ChatRequest
from tools.errors import UsageError
from trainer.output.talk.prompting import Exchange, Wording
from trainer.output.talk.seen import Seen

ATTEMPTS = 2
"""Somebody waits for the answer."""
PRIVATE = "what it sees is the server's affair, which says nothing of it"


class ServerModel:
    """Asks a server.

    Args:
        config: how to reach it.
        model: what the server calls it.
        most_tokens: longest answer.
    """

    warning = ""

    def __init__(self, config: EndpointConfig, model: str, most_tokens: int) -> None:
        self._config, self._model = config, model
        self._options = {"temperature": 0.0, "max_tokens": most_tokens}
        self.name = f"{model} ({urlsplit(config.base_urls[0]).netloc})"

    def stream(self, history: Sequence[Exchange], wording: Wording, image: Image.Image) -> Iterator[str]:
        """The whole answer.

        Raises:
            ToolkitError: there is none.
        """
        yield asyncio.run(self._ask(history, wording, image))

    def see(self, image: Image.Image) -> Seen:
        """Nothing that is known."""
        return Seen(why_not=PRIVATE)

    async def _ask(self, history: Sequence[Exchange], wording: Wording, image: Image.Image) -> str:
        questions = [*(one.question for one in history), wording.text]
        messages: list[dict[str, Any]] = [{"role": "system", "content": wording.system}] if wording.system else []
        for place, question in enumerate(questions):
            first = [{"type": "image_url", "image_url": {"url": _encode(image)}}] if place == 0 else []
            messages.append({"role": "user", "content": [*first, {"type": "text", "text": question}]})
            messages += [{"role": "assistant", "content": one.answer} for one in history[place : place + 1]]
        request = ChatRequest(model=self._model, messages=tuple(messages), options=self._options)
        async with Endpoint(self._config) as endpoint:
            return _read((await endpoint.complete(request)).answers[0])


def open_server(value: str, model: str | None, key_variable: str, most_tokens: int) -> ServerModel:
    """The server of an address; of its models the one that is named, or its only one.

    Raises:
        UsageError: that is no address, or the server has several models and none is named.
        ToolkitError: it does not answer.
    """
    try:
        urls = split_urls(value)
    except ValueError as error:
        raise UsageError(f"--against {error}") from None
    config = EndpointConfig(base_urls=urls, attempts=ATTEMPTS, key_variable=key_variable)
    return ServerModel(config, model or asyncio.run(_find_model(config)), most_tokens)


async def _find_model(config: EndpointConfig) -> str:
    url = config.base_urls[0]
    async with Endpoint(config) as endpoint:
        found = await endpoint.list_models(url)
    if len(found) != 1:
        shown = ", ".join(found[:5]) or "none that it lists"
        raise UsageError(f"--against {url}: which of its models? Name one with --model-name ({shown})")
    return found[0]


def _encode(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(buffer.getbuffer()).decode()


def _read(answer: Answer) -> str:
    """Cut it is read as far as it goes, as a local model's is."""
    is_said = bool(answer.content.strip()) and answer.finish in (STOP, LENGTH)
    return answer.content.strip() if is_said else answer.read()
