"""How an endpoint is reached: its servers and settings, the key, certificates and proxies."""

import os
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from tools.endpoint import KEY_VARIABLE
from tools.errors import MissingError, UsageError
from tools.records import Record

NO_KEY = "none"
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


KEY_HINT = "the key in the environment (--key-variable)"


class EndpointConfig(Record):
    """How to reach a model.

    Attributes:
        base_urls: one or several servers of the same model, asked in turn; each ends before `/chat/completions`.
        timeout_seconds: of one attempt, until its last byte.
        attempts: transport attempts of one request.
        first_wait_seconds: before the second attempt; doubles from then on.
        concurrency: most requests under way at once.
        key_variable: environment variable that holds the key; servers on this machine need none.
    """

    base_urls: tuple[str, ...]
    timeout_seconds: float = 120.0
    attempts: int = 6
    first_wait_seconds: float = 0.5
    concurrency: int = 64
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    key_variable: str = KEY_VARIABLE

    def share(self, askers: int) -> "EndpointConfig":
        """The part of one of several processes that ask together: its limits a minute."""
        limits = {name: getattr(self, name) for name in ("requests_per_minute", "tokens_per_minute")}
        return self.model_copy(update={name: limit and limit / askers for name, limit in limits.items()})


def make_ssl_context() -> ssl.SSLContext:
    """The system's certificates and certifi's, for systems whose Python has none of its own."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def find_proxy(url: str) -> str | None:
    """The proxy that the environment names for a base URL (HTTP_PROXY, HTTPS_PROXY, NO_PROXY).

    Looked up once a server: aiohttp's own `trust_env` does it for every request, at twice the CPU of all the rest.

    Raises:
        UsageError: it is of a kind that aiohttp does not speak.
    """
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if proxy is None or proxy_bypass(parts.netloc):
        return None
    if urlsplit(proxy).scheme not in ("http", "https"):
        kind = urlsplit(proxy).scheme or "unnamed"
        raise UsageError(
            f"the environment's proxy for {parts.scheme} is of the kind {kind!r}: only http:// and https:// proxies "
            f"work; change {parts.scheme.upper()}_PROXY, or name {parts.hostname} in NO_PROXY"
        )
    return proxy


def find_key(config: EndpointConfig) -> str:
    """The key from the environment; empty where a server on this machine needs none.

    Raises:
        MissingError: there is none, and a server elsewhere wants one.
        UsageError: it holds characters that cannot be sent.
    """
    key = os.environ.get(config.key_variable, "").strip()
    elsewhere = [url for url in config.base_urls if urlsplit(url).hostname not in LOCAL_HOSTS]
    if not key and elsewhere:
        raise MissingError(f"{elsewhere[0]} wants a key: export {config.key_variable}=... and run again")
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise UsageError(
            f"the key in {config.key_variable} holds a blank or a character that no key has, perhaps from copying; "
            f"export {config.key_variable}=... again and run again"
        )
    return key


def split_urls(value: str) -> tuple[str, ...]:
    """`http://a/v1,http://b/v1` -> both, without a slash at the end.

    Raises:
        ValueError: an address that holds a password or a query, or is none; a password is never quoted.
    """
    urls = tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
    for url in urls:
        parts = urlsplit(url)
        if "@" in (parts.netloc or url) or parts.query:
            raise ValueError(f"a base URL with a password or a query would be written down; set {KEY_HINT} instead")
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"`{url}` is no address such as http://localhost:8000/v1")
    if not urls:
        raise ValueError("no address is given, e.g. http://localhost:8000/v1")
    return urls
