"""Visible to infrared: every translator behind one protocol; their table is `tools.registry.TRANSLATORS`."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tools.registry.choices import Choice
from tools.registry.plugins import list_sources, load_plugins
from tools.registry.tables import TRANSLATORS
from tools.translation.protocol import TranslateRequest, Translator

__all__ = ["TranslateRequest", "Translator", "TranslatorSpec", "make_translator", "spec_translator"]


class TranslatorSpec(NamedTuple):
    """What a translator is made from; it pickles, so that every process can make its own.

    Attributes:
        name: as the table has it.
        values: the settings that a user gave.
        seed: the run's.
        plugins: what a process imports first, so that the table has the name there too.
    """

    name: str
    values: Mapping[str, Any] = {}
    seed: int = 0
    plugins: tuple[str, ...] = ()


def spec_translator(choice: Choice, seed: int = 0) -> TranslatorSpec:
    """What a user chose, as every process needs it.

    Raises:
        UsageError: a setting that it does not use, lacks or cannot take; the message names the flag.
    """
    choice.read()
    return TranslatorSpec(choice.name, dict(choice.values), seed, list_sources())


def make_translator(spec: TranslatorSpec) -> Translator | None:
    """The translator of a specification; None for one that makes no images.

    Raises:
        UsageError: no such translator, or a setting that it does not use, lacks or cannot take.
        MissingError: it lacks its checkpoint or a package.
    """
    load_plugins(spec.plugins)
    settings = TRANSLATORS.read_settings(spec.name, spec.values)
    translator: Translator | None = TRANSLATORS.load(spec.name)(settings, spec.seed)
    return translator
