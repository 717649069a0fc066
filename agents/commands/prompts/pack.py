"""What of a modality pack is not prompt: each file read by its own reader, and what one says of another compared."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from agents.conversation.book.reverted import load_reverted
from tools.errors import ToolkitError
from tools.files.text import TextFault
from tools.files.yaml_text import decode_yaml
from tools.prompts.folder import examine_prompts
from tools.prompts.lexicon import Lexicon, load_lexicon, load_seed_rules
from tools.prompts.pack import PACK_FILE, Pack, load_pack
from tools.prompts.requests import REQUEST_FILES, load_requests
from tools.registry import SCORERS, TRANSLATORS, Seam

BENCHMARK = "itb"
"""Folder of the benchmark's wordings; what they have to hold is proved by `python -m itb build`."""


class Sizes(NamedTuple):
    """How much a pack holds."""

    categories: int = 0
    seed_rules: int = 0
    reverted: int = 0


def examine_pack(folder: Path) -> tuple[Sizes, list[str]]:
    """Prove everything beside the prompts and their sample; every problem as a sentence."""
    from agents.backends.template.wordings import load_wordings

    problems: list[str] = []
    sizes = Sizes()
    try:
        pack, lexicon = load_pack(folder), load_lexicon(folder)
        sizes = Sizes(len(lexicon.categories), len(load_seed_rules(folder)), len(load_reverted(folder)))
        problems += _compare(folder / PACK_FILE, pack, lexicon)
    except ToolkitError as error:
        problems.append(str(error))
    problems += _try(partial(load_wordings, folder))
    for name in REQUEST_FILES:
        problems += _try(partial(load_requests, folder, name))
    return sizes, [*problems, *_examine_benchmark(folder / BENCHMARK)]


def _try(read: Callable[[], object]) -> list[str]:
    try:
        read()
    except ToolkitError as error:
        return [str(error)]
    return []


def _compare(path: Path, pack: Pack, lexicon: Lexicon) -> Iterator[str]:
    """Categories that `modality.yaml` names must be the lexicon's, and what it uses must be there."""
    known = ", ".join(lexicon.categories)
    if pack.report.attribute not in lexicon.categories:
        yield f"{path}: report.attribute `{pack.report.attribute}` is no category of the lexicon ({known})."
    for name, band in pack.bands.items():
        if unknown := [category for category in band.hides if category not in lexicon.categories]:
            yield f"{path}: bands.{name}.hides: {', '.join(unknown)} is no category of the lexicon ({known})."
        if open_ones := [each for each in lexicon.categories if (each in band.shows) == (each in band.hides)]:
            yield f"{path}: bands.{name}: {', '.join(open_ones)} must stand in exactly one of `shows` and `hides`."
    for seam, name in ((TRANSLATORS, pack.defaults.translator), (SCORERS, pack.defaults.scorer)):
        yield from _find(path, seam, name)


def _find(path: Path, seam: Seam, name: str) -> Iterator[str]:
    if seam.names() and name not in seam.names():
        yield f"{path}: defaults.{seam.key}: there is no {seam.name} `{name}`; there are {', '.join(seam.names())}."


def _examine_benchmark(folder: Path) -> Iterator[str]:
    if not folder.is_dir():
        return
    if any(folder.glob("*.md")):
        yield from examine_prompts(folder).problems
    for path in sorted(folder.glob("*.yaml")):
        try:
            decode_yaml(path.read_bytes())
        except TextFault as error:
            yield f"{path} is {error}."
