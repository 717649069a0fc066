"""The browse section in Gradio: components, their events, and nothing that decides anything."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from agents.output.report.sample import STATUSES
from agents.studio.browse.library import Library, Spot
from agents.studio.browse.views import show_image, show_list, write_address
from agents.studio.index.filters import ORDERS, Filters, read_filters
from tools.records import SENSOR_KINDS
from tools.web import Section
from tools.web.pager import Pager, PagerNames, read_page

NAMES = ("kind", "verdict", "category", "rule", "round", "sort", "text")
PAGER = PagerNames("browse", "browse", "image", 130)
KEYS = PAGER.write_keys()
MOST_CHOICES = 500
"""Of a filter: a run may mine thousands of rules, and each choice is part of the page."""


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
        pager = Pager(PAGER, Spot())
        for field in fields:
            pager.link(field.input, lambda *values: self.show(Spot(_make_filters(values))), fields)
        pager.listen(self.show, _turn, self._library.step)
        pager.follow(pager.rows, lambda query: self.show(_read_spot(query)))
        pager.begin(self.open, fields)

    def open(self, query: dict[str, str]) -> list[Any]:
        """What the page shows at first, by its address: filters with their choices, then as `show`."""
        import gradio as gr

        start = _read_spot(query)
        values = asdict(start.filters)
        updates = [
            gr.Dropdown(choices=_with(self._list_choices(name), values[name]), value=values[name])
            for name in NAMES[:-1]
        ]
        return [*updates, gr.Textbox(value=values["text"]), *self.show(start)]

    def show(self, spot: Spot) -> tuple[str, str, str, Spot, str]:
        """The list, the open image, where this is, the spot, and the page's address."""
        listed = self._library.list(spot)
        at = listed.spot
        state = PAGER.write_state(listed.total, at.page, listed.pages)
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


def _read_spot(query: Mapping[str, str]) -> Spot:
    """Where an address leads."""
    return Spot(read_filters(query), read_page(query), str(query.get("image", ""))[:1000])


def _make_filters(values: tuple[Any, ...]) -> Filters:
    return read_filters({name: value or "" for name, value in zip(NAMES, values, strict=True)})


def _turn(spot: Spot, by: int) -> Spot:
    return Spot(spot.filters, max(1, spot.page + by))


def _with(choices: list[tuple[str, str]], value: str) -> list[tuple[str, str]]:
    """The choices with the one of an address that is none of them, so that it can be shown."""
    return choices if value in [key for _, key in choices] else [*choices, (value, value)]
