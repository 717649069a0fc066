"""What `refilter` would ask, before it does."""

from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agents.config import RunConfig
from agents.running.cost.asking_again import AgainCost
from agents.running.cost.bill import say_usd
from agents.running.cost.forecast import Forecast, Workload, add_workloads
from agents.running.cost.spending import BOUNDS, price_workloads, sum_workloads
from agents.running.derived.refilter import make_config, read_job
from agents.store.run_store import RunStore
from tools.endpoint.prices import load_prices
from tools.prompts.lexicon import load_lexicon
from tools.registry import BACKENDS

UNKNOWN = "unknown (--prices)"


class AgainPlan(NamedTuple):
    """What filtering again would ask.

    Attributes:
        images: that are not final yet.
        asked: of these, those with captions that are asked about; `captions` are these.
        workloads, usd: at the least, likely, at the most; none where the backend asks no model or cannot say, and a
            cost None where a price is unknown.
        counted, prices: what the figures rest on.
    """

    images: int
    asked: int
    captions: int
    workloads: tuple[Workload, ...] = ()
    usd: tuple[float | None, ...] = ()
    counted: str = ""
    prices: str = ""
    is_embedded: bool = False


def plan_refilter(run: Path, out: Path, given: dict[str, Any] | None = None) -> AgainPlan:
    """What `refilter_run` would ask now; nothing is written.

    Raises:
        UsageError: the run was filtered again already.
    """
    images = asked = captions = 0
    found, done = Forecast({}, {}, {}), _list_done(out)
    with RunStore(run) as store:
        job, config = read_job(store), make_config(store, out, given or {})
        cost = AgainCost(config, job.book, load_lexicon(config.pack))
        for result in store.read_results():
            if result.index in done:
                continue
            images += 1
            again = cost.make_job(result)
            if again is not None:
                asked, captions = asked + 1, captions + len(again.photo.captions)
                for mine, more in zip(found, cost.forecast(again), strict=True):
                    add_workloads(mine, more)
    plan = AgainPlan(images, asked, captions)
    return plan._replace(**_price(config, cost, found))


def _price(config: RunConfig, cost: AgainCost, found: Forecast) -> dict[str, Any]:
    if cost.forecaster is None:
        return {"is_embedded": bool(BACKENDS.get_trait(config.backend, "is_embedded"))}
    prices = load_prices(config.prices)
    return {
        "workloads": tuple(sum_workloads(part) for part in found),
        "usd": tuple(price_workloads(part, prices) for part in found),
        "counted": cost.forecaster.counted,
        "prices": f"table of {prices.date}, check it before you rely on it",
    }


def _list_done(out: Path) -> frozenset[int]:
    """Images that are final in the new run, where it is begun."""
    if not (out / "run.sqlite").is_file():
        return frozenset()
    with RunStore(out) as made:
        return frozenset(made.list_done())


def show_again(plan: AgainPlan) -> RenderableType:
    """The plan as a table, what it rests on below."""
    table = Table(show_header=False, box=None, padding=(0, 1))
    rows = {"images": f"{plan.images:,}", "images asked about": f"{plan.asked:,}", "captions": f"{plan.captions:,}"}
    if not plan.workloads:
        asks_none = "0, $0 (the backend asks no model)"
        rows["tokens, cost"] = asks_none if plan.is_embedded else "unknown: the backend cannot say"
    else:
        for place, name in enumerate(("requests", "input tokens", "output tokens")):
            rows[name] = _say_bounds(tuple(f"{part[place]:,}" for part in plan.workloads))
        rows["US dollars"] = _say_bounds(tuple(UNKNOWN if part is None else say_usd(part) for part in plan.usd))
    for key, value in rows.items():
        table.add_row(Text(key, style="bold"), value)
    notes = [f"tokens: {plan.counted}", f"prices: {plan.prices}"] if plan.workloads else []
    return Group(table, *(Text(note, style="dim") for note in notes))


def _say_bounds(values: tuple[str, ...]) -> str:
    return ", ".join(f"{value} ({bound})" for value, bound in zip(values, BOUNDS, strict=True))
