"""Which endpoint a run asked, for whatever asks it again: refilter, and a try-out in the studio."""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from agents.store.run_store import RunStore
from tools.errors import UsageError
from tools.registry import BACKENDS

WAYS = ("base_url", "key_variable")
"""Where the model is served, and the name of the variable with the key for it; never the key."""


def describe_address(settings: Any) -> dict[str, str]:
    """Of a backend's settings how its endpoint is reached, as the run's store keeps it; no export has it.

    A variable that the environment does not have is not written down: somebody may have given the key for its name.
    """
    found = {name: str(value) for name in WAYS if (value := getattr(settings, name, None)) is not None}
    if found.get("key_variable", "") not in os.environ:
        found.pop("key_variable", None)
    return found


def find_address(store: RunStore, backend: str, base_url: str | None) -> dict[str, str]:
    """Settings that reach the run's endpoint, or the one that is named in its place; none for a backend without one.

    The variable of the run's key goes with the run's own endpoint alone: no other is sent its key.

    Raises:
        UsageError: the run is from before that was kept; another endpoint than its own is not asked unbidden.
    """
    if "base_url" not in BACKENDS.find_settings(backend).model_fields:
        return {}
    kept: Mapping[str, Any] = store.read_meta("inputs") or {}
    own = {name: value for name in WAYS if isinstance(value := kept.get(name), str)}
    if base_url is not None and base_url != own.get("base_url"):
        return {"base_url": base_url}
    if "base_url" not in own:
        raise UsageError(f"{store.path.parent}: does not say which endpoint it asked; name it with --base-url")
    return own


def show_address(base_url: str) -> str:
    """An address, or several with commas between, as a page may show it: without name, password and query."""
    parts = (urlsplit(url.strip()) for url in base_url.split(","))
    return ", ".join(f"{each.scheme}://{each.netloc.rpartition('@')[2]}{each.path}" for each in parts)
