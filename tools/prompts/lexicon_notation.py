"""The notation of lexicon entries, made into regular expressions.

A pattern is tried only where its first word stands. The notation is explained at the top of every `lexicon.yaml` that
ships. Every repetition of words has an upper bound, so that no input makes a pattern slow.
"""

import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

GAP = r"[\s\-]+"
QUOTE = r"(?:[\"“][^\"“”\n]{1,80}[\"”]|['‘][^'‘’\n]{1,40}['’](?!\w))"
CAPITALS = r"(?-i:[A-Z][\w&'’]*)"
CLAUSE_END = r"(?=\s*(?:[.,;:!?)\]]|$))"
CAPITAL = "A"
"""In place of a second word: any that begins with a capital letter."""
QUOTE_KEYS = frozenset('"“')

ONE = r"[^\s<>(){}|?+*,.!]+(?:\([^\s()]*\))?"
WORDS = rf"{ONE}(?: {ONE})*"
LEXEME = re.compile(rf"\s*(\.\.\.|!\(|\({WORDS}(?:\|{WORDS})*\)|[<>(){{}}|.,]|[?+*]|{ONE})")
"""A group of plain words is one lexeme: most groups are such, and they are read faster so."""
WORD_WITH_ENDINGS = re.compile(r"(?P<stem>[^()]+)(?:\((?P<endings>[^()]*)\))?")
KEY = re.compile(r"[^\W_]+")
OPTION = re.compile(WORDS)
PLAIN = re.compile(r"([^\W_]+)(?:\(([^\W_]*(?:\|[^\W_]*)*)\))?")
"""A single word with its endings, as most entries are."""
END = ""
"""In place of a lexeme, where there is no further one."""
REPEATS = frozenset("?+*")
CLOSING = frozenset("})|?+*")
PLAIN_WORDS = re.compile(r"[\w'’&+-]+(?: [\w'’&+-]+)*")
"""Several words without a sign among them, as most names of makers are."""
SIGNS = frozenset([".", ",", "...", "REST", "QUOTE", "CAPITALS", "DIGITS", "WORD"])


class NotationError(ValueError):
    """An entry that cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True)
class EntryPart:
    """One element of an entry: a word, a group or a sign, its repetition, and whether the hit opens or closes here."""

    kind: str
    text: str = ""
    options: tuple[tuple["EntryPart", ...], ...] = ()
    repeat: str = ""
    is_opening: bool = False
    is_closing: bool = False


class EntryPattern:
    """What an entry matches, compiled when a text first asks for it: most words of a lexicon stand in no text of a run.

    Attributes:
        source: the regular expression; its group `hit` is the attribute.
    """

    def __init__(self, parts: Sequence[EntryPart], sets: Mapping[str, Sequence[str]]) -> None:
        """Remember what is to be compiled."""
        self._parts = tuple(parts)
        self._sets = sets

    def list_seconds(self, key: str) -> frozenset[str] | None:
        """The words, or CAPITAL, that may follow the first word `key` where the entry matches; None: any."""
        try:
            return frozenset(_list_seconds(self._parts, key))
        except _AnyWordError:
            return None

    @functools.cached_property
    def source(self) -> str:
        """Written out."""
        body = _render(self._parts, self._sets, is_first=True)
        has_mark = any(part.is_opening for part in self._parts)
        return body + r"(?!\w)" if has_mark else f"(?P<hit>{body})(?!\\w)"

    @functools.cached_property
    def compiled(self) -> re.Pattern[str]:
        """Compiled."""
        return re.compile(self.source, re.IGNORECASE)


class Entry(NamedTuple):
    """An entry that was read.

    Attributes:
        keys: lower-case first words under which it can begin (a quotation mark for quoted text).
        pattern: to be matched where such a word stands. None: the key is the hit.
    """

    keys: frozenset[str]
    pattern: EntryPattern | None


class Notation:
    """Reads entries that may name the same sets; what a set holds is read once."""

    def __init__(self, sets: Mapping[str, Sequence[str]]) -> None:
        """Take the sets by name."""
        self._sets = sets
        self._read: dict[str, tuple[tuple[EntryPart, ...], ...]] = {}

    def read_entry(self, entry: str) -> list[Entry]:
        """Read one entry; it becomes several when its first word may be missing.

        Raises:
            NotationError: brackets that do not match, an unknown set, an entry without a first word.
        """
        plain = PLAIN.fullmatch(entry)
        if plain is not None and entry not in SIGNS:
            stem = plain[1].lower()
            return [Entry(frozenset([stem, *(stem + ending for ending in (plain[2] or "").split("|"))]), None)]
        words = entry.split()
        if PLAIN_WORDS.fullmatch(entry) and SIGNS.isdisjoint(words):
            key = KEY.search(words[0])
            if key is not None:
                pattern = EntryPattern([EntryPart("word", word) for word in words], self._sets)
                return [Entry(frozenset([key[0].lower()]), pattern)]
        parts = _Reader(entry, self).read()
        return [_read_parts(variant, self._sets) for variant in _spell_out_optional_starts(parts)]

    def read_set(self, name: str) -> tuple[tuple[EntryPart, ...], ...]:
        """The items of a set.

        Raises:
            NotationError: there is no such set, or one of its items cannot be read.
        """
        if name not in self._sets:
            raise NotationError(f"there is no set {name!r}; the sets are: {', '.join(self._sets)}")
        if name not in self._read:
            self._read[name] = tuple(_Reader(item, self).read() for item in self._sets[name])
        return self._read[name]


@functools.cache
def _make_word(lexeme: str) -> EntryPart:
    """A word, which is the same wherever it stands."""
    return EntryPart(lexeme) if lexeme in SIGNS else EntryPart("word", lexeme)


@functools.cache
def _make_group(lexeme: str) -> EntryPart:
    """A group of plain words: "(a|an|each of the)"."""
    options = tuple(tuple(map(_make_word, option.split(" "))) for option in _cut(lexeme[1:-1]))
    return EntryPart("group", options=options)


def _cut(text: str) -> list[str]:
    """What `|` parts, outside of endings: "tree(s|d)|bush"."""
    return OPTION.findall(text) if "(" in text else text.split("|")


class _Reader:
    """Reads an entry's lexemes into parts."""

    def __init__(self, entry: str, notation: Notation) -> None:
        self.entry = entry
        self.notation = notation
        self.lexemes = self._split(entry)
        self.position = 0

    def _split(self, entry: str) -> list[str]:
        found = LEXEME.findall(entry)
        if "".join("".join(found).split()) == "".join(entry.split()):
            return [*found, END]
        lexemes, position = [], 0
        while position < len(entry.rstrip()):
            match = LEXEME.match(entry, position)
            if match is None:
                raise NotationError(f"cannot read {entry[position:]!r}")
            lexemes.append(match[1])
            position = match.end()
        raise AssertionError(f"{entry!r} is read in one way and not in another")  # the loop above raises

    def read(self) -> tuple[EntryPart, ...]:
        parts = self._sequence(until=())
        if self._peek() != END:
            raise NotationError(f"unexpected {self.lexemes[self.position]!r}")
        if not parts:
            raise NotationError("it is empty")
        if sum(part.is_opening for part in parts) != sum(part.is_closing for part in parts):
            raise NotationError("'<' and '>' do not match")
        return parts

    def _peek(self) -> str:
        return self.lexemes[self.position]

    def _take(self) -> str:
        lexeme = self.lexemes[self.position]
        self.position += lexeme != END
        return lexeme

    def _sequence(self, until: tuple[str, ...]) -> tuple[EntryPart, ...]:
        parts: list[EntryPart] = []
        is_opening = False
        while self._peek() and self._peek() not in until:
            lexeme = self._take()
            if lexeme == "<":
                is_opening = True
            elif lexeme == ">":
                if not parts:
                    raise NotationError("'>' closes nothing")
                parts[-1] = replace(parts[-1], is_closing=True)
            else:
                part = self._part(lexeme)
                parts.append(replace(part, is_opening=True) if is_opening else part)
                is_opening = False
        return tuple(parts)

    def _part(self, lexeme: str) -> EntryPart:
        is_group = lexeme[0] == "(" and len(lexeme) > 1
        if is_group or lexeme[0].isalnum():
            part = _make_group(lexeme) if is_group else _make_word(lexeme)
            return replace(part, repeat=self._take()) if self._peek() in REPEATS else part
        if lexeme in CLOSING:
            raise NotationError(f"unexpected {lexeme!r}")
        if lexeme == "(":
            part = EntryPart("group", options=self._options())
        elif lexeme == "!(":
            part = EntryPart("not", options=self._options())
        elif lexeme == "{":
            part = EntryPart("group", options=self._set_options())
        elif lexeme in SIGNS:
            part = EntryPart(lexeme)
        else:
            part = EntryPart("word", lexeme)
        return replace(part, repeat=self._take()) if self._peek() in REPEATS else part

    def _options(self) -> tuple[tuple[EntryPart, ...], ...]:
        options = [self._sequence(until=("|", ")"))]
        while self._peek() == "|":
            self._take()
            options.append(self._sequence(until=("|", ")")))
        if self._take() != ")":
            raise NotationError("a '(' is not closed")
        return tuple(options)

    def _set_options(self) -> tuple[tuple[EntryPart, ...], ...]:
        name = self._take()
        if self._take() != "}":
            raise NotationError("a '{' is not closed")
        return self.notation.read_set(name)


def _spell_out_optional_starts(parts: tuple[EntryPart, ...]) -> list[tuple[EntryPart, ...]]:
    """Write an optional part at the start of the entry, or of the hit, as two entries: with it and without it."""
    for index, part in enumerate(parts):
        if part.repeat in ("?", "*") and (index == 0 or part.is_opening):
            present = replace(part, repeat="" if part.repeat == "?" else "+")
            following = replace(parts[index + 1], is_opening=parts[index + 1].is_opening or part.is_opening)
            rest = parts[index + 1 :]
            return [
                *_spell_out_optional_starts((*parts[:index], present, *rest)),
                *_spell_out_optional_starts((*parts[:index], following, *rest[1:])),
            ]
    return [parts]


def _read_parts(parts: tuple[EntryPart, ...], sets: Mapping[str, Sequence[str]]) -> Entry:
    keys = frozenset(_first_keys(parts))
    if not keys:
        raise NotationError("it must begin with a word, a set or QUOTE")
    if _is_single_word(parts):
        return Entry(keys, None)
    pattern = EntryPattern(parts, sets)
    opened, closed = sum(part.is_opening for part in parts), sum(part.is_closing for part in parts)
    if _has_inner_marks(parts) or opened > 1 or opened != closed:
        try:  # only such an entry may make no pattern: what it names is escaped
            pattern.compiled  # noqa: B018 - compiled here for its fault
        except re.error as error:
            why = f"it makes no pattern ({error.msg}); `<` and `>` stand once, around whole words"
            raise NotationError(why) from error
    return Entry(keys, pattern)


def _has_inner_marks(parts: tuple[EntryPart, ...]) -> bool:
    """Whether `<` or `>` stands inside a group."""
    inner = [part for group in parts for option in group.options for part in option]
    return any(part.is_opening or part.is_closing for part in inner) or (bool(inner) and _has_inner_marks(tuple(inner)))


def _is_single_word(parts: tuple[EntryPart, ...]) -> bool:
    (first, *rest) = parts
    return not rest and first.kind == "word" and all(KEY.fullmatch(form) for form in _forms(first.text))


@functools.cache
def _forms(word: str) -> list[str]:
    match = WORD_WITH_ENDINGS.fullmatch(word)
    if match is None:
        raise NotationError(f"cannot read the word {word!r}")
    stem = match["stem"].lstrip("=")
    return [stem, *(stem + ending for ending in (match["endings"] or "").split("|") if ending)]


def _first_keys(parts: tuple[EntryPart, ...]) -> set[str]:
    first = parts[0]
    if first.kind == "word":
        starts = [KEY.search(form) for form in _forms(first.text)]
        return {start[0].lower() for start in starts if start}
    if first.kind == "QUOTE":
        return set(QUOTE_KEYS)
    return {key for option in first.options if first.kind == "group" and option for key in _first_keys(option)}


class _AnyWordError(Exception):
    """What comes next is not known: quoted text, "...", the end of a clause."""


def _list_seconds(parts: tuple[EntryPart, ...], key: str) -> Iterator[str]:
    """The second words of what begins with `key`."""
    first, *rest = parts
    if first.kind == "word":
        for form in _forms(first.text):
            own, *more = KEY.findall(form.lower())
            if own == key:
                yield from more[:1] or _list_heads(tuple(rest))
    elif first.kind == "group":
        again = (replace(first, repeat="*"),) if first.repeat in ("+", "*") else ()
        for option in first.options:
            if option and key in _first_keys(option):
                yield from _list_seconds((*option, *again, *rest), key)
    else:
        raise _AnyWordError


def _list_heads(parts: tuple[EntryPart, ...]) -> Iterator[str]:
    """The words with which what the parts match may begin."""
    for place, part in enumerate(parts):
        if part.kind == "not":
            continue
        if part.kind == "group":
            if any(not option for option in part.options):
                raise _AnyWordError
            for option in part.options:
                yield from _list_heads((*option, *parts[place + 1 :]) if option[0].repeat else option)
        elif part.kind == "word":
            for form in _forms(part.text.lower()):
                yield from _first_words(form)
        elif part.kind == "CAPITALS":
            yield CAPITAL
        else:
            raise _AnyWordError
        if part.repeat not in ("?", "*"):
            return
    raise _AnyWordError


def _first_words(form: str) -> set[str]:
    """The first word of a form, which may be written without its apostrophe."""
    written = (KEY.match(form), KEY.match(form.replace("'", "")))
    if None in written:
        raise _AnyWordError
    return {found[0] for found in written if found}


def _render(parts: tuple[EntryPart, ...], sets: Mapping[str, Sequence[str]], is_first: bool) -> str:
    pieces = []
    for index, part in enumerate(parts):
        starts_here = is_first and index == 0
        if part.is_opening and not starts_here:
            pieces.append(GAP + "(?P<hit>" + _render_part(part, sets, True))
        else:
            pieces.append(("(?P<hit>" if part.is_opening else "") + _render_part(part, sets, starts_here))
        if part.is_closing:
            pieces.append(")")
    return "".join(pieces)


def _render_part(part: EntryPart, sets: Mapping[str, Sequence[str]], is_first: bool) -> str:
    lead = "" if is_first else GAP
    if part.kind == "group":
        return _render_group(part, sets, is_first)
    if part.kind == "not":
        return rf"(?!{_render_options(part.options, sets, is_first)}(?!\w))"
    match part.kind:
        case ".":
            body = CLAUSE_END
        case ",":
            body = r"\s*,"
        case "QUOTE":
            body = QUOTE if is_first else rf",?\s*{QUOTE}"
        case "CAPITALS":
            body = lead + CAPITALS
        case "DIGITS" | "WORD":
            body = lead + (r"\d{1,6}" if part.kind == "DIGITS" else r"[^\W_][\w'’-]*")
        case "...":
            body = _render_following(sets.get("stop", ()), 8)
        case "REST":
            body = _render_following(sets.get("stop_rest", ()), 20)
        case _:
            body = lead + _render_word(part.text)
    return f"(?:{body})?" if part.repeat == "?" else body


def _render_group(part: EntryPart, sets: Mapping[str, Sequence[str]], is_first: bool) -> str:
    body = _render_options(part.options, sets, is_first)
    if part.repeat == "":
        return body
    if part.repeat == "?":
        return f"(?:{body})?"
    again = _render_options(part.options, sets, False)
    if is_first:
        return f"{body}(?:{again}){{0,7}}"
    return f"(?:{again}){{{'1' if part.repeat == '+' else '0'},8}}"


def _render_options(options: Sequence[tuple[EntryPart, ...]], sets: Mapping[str, Sequence[str]], is_first: bool) -> str:
    """Any of them; the gap before words that follow each other is written once, as such a pattern compiles sooner."""
    pieces = []
    for is_word, run in itertools.groupby(options, _is_word_only):
        if is_word:
            pieces.append(_render_words([option[0].text for option in run], "" if is_first else GAP))
        else:
            pieces.extend(_render(option, sets, is_first) for option in run)
    return pieces[0] if len(pieces) == 1 and is_word else "(?:" + "|".join(pieces) + ")"


def _render_words(words: Sequence[str], lead: str) -> str:
    is_exact = all(word.startswith("=") for word in words)
    body = "|".join(_list_forms(word) if is_exact else _render_forms(word) for word in words)
    return f"{lead}{'(?-i:' if is_exact else '(?:'}{body})"


def _is_word_only(option: tuple[EntryPart, ...]) -> bool:
    if len(option) != 1 or option[0].kind != "word":
        return False
    return not (option[0].repeat or option[0].is_opening or option[0].is_closing)


def _render_following(stop_words: Sequence[str], longest: int) -> str:
    stop = "|".join(r"\s+".join(re.escape(part) for part in entry.split()) for entry in stop_words)
    guard = rf"(?!(?-i:{stop})(?!\w))" if stop else ""
    return rf"(?:,?\s*{QUOTE}|(?:\s+{guard}(?:[^\s.,;:!?\"“”]|[.:](?=\w))+){{1,{longest}}})"


def _render_word(word: str) -> str:
    body = _render_forms(word)
    return f"(?:{body})" if "|" in body and not word.startswith("=") else body


def _render_forms(word: str) -> str:
    return f"(?-i:{_list_forms(word)})" if word.startswith("=") else _list_forms(word)


def _list_forms(word: str) -> str:
    """A word with its endings, the longest first, to stand between `|`."""
    return "|".join(_render_form(form) for form in sorted(_forms(word), key=len, reverse=True))


def _render_form(form: str) -> str:
    return re.escape(form).replace("\\-", GAP).replace("'", "['’]?")
