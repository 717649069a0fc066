"""A dataset of the table: what is known of it, how its folder is recognised, how it is read.

DATASET = Dataset("solar", read_facts(__file__), find_layout, read)     # a family's reader.py, or a plugin
opened = open_dataset("solar", Path("InfraredSolarModules"))
for entry in opened.stream():
    ...  # an AnnotatedImage or a DatasetReject, always in the same order
opened.find("images/17")
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.datasets.facts import Facts
from tools.datasets.files import BadRow
from tools.datasets.reading import Reading
from tools.datasets.records import Annotated, AnnotatedImage
from tools.errors import UsageError
from tools.ids import explain_collision

Index = Mapping[str, AnnotatedImage]


@dataclass(frozen=True)
class Dataset:
    """An annotated dataset in its original layout; what an entry of `tools.registry.DATASETS` loads.

    Attributes:
        name: as in the table; the source of its records.
        find_layout: which release or form a folder holds, None where it holds none; nothing is read in full.
        read: everything in a folder, always in the same order. What cannot be used is yielded as a reject, never raised
            and never left out; `Reading.make` checks a row and makes the records of it.
        index: its images by id, where that is quicker than reading everything once.
    """

    name: str
    facts: Facts
    find_layout: Callable[[Path], str | None]
    read: Callable[[Reading], Iterator[Annotated]]
    index: Callable[[Reading], Index] | None = None


@dataclass
class OpenDataset:
    """A dataset with the folder that holds it.

    Attributes:
        layout: which release or form of it.
    """

    dataset: Dataset
    reading: Reading
    layout: str
    _index: Index | None = field(default=None, repr=False)

    def stream(self) -> Iterator[Annotated]:
        """All images and rejects, always in the same order.

        An image that is listed twice is a reject the second time (`duplicate_id`).

        Raises:
            UsageError: two files would have the same id.
        """
        seen: dict[str, str] = {}
        for entry in self.dataset.read(self.reading):
            if not isinstance(entry, AnnotatedImage):
                yield entry
            elif entry.id not in seen:
                seen[entry.id] = entry.image
                yield entry
            elif seen[entry.id] == entry.image:
                yield self.reading.reject(BadRow("duplicate_id", "the image is listed twice"), entry.image)
            else:
                raise explain_collision(seen[entry.id], entry.image)

    def find(self, id: str) -> AnnotatedImage:
        """The image of an id; where the dataset has no index of its own, the first call reads everything once.

        Raises:
            UsageError: there is no such image, or it cannot be used.
        """
        if self._index is None:
            build = self.dataset.index or self._read_all
            self._index = build(self.reading)
        try:
            return self._index[id]
        except KeyError:
            raise UsageError(
                f"{self.dataset.name}: {self.reading.root} has no image `{id}` that can be used; an id is the image's "
                "path below this folder, without suffix (COCO's: its number)"
            ) from None

    def _read_all(self, reading: Reading) -> Index:
        return {entry.id: entry for entry in self.stream() if isinstance(entry, AnnotatedImage)}


def find_dataset(name: str) -> Dataset:
    """What the table has under a name.

    Raises:
        UsageError: there is no such dataset.
    """
    from tools.registry import DATASETS

    found: Dataset = DATASETS.load(name)
    return found


def open_dataset(name: str, root: Path, *, needs_images: bool = True) -> OpenDataset:
    """A dataset in its folder; nothing is read yet.

    Args:
        needs_images: False believes the annotations' sizes and opens no image.

    Raises:
        UsageError: there is no such dataset.
        MissingError: the folder does not hold it; the message has the expected tree.
    """
    dataset = find_dataset(name)
    reading = Reading(name, dataset.facts, root, needs_images)
    layout = dataset.find_layout(root) if root.is_dir() else None
    if layout is None:
        raise reading.fail()
    return OpenDataset(dataset, reading, layout)
