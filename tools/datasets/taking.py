"""An annotated dataset as a run takes it: its images by ascending id, each as a record with captions and boxes."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final, TypeVar

from tools.datasets.boxes import clip_box
from tools.datasets.coco.dataset import CaptionReject
from tools.datasets.dataset import find_dataset, open_dataset
from tools.datasets.files import BadRow, find_frame, find_id, is_image_file
from tools.datasets.records import AnnotatedBox, AnnotatedImage, DatasetReject, Unread
from tools.datasets.tables import NameTable
from tools.datasets.tables.boxes import RawBoxes
from tools.errors import UsageError
from tools.ids import order_ids
from tools.records import Box, Photo

Fault = tuple[str, str]
Value = TypeVar("Value")
BORDER: Final = ("has_border", "the image stands in a border that a run does not cut off; cut it off first")


@dataclass(frozen=True, eq=False)
class TakenDataset:
    """The images of a dataset, in the order of `tools.ids.order_ids`, and what of it cannot be used.

    Attributes:
        root: the folder that `Photo.file_name` is relative to.
        images: those that can be read, and in their place among them those that cannot.
        faults: image id -> code and reason, for images that cannot be used.
        counts: how many images, captions and boxes there are, and what was left out, by reason.
        digest: SHA-256 over ids, sizes, captions and boxes.
        splits: how many of the images are of each split that the dataset publishes; empty where it has none.
    """

    name: str
    root: Path
    images: Sequence[AnnotatedImage]
    faults: Mapping[str, Fault]
    counts: Mapping[str, int]
    digest: str
    splits: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def ids(self) -> tuple[str, ...]:
        """Image ids, ascending."""
        return tuple(image.id for image in self.images)

    def photo(self, i: int) -> Photo:
        """The record of one image; an uncertain object becomes a region with an uncounted number of its kind.

        An image of which an object could not be read has no boxes: what is lost could be of any kind.
        """
        image = self.images[i]
        return Photo(
            image_id=image.id,
            file_name=image.photo or image.image,
            width=image.width,
            height=image.height,
            captions=image.captions,
            boxes=tuple(
                Box(
                    label=box.name,
                    box_xyxy_norm=_normalise(box.box_xyxy, image.width, image.height),
                    is_crowd=not box.is_certain,
                )
                for box in (() if image.unread else image.boxes)
            ),
        )

    def file(self, i: int) -> str:
        """The image's own file, relative to `root`; `photo(i).file_name` is the registered photograph's, if any."""
        return self.images[i].image

    def select(self, places: Sequence[int]) -> "TakenDataset":
        """The images at these places; counts and digest stay those of the whole."""
        return replace(self, images=[self.images[place] for place in places])

    def narrow_splits(self, count: int) -> "TakenDataset":
        """With `splits` counted in the first `count` images alone, as a run takes them that goes no further."""
        splits = Counter(image.split for image in self.images[:count] if image.split is not None)
        return replace(self, splits=dict(sorted(splits.items())))

    def reject(self, i: int) -> Fault | None:
        """Code and reason when an image cannot be used."""
        return self.faults.get(self.images[i].id)

    def caption_rejects(self, i: int) -> tuple[CaptionReject, ...]:
        """The captions of one image that cannot be used: none, the dataset's reader has left them out."""
        return ()


def _normalise(box: tuple[float, float, float, float], width: int, height: int) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = box
    return round(x1 / width, 6), round(y1 / height, 6), round(x2 / width, 6), round(y2 / height, 6)


def take_dataset(
    name: str,
    root: Path,
    captions: NameTable[tuple[str, ...]] | None = None,
    boxes: NameTable[RawBoxes] | None = None,
    split: str | None = None,
) -> TakenDataset:
    """Read a dataset whole.

    Args:
        captions, boxes: from files of their own; they stand in place of what the dataset has.
        split: only the images of this one, so none of which the split is not known.

    Raises:
        UsageError: no such dataset, two of its files would have the same id, no image is in a file of the above, or
            none is of that split.
        MissingError: the folder does not hold it.
    """
    rejects: list[DatasetReject] = []
    images: list[AnnotatedImage] = []
    for entry in open_dataset(name, root).stream():
        if isinstance(entry, AnnotatedImage):
            images.append(entry)
        else:
            rejects.append(entry)
    faults = {image.id: BORDER for image in images if image.crop_xyxy is not None}
    lost = _list_lost(name, root, rejects, {image.id for image in images})
    faults |= {image.id: fault for image, fault in lost if fault is not None}
    images = sorted([*images, *(image for image, _ in lost)], key=lambda image: order_ids(image.id))
    splits = Counter(image.split for image in images if image.split is not None)
    if split is not None:
        images = _choose_split(name, images, split, splits)
        lost = [(image, fault) for image, fault in lost if image.split == split]
    counts = _count(images, rejects)
    counts["images_without_annotation"] = sum(fault is None for _, fault in lost)
    if captions is not None:
        images = _join(images, captions, "--captions", counts, lambda image, own: replace(image, captions=own))
    if boxes is not None:
        images = _join(images, boxes, "--instances", counts, _give_boxes)
    counts["images_with_unread_objects"] = sum(bool(image.unread) for image in images)
    counts["captions"] = sum(len(image.captions) for image in images)
    counts["boxes"] = sum(len(image.boxes) for image in images)
    found = dict(sorted(splits.items()))
    return TakenDataset(name, root, images, faults, dict(sorted(counts.items())), _digest(images), found)


def _choose_split(
    name: str, images: Sequence[AnnotatedImage], split: str, splits: Mapping[str, int]
) -> list[AnnotatedImage]:
    chosen = [image for image in images if image.split == split]
    if not chosen:
        there = ", ".join(f"{part} ({count} images)" for part, count in sorted(splits.items()))
        raise UsageError(f"--split {split}: {name} has {f'these: {there}' if there else 'no splits'}")
    return chosen


def _join(
    images: Sequence[AnnotatedImage],
    table: NameTable[Value],
    flag: str,
    counts: Counter[str],
    give: Callable[[AnnotatedImage, Value], AnnotatedImage],
) -> list[AnnotatedImage]:
    """Images with what a table has of them; those that it has nothing of stay as they are."""
    names = {image.id: name for image in images if (name := table.find_name(image.image)) is not None}
    found = {id_: table.get(name) for id_, name in names.items()}
    if images and not found:
        problem = f"{flag} {table.source}: none of its {len(table)} names is an image here, e.g. {images[0].image}"
        raise UsageError(f"{problem}; names may be paths below the image folder, file names, or names without ending")
    counts.update(table.rejects)
    counts[f"images_without_{flag.strip('-')}"] += len(images) - len(found)
    counts[f"names_in_{flag.strip('-')}_of_no_image"] += len(table) - len(set(names.values()))
    return [give(image, found[image.id]) if image.id in found else image for image in images]


def _give_boxes(image: AnnotatedImage, boxes: RawBoxes) -> AnnotatedImage:
    """The image with these boxes; those that cannot be read, or lie outside, are noted in its `unread`."""
    made, unread = [], [Unread(code) for code in boxes.lost]
    for box in boxes.scale(image.width, image.height):
        try:
            made.append(AnnotatedBox(box.name, clip_box(box.box_xyxy, image.width, image.height), box.is_certain))
        except BadRow as error:
            unread.append(Unread(error.code, box.name))
    return replace(image, boxes=tuple(made), unread=tuple(unread))


def _list_lost(
    name: str, root: Path, rejects: Sequence[DatasetReject], known: set[str]
) -> list[tuple[AnnotatedImage, Fault | None]]:
    """The images that a dataset names without a usable row: those that lack an annotation alone, and the unusable."""
    found: dict[str, tuple[AnnotatedImage, Fault | None]] = {}
    for reject in rejects:
        image = reject.image or reject.where
        if not is_image_file(image):
            continue
        id_ = find_id(image)
        if id_ in known or id_ in found:
            continue
        fault: Fault | None = (reject.code, reject.why)
        size = (0, 0)
        if reject.image:
            try:
                size, fault = find_frame(root / image, None, True, False).size, None
            except BadRow as error:
                fault = (error.code, str(error))
        polarity = find_dataset(name).facts.polarity
        group = str(PurePosixPath(image).parent)
        bare = AnnotatedImage(
            id=id_,
            source=name,
            image=image,
            width=size[0],
            height=size[1],
            group=group,
            split=reject.split,
            band="",
            polarity=polarity,
        )
        found[id_] = (bare, fault)
    return list(found.values())


def _count(images: Sequence[AnnotatedImage], rejects: Sequence[DatasetReject]) -> Counter[str]:
    counts = Counter(reject.code for reject in rejects)
    counts["images"] = len(images)
    return counts


def _digest(images: Sequence[AnnotatedImage]) -> str:
    digest = hashlib.sha256()
    for image in images:
        digest.update(repr((image.id, image.width, image.height, image.captions, image.boxes)).encode())
    return digest.hexdigest()
