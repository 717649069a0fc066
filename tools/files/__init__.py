"""Files on disk: the one atomic write, the one lock, the marker of every folder that a command writes, and the one
reading of text that users bring (`json_text`, `yaml_text`).

    write_text(path, text)                  # readers see the old file or the whole new one
    with hold(path): ...                    # no other process works there until this one is done or dead
    with own_folder(out, CLAIM) as owned: ...   # refused unless `out` is new, empty, or this command's own

Writing needs the standard library alone.
"""

from tools.files.atomic import (
    clear_abandoned,
    clear_unfinished,
    copy_file,
    explain_disk,
    list_unfinished,
    replace_file,
    stage_file,
    write_bytes,
    write_lines,
    write_text,
    write_with,
)
from tools.files.clear import clear_files, list_strangers
from tools.files.fill import fill_folder, is_filled
from tools.files.lock import hold
from tools.files.marker import MARKER_FILE, Marker, read_marker, write_marker
from tools.files.owned import Claim, Owned, check_folder, claim_folder, list_contents, own_folder
from tools.files.single import check_file, hold_file, make_parent, own_file

__all__ = [
    "MARKER_FILE",
    "Claim",
    "Marker",
    "Owned",
    "check_file",
    "check_folder",
    "claim_folder",
    "clear_abandoned",
    "clear_files",
    "clear_unfinished",
    "copy_file",
    "explain_disk",
    "fill_folder",
    "hold",
    "hold_file",
    "is_filled",
    "list_contents",
    "list_strangers",
    "list_unfinished",
    "make_parent",
    "own_file",
    "own_folder",
    "read_marker",
    "replace_file",
    "stage_file",
    "write_bytes",
    "write_lines",
    "write_marker",
    "write_text",
    "write_with",
]
