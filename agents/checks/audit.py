"""`python -m agents audit FILE`: what in a LLaVA-style dataset the modality cannot show or the boxes contradict."""

import itertools
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agents.checks.annotated import Annotated, load_annotated
from agents.checks.audit_join import ImageNames, find_known
from agents.checks.audit_rows import AuditRow, list_files, read_audit_rows
from agents.checks.brightness import find_leaks
from agents.checks.evidence_rows import load_evidence
from agents.checks.verify import verify
from tools.conversations import BadRow
from tools.errors import ToolkitError
from tools.evidence import CLAIM_CHECK, Evidence
from tools.prompts.lexicon import Lexicon, load_lexicon
from tools.records import Box, Message, Objection

EXAMPLES_AT_MOST = 3
REJECTS_NAMED_AT_MOST = 20
OF_BOXES = ("count", "position", "object")


@dataclass
class Finding:
    """How often something was found, in texts rather than words, with the first quotes.

    Attributes:
        captions, assistant: texts that hold it.
        examples: place in the file and the words.
    """

    captions: int = 0
    assistant: int = 0
    examples: list[tuple[int, str]] = field(default_factory=list)

    def add(self, place: int, quote: str) -> None:
        """Keep an example, if there are not enough yet."""
        if len(self.examples) < EXAMPLES_AT_MOST and quote not in (words for _, words in self.examples):
            self.examples.append((place, quote))


@dataclass
class AuditReport:
    """The outcome.

    Attributes:
        rows: rows that could be read.
        captions, assistant: texts that were searched, by where they stood.
        leaks: by category of the lexicon, all categories.
        checked: rows with an image that the instances file has; contradictions are only looked for there.
        unmatched: rows whose image it has not, None without an instances file.
        contradictions: by check (that of brightness, for a run that measured; `count`, `position`, `object`), then
            `coordinates` and `source`, which need no boxes.
        rejects: malformed rows by reason.
        reject_places: where the first of them stand.
    """

    file: str
    rows: int = 0
    captions: int = 0
    assistant: int = 0
    texts_with_leak: int = 0
    leaks: dict[str, Finding] = field(default_factory=dict)
    checked: int = 0
    unmatched: int | None = None
    rows_with_contradiction: int = 0
    contradictions: dict[str, Finding] = field(default_factory=dict)
    rejects: Counter[str] = field(default_factory=Counter)
    reject_places: list[tuple[int, str]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON, with rates; the leak rate of a category is its share of all texts of that sort."""
        made = asdict(self)
        made["rejects"] = dict(self.rejects)
        for name, finding in self.leaks.items():
            made["leaks"][name]["caption_rate"] = _rate(finding.captions, self.captions)
            made["leaks"][name]["assistant_rate"] = _rate(finding.assistant, self.assistant)
        made["leak_rate"] = _rate(self.texts_with_leak, self.captions + self.assistant)
        made["contradiction_rate"] = _rate(self.rows_with_contradiction, self.checked)
        return made


def audit_file(
    file: Path, prompts_dir: Path, instances: Path | None = None, photographs: Path | None = None
) -> AuditReport:
    """Search a dataset.

    Args:
        file: JSON, JSON Lines or Parquet; rows with `conversations`, `messages` or `caption`. Or a run folder: its
            captions and instructions. What a run measured is read where it lies beside the file, as in exports.
        prompts_dir: modality pack, for its lexicon.
        instances: COCO instances file; joined by the name of the image's file, else by `image_id` (`ImageNames`). What
            is named without a box counts as an `object` contradiction: no captions vouch for it here.
        photographs: folder of the images of the instances file, if the boxes are to be compared with them.

    Raises:
        MissingError, UsageError, ToolkitError: a file is not there, is of another kind, or no row of it can be read.
    """
    lexicon = load_lexicon(prompts_dir)
    annotated = load_annotated(instances, photographs) if instances is not None else Annotated({}, {})
    boxes, images, measured = annotated.boxes, ImageNames(annotated.file_names), load_evidence(file)
    report = AuditReport(file=str(file), leaks={name: Finding() for name in lexicon.categories})
    checks = (*((CLAIM_CHECK,) if measured else ()), *(OF_BOXES if boxes or measured else ()), "coordinates", "source")
    report.contradictions = {name: Finding() for name in checks}
    report.unmatched = None if instances is None and not measured else 0
    for row in itertools.chain.from_iterable(map(read_audit_rows, list_files(file))):
        if isinstance(row, BadRow):
            _add_reject(report, row)
        else:
            known = find_known(measured, row.source)
            own = known.boxes if known else boxes.get(images.find(row.source) or "")
            _add_row(report, row, own, lexicon, known.evidence if known else None)
    if report.rejects and not report.rows:
        reasons = "; ".join(f"{reason} ({count})" for reason, count in report.rejects.most_common(3))
        raise ToolkitError(f"{file}: none of {report.rejects.total()} rows could be read: {reasons}")
    return report


def render_report(report: AuditReport, subject: str) -> RenderableType:
    """The outcome for a terminal; `subject` is what the pack calls the modality."""
    head = f"{report.file}: {report.rows} rows, {report.captions} captions, {report.assistant} assistant turns"
    parts: list[RenderableType] = [Text(head, style="bold"), _make_leak_table(report, subject)]
    if report.unmatched is not None:
        joined = f"{report.checked} rows joined to boxes, {report.rows_with_contradiction} contradict them"
        place = "among those measured" if CLAIM_CHECK in report.contradictions else "in the instances file"
        parts.append(Text(f"{joined}; {report.unmatched} rows found no image {place}"))
    parts.append(_make_contradiction_table(report))
    if report.rejects:
        parts.append(Text(f"{report.rejects.total()} rows could not be read:"))
        parts += [Text(f"  row {place}: {reason}") for place, reason in report.reject_places]
    return Group(*parts)


def _add_reject(report: AuditReport, row: BadRow) -> None:
    report.rejects[row.reason] += 1
    if len(report.reject_places) < REJECTS_NAMED_AT_MOST:
        report.reject_places.append((row.number, row.reason))


def _add_row(
    report: AuditReport, row: AuditRow, boxes: tuple[Box, ...] | None, lexicon: Lexicon, measured: Evidence | None
) -> None:
    report.rows += 1
    if row.caption is not None:
        report.captions += 1
        for category in _add_leaks(report, row.place, row.caption, lexicon, measured):
            report.leaks[category].captions += 1
    for message in row.messages:
        if message.role == "assistant":
            report.assistant += 1
            for category in _add_leaks(report, row.place, message.content, lexicon, measured):
                report.leaks[category].assistant += 1
    if boxes is None and report.unmatched is not None:
        report.unmatched += 1
    _add_contradictions(report, row, boxes, lexicon, measured)


def _add_leaks(report: AuditReport, place: int, text: str, lexicon: Lexicon, measured: Evidence | None) -> set[str]:
    found = find_leaks(text, lexicon, is_measured=measured is not None)
    report.texts_with_leak += bool(found)
    for category, hits in found.items():
        for hit in hits:
            report.leaks[category].add(place, hit.text)
    return set(found)


def _add_contradictions(
    report: AuditReport, row: AuditRow, boxes: tuple[Box, ...] | None, lexicon: Lexicon, measured: Evidence | None
) -> None:
    messages = row.messages or (Message(role="assistant", content=row.caption or ""),)
    found = verify(messages, boxes or (), (), lexicon, row.kind, has_evidence=boxes is not None, measured=measured)
    own = [objection for objection in found if objection.check in report.contradictions]
    if measured and not boxes:  # a run without boxes: its captions are all that vouches for things
        own = [objection for objection in own if not _needs_boxes(objection)]
    for objection in own:
        report.contradictions[objection.check].add(row.place, objection.quote)
    for check in {objection.check for objection in own}:
        if row.messages:
            report.contradictions[check].assistant += 1
        else:
            report.contradictions[check].captions += 1
    if boxes is not None:
        report.checked += 1
        report.rows_with_contradiction += any(
            _needs_boxes(objection) or objection.check == CLAIM_CHECK for objection in own
        )


def _needs_boxes(objection: Objection) -> bool:
    return objection.check in OF_BOXES


def _make_leak_table(report: AuditReport, subject: str) -> Table:
    table = Table(title=f"what {subject} cannot show", title_justify="left")
    for name in ("category", "captions", "assistant turns", "examples"):
        table.add_column(name)
    for name, finding in report.leaks.items():
        captions = _show_share(finding.captions, report.captions)
        assistant = _show_share(finding.assistant, report.assistant)
        table.add_row(name, captions, assistant, _show_examples(finding))
    return table


def _make_contradiction_table(report: AuditReport) -> Table:
    table = Table(title="what the image does not bear out", title_justify="left")
    for name in ("check", "rows", "examples"):
        table.add_column(name)
    for name, finding in report.contradictions.items():
        table.add_row(name, str(finding.captions + finding.assistant), _show_examples(finding))
    return table


def _show_examples(finding: Finding) -> Text:
    return Text("; ".join(f"{quote[:60]!r} (row {place})" for place, quote in finding.examples))


def _show_share(count: int, total: int) -> str:
    return f"{count} ({100 * count / total:.1f} %)" if total else "-"


def _rate(count: int, total: int) -> float | None:
    return round(count / total, 6) if total else None
