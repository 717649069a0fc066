"""`picture`: one image of a run as a single picture, for a README, a slide or a bug report."""

import functools
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from agents.conversation.results import Result
from agents.output.show import find_result
from agents.store.run_store import RunStore
from tools.errors import UsageError
from tools.files import check_file, explain_disk, hold_file, write_with
from tools.files.inside import PathFault, join_inside
from tools.images import load_rgb, save_png
from tools.prompts.frozen import KEY, read_frozen
from tools.records import DebateRound

WIDTH = 1120
JPEG = (".jpg", ".jpeg")
MARGIN = 24
PICTURE_WIDTH = (WIDTH - 3 * MARGIN) // 2
FONT_SIZE = 18
LINE_HEIGHT = 25
CHARACTERS = 104
MOST_LINES = 4
TEXT_LEFT = 170
INK, GRAY, GREEN, RED = (30, 32, 36), (110, 114, 120), (20, 120, 60), (180, 40, 40)


class Line(NamedTuple):
    """One line of text under the pictures; `label` is empty on continued lines."""

    label: str
    text: str
    colour: tuple[int, int, int]


def draw_picture(run: Path, name: str, out: Path, images: Path | None = None) -> Path:
    """Draw photograph and image of the modality, a caption before and after, an accepted and a rejected attempt.

    Args:
        run: the run folder.
        name: id of an image, or of one of its rows.
        out: file to write, `.jpg` or `.png`.
        images: folder of the photographs, when it has moved.

    Raises:
        UsageError: no such image, or it has none in the modality, or `out` is neither JPEG nor PNG, or something else.
    """
    check_picture(out)
    with RunStore(run) as store:
        result = find_result(store, name)
        root = images or Path(store.require_meta("photo_root"))
        noun = read_frozen(store.read_meta(KEY)).nouns.image
    if result.image is None:
        raise UsageError(f"image {result.image_id} has no {noun}; run with a translator other than `none`")
    try:
        paths = join_inside(root, result.photo), join_inside(run, result.image)
    except PathFault as error:
        raise UsageError(f"image {result.image_id}: {error}") from error
    pictures = [_fit(load_rgb(path)) for path in paths]
    lines = list(describe_result(result))
    height = max(picture.height for picture in pictures)
    canvas = Image.new("RGB", (WIDTH, height + 3 * MARGIN + LINE_HEIGHT * len(lines)), "white")
    for place, picture in enumerate(pictures):
        canvas.paste(picture, (MARGIN + place * (PICTURE_WIDTH + MARGIN), MARGIN))
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(FONT_SIZE)
    for number, line in enumerate(lines):
        y = height + 2 * MARGIN + number * LINE_HEIGHT
        draw.text((MARGIN, y), line.label, fill=line.colour, font=font)
        draw.text((TEXT_LEFT, y), line.text, fill=line.colour, font=font)
    return save_picture(canvas, out)


def check_picture(out: Path) -> None:
    """Whether a picture may be written there.

    Raises:
        UsageError: it ends otherwise, or is something else.
    """
    if out.suffix.lower() not in (*JPEG, ".png"):
        raise UsageError(f"{out}: pictures are written as .jpg or .png; choose one of these endings")
    check_file(out, _is_picture, "a picture of this command")


def save_picture(canvas: Image.Image, out: Path) -> Path:
    """Write a picture whole or not at all; gives `out`."""
    with hold_file(out, _is_picture, "a picture of this command"):
        if out.suffix.lower() in JPEG:
            write_with(out, functools.partial(canvas.save, format="JPEG", quality=88))
        else:
            with explain_disk(out):
                save_png(canvas, out)
    return out


def _is_picture(path: Path) -> bool:
    """Every picture of this command is equally wide; a photograph hardly ever is."""
    try:
        with Image.open(path) as image:
            return image.width == WIDTH
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False


def _fit(picture: Image.Image) -> Image.Image:
    height = round(picture.height * PICTURE_WIDTH / picture.width)
    return picture.resize((PICTURE_WIDTH, height), Image.Resampling.LANCZOS)


def describe_result(result: Result) -> Iterator[Line]:
    """The text of the picture: a changed caption, then the debate with a rejection if there was one."""
    changed = [pair for pair in result.pairs if pair.caption != pair.original] or result.pairs
    for pair in changed[:2]:
        yield from _wrap("caption before", pair.original, GRAY)
        yield from _wrap("caption after", pair.caption, INK)
    rounds = [attempt for debate in result.debates for attempt in debate.rounds]
    rejected = next((attempt for attempt in rounds if not attempt.verdict.is_accepted), None)
    accepted = _find_accepted(result, rejected)
    if rejected is not None:
        objection = rejected.verdict.objections[0]
        sentence = _find_sentence(rejected, objection.quote)
        yield from _wrap("rejected", f"{sentence}  <- “{objection.quote}”: {objection.reason}", RED)
        for rule in rejected.mined[:1]:
            yield from _wrap("mined rule", rule.text, RED)
    if accepted is not None:
        user, assistant = accepted.messages[:2]
        yield from _wrap("accepted", f"{user.content}  {assistant.content}", GREEN)


def _find_accepted(result: Result, rejected: DebateRound | None) -> DebateRound | None:
    """The accepted round of the debate with the rejection, else of the first accepted debate."""
    accepted = [debate for debate in result.debates if debate.is_accepted]
    same = [debate for debate in accepted if rejected in debate.rounds]
    found = (same or accepted)[:1]
    return found[0].rounds[-1] if found else None


def _find_sentence(attempt: DebateRound, quote: str) -> str:
    text = next((message.content for message in attempt.messages if quote in message.content), quote)
    start = text.rfind(". ", 0, text.find(quote))
    end = text.find(". ", text.find(quote))
    return text[start + 2 if start >= 0 else 0 : end + 1 if end >= 0 else len(text)]


def _wrap(label: str, text: str, colour: tuple[int, int, int]) -> Iterator[Line]:
    for number, part in enumerate(textwrap.wrap(text, CHARACTERS)[:MOST_LINES]):
        yield Line("" if number else label, part, colour)
