"""The caption agent: translated image, five filtered captions and the original, the best of the six (paper 3.1)."""

from collections.abc import Sequence
from typing import Protocol

from agents.backends import (
    Backend,
    CaptionRequest,
    FilterReply,
    FilterRequest,
    ImageCaptionReply,
    Proposal,
    caption_image,
)
from agents.backends.asked.wants import gather_replies
from agents.backends.proposals import add_facts
from agents.checks.captions import NOT_A_CAPTION, find_caption_fault
from agents.conversation.choice import Choice, Winner
from agents.conversation.protocol import CaptionsFiltered, Job, RefusedCaption
from tools.errors import RejectError
from tools.evidence import Evidence
from tools.functions import MadeImage
from tools.prompts.lexicon import Lexicon
from tools.records import Box, CaptionCandidate, Pair, Rule


class CaptionTools(Protocol):
    """The two tools of the caption agent; `tools.functions` has them, directly and as AutoGen FunctionTools."""

    async def translate_image(self, photo: str, image_id: str, boxes: Sequence[Box]) -> MadeImage | None:
        """Translate the photograph into the run, and measure where that is asked for; None without a translator."""

    async def score_captions(self, image: str | None, captions: Sequence[Sequence[str]]) -> list[list[float]]:
        """Similarity of each caption of each group to the image, 4 decimals."""


async def filter_captions(
    job: Job,
    rules: tuple[Rule, ...],
    backend: Backend,
    tools: CaptionTools,
    lexicon: Lexicon,
    candidates: int,
    winner: Winner = "clean",
) -> CaptionsFiltered:
    """Do the caption agent's whole turn: translate, filter each caption, score, choose.

    Args:
        winner: which candidates may be chosen.

    Raises:
        RejectError: the photograph cannot be read, or no caption can be used.
    """
    if not job.photo.captions and not job.is_captioned_here:
        raise RejectError("no_caption", f"image {job.photo.image_id} has no caption that can be used")
    made = await tools.translate_image(job.photo_path, job.photo.image_id, job.photo.boxes)
    image, evidence = (made.path, made.evidence) if made else (None, None)
    choice = Choice(rules, lexicon, winner, is_measured=evidence is not None)
    if not job.photo.captions:
        request = build_caption_request(job, rules, candidates, image, evidence)
        pair, proposal = await _caption(request, backend, tools, choice)
        evidence = add_facts(evidence, len(request.boxes), proposal.facts)
        return CaptionsFiltered(image=image, pairs=(pair,), evidence=evidence, proposed=proposal.boxes)
    pairs, refused = await _filter_all(job, rules, candidates, image, backend, tools, choice)
    if not pairs:
        raise RejectError(refused[0].code, f"none of the {len(refused)} captions can be used: {refused[0].reason}")
    return CaptionsFiltered(image=image, pairs=pairs, refused=refused, evidence=evidence)


async def _filter_all(
    job: Job,
    rules: tuple[Rule, ...],
    candidates: int,
    image: str | None,
    backend: Backend,
    tools: CaptionTools,
    choice: Choice,
) -> tuple[tuple[Pair, ...], tuple[RefusedCaption, ...]]:
    """Every caption of the image, filtered and chosen; those that cannot be used are refused."""
    requests = [
        FilterRequest(
            seed=job.seed, image_id=job.photo.image_id, sample=place, caption=caption, rules=rules, n=candidates
        )
        for place, caption in enumerate(job.photo.captions)
    ]
    replies = await gather_replies([filter_caption(request, backend) for request in requests])
    asked = [
        (request, reply) for request, reply in zip(requests, replies, strict=True) if isinstance(reply, FilterReply)
    ]
    groups = [(*reply.captions, request.caption) for request, reply in asked]
    scores = await tools.score_captions(image, groups) if groups else []
    chosen = [
        _choose(request, group, found, choice) for (request, _), group, found in zip(asked, groups, scores, strict=True)
    ]
    refused = (item for item in (*replies, *chosen) if isinstance(item, RefusedCaption))
    return tuple(pair for pair in chosen if isinstance(pair, Pair)), tuple(refused)


def build_caption_request(
    job: Job, rules: tuple[Rule, ...], candidates: int, image: str | None, evidence: Evidence | None
) -> CaptionRequest:
    """What the backend is asked about an image that came without a caption."""
    return CaptionRequest(
        seed=job.seed,
        image_id=job.photo.image_id,
        boxes=job.photo.boxes,
        evidence=evidence,
        image=image,
        rules=rules,
        n=candidates,
    )


async def _caption(
    request: CaptionRequest, backend: Backend, tools: CaptionTools, choice: Choice
) -> tuple[Pair, Proposal]:
    """The caption of an image that came without one, with what a model proposed for it; its original is empty."""
    reply = await caption_image(backend, request)
    texts = reply.captions
    scores = (await tools.score_captions(request.image, [texts]))[0]
    best = choice.find_best(texts, scores)
    made = tuple(CaptionCandidate(text=text, score=score) for text, score in zip(texts, scores, strict=True))
    proposals = reply.proposals if isinstance(reply, ImageCaptionReply) else ()
    pair = Pair(id=f"{request.image_id}-0", original="", caption=texts[best], candidates=made, applied=())
    return pair, proposals[best] if proposals else Proposal()


async def filter_caption(request: FilterRequest, backend: Backend) -> FilterReply | RefusedCaption:
    """One caption's replies that are captions, or why there are none: the image goes on with its other captions."""
    try:
        reply = await backend.filter_caption(request)
        return keep_captions(reply, request.caption)
    except RejectError as error:
        return RefusedCaption(id=f"{request.image_id}-{request.sample}", code=error.code, reason=str(error))


def keep_captions(reply: FilterReply, original: str) -> FilterReply:
    """The candidates that can be a caption; the others never come to be chosen from.

    Raises:
        RejectError: none can.
    """
    faults = [find_caption_fault(caption, original) for caption in reply.captions]
    if not any(faults):
        return reply
    kept = tuple(caption for caption, fault in zip(reply.captions, faults, strict=True) if not fault)
    if not kept:
        raise RejectError(NOT_A_CAPTION, f"the reply is no caption: it {faults[0]}")
    return FilterReply(captions=kept)


def _choose(
    request: FilterRequest, texts: Sequence[str], scores: Sequence[float], choice: Choice
) -> Pair | RefusedCaption:
    """The pair of a caption, whose original is the last candidate."""
    pair = Pair(id=f"{request.image_id}-{request.sample}", original=texts[-1], caption="", candidates=(), applied=())
    try:
        return choose_edit(pair, texts, scores, choice)
    except RejectError as error:
        return RefusedCaption(id=pair.id, code=error.code, reason=str(error))


def choose_edit(pair: Pair, texts: Sequence[str], scores: Sequence[float], choice: Choice) -> Pair:
    """A pair with the best of the candidates.

    Raises:
        RejectError: none of them may win.
    """
    caption = texts[choice.find_best(texts, scores)]
    return pair.model_copy(
        update={
            "caption": caption,
            "candidates": tuple(
                CaptionCandidate(text=text, score=score) for text, score in zip(texts, scores, strict=True)
            ),
            "applied": find_applied(pair.original, caption, choice.rules, choice.lexicon),
        }
    )


def find_applied(original: str, caption: str, rules: Sequence[Rule], lexicon: Lexicon) -> tuple[str, ...]:
    """Ids of the rules whose category the original names more often than the final caption does."""
    if original == caption:
        return ()
    named = lexicon.find_categories(original)
    gone = {
        category
        for category in {rule.category for rule in rules} & named
        if len(lexicon.find(original, {category})) > len(lexicon.find(caption, {category}))
    }
    return tuple(rule.id for rule in rules if rule.category in gone)
