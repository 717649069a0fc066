"""What an experiment is made of. Fixed on the development seed before the test scenes are rendered."""

from dataclasses import dataclass, replace

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
        seeds: training seeds of Tables 3 to 5 and of the agents' table: scenes, weights and order of data.
        peer_seeds: those of Tables 2a and 2b and of Figure 5.
        development_scenes: for the thermal tower and the language model; shared by all seeds and arms.
        train_scenes: of each seed; test_scenes: shared.
        questions: of each task asked in the end, at most.
        instructions: share of the images that the agents write instructions about.
    distill_steps, reading_steps: of the tower and of the language model.
        align_steps: of each alignment; sft_epochs: passes over the instructions.
        read_on_steps: of the peers' language models.
        itb_epochs: passes over the benchmark's train split (Table 2b).
        has_ablation: whether the agents' arms are trained and scored too.
        test_seed: of the scenes that are asked about.
    """

    name: str
    seeds: tuple[int, ...]
    peer_seeds: tuple[int, ...]
    development_scenes: int
    train_scenes: int
    test_scenes: int
    questions: int
    instructions: str
    distill_steps: int
    reading_steps: int
    align_steps: int
    sft_epochs: float
    read_on_steps: int
    itb_epochs: float
    has_ablation: bool = True
    test_seed: int = TEST_SEED

    @property
    def is_quick(self) -> bool:
        """Whether only to see that everything runs."""
        return self.name == "quick"

    @property
    def all_seeds(self) -> tuple[int, ...]:
        """Each once."""
        return tuple(sorted({*self.seeds, *self.peer_seeds}))

    def take_peers(self) -> "Settings":
        """Tables 2a and 2b and Figure 5 alone."""
        return replace(self, seeds=(), has_ablation=False)


FULL = Settings("full", (1, 2, 3), tuple(range(1, 9)), 1500, 1000, 1200, 120, "10%", 250, 1500, 150, 3.0, 150, 2.0)
QUICK = Settings("quick", (1,), (1,), 100, 60, 400, 30, "30%", 8, 150, 10, 2.0, 6, 2.0)
DEVELOPMENT = replace(FULL.take_peers(), name="development", peer_seeds=(11, 12), test_seed=800)
"""What settings and power were fixed on: other training seeds, other test scenes."""
