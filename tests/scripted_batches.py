"""A scripted Batch API in a process of its own: files and batches as OpenAI's has them, kept in a folder.

    with scripted_batches(folder, malformed=0.1, failed=0.1) as server:
        ...  # server.url, server.read_log()

    python tests/scripted_batches.py wave.jsonl results.jsonl

It answers as tests/scripted_server.py does, from each request alone. Results come out of order, in a file of answers
and one of errors; which line meets a fault hangs on its body, and one that is asked again gets through. What it holds
stands in the folder, so a server that is started again on the same folder goes on. `answer_file` is the stand-in of an
engine that takes such files (vLLM's `run_batch`).
"""

import argparse
import asyncio
import contextlib
import hashlib
import json
import multiprocessing
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripted_server import Script, Server, answer, make_reply, run_app, watch_parent

ROW = {"object": "batch", "endpoint": "/v1/chat/completions", "completion_window": "24h", "created_at": 0}


@contextlib.contextmanager
def scripted_batches(folder: Path, port: int = 0, **options: Any) -> Iterator[Server]:
    """Start a server, stop it at the end; the options are those of `Batches`, and of `Script` for what it answers."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["aiohttp.web"])
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(str(folder), port, options, writer), daemon=True)
    process.start()
    writer.close()
    try:
        yield Server(f"http://127.0.0.1:{reader.recv()}/v1", process)
    finally:
        process.kill()
        process.join()
        reader.close()


def _serve(folder: str, port: int, options: dict[str, Any], writer: Any) -> None:
    watch_parent()
    asyncio.run(run_app(make_app(Batches(Path(folder), options)), writer.send, port))


class Batches:
    """What the API holds and does.

    Args:
        looks: how often a batch is looked at before it is over.
        malformed, failed: shares of first attempts whose result is no JSON, or an error of the server.
        ends: statuses of the first batches in their order, `completed` for those after: `expired`, `cancelled`,
            `failed`, each with half of its answers but `failed`.
        drops: answers to requests that are lost on the way, though what they ask is done: `upload`, `begin`.
    """

    def __init__(self, folder: Path, options: dict[str, Any]) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.script = Script(**options)
        self.looks = int(options.get("looks", 1))
        self.shares = {name: float(options.get(name, 0)) for name in ("malformed", "failed")}
        self.ends: list[str] = list(options.get("ends", []))
        self.drops: list[str] = list(options.get("drops", []))
        self.state: dict[str, Any] = {"files": {}, "batches": {}, "sent": {}, "requests": []}
        if (folder / "state.json").exists():
            self.state = json.loads((folder / "state.json").read_text())

    def save(self) -> None:
        """Write down what there is."""
        (self.folder / "state.json").write_text(json.dumps(self.state))

    def add_file(self, name: str, content: bytes) -> dict[str, Any]:
        """Keep a file."""
        number = f"file-{len(self.state['files']) + 1}"
        (self.folder / number).write_bytes(content)
        self.state["files"][number] = {
            "id": number, "object": "file", "bytes": len(content), "created_at": 0, "filename": name,
            "purpose": "batch", "status": "processed",
        }  # fmt: skip
        self.save()
        return dict(self.state["files"][number])

    def begin(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Take a batch; its requests are answered now, whatever is shown."""
        number = f"batch-{len(self.state['batches']) + 1}"
        lines = (self.folder / asked["input_file_id"]).read_bytes().splitlines()
        end = self.ends[len(self.state["batches"])] if len(self.state["batches"]) < len(self.ends) else "completed"
        row = {"id": number, **ROW, **asked, "status": "in_progress", "end": end, "looks": 0}
        row["request_counts"] = {"total": len(lines), "completed": 0, "failed": 0}
        if end == "failed":
            row["errors"] = {"object": "list", "data": [{"code": "token_limit_exceeded", "message": "queue is full"}]}
        else:
            self.state["requests"].append(len(lines))
            kept = len(lines) if end == "completed" else len(lines) // 2
            good, bad = self.answer_lines(lines[:kept])
            bad += [self.write_lost(line, end) for line in lines[kept:]]
            random.Random(number).shuffle(good)
            outputs = {"output": good, "error": bad}
            row["outputs"] = {
                name: self.add_file(f"{name}.jsonl", b"".join(made))["id"] for name, made in outputs.items() if made
            }
        self.state["batches"][number] = row
        self.save()
        return self.show(row)

    def answer_lines(self, lines: list[bytes]) -> tuple[list[bytes], list[bytes]]:
        """Results of lines, and errors."""
        good, bad = [], []
        for line in lines:
            row = json.loads(line)
            digest = hashlib.sha256(json.dumps(row["body"], sort_keys=True).encode()).hexdigest()
            sent = self.state["sent"][digest] = self.state["sent"].get(digest, 0) + 1
            point = int(digest[:8], 16) / 16**8 if sent == 1 else 1.0
            result = json.dumps(answer_row(self.script, row, digest)).encode() + b"\n"
            if point < self.shares["malformed"]:
                good.append(result[: len(result) // 2] + b"\n")
            elif point < sum(self.shares.values()):
                bad.append(write_result(row, 500, {"error": {"message": "the server fell over"}}))
            else:
                good.append(result)
        return good, bad

    def write_lost(self, line: bytes, end: str) -> bytes:
        """The error of a request that a batch did not come to."""
        error = {"code": f"batch_{end}", "message": f"This request was not done: the batch is {end}."}
        row = {"id": "", "custom_id": json.loads(line)["custom_id"], "response": None, "error": error}
        return json.dumps(row).encode() + b"\n"

    def look(self, number: str) -> dict[str, Any]:
        """A batch as it stands; it is over after some looks."""
        row = self.state["batches"][number]
        row["looks"] += 1
        if row["looks"] >= self.looks:
            row["status"] = row["end"]
        self.save()
        return self.show(row)

    def show(self, row: dict[str, Any]) -> dict[str, Any]:
        """A batch as the API tells of it."""
        shown = {name: value for name, value in row.items() if name not in ("end", "looks", "outputs")}
        if row["status"] == row["end"]:
            shown |= {f"{name}_file_id": file for name, file in row.get("outputs", {}).items()}
        return shown


def answer_row(script: Script, row: dict[str, Any], digest: str) -> dict[str, Any]:
    """The result of a line, in the form that the Batch API and vLLM give."""
    body = row["body"]
    count = int(body.get("n", 1)) if script.honours_n else 1
    reject = script.choose_reject(body)
    texts = [answer(body, k, reject, script.seen) for k in range(count)]
    return {
        "id": f"r-{digest[:8]}", "custom_id": row["custom_id"], "error": None,
        "response": {"status_code": 200, "request_id": "", "body": make_reply(script, body, digest, texts)},
    }  # fmt: skip


def write_result(row: dict[str, Any], status: int, body: dict[str, Any]) -> bytes:
    """The result of a line that was not answered."""
    response = {"status_code": status, "request_id": "", "body": body}
    return json.dumps({"id": "", "custom_id": row["custom_id"], "response": response, "error": None}).encode() + b"\n"


def answer_file(source: Path, target: Path, *, seed: int = 0, **options: Any) -> int:
    """What `run_batch -i SOURCE -o TARGET` does, its lines in another order; how many there were."""
    script, rows = Script(**options), [json.loads(line) for line in source.read_bytes().splitlines()]
    digests = [hashlib.sha256(json.dumps(row["body"], sort_keys=True).encode()).hexdigest() for row in rows]
    results = [json.dumps(answer_row(script, row, digest)) for row, digest in zip(rows, digests, strict=True)]
    random.Random(seed).shuffle(results)
    target.write_text("".join(f"{line}\n" for line in results))
    return len(rows)


def make_app(batches: Batches) -> Any:  # noqa: C901 - one function a path
    """The web application."""
    from aiohttp import web

    async def upload(http: web.Request) -> web.Response:
        form = await http.post()
        field: Any = form["file"]
        made = batches.add_file(field.filename, field.file.read())
        return drop(http, "upload") or web.json_response(made)

    async def begin(http: web.Request) -> web.Response:
        made = batches.begin(await http.json())
        return drop(http, "begin") or web.json_response(made)

    def drop(http: web.Request, name: str) -> web.Response | None:
        if name not in batches.drops:
            return None
        batches.drops.remove(name)
        return web.json_response({"error": {"message": "gateway"}}, status=502)

    async def list_files(_: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": list(batches.state["files"].values()), "has_more": False})

    async def list_batches(_: web.Request) -> web.Response:
        rows = [batches.show(row) for row in batches.state["batches"].values()]
        return web.json_response({"object": "list", "data": rows, "has_more": False})

    async def look(http: web.Request) -> web.Response:
        number = http.match_info["number"]
        if number not in batches.state["batches"]:
            return web.json_response({"error": {"message": "no such batch"}}, status=404)
        return web.json_response(batches.look(number))

    async def read(http: web.Request) -> web.Response:
        return web.Response(body=(batches.folder / http.match_info["number"]).read_bytes())

    async def log(_: web.Request) -> web.Response:
        sent: Counter[str] = Counter(batches.state["sent"])
        return web.json_response(
            {"total": sum(sent.values()), "bodies": sent, "requests": batches.state["requests"],
             "files": len(batches.state["files"]), "batches": len(batches.state["batches"])}
        )  # fmt: skip

    app = web.Application(client_max_size=512 * 1024 * 1024)
    app.add_routes([
        web.post("/v1/files", upload), web.get("/v1/files", list_files), web.get("/v1/files/{number}/content", read),
        web.post("/v1/batches", begin), web.get("/v1/batches", list_batches), web.get("/v1/batches/{number}", look),
        web.get("/log", log),
    ])  # fmt: skip
    return app


def main() -> None:
    """Answer a batch file."""
    parser = argparse.ArgumentParser(description="Answer a batch file with set sentences, as an engine would.")
    parser.add_argument("source", type=Path, help="what `agents batch write` wrote")
    parser.add_argument("target", type=Path, help="results to write")
    given = parser.parse_args()
    sys.stdout.write(f"replies to {answer_file(given.source, given.target)} requests in {given.target}\n")


if __name__ == "__main__":
    main()
