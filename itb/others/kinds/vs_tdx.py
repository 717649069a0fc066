"""VS-TDX: one parquet of questions with their pictures inside, of three sensors; those of one are asked by default.

Also taken: its rows as JSON or JSONL, with the file name of a picture in `image`.
"""

import io
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from itb.others.kind import Asked, Drawing, Facts, ForeignBenchmark, Shown, Skipped
from tools.errors import ImageError, MissingError, UsageError
from tools.files.json_text import read_json, read_rows
from tools.registry.extras import require

LETTERS = ("A", "B", "C", "D")
COLUMNS = ("id", "question", "answer", "question_type", "sensor_type", "question_query")
_OPTION = re.compile(r"^\s*\(?([A-D])[).:]\s*(.+?)\s*$", re.MULTILINE)
Sensor = Literal["thermal", "depth", "xray"]


class VsTdxSettings(BaseModel):
    """What of VS-TDX is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sensors: tuple[Sensor, ...] = Field(("thermal",), description="Whose questions are asked.")


def read(root: Path, settings: VsTdxSettings) -> Iterator[Asked | Skipped]:
    """The rows of the sensors that are asked, in the order of the files.

    Raises:
        MissingError: there is no file, or a parquet and no reader of such.
    """
    files = [path for ending in ("parquet", "json", "jsonl") for path in sorted(root.rglob(f"*.{ending}"))]
    if not files:
        raise MissingError(f"{root}: no *.parquet, *.json or *.jsonl of VS-TDX there; name its folder")
    for path in files:
        for number, row in enumerate(list_rows(path)):
            asked = _ask(path, number, row)
            if asked is None:
                yield Skipped("bad_row", f"{path.name} row {number}")
            elif asked.facts["sensor"] in settings.sensors:
                yield asked
            else:
                yield Skipped("other_sensor", f"{path.name} row {number}")


def list_rows(path: Path) -> Iterator[Any]:
    """The rows of a file, those of a parquet without their pictures.

    Raises:
        UsageError: it is no list of rows.
    """
    if path.suffix == ".jsonl":
        yield from (row for _, row in read_rows(path))
    elif path.suffix == ".json":
        content = read_json(path)
        rows = content.get("rows") if isinstance(content, dict) else content
        if not isinstance(rows, list):
            raise UsageError(f"{path}: no rows of VS-TDX; expected a list of rows with `question_query` and `answer`")
        yield from rows
    else:
        yield from _open_table(path, COLUMNS).to_pylist()


def _open_table(path: Path, columns: tuple[str, ...]) -> Any:
    require("data", "VS-TDX's parquet", "pyarrow")
    from pyarrow import ArrowInvalid
    from pyarrow import parquet as reader

    try:
        return reader.read_table(path, columns=list(columns))
    except (ArrowInvalid, OSError) as error:
        raise UsageError(f"{path}: cannot be read as parquet ({error}); take it from its source again") from error


def _ask(path: Path, number: int, row: Any) -> Asked | None:
    match row:
        case {
            "question": str(question), "answer": str(answer), "question_type": str(kind),
            "sensor_type": str(sensor), "question_query": str(prompt),
        }:  # fmt: skip
            pass
        case _:
            return None
    form, answer_text, options = _read_answer(answer, prompt)
    if not form:
        return None
    return Asked(
        kind=kind,
        key=f"{path.stem}-{number:05d}",
        question=question,
        prompt=prompt,
        answer=answer_text,
        label=answer,
        form=form,
        options=options,
        shown=(_show(path, number, row),),
        facts={"sensor": sensor},
        band="lwir" if sensor == "thermal" else "unknown",
    )


def _read_answer(answer: str, prompt: str) -> tuple[str, str, tuple[str, ...]]:
    """Form, answer and options; an empty form where the answer is none.

    The options stand in the request; where they cannot be told there, the letters themselves are the options.
    """
    if answer in ("yes", "no"):
        return "yes_no", answer, ()
    if answer not in LETTERS:
        return "", "", ()
    found = dict(_OPTION.findall(prompt))
    texts = tuple(found.values())
    is_whole = answer in found and tuple(found) == LETTERS[: len(found)] and len(set(texts)) == len(texts)
    return ("option", found[answer], texts) if is_whole else ("option", answer, LETTERS)


def _show(path: Path, number: int, row: Mapping[str, Any]) -> Shown:
    if path.suffix != ".parquet":
        return Shown(str(row.get("image") or f"{row.get('id')}.jpg"))
    return Shown(
        path.name, drawing=Drawing("picture", lambda file: _draw(file, number), f"-{number:05d}"), root=path.parent
    )


def _draw(path: Path, number: int) -> Image.Image:
    """The picture of a row of a parquet."""
    try:
        return Image.open(io.BytesIO(_open_pictures(path)[number]["bytes"].as_py())).convert("RGB")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ImageError(path, "not_an_image", f"row {number} holds no picture ({error})") from error


@cache
def _open_pictures(path: Path) -> Any:
    return _open_table(path, ("image",))["image"]


BENCHMARK = ForeignBenchmark(
    name="vs-tdx",
    title="VS-TDX",
    facts=Facts(
        licence="none found",
        origin="github.com/top-yun/VS-TDX at df8774d, hub topyun/VS-TDX",
        images="inside its parquet",
        citation="SPARK, arXiv 2408.12114 (its predecessor)",
        declared="its parquet was never seen here: columns are those that its code states",
    ),
    read=read,
)
