"""Notes as text, by the pack's prompt `notes.md`: the same words for whoever is told of an image; the list of faults.

tell_notes(prompt, Known(captions, boxes), words)     # "Captions:", the captions, "Boxes:", "- dog: 2, at ...", ...
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agents.backends.notes import Notes
from agents.backends.noting.boxes import group_boxes
from agents.backends.noting.contradictions import find_contradictions
from tools.prompts.lexicon import Lexicon
from tools.prompts.pack_records import CheckWords
from tools.prompts.prompt import Prompt
from tools.records import Box, Record


class Known(NamedTuple):
    """What is known of an image.

    Attributes:
        captions: none while the image has none.
        boxes: those that a model proposed are told of in the evidence alone.
        evidence: what was measured, in words.
        is_raw: boxes are listed one by one, and nothing is compared.
    """

    captions: Sequence[str]
    boxes: Sequence[Box]
    evidence: Notes | None = None
    is_raw: bool = False


class FaultKind(Record):
    """A category that a check or the judge may name, and what it is."""

    category: str
    what: str


def list_faults(lexicon: Lexicon) -> tuple[FaultKind, ...]:
    """Every category that a check can name, in the lexicon's order; those of any modality last."""
    return tuple(FaultKind(category=name, what=what) for name, what in lexicon.list_faults().items())


def list_hidden(lexicon: Lexicon) -> tuple[FaultKind, ...]:
    """What the modality cannot show."""
    return tuple(kind for kind in list_faults(lexicon) if kind.category in lexicon.categories)


def list_labelled(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """The dataset's boxes, without those that a model proposed."""
    return tuple(box for box in boxes if box.source == "dataset")


def list_note_inputs(known: Known, words: CheckWords) -> Mapping[str, object]:
    """What the prompt of the notes is filled with."""
    grouped = group_boxes(() if known.is_raw else known.boxes)
    compared = () if known.is_raw else find_contradictions(known.captions, grouped.list_all(), words)
    return {
        "captions": known.captions,
        "groups": grouped.groups,
        "others": grouped.others,
        "contradictions": compared,
        "bboxes": list_labelled(known.boxes),
        "is_raw": known.is_raw,
        "evidence": known.evidence,
    }


def tell_notes(prompt: Prompt | None, known: Known, words: CheckWords) -> str:
    """The notes on an image; empty in a pack that has no prompt for them."""
    if prompt is None:
        return ""
    given = list_note_inputs(known, words)
    return prompt.render(**{name: given[name] for name in prompt.inputs})[-1].content
