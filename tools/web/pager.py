"""A list in pages beside the one thing of it that is open: the buttons, keys, events and address of such a section."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

Spot = TypeVar("Spot")

QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
"""Of an event that is answered at once."""
ADDRESS = "(query) => { history.replaceState(history.state, '', '?' + query); }"
FOLLOW = """
element.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-go]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  trigger('select', { go: link.getAttribute('href') });
});
"""
"""A click on a link with `data-go` becomes the event `select`: the page stays, and what is shown changes."""
DIGITS = 9
"""Of a page's number in an address."""
PLACES = (("page-back", "Page back (p)"), ("page-on", "Page on (n)"), ("previous", "before (k)"), ("next", "after (j)"))


@dataclass(frozen=True)
class PagerNames:
    """What a pager is called.

    Attributes:
        section: whose keys it hears.
        prefix: of the ids of its components.
        noun: what is listed, e.g. `image`; the id of the open one ends with it.
        width: pixels that a button has at least.
    """

    section: str
    prefix: str
    noun: str
    width: int

    def list_buttons(self) -> list[tuple[str, str]]:
        """The end of each button's id, and its text."""
        own = f"{self.noun.capitalize()} "
        return [(end, text if end.startswith("page") else own + text) for end, text in PLACES]

    def write_keys(self) -> str:
        """The page's script for its keys."""
        keys = {"j": "next", "ArrowRight": "next", "k": "previous", "ArrowLeft": "previous", "n": "page-on",
                "p": "page-back"}  # fmt: skip
        return "".join(f'\nstudio.key("{self.section}", "{key}", "{self.prefix}-{end}");' for key, end in keys.items())

    def write_state(self, total: int, page: int, pages: int) -> str:
        """Where somebody is, as HTML."""
        return f'<p class="studio small">{total:,} {self.noun}s, page {page:,} of {pages:,}</p>'


class Pager(Generic[Spot]):
    """The components of a pager, made inside of the open tab.

    Args:
        names: what it is called.
        start: the spot of a page that is new.

    Attributes:
        rows: the list.
        shown: what an act gives anew: list, open thing, state, spot, and the page's address.
    """

    def __init__(self, names: PagerNames, start: Spot) -> None:
        import gradio as gr

        with gr.Row(elem_id=f"{names.prefix}-pager"):
            state = gr.HTML(elem_id=f"{names.prefix}-state", js_on_load=None, scale=1, min_width=160)
            self._buttons = [
                gr.Button(text, size="sm", elem_id=f"{names.prefix}-{end}", scale=0, min_width=names.width)
                for end, text in names.list_buttons()
            ]
        with gr.Row(elem_id=f"{names.prefix}-body"):
            with gr.Column(scale=2, min_width=300):
                self.rows = gr.HTML(elem_id=f"{names.prefix}-list", js_on_load=FOLLOW)
            with gr.Column(scale=5, min_width=320):
                opened = gr.HTML(elem_id=f"{names.prefix}-{names.noun}", js_on_load=None)
        self._spot, self._address = gr.State(start), gr.Textbox(visible=False)
        self.shown = [self.rows, opened, state, self._spot, self._address]

    def link(self, event: Any, act: Any, inputs: Sequence[Any], filled: Sequence[Any] = ()) -> Any:
        """Let an event show what `act` gives, and write the page's address.

        Args:
            filled: components that `act` gives before the pager's own.
        """
        return event(act, list(inputs), [*filled, *self.shown], **QUIET).then(None, self._address, js=ADDRESS)

    def listen(
        self,
        show: Callable[[Spot], Any],
        turn: Callable[[Spot, int], Spot],
        step: Callable[[Spot, int], Spot],
    ) -> None:
        """Let the buttons turn pages, and step from one to the next."""
        for button, move, by in zip(self._buttons, (turn, turn, step, step), (-1, 1, -1, 1), strict=True):
            self.link(button.click, _make_act(show, move, by), [self._spot])

    def follow(self, linked: Any, go: Callable[[dict[str, str]], Any], filled: Sequence[Any] = ()) -> Any:
        """Let the links of a component lead where they say; `go` is given what stands in their address."""
        import gradio as gr

        def act(event: gr.EventData) -> Any:
            return go(dict(parse_qsl(str(event.go).removeprefix("?"))))

        return self.link(linked.select, act, [], filled)

    def begin(self, go: Callable[[dict[str, str]], Sequence[Any]], filled: Sequence[Any]) -> None:
        """Show at first what the page's own address says, which stays as it is."""
        import gradio as gr

        def act(request: gr.Request) -> Any:
            return list(go(dict(request.query_params)))[:-1]

        gr.context.Context.root_block.load(act, outputs=[*filled, *self.shown[:-1]], **QUIET)


def _make_act(show: Callable[[Spot], Any], move: Callable[[Spot, int], Spot], by: int) -> Callable[[Spot], Any]:
    return lambda at: show(move(at, by))


def read_page(query: Mapping[str, str]) -> int:
    """The page that an address names, the first where it names none."""
    text = str(query.get("page", ""))[:DIGITS]
    return max(1, int(text)) if text.isdecimal() else 1
