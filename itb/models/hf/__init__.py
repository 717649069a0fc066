"""Any image-text-to-text checkpoint in the Hugging Face layout, LLaVA first."""

from itb.models.hf.model import CheckpointModel, open_checkpoint

__all__ = ["CheckpointModel", "open_checkpoint"]
