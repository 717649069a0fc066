"""`python -m agents batch`: waves as files, for any engine that takes batch files."""

from pathlib import Path
from typing import Annotated

import typer

from agents.commands.options import RunFolder
from tools.terminal.cli import make_app, stdout

batch_app = make_app("Waves as files (`run --transport batch --carrier files`): write requests, read their replies.")


@batch_app.command("write")
def write_command(
    run: RunFolder,
    out: Annotated[Path, typer.Option(help="Batch file to write, JSONL in the form of OpenAI's Batch API.")],
    parts: Annotated[
        bool, typer.Option("--parts", help="Several files, each within an API's limits: NAME-1.jsonl, NAME-2.jsonl ...")
    ] = False,
) -> None:
    """Write the requests that wait. Example: python -m agents batch write runs/coco --out wave.jsonl"""
    from agents.running.waves.files import say_requests, write_wave

    made = write_wave(run, out, is_split=parts)
    names = ", ".join(str(path) for path in made.paths)
    stdout.print(f"wave {made.wave}: {say_requests(made.requests)} in {names}", soft_wrap=True)


@batch_app.command("read")
def read_command(
    run: RunFolder,
    results: Annotated[list[Path], typer.Argument(help="What the engine wrote, one file or several.")],
    more: Annotated[
        bool, typer.Option("--more", help="Further files follow; else what these lack is asked for again.")
    ] = False,
) -> None:
    """Store what an engine answered. Example: python -m agents batch read runs/coco results.jsonl"""
    from agents.running.waves.files import read_results

    found, missing = read_results(run, results, has_more=more)
    told = [_say(found.answered, "new reply", "new replies") + " stored"]
    told += [f"{_say(found.late, 'late reply', 'late replies')} to earlier waves"] if found.late else []
    told += [_say(found.failed, "error", "errors")] if found.failed else []
    told += [_say(found.malformed, "line", "lines") + " cut or no result"] if found.malformed else []
    told += [_say(found.strange, "line of other questions", "lines of other questions")] if found.strange else []
    told += [_say(missing, "request", "requests") + " without a result"] if missing else []
    stdout.print("; ".join(told), soft_wrap=True)
    stdout.print(_say_next(missing, more), soft_wrap=True)


def _say(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def _say_next(missing: int, has_more: bool) -> str:
    """What to do after files were read."""
    if missing and has_more:
        return "read the files that follow, the last of them without --more"
    again = "run the command that began the run again"
    return f"{again}: it asks once more for what has no reply" if missing else f"{again}: it goes on"
