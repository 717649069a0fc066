"""An annotated dataset as a run takes it: its images by ascending id, each as a record with captions and boxes."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from tools.datasets.coco.dataset import CaptionReject
from tools.datasets.dataset import open_dataset
from tools.datasets.files import IMAGE_ENDINGS, find_id
from tools.datasets.records import AnnotatedImage, DatasetReject
from tools.ids import order_ids
from tools.records import Box, Photo

Fault = tuple[str, str]
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
    """

    name: str
    root: Path
    images: Sequence[AnnotatedImage]
    faults: Mapping[str, Fault]
    counts: Mapping[str, int]
    digest: str

    def __len__(self) -> int:
        return len(self.images)

    @property
    def ids(self) -> tuple[str, ...]:
        """Image ids, ascending."""
        return tuple(image.id for image in self.images)

    def photo(self, i: int) -> Photo:
        """The record of one image; an uncertain object becomes a region with an uncounted number of its kind."""
        image = self.images[i]
        return Photo(
            image_id=image.id,
            file_name=image.image,
            width=image.width,
            height=image.height,
            captions=image.captions,
            boxes=tuple(
                Box(
                    label=box.name,
                    box_xyxy_norm=_normalise(box.box_xyxy, image.width, image.height),
                    is_crowd=not box.is_certain,
                )
                for box in image.boxes
            ),
        )

    def reject(self, i: int) -> Fault | None:
        """Code and reason when an image cannot be used."""
        return self.faults.get(self.images[i].id)

    def caption_rejects(self, i: int) -> tuple[CaptionReject, ...]:
        """The captions of one image that cannot be used: none, the dataset's reader has left them out."""
        return ()


def _normalise(box: tuple[float, float, float, float], width: int, height: int) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = box
    return round(x1 / width, 6), round(y1 / height, 6), round(x2 / width, 6), round(y2 / height, 6)


def take_dataset(name: str, root: Path) -> TakenDataset:
    """Read a dataset whole.

    Raises:
        UsageError: no such dataset, or two of its files would have the same id.
        MissingError: the folder does not hold it.
    """
    rejects: list[DatasetReject] = []
    images: list[AnnotatedImage] = []
    for entry in open_dataset(name, root).stream():
        images.append(entry) if isinstance(entry, AnnotatedImage) else rejects.append(entry)
    faults = {image.id: BORDER for image in images if image.crop_xyxy is not None}
    lost = _list_lost(name, rejects, {image.id for image in images})
    faults |= {image.id: fault for image, fault in lost}
    images = sorted([*images, *(image for image, _ in lost)], key=lambda image: order_ids(image.id))
    return TakenDataset(name, root, images, faults, _count(images, rejects), _digest(images))


def _list_lost(name: str, rejects: Sequence[DatasetReject], known: set[str]) -> list[tuple[AnnotatedImage, Fault]]:
    """The images that a dataset names and that cannot be used at all, each with its first fault."""
    found: dict[str, tuple[AnnotatedImage, Fault]] = {}
    for reject in rejects:
        if PurePosixPath(reject.where).suffix.lower() not in IMAGE_ENDINGS:
            continue
        id_ = find_id(reject.where)
        if id_ not in known and id_ not in found:
            nothing = AnnotatedImage(
                id=id_, source=name, image=reject.where, width=0, height=0, group="", band="", polarity="unknown"
            )
            found[id_] = (nothing, (reject.code, reject.why))
    return list(found.values())


def _count(images: Sequence[AnnotatedImage], rejects: Sequence[DatasetReject]) -> dict[str, int]:
    counts = Counter(reject.code for reject in rejects)
    counts.update(
        images=len(images),
        captions=sum(len(image.captions) for image in images),
        boxes=sum(len(image.boxes) for image in images),
    )
    return dict(sorted(counts.items()))


def _digest(images: Sequence[AnnotatedImage]) -> str:
    digest = hashlib.sha256()
    for image in images:
        digest.update(repr((image.id, image.width, image.height, image.captions, image.boxes)).encode())
    return digest.hexdigest()
