"""What a filtering rule names, as far as its words tell, so that two rules that say the same are seen to.

A rule is read as a list of terms, each a set of words: "Remove writing on signs and logos" names {writing, sign} and
{logo}. Not counted are examples ("such as ..."), what may stay, words for editing, and the category's own name: a rule
with a term that names nothing else, such as "Remove material words such as wooden", speaks of the whole category.

A rule covers another of its category if each of the other's terms holds all words of one of its own: "Remove writing"
covers "Remove writing on signs", "Remove logos and writing" covers "Remove logos", and "Remove writing on signs" and
"Remove logos on clothes" cover neither each other.
"""

import functools
import re

from agents.english.words import word_set

Scope = frozenset[frozenset[str]]
WHOLE: Scope = frozenset({frozenset()})
"""Of a rule that speaks of its whole category."""
EDITING = re.compile(
    r"\b(?:remov\w+|drop\w*|delet\w+|omit\w*|strip\w*|avoid\w*|cuts?|eras\w+|discard\w*|replac\w+"
    r"|(?:take|leave|cut) out)\b"
)
SENTENCE = re.compile(r"[.;!?]+(?:\s|$)")
KEEPING = r"(?:keep|keeping|kept|leave|leaving|stays?|remains?|retain\w*)"
STAYING = re.compile(rf"\b(?:but|and|while|unless|except)\b[^,;.]*\b{KEEPING}\b(?! out).*")
STAYS = re.compile(r"\b(?:stays?|remains?|(?:be )?kept)\b|^\s*(?:keep|leave(?! out)|retain)\b")
EXAMPLES = re.compile(r"(?:\b(?:such as|like|for example|for instance|including|e\.g\.?|namely)\b|[:(]).*")
QUOTED = re.compile(r"[\"“][^\"”]*[\"”]")
LISTED = re.compile(r",|\band\b|\bor\b|\bas well as\b|/")
WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
EMPTY = word_set(
    """
    a an the this that these those any every each all some of on in at by for from to with about as into out up off what
    which who whose how where whether when it its they them their there is are was were be been being has have had do
    does can cannot could may might must will would not no only also than then more most other others such own same
    word words term terms phrase phrases adjective adjectives mention mentions mentioning description descriptions
    describing describe describes reference references referring refer refers detail details claim claims statement
    statements name names naming named noun nouns text texts caption captions clause clauses expression expressions
    thing things object objects item items something anything someone image images picture pictures
    attribute attributes kind kinds sort type types fine visible specific general
    say says saying said tell tells telling state states stating indicate indicates show shows shown showing see seen
    look looks looking appear appears made make makes built consist consists concern concerns relate relates related
    imply implies give gives depict depicts
    """
)
"""Words that name nothing by themselves in a rule."""
SHORTEST_STEM = 4


@functools.lru_cache(maxsize=4096)
def read_scope(text: str, category: str) -> Scope:
    """The terms of a rule; of a text that removes nothing, the text itself, which then equals only its like."""
    plain = QUOTED.sub(" ", text.lower())
    clauses = [part for part in SENTENCE.split(plain) if EDITING.search(part) and not STAYS.search(_drop_staying(part))]
    if not clauses:
        return frozenset({frozenset({" ".join(WORD.findall(plain)) or plain})})
    own = [_stem(word) for word in WORD.findall(category.lower().replace("_", " "))]
    named: set[frozenset[str]] = set()
    for clause in clauses:
        removed = EXAMPLES.sub(" ", _drop_staying(clause)[EDITING.search(clause).start() :])  # type: ignore[union-attr]
        for part in LISTED.split(EDITING.sub(" ", removed)):
            stems = {_stem(word) for word in WORD.findall(part) if word not in EMPTY}
            rest = frozenset(stem for stem in stems if not any(_is_same(stem, name) for name in own))
            if rest or stems:
                named.add(rest)
    return WHOLE if not named or frozenset() in named else frozenset(named)


def is_covered(scope: Scope, by: Scope) -> bool:
    """Whether a rule says nothing that the other does not say as generally or more so."""
    return all(any(wide <= term for wide in by) for term in scope)


def _drop_staying(clause: str) -> str:
    return STAYING.sub(" ", clause)


def _stem(word: str) -> str:
    """Without the endings of number and form: `signs`, `printed` and `printing` are `sign` and `print`."""
    for ending, shorter in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("s", "")):
        if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + shorter
            break
    for ending in ("ing", "ed", "ness"):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def _is_same(word: str, name: str) -> bool:
    """Whether a word is a form of a category's name: `transparent` of transparency, `coloured` of colour."""
    length = max(SHORTEST_STEM, min(len(word), len(name)) - 2)
    return word == name or (min(len(word), len(name)) >= SHORTEST_STEM and word[:length] == name[:length])
