"""A modality is a folder of text, a pack: `modality.yaml` says how it is called and what its images show.

    pack = load_pack(DEFAULT_PACK)
    pack.nouns.an_image                 # "a depth image", for instance
    pack.bands["near"].physics

Lexicon, seed rules, prompts and wordings stand beside it in files of their own, each with its own reader.
"""

import difflib
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from tools.errors import MissingError, UsageError
from tools.files.text import TextFault
from tools.files.yaml_text import decode_yaml
from tools.prompts import DEFAULT_PACK
from tools.prompts.pack_records import (
    Band,
    CardText,
    CheckWords,
    Defaults,
    Nouns,
    Objections,
    Polarity,
    Questions,
    ReportText,
    ToolText,
)
from tools.records import Record

PACK_FILE = "modality.yaml"


class PackText(Record):
    """What exports, cards and reports say of the modality; a run keeps it (`tools.prompts.frozen`).

    Attributes:
        name: short name, lower case; the tag of cards and the name of the folder as a rule.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
    nouns: Nouns
    cards: CardText
    report: ReportText
    polarity: Polarity
    questions: Questions


class Pack(PackText):
    """`modality.yaml`.

    Attributes:
        bands: id -> kind of sensor; the first is meant where none is named.
        readers: names of the readers of its measured files, besides plain images.
    """

    bands: Mapping[str, Band] = Field(min_length=1)
    objections: Objections
    tools: ToolText
    defaults: Defaults
    words: CheckWords = CheckWords()
    readers: tuple[str, ...] = ()

    def __hash__(self) -> int:
        """Equal packs have equal names; pydantic's own hash fails at mappings."""
        return hash(self.name)


def load_pack(folder: Path) -> Pack:
    """Read and check `modality.yaml` of a pack.

    Raises:
        MissingError: there is no such folder or file.
        UsageError: an unknown key (with the nearest legal one), a missing one, or a value that cannot be used.
    """
    if not folder.is_dir():
        raise MissingError(
            f"{folder}: no such modality pack; run from the root of the checkout, or copy {DEFAULT_PACK} and name the "
            "copy with --pack"
        )
    path = folder / PACK_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise MissingError(
            f"{path} is missing: it says how the modality is called; copy it from {DEFAULT_PACK} and edit it"
        ) from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); check its rights") from error
    return _parse_pack(path, content)


@functools.lru_cache(maxsize=8)
def _parse_pack(path: Path, content: bytes) -> Pack:
    """Parsed once for each content: a run asks for it in several places."""
    try:
        data = decode_yaml(content)
    except TextFault as error:
        raise UsageError(f"{path} is {error}; mend it there") from error
    if not isinstance(data, dict):
        raise UsageError(f"{path}: expected keys and values such as `name: depth`, found {type(data).__name__}")
    try:
        pack = Pack.model_validate(data)
    except ValidationError as error:
        raise UsageError(f"{path}: {explain_fault(error, Pack)}") from error
    _check_polarity(path, pack.polarity)
    _check_slots(path, "report.lead", pack.report.lead, photographs=1, instructions=1)
    _check_slots(path, "objections.lexicon", pack.objections.lexicon, hit="x", category="x")
    return pack


def _check_polarity(path: Path, polarity: Polarity) -> None:
    for place, value in (("default", polarity.default), *((f"opposite.{k}", v) for k, v in polarity.opposite.items())):
        if value not in polarity.names:
            known = ", ".join(polarity.names)
            raise UsageError(f"{path}: `polarity.{place}` is `{value}`, which polarity.names does not have ({known})")


def _check_slots(path: Path, key: str, text: str, **slots: object) -> None:
    try:
        text.format(**slots)
    except (KeyError, IndexError, ValueError) as error:
        legal = ", ".join(f"{{{slot}}}" for slot in slots)
        raise UsageError(f"{path}: `{key}` is {text!r}; it may use {legal} and no other braces") from error


def explain_fault(error: ValidationError, model: type[BaseModel]) -> str:
    """The first fault that was found in data for `model`, in a sentence."""
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"])) or "the file"
    if first["type"] == "missing":
        return f"`{place}` is missing; {DEFAULT_PACK}/README.md says what it means"
    if first["type"] == "extra_forbidden":
        legal = _list_legal(model, first["loc"][:-1])
        near = difflib.get_close_matches(str(first["loc"][-1]), legal, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`? " if near else ""
        return f"unknown key `{place}`; {hint}Legal here: {', '.join(legal)}"
    return f"`{place}`: {first['msg'][0].lower()}{first['msg'][1:]}"


def _list_legal(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand at a place of the file; entries of a mapping have any name."""
    found: Any = model
    for key in place:
        is_record = isinstance(found, type) and issubclass(found, BaseModel)
        found = found.model_fields[str(key)].annotation if is_record else get_args(found)[-1]
    return list(found.model_fields)
