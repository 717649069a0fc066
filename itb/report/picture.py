"""`picture`: one example of each task of a benchmark as a single picture, as Figure 7 of the paper shows them."""

import functools
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from itb.benchmark.bench import Bench, list_images
from itb.records import Item
from itb.tasks import name_task, order_tasks
from tools.errors import ImageError, MissingError, UsageError
from tools.files import check_file, hold_file, write_with
from tools.images import load_rgb
from tools.seeds import hash_number

COLUMNS, CELL, MARGIN = 3, 380, 20
WIDTH = COLUMNS * CELL + (COLUMNS + 1) * MARGIN
IMAGE_HEIGHT, TEXT_HEIGHT = 285, 160
FONT_SIZE, LINE_HEIGHT, CHARACTERS = 15, 20, 50
INK, GRAY, GREEN = (30, 32, 36), (110, 114, 120), (20, 120, 60)
FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}
KIND = "a picture of this command"


def draw_bench(bench: Bench, out: Path) -> Path:
    """Draw an example of each task: its image, question, options and answer.

    Args:
        out: file to write, `.jpg` or `.png`.

    Raises:
        UsageError: another ending, or a file that is something else than such a picture.
        MissingError: no image of the benchmark can be read.
    """
    form = FORMATS.get(out.suffix.lower())
    if form is None:
        raise UsageError(f"{out}: pictures are written as .jpg or .png; choose one of these endings")
    check_file(out, _is_picture, KIND)
    shown = list(_choose(bench))
    if not shown:
        raise MissingError(f"{bench.folder}: none of its images can be read; build it again with --copy-images")
    rows = -(-len(shown) // COLUMNS)
    canvas = Image.new("RGB", (WIDTH, rows * (IMAGE_HEIGHT + TEXT_HEIGHT + MARGIN) + MARGIN), "white")
    for place, (item, picture) in enumerate(shown):
        row, column = divmod(place, COLUMNS)
        _draw_cell(
            canvas,
            MARGIN + column * (CELL + MARGIN),
            MARGIN + row * (IMAGE_HEIGHT + TEXT_HEIGHT + MARGIN),
            item,
            picture,
        )
    with hold_file(out, _is_picture, KIND):
        write_with(out, functools.partial(canvas.save, format=form, quality=90))
    return out


def _is_picture(path: Path) -> bool:
    """Every picture of this command is equally wide; a photograph hardly ever is."""
    try:
        with Image.open(path) as image:
            return image.width == WIDTH
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def _choose(bench: Bench) -> Iterator[tuple[Item, Image.Image]]:
    """Of each task one question of the test split whose image can be read and whose evidence is large, by a hash."""
    for task in order_tasks(item.task for item in bench.items):
        items = bench.choose("test", (task,)) or bench.choose(None, (task,))
        for item in sorted(
            items, key=lambda item: (-min(item.evidence_pixels or 0, 24), hash_number("picture", item.id))
        ):
            try:
                pictures = []
                for file in list_images(item, bench):
                    file.check()
                    picture = load_rgb(file.path)
                    pictures.append(picture.crop(item.crop_xyxy) if item.crop_xyxy else picture)
            except ImageError:
                continue
            yield item, _put_beside(pictures)
            break


def _put_beside(pictures: Sequence[Image.Image]) -> Image.Image:
    """Several images of a question in a row, equally high."""
    if len(pictures) == 1:
        return pictures[0]
    height = min(picture.height for picture in pictures)
    shown = [picture.resize((max(1, round(picture.width * height / picture.height)), height)) for picture in pictures]
    row = Image.new("RGB", (sum(picture.width for picture in shown), height), "white")
    for place, picture in enumerate(shown):
        row.paste(picture, (sum(before.width for before in shown[:place]), 0))
    return row


def _draw_cell(canvas: Image.Image, left: int, top: int, item: Item, picture: Image.Image) -> None:
    factor = min(CELL / picture.width, IMAGE_HEIGHT / picture.height)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    picture = picture.resize(size, Image.Resampling.LANCZOS if factor < 1 else Image.Resampling.NEAREST)
    canvas.paste(picture, (left + (CELL - picture.width) // 2, top))
    draw, font, y = ImageDraw.Draw(canvas), ImageFont.load_default(FONT_SIZE), top + IMAGE_HEIGHT + 6
    unit = f" {item.unit}" if item.unit else ""
    options = [f"{letter}. {text}" for letter, text in zip("ABCDEFGH", item.options, strict=False)]
    rows = [
        (name_task(item.task), GRAY),
        (item.question, INK),
        ("   ".join(options), INK),
        (f"{item.answer}{unit}", GREEN),
    ]
    for text, colour in rows:
        for line in textwrap.wrap(text, CHARACTERS):
            draw.text((left, y), line, fill=colour, font=font)
            y += LINE_HEIGHT
