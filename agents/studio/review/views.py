"""What the review section shows, as HTML. Every text is escaped by the templates."""

from pathlib import Path

from agents.review.draft import write_draft
from agents.studio.browse.views import make_view
from agents.studio.review.desk import Desk, Progress, Queue, Spot
from tools.web import fill

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
SAID = {"accept": "accepted", "reject": "rejected", "edit": "edited"}
MARKS = {"accept": "accepted", "reject": "rejected", "edit": "revised"}
NOTHING = {
    "plan": "No text of a plan is left. `python -m agents review-plan RUN` draws one, and says what it proves.",
    "accepted": "You have reviewed all accepted texts.",
    "objected": "You have reviewed all texts that the debate agent objected to, or there are none.",
    "conflicts": "People do not differ about any text.",
}


def show_item(desk: Desk, spot: Spot) -> str:
    """The open text with its pictures; what others said of it only among conflicts, so that nobody is led."""
    text = None if spot.place is None else desk.find(spot.place)
    result = None if text is None else desk.run.store.find_result(text.image_id)
    if spot.place is not None and (text is None or result is None):
        nothing = "The run says something else here now than when this text was put in line; go on to the next one."
        return fill(TEMPLATES, "review.html.j2", text=None, nothing=nothing)
    if text is None or result is None or spot.place is None:
        return fill(TEMPLATES, "review.html.j2", text=None, nothing=NOTHING[spot.queue])
    opinions = list(desk.find_opinions(spot.place).values()) if spot.queue == "conflicts" else []
    return fill(
        TEMPLATES,
        "review.html.j2",
        text=text,
        title=f"{text.kind.capitalize()} of image {text.image_id}",
        view=make_view(result),
        has_photograph=desk.run.has_photograph(result),
        nouns=desk.run.modality.nouns,
        opinions=opinions,
        said=SAID,
        marks=MARKS,
        draft=write_draft,
    )


def show_progress(queue: Queue, found: Progress) -> str:
    """How far the queue is."""
    parts = [
        f"of the plan's {found.total:,} texts {found.mine:,} by you, {found.anybody:,} by anybody"
        if queue == "plan" and found.total is not None
        else f"{found.mine:,} texts reviewed by you, {found.all:,} by anybody",
        f"conflicts: {found.conflicts:,}",
    ]
    return show_note(" · ".join(parts))


def show_note(text: str, *, is_problem: bool = False) -> str:
    """A sentence for the reviewer."""
    return fill(TEMPLATES, "note.html.j2", text=text, is_problem=is_problem)
