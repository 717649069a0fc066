"""The records of annotated datasets: an image with its boxes, captions and labels, and a row that cannot be used.

They are made by the hundred thousand and never written to a file: plain dataclasses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Band = str
"""Part of the spectrum that an image shows, as modality packs name it: `lwir`, `nir`, ...; `visible` of photographs."""
Polarity = str
"""What brightness says, as modality packs name it, e.g. `white-hot`; `none` where it says nothing of the kind."""
BoxXyxy = tuple[float, float, float, float]
CropXyxy = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class AnnotatedBox:
    """One annotated object of an image.

    Attributes:
        name: canonical name, lower case, e.g. `person`, `freight car`.
        box_xyxy: corners in pixels of the image as it is read (after `AnnotatedImage.crop_xyxy`), inside the image.
        is_certain: False for crowds, ignored regions, `difficult` objects and "don't care": whether, and how often, the
            name is there is unknown.
    """

    name: str
    box_xyxy: BoxXyxy
    is_certain: bool = True


class Unread(NamedTuple):
    """An object of an image that could not be read: why, and the name that the dataset gives it, where it has one."""

    code: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedImage:
    """One annotated image of a dataset.

    Attributes:
        id: unique in the dataset: the image's relative path without suffix; COCO's numeric id as text.
        source: the dataset's name, e.g. `flir`.
        image: path relative to the dataset's folder, forward slashes.
        photo: registered visible image, relative to the dataset's folder, where there is one.
        width, height: pixels after the crop.
        crop_xyxy: part of the file that is the image (DroneVehicle's white border), None for all of it.
        boxes: annotated objects; complete for the dataset's `names` unless uncertain or unread ones say otherwise.
        unread: objects that are there and that `boxes` lacks: how often a name is there, or that it is not, is unknown.
        captions: as written.
        labels: classes of the whole image (scene category, damage class, tracked target).
        group: sequence, scene, drive or shot: what must never be split between training and test.
        recording: where a group is a stretch of running numbers and nothing says where one drive ends: what it was cut
            from. None where the group is whole.
        split: `train`, `val` or `test` where the dataset publishes these, however spelt, else its own name of the part;
            None where it has no parts.
        band, polarity: of the image at `image`.
        unit: of the values that the file holds besides its picture, e.g. `celsius`; None for pictures only.
        facts: further typed facts (emissivity, height, time of day, ...), by name.
    """

    id: str
    source: str
    image: str
    photo: str | None = None
    width: int
    height: int
    crop_xyxy: CropXyxy | None = None
    boxes: tuple[AnnotatedBox, ...] = ()
    unread: tuple[Unread, ...] = ()
    captions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    group: str
    recording: str | None = None
    split: str | None = None
    band: Band
    polarity: Polarity
    unit: str | None = None
    facts: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatasetReject:
    """A row of a dataset that cannot be used: which one, a short code, and why.

    Attributes:
        image: of a row without annotation, the path of its image below the dataset's folder: it can be used without.
        split: of that image, as `AnnotatedImage.split`.
    """

    source: str
    where: str
    code: str
    why: str
    image: str = ""
    split: str | None = None


Annotated = AnnotatedImage | DatasetReject
"""What reading a dataset gives."""
