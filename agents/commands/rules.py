"""`python -m agents rules`: the rule book of a run: list it, compare two, try a rule on captions, take one back."""

from pathlib import Path
from typing import Annotated

import typer

from tools.errors import UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PACK_OPTION, PackOption
from tools.terminal.cli import build_settings, make_app, stdout

rules_app = make_app("Filtering rules: list a run's, compare two runs, try them on captions, take one back.")
Book = Annotated[Path, typer.Argument(help="A run folder, or the rules.jsonl of one.")]


@rules_app.command("list")
def list_command(run: Book) -> None:
    """List a run's rules with where they come from. Example: python -m agents rules list runs/demo"""
    from agents.output.rule_tables import explain_unused, read_rule_rows, read_run_manifest, tabulate_rules

    rows = read_rule_rows(run)
    stdout.print(tabulate_rules(rows))
    if unused := explain_unused(read_run_manifest(run), rows):
        stdout.print(unused, style="yellow", soft_wrap=True, markup=False)


@rules_app.command("diff")
def diff_command(before: Book, after: Book) -> None:
    """Say what tells two books apart. Example: python -m agents rules diff runs/a runs/b"""
    from agents.output.rule_tables import compare_rules, read_rule_rows, tabulate_rules

    found = compare_rules(read_rule_rows(before), read_rule_rows(after))
    for rows, title in ((found.removed, f"only in {before}"), (found.added, f"only in {after}")):
        if rows:
            stdout.print(tabulate_rules(rows, title))
    for change in found.changed:
        old, new = change
        counts = ", ".join(f"{name} {old.get(name) or 0:,} -> {new.get(name) or 0:,}" for name in ("support", "used"))
        stdout.print(f"{new['category']}: {new['text']} ({counts})", markup=False)
    stdout.print(
        f"{len(found.removed)} only in the first, {len(found.added)} only in the second, {len(found.changed)} with "
        f"other counts, {found.same} the same"
    )


@rules_app.command("score")
def score_command(
    run: Book,
    on: Annotated[Path, typer.Option("--on", help="Captions that the run has not seen, as for --captions.")],
    config: Annotated[
        Path | None, typer.Option(help="The run's configuration, where a model filters; without it no model is asked.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Captions at most, chosen by a hash of their text.", min=1)] = 200,
    pack: PackOption = DEFAULT_PACK,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Try each rule alone: does it remove only what its category names?

    Example: python -m agents rules score runs/demo --on annotations/captions_val2017.json
    """
    from agents.backends.parts import spec_backend
    from agents.commands.key import ready_key
    from agents.config import RunConfig
    from agents.output.rule_tables import read_rule_rows
    from agents.running.rule_book.scores import choose_captions, read_backend_name, score_rules, tabulate_scores
    from tools.prompts.lexicon import load_lexicon
    from tools.registry import BACKENDS, EntrySpec

    settings = build_settings(RunConfig, config, {}) if config else None
    name = settings.backend if settings else read_backend_name(run)
    if settings is None and not BACKENDS.get_trait(name, "is_embedded"):
        raise UsageError(
            f"the rules of {run} were mined with the backend `{name}`; name its settings with --config FILE"
        )
    pack = settings.pack if settings else pack
    captions = choose_captions(on, limit)
    if settings is not None and not BACKENDS.get_trait(name, "is_embedded"):
        ready_key(settings)
        n_rules = len(read_rule_rows(run))
        question = f"Ask {n_rules * len(captions):,} questions ({n_rules:,} rules, {len(captions):,} captions)?"
        if not yes and not typer.confirm(question, err=True):
            raise typer.Exit(1)
    spec = spec_backend(settings.choose("backend")) if settings else EntrySpec(name)
    concurrency = settings.concurrency if settings else 16
    stdout.print(tabulate_scores(score_rules(run, captions, spec, pack, load_lexicon(pack), concurrency)))


@rules_app.command("revert")
def revert_command(
    id: Annotated[str, typer.Argument(metavar="ID", help="A rule of the run, e.g. mined-139-0 or seed-2.")],
    run: Annotated[Path, typer.Option(help="The run, or the rules.jsonl, that has it.")],
    pack: Annotated[Path | None, PACK_OPTION] = None,
    reason: Annotated[str, typer.Option(help="Why, for whoever reads the pack.")] = "",
) -> None:
    """Take a rule back: no later run with this pack has it in force.

    It is written into the pack's reverted.yaml, which may be edited; done again, nothing changes.
    Example: python -m agents rules revert mined-139-0 --run runs/demo --pack prompts/mine --reason "it takes glasses"
    """
    from agents.running.rule_book.reverts import revert_rule

    if pack is None:
        raise UsageError(
            f"name the pack to write into with --pack: without it a run reads the shipped one; copy that first, e.g. "
            f"cp -r {DEFAULT_PACK} my-pack"
        )
    stdout.print(revert_rule(id, run, pack, reason), markup=False)
