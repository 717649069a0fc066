"""The SFT trainer: TRL's SFTTrainer with our collator, loss and checkpoints."""

from trl.trainer.sft_trainer import SFTTrainer

from trainer.stages.exact import ExactMixin


class SftTrainer(ExactMixin, SFTTrainer):
    """Trains on instructions.

    TRL keeps what it does well (adapters, activation handling, metrics' plumbing). Replaced are the loss on the whole
    text, the cut at `max_length` that masks answers silently, and resume.
    """
