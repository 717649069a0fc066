"""Changes of a file: of its structure by its suffix, of its bytes, and of what stands at its path."""

import json
import os
import random
import shutil
import sqlite3
import struct
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml

from fuzzing.values import TEXTS, mutate_value
from fuzzing.written import write_json, write_yaml

INTERESTING = (
    b"\x00",
    b"\xff",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3\x28",
    b"\x80",
    b"\r",
    b"\n\n",
    b"{",
    b"}",
    b"[",
    b'"',
    b",",
)
SIZES = (0, 1, 0x7FFF, 0xFFFF, 60_000, 0x7FFFFFFF, 0xFFFFFFFF)
YAML_TEXTS = (
    "!!python/object/apply:os.getcwd []", "&a [*a]", "*b", "!!binary x", "!x y", "2001-01-01", "2001-13-45 10:00:00",
    "? [a]", "<<: {a: 1}", "- -", "\t", "@", "`", "%", "|", ">", "'", '"', "{", "[", ": :", "0o17", "1_000", "1:30:00",
    "~", "...", "---",
)  # fmt: skip


def mutate_file(path: Path, rng: random.Random) -> str:
    """Change the file and say how."""
    point = rng.random()
    if point < 0.06:
        return rng.choice(PLACES)(path, rng)
    structure = STRUCTURES.get(path.suffix.lower())
    if structure is not None and point < 0.66:
        try:
            return structure(path, rng)
        except (ValueError, yaml.YAMLError, RecursionError, sqlite3.Error, struct.error, KeyError, IndexError):
            pass  # it was changed before to what cannot be read; its bytes still can be
    return mutate_bytes(path, rng)


def mutate_bytes(path: Path, rng: random.Random) -> str:
    """Bytes flipped, cut, put in, doubled; the head of a file more often than its middle."""
    data = bytearray(path.read_bytes())
    changes = rng.choice((1, 1, 2, 5))
    for _ in range(changes):
        place = rng.randrange(min(len(data), rng.choice((16, 64, 1024, 1 << 30))) + 1)
        size = rng.choice((1, 1, 2, 4, 16, 256))
        way = rng.randrange(7)
        if way == 0:
            data[place : place + size] = rng.randbytes(size)
        elif way == 1:
            del data[place : place + size]
        elif way == 2:
            data[place:place] = rng.choice(INTERESTING) * rng.choice((1, 1, 3, 5000))
        elif way == 3:
            data[place:place] = data[place : place + size]
        elif way == 4:
            del data[place:]
        elif way == 5:
            data[place : place + size] = bytes(size)
        elif place < len(data):
            data[place] ^= 1 << rng.randrange(8)
    path.write_bytes(bytes(data))
    return f"{changes} changes of bytes"


def mutate_json(path: Path, rng: random.Random) -> str:
    """One field of a JSON file."""
    _write_text(path, write_json(mutate_value(json.loads(path.read_text(encoding="utf-8")), rng)), rng)
    return "JSON"


def mutate_rows(path: Path, rng: random.Random) -> str:
    """A field of one row of a JSONL file, or the order and number of rows."""
    rows = path.read_text(encoding="utf-8").splitlines()
    place = rng.randrange(len(rows))
    if rng.random() < 0.8:
        rows[place] = write_json(mutate_value(json.loads(rows[place]), rng))
    elif rng.random() < 0.5:
        rows[place:place] = rng.choice(
            ([], rows[place : place + 1] * 3, [""], ["null"], ["[]"], ["7"], ['"a"'], ["{}"])
        )
    else:
        rng.shuffle(rows)
    _write_text(path, "\n".join(rows) + rng.choice(("\n", "\n", "", "\n\n")), rng)
    return "JSONL"


def mutate_yaml(path: Path, rng: random.Random) -> str:
    """One field of a YAML file, or a piece of YAML that means something else than it seems."""
    text = path.read_text(encoding="utf-8")
    if rng.random() < 0.3:
        lines = text.splitlines()
        place = rng.randrange(len(lines))
        head, colon, _ = lines[place].partition(": ")
        lines[place] = f"{head}{colon}{rng.choice(YAML_TEXTS)}"
        _write_text(path, "\n".join(lines) + "\n", rng)
        return "YAML line"
    _write_text(path, write_yaml(mutate_value(yaml.safe_load(text), rng)), rng)
    return "YAML"


def mutate_text(path: Path, rng: random.Random) -> str:
    """A line of a text dropped, doubled, moved, or with something put in."""
    lines = path.read_text(encoding="utf-8").splitlines()
    place = rng.randrange(len(lines) + 1)
    way = rng.randrange(5)
    if way == 0:
        del lines[place : place + rng.choice((1, 3))]
    elif way == 1:
        lines[place:place] = lines[place : place + 3] * rng.choice((1, 200))
    elif way == 2:
        rng.shuffle(lines)
    elif way == 3:
        lines[place:place] = [rng.choice(TEXTS)]
    else:
        lines[place:place] = [rng.choice(("{", "}", "{x}", "{{", "# system", "---", "{captions}", "{% for %}", "$x"))]
    _write_text(path, "\n".join(lines) + "\n", rng)
    return "lines"


def mutate_store(path: Path, rng: random.Random) -> str:
    """A value, a row, a column or a table of an SQLite file."""
    if not path.stat().st_size:
        raise ValueError("empty")
    with closing(sqlite3.connect(path)) as store, store:
        tables = [row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        table = rng.choice([name for name in tables if not name.startswith("sqlite_")])
        columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
        column, way = rng.choice(columns), rng.randrange(8)
        if way == 0:
            store.execute(f"DROP TABLE {table}")
        elif way == 1:
            store.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} ORDER BY rowid LIMIT 1)")
        elif way == 2:
            store.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO {column}_x")
        elif way == 3:
            store.execute(f"PRAGMA user_version = {rng.choice((0, 1, 99, 2**31 - 1))}")
        else:
            _change_cell(store, table, column, rng)
    return f"SQLite {table}.{column}"


def _change_cell(store: sqlite3.Connection, table: str, column: str, rng: random.Random) -> None:
    rows = store.execute(f"SELECT rowid, {column} FROM {table}").fetchall()
    number, value = rng.choice(rows)
    try:
        new: Any = write_json(mutate_value(json.loads(value), rng))
    except (ValueError, TypeError):
        new = rng.choice(
            (None, b"\xff\x00", "", "x", 2**62, -1, 1e308, *[text for text in TEXTS if "\ud800" not in text])
        )
    store.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, number))


def mutate_weights(path: Path, rng: random.Random) -> str:
    """The header of a safetensors file."""
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = mutate_value(json.loads(data[8 : 8 + size]), rng)
    text = write_json(header).encode("utf-8", "surrogatepass")
    stated = len(text) if rng.random() < 0.85 else rng.choice((0, 1, 2**31, 2**63, size))
    path.write_bytes(struct.pack("<Q", stated) + text + data[8 + size :])
    return "safetensors"


def mutate_png(path: Path, rng: random.Random) -> str:
    """A chunk's length, kind or content with a right checksum, so that a reader looks at it; or its order."""
    data = path.read_bytes()
    chunks, place = [], 8
    while place + 12 <= len(data):
        (size,) = struct.unpack(">I", data[place : place + 4])
        chunks.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + size]))
        place += 12 + size
    number = rng.randrange(len(chunks)) if rng.random() < 0.5 else 0
    kind, body = chunks[number]
    way = rng.randrange(5)
    if way == 0 and number == 0:
        body = struct.pack(">II", rng.choice(SIZES), rng.choice(SIZES)) + body[8:]
    elif way == 1 and number == 0:
        body = body[:8] + bytes((rng.choice((0, 1, 2, 8, 16, 99)), rng.choice((0, 2, 3, 4, 6, 99)))) + body[10:]
    elif way == 2:
        chunks.insert(
            number, (rng.choice((b"acTL", b"tRNS", b"iCCP", b"tEXt", b"PLTE", b"eXIf", b"zTXt")), rng.randbytes(9))
        )
    elif way == 3:
        body = rng.randbytes(len(body))
    else:
        body = body[: len(body) // 2]
    chunks[number] = (kind, body)
    made = (struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in chunks)
    path.write_bytes(data[:8] + b"".join(made))
    return "PNG"


def mutate_tiff(path: Path, rng: random.Random) -> str:
    """A tag of the first directory of a little-endian TIFF."""
    data = bytearray(path.read_bytes())
    (start,) = struct.unpack("<I", data[4:8])
    (count,) = struct.unpack("<H", data[start : start + 2])
    place = start + 2 + 12 * rng.randrange(count)
    part, size = rng.choice(((0, "<H"), (2, "<H"), (4, "<I"), (8, "<I"), (8, "<I")))
    value = rng.choice((0, 1, 2, 3, 5, 16, 32, 64, 0xFFFF, *(() if size == "<H" else SIZES)))
    struct.pack_into(size, data, place + part, value)
    path.write_bytes(bytes(data))
    return "TIFF"


def mutate_jpeg(path: Path, rng: random.Random) -> str:
    """A marker segment of a JPEG."""
    data = bytearray(path.read_bytes())
    marks = [k for k in range(2, min(len(data) - 10, 2000)) if data[k] == 0xFF and 0xC0 <= data[k + 1] < 0xFF]
    place = rng.choice(marks)
    way = rng.randrange(4)
    if way == 0:
        data[place + 1] = rng.randrange(0xC0, 0xFF)
    elif way == 1:
        struct.pack_into(">H", data, place + 2, rng.choice((0, 1, 2, 60_000, 0xFFFF)))
    elif way == 2:
        struct.pack_into(">HH", data, place + 5, *(rng.choice((0, 1, 60_000, 0xFFFF)) for _ in range(2)))
    else:
        turned = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + bytes(
            (rng.randrange(10), 0, 0, 0)
        )
        data[2:2] = b"\xff\xe1" + struct.pack(">H", len(turned) + 2) + turned
    path.write_bytes(bytes(data))
    return "JPEG"


def _write_text(path: Path, text: str, rng: random.Random) -> None:
    """Mostly plain UTF-8; else with a mark, with other line ends, in another encoding."""
    data = text.encode("utf-8", "surrogatepass")
    point = rng.random()
    if point < 0.03:
        data = b"\xef\xbb\xbf" + data
    elif point < 0.06:
        data = data.replace(b"\n", b"\r\n")
    elif point < 0.08:
        data = text.encode("utf-16", "surrogatepass")
    elif point < 0.1:
        data += rng.choice(INTERESTING)
    path.write_bytes(data)


def _put_folder(path: Path, rng: random.Random) -> str:
    path.unlink()
    path.mkdir()
    return "a folder in its place"


def _remove(path: Path, rng: random.Random) -> str:
    path.unlink()
    return "removed"


def _empty(path: Path, rng: random.Random) -> str:
    path.write_bytes(rng.choice((b"", b"\n", b" " * 100_000, b"\x00" * 1000)))
    return "emptied"


def _link_round(path: Path, rng: random.Random) -> str:
    path.unlink()
    path.symlink_to(path.name if rng.random() < 0.5 else "nowhere")
    return "a link to itself or nowhere"


def _swap_with_neighbour(path: Path, rng: random.Random) -> str:
    others = sorted(other for other in path.parent.iterdir() if other.is_file() and other != path)
    if others:
        other = rng.choice(others)
        shutil.copyfile(other, path)
        return f"the content of {other.name}"
    return _remove(path, rng)


def _truncate(path: Path, rng: random.Random) -> str:
    os.truncate(path, rng.randrange(path.stat().st_size + 1))
    return "truncated"


PLACES: tuple[Callable[[Path, random.Random], str], ...] = (
    _put_folder, _remove, _empty, _link_round, _swap_with_neighbour, _truncate,
)  # fmt: skip
STRUCTURES: dict[str, Callable[[Path, random.Random], str]] = {
    ".json": mutate_json, ".jsonl": mutate_rows, ".yaml": mutate_yaml, ".yml": mutate_yaml, ".md": mutate_text,
    ".xml": mutate_text, ".txt": mutate_text, ".sqlite": mutate_store, ".safetensors": mutate_weights,
    ".png": mutate_png,
    ".tif": mutate_tiff, ".tiff": mutate_tiff, ".jpg": mutate_jpeg, ".jpeg": mutate_jpeg, ".jinja": mutate_text,
}  # fmt: skip
