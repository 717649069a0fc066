"""Images in questions: as pixels where they are sent, by their path in the run where they are kept."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tools.endpoint.messages import ChatRequest

IMAGE_MARK = "run-image:"
"""Before the path of an image in the run, where the pixels are to stand."""


def read_data_url(path: Path) -> str:
    """A PNG file as a `data:` URL."""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()


def refer_to_image(request: ChatRequest, image: str | None) -> ChatRequest:
    """A question with its image by name: pixels are large, and the run has them."""
    return request if image is None else _change(request, lambda _: IMAGE_MARK + image)


def fill_images(request: ChatRequest, run: Path) -> ChatRequest:
    """A question as it is sent, with the pixels of the images that it names.

    Raises:
        OSError: an image is not there any more.
    """
    return _change(request, lambda url: read_data_url(run / url.removeprefix(IMAGE_MARK)))


def list_images(request: ChatRequest) -> list[str]:
    """The images that a question names, by their path in the run."""
    found: list[str] = []

    def note(url: str) -> str:
        found.append(url.removeprefix(IMAGE_MARK))
        return url

    _change(request, note)
    return found


def _change(request: ChatRequest, change: Callable[[str], str]) -> ChatRequest:
    """Every address of an image changed."""
    if all(isinstance(message["content"], str) for message in request.messages):
        return request
    return request.model_copy(update={"messages": tuple(_change_message(item, change) for item in request.messages)})


def _change_message(message: Mapping[str, Any], change: Callable[[str], str]) -> Mapping[str, Any]:
    if isinstance(message["content"], str):
        return message
    parts = [
        {**part, "image_url": {"url": change(part["image_url"]["url"])}} if "image_url" in part else part
        for part in message["content"]
    ]
    return {**message, "content": parts}
