"""The page: the table, what it rests on, and the images that look least like infrared."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image

from tools.files import Claim, own_folder, write_text
from tools.page import load_assets
from tools.plausibility.records import FolderReport, PlausibilityReport
from tools.plausibility.report import HEADINGS, describe_folder, list_cells, name_verdict
from tools.plausibility.verdict import JUDGE
from tools.thermal import read_thermal

TEMPLATES: Final = Path(__file__).with_name("templates")
PAGE, FIGURES = "report.html", "plausibility.json"
CLAIM: Final = Claim("plausibility report", "python -m tools plausibility", places=(PAGE, FIGURES))
SHOWN: Final = 12
_SIDE: Final = 240
_QUALITY: Final = 80


class Shown(NamedTuple):
    """One image of the page: its name, what is said of it, and its picture as a data address."""

    name: str
    text: str
    picture: str


class FolderSection(NamedTuple):
    """One folder of the page."""

    folder: str
    verdict: str
    cells: Sequence[str]
    lines: Sequence[str]
    images: Sequence[Shown]


def write_report(report: PlausibilityReport, out: Path, unit: str | None = None, polarity: str = "unknown") -> Path:
    """Write `report.html` and `plausibility.json`; the page asks the network for nothing.

    Raises:
        UsageError: `out` is another command's folder.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    with own_folder(out, CLAIM):
        sections = [_draw(folder, unit, polarity) for folder in report.folders]
        template = environment.get_template("report.html.j2")
        page = template.render(report=report, sections=sections, headings=HEADINGS, **load_assets(TEMPLATES))
        write_text(out / PAGE, page, errors="replace")
        write_text(out / FIGURES, report.model_dump_json(indent=1) + "\n", errors="replace")
    return out / PAGE


def _draw(folder: FolderReport, unit: str | None, polarity: str) -> FolderSection:
    images = []
    for image in folder.images[:SHOWN]:
        picture = read_thermal(Path(folder.folder) / image.file, unit, polarity).display()
        odds = f"log odds {image.log_odds[JUDGE]:+.2f}"
        persons = f", persons' AUC {image.persons.auc:.2f}" if image.persons else ""
        seen = f", r {image.correlation:+.2f}" if image.correlation is not None else ""
        images.append(Shown(image.file, f"{odds}{persons}{seen}", _encode(picture)))
    return FolderSection(folder.folder, name_verdict(folder), list_cells(folder), describe_folder(folder), images)


def _encode(picture: Image.Image) -> str:
    small = picture.copy()
    small.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
