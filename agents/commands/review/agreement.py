"""`python -m agents agreement`: how often the debate agent agrees with people who reviewed a run."""

import json
from typing import Annotated

import typer

from agents.commands.options import RunFolder
from tools.errors import MissingError
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PackOption
from tools.registry.extras import require
from tools.terminal.cli import say, stdout


def agreement(
    run: RunFolder,
    pack: PackOption = DEFAULT_PACK,
    planned: Annotated[bool, typer.Option("--planned", help="Only texts of the review plan: a random sample.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON in place of a table.")] = False,
) -> None:
    """Compare the debate agent with people's reviews. Example: python -m agents agreement runs/demo"""
    require("itb", "agents agreement", "scipy")
    from agents.output.show import list_rules
    from agents.review import tables
    from agents.review.agreement import gather_reviewed, report_agreement
    from agents.review.book import ReviewBook
    from agents.review.plan import AcceptedDigest, find_plan
    from agents.review.reached import assess_plan
    from agents.review.reversed_rules import find_reversed
    from agents.review.texts import read_texts
    from agents.store.run_store import RunStore
    from tools.prompts.lexicon import load_lexicon

    lexicon = load_lexicon(pack)
    with RunStore(run) as store:
        book, plan = ReviewBook(run), find_plan(run)
        book.require()
        if planned and plan is None:
            raise MissingError(f"{run}: has no review plan; draw one: python -m agents review-plan {run}")
        entries = {entry.key for entry in plan.entries} if plan is not None and planned else None
        digest = AcceptedDigest()
        report = report_agreement(gather_reviewed(digest.follow(read_texts(store)), book, entries), book)
        results = filter(None, map(store.find_result, book.list_images()))
        reversed_rules = find_reversed(results, list_rules(store), book, lexicon)
        reached = None if plan is None else assess_plan(plan, book)
        is_stale = plan is not None and digest.read() != plan.digest
    if as_json:
        found = tables.describe_report(report, reversed_rules, None if is_stale else reached)
        print(json.dumps(found, ensure_ascii=False, indent=1))  # noqa: T201
        return
    stdout.print(tables.tabulate_agreement(report))
    stdout.print(tables.tabulate_counts(report))
    lines = [*tables.tell_book(book), *tables.tell_agreement(report)]
    if plan is not None and reached is not None:
        lines += tables.tell_reached(plan, reached, is_stale)
    for line in lines:
        say(line)
    if reversed_rules:
        stdout.print(tables.tabulate_reversed(reversed_rules))
