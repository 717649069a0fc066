"""Removing one run of attributes from a caption so that a whole sentence stays.

Each rule looks at what stands around the run and returns the edited tokens, or None when it is not the one for this
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
from agents.backends.captions.removal import Edit, EditRule, apply_first, remove_plainly
from agents.english import words
from agents.english.grammar import is_adjective, is_determiner, phrase_end
from agents.english.tokens import Run, Tokens


def edit_run(edit: Edit) -> Tokens:
    """Remove the run by the first rule that fits."""
    edit = edit._replace(run=_take_object(edit.tokens, edit.run))
    tokens = apply_first(edit, RULES)
    return remove_plainly(edit) if tokens is None else tokens


def _take_object(tokens: Tokens, run: Run) -> Run:
    """Widen a run that ends in a transitive verb over its object: "reflecting | the room"."""
    verb = tokens[run.end].lower
    if verb not in words.TRANSITIVE_ATTRIBUTES or not is_determiner(tokens, run.end + 1):
        return run
    k = run.end + 1
    while is_determiner(tokens, k + 1) or is_adjective(tokens, k + 1):
        k += 1
    return Run(run.start, phrase_end(tokens, k))


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
