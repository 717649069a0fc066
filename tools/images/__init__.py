"""The one safe image loader, the frame that boxes are in, the range that is shown, and the one way images are written.

picture = load_rgb(path)                     # 8-bit RGB, upright, or an ImageError that says why not
frame = match_frame(path, (320, 240))        # how boxes of a 320 x 240 annotation get onto that picture
low, high, is_shown = display_range(kelvin)  # of values of any unit, without what is no value
"""

from tools.framing import BoxMap, Framed, centre_crop, clip_box, crop, letterbox, resize
from tools.images.header import MAX_PIXELS, Header, read_header
from tools.images.levels import DisplayRange, display_range, find_measured, scale_levels
from tools.images.load import load_rgb, load_values
from tools.images.opening import FORMATS, check_file
from tools.images.save import remove_unfinished, save_png
from tools.images.upright import Frame, match_frame, turn_box, turn_pixels

__all__ = [
    "FORMATS",
    "MAX_PIXELS",
    "BoxMap",
    "DisplayRange",
    "Frame",
    "Framed",
    "Header",
    "centre_crop",
    "check_file",
    "clip_box",
    "crop",
    "display_range",
    "find_measured",
    "letterbox",
    "load_rgb",
    "load_values",
    "match_frame",
    "read_header",
    "remove_unfinished",
    "resize",
    "save_png",
    "scale_levels",
    "turn_box",
    "turn_pixels",
]
