"""No translation: the photograph is an image of the modality already, and is made into the picture that a run shows."""

from collections.abc import Sequence

from PIL import Image

from tools.evidence import Levels
from tools.evidence.sources import check_fit, find_levels
from tools.thermal import read_thermal
from tools.translation.protocol import TranslateRequest
from tools.translation.settings import SensorSettings


class SensorImages:
    """Reads infrared files; their picture is 8 bit, and warm is bright where that is known."""

    name = "sensor"
    is_embedded = True

    def __init__(self, settings: SensorSettings) -> None:
        self._settings = settings
        span = "own" if settings.span is None else "{:g}..{:g}".format(*settings.span)
        self.identity = f"sensor-1:{settings.polarity}:{settings.unit or 'as the file states'}:{span}"

    def translate(self, requests: Sequence[TranslateRequest]) -> list[Image.Image]:
        """The pictures, mode L."""
        return [image for image, _ in self.observe(requests)]

    def observe(self, requests: Sequence[TranslateRequest]) -> list[tuple[Image.Image, Levels | None]]:
        """The pictures, each with the values that evidence is measured in; None where brightness says nothing."""
        return [self._observe(request) for request in requests]

    def _observe(self, request: TranslateRequest) -> tuple[Image.Image, Levels | None]:
        settings = self._settings
        thermal = read_thermal(request.photo, settings.unit, settings.polarity)
        if request.boxes:
            check_fit(thermal, request.photo)
        picture = thermal.display(settings.span)
        return picture, find_levels(thermal, picture, settings.span)


def make_sensor(settings: SensorSettings, seed: int) -> SensorImages:
    """The translator `sensor`."""
    return SensorImages(settings)
