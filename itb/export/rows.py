"""What every layout needs of an item: its picture as a file of its own, and the request as `itb eval` puts it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from itb.benchmark.ask import Asker, VariantSettings
from itb.benchmark.bench import Bench
from itb.records import Item
from tools.files import Owned, explain_disk
from tools.images import save_png

IMAGES = "images"


class ExportRow(NamedTuple):
    """An item, the text of its request, its picture relative to the export's folder, and the range of a count."""

    item: Item
    request: str
    image: str
    count_range: tuple[int, int] | None


def make_rows(bench: Bench, items: list[Item], pack: Path, owned: Owned) -> Iterator[ExportRow]:
    """One row an item; pictures are written as PNG, cropped, each once.

    Raises:
        ImageError: a picture cannot be read.
        ToolkitError: a picture cannot be written.
    """
    written: dict[tuple[str, object, str], str] = {}
    for question in Asker(pack, VariantSettings()).ask_all(bench, items):
        item = question.item
        if question.picture not in written:
            name = f"{IMAGES}/{item.source}-{Path(item.image).stem}-{len(written)}.png"
            if not written:
                owned.add(f"{IMAGES}/")
            image = question.load_image()
            with explain_disk(owned.path / name):
                (owned.path / IMAGES).mkdir(exist_ok=True)
                save_png(image, owned.path / name)
            written[question.picture] = name
        yield ExportRow(item, question.text, written[question.picture], question.count_range)
