"""How far two trainings may lie apart that differ in nothing but the order of their sums; see `tolerances`.

Adam moves a weight by the rate times g / |g|. Where a gradient g is small beside its error, that is anything from -rate
to rate: single weights may lie twice the rate apart at every step, so a bound on the largest difference says nothing.
There are few of them. With gradients spread normally around zero and a relative error r, the mean difference is
2 r (1 + log(1 / r)) of the rate, and the mean square 6.4 r of its square (`test_tolerances` draws both).

Rates are to be small here, 1e-4 or so: large steps change the next gradients altogether, and errors with them.
"""

import math
from pathlib import Path
from typing import Any, NamedTuple

from tiny_run import read_losses, read_weights
from tolerances import DEVIATIONS, float_tolerance, layers_tolerance

RATE = 1e-4


def measure_adam_mean(noise: float) -> float:
    """Mean difference of two steps of Adam, in units of the rate, for gradients with a relative error."""
    return 2 * noise * (1 + math.log(1 / noise))


def measure_adam_square(noise: float) -> float:
    """Mean square of the same."""
    return 6.4 * noise


class TrainingBounds(NamedTuple):
    """The bounds of a training.

    Attributes:
        config: of the language model.
        tokens: of a batch, about; so many terms has a weight's gradient.
        logits: what those of the untrained model stay below.
        rate: largest learning rate.
    """

    config: Any
    tokens: int = 512
    logits: float = 1.0
    rate: float = RATE

    @property
    def noise(self) -> float:
        """Relative error of a gradient; the way back is twice as long as the way there."""
        return math.sqrt(3) * layers_tolerance(self.config, 1.0, self.tokens)

    def bound_loss(self, step: int, loss: float, norm: float) -> float:
        """Between losses of the step, counted from 1, for a gradient of length `norm`."""
        forward = layers_tolerance(self.config, self.logits, self.tokens) + float_tolerance(loss)
        return forward + self._bound_shift(step, norm)

    def bound_norm(self, step: int, norm: float) -> float:
        """Between gradient norms of the step."""
        return norm * self.noise + self._bound_shift(step, norm)

    def bound_weights(self, weights: Any, steps: int) -> float:
        """On the mean difference of a tensor after `steps` steps, each of which rounds every weight."""
        rounding = float_tolerance(float(weights.abs().mean()), steps)
        return self.rate * steps * measure_adam_mean(self.noise) + rounding

    def _bound_shift(self, step: int, norm: float) -> float:
        """What moved weights do to a loss: it follows the gradient, with which their errors have nothing to do."""
        return DEVIATIONS * norm * self.rate * (step - 1) * math.sqrt(measure_adam_square(self.noise))


def check_close(found: Path, expected: Path, bounds: TrainingBounds) -> None:
    """Two trainings of the same, by their logs and their models; a step's samples taken for another's would show."""
    ours, theirs = read_losses(found), read_losses(expected)
    assert set(ours) == set(theirs)
    for step, (loss, norm) in theirs.items():
        bound = bounds.bound_loss(step, loss, norm)
        assert abs(ours[step][0] - loss) < bound, step
        assert abs(ours[step][1] - norm) < bounds.bound_norm(step, norm), step
        assert min(abs(other - loss) for at, (other, _) in theirs.items() if at != step) > 10 * bound
    old, new = read_weights(expected / "model"), read_weights(found / "model")
    assert set(old) == set(new)
    for name, weights in old.items():
        assert (new[name] - weights).abs().mean() < bounds.bound_weights(weights, len(theirs)), name
