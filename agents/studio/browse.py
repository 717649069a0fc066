"""The section in which a run's images are looked at."""

from pathlib import Path

from agents.studio.opened import OpenRun
from tools.web import Section, fill

TEMPLATES = Path(__file__).parent / "templates"
PAGE_SIZE = 20


def browse_section(run: OpenRun) -> Section:
    """The section's tab."""

    def build() -> None:
        import gradio as gr

        gr.HTML(lambda: list_images(run), js_on_load=None)

    return Section("browse", "Browse", build, run.pictures)


def list_images(run: OpenRun) -> str:
    """The first images of a run, as HTML."""
    rows = run.store.query("SELECT image_id, status FROM results ORDER BY position LIMIT ?", (PAGE_SIZE,))
    return fill(TEMPLATES, "list.html.j2", rows=rows)
