"""What the try-out section shows, as HTML; every text is escaped by the templates."""

from pathlib import Path
from typing import NamedTuple

from agents.studio.trial.base import Asked
from agents.studio.trial.compare import Figures
from agents.studio.trial.cost import Estimate
from agents.studio.trial.workshop import Comparison
from tools.web import escape, fill

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
NAMES = {
    "captions": "captions",
    "accepted": "accepted instructions",
    "leaks": "leaks in captions and answers",
    "objections": "objections",
    "rounds": "rounds of debate",
    "tokens": "tokens of all replies",
    "usd": "cost of all replies, US dollars",
}
UNKNOWN = "unknown"


class Row(NamedTuple):
    """One figure before and after."""

    name: str
    before: str
    after: str
    change: str


def list_rows(before: Figures, after: Figures) -> tuple[Row, ...]:
    """The figures side by side, with their differences."""
    return tuple(_make_row(NAMES[name], getattr(before, name), getattr(after, name)) for name in NAMES)


def _make_row(name: str, before: float | None, after: float | None) -> Row:
    if before is None or after is None:
        return Row(name, _say(before), _say(after), UNKNOWN)
    change = after - before
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    return Row(name, _say(before), _say(after), f"{sign}{_say(abs(change))}")


def _say(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}"


def show_comparison(found: Comparison, backend: str) -> str:
    """What a try-out changed."""
    return fill(
        TEMPLATES,
        "trial.html.j2",
        found=found,
        backend=backend,
        rows=list_rows(found.before, found.after),
        changed=sum(change.is_changed for change in found.images),
        requests=sum(used.requests for used in found.asked),
        spent=_say(found.asked_usd),
    )


def show_estimate(found: Estimate, backend: str) -> str:
    """What a try-out will cost."""
    return fill(TEMPLATES, "estimate.html.j2", found=found, backend=backend, say=_say)


def show_asked(found: Asked | None, backend: str) -> str:
    """Who is asked, and where."""
    return fill(TEMPLATES, "asked.html.j2", found=found, backend=backend)


def show_problem(text: str) -> str:
    """What does not work, and why."""
    return f'<div class="studio"><p class="rejection" role="alert">{escape(text)}</p></div>'


def show_note(text: str) -> str:
    """A sentence."""
    return f'<div class="studio"><p class="small">{escape(text)}</p></div>'
