"""VEDAI: vehicles from the air; the `_ir` image is near-infrared. Two annotation formats, of other column orders."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tools.datasets.boxes import MAX_BOXES, surround
from tools.datasets.dataset import Dataset
from tools.datasets.facts import read_facts
from tools.datasets.files import BadRow, list_images, stream_lines
from tools.datasets.reading import RawBox, Reading, Row
from tools.datasets.records import Annotated

SIDES = ("512", "1024")
WHOLE_FILE_COLUMNS, IMAGE_FILE_COLUMNS = 15, 14


def find_layout(root: Path) -> str | None:
    """Which size, and which of the annotation formats."""
    side = find_side(root)
    if side is None:
        return None
    form = (
        f"annotation{side}.txt" if (root / f"Annotations{side}/annotation{side}.txt").is_file() else "a file an image"
    )
    return f"VEDAI at {side} pixels, {form}"


def find_side(root: Path) -> str | None:
    """The size of which there are images and annotations."""
    sides = (side for side in SIDES if (root / f"Vehicules{side}").is_dir() and (root / f"Annotations{side}").is_dir())
    return next(sides, None)


def read(reading: Reading) -> Iterator[Annotated]:
    """All near-infrared tiles; each is a group of its own, for the tiles do not overlap."""
    side = find_side(reading.root)
    images = list_images(reading.root / f"Vehicules{side}")
    targets, broken, lost = _read_targets(reading.root / f"Annotations{side}", str(side))
    for where, error in broken:
        yield reading.reject(error, where)
    tiles = {stem.removesuffix("_ir"): path for stem, path in images.items() if stem.endswith("_ir")}
    for tile in sorted(tiles.keys() | targets.keys()):
        if tile not in tiles:
            yield reading.reject(BadRow("missing_image", f"there is no {tile}_ir image"), tile)
        elif tile not in targets:
            yield reading.reject(BadRow("no_annotation", "no annotation file names it"), tile)
        else:
            yield from reading.make(
                Row(tiles[tile], tile, tile, targets[tile], nameless=lost[tile], photo=images.get(f"{tile}_co"))
            )


def _read_targets(folder: Path, side: str) -> tuple[dict[str, list[RawBox]], list[tuple[str, BadRow]], Counter[str]]:
    """Targets by tile, lines that cannot be read, and how many of these each tile has."""
    whole = folder / f"annotation{side}.txt"
    targets: defaultdict[str, list[RawBox]] = defaultdict(list)
    broken: list[tuple[str, BadRow]] = []
    lost: Counter[str] = Counter()
    files = [whole] if whole.is_file() else sorted(path for path in folder.glob("*.txt") if path.stem.isdigit())
    for path in files:
        if path != whole:
            targets[path.stem] = []
        for number, line in enumerate(stream_lines(path), 1):
            if not line.strip():
                continue
            try:
                tile, label = _read_line(line.split(), None if path == whole else path.stem)
                if len(targets[tile]) <= MAX_BOXES:  # one more is enough for the image to be refused
                    targets[tile].append(label)
            except BadRow as error:
                lost[line.split()[0].zfill(8) if path == whole else path.stem] += 1
                broken.append((f"{folder.name}/{path.name}:{number}", error))
    return dict(targets), broken, lost


def _read_line(fields: list[str], tile: str | None) -> tuple[str, RawBox]:
    """One target. The whole file: id xc yc angle x1-4 y1-4 class contained occluded; a tile's: ... class contained
    occluded x1-4 y1-4, without the id."""
    wanted = WHOLE_FILE_COLUMNS if tile is None else IMAGE_FILE_COLUMNS
    if len(fields) != wanted:
        raise BadRow("broken_line", f"{len(fields)} columns, expected {wanted}: {' '.join(fields)[:80]}")
    own = fields[1:] if tile is None else fields
    corners, kind = (own[3:11], own[11]) if tile is None else (own[6:14], own[3])
    try:
        values = [float(value) for value in corners]
    except ValueError:
        raise BadRow("no_box", f"a corner is no number: {' '.join(corners)}") from None
    name = tile if tile is not None else fields[0].zfill(8)
    return name, RawBox(kind, surround(values[:4], values[4:]))


DATASET = Dataset("vedai", read_facts(__file__), find_layout, read)
