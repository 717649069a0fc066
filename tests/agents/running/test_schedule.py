"""Blocks, books and commit order, with jobs that finish in any order."""

import asyncio
import random

import pytest

from agents.conversation.protocol import Job
from agents.conversation.results import Result
from agents.conversation.rules import fold_rules
from agents.running.schedule import BlockSchedule, Driver
from agents.store.run_store import RunStore
from tools.records import CaptionCandidate, Debate, DebateRound, MinedRule, Pair, Photo, Rule, Verdict

SEEDS = (Rule(id="seed-1", text="Drop colours.", category="colour", origin="seed"),)
COUNT = 60


def make_job(index: int, block: int) -> Job:
    photo = Photo(image_id=str(index * 10), file_name=f"{index}.jpg", width=4, height=4, captions=("a",), boxes=())
    return Job(index=index, block=block, seed=0, photo=photo, photo_path="", kinds=("description",))


def make_result(job: Job, book, miners=range(COUNT)) -> Result:
    """An image whose mined rule depends on the rules it read, so that any wrong book shows in all later ones."""
    mined = MinedRule(text=f"rule {len(book.rules)} {job.index % 7}", category=f"c{job.index % 5}", objection="x")
    attempt = DebateRound(
        round=1, messages=(), verdict=Verdict(is_accepted=False), mined=(mined,) * (job.index in miners)
    )
    name = job.photo.image_id
    return Result(
        index=job.index,
        image_id=job.photo.image_id,
        photo=job.photo.file_name,
        status="failed",
        rules=tuple(rule.id for rule in book.rules),
        pairs=(
            Pair(id=name, original="a", caption="a", candidates=(CaptionCandidate(text="a", score=0),), applied=()),
        ),
        debates=(Debate(id=name, kind="description", rounds=(attempt,)),),
    )


class Shuffling:
    """An executor that finishes its jobs in random order and can die after some of them."""

    def __init__(self, seed: int, die_after: int | None = None, miners=range(COUNT)):
        self.miners = miners
        self.random = random.Random(seed)
        self.die_after = die_after
        self.running = []
        self.most = 0

    def publish(self, book):
        self.book = book

    def submit(self, job):
        assert job.block == self.book.version
        self.running.append((job, self.book))
        self.most = max(self.most, len(self.running))

    async def completed(self):
        count = 0
        while True:
            if count == self.die_after:
                raise ConnectionError("killed")
            count += 1
            yield make_result(*self.running.pop(self.random.randrange(len(self.running))), self.miners)

    async def close(self):
        self.running.clear()


def drive(folder, block_schedule, concurrency, *, seed=0, die_after=None, count=COUNT, miners=range(COUNT)):
    with RunStore(folder, create=True) as store:
        executor = Shuffling(seed, die_after, miners)
        driver = Driver(store, block_schedule, SEEDS, concurrency)
        printed = []
        asyncio.run(driver.run(range(count), make_job, executor, printed.append))
        assert [result.index for result in printed] == sorted(result.index for result in printed)
        return [result.write() for result in store.read_results()], executor.most


def reference(block_schedule: BlockSchedule):
    """The same run as nested plain loops."""
    mined, results = [], []
    for index in range(COUNT):
        last = index // block_schedule.size - block_schedule.lag
        readable = [item for number, item in mined if number // block_schedule.size <= last]
        result = make_result(make_job(index, 0), fold_rules(SEEDS, readable, cap=block_schedule.cap))
        mined += [(index, item) for item in result.list_mined()]
        results.append(result.write())
    return results


@pytest.mark.parametrize(("size", "lag"), [(1, 1), (1, 3), (4, 1), (8, 2), (100, 2)])
def test_every_concurrency_and_order_gives_the_plain_loops_results(tmp_path, size, lag):
    block_schedule = BlockSchedule(size, lag, False, 6)
    expected = reference(block_schedule)
    for concurrency in (1, 3, 16):
        for seed in range(3):
            folder = tmp_path / f"{concurrency}-{seed}"
            folder.mkdir()
            assert drive(folder, block_schedule, concurrency, seed=seed)[0] == expected


def test_block_one_lag_one_is_sequential_and_larger_blocks_run_side_by_side(tmp_path):
    for name in ("one", "many"):
        (tmp_path / name).mkdir()
    assert drive(tmp_path / "one", BlockSchedule(1, 1, False, 6), 16)[1] == 1
    assert drive(tmp_path / "many", BlockSchedule(8, 2, False, 6), 16)[1] == 16


def test_killed_anywhere_and_grown_gives_the_same_results(tmp_path):
    block_schedule = BlockSchedule(4, 2, False, 6)
    expected = reference(block_schedule)
    for kill in range(1, 50, 7):
        folder = tmp_path / str(kill)
        folder.mkdir()
        with pytest.raises(ConnectionError):
            drive(folder, block_schedule, 8, seed=kill, die_after=kill)
        drive(folder, block_schedule, 5, seed=kill + 1, count=max(10, kill))
        assert drive(folder, block_schedule, 16, seed=kill + 2)[0] == expected


@pytest.mark.parametrize("lag", [1, 2])
def test_what_was_mined_in_a_block_before_a_kill_is_read_after_it(tmp_path, lag):
    block_schedule, miners = BlockSchedule(4, lag, False, 6), (5,)  # block 1 mines before the kill, and nothing after
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    expected = drive(tmp_path / "whole", block_schedule, 1, miners=miners)[0]
    assert [len(Result.model_validate_json(row).rules) for row in expected] == [1] * 4 * (1 + lag) + [2] * (
        COUNT - 4 * (1 + lag)
    )
    with pytest.raises(ConnectionError):
        drive(tmp_path / "killed", block_schedule, 1, die_after=6, miners=miners)
    assert drive(tmp_path / "killed", block_schedule, 3, miners=miners)[0] == expected


def test_a_frozen_book_never_changes_and_no_block_waits(tmp_path):
    results, most = drive(tmp_path, BlockSchedule(1, 1, True, 6), 16)
    assert most == 16
    assert all('"rules":["seed-1"]' in result for result in results)
