"""What every layout needs of an item: its picture as a file of its own, and the request as `itb eval` puts it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from itb.benchmark.ask import Asker, Question, VariantSettings
from itb.benchmark.bench import Bench
from itb.records import Item
from tools.files import Owned, explain_disk
from tools.images import save_png

IMAGES = "images"


class ExportRow(NamedTuple):
    """An item, the text of its request, its pictures relative to the export's folder, and the range of a count."""

    item: Item
    request: str
    images: tuple[str, ...]
    count_range: tuple[int, int] | None

    @property
    def image(self) -> str:
        """The picture, the first of several."""
        return self.images[0]


def make_rows(bench: Bench, items: list[Item], pack: Path, owned: Owned) -> Iterator[ExportRow]:
    """One row an item whose pictures are there; they are written as PNG, cropped, each once.

    Raises:
        ImageError: a picture cannot be read.
        ToolkitError: a picture cannot be written.
    """
    written: dict[tuple[str, object, str], tuple[str, ...]] = {}
    for question in Asker(pack, VariantSettings()).ask_all(bench, items):
        if question.missing:
            continue
        if question.picture not in written:
            if not written:
                owned.add(f"{IMAGES}/")
            written[question.picture] = tuple(_write_images(question, len(written), owned.path))
        yield ExportRow(question.item, question.text, written[question.picture], question.count_range)


def _write_images(question: Question, number: int, out: Path) -> Iterator[str]:
    item, images = question.item, question.load_images()
    for place, (image, file) in enumerate(zip(images, question.files, strict=True)):
        which = f"-{place}" if len(images) > 1 else ""
        name = f"{IMAGES}/{item.source}-{file.path.stem}-{number}{which}.png"
        with explain_disk(out / name):
            (out / IMAGES).mkdir(exist_ok=True)
            save_png(image, out / name)
        yield name
