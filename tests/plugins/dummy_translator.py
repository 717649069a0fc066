"""A user's translator in one file: every image is one grey level."""

from PIL import Image
from pydantic import Field

from tools.images import load_rgb
from tools.records import Record
from tools.registry import Entry, register


class FlatSettings(Record):
    level: int = Field(128, ge=0, le=255, description="Grey level of every pixel.")


class FlatTranslator:
    name, is_embedded, identity = "flat", True, "flat-1"

    def __init__(self, level: int) -> None:
        self._level = level

    def translate(self, requests):
        return [Image.new("L", load_rgb(request.photo).size, self._level) for request in requests]


def make_flat(settings: FlatSettings, seed: int) -> FlatTranslator:
    return FlatTranslator(settings.level)


register(
    "translator",
    Entry("flat", "every image one grey level", make_flat, settings=FlatSettings, traits={"is_embedded": True}),
)
