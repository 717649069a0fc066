"""The alignment trainer: Hugging Face's, with what makes it exact."""

from transformers import Trainer

from trainer.stages.exact import ExactMixin


class AlignTrainer(ExactMixin, Trainer):
    """Trains the align layer on captions."""
