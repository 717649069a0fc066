"""The review section in Gradio: components, their events, and nothing that decides anything."""

from functools import partial
from typing import Any

from agents.review.draft import write_draft
from agents.review.record import LONGEST_NAME, ReviewVerdict
from agents.studio.review.desk import QUEUES, Desk, Queue, Spot, read_queue
from agents.studio.review.views import SAID, show_item, show_note, show_progress
from tools.errors import ToolkitError
from tools.web import Section
from tools.web.pager import QUIET

KEYS = """
for (const [key, name] of Object.entries({ a: "accept", r: "reject", e: "edit", j: "next", k: "back" }))
  studio.key("review", key, `review-${name}`);
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[1-9]$/.test(event.key)) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (new URL(window.location.href).searchParams.get("section") !== "review") return;
  const box = document.querySelectorAll("#review-categories input[type=checkbox]")[Number(event.key) - 1];
  if (box) { event.preventDefault(); box.click(); }
});
"""
READ_NAME = "() => localStorage.getItem('studio-reviewer') || ''"
KEEP_NAME = "(name) => { localStorage.setItem('studio-reviewer', name); }"
BUTTONS = (("accept", "Accept (a)"), ("reject", "Reject (r)"), ("edit", "Edit (e)"), ("back", "Back (k)"),
           ("next", "Later (j)"))  # fmt: skip

NUMBERED = 9
BEYOND = "The keys 1 to 9 are those of the first nine; the others are chosen by a click."


def review_section(desk: Desk) -> Section:
    """The section's tab."""
    return Section("review", "Review", lambda: Tab(desk).build(), desk.run.pictures)


class Tab:
    """The components of the section."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def build(self) -> None:
        """Make components and events inside of the open tab."""
        import gradio as gr

        with gr.Row(elem_id="review-who"):
            name = gr.Textbox(
                label="Your name",
                info="No review is stored without it.",
                max_length=LONGEST_NAME,
                lines=1,
                scale=1,
                min_width=140,
                elem_id="review-name",
            )
            choices = [(label, key) for key, label in QUEUES.items()]
            queue = gr.Dropdown(choices, value="accepted", label="What", scale=2, min_width=200, elem_id="review-queue")
        progress = gr.HTML(elem_id="review-progress", js_on_load=None)
        with gr.Row(elem_id="review-body"):
            with gr.Column(scale=3, min_width=300):
                item = gr.HTML(elem_id="review-item", js_on_load=None)
            with gr.Column(scale=2, min_width=300):
                buttons, note, categories, settles, draft, keep, editor = self._make_controls(gr)
        spot = gr.State(Spot())
        shown = [spot, progress, item, note, categories, settles, draft, editor]
        said = [spot, name, categories, draft, settles]
        for key in ("accept", "reject"):
            buttons[key].click(partial(self._save, key), said, shown, **QUIET)
        keep.click(partial(self._save, "edit"), said, shown, **QUIET)
        buttons["edit"].click(lambda: gr.Group(visible=True), None, editor, **QUIET)
        buttons["next"].click(lambda at, who: self._show(self._desk.skip(at, who), who), [spot, name], shown, **QUIET)
        buttons["back"].click(lambda at, who: self._show(self._desk.go_back(at), who), [spot, name], shown, **QUIET)
        queue.input(self._begin, [queue, name], shown, **QUIET)
        name.input(None, name, js=KEEP_NAME)
        for event in (name.blur, name.submit):
            event(self._begin, [queue, name], shown, **QUIET)
        self._open(gr, name, queue, shown)

    def _make_controls(self, gr: Any) -> tuple[Any, ...]:
        with gr.Row(elem_id="review-buttons"):
            buttons = {
                key: gr.Button(label, size="sm", elem_id=f"review-{key}", scale=0, min_width=84)
                for key, label in BUTTONS
            }
        note = gr.HTML(elem_id="review-note", js_on_load=None)
        label = "This settles the conflict: reviews before it do not count any more"
        settles = gr.Checkbox(False, label=label, visible=False, elem_id="review-settles")
        with gr.Group(visible=False) as editor:
            draft = gr.Textbox(label="The text as it should be", lines=4, max_lines=24, elem_id="review-draft")
            keep = gr.Button("Save the edit", variant="primary", elem_id="review-save")
        kinds = [
            (f"{key.replace('_', ' ')} ({place})" if place <= NUMBERED else key.replace("_", " "), key)
            for place, key in enumerate(self._desk.categories, 1)
        ]
        beyond = BEYOND if len(kinds) > NUMBERED else None
        categories = gr.CheckboxGroup(kinds, label="What is wrong (1-9)", info=beyond, elem_id="review-categories")
        return buttons, note, categories, settles, draft, keep, editor

    def _open(self, gr: Any, name: Any, queue: Any, shown: list[Any]) -> None:
        """What happens when the page or the tab is opened: the name comes from this browser."""
        load = gr.context.Context.root_block.load
        named = load(None, outputs=name, js=READ_NAME, **QUIET)
        chosen = named.then(lambda: gr.Dropdown(value=self._desk.choose_queue()), None, queue, **QUIET)
        chosen.then(self._begin, [queue, name], shown, **QUIET)

    def _begin(self, what: str, name: str) -> tuple[Any, ...]:
        queue: Queue = read_queue(what, "accepted")
        return self._show(self._desk.begin(queue, name), name)

    def _save(
        self, verdict: ReviewVerdict, spot: Spot, name: str, categories: list[str], draft: str, settles: bool
    ) -> tuple[Any, ...]:
        settling = settles and spot.queue == "conflicts"
        try:
            after = self._desk.save(
                spot, name, verdict, categories=list(categories or ()), draft=draft or "", settles=settling
            )
        except ToolkitError as error:
            return self._refuse(spot, name, str(error))
        saved = "" if spot.place is None else f"Saved: {spot.place.key.id} {SAID[verdict]} by {name.strip()}."
        return self._show(after, name, saved)

    def _refuse(self, spot: Spot, name: str, why: str) -> tuple[Any, ...]:
        """Everything stays as it is, but for the note."""
        import gradio as gr

        progress = show_progress(spot.queue, self._desk.measure(spot.queue, name))
        return spot, progress, gr.skip(), show_note(why, is_problem=True), *(gr.skip() for _ in range(4))

    def _show(self, spot: Spot, name: str, saved: str = "") -> tuple[Any, ...]:
        import gradio as gr

        text = None if spot.place is None else self._desk.find(spot.place)
        return (
            spot,
            show_progress(spot.queue, self._desk.measure(spot.queue, name)),
            show_item(self._desk, spot),
            show_note(saved),
            gr.CheckboxGroup(value=[]),
            gr.Checkbox(value=False, visible=spot.queue == "conflicts"),
            gr.Textbox(value="" if text is None else write_draft(text.body)),
            gr.Group(visible=False),
        )
