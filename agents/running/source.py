"""What a run works on: the dataset's images that take part, and the rules the book starts from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from agents.config import RunConfig, choose_kinds, parse_dataset, parse_mix, parse_shard, parse_share
from agents.conversation.protocol import Job, RefusedCaption
from agents.conversation.rules import read_rules
from tools.datasets.coco import load_coco
from tools.datasets.coco.dataset import CaptionReject
from tools.datasets.coco.images import Reject
from tools.datasets.frames import fit_photo
from tools.datasets.taking import TakenDataset, take_dataset
from tools.errors import MissingError, RejectError, UsageError
from tools.prompts.lexicon import load_seed_rules
from tools.records import Photo, Rule

FOLDER: Final = "folder"
"""The dataset that is nothing but a folder of images."""


class Images(Protocol):
    """A dataset as a run needs it; `CocoDataset` and `TakenDataset` are such."""

    @property
    def counts(self) -> Mapping[str, int]:
        """What it holds and what of it was left out, by reason."""

    @property
    def digest(self) -> str:
        """SHA-256 over everything that decides the run."""

    def __len__(self) -> int:
        """How many images."""

    def photo(self, i: int) -> Photo:
        """The record of one image."""

    def reject(self, i: int) -> tuple[str, str] | None:
        """Code and reason when an image cannot be used."""

    def caption_rejects(self, i: int) -> Sequence[CaptionReject]:
        """The captions of one image that `photo` leaves out."""


@dataclass(frozen=True)
class Source:
    """The dataset of a run and which of its images take part."""

    dataset: Images
    config: RunConfig

    @property
    def indices(self) -> range:
        """Indices of the images of this run (of this shard), ascending."""
        end = len(self.dataset) if self.config.limit is None else min(self.config.limit, len(self.dataset))
        if self.config.shard is None:
            return range(end)
        shard = parse_shard(self.config.shard)
        return range(shard.number - 1, end, shard.of)

    def make_job(self, index: int, block: int) -> Job:
        """The job of one image, its boxes in the frame of the picture."""
        photo, fault = self.find_photo(index)
        share = parse_share(self.config.instructions, len(self.dataset))
        return Job(
            index=index,
            block=block,
            seed=self.config.seed,
            photo=photo,
            photo_path=str(self.config.source_root / photo.file_name),
            kinds=choose_kinds(self.config.seed, photo.image_id, share, parse_mix(self.config.mix), self.config.kinds),
            refused=tuple(
                RefusedCaption(id=f"{photo.image_id}-caption-{item.annotation_id}", code=item.code, reason=item.reason)
                for item in self.dataset.caption_rejects(index)
            ),
            fault=fault,
            is_captioned_here=self.config.is_sensor,
        )

    def find_photo(self, index: int) -> tuple[Photo, Reject | None]:
        """The record of an image, and why it cannot be used."""
        photo, fault = self.dataset.photo(index), self.dataset.reject(index)
        if fault is not None or self.config.is_sensor:  # a dataset's own reader has placed its boxes already
            return photo, fault
        try:
            return fit_photo(photo, self.config.source_root / photo.file_name), None
        except RejectError as error:
            return photo, (error.code, str(error))


def open_source(config: RunConfig) -> Source:
    """Read the annotation files, or list the images.

    Raises:
        MissingError: a file or the image folder is not there.
    """
    if config.is_sensor:
        return Source(_take(config), config)
    for flag, path in (("--captions", config.captions), ("--instances", config.instances)):
        if path is not None and not path.is_file():
            raise MissingError(f"{flag} {path}: no such file; name a COCO annotation file")
    if config.makes_images and not config.source_root.is_dir():
        raise MissingError(f"--images {config.images}: no such folder; name the folder of the photographs")
    if config.captions is None:
        raise UsageError("--images needs --captions FILE, the captions of the photographs")
    return Source(load_coco(config.captions, config.instances, photographs=find_photographs(config)), config)


def find_photographs(config: RunConfig) -> Path | None:
    """The folder of the photographs; None where it is not there, as a run without images may go without."""
    return config.images if config.images is not None and config.images.is_dir() else None


def _take(config: RunConfig) -> TakenDataset:
    if config.dataset is not None:
        return take_dataset(*parse_dataset(config.dataset))
    return take_dataset(FOLDER, config.source_root)


def load_seeds(config: RunConfig) -> tuple[Rule, ...]:
    """The rules the book starts from: `--rules FILE`, or the seed rules of the prompts folder."""
    return read_rules(config.rules) if config.rules else load_seed_rules(config.pack)
