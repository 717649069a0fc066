"""From the two files to a dataset: read, joined by image id, counted."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from tools.datasets.boxes import MAX_BOXES, explain_crowd
from tools.datasets.coco.boxes import BoxTable, normalise, read_boxes
from tools.datasets.coco.captions import CAPTION_REJECTS, CODES, CaptionTable, read_captions
from tools.datasets.coco.dataset import CocoDataset
from tools.datasets.coco.ids import IdCodes, ImageKey
from tools.datasets.coco.images import ImageRow, ImageTable, Reject, check_image, fill_size, read_images
from tools.datasets.coco.rows import NO_ID, Groups, Ints, find_images, group_by_image
from tools.datasets.coco.source import CocoSource

_NO_IMAGES: ImageTable[ImageKey] = ImageTable({}, frozenset(), Counter())


def load_coco(
    captions: Path, instances: Path | None, limit: int | None = None, photographs: Path | None = None
) -> CocoDataset:
    """Read a captions file and, if given, the instances file of the same images.

    The captions file says which images there are; what the instances file has beyond them is counted and left out.

    Args:
        captions, instances: `captions_*.json`, `instances_*.json`.
        limit: keep only so many images, by ascending id. Counts of what was found in the files stay whole.
        photographs: folder of the images, whose headers have the sizes that neither file states; None for none.

    Raises:
        MissingError: a file is not there.
        UsageError: a file is of another kind.
        DamagedError: a file is damaged.
    """
    boxed = _open_instances(instances)
    source = CocoSource(captions, "--captions")
    source.require("images", "annotations", kind="a captions file")
    images, other, codes = _read_images(source, boxed)
    boxes = read_boxes(boxed, codes) if boxed else None
    texts = read_captions(source, codes)
    ids = np.array(sorted(images.rows), np.int64)
    joined = [_join_image(images.rows[id_], other.rows.get(id_)) for id_ in ids.tolist()]
    unsized = _fill_sizes(ids, joined, boxes, photographs)
    rejects = unsized | _find_rejects(ids, joined, images, other, codes, unsized.keys())
    rejects |= _find_crowded(boxes, ids, rejects)
    counts = _count_images(images, other, texts, has_boxes=boxes is not None)
    captions_by_image = _join_captions(texts, ids, counts)
    boxes_by_image = _join_boxes(boxes, ids, joined, rejects, other, counts)
    end = len(ids) if limit is None else min(max(limit, 0), len(ids))
    kept = CocoDataset(
        id_array=ids[:end],
        images=joined[:end],
        captions=texts,
        captions_by_image=Groups(captions_by_image.rows, captions_by_image.starts[: end + 1]),
        boxes=boxes,
        boxes_by_image=Groups(boxes_by_image.rows, boxes_by_image.starts[: end + 1]),
        rejects={codes.text(id_): rejects[id_] for id_ in ids[:end].tolist() if id_ in rejects},
        counts={},
        digest=_join_digests(source, boxed),
        codes=codes,
    )
    return _with_counts(kept, counts)


def _join_digests(source: CocoSource, boxed: CocoSource | None) -> str:
    return hashlib.sha256(f"{source.digest} {boxed.digest if boxed else ''}".encode()).hexdigest()


def _open_instances(path: Path | None) -> CocoSource | None:
    if path is None:
        return None
    source = CocoSource(path, "--instances")
    source.require("images", "annotations", "categories", kind="an instances file")
    return source


def _read_images(source: CocoSource, boxed: CocoSource | None) -> tuple[ImageTable[int], ImageTable[int], IdCodes]:
    """The images of both files under the numbers of their ids."""
    named, other = read_images(source), read_images(boxed) if boxed else _NO_IMAGES
    codes = IdCodes(named.rows.keys() | other.rows.keys())
    return _code_images(named, codes), _code_images(other, codes), codes


def _code_images(table: ImageTable[ImageKey], codes: IdCodes) -> ImageTable[int]:
    rows = {codes.code_key(key): row for key, row in table.rows.items()}
    return ImageTable(rows, frozenset(map(codes.code_key, table.conflicts)), table.counts)


def _join_image(row: ImageRow, other: ImageRow | None) -> ImageRow:
    """What the captions file does not say of an image, the instances file may."""
    if other is None:
        return row
    return ImageRow(row.file_name or other.file_name, row.width or other.width, row.height or other.height)


def _fill_sizes(
    ids: Ints, joined: list[ImageRow], boxes: BoxTable | None, photographs: Path | None
) -> dict[int, Reject]:
    """Put the sizes that neither file states into `joined`, from the images' headers; why some have none."""
    boxed = set() if boxes is None else set(np.unique(boxes.image_ids).tolist())
    refused: dict[int, Reject] = {}
    for place, (id_, row) in enumerate(zip(ids.tolist(), joined, strict=True)):
        if photographs is not None and not (row.width and row.height):
            found = fill_size(row, photographs, id_ in boxed)
            if isinstance(found, ImageRow):
                joined[place] = found
            else:
                refused[id_] = found
    return refused


def _find_crowded(boxes: BoxTable | None, ids: Ints, rejects: Mapping[int, Reject]) -> dict[int, Reject]:
    """Images with more boxes than anybody could ask about."""
    if boxes is None:
        return {}
    found, numbers = np.unique(boxes.image_ids, return_counts=True)
    crowded = {int(found[place]): int(numbers[place]) for place in np.flatnonzero(numbers > MAX_BOXES)}
    known = set(ids.tolist()) - rejects.keys()
    return {id_: ("too_many_boxes", explain_crowd(count)) for id_, count in crowded.items() if id_ in known}


def _find_rejects(
    ids: Ints,
    joined: list[ImageRow],
    images: ImageTable[int],
    other: ImageTable[int],
    codes: IdCodes,
    known: Collection[int],
) -> dict[int, Reject]:
    conflicts = images.conflicts | other.conflicts
    rejects: dict[int, Reject] = {}
    for id_, row in zip(ids.tolist(), joined, strict=True):
        if id_ in known:
            continue
        reject = check_image(row)
        if reject is None and id_ in conflicts:
            reject = "conflicting_image", f"id {codes.text(id_)} stands for different images in one file"
        elif reject is None and id_ in other.rows and _join_image(other.rows[id_], row)[1:] != row[1:]:
            size = "x".join(map(str, other.rows[id_][1:]))
            reject = "conflicting_image", f"the captions file says {row.width}x{row.height}, the instances file {size}"
        if reject is not None:
            rejects[id_] = reject
    return rejects


def _count_images(
    images: ImageTable[int], other: ImageTable[int], texts: CaptionTable, has_boxes: bool
) -> Counter[str]:
    counts = images.counts + other.counts + texts.counts
    if has_boxes:
        counts["images_only_in_captions"] = len(images.rows.keys() - other.rows.keys())
        counts["images_only_in_instances"] = len(other.rows.keys() - images.rows.keys())
    return counts


def _join_captions(texts: CaptionTable, ids: Ints, counts: Counter[str]) -> Groups:
    places = find_images(texts.image_ids, ids)
    counts["captions_without_image_id"] = int((texts.image_ids == NO_ID).sum())
    counts["captions_of_unknown_images"] = int((places < 0).sum()) - counts["captions_without_image_id"]
    for code in CAPTION_REJECTS:
        counts[f"rejected_{code}"] = int((texts.codes == CODES.index(code)).sum())
    return group_by_image(places, len(ids))


def _join_boxes(
    boxes: BoxTable | None,
    ids: Ints,
    joined: list[ImageRow],
    rejects: dict[int, Reject],
    other: ImageTable[int],
    counts: Counter[str],
) -> Groups:
    """Drop boxes of images that are unknown or refused, then normalise the others."""
    if boxes is None:
        return group_by_image(np.empty(0, np.int64), len(ids))
    known = np.union1d(ids, np.array(sorted(other.rows), np.int64))
    boxes.drop(find_images(boxes.image_ids, known) < 0, "boxes_of_unknown_images")
    boxes.keep(find_images(boxes.image_ids, ids) >= 0)
    boxes.drop(np.isin(boxes.image_ids, np.array(sorted(rejects), np.int64)), "boxes_of_rejected_images")
    sizes = np.array([row[1:] for row in joined], np.int64).reshape(-1, 2)
    places = find_images(boxes.image_ids, ids)
    is_left = normalise(boxes, sizes[places, 0], sizes[places, 1])
    boxes.drop(~is_left, "boxes_outside_their_image")
    counts.update(boxes.counts)
    return group_by_image(places[is_left], len(ids))


def _with_counts(dataset: CocoDataset, found: Counter[str]) -> CocoDataset:
    """Put the totals of the images kept before what was found in the files; zeros of the latter are left out."""
    rows = dataset.captions_by_image.rows[: dataset.captions_by_image.starts[-1]]
    usable = dataset.captions.codes[rows] == 0
    starts = dataset.captions_by_image.starts
    captions = np.diff(np.concatenate([[0], np.cumsum(usable)])[starts])
    boxes = np.diff(dataset.boxes_by_image.starts)
    crowds = 0
    if dataset.boxes is not None:
        crowds = int(dataset.boxes.is_crowd[dataset.boxes_by_image.rows[: int(boxes.sum())]].sum())
    totals = {
        "images": len(dataset),
        "captions": int(captions.sum()),
        "boxes": int(boxes.sum()),
        "crowd_regions": crowds,
        "images_without_captions": int((captions == 0).sum()),
        "images_without_boxes": int((boxes == 0).sum()),
        "images_rejected": len(dataset.rejects),
    }
    counts = totals | {key: value for key, value in sorted(found.items()) if value}
    return CocoDataset(**{**vars(dataset), "counts": counts})
