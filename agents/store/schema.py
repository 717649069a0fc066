"""The tables of `run.sqlite`, and how a store of an earlier schema becomes one of this.

Schema 1 held ids as COCO's numbers. It is read as it is; a run that goes on in it brings it up to date first.
"""

import sqlite3
from typing import Any

from tools.records import Rule

SCHEMA_VERSION = 2
READABLE = (1, SCHEMA_VERSION)
META = "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID"
RESULTS = """CREATE TABLE results (
    position INTEGER PRIMARY KEY, image_id TEXT NOT NULL UNIQUE, status TEXT NOT NULL, result TEXT NOT NULL
)"""
MINED = """CREATE TABLE mined (
    position INTEGER NOT NULL, place INTEGER NOT NULL, image_id TEXT NOT NULL, round INTEGER NOT NULL,
    text TEXT NOT NULL, category TEXT NOT NULL, objection TEXT NOT NULL, PRIMARY KEY (position, place)
) WITHOUT ROWID"""
TABLES = ("meta", "results", "mined")
RUN_SCHEMA = f"{META};\n{RESULTS};\n{MINED};\nINSERT INTO meta VALUES ('schema_version', '{SCHEMA_VERSION}');"

_FROM_1 = (
    "ALTER TABLE results RENAME TO results_1",
    "ALTER TABLE mined RENAME TO mined_1",
    RESULTS,
    MINED,
    "INSERT INTO results SELECT position, CAST(image_id AS TEXT), status, "
    "json_set(result, '$.image_id', CAST(image_id AS TEXT)) FROM results_1",
    "INSERT INTO mined SELECT position, place, CAST(image_id AS TEXT), round, text, category, objection FROM mined_1",
    "DROP TABLE results_1",
    "DROP TABLE mined_1",
    "DELETE FROM meta WHERE key = 'exported'",  # the exports hold numbers, and are written again
    f"UPDATE meta SET value = '{SCHEMA_VERSION}' WHERE key = 'schema_version'",
)

SHAPES: dict[str, tuple[type, tuple[str, ...]]] = {
    "draw": (int, ()),
    "retry": (dict, ("codes",)),
    "backend": (dict, ("identity", "is_embedded")),
    "dataset": (dict, ("captions", "instances", "digest")),
    "pack": (dict, ()),
    "inputs": (dict, ()),
    "photo_root": (str, ()),
    "plugins": (dict, ()),
    "prices": (dict, ()),
    "prompts": (dict, ("digest",)),
    "reverted_rules": (list, ()),
    "scorer": (dict, ("identity", "is_embedded")),
    "seed_rules": (list, ()),
    "settings": (dict, ("seed", "freeze")),
    "shard": (str, ()),
    "translator": (dict, ("identity", "is_embedded")),
    "versions": (dict, ()),
}
"""What `meta` holds of a run, by key: its type, and what it says at least. Any of it may be null, or not there yet."""


def check_shape(key: str, value: Any) -> None:
    """Prove that a value of `meta` is what is written there.

    Raises:
        ValueError: it is something else.
    """
    kind, names = SHAPES.get(key, (object, ()))
    keys = value.keys() if isinstance(value, dict) else ()
    if value is not None and not (isinstance(value, kind) and all(name in keys for name in names)):
        raise ValueError(f"expected {kind.__name__}{' with ' if names else ''}{', '.join(names)}")


def migrate(db: sqlite3.Connection) -> None:
    """Bring a store of schema 1 up to this one, whole or not at all.

    Raises:
        sqlite3.Error: the store cannot be written, and is as it was.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        for statement in _FROM_1:
            db.execute(statement)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def read_seed_rules(value: Any) -> Any:
    """The rules as this schema writes them, where schema 1 holds numbers for ids; None stays."""
    return None if value is None else [Rule.model_validate(rule).model_dump() for rule in value]
