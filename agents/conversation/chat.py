"""The AutoGen team of one image: three agents, one `SelectorGroupChat`, the order decided by `protocol.next_step`.

A team is built for each image (0.1 ms) and dropped: a shared runtime never frees its agents, and a cancelled team
cannot be used again. Messages carry ids, paths and short texts, because every message is serialised for every
delivery. An agent never raises: what goes wrong becomes a `Failed` event, which ends the conversation.
"""

import logging
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Generic, TypeVar

from autogen_agentchat.agents import BaseChatAgent
from autogen_agentchat.base import Response, TerminatedException, TerminationCondition
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage, StopMessage, StructuredMessage
from autogen_agentchat.teams import SelectorGroupChat
from autogen_core import CancellationToken
from autogen_core.models import (
    ChatCompletionClient,
    CreateResult,
    LLMMessage,
    ModelInfo,
    RequestUsage,
    UserMessage,
)
from autogen_core.tools import Tool, ToolSchema

from agents.conversation.protocol import (
    AgentName,
    Agents,
    CaptionsEdited,
    CaptionsFiltered,
    CaptionsJudged,
    Event,
    Failed,
    InstructionWritten,
    Job,
    State,
    VerdictGiven,
    next_step,
)
from agents.conversation.quiet import QuietRuntime, make_runtime
from tools.errors import ToolkitError
from tools.records import Record

# A cancelled team is reported by `process`; AutoGen would add a traceback for each of its agents.
logging.getLogger("autogen_core").setLevel(logging.CRITICAL + 1)

Content = TypeVar("Content", bound=Record)


class ProtocolMessage(StructuredMessage[Content], Generic[Content]):
    """A typed message that prints in short: the runtime puts each into a line of its log, which nobody reads.

    So does what the group chat keeps for the model that it would let choose the next speaker.
    """

    def to_model_message(self) -> UserMessage:
        """No model reads it."""
        return UserMessage(content=repr(self), source=self.source)

    def __repr__(self) -> str:
        return f"{type(self).__name__} from {self.source}"


EVENTS: tuple[type[Event], ...] = (
    CaptionsFiltered, CaptionsJudged, CaptionsEdited, InstructionWritten, VerdictGiven, Failed
)  # fmt: skip
MESSAGES: dict[type[Record], type[StructuredMessage[Any]]] = {
    kind: ProtocolMessage[kind]  # type: ignore[valid-type]
    for kind in (*EVENTS, Job)
}
AGENTS: dict[AgentName, str] = {
    "caption": "translates the photograph, filters its captions and keeps the best candidates",
    "task": "writes an instruction from the filtered captions and the boxes",
    "debate": "judges captions and instructions, and mines filtering rules from its objections",
}


def read_events(messages: Sequence[BaseAgentEvent | BaseChatMessage]) -> tuple[Event, ...]:
    """The protocol's events among `messages`, oldest first."""
    contents = (message.content for message in messages if isinstance(message, StructuredMessage))
    return tuple(content for content in contents if isinstance(content, EVENTS))


class ProtocolAgent(BaseChatAgent):
    """One of the three agents: it hears every event, and when its turn comes does what `Agents.act` does."""

    def __init__(self, name: AgentName, start: State, agents: Agents) -> None:
        super().__init__(name, AGENTS[name])
        self._state = start
        self._agents = agents

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        """Structured messages, one type an event."""
        return [MESSAGES[event] for event in EVENTS]

    async def on_messages(self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken) -> Response:
        """Hear what was said since the last turn, then act."""
        for heard in read_events(messages):
            self._state = self._state.add(heard)
        step = next_step(self._state)
        if step is None or step.agent != self.name:
            event: Event = Failed(agent=self.name, code="out_of_order", reason=f"{self.name} spoke out of turn")  # type: ignore[arg-type]
        else:
            event = await self._agents.act(step, self._state)
        self._state = self._state.add(event)
        return Response(chat_message=MESSAGES[type(event)](content=event, source=self.name))

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        """Refused: a team is built anew for every conversation."""
        raise ToolkitError("a team of one image cannot be reset; build another")


class FinalEvent(TerminationCondition):
    """Stops the team when the protocol has no next step."""

    def __init__(self, start: State) -> None:
        self.state = start

    @property
    def terminated(self) -> bool:
        """Whether the image is final."""
        return bool(self.state.events) and next_step(self.state) is None

    async def __call__(self, messages: Sequence[BaseAgentEvent | BaseChatMessage]) -> StopMessage | None:
        """Take in what was said and stop after a final event."""
        if self.terminated:
            raise TerminatedException("the image is final")
        for event in read_events(messages):
            self.state = self.state.add(event)
        return StopMessage(content="final", source="protocol") if self.terminated else None

    async def reset(self) -> None:
        """The team resets its condition after a run; the state stays for the caller to read."""


class NoModel(ChatCompletionClient):
    """The model client that SelectorGroupChat wants and never calls: the order is the protocol's."""

    @property
    def model_info(self) -> ModelInfo:
        """No capability at all."""
        return ModelInfo(
            vision=False, function_calling=False, json_output=False, family="none", structured_output=False
        )

    @property
    def capabilities(self) -> Any:
        """The older name of `model_info`."""
        return self.model_info

    async def create(self, messages: Sequence[LLMMessage], **options: Any) -> CreateResult:
        """Never called."""
        raise ToolkitError("the order of speakers is the protocol's; no model chooses it")

    def create_stream(self, messages: Sequence[LLMMessage], **options: Any) -> AsyncGenerator[str | CreateResult, None]:
        """Never called."""
        raise ToolkitError("the order of speakers is the protocol's; no model chooses it")

    async def close(self) -> None:
        """Nothing to close."""

    def actual_usage(self) -> RequestUsage:
        """Nothing is used."""
        return RequestUsage(prompt_tokens=0, completion_tokens=0)

    total_usage = actual_usage

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[Tool | ToolSchema] = ()) -> int:
        """Nothing is counted."""
        return 0

    remaining_tokens = count_tokens


def build_team(start: State, agents: Agents) -> tuple[SelectorGroupChat, FinalEvent]:
    """The team of one image, and the condition that holds its state when it has stopped."""
    final = FinalEvent(start)

    def choose_speaker(messages: Sequence[BaseAgentEvent | BaseChatMessage]) -> str | None:
        step = next_step(final.state)
        return step.agent if step else None

    team = SelectorGroupChat(
        [ProtocolAgent(name, start, agents) for name in AGENTS],
        model_client=NoModel(),
        termination_condition=final,
        selector_func=choose_speaker,
        allow_repeated_speaker=True,
        custom_message_types=list(MESSAGES.values()),
        runtime=make_runtime(),
    )
    team._embedded_runtime = True  # it starts and stops this one, as it does the one that it makes itself
    return team, final


async def run_team(start: State, agents: Agents) -> State:
    """The whole conversation as an AutoGen group chat; the same state as `protocol.run_plain` gives."""
    team, final = build_team(start, agents)
    opening = MESSAGES[Job](content=start.job, source="user")
    try:
        await team.run(task=opening)
    finally:
        if isinstance(team._runtime, QuietRuntime):
            team._runtime.forget()
    return final.state
