"""Claims in the pack's words: sentences of a description, rounds of a conversation, captions of images without one."""

from collections.abc import Sequence

from agents.backends.template.claims import Claim, choose_claims
from agents.backends.template.scene import capitalise, join_list
from agents.backends.template.writer import LISTED_AT_MOST, Draft

MOST_SENTENCES = 3
MOST_ASKED = 2
SENSOR_ROUNDS = 5


def say_clause(draft: Draft, claim: Claim) -> str:
    """The claim as a clause, without capital and full stop; empty when no wording is allowed."""
    keys = [f"measured.{claim.key}", *([f"measured.warm_{claim.key}"] if draft.bright_is_warm else [])]
    options = [option for key in keys for option in draft.wordings.lists.get(key, ())]
    return draft.chooser.choose(options, _fill(draft, claim)) if options else ""


def say_question(draft: Draft, claim: Claim) -> str:
    """What the claim answers; of two things either may stand first."""
    slots = _fill(draft, claim)
    if "one" in slots and draft.rng.random() < 0.5:
        slots = slots | {"one": slots["two"], "two": slots["one"]}
    return capitalise(draft.chooser.choose(draft.wordings.lists[f"measured.{claim.ask}"], slots))


def say_sentence(draft: Draft, clause: str) -> str:
    """A clause as a sentence of its own."""
    slots = {"clause": clause, "Clause": capitalise(clause)}
    return draft.say("measured.sentence", slots) if clause else ""


def _fill(draft: Draft, claim: Claim) -> dict[str, str]:
    slots = dict(claim.slots)
    place = slots.pop("place", None)
    return slots if place is None else slots | {"where": draft.say(f"places.{place}")}


def say_measured(draft: Draft, count: int = MOST_SENTENCES) -> list[str]:
    """Sentences on what was measured."""
    clauses = [say_clause(draft, claim) for claim in _choose(draft, _list_unscaled(draft), count)]
    return [say_sentence(draft, clause) for clause in clauses if clause]


def ask_measured(draft: Draft, count: int = MOST_ASKED) -> list[tuple[str, str]]:
    """Questions on what was measured, with their answers."""
    rounds = []
    for claim in _choose(draft, draft.claims, count):
        question, clause = say_question(draft, claim), say_clause(draft, claim)
        if question and clause:
            rounds.append((question, f"{capitalise(clause)}."))
    return rounds


def _choose(draft: Draft, claims: Sequence[Claim], count: int) -> list[Claim]:
    return choose_claims(claims, count, draft.rng) if claims else []


def _list_unscaled(draft: Draft) -> list[Claim]:
    """The claims without a degree, which belongs behind a question that gives the range of the picture."""
    return [claim for claim in draft.claims if "degrees" not in claim.slots]


def write_captions(draft: Draft, count: int) -> tuple[str, ...]:
    """Captions of an image that came without one, from things and claims; empty when there is nothing to say."""
    captions: dict[str, None] = {}
    for _ in range(2 * count):
        caption = _write_caption(draft)
        if caption:
            captions.setdefault(caption)
        if len(captions) == count:
            break
    return tuple(captions)


def _write_caption(draft: Draft) -> str:
    listed = join_list([group.name_amount() for group in draft.groups[:LISTED_AT_MOST]]) if draft.groups else ""
    claims = _choose(draft, _list_unscaled(draft), 1)
    clause = say_clause(draft, claims[0]) if claims else ""
    name = "things" if listed and clause else "only_things" if listed else "only_clause"
    slots = {"list": listed, "List": capitalise(listed), "clause": clause, "Clause": capitalise(clause)}
    return draft.say(f"measured.caption_{name}", slots) if listed or clause else ""
