"""The rules section in Gradio."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.output.report.words import clip_text
from agents.output.rule_tables import explain_unread
from agents.studio.browse.library import Library, Spot
from agents.studio.browse.views import write_address
from agents.studio.index.filters import Filters
from agents.studio.rules.history import RuleHistory, read_histories
from tools.web import Section, fill
from tools.web.pager import QUIET

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
        why_none=explain_none(histories, library.run.store.read_meta("settings") or {}, library.count()),
        clip=clip_text,
        to_rule=lambda rule: write_address(Spot(Filters(rule=rule))),
        to_image=lambda image: write_address(Spot(image=image)),
    )


def explain_none(histories: Sequence[RuleHistory], settings: Mapping[str, Any], images: int) -> str:
    """Why no mined rule changed anything in a run, and what to do; empty where one was in force, or there is no run."""
    mined = [one for one in histories if one.rule.origin == "mined" and not one.reverted]
    if not images or any(one.since for one in mined) or settings.get("freeze"):
        return ""
    if mined:
        known = {"block", "lag"} <= settings.keys()
        why = explain_unread(settings["block"], settings["lag"], images) if known else ""
        return f"No mined rule was in force: {why}." if why else ""
    return (
        f"No rule was mined in {'this image' if images == 1 else f'these {images:,} images'}. A rule comes of an "
        "objection to a caption: Browse finds those by category. Captions that hold nothing to object to give none; "
        "where they should, make a run of more images, or let a language model debate (--backend llm)."
    )
