"""`python -m agents ablate`: which agent matters? The same images through the whole system and with parts left out.

Every arm is a run folder of its own below `--out`, resumable like any run. The figures are counted from the runs'
exports; the model trained on an arm is scored elsewhere, and its score is read from `ARM/itb.json` when that is there.
"""

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from agents.audit import load_boxes
from agents.config import RunConfig
from agents.folders import is_run
from agents.run import Listener, run_synthesis
from agents.verify import verify
from tools.errors import UsageError
from tools.files import Claim, check_folder, list_contents, own_folder, write_text
from tools.lexicon import Lexicon, load_lexicon
from tools.records import Box, Message

FULL, BEST_OF = "full", "best-of-n"
CHECKS = ("object", "count", "position")
ITB_FILE = "itb.json"
TABLE, PAGE = "ablation.json", "ablation.md"


class ArmSpec(NamedTuple):
    """What an arm changes, and in which words the table names it."""

    title: str
    changes: Mapping[str, Any]


ARMS: Mapping[str, ArmSpec] = {
    FULL: ArmSpec("full system", {}),
    "no-debate": ArmSpec("no debate", {"arm": "no-debate"}),
    "no-mining": ArmSpec("no rule mining", {"arm": "no-mining"}),
    "no-scorer": ArmSpec("no scorer", {"scorer": "none", "scorer_weights": None}),
    "blind-judge": ArmSpec("blind judge", {"arm": "blind-judge"}),
    "gray": ArmSpec("translator: gray", {"translator": "gray", "translator_weights": None}),
    "inverted-gray": ArmSpec("translator: inverted gray", {"translator": "inverted-gray", "translator_weights": None}),
    BEST_OF: ArmSpec("best of n and verification, equal cost", {"arm": BEST_OF}),
}


@dataclass(frozen=True)
class ArmResult:
    """Figures of one arm; rates are shares from 0 to 1, None where there is nothing to take a share of.

    Attributes:
        instructions: accepted.
        attempted: instructions that were tried, of images that were not rejected.
        acceptance: accepted of attempted.
        caption_leaks, answer_leaks: captions and assistant turns that name anything of the lexicon.
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
    hallucinations: dict[str, float | None]
    distinct_1: float | None
    distinct_2: float | None
    kinds: dict[str, int]
    questions: int
    questions_per_accepted: float | None
    cost_usd_per_accepted: float | None
    itb: dict[str, Any] | None


def run_ablation(config: RunConfig, arms: Iterable[str], listener: Listener) -> list[ArmResult]:
    """Run (or go on with) every arm in `config.out / ARM`, and count.

    The full system comes first: its questions an instruction are what best-of-n may ask.

    Raises:
        UsageError: an unknown arm, or a folder that holds something else than an ablation.
    """
    wanted = [FULL, *(arm for arm in arms if arm != FULL)]
    if unknown := [arm for arm in wanted if arm not in ARMS]:
        raise UsageError(f"--arms: no arm `{unknown[0]}`; there are {', '.join(ARMS)}")
    check_folder(config.out, ABLATION)
    lexicon, boxes = load_lexicon(config.prompts), load_boxes(config.instances)
    results: list[ArmResult] = []
    with own_folder(config.out, ABLATION):
        for arm in wanted:
            changes = dict(ARMS[arm].changes)
            if arm == BEST_OF:
                changes["best_of"] = find_equal_count(config.out / FULL)
            own = config.model_copy(update={**changes, "out": config.out / arm})
            listener.say(f"arm {arm}: {ARMS[arm].title}")
            run_synthesis(own, listener)
            results.append(measure_arm(arm, own, lexicon, boxes))
    return results


def recognise_ablation(folder: Path) -> tuple[str, ...] | None:
    """Whether a folder from before the marker is an ablation: its table says so, or it holds arms and nothing else."""
    try:
        return () if isinstance(json.loads((folder / TABLE).read_bytes())["arms"], list) else None
    except (OSError, ValueError, LookupError, TypeError):
        arms = [folder / name for name in list_contents(folder)]
        return () if all(arm.name in ARMS and arm.is_dir() and is_run(arm) for arm in arms) else None


def find_equal_count(full: Path) -> int:
    """Attempts that cost best-of-n as many questions an instruction as the full system's debates took."""
    debates = [row["debate"] for row in _read_rows(full / "instructions.jsonl")]
    debates += [row["debate"] for row in _read_rows(full / "rejected.jsonl") if row.get("kind")]
    return max(1, round(sum(map(_count_questions, debates)) / len(debates))) if debates else 1


def _count_questions(debate: list[dict[str, Any]]) -> int:
    """Written and judged in each round, and after a rejection mined."""
    return sum(2 + (not attempt["verdict"]["is_accepted"]) for attempt in debate)


def measure_arm(arm: str, config: RunConfig, lexicon: Lexicon, boxes: Mapping[int, tuple[Box, ...]]) -> ArmResult:
    """The figures of a finished arm."""
    out = config.out
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    counts, pairs = manifest["counts"], list(_read_rows(out / "pairs.jsonl"))
    accepted = list(_read_rows(out / "instructions.jsonl"))
    failed = [row for row in _read_rows(out / "rejected.jsonl") if row.get("kind")]
    answers = [turn["content"] for row in accepted for turn in row["messages"] if turn["role"] == "assistant"]
    captions: dict[int, list[str]] = {}
    for pair in pairs:
        captions.setdefault(pair["image_id"], []).append(pair["caption"])
    found = [_find_contradictions(row, boxes, captions, lexicon) for row in accepted]
    questions = len(pairs) + sum(_count_asked(row["debate"], config) for row in (*accepted, *failed))
    cost = manifest["cost_usd"] if config.backend == "llm" else None
    words = [answer.lower().split() for answer in answers]
    return ArmResult(
        arm=arm,
        title=ARMS[arm].title,
        images=counts["images"],
        instructions=len(accepted),
        attempted=len(accepted) + len(failed),
        acceptance=_share(len(accepted), len(accepted) + len(failed)),
        caption_leaks=_share(sum(bool(lexicon.find(pair["caption"])) for pair in pairs), len(pairs)),
        answer_leaks=_share(sum(bool(lexicon.find(answer)) for answer in answers), len(answers)),
        hallucinations={
            name: _share(sum(bool(checks) if name == "any" else name in checks for checks in found), len(found))
            for name in (*CHECKS, "any")
        },
        distinct_1=_share(len({word for row in words for word in row}), sum(map(len, words))),
        distinct_2=_share(len({pair for row in words for pair in _pair(row)}), sum(len(_pair(row)) for row in words)),
        kinds=dict(sorted(Counter(row["kind"] for row in accepted).items())),
        questions=questions,
        questions_per_accepted=questions / len(accepted) if accepted else None,
        cost_usd_per_accepted=cost / len(accepted) if cost is not None and accepted else None,
        itb=_read_itb(out / ITB_FILE),
    )


def _count_asked(debate: list[dict[str, Any]], config: RunConfig) -> int:
    """Questions that this arm put to its backend for one instruction."""
    if config.arm == "no-debate":
        return len(debate)
    if config.arm == BEST_OF:
        return config.best_of * len(debate)
    rejected = sum(not attempt["verdict"]["is_accepted"] for attempt in debate)
    return 2 * len(debate) + (0 if config.arm == "no-mining" else rejected)


def _find_contradictions(
    row: Mapping[str, Any], boxes: Mapping[int, tuple[Box, ...]], captions: Mapping[int, list[str]], lexicon: Lexicon
) -> set[str]:
    """The checks against boxes and captions that object to an accepted instruction."""
    messages = [Message.model_validate(message) for message in row["messages"]]
    image = row["image_id"]
    objections = verify(messages, boxes.get(image, ()), captions.get(image, ()), lexicon, row["kind"])
    return {objection.check for objection in objections if objection.check in CHECKS}


def _pair(words: list[str]) -> list[tuple[str, str]]:
    return list(itertools.pairwise(words))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _read_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _read_itb(path: Path) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found


def write_ablation(results: list[ArmResult], out: Path) -> list[Path]:
    """`ablation.json` and `ablation.md` in `out`, the folder of the arms."""
    made = {"arms": [asdict(result) for result in results]}
    with own_folder(out, ABLATION):
        write_text(out / TABLE, json.dumps(made, indent=1) + "\n")
        write_text(out / PAGE, render_markdown(results))
    return [out / PAGE, out / TABLE]


ABLATION = Claim("ablation", "python -m agents ablate", recognise_ablation, (TABLE, PAGE, *ARMS))
COLUMNS = (
    "arm", "accepted", "captions that leak", "answers that leak", "contradict the boxes (object / count / position)",
    "distinct-1 / -2", "conversation : description : reasoning", "questions an accepted one", "US dollars each",
    "ITB of the model trained on it",
)  # fmt: skip


def render_markdown(results: Iterable[ArmResult]) -> str:
    """The table."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    lines += [f"| {' | '.join(cells)} |" for cells in map(list_cells, results)]
    return "\n".join(lines) + "\n"


def list_cells(result: ArmResult) -> tuple[str, ...]:
    """One row of the table."""
    checks = " / ".join(_percent(result.hallucinations[name]) for name in CHECKS)
    kinds = " : ".join(str(result.kinds.get(kind, 0)) for kind in ("conversation", "description", "reasoning"))
    return (
        result.title,
        f"{_percent(result.acceptance)} ({result.instructions} of {result.attempted})",
        _percent(result.caption_leaks),
        _percent(result.answer_leaks),
        f"{_percent(result.hallucinations['any'])} ({checks})",
        f"{_number(result.distinct_1, 3)} / {_number(result.distinct_2, 3)}",
        kinds,
        _number(result.questions_per_accepted, 2),
        _number(result.cost_usd_per_accepted, 5),
        _number(result.itb["itb_avg"], 2) if result.itb and result.itb.get("itb_avg") is not None else "-",
    )


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
