"""Formats of cameras that are not read here: refused by name, with what to export instead (refused.yaml)."""

from functools import cached_property
from pathlib import Path

from pydantic import Field

from tools.errors import RejectError
from tools.records import Record
from tools.thermal.file import ThermalFile
from tools.thermal.reader import Asked
from tools.thermal.records import Thermal

_TABLE = Path(__file__).with_name("refused.yaml")


class Refused(Record):
    """One format: how it is recognised, and what to export instead.

    Attributes:
        brand, file: how tables and sentences call it.
        endings, starts: of names, and of contents in hexadecimal.
        makers: beginnings of the maker in a JPEG's EXIF; `segment`: the marker that its files with temperatures have.
        export: where in the maker's software, and what to say to the toolkit then.
    """

    brand: str
    file: str
    endings: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    makers: tuple[str, ...] = ()
    segment: int | None = Field(None, ge=0xE0, le=0xEF)
    export: str

    def fits(self, file: ThermalFile) -> bool:
        """Whether a file is of this format."""
        if file.ending in self.endings or file.start.startswith(tuple(map(bytes.fromhex, self.starts))):
            return True
        if not self.makers or not file.is_made_by(*self.makers):
            return False
        return self.segment is None or any(segment.marker == self.segment for segment in file.segments)


class RefusedFormats:
    """The reader of what is not read."""

    @cached_property
    def table(self) -> tuple[Refused, ...]:
        """All formats, as refused.yaml lists them."""
        import yaml

        return tuple(Refused.model_validate(row) for row in yaml.safe_load(_TABLE.read_text(encoding="utf-8")))

    def knows(self, file: ThermalFile) -> bool:
        """Whether it is of one of them."""
        return any(row.fits(file) for row in self.table)

    def read(self, file: ThermalFile, asked: Asked) -> Thermal:
        """Never anything.

        Raises:
            RejectError: always (`export_first`).
        """
        row = next(row for row in self.table if row.fits(file))
        picture = "; to use it as a mere picture, save it as PNG" if row.makers else ""
        why = f"{file.path.name} is a {row.file} file, which is not read here. Export its temperatures: {row.export}"
        raise RejectError("export_first", why + picture)


REFUSED = RefusedFormats()
"""The reader `refused`."""
