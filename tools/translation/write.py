"""`python -m tools translate`: photographs to infrared images in a folder of their own."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tools.errors import ImageError, UsageError
from tools.files import Claim, explain_disk, own_folder
from tools.images import save_png
from tools.translation.protocol import TranslateRequest, Translator

TRANSLATED = Claim("translated images", "python -m tools translate")


def name_image(photograph: Path) -> str:
    """`photos/cat.jpg` -> `cat.png`."""
    return f"{photograph.stem}.png"


def check_stems(photographs: Iterable[Path]) -> None:
    """Refuse photographs whose images would overwrite each other.

    Raises:
        UsageError: names them.
    """
    doubled = sorted(stem for stem, count in Counter(path.stem for path in photographs).items() if count > 1)
    if doubled:
        raise UsageError(f"several photographs are named {', '.join(doubled)}; their images would overwrite each other")


def translate_to(translator: Translator, photographs: Sequence[Path], out: Path) -> Iterator[Path | ImageError]:
    """Write `<stem>.png` for each photograph; gives the file, or why it cannot be made, one after another.

    Raises:
        UsageError: `out` is not the folder of an earlier such command, or an image of someone else is in the way.
        ToolkitError: the disk is full.
    """
    with own_folder(out, TRANSLATED) as owned:
        owned.add(*map(name_image, photographs))
        for number, photograph in enumerate(photographs):
            target = out / name_image(photograph)
            try:
                image = translator.translate([TranslateRequest(photograph, (), number)])[0]
            except ImageError as error:
                yield error
                continue
            with explain_disk(target):
                save_png(image, target)
            yield target
