"""What the operating system and SQLite refuse, in one sentence with what to do about it."""

import errno
import sqlite3
from pathlib import Path

from tools.errors import MissingError, ToolkitError

AGAIN = "run the same command again"
RIGHTS = f"check who may write there, and {AGAIN}"
REMEDIES = {
    errno.ENOSPC: f"make room and {AGAIN}",
    errno.EDQUOT: f"make room within the quota and {AGAIN}",
    errno.EFBIG: "name a disk that takes files of this size",
    errno.EACCES: RIGHTS,
    errno.EPERM: RIGHTS,
    errno.EROFS: "the disk is read-only: name a folder on another",
    errno.EMFILE: f"too many files are open: raise `ulimit -n` and {AGAIN}",
    errno.ENFILE: f"too many files are open on this machine: close some and {AGAIN}",
    errno.ENAMETOOLONG: "use a shorter name",
    errno.ELOOP: "put a file or a folder in place of the link that leads to itself",
    errno.ENOTDIR: "a file stands where a folder is needed: move it, or name another place",
    errno.EISDIR: "a folder stands where a file is needed: move it, or name another place",
    errno.ENOMEM: f"close what takes memory and {AGAIN}",
    errno.ENOENT: "name a file or folder that is there",
    errno.EIO: f"the disk fails: check it and {AGAIN}",
}
OTHERWISE = f"check the disk and {AGAIN}"
"""Where the system names another reason."""
MISSING = {errno.ENOENT, errno.ENOTDIR}


def find_remedy(error: OSError) -> str:
    """What to do about a refusal of the operating system."""
    return REMEDIES.get(error.errno or 0, OTHERWISE)


def explain_system(error: OSError) -> ToolkitError:
    """A refusal of the operating system that nothing nearer to it explained, for people."""
    kind = MissingError if error.errno in MISSING else ToolkitError
    names = [str(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes | Path)]
    place = f"{names[0]}: " if names else ""
    return kind(f"{place}{error.strerror or error or type(error).__name__}; {find_remedy(error)}")


def explain_sqlite(error: sqlite3.Error, place: str = "a database of this command") -> ToolkitError:
    """What SQLite refused: a full disk, a lock, missing rights, damage."""
    text = str(error) or type(error).__name__
    if "locked" in text or "busy" in text:
        return ToolkitError(f"{place}: another process is writing to it ({text}); wait for it, or use another --out")
    if "full" in text or "disk I/O" in text:
        return ToolkitError(f"{place}: the disk is full ({text}); make room and {AGAIN}, it goes on")
    if "readonly" in text or "unable to open" in text:
        return ToolkitError(f"{place}: cannot be written ({text}); check the folder's permissions and run again")
    return ToolkitError(
        f"{place}: is damaged ({text}) and was not changed; put a copy in its place, or begin again in another --out"
    )
