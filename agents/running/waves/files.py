"""Waves as files: written for any engine that takes batch files (vLLM's `run_batch`), and its results read back."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from agents.backends.asked.ledger import REQUESTS, Ledger
from agents.running.waves.carrier import CarrierParts
from agents.running.waves.results import Count, ResultsReader
from agents.running.waves.settings import BatchSettings
from agents.store.waves import DONE, NEW, WaveStore
from tools.errors import MissingError, Pause, UsageError
from tools.files import check_file, hold, hold_file, replace_file

HEAD = b'{"custom_id":"w'
WHAT = "a batch file"


class WaveWaits(Pause):
    """A wave is committed and its replies are not there yet: where a run with files stops each time."""


class FilesCarrier:
    """Carries nothing itself: it says how to, until the results were read."""

    def __init__(self, settings: BatchSettings, parts: CarrierParts) -> None:
        self.most_requests, self.most_bytes = settings.most_requests, settings.most_bytes
        self._parts = parts

    async def carry(self, wave: int) -> None:
        """Nothing, where the results of the wave were read.

        Raises:
            WaveWaits: they were not.
            UsageError: it was sent to a Batch API before.
        """
        _, out = self._parts.store.count_lines(wave)
        if out:
            run = self._parts.run
            refuse_sent(self._parts.store, wave)
            raise WaveWaits(
                f"wave {wave}: {say_requests(out, 'wait')} for replies; write them with `python -m agents batch write "
                f"{run} --out wave.jsonl`, let an engine answer that file, read what it writes with `python -m agents "
                f"batch read {run} results.jsonl`, and run this command again"
            )

    async def close(self) -> None:
        """Nothing is open."""


def refuse_sent(store: WaveStore, wave: int) -> None:
    """Keep a wave that is out at a Batch API from being asked a second time.

    Raises:
        UsageError: it is.
    """
    sent = [part for part in store.list_parts(wave) if part.state not in (NEW, DONE)]
    if sent:
        known = sent[0].batch or sent[0].file or "being uploaded"
        raise UsageError(
            f"wave {wave} was sent to a Batch API ({known}): go on with --carrier api, or download its results and "
            "read them with `python -m agents batch read`"
        )


class Written(NamedTuple):
    """What `write` wrote."""

    wave: int
    requests: int
    paths: tuple[Path, ...]


class Read(NamedTuple):
    """What `read` found.

    Attributes:
        lines: what they brought.
        missing: requests of the wave without a result.
    """

    lines: Count
    missing: int


def write_wave(run: Path, out: Path, *, is_split: bool = False) -> Written:
    """Write the wave that is out as a batch file.

    Args:
        is_split: one file for each part, as a Batch API's limits want it: `wave-1.jsonl`, `wave-2.jsonl`.

    Raises:
        MissingError: no wave is out.
        UsageError: something else stands at `out`, or the wave was sent to a Batch API before.
    """
    check_file(out, is_batch_file, WHAT)
    with _open(run) as ledger:
        store = WaveStore(ledger, run)
        wave = _require_wave(store, run)
        refuse_sent(store, wave)
        parts = store.list_parts(wave)
        paths = []
        for number, path in _name_files(out, len(parts) if is_split else 1):
            lines = store.write_lines(wave, number if is_split else None)
            _fill(path, lines)
            paths.append(path)
        return Written(wave, store.count_lines(wave)[1], tuple(paths))


def _name_files(out: Path, count: int) -> Iterator[tuple[int, Path]]:
    for number in range(1, count + 1):
        yield number, out if count == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}")


def _fill(path: Path, lines: Iterable[bytes]) -> None:
    with hold_file(path, is_batch_file, WHAT), replace_file(path) as file:
        file.writelines(lines)


def is_batch_file(path: Path) -> bool:
    """Whether a file begins as a batch file does."""
    with path.open("rb") as file:
        return file.read(len(HEAD)) == HEAD


def read_results(run: Path, results: Sequence[Path], *, has_more: bool = False) -> Read:
    """Take in what an engine answered; what the files lack is asked for again in the next wave.

    Args:
        has_more: further files follow, so that nothing counts as missing yet.

    Raises:
        MissingError: a file is not there, or no wave is out.
        UsageError: nothing in them is new of the wave that is out, which stays open.
    """
    for path in results:
        if not path.is_file():
            raise MissingError(f"{path}: no such file; name the results that the engine wrote")
    with hold(run), _open(run, is_durable=True) as ledger:
        store = WaveStore(ledger, run)
        wave = _require_wave(store, run)
        reader = ResultsReader(store)
        for path in results:
            with path.open("rb") as file:
                reader.read(file)
        found, missing = reader.count, store.count_lines(wave)[1]
        is_whole = bool(found.of_wave) and not missing
        if not (found.answered or found.failed or is_whole):
            names = ", ".join(str(path) for path in results)
            raise UsageError(f"{names}: {_explain_nothing_new(found, wave, missing, run)}")
        if not has_more:
            store.lose_lines(wave)
        return Read(found, missing)


def _explain_nothing_new(found: Count, wave: int, missing: int, run: Path) -> str:
    rest = (
        f"Write what waits with `python -m agents batch write {run} --out wave.jsonl`, let an engine answer that file, "
        "and read what it writes then"
    )
    late = f" ({found.late:,} late {'reply was' if found.late == 1 else 'replies were'} stored)" if found.late else ""
    if found.of_wave:
        return f"nothing new of wave {wave}, of which {say_requests(missing, 'wait')}; nothing was closed{late}. {rest}"
    if found.earlier:
        waves = ", ".join(map(str, sorted(found.earlier)))
        return f"these are results of wave {waves}, and wave {wave} is out; nothing was closed{late}. {rest}"
    return (
        f"no line is a result of wave {wave} of {run}; expected rows with `custom_id` and `response`, as a Batch API "
        "or vLLM's run_batch writes them"
    )


def say_requests(count: int, verb: str = "") -> str:
    """So many requests, and what they do: `1 request waits`."""
    noun, ending = ("request", "s") if count == 1 else ("requests", "")
    return f"{count:,} {noun}" + (f" {verb}{ending}" if verb else "")


def _open(run: Path, *, is_durable: bool = False) -> Ledger:
    if not (run / REQUESTS).is_file():
        raise _explain_none(run)
    return Ledger(run, is_durable=is_durable)


def _require_wave(store: WaveStore, run: Path) -> int:
    wave = store.find_open()
    if wave is None:
        raise _explain_none(run)
    return wave


def _explain_none(run: Path) -> MissingError:
    return MissingError(
        f"{run}: no wave is out; `python -m agents run --transport batch --carrier files --out {run} ...` makes one"
    )
