"""What made a run, in sentences: an embedded stand-in is named as such wherever a run is shown."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from agents.output.modality import read_modality

if TYPE_CHECKING:
    from tools.prompts.pack_records import Nouns

from tools.registry import BACKENDS, SCORERS, TRANSLATORS

TRAINING = "train"
"""The split that is there to be trained on."""
SAME_MODEL = "Writer and judge are the same model."
SENSOR = "sensor"
"""Kind of the translator of images that need no translation; it stands in for nothing."""


class Maker(NamedTuple):
    """One part that made a run.

    Attributes:
        role: `backend`, `translator` or `scorer`.
        name: as the command line names it, `none` where there is none.
        identity: model, parameters and hashes; may be empty.
        is_embedded: no model stands behind it.
        sentence: what people must know about it.
    """

    role: str
    name: str
    identity: str
    is_embedded: bool
    sentence: str


def _describe_backend(name: str, is_embedded: bool, _: "Nouns") -> str:
    if name in BACKENDS.names() and BACKENDS.get_trait(name, "kind") == "recorded":
        return "Text from replies that were recorded once: a demonstration of a debate, and no measurement."
    if is_embedded:
        return f"Text written by the embedded {name} backend, which is not an LLM."
    return f"Text written by the {name} backend."


def _describe_translator(name: str, is_embedded: bool, nouns: "Nouns") -> str:
    kind = TRANSLATORS.get_trait(name, "kind")
    if kind == "absent":
        return f"No {nouns.images}: the run was made without a translator."
    if kind == "elsewhere":
        return f"{nouns.opening_images} made elsewhere and read from a folder."
    if kind == SENSOR:
        return f"{nouns.opening_images} that a sensor took: nothing is translated."
    if kind == "control":
        return f"{nouns.opening_images} by {name}: {TRANSLATORS.find(name).about}."
    if is_embedded:
        return f"{nouns.opening_images} by the embedded {name}, not a trained translator."
    return f"{nouns.opening_images} by {name}, a trained translator."


def _describe_scorer(name: str, is_embedded: bool, nouns: "Nouns") -> str:
    if SCORERS.get_trait(name, "kind") == "absent":
        return "Candidates are not scored: the first filtered caption is taken."
    if is_embedded:
        return f"Candidates scored by the embedded {name} scorer, which is blind to the image."
    return f"Candidates scored against the {nouns.image} by {name}."


def is_sensor(role: str, name: str) -> bool:
    """Whether a part is the translator of images that a sensor took."""
    return role == "translator" and TRANSLATORS.get_trait(name, "kind") == SENSOR


def describe_splits(source: Mapping[str, Any] | None) -> str:
    """What images of published tests among a run's images mean, empty where there are none or somebody chose them.

    Args:
        source: the part `source` of a manifest.
    """
    splits = (source or {}).get("splits") or {}
    if source is None or source.get("split") or not splits.keys() - {TRAINING}:
        return ""
    shares = ", ".join(f"{name} {count:,}" for name, count in splits.items())
    chosen = TRAINING if TRAINING in splits else next(iter(splits))
    return (
        f"Images of every published split are taken ({source['dataset']}: {shares}): whoever trains on this run has "
        f"seen all of them, and no published test of these parts holds for the model. Take one split with --split, "
        f"e.g. --split {chosen}."
    )


DESCRIBE = {"backend": _describe_backend, "translator": _describe_translator, "scorer": _describe_scorer}


def describe_makers(manifest: dict[str, Any]) -> tuple[Maker, ...]:
    """Backend, translator and scorer of a run, in this order; one that the manifest leaves out counts as `none`."""
    makers, nouns = [], read_modality(manifest).nouns
    for role, describe in DESCRIBE.items():
        entry = manifest.get(role) or {}
        name = str(entry.get("name", "none"))
        is_embedded = bool(entry.get("is_embedded", False)) and not is_sensor(role, name)
        sentence = describe(name, is_embedded, nouns)
        if role == "backend" and manifest.get("judges_itself"):
            sentence += f" {SAME_MODEL}"
        makers.append(Maker(role, name, str(entry.get("identity", "")), is_embedded, sentence))
    return tuple(makers)
