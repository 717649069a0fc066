"""What a try-out takes from the run instead of making it anew: images, what was measured in them, and replies."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from agents.backends.reply_store import ReplyStore
from agents.conversation.results import Result
from tools.errors import RejectError
from tools.files.database import connect_to_read, explained
from tools.functions import ImageTools
from tools.functions.image_tools import MadeImage
from tools.records import Box
from tools.scoring import Scorer
from tools.translation import TranslatorSpec


class StoredImages(ImageTools):
    """The images of a run that are there; none is translated again, nothing is measured again.

    Args:
        scorer: scores candidates, as the run's did.
        run: its folder, which is only read.
        results: of the images that will be asked for, by id.
    """

    def __init__(self, scorer: Scorer, run: Path, results: Mapping[str, Result]) -> None:
        super().__init__(TranslatorSpec("none"), scorer, run)
        self._results = results

    async def translate_image(self, photo: str, image_id: str, boxes: Sequence[Box]) -> MadeImage | None:
        """The image as the run has it.

        Raises:
            RejectError: the run has none, for the reason that it gave then.
        """
        result = self._results[image_id]
        if result.image is None and result.reject is not None and result.reject.stage == "image":
            raise RejectError(result.reject.code, result.reject.reason)
        return None if result.image is None else MadeImage(result.image, result.evidence)


class LayeredReplies(ReplyStore):
    """Replies of try-outs, kept in a file of their own above the run's, which are only read.

    Attributes:
        kept: how many replies came anew since this was opened.
    """

    def __init__(self, path: Path, below: Path) -> None:
        super().__init__(path)
        self._below = below
        self.kept = 0

    def find(self, key: str) -> str | None:
        """The stored reply, of a try-out or of the run."""
        found = super().find(key)
        if found is not None or not self._below.is_file():
            return found
        with explained(self._below), closing(connect_to_read(self._below)) as database:
            tables = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'replies'").fetchone()
            row = tables and database.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def keep(self, key: str, reply: str, image_id: str) -> str:
        """Commit a reply of a try-out."""
        self.kept += 1
        return super().keep(key, reply, image_id)
