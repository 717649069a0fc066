"""What an experiment is made of. Fixed on the development seed before the test scenes are rendered."""

from dataclasses import dataclass

KINDS = "road,field,shore,indoor,aerial"
SIZE = "224x176"
TOWER_SIDE = 112
DEVELOPMENT_SEED, TEST_SEED = 100, 900
TEST_SENSOR = ("--noise", "0.25", "--row-noise", "0.12", "--blur", "1.1")
"""Another camera than the one whose images the thermal tower was distilled from (the default of `tools scenes`)."""


@dataclass(frozen=True)
class Settings:
    """One size of the experiment.

    Attributes:
        seeds: training seeds: scenes, weights and order of data.
        development_scenes: for the thermal tower and the language model; shared by all seeds and arms.
        train_scenes: of each seed; test_scenes: shared.
        questions: of each task asked in the end, at most.
        instructions: share of the images that the agents write instructions about.
    distill_steps, reading_steps: of the tower and of the language model.
        align_steps: of each alignment; sft_epochs: passes over the instructions.
        has_ablation: whether the agents' arms are trained and scored too.
    """

    name: str
    seeds: tuple[int, ...]
    development_scenes: int
    train_scenes: int
    test_scenes: int
    questions: int
    instructions: str
    distill_steps: int
    reading_steps: int
    align_steps: int
    sft_epochs: float
    has_ablation: bool = True

    @property
    def is_quick(self) -> bool:
        """Whether only to see that everything runs."""
        return self.name != "full"


FULL = Settings("full", (1, 2, 3), 1500, 1000, 1200, 120, "10%", 250, 1500, 150, 3.0)
QUICK = Settings("quick", (1,), 100, 60, 400, 30, "30%", 8, 150, 10, 2.0)
