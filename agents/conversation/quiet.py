"""AutoGen's runtime without what nobody hears.

For each delivery the runtime of AutoGen 0.7.5 writes the message out as JSON up to three times for its event log and
opens a span, whether or not anything listens; that is a sixth of a conversation's CPU. How messages are delivered stays
AutoGen's own. Who wants the spans sets AUTOGEN_DISABLE_RUNTIME_TRACING=false and gets the runtime as it is.
"""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from autogen_core import SingleThreadedAgentRuntime

TRACING_VARIABLE = "AUTOGEN_DISABLE_RUNTIME_TRACING"


def make_runtime() -> SingleThreadedAgentRuntime:
    """The runtime of one team, which raises what its agents raise."""
    is_quiet = os.environ.setdefault(TRACING_VARIABLE, "true") == "true"
    return (QuietRuntime if is_quiet else SingleThreadedAgentRuntime)(ignore_unhandled_exceptions=False)


class NoSpans:
    """Stands where the runtime's `TraceHelper` stands."""

    def trace_block(self, *_: object, **__: object) -> AbstractContextManager[None]:
        """Nothing is opened."""
        return nullcontext()


class QuietRuntime(SingleThreadedAgentRuntime):
    """Delivers messages and says nothing about it."""

    def __init__(self, *, ignore_unhandled_exceptions: bool) -> None:
        super().__init__(ignore_unhandled_exceptions=ignore_unhandled_exceptions)
        self._tracer_helper: Any = NoSpans()

    def forget(self) -> None:
        """Let go of the agents, when their team has stopped.

        They hold the runtime and it holds them: five hundred objects an image that the collector would have to find.
        """
        self._instantiated_agents.clear()
        self._agent_factories.clear()

    def _try_serialize(self, message: Any) -> str:
        return ""

    async def _create_otel_attributes(self, *_: object, **__: object) -> Mapping[str, str]:
        return {}
