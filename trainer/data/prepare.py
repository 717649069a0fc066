"""From a data folder to a table of encoded samples, and the list of what was refused on the way.

The table is a `datasets.Dataset` in memory: one row a sample, tokens as int32. Its last row is the filler: it fills up
the last batch of an epoch and nothing of it is supervised.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.datasets.first_images import FirstImages
from tools.errors import MissingError, UsageError
from tools.manifest import hash_bytes
from tools.prompts.frozen import FrozenPack
from trainer.data.encode import TextFormat
from trainer.data.mixture import Mixed, mix
from trainer.data.modality import find_modality, load_alignment_requests
from trainer.data.reading import Request, read_samples
from trainer.data.samples import Reject, Sample
from trainer.data.sieve import AnyEncoder, Sieve
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
        image_tokens: how many tokens one image fills; where that hangs on its size, the largest.
        max_tokens: the limit above which samples were refused.
        fingerprint: hash of every id, image name and token, for refusing to resume on other data.
        modality: what the data's images are called.
        mixed: the general instructions among the samples; None where none were asked for.
        notes: what encoding had to say, and of how many answers.
    """

    dataset: "Dataset"
    lengths: "np.ndarray[tuple[int], np.dtype[np.int32]]"
    rejects: tuple[Reject, ...]
    image_tokens: int
    max_tokens: int
    fingerprint: str
    modality: FrozenPack
    mixed: Mixed | None = None
    notes: Mapping[str, int] = field(default_factory=dict)

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


def prepare(
    request: Request, encoder: AnyEncoder, part: DataPart, text_format: TextFormat, model_limit: int, seed: int = 0
) -> Prepared:
    """Read, question, encode and check every sample of a stage.

    Args:
        text_format: whether captions get a question (`instruction`) or stand alone (`plain`).
        model_limit: most tokens the language model takes, the limit unless `part.max_tokens` is lower.
        seed: of the choice among the general instructions that are mixed in.

    Raises:
        MissingError: none of the first pictures can be read.
        UsageError: nothing usable is left; the message counts the reasons.
        MissingError: not one of the pictures is there.
    """
    sieve = Sieve(encoder, part, text_format, min(part.max_tokens or model_limit, model_limit))
    first = FirstImages("--images" if request.images else "--data", request.images or request.data, REMEDY)
    for item in _ask(request, part.pack, text_format):
        if part.limit is not None and len(sieve.kept) >= part.limit:
            break
        sieve.take(item, first)
    first.close()
    rejects = sieve.rejects
    if not sieve.kept:
        kind = MissingError if rejects and all(each.code == "missing_file" for each in rejects) else UsageError
        hint = "; is --images right?" if kind is MissingError else ""
        raise kind(f"--data {request.data}: nothing to train on. {describe_rejects(rejects)}{hint}")
    mixed = None if part.mix_in is None else mix(part.mix_in, sieve, request.unpacked, seed)
    lengths = np.asarray(sieve.lengths, dtype=np.int32)
    dataset = build_table(sieve.kept, sieve.encoded)
    modality = find_modality(request.data, part.pack)
    fingerprint = _fingerprint(sieve.kept, sieve.encoded)
    return Prepared(
        dataset, lengths, tuple(rejects), sieve.image_tokens, sieve.limit, fingerprint, modality, mixed, sieve.notes
    )


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


def describe_rejects(rejects: Iterable[Reject]) -> str:
    """Counts by reason, with one example: `2 rejected: 2 missing_file (e.g. ...)`."""
    found = list(rejects)
    if not found:
        return "the data has no rows at all"
    codes = sorted({reject.code for reject in found})
    counts = ", ".join(f"{sum(reject.code == code for reject in found)} {code}" for code in codes)
    return f"{len(found)} rejected: {counts} (e.g. {found[0].id}: {found[0].reason})"


def build_table(samples: list[Sample], encoded: list[Any]) -> "Dataset":
    """The table of samples; a filler row (the shortest sample, nothing supervised) is appended.

    Tokens that a model's own processor makes bring its `text` and `suffix` with them; a row of text alone has the image
    "".
    """
    import pyarrow as pa
    from datasets import Dataset
    from datasets.table import InMemoryTable

    shortest = min(range(len(encoded)), key=lambda place: len(encoded[place].ids))
    ids = [tokens.ids for tokens in encoded] + [encoded[shortest].ids]
    marks = [tokens.supervised for tokens in encoded] + [np.zeros_like(encoded[shortest].supervised)]
    offsets = pa.array(np.concatenate([[0], np.cumsum([len(row) for row in ids])]), pa.int32())
    images = [str(sample.image or "") for sample in samples]
    columns: dict[str, Any] = {
        "id": [*(sample.id for sample in samples), "filler"],
        "image": [*images, images[shortest]],
        "input_ids": pa.ListArray.from_arrays(offsets, pa.array(np.concatenate(ids), pa.int32())),
        "supervised": pa.ListArray.from_arrays(offsets, pa.array(np.concatenate(marks), pa.bool_())),
    }
    for name in ("text", "suffix") if hasattr(encoded[0], "text") else ():
        values = [getattr(tokens, name) for tokens in encoded]
        columns[name] = pa.array([*values, values[shortest]], pa.large_string())
    return Dataset(InMemoryTable(pa.table(columns)))


def _fingerprint(samples: list[Sample], encoded: list[Any]) -> str:
    rows = (
        hash_bytes(
            sample.id.encode(),
            (sample.image.name if sample.image else "").encode(),
            tokens.ids.tobytes(),
            tokens.supervised.tobytes(),
        )
        for sample, tokens in zip(samples, encoded, strict=True)
    )
    return hash_bytes("".join(rows).encode())
