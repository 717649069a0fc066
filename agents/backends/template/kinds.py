"""The kinds of instructions: conversation, description, reasoning (paper 3.2), and what was measured."""

from collections.abc import Callable, Sequence

from agents.backends.template.measured import SENSOR_ROUNDS, ask_measured, say_measured
from agents.backends.template.scene import (
    Group,
    Relation,
    capitalise,
    find_near_pairs,
    find_relations,
    find_size_pairs,
    join_list,
)
from agents.backends.template.wordings import Topic
from agents.backends.template.writer import Draft, join_sentences, make_messages
from tools.records import InstructionKind, Message

Round = tuple[str, str]
FEWEST_ROUNDS, MOST_ROUNDS = 3, 7
DESCRIBED_AT_MOST = 5
ARGUED_AT_MOST = 3


def write_conversation(draft: Draft) -> tuple[Message, ...]:
    """A conversation of three to seven rounds; which questions come up depends on what the boxes settle.

    The question of general knowledge stands anywhere but at the beginning.
    """
    about_things = [_ask_count(draft), _ask_place(draft), _ask_relation(draft), _ask_size(draft)]
    about_scene = [_ask_action(draft), _ask_objects(draft)]
    draft.rng.shuffle(about_scene)
    draft.rng.shuffle(about_things)
    measured = ask_measured(draft)
    rounds = [pair for pair in (*about_scene[:1], *measured, *about_scene[1:], *about_things) if all(pair)]
    rounds = rounds[: draft.rng.randint(FEWEST_ROUNDS, MOST_ROUNDS) - 1]
    rounds.insert(draft.rng.randint(min(1, len(rounds)), len(rounds)), _ask_background(draft))
    return make_messages(rounds)


def write_description(draft: Draft) -> tuple[Message, ...]:
    """The scene from a caption, then the objects with numbers, places and sizes, then what is known of such things."""
    said = draft.list_described()[:DESCRIBED_AT_MOST]
    relations = find_relations(said)
    near = find_near_pairs(said)
    sentences = [
        draft.say_statement(),
        draft.say_list("description.list_all", "description.list_main"),
        *(draft.say_place(group, "description.one_is") for group in said),
        draft.say_relation(draft.rng.choice(relations), "description.relation") if relations else "",
        _say_near(draft, near),
        *say_measured(draft),
        *(draft.say_known(group, "fact") for group in _pick_by_kind(draft, said, 2)),
        "" if draft.groups or draft.claims else draft.say("description.close_empty"),
    ]
    return make_messages([(draft.say("description.ask"), join_sentences(sentences))])


def write_reasoning(draft: Draft) -> tuple[Message, ...]:
    """A question that gives nothing away, and an answer that argues from what is in the image."""
    name = draft.rng.choice(_list_topics(draft))
    topic = draft.wordings.topics[name]
    question = draft.chooser.choose(topic.ask, {})
    listed = draft.say_list("reasoning.state_list", "reasoning.state_main")
    argued = _argue(draft, topic)
    sentences = [
        draft.say_statement(),
        listed,
        *say_measured(draft, 1),
        draft.chooser.choose(topic.start, {}),
        *argued,
        draft.chooser.choose(topic.close, {}),
    ]
    return make_messages([(question, join_sentences(sentences))])


def write_sensor(draft: Draft) -> tuple[Message, ...]:
    """A conversation on nothing but what was measured; empty where nothing was."""
    return make_messages(ask_measured(draft, SENSOR_ROUNDS))


WRITERS: dict[InstructionKind, Callable[[Draft], tuple[Message, ...]]] = {
    "conversation": write_conversation,
    "description": write_description,
    "reasoning": write_reasoning,
    "sensor": write_sensor,
}


def _ask_objects(draft: Draft) -> Round:
    answer = draft.say_list("conversation.answer_objects", "conversation.answer_objects_more")
    return draft.say("conversation.ask_objects"), answer


def _ask_action(draft: Draft) -> Round:
    return draft.say("conversation.ask_action"), draft.say_statement()


def _ask_count(draft: Draft) -> Round:
    groups = [group for group in draft.groups if _can_be_counted(group)]
    several = [group for group in groups if group.count > 1] or groups
    if not several:
        return "", ""
    group = draft.rng.choice(several[:3])
    key = "crowd" if group.has_crowd else "one" if group.count == 1 else "many"
    return draft.say("conversation.ask_count", group.inflect()), draft.say(
        f"conversation.answer_{key}", group.inflect()
    )


def _can_be_counted(group: Group) -> bool:
    """Whether the boxes give a number: "at least one" would say nothing."""
    return not group.is_bunched and group.count > group.has_crowd


def _ask_place(draft: Draft) -> Round:
    groups = draft.list_described()
    for group in draft.rng.sample(groups, len(groups)):
        answer = draft.say_place(group, "conversation.answer_where")
        if answer:
            key = "conversation.ask_where" if group.is_single else "conversation.ask_where_many"
            return draft.say(key, group.inflect()), answer
    return "", ""


def _ask_relation(draft: Draft) -> Round:
    relations = find_relations(draft.list_described())
    if not relations:
        return "", ""
    relation: Relation = draft.rng.choice(relations[:6])
    slots = relation.first.inflect() | {"other": relation.second.definite}
    return draft.say("conversation.ask_relation", slots), draft.say_relation(relation, "conversation.answer_relation")


def _ask_size(draft: Draft) -> Round:
    pairs = find_size_pairs(draft.list_described())
    if not pairs:
        return "", ""
    larger, smaller = draft.rng.choice(pairs[:6])
    one, other = draft.rng.sample([larger.definite, smaller.definite], 2)
    question = draft.say("conversation.ask_size", larger.inflect() | {"one": one, "other": other})
    return question, draft.say("conversation.answer_size", larger.inflect() | {"other": smaller.definite})


def _ask_background(draft: Draft) -> Round:
    picked = _pick_by_kind(draft, draft.list_described(), 3)
    group = draft.rng.choice(picked) if picked else None
    known = draft.wordings.know(group.label) if group else None
    entry = draft.rng.choice(known.background if known else draft.wordings.background)
    slots = group.inflect() if group else {}
    return draft.chooser.choose(entry.ask, slots), draft.chooser.choose(entry.answer, slots)


def _say_near(draft: Draft, pairs: Sequence[tuple[Group, Group]]) -> str:
    if not pairs:
        return ""
    first, second = draft.rng.choice(pairs)
    return draft.say("description.near", first.inflect() | {"other": second.definite})


def _pick_by_kind(draft: Draft, groups: Sequence[Group], limit: int) -> list[Group]:
    """Some groups, each of another kind of appearance, kinds that stand first in the file first."""
    order = list(draft.wordings.appearance)
    picked: dict[str, Group] = {}
    for group in groups:
        picked.setdefault(draft.wordings.kind_of(group.label), group)
    return [picked[kind] for kind in sorted(picked, key=order.index)[:limit]]


def _list_topics(draft: Draft) -> list[str]:
    """The topics that the image has something for; special ones are preferred to those for every image."""
    kinds = {draft.wordings.kind_of(group.label) for group in draft.groups}
    fitting = [
        name
        for name, topic in draft.wordings.topics.items()
        if (not topic.needs or kinds & set(topic.needs)) and kinds >= set(topic.and_needs)
    ]
    return fitting or list(draft.wordings.topics)


def _argue(draft: Draft, topic: Topic) -> list[str]:
    wanted = {*topic.needs, *topic.and_needs}
    groups = [group for group in draft.groups if not wanted or draft.wordings.kind_of(group.label) in wanted]
    picked = _pick_by_kind(draft, groups, ARGUED_AT_MOST)
    parts = [part for part in (draft.say_known(group, topic.parts) for group in picked) if part]
    if topic.parts == "fact" or not parts:
        return parts
    return [capitalise(draft.chooser.choose(topic.argue, {"parts": join_list(parts)}))]
