"""Tables without borders keep their heads apart in a terminal of 80 columns, and sentences their words whole."""

import io
from types import SimpleNamespace

from heads import draw, read_heads
from rich.console import Console

from agents.commands.prompts.show import show_prompts
from agents.running.cost.spending import Bill, show_bill
from tools.commands.seams import show_seams
from tools.prompts import DEFAULT_PACK
from tools.prompts.folder import load_prompts
from tools.terminal.cli import say


def test_tables_without_borders_keep_their_heads_two_blanks_apart():
    load = (1000, 1_000_000, 100_000)
    usd = {"least_usd": 1.0, "likely_usd": 2.0, "most_usd": 3.0}
    part = {"images": 10_000, "least": load, "likely": load, "most": load, **usd}
    names = ["captions only", "debated images", "all images"]
    bill = Bill(tuple(SimpleNamespace(name=name, **part) for name in names), "", "", None, None, None)
    assert read_heads(draw(show_bill(bill)))[0] == names
    assert read_heads(draw(show_seams()))[0] == ["seam", "name", "what it is", "needs"]
    prompts = draw(show_prompts(load_prompts(DEFAULT_PACK).values()))
    assert read_heads(prompts)[0] == ["id", "version", "inputs", "output", "sampling", "digest"]


def test_a_sentence_is_broken_between_words_in_a_terminal_and_nowhere_in_a_file():
    path = "/a/path/" + "long" * 30
    text = f"reviews of twenty texts, which three people wrote and nobody settled, carried over into {path} all of them"
    for is_terminal in (True, False):
        console = Console(file=io.StringIO(), width=80, force_terminal=is_terminal, color_system=None)
        say(text, console)
        lines = console.file.getvalue().splitlines()
        assert " ".join(line.strip() for line in lines) == text and any(path in line.split() for line in lines)
        assert (len(lines) == 1) is not is_terminal
