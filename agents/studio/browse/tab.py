"""The browse section in Gradio: components, their events, and nothing that decides anything."""

from dataclasses import asdict
from typing import Any

from agents.output.report.sample import STATUSES
from agents.studio.browse.library import Library, Spot
from agents.studio.browse.views import show_image, show_list, write_address
from agents.studio.index.filters import ORDERS, Filters, read_filters
from tools.records import SENSOR_KINDS
from tools.web import Section

NAMES = ("kind", "verdict", "category", "rule", "round", "sort", "text")
ROW_CLICK = """
element.addEventListener('click', (event) => {
  const row = event.target.closest('a[data-image]');
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  trigger('select', { image: row.dataset.image });
});
"""
ADDRESS = "(query) => { history.replaceState(history.state, '', '?' + query); }"
KEYS = """
for (const key of ["j", "ArrowRight"]) studio.key("browse", key, "browse-next");
for (const key of ["k", "ArrowLeft"]) studio.key("browse", key, "browse-previous");
studio.key("browse", "n", "browse-page-on");
studio.key("browse", "p", "browse-page-back");
"""
BUTTONS = (
    ("page-back", "Page back (p)"),
    ("page-on", "Page on (n)"),
    ("previous", "Image before (k)"),
    ("next", "Image after (j)"),
)
MOST_CHOICES = 500
"""Of a filter: a run may mine thousands of rules, and each choice is part of the page."""
QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


def browse_section(library: Library) -> Section:
    """The section's tab."""
    return Section("browse", "Browse", lambda: Tab(library).build(), library.run.pictures)


class Tab:
    """The components of one section."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def build(self) -> None:
        """Make components and events inside of the open tab."""
        import gradio as gr

        with gr.Row(elem_id="browse-filters"):
            fields = [self._choice(gr, name) for name in NAMES[:-1]]
            fields.append(
                gr.Textbox(label="Text", placeholder="words, an id", lines=1, min_width=150, elem_id="browse-text")
            )
        with gr.Row(elem_id="browse-pager"):
            state = gr.HTML(elem_id="browse-state", js_on_load=None, scale=1, min_width=160)
            back, on, previous, following = (
                gr.Button(text, size="sm", elem_id=f"browse-{name}", scale=0, min_width=130) for name, text in BUTTONS
            )
        with gr.Row(elem_id="browse-body"):
            with gr.Column(scale=2, min_width=300):
                rows = gr.HTML(elem_id="browse-list", js_on_load=ROW_CLICK)
            with gr.Column(scale=5, min_width=320):
                image = gr.HTML(elem_id="browse-image", js_on_load=None)
        spot, address = gr.State(Spot()), gr.Textbox(visible=False)
        shown = [rows, image, state, spot, address]

        def link(event: Any, act: Any, inputs: list[Any]) -> None:
            event(act, inputs, shown, **QUIET).then(None, address, js=ADDRESS)

        for field in fields:
            link(field.input, lambda *values: self.show(Spot(_make_filters(values))), fields)
        link(back.click, lambda at: self.show(_turn(at, -1)), [spot])
        link(on.click, lambda at: self.show(_turn(at, 1)), [spot])
        link(previous.click, lambda at: self.show(self._library.step(at, -1)), [spot])
        link(following.click, lambda at: self.show(self._library.step(at, 1)), [spot])

        def choose(at: Spot, event: gr.EventData) -> Any:
            return self.show(Spot(at.filters, at.page, str(event.image)))

        link(rows.select, choose, [spot])

        def open_page(request: gr.Request) -> Any:
            return self.open(dict(request.query_params))

        gr.context.Context.root_block.load(open_page, outputs=[*fields, *shown[:-1]], **QUIET)

    def open(self, query: dict[str, str]) -> list[Any]:
        """What the page shows at first, by its address: filters with their choices, then as `show`."""
        import gradio as gr

        page = str(query.get("page", ""))
        start = Spot(read_filters(query), int(page) if page.isdigit() else 1, str(query.get("image", ""))[:1000])
        values = asdict(start.filters)
        updates = [
            gr.Dropdown(choices=_with(self._list_choices(name), values[name]), value=values[name])
            for name in NAMES[:-1]
        ]
        return [*updates, gr.Textbox(value=values["text"]), *self.show(start)[:-1]]

    def show(self, spot: Spot) -> tuple[str, str, str, Spot, str]:
        """The list, the open image, where this is, the spot, and the page's address."""
        listed = self._library.list(spot)
        at = listed.spot
        state = f'<p class="studio small">{listed.total:,} images, page {at.page:,} of {listed.pages:,}</p>'
        image = show_image(self._library, at.image, self._library.rule_texts.read())
        return show_list(listed), image, state, at, write_address(at)

    def _choice(self, gr: Any, name: str) -> Any:
        label = "Sort" if name == "sort" else name.capitalize()
        choices = self._list_choices(name)
        return gr.Dropdown(
            choices, value="", label=label, min_width=130, elem_id=f"browse-{name}",
            allow_custom_value=len(choices) > MOST_CHOICES,
        )  # fmt: skip

    def _list_choices(self, name: str) -> list[tuple[str, str]]:
        """What a filter can be, as (label, value); with how many images there are of each so far.

        Of very many the commonest; another one is typed.
        """
        if name == "sort":
            return [(label, key) for key, label in ORDERS.items()]
        counts = self._library.index.read_counts(name, MOST_CHOICES)
        known = {"verdict": list(STATUSES), "kind": [str(kind) for kind in SENSOR_KINDS if kind in counts]}
        keys = known.get(name) or sorted(
            counts, key=lambda value: (len(value), value) if name == "round" else (0, value)
        )
        return [("any", ""), *((f"{STATUSES.get(key, key)} ({counts.get(key, 0):,})", key) for key in keys)]


def _make_filters(values: tuple[Any, ...]) -> Filters:
    return read_filters({name: value or "" for name, value in zip(NAMES, values, strict=True)})


def _turn(spot: Spot, by: int) -> Spot:
    return Spot(spot.filters, max(1, spot.page + by))


def _with(choices: list[tuple[str, str]], value: str) -> list[tuple[str, str]]:
    """The choices with the one of an address that is none of them, so that it can be shown."""
    return choices if value in [key for _, key in choices] else [*choices, (value, value)]
