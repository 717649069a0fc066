"""General instructions among a run's own, so that a model does not forget what it could: `--mix-in FILE:SHARE`."""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from tools.datasets.first_images import FirstImages
from tools.errors import MissingError, UsageError
from tools.seeds import hash_number
from trainer.data.reading import Request, read_samples
from trainer.data.samples import Reject, Sample
from trainer.data.sieve import Sieve
from trainer.recipe import MixPart

REMEDY = "say where their pictures are with data.mix_in.images"


@dataclass(frozen=True)
class Mixed:
    """What was mixed in.

    Attributes:
        name: of the file.
        samples: how many; text_alone: how many of them without an image.
        rejected: by reason, of those that were drawn and could not be used.
    """

    name: str
    share: float
    samples: int
    text_alone: int
    rejected: dict[str, int]


def mix(part: MixPart, sieve: Sieve, unpacked: Path | None, seed: int) -> Mixed:
    """Add as many samples of a file as make `part.share` of all, drawn by the seed.

    Raises:
        MissingError: no such file, or none of the first pictures can be read.
        UsageError: it has too few usable rows.
    """
    if not part.file.exists():
        raise MissingError(f"--mix-in {part.file}: no such file; name a LLaVA JSON, JSONL or Parquet file")
    wanted = round(len(sieve.kept) * part.share / (1 - part.share))
    request = Request(part.file, "sft", images=part.images, unpacked=unpacked, text_alone=True)
    rows = sorted(read_samples(request), key=lambda row: hash_number(seed, "mix-in", row.id))
    first = FirstImages("data.mix_in", part.images or part.file, REMEDY)
    start, refused = len(sieve.kept), len(sieve.rejects)
    for row in rows:
        if len(sieve.kept) - start >= wanted:
            break
        sieve.take(_name(row), first)
    first.close()
    added, rejects = sieve.kept[start:], sieve.rejects[refused:]
    counts = dict(sorted(Counter(reject.code for reject in rejects).items()))
    if len(added) < wanted:
        why = f" ({', '.join(f'{count} {code}' for code, count in counts.items())})" if counts else ""
        text = f"--mix-in {part.file}: has {len(added)} usable rows{why}; a share of {part.share:g} takes {wanted}"
        example = f", e.g. {rejects[0].id}: {rejects[0].reason}" if rejects else ""
        raise UsageError(f"{text}{example}. Lower the share, or give more rows")
    del sieve.kept[start + wanted :], sieve.encoded[start + wanted :], sieve.lengths[start + wanted :]
    return Mixed(part.file.name, part.share, wanted, sum(each.image is None for each in sieve.kept[start:]), counts)


def _name(row: Sample | Reject) -> Sample | Reject:
    """The row under a name of its own, as a file of general instructions may number its rows as the run does."""
    name = f"mix-in/{row.id}"
    return row._replace(id=name) if isinstance(row, Reject) else replace(row, id=name)
