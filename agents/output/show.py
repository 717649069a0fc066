"""`show` and `why`: one image's whole conversation, and where a row of an export comes from."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agents.checks.evidence_rows import name_boxes
from agents.conversation.book.reverted import find_reverted
from agents.conversation.protocol import CaptionRound, RefusedCaption
from agents.conversation.results import Result
from agents.conversation.rules import fold_rules
from agents.output.export import read_reverted
from agents.output.mined import explain_edits, explain_mined, explain_objections, list_mined_ids, name_mined
from agents.output.provenance import is_sensor
from agents.store.run_store import RunStore
from tools.errors import UsageError
from tools.evidence.describe import describe_fact, describe_numbers
from tools.manifest import is_registered
from tools.prompts.frozen import KEY, read_frozen
from tools.records import Debate, DebateRound, Message, Pair, Rule
from tools.translation.srgb_tir.styles import read_record


class Match(NamedTuple):
    """The image that a row belongs to, and what else goes by the row's id."""

    result: Result
    others: tuple[Result, ...] = ()


def list_image_ids(name: str) -> tuple[str, ...]:
    """The images that a row's id may belong to, the likeliest first.

    The id of a row is that of its image and an ending: `139-0`, `139-conversation`; that of a mined rule has `mined-`
    before it. An image's own id may look like any of them (`yard/cat-1`), so that only the store can tell.
    """
    found = [name]
    for text in (name, name.removeprefix("mined-")):
        parts = text.split("-")
        found += ["-".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]
    return tuple(dict.fromkeys(image_id for image_id in found if image_id))


def find_matches(store: RunStore, name: str) -> Match:
    """The result that a row's id belongs to: that of the image of this name, before that of another's row.

    Raises:
        UsageError: the run has no such image, or the image no such row.
    """
    name = name.encode("utf-8", "surrogatepass").decode("utf-8", "backslashreplace")
    results = [found for image_id in list_image_ids(name) if (found := store.find_result(image_id)) is not None]
    matches = [result for result in results if name in list_rows(result) or name in list_mined_ids(store, result)]
    if matches:
        return Match(matches[0], tuple(matches[1:]))
    if results:
        rows = ", ".join(sorted({*list_rows(results[0]), *list_mined_ids(store, results[0])}))
        raise UsageError(f"{store.path}: image {results[0].image_id} has no row `{name}`; it has {rows}")
    raise UsageError(
        f"{store.path}: no image {name} among the {store.read_progress().done} that are done, and no row of one; give "
        "the id of an image (139), a pair (139-0), an instruction (139-conversation) or a mined rule (mined-139-0)"
    )


def find_result(store: RunStore, name: str) -> Result:
    """The result that a row's id belongs to, see `find_matches`."""
    return find_matches(store, name).result


def list_rows(result: Result) -> tuple[str, ...]:
    """The ids that one image goes by, sorted: its own and those of its rows."""
    mined = map(name_mined, result.list_mined())
    rows: tuple[Pair | Debate | RefusedCaption, ...] = (*result.pairs, *result.debates, *result.refused)
    return tuple(sorted({result.image_id, *mined, *(row.id for row in rows)}))


def show_conversation(result: Result, store: RunStore) -> RenderableType:
    """The whole conversation, readable in a terminal."""
    made = result.image or f"no {read_frozen(store.read_meta(KEY)).nouns.image}"
    head = f"image {result.image_id}  {result.photo} -> {made}  [{result.status}]"
    parts: list[RenderableType] = [Text(head, style="bold")]
    if result.reject is not None:
        parts.append(Text(f"rejected by the {result.reject.stage}: {result.reject.code}: {result.reject.reason}"))
    parts += show_facts(result)
    parts += [_show_pair(pair) for pair in result.pairs]
    parts += [_show_caption_round(made) for made in result.caption_rounds]
    parts += [Text(f"{item.id}: left out, {item.code}: {item.reason}", style="red") for item in result.refused]
    parts += [part for debate in result.debates for part in _show_debate(debate)]
    return Group(*parts)


def tell_facts(result: Result) -> list[str]:
    """What was measured in an image, a line a fact with the numbers behind it, in the order of `Evidence.facts`."""
    names = name_boxes(result.objects)
    facts = result.evidence.facts if result.evidence is not None else ()
    return [f"{describe_fact(fact, names)} ({describe_numbers(fact)})" for fact in facts]


def _make_table() -> Table:
    """Names and what they stand for; a long path is folded and never cut off."""
    table = Table(show_header=False, box=None, padding=(0, 1))
    table.add_column()
    table.add_column(overflow="fold")
    return table


def show_facts(result: Result) -> list[RenderableType]:
    """The facts of an image with their numbers, by which `why` names them; nothing where nothing was measured."""
    if result.evidence is None:
        return []
    stated = {place for statement in result.statements for place in statement.facts}
    table = _make_table()
    for place, text in enumerate(tell_facts(result)):
        table.add_row(str(place + 1), Text(text), "stated" if place in stated else "")
    title = f"measured · {result.evidence.polarity} · {result.evidence.unit or 'levels of the picture'}"
    body: RenderableType = table if result.evidence.facts else Text("nothing that could be stated")
    return [Panel(body, title=Text(title), title_align="left")]


def _show_pair(pair: Pair) -> RenderableType:
    table = _make_table()
    last = len(pair.candidates) - 1
    roles: dict[str, list[str]] = {}
    for place, candidate in enumerate(pair.candidates):
        is_original = place == last and bool(pair.original) and candidate.text == pair.original
        roles.setdefault(candidate.text, []).append("original" if is_original else str(place + 1))
    scores = {candidate.text: candidate.score for candidate in pair.candidates}
    for text, names in roles.items():
        is_chosen = text == pair.caption
        style = "green" if is_chosen else ""
        table.add_row("=>" if is_chosen else "", ", ".join(names), f"{scores[text]:.4f}", Text(text), style=style)
    written = "" if pair.original else " · written from the image, which came without a caption"
    title = f"caption agent · {pair.id}" + written + (f" · applied {', '.join(pair.applied)}" if pair.applied else "")
    return Panel(table, title=Text(title), title_align="left")


def _show_caption_round(made: CaptionRound) -> RenderableType:
    """What the debate agent said of the captions, as they were then."""
    text = Text(f"{made.judged - len(made.objected)} of {made.judged} accepted\n")
    for item in made.objected:
        text.append(f"{item.pair.id}  {item.pair.caption}\n")
        for objection in item.objections:
            text.append(f"  “{objection.quote}” ", style="bold")
            text.append(f"[{objection.check}: {objection.category}] {objection.reason}\n")
    for rule in made.mined:
        text.append(f"mined rule ({rule.category}): {rule.text}\n", style="magenta")
    title = f"debate agent · captions{' edited once more' if made.round > 1 else ''} · round {made.round}"
    return Panel(text, title=Text(title), title_align="left", border_style="red" if made.objected else "green")


def _show_debate(debate: Debate) -> Iterator[RenderableType]:
    for attempt in debate.rounds:
        title = Text(f"task agent · {debate.id} · round {attempt.round}")
        yield Panel(_show_messages(attempt.messages), title=title, title_align="left", border_style="cyan")
        yield _show_verdict(attempt)
    if not debate.is_accepted:
        yield Text(f"{debate.id}: generation failed after {len(debate.rounds)} rounds", style="red")


def _show_messages(messages: tuple[Message, ...]) -> Text:
    text = Text()
    for message in messages:
        text.append("Q  " if message.role == "user" else "A  ", style="bold")
        text.append(message.content + "\n")
    return text


def _show_verdict(attempt: DebateRound) -> RenderableType:
    if attempt.verdict.is_accepted:
        return Panel(Text("ACCEPT"), title=Text("debate agent"), title_align="left", border_style="green")
    text = Text()
    for objection in attempt.verdict.objections:
        text.append(f"“{objection.quote}” ", style="bold")
        text.append(f"[{objection.check}: {objection.category}] {objection.reason}\n")
    for rule in attempt.mined:
        text.append(f"mined rule ({rule.category}): {rule.text}\n", style="magenta")
    return Panel(text, title=Text("debate agent: rejected"), title_align="left", border_style="red")


def explain_row(store: RunStore, name: str) -> RenderableType:
    """Where a row comes from: source, makers, and the rules that were in force or changed it."""
    result, others = find_matches(store, name)
    table = _make_table()
    for key, value in explain_rows(store, result, name):
        table.add_row(Text(key, style="bold"), Text(str(value)))
    for other in others:
        table.add_row(Text("not to be taken for", style="bold"), Text(f"the row `{name}` of image {other.image_id}"))
    return table


def explain_rows(store: RunStore, result: Result, name: str) -> Iterator[tuple[str, Any]]:
    """What `why` says of a row, by name."""
    yield "id", name
    yield from _explain_makers(store, result)
    yield from _explain_caption(store, result, name)
    yield from explain_edits(result, name)
    yield from _explain_facts(store, result, name)
    for debate in result.debates:
        if name in (debate.id, str(result.image_id)):
            outcome = "accepted" if debate.is_accepted else "generation failed"
            yield debate.id, f"{outcome} after {len(debate.rounds)} round(s)"


def _explain_makers(store: RunStore, result: Result) -> Iterator[tuple[str, Any]]:
    dataset, settings = store.require_meta("dataset"), store.require_meta("settings")
    yield "image", f"{result.image_id}, number {result.index} of the dataset, {result.status}"
    yield from _explain_origin(store, result)
    files = " + ".join(name for name in (dataset["captions"], dataset["instances"]) if name) or _name_own_annotations(
        dataset
    )
    yield "annotations", f"{files} (digest {dataset['digest']})"
    yield (
        read_frozen(store.read_meta(KEY)).nouns.image,
        f"{result.image or 'none'}, by {_name_part(store, 'translator')}",
    )
    styles = (store.read_meta("translator") or {}).get("styles")
    if styles is not None:
        yield "style code", ", ".join(f"{value:g}" for value in read_record(styles).code_for(result.image_id))
    yield (
        "text",
        f"{_name_part(store, 'backend')}, prompts {store.require_meta('prompts')['digest']}, seed {settings['seed']}",
    )
    yield "scores", _name_part(store, "scorer")
    if plugins := store.read_meta("plugins"):
        yield "plugins", ", ".join(f"{name} ({digest})" for name, digest in plugins.items())


def _name_own_annotations(dataset: Mapping[str, Any]) -> str:
    counts = dataset["counts"]
    return "those of the dataset" if counts.get("captions") or counts.get("boxes") else "none"


def _explain_origin(store: RunStore, result: Result) -> Iterator[tuple[str, Any]]:
    """The photograph; of an image that a sensor took also its file, its dataset and what bright means in it."""
    source, root = store.read_meta("source"), Path(store.require_meta("photo_root"))
    if source is None or is_registered(source, result.image_id, result.photo):
        yield "photograph", root / result.photo
    elif result.photo:
        yield "file of the sensor", root / result.photo
    if source is not None:
        yield "source", f"{source['title']}, {source['polarity']}, {source['unit'] or 'no unit'}"


def _explain_facts(store: RunStore, result: Result, name: str) -> Iterator[tuple[str, Any]]:
    """The facts behind each sentence of a row; of a whole image all facts."""
    if result.evidence is None:
        return
    if store.read_meta("source") is None:
        yield "measured in", f"what the translator drew ({_name_part(store, 'translator')}), not in what a sensor took"
    fact_texts = tell_facts(result)
    if name == result.image_id:
        yield from ((f"fact {place + 1}", text) for place, text in enumerate(fact_texts))
    for statement in result.statements:
        if name == statement.row:
            facts = "\n".join(f"<- fact {place + 1}: {fact_texts[place]}" for place in statement.facts)
            yield "states", f"{statement.text}\n{facts}"


def _explain_caption(store: RunStore, result: Result, name: str) -> Iterator[tuple[str, Any]]:
    """The rules that were in force, and what the caption of the row was before them."""
    pairs = {pair.id: pair for pair in result.pairs}
    applied = set(pairs[name].applied) if name in pairs else {item for pair in result.pairs for item in pair.applied}
    rules = list_rules(store)
    for rule in rules:
        if rule.id in result.rules or rule.id == name:
            yield f"rule {rule.id}", _describe_rule(rule, rule.id in applied)
    reverted = tuple(_explain_reverted(store, result, name))
    yield from reverted or explain_mined(store, result, name, rules)
    if name in pairs:
        yield "original", pairs[name].original or "none: written from the image"
        yield "caption", pairs[name].caption
    yield from explain_objections(result, name)
    for refused in result.refused:
        if name in (refused.id, result.image_id):
            yield refused.id, f"left out, {refused.code}: {refused.reason}"


def _explain_reverted(store: RunStore, result: Result, name: str) -> Iterator[tuple[str, Any]]:
    """Rules that this image gave rise to, and that the pack takes back."""
    reverted = read_reverted(store)
    for item in result.list_mined():
        rule_id = f"mined-{item.image_id}-{item.place}"
        same = find_reverted(item.category, item.text, reverted)
        if same is not None and name in (rule_id, result.image_id):
            described = f"[{item.category}] {item.text} (mined in round {item.round}, from “{item.objection}”)"
            yield (
                f"rule {rule_id}",
                f"{described}  <- reverted in the pack, never in force: {same.reason or 'no reason given'}",
            )


def _name_part(store: RunStore, part: str) -> str:
    found = store.read_meta(part)
    if found is None:
        return "none"
    stand_in = " (embedded stand-in)" if found["is_embedded"] and not is_sensor(part, found["name"]) else ""
    return f"{found['identity']}{stand_in}"


def _describe_rule(rule: Rule, is_applied: bool) -> str:
    source = (
        "seed" if rule.origin == "seed" else f"mined at image {rule.image}, round {rule.round}, from “{rule.objection}”"
    )
    return f"[{rule.category}] {rule.text} ({source})" + ("  <- changed a caption here" if is_applied else "")


def list_rules(store: RunStore) -> tuple[Rule, ...]:
    """Every rule that was ever in a book of this run."""
    seeds = tuple(Rule.model_validate(rule) for rule in store.require_meta("seed_rules"))
    mined = [item for _, item in store.list_mined()]
    return fold_rules(seeds, mined, cap=len(mined), keeps_covered=True, reverted=read_reverted(store)).rules
