"""Which folders a command may write into: new ones, empty ones, and its own."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.errors import UsageError
from tools.files.atomic import UNFINISHED, list_unfinished
from tools.files.links import refuse_links
from tools.files.lock import LOCK_FILE, hold, is_lock
from tools.files.marker import MARKER_FILE, Marker, read_marker, write_marker

Recognise = Callable[[Path], Iterable[str] | None]


def never(folder: Path) -> None:
    """Recognises no folder."""


@dataclass(frozen=True)
class Claim:
    """What a command says of the folder that it writes.

    Attributes:
        kind: a noun, e.g. `run`; only folders of this kind are accepted.
        command: e.g. `python -m agents run`.
        recognise: of a folder from before the marker: the files in it that are this kind's (of a kind with `places`
            none have to be named), or None when it is no such folder.
        places: names in the folder that are of this kind, as patterns; None where the marker lists the files.
        flag: names the folder on the command line.
    """

    kind: str
    command: str
    recognise: Recognise = never
    places: tuple[str, ...] | None = None
    flag: str = "--out"

    def make_marker(self, files: Iterable[str] = ()) -> Marker:
        """The marker of a folder of this kind."""
        return Marker(self.kind, self.command, tuple(files) if self.places is None else None)


@dataclass(frozen=True)
class Standing:
    """How a folder stands to a claim that accepts it: the marker it has or gets, and whether it has it already."""

    marker: Marker
    is_marked: bool


@dataclass(frozen=True)
class Owned:
    """A folder that is a command's own, locked while it works."""

    path: Path
    claim: Claim

    @property
    def files(self) -> frozenset[str]:
        """What the marker lists."""
        marker = read_marker(self.path)
        return frozenset((marker and marker.files) or ())

    def add(self, *names: str) -> None:
        """List files before they are written; a folder with everything in it ends in `/`.

        Raises:
            UsageError: one is there and was not listed: it is someone else's.
        """
        listed = self.files
        for name in (name for name in names if name not in listed):
            path = self.path / name
            if os.path.lexists(path):
                raise UsageError(
                    f"{path}: is there and was not written by `{self.claim.command}`; move it, or use another "
                    f"{self.claim.flag}"
                )
        self.set_files({*listed, *names})

    def set_files(self, names: Iterable[str]) -> None:
        """List exactly these files."""
        names = frozenset(names)
        if names != self.files:
            write_marker(self.path, self.claim.make_marker(names))


def check_folder(folder: Path, claim: Claim) -> Standing:
    """Whether a command may write into a folder; changes nothing. For links see `own_folder`.

    Raises:
        UsageError: it is neither new nor empty nor of this kind; one sentence says what it is.
    """
    try:
        if not os.path.lexists(folder):
            return Standing(claim.make_marker(), is_marked=False)
        if not folder.is_dir():
            raise _refuse_place(folder, claim, "it is no folder")
        return _examine(folder, claim)
    except OSError as error:
        raise _refuse_place(folder, claim, str(error)) from error


def _examine(folder: Path, claim: Claim) -> Standing:
    marker, strangers = read_marker(folder), list_contents(folder)
    if not strangers and (marker is None or marker.kind != claim.kind):
        return Standing(claim.make_marker(), is_marked=False)
    if marker is not None and marker.kind != claim.kind:
        raise UsageError(
            f"{folder}: is a folder of `{marker.command}` ({marker.kind}), and `{claim.command}` writes only into a "
            f"new, an empty or its own folder; use another {claim.flag}"
        )
    return Standing(marker, is_marked=True) if marker is not None else _adopt(folder, claim, strangers)


def _check_links(folder: Path, claim: Claim) -> None:
    """Looks at every folder below, which takes a moment in a big one: once a command."""
    standing = check_folder(folder, claim)
    if folder.exists():
        tops = {name.partition("/")[0] for name in standing.marker.files or ()}
        refuse_links(folder, tops if claim.places is None else claim.places, claim.flag)


def _adopt(folder: Path, claim: Claim, strangers: list[str]) -> Standing:
    files = claim.recognise(folder)
    if files is None:
        raise UsageError(
            f"{folder}: holds files that `{claim.command}` did not write, e.g. {strangers[0]}; name a new or an empty "
            f"folder with {claim.flag}"
        )
    return Standing(claim.make_marker(files), is_marked=False)


def list_contents(folder: Path) -> list[str]:
    """Names in a folder but for its marker, lock and unfinished files, which are ours; hidden ones come last."""
    names = {path.name: path for path in folder.iterdir() if path.name != MARKER_FILE}
    kept = [name for name in names if not UNFINISHED.fullmatch(name)]
    return sorted(
        (name for name in kept if not (name == LOCK_FILE and is_lock(names[name]))),
        key=lambda name: (name.startswith("."), name),
    )


def _refuse_place(folder: Path, claim: Claim, why: str) -> UsageError:
    from tools.inflection import choose_article

    kind = f"{choose_article(claim.kind)} {claim.kind}"
    return UsageError(f"{claim.flag} {folder}: cannot be used as {kind} folder ({why}); name another")


def claim_folder(folder: Path, claim: Claim) -> None:
    """Make or adopt a folder without keeping others out of it.

    Raises:
        UsageError: as `own_folder`.
        ToolkitError: it cannot be written.
    """
    _check_links(folder, claim)
    _mark(folder, claim)


def _mark(folder: Path, claim: Claim) -> None:
    standing = check_folder(folder, claim)
    if not standing.is_marked:
        _make(folder, claim)
        write_marker(folder, standing.marker)


@contextmanager
def own_folder(folder: Path, claim: Claim) -> Iterator[Owned]:
    """A folder to write into: checked, locked and marked, in this order, before anything else happens there.

    After an error a folder that was made here and holds nothing else is taken away again.

    Raises:
        UsageError: as `check_folder`, or a link in it leads out of it where the command writes.
        ToolkitError: another process works there, or it cannot be written.
    """
    _check_links(folder, claim)
    is_new = not folder.exists()
    _make(folder, claim)
    try:
        with hold(folder, claim.flag):
            _mark(folder, claim)
            _clear_left(folder)
            yield Owned(folder, claim)
    except BaseException:
        if is_new:
            _take_away(folder)
        raise


def _clear_left(folder: Path) -> None:
    """Delete what killed processes left, but not in a folder below that is one of its own and has its own lock."""
    for parent, folders, _ in os.walk(folder):
        folders[:] = [name for name in folders if not (Path(parent, name) / MARKER_FILE).exists()]
        for path in list_unfinished(Path(parent)):
            path.unlink(missing_ok=True)


def _make(folder: Path, claim: Claim) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refuse_place(folder, claim, str(error)) from error


def _take_away(folder: Path) -> None:
    try:
        if not list_contents(folder) and not (folder / LOCK_FILE).exists():
            (folder / MARKER_FILE).unlink(missing_ok=True)
            folder.rmdir()
    except OSError:
        return  # it stays, empty but for its marker: the next command accepts it
