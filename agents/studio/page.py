"""The studio's page: its sections, in the order of their tabs. A section is added by one line in `list_sections`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agents.studio.browse.library import Library
from agents.studio.browse.tab import KEYS, browse_section
from agents.studio.index.build import IndexBuilder
from agents.studio.keep import KEEP, TRIALS, find_keep
from agents.studio.opened import OpenRun
from agents.studio.places import check_places
from agents.studio.review.desk import Desk
from agents.studio.review.tab import KEYS as REVIEW_KEYS
from agents.studio.review.tab import review_section
from agents.studio.rules.tab import rules_section
from agents.studio.trial.base import TrialBase
from agents.studio.trial.tab import try_section
from agents.studio.trial.workshop import Workshop
from tools.files import own_folder
from tools.web import Page, Section

STYLE = Path(__file__).parent / "templates" / "studio.css"


def list_sections(library: Library, workshop: Workshop) -> tuple[Section, ...]:
    """All sections of the studio; `library.run` is the run, `library.index` its index."""
    desk = Desk(library.run, workshop.base.pack)
    return (browse_section(library), rules_section(library), review_section(desk), try_section(workshop))


@contextmanager
def open_page(
    folder: Path, given: Mapping[str, Any], keep: Path | None = None, *, is_local: bool = True
) -> Iterator[Page]:
    """The studio of a run, whose index is built in the background while it is open.

    Args:
        folder: of the run, which is only read, but for the reviews that people write.
        given: settings in place of what the run remembers: paths that moved, a pack, an endpoint.
        keep: where the index lies, and replies to tried prompts; None for the usual place.
        is_local: no other machine can open it.

    Raises:
        MissingError: there is no run, or something that is given is not there.
        UsageError: `keep` is somebody else's folder.
    """
    check_places(given)
    run = OpenRun(folder, given.get("images"))
    with own_folder(keep or find_keep(folder), KEEP) as owned:
        builder = IndexBuilder(folder, owned.path)
        builder.begin()
        try:
            workshop = Workshop(TrialBase(run, given), owned.path / TRIALS, is_confined=not is_local)
            sections = list_sections(Library(run, builder), workshop)
            style, keys = STYLE.read_text(encoding="utf-8"), KEYS + REVIEW_KEYS
            yield Page(f"Studio of {folder.resolve().name}", sections, style, keys)
        finally:
            builder.stop()
