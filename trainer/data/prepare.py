"""From a data folder to a table of encoded samples, and the list of what was refused on the way.

The table is a `datasets.Dataset` in memory: one row a sample, tokens as int32. Its last row is the filler: it fills up
the last batch of an epoch and nothing of it is supervised.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tools.datasets.first_images import FirstImages
from tools.errors import ImageError, MissingError, RejectError, UsageError
from tools.manifest import hash_bytes
from tools.prompts.frozen import FrozenPack
from trainer.data.encode import Encoded, Encoder, TextFormat
from trainer.data.modality import find_modality, load_alignment_requests
from trainer.data.precheck import check_image
from trainer.data.reading import Request, read_samples
from trainer.data.samples import Reject, Sample
from trainer.data.wordings import ask_for_caption, drop_question
from trainer.recipe import DataPart

if TYPE_CHECKING:
    from datasets import Dataset

REMEDY = "say where the pictures are with --images DIR"


@dataclass(frozen=True)
class Prepared:
    """What a stage trains on.

    Attributes:
        dataset: rows `id`, `image`, `input_ids`, `supervised`; the last one is the filler.
        lengths: (N,) tokens of each sample with its image widened, without the filler.
        rejects: what was refused, in the order of the data.
        image_tokens: how many tokens one image fills.
        max_tokens: the limit above which samples were refused.
        fingerprint: hash of every id, image name and token, for refusing to resume on other data.
        modality: what the data's images are called.
    """

    dataset: "Dataset"
    lengths: "np.ndarray[tuple[int], np.dtype[np.int32]]"
    rejects: tuple[Reject, ...]
    image_tokens: int
    max_tokens: int
    fingerprint: str
    modality: FrozenPack

    @property
    def count(self) -> int:
        """Samples, the filler not counted."""
        return len(self.lengths)

    @property
    def supervised_tokens(self) -> int:
        """Tokens that an epoch learns from."""
        return int(self.count_supervised().sum())

    def count_supervised(self) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """(N,) tokens that each sample is learned from, without the filler."""
        column = self.dataset.data.column("supervised").combine_chunks()
        marks = np.concatenate([[0], np.cumsum(column.flatten().to_numpy(False))])
        counts: np.ndarray[tuple[int], np.dtype[np.int64]] = np.diff(marks[column.offsets.to_numpy()])[:-1]
        return counts


def prepare(request: Request, encoder: Encoder, part: DataPart, text_format: TextFormat, model_limit: int) -> Prepared:
    """Read, question, encode and check every sample of a stage.

    Args:
        text_format: whether captions get a question (`instruction`) or stand alone (`plain`).
        model_limit: most tokens the language model takes, the limit unless `part.max_tokens` is lower.

    Raises:
        MissingError: none of the first pictures can be read.
        UsageError: nothing usable is left; the message counts the reasons.
        MissingError: not one of the pictures is there.
    """
    limit = min(part.max_tokens or model_limit, model_limit)
    kept: list[Sample] = []
    encoded: list[Encoded] = []
    rejects: list[Reject] = []
    first = FirstImages("--images" if request.images else "--data", request.images or request.data, REMEDY)
    for item in _ask(request, part.pack, text_format):
        if part.limit is not None and len(kept) >= part.limit:
            break
        if isinstance(item, Reject):
            rejects.append(item)
            continue
        try:
            _check_image(item, part, first)
            tokens = encoder.encode(item.turns, text_format)
            _check_length(encoder.measure(tokens), limit, encoder.image_tokens)
        except RejectError as error:
            rejects.append(Reject(item.id, error.code, str(error), "check"))
            continue
        kept.append(item)
        encoded.append(tokens)
    first.close()
    if not kept:
        kind = MissingError if rejects and all(each.code == "missing_file" for each in rejects) else UsageError
        hint = "; is --images right?" if kind is MissingError else ""
        raise kind(f"--data {request.data}: nothing to train on. {describe_rejects(rejects)}{hint}")
    lengths = np.asarray([encoder.measure(tokens) for tokens in encoded], dtype=np.int32)
    dataset = build_table(kept, encoded)
    modality = find_modality(request.data, part.pack)
    fingerprint = _fingerprint(kept, encoded)
    return Prepared(dataset, lengths, tuple(rejects), encoder.image_tokens, limit, fingerprint, modality)


def _ask(request: Request, pack: Path, text_format: TextFormat) -> Iterator[Sample | Reject]:
    wordings: tuple[str, ...] = ()
    for item in read_samples(request):
        if isinstance(item, Reject):
            yield item
        elif text_format == "plain":
            yield drop_question(item)
        else:
            if item.turns[0].role != "user":
                wordings = wordings or load_alignment_requests(request.data, pack)
            yield ask_for_caption(item, wordings)


def _check_image(sample: Sample, part: DataPart, first: FirstImages) -> None:
    try:
        check_image(sample.image, part.check_images)
    except ImageError as error:
        first.hear_fault(sample.image, error.code, str(error).removeprefix(f"{sample.image}: ").split(";")[0])
        raise
    first.hear_good()


def _check_length(length: int, limit: int, image_tokens: int) -> None:
    if length > limit:
        text = f"{length} tokens, {image_tokens} of them the image; the limit is {limit}"
        raise RejectError("too_long", f"{text}. Cutting it would cut the answer; shorten it or raise data.max_tokens")


def describe_rejects(rejects: Iterable[Reject]) -> str:
    """Counts by reason, with one example: `2 rejected: 2 missing_file (e.g. ...)`."""
    found = list(rejects)
    if not found:
        return "the data has no rows at all"
    codes = sorted({reject.code for reject in found})
    counts = ", ".join(f"{sum(reject.code == code for reject in found)} {code}" for code in codes)
    return f"{len(found)} rejected: {counts} (e.g. {found[0].id}: {found[0].reason})"


def build_table(samples: list[Sample], encoded: list[Encoded]) -> "Dataset":
    """The table of samples; a filler row (the shortest sample, nothing supervised) is appended."""
    import pyarrow as pa
    from datasets import Dataset
    from datasets.table import InMemoryTable

    shortest = min(range(len(encoded)), key=lambda place: len(encoded[place].ids))
    ids = [tokens.ids for tokens in encoded] + [encoded[shortest].ids]
    marks = [tokens.supervised for tokens in encoded] + [np.zeros_like(encoded[shortest].supervised)]
    offsets = pa.array(np.concatenate([[0], np.cumsum([len(row) for row in ids])]), pa.int32())
    table = pa.table(
        {
            "id": [*(sample.id for sample in samples), "filler"],
            "image": [*(str(sample.image) for sample in samples), str(samples[shortest].image)],
            "input_ids": pa.ListArray.from_arrays(offsets, pa.array(np.concatenate(ids), pa.int32())),
            "supervised": pa.ListArray.from_arrays(offsets, pa.array(np.concatenate(marks), pa.bool_())),
        }
    )
    return Dataset(InMemoryTable(table))


def _fingerprint(samples: list[Sample], encoded: list[Encoded]) -> str:
    rows = (
        hash_bytes(sample.id.encode(), sample.image.name.encode(), tokens.ids.tobytes(), tokens.supervised.tobytes())
        for sample, tokens in zip(samples, encoded, strict=True)
    )
    return hash_bytes("".join(rows).encode())
