"""A user's transport in one file: each wave is answered here, by a function."""

import json

from agents.running.waves.results import ResultsReader
from tools.records import Record
from tools.registry import Entry, register


class EchoSettings(Record):
    caption: str = "A thing."


class EchoCarrier:
    most_requests, most_bytes = 100, 1_000_000

    def __init__(self, settings: EchoSettings, parts) -> None:
        self._caption = settings.caption
        self._parts = parts

    async def carry(self, wave: int) -> None:
        lines = [json.loads(line) for line in self._parts.store.write_lines(wave)]
        ResultsReader(self._parts.store).read([self._answer(line) for line in lines])
        self._parts.say(f"echoed {len(lines)}")

    def _answer(self, line) -> bytes:
        is_verdict = "judge" in line["body"]["messages"][0]["content"].partition("\n")[0]
        text = "ACCEPT" if is_verdict else self._caption
        choices = [{"message": {"content": text}, "finish_reason": "stop"}] * line["body"].get("n", 1)
        reply = {"choices": choices, "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
        row = {"custom_id": line["custom_id"], "response": {"status_code": 200, "body": reply}, "error": None}
        return json.dumps(row).encode()

    async def close(self) -> None:
        pass


def make_echo(settings: EchoSettings, parts) -> EchoCarrier:
    return EchoCarrier(settings, parts)


register("transport", Entry("echo", "answers waves itself", make_echo, settings=EchoSettings, traits={"waves": True}))
