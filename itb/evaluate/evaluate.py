"""An evaluation: every question is put to the model once, and what it said is judged and kept."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from itb.answers import Parsing, Reading, is_right, read_reply
from itb.benchmark.ask import Asker, Question, VariantSettings
from itb.benchmark.bench import Bench, load_bench
from itb.benchmark.perturb import parse_perturbations
from itb.evaluate.manifest import (
    describe_asked,
    describe_frozen,
    list_eval_versions,
    refuse_other,
    refuse_without_plugins,
    summarise,
    summarise_missed,
)
from itb.evaluate.predictions import PredictionsFile, manifest_path, note_time, read_begun, read_manifest, write_json
from itb.models.adapter import Model, Reply, Unit
from itb.models.kind import ModelKind, find_kind
from itb.models.settings import EvalSettings
from itb.models.sharded import open_model
from itb.records import MISSING_IMAGE, Item, Prediction
from tools.datasets.first_images import check_first_images
from tools.errors import MissingError, UsageError


class Progress(NamedTuple):
    """Whom to tell what happens; by default nobody."""

    start: Callable[[int, int], None] = lambda total, done: None
    hear: Callable[[Prediction], None] = lambda row: None
    miss: Callable[[str], None] = lambda error: None
    place: Callable[[str], None] = lambda text: None


def run_eval(bench_folder: Path, settings: EvalSettings, progress: Progress = Progress()) -> dict[str, Any]:  # noqa: B008
    """Ask everything that `settings` name and that is not answered yet; gives the manifest.

    Raises:
        MissingError: no benchmark, model or image there.
        UsageError: the predictions were begun with another model, benchmark or variants, or are none.
        ToolkitError: the model cannot go on; the same command continues.
    """
    read_begun(settings.out)
    refuse_without_plugins(settings.out)
    bench = load_bench(bench_folder, settings.roots)
    asker = Asker(
        settings.pack,
        VariantSettings(settings.context, settings.rotate_options, parse_perturbations(settings.perturb or "")),
    )
    questions = choose_questions(bench, asker, settings)
    max_new_tokens = settings.max_new_tokens or find_longest(questions) or asker.max_new_tokens
    kind = find_kind(settings)
    there = [question for question in questions if not question.missing]
    with open_model(kind, settings, bench, max_new_tokens, there) as model:
        return _run(model, kind, bench, asker, questions, max_new_tokens, settings, progress)


def _run(
    model: Model,
    kind: ModelKind,
    bench: Bench,
    asker: Asker,
    questions: Sequence[Question],
    max_new_tokens: int,
    settings: EvalSettings,
    progress: Progress,
) -> dict[str, Any]:
    lacking = [question for question in questions if model.needs_images and question.missing]
    shown = [question for question in questions if not (model.needs_images and question.missing)]
    if model.needs_images:
        refuse_missing_images(shown)
    frozen = describe_frozen(settings, bench, asker, model, max_new_tokens)
    units = model.plan(shown)
    with PredictionsFile(settings.out) as file:
        refuse_other(settings.out, frozen, bool(file.done))
        manifest = {
            "frozen": frozen,
            "asked": describe_asked(settings, questions),
            "model_notes": _explain(model, shown, file),
            "versions": list_eval_versions(kind),
        }
        write_json(manifest_path(settings.out), {**manifest, "is_finished": False})
        file.append(note_missing(question) for question in lacking if question.key not in file.done)
        _ask_rest(model, units, file, settings, progress)
        rows = file.finish(question.key for question in questions)
        results = {**summarise(rows, bench.items), **summarise_missed(file.missed)}
        finished = {**manifest, "is_finished": not file.missed, "results": results}
        write_json(manifest_path(settings.out), finished)
    return finished


def find_longest(questions: Sequence[Question]) -> int | None:
    """The longest reply that the makers of foreign questions wait for; None where nobody says."""
    stated = [question.item.foreign.max_new_tokens for question in questions if question.item.foreign]
    return max((length for length in stated if length), default=None)


def _explain(model: Model, questions: Sequence[Question], file: PredictionsFile) -> dict[str, Any]:
    """What the model says of itself; of one that is asked nothing more, what it said: it need not be loaded."""
    is_done = all(question.key in file.done for question in questions)
    said = read_manifest(file.path).get("model_notes") if is_done else None
    return dict(said or model.explain(questions))


def choose_questions(bench: Bench, asker: Asker, settings: EvalSettings) -> list[Question]:
    """Every question of the split and tasks that were named, at most `limit` items of each task.

    Raises:
        UsageError: there is none.
    """
    split = None if settings.split == "all" else settings.split
    items = _limit_tasks(bench.choose(split, settings.tasks), settings.limit)
    if not items:
        tasks = ", ".join(sorted({item.task for item in bench.choose(split)})) or "none"
        raise UsageError(
            f"{bench.folder}: nothing to ask in the split {settings.split!r} (its tasks: {tasks}); check --split "
            "and --task"
        )
    return list(asker.ask_all(bench, items))


def _limit_tasks(items: Sequence[Item], limit: int | None) -> list[Item]:
    seen: Counter[str] = Counter()
    kept = []
    for item in items:
        seen[item.task] += 1
        if limit is None or seen[item.task] <= limit:
            kept.append(item)
    return kept


def refuse_missing_images(questions: Sequence[Question]) -> None:
    """Stop before the first question when images are not there: that is a wrong path, not a fault of the model.

    Raises:
        MissingError: names the first of them; or none of the first can be read.
        ImageError: one is a link that leads out of the benchmark.
    """
    files = {file.path: (file, question.item.source) for question in questions for file in question.files}
    missing = sorted(path for path in files if not path.is_file())
    if missing:
        source = files[missing[0]][1]
        raise MissingError(
            f"{len(missing)} images are missing, the first is {missing[0]}; where the images were not copied into the "
            f"benchmark, say where they are: --source {source}=DIR"
        )
    for file, _ in files.values():
        file.check()
    images = tuple(files)
    if images:
        check_first_images("benchmark", images[0].parent, images, "build the benchmark again, or name whole images")


def _ask_rest(
    model: Model, units: Sequence[Unit], file: PredictionsFile, settings: EvalSettings, progress: Progress
) -> None:
    """A unit of which one reply is missing is asked wholly again, in the same batch; only the missing ones are kept."""
    total = sum(map(len, units))
    progress.start(total, sum(question.key in file.done for unit in units for question in unit))
    rest = [unit for unit in units if any(question.key not in file.done for question in unit)]
    started, count = time.monotonic(), 0
    try:
        describe = getattr(model, "describe", None)
        for reply in model.answer(rest):
            if describe is not None:
                progress.place(describe())
            if reply.question.key in file.done:
                continue
            if reply.error:
                file.miss(reply.question.key, reply.error)
                progress.miss(reply.error)
            else:
                row = judge(reply, settings.parsing)
                file.append([row])
                progress.hear(row)
                count += 1
    finally:
        note_time(settings.out, count, time.monotonic() - started)


def note_missing(question: Question) -> Prediction:
    """The row of a question that cannot be shown: wrong, with the reason, so that the denominator stays what it is."""
    return Prediction(
        item=question.item.id,
        variant=question.variant,
        reply="",
        answer=None,
        failure=MISSING_IMAGE,
        error=question.missing,
        is_correct=False,
    )


def judge(reply: Reply, parsing: Parsing) -> Prediction:
    """What a reply is worth; whatever cannot be read is wrong."""
    question = reply.question
    chosen = None if reply.answer is None else Reading(reply.answer)
    answer, failure = chosen or read_reply(question, reply.text, parsing)
    return Prediction(
        item=question.item.id,
        variant=question.variant,
        reply=reply.text,
        answer=answer,
        failure=failure,
        is_correct=is_right(question.item, answer),
        scores=reply.scores,
    )
