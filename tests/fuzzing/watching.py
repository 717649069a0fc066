"""One input put through one command, in a forked process or as a whole one, with everything around it watched.

A box is a folder three deep in one of its own, so that a path that climbs out of it still lands where it is seen.
"""

import contextlib
import faulthandler
import hashlib
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from calling import call_here

ROOT = Path(__file__).resolve().parents[2]
LEGAL = (0, 1, 2, 3, 4)
"""Done, ours, usage, missing, budget."""
TRACEBACK = "Traceback (most recent call last)"
LIMIT_SECONDS = 60
MEMORY_BYTES = 3 << 30
"""More than the commands need on these inputs, and less than a machine has."""
UNWATCHED = ("tmp", "told")


class Outcome(NamedTuple):
    """How a command ended on an input."""

    code: int | None
    seconds: float
    busy_seconds: float
    peak_mb: int
    has_traceback: bool
    is_hang: bool
    touched: tuple[str, ...]
    printed: str

    @property
    def is_illegal(self) -> bool:
        """Whether the exit code is none of those that mean something."""
        return self.code not in LEGAL and not self.is_hang

    @property
    def failed(self) -> bool:
        """Whether anything is wrong."""
        return self.has_traceback or self.is_hang or bool(self.touched) or self.is_illegal


def make_box(folder: Path, seed: Path) -> Path:
    """A fresh box in `folder` with a copy of `seed` as `in`; gives the box."""
    shutil.rmtree(folder, ignore_errors=True)
    box = folder / "above" / "around" / "box"
    (box / "tmp").mkdir(parents=True)
    (box / "home").mkdir()
    shutil.copytree(seed, box / "in", symlinks=True)
    (box / "prompts").symlink_to(ROOT / "prompts")
    for place in (folder, folder / "above", folder / "above" / "around", box):
        (place / "x.jpg").write_bytes(b"not to be touched")
    return box


def watch(box: Path, command: Sequence[str], writable: Sequence[str], is_whole: bool, serve: Any = None) -> Outcome:
    """Run `python -m COMMAND` in the box; nothing but what stands under `writable` may change.

    Args:
        serve: started beside the command; gives an address that takes the place of `{url}`.
    """
    top = box.parents[2]
    before = _hash_all(top, box, writable)
    started = time.monotonic()
    status, peak, busy = _fork(lambda: _work(box, list(command), is_whole, serve))
    seconds = time.monotonic() - started
    printed = _read(box / "told" / "text")
    code = int(_read(box / "told" / "code") or 0) if (box / "told" / "code").exists() else None
    after = _hash_all(top, box, writable)
    touched = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    is_hang = status == -signal.SIGALRM or code == -signal.SIGALRM
    if status and not is_hang:
        printed += f"\nended by {status}"
    has_traceback = TRACEBACK in printed or (bool(status) and not is_hang)
    return Outcome(code, seconds, busy, peak, has_traceback, is_hang, tuple(touched), printed)


def _fork(work: Callable[[], None]) -> tuple[int, int, float]:
    """Run `work` in a forked process; its exit code or minus its signal, most memory in MB, seconds of a processor."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the process ends here, whatever it was
            traceback.print_exc()
            os._exit(99)
    _, status, used = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), used.ru_maxrss // 1024, used.ru_utime + used.ru_stime


def _work(box: Path, command: list[str], is_whole: bool, serve: Any) -> None:
    printed = box / "told"
    printed.mkdir()
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(printed / name, os.O_WRONLY | os.O_CREAT), number)
    os.chdir(box)
    os.environ.update(HOME=str(box / "home"), TMPDIR=str(box / "tmp"), PYTHONPATH=str(ROOT), HF_HUB_OFFLINE="1")
    import tempfile

    tempfile.tempdir = None
    if serve is not None:
        url = serve()
        command = [part.replace("{url}", url) for part in command]
    code, text = (_call_whole if is_whole else _call)(command, printed)
    (printed / "text").write_text(text, encoding="utf-8", errors="backslashreplace")
    (printed / "code").write_text(str(code))


def _call(command: list[str], printed: Path) -> tuple[int, str]:
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY_BYTES,) * 2)
    stuck = (printed / "text").open("w")
    faulthandler.dump_traceback_later(LIMIT_SECONDS, file=stuck)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(LIMIT_SECONDS + 1)
    try:
        called = call_here(*command)
        code, text = called.returncode, called.stdout + called.stderr
    except BaseException:  # noqa: BLE001 - what escapes a command's edge is what is looked for
        code, text = 1, traceback.format_exc()
    signal.alarm(0)
    faulthandler.cancel_dump_traceback_later()
    return code, text + _read(printed / "out") + _read(printed / "err")


def _call_whole(command: list[str], printed: Path) -> tuple[int, str]:
    size = MEMORY_BYTES * 4  # libraries reserve gigabytes that they never use
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size))  # noqa: E731
    try:
        ended = subprocess.run(
            [sys.executable, "-m", *command], capture_output=True, check=False, timeout=LIMIT_SECONDS, preexec_fn=limit
        )
    except subprocess.TimeoutExpired as error:
        return -signal.SIGALRM, (error.stderr or b"").decode(errors="backslashreplace")
    return ended.returncode, (ended.stdout + ended.stderr).decode(errors="backslashreplace")


def _hash_all(top: Path, box: Path, writable: Sequence[str]) -> dict[str, str]:
    """Every file, folder and link under `top` outside what may be written, with its content."""
    spared = [box / name for name in (*writable, *UNWATCHED)]
    found: dict[str, str] = {}
    for folder, folders, names in os.walk(top):
        here = Path(folder)
        folders[:] = [name for name in folders if not _is_spared(here / name, spared)]
        for name in (*folders, *names):
            path = here / name
            if not _is_spared(path, spared):
                found[str(path.relative_to(top))] = _hash(path)
    return found


def _is_spared(path: Path, spared: Sequence[Path]) -> bool:
    return any(str(path).startswith(str(one)) for one in spared)


def _hash(path: Path) -> str:
    if path.is_symlink():
        return f"link {path.readlink()}"
    return "folder" if path.is_dir() else hashlib.sha1(path.read_bytes()).hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="backslashreplace") if path.exists() else ""


def load_modules(names: Sequence[str]) -> None:
    """Import what the commands need before anything is forked, so that no input pays for it."""
    for name in names:
        with contextlib.suppress(Exception):  # an extra that is not installed; modules that others make up
            importlib.import_module(name)


def save(failure: Path, box: Path, outcome: Outcome, command: Sequence[str], how: str) -> None:
    """Keep the changed input of a failure, and how to run it again."""
    shutil.rmtree(failure, ignore_errors=True)
    shutil.copytree(box / "in", failure / "in", symlinks=True)
    line = f"cd {failure} && PYTHONPATH={ROOT} {sys.executable} -m {' '.join(map(_quote, command))}"
    printed = outcome._asdict() | {"how": how, "again": line}
    (failure / "outcome.json").write_text(json.dumps(printed, indent=1, default=str))


def _quote(part: str) -> str:
    return part if part.replace("-", "").replace("/", "").replace("_", "").replace(".", "").isalnum() else f"'{part}'"
