"""What every reader is made with, and how it makes records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tools.datasets.boxes import MAX_BOXES, clip_box, explain_crowd
from tools.datasets.facts import Facts
from tools.datasets.files import BadRow, find_frame, find_id
from tools.datasets.records import Annotated, AnnotatedBox, AnnotatedImage, BoxXyxy, CropXyxy, DatasetReject, Unread
from tools.errors import MissingError

if TYPE_CHECKING:
    from tools.images import Frame

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RawBox:
    """An object as the annotation has it: its name there, its corners in pixels of the file, and whether it is sure."""

    name: str
    box_xyxy: BoxXyxy
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One annotated image before it is checked.

    Attributes:
        path: of the image file.
        where: how a reject names it.
        boxes: its objects; `rejects`: those that could not be read.
        nameless: how many objects have a place and, as this dataset has it, no name; they are no fault of the file.
        size: width and height that the annotation states.
        id: where it is not the image's path.
        photo: the registered visible image's file.

    The others are the record's.
    """

    path: Path
    where: str
    group: str
    boxes: Sequence[RawBox] = ()
    rejects: Sequence[BadRow] = ()
    nameless: int = 0
    size: Size | None = None
    id: str | None = None
    split: str | None = None
    recording: str | None = None
    photo: Path | None = None
    captions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    crop_xyxy: CropXyxy | None = None
    facts: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """A dataset's folder being read.

    Attributes:
        needs_images: False believes the annotations' sizes and opens no image.
    """

    name: str
    facts: Facts
    root: Path
    needs_images: bool = True

    def reject(self, error: BadRow, where: str, image: Path | None = None, split: str | None = None) -> DatasetReject:
        """What becomes of a row that cannot be used; `image`, of `split`, where all that it lacks is an annotation."""
        reject = error.reject(self.name, where)
        return reject if image is None else replace(reject, image=self.relate(image), split=split)

    def relate(self, path: Path) -> str:
        """`path` below the dataset's folder, with forward slashes."""
        text, start = path.as_posix(), f"{self.root.as_posix()}/"
        return text[len(start) :] if text.startswith(start) else path.relative_to(self.root).as_posix()

    def make(self, row: Row) -> Iterator[Annotated]:
        """The record of a row, and a reject for each of its objects that cannot be used.

        An object whose class is unknown, or whose box cannot be read, is left out, counted, and noted in the image's
        `unread`: it could be anything, so nothing is asked that it could change.
        """
        try:
            frame = self._find_frame(row)
            crop = _turn_crop(row.crop_xyxy, frame)
        except BadRow as error:
            yield self.reject(error, row.where)
            return
        boxes, unread = [], [Unread("no_name")] * row.nameless
        for reject in row.rejects:
            unread.append(Unread(reject.code))
            yield self.reject(reject, row.where)
        for raw in row.boxes:
            try:
                boxes.append(self._make_box(raw, frame, crop))
            except BadRow as error:
                unread.append(Unread(error.code, raw.name))
                yield self.reject(error, row.where)
        yield self._make_image(row, frame.size, crop, tuple(boxes), tuple(unread))

    def _find_frame(self, row: Row) -> "Frame":
        """Size of the file as it is loaded, and how boxes get there."""
        if len(row.boxes) + len(row.rejects) > MAX_BOXES:
            raise BadRow("too_many_boxes", explain_crowd())
        has_frame = bool(row.boxes) or row.crop_xyxy is not None
        return find_frame(row.path, row.size, self.needs_images, has_frame)

    def _make_image(
        self,
        row: Row,
        size: Size,
        crop: CropXyxy | None,
        boxes: tuple[AnnotatedBox, ...],
        unread: tuple[Unread, ...],
    ) -> AnnotatedImage:
        image = self.relate(row.path)
        width, height = _cut(size, crop)
        return AnnotatedImage(
            id=find_id(image) if row.id is None else row.id,
            source=self.name,
            image=image,
            photo=self.relate(row.photo) if row.photo else None,
            width=width,
            height=height,
            crop_xyxy=crop,
            boxes=boxes,
            unread=unread,
            captions=row.captions,
            labels=row.labels,
            group=row.group,
            recording=row.recording,
            split=row.split,
            band=self.facts.band,
            polarity=self.facts.polarity,
            unit=self.facts.unit,
            facts=row.facts,
        )

    def _make_box(self, raw: RawBox, frame: "Frame", crop: CropXyxy | None) -> AnnotatedBox:
        if not raw.name.strip():
            raise BadRow("no_name", "an object has no name")
        name = self.facts.find_name(raw.name)
        if name is None:
            raise BadRow("unknown_class", f"the class {raw.name!r} is none of this dataset's")
        left, top, right, bottom = frame.place_pixels(raw.box_xyxy)
        if crop is not None:
            left, right, top, bottom = left - crop[0], right - crop[0], top - crop[1], bottom - crop[1]
        return AnnotatedBox(name, clip_box((left, top, right, bottom), *_cut(frame.size, crop)), raw.is_certain)

    def fail(self) -> MissingError:
        """The error of a folder that does not hold the dataset."""
        if not self.root.is_dir():
            return MissingError(f"{self.name}: {self.root}: no such folder; {self.facts.how}")
        found = sorted(path.name + "/" * path.is_dir() for path in self.root.iterdir())
        shown = ", ".join(found[:8]) + (", ..." if len(found) > 8 else "") if found else "nothing"
        tree = self.facts.tree.rstrip()
        return MissingError(
            f"{self.name}: {self.root} does not hold the dataset. Expected:\n{tree}\nfound: {shown}. {self.facts.how}"
        )


def _turn_crop(crop: CropXyxy | None, frame: "Frame") -> CropXyxy | None:
    """The part of the picture that counts, on the picture as it is loaded."""
    if crop is None:
        return None
    left, top, right, bottom = (round(value) for value in frame.place_pixels(crop))
    if min(left, top) < 0 or right > frame.size[0] or bottom > frame.size[1]:
        raise BadRow("size_differs", f"{frame.size[0]}x{frame.size[1]} pixels hold no {crop}")
    return left, top, right, bottom


def _cut(size: Size, crop: CropXyxy | None) -> Size:
    return size if crop is None else (crop[2] - crop[0], crop[3] - crop[1])
