"""What is known of an image beyond captions and boxes, in words: the same lines for the writer and for the judge.

    notes = Noting(pack, lexicon).note(boxes, evidence)
    notes.facts[0]      # "the person farthest to the left is brighter than what surrounds them (AUC 0.93)"

The words are the pack's (`template/measured.yaml`), the first of each list; things are named by what singles them out,
never by coordinates. A box that a model proposed is named as one of its kind, for others may be there.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from agents.backends.template.claims import Claim, list_claims
from agents.backends.template.referents import Referent, make_referent
from agents.backends.template.scene import group_boxes
from agents.backends.template.wordings import FOLDER, MEASURED_FILE, Wordings, load_wordings
from agents.english.categories import name_label
from tools.evidence import Evidence, Fact
from tools.inflection import choose_article
from tools.prompts.lexicon import Lexicon
from tools.records import Box, Record

MOST_OF_A_KIND: Final = 8
"""Lines of one kind: a street of twelve cars would fill a prompt with pairs."""
MOST_LINES: Final = 24
_IN_DEGREES: Final = "degrees"


class Notes(Record):
    """What was measured in one image.

    Attributes:
        facts: clauses without capital and full stop, nothing in degrees.
        degrees: clauses in degrees Celsius; a text may use one where its question gives the range of the picture.
        bright_is_warm: bright may be called warm.
        low, high: what black and white of the picture stand for, in degrees Celsius, where that is known.
    """

    facts: tuple[str, ...]
    degrees: tuple[str, ...] = ()
    bright_is_warm: bool = False
    low: float | None = None
    high: float | None = None

    @property
    def has_lines(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.facts or self.degrees)


class Noting:
    """Puts evidence into the words of a pack; one without words for it has none to give."""

    def __init__(self, pack: Path, lexicon: Lexicon) -> None:
        """Read the words.

        Raises:
            UsageError: a file of them is not as its head describes.
        """
        self._lexicon = lexicon
        self._wordings = load_wordings(pack) if (pack / FOLDER / MEASURED_FILE).is_file() else None

    def note_lines(self, boxes: Sequence[Box], evidence: Evidence | None) -> Notes | None:
        """As `note`, None too where nothing that was measured can be stated."""
        notes = self.note(boxes, evidence)
        return notes if notes is not None and notes.has_lines else None

    def note(self, boxes: Sequence[Box], evidence: Evidence | None) -> Notes | None:
        """What was measured; None where nothing was, as in a photograph's translation.

        Args:
            boxes: in the order in which the evidence counts them, those that a model proposed last.
        """
        if evidence is None or self._wordings is None:
            return None
        labelled = [box for box in boxes if box.source == "dataset"]
        groups = group_boxes(labelled, self._lexicon, ())
        claims = list_claims(evidence, labelled, groups)
        lines = [(claim, _say(self._wordings, claim)) for claim in _choose(claims)]
        facts = [line for claim, line in lines if line and _IN_DEGREES not in claim.slots]
        facts += _note_proposed(self._wordings, boxes, evidence)
        low, high = evidence.shown or (None, None)
        return Notes(
            facts=tuple(dict.fromkeys(facts)),
            degrees=tuple(line for claim, line in lines if line and _IN_DEGREES in claim.slots),
            bright_is_warm=evidence.bright_is_warm,
            low=None if low is None else round(low, 1),
            high=None if high is None else round(high, 1),
        )


def _choose(claims: Sequence[Claim]) -> list[Claim]:
    counts: dict[str, int] = {}
    chosen: list[Claim] = []
    for claim in claims:
        counts[claim.kind] = counts.get(claim.kind, 0) + 1
        if counts[claim.kind] <= MOST_OF_A_KIND and len(chosen) < MOST_LINES:
            chosen.append(claim)
    return chosen


def _say(wordings: Wordings, claim: Claim) -> str:
    options = wordings.lists.get(f"measured.{claim.key}", ())
    slots: Mapping[str, str] = claim.slots
    if "place" in slots:
        slots = {**slots, "where": wordings.lists[f"places.{slots['place']}"][0]}
    return options[0].format_map(slots) + _say_sureness(claim.values) if options else ""


def _say_sureness(values: Mapping[str, float]) -> str:
    return f" (AUC {values['auc']:.2f})" if "auc" in values else ""


def _note_proposed(wordings: Wordings, boxes: Sequence[Box], evidence: Evidence) -> Iterator[str]:
    """Facts of the boxes that a model proposed."""
    for fact in evidence.facts:
        box = boxes[fact.subject] if fact.subject is not None and fact.subject < len(boxes) else None
        if box is not None and box.source == "model" and fact.kind == "surroundings":
            line = wordings.lists[f"measured.{fact.relation}"][0].format_map(_name_proposed(box).slots)
            yield line + _say_sureness(_keep_auc(fact))


def _keep_auc(fact: Fact) -> Mapping[str, float]:
    return {name: value for name, value in fact.values.items() if name == "auc"}


def _name_proposed(box: Box) -> Referent:
    """`a person`: nobody knows which others there are."""
    noun = name_label(box.label)[0]
    return make_referent(box.label, f"{choose_article(noun)} {noun}")
