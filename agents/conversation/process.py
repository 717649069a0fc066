"""One image from job to result: the work unit of a run.

`process` has no state of its own. Its job, book and result are small records that pickle, so the same function runs in
this event loop, in a spawned process or on another machine, and gives the same bytes.
"""

import asyncio
import functools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from agents.backends import Backend
from agents.backends.arms import UNREAD, wrap_backend
from agents.backends.asked.billing import Billing
from agents.backends.asked.wants import Postponed, Wanted, Wants, open_wants
from agents.backends.draws import Draw, open_draw
from agents.backends.parts import BackendParts, make_backend
from agents.backends.reply_store import KeepsReplies, ReplyStore
from agents.backends.usage import open_meter
from agents.config import Arm
from agents.conversation.book.reverted import RevertedRule, load_reverted
from agents.conversation.caption import CaptionTools, filter_captions
from agents.conversation.caption_debate import edit_captions, judge_captions
from agents.conversation.choice import Winner
from agents.conversation.debate import judge_instruction
from agents.conversation.protocol import (
    Event,
    Failed,
    Job,
    State,
    Step,
    find_failure,
    list_debates,
    run_plain,
)
from agents.conversation.results import Reject, Result
from agents.conversation.rules import RuleBook
from agents.conversation.tallies import LeakFinder, keep_ledger, list_statements, tally_clean, tally_leaks
from agents.conversation.task import write_instruction
from tools.endpoint.prices import load_prices
from tools.errors import RejectError
from tools.functions import ImageTools
from tools.prompts.lexicon import Lexicon, load_lexicon
from tools.registry import EntrySpec
from tools.scoring import make_scorer
from tools.translation import TranslatorSpec

IMAGE_CODES = frozenset({
    "missing_file", "not_an_image", "unsupported_image", "truncated_image", "image_too_large", "unreadable_file",
    "size_differs", "orientation_unclear", "bad_translation",
})  # fmt: skip
"""Rejects that are about the picture, before any agent reads it."""


class ResourcesSpec(NamedTuple):
    """What another process needs to open its own resources: names, paths and numbers."""

    backend: EntrySpec
    pack: Path
    translator: TranslatorSpec
    scorer: EntrySpec
    out: Path
    workers: int
    replies: bool
    candidates: int
    max_rounds: int
    deadline_seconds: float
    concurrency: int = 1
    skips_clean: bool = False
    arm: Arm = "full"
    best_of: int = 1
    measures: bool = False
    debates_captions: bool = False
    breaches_may_win: bool = False
    prices: Path | None = None
    gathers: bool = False
    askers: int = 1


@dataclass(frozen=True)
class Resources:
    """What the agents of one process work with."""

    backend: Backend
    tools: ImageTools
    lexicon: Lexicon
    candidates: int
    max_rounds: int
    deadline_seconds: float
    skips_clean: bool = False
    debates_captions: bool = False
    breaches_may_win: bool = False
    reverted: tuple[RevertedRule, ...] = ()

    @property
    def winner(self) -> Winner:
        """Which candidates of a caption may be chosen."""
        return "any" if self.breaches_may_win else "cleanest" if self.debates_captions else "clean"

    @functools.cached_property
    def workbench(self) -> CaptionTools:
        """The tools as the team's caption agent calls them: AutoGen FunctionTools behind a workbench without state.

        Where neither does anything, there is none to call.
        """
        if self.tools.is_idle:
            return self.tools
        from autogen_core.tools import StaticWorkbench

        from tools.functions import WorkbenchTools, make_function_tools

        return WorkbenchTools(StaticWorkbench([*make_function_tools(self.tools, self.lexicon.pack.tools)]))

    async def close(self) -> None:
        """Close what the backend opened in this event loop."""
        close = getattr(self.backend, "close", None)
        if close is not None:
            await close()


@contextmanager
def open_resources(
    spec: ResourcesSpec, carried: KeepsReplies | None = None, billing: Billing | None = None
) -> Iterator[Resources]:
    """Resources for this process, closed at the end.

    Args:
        carried: keeps the replies, and `billing` the bill, where this process does not have the run's disk.
    """
    lexicon = load_lexicon(spec.pack)
    scorer = make_scorer(spec.scorer, lexicon)
    with ExitStack() as stack:
        made = ImageTools(
            spec.translator, scorer, spec.out, workers=spec.workers, measures=spec.measures, remembers=spec.gathers
        )
        tools = stack.enter_context(made)
        replies = carried
        if spec.replies and replies is None:
            replies = stack.enter_context(ReplyStore(spec.out / "replies.sqlite"))
        billing = billing or Billing(spec.out, load_prices(spec.prices))
        parts = BackendParts(
            spec.pack, lexicon, spec.out, replies, spec.concurrency, billing, spec.gathers, spec.askers
        )
        yield make_resources(spec, tools, parts)


def make_resources(spec: ResourcesSpec, tools: ImageTools, parts: BackendParts) -> Resources:
    """Resources that work with these tools, and with a backend that is made of these parts."""
    asks = spec.debates_captions and spec.arm not in UNREAD
    backend = make_backend(spec.backend, parts, judges_captions=asks)
    return Resources(
        backend=wrap_backend(backend, spec.arm, parts.lexicon, spec.best_of),
        tools=tools,
        lexicon=parts.lexicon,
        candidates=spec.candidates,
        max_rounds=1 if spec.arm == "best-of-n" else spec.max_rounds,
        deadline_seconds=spec.deadline_seconds,
        skips_clean=spec.skips_clean,
        debates_captions=spec.debates_captions,
        breaches_may_win=spec.breaches_may_win,
        reverted=load_reverted(spec.pack),
    )


class TimedAgents:
    """The three agents of one image, from now until its deadline.

    The deadline is kept here, around each turn: a team hears neither a cancelled task nor, while an agent works, its
    token. What must stop the whole run is kept in `fatal`, and the conversation ends.
    """

    def __init__(self, resources: Resources, tools: CaptionTools, wants: Wants) -> None:
        self._resources = resources
        self._wants = wants
        self._tools = tools
        self._end = asyncio.get_running_loop().time() + resources.deadline_seconds
        self.fatal: Exception | None = None
        self.late: Failed | None = None

    async def act(self, step: Step, state: State) -> Event:
        """Do one agent's turn; a reject becomes a `Failed` event."""
        turn = asyncio.timeout_at(self._end)
        try:
            async with turn:
                self._wants.begin_turn()
                return await self._act(step, state)
        except RejectError as error:
            return Failed(agent=step.agent, code=error.code, reason=str(error))
        except Exception as error:  # noqa: BLE001 - kept and raised by `process`, outside of the team's runtime
            if isinstance(error, TimeoutError) and turn.expired():
                reason = f"not finished within its deadline of {self._resources.deadline_seconds:g} s"
                self.late = Failed(agent="caption", code="deadline", reason=reason)
                return self.late
            self.fatal = error
            return Failed(agent=step.agent, code="stopped", reason=str(error))

    async def _act(self, step: Step, state: State) -> Event:
        own = self._resources
        if step.kind is None and step.round:
            return await self._debate_captions(step, state)
        if step.agent == "caption":
            if state.job.fault is not None:
                raise RejectError(*state.job.fault)
            return await filter_captions(
                state.job, state.rules, own.backend, self._tools, own.lexicon, own.candidates, own.winner
            )
        if step.agent == "task":
            return await write_instruction(step, state, own.backend)
        return await judge_instruction(step, state, own.backend)

    async def _debate_captions(self, step: Step, state: State) -> Event:
        own = self._resources
        if step.agent == "debate":
            return await judge_captions(step, state, own.backend)
        return await edit_captions(state, own.backend, self._tools, own.lexicon, own.candidates, own.winner)


async def process(job: Job, book: RuleBook, resources: Resources) -> Result | Postponed:
    """Take one image through the whole conversation, or as far as there are replies where these come in waves.

    An image that gets no instruction needs no team: the caption agent works on it, and what the debate agent says of
    its captions comes in the same order.

    Raises:
        ToolkitError: what must stop the run (a full disk, a dead worker); rejects become results.
    """
    start = State(
        job,
        book.rules,
        resources.max_rounds,
        debates_captions=resources.debates_captions,
        reverted=resources.reverted,
    )
    is_debated = bool(job.kinds) and job.fault is None
    with open_meter() as meter, open_draw(Draw(job.draw)), open_wants() as wants:
        agents = TimedAgents(resources, resources.workbench if is_debated else resources.tools, wants)
        final = await (_run_team(start, agents) if is_debated else run_plain(start, agents))
    if agents.fatal is not None and not isinstance(agents.fatal, Wanted):
        raise agents.fatal
    if wanted := wants.read():
        return Postponed(index=job.index, wants=wanted)
    if agents.late is not None:
        final = start.add(agents.late)  # what was said before hangs on how fast the machine was
    result = build_result(final, resources.lexicon)
    clean = tally_clean(job.seed, result, resources.lexicon) if resources.skips_clean else None
    return result.model_copy(update={"usage": meter.read(), "clean": clean})


async def _run_team(start: State, agents: TimedAgents) -> State:
    from agents.conversation.chat import run_team  # AutoGen takes a second to import, and not every run debates

    return await run_team(start, agents)


def build_result(final: State, lexicon: Lexicon) -> Result:
    """The record of a final state."""
    failed = find_failure(final)
    captions = final.captions
    debates = list_debates(final)
    pairs = captions.pairs if captions else ()
    evidence = captions.evidence if captions else None
    boxes = final.job.photo.boxes if evidence is not None else ()
    proposed = captions.proposed if captions else ()
    is_accepted = all(debate.is_accepted for debate in debates)
    finder = LeakFinder(lexicon, is_measured=evidence is not None)
    return Result(
        index=final.job.index,
        image_id=final.job.photo.image_id,
        photo=final.job.photo.file_name,
        status="rejected" if failed else "accepted" if is_accepted else "failed",
        image=captions.image if captions else None,
        rules=tuple(rule.id for rule in final.rules),
        categories=tuple(sorted({rule.category for rule in final.rules})),
        pairs=pairs,
        evidence=evidence,
        boxes=boxes,
        proposed=proposed,
        statements=() if evidence is None else list_statements(pairs, debates, evidence, (*boxes, *proposed), lexicon),
        caption_rounds=final.standing.rounds,
        debates=debates,
        leaks=tally_leaks(pairs, debates, finder),
        ledger=keep_ledger(final, finder),
        refused=(*final.job.refused, *(captions.refused if captions else ())),
        reject=_build_reject(failed, captions is None) if failed else None,
    )


def _build_reject(failed: Failed, is_early: bool) -> Reject:
    stage = "image" if is_early and failed.code in IMAGE_CODES else failed.agent
    return Reject(stage=stage, code=failed.code, reason=failed.reason)
