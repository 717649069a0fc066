"""What is put into the prompts: who knows what of an image.

Writers get the rules in force and no list of what the modality cannot show; the judge alone has the whole list. Both
are told the same notes, word for word; only a judge that is shown the text alone (the paper's) has none.
"""

import functools
from collections.abc import Sequence
from typing import Final

from agents.backends import (
    CaptionRequest,
    FilterRequest,
    JudgeCaptionsRequest,
    JudgeRequest,
    MineRequest,
    WriteRequest,
)
from agents.backends.notes import Notes, Noting
from agents.backends.noting.telling import (
    FaultKind,
    Known,
    list_faults,
    list_hidden,
    list_labelled,
    tell_notes,
)
from agents.backends.parts import BackendParts
from agents.backends.settings import LlmSettings
from agents.checks.captions import find_caption_faults
from agents.checks.verify import verify
from tools.errors import RejectError
from tools.evidence import Evidence
from tools.prompts.lexicon import Lexicon
from tools.prompts.prompt import Prompt
from tools.prompts.replies import NumberedObjection
from tools.prompts.requests import load_directives
from tools.records import Box, InstructionKind, Objection, Record

OF_THE_TEXT: Final = ("coordinates", "source")
"""Faults besides those of the lexicon that a text has whatever the image."""
WITHOUT_DEGREES: Final = ("description", "reasoning")
"""Kinds whose question gives no range of temperatures, so that no answer may give a temperature."""
REMEMBERED: Final = 1024
"""Notes that are kept at hand: the judge of an image is told what its writer was."""
Values = dict[str, object]


def list_for_judge(lexicon: Lexicon, judge: str) -> tuple[FaultKind, ...]:
    """The faults that a judge can see: one that is shown the text alone cannot compare it with an image."""
    known = {*lexicon.categories, *OF_THE_TEXT}
    return tuple(kind for kind in list_faults(lexicon) if judge != "text-only" or kind.category in known)


class PromptValues:
    """Fills the prompts of one backend."""

    def __init__(self, settings: LlmSettings, parts: BackendParts, notes: Prompt | None) -> None:
        """Read the words of evidence.

        Args:
            notes: the pack's prompt of that name; a pack whose prompts list captions and boxes themselves needs none.

        Raises:
            UsageError: a file of them is not as its head describes.
        """
        self._settings = settings
        self._lexicon = parts.lexicon
        self._noting = Noting(parts.pack, parts.lexicon)
        self._notes = notes
        self._directives = load_directives(parts.pack)
        self._hidden = list_hidden(parts.lexicon)
        self._for_judge = list_for_judge(parts.lexicon, settings.judge)
        self._for_writers = self._hidden if settings.writer_list == "on" else ()
        self._tell = functools.lru_cache(maxsize=REMEMBERED)(self._compose_notes)

    def fill_filter(self, request: FilterRequest) -> Values:
        """For one caption that is edited."""
        return {
            **_take(request, "rules", "caption", "previous", "objections"),
            **self._recall(request),
            "faults": self._for_writers,
        }

    def fill_caption(self, request: CaptionRequest, image: str | None) -> Values:
        """For an image that comes without a caption."""
        noted = self._noting.note(request.boxes, request.evidence)
        return {
            "rules": request.rules,
            "bboxes": list_labelled(request.boxes),
            "notes": self._tell((), request.boxes, noted),
            "evidence": noted,
            "sees_image": image is not None,
            "faults": self._for_writers,
        }

    def fill_writer(self, request: WriteRequest) -> Values:
        """For an instruction that is written.

        Raises:
            RejectError: it is to be about what was measured, and nothing was.
        """
        noted = self._note(request.kind, request.boxes, request.evidence)
        if request.kind == "sensor" and noted is None:
            raise RejectError("nothing_to_say", "nothing that was measured in the image can be stated")
        return {
            **self._recall(request),
            "captions": request.captions,
            "requirements": request.rules,
            "bboxes": list_labelled(request.boxes),
            "notes": self._tell(request.captions, request.boxes, noted),
            "faults": self._for_writers,
            "directives": self._direct(request),
            "failures": request.objections,
            "evidence": noted,
        }

    def fill_judge(self, request: JudgeRequest) -> Values:
        """For an instruction that is judged, with what `--judge` lets the judge see."""
        values: Values = {
            "instruction": request.messages,
            "faults": self._for_judge,
        }
        if self._settings.judge == "text-only":
            return values | {"notes": "", "findings": (), "earlier": (), "mined": (), "evidence": None}
        findings = verify(
            request.messages, request.boxes, request.captions, self._lexicon, request.kind, measured=request.evidence
        )
        noted = self._note(request.kind, request.boxes, request.evidence)
        return {
            **values,
            **self._recall(request),
            "notes": self._tell(request.captions, request.boxes, noted),
            "findings": findings,
            "evidence": noted,
        }

    def fill_caption_judge(self, request: JudgeCaptionsRequest) -> Values:
        """For the captions of an image, which are judged together; whoever wrote them saw more than there are boxes."""
        findings: tuple[tuple[Objection, ...], ...] = ()
        noted: Notes | None = None
        if self._settings.judge != "text-only":
            findings = find_caption_faults(request.captions, request.boxes, request.evidence, self._lexicon)
            noted = self._noting.note_lines(request.boxes, request.evidence)
        return {
            **_take(request, "captions", "originals", "rules"),
            "earlier": request.earlier if self._settings.recall == "on" else (),
            "faults": self._hidden,
            "caption_findings": [
                NumberedObjection(number=place + 1, **item.model_dump())
                for place, found in enumerate(findings)
                for item in found
            ],
            "evidence": noted,
        }

    def fill_mining(self, request: MineRequest) -> Values:
        """For objections that rules are mined from."""
        return {**self._recall(request), "rules": request.rules, "reasons": request.objections}

    def _recall(self, request: FilterRequest | WriteRequest | JudgeRequest | MineRequest) -> Values:
        """What was said earlier about the same image."""
        if self._settings.recall == "off":
            return {"earlier": (), "mined": ()}
        return _take(request, "earlier", "mined")

    def _note(self, kind: InstructionKind, boxes: Sequence[Box], evidence: Evidence | None) -> Notes | None:
        noted = self._noting.note_lines(boxes, evidence)
        if noted is None or kind not in WITHOUT_DEGREES:
            return noted
        stated = noted.model_copy(update={"degrees": ()})
        return stated if stated.has_lines else None

    def _compose_notes(self, captions: tuple[str, ...], boxes: tuple[Box, ...], noted: Notes | None) -> str:
        known = Known(captions, boxes, noted, is_raw=self._settings.notes == "raw")
        return tell_notes(self._notes, known, self._lexicon.pack.words)

    def _direct(self, request: WriteRequest) -> tuple[str, ...]:
        if self._settings.directives == "off":
            return ()
        return self._directives.draw(request.kind, request.seed, request.image_id)


def _take(request: Record, *names: str) -> Values:
    return {name: getattr(request, name) for name in names}
