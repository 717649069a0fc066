"""Every benchmark with what each finished model answered, of those seeds that are finished."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from claim.cells import CONTROLS
from claim.score import Asked, list_asked, read_arm, score_all
from claim.sets import list_benches
from claim.settings import ARMS, BASE, CONTEXT, Place, Settings
from itb.benchmark.bench import Bench, load_bench
from itb.report.scores import load_scored
from paper_mini.score import Answers, Interval, Scorer
from paper_mini.tables import show
from tools.errors import UsageError

LEAST_GROUPS = 5
"""From so many groups of images on, figures have an interval."""
MODELS = (*(arm.name for arm in ARMS), BASE, CONTEXT)


class Asking(NamedTuple):
    """One benchmark.

    Attributes:
        arms: name -> answers of all finished seeds; scorer: of the same.
        controls: chance, majority and blind -> accuracy in percent, by kind of question.
    """

    name: str
    bench: Bench
    asked: Asked
    arms: Mapping[str, Answers]
    scorer: Scorer
    controls: Mapping[str, Sequence[float]]

    def count_questions(self, kinds: Sequence[int] | None = None) -> int:
        """Of the kinds at these places; of all."""
        counts = next(iter(self.arms.values())).asked.sum(0)
        return int(counts.sum() if kinds is None else counts[list(kinds)].sum())

    @property
    def has_few_groups(self) -> bool:
        """Whether too few groups were asked about for their spread to be known."""
        return len(self.asked.groups) < LEAST_GROUPS

    def show(self, found: Interval, signed: bool = False) -> str:
        """A figure with its interval, alone where the groups are too few for one."""
        return f"{found.value:{'+' if signed else ''}.1f}" if self.has_few_groups else show(found, signed)

    def count_groups(self, kind: int) -> int:
        """Groups with a question of the kind at this place."""
        return int((next(iter(self.arms.values())).asked[:, kind] > 0).sum())


def list_finished(settings: Settings, place: Place) -> tuple[int, ...]:
    """The seeds of which every model answered every benchmark.

    Raises:
        UsageError: none is finished.
    """
    benches = list_benches(settings, place)
    names = [f"eval/{bench}/{model}" for bench in benches for model in MODELS]
    found = tuple(seed for seed in settings.seeds if all(_is_done(place, f"s{seed}/{name}") for name in names))
    if not found:
        raise UsageError(f"{place.out}: no seed is finished; run without --report to go on")
    return found


def _is_done(place: Place, cell: str) -> bool:
    return (place.out / f"marks/{cell}.json").is_file()


def list_files(settings: Settings, place: Place, bench: str, arm: str) -> list[Path]:
    """The predictions of an arm, a file a seed."""
    return [place.out / f"s{seed}/eval/{bench}/{arm}.jsonl" for seed in settings.seeds]


def read_asking(settings: Settings, place: Place, name: str) -> Asking:
    """One benchmark, with the answers of all seeds of `settings`."""
    bench = load_bench(place.out / f"test/{name}/bench")
    asked = list_asked(load_scored(place.out / f"test/{name}/{CONTROLS[0]}.jsonl", bench))
    arms = {arm: read_arm(bench, list_files(settings, place, name, arm), asked) for arm in MODELS}
    controls = {
        control: [float(rate) for rate in read_arm(bench, [place.out / f"test/{name}/{control}.jsonl"], asked).by_task]
        for control in CONTROLS
    }
    return Asking(name, bench, asked, arms, score_all(arms), controls)
