"""The paper's peers as model types of transformers: ImageBind's trunk, PandaGPT, ImageBind-LLM.

Importing this package makes the types known; `--plugin trainer.model.baselines` does so for `itb`.
"""

from trainer.model.baselines.imagebind import ImageBind, ImageBindConfig
from trainer.model.baselines.imagebind_llm import ImageBindLlm, ImageBindLlmConfig
from trainer.model.baselines.pandagpt import PandaGpt, PandaGptConfig
from trainer.model.baselines.pixels import ImageBindImageProcessor
from trainer.model.baselines.processing import ImageBindLlmProcessor, PandaGptProcessor

__all__ = [
    "ImageBind",
    "ImageBindConfig",
    "ImageBindImageProcessor",
    "ImageBindLlm",
    "ImageBindLlmConfig",
    "ImageBindLlmProcessor",
    "PandaGpt",
    "PandaGptConfig",
    "PandaGptProcessor",
]
