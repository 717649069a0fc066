"""Which images a report shows: chosen by a hash of seed and image id, in one pass, in memory that does not grow."""

import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from agents.checks.evidence_rows import EVIDENCE_FILE
from agents.output.report.rows import CODE, ROUNDS, Line, Row, iterate_lines, parse_line
from tools.ids import order_ids
from tools.seeds import hash_number

GENERATION_FAILED = "generation_failed"
STATUSES = {
    "accepted": "Accepted in round 1",
    "revised": "Accepted in a later round",
    "failed": "Generation failed",
    "rejected": "Row rejected",
    "captions": "Captions only",
}
RARE = ("failed", "rejected", "revised", "accepted")
EXPORTS = ("pairs.jsonl", "instructions.jsonl", "rejected.jsonl")
SHOWN = (*EXPORTS, EVIDENCE_FILE)


class SmallestHashes:
    """The `limit` image ids with the smallest hashes of those added so far; an id counts once."""

    def __init__(self, limit: int, seed: int) -> None:
        self.limit = limit
        self.seed = seed
        self._heap: list[tuple[int, str]] = []
        self._members: set[str] = set()

    def add(self, image_id: str) -> None:
        """Consider one image."""
        if not self.limit or image_id in self._members:
            return
        entry = (-hash_number(f"{self.seed}:{image_id}"), image_id)
        if len(self._heap) < self.limit:
            heapq.heappush(self._heap, entry)
        elif entry > self._heap[0]:
            self._members.discard(heapq.heapreplace(self._heap, entry)[1])
        else:
            return
        self._members.add(image_id)

    @property
    def ids(self) -> list[str]:
        """The ids, smallest hash first."""
        return [image_id for _, image_id in sorted(self._heap, reverse=True)]


class ReportSample(NamedTuple):
    """The images a report shows.

    Attributes:
        image_ids: those shown.
        n_with_pairs: how many images have pairs, for a manifest that does not count them.
        reasons: how many rejected rows the whole run has, by reason code.
    """

    image_ids: frozenset[str]
    n_with_pairs: int
    reasons: dict[str, int]


def find_status(line: Line) -> str | None:
    """The status that one line gives its image, read without parsing; None for a pair."""
    if line.path.name == "instructions.jsonl":
        rounds = ROUNDS.search(line.text)
        return "revised" if rounds and int(rounds[1]) > 1 else "accepted"
    if line.path.name == "rejected.jsonl":
        return "failed" if find_code(line) == GENERATION_FAILED else "rejected"
    return None


def find_code(line: Line) -> str:
    """The reason code of a rejected row."""
    code = CODE.search(line.text)
    return code[1].decode() if code else "unknown"


def choose_sample(run: Path, limit: int, seed: int) -> ReportSample:
    """Choose `limit` images.

    Debated images are rare in a long run, so a fifth of the places is kept for each of four statuses.

    Args:
        run: the run folder.
        limit: how many images to show at most.
        seed: another seed shows other images.
    """
    everyone = SmallestHashes(limit, seed)
    kept = {status: SmallestHashes(limit // 5, seed) for status in RARE}
    reasons: Counter[str] = Counter()
    n_with_pairs, last_id = 0, None
    for name in EXPORTS:
        for line in iterate_lines(run / name):
            everyone.add(line.image_id)
            status = find_status(line)
            if status:
                kept[status].add(line.image_id)
            elif line.image_id != last_id:
                n_with_pairs, last_id = n_with_pairs + 1, line.image_id
            if name == "rejected.jsonl":
                reasons[find_code(line)] += 1
    chosen = dict.fromkeys(image_id for smallest in kept.values() for image_id in smallest.ids)
    return ReportSample(_fill(chosen, everyone.ids, limit), n_with_pairs, dict(reasons))


def _fill(chosen: dict[str, None], others: Iterable[str], limit: int) -> frozenset[str]:
    for image_id in others:
        if len(chosen) >= limit:
            break
        chosen.setdefault(image_id)
    return frozenset(chosen)


def read_sample(run: Path, image_ids: frozenset[str]) -> dict[str, dict[str, list[Row]]]:
    """The rows of the chosen images, by image id in the dataset's order, then by file; only these lines are parsed."""
    found: dict[str, dict[str, list[Row]]] = {image_id: defaultdict(list) for image_id in image_ids}
    orders: list[list[str]] = []
    for name in SHOWN:
        orders.append([])
        for line in iterate_lines(run / name):
            if line.image_id in found:
                found[line.image_id][name].append(parse_line(line))
                orders[-1].append(line.image_id)
    return {image_id: found[image_id] for image_id in join_orders(orders)}


def join_orders(orders: Iterable[Iterable[str]]) -> list[str]:
    """One order of image ids that keeps each of those given; where these leave it open, by `tools.ids.order_ids`.

    The exports hold the images in the dataset's order, but none of them holds them all.
    """
    after: dict[str, set[str]] = {}
    for order in orders:
        ids = list(dict.fromkeys(order))
        after |= {image_id: set() for image_id in ids if image_id not in after}
        for first, second in itertools.pairwise(ids):
            after[first].add(second)
    before = Counter(image_id for following in after.values() for image_id in following)
    ready = [(order_ids(image_id), image_id) for image_id in after if not before[image_id]]
    heapq.heapify(ready)
    joined: list[str] = []
    while ready:
        joined.append(heapq.heappop(ready)[1])
        for image_id in after[joined[-1]]:
            before[image_id] -= 1
            if not before[image_id]:
                heapq.heappush(ready, (order_ids(image_id), image_id))
    return [*joined, *sorted(after.keys() - set(joined), key=order_ids)]  # the latter where files contradict each other
