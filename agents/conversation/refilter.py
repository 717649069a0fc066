"""One image of a finished run under another rule book: captions that break a rule are filtered again, others stay."""

import asyncio
from collections.abc import Sequence

from agents.backends import Backend, FilterReply, FilterRequest
from agents.backends.draws import Draw, open_draw
from agents.backends.usage import Meter, open_meter
from agents.conversation.caption import CaptionTools, choose_edit, filter_caption
from agents.conversation.choice import Choice
from agents.conversation.process import Resources
from agents.conversation.protocol import OBJECTED, RefusedCaption
from agents.conversation.results import Reject, Result
from agents.conversation.rules import RuleBook
from agents.conversation.tallies import LeakFinder, count_ways, list_statements, tally_leaks
from tools.prompts.lexicon import Lexicon
from tools.records import Pair, Rule


def breaks_rule(text: str, rules: Sequence[Rule], lexicon: Lexicon, *, is_measured: bool) -> bool:
    """Whether a caption names what a rule is about; of a category that the lexicon has no words for nobody can tell.

    Args:
        is_measured: words for bright and dark are of what was measured in the image.
    """
    return bool(Choice(rules, lexicon, is_measured=is_measured).find_breaches(text))


def list_broken(result: Result, book: RuleBook, lexicon: Lexicon) -> tuple[Pair, ...]:
    """The pairs of an image whose captions break a rule of the book: those that are asked about again."""
    is_measured = result.evidence is not None
    return tuple(
        pair for pair in result.pairs if breaks_rule(pair.caption, book.rules, lexicon, is_measured=is_measured)
    )


async def refilter(result: Result, book: RuleBook, seed: int, resources: Resources, tools: CaptionTools) -> Result:
    """The result with its captions under `book`; instructions stay, and say whether captions beside them changed."""
    lexicon, is_measured = resources.lexicon, result.evidence is not None
    broken = list_broken(result, book, lexicon)
    requests = [_build_request(pair, result.image_id, seed, book, resources.candidates) for pair in broken]
    with open_meter() as meter, open_draw(Draw()):
        asked = (_filter(request, resources.backend, lexicon, is_measured) for request in requests)
        replies = await asyncio.gather(*asked)
    groups = [reply.captions for reply in replies if isinstance(reply, FilterReply)]
    scores = iter(await tools.score_captions(result.image, groups) if groups else [])
    changed: dict[str, Pair | RefusedCaption] = {}
    for pair, reply in zip(broken, replies, strict=True):
        if isinstance(reply, FilterReply):
            changed[pair.id] = choose_edit(pair, reply.captions, next(scores), Choice(book.rules, lexicon, "any"))
        else:
            changed[pair.id] = reply
    spent = Meter()
    spent.add_all((*result.usage, *meter.read()))
    return _rebuild(result, changed, book, lexicon).model_copy(update={"usage": spent.read()})


def find_text(pair: Pair) -> str:
    """What is filtered again: the caption as it was before it was filtered, where there was one."""
    return pair.original or pair.caption


def _build_request(pair: Pair, image_id: str, seed: int, book: RuleBook, candidates: int) -> FilterRequest:
    return FilterRequest(
        seed=seed,
        image_id=image_id,
        sample=int(pair.id.rpartition("-")[2]),
        caption=find_text(pair),
        rules=book.rules,
        n=candidates,
    )


async def _filter(
    request: FilterRequest, backend: Backend, lexicon: Lexicon, is_measured: bool
) -> FilterReply | RefusedCaption:
    """Edits that break no rule; the original does, so it is none of them."""
    reply = await filter_caption(request, backend)
    if isinstance(reply, RefusedCaption):
        return reply
    kept = tuple(
        text for text in reply.captions if not breaks_rule(text, request.rules, lexicon, is_measured=is_measured)
    )
    if kept:
        return FilterReply(captions=kept)
    reason = f"every edit breaks a rule of the final book, e.g. “{reply.captions[0]}”"
    return RefusedCaption(id=f"{request.image_id}-{request.sample}", code=OBJECTED, reason=reason)


def _rebuild(result: Result, changed: dict[str, Pair | RefusedCaption], book: RuleBook, lexicon: Lexicon) -> Result:
    found = [changed.get(pair.id, pair) for pair in result.pairs]
    pairs = tuple(item for item in found if isinstance(item, Pair))
    refused = tuple(item for item in found if isinstance(item, RefusedCaption))
    evidence = result.evidence
    statements = () if evidence is None else list_statements(pairs, result.debates, evidence, result.objects, lexicon)
    finder = LeakFinder(lexicon, is_measured=evidence is not None)
    ways = (
        (old.caption, new.caption if isinstance(new, Pair) else None)
        for old, new in zip(result.pairs, found, strict=True)
    )
    update: dict[str, object] = {
        "pairs": pairs,
        "refused": (*result.refused, *refused),
        "rules": tuple(rule.id for rule in book.rules),
        "categories": tuple(sorted({rule.category for rule in book.rules})),
        "statements": statements,
        "leaks": tally_leaks(pairs, result.debates, finder),
        "ledger": None
        if result.ledger is None
        else (*result.ledger, *count_ways("captions", "refilter", ways, finder)),
        "refiltered": tuple(changed),
    }
    if refused and not pairs:
        reason = f"none of the {len(refused)} captions could be filtered again: {refused[0].reason}"
        update |= {"status": "rejected", "reject": Reject(stage="caption", code=refused[0].code, reason=reason)}
    return result.model_copy(update=update)
