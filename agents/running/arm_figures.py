"""The figures of one arm of the ablation, counted from the exports of its finished run."""

import itertools
import math
from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from agents.checks.brightness import find_leaks
from agents.checks.evidence_rows import Known, load_evidence
from agents.checks.verify import verify
from agents.config import RunConfig
from agents.output.sources import Row, read_rows
from tools.evidence import CLAIM_CHECK
from tools.files.json_text import read_object
from tools.prompts.lexicon import Lexicon
from tools.records import Box, Message

BEST_OF = "best-of-n"
CHECKS = ("object", "count", "position")
ITB_FILE = "itb.json"
Z = 1.959964
"""Of a 95 % interval."""


@dataclass(frozen=True)
class ArmResult:
    """Figures of one arm; rates are shares from 0 to 1, None where there is nothing to take a share of.

    Attributes:
        instructions: accepted.
        attempted: instructions that were tried, of images that were not rejected.
        acceptance: accepted of attempted.
        caption_leaks, answer_leaks: captions and assistant turns that name anything of the lexicon.
        original_won: captions that stayed as they were although every edit differs from them.
        hallucinations: accepted instructions that contradict the boxes, by check and in all (`any`).
        distinct_1, distinct_2: different words and pairs of words of the assistant turns, of all there are.
        kinds: accepted instructions by kind.
        questions: asked to the backend, those that an arm answers itself left out.
        questions_per_accepted: the same for each accepted instruction.
        cost_usd_per_accepted: None where no model was asked or its price is unknown.
        itb: what `itb.json` in the arm's folder says, None without it.
    """

    arm: str
    title: str
    images: int
    instructions: int
    attempted: int
    acceptance: float | None
    caption_leaks: float | None
    answer_leaks: float | None
    original_won: float | None
    hallucinations: dict[str, float | None]
    distinct_1: float | None
    distinct_2: float | None
    kinds: dict[str, int]
    questions: int
    questions_per_accepted: float | None
    cost_usd_per_accepted: float | None
    itb: dict[str, Any] | None


class _Exports(NamedTuple):
    """The rows of a run: captions, accepted instructions, and those that were tried in vain."""

    pairs: list[Row]
    accepted: list[Row]
    failed: list[Row]

    def list_answers(self) -> list[str]:
        """The assistant's turns of the accepted instructions."""
        return [turn["content"] for row in self.accepted for turn in row["messages"] if turn["role"] == "assistant"]


def measure_arm(
    arm: str, title: str, config: RunConfig, lexicon: Lexicon, boxes: Mapping[str, tuple[Box, ...]], full: Path
) -> ArmResult:
    """The figures of a finished arm.

    Args:
        full: run of the full system; what it measured contradicts the texts of an arm that measures nothing.
    """
    manifest = read_object(config.out / "manifest.json", "run the same command again")
    exports, known = _read_exports(config.out), load_evidence(config.out)
    seen = known or load_evidence(full)
    count, attempted = len(exports.accepted), len(exports.accepted) + len(exports.failed)
    questions = len(exports.pairs) + sum(
        _count_asked(row["debate"], config) for row in (*exports.accepted, *exports.failed)
    )
    questions += count_caption_requests(manifest)
    answers = exports.list_answers()
    words = [answer.lower().split() for answer in answers]
    return ArmResult(
        arm=arm,
        title=title,
        images=manifest["counts"]["images"],
        instructions=count,
        attempted=attempted,
        acceptance=_share(count, attempted),
        caption_leaks=_share_leaks([pair["caption"] for pair in exports.pairs], lexicon, is_measured=bool(known)),
        answer_leaks=_share_leaks(answers, lexicon, is_measured=bool(known)),
        original_won=(manifest.get("originals") or {}).get("share_won"),
        hallucinations=_share_contradictions(
            list(_find_contradictions(exports, boxes, lexicon, seen)), (*CHECKS, CLAIM_CHECK) if seen else CHECKS
        ),
        distinct_1=_share_distinct(words),
        distinct_2=_share_distinct([list(itertools.pairwise(row)) for row in words]),
        kinds=dict(sorted(Counter(row["kind"] for row in exports.accepted).items())),
        questions=questions,
        questions_per_accepted=questions / count if count else None,
        cost_usd_per_accepted=_share_cost(manifest["cost_usd"] if config.backend == "llm" else None, count),
        itb=_read_itb(config.out / ITB_FILE),
    )


def count_caption_requests(manifest: Row) -> int:
    """Questions that the debate on captions took: judged, mined and edited."""
    found: int = (manifest.get("captions_debated") or {}).get("requests", 0)
    return found


def _read_exports(run: Path) -> _Exports:
    return _Exports(
        list(read_rows(run / "pairs.jsonl")),
        list(read_rows(run / "instructions.jsonl")),
        [row for row in read_rows(run / "rejected.jsonl") if row.get("kind")],
    )


def _read_itb(path: Path) -> dict[str, Any] | None:
    return read_object(path, "run `python -m itb eval` again") if path.is_file() else None


def _count_asked(debate: list[dict[str, Any]], config: RunConfig) -> int:
    """Questions that this arm put to its backend for one instruction."""
    if config.arm == "no-debate":
        return len(debate)
    if config.arm == BEST_OF:
        return config.best_of * len(debate)
    rejected = sum(not attempt["verdict"]["is_accepted"] for attempt in debate)
    return 2 * len(debate) + (0 if config.arm == "no-mining" else rejected)


def _find_contradictions(
    exports: _Exports, boxes: Mapping[str, tuple[Box, ...]], lexicon: Lexicon, known: Mapping[str, Known]
) -> Iterator[set[str]]:
    """For each accepted instruction, the checks against boxes, captions and what was measured that object to it."""
    captions: dict[str, list[str]] = {}
    for pair in exports.pairs:
        captions.setdefault(pair["image_id"], []).append(pair["caption"])
    for row in exports.accepted:
        messages = [Message.model_validate(message) for message in row["messages"]]
        image = row["image_id"]
        own = known[image].boxes if image in known else boxes.get(image, ())
        measured = known[image].evidence if image in known else None
        objections = verify(messages, own, captions.get(image, ()), lexicon, row["kind"], measured=measured)
        yield {objection.check for objection in objections if objection.check in (*CHECKS, CLAIM_CHECK)}


def _share_contradictions(found: Sequence[Collection[str]], names: Sequence[str]) -> dict[str, float | None]:
    shares = {name: _share(sum(name in checks for checks in found), len(found)) for name in names}
    return shares | {"any": _share(sum(map(bool, found)), len(found))}


def _share_leaks(texts: Sequence[str], lexicon: Lexicon, *, is_measured: bool) -> float | None:
    return _share(sum(_leaks(text, lexicon, is_measured) for text in texts), len(texts))


def _leaks(text: str, lexicon: Lexicon, is_measured: bool) -> bool:
    return bool(find_leaks(text, lexicon, is_measured=is_measured))


def _share_distinct(rows: Sequence[Sequence[Hashable]]) -> float | None:
    return _share(len({entry for row in rows for entry in row}), sum(map(len, rows)))


def _share_cost(cost_usd: float | None, count: int) -> float | None:
    return cost_usd / count if cost_usd is not None and count else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def compare_with(full: ArmResult, arm: ArmResult) -> Iterator["Difference"]:
    """How an arm differs from the full system in each share that both have.

    Instructions about one image hang together, so no more than one an image counts.
    """
    shares = (
        ("accepted", "acceptance", "attempted"),
        ("captions that leak", "caption_leaks", "images"),
        ("answers that leak", "answer_leaks", "instructions"),
    )
    rows = [(name, getattr(full, key), getattr(arm, key), count) for name, key, count in shares]
    rows.append(("contradictions", full.hallucinations.get("any"), arm.hallucinations.get("any"), "instructions"))
    for name, mine, its, count in rows:
        if mine is not None and its is not None:
            sizes = [min(result.images, getattr(result, count)) for result in (full, arm)]
            yield Difference(name, its - mine, *_bound_difference((mine, sizes[0]), (its, sizes[1])), min(sizes))


class Difference(NamedTuple):
    """An arm's share minus the full system's, with its 95 % interval.

    Attributes:
        images: those that the smaller side rests on.
    """

    name: str
    value: float
    low: float
    high: float
    images: int

    @property
    def is_known(self) -> bool:
        """Whether the interval says which of the two is larger."""
        return self.low > 0 or self.high < 0

    def tell(self) -> str:
        """`answers that leak +40.0 points [12.1, 61.3]: more`; or `cannot tell`."""
        verdict = "cannot tell" if not self.is_known else "more" if self.value > 0 else "fewer"
        return f"{self.name} {100 * self.value:+.1f} points [{100 * self.low:+.1f}, {100 * self.high:+.1f}]: {verdict}"


def _bound_difference(first: tuple[float, int], second: tuple[float, int]) -> tuple[float, float]:
    """Newcombe's 95 % interval of the second share minus the first, from Wilson's intervals of both."""
    (mine, _), (its, _) = first, second
    (low_1, high_1), (low_2, high_2) = _bound_share(*first), _bound_share(*second)
    gap = its - mine
    return gap - math.hypot(its - low_2, high_1 - mine), gap + math.hypot(high_2 - its, mine - low_1)


def _bound_share(share: float, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval."""
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    half = Z / (1 + Z * Z / count) * math.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    return middle - half, middle + half
