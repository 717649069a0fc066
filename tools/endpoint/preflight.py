"""Asks an endpoint the small questions before a run: is it there, is the key right, is the model known, does `n` work?

Through the official openai client: two requests a model, so its cost per request does not matter here.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.endpoint.connection import NO_KEY, EndpointConfig, find_key
from tools.endpoint.faults import make_excerpt
from tools.endpoint.findings import Finding

if TYPE_CHECKING:
    from openai import OpenAI

GREETING = "Hello"
WANTED = 2


def examine_endpoint(config: EndpointConfig, model: str) -> Iterator[Finding]:
    """One finding for each server of `config`, and one for what `model` does there.

    Raises:
        MissingError: the environment has no key, and a server wants one.
    """
    import openai

    key = find_key(config)
    for url in config.base_urls:
        client = openai.OpenAI(api_key=key or NO_KEY, base_url=url, timeout=config.timeout_seconds, max_retries=1)
        with client:
            yield _examine_models(client, url, model, key)
            yield _examine_answers(client, url, model, key)


def _examine_models(client: "OpenAI", url: str, model: str, key: str) -> Finding:
    import openai

    try:
        names = sorted(item.id for item in client.models.list())
    except openai.OpenAIError as error:
        return Finding(url, "absent", f"does not list its models: {make_excerpt(str(error), key)}")
    if model in names:
        return Finding(url, "ok", f"lists {model}")
    return Finding(url, "absent", f"does not list {model}; it has {', '.join(names[:10]) or 'none'}")


def _examine_answers(client: "OpenAI", url: str, model: str, key: str) -> Finding:
    import openai

    name = f"{model} at {url}"
    try:
        reply = client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": GREETING}], n=WANTED, max_tokens=8
        )
    except openai.OpenAIError as error:
        return Finding(name, "missing", f"does not answer: {make_excerpt(str(error), key)}")
    if len(reply.choices) == WANTED:
        return Finding(name, "ok", "answers, and gives several replies a request")
    return Finding(name, "absent", "answers, but gives one reply a request: five candidates take five requests")
