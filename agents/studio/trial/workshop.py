"""The try-outs of one studio: edits in, cost or changes out; nothing of one stays but its replies."""

import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from agents.backends.usage import Usage
from agents.conversation.results import Result
from agents.studio.trial.base import TrialBase
from agents.studio.trial.compare import Figures, ImageChange, Measure
from agents.studio.trial.cost import Estimate, estimate
from agents.studio.trial.edits import Edits, make_pack, save_pack
from agents.studio.trial.run import Trial, check_images, list_mined, run_trial
from tools.endpoint.prices import load_prices
from tools.errors import UsageError
from tools.files.inside import real_path
from tools.prompts.lexicon import load_lexicon
from tools.registry import BACKENDS

OFFERED = ("template", "recorded")
"""Backends that any run can be tried with, besides its own."""


class Comparison(NamedTuple):
    """What a try-out changed.

    Attributes:
        is_stored: the side before is the run's own; else it was held again with the pack as it is.
        asked: what was asked anew, by model.
        asked_usd: what that cost, None where a model has no price.
    """

    before: Figures
    after: Figures
    images: tuple[ImageChange, ...]
    is_stored: bool
    asked: tuple[Usage, ...]
    asked_usd: float | None


class Workshop:
    """Try-outs on one run.

    Args:
        base: the run.
        folder: where replies are kept.
        is_confined: packs are saved only below the folder that the studio was started in.
    """

    def __init__(self, base: TrialBase, folder: Path, *, is_confined: bool = False) -> None:
        self.base = base
        self._folder = folder
        self._is_confined = is_confined
        self._one_at_a_time = threading.Lock()

    def list_backends(self) -> tuple[str, ...]:
        """What can think: the run's own backend first."""
        return tuple(dict.fromkeys([self.base.backend, *OFFERED]))

    def estimate(self, images: Sequence[str], edits: Edits, backend: str) -> Estimate:
        """What a try-out would cost.

        Raises:
            UsageError: the edited pack is not sound, or the images cannot be tried.
        """
        with self._prepare(images, edits, backend) as (trial, plain), self._one_at_a_time:
            return estimate(self.base, [trial, *([plain] if plain else [])], self._folder)

    def compare(self, images: Sequence[str], edits: Edits, backend: str) -> Comparison:
        """Do a try-out, and set it beside the run.

        Raises:
            ToolkitError: what stops a run, or see `estimate`.
        """
        with self._prepare(images, edits, backend) as (trial, plain), self._one_at_a_time:
            held = run_trial(self.base, plain, self._folder) if plain else None
            tried = run_trial(self.base, trial, self._folder)
            before = held.results if held else self._read(trial.images)
            prices = load_prices(self.base.make_config(trial.pack, backend).prices)
            asked = (*(held.asked if held else ()), *tried.asked)
        measure = Measure(load_lexicon(self.base.pack), prices)
        changes = tuple(measure.compare(one, other) for one, other in zip(before, tried.results, strict=True))
        figures = measure.count(before), measure.count(tried.results)
        return Comparison(*figures, changes, held is None, asked, prices.sum_usd(asked))

    def save(self, edits: Edits, target: str) -> Path:
        """Write the edited pack into a new folder.

        Raises:
            UsageError: no folder is named, it is not empty, or it lies where nothing may be saved from afar.
        """
        if not target.strip():
            raise UsageError("name a new folder to save the pack in")
        path = Path(target.strip()).expanduser()
        if self._is_confined and not real_path(path).is_relative_to(real_path(Path.cwd())):
            raise UsageError(f"{path}: from another machine a pack is saved only below the folder the studio runs in")
        return save_pack(self.base.pack, edits, list_mined(self.base), path)

    @contextmanager
    def _prepare(self, images: Sequence[str], edits: Edits, backend: str) -> Iterator[tuple[Trial, Trial | None]]:
        """The try-out; and the other side of it, where the run itself is not that."""
        chosen = check_images(images)
        self._folder.mkdir(parents=True, exist_ok=True)
        if backend not in self.list_backends():
            raise UsageError(f"{backend}: is none of {', '.join(self.list_backends())}")
        is_paid = not BACKENDS.get_trait(backend, "is_embedded")
        is_stored = (
            backend == self.base.backend and self.base.is_same_pack and (is_paid or self.base.is_same_code)
        )  # what code says costs nothing, so after an upgrade both sides are today's
        with tempfile.TemporaryDirectory(prefix="studio-pack-") as folder:
            pack = make_pack(self.base.pack, edits, Path(folder) / self.base.pack.name)
            yield Trial(chosen, backend, pack, edits), None if is_stored else Trial(chosen, backend, self.base.pack)

    def _read(self, images: Sequence[str]) -> tuple[Result, ...]:
        found = (self.base.run.store.find_result(name) for name in images)
        return tuple(result for result in found if result is not None)
