"""The rows of one image as the page shows them: plain values, nothing left to decide in the template."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from agents.checks.evidence_rows import EVIDENCE_FILE
from agents.output.report.evidence import EvidenceView, view_evidence
from agents.output.report.rows import Row, view_rows
from agents.output.report.sample import GENERATION_FAILED, STATUSES
from agents.output.report.words import Segment, clip, clip_text, diff_words, mark_quotes


class CandidateView(NamedTuple):
    """A candidate caption; the last one of a pair is the original, unless an objection led to another edit."""

    text: str
    score: str
    is_winner: bool
    is_original: bool


class CaptionView(NamedTuple):
    """One caption before and after; `applied` are the rules whose words were removed, `rules` those in force.

    Attributes:
        is_written_here: the image came without a caption: there is no before, and no candidate is an original.
    """

    id: str
    before: tuple[Segment, ...]
    after: tuple[Segment, ...]
    is_changed: bool
    candidates: tuple[CandidateView, ...]
    rules: tuple[str, ...]
    applied: tuple[str, ...]
    is_written_here: bool = False


class MessageView(NamedTuple):
    """One message, with the words objected to marked by the number of the objection."""

    role: str
    text: tuple[Segment, ...]


class ObjectionView(NamedTuple):
    """One objection."""

    check: str
    category: str
    quote: str
    reason: str


class RoundView(NamedTuple):
    """One round of a debate; `mined` are (category, rule text)."""

    number: int
    is_accepted: bool
    messages: tuple[MessageView, ...]
    objections: tuple[ObjectionView, ...]
    mined: tuple[tuple[str, str], ...]


class DebateView(NamedTuple):
    """The debate over one instruction."""

    id: str
    kind: str
    is_accepted: bool
    rounds: tuple[RoundView, ...]


class RejectionView(NamedTuple):
    """A rejected row; `reason` is the sentence a person reads."""

    id: str
    stage: str
    code: str
    reason: str


class RuleView(NamedTuple):
    """A filtering rule. `support`: how often it was mined; `used`: captions it changed; `reverted`: why it is not."""

    id: str
    text: str
    category: str
    is_mined: bool
    image: str | None
    round: int | None
    objection: str
    support: int
    used: int
    reverted: str


class Badge(NamedTuple):
    """What became of an image's rows, in a word or two; `status` is a key of `sample.STATUSES`."""

    status: str
    text: str


class ImageView(NamedTuple):
    """Everything the page says about one image.

    Attributes:
        image: path of the image of the modality, relative to the run; None when there is none.
        description: what the pictures' alternative texts say.
        statuses: keys of `sample.STATUSES`, by which the page filters.
        badges: the same for people: one for all that was accepted, with the rounds that it took.
        search: what the search box looks in, lower case.
        evidence: what was measured in it, None in a run that did not measure.
    """

    image_id: str
    photo: str
    image: str | None
    description: str
    statuses: tuple[str, ...]
    badges: tuple[Badge, ...]
    captions: tuple[CaptionView, ...]
    debates: tuple[DebateView, ...]
    rejections: tuple[RejectionView, ...]
    search: str
    evidence: EvidenceView | None = None


def _view_caption(row: Row) -> CaptionView:
    candidates = row.get("candidates") or []
    winner = next((index for index, one in enumerate(candidates) if one["text"] == row["caption"]), None)
    is_written_here = not row["original"]
    diff = diff_words(row["caption"] if is_written_here else row["original"], row["caption"])
    return CaptionView(
        row["id"],
        clip(diff.before),
        clip(diff.after),
        not is_written_here and row["original"] != row["caption"],
        tuple(
            CandidateView(
                clip_text(one["text"]),
                f"{one['score']:.4f}",
                index == winner,
                not is_written_here and index == len(candidates) - 1 and one["text"] == row["original"],
            )
            for index, one in enumerate(candidates)
        ),
        tuple(row.get("rules") or ()),
        tuple(row.get("applied") or ()),
        is_written_here,
    )


def _view_round(row: Row) -> RoundView:
    verdict = row["verdict"]
    objections = tuple(
        ObjectionView(one["check"], one["category"], clip_text(one["quote"]), clip_text(one["reason"]))
        for one in verdict.get("objections") or ()
    )
    quotes = [one["quote"] for one in verdict.get("objections") or ()]
    return RoundView(
        row["round"],
        verdict["is_accepted"],
        tuple(MessageView(one["role"], clip(mark_quotes(one["content"], quotes))) for one in row["messages"]),
        objections,
        tuple((one["category"], clip_text(one["text"])) for one in row.get("mined") or ()),
    )


def _view_debate(row: Row) -> DebateView:
    accepted = {"round": row.get("rounds", 1), "messages": row.get("messages"), "verdict": {"is_accepted": True}}
    rounds = tuple(_view_round(one) for one in row.get("debate") or [accepted])
    return DebateView(row["id"], row["kind"], rounds[-1].is_accepted, rounds)


def _view_rejection(row: Row) -> RejectionView:
    return RejectionView(row["id"], row["stage"], row["code"], clip_text(row["reason"]))


def _find_statuses(instructions: list[Row], rejected: list[Row]) -> tuple[str, ...]:
    found = {"failed" if row["code"] == GENERATION_FAILED else "rejected" for row in rejected}
    found |= {"revised" if row.get("rounds", 1) > 1 else "accepted" for row in instructions}
    return tuple(sorted(found)) or ("captions",)


def _make_badges(instructions: list[Row], rejected: list[Row]) -> Iterator[Badge]:
    """`Accepted in round 2`; of several instructions `2 accepted in round 1, 1 in round 2`."""
    rounds = Counter(int(row.get("rounds", 1)) for row in instructions)
    failed = sum(row["code"] == GENERATION_FAILED for row in rejected)
    is_one = len(instructions) + failed == 1
    if instructions:
        counts = [f"{count} in round {number}" for number, count in sorted(rounds.items())]
        text = f"Accepted in round {max(rounds)}" if is_one else ", ".join(counts).replace(" in", " accepted in", 1)
        yield Badge("revised" if max(rounds) > 1 else "accepted", text)
    if failed:
        yield Badge("failed", "Generation failed" if is_one else f"{failed} failed")
    if len(rejected) > failed:
        yield Badge("rejected", STATUSES["rejected"])
    if not instructions and not rejected:
        yield Badge("captions", STATUSES["captions"])


def view_image(image_id: str, rows: dict[str, list[Row]]) -> ImageView:
    """The view of one image from its rows by file name.

    Raises:
        ToolkitError: a row lacks a field.
    """
    pairs, instructions, rejected = (
        rows.get(name, []) for name in ("pairs.jsonl", "instructions.jsonl", "rejected.jsonl")
    )
    debated = instructions + [row for row in rejected if row.get("debate")]
    anywhere = pairs + instructions + rejected
    photo = next((str(row["photo"]) for row in anywhere if row.get("photo")), "")
    names = [str(row.get("id", "")) for row in anywhere]
    return ImageView(
        image_id,
        photo,
        next((row["image"] for row in anywhere if row.get("image")), None),
        clip_text(str(pairs[0].get("original") or pairs[0].get("caption", "")), 160) if pairs else f"image {image_id}",
        _find_statuses(instructions, rejected),
        tuple(_make_badges(instructions, rejected)),
        view_rows(pairs, _view_caption, "pairs.jsonl"),
        view_rows(debated, _view_debate, "instructions.jsonl or rejected.jsonl"),
        view_rows(rejected, _view_rejection, "rejected.jsonl"),
        " ".join(dict.fromkeys([image_id, *image_id.split("/")[1:], photo, *names])).lower(),
        next(iter(view_rows(rows.get(EVIDENCE_FILE, [])[:1], view_evidence, EVIDENCE_FILE)), None),
    )


def view_rule(row: Row) -> RuleView:
    """The view of one rule."""
    return RuleView(
        row["id"],
        clip_text(row["text"]),
        row["category"],
        row["origin"] == "mined",
        None if row.get("image") is None else str(row["image"]),
        row.get("round"),
        clip_text(row.get("objection") or ""),
        row.get("support") or 0,
        row.get("used") or 0,
        clip_text(row.get("reverted") or ""),
    )
