"""The words for what a modality cannot show: read from a file that a user may edit, found in any text.

lexicon = load_lexicon(DEFAULT_PACK)
lexicon.find("an orange cat beside an orange")     # [Hit(category='colour', start=3, end=9, text='orange')]
"""

import difflib
import functools
import hashlib
import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import Field, ValidationError

from tools.errors import UsageError
from tools.files.text import TextFault, read_content
from tools.files.yaml_text import decode_yaml
from tools.prompts import DEFAULT_PACK
from tools.prompts.lexicon_notation import CAPITAL, EntryPattern, Notation, NotationError
from tools.prompts.pack import Pack, load_pack
from tools.records import Record, Rule, find_fault

LEXICON_FILE = "lexicon.yaml"
SEED_RULES_FILE = "seed_rules.yaml"
FIRST_WORD = re.compile(r"[^\W_]+|[\"“]")
HYPHENATED_BEFORE = re.compile(r"(?:[\w'’]+-){1,4}$")
HYPHENATED_AFTER = re.compile(r"(?:-[\w'’]+){1,4}")
LONGEST_COMPOUND = 60
NAME: Final = ""
"""In place of a category: an entry under `names`."""
CHECKED: Final = {
    "count": "a number of things that the image does not have",
    "position": "a place, side or size of things that is not theirs in the image",
    "object": "a thing that is not in the image",
    "unsupported": "absence, emptiness, distance, what is held, age: stated, and nothing known of the image tells it",
    "coordinates": "coordinates, which an image does not show",
    "source": "the text speaks of captions, boxes, annotations or notes as if it had been given them",
}
"""What a check without a model may name besides the categories of a lexicon, whatever the modality."""


_Row = tuple[str, bool, re.Pattern[str] | None]
"""Category, whether it is kept, pattern (None: the word itself)."""


class Category(Record):
    """One attribute that the modality cannot show.

    Attributes:
        id: key in the file, e.g. `colour`.
        title: for people.
        what: the same in a few words, for the judge; empty: the title says it.
        why: why the modality cannot show it.
        rule: the filtering rule, as an LLM reads it and as mining yields it.
        reason: what the judge says of a word of it, `{hit}`; empty: what the pack says of all categories.
        words, phrases: what names the attribute, in the notation explained in the file.
        keep: uses of those words that are no attribute.
        instead: the neutral noun for an attribute that stands where a noun must be.
    """

    id: str
    title: str
    what: str = ""
    why: str
    rule: str
    reason: str = ""
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    instead: dict[str, str] = Field(default_factory=dict)


class Hit(NamedTuple):
    """An attribute found in a text: `text == whole_text[start:end]`."""

    category: str
    start: int
    end: int
    text: str


_Span = tuple[int, int, str]
"""First and last character of what was matched, and its category."""
REMEMBERED = 4096
"""Texts whose matches are kept at hand: those of the images that are worked on at once."""
REMEMBERED_PAIRS = 16_384
"""Pairs of words of which it is known what may match there."""


class _Entries:
    """The entries of one first word, by the word behind it, compiled when a text has the two."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._entries: list[tuple[str, bool, EntryPattern | None]] = []
        self._rows: dict[str, tuple[_Row, ...]] = {}

    def add(self, category: str, is_kept: bool, pattern: EntryPattern | None) -> None:
        self._entries.append((category, is_kept, pattern))

    def list_before(self, word: str) -> tuple[_Row, ...]:
        """What may match where `word` is the next one."""
        lower = word.lower()
        second = lower if lower in self._known else ""
        is_capital = word[:1] != lower[:1] and CAPITAL in self._known
        key = f"{CAPITAL}{second}" if is_capital else second
        rows = self._rows.get(key)
        if rows is None:
            rows = self._rows[key] = tuple(
                (category, is_kept, None if pattern is None else pattern.compiled)
                for (category, is_kept, pattern), seconds in zip(self._entries, self._seconds, strict=True)
                if seconds is None or second in seconds or (is_capital and CAPITAL in seconds)
            )
        return rows

    @functools.cached_property
    def _seconds(self) -> list[frozenset[str] | None]:
        """For each entry the words that it needs behind the first; None: any."""
        return [None if pattern is None else pattern.list_seconds(self._key) for *_, pattern in self._entries]

    @functools.cached_property
    def _known(self) -> frozenset[str]:
        return frozenset().union(*(seconds for seconds in self._seconds if seconds is not None))


class _Index:
    """Entries by their first word, and what may match at the pairs of words that texts lately had."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entries] = {}
        self._pairs: dict[tuple[str, str], tuple[_Row, ...]] = {}

    def add(self, key: str, category: str, is_kept: bool, pattern: EntryPattern | None) -> None:
        self._entries.setdefault(key, _Entries(key)).add(category, is_kept, pattern)

    def list_rows(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[_Row, ...]]:
        """What may match at each word, given with the one behind it."""
        find = self._pairs.get
        return [found if (found := find(pair)) is not None else self._list_new(pair) for pair in pairs]

    def _list_new(self, pair: tuple[str, str]) -> tuple[_Row, ...]:
        if len(self._pairs) >= REMEMBERED_PAIRS:
            self._pairs.clear()
        entries = self._entries.get(pair[0].lower())
        rows = self._pairs[pair] = entries.list_before(pair[1]) if entries is not None else ()
        return rows


class Lexicon:
    """Finds the attributes of its categories in a text.

    A name ("wine glass", "bright idea") is more than its words: where a name and an attribute share words, the longer
    of the two counts, whatever the category.

    Attributes:
        categories: by id, in the order of the file.
        digest: SHA-256 of the file, hexadecimal.
        pack: the modality that it belongs to.
    """

    def __init__(
        self,
        categories: Mapping[str, Category],
        sets: Mapping[str, list[str]],
        digest: str,
        pack: Pack,
        names: Sequence[str] = (),
    ) -> None:
        """Read all entries.

        Raises:
            NotationError: an entry that cannot be read, named with its category.
        """
        self.categories = dict(categories)
        self.digest = digest
        self.pack = pack
        self._instead = {
            (own.id, _normalise(words)): noun for own in categories.values() for words, noun in own.instead.items()
        }
        self._index = _Index()
        self._names = _Index()
        self._named: dict[str, list[tuple[int, int]]] = {}
        self._matched: dict[str, tuple[list[_Span], list[_Span]]] = {}
        notation = Notation(sets)
        for category in categories.values():
            for entry in (*category.words, *category.phrases):
                self._add(category.id, False, entry, notation)
            for entry in category.keep:
                self._add(category.id, True, entry, notation)
        for entry in names:
            self._add(NAME, True, entry, notation)

    def _add(self, category: str, is_kept: bool, entry: str, notation: Notation) -> None:
        try:
            read = notation.read_entry(entry)
        except NotationError as error:
            raise NotationError(f"{category or 'names'}: the entry {entry!r}: {error}") from error
        index = self._names if category == NAME else self._index
        for keys, pattern in read:
            for key in keys:
                index.add(key, category, is_kept, pattern)

    def find(self, text: str, categories: Collection[str] | None = None) -> list[Hit]:
        """Find the attributes of some categories (all by default), sorted by place, without overlaps.

        Where two entries start at the same place the longer one counts. A hyphenated compound counts whole:
        "blue-eyed".
        """
        found, kept = self._match(text, categories)
        return _choose(text, found, kept) if found else []

    def find_categories(self, text: str) -> set[str]:
        """The categories that `text` names, each by itself: "black and white photo" is colour and photo style."""
        found, kept = self._match(text, None)
        return {
            name
            for name in {category for *_, category in found}
            if _choose(text, [s for s in found if s[2] == name], [s for s in kept if s[2] in (name, NAME)])
        }

    def find_names(self, text: str) -> list[tuple[int, int]]:
        """Where names of several words stand, of which no single word means what it usually does."""
        named = self._named.get(text)
        if named is None:
            if len(self._named) >= REMEMBERED:
                self._named.clear()
            spans = self._scan(text, self._names)
            named = self._named[text] = [(start, end) for start, end, _, _ in spans]
        return named

    def _scan(self, text: str, index: _Index) -> Iterator[tuple[int, int, str, bool]]:
        """Every match of an index: first and last character, category, whether it is kept."""
        texts = FIRST_WORD.findall(text)
        rows = index.list_rows(itertools.pairwise((*texts, "")))
        if not any(rows):
            return
        for word, own in zip(FIRST_WORD.finditer(text), rows, strict=True):
            start, end = word.span()
            if not own or (start and text[start - 1] == "_"):
                continue
            for category, is_kept, pattern in own:
                if pattern is not None:
                    match = pattern.match(text, start)
                    if match:
                        yield (*match.span("hit"), category, is_kept)
                elif text[end : end + 1] != "_":
                    yield start, end, category, is_kept

    def _match(self, text: str, categories: Collection[str] | None) -> tuple[list[_Span], list[_Span]]:
        """What is found and what is kept; one text is looked at several times in a row, under different rules."""
        matched = self._matched.get(text)
        if matched is None:
            if len(self._matched) >= REMEMBERED:
                self._matched.clear()
            matched = self._matched[text] = self._match_all(text)
        found, kept = matched
        if categories is not None:
            found = [span for span in found if span[2] in categories]
            kept = [span for span in kept if span[2] in categories or span[2] == NAME]
        return found, kept

    def _match_all(self, text: str) -> tuple[list[_Span], list[_Span]]:
        found: list[_Span] = []
        kept: list[_Span] = []
        for start, end, category, is_kept in self._scan(text, self._index):
            (kept if is_kept else found).append((start, end, category))
        if found:
            kept += [(*span, NAME) for span in self.find_names(text)]
        return found, kept

    def list_faults(self) -> dict[str, str]:
        """Every kind of fault that a check may name, and what it is: the one list for checks, prompts, documents."""
        return {own.id: own.what or own.title for own in self.categories.values()} | CHECKED

    def name_instead(self, category: str, words: str) -> str | None:
        """Give the neutral noun that may stand for `words`, or None."""
        return self._instead.get((category, _normalise(words)))


def load_lexicon(prompts_dir: Path) -> Lexicon:
    """Read `lexicon.yaml` of a modality pack, and its `modality.yaml`, whose words the checks need as well.

    Raises:
        MissingError: there is no such file.
        UsageError: the file is not as its own head describes; the message names the key.
    """
    path = prompts_dir / LEXICON_FILE
    return _build_lexicon(path, _read_bytes(path), load_pack(prompts_dir))


@functools.lru_cache(maxsize=4)
def _build_lexicon(path: Path, content: bytes, pack: Pack) -> Lexicon:
    """Built once for each content: a run asks for it in several places, and it takes a while."""
    data = _parse_yaml(path, content)
    digest = hashlib.sha256(content).hexdigest()
    _refuse_unknown(path, "", data, ("sets", "names", "categories"))
    sets = _read_sets(path, data.get("sets", {}))
    names = _read_names(path, data.get("names", []))
    entries = data.get("categories")
    if not isinstance(entries, dict) or not entries:
        raise UsageError(
            f"{path}: 'categories' must name at least one category, as 'colour: {{title: ..., rule: ...}}'."
        )
    try:
        categories = {key: _read_category(path, key, value) for key, value in entries.items()}
        return Lexicon(categories, sets, digest, pack, names)
    except NotationError as error:
        raise UsageError(f"{path}: {error}. The head of the file explains the notation.") from error


def load_seed_rules(prompts_dir: Path) -> tuple[Rule, ...]:
    """Read `seed_rules.yaml` of a modality pack: the rules a run starts with, `seed-1` first (paper 3.1).

    Raises:
        MissingError: there is no such file.
        UsageError: a key that is not known, or a category that the lexicon does not have.
    """
    path = prompts_dir / SEED_RULES_FILE
    data = _parse_yaml(path, _read_bytes(path))
    _refuse_unknown(path, "", data, ("rules",))
    categories = load_lexicon(prompts_dir).categories
    rows = data.get("rules") or []
    if not isinstance(rows, list):
        raise UsageError(f"{path}: 'rules' must be a list of {{category, text}}.")
    return tuple(_read_rule(path, number, row, categories) for number, row in enumerate(rows, 1))


def _normalise(words: str) -> str:
    return " ".join(words.lower().replace("-", " ").split())


def _choose(text: str, found: list[tuple[int, int, str]], kept: list[tuple[int, int, str]]) -> list[Hit]:
    spans = []
    for start, end, category in found:
        if not any(
            begin < end and start < stop and (kind == category or (kind == NAME and stop - begin >= end - start))
            for begin, stop, kind in kept
        ):
            spans.append((*_extend_over_hyphens(text, start, end), category))
    spans.sort(key=lambda span: (span[0], -span[1]))
    hits: list[Hit] = []
    for start, end, category in spans:
        if not hits or start >= hits[-1].end:
            hits.append(Hit(category, start, end, text[start:end]))
    return hits


def _extend_over_hyphens(text: str, start: int, end: int) -> tuple[int, int]:
    if start and text[start - 1] == "-":
        before = HYPHENATED_BEFORE.search(text, max(0, start - LONGEST_COMPOUND), start)
        start = before.start() if before else start
    after = HYPHENATED_AFTER.match(text, end) if text[end : end + 1] == "-" else None
    return start, after.end() if after else end


def _read_bytes(path: Path) -> bytes:
    return read_content(path, f"copy it from {DEFAULT_PACK}, or name another folder with --pack")


def _parse_yaml(path: Path, content: bytes) -> dict[str, Any]:
    """Read a mapping whose scalars all stay text: in plain YAML the word "on" would become True."""
    try:
        data = decode_yaml(content, is_all_text=True)
    except TextFault as error:
        raise UsageError(f"{path} is {error}; mend it there") from error
    if not isinstance(data, dict):
        raise UsageError(f"{path}: expected keys and values, found {type(data).__name__}.")
    return data


def _refuse_unknown(path: Path, place: str, data: Mapping[str, Any], legal: Collection[str]) -> None:
    for key in data:
        if key not in legal:
            nearest = difflib.get_close_matches(key, legal, n=1, cutoff=0.3)
            hint = f"Did you mean {nearest[0]!r}? " if nearest else ""
            raise UsageError(f"{path}: unknown key {place + key!r}. {hint}Legal keys here: {', '.join(legal)}.")


def _read_sets(path: Path, data: Any) -> dict[str, list[str]]:
    if not isinstance(data, dict):
        raise UsageError(f"{path}: 'sets' must map names to lists of words.")
    for name, items in data.items():
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise UsageError(f"{path}: 'sets.{name}' must be a list of words.")
    return data


def _read_names(path: Path, data: Any) -> list[str]:
    if not isinstance(data, list) or not all(isinstance(item, str) for item in data):
        raise UsageError(f"{path}: 'names' must be a list of entries such as 'wine glass(es)'.")
    return data


def _read_category(path: Path, key: str, value: Any) -> Category:
    if not isinstance(value, dict):
        raise UsageError(f"{path}: 'categories.{key}' must hold title, why, rule and words.")
    _refuse_unknown(path, f"categories.{key}.", value, [name for name in Category.model_fields if name != "id"])
    try:
        return Category.model_validate({"id": key, **value})
    except ValidationError as error:
        place, why = find_fault(error)
        raise UsageError(f"{path}: 'categories.{key}.{place}': {why.lower()}.") from error


def _read_rule(path: Path, number: int, row: Any, categories: Mapping[str, Category]) -> Rule:
    if not isinstance(row, dict):
        raise UsageError(f"{path}: rule {number} must be {{category, text}}.")
    _refuse_unknown(path, f"rules[{number}].", row, ("category", "text"))
    missing = [key for key in ("category", "text") if not isinstance(row.get(key), str) or not row[key].strip()]
    if missing:
        raise UsageError(f"{path}: rule {number} has no {missing[0]!r}.")
    if row["category"] not in categories:
        nearest = difflib.get_close_matches(row["category"], categories, n=1, cutoff=0.3)
        hint = f"Did you mean {nearest[0]!r}? " if nearest else ""
        raise UsageError(
            f"{path}: rule {number} has the category {row['category']!r}, which {LEXICON_FILE} does not have. "
            f"{hint}Its categories: {', '.join(categories)}."
        )
    return Rule(id=f"seed-{number}", text=row["text"].strip(), category=row["category"], origin="seed")
