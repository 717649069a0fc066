"""The try-out section in Gradio: components, their events, and nothing that decides anything."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from agents.studio.trial.edits import MINED, list_files, read_file, write_mined
from agents.studio.trial.run import list_mined
from agents.studio.trial.views import show_asked, show_comparison, show_estimate, show_note, show_problem
from agents.studio.trial.workshop import Workshop
from tools.errors import ToolkitError
from tools.registry import BACKENDS
from tools.web import Section
from tools.web.pager import QUIET

OFFERED = 200
"""Images that the list offers; any other id can be written into it."""
FIRST = 4
"""Images that are chosen at first."""


@dataclass(frozen=True)
class Desk:
    """What somebody is editing.

    Attributes:
        file: that is open.
        edits: texts that differ from the pack's, by file.
        priced: the images, texts and backend whose cost was shown last.
    """

    file: str = "caption_filter.md"
    edits: dict[str, str] = field(default_factory=dict)
    priced: tuple[Any, ...] = ()


def try_section(workshop: Workshop) -> Section:
    """The section's tab."""
    return Section("try", "Try a prompt", lambda: Tab(workshop).build())


class Tab:
    """The components of one section."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    def build(self) -> None:
        """Make components and events inside of the open tab."""
        import gradio as gr

        files = [*list_files(self._workshop.base.pack), MINED]
        start = Desk(file=files[0])
        desk = gr.State(start)
        with gr.Row(elem_id="try-body"):
            with gr.Column(scale=3, min_width=320):
                name = gr.Dropdown(files, value=files[0], label="File of the pack, a copy of it", elem_id="try-file")
                text = gr.Textbox(self._read(start), label="Text", lines=22, max_lines=22, elem_id="try-text")
                opened = gr.Textbox(files[0], visible=False)  # of the text: both are the browser's, from one moment
                edited = gr.HTML(show_note("Nothing is edited."), elem_id="try-edited", js_on_load=None)
                undo = gr.Button("As the pack has it", size="sm", elem_id="try-undo")
            with gr.Column(scale=2, min_width=300):
                images = gr.Dropdown(
                    self._list_images(OFFERED), value=self._list_images(FIRST), multiselect=True, max_choices=20,
                    allow_custom_value=True, label="Images, 1 to 20", elem_id="try-images",
                )  # fmt: skip
                backends = list(self._workshop.list_backends())
                backend = gr.Dropdown(backends, value=backends[0], label="Who thinks", elem_id="try-backend")
                asked = gr.HTML(self.tell_asked(backends[0]), elem_id="try-asked", js_on_load=None)
                price = gr.Button("What would it cost?", size="sm", elem_id="try-price")
                go = gr.Button("Try it", variant="primary", elem_id="try-go")
                cost = gr.HTML(elem_id="try-cost", js_on_load=None)
                target = gr.Textbox(label="Save the edited pack in a new folder", lines=1, elem_id="try-folder")
                save = gr.Button("Save as a pack", size="sm", elem_id="try-save")
                saved = gr.HTML(elem_id="try-saved", js_on_load=None)
        found = gr.HTML(elem_id="try-found", js_on_load=None)

        name.input(self.turn_to, [desk, opened, text, name], [desk, opened, text, edited], **QUIET)
        undo.click(self.undo, [desk], [desk, text, edited], **QUIET)
        backend.input(self.tell_asked, backend, asked, **QUIET)
        slow = {"api_visibility": "private", "show_progress": "minimal"}
        price.click(self.price, [desk, opened, text, images, backend], [desk, edited, cost], **slow)
        go.click(self.go, [desk, opened, text, images, backend], [desk, edited, cost, found], **slow)
        save.click(self.save, [desk, opened, text, target], [desk, edited, saved], **slow)

    def tell_asked(self, backend: str) -> str:
        """Who a try-out would ask, before it does."""
        return _say(lambda: show_asked(self._workshop.base.describe_asked(backend), backend))

    def turn_to(self, desk: Desk, opened: str, text: str, name: str) -> tuple[Desk, str, str, str]:
        """Put one file away and open another.

        Args:
            opened: whose text it is. A second event may come before the first is answered: what the desk says is open
                is then not yet what the browser shows.
        """
        kept = replace(self._keep(desk, opened, text), file=name)
        return kept, name, self._read(kept), _tell(kept)

    def undo(self, desk: Desk) -> tuple[Desk, str, str]:
        """The open file as the pack has it."""
        kept = replace(desk, edits={name: text for name, text in desk.edits.items() if name != desk.file})
        return kept, self._read(kept), _tell(kept)

    def price(self, desk: Desk, opened: str, text: str, images: list[str], backend: str) -> tuple[Desk, str, str]:
        """What a try-out would cost."""
        kept = self._keep(desk, opened, text)
        shown = _say(lambda: show_estimate(self._workshop.estimate(images, kept.edits, backend), backend))
        return replace(kept, priced=_name(kept, images, backend)), _tell(kept), shown

    def go(self, desk: Desk, opened: str, text: str, images: list[str], backend: str) -> tuple[Desk, str, str, str]:
        """A try-out; where a model is asked, only after its cost was shown."""
        kept = self._keep(desk, opened, text)
        if BACKENDS.get_trait(backend, "gathers") and kept.priced != _name(kept, images, backend):
            kept, told, cost = self.price(kept, opened, text, images, backend)
            return kept, told, cost, show_note("Nothing was asked yet: this is what it costs. Press again to try it.")
        shown = _say(lambda: show_comparison(self._workshop.compare(images, kept.edits, backend), backend))
        return kept, _tell(kept), "", shown

    def save(self, desk: Desk, opened: str, text: str, target: str) -> tuple[Desk, str, str]:
        """The edited pack as a folder."""
        kept = self._keep(desk, opened, text)
        shown = _say(lambda: show_note(f"Saved: {self._workshop.save(kept.edits, target)} (--pack names it in a run)"))
        return kept, _tell(kept), shown

    def _keep(self, desk: Desk, opened: str, text: str) -> Desk:
        """With what stands in the editor, if it is not what the pack has."""
        desk = replace(desk, file=opened)
        others = {name: kept for name, kept in desk.edits.items() if name != desk.file}
        is_edited = text.rstrip() != self._read(replace(desk, edits=others)).rstrip()
        return replace(desk, edits={**others, desk.file: text} if is_edited else others)

    def _read(self, desk: Desk) -> str:
        base = self._workshop.base
        if desk.file == MINED and MINED not in desk.edits:
            return write_mined(list_mined(base))
        return read_file(base.pack, desk.edits, desk.file)

    def _list_images(self, most: int) -> list[str]:
        query = "SELECT CAST(image_id AS TEXT) FROM results ORDER BY position LIMIT ?"
        return [name for (name,) in self._workshop.base.run.store.query(query, (most,))]


def _name(desk: Desk, images: list[str], backend: str) -> tuple[Any, ...]:
    return tuple(images), tuple(sorted(desk.edits.items())), backend


def _say(act: Callable[[], str]) -> str:
    """What came of it, or why it did not."""
    try:
        return act()
    except ToolkitError as error:
        return show_problem(str(error))


def _tell(desk: Desk) -> str:
    names = ", ".join(desk.edits)
    return show_note(f"Edited: {names}." if names else "Nothing is edited.")
