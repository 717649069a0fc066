"""The page of a benchmark in Gradio: components, their events, and nothing that decides anything."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from itb.studio.answers import ORDERS, OUTCOMES, Answers, Spot, Wanted
from itb.studio.views import SECTION, TEMPLATES, show_grid, show_list, show_question, show_tables, write_address
from itb.tasks import name_task
from tools.web import Page, Section
from tools.web.pager import FOLLOW, Pager, PagerNames, read_page

NAMES = tuple(field.name for field in fields(Wanted))
PAGER = PagerNames("questions", "bench", "question", 160)
SHOW = "() => { document.getElementById('bench-question').scrollIntoView({ behavior: 'smooth', block: 'nearest' }); }"
LONGEST = 1000
"""Characters of a value in an address."""


def make_page(answers: Answers) -> Page:
    """The page: scores down to the question, and all tables of the report."""
    sections = (
        Section(SECTION, "Scores and questions", lambda: Tab(answers).build()),
        Section("tables", "Tables", lambda: _build_tables(answers)),
    )
    style = (TEMPLATES / "bench.css").read_text(encoding="utf-8")
    return Page(f"{answers.bench.name}: {', '.join(answers.models)}", sections, style, PAGER.write_keys())


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

        grid = gr.HTML(show_grid(self._answers), elem_id="bench-grid", js_on_load=FOLLOW)
        with gr.Row(elem_id="bench-wanted"):
            chosen = [self._choice(gr, name) for name in NAMES]
        pager = Pager(PAGER, Spot())
        for field in chosen:
            pager.link(field.input, lambda *values: self.show(Spot(_make_wanted(values))), chosen)
        pager.listen(self.show, _turn, self._answers.step)
        for linked in (grid, pager.rows):
            pager.follow(linked, self._go, chosen).then(None, js=SHOW)
        pager.begin(self._go, chosen)

    def _go(self, query: Mapping[str, str]) -> tuple[Any, ...]:
        return self.fill(self.read_spot(query))

    def read_spot(self, query: Mapping[str, str]) -> Spot:
        """Where an address leads; what it says that there is not counts for nothing."""
        given = {name: str(query.get(name, ""))[:LONGEST] for name in NAMES}
        for name in NAMES:
            if name != "text" and given[name] not in (value for _, value in self._list_choices(name)):
                given[name] = ""
        return Spot(Wanted(**given), read_page(query), str(query.get("item", ""))[:LONGEST])

    def show(self, spot: Spot) -> tuple[str, str, str, Spot, str]:
        """The list, the open question, where this is, the spot, and the page's address."""
        listed = self._answers.list(spot)
        at = listed.spot
        state = PAGER.write_state(listed.total, at.page, listed.pages)
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
