"""The images that a build makes itself, as far as tasks ask for other ones than the frames' own."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from tools.datasets import AnnotatedImage
from tools.datasets.records import BoxXyxy, Polarity
from tools.files import explain_disk
from tools.images import load_rgb, save_png
from tools.records import BoxXyxyNorm


class Layout(NamedTuple):
    """Size of a picture in pixels, and how much of it, from the left, is the frame."""

    width: int
    height: int
    frame_width: int


@dataclass(frozen=True)
class Picture(ABC):
    """A way to make an image for a question; each task that wants one brings its own.

    Attributes:
        folder: of the benchmark, below `images`.
        polarity: which end of its scale is bright; None where it is as in the frame.
    """

    folder: str
    polarity: Polarity | None = None

    def lay_out(self, frame: AnnotatedImage) -> Layout:
        """How large it is; as large as the frame where a task does not say otherwise."""
        return Layout(frame.width, frame.height, frame.width)

    @abstractmethod
    def draw(self, frame: AnnotatedImage, root: Path) -> Image.Image:
        """The image, 8 bit grey.

        Args:
            frame: whose file is below `root`.
            root: folder of the dataset.

        Raises:
            ImageError: the frame's file cannot be read.
        """


def lay_out(frame: AnnotatedImage, picture: Picture | None) -> Layout:
    """How large the image of a question is."""
    return picture.lay_out(frame) if picture else Layout(frame.width, frame.height, frame.width)


def place_box(box: BoxXyxy, frame: AnnotatedImage, layout: Layout) -> BoxXyxyNorm:
    """A box of the frame, in pixels, as a normalised box of its picture; rounded to six decimals."""
    x, y = layout.frame_width / frame.width / layout.width, 1 / frame.height
    left, top, right, bottom = box[0] * x, box[1] * y, box[2] * x, box[3] * y
    return (
        round(left, 6) if left > 0 else 0.0,
        round(top, 6) if top > 0 else 0.0,
        round(right, 6) if right < 1 else 1.0,
        round(bottom, 6) if bottom < 1 else 1.0,
    )


def name_picture(frame: AnnotatedImage, picture: Picture) -> str:
    """Where a picture goes, relative to the benchmark's folder; the file's stem is the original's."""
    return f"images/{picture.folder}/{frame.source}/{Path(frame.image).with_suffix('.png').as_posix()}"


def make_picture(frame: AnnotatedImage, picture: Picture, root: Path, out: Path) -> None:
    """Write the picture of a frame as PNG to the file `out`.

    Raises:
        ImageError: the frame's file cannot be read.
        ToolkitError: the picture cannot be written.
    """
    made = picture.draw(frame, root)
    with explain_disk(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        save_png(made, out)


def load_grey(path: Path, frame: AnnotatedImage) -> Image.Image:
    """A file in grey, as much of it as is the frame."""
    image = load_rgb(path).convert("L")
    return image.crop(frame.crop_xyxy) if frame.crop_xyxy else image
