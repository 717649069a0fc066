"""Where the studio keeps what it makes of a run: never in the run's folder, but in one of its own."""

import os
from pathlib import Path

from agents.studio.index.build import INDEX_FILE
from tools.files import Claim
from tools.files.inside import real_path
from tools.manifest import hash_bytes

TRIALS = "trials"
"""The folder in it with the replies to tried prompts, and what they cost."""
KEEP = Claim("studio", "python -m agents serve", places=(f"{INDEX_FILE}*", TRIALS), flag="--out")


def find_keep(run: Path) -> Path:
    """The usual folder for a run: in the user's cache, by the run's place."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    place = hash_bytes(os.fsencode(real_path(run)))
    return Path(cache) / "infrared-llava-toolkit" / "studio" / f"{run.resolve().name}-{place}"
