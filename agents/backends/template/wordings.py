"""The wordings of the template backend: read from files that a user may edit, checked, and chosen by a generator."""

import difflib
import hashlib
import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, TypeAdapter, ValidationError

from tools.errors import UsageError
from tools.files.text import TextFault, read_content
from tools.files.yaml_text import decode_yaml
from tools.prompts import DEFAULT_PACK
from tools.records import Record, find_fault

FOLDER = "template"
APPEARANCE_FILE = "appearance.yaml"
NAMED = frozenset(["noun", "plural", "number", "the", "The", "is"])
RELATED = frozenset(["the", "The", "other", "relation", "is"])
SIZED = frozenset(["the", "The", "one", "other"])
LISTED = frozenset(["list", "are"])
INFLECTED = frozenset(["the", "The", "is", "has", "it", "them", "its", "s"])
NOTHING: frozenset[str] = frozenset()
PLACES = (
    "left",
    "right",
    "centre",
    "upper left",
    "upper right",
    "lower left",
    "lower right",
    "upper centre",
    "lower centre",
)
# The lists of each file and the slots that their wordings may use.
WORDING_SLOTS: dict[str, dict[str, frozenset[str]]] = {
    "places": {
        **dict.fromkeys(PLACES, NOTHING),
        "fills": NAMED,
        "covers_large": NOTHING,
        "all_in": frozenset(["All", "where"]),
        "spread": frozenset(["number", "plural", "parts"]),
        **dict.fromkeys(("part_left", "part_right", "part_centre"), NOTHING),
        **dict.fromkeys(("left_of", "right_of", "above", "below"), NOTHING),
    },
    "conversation": {
        "ask_objects": NOTHING,
        **dict.fromkeys(("answer_objects", "answer_objects_more"), LISTED),
        **dict.fromkeys(
            ("ask_count", "answer_one", "answer_many", "answer_crowd", "ask_where", "ask_where_many"), NAMED
        ),
        "answer_where": NAMED | {"where"},
        "ask_action": NOTHING,
        **dict.fromkeys(("ask_relation", "answer_relation"), RELATED),
        **dict.fromkeys(("ask_size", "answer_size"), SIZED),
    },
    "description": {
        "ask": NOTHING,
        "show_phrase": frozenset(["phrase"]),
        "show_sentence": frozenset(["sentence", "Sentence"]),
        "show_words": frozenset(["words"]),
        **dict.fromkeys(("list_all", "list_main"), LISTED),
        "one_is": NAMED | {"where"},
        **dict.fromkeys(("relation", "near"), RELATED),
        "close_empty": NOTHING,
    },
}
THING = frozenset(["the", "The", "is", "has", "it", "them", "its", "s", "Does", "Is"])
TWO = THING | {"other", "are", "one", "two"}
SOME = frozenset(["number", "total", "plural", "are", "s"])
SHOWN = frozenset(["low", "high", "degrees"])
CLAUSE = frozenset(["clause", "Clause"])
MEASURED: dict[str, frozenset[str]] = {
    "sentence": CLAUSE,
    **dict.fromkeys(("brighter", "warm_brighter", "darker", "warm_darker", "mostly_brighter", "mostly_darker"), THING),
    **dict.fromkeys(("some_brighter", "some_darker"), SOME),
    **dict.fromkeys(("all_brighter", "all_darker"), frozenset(["the", "plural", "are"])),
    **dict.fromkeys(("pair_brighter", "warm_pair_brighter"), TWO),
    **dict.fromkeys(("part_left", "part_right", "part_upper", "part_lower"), THING),
    **dict.fromkeys(("third_left", "third_right", "third_upper", "third_lower"), NOTHING),
    "ninths": frozenset(["first", "second"]),
    "ask_ninths": frozenset(["one", "two"]),
    "brightest_place": frozenset(["where"]),
    "brightest_place_in": THING | {"where"},
    **dict.fromkeys(
        ("brightest_object", "warm_brightest_object", "hottest_object", "coldest_object"), THING | {"list"}
    ),
    "object_degrees": THING | SHOWN,
    "difference_degrees": TWO | SHOWN,
    **dict.fromkeys(("image_degrees", "image_mean_degrees"), SHOWN),
    "ask_surroundings": THING,
    "ask_some": frozenset(["plural"]),
    "ask_pair": TWO,
    **dict.fromkeys(("ask_part_across", "ask_part_down"), THING),
    **dict.fromkeys(("ask_third_across", "ask_third_down", "ask_brightest_place"), NOTHING),
    **dict.fromkeys(("ask_brightest_object", "ask_hottest_object", "ask_coldest_object"), frozenset(["list"])),
    "ask_object_degrees": THING | SHOWN,
    "ask_difference_degrees": TWO | SHOWN,
    **dict.fromkeys(("ask_image_degrees", "ask_image_mean_degrees"), SHOWN),
    "caption_things": CLAUSE | {"list", "List"},
    "caption_only_things": frozenset(["list", "List"]),
    "caption_only_clause": CLAUSE,
}
"""The lists of `measured.yaml`, which a pack need not have: then nothing that was measured is put into words."""
MEASURED_FILE = "measured.yaml"
TOPIC_SLOTS = {"ask": NOTHING, "start": NOTHING, "argue": frozenset(["parts"]), "close": NOTHING}


class Background(Record):
    """Wordings of one question of general knowledge, and answers of which each fits all of them."""

    ask: tuple[str, ...] = Field(min_length=1)
    answer: tuple[str, ...] = Field(min_length=1)


class Appearance(Record):
    """What is generally known about how a kind of object appears in the modality; see the head of `appearance.yaml`."""

    classes: tuple[str, ...]
    background: tuple[Background, ...] = Field(min_length=1)
    fact: tuple[str, ...] = Field(min_length=1)
    change: tuple[str, ...] = ()
    trace: tuple[str, ...] = ()


class Topic(Record):
    """A topic of complex reasoning; see the head of `reasoning.yaml`."""

    needs: tuple[str, ...] = ()
    and_needs: tuple[str, ...] = ()
    parts: str
    ask: tuple[str, ...] = Field(min_length=1)
    start: tuple[str, ...] = Field(min_length=1)
    argue: tuple[str, ...] = ()
    close: tuple[str, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Wordings:
    """All wordings.

    Attributes:
        lists: `<file>.<key>` -> wordings.
        background: for images without a known object.
        appearance: by kind of object; the last one is for everything that no other lists.
        topics: of complex reasoning, by id.
        digest: SHA-256 over the files, hexadecimal.
    """

    lists: Mapping[str, tuple[str, ...]]
    background: tuple[Background, ...]
    appearance: Mapping[str, Appearance]
    topics: Mapping[str, Topic]
    digest: str

    @property
    def says_measured(self) -> bool:
        """Whether the pack has words for what is measured in pixels."""
        return "measured.sentence" in self.lists

    def kind_of(self, label: str) -> str:
        """The kind of object that a label belongs to."""
        kinds = (kind for kind, known in self.appearance.items() if label in known.classes)
        return next(kinds, list(self.appearance)[-1])

    def know(self, label: str) -> Appearance:
        """What is generally known about the kind of object that a label belongs to."""
        return self.appearance[self.kind_of(label)]


def load_wordings(prompts_dir: Path) -> Wordings:
    """Read the folder `template` of a modality pack.

    Raises:
        MissingError: a file is not there.
        UsageError: a list is missing or unknown, or a wording uses a slot that its list does not have.
    """
    digest = hashlib.sha256()
    lists: dict[str, tuple[str, ...]] = {}
    background: tuple[Background, ...] = ()
    for name, keys in WORDING_SLOTS.items():
        path = prompts_dir / FOLDER / f"{name}.yaml"
        data = _read(path, digest)
        if name == "conversation":
            background = _parse(path, data.pop("background", ()), tuple[Background, ...])
            _check_background(path, "conversation", background, NOTHING)
        lists |= {f"{name}.{key}": tuple(value) for key, value in _check_lists(path, data, keys).items()}
    path = prompts_dir / FOLDER / MEASURED_FILE
    if path.is_file():
        data = _read(path, digest)
        lists |= {f"measured.{key}": tuple(value) for key, value in _check_lists(path, data, MEASURED).items()}
    appearance = _read_appearance(prompts_dir / FOLDER / APPEARANCE_FILE, digest)
    path = prompts_dir / FOLDER / "reasoning.yaml"
    data = _read(path, digest)
    topics = _parse(path, data.pop("topics", {}), dict[str, Topic])
    stated = _check_lists(path, data, dict.fromkeys(("state_list", "state_main"), LISTED))
    lists |= {f"reasoning.{key}": tuple(value) for key, value in stated.items()}
    _check_topics(path, topics, appearance)
    return Wordings(lists, background, appearance, topics, digest.hexdigest())


def _read(path: Path, digest: Any) -> dict[str, Any]:
    content = read_content(path, f"copy the folder {FOLDER!r} from {DEFAULT_PACK}, or name another pack with --pack")
    try:
        data = decode_yaml(content)
    except TextFault as error:
        raise UsageError(f"{path} is {error}; mend it there") from error
    if not isinstance(data, dict):
        raise UsageError(f"{path}: expected lists of wordings by name, found {type(data).__name__}.")
    digest.update(path.name.encode() + b"\0" + content + b"\0")
    return data


def _check_lists(path: Path, data: dict[str, Any], keys: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    for key in data:
        if key not in keys:
            near = difflib.get_close_matches(str(key), keys, n=1)
            raise UsageError(f"{path}: unknown list {key!r}.{f' Did you mean {near[0]!r}?' if near else ''}")
    for key, slots in keys.items():
        options = data.get(key)
        if not isinstance(options, list) or not options or not all(isinstance(item, str) for item in options):
            raise UsageError(f"{path}: '{key}' must be a list of at least one wording.")
        _check_slots(path, key, options, slots)
    return data


def _check_slots(path: Path, key: str, options: Collection[str], slots: frozenset[str]) -> None:
    for option in options:
        try:
            used = {name for _, name, _, _ in string.Formatter().parse(option) if name is not None}
        except ValueError as error:
            raise UsageError(f"{path}: '{key}': {option!r}: {error}.") from error
        if not used <= slots:
            unknown, legal = ", ".join(sorted(used - slots)), ", ".join(sorted(slots)) or "none"
            raise UsageError(f"{path}: '{key}': {option!r} uses the slot {unknown}; legal here: {legal}.")


def _read_appearance(path: Path, digest: Any) -> dict[str, Appearance]:
    appearance: dict[str, Appearance] = _parse(path, _read(path, digest), dict[str, Appearance])
    for kind, entry in appearance.items():
        _check_background(path, kind, entry.background, INFLECTED)
        for key in ("fact", "change", "trace"):
            _check_slots(path, f"{kind}.{key}", getattr(entry, key), INFLECTED)
    return appearance


def _check_background(path: Path, kind: str, entries: Collection[Background], slots: frozenset[str]) -> None:
    for entry in entries:
        _check_slots(path, f"{kind}.background", (*entry.ask, *entry.answer), slots)


def _check_topics(path: Path, topics: Mapping[str, Topic], appearance: Mapping[str, Appearance]) -> None:
    if not any(not topic.needs and not topic.and_needs for topic in topics.values()):
        raise UsageError(f"{path}: at least one topic must apply to every image (without 'needs' and 'and_needs').")
    for name, topic in topics.items():
        unknown = ", ".join(sorted({*topic.needs, *topic.and_needs} - set(appearance)))
        if unknown:
            raise UsageError(f"{path}: '{name}' needs {unknown}, which {APPEARANCE_FILE} does not have.")
        if topic.parts not in ("fact", "change", "trace") or (topic.parts != "fact" and not topic.argue):
            raise UsageError(f"{path}: '{name}.parts' must be fact, change or trace; the last two also need 'argue'.")
        for key, slots in TOPIC_SLOTS.items():
            _check_slots(path, f"{name}.{key}", getattr(topic, key), slots)


def _parse(path: Path, data: Any, kind: Any) -> Any:
    try:
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as error:
        place, why = find_fault(error)
        raise UsageError(f"{path}: '{place}': {why.lower()}.") from error
