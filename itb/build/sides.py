"""Which groups stay together: those that look the same, and those that nothing can part.

Frames with running numbers and no drive (FLIR v1) are cut into groups anywhere: two that follow each other may be of
one drive. What cannot be decided goes to one side: all groups of a recording do, as far as a source has several. Of a
source with one alone, stretches of it are parted, and the manifest counts such cuts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from itb.benchmark.duplicates import Fingerprint, find_alike, join_groups
from itb.build.compose import count_kinds
from itb.build.gather import Gathered
from itb.build.split import Sides, split_groups

STRETCHES = 6
"""Parts of a recording that is all a source has."""
Pair = tuple[str, str]


def part(
    gathered: Gathered,
    prints: Mapping[tuple[str, str], Fingerprint],
    seed: int,
    follows: Iterable[Pair] = (),
) -> Sides:
    """Split the groups; those with near-duplicates of each other, or of one recording, stay together.

    Args:
        follows: groups that go on where another one ends, as their images say.
    """
    counts = count_kinds(gathered)
    frames = gathered.list_frames()
    rows = list(prints.values())
    groups = [f"{entry.source}/{frames[entry.source, entry.image].group}" for entry in rows]
    pairs = [(groups[first], groups[second]) for first, second in find_alike(rows, groups)]
    pairs += follows
    chains, cuts = chain_recordings(list_recordings(gathered), counts, pairs)
    sides = split_groups(counts, join_groups(counts, [*pairs, *chains]), seed)
    return sides._replace(undecided=cuts)


def list_recordings(gathered: Gathered) -> dict[str, dict[str, list[str]]]:
    """Source -> recording -> its groups, in the order of their first images."""
    found: defaultdict[str, defaultdict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for (source, _), frame in gathered.list_frames().items():
        if frame.recording is not None:
            found[source][frame.recording][f"{source}/{frame.group}"] = None
    return {source: {name: list(groups) for name, groups in recordings.items()} for source, recordings in found.items()}


def chain_recordings(
    recordings: Mapping[str, Mapping[str, Sequence[str]]], groups: Iterable[str], pairs: Sequence[Pair]
) -> tuple[list[Pair], dict[str, int]]:
    """Pairs of groups that stay together, and source -> how many cuts were made where nothing says that one may.

    Args:
        recordings: as `list_recordings` gives them.
        groups: all groups of all sources.
        pairs: of groups that stay together anyway.
    """
    chains: list[Pair] = []
    cuts: dict[str, int] = {}
    known = list(groups)
    for source, mine in recordings.items():
        whole = [pair for row in mine.values() for pair in pairwise(row)]
        own = [group for group in known if group.startswith(f"{source}/")]
        inside = [pair for pair in pairs if pair[0].startswith(f"{source}/") and pair[1].startswith(f"{source}/")]
        if len(list(join_groups(own, [*inside, *whole]))) > 1:
            chains += whole
            continue
        (longest, *_) = sorted(mine.values(), key=len, reverse=True)
        kept = list(_join_stretches(longest))
        chains += kept
        cuts[source] = len(longest) - 1 - len(kept)
    return chains, {source: count for source, count in cuts.items() if count}


def _join_stretches(row: Sequence[str]) -> Iterator[Pair]:
    for place, pair in enumerate(pairwise(row)):
        if place * STRETCHES // len(row) == (place + 1) * STRETCHES // len(row):
            yield pair
