"""The commands `build` and `audit` as people see them: what was read, what was taken, what can be said against it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.progress import TaskID
from rich.table import Table

from itb.benchmark.bench_files import write_json
from itb.build.audit import AUDIT_FILE, Audit, TaskAudit, audit_bench
from itb.build.build import BuildSettings, Built, build_bench
from itb.build.framing_check import FRAMINGS, SIZES
from itb.build.plan import SPLITS
from itb.tasks import list_paper_tasks
from tools.errors import UsageError
from tools.files import check_file
from tools.terminal.bars import LiveBar
from tools.terminal.cli import stderr, stdout


def parse_sources(texts: Sequence[str]) -> dict[str, Path]:
    """`NAME=DIR` of each dataset.

    Raises:
        UsageError: another form, or a name given twice.
    """
    found: dict[str, Path] = {}
    for text in texts:
        name, equals, folder = text.partition("=")
        if not (name and equals and folder):
            raise UsageError(f"--source {text!r}: expected NAME=DIR, e.g. --source flir=data/FLIR_ADAS_1_3")
        if name in found:
            raise UsageError(f"--source {name} is given twice; put both datasets' files under one folder")
        found[name] = Path(folder)
    return found


class ProgressBar(LiveBar):
    """Progress on stderr."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks: dict[str, TaskID] = {}

    def read(self, source: str, frames: int) -> None:
        """So many frames of a source were read."""
        self.step(f"reading {source}", frames, 0)

    def step(self, name: str, done: int, total: int) -> None:
        """Of a step, so many are done; a total of 0 is unknown."""
        if name not in self._tasks:
            self._tasks[name] = self._bar.add_task(name, total=total or None)
        self._bar.update(self._tasks[name], completed=done)


def build_and_show(settings: BuildSettings, fresh: bool = False) -> None:
    """Build, and say what there is and what is missing."""
    with ProgressBar() as progress:
        built = build_bench(settings, progress, fresh)
    for line in describe_rejects(built):
        stderr.print(line, style="yellow", markup=False, soft_wrap=True)
    stdout.print(draw_plan(built))
    for line in describe_absent(built.manifest):
        stdout.print(line, markup=False, soft_wrap=True)
    show_audit(built.audit)
    stdout.print(f"{len(built.items)} questions in {settings.out}", soft_wrap=True, markup=False)


def audit_and_show(bench: Path) -> None:
    """Audit, rewrite audit.json, print the table.

    Raises:
        UsageError: the audit.json that is there is someone else's.
    """
    audit = audit_bench(bench)
    check_file(bench / AUDIT_FILE, _is_audit, "an audit of this toolkit", flag=None)
    write_json(bench / AUDIT_FILE, audit.model_dump(mode="json"))
    show_audit(audit)


def _is_audit(path: Path) -> bool:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.keys() >= {"tasks", "leaked_groups"}


def describe_rejects(built: Built) -> Iterator[str]:
    """One line for each source and code."""
    for source, codes in sorted(built.gathered.rejects.items()):
        for code, count in sorted(codes.items()):
            yield f"{source}: {count} x {code}, e.g. {built.gathered.examples[source][code]}"


def draw_plan(built: Built) -> Table:
    """What was taken of what there is, task by task and source by source."""
    table = _open_table("questions", padding=(0, 0))
    for name in ("task", "source", "there", "taken", *SPLITS, "wanted", "share %"):
        table.add_column(name, justify="left" if name in ("task", "source") else "right")
    paper = list_paper_tasks()
    for line in built.plan.lines:
        splits = [str(built.plan.take[line.task, line.source, split]) for split in SPLITS]
        share = f"{built.plan.describe_share(line.task):.2f}" if line.task in paper else ""
        wanted = "" if line.wanted is None else str(line.wanted)
        source = f"{line.source} (stand-in)" if line.is_stand_in else line.source
        table.add_row(line.task, source, str(line.available), str(line.taken), *splits, wanted, share)
    return table


def describe_absent(manifest: Mapping[str, object]) -> Iterator[str]:
    """Tasks that are not there, what falls short, and whether ITB Avg is defined."""
    tasks, short, average = manifest["tasks"], manifest["short"], manifest["itb_avg"]
    if not (isinstance(tasks, dict) and isinstance(short, dict) and isinstance(average, dict)):
        raise UsageError("the manifest lacks tasks, short or itb_avg; build the benchmark again")
    for task, described in tasks.items():
        if "absent_because" in described:
            yield f"absent: {task}: {described['absent_because']}"
    for task, missing in short.items():
        yield f"short: {task}: {missing} questions fewer than wanted"
    if not average["is_defined"]:
        yield f"ITB Avg is undefined: {average['because']}"


def show_audit(audit: Audit) -> None:
    """Print what the audit found."""
    stdout.print(_draw_audit(audit))
    stdout.print(_draw_framings(audit))
    for line in _list_findings(audit):
        stdout.print(line, markup=False, soft_wrap=True)


def _draw_audit(audit: Audit) -> Table:
    table = _open_table("audit (accuracies on test, in percent)", padding=(0, 0))
    for name in ("task", "train", "test", "chance", "majority", "blind", "95 %", "alone"):
        table.add_column(name, justify="left" if name == "task" else "right")
    for task, entry in audit.tasks.items():
        counts = (entry.train, entry.test)
        rates = (_percent(entry.chance), _percent(entry.majority), _percent(entry.blind))
        table.add_row(task, *map(str, counts), *rates, _bounds(entry), str(entry.alone or ""))
    return table


def _draw_framings(audit: Audit) -> Table:
    """In percent of the items with evidence: in view / in view and large enough."""
    table = _open_table("answerable after framing (percent in view/also large enough)")
    names = [f"{framing} {size}" for framing in FRAMINGS for size in SIZES]
    table.add_column("task", no_wrap=True)
    for name in names:
        table.add_column(name.replace(" ", "\n"), justify="right")
    for task, entry in audit.tasks.items():
        if entry.framings:
            rows = (entry.framings[name] for name in names)
            table.add_row(
                task, *(f"{100 * row.in_view / row.items:.0f}/{100 * row.large / row.items:.0f}" for row in rows)
            )
    return table


def _open_table(title: str, padding: tuple[int, int] = (0, 1)) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=padding)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _bounds(entry: TaskAudit) -> str:
    if entry.blind_interval is None:
        return ""
    low, high = entry.blind_interval
    return f"{100 * low:.0f}-{100 * high:.0f}"


def _list_findings(audit: Audit) -> Iterator[str]:
    yield f"leakage: {len(audit.leaked_groups)} groups, {len(audit.leaked_images)} images on both sides of the split"
    if audit.alike_count is not None:
        yield f"near-duplicates across the split: {audit.alike_count}"
    for first, second in audit.alike_across:
        yield f"  {first} looks like {second}"
    yield f"repeated questions: {len(audit.repeated)}; contradictory ones: {len(audit.contradictory)}"
    for folder, count in audit.drawn_images.items():
        yield f"images made by the build: {folder}: {count}"
    for remark in audit.remarks:
        yield f"remark: {remark}"
