"""What a backend is made from besides its settings, and how it is made in any process."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from agents.backends import Backend, require_caption_judge
from agents.backends.asked.billing import Billing
from agents.backends.reply_store import KeepsReplies, ReplayingBackend
from tools.manifest import hash_code
from tools.prompts.lexicon import Lexicon
from tools.registry import BACKENDS, Choice, EntrySpec, describe_plugins, list_sources, load_plugins

ROOT = Path(__file__).parents[2]


class BackendParts(NamedTuple):
    """What a backend may use.

    Attributes:
        pack: the modality pack: prompts, lexicon and wordings.
        lexicon: the pack's.
        run: the run folder, which image paths are relative to.
        replies: where replies are kept, None when they are not.
        concurrency: images under way at once.
        billing: keeps what replies cost, None where nobody asks.
        gathers: what has no stored reply is not asked but wanted (`agents.backends.asked.wants`).
        askers: processes that ask the endpoint at once, and share its limits.
    """

    pack: Path
    lexicon: Lexicon
    run: Path
    replies: KeepsReplies | None
    concurrency: int
    billing: Billing | None = None
    gathers: bool = False
    askers: int = 1


def spec_backend(choice: Choice, changes: Mapping[str, Any] | None = None) -> EntrySpec:
    """What a user chose, as every process needs it.

    Args:
        changes: settings that take the place of the user's.
    """
    return EntrySpec(choice.name, {**choice.values, **(changes or {})}, list_sources())


def make_backend(spec: EntrySpec, parts: BackendParts, *, judges_captions: bool = False) -> Backend:
    """The backend of a specification, taking its replies from the store where it has them.

    One with the trait `has_own_replies` keeps them itself, in a form of its own; of others every answer is kept. Where
    no model answers, only the same code finds its answers again: after an upgrade nobody is judged by checks of before.

    Args:
        judges_captions: it will be asked to.

    Raises:
        UsageError: no such backend, a setting that it does not use, lacks or cannot take, or it cannot judge captions.
        MissingError: its pack has no prompt for that.
    """
    load_plugins(spec.plugins)
    settings = BACKENDS.read_settings(spec.name, spec.values)
    backend: Backend = BACKENDS.load(spec.name)(settings, parts)
    if judges_captions:
        require_caption_judge(backend)
    if parts.replies is None or BACKENDS.get_trait(spec.name, "has_own_replies"):
        return backend
    return ReplayingBackend(backend, parts.replies, describe_code() if backend.is_embedded else "")


def describe_code() -> str:
    """Which code answers where no model does: this project's, and that of the plugins."""
    plugins = (f" {name} {digest}" for name, digest in sorted(describe_plugins().items()))
    return "".join((hash_code(ROOT / "agents", ROOT / "tools"), *plugins))
