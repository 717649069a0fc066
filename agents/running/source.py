"""What a run works on: the dataset's images that take part, and the rules the book starts from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol

from agents.config import RunConfig
from agents.conversation.book.reverted import drop_reverted, load_reverted
from agents.conversation.protocol import Job, RefusedCaption
from agents.conversation.rules import read_rules
from agents.notation import choose_kinds, parse_dataset, parse_mix, parse_shard, parse_share
from agents.running.hold_out import choose_held
from tools.datasets.coco import load_coco
from tools.datasets.coco.dataset import CaptionReject
from tools.datasets.first_images import check_first_images
from tools.datasets.folder.reader import list_files
from tools.datasets.frames import fit_photo
from tools.datasets.look import look_at, refuse_photographs, tell_look
from tools.datasets.tables import read_box_table, read_caption_table
from tools.datasets.taking import TakenDataset, take_dataset
from tools.errors import MissingError, RejectError, UsageError
from tools.files.inside import find_link_fault
from tools.prompts.lexicon import load_seed_rules
from tools.records import Photo, Rule
from tools.registry import BACKENDS
from tools.thermal import read_thermal

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

    @property
    def splits(self) -> Mapping[str, int]:
        """How many images there are of each split that the dataset publishes."""

    def __len__(self) -> int:
        """How many images."""

    def photo(self, i: int) -> Photo:
        """The record of one image."""

    def file(self, i: int) -> str:
        """The file that the image of the modality is made from, relative to the source's root."""

    def reject(self, i: int) -> tuple[str, str] | None:
        """Code and reason when an image cannot be used."""

    def caption_rejects(self, i: int) -> Sequence[CaptionReject]:
        """The captions of one image that `photo` leaves out."""


@dataclass(frozen=True)
class Source:
    """The dataset of a run and which of its images take part.

    Attributes:
        photographs: registered to images of the modality: name without ending -> path below `--images`.
        held: the images that are set aside, None where none are; with `held_groups`, the group of each.
    """

    dataset: Images
    config: RunConfig
    photographs: Mapping[str, str] = field(default_factory=dict)
    held: Images | None = None
    held_groups: Sequence[str] = ()

    @property
    def indices(self) -> range:
        """Indices of the images of this run (of this shard), ascending."""
        end = len(self.dataset) if self.config.limit is None else min(self.config.limit, len(self.dataset))
        if self.config.shard is None:
            return range(end)
        shard = parse_shard(self.config.shard)
        return range(shard.number - 1, end, shard.of)

    def list_held(self) -> list[dict[str, Any]]:
        """The rows of `held_out.jsonl`: the images that are set aside, with what a benchmark is made of."""
        if self.held is None:
            return []
        aside = replace(self, dataset=self.held, held=None)
        return [aside.describe_held(index, group) for index, group in enumerate(self.held_groups)]

    def describe_held(self, index: int, group: str) -> dict[str, Any]:
        """One image that is set aside."""
        photo, _ = self.find_photo(index)
        file = self.dataset.file(index)
        return {
            "id": photo.image_id,
            "image": file,
            "photo": photo.file_name if photo.file_name != file or self.photographs else "",
            "group": group,
            "boxes": [box.model_dump(mode="json") for box in photo.boxes],
            "captions": list(photo.captions),
        }

    def check_images(self) -> tuple[str, ...]:
        """Whether any of the run's first images can be read; rows that hold none are left out.

        Returns:
            What a look at some of the files says of how they are taken.

        Raises:
            MissingError: none of them, or --sensor-images has photographs in it: it is a wrong one.
        """
        if not self.config.makes_images:
            return ()
        usable = (index for index in self.indices if self.dataset.reject(index) is None)
        root = self.config.source_root
        paths = [root / self.dataset.file(index) for index in usable]
        check_first_images(self.config.source_flag, root, paths, read=self._find_reader())
        return self._look(paths) if self.config.sensor_images else ()

    def _look(self, paths: Sequence[Path]) -> tuple[str, ...]:
        settings = self.config.choose("translator").read()
        look = look_at(paths, settings.unit, settings.polarity)
        if not self.config.accept_colours:
            refuse_photographs(look, self.config.source_flag, self.config.source_root)
        return tuple(tell_look(look, settings.unit))

    def _find_reader(self) -> Callable[[Path], object] | None:
        """How the run reads its files, where they are of the modality: by the unit that was stated."""
        if not self.config.is_sensor:
            return None
        settings = self.config.choose("translator").read()
        return lambda path: read_thermal(path, settings.unit, settings.polarity)

    def make_job(self, index: int, block: int, draw: int = 0) -> Job:
        """The job of one image, its boxes in the frame of the picture."""
        photo, fault = self.find_photo(index)
        share = parse_share(self.config.instructions, len(self.dataset))
        return Job(
            index=index,
            block=block,
            seed=self.config.seed,
            photo=photo,
            photo_path=str(self.config.source_root / self.dataset.file(index)),
            kinds=choose_kinds(self.config.seed, photo.image_id, share, parse_mix(self.config.mix), self.config.kinds),
            refused=tuple(
                RefusedCaption(id=f"{photo.image_id}-caption-{item.annotation_id}", code=item.code, reason=item.reason)
                for item in self.dataset.caption_rejects(index)
            ),
            fault=fault,
            is_captioned_here=self.config.is_sensor or self.config.captions is None,
            draw=draw,
        )

    def find_photo(self, index: int) -> tuple[Photo, tuple[str, str] | None]:
        """The record of an image, and why it cannot be used.

        With `--images` beside the images of a sensor it names the registered photograph, or nothing if there is none.
        """
        photo, fault = self.dataset.photo(index), self.dataset.reject(index)
        if fault is not None:
            return photo, fault
        file, root = self.dataset.file(index), self.config.source_root
        link = find_link_fault(root, root / file) if self.config.makes_images else None
        if link is not None:
            return photo, ("unsafe_file_name", f"file_name {file[:200]!r} {link}")
        try:
            photo = fit_photo(photo, root / file)
        except RejectError as error:
            return photo, (error.code, str(error))
        if not self.photographs:
            return photo, None
        return photo.model_copy(update={"file_name": self._find_registered(file)}), None

    def _find_registered(self, file: str) -> str:
        own = PurePosixPath(file).with_suffix("")
        return self.photographs.get(own.as_posix()) or self.photographs.get(own.name) or ""

    def check_texts(self) -> None:
        """Whether there is anything that photographs can be captioned from, before the first is translated.

        Raises:
            UsageError: neither captions nor boxes, nothing is measured, and the backend sees no image.
        """
        if self.config.captions is not None or self.config.measures or not self._needs_texts():
            return
        if any(photo.captions or photo.boxes for photo in map(self.dataset.photo, self.indices)):
            return
        raise UsageError(
            f"{self.config.source_flag} {self.config.source_root}: nothing to caption its images from: no caption, no "
            "box, and nothing is measured; give --captions or --instances, --evidence on (what the translator drew is "
            "all that is said then), or --backend llm --vision"
        )

    def _needs_texts(self) -> bool:
        """Whether the backend sees no image; of one that does not say, nothing is known."""
        backend = self.config.backend
        if BACKENDS.get_trait(backend, "is_embedded"):
            return bool(BACKENDS.get_trait(backend, "kind") != "recorded")
        return getattr(self.config.choose("backend").read(), "vision", None) is False

    def check_photographs(self) -> None:
        """Whether `--images` belongs to these images.

        Raises:
            UsageError: no photograph is named like any of them.
        """
        if not (self.config.is_sensor and self.config.images):
            return
        if not any(self._find_registered(self.dataset.file(index)) for index in range(len(self.dataset))):
            problem = f"--images {self.config.images}: none of its photographs ({len(self.photographs)})"
            raise UsageError(
                f"{problem} is named like an image of {self.config.source_root}; name registered photographs like "
                "their images, endings apart, or leave --images out"
            )


def open_source(config: RunConfig) -> Source:
    """Read the annotation files, or list the images.

    Raises:
        MissingError: a file or the image folder is not there.
        UsageError: `--images` beside the images of a sensor holds none that is named like one of these.
    """
    for flag, path in (("--captions", config.captions), ("--instances", config.instances)):
        if path is not None and not path.exists():
            raise MissingError(f"{flag} {path}: no such file; name an annotation file")
    if config.makes_images and not config.source_root.is_dir():
        raise MissingError(f"{config.source_flag} {config.source_root}: no such folder; name the folder of the images")
    if config.is_sensor or not is_coco(config):
        photographs = _list_photographs(config.images) if config.is_sensor and config.images else {}
        taken = _take(config)
        source = Source(taken, config, photographs)
        source.check_photographs()
        source = source if config.hold_out is None else _hold_out(source, taken, config.hold_out)
        return _count_own_splits(source)
    dataset = load_coco(config.captions or Path(), config.instances, photographs=find_photographs(config))
    return Source(dataset, config)


def _hold_out(source: Source, taken: TakenDataset, share: str) -> Source:
    """The source without the images that are set aside."""
    held = choose_held(taken, share, source.config.grouping, source.config.seed)
    kept = [place for place in range(len(taken)) if place not in held]
    groups = tuple(held.values())
    return replace(source, dataset=taken.select(kept), held=taken.select(list(held)), held_groups=groups)


def _count_own_splits(source: Source) -> Source:
    """The splits of the images that the run takes: a limit or a share set aside may leave a published test out."""
    is_whole = source.config.limit is None and source.held is None
    if is_whole or source.config.split is not None or not isinstance(source.dataset, TakenDataset):
        return source
    return replace(source, dataset=source.dataset.narrow_splits(source.config.limit or len(source.dataset)))


def is_coco(config: RunConfig) -> bool:
    """Whether captions and boxes are COCO's two files, which may hold a hundred thousand images."""
    has_captions = config.captions is not None and config.captions.suffix.lower() == ".json"
    return has_captions and (config.instances is None or config.instances.is_file())


def _take(config: RunConfig) -> TakenDataset:
    captions = read_caption_table(config.captions) if config.captions else None
    boxes = read_box_table(config.instances) if config.instances else None
    name = parse_dataset(config.dataset).name if config.dataset is not None else FOLDER
    return take_dataset(name, config.source_root, captions, boxes, config.split)


def _list_photographs(folder: Path) -> dict[str, str]:
    """Photographs by their path below the folder without ending, and by their name alone where only one has it."""
    found: dict[str, str] = {}
    names: dict[str, list[str]] = {}
    for path in list_files(folder):
        relative = path.relative_to(folder)
        found[relative.with_suffix("").as_posix()] = relative.as_posix()
        names.setdefault(path.stem, []).append(relative.as_posix())
    return {name: paths[0] for name, paths in names.items() if len(paths) == 1} | found


def find_photographs(config: RunConfig) -> Path | None:
    """The folder of the photographs; None where it is not there, as a run without images may go without."""
    return config.source_root if config.source_root.is_dir() else None


def load_seeds(config: RunConfig) -> tuple[Rule, ...]:
    """The rules the book starts from: `--rules FILE`, or the seed rules of the pack; none that the pack takes back."""
    found = read_rules(config.rules) if config.rules else load_seed_rules(config.pack)
    return drop_reverted(found, load_reverted(config.pack))
