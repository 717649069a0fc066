"""Every command that only reads, with what it is called with: it has to leave all that it reads as it is.

With tests/writing_commands.py these are all commands, so that one that writes cannot be forgotten there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kill_points import Ended, call_forked
from writing_commands import FIXED, Inputs

from tools.prompts import DEFAULT_PACK

ONE = (*FIXED, "--workers", "0", "--limit", "1")


@dataclass(frozen=True)
class Reading:
    """A command that reads.

    Attributes:
        command: as a user types it behind `python -m`.
        arguments: from what the inputs hold.
        code: what it ends with.
    """

    command: str
    arguments: Callable[[Inputs], tuple[object, ...]]
    code: int = 0

    def __str__(self) -> str:
        return self.command

    def prepare(self, inputs: Inputs) -> None:
        """Make what it reads: what it is pointed at, and the packs, which stand where a command is called."""
        self.arguments(inputs)
        inputs.draw("prompts", lambda path: path.symlink_to(DEFAULT_PACK.parent.resolve()))

    def call(self, inputs: Inputs) -> Ended:
        """Call it in a forked process, in the folder of its inputs, where nothing of it should come to be."""
        program, *verb = self.command.split()
        words = (*verb, *map(str, self.arguments(inputs)))
        return call_forked(program, words, inputs.root, is_inside=True)


READS = (
    Reading("agents prompts list", lambda inputs: ()),
    Reading("agents prompts check", lambda inputs: ()),
    Reading("agents prompts render", lambda inputs: ("debate",)),
    Reading("agents rules list", lambda inputs: (inputs.run,)),
    Reading("agents rules diff", lambda inputs: (inputs.run, inputs.run)),
    Reading("agents rules score", lambda inputs: (inputs.run, "--on", inputs.coco[1], "--limit", "2")),
    Reading("agents plan", lambda inputs: (*inputs.coco, *ONE, "--out", "out")),
    Reading("agents preview", lambda inputs: ("1", *inputs.coco, *ONE[:-2], "--out", "out")),
    Reading("agents show", lambda inputs: (inputs.run, "1")),
    Reading("agents why", lambda inputs: (inputs.run, "1-0")),
    Reading("agents audit", lambda inputs: (inputs.run,)),
    Reading("agents bill", lambda inputs: (inputs.waiting,)),
    Reading("agents agreement", lambda inputs: (inputs.run,), code=3),
    Reading("tools doctor", lambda inputs: ()),
    Reading("tools seams", lambda inputs: ()),
    Reading("tools score", lambda inputs: ("--image", inputs.bench / "images/flir-0000.png", "--caption", "warm")),
    Reading("tools calibrate", lambda inputs: (inputs.run,)),
    Reading("itb sources", lambda inputs: ()),
    Reading("itb why", lambda inputs: (inputs.bench, "locate-flir-0000-0")),
    Reading("trainer", lambda inputs: ()),
    Reading("trainer.plan", lambda inputs: ("--llm-size", "7b", "--gpu", "24")),
    Reading("trainer.preview", lambda inputs: (*inputs.stage, "--model", inputs.aligned / "model")),
)
