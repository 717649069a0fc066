"""How often texts speak of people, and give them a gender or an age, before and after each agent (paper, risks).

Nobody can tell from boxes whether a person is a man or a woman. Where the share of such words grows from the captions
of the dataset to the answers, the agents assumed it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from agents.english.people import PEOPLE, find_people
from agents.output.measured import share

if TYPE_CHECKING:
    from agents.conversation.results import Result

STAGES: Final = {
    "dataset": "captions of the dataset",
    "caption": "captions after the caption agent and the debate about them",
    "task": "instructions as they were first written",
    "debate": "accepted instructions",
}


@dataclass
class PeopleTally:
    """Texts of each stage, and how many of them have a word of each group."""

    texts: Counter[str] = field(default_factory=Counter)
    found: dict[str, Counter[str]] = field(default_factory=lambda: {stage: Counter() for stage in STAGES})

    def add(self, result: "Result") -> None:
        """Count the texts of one image."""
        for stage, text in _list_texts(result):
            self.texts[stage] += 1
            self.found[stage].update(find_people(text))

    def describe(self) -> dict[str, Any]:
        """The manifest's part `people`: share of the texts of each stage by group, stages without texts left out."""
        return {
            stage: {
                "texts": self.texts[stage],
                **{group: share(self.found[stage][group], self.texts[stage]) for group in PEOPLE},
            }
            for stage in STAGES
            if self.texts[stage]
        }


def _list_texts(result: "Result") -> Iterator[tuple[str, str]]:
    for pair in result.pairs:
        if pair.original:
            yield "dataset", pair.original
        yield "caption", pair.caption
    for debate in result.debates:
        yield "task", _join_answers(debate.rounds[0].messages)
        if debate.is_accepted:
            yield "debate", _join_answers(debate.rounds[-1].messages)


def _join_answers(messages: Any) -> str:
    return " ".join(message.content for message in messages if message.role == "assistant")
