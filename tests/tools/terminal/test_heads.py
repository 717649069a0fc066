"""Tables without borders keep their heads apart in a terminal of 80 columns."""

from types import SimpleNamespace

from heads import draw, read_heads

from agents.commands.prompts.show import show_prompts
from agents.running.cost.spending import Bill, show_bill
from tools.commands.seams import show_seams
from tools.prompts import DEFAULT_PACK
from tools.prompts.folder import load_prompts


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
