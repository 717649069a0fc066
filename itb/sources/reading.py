"""What every reader is made with, and how it makes frames."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itb.records import BoxXyxy, Frame, SourceReject, Thing
from itb.sources.catalog import Facts
from itb.sources.files import BadRow, check_size, clip_box
from tools.errors import MissingError

Entry = Frame | SourceReject


@dataclass(frozen=True, slots=True)
class Label:
    """An object as the annotation has it: its name there, its corners in pixels of the file, and whether it is sure."""

    name: str
    box_xyxy: BoxXyxy
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One annotated image before it is checked.

    Attributes:
        path: of the image file.
        where: how a reject names it.
        labels: its objects; `rejects`: those that could not be read.
        size: width and height that the annotation states.
        others: further fields of the frame (`label`, `partner`, `crop_xyxy`, `facts`, `polarity`).
    """

    path: Path
    where: str
    group: str
    labels: Sequence[Label] = ()
    rejects: Sequence[BadRow] = ()
    size: tuple[int, int] | None = None
    others: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """A dataset's folder being read.

    Attributes:
        needs_images: False believes the annotations' sizes and opens no image.
    """

    name: str
    facts: Facts
    root: Path
    needs_images: bool = True

    def reject(self, error: BadRow, where: str) -> SourceReject:
        """What becomes of a row that cannot be used."""
        return error.reject(self.name, where)

    def relate(self, path: Path) -> str:
        """`path` below the dataset's folder, with forward slashes."""
        return path.relative_to(self.root).as_posix()

    def make(self, row: Row) -> Iterator[Entry]:
        """The frame of a row, and a reject for each of its objects that cannot be used.

        An object of an unknown class is left out and counted; nothing is asked that it could change, for the class is
        none of those that are asked about.
        """
        try:
            size = check_size(row.path, row.size, self.needs_images)
        except BadRow as error:
            yield self.reject(error, row.where)
            return
        crop = row.others.get("crop_xyxy")
        if crop is not None and (crop[2] > size[0] or crop[3] > size[1]):
            yield self.reject(BadRow("size_differs", f"{size[0]}x{size[1]} pixels hold no {crop}"), row.where)
            return
        things = []
        for reject in row.rejects:
            yield self.reject(reject, row.where)
        for label in row.labels:
            try:
                things.append(self._make_thing(label, size, crop))
            except BadRow as error:
                yield self.reject(error, row.where)
        width, height = (crop[2] - crop[0], crop[3] - crop[1]) if crop else size
        yield Frame(
            source=self.name,
            image=self.relate(row.path),
            width=width,
            height=height,
            group=row.group,
            band=self.facts.band,
            things=tuple(things),
            **{"polarity": self.facts.polarity, **row.others},
        )

    def _make_thing(self, label: Label, size: tuple[int, int], crop: tuple[int, int, int, int] | None) -> Thing:
        name = self.facts.names.get(label.name.strip())
        if name is None:
            raise BadRow("unknown_class", f"the class {label.name!r} is none of this dataset's")
        left, top, right, bottom = label.box_xyxy
        if crop is not None:
            left, right, top, bottom = left - crop[0], right - crop[0], top - crop[1], bottom - crop[1]
            size = crop[2] - crop[0], crop[3] - crop[1]
        return Thing(name, clip_box((left, top, right, bottom), *size), label.is_certain)

    def fail(self) -> MissingError:
        """The error of a folder that does not hold the dataset."""
        if not self.root.is_dir():
            return MissingError(f"{self.name}: {self.root}: no such folder; {self.facts.how}")
        found = sorted(path.name + "/" * path.is_dir() for path in self.root.iterdir())
        shown = ", ".join(found[:8]) + (", ..." if len(found) > 8 else "") if found else "nothing"
        tree = self.facts.tree.rstrip()
        return MissingError(
            f"{self.name}: {self.root} does not hold the dataset. Expected:\n{tree}\nfound: {shown}. {self.facts.how}"
        )
