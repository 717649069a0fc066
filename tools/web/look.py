"""How pages look: the system's own fonts, few colours, light and dark as the browser wishes."""

from pathlib import Path
from typing import Any

ASSETS = Path(__file__).parent / "assets"
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
MONO = ("ui-monospace", "SF Mono", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")
COLOURS = {
    "body_background_fill": ("#f6f6f3", "#141618"),
    "body_text_color": ("#1d1f21", "#e8e9ea"),
    "body_text_color_subdued": ("#5c6166", "#a2a8ae"),
    "background_fill_primary": ("#ffffff", "#1d2023"),
    "background_fill_secondary": ("#efefea", "#272b2f"),
    "block_background_fill": ("#ffffff", "#1d2023"),
    "border_color_primary": ("#dfdfd9", "#34393e"),
    "block_border_color": ("#dfdfd9", "#34393e"),
    "block_label_text_color": ("#5c6166", "#a2a8ae"),
    "block_title_text_color": ("#5c6166", "#a2a8ae"),
    "input_background_fill": ("#ffffff", "#181b1d"),
    "input_border_color": ("#d3d3cc", "#3d4349"),
    "button_secondary_background_fill": ("#efefea", "#272b2f"),
    "button_secondary_background_fill_hover": ("#e3e3dc", "#31363b"),
    "button_secondary_text_color": ("#1d1f21", "#e8e9ea"),
    "button_primary_background_fill": ("#1f5fa8", "#2f6fb5"),
    "button_primary_background_fill_hover": ("#184d89", "#3a7fca"),
    "button_primary_text_color": ("#ffffff", "#ffffff"),
}
"""Of Gradio's theme: in the light, in the dark."""


def make_theme() -> Any:
    """Gradio's plain theme in these colours; no font is fetched."""
    from gradio.themes import Base
    from gradio.themes.utils.fonts import Font

    theme = Base(font=[Font(name) for name in FONTS], font_mono=[Font(name) for name in MONO], text_size="md")
    both = {name: light for name, (light, _) in COLOURS.items()}
    both |= {f"{name}_dark": dark for name, (_, dark) in COLOURS.items()}
    return theme.set(input_border_width="1px", input_border_width_dark="1px", **both)


def read_style() -> str:
    """The shared CSS."""
    return (ASSETS / "look.css").read_text(encoding="utf-8")


def read_script() -> str:
    """The shared JavaScript."""
    return (ASSETS / "page.js").read_text(encoding="utf-8")
