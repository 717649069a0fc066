"""Removing one span of attributes from a caption so that a whole sentence stays.

Each rule looks at what stands around the span and returns the edited tokens, or None when it is not the one for this
place. They are tried in the order of `RULES`; where none fits, the attribute goes with its article. Every rule removes
at least one marked token.
"""

from agents.backends.captions.clauses import remove_clause_like
from agents.backends.captions.lists import remove_list_item
from agents.backends.captions.modifiers import (
    count_two,
    promote_what_follows_of,
    put_neutral_noun,
    remove_after_noun,
    remove_coordinated_modifier,
    remove_modifier,
    remove_spare_phrase,
)
from agents.backends.captions.nouns import remove_object, remove_preposition_phrase, remove_subject, widen_over_compound
from agents.backends.captions.predicates import remove_predicate
from agents.backends.captions.removal import Edit, EditRule, apply_first, next_place_end, remove_plainly
from agents.english import words
from agents.english.grammar import (
    is_adjective,
    is_determiner,
    is_noun,
    phrase_end,
    starts_clause,
    starts_noun,
    word_at,
)
from agents.english.tokens import Tokens, TokenSpan

AIMS = frozenset({"at", "onto", "toward", "towards"})


def edit_span(edit: Edit) -> Tokens:
    """Remove the span by the first rule that fits."""
    edit = edit._replace(span=_take_object(edit.tokens, edit.span))
    tokens = apply_first(edit, RULES)
    return remove_plainly(edit) if tokens is None else tokens


def _take_object(tokens: Tokens, span: TokenSpan) -> TokenSpan:
    """Widen a span that is a transitive verb over its object: "reflecting | the room", "is flashing green | lights"."""
    verb = tokens[span.end].lower
    if verb in words.TRANSITIVE_ATTRIBUTES and is_determiner(tokens, span.end + 1):
        return TokenSpan(span.start, _objects_end(tokens, span.end + 1))
    is_verb = tokens[span.start].lower in words.TRANSITIVE_ATTRIBUTES
    if is_verb and word_at(tokens, span.start - 1) in words.FORMS_OF_BE and starts_noun(tokens, span.end + 1, True):
        end = phrase_end(tokens, span.end + 1)
        return TokenSpan(span.start, next_place_end(tokens, end, AIMS))
    return span


def _objects_end(tokens: Tokens, k: int) -> int:
    """Find where the object that begins at `k` ends, with a second one: "the shower | and bathtub"."""
    while is_determiner(tokens, k + 1) or is_adjective(tokens, k + 1):
        k += 1
    end = phrase_end(tokens, k)
    second = end + 2
    if word_at(tokens, end + 1) != "and" or starts_clause(tokens, second) or not is_noun(tokens, second):
        return end
    return phrase_end(tokens, second)


RULES: tuple[EditRule, ...] = (
    remove_clause_like,
    remove_spare_phrase,
    remove_modifier,
    remove_predicate,
    remove_coordinated_modifier,
    put_neutral_noun,
    count_two,
    widen_over_compound,
    promote_what_follows_of,
    remove_list_item,
    remove_preposition_phrase,
    remove_object,
    remove_after_noun,
    remove_subject,
)
