"""Infrared files of every kind: pictures, counts and temperatures, read in one place.

thermal = read_thermal(Path("scan.jpg"))
thermal.pixels, thermal.unit, thermal.polarity     # (H, W) float32, `celsius`, `white-hot`
thermal.display()                                  # 8 bit, warm is bright
"""

from tools.thermal.read import is_picture, read_thermal
from tools.thermal.reader import is_data_file
from tools.thermal.readers.matrix import is_table
from tools.thermal.records import Thermal

__all__ = ["Thermal", "is_data_file", "is_picture", "is_table", "read_thermal"]
