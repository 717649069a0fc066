"""What a run works on: the dataset's images that take part, and the rules the book starts from."""

from dataclasses import dataclass
from pathlib import Path

from agents.config import RunConfig, choose_kinds, parse_mix, parse_shard, parse_share
from agents.conversation.protocol import Job, RefusedCaption
from agents.conversation.rules import read_rules
from tools.datasets.coco import CocoDataset, load_coco
from tools.datasets.coco.images import Reject
from tools.datasets.first_images import check_first_images
from tools.datasets.frames import fit_photo
from tools.errors import MissingError, RejectError
from tools.files.inside import find_link_fault
from tools.prompts.lexicon import load_seed_rules
from tools.records import Photo, Rule


@dataclass(frozen=True)
class Source:
    """The dataset of a run and which of its images take part."""

    dataset: CocoDataset
    config: RunConfig

    @property
    def indices(self) -> range:
        """Indices of the images of this run (of this shard), ascending."""
        end = len(self.dataset) if self.config.limit is None else min(self.config.limit, len(self.dataset))
        if self.config.shard is None:
            return range(end)
        shard = parse_shard(self.config.shard)
        return range(shard.number - 1, end, shard.of)

    def check_images(self) -> None:
        """Whether any of the run's first images can be read; rows that hold none are left out.

        Raises:
            MissingError: none of them, so the folder is a wrong one.
        """
        if self.config.makes_images:
            usable = (index for index in self.indices if self.dataset.reject(index) is None)
            paths = (self.config.images / self.dataset.photo(index).file_name for index in usable)
            check_first_images("--images", self.config.images, paths)

    def make_job(self, index: int, block: int, draw: int = 0) -> Job:
        """The job of one image, its boxes in the frame of the picture."""
        photo, fault = self.find_photo(index)
        share = parse_share(self.config.instructions, len(self.dataset))
        return Job(
            index=index,
            block=block,
            seed=self.config.seed,
            photo=photo,
            photo_path=str(self.config.images / photo.file_name),
            kinds=choose_kinds(self.config.seed, photo.image_id, share, parse_mix(self.config.mix)),
            refused=tuple(
                RefusedCaption(id=f"{photo.image_id}-caption-{item.annotation_id}", code=item.code, reason=item.reason)
                for item in self.dataset.caption_rejects(index)
            ),
            fault=fault,
            draw=draw,
        )

    def find_photo(self, index: int) -> tuple[Photo, Reject | None]:
        """The record of an image, and why it cannot be used."""
        photo, fault = self.dataset.photo(index), self.dataset.reject(index)
        if fault is not None:
            return photo, fault
        folder = self.config.images
        link = find_link_fault(folder, folder / photo.file_name) if self.config.makes_images else None
        if link is not None:
            return photo, ("unsafe_file_name", f"file_name {photo.file_name[:200]!r} {link}")
        try:
            return fit_photo(photo, self.config.images / photo.file_name), None
        except RejectError as error:
            return photo, (error.code, str(error))


def open_source(config: RunConfig) -> Source:
    """Read the annotation files.

    Raises:
        MissingError: a file or the image folder is not there.
    """
    for flag, path in (("--captions", config.captions), ("--instances", config.instances)):
        if not path.is_file():
            raise MissingError(f"{flag} {path}: no such file; name a COCO annotation file")
    if config.makes_images and not config.images.is_dir():
        raise MissingError(f"--images {config.images}: no such folder; name the folder of the photographs")
    return Source(load_coco(config.captions, config.instances, photographs=find_photographs(config)), config)


def find_photographs(config: RunConfig) -> Path | None:
    """The folder of the photographs; None where it is not there, as a run without images may go without."""
    return config.images if config.images.is_dir() else None


def load_seeds(config: RunConfig) -> tuple[Rule, ...]:
    """The rules the book starts from: `--rules FILE`, or the seed rules of the prompts folder."""
    return read_rules(config.rules) if config.rules else load_seed_rules(config.pack)
