"""The experiment as a list of cells, in an order in which what is needed comes first."""

from collections.abc import Iterator
from pathlib import Path

from paper_mini.cells import (
    AGENT_ARMS,
    BEFORE,
    MAIN,
    TABLE_ARMS,
    Arm,
    Cell,
    align,
    ask,
    ask_again,
    make_data,
    prepare,
    prepare_test,
    tune_and_ask,
)
from paper_mini.peers.cells import prepare_peers, train_peers
from paper_mini.settings import Settings


def list_cells(settings: Settings, out: Path, wheel: Path) -> list[Cell]:
    """Every cell of the experiment, once."""
    found: dict[str, Cell] = {}
    for cell in _walk(settings, out, wheel):
        found.setdefault(cell.name, cell)
    return list(found.values())


def _walk(settings: Settings, out: Path, wheel: Path) -> Iterator[Cell]:
    yield from prepare(settings, out, wheel)
    yield from prepare_test(settings, out)
    for seed in settings.all_seeds:
        yield from make_data(settings, out, seed)
    for seed in settings.seeds:
        yield from _train(settings, out, seed, TABLE_ARMS)
    if settings.peer_seeds:
        yield from prepare_peers(settings, out)
    for seed in settings.peer_seeds:
        yield from _train(settings, out, seed, (MAIN,))
        yield from train_peers(settings, out, seed)
    for seed in settings.seeds if settings.has_ablation else ():
        yield from _train(settings, out, seed, AGENT_ARMS)


def _train(settings: Settings, out: Path, seed: int, arms: tuple[Arm, ...]) -> Iterator[Cell]:
    """Arms of one seed; with the main one, what is asked of it besides."""
    for arm in arms:
        yield align(settings, out, seed, arm)
        yield from tune_and_ask(settings, out, seed, arm)
    if MAIN in arms:
        before = out / f"s{seed}/align/{MAIN.align}/model"
        yield ask(settings, out, seed, BEFORE, before, f"align/{MAIN.align}")
        if seed in settings.seeds:
            yield ask_again(settings, out, seed)
