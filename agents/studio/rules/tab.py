"""The rules section in Gradio."""

from pathlib import Path

from agents.output.report.words import clip_text
from agents.studio.browse.library import Library, Spot
from agents.studio.browse.tab import QUIET
from agents.studio.browse.views import write_address
from agents.studio.index.filters import Filters
from agents.studio.rules.history import read_histories
from tools.web import Section, fill

NAME = "rules"
MOST_SHOWN = 300
"""Rules on the page: first those written by hand, then mined ones as they came."""
TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


def rules_section(library: Library) -> Section:
    """The section's tab."""

    def build() -> None:
        import gradio as gr

        table = gr.HTML(elem_id="rules-table", js_on_load=None)

        def show_at_first(request: gr.Request) -> str:
            return show_rules(library) if request.query_params.get("section") == NAME else ""

        gr.context.Context.block.select(lambda: show_rules(library), outputs=table, **QUIET)
        gr.context.Context.root_block.load(show_at_first, outputs=table, **QUIET)

    return Section(NAME, "Rules", build)


def show_rules(library: Library) -> str:
    """Every rule with its history, as HTML."""
    histories = read_histories(library.run.store, library.index)
    return fill(
        TEMPLATES,
        "rules.html.j2",
        rules=histories[:MOST_SHOWN],
        total=len(histories),
        note=library.describe_state(),
        clip=clip_text,
        to_rule=lambda rule: write_address(Spot(Filters(rule=rule))),
        to_image=lambda image: write_address(Spot(image=image)),
    )
