"""A COCO dataset in memory: arrays and one block of text; records are made when asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tools.datasets.coco.boxes import BoxTable
from tools.datasets.coco.captions import CAPTION_REJECTS, CODES, CaptionTable
from tools.datasets.coco.ids import IdCodes
from tools.datasets.coco.images import ImageRow, Reject
from tools.datasets.coco.rows import NO_ID, Groups, Ints
from tools.errors import UsageError
from tools.records import Box, Photo


class CaptionReject(NamedTuple):
    """A caption that cannot be used.

    Attributes:
        annotation_id: its id in the captions file, None when it has none.
        code: `empty_caption`, `caption_too_long` or `caption_not_text`.
        reason: for people.
    """

    annotation_id: str | None
    code: str
    reason: str


@dataclass(frozen=True, eq=False)
class CocoDataset:
    """Images of a captions file by ascending id, with their captions and boxes.

    Attributes:
        id_array: (images,) int64, ascending; what `codes` gives for each id.
        images: name and size of each.
        rejects: image id -> code and reason, for images that cannot be used.
        counts: what the files hold and what of it was left out, by reason.
        digest: SHA-256 over both files.
        codes: the ids behind the numbers.
        splits: none; one captions file is of one split.
    """

    id_array: Ints
    images: Sequence[ImageRow]
    captions: CaptionTable
    captions_by_image: Groups
    boxes: BoxTable | None
    boxes_by_image: Groups
    rejects: Mapping[str, Reject]
    counts: Mapping[str, int]
    digest: str
    codes: IdCodes
    splits: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def ids(self) -> tuple[str, ...]:
        """Image ids, in the order of `tools.ids.order_ids`."""
        return tuple(map(self.codes.text, self.id_array.tolist()))

    def index_of(self, image_id: str) -> int:
        """Where an image stands.

        Raises:
            UsageError: the dataset has no such image.
        """
        code = self.codes.find(image_id)
        place = int(np.searchsorted(self.id_array, code))
        if place == len(self) or self.id_array[place] != code:
            raise UsageError(f"image {image_id} is not in the captions file; its {len(self)} images {self._span()}")
        return place

    def photo(self, i: int) -> Photo:
        """The record of one image. An image that `reject` refuses has no boxes and, if unsafe, no file name."""
        image_id, image = self.codes.text(int(self.id_array[i])), self.images[i]
        reject = self.reject(i)
        is_unsafe = reject is not None and reject[0] == "unsafe_file_name"
        rows = self.captions_by_image.of(i)
        usable = rows[self.captions.codes[rows] == 0]
        return Photo(
            image_id=image_id,
            file_name="" if is_unsafe else image.file_name,
            width=image.width,
            height=image.height,
            captions=tuple(self.captions.read(row) for row in usable.tolist()),
            boxes=self._read_boxes(i),
        )

    def file(self, i: int) -> str:
        """The photograph's file; empty for one that `reject` refuses as unsafe."""
        return self.photo(i).file_name

    def reject(self, i: int) -> Reject | None:
        """Code and reason when an image cannot be used."""
        return self.rejects.get(self.codes.text(int(self.id_array[i])))

    def caption_rejects(self, i: int) -> tuple[CaptionReject, ...]:
        """The captions of one image that `photo` leaves out."""
        rows = self.captions_by_image.of(i)
        refused = rows[self.captions.codes[rows] != 0].tolist()
        return tuple(self._refuse(row) for row in refused)

    def _refuse(self, row: int) -> CaptionReject:
        code = CODES[self.captions.codes[row]]
        id_ = int(self.captions.ids[row])
        return CaptionReject(None if id_ == NO_ID else self.codes.text(id_), code, CAPTION_REJECTS[code])

    def _read_boxes(self, i: int) -> tuple[Box, ...]:
        if self.boxes is None:
            return ()
        rows = self.boxes_by_image.of(i)
        corners = self.boxes.boxes[rows].tolist()
        labels = self.boxes.labels[rows].tolist()
        crowds = self.boxes.is_crowd[rows].tolist()
        return tuple(
            Box(label=self.boxes.names[label], box_xyxy_norm=tuple(box), is_crowd=crowd)
            for box, label, crowd in zip(corners, labels, crowds, strict=True)
        )

    def _span(self) -> str:
        return f"have ids {self.ids[0]} to {self.ids[-1]}" if len(self) else "are none"
