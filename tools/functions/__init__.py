"""The two tools of the caption agent, directly and as AutoGen FunctionTools: `translate_image` and `score_captions`."""

from tools.functions.autogen import WorkbenchTools, make_function_tools
from tools.functions.batches import Batcher
from tools.functions.image_tools import ImageTools, MadeImage
from tools.functions.places import image_path, is_image_path

__all__ = [
    "Batcher",
    "ImageTools",
    "MadeImage",
    "WorkbenchTools",
    "image_path",
    "is_image_path",
    "make_function_tools",
]
