"""`merge`: shards that ran with one frozen rule book, put together as if one run had made them."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.config import parse_shard
from agents.run import Listener, Silence, finish
from agents.store import RunLock, RunStore
from tools.errors import UsageError

SHARED_META = ("settings", "seed_rules", "backend", "translator", "scorer", "pack", "prompts", "dataset")


def merge_runs(parts: Sequence[Path], out: Path, listener: Listener | None = None) -> dict[str, Any]:
    """Put the shards `parts` together into the new run folder `out`; give its manifest.

    Raises:
        UsageError: the parts differ in what decides their output, are not all of the shards, or are not finished.
    """
    listener = listener or Silence()
    if (out / "run.sqlite").exists():
        raise UsageError(f"{out}: there is a run already; name a new folder with --out")
    with_shards = [(_check_part(part, parts[0]), part) for part in parts]
    _check_complete([shard for shard, _ in with_shards])
    with RunLock(out), RunStore(out, create=True) as merged:
        _copy_meta(parts[0], merged)
        _copy_results(parts, out, merged)
        return finish(out, merged, listener)


def _check_part(part: Path, first: Path) -> str:
    with RunStore(part) as store, RunStore(first) as model:
        for key in SHARED_META:
            if store.read_meta(key) != model.read_meta(key):
                raise UsageError(
                    f"{part}: its {key} differ from those of {first}; only shards of one job can be merged"
                )
        shard = store.read_meta("shard")
    if shard is None:
        raise UsageError(f"{part}: not a shard; merge takes runs that were made with --shard I/N --rules FILE --freeze")
    return str(shard)


def _check_complete(shards: Sequence[str]) -> None:
    parsed = sorted(parse_shard(shard) for shard in shards)
    count = parsed[0].of
    missing = sorted(set(range(1, count + 1)) - {shard.number for shard in parsed})
    if missing or len(parsed) != count or any(shard.of != count for shard in parsed):
        raise UsageError(
            f"the shards given are {', '.join(shards)}; needed is each of 1/{count} .. {count}/{count} once"
            + (f", missing {', '.join(f'{number}/{count}' for number in missing)}" if missing else "")
        )


def _copy_meta(part: Path, merged: RunStore) -> None:
    with RunStore(part) as store:
        for key in (*SHARED_META, "versions", "photo_root", "prices"):
            merged.write_meta(key, store.read_meta(key))
        merged.write_meta("shard", None)


def _copy_results(parts: Sequence[Path], out: Path, merged: RunStore) -> None:
    rows = []
    for part in parts:
        with RunStore(part) as store:
            rows += [(index, part) for index in store.list_done()]
    rows.sort()
    expected = list(range(len(rows)))
    if [index for index, _ in rows] != expected:
        raise UsageError("the shards are not finished to the same point: run each to its end first, with one --limit")
    for part in parts:
        with RunStore(part) as store:
            for result in store.read_results():
                merged.commit_result(result)
        if (part / "images").is_dir():
            shutil.copytree(part / "images", out / "images", dirs_exist_ok=True)
