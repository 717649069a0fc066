"""One image from job to result: the work unit of a run.

`process` has no state of its own. Its job, book and result are small records that pickle, so the same function runs in
this event loop, in a spawned process or on another machine, and gives the same bytes.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from agents.backends import Backend
from agents.backends.template import TemplateBackend
from agents.caption import CaptionTools, filter_captions
from agents.debate import judge_instruction
from agents.protocol import Event, Failed, Job, State, Step, find_captions, list_debates, run_plain
from agents.rules import RuleBook
from agents.store import Reject, ReplayingBackend, ReplyStore, Result, Tally
from agents.task import write_instruction
from tools.errors import MissingError, RejectError
from tools.functions import ImageTools
from tools.lexicon import Lexicon, load_lexicon
from tools.records import Debate, Pair
from tools.scoring import ScorerSettings, make_scorer
from tools.translation import TranslatorSettings


class ResourcesSpec(NamedTuple):
    """What another process needs to open its own resources: names, paths and numbers."""

    backend: str
    prompts: Path
    translator: TranslatorSettings
    scorer: ScorerSettings
    out: Path
    workers: int
    replies: bool
    candidates: int
    max_rounds: int
    deadline_seconds: float


@dataclass(frozen=True)
class Resources:
    """What the agents of one process work with."""

    backend: Backend
    tools: ImageTools
    lexicon: Lexicon
    candidates: int
    max_rounds: int
    deadline_seconds: float


@contextmanager
def open_resources(spec: ResourcesSpec) -> Iterator[Resources]:
    """Resources for this process, closed at the end."""
    lexicon = load_lexicon(spec.prompts)
    backend = make_backend(spec.backend, spec.prompts)
    scorer = make_scorer(spec.scorer, lexicon)
    with ImageTools(spec.translator, scorer, spec.out, workers=spec.workers) as tools:
        resources = Resources(backend, tools, lexicon, spec.candidates, spec.max_rounds, spec.deadline_seconds)
        if not spec.replies:
            yield resources
            return
        with ReplyStore(spec.out / "replies.sqlite") as replies:
            yield replace(resources, backend=ReplayingBackend(backend, replies))


def make_backend(name: str, prompts: Path) -> Backend:
    """The backend of that name.

    Raises:
        MissingError: `llm`, which this release does not contain.
    """
    if name != "template":
        raise MissingError(
            f"--backend {name} is not in this release; --backend template runs the whole pipeline without a model"
        )
    return TemplateBackend(prompts)


class Trio:
    """The three agents of one image. What must stop the whole run is kept in `fatal`, and the conversation ends."""

    def __init__(self, resources: Resources, tools: CaptionTools) -> None:
        self._resources = resources
        self._tools = tools
        self.deadline_seconds = resources.deadline_seconds
        self.fatal: Exception | None = None

    async def act(self, step: Step, state: State) -> Event:
        """Do one agent's turn; a reject becomes a `Failed` event."""
        try:
            return await self._act(step, state)
        except RejectError as error:
            return Failed(agent=step.agent, code=error.code, reason=str(error))
        except Exception as error:  # noqa: BLE001 - kept and raised by `process`, outside of the team's runtime
            self.fatal = error
            return Failed(agent=step.agent, code="stopped", reason=str(error))

    async def _act(self, step: Step, state: State) -> Event:
        own = self._resources
        if step.agent == "caption":
            if state.job.fault is not None:
                raise RejectError(*state.job.fault)
            return await filter_captions(state.job, state.rules, own.backend, self._tools, own.lexicon, own.candidates)
        if step.agent == "task":
            return await write_instruction(step, state, own.backend)
        return await judge_instruction(step, state, own.backend)


async def process(job: Job, book: RuleBook, resources: Resources) -> Result:
    """Take one image through the whole conversation.

    An image that gets no instruction needs no debate: its caption agent works alone, without a team.

    Raises:
        ToolkitError: what must stop the run (a full disk, a dead worker); rejects become results.
    """
    start = State(job, book.rules, resources.max_rounds)
    is_debated = bool(job.kinds) and job.fault is None
    trio = Trio(resources, _open_workbench(resources) if is_debated else resources.tools)
    final = await (_converse(start, trio) if is_debated else _work_alone(start, trio))
    if trio.fatal is not None:
        raise trio.fatal
    return build_result(final, resources.lexicon)


def _open_workbench(resources: Resources) -> CaptionTools:
    """The tools as the team's caption agent calls them: AutoGen FunctionTools behind a workbench."""
    from autogen_core.tools import StaticWorkbench

    from tools.functions import WorkbenchTools, make_function_tools

    return WorkbenchTools(StaticWorkbench([*make_function_tools(resources.tools)]))


async def _work_alone(start: State, trio: Trio) -> State:
    """The caption agent alone."""
    try:
        async with asyncio.timeout(trio.deadline_seconds):
            return await run_plain(start, trio)
    except TimeoutError:
        return start.add(_give_up(trio.deadline_seconds))


async def _converse(start: State, trio: Trio) -> State:
    """The AutoGen team; the deadline cancels it through its token, because it does not hear a cancelled task."""
    from autogen_core import CancellationToken

    from agents.chat import run_team

    token = CancellationToken()
    timer = asyncio.get_running_loop().call_later(trio.deadline_seconds, token.cancel)
    try:
        return await run_team(start, trio, token)
    except asyncio.CancelledError:
        if not token.is_cancelled():
            raise
        return start.add(_give_up(trio.deadline_seconds))
    finally:
        timer.cancel()


def _give_up(seconds: float) -> Failed:
    return Failed(agent="caption", code="deadline", reason=f"not finished within its deadline of {seconds:g} s")


def build_result(final: State, lexicon: Lexicon) -> Result:
    """The record of a final state."""
    failed = next((event for event in final.events if isinstance(event, Failed)), None)
    captions = find_captions(final)
    debates = list_debates(final)
    pairs = captions.pairs if captions else ()
    is_accepted = all(debate.is_accepted for debate in debates)
    return Result(
        index=final.job.index,
        image_id=final.job.photo.image_id,
        photo=final.job.photo.file_name,
        status="rejected" if failed else "accepted" if is_accepted else "failed",
        image=captions.image if captions else None,
        rules=tuple(rule.id for rule in final.rules),
        categories=tuple(sorted({rule.category for rule in final.rules})),
        pairs=pairs,
        debates=debates,
        leaks=tally_leaks(pairs, debates, lexicon),
        refused=final.job.refused,
        reject=_build_reject(failed, captions is None) if failed else None,
    )


def _build_reject(failed: Failed, is_early: bool) -> Reject:
    image_codes = {"missing_file", "not_an_image", "truncated_image", "image_too_large", "unreadable_file"}
    stage = "image" if is_early and failed.code in image_codes else failed.agent
    return Reject(stage=stage, code=failed.code, reason=failed.reason)


def tally_leaks(pairs: Iterable[Pair], debates: Iterable[Debate], lexicon: Lexicon) -> tuple[Tally, ...]:
    """How many captions (before, after) and assistant messages of accepted instructions name each category."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    assistant: Counter[str] = Counter()
    for pair in pairs:
        before.update(find_categories(pair.original, lexicon))
        after.update(find_categories(pair.caption, lexicon))
    for debate in debates:
        if debate.is_accepted:
            for message in debate.rounds[-1].messages:
                if message.role == "assistant":
                    assistant.update(find_categories(message.content, lexicon))
    return tuple(
        Tally(category=name, before=before[name], after=after[name], assistant=assistant[name])
        for name in sorted(before | after | assistant)
    )


def find_categories(text: str, lexicon: Lexicon) -> set[str]:
    """The categories that `text` names, each by itself: "black and white photo" is colour and photo style."""
    if not lexicon.find(text):
        return set()
    return {category for category in lexicon.categories if lexicon.find(text, {category})}
