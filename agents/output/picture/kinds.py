"""`picture` without an id: an accepted instruction of each kind in one picture, as the paper's Figure 8 shows them."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from agents.conversation.results import Result
from agents.output.picture import FONT_SIZE, GRAY, INK, LINE_HEIGHT, MARGIN, WIDTH, check_picture, save_picture
from agents.store.run_store import RunStore
from tools.errors import UsageError
from tools.files.inside import PathFault, join_inside
from tools.images import load_rgb
from tools.records import SENSOR_KINDS, Debate

PICTURE_WIDTH, CHARACTERS = 360, 74
MOST_LINES = 16


def draw_kinds(run: Path, out: Path) -> Path:
    """Draw, kind by kind, an image of the modality and the first instruction about it that was accepted.

    Raises:
        UsageError: no accepted instruction about an image that is there, or `out` is neither JPEG nor PNG, or something
            else.
    """
    check_picture(out)
    with RunStore(run) as store:
        found = dict(_choose(store.read_results()))
    if not found:
        raise UsageError(f"{run}: no accepted instruction about an image of the modality; run with --instructions all")
    cells = [_draw_cell(run, *found[kind]) for kind in SENSOR_KINDS if kind in found]
    canvas = Image.new("RGB", (WIDTH, sum(cell.height + MARGIN for cell in cells) + MARGIN), "white")
    top = MARGIN
    for cell in cells:
        canvas.paste(cell, (0, top))
        top += cell.height + MARGIN
    return save_picture(canvas, out)


def _choose(results: Iterator[Result]) -> Iterator[tuple[str, tuple[Result, Debate]]]:
    """Kind -> the first accepted debate, each kind once, and no image twice where there is another."""
    chosen: dict[str, tuple[Result, Debate]] = {}
    spare: dict[str, tuple[Result, Debate]] = {}
    for result in results:
        is_used = False
        for debate in result.debates if result.image else ():
            if debate.is_accepted and debate.kind not in chosen:
                (spare if is_used else chosen).setdefault(debate.kind, (result, debate))
                is_used = True
    yield from (spare | chosen).items()


def _draw_cell(run: Path, result: Result, debate: Debate) -> Image.Image:
    try:
        picture = load_rgb(join_inside(run, str(result.image)))
    except PathFault as error:
        raise UsageError(f"image {result.image_id}: {error}") from error
    picture = picture.resize((PICTURE_WIDTH, round(picture.height * PICTURE_WIDTH / picture.width)))
    lines: list[tuple[str, tuple[int, int, int]]] = [(debate.kind, GRAY)]
    for message in debate.rounds[-1].messages:
        colour = GRAY if message.role == "user" else INK
        lines += [(line, colour) for line in textwrap.wrap(message.content, CHARACTERS)]
    lines = lines[:MOST_LINES] + ([("...", GRAY)] if len(lines) > MOST_LINES else [])
    cell = Image.new("RGB", (WIDTH, max(picture.height, LINE_HEIGHT * len(lines))), "white")
    cell.paste(picture, (MARGIN, 0))
    draw, font = ImageDraw.Draw(cell), ImageFont.load_default(FONT_SIZE)
    for number, (line, colour) in enumerate(lines):
        draw.text((PICTURE_WIDTH + 2 * MARGIN, number * LINE_HEIGHT), line, fill=colour, font=font)
    return cell
