"""A run's images with its instructions, as questions: what people accepted or edited, else what the debate accepted.

`RUN/reviews.jsonl` says what people decided; where it is absent, every accepted instruction is asked, and each item
says that no person saw it. Only images that no model was trained on can tell anything: `itb audit --train`
compares them.
"""

import hashlib
import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from itb.others.kind import Asked, Facts, ForeignBenchmark, Shown, Skipped
from itb.others.kinds.turns import split_turns
from tools.errors import MissingError
from tools.files.json_text import read_rows
from tools.seeds import hash_to_unit

INSTRUCTIONS, REVIEWS = "instructions.jsonl", "reviews.jsonl"
SEEN = "a person accepted it"
EDITED = "a person wrote it anew"
UNSEEN = "the debate accepted it, and no person saw it"
EACH = "each turn is asked by itself, and read by its form: yes or no, a number, else free text"
Messages = tuple[tuple[str, str], ...]
"""Role and text, in turn."""


class ReviewSettings(BaseModel):
    """Which instructions are asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reviewed: Literal["prefer", "only"] = Field(
        "prefer", description="`only` those that people accepted or edited; `prefer`: also what nobody reviewed."
    )
    held_out: float = Field(1.0, gt=0, le=1, description="Share of the run's images that is asked, drawn by their ids.")


def read(root: Path, settings: ReviewSettings) -> Iterator[Asked | Skipped]:
    """Every turn of every instruction.

    Raises:
        MissingError: no run is there.
        UsageError: a file is damaged.
    """
    path = root / INSTRUCTIONS
    if not path.is_file():
        raise MissingError(f"{root}: no run there ({INSTRUCTIONS} is missing); name a folder of `python -m agents run`")
    decisions = read_decisions(root / REVIEWS)
    for number, row in read_rows(path):
        image, id = row.get("image"), str(row.get("id", number))
        if not isinstance(image, str):
            yield Skipped("no_image", id)
        elif hash_to_unit("held out", str(row.get("image_id", image))) <= settings.held_out:
            yield from _ask_row(id, image, row, decisions, settings.reviewed == "only")


def _ask_row(
    id: str, image: str, row: Mapping[str, Any], decisions: "Decisions", is_only: bool
) -> Iterator[Asked | Skipped]:
    try:
        messages = tuple((str(turn["role"]), str(turn["content"])) for turn in row["messages"])
    except (KeyError, TypeError):
        yield Skipped("no_messages", id)
        return
    verdict, edited = decisions.get((id, hash_messages(messages)), ("", None))
    if verdict in ("reject", "conflict") or (is_only and not verdict):
        yield Skipped({"reject": "rejected_by_people", "conflict": "people_differ"}.get(verdict, "not_reviewed"), id)
        return
    who = {"accept": SEEN, "edit": EDITED}.get(verdict, UNSEEN)
    try:
        turns = list(split_turns([(role == "user", text) for role, text in edited or messages]))
    except ValueError:
        yield Skipped("turns_do_not_alternate", id)
        return
    for place, turn in enumerate(turns):
        yield Asked(
            kind=str(row.get("kind", "instruction")), key=f"{id}-{place}", question=turn.question,
            prompt=turn.question, answer=turn.answer, label=turn.said, form=turn.form, shown=(Shown(image),),
            group=str(row.get("image_id", image)), declared=f"{EACH}; {who}", variant_of=id,
        )  # fmt: skip


Decisions = Mapping[tuple[str, str], tuple[str, Messages | None]]
"""Row and hash of its text -> what people decided, and what the text should say where they edited it."""


def read_decisions(path: Path) -> Decisions:
    """What people say of each text; `conflict` where they differ. Empty where nothing was reviewed."""
    said: defaultdict[tuple[str, str], dict[str, tuple[str, Messages | None]]] = defaultdict(dict)
    for _, row in read_rows(path) if path.is_file() else ():
        key = (str(row.get("id")), str(row.get("text")))
        if row.get("settles"):
            said[key].clear()
        edited = row.get("edited")
        texts = (
            tuple((str(turn["role"]), str(turn["content"])) for turn in edited) if isinstance(edited, list) else None
        )
        said[key][tell_person(str(row.get("name")))] = (str(row.get("verdict")), texts)
    return {key: _decide(set(opinions.values())) for key, opinions in said.items()}


def _decide(opinions: set[tuple[str, Messages | None]]) -> tuple[str, Messages | None]:
    return next(iter(opinions)) if len(opinions) == 1 else ("conflict", None)


def tell_person(name: str) -> str:
    """What tells people apart: their names without spaces around them; case and width of letters do not count."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()


def hash_messages(messages: Messages) -> str:
    """The hash by which a review names the text that it is of."""
    return hashlib.sha256(json.dumps([list(turn) for turn in messages]).encode()).hexdigest()[:16]


BENCHMARK = ForeignBenchmark(
    name="review",
    title="Reviewed instructions",
    facts=Facts(
        licence="that of the run's photographs and captions",
        origin="a run of `python -m agents run`",
        images="in the run",
        declared="answers of a debate, or of people who read them; hold these images out of every training",
    ),
    read=read,
)
