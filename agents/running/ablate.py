"""`python -m agents ablate`: which agent matters? The same images through the whole system and with parts left out.

Every arm is a run folder of its own below `--out`, resumable like any run. The figures are counted from the runs'
exports; the model trained on an arm is scored elsewhere, and its score is read from `ARM/itb.json` when that is there.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from agents.checks.annotated import load_boxes
from agents.config import RunConfig
from agents.output.sources import read_rows
from agents.running.arm_figures import (
    BEST_OF,
    CHECKS,
    ArmResult,
    compare_with,
    count_caption_requests,
    measure_arm,
)
from agents.running.listener import Listener
from agents.running.run import run_synthesis
from agents.running.source import find_photographs, open_source
from agents.store.folders import is_run
from tools.errors import UsageError
from tools.files import Claim, check_folder, list_contents, own_folder, write_text
from tools.files.json_text import decode_json, read_object
from tools.prompts.lexicon import load_lexicon
from tools.records import KINDS, SENSOR_KINDS, Box
from tools.registry import TRANSLATORS

FULL, UNDEBATED, UNMEASURED = "full", "no-caption-debate", "no-evidence"
TABLE, PAGE = "ablation.json", "ablation.md"


class ArmSpec(NamedTuple):
    """What an arm changes, and in which words the table names it.

    Attributes:
        changes: settings of the run.
        entries: what it chooses at a seam, by seam, instead of the run's own choice and its settings.
    """

    title: str
    changes: Mapping[str, Any] = {}
    entries: Mapping[str, str] = {}


ARMS: Mapping[str, ArmSpec] = {
    FULL: ArmSpec("full system"),
    "no-debate": ArmSpec("no debate", {"arm": "no-debate"}),
    UNDEBATED: ArmSpec("captions not debated", {"debate": "instructions"}),
    UNMEASURED: ArmSpec("no evidence", {"evidence": "off"}),
    "no-mining": ArmSpec("no rule mining", {"arm": "no-mining"}),
    "no-scorer": ArmSpec("no scorer", entries={"scorer": "none"}),
    "blind-judge": ArmSpec("blind judge", {"arm": "blind-judge"}),
    **{
        entry.name: ArmSpec(f"translator: {entry.name.replace('-', ' ')}", entries={"translator": entry.name})
        for entry in TRANSLATORS.entries()
        if entry.traits.get("kind") == "control"
    },
    BEST_OF: ArmSpec("best of n and verification, equal cost", {"arm": BEST_OF}),
}


def run_ablation(config: RunConfig, arms: Iterable[str], listener: Listener, *, fresh: bool = False) -> list[ArmResult]:
    """Run (or go on with) every arm in `config.out / ARM`, and count.

    The full system comes first: its questions an instruction are what best-of-n may ask.

    Args:
        fresh: delete first what earlier runs wrote to the arms' folders.

    Raises:
        UsageError: an unknown arm, or a folder that holds something else than an ablation.
    """
    wanted = [FULL, *(arm for arm in arms if arm != FULL)]
    if unknown := [arm for arm in wanted if arm not in ARMS]:
        raise UsageError(f"--arms: no arm `{unknown[0]}`; there are {', '.join(ARMS)}")
    check_folder(config.out, ABLATION)
    wanted = list(_choose_apart(wanted, config, listener))
    lexicon, boxes = load_lexicon(config.pack), _load_boxes(config)
    results: list[ArmResult] = []
    with own_folder(config.out, ABLATION):
        for arm in wanted:
            changes = dict(ARMS[arm].changes)
            if arm == BEST_OF:
                changes["best_of"] = find_equal_count(config.out / FULL)
            own = config.model_copy(update={**changes, "out": config.out / arm})
            for seam, name in ARMS[arm].entries.items():
                own = own.replace_entry(seam, name)
            listener.say(f"arm {arm}: {ARMS[arm].title}")
            run_synthesis(own, listener, fresh=fresh)
            results.append(measure_arm(arm, ARMS[arm].title, own, lexicon, boxes, config.out / FULL))
    return results


def _choose_apart(arms: Sequence[str], config: RunConfig, listener: Listener) -> Iterator[str]:
    """The arms that differ from the full system; what of the others leaves nothing out is said."""
    for arm in arms:
        if config.is_sensor and "translator" in ARMS[arm].entries:
            listener.say(f"arm {arm} is left out: a sensor took the images, and nothing is translated")
        elif arm == UNMEASURED and not config.measures:
            listener.say(f"arm {arm} is left out: the full system measures nothing in these images either")
        elif arm == UNDEBATED and not config.debates_captions:
            listener.say(f"arm {arm} is left out: the full system does not debate captions either")
        else:
            yield arm


def _load_boxes(config: RunConfig) -> Mapping[str, tuple[Box, ...]]:
    """The boxes that contradict texts, by image."""
    if config.is_sensor:
        source = open_source(config)
        photos = (source.find_photo(index)[0] for index in source.indices)
        return {photo.image_id: photo.boxes for photo in photos}
    if config.instances is None:
        raise UsageError("--instances FILE: the arms are compared by what contradicts the boxes; give them")
    return load_boxes(config.instances, find_photographs(config))


def recognise_ablation(folder: Path) -> tuple[str, ...] | None:
    """Whether a folder from before the marker is an ablation: its table says so, or it holds arms and nothing else."""
    try:
        return () if isinstance(decode_json((folder / TABLE).read_bytes())["arms"], list) else None
    except (OSError, ValueError, LookupError, TypeError):
        arms = [folder / name for name in list_contents(folder)]
        return () if all(arm.name in ARMS and arm.is_dir() and is_run(arm) for arm in arms) else None


def find_equal_count(full: Path) -> int:
    """Attempts that cost best-of-n as many questions an instruction as the full system's debates took.

    Those of the debate on captions count too: they are part of what the full system pays for.
    """
    debates = [row["debate"] for row in read_rows(full / "instructions.jsonl")]
    debates += [row["debate"] for row in read_rows(full / "rejected.jsonl") if row.get("kind")]
    if not debates:
        return 1
    of_captions = count_caption_requests(read_object(full / "manifest.json", "run the same command again"))
    return max(1, round((sum(map(_count_questions, debates)) + of_captions) / len(debates)))


def _count_questions(debate: list[dict[str, Any]]) -> int:
    """Written and judged in each round, and after a rejection mined."""
    return sum(2 + (not attempt["verdict"]["is_accepted"]) for attempt in debate)


def write_ablation(results: list[ArmResult], out: Path) -> list[Path]:
    """`ablation.json` and `ablation.md` in `out`, the folder of the arms."""
    made = {"arms": [asdict(result) for result in results]}
    with own_folder(out, ABLATION):
        write_text(out / TABLE, json.dumps(made, indent=1) + "\n")
        write_text(out / PAGE, render_page(results))
    return [out / PAGE, out / TABLE]


ABLATION = Claim("ablation", "python -m agents ablate", recognise_ablation, (TABLE, PAGE, *ARMS))
COLUMNS = (
    "arm", "accepted", "captions that leak", "answers that leak", "original won", "contradict the boxes ({checks})",
    "distinct-1 / -2", "{kinds}", "questions an accepted one", "US dollars each",
    "ITB of the model trained on it",
)  # fmt: skip


def render_markdown(results: Iterable[ArmResult]) -> str:
    """The table."""
    results = list(results)
    kinds = SENSOR_KINDS if any(SENSOR_KINDS[-1] in result.kinds for result in results) else KINDS
    checks = list_checks(results[0]) if results else CHECKS
    head = " | ".join(COLUMNS).format(checks=" / ".join(checks), kinds=" : ".join(kinds))
    lines = [f"| {head} |", "|" + "---|" * len(COLUMNS)]
    lines += [f"| {' | '.join(list_cells(result, kinds))} |" for result in results]
    return "\n".join(lines) + "\n"


def tell_differences(results: Sequence[ArmResult]) -> list[str]:
    """What the figures can tell of each arm against the full system, in words; nothing without another arm.

    A sentence about all of them, then a line an arm: each difference in points with its 95 % interval. One that holds 0
    cannot tell.
    """
    full, *others = results
    found = {arm.title: list(compare_with(full, arm)) for arm in others}
    every = [each for row in found.values() for each in row]
    if not every:
        return []
    known, least = sum(each.is_known for each in every), min(each.images for each in every)
    images = "1 image" if least == 1 else f"{least} images"
    head = (
        f"{known} of {len(every)} differences from the full system can be told, from {images} or more; the others "
        "cannot (95 % intervals: by chance alone, 1 of 20 would seem to be)."
    )
    if not known:
        head = f"{images} cannot tell the arms from the full system: every 95 % interval holds 0; take more images."
    return [head, *(f"- {title}: {'; '.join(each.tell() for each in row)}" for title, row in found.items() if row)]


def render_page(results: Sequence[ArmResult]) -> str:
    """The table, and below it what it can tell."""
    return "\n".join((render_markdown(results), *tell_differences(results))).rstrip("\n") + "\n"


def list_checks(result: ArmResult) -> list[str]:
    """The checks whose shares an arm has, in the order of the table."""
    return [name for name in result.hallucinations if name != "any"]


def list_cells(result: ArmResult, of: Sequence[str] = KINDS) -> tuple[str, ...]:
    """One row of the table.

    Args:
        of: the kinds of instructions to count.
    """
    checks = " / ".join(_percent(result.hallucinations[name]) for name in list_checks(result))
    kinds = " : ".join(str(result.kinds.get(kind, 0)) for kind in of)
    return (
        result.title,
        f"{_percent(result.acceptance)} ({result.instructions} of {result.attempted})",
        _percent(result.caption_leaks),
        _percent(result.answer_leaks),
        _percent(result.original_won),
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
