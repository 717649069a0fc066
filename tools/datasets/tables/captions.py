"""Captions in a file of their own, in any of the usual forms, told apart by what the file holds."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tools.datasets.tables.names import NameTable
from tools.errors import MissingError, UsageError
from tools.files.json_text import decode_json
from tools.files.text import TextFault

NAME_KEYS: Final = ("file_name", "image", "image_name", "filename", "file", "path", "name")
CAPTION_KEYS: Final = ("caption", "text", "captions", "comment", "sentence", "raw", "description")
Row = Mapping[str, Any]
FORMS: Final = (
    "COCO JSON; CSV with a column for the file's name and one for the caption; JSONL such as metadata.jsonl; "
    "Flickr30k's `NAME#0<tab>caption`"
)


def read_caption_table(path: Path) -> NameTable[tuple[str, ...]]:
    """Captions by the name of their image; several rows of one image are several captions.

    Raises:
        MissingError: there is no such file.
        UsageError: it is of none of the forms.
    """
    if not path.is_file():
        raise MissingError(f"--captions {path}: no such file; it may be {FORMS}")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--captions {path}: cannot be read as UTF-8 text: {error}") from error
    found: defaultdict[str, list[str]] = defaultdict(list)
    rejects: Counter[str] = Counter()
    for name, caption in _read_rows(path, text):
        if isinstance(name, str) and isinstance(caption, str) and name.strip() and caption.strip():
            found[name].append(" ".join(caption.split()))
        else:
            rejects["no_name" if not (isinstance(name, str) and name.strip()) else "empty_caption"] += 1
    if not found:
        raise UsageError(f"--captions {path}: no caption could be read; it may be {FORMS}")
    return NameTable({name: tuple(dict.fromkeys(texts)) for name, texts in found.items()}, path, rejects)


def _read_rows(path: Path, text: str) -> Iterator[tuple[Any, Any]]:
    """Name and caption of every row, whatever stands there."""
    stripped = text.lstrip()
    if stripped.startswith("{") and path.suffix.lower() != ".jsonl" and not _is_jsonl(stripped):
        yield from _read_coco(path, _parse(path, text))
    elif stripped.startswith("["):
        yield from _read_records(_parse(path, text))
    elif stripped.startswith("{"):
        yield from _read_records(_parse_line(line) for line in text.splitlines() if line.strip())
    elif "#" in stripped.partition("\t")[0] and "\t" in stripped.partition("\n")[0]:
        yield from _read_flickr(text)
    else:
        yield from _read_csv(path, text)


def _is_jsonl(text: str) -> bool:
    first, _, rest = text.partition("\n")
    return rest.lstrip().startswith("{") and first.rstrip().endswith("}")


def _parse(path: Path, text: str) -> Any:
    try:
        return decode_json(text)
    except TextFault as error:
        raise UsageError(f"--captions {path}: {error}") from error


def _parse_line(line: str) -> Any:
    try:
        return decode_json(line)
    except TextFault:
        return None


def _read_coco(path: Path, data: Any) -> Iterator[tuple[Any, Any]]:
    images, rows = data.get("images"), data.get("annotations")
    if not isinstance(images, list) or not isinstance(rows, list):
        raise UsageError(f"--captions {path}: has no lists `images` and `annotations`; it may be {FORMS}")
    names = {str(image.get("id")): image.get("file_name") for image in images if isinstance(image, dict)}
    for row in rows:
        yield (names.get(str(row.get("image_id"))), row.get("caption")) if isinstance(row, dict) else (None, None)


def _read_records(rows: Any) -> Iterator[tuple[Any, Any]]:
    for row in rows:
        if not isinstance(row, dict):
            yield None, None
            continue
        name, captions = _pick(row, NAME_KEYS), _pick(row, CAPTION_KEYS)
        for caption in captions if isinstance(captions, list) else [captions]:
            yield name, caption


def _pick(row: Row, keys: Sequence[str]) -> Any:
    return next((row[key] for key in keys if row.get(key)), None)


def _read_flickr(text: str) -> Iterator[tuple[Any, Any]]:
    for line in text.splitlines():
        if line.strip():
            name, _, caption = line.partition("\t")
            yield name.rpartition("#")[0] or name, caption


def _read_csv(path: Path, text: str) -> Iterator[tuple[Any, Any]]:
    head = text.partition("\n")[0]
    delimiter = max((",", ";", "\t", "|"), key=head.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    fields = {str(name).strip().lower(): name for name in reader.fieldnames or ()}
    name, caption = (next((fields[key] for key in keys if key in fields), None) for keys in (NAME_KEYS, CAPTION_KEYS))
    if name is None or caption is None:
        found = ", ".join(str(field) for field in reader.fieldnames or ())
        raise UsageError(
            f"--captions {path}: its columns are {found}; it needs one of {', '.join(NAME_KEYS)} and one of "
            f"{', '.join(CAPTION_KEYS)}"
        )
    try:
        for row in reader:
            yield row.get(name), row.get(caption)
    except csv.Error as error:
        raise UsageError(f"--captions {path}: line {reader.line_num}: {error}") from error
