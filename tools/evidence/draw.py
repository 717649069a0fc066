"""An image with its measured objects drawn in: bright ones, dark ones, and those of which nothing can be said."""

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageDraw

from tools.evidence.records import Evidence
from tools.evidence.regions import BoxXyxy

_COLOURS: Final = {"brighter": (255, 160, 0), "darker": (0, 160, 255), None: (130, 130, 130)}
_SPOT: Final = (255, 40, 40)
_SPOT_RADIUS: Final = 6


def draw_evidence(
    picture: Image.Image, evidence: Evidence, boxes: Sequence[BoxXyxy], names: Sequence[str]
) -> Image.Image:
    """The picture in RGB: orange boxes are brighter than their surroundings, blue ones darker; a cross is brightest."""
    drawn = picture.convert("RGB")
    pen = ImageDraw.Draw(drawn)
    said = {fact.subject: fact.relation for fact in evidence.facts if fact.kind == "surroundings"}
    for place, (box, name) in enumerate(zip(boxes, names, strict=True)):
        colour = _COLOURS[said.get(place)]
        pen.rectangle(box, outline=colour)
        pen.text((box[0] + 2, max(0.0, box[1] - 11)), name, fill=colour)
    for fact in evidence.facts:
        if fact.kind == "brightest_place":
            x, y = fact.values["x"] * drawn.width, fact.values["y"] * drawn.height
            pen.line((x - _SPOT_RADIUS, y, x + _SPOT_RADIUS, y), fill=_SPOT)
            pen.line((x, y - _SPOT_RADIUS, x, y + _SPOT_RADIUS), fill=_SPOT)
    return drawn
