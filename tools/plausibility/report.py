"""What is printed of a report."""

from typing import Final

from rich.console import Console
from rich.table import Table

from tools.plausibility.records import FolderReport, PlausibilityReport

_MOST_SKIPPED: Final = 3


HEADINGS: Final = (
    "images judged",
    "log odds against inverted photographs",
    "log odds against `prior`",
    "log odds against gray photographs (reported only)",
    "persons brighter than their surroundings",
    "correlation with the photographs",
    "verdict",
)


def print_report(report: PlausibilityReport, console: Console) -> None:
    """A table for each folder, with what its verdict rests on, then what cannot be seen at all."""
    for folder in report.folders:
        console.print(_build_table(folder))
        for line in describe_folder(folder):
            console.print(line, soft_wrap=True)
    limits = ", ".join(f"{name} {limit:+.2f}" for name, limit in report.thresholds.items())
    console.print(f"log odds above 0 speak for infrared; thresholds ({report.features}): {limits}", soft_wrap=True)
    console.print("what this cannot see:")
    for line in report.blind:
        console.print(f"  - {line}", soft_wrap=True)


def _build_table(folder: FolderReport) -> Table:
    table = Table(title=folder.folder, show_header=False, title_justify="left")
    for heading, cell in zip(HEADINGS, list_cells(folder), strict=True):
        table.add_row(heading, cell)
    return table


def list_cells(folder: FolderReport) -> list[str]:
    """What is known of one folder, in the order of `HEADINGS`."""
    odds = (f"{folder.log_odds[name]:+.2f}" for name in ("inverted", "prior", "gray"))
    vote, seen = folder.persons, folder.correlation
    persons = f"{vote.white_hot:.0%} of {vote.images} images, contrast {vote.difference:+.2f}" if vote else "no boxes"
    photograph = f"{seen.mean:+.2f} over {seen.images}" if seen else "no photographs"
    return [f"{folder.measured} of {folder.found}", *odds, persons, photograph, name_verdict(folder)]


def name_verdict(folder: FolderReport) -> str:
    """In one or two words."""
    if folder.alarms:
        return "ALARM"
    if not folder.has_verdict:
        return "no verdict"
    return "doubtful" if folder.is_doubtful else "plausible"


def describe_folder(folder: FolderReport) -> list[str]:
    """Alarms, notes and what was left out, a line each."""
    lines = [f"ALARM {folder.folder}: {alarm}" for alarm in folder.alarms]
    lines += [f"{folder.folder}: {note}" for note in folder.notes]
    if folder.skipped:
        lines.append(f"{folder.folder}: {len(folder.skipped)} images could not be judged")
        lines += [f"  {reason}" for reason in folder.skipped[:_MOST_SKIPPED]]
    return lines
