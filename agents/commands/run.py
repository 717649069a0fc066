"""`python -m agents run`: synthesise, and say what came of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.commands.key import ready_key
from agents.commands.options import EXAMPLE
from agents.config import RunConfig
from tools.errors import UsageError
from tools.terminal.cli import stdout, takes_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agents.output.export import Row

HELP = "Synthesise; run again on the same --out to go on.\n\n" + EXAMPLE.format(verb="run")


def _name_plugins(given: dict[str, Any]) -> str:
    from agents.running.freeze import name_missing_plugins

    return name_missing_plugins(Path(given.get("out", RunConfig.model_fields["out"].default)))


@takes_settings(RunConfig, _name_plugins)
def run(
    config: RunConfig,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete the run in --out first (asks); replies and other files stay.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    retry_rejected: Annotated[
        str,
        typer.Option(
            help="Ask again for images that were rejected with these codes, comma between; the rest stays as it is.",
            metavar="CODE[,CODE]",
        ),
    ] = "",
) -> None:
    """Synthesise."""
    from agents.running.progress import ProgressBar
    from agents.running.run import run_synthesis
    from agents.store.folders import RUN, has_run_files
    from tools.files import check_folder

    codes = [code.strip() for code in retry_rejected.split(",") if code.strip()]
    if fresh and codes:
        raise UsageError("--retry-rejected goes on with a run, and --fresh deletes it; give one of the two")
    check_folder(config.out, RUN)
    is_asked = fresh and not yes and has_run_files(config.out)
    if is_asked and not typer.confirm(f"Delete the run in {config.out}?", err=True):
        raise typer.Exit(1)
    ready_key(config, config.out)
    with ProgressBar() as bar:
        manifest = run_synthesis(config, bar, fresh=fresh, retry=codes)
    summarise(config.out, manifest)


UNJOINED = {
    "names_in_captions_of_no_image": ("name in --captions is", "names in --captions are", "of no image here"),
    "names_in_instances_of_no_image": ("name in --instances is", "names in --instances are", "of no image here"),
    "images_without_annotation": (
        "image of the dataset has no annotation, and was",
        "images of the dataset have no annotation, and were",
        "taken without boxes",
    ),
    "images_with_unread_objects": (
        "image has an object that could not be read, and was",
        "images have an object that could not be read, and were",
        "taken without boxes",
    ),
}
"""Counts of a dataset that a user would want to hear of, and how one and several are said."""


def tell_unjoined(counts: "Row") -> "Iterator[str]":
    """One line for each thing that captions, boxes and images did not have in common."""
    for name, (one, several, end) in UNJOINED.items():
        if count := counts.get(name):
            yield f"{count} {one if count == 1 else several} {end}"


def tell_notices(out: Path, manifest: "Row") -> "Iterator[str]":
    """What else a user would want to hear of a finished run: images apart, and rules that were never read."""
    from agents.output.rule_tables import explain_unused, read_rule_rows

    yield from tell_unjoined(manifest["dataset"]["counts"])
    if held := manifest["dataset"].get("held_out"):
        count, groups = held["images"], held["groups"]
        yield (
            f"{count} image{'' if count == 1 else 's'} of {groups} group{'' if groups == 1 else 's'} set aside for "
            f"tests: {out / 'held_out.jsonl'}"
        )
    if unused := explain_unused(manifest, read_rule_rows(out)):
        yield f"no mined rule was used: {unused}"


def summarise(out: Path, manifest: "Row") -> None:
    """Print what a run holds, what it cost and where to look."""
    from agents.backends.asked.ledger import REQUESTS
    from agents.output.provenance import describe_makers

    counts = manifest["counts"]
    stdout.print(
        f"{counts['images']} images: {counts['accepted']} accepted, {counts['failed']} failed, "
        f"{counts['rejected']} rejected; {counts['pairs']} pairs, {counts['instructions']} instructions in {out}",
        soft_wrap=True,
    )
    for notice in tell_notices(out, manifest):
        stdout.print(notice, style="yellow", soft_wrap=True)
    if counts["rejects_by_code"]:
        codes = ", ".join(f"{code} {count}" for code, count in counts["rejects_by_code"].items())
        stdout.print(f"rejected: {codes}; reasons in {out / 'rejected.jsonl'}", style="yellow", soft_wrap=True)
        stdout.print(
            "a reject is final; after mending its cause ask again: the same command with --retry-rejected CODE"
        )
    if manifest["usage"]:
        cost, each = manifest["cost_usd"], manifest["cost_usd_per_instruction"]
        shown = "unknown, the price table lacks the model (--prices)" if cost is None else f"${cost:.4f}"
        stdout.print(
            f"asked one by one this costs {shown}"
            + (f", ${each:.4f} an accepted instruction" if each is not None else "")
        )
    if (out / REQUESTS).is_file():
        stdout.print(f"what was paid, batches at their price: python -m agents bill {out}", soft_wrap=True)
    if manifest["backend"]["is_embedded"]:
        (sentence,) = (maker.sentence for maker in describe_makers(manifest) if maker.role == "backend")
        stdout.print(sentence, style="yellow", soft_wrap=True)
    stdout.print(f"look at {out / 'report.html'}, or: python -m agents show {out} ID", soft_wrap=True)
