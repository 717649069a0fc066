"""A scripted OpenAI-compatible server in a process of its own, for tests and benchmarks.

    with scripted_server(latency=0.05, faults={"429": 0.1, "500": 0.1}) as server:
        ...  # server.url, server.read_log()

It knows the agents' prompts by the first words of their system message and answers each in the form it asks for, from
the request alone: equal requests get equal answers. Which request meets which fault depends on its body and on how
often that body was sent, so a request that is sent again gets through.
"""

import argparse
import asyncio
import base64
import contextlib
import email.utils
import hashlib
import json
import multiprocessing
import os
import re
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from scripted_modes import disguise, refuse

COLOURS = re.compile(r"\b(?:red|blue|green|white|black|brown|yellow|orange|pink|gray|grey|colorful)\b ?", re.IGNORECASE)
MATERIALS = re.compile(r"\b(?:wooden|brick|metal|plastic|glass)\b", re.IGNORECASE)
OPENINGS = ("", "Here: ", "In view: ", "In this scene: ", "Visible here: ")
CONTENT_FAULTS = {
    "empty": "",
    "refusal": "I'm sorry, but I can't help with that request.",
    "half_json": '{"question": "What is',
    "html": "<script>alert(1)</script><p>No.</p>",
    "loop": "the the the the " * 60,
    "no_content": None,
    "surrogate": "half a \ud83d pair",
}
BAD_BODIES = {"bad_json": '{"choices": [', "deep_json": "[" * 200_000}
HTTP_FAULTS = {str(code): code for code in (400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 520, 529)}


class Server(NamedTuple):
    """A running server: its base URL and its process."""

    url: str
    process: BaseProcess

    def read_log(self) -> dict[str, Any]:
        """Requests so far: `total`, `answered`, `bodies` (how often each body was sent), `answers` (answered),
        `arrived` (clock and body of each)."""
        with urllib.request.urlopen(self.url.replace("/v1", "/log"), timeout=10) as reply:
            found: dict[str, Any] = json.load(reply)
            return found


@contextlib.contextmanager
def scripted_server(**options: Any) -> Iterator[Server]:
    """Start a server, stop it at the end. The options are those of `Script`.

    Servers are forked off a process that has imported what they need, once for all of them.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["aiohttp.web"])
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_serve_for_parent, args=(options, writer), daemon=True)
    process.start()
    writer.close()
    try:
        yield Server(f"http://127.0.0.1:{reader.recv()}/v1", process)
    finally:
        process.kill()
        process.join()
        reader.close()


class Script:
    """What the server does with a request.

    Args:
        latency: seconds before an answer; one in `slow_every` takes `slow_factor` times as long, and so do all whose
            body matches the regular expression `slow_text`.
        faults: share of first attempts that meet each fault: a status of `HTTP_FAULTS`, a content of `CONTENT_FAULTS`,
            `reset`, `timeout` (silence), `hang` (half a body, then silence), `cut` (half a body, then the end),
            `bad_json`, `deep_json`, `no_choices`, `few_choices` (one fewer than wanted), `many_choices`.
        plan: faults of the first requests in order of arrival, null for none; goes before `faults`.
        lasting: the fault meets every attempt, not only the first.
        mode: how it misbehaves (tests/scripted_modes.py), or a list of modes, of which each attempt meets one.
        honours_n: give `n` answers; else one whatever is asked.
        refuses_n: answer 400 when n is above 1.
        per_second: requests served each second; the rest wait.
        counts: say in the replies how many tokens they took.
        retry_after: of the error replies: seconds, or a text sent as it is, `date+N` for the HTTP date in N seconds.
        reject: words that the debate prompt rejects.
        reject_captions: words that the prompt that judges captions rejects; those of `reject` if not given.
        seen: SHA-256 of an image -> `[thing, left, top, right, bottom, relation]`, what the model sees in it, with
            numbers of 0 to 1000.
        wants_key: answer 401 to any other.
        echo_key: repeat the key in error bodies, as some servers do, and in bodies without choices.
    """

    def __init__(self, **options: Any) -> None:
        self.latency = float(options.get("latency", 0.0))
        self.slow_every, self.slow_factor = int(options.get("slow_every", 0)), float(options.get("slow_factor", 20))
        self.slow_text = re.compile(options["slow_text"].encode()) if "slow_text" in options else None
        self.faults: dict[str, float] = options.get("faults", {})
        self.lasting = bool(options.get("lasting", False))
        self.honours_n, self.refuses_n = bool(options.get("honours_n", True)), bool(options.get("refuses_n", False))
        self.per_second = float(options.get("per_second", 0))
        self.reject = options.get("reject", MATERIALS.pattern)
        self.reject_captions = options.get("reject_captions", self.reject)
        self.seen: dict[str, list[list[Any]]] = options.get("seen", {})
        self.wants_key = options.get("wants_key")
        self.echo_key = bool(options.get("echo_key", False))
        self.retry_after = options.get("retry_after")
        self.counts = bool(options.get("counts", True))
        self.plan: list[str | None] = list(options.get("plan", []))
        self.modes: list[str] = [options["mode"]] if isinstance(options.get("mode"), str) else options.get("mode", [])
        self.sent: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.answered_at: list[float] = []
        self.arrived: list[tuple[float, str]] = []
        self.next_free = 0.0
        self.running = self.most = 0

    def choose_fault(self, digest: str) -> str | None:
        """The fault this attempt meets."""
        if self.plan:
            return self.plan.pop(0)
        if self.sent[digest] > 1 and not self.lasting:
            return None
        point = int(digest[:8], 16) / 16**8
        for name, share in self.faults.items():
            if point < share:
                return name
            point -= share
        return None

    def choose_mode(self, digest: str) -> str:
        """How this attempt is answered; empty where nothing misbehaves."""
        point = hashlib.sha256(f"{digest}{self.sent[digest]}".encode()).hexdigest()
        return self.modes[int(point[:8], 16) % len(self.modes)] if self.modes else ""

    def choose_reject(self, request: dict[str, Any]) -> str:
        """The words that are rejected in what this request asks to judge."""
        is_about_captions = _read(request["messages"][0]).startswith("You judge captions")
        return self.reject_captions if is_about_captions else self.reject

    def make_headers(self) -> dict[str, str]:
        """Headers of an error reply."""
        value = self.retry_after
        if isinstance(value, str) and value.startswith("date+"):
            value = email.utils.formatdate(time.time() + float(value[5:]), usegmt=True)
        return {} if value is None else {"Retry-After": str(value)}


def answer(  # noqa: PLR0911, C901 - one return a kind of prompt
    request: dict[str, Any], number: int, reject: str, seen: Mapping[str, list[list[Any]]] = {}
) -> str:
    """What a model would say, by the kind of prompt."""
    messages = request["messages"]
    system, last = _read(messages[0]), _read(messages[-1])
    if "Reply with" in last.rsplit("\n", 1)[-1]:
        return answer_template(last)
    if system.startswith("You edit captions"):
        caption, _, told = last.rsplit("Caption:", 1)[-1].partition("An edit of it was rejected:")
        caption = (MATERIALS.sub("", caption) if told else caption).strip()
        return OPENINGS[number % len(OPENINGS)] + (" ".join(COLOURS.sub("", caption).split()) or caption)
    if system.startswith("You write captions"):
        return caption_image(messages[-1], number, seen)
    captions = re.findall(r"^- (.+)$", last.partition("Captions:")[2].partition("Boxes:")[0], re.MULTILINE)
    scene = (captions or ["Nothing."])[number % max(len(captions), 1)].rstrip(".")
    failed = "Reasons" in last or re.search(r"\[(?:material|lexicon|llm)\]", last)
    scene = MATERIALS.sub("", scene) if failed else scene
    scene = " ".join(scene.split())
    if system.startswith("You write a conversation"):
        if "such a sensor alone" in system:
            rounds = [
                f"Question: What of this?\n===\nAnswer: {line[:1].upper()}{line[1:]}." for line in find_lines(last)
            ]
            return "\n===\n".join((rounds * 2)[: max(2, len(rounds))])
        pairs = (
            f"Question: What is shown?\n===\nAnswer: {scene}.",
            "Question: Is it warm?\n===\nAnswer: Living bodies are.",
        )
        return "\n===\n".join(pairs)
    if system.startswith("You write one question"):
        return f"Question: What is likely warm here?\n===\nAnswer: In the scene, {scene}. Living bodies give off heat."
    if system.startswith("You describe"):
        return f"The infrared image shows this: {scene}."
    if system.startswith("You judge captions"):
        rows = re.findall(r"^(\d+)\. (.+)$", last.partition("Findings:")[0], re.MULTILINE)
        hits = [(number, match[0]) for number, text in rows if (match := re.search(reject, text, re.IGNORECASE))]
        lines = (f'- {number} "{words}": infrared cannot show it [material]' for number, words in hits)
        return "\n".join(("REJECT", *lines)) if hits else "ACCEPT"
    if system.startswith("You judge"):
        found = re.search(reject, last.partition("Instruction:")[2].partition("Findings:")[0], re.IGNORECASE)
        return f'REJECT\n- "{found[0]}": infrared cannot show it [material]' if found else "ACCEPT"
    if system.startswith("You maintain the rules"):
        return "- material: Remove every word about materials."
    return f"answer {number}"


def make_reply(script: Script, request: dict[str, Any], digest: str, texts: list[Any]) -> dict[str, Any]:
    """The body of a reply with these answers."""
    choices = [
        {"index": k, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        for k, text in enumerate(texts)
    ]
    usage = {
        "prompt_tokens": sum(len(_read(m)) for m in request["messages"]) // 4,
        "completion_tokens": sum(len(text or "") for text in texts) // 4,
    }
    usage["total_tokens"] = sum(usage.values())
    reply = {"id": digest[:12], "object": "chat.completion", "created": 0, "model": request.get("model", "")}
    return {**reply, "choices": choices, **({"usage": usage} if script.counts else {})}


def find_lines(last: str) -> list[str]:
    """What a request says was measured."""
    listed = re.match(r"\n((?:- .+\n?)*)", last.partition("Measured in this image:")[2])
    lines = re.findall(r"^- (.+?)(?: \(AUC [\d.]+\))?$", listed[1] if listed else "", re.MULTILINE)
    return [line for line in lines if not line.startswith("nothing that")]


def caption_image(request: dict[str, Any], number: int, seen: Mapping[str, list[list[Any]]]) -> str:
    """A caption of what is seen or, without an image, of what was measured; nothing of brightness once refused."""
    last, things = _read(request), []
    if not isinstance(request["content"], str):
        url = request["content"][1]["image_url"]["url"]
        things = seen.get(hashlib.sha256(base64.b64decode(url.partition(",")[2])).hexdigest(), [])
    if "Earlier captions were refused" in last:
        return f"Caption: {OPENINGS[number % len(OPENINGS)]}A view of the scene."
    if things:
        thing, *corners, relation = things[number % len(things)]
        clause = "stands out brightly" if relation == "brighter" else "stands out darkly"
        line = f"Claim: {thing} | {' '.join(map(str, corners))} | {relation}"
        return f"Caption: A {thing} {clause} from the surroundings.\n{line}"
    lines = find_lines(last)
    return f"Caption: A scene in which {lines[number % len(lines)]}." if lines else "Caption: A view of the scene."


def answer_template(asked: str) -> str:
    """An answer in the form that a question of the benchmark asks for, from its text alone."""
    point = int(hashlib.sha256(asked.encode()).hexdigest()[:8], 16)
    form = asked.rsplit("Reply with", 1)[-1]
    if "yes or no" in form:
        return ("Yes.", "No.")[point % 2]
    if "letter" in form:
        return f"The answer is {'ABCD'[point % asked.count('. ')]}."
    return f"{point % 7} °C" if " in " in form else f"I count {point % 7}."


def _read(message: dict[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)


def make_app(script: Script) -> Any:
    """The web application."""
    from aiohttp import web

    async def complete(http: web.Request) -> web.StreamResponse:
        raw = await http.read()
        digest = hashlib.sha256(raw).hexdigest()
        script.sent[digest] += 1
        script.arrived.append((time.time(), digest))
        script.running += 1
        script.most = max(script.most, script.running)
        try:
            await _wait(script, raw)
            return await _respond(script, http, json.loads(raw), digest)
        finally:
            script.answered_at.append(time.monotonic())
            script.running -= 1

    async def log(http: web.Request) -> web.Response:
        return web.json_response(
            {
                "total": sum(script.sent.values()), "answered": sum(script.answered.values()), "bodies": script.sent,
                "answers": script.answered, "most": script.most,
                "answered_at": script.answered_at, "arrived": script.arrived,
            }
        )  # fmt: skip

    async def models(_: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "scripted", "object": "model"}]})

    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.add_routes([web.post("/v1/chat/completions", complete), web.get("/v1/models", models), web.get("/log", log)])
    return app


async def _wait(script: Script, raw: bytes) -> None:
    delay = script.latency
    if script.slow_text and script.slow_text.search(raw):
        delay *= script.slow_factor
    if script.slow_every and sum(script.sent.values()) % script.slow_every == 0:
        delay *= script.slow_factor
    if script.per_second:
        now = time.monotonic()
        script.next_free = max(now, script.next_free) + 1 / script.per_second
        delay = max(delay, script.next_free - now)
    if delay:
        await asyncio.sleep(delay)


async def _respond(  # noqa: PLR0911, C901 - one return a kind of fault
    script: Script, http: Any, request: dict[str, Any], digest: str
) -> Any:
    from aiohttp import web

    fault, n = script.choose_fault(digest), int(request.get("n", 1))
    if script.wants_key and http.headers.get("Authorization") != f"Bearer {script.wants_key}":
        fault = "401"
    if not request["messages"]:  # curator asks this way whether a server is there
        return web.json_response({"error": {"message": "no messages"}}, status=400)
    if script.refuses_n and n > 1:
        return web.json_response({"error": {"message": "n must be 1"}}, status=400)
    if fault in HTTP_FAULTS:
        key = http.headers.get("Authorization", "") if script.echo_key else ""
        return web.json_response(
            {"error": {"message": f"scripted {fault} {key}"}}, status=HTTP_FAULTS[fault], headers=script.make_headers()
        )
    if fault == "reset":
        http.transport.abort()
        return web.Response()
    if fault == "timeout":
        await asyncio.sleep(3600)
    if fault in ("hang", "cut"):
        half = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
        await half.prepare(http)
        await half.write(b'{"choices": [{"mess')
        await asyncio.sleep(3600 if fault == "hang" else 0.01)
        http.transport.abort()
        return half
    if fault in BAD_BODIES:
        return web.Response(text=BAD_BODIES[fault], content_type="application/json")
    mode = script.choose_mode(digest)
    refused = refuse(mode, request)
    if refused:
        return web.json_response(refused.body, status=refused.status)
    script.answered[digest] += 1
    count = {"few_choices": n - 1, "many_choices": n + 1}.get(str(fault), n) if script.honours_n else 1
    reject = script.choose_reject(request)
    texts = [
        CONTENT_FAULTS[fault] if fault in CONTENT_FAULTS else answer(request, k, reject, script.seen)
        for k in range(count)
    ]
    if fault == "no_choices":
        return web.json_response({"oops": http.headers.get("Authorization", "") if script.echo_key else ""})
    whole = make_reply(script, request, digest, texts)
    body = disguise(mode, whole, "You edit captions" in _read(request["messages"][0])) if mode else whole
    return (
        web.Response(text=body, content_type="text/event-stream") if isinstance(body, str) else web.json_response(body)
    )


def _serve_for_parent(options: dict[str, Any], port: Connection) -> None:
    """Serve as long as the process that asked for it lives."""
    watch_parent()
    asyncio.run(serve(options, port.send))


def watch_parent() -> None:
    """End this process with the one that started it."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=lambda: (parent.join(), os._exit(0)), daemon=True).start()


def _serve_for_stdin(options: dict[str, Any]) -> None:
    """Print the port; serve until the other end of stdin is closed or its process dead."""
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    asyncio.run(serve(options, lambda port: print(port, flush=True)))  # noqa: T201


async def serve(options: dict[str, Any], tell: Callable[[int], object]) -> None:
    """Serve on a free port of this machine, told as soon as requests are taken."""
    await run_app(make_app(Script(**options)), tell)


async def run_app(app: Any, tell: Callable[[int], object], port: int = 0) -> None:
    """Serve an application; told its port as soon as requests are taken."""
    from aiohttp import web

    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=1024)
    await site.start()
    tell(runner.addresses[0][1])
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("options", nargs="?", default="{}", help="JSON")
    _serve_for_stdin(json.loads(parser.parse_args().options))
