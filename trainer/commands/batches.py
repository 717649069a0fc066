"""What passes through a device in an epoch: tokens, padding, and its largest batches."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.data.prepare import Prepared
from trainer.model.memory import Batch
from trainer.recipe import StagePart
from trainer.stages.arguments import Cut
from trainer.stages.order import order_epoch


@dataclass(frozen=True)
class Traffic:
    """The batches of the first epoch, all devices together.

    Attributes:
        tokens: of all samples, images widened, padding left out; supervised: those learned from.
        positions: with padding, and with the filler of the last step.
        steps: optimizer steps of an epoch.
        sizes, learned: (batches,) positions and supervised tokens of each batch; samples: in each.
    """

    tokens: int
    supervised: int
    positions: int
    steps: int
    samples: int
    is_accumulated: bool
    sizes: NDArray[np.int64]
    learned: NDArray[np.int64]

    def count_steps(self, epochs: float) -> int:
        """Optimizer steps of so many epochs, as Hugging Face's trainer counts them."""
        return math.ceil(self.steps * epochs)

    def list_largest(self) -> list[Batch]:
        """The batches of the most positions and of the most supervised tokens: one of the two needs the most memory."""
        places = {int(self.sizes.argmax()), int(self.learned.argmax())}
        return [
            Batch(self.samples, float(self.sizes[place]), float(self.learned[place]), self.is_accumulated)
            for place in places
        ]


def measure_traffic(prepared: Prepared, part: StagePart, seed: int, cut: Cut) -> Traffic:
    """Cut the first epoch into batches as training does."""
    order = order_epoch(prepared.lengths, seed, 0, part.global_batch, part.length_grouping)
    lengths = np.append(prepared.lengths, prepared.lengths.min()).astype(np.int64)[order]
    learned = np.append(prepared.count_supervised(), 0)[order]
    rows = lengths.reshape(-1, cut.device_batch)
    sizes = rows.max(axis=1) * cut.device_batch
    return Traffic(
        tokens=int(prepared.lengths.sum()),
        supervised=prepared.supervised_tokens,
        positions=int(sizes.sum()),
        steps=len(order) // part.global_batch,
        samples=cut.device_batch,
        is_accumulated=cut.accumulation > 1,
        sizes=sizes,
        learned=learned.reshape(-1, cut.device_batch).sum(axis=1),
    )
