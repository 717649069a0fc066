"""The studio's page: its sections, in the order of their tabs. A section is added by one line in `list_sections`."""

from pathlib import Path

from agents.studio.browse import browse_section
from agents.studio.opened import OpenRun
from tools.web import Page, Section


def list_sections(run: OpenRun) -> tuple[Section, ...]:
    """All sections of the studio."""
    return (browse_section(run),)


def make_page(folder: Path, images: Path | None = None) -> Page:
    """The studio of a run.

    Args:
        images: where the photographs are, in place of the folder that the run names.

    Raises:
        MissingError: there is no run.
    """
    run = OpenRun(folder, images)
    return Page(f"Studio of {folder.name}", list_sections(run))
