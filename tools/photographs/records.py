"""What `annotations.yaml` says about each photograph."""

from functools import cache
from pathlib import Path
from typing import Annotated as Typed
from typing import Literal

from pydantic import Field

from tools.files.yaml_text import read_yaml
from tools.records import Record

Pixel = Typed[int, Field(ge=0)]
Side = Typed[int, Field(gt=0)]
BoxRow = tuple[str, Pixel, Pixel, Side, Side] | tuple[str, Pixel, Pixel, Side, Side, Literal["crowd"]]

ANNOTATIONS = Path(__file__).with_name("annotations.yaml")


class Photograph(Record):
    """One photograph of an installed package.

    Attributes:
        id: image id in the COCO files.
        file_name: its name in the image folder.
        package: import name of the package that ships it.
        path: within that package.
        size: width and height in pixels, for which the boxes were drawn.
        credit, licence: whose it is.
        captions: five, as people wrote them.
        boxes: category, then `x, y, width, height` in pixels, then `crowd` for a region with uncounted objects.
    """

    id: int
    file_name: str
    package: str
    path: str
    size: tuple[Side, Side]
    credit: str
    licence: str
    captions: tuple[str, ...]
    boxes: tuple[BoxRow, ...]


class Annotated(Record):
    """The whole file.

    Attributes:
        categories: id by name; COCO's own ids below 1000.
        photographs: by ascending id.
    """

    categories: dict[str, int]
    photographs: tuple[Photograph, ...]


@cache
def load_annotations() -> Annotated:
    """Read `annotations.yaml`."""
    return Annotated.model_validate(read_yaml(ANNOTATIONS))
