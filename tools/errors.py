"""The errors a user may see: each says what failed, why, and what to do, and carries its exit code."""

from pathlib import Path


class ToolkitError(Exception):
    """Something this toolkit refuses to do; the message is the whole explanation.

    Attributes:
        exit_code: what the command returns (1 our error, 2 usage, 3 something missing, 4 budget reached).
    """

    exit_code = 1


class UsageError(ToolkitError):
    """A setting or an argument that cannot be used as given."""

    exit_code = 2


class MissingError(ToolkitError):
    """Something the command needs is not there: a file, weights, a key, an extra."""

    exit_code = 3


class Pause(MissingError):
    """No fault: a command has done what it can, and goes on when something has come; told without the word error."""


class DamagedError(ToolkitError):
    """A file of the right kind that is damaged: cut short, or no longer the format that it says; exit code as usage."""

    exit_code = 2


class BudgetReached(ToolkitError):
    """The budget does not cover the next image; the run can be resumed."""

    exit_code = 4


class RejectError(ToolkitError):
    """One row that cannot be used. It becomes a line of `rejected.jsonl`; the run goes on.

    Attributes:
        code: short machine-readable reason, e.g. `missing_file`, `truncated_image`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[type["RejectError"], tuple[str, str]]:
        """A reject crosses process borders as a plain reject."""
        return RejectError, (self.code, str(self))


class ImageError(RejectError):
    """An image file that cannot be read.

    Attributes:
        path: the file.
        code: `missing_file`, `not_an_image`, `unsupported_image`, `truncated_image`, `image_too_large` or
            `unreadable_file`.
    """

    def __init__(self, path: Path, code: str, message: str) -> None:
        super().__init__(code, f"{path}: {message}")
        self.path = path
        if code == "missing_file":
            self.exit_code = MissingError.exit_code


def shorten(text: str, most: int = 60) -> str:
    """A text for a message; three dots stand for what is cut off."""
    return text if len(text) <= most else text[: most - 3] + "..."


def first_line(error: BaseException, most: int = 300) -> str:
    """What another library's error says in its first line; its kind when it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:most]


def join_lines(error: BaseException, most: int = 300) -> str:
    """What another library's error says, all on one line."""
    return " ".join(str(error).split())[:most]
