"""What a run's replies have cost, each by the price in force when it came: all commands and ways of asking together."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agents.backends.asked.ledger import REQUESTS, Charge, Ledger
from agents.store.run_store import RunStore
from agents.store.waves import WaveStore
from tools.registry import BACKENDS

UNKNOWN = "unknown"


class BillRow(NamedTuple):
    """Charges added up.

    Attributes:
        usd: what is known of the cost.
        unpriced: requests whose price the table in force did not have.
    """

    name: str
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: int = 0
    usd: float = 0.0
    unpriced: int = 0

    def add(self, charge: Charge) -> "BillRow":
        """With one more."""
        return BillRow(
            self.name,
            self.requests + charge.requests,
            self.prompt_tokens + charge.prompt_tokens,
            self.completion_tokens + charge.completion_tokens,
            self.estimated + charge.estimated,
            self.usd + (charge.usd or 0.0),
            self.unpriced + (charge.requests if charge.usd is None else 0),
        )


class RunBill(NamedTuple):
    """The bill of a run.

    Attributes:
        groups: rows by what they are sorted by: role, model, way, day.
        tables: dates of the price tables that were in force.
        instructions, pairs: accepted ones.
        backend: who thought, None where the run does not say.
        waiting: what is out and not billed yet, in words.
    """

    total: BillRow
    groups: dict[str, tuple[BillRow, ...]]
    tables: tuple[str, ...]
    instructions: int
    pairs: int
    backend: str | None = None
    waiting: str = ""


KEYS: dict[str, Callable[[Charge], str]] = {
    "role": lambda charge: charge.role,
    "model": lambda charge: charge.model,
    "way": lambda charge: charge.way,
    "day": lambda charge: charge.day,
}


def read_bill(run: Path) -> RunBill:
    """Add up what a run was charged.

    Raises:
        MissingError: there is no run.
    """
    with RunStore(run) as store:
        instructions = pairs = 0
        for result in store.read_results():
            instructions += sum(debate.is_accepted for debate in result.debates)
            pairs += len(result.pairs)
        backend = (store.read_meta("settings") or {}).get("backend")
    charges, waiting = list[Charge](), ""
    if (run / REQUESTS).is_file():
        with Ledger(run) as ledger:
            charges = list(ledger.read_charges())
            waiting = _say_waiting(WaveStore(ledger, run))
    return make_bill(charges, instructions, pairs)._replace(backend=backend, waiting=waiting)


def _say_waiting(store: WaveStore) -> str:
    wave = store.find_open()
    out = store.count_lines(wave)[1] if wave is not None else 0
    return f"wave {wave} is out: its requests without a reply ({out:,}) are not billed yet" if out else ""


def make_bill(charges: Iterable[Charge], instructions: int, pairs: int) -> RunBill:
    """Add charges up."""
    total, tables = BillRow("all"), set[str]()
    groups: dict[str, dict[str, BillRow]] = {key: {} for key in KEYS}
    for charge in charges:
        total = total.add(charge)
        tables.add(charge.table_date)
        for key, find in KEYS.items():
            name = find(charge)
            groups[key][name] = groups[key].get(name, BillRow(name)).add(charge)
    sorted_groups = {key: tuple(rows[name] for name in sorted(rows)) for key, rows in groups.items()}
    return RunBill(total, sorted_groups, tuple(sorted(tables)), instructions, pairs)


def show_bill(bill: RunBill) -> RenderableType:
    """The bill as a table, with what it rests on below."""
    if not bill.total.requests:
        return Text(_explain_none(bill))
    table = Table(box=None, padding=(0, 1))
    for head in ("", "", "requests", "input tokens", "output tokens", "US dollars"):
        table.add_column(head, justify="right" if head else "left")
    for key, rows in (*bill.groups.items(), ("all", (bill.total._replace(name=""),))):
        for place, row in enumerate(rows):
            counts = (row.requests, row.prompt_tokens, row.completion_tokens)
            told = (key if not place else "", row.name, *(f"{count:,}" for count in counts), say_cost(row))
            table.add_row(*(Text(part) for part in told))
    return Group(table, *(Text(note, style="dim") for note in _list_notes(bill)))


def _explain_none(bill: RunBill) -> str:
    if bill.waiting:
        return bill.waiting
    if bill.backend and BACKENDS.is_built_in(bill.backend) and not BACKENDS.get_trait(bill.backend, "forecaster"):
        return f"nothing to pay: the backend `{bill.backend}` asks no model"
    return "no reply was charged to this run; one from before bills were kept has its cost in manifest.json"


def _list_notes(bill: RunBill) -> list[str]:
    notes = [bill.waiting] if bill.waiting else []
    notes += [f"prices: table of {', '.join(bill.tables)}, each reply by the one in force when it came"]
    if not bill.total.unpriced:
        for name, count in (("instruction", bill.instructions), ("pair", bill.pairs)):
            notes += [f"${say_usd(bill.total.usd / count)} for each of {count:,} accepted {name}s"] if count else []
    else:
        unpriced = f"the price of {bill.total.unpriced:,} requests was unknown (--prices)"
        notes += [f"{unpriced}, and so is the cost of a sample"]
    if bill.total.estimated:
        notes += [f"tokens of {bill.total.estimated:,} requests are an estimate: the endpoint did not count"]
    return notes


def say_cost(row: BillRow) -> str:
    """The cost of a row, and what is not known of it."""
    if row.unpriced == row.requests:
        return UNKNOWN
    return say_usd(row.usd) + (f" and {UNKNOWN}" if row.unpriced else "")


def say_usd(usd: float) -> str:
    """Dollars with four decimals, of little money as many as show two digits: it is not free."""
    decimals = max(4, 1 - math.floor(math.log10(usd))) if usd > 0 else 4
    return f"{usd:,.{decimals}f}"
