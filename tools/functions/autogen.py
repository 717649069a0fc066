"""The caption agent's two tools as AutoGen FunctionTools, and their calls through a workbench."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tools.errors import RejectError, ToolkitError
from tools.evidence import Evidence
from tools.functions.image_tools import ImageTools, MadeImage
from tools.prompts.pack_records import ToolText
from tools.records import Box

if TYPE_CHECKING:
    from autogen_core.tools import FunctionTool, Workbench


def make_function_tools(tools: ImageTools, text: ToolText) -> "list[FunctionTool]":
    """Both tools as AutoGen FunctionTools; results come back as JSON text, rejects as `{"code", "reason"}`.

    Args:
        text: what a model is told about each, from the modality pack.
    """
    from autogen_core.tools import FunctionTool

    async def translate_image(photo: str, image_id: str, boxes: list[Box]) -> str:
        try:
            made = await tools.translate_image(photo, image_id, boxes)
            evidence = made and made.evidence and made.evidence.model_dump(mode="json")
            return json.dumps({"image": made and made.path, "evidence": evidence})
        except RejectError as error:
            return json.dumps({"code": error.code, "reason": str(error)})

    async def score_captions(image: str | None, captions: list[list[str]]) -> str:
        return json.dumps({"scores": await tools.score_captions(image, captions)})

    return [
        FunctionTool(translate_image, text.translate),
        FunctionTool(score_captions, text.score),
    ]


class WorkbenchTools:
    """The caption agent's tools, called through an AutoGen workbench as an LLM's tool calls would be."""

    def __init__(self, workbench: "Workbench") -> None:
        self._workbench = workbench

    async def translate_image(self, photo: str, image_id: str, boxes: Sequence[Box]) -> MadeImage | None:
        """As `ImageTools.translate_image`."""
        reply = await self._call(
            "translate_image",
            {"photo": photo, "image_id": image_id, "boxes": [box.model_dump() for box in boxes]},
        )
        if "code" in reply:
            raise RejectError(reply["code"], reply["reason"])
        if reply["image"] is None:
            return None
        evidence = reply["evidence"]
        return MadeImage(str(reply["image"]), evidence and Evidence.model_validate(evidence))

    async def score_captions(self, image: str | None, captions: Sequence[Sequence[str]]) -> list[list[float]]:
        """As `ImageTools.score_captions`."""
        groups = [list(group) for group in captions]
        reply = await self._call("score_captions", {"image": image, "captions": groups})
        return [[float(score) for score in group] for group in reply["scores"]]

    async def _call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        result = await self._workbench.call_tool(name, arguments)
        if result.is_error:
            raise ToolkitError(f"the tool {name} failed: {result.to_text()}")
        parsed: dict[str, Any] = json.loads(result.to_text())
        return parsed
