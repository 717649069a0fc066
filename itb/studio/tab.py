"""The page of a benchmark in Gradio: components, their events, and nothing that decides anything."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any
from urllib.parse import parse_qsl

from itb.studio.answers import ORDERS, OUTCOMES, Answers, Spot, Wanted
from itb.studio.views import SECTION, TEMPLATES, show_grid, show_list, show_question, show_tables, write_address
from itb.tasks import name_task
from tools.web import Page, Section

NAMES = tuple(field.name for field in fields(Wanted))
CLICK = """
element.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-go]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  trigger('select', { go: link.getAttribute('href') });
});
"""
ADDRESS = "(query) => { history.replaceState(history.state, '', '?' + query); }"
SHOW = "() => { document.getElementById('bench-question').scrollIntoView({ behavior: 'smooth', block: 'nearest' }); }"
SCRIPT = """
for (const key of ["j", "ArrowRight"]) studio.key("questions", key, "bench-next");
for (const key of ["k", "ArrowLeft"]) studio.key("questions", key, "bench-previous");
studio.key("questions", "n", "bench-page-on");
studio.key("questions", "p", "bench-page-back");
"""
BUTTONS = (
    ("page-back", "Page back (p)"),
    ("page-on", "Page on (n)"),
    ("previous", "Question before (k)"),
    ("next", "Question after (j)"),
)
QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
LONGEST = 1000
"""Characters of a value in an address."""


def make_page(answers: Answers) -> Page:
    """The page: scores down to the question, and all tables of the report."""
    sections = (
        Section(SECTION, "Scores and questions", lambda: Tab(answers).build()),
        Section("tables", "Tables", lambda: _build_tables(answers)),
    )
    style = (TEMPLATES / "bench.css").read_text(encoding="utf-8")
    return Page(f"{answers.bench.name}: {', '.join(answers.models)}", sections, style, SCRIPT)


def _build_tables(answers: Answers) -> None:
    import gradio as gr

    gr.HTML(show_tables(answers), elem_id="bench-tables", js_on_load=None)


class Tab:
    """The components of the first section."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def build(self) -> None:
        """Make components and events inside of the open tab."""
        import gradio as gr

        grid = gr.HTML(show_grid(self._answers), elem_id="bench-grid", js_on_load=CLICK)
        with gr.Row(elem_id="bench-wanted"):
            chosen = [self._choice(gr, name) for name in NAMES]
        with gr.Row(elem_id="bench-pager"):
            state = gr.HTML(elem_id="bench-state", js_on_load=None, scale=1, min_width=160)
            back, on, previous, following = (
                gr.Button(text, size="sm", elem_id=f"bench-{name}", scale=0, min_width=160) for name, text in BUTTONS
            )
        with gr.Row(elem_id="bench-body"):
            with gr.Column(scale=2, min_width=300):
                rows = gr.HTML(elem_id="bench-list", js_on_load=CLICK)
            with gr.Column(scale=5, min_width=320):
                question = gr.HTML(elem_id="bench-question", js_on_load=None)
        spot, address = gr.State(Spot()), gr.Textbox(visible=False)
        shown = [rows, question, state, spot, address]

        def link(event: Any, act: Any, inputs: list[Any], *, is_filled: bool = False) -> Any:
            outputs = [*chosen, *shown] if is_filled else shown
            return event(act, inputs, outputs, **QUIET).then(None, address, js=ADDRESS)

        for field in chosen:
            link(field.input, lambda *values: self.show(Spot(_make_wanted(values))), chosen)
        link(back.click, lambda at: self.show(_turn(at, -1)), [spot])
        link(on.click, lambda at: self.show(_turn(at, 1)), [spot])
        link(previous.click, lambda at: self.show(self._answers.step(at, -1)), [spot])
        link(following.click, lambda at: self.show(self._answers.step(at, 1)), [spot])

        def go(event: gr.EventData) -> Any:
            return self.fill(self.read_spot(dict(parse_qsl(str(event.go).removeprefix("?")))))

        link(grid.select, go, [], is_filled=True).then(None, js=SHOW)
        link(rows.select, go, [], is_filled=True).then(None, js=SHOW)

        def open_page(request: gr.Request) -> Any:
            return self.fill(self.read_spot(dict(request.query_params)))[:-1]

        gr.context.Context.root_block.load(open_page, outputs=[*chosen, *shown[:-1]], **QUIET)

    def read_spot(self, query: Mapping[str, str]) -> Spot:
        """Where an address leads; what it says that there is not counts for nothing."""
        given = {name: str(query.get(name, ""))[:LONGEST] for name in NAMES}
        for name in NAMES:
            if name != "text" and given[name] not in (value for _, value in self._list_choices(name)):
                given[name] = ""
        page = str(query.get("page", ""))[:9]
        return Spot(Wanted(**given), int(page) if page.isdecimal() else 1, str(query.get("item", ""))[:LONGEST])

    def show(self, spot: Spot) -> tuple[str, str, str, Spot, str]:
        """The list, the open question, where this is, the spot, and the page's address."""
        listed = self._answers.list(spot)
        at = listed.spot
        state = f'<p class="studio small">{listed.total:,} questions, page {at.page:,} of {listed.pages:,}</p>'
        return show_list(self._answers, listed), show_question(self._answers, at.item), state, at, write_address(at)

    def fill(self, spot: Spot) -> tuple[Any, ...]:
        """The same, and before it what each filter is set to."""
        return *(getattr(spot.wanted, name) for name in NAMES), *self.show(spot)

    def _choice(self, gr: Any, name: str) -> Any:
        if name == "text":
            return gr.Textbox(label="Text", placeholder="words, an id", lines=1, min_width=150, elem_id="bench-text")
        label = name.capitalize()
        return gr.Dropdown(
            self._list_choices(name),
            value="",
            label=label,
            min_width=130,
            elem_id=f"bench-{name}",
            allow_custom_value=False,
        )

    def _list_choices(self, name: str) -> list[tuple[str, str]]:
        fixed = {"outcome": OUTCOMES, "sort": ORDERS}.get(name)
        if fixed is not None:
            return [(label, key) for key, label in fixed.items()]
        values = {"task": self._answers.tasks, "source": self._answers.sources, "model": self._answers.models}[name]
        return [("any", ""), *((name_task(value) if name == "task" else value, value) for value in values)]


def _make_wanted(values: Sequence[Any]) -> Wanted:
    return Wanted(**{name: str(value or "") for name, value in zip(NAMES, values, strict=True)})


def _turn(spot: Spot, by: int) -> Spot:
    return replace(spot, page=max(1, spot.page + by), item="")
