"""The boxes of a photograph's record on its picture: compared with the file, and turned with it."""

from pathlib import Path

from tools.errors import ImageError
from tools.images import match_frame
from tools.records import Photo


def fit_photo(photo: Photo, path: Path) -> Photo:
    """The record in the frame of the picture as `load_rgb` gives it; only the file's header is read.

    A file that cannot be read leaves the record as it is: whoever loads it says why.

    Raises:
        RejectError: the picture has another size than the record, or EXIF turns it nobody knows how (`size_differs`,
            `orientation_unclear`). A record without boxes meets no picture.
    """
    if not photo.boxes:
        return photo
    try:
        frame = match_frame(path, (photo.width, photo.height))
    except ImageError:
        return photo
    if frame.turn == 1:
        return photo
    boxes = tuple(box.model_copy(update={"box_xyxy_norm": frame.place_norm(box.box_xyxy_norm)}) for box in photo.boxes)
    return photo.model_copy(update={"boxes": boxes, "width": frame.size[0], "height": frame.size[1]})
