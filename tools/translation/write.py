"""`python -m tools translate`: photographs to infrared images in a folder of their own."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.errors import ImageError
from tools.files import Claim, explain_disk, own_folder
from tools.ids import NamedImage
from tools.images import save_png
from tools.translation.protocol import TranslateRequest, Translator

TRANSLATED = Claim("translated images", "python -m tools translate")


def translate_to(translator: Translator, photographs: Sequence[NamedImage], out: Path) -> Iterator[Path | ImageError]:
    """Write `<id>.png` for each photograph; gives the file, or why it cannot be made, one after another.

    Raises:
        UsageError: `out` is not the folder of an earlier such command, or an image of someone else is in the way.
        ToolkitError: the disk is full.
    """
    with own_folder(out, TRANSLATED) as owned:
        owned.add(*(f"{image_id}.png" for image_id, _ in photographs))
        for image_id, path in photographs:
            target = out / f"{image_id}.png"
            try:
                image = translator.translate([TranslateRequest(path, (), image_id)])[0]
            except ImageError as error:
                yield error
                continue
            with explain_disk(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                save_png(image, target)
            yield target
