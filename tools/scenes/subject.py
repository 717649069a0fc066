"""What a scene shows, as its captions and annotations know it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SceneObject:
    """One object that can be seen.

    Attributes:
        box: left, top, right, bottom in pixels, of its visible part; right and bottom are exclusive.
        celsius: mean temperature of its visible part.
        paint, material, text: what only the visible image shows, empty where it does not show it.
    """

    label: str
    object_id: int
    box: tuple[int, int, int, int]
    celsius: float
    paint: str
    material: str
    text: str


@dataclass(frozen=True)
class Subject:
    """All that captions are written from.

    Attributes:
        light: `sunny`, `cloudy` or `night`, outside.
        is_autumn: leaves have turned.
        width: of the image, in pixels.
        objects: those that can be seen, from far to near.
    """

    kind: str
    light: str
    is_autumn: bool
    width: int
    objects: tuple[SceneObject, ...]
