"""Commands of the agents: `python -m agents --help`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from agents.commands.prompts import prompts_app
from agents.config import RunConfig, place_key
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PACK_FLAGS, PackOption
from tools.prompts.pack import load_pack
from tools.registry import BACKENDS
from tools.terminal.cli import make_app, run_app, stdout, takes_settings

if TYPE_CHECKING:
    from agents.output.export import Row

app = make_app(
    "Three debating agents turn photographs with captions and boxes (COCO) into images of another modality, "
    "captions and instructions. First: `make demo`, or `python -m agents plan --help`."
)
EXAMPLE = (
    "Example: python -m agents {verb} --captions annotations/captions_val2017.json --instances "
    "annotations/instances_val2017.json --images val2017 --out runs/val"
)
app.add_typer(prompts_app, name="prompts")
RunFolder = Annotated[Path, typer.Argument(help="A run folder.")]
RowId = Annotated[str, typer.Argument(help="An image (139), pair (139-0), instruction (139-conversation) or rule.")]


@app.command(help="Say what a run will do: images, debates, requests, cost and time.\n\n" + EXAMPLE.format(verb="plan"))
@takes_settings(RunConfig)
def plan(config: RunConfig) -> None:
    """Say what a run will do."""
    from agents.running.plan import make_plan, show_plan

    stdout.print(show_plan(make_plan(config)))


@app.command(
    help="Do the first images of a run and show the conversations; nothing is kept.\n\n"
    + EXAMPLE.format(verb="preview")
    + " 3"
)
@takes_settings(RunConfig)
def preview(config: RunConfig, count: Annotated[int, typer.Argument(help="How many images.", min=1)] = 3) -> None:
    """Do the first images and show the conversations."""
    from agents.running.plan import run_preview

    place_key(config)
    for page in run_preview(config, count):
        stdout.print(page)


def _name_plugins(given: dict[str, Any]) -> str:
    from agents.running.freeze import name_missing_plugins

    return name_missing_plugins(Path(given.get("out", RunConfig.model_fields["out"].default)))


@app.command(help="Synthesise; run again on the same --out to go on.\n\n" + EXAMPLE.format(verb="run"))
@takes_settings(RunConfig, _name_plugins)
def run(
    config: RunConfig,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete the run in --out first (asks); replies and other files stay.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Synthesise."""
    from agents.running.progress import ProgressBar
    from agents.running.run import run_synthesis
    from agents.store.folders import RUN, has_run_files
    from tools.files import check_folder

    check_folder(config.out, RUN)
    is_asked = fresh and not yes and has_run_files(config.out)
    if is_asked and not typer.confirm(f"Delete the run in {config.out}?", err=True):
        raise typer.Exit(1)
    place_key(config)
    with ProgressBar() as bar:
        manifest = run_synthesis(config, bar, fresh=fresh)
    _summarise(config.out, manifest)


def _summarise(out: Path, manifest: "Row") -> None:
    counts = manifest["counts"]
    stdout.print(
        f"{counts['images']} images: {counts['accepted']} accepted, {counts['failed']} failed, "
        f"{counts['rejected']} rejected; {counts['pairs']} pairs, {counts['instructions']} instructions in {out}",
        soft_wrap=True,
    )
    if counts["rejects_by_code"]:
        codes = ", ".join(f"{code} {count}" for code, count in counts["rejects_by_code"].items())
        stdout.print(f"rejected: {codes}; reasons in {out / 'rejected.jsonl'}", style="yellow", soft_wrap=True)
        stdout.print("a reject is final: after mending its cause start again with --fresh or another --out")
    if manifest["usage"]:
        cost, each = manifest["cost_usd"], manifest["cost_usd_per_instruction"]
        shown = "unknown, the price table lacks the model (--prices)" if cost is None else f"${cost:.4f}"
        stdout.print(f"cost {shown}" + (f", ${each:.4f} an accepted instruction" if each is not None else ""))
    if manifest["backend"]["is_embedded"]:
        name = manifest["backend"]["name"]
        stdout.print(f"written by the {name} backend, which is not an LLM", style="yellow")
    stdout.print(f"look at {out / 'report.html'}, or: python -m agents show {out} ID", soft_wrap=True)


@app.command()
def show(run: RunFolder, id: RowId) -> None:
    """Show the whole conversation about one image. Example: python -m agents show runs/demo 3"""
    from agents.output.show import find_result, show_conversation
    from agents.store.run_store import RunStore

    with RunStore(run) as store:
        stdout.print(show_conversation(find_result(store, id), store))


@app.command()
def why(run: RunFolder, id: RowId) -> None:
    """Say where a row comes from: source, makers, rules. Example: python -m agents why runs/demo 3-0"""
    from agents.output.show import explain_row
    from agents.store.run_store import RunStore

    with RunStore(run) as store:
        stdout.print(explain_row(store, id))


@app.command()
def export(
    run: RunFolder,
    format: Annotated[Literal["llava", "authors", "parquet"], typer.Option(help="Layout of the files.")],
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    pack: Annotated[
        Path | None, typer.Option(*PACK_FLAGS, help="Pack with other caption_requests.yaml; default: the run's own.")
    ] = None,
) -> None:
    """Write a run in another layout. Example: python -m agents export runs/demo --format llava --out exports/llava"""
    from agents.output.layouts import export_layout

    for path in export_layout(run, format, out, pack):
        stdout.print(str(path), soft_wrap=True)


@app.command()
def report(
    run: RunFolder,
    images: Annotated[Path | None, typer.Option(help="Folder of the photographs, when it has moved.")] = None,
    limit_images: Annotated[int, typer.Option(help="Images on the page, a sample by hash.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 0,
) -> None:
    """Write RUN/report.html, one self-contained page. Example: python -m agents report runs/demo"""
    from agents.output.report import write_report
    from agents.store.folders import RUN
    from tools.files import claim_folder

    if (run / "manifest.json").exists():
        claim_folder(run, RUN)
    stdout.print(str(write_report(run, images=images, limit_images=limit_images, seed=seed)), soft_wrap=True)


@app.command()
def picture(
    run: RunFolder,
    id: RowId,
    out: Annotated[Path, typer.Option(help="PNG or JPEG file to write.")],
    images: Annotated[Path | None, typer.Option(help="Folder of the photographs, when it has moved.")] = None,
) -> None:
    """Draw one image's way as a single picture. Example: python -m agents picture runs/demo 6 --out six.png"""
    from agents.output.picture import draw_picture

    stdout.print(str(draw_picture(run, id, out, images)), soft_wrap=True)


@app.command()
def audit(
    file: Annotated[Path, typer.Argument(help="A LLaVA-style JSON or JSONL file.")],
    instances: Annotated[Path | None, typer.Option(help="COCO instances of its images, to check against.")] = None,
    pack: PackOption = DEFAULT_PACK,
    as_json: Annotated[bool, typer.Option("--json", help="JSON in place of a table.")] = False,
) -> None:
    """Find what the modality cannot show and what contradicts boxes. Example: python -m agents audit instruct.json"""
    from agents.checks.audit import audit_file, render_report

    found = audit_file(file, pack, instances)
    if as_json:
        print(json.dumps(found.to_json(), ensure_ascii=False, indent=1))  # noqa: T201
    else:
        stdout.print(render_report(found, load_pack(pack).nouns.subject))


@app.command(
    help="Which agent matters: the whole system against arms with a part left out, one run folder each below --out; "
    "ablation.md and ablation.json compare them.\n\n" + EXAMPLE.format(verb="ablate") + " --instructions all"
)
@takes_settings(RunConfig)
def ablate(
    config: RunConfig,
    arms: Annotated[str, typer.Option(help="Arms, comma between; default: all of them.")] = "",
) -> None:
    """Compare the whole system with parts of it left out."""
    from agents.running.ablate import ARMS, render_markdown, run_ablation, write_ablation
    from agents.running.progress import ProgressBar

    place_key(config)
    names = [name.strip() for name in arms.split(",") if name.strip()] or list(ARMS)
    with ProgressBar() as bar:
        results = run_ablation(config, names, bar)
    stdout.print(render_markdown(results), soft_wrap=True, markup=False)
    if results[0].cost_usd_per_accepted is None and BACKENDS.get_trait(config.backend, "judges_by_checks"):
        stdout.print(
            f"the {config.backend} backend's judge and the column of contradictions are the same checks, so only arms "
            "without that judge can show any",
            style="yellow",
        )
    for path in write_ablation(results, config.out):
        stdout.print(str(path), soft_wrap=True)


@app.command()
def merge(
    runs: Annotated[list[Path], typer.Argument(help="All shards of one job, each finished.")],
    out: Annotated[Path, typer.Option(help="Folder of the merged run.")],
) -> None:
    """Put shards together. Example: python -m agents merge runs/s1 runs/s2 --out runs/all"""
    from agents.running.merge import merge_runs
    from agents.running.progress import ProgressBar

    with ProgressBar() as bar:
        manifest = merge_runs(runs, out, bar)
    _summarise(out, manifest)


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m agents")


if __name__ == "__main__":
    main()
