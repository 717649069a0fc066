"""The captions of a captions file, in one block of text."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tools.datasets.coco.ids import IdCodes
from tools.datasets.coco.rows import NO_ID, Ints, find_repeats, join
from tools.datasets.coco.source import CocoSource
from tools.errors import DamagedError

MAX_CAPTION_CHARS = 1000
"""A longer caption is refused: COCO's longest has 255 characters, and a prompt is paid for by its length."""

CAPTION_REJECTS = {
    "empty_caption": "the caption is empty",
    "caption_too_long": f"the caption is longer than {MAX_CAPTION_CHARS} characters",
    "caption_not_text": "the caption is missing or no text",
}
CODES = ("", *CAPTION_REJECTS)
_NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\ufeff]+")


class _Annotation(msgspec.Struct, gc=False):
    image_id: Any = None
    caption: Any = None
    id: Any = None


class CaptionRow(msgspec.Struct, gc=False, frozen=True):
    """One caption as read: text (empty when it cannot be used), and a place in `CODES`."""

    text: str
    code: int


@dataclass
class CaptionTable:
    """All captions of a file, a row each.

    Attributes:
        ids, image_ids: (rows,) int64, `NO_ID` where there is none.
        codes: (rows,) uint8, place in `CODES`; 0 for a caption that can be used.
        ends: (rows,) where each caption ends in `text`, in bytes.
        text: UTF-8.
        counts: what was found.
    """

    ids: Ints
    image_ids: Ints
    codes: NDArray[np.uint8]
    ends: Ints
    text: bytes
    counts: Counter[str] = field(default_factory=Counter)

    def read(self, row: int) -> str:
        """One caption; empty when it was refused."""
        start = int(self.ends[row - 1]) if row else 0
        return self.text[start : int(self.ends[row])].decode()


def clean_caption(caption: Any) -> CaptionRow:
    """Make white space and control characters single spaces; refuse what is no caption. Scripts are left alone."""
    if not isinstance(caption, str):
        return CaptionRow("", CODES.index("caption_not_text"))
    text = caption if caption.isprintable() else _NOT_PRINTED.sub(" ", caption)
    text = " ".join(text.split())
    if not text:
        return CaptionRow("", CODES.index("empty_caption"))
    if len(text) > MAX_CAPTION_CHARS:
        return CaptionRow("", CODES.index("caption_too_long"))
    return CaptionRow(text, 0)


def read_captions(source: CocoSource, codes: IdCodes) -> CaptionTable:
    """Read the annotations of a captions file.

    Raises:
        UsageError: not one annotation has a caption.
        DamagedError: not one says which image it is of.
    """
    decode = msgspec.json.Decoder(list[_Annotation]).decode
    ids, image_ids, faults, lengths, texts = [], [], [], [], []
    counts: Counter[str] = Counter()
    for piece in source.pieces("annotations", decode, counts):
        count = len(piece)
        ids.append(codes.column([row.id for row in piece]))
        image_ids.append(codes.column([row.image_id for row in piece]))
        rows = [clean_caption(row.caption) for row in piece]
        encoded = [row.text.encode() for row in rows]
        faults.append(np.fromiter((row.code for row in rows), np.uint8, count))
        lengths.append(np.fromiter(map(len, encoded), np.int64, count))
        texts.append(b"".join(encoded))
    table = CaptionTable(
        join(ids, np.int64),
        join(image_ids, np.int64),
        join(faults, np.uint8),
        np.cumsum(join(lengths, np.int64)),
        b"".join(texts),
        counts,
    )
    if len(table.codes) and (table.codes == CODES.index("caption_not_text")).all():
        raise source.wrong_kind("a captions file", 'not one of its annotations has a "caption"')
    if len(table.image_ids) and (table.image_ids == NO_ID).all():
        raise DamagedError(f"{source.path}: not one of its annotations has an image_id; say which image each is of")
    _drop_repeats(table)
    return table


def _drop_repeats(table: CaptionTable) -> None:
    """Count repeated ids; a caption that says the same under the same id belongs to no image any more."""
    repeats = find_repeats(table.ids, lambda row: (int(table.image_ids[row]), table.read(row), int(table.codes[row])))
    table.counts["captions_repeated"] = int((~repeats.keep).sum())
    table.counts["caption_ids_reused"] = repeats.reused
    if not repeats.keep.all():
        table.ids = table.ids[repeats.keep]
        table.image_ids = table.image_ids[repeats.keep]
        _keep_text(table, repeats.keep)


def _keep_text(table: CaptionTable, keep: NDArray[np.bool_]) -> None:
    texts = [table.read(int(row)).encode() for row in np.flatnonzero(keep)]
    table.codes = table.codes[keep]
    table.ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    table.text = b"".join(texts)
