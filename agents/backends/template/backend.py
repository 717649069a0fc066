"""The template backend, no model behind it: filters by the lexicon, writes from boxes and captions, judges by `verify`.

Deterministic, and never to be taken for an LLM: it is the quick start and the floor that an LLM has to beat.
"""

from collections.abc import Collection
from pathlib import Path

from agents.backends import (
    CaptionRequest,
    CaptionVerdicts,
    FilterReply,
    FilterRequest,
    JudgeCaptionsRequest,
    JudgeRequest,
    MineReply,
    MineRequest,
    WriteReply,
    WriteRequest,
)
from agents.backends.captions.filter import filter_caption
from agents.backends.parts import BackendParts
from agents.backends.template.captions import Statement, choose_statement
from agents.backends.template.chooser import Chooser
from agents.backends.template.claims import list_claims
from agents.backends.template.kinds import WRITERS
from agents.backends.template.measured import write_captions
from agents.backends.template.scene import group_boxes
from agents.backends.template.wordings import load_wordings
from agents.backends.template.writer import Draft
from agents.checks.captions import find_caption_faults
from agents.checks.verify import verify
from tools.errors import RejectError
from tools.prompts.lexicon import load_lexicon
from tools.records import Message, MinedRule, Verdict
from tools.registry import NoSettings
from tools.seeds import make_random

VERSION = 2
NOTHING_TO_SAY = "no caption, no box, and nothing in the pixels that can be stated"
ONLY_DEGREES = (
    "nothing but temperatures can be stated, and a caption states none, because the picture alone does not tell what "
    "black and white stand for; give it a caption (--captions) or boxes, and degrees are asked for with that range"
)


class TemplateBackend:
    """Answers the agents without a model.

    Attributes:
        name: `template`.
        is_embedded: True.
        identity: version of the code's wording logic, and digests of the lexicon and of the wordings.
    """

    name = "template"
    is_embedded = True

    def __init__(self, prompts_dir: Path) -> None:
        """Read lexicon and wordings of a modality pack.

        Raises:
            MissingError: a file is not there.
            UsageError: a file is not as its head describes.
        """
        self._lexicon = load_lexicon(prompts_dir)
        self._wordings = load_wordings(prompts_dir)
        self.identity = f"template:{VERSION}:{self._lexicon.digest[:16]}:{self._wordings.digest[:16]}"

    async def filter_caption(self, request: FilterRequest) -> FilterReply:
        """Remove the words of the rules' categories, and of those that were objected to; others have no effect here."""
        objected = {objection.category for objection in request.objections}
        categories = ({rule.category for rule in request.rules} | objected) & self._lexicon.categories.keys()
        again = () if request.round == 1 else (request.round,)
        rng = make_random(request.seed, request.image_id, "caption", request.sample, *again)
        return FilterReply(captions=filter_caption(request.caption, categories, self._lexicon, request.n, rng))

    async def caption_image(self, request: CaptionRequest) -> FilterReply:
        """Caption from boxes and what was measured.

        Raises:
            RejectError: there is neither.
        """
        categories = {rule.category for rule in request.rules} & self._lexicon.categories.keys()
        rng = make_random(request.seed, request.image_id, "caption", 0)
        chooser = Chooser(rng, self._lexicon, categories, (), is_measured=request.evidence is not None)
        draft = self._draft(request, chooser, categories)
        captions = write_captions(draft, request.n)
        if not captions:
            raise RejectError("nothing_to_say", ONLY_DEGREES if draft.claims else NOTHING_TO_SAY)
        return FilterReply(captions=captions)

    async def write_instruction(self, request: WriteRequest) -> WriteReply:
        """Write from boxes and captions; after a rejection the same text without what was objected to.

        Only when an objection is another judge's, which no filter can act on, the wordings are chosen anew. When the
        objections leave nothing to say, they are passed over, so that the judge has something to reject.
        """
        objected = {objection.category for objection in request.objections if objection.check == "lexicon"}
        categories = ({rule.category for rule in request.rules} | objected) & self._lexicon.categories.keys()
        banned = [objection.quote for objection in request.objections if objection.check != "lexicon"]
        is_anew = any(objection.check == "llm" for objection in request.objections)
        attempt = request.round if is_anew else 1
        messages = self._write(request, attempt, categories, banned)
        return WriteReply(messages=messages or self._write(request, attempt, (), ()))

    def _write(
        self, request: WriteRequest, attempt: int, categories: Collection[str], banned: Collection[str]
    ) -> tuple[Message, ...]:
        """The instruction without what is to be avoided, empty when that leaves nothing to say."""
        rng = make_random(request.seed, request.image_id, "task", request.kind, attempt)
        captions = () if request.is_captioned_here else request.captions
        statement = choose_statement(captions, self._lexicon, categories, banned, rng)
        chooser = Chooser(rng, self._lexicon, categories, banned, is_measured=request.evidence is not None)
        return WRITERS[request.kind](self._draft(request, chooser, categories, statement))

    def _draft(
        self,
        request: WriteRequest | CaptionRequest,
        chooser: Chooser,
        categories: Collection[str],
        statement: Statement | None = None,
    ) -> Draft:
        groups, evidence = group_boxes(request.boxes, self._lexicon, categories), request.evidence
        if evidence is None or not self._wordings.says_measured:
            return Draft(self._wordings, chooser, groups, statement)
        claims = list_claims(evidence, request.boxes, groups)
        return Draft(self._wordings, chooser, groups, statement, claims, evidence.bright_is_warm)

    async def judge_captions(self, request: JudgeCaptionsRequest) -> CaptionVerdicts:
        """Object to every word of the whole lexicon, and to what was measured otherwise."""
        found = find_caption_faults(request.captions, request.boxes, request.evidence, self._lexicon)
        return CaptionVerdicts.collect(found)

    async def judge(self, request: JudgeRequest) -> Verdict:
        """Accept when no check of `verify` objects."""
        objections = verify(
            request.messages, request.boxes, request.captions, self._lexicon, request.kind, measured=request.evidence
        )
        return Verdict(is_accepted=not objections, objections=objections)

    async def mine_rule(self, request: MineRequest) -> MineReply:
        """One rule for each category of the lexicon among the objections, with the words that gave rise to it."""
        mined: dict[str, MinedRule] = {}
        for objection in request.objections:
            category = self._lexicon.categories.get(objection.category)
            if category is not None:
                rule = MinedRule(text=category.rule, category=category.id, objection=objection.quote)
                mined.setdefault(category.id, rule)
        return MineReply(rules=tuple(mined.values()))


def make_template(settings: NoSettings, parts: BackendParts) -> TemplateBackend:
    """The backend `template`."""
    return TemplateBackend(parts.pack)
