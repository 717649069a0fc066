"""What a run works on: the dataset's images that take part, and the rules the book starts from."""

from dataclasses import dataclass

from agents.config import RunConfig, choose_kinds, parse_mix, parse_shard, parse_share
from agents.conversation.protocol import Job, RefusedCaption
from agents.conversation.rules import read_rules
from tools.datasets.coco import CocoDataset, load_coco
from tools.errors import MissingError
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

    def make_job(self, index: int, block: int) -> Job:
        """The job of one image."""
        photo = self.dataset.photo(index)
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
            fault=self.dataset.reject(index) or self._find_link_fault(photo),
        )

    def _find_link_fault(self, photo: Photo) -> tuple[str, str] | None:
        """Why a photograph is a link that is not followed; that its name stays inside is known by then."""
        folder = self.config.images
        fault = find_link_fault(folder, folder / photo.file_name) if self.config.makes_images else None
        return None if fault is None else ("unsafe_file_name", f"file_name {photo.file_name[:200]!r} {fault}")


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
    return Source(load_coco(config.captions, config.instances), config)


def load_seeds(config: RunConfig) -> tuple[Rule, ...]:
    """The rules the book starts from: `--rules FILE`, or the seed rules of the prompts folder."""
    return read_rules(config.rules) if config.rules else load_seed_rules(config.pack)
