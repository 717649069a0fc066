"""A run that is looked at: its store read and never written, and where its pictures lie."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.conversation.results import Result
from agents.output.modality import read_modality
from agents.output.report.pictures import find_photo_root
from agents.store.run_store import RunStore
from tools.files.database import is_live
from tools.manifest import is_registered
from tools.prompts.frozen import FrozenPack
from tools.web import FindPicture, Place


class OpenRun:
    """A run's folder, for many requests at once: each thread has a connection of its own.

    Args:
        folder: of the run; it may be read-only, and nothing is written into it.
        images: where the photographs are, in place of the folder that the run names.

    Raises:
        MissingError: no run there.
        ToolkitError: its store is damaged or of another schema.
    """

    def __init__(self, folder: Path, images: Path | None = None) -> None:
        self.folder = folder
        self._own = threading.local()
        self.photo_root = find_photo_root(folder, self.store.read_meta("photo_root"), images)
        self.source = self.store.read_meta("source")
        self.modality: FrozenPack = read_modality({"pack": self.store.read_meta("pack")})

    @property
    def store(self) -> RunStore:
        """This thread's connection, made anew when the store was written meanwhile by a run that goes on."""
        path = self.folder / "run.sqlite"
        state = (is_live(path), path.stat().st_mtime_ns if path.exists() else 0)
        if getattr(self._own, "state", None) != state:
            self._own.store, self._own.state = RunStore(self.folder, only_reads=True), state
        store: RunStore = self._own.store
        return store

    def has_photograph(self, result: Result) -> bool:
        """Whether a photograph belongs to an image; not so where a sensor took the image alone."""
        return self.source is None or is_registered(self.source, result.image_id, result.photo)

    @property
    def pictures(self) -> Mapping[str, FindPicture]:
        """Where the photograph and the image of an id lie."""
        return {"photo": self._find_photo, "image": self._find_image}

    def _find_photo(self, image_id: str) -> Place | None:
        photo = self._read_path(image_id, "photo")
        return Place(self.photo_root, photo) if photo and self.photo_root is not None else None

    def _find_image(self, image_id: str) -> Place | None:
        image = self._read_path(image_id, "image")
        return Place(self.folder, image) if image else None

    def _read_path(self, image_id: str, name: str) -> str | None:
        query = f"SELECT json_extract(result, '$.{name}') FROM results WHERE image_id = ?"
        rows = self.store.query(query, (image_id,))
        found: Any = rows[0][0] if rows else None
        return found if isinstance(found, str) else None
