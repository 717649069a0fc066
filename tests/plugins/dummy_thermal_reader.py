"""A reader of one's own infrared files in one file: `RAMP`, width, height, then a byte a pixel in half degrees Celsius.

python -m tools evidence scan.ramp --plugin tests/plugins/dummy_thermal_reader.py
"""

import numpy as np

from tools.errors import ImageError
from tools.registry import Entry, register
from tools.thermal.file import ThermalFile
from tools.thermal.reader import Asked
from tools.thermal.records import Thermal

START = b"RAMP"


class RampReader:
    def knows(self, file: ThermalFile) -> bool:
        return file.start.startswith(START)

    def read(self, file: ThermalFile, asked: Asked) -> Thermal:
        content = file.path.read_bytes()
        width, height, pixels = content[4], content[5], np.frombuffer(content[6:], np.uint8)
        if len(pixels) != width * height:
            raise ImageError(file.path, "truncated_image", "pixels are missing at its end; copy it again")
        celsius = pixels.reshape(height, width).astype(np.float32) / 2
        return Thermal(celsius, "celsius", "white-hot", "ramp", settings={"emissivity": 0.95})


register("thermal reader", Entry("ramp", "half degrees, a byte each", RampReader(), traits={"endings": (".ramp",)}))
