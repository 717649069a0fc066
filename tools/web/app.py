"""A page as an application: Gradio's blocks, pictures by id, and the guard before both."""

import os
from typing import TYPE_CHECKING, Any

from tools.registry.extras import require
from tools.web.guard import Application, Guard
from tools.web.look import make_theme, read_script, read_style
from tools.web.page import Page
from tools.web.pager import QUIET
from tools.web.pictures import add_pictures
from tools.web.plain import PlainPage
from tools.web.quick import importing_quickly
from tools.web.texts import escape

if TYPE_CHECKING:
    import gradio

SECTION = "section"
"""The name in the page's address that says which tab is open."""
SILENCE = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "GRADIO_SSR_MODE": "False",
    "GRADIO_MCP_SERVER": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""What Gradio reads as it is imported: nothing is reported, nothing is kept."""


def import_gradio() -> Any:
    """Gradio, told to be quiet before it is imported.

    Raises:
        MissingError: the extra `studio` is not installed.
    """
    os.environ.update(SILENCE)
    with importing_quickly():
        require("studio", "a page in the browser", "gradio")
    import gradio

    return gradio


def build_blocks(page: Page) -> "gradio.Blocks":
    """The page's blocks: a title, and a tab for each section."""
    import_gradio()
    import gradio as gr

    with gr.Blocks(title=page.title, analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(f"<h1>{escape(page.title)}</h1>", elem_id="studio-title", js_on_load=None)
        with gr.Tabs(elem_id="studio-sections") as tabs:
            for section in page.sections:
                with gr.Tab(section.title, id=section.name, elem_id=f"section-{section.name}") as tab:
                    section.build()
                tab.select(None, js=f"() => studio.open({section.name!r})")
        names = [section.name for section in page.sections]

        def open_section(request: gr.Request) -> Any:
            wanted = request.query_params.get(SECTION)
            return gr.Tabs(selected=wanted if wanted in names else names[0])

        opened = blocks.load(open_section, outputs=tabs, **QUIET)
        opened.then(None, js="() => { studio.isOpen = true; }")
    return blocks


def make_app(page: Page, *, password: str | None = None, is_local: bool = True) -> Application:
    """The whole application, ready to be served."""
    gr = import_gradio()
    from fastapi import FastAPI

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_pictures(app, {kind: find for section in page.sections for kind, find in section.pictures.items()})
    blocks = build_blocks(page)
    blocks.has_launched = True  # only then Gradio refuses files of this machine that a request names as handed over
    gr.mount_gradio_app(
        app,
        blocks,
        "/",
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        show_error=True,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        enable_monitoring=False,
        theme=make_theme(),
        css=read_style() + page.style,
        head=f"<script>{read_script()}{page.script}</script>",
    )
    return Guard(PlainPage(app), password=password, is_local=is_local)
