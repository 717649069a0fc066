"""Before and after: what a try-out changed, in texts and in figures."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from agents.conversation.results import Result
from agents.conversation.tallies import LeakFinder, tally_leaks
from agents.output.report.words import Segment, clip, clip_text, diff_words
from tools.endpoint.prices import Prices
from tools.prompts.lexicon import Lexicon
from tools.records import Debate, Objection

Texts = Mapping[str, str]


class Figures(NamedTuple):
    """What came of some images.

    Attributes:
        accepted: instructions.
        leaks: words of captions and accepted answers that the modality cannot show, by the run's own lexicon.
        objections: of the debate agent, to captions and to instructions.
        rounds: attempts at instructions.
        tokens: of all replies, stored ones too.
        usd: what they cost, None where a model has no price.
    """

    captions: int
    accepted: int
    leaks: int
    objections: int
    rounds: int
    tokens: int
    usd: float | None


class TextPair(NamedTuple):
    """A text before and after, with what changed marked.

    Attributes:
        note: what else is to be said of it, e.g. how many rounds it took.
    """

    name: str
    before: tuple[Segment, ...]
    after: tuple[Segment, ...]
    is_changed: bool
    note: str = ""


class ImageChange(NamedTuple):
    """One image before and after."""

    id: str
    before: Figures
    after: Figures
    captions: tuple[TextPair, ...]
    instructions: tuple[TextPair, ...]
    objections_before: tuple[Objection, ...]
    objections_after: tuple[Objection, ...]
    reject: str

    @property
    def is_changed(self) -> bool:
        """Whether a text of it is another one."""
        return any(pair.is_changed for pair in (*self.captions, *self.instructions))


class Measure:
    """Counts both sides alike.

    Args:
        lexicon: of the run's pack without edits.
        prices: for what replies cost.
    """

    def __init__(self, lexicon: Lexicon, prices: Prices) -> None:
        self._lexicon = lexicon
        self._prices = prices

    def count(self, results: Iterable[Result]) -> Figures:
        """The figures of some images."""
        found = tuple(results)
        usage = [used for result in found for used in result.usage]
        return Figures(
            captions=sum(len(result.pairs) for result in found),
            accepted=sum(debate.is_accepted for result in found for debate in result.debates),
            leaks=sum(map(self._count_leaks, found)),
            objections=sum(len(list_objections(result)) for result in found),
            rounds=sum(len(debate.rounds) for result in found for debate in result.debates),
            tokens=sum(used.prompt_tokens + used.completion_tokens for used in usage),
            usd=self._prices.sum_usd(usage),
        )

    def _count_leaks(self, result: Result) -> int:
        finder = LeakFinder(self._lexicon, is_measured=result.evidence is not None)
        return sum(tally.after + tally.assistant for tally in tally_leaks(result.pairs, result.debates, finder))

    def compare(self, before: Result, after: Result) -> ImageChange:
        """One image before and after."""
        captions = ({pair.id: pair.caption for pair in side.pairs} for side in (before, after))
        debates = ({debate.id: debate for debate in side.debates} for side in (before, after))
        return ImageChange(
            before.image_id,
            self.count([before]),
            self.count([after]),
            _pair_texts(*captions),
            _pair_debates(*debates),
            list_objections(before),
            list_objections(after),
            "" if after.reject is None else f"{after.reject.stage}: {after.reject.code}: {after.reject.reason}",
        )


def list_objections(result: Result) -> tuple[Objection, ...]:
    """All objections to an image's captions and instructions, in their order."""
    found = [one for made in result.caption_rounds for item in made.objected for one in item.objections]
    found += [one for debate in result.debates for made in debate.rounds for one in made.verdict.objections]
    shown = ({"quote": clip_text(one.quote), "reason": clip_text(one.reason)} for one in found)
    return tuple(one.model_copy(update=texts) for one, texts in zip(found, shown, strict=True))


def _pair_texts(before: Texts, after: Texts, notes: Texts | None = None) -> tuple[TextPair, ...]:
    names = dict.fromkeys([*before, *after])
    return tuple(_pair(name, before.get(name, ""), after.get(name, ""), (notes or {}).get(name, "")) for name in names)


def _pair(name: str, before: str, after: str, note: str) -> TextPair:
    diff = diff_words(before, after)
    return TextPair(name, clip(diff.before), clip(diff.after), before != after, note)


def _pair_debates(before: dict[str, Debate], after: dict[str, Debate]) -> tuple[TextPair, ...]:
    notes = {name: f"{_say(before.get(name))} → {_say(after.get(name))}" for name in dict.fromkeys([*before, *after])}
    texts = [{name: _write(debate) for name, debate in side.items()} for side in (before, after)]
    return _pair_texts(texts[0], texts[1], notes)


def _say(debate: Debate | None) -> str:
    if debate is None:
        return "none"
    return f"{'accepted' if debate.is_accepted else 'failed'} in round {len(debate.rounds)}"


def _write(debate: Debate) -> str:
    """The last attempt as one text."""
    marks = {"user": "Q", "assistant": "A"}
    return "\n".join(f"{marks[message.role]}: {message.content}" for message in debate.rounds[-1].messages)
