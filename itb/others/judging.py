"""A language model that reads replies where a benchmark's makers have one read them, behind an endpoint.

What it said is kept in a file: the same reply is never asked about twice, and a report can be made again without it.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.endpoint.client import Endpoint
from tools.endpoint.connection import EndpointConfig
from tools.endpoint.messages import ChatRequest
from tools.errors import MissingError, UsageError
from tools.files import write_text
from tools.files.json_text import decode_record
from tools.files.text import TextFault, iterate_lines
from tools.prompts.folder import load_prompts
from tools.prompts.prompt import Prompt
from tools.records import Record

JUDGED_FILE = "judged.jsonl"
PROMPT = "judge"


class Verdict(Record):
    """What a judge said of a reply: a line of the file of verdicts.

    Attributes:
        judge: the model, and the prompt it was asked with.
    """

    judge: str
    reply: str
    verdict: str


@dataclass(frozen=True)
class KnownVerdicts:
    """A judge that was asked before.

    Attributes:
        name: the model, and the prompt it was asked with.
        verdicts: by reply.
    """

    name: str
    verdicts: Mapping[str, str]

    def __call__(self, reply: str) -> str:
        """What it said of a reply."""
        return self.verdicts[reply]


class EndpointJudge:
    """Asks a model about replies, many at once.

    Args:
        config: how to reach it.
        model: what the server calls it.
        pack: folder of a modality pack, with `itb/judge.md`.

    Raises:
        MissingError: the pack has no such prompt.
    """

    def __init__(self, config: EndpointConfig, model: str, pack: Path) -> None:
        self._config = config
        self._model = model
        self._prompt = load_judge_prompt(pack)
        self.name = f"{model}, {self._prompt.id} {self._prompt.version} {self._prompt.digest}"

    def judge_all(self, replies: Iterable[str], file: Path) -> KnownVerdicts:
        """A judge that knows all of these replies: from the file where they stand in it, else asked now and added.

        Raises:
            UsageError: the file holds something else.
            ToolkitError: the server did not answer; what it said before is kept.
        """
        known = read_verdicts(file, self.name)
        wanted = [reply for reply in dict.fromkeys(replies) if reply not in known]
        if wanted:
            said = dict(zip(wanted, asyncio.run(self._ask_all(wanted)), strict=True))
            known |= {reply: verdict for reply, verdict in said.items() if isinstance(verdict, str)}
            lines = [Verdict(judge=self.name, reply=reply, verdict=verdict) for reply, verdict in known.items()]
            write_text(file, "".join(f"{line.model_dump_json()}\n" for line in lines), errors="replace")
            for verdict in said.values():
                if isinstance(verdict, BaseException):
                    raise verdict
        return KnownVerdicts(self.name, known)

    async def _ask_all(self, replies: Sequence[str]) -> list[str | BaseException]:
        """What is said of each, or why nothing is: what was paid for is kept."""
        limit = asyncio.Semaphore(self._config.concurrency)

        async def ask(endpoint: Endpoint, reply: str) -> str:
            async with limit:
                completion = await endpoint.complete(self._request(reply))
                return completion.answers[0].content.strip()

        async with Endpoint(self._config) as endpoint:
            return await asyncio.gather(*(ask(endpoint, reply) for reply in replies), return_exceptions=True)

    def _request(self, reply: str) -> ChatRequest:
        messages = tuple({"role": one.role, "content": one.content} for one in self._prompt.render(reply=reply))
        sampling = self._prompt.sampling
        options = {"temperature": sampling.temperature, "max_tokens": sampling.max_tokens}
        return ChatRequest(model=self._model, messages=messages, options=options)


def load_judge_prompt(pack: Path) -> Prompt:
    """What a judge is asked.

    Raises:
        MissingError: the pack does not say.
    """
    prompts = load_prompts(pack / "itb")
    if PROMPT not in prompts:
        raise MissingError(f"{pack}: has no itb/{PROMPT}.md, which says what a judge is asked; copy another pack's")
    return prompts[PROMPT]


def read_verdicts(file: Path, judge: str) -> dict[str, str]:
    """What this judge said before, by reply.

    Raises:
        UsageError: the file holds something else.
    """
    found = {}
    for line in iterate_lines(file) if file.is_file() else ():
        try:
            verdict = decode_record(line.content, Verdict)
        except TextFault as fault:
            raise UsageError(f"{file} line {line.number}: {fault}; delete the file, and ask again") from None
        if verdict.judge == judge:
            found[verdict.reply] = verdict.verdict
    return found
