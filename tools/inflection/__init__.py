"""Plurals, singulars and "a" or "an" of English nouns: `inflect`'s rules, and a small table of what it gets wrong.

`exceptions.yaml` beside this module is the table. `inflect` is loaded when the first word needs it.
"""

import functools
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

if TYPE_CHECKING:
    import inflect

TABLE = Path(__file__).with_name("exceptions.yaml")
REMEMBERED = 16_384
_PHRASE = re.compile(r"(?P<head>.+?)(?P<rest> (?:of|in|on|with|for|at|from|to) .+)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LOADING = threading.Lock()


class _Table(NamedTuple):
    """What stands in `exceptions.yaml`."""

    plurals: dict[str, str]
    singulars: dict[str, str]
    alike: frozenset[str]
    always_plural: frozenset[str]
    never_plural: frozenset[str]
    never_plural_endings: tuple[str, ...]
    an: frozenset[str]
    an_openings: tuple[str, ...]


@functools.lru_cache(maxsize=REMEMBERED)
def pluralise(noun: str) -> str:
    """Give the plural of a noun or of a phrase: `knife` -> knives, `pair of skis` -> pairs of skis; a plural stays."""
    before, word, after = _split(noun)
    if not word:
        return noun
    lower, table = word.lower(), _read()
    if lower in table.plurals:
        plural = _match_case(word, table.plurals[lower])
    elif lower in table.alike or is_plural(word):
        plural = word
    else:
        plural = _form(word)
    return before + plural + after


@functools.lru_cache(maxsize=REMEMBERED)
def singularise(noun: str) -> str:
    """Give the singular of a noun or of a phrase: `knives` -> knife; what is none, or has none (`scissors`), stays."""
    before, word, after = _split(noun)
    lower, table = word.lower(), _read()
    if lower in table.singulars:
        return before + _match_case(word, table.singulars[lower]) + after
    if not word or lower in table.alike | table.always_plural | table.never_plural or lower in table.plurals:
        return noun
    if lower.endswith(table.never_plural_endings) or not _WORD.fullmatch(word):
        return noun
    return before + str(_load_engine().singular_noun(word) or word) + after


def is_plural(noun: str) -> bool:
    """Whether a noun can be nothing but a plural: knives, scissors; not sheep, glass or bus."""
    return _split(noun)[1].lower() in _read().always_plural or singularise(noun) != noun


@functools.lru_cache(maxsize=REMEMBERED)
def choose_article(text: str) -> str:
    """Give `a` or `an`, by the sound with which a text begins: an hour, an umbrella, a uniform, an SUV."""
    word, table = text.split(maxsplit=1)[0] if text.strip() else "", _read()
    if not word or not word[0].isalnum():
        return "a"
    if word.lower() in table.an or word.startswith(table.an_openings):
        return "an"
    return str(_load_engine().a(word)).partition(" ")[0]


def _form(word: str) -> str:
    """The plural by rule; of what is no word (`4x4`), and of letters (`TV`), with an s."""
    plural = str(_load_engine().plural_noun(word)) if _WORD.fullmatch(word) else ""
    return plural if plural and plural.lower() != f"{word.lower()}s" else f"{word}s"


def _split(noun: str) -> tuple[str, str, str]:
    """What stands before and after the word that takes the ending: the last one before "of", "in", "with"."""
    found = _PHRASE.fullmatch(noun)
    head, rest = (found["head"], found["rest"]) if found else (noun, "")
    before, blank, word = head.rpartition(" ")
    return before + blank, word, rest


def _match_case(word: str, other: str) -> str:
    if word.isupper() and len(word) > 1:
        return other.upper()
    return other[0].upper() + other[1:] if word[0].isupper() else other


@functools.cache
def _read() -> _Table:
    found: dict[str, Any] = yaml.load(TABLE.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    plurals, back = dict(found["plurals"]), dict(found["plural_right"])
    singulars = {plural: singular for singular, plural in (plurals | back).items()}
    return _Table(
        plurals,
        singulars,
        frozenset(found["alike"]),
        frozenset(found["always_plural"]),
        frozenset(found["never_plural"]),
        tuple(found["never_plural_endings"]),
        frozenset(found["an"]),
        tuple(found["an_openings"]),
    )


@functools.cache
def _load_engine() -> "inflect.engine":
    """The rules, without the checks of argument types that it would compile for 1.5 seconds and make at every call."""
    with _LOADING:
        import typeguard

        checked = typeguard.typechecked
        setattr(typeguard, "typechecked", _leave)  # noqa: B010  (mypy knows no other way to put one function there)
        try:
            import inflect
        finally:
            setattr(typeguard, "typechecked", checked)  # noqa: B010
    return inflect.engine()


def _leave(function: Any) -> Any:
    """A decorator that does nothing."""
    return function
