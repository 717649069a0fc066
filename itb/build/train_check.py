"""Which training images show what a test question shows: all of a run or a training set, against the test split.

Found are copies of a test image, cropped, mirrored, resized, inverted, in grey or in other tones, as a translation of
the same photograph is, and test images that are such a part of a training image (`itb.benchmark.copies`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from itb.benchmark.bench import Bench, find_image
from itb.benchmark.copies import Gallery
from tools.conversations import BadRow, read_rows
from tools.conversations.pictures import find_key, name_pictures
from tools.datasets.files import IMAGE_ENDINGS
from tools.errors import ImageError, MissingError, UsageError
from tools.files.inside import PathFault, check_name
from tools.images import load_rgb

RUN_IMAGES = "images"
Named = list[tuple[str, Path]]
LISTED = 50
"""Pairs that are named; all are counted."""


class Leak(NamedTuple):
    """A training image and the test image that shows the same; how well they agree, 0..1."""

    train: str
    test: str
    agreement: float


class TrainCheck(NamedTuple):
    """What the comparison found.

    Attributes:
        train, test: images that were compared.
        unreadable: training images, or rows, that could not be read, and are not compared.
        leaks: all that show what a test image shows.
        items: test questions about such images.
    """

    train: int
    test: int
    unreadable: int
    leaks: tuple[Leak, ...]
    items: int


def check_train(
    bench: Bench, train: Path, images: Path | None = None, watch: Callable[[Named], Iterable[tuple[str, Path]]] = list
) -> TrainCheck:
    """Compare training images with the test split.

    Args:
        train: a run's folder, a folder of images, or a training set's file.
        images: folder that the rows of a training set name their images below; its own where it is left out.
        watch: passes the images on, and shows how far it is.

    Raises:
        MissingError: nothing there, or none of its images can be read.
        UsageError: a damaged training set, or a benchmark without a test split.
    """
    shown, items = _open_test(bench)
    gallery = Gallery(list(shown.values()))
    names, (paths, unreadable) = list(shown), list_images(train, images)
    leaks, read = [], 0
    for name, path in watch(paths):
        try:
            found = gallery.find(load_rgb(path))
        except ImageError:
            unreadable += 1
            continue
        read += 1
        if found is not None:
            leaks.append(Leak(name, names[found.other], round(found.agreement, 3)))
    if not read:
        raise MissingError(f"{train}: none of its {len(paths)} images can be read; name their folder with --images")
    tested = {leak.test for leak in leaks}
    asked = sum(name in tested for name in items)
    return TrainCheck(read, len(names), unreadable, tuple(leaks), asked)


def _open_test(bench: Bench) -> tuple[dict[str, Image.Image], list[str]]:
    """The test split's images by name, as questions show them, and the image of each test question."""
    shown: dict[str, Image.Image] = {}
    named = []
    for item in bench.choose("test"):
        named.append(item.image)
        if item.image not in shown and not (item.foreign and item.foreign.missing):
            file = find_image(item, bench)
            file.check()
            image = load_rgb(file.path)
            shown[item.image] = image.crop(item.crop_xyxy) if item.crop_xyxy else image
    if not shown:
        raise UsageError(f"{bench.folder}: its test split holds no item with an image; build or import it again")
    return shown, named


def list_images(train: Path, images: Path | None) -> tuple[list[tuple[str, Path]], int]:
    """Name and file of every training image, each once; and how many rows name none that may be read.

    Raises:
        MissingError: there is none.
    """
    bad = 0
    if train.is_dir():
        root = train / RUN_IMAGES if (train / RUN_IMAGES).is_dir() else train
        found = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if _is_image(path)}
    elif images is not None and not images.is_dir():
        raise MissingError(f"--images {images}: no such folder; it is where the rows of --train name their images")
    elif train.is_file():
        root = images or train.parent
        rows = list(_list_named(train))
        found = {name: root / name for name in rows if name is not None}
        bad = rows.count(None)
    else:
        raise MissingError(f"--train {train}: no such file or folder; name a run, a training set or a folder of images")
    if not found:
        raise MissingError(f"--train {train}: no image in it")
    return list(found.items()), bad


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_ENDINGS and path.is_file()


def _list_named(train: Path) -> Iterator[str | None]:
    """Images that rows name; None for a row that cannot be read, or names a file outside of its folder."""
    for row in read_rows(train):
        if isinstance(row, BadRow):
            yield None
            continue
        for name in name_pictures(row.row, find_key(row.row)) or ():
            try:
                yield check_name(name)
            except PathFault:
                yield None


def describe_check(found: TrainCheck) -> Mapping[str, object]:
    """For the file of the audit: counts, and the first pairs."""
    return {
        "train_images": found.train,
        "test_images": found.test,
        "unreadable": found.unreadable,
        "copies": len(found.leaks),
        "test_questions": found.items,
        "pairs": [leak._asdict() for leak in found.leaks[:LISTED]],
    }


def list_leaks(found: TrainCheck) -> Sequence[str]:
    """For people."""
    lines = [
        f"training set: {len(found.leaks)} of {found.train} training images show what one of {found.test} test images "
        f"shows; {found.items} test questions are about these"
    ]
    if found.unreadable:
        lines.append(f"{found.unreadable} training images or rows could not be read and were not compared")
    lines += [f"  {leak.train} shows {leak.test} (agreement {leak.agreement:.2f})" for leak in found.leaks[:LISTED]]
    return lines
