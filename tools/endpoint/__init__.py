"""The one OpenAI-compatible client: retries, limits, several servers."""

from tools.endpoint.client import ChatRequest, Completion, Endpoint, EndpointConfig, TransportError
from tools.endpoint.limits import AdaptiveLimit, RateLimit

__all__ = ["AdaptiveLimit", "ChatRequest", "Completion", "Endpoint", "EndpointConfig", "RateLimit", "TransportError"]
