"""The one OpenAI-compatible client: retries, limits, several servers."""

from tools.endpoint.client import Endpoint
from tools.endpoint.connection import EndpointConfig
from tools.endpoint.faults import TransportError
from tools.endpoint.limits import AdaptiveLimit, RateLimit
from tools.endpoint.messages import ChatRequest, Completion
from tools.endpoint.stats import Stats

__all__ = [
    "AdaptiveLimit",
    "ChatRequest",
    "Completion",
    "Endpoint",
    "EndpointConfig",
    "RateLimit",
    "Stats",
    "TransportError",
]
