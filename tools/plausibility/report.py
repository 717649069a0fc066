"""What is printed of a report."""

from rich.console import Console
from rich.table import Table

from tools.plausibility.records import FolderReport, PlausibilityReport

_MOST_SKIPPED = 3


def print_report(report: PlausibilityReport, console: Console) -> None:
    """A table, then what each folder's verdict rests on, then what cannot be seen at all."""
    console.print(build_table(report))
    for folder in report.folders:
        for line in describe_folder(folder):
            console.print(line, soft_wrap=True)
    console.print("what this cannot see:")
    for line in report.blind:
        console.print(f"  - {line}", soft_wrap=True)


def build_table(report: PlausibilityReport) -> Table:
    """A row a folder."""
    table = Table(title=f"plausibility ({report.features}); log odds above 0 speak for infrared")
    table.add_column("folder", overflow="fold")
    for heading in ("images", "against inverted", "prior", "gray *", "persons brighter", "photograph", "verdict"):
        table.add_column(heading, justify="left" if heading == "verdict" else "right")
    for folder in report.folders:
        table.add_row(*list_cells(folder))
    table.caption = "* reported only: four skews do not tell gray photographs"
    return table


def list_cells(folder: FolderReport) -> list[str]:
    """The row of one folder, as text."""
    odds = (f"{folder.log_odds[name]:+.2f}" for name in ("inverted", "prior", "gray"))
    vote, seen = folder.persons, folder.correlation
    persons = f"{vote.white_hot:.0%} of {vote.images}, contrast {vote.difference:+.2f}" if vote else "no boxes"
    photograph = f"r {seen.mean:+.2f} of {seen.images}" if seen else "none"
    return [folder.folder, f"{folder.measured} of {folder.found}", *odds, persons, photograph, name_verdict(folder)]


def name_verdict(folder: FolderReport) -> str:
    """In one or two words."""
    if folder.alarms:
        return "ALARM"
    return "plausible" if folder.has_verdict else "no verdict"


def describe_folder(folder: FolderReport) -> list[str]:
    """Alarms, notes and what was left out, a line each."""
    lines = [f"ALARM {folder.folder}: {alarm}" for alarm in folder.alarms]
    lines += [f"{folder.folder}: {note}" for note in folder.notes]
    if folder.skipped:
        lines.append(f"{folder.folder}: {len(folder.skipped)} images could not be judged")
        lines += [f"  {reason}" for reason in folder.skipped[:_MOST_SKIPPED]]
    return lines
