"""The talk in the browser: the image, what each model sees of it, and the answers side by side as they come."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from tools.errors import RejectError, ToolkitError
from tools.web import Page, Section, fill
from trainer.output.talk.pictures import Opened, open_picture
from trainer.output.talk.talk import Opening, Talk

TEMPLATES = Path(__file__).with_name("templates")
SIDE = 640
"""Longest side of a picture on the page."""
LEAST = 224
"""What a model sees is often small: below this it is enlarged by whole pixels."""
TILES = 12
"""Shown of an image that a model cuts into more."""
HINT = "Choose an image, then ask."


def make_page(opening: Opening) -> Page:
    """The page of a talk.

    Args:
        opening: what every talk on it begins with.
    """
    names = " and ".join(model.name for model in opening.models)
    style = (TEMPLATES / "chat.css").read_text(encoding="utf-8")
    return Page(f"Talk with {names}", (Section("chat", "Talk", lambda: build(opening)),), style)


def build(opening: Opening) -> None:
    """Gradio's components and their events; each browser has a talk of its own."""
    import gradio as gr

    talk, opened = gr.State(None), gr.State(opening.opened)
    with gr.Row(elem_id="chat"):
        with gr.Column(scale=2, min_width=300):
            file = gr.File(label="Image (8 or 16 bit, radiometric, .npy)", type="filepath", height=150, elem_id="image")
            seen = gr.HTML(show_image(opening, opening.opened), elem_id="seen", js_on_load=None)
        with gr.Column(scale=3, min_width=300):
            shown = gr.HTML(show_talk(opening, None), elem_id="talk", js_on_load=None)
            question = gr.Textbox(label="Question", lines=1, max_lines=6, elem_id="question", autofocus=True)
            label = "Tell the model first what such images show"
            told = gr.Checkbox(opening.is_told, label=label, elem_id="context")
            with gr.Row():
                ask = gr.Button("Ask", variant="primary", elem_id="ask", min_width=100)
                stop = gr.Button("Stop", elem_id="stop", min_width=100)
                anew = gr.Button("New talk", elem_id="anew", min_width=100)

    def choose(path: str | None) -> tuple[Any, Any, str, str]:
        found, why = open_upload(path) if path else (opening.opened, "")
        return None, found, show_image(opening, found, why), show_talk(opening, None)

    def answer(now: Talk | None, image: Opened | None, text: str, is_told: bool) -> Iterator[tuple[Any, str, str]]:
        yield from ask_models(opening, now, image, text, is_told=is_told)

    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    file.change(choose, file, [talk, opened, seen, shown], **quiet)
    asked = gr.on(
        [ask.click, question.submit],
        answer,
        [talk, opened, question, told],
        [talk, shown, question],
        concurrency_limit=None,
        **quiet,
    )
    stop.click(lambda now: show_talk(opening, now), talk, shown, cancels=[asked], **quiet)
    anew.click(lambda: (None, show_talk(opening, None)), None, [talk, shown], cancels=[asked], **quiet)


def ask_models(
    opening: Opening, now: Talk | None, image: Opened | None, text: str, *, is_told: bool
) -> Iterator[tuple[Any, str, str]]:
    """The talk, its page, and what stays in the question's box, again and again while answers come."""
    if not text.strip():
        yield now, show_talk(opening, now), text
        return
    try:
        talk = now or opening.begin(image)
    except ToolkitError as error:
        yield now, show_talk(opening, now, problem=str(error)), text
        return
    for _ in talk.ask(text.strip(), is_told=is_told):
        yield talk, show_talk(opening, talk), ""
    yield talk, show_talk(opening, talk), ""


def open_upload(path: str) -> tuple[Opened | None, str]:
    """The image of a file that was handed to the page, or why it is none; the place it was put says nothing."""
    try:
        return open_picture(Path(path)), ""
    except (RejectError, ToolkitError) as error:
        return None, str(error).replace(f"{path}: ", "").replace(path, Path(path).name)


def show_talk(opening: Opening, talk: Talk | None, *, problem: str = "") -> str:
    """All turns as HTML, the one that is being answered last; between turns with a link that saves them."""
    growing = talk.growing if talk else None
    turns = [*(talk.turns if talk else ()), *([growing] if growing else [])]
    saved = base64.b64encode(talk.write().encode()).decode() if talk and talk.turns and not growing else ""
    names = [model.name for model in opening.models]
    warnings = [model.warning for model in opening.models if model.warning]
    hint = "" if turns or problem else HINT
    return fill(
        TEMPLATES,
        "talk.html.j2",
        turns=turns,
        names=names,
        warnings=warnings,
        hint=hint,
        problem=problem,
        saved=saved,
        is_growing=growing is not None,
    )


def show_image(opening: Opening, opened: Opened | None, why: str = "") -> str:
    """The image, and the same as each model sees it."""
    if opened is None:
        return fill(TEMPLATES, "seen.html.j2", file="", note="", picture="", sights=[], why=why)
    sights: list[Any] = []
    for model in opening.models:
        try:
            found = model.see(opened.picture)
        except ToolkitError as error:
            sights.append((model.name, [], "", str(error)))
            continue
        tiles = [embed(tile) for tile in found.pictures[:TILES]]
        size = f"{found.pictures[0].width} x {found.pictures[0].height}" if found.pictures else ""
        more = f"{len(found.pictures)} tiles of {size}" if len(found.pictures) > 1 else size
        sights.append((model.name, tiles, more, found.why_not))
    note = f"{opened.picture.width} x {opened.picture.height}{f'; {opened.note}' if opened.note else ''}"
    return fill(
        TEMPLATES, "seen.html.j2", file=opened.name, note=note, picture=embed(opened.picture), sights=sights, why=why
    )


def embed(picture: Image.Image) -> str:
    """A picture as a data URL, small enough for a page; a very small one enlarged pixel by pixel."""
    if max(picture.size) < LEAST:
        factor = -(-LEAST // max(picture.size))
        picture = picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
    else:
        picture = picture.copy()
        picture.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
