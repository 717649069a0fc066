"""`merge`: shards that ran with one frozen rule book, put together as if one run had made them."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.backends.asked.ledger import copy_charges
from agents.conversation.rules import Mined
from agents.notation import parse_shard
from agents.review.carried import Carried
from agents.running.finish import finish
from agents.running.freeze import list_differences
from agents.running.listener import Listener, Silence
from agents.store.folders import IMAGES, MERGED
from agents.store.retries import copy_history
from agents.store.run_store import RunStore
from tools.errors import UsageError
from tools.files import check_folder, copy_file, explain_disk, own_folder, read_marker

SHARED_META = (
    "settings", "plugins", "seed_rules", "reverted_rules", "backend", "translator", "scorer", "pack", "prompts",
    "dataset",
)  # fmt: skip


def merge_runs(parts: Sequence[Path], out: Path, listener: Listener | None = None) -> dict[str, Any]:
    """Put the shards `parts` together into the run folder `out`; give its manifest. Called again, it goes on.

    Raises:
        UsageError: the parts differ in what decides their output, are not all of the shards, or are not finished; or
            `out` holds something else than their merge.
    """
    listener = listener or Silence()
    check_folder(out, MERGED)
    _refuse_other_run(out)
    with_shards = [(_check_part(part, parts[0]), part) for part in parts]
    _check_complete([shard for shard, _ in with_shards])
    reviews = Carried(parts)
    with own_folder(out, MERGED), RunStore(out, create=True) as merged:
        _refuse_other_job(merged, parts[0])
        _copy_meta(parts[0], merged)
        _copy_results(parts, out, merged)
        reviews.write(out)
        return finish(out, merged, listener)


def _refuse_other_run(out: Path) -> None:
    """A merge that was interrupted goes on; a run of its own stays as it is."""
    marker = read_marker(out) if (out / "run.sqlite").exists() else None
    if (out / "run.sqlite").exists() and (marker is None or marker.command != MERGED.command):
        raise _refuse(out)


def _refuse_other_job(merged: RunStore, part: Path) -> None:
    """So does a merge of other shards."""
    with RunStore(part) as model:
        if not all(merged.read_meta(key) in (None, model.read_meta(key)) for key in SHARED_META):
            raise _refuse(merged.path.parent)


def _refuse(out: Path) -> UsageError:
    return UsageError(f"{out}: there is a run already; name a new folder with --out")


def _check_part(part: Path, first: Path) -> str:
    with RunStore(part) as store, RunStore(first) as model:
        for key in SHARED_META:
            ours, theirs = store.read_meta(key) or None, model.read_meta(key) or None
            if ours != theirs:
                differences = "; ".join(list_differences(key, theirs, ours))
                raise UsageError(
                    f"{part} is not of one job with {first}, only shards of one job can be merged: {differences}"
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
        more = ("versions", "photo_root", "prices", "measures", "source", "held_out", "judges_itself", "reach")
        kept = {key: store.read_meta(key) for key in (*SHARED_META, *more)}
        merged.write_metas({**kept, "shard": None})


def _copy_results(parts: Sequence[Path], out: Path, merged: RunStore) -> None:
    rows = []
    for part in parts:
        with RunStore(part) as store:
            rows += [(index, part) for index in store.list_done()]
    rows.sort()
    expected = list(range(len(rows)))
    if [index for index, _ in rows] != expected:
        raise UsageError("the shards are not finished to the same point: run each to its end first, with one --limit")
    done = frozenset(merged.list_done())
    if not done <= set(expected):
        raise UsageError(f"{out}: holds more images than these shards; name a new folder with --out")
    for part in parts:
        with RunStore(part) as store:
            mined: dict[int, list[Mined]] = defaultdict(list)
            for index, rule in store.list_mined():
                mined[index].append(rule)
            for result in store.read_results():
                if result.index not in done:
                    merged.commit_result(result, mined[result.index])
            copy_history(store, merged)
        copy_charges(part, out)
        copy_images(part, out)


def copy_images(part: Path, out: Path) -> None:
    """Put the images of one run beside those of another; called again, it goes on."""
    for source in sorted((part / IMAGES).rglob("*.png")):
        target = out / source.relative_to(part)
        if not target.exists():  # what is there is whole
            with explain_disk(target):
                target.parent.mkdir(parents=True, exist_ok=True)
            copy_file(source, target)
