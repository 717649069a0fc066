"""The endpoint's key, looked for before a command begins any work."""

from pathlib import Path

from agents.config import RunConfig, place_key


def ready_key(config: RunConfig, *runs: Path) -> None:
    """Put a given key in its place, and miss one that is wanted now rather than after the data was read.

    Args:
        runs: folders of runs that go on: where replies are stored, a question may need no endpoint, and no key.

    Raises:
        MissingError: there is no key, and a server elsewhere wants one.
        UsageError: it holds characters that cannot be sent.
    """
    place_key(config)
    make_endpoint = getattr(config.choose("backend").read(), "make_endpoint", None)
    is_by_hand = getattr(config.choose("transport").read(), "carrier", "") == "files"
    if make_endpoint is None or is_by_hand or any((run / "replies.sqlite").exists() for run in runs):
        return
    from tools.endpoint.connection import find_key

    find_key(make_endpoint(config.concurrency))
