"""What a reply reader is: how answers of one form are read, judged, listed and guessed. One module a form.

class Colour(ReplyReader):
    ...
READER = Colour()
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from itb.answers.reading import Reading
from itb.records import Item

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

CountRange = tuple[int, int] | None


class ReplyReader(ABC):
    """Reads and judges answers of one form; what is not overridden suits answers that are right when they are equal.

    Attributes:
        is_choice: whether a question offers its answers: such questions should stand in balanced blocks, and blind
            answers to them are held against chance.
        is_count: whether answers are whole numbers within a range, so that a report says how far they are off.
        is_exact: whether right means equal; else a baseline picks the answer that is right most often.
        guess: what is answered when nothing at all is known.
        request: how the answer is asked for, where the pack's `ask.md` has no line for this form.
    """

    is_choice: ClassVar[bool] = False
    is_count: ClassVar[bool] = False
    is_exact: ClassVar[bool] = True
    guess: ClassVar[str] = ""
    request: ClassVar[str] = ""

    @abstractmethod
    def read_strictly(self, text: str, question: "Question") -> Reading:
        """The answer of a tidied reply that holds nothing but the form that was asked for."""

    @abstractmethod
    def read(self, text: str, question: "Question") -> Reading:
        """The answer of a tidied reply, also in a sentence; never a guess."""

    def find_trouble(self, item: Item) -> str:
        """Why no reply could be judged by an item, in a few words; empty when one can."""
        return ""

    def is_right(self, item: Item, answer: str) -> bool:
        """Whether an answer that was read is the item's."""
        return answer == item.answer

    def list_candidates(self, options: Sequence[str], count_range: CountRange) -> tuple[str, ...]:
        """Every answer that can be given, where they can be listed: what chance draws from and likelihoods compare.

        Args:
            options: of the question, in the order shown.
            count_range: least and largest count that the benchmark states.
        """
        return ()

    def say(self, answer: str, options: Sequence[str]) -> tuple[str, ...]:
        """The texts that say an answer, the most usual first."""
        return (answer,)

    def order(self, answer: str) -> float | str:
        """What answers are sorted by, where they have to be put in some order."""
        return answer
