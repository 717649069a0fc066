"""Commands of the tools: `python -m tools --help`."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.table import Table
from rich.text import Text

from tools.errors import MissingError, UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PackOption
from tools.registry import SCORERS, SEAMS, TRANSLATORS, Given, make_choice, parse_changes
from tools.terminal.bars import make_bar, track
from tools.terminal.cli import make_app, run_app, stderr, stdout
from tools.terminal.options import choose_option, set_option, setting_option

app = make_app("Images, translation, scoring and rendered scenes. First: `python -m tools doctor`.")
ScorerName = Annotated[str, choose_option("scorer", "Which scorer")]
ScorerWeights = Annotated[str | None, setting_option("scorer", "weights", "--weights", "--scorer-weights")]
ScorerDevice = Annotated[str | None, setting_option("scorer", "device")]
Changes = Annotated[list[str] | None, set_option()]


@app.command()
def doctor(
    base_url: Annotated[
        str, typer.Option(help="Ask this endpoint too: is it there, is the key right, does `n` work? Two requests.")
    ] = "",
    model: Annotated[str, typer.Option(help="The model to ask for there.")] = "",
    key_variable: Annotated[str, typer.Option(help="Environment variable with the key.")] = "OPENAI_API_KEY",
) -> None:
    """Say what this machine is ready for.

    Examples: python -m tools doctor; python -m tools doctor --base-url http://localhost:8000/v1 --model NAME
    """
    from tools.commands.doctor import examine
    from tools.commands.seams import show_seams

    if bool(base_url) != bool(model):
        raise UsageError("--base-url and --model go together: name the endpoint and the model to ask for")
    table = Table(show_header=False, box=None, padding=(0, 1))
    findings = list(examine())
    if base_url:
        from tools.endpoint.connection import EndpointConfig
        from tools.endpoint.preflight import examine_endpoint

        urls = tuple(part.strip().rstrip("/") for part in base_url.split(",") if part.strip())
        config = EndpointConfig(base_urls=urls, key_variable=key_variable, timeout_seconds=30)
        findings += examine_endpoint(config, model)
    styles = {"ok": "green", "absent": "yellow", "missing": "red"}
    for finding in findings:
        table.add_row(finding.name, Text(finding.state, style=styles[finding.state]), Text(finding.text))
    stdout.print(table)
    stdout.print(show_seams())
    if any(finding.state == "missing" for finding in findings):
        raise MissingError("something the toolkit needs is missing, see the lines marked `missing`")


@app.command()
def seams(
    markdown: Annotated[bool, typer.Option("--markdown", help="A table a seam, for a page of Markdown.")] = False,
) -> None:
    """List everything that can be chosen, what it needs, and whether that is there. Example: python -m tools seams"""
    from tools.commands.seams import render_markdown, show_seams

    if markdown:
        print(render_markdown(), end="")  # noqa: T201
    else:
        stdout.print(show_seams())


@app.command()
def translate(
    images: Annotated[list[Path], typer.Argument(help="Photographs, or folders of them.")],
    out: Annotated[Path, typer.Option(help="Folder for the images of the modality.")],
    translator: Annotated[str, choose_option("translator", "Which translator")] = "prior",
    weights: Annotated[
        Path | None, setting_option("translator", "weights", "--weights", "--translator-weights")
    ] = None,
    style_codes: Annotated[Path | None, setting_option("translator", "style_codes")] = None,
    style_policy: Annotated[str | None, setting_option("translator", "style_policy")] = None,
    style_index: Annotated[int | None, setting_option("translator", "style_index")] = None,
    device: Annotated[str | None, setting_option("translator", "device")] = None,
    precision: Annotated[str | None, setting_option("translator", "precision")] = None,
    changes: Changes = None,
) -> None:
    """Translate photographs into the modality. Example: python -m tools translate cat.jpg --out translated

    Each is named, and its noise seeded, by the photograph's name, or by its path in the folder that was given.
    """
    from tools.files import check_folder
    from tools.translation import make_translator, spec_translator
    from tools.translation.photographs import list_photographs
    from tools.translation.write import TRANSLATED, translate_to

    check_folder(out, TRANSLATED)
    named = list_photographs(images, leave_out=out)
    given = (
        Given("--weights", "weights", weights),
        Given("--style-codes", "style_codes", style_codes),
        Given("--style-policy", "style_policy", style_policy),
        Given("--style-index", "style_index", style_index),
        Given("--device", "device", device),
        Given("--precision", "precision", precision),
    )
    choice = make_choice(TRANSLATORS, translator, _read_changes(changes, "translator"), given)
    made = make_translator(spec_translator(choice))
    if made is None:
        raise UsageError(f"translator `{translator}` makes no images; choose another")
    _tell_outcomes(track(translate_to(made, named, out), translator, total=len(named)))


def _tell_outcomes(outcomes: Iterable[Path | Exception]) -> None:
    """Print each file, or why there is none; exit code 1 when one failed."""
    made, failed = 0, 0
    for outcome in outcomes:
        if isinstance(outcome, Path):
            made += 1
            stdout.print(str(outcome), soft_wrap=True)
        else:
            failed += 1
            stderr.print(f"error: {outcome}", style="red", soft_wrap=True)
    if failed:
        stderr.print(f"{failed} of {made + failed} photographs could not be translated", style="red")
        raise typer.Exit(1)


@app.command()
def score(
    image: Annotated[Path, typer.Option(help="Image of the modality.")],
    caption: Annotated[list[str], typer.Option(help="A caption; give several.")],
    more: Annotated[list[str] | None, typer.Argument(help="More captions.")] = None,
    scorer: ScorerName = "lexical",
    weights: ScorerWeights = None,
    device: ScorerDevice = None,
    changes: Changes = None,
    pack: PackOption = DEFAULT_PACK,
) -> None:
    """Score captions against an image of the modality, JSON on stdout.

    Example: python -m tools score --image a.png --caption "a red car" --caption "a car"
    """
    from tools.images import load_rgb
    from tools.prompts.lexicon import load_lexicon
    from tools.scoring import ScoreRequest, make_scorer, spec_scorer

    load_rgb(image)
    given = (Given("--weights", "weights", weights), Given("--device", "device", device))
    choice = make_choice(SCORERS, scorer, _read_changes(changes, "scorer"), given)
    made = make_scorer(spec_scorer(choice), load_lexicon(pack))
    captions = (*caption, *(more or ()))
    scores = made.score([ScoreRequest(image, captions)])[0]
    result = {
        "scorer": made.name,
        "is_embedded": made.is_embedded,
        "image": str(image),
        "scores": [{"caption": text, "score": value} for text, value in zip(captions, scores, strict=True)],
    }
    print(json.dumps(result, ensure_ascii=False, indent=2))  # noqa: T201


def _read_changes(texts: list[str] | None, seam: str) -> dict[str, dict[str, Any]]:
    """What `--set` says, all of it about the one seam at which the command chooses."""
    changes = parse_changes(texts or ())
    for other in changes.keys() - {seam}:
        raise UsageError(f"--set {other}: nothing here chooses a {SEAMS[other].name}, only a {SEAMS[seam].name}")
    return changes


@app.command()
def scenes(
    count: Annotated[int, typer.Option(help="How many scenes; a larger number makes the folder grow.", min=1)],
    out: Annotated[Path, typer.Option(help="Folder for the scenes.")],
    seed: Annotated[int, typer.Option(help="Seed of everything in them.")] = 0,
    kinds: Annotated[str, typer.Option(help="Kinds in turn, comma separated.")] = "street,yard,indoor,aerial",
    size: Annotated[str, typer.Option(help="Width x height.")] = "640x512",
    gain: Annotated[Literal["auto", "fixed"], typer.Option(help="The sensor's gain.")] = "auto",
    noise: Annotated[float, typer.Option(help="The sensor's noise, degrees C.", min=0)] = 0.12,
    row_noise: Annotated[float, typer.Option(help="The same of whole rows.", min=0)] = 0.05,
    blur: Annotated[float, typer.Option(help="Radius of the optics' blur, pixels.", min=0.1)] = 0.7,
) -> None:
    """Render scenes in visible light and as a sensor sees them: COCO and FLIR layout, exact temperatures.

    Example: python -m tools scenes --count 20 --seed 1 --out runs/scenes
    """
    from tools.scenes import Sensor, render_scenes

    sensor = Sensor(gain=gain, noise_celsius=noise, row_noise_celsius=row_noise, blur_pixels=blur)
    with make_bar(is_transient=True) as bar:
        task = bar.add_task("scenes", total=count)
        summary = render_scenes(
            count,
            seed,
            out,
            size=parse_size(size),
            kinds=parse_kinds(kinds),
            sensor=sensor,
            progress=lambda number: bar.update(task, completed=number),
        )
    objects = ", ".join(f"{name} {number}" for name, number in summary.objects.items())
    stdout.print(f"{summary.scenes} scenes ({summary.rendered} new) in {summary.folder}: {objects}", soft_wrap=True)


def parse_size(text: str) -> tuple[int, int]:
    """`640x512` -> (640, 512).

    Raises:
        UsageError: no such form, or a side below 48 or above 4096.
    """
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(48 <= side <= 4096 for side in size):
        raise UsageError(f"--size {text}: expected WIDTHxHEIGHT from 48 to 4096, e.g. 640x512")
    return size


def parse_kinds(text: str) -> tuple[str, ...]:
    """Kinds of scenes, comma separated.

    Raises:
        UsageError: an unknown kind.
    """
    from tools.scenes import KINDS

    kinds = tuple(text.split(","))
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise UsageError(f"--kinds: unknown {', '.join(unknown)}; legal: {', '.join(KINDS)}")
    return kinds


@app.command()
def photographs(out: Annotated[Path, typer.Option(help="Folder for the photographs and their annotations.")]) -> None:
    """Collect the demo's photographs from installed packages, with captions and boxes, and settings to run on them.

    Example: python -m tools photographs --out runs/demo-photographs
    """
    from tools.photographs import collect_photographs, write_settings

    stdout.print(str(write_settings(out, collect_photographs(out))), soft_wrap=True)


@app.command()
def calibrate(  # noqa: PLR0913, PLR0917 - a parameter an option
    run: Annotated[Path | None, typer.Argument(help="A run folder; or give --captions and --images.")] = None,
    captions: Annotated[Path | None, typer.Option(help="COCO captions file.")] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of its images.")] = None,
    scorer: ScorerName = "lexical",
    weights: ScorerWeights = None,
    changes: Changes = None,
    text: Annotated[Literal["original", "caption"], typer.Option(help="Which captions of a run.")] = "original",
    candidates: Annotated[int, typer.Option(help="Captions an image is shown at once.", min=2)] = 8,
    limit: Annotated[int | None, typer.Option(help="Only so many pairs.", min=2)] = None,
    seed: Annotated[int, typer.Option(help="Draws the shuffled captions.")] = 0,
    pack: PackOption = DEFAULT_PACK,
) -> None:
    """Measure how well a scorer tells true captions from shuffled ones (AUC), JSON on stdout.

    Example: python -m tools calibrate runs/demo --scorer languagebind --weights LanguageBind_Thermal
    """
    from tools.compare.calibrate import calibrate as measure
    from tools.compare.calibrate import read_coco_pairs, read_run_pairs
    from tools.prompts.lexicon import load_lexicon
    from tools.scoring import make_scorer, spec_scorer

    choice = make_choice(SCORERS, scorer, _read_changes(changes, "scorer"), [Given("--weights", "weights", weights)])
    if run is not None:
        pairs = read_run_pairs(run, text, limit)
    elif captions is not None and images is not None:
        pairs = read_coco_pairs(captions, images, limit)
    else:
        raise UsageError("give a run folder, or both --captions FILE and --images DIR")
    made = make_scorer(spec_scorer(choice), load_lexicon(pack))
    report = measure(pairs, made, seed, candidates, text)
    for warning in report.warnings:
        stderr.print(f"warning: {warning}", style="yellow", soft_wrap=True)
    print(report.model_dump_json(indent=1))  # noqa: T201


@app.command("compare-translators")
def compare(
    data: Annotated[Path, typer.Option(help="Folder with RoadScene, LLVIP, MSRS, M3FD as they are distributed.")],
    translators: Annotated[
        str, typer.Option(help="Names, comma separated; by default those that need nothing.", show_default=False)
    ] = "",
    changes: Changes = None,
    half: Annotated[
        Literal["held-out", "tuning"], typer.Option(help="RoadScene frames: those `prior` was tuned on, or the others.")
    ] = "held-out",
    limit: Annotated[int | None, typer.Option(help="Pairs of each dataset.", min=1)] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures there as well.")] = None,
) -> None:
    """Compare translators with real registered images of the modality.

    Example: python -m tools compare-translators --data ../shared/data
    """
    from tools.compare import check_report_file, compare_translators, print_report
    from tools.files import write_text

    if json_file:
        check_report_file(json_file)
    names = tuple(name.strip() for name in translators.split(",") if name.strip())
    report = compare_translators(data, names, _read_changes(changes, "translator"), half=half, limit=limit)
    print_report(report, stdout)
    if json_file:
        write_text(json_file, report.model_dump_json(indent=1) + "\n")


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m tools")


if __name__ == "__main__":
    main()
