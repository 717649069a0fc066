"""Train and test, 2 : 1 (paper 4): by sequence or scene, never by frame; what looks the same stays on one side."""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from itb.records import Split
from tools.seeds import hash_number

TEST_SHARE = 1 / 3


class Kind(NamedTuple):
    """What should be shared 2 : 1: a task's questions of a source, as a whole and, by `detail`, of each answer."""

    task: str
    source: str
    detail: tuple[str, ...] = ()


class Sides(NamedTuple):
    """Where every group stands.

    Attributes:
        side: group -> train or test.
        joined: groups that had to stay together because they hold near-duplicates, two or more each.
        lonely: kinds of questions that only one group has: they are in the test split alone.
        undecided: source -> cuts between groups that follow each other, of which nothing says that one may make them.
    """

    side: Mapping[str, Split]
    joined: tuple[tuple[str, ...], ...]
    lonely: tuple[Kind, ...]
    undecided: Mapping[str, int] = MappingProxyType({})


def split_groups(
    counts: Mapping[str, Mapping[Kind, int]],
    clusters: Iterable[frozenset[str]],
    seed: int,
    test_share: float = TEST_SHARE,
) -> Sides:
    """Put every cluster of groups on one side so that each kind of question comes near 2 : 1.

    The largest clusters choose first; each goes where its kinds of questions are most wanted.

    Args:
        counts: group -> kind -> how many questions of it the group could be asked.
        clusters: every group, with those that must stay together.
        seed: decides between equals.
        test_share: part of every kind that is to be tested.
    """
    clusters = list(clusters)
    totals: Counter[Kind] = Counter()
    for kinds in counts.values():
        totals.update(kinds)
    sums = {cluster: _add_up(counts, cluster) for cluster in clusters}
    holders = Counter(kind for kinds in sums.values() for kind in kinds)
    placed: dict[Split, Counter[Kind]] = {"train": Counter(), "test": Counter()}
    side: dict[str, Split] = {}
    for cluster in sorted(clusters, key=lambda item: _rank(item, sums[item], totals, seed)):
        kinds = sums[cluster]
        pull = sum(_pull(kind, count, totals, placed, holders, test_share) for kind, count in sorted(kinds.items()))
        chosen: Split = "test" if pull > 0 else "train"
        placed[chosen].update(kinds)
        side.update(dict.fromkeys(cluster, chosen))
    return Sides(
        side=dict(sorted(side.items())),
        joined=tuple(sorted(tuple(sorted(cluster)) for cluster in clusters if len(cluster) > 1)),
        lonely=tuple(sorted(kind for kind, count in holders.items() if count == 1 and not kind.detail)),
    )


def _add_up(counts: Mapping[str, Mapping[Kind, int]], cluster: Iterable[str]) -> Counter[Kind]:
    total: Counter[Kind] = Counter()
    for group in cluster:
        total.update(counts.get(group, {}))
    return total


def _rank(cluster: frozenset[str], kinds: Counter[Kind], totals: Counter[Kind], seed: int) -> tuple[float, int]:
    largest = max((count / totals[kind] for kind, count in kinds.items() if not kind.detail), default=0.0)
    return -largest, hash_number(seed, "split", *sorted(cluster))


def _pull(
    kind: Kind,
    count: int,
    totals: Counter[Kind],
    placed: Mapping[Split, Counter[Kind]],
    holders: Counter[Kind],
    test_share: float,
) -> float:
    """How much more a kind is wanted in test than in train, weighed by how much of it the cluster brings."""
    total = totals[kind]
    weight = count / total
    if holders[kind] == 1:
        return 0.0 if kind.detail else weight  # a single group: what is asked at all should be tested
    wanted_test = 1 - placed["test"][kind] / (total * test_share)
    wanted_train = 1 - placed["train"][kind] / (total * (1 - test_share))
    return weight * (wanted_test - wanted_train)
