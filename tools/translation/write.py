"""`python -m tools translate`: photographs to infrared images in a folder of their own; called again, it goes on."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tools.errors import RejectError
from tools.files import Claim, explain_disk, own_folder, write_text
from tools.ids import NamedImage
from tools.images import save_png
from tools.translation.checked import translate_checked
from tools.translation.protocol import TranslateRequest, Translator

TRANSLATED = Claim("translated images", "python -m tools translate")
JOURNAL: Final = "translated.jsonl"
"""Which photograph each image was made of, and by what: a line of JSON an image."""


def translate_to(translator: Translator, photographs: Sequence[NamedImage], out: Path) -> Iterator[Path | RejectError]:
    """Write `<id>.png` for each photograph; gives the file, or why it cannot be made, one after another.

    An image that the same translator made of the same bytes is there already and is left as it is.

    Raises:
        UsageError: `out` is not the folder of an earlier such command, or an image of someone else is in the way.
        ToolkitError: the disk is full.
    """
    with own_folder(out, TRANSLATED) as owned:
        owned.add(JOURNAL, *(f"{image_id}.png" for image_id, _ in photographs))
        made = _read_journal(out / JOURNAL)
        for image_id, path in photographs:
            target = out / f"{image_id}.png"
            origin = _describe(translator, path)
            if origin is not None and made.get(f"{image_id}.png") == origin and target.is_file():
                yield target
                continue
            try:
                image = translate_checked(translator, [TranslateRequest(path, (), image_id)])[0]
            except RejectError as error:
                yield error
                continue
            with explain_disk(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                save_png(image, target)
                _add_line(out / JOURNAL, f"{image_id}.png", origin)
            yield target


def _describe(translator: Translator, photo: Path) -> str | None:
    """What an image hangs on: the translator and the photograph's bytes; None for a file that cannot be read."""
    try:
        with photo.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
    return f"{translator.identity} {digest}"


def _read_journal(path: Path) -> dict[str, str]:
    """Image -> what it was made of. A last line that a kill cut off is taken away."""
    if not path.is_file():
        return {}
    made: dict[str, str] = {}
    kept: list[str] = []
    text = path.read_text(encoding="utf-8", errors="replace")
    for line in text.splitlines(keepends=True):
        try:
            row = json.loads(line)
            made[row["image"]] = row["origin"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # at worst an image is made again
        kept.append(line)
    if "".join(kept) != text or not text.endswith("\n"):
        write_text(path, "".join(line.rstrip("\n") + "\n" for line in kept))
    return made


def _add_line(path: Path, image: str, origin: str | None) -> None:
    if origin is not None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"image": image, "origin": origin}, ensure_ascii=False) + "\n")
