"""`agents merge` carries the reviews of its shards: nothing is lost, nothing twice, and no one overrules another."""

import pytest
from calling import call_here
from mini_coco import write_coco
from reviewing import say

from agents.review.book import ReviewBook
from agents.review.texts import list_texts
from agents.store.run_store import RunStore


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """Two shards of one job, without reviews."""
    root = tmp_path_factory.mktemp("shards")
    flags = [*write_coco(root / "coco", 4, (32, 24)), "--translator", "gray", "--workers", "0", "--instructions", "0"]
    (root / "rules.jsonl").write_text("")
    for part in "12":
        more = ["--rules", root / "rules.jsonl", "--freeze", "--shard", f"{part}/2", "--out", root / part]
        done = call_here("agents", "run", *flags, *more)
        assert done.returncode == 0, done.stderr
    return root / "1", root / "2"


@pytest.fixture
def parts(shards):
    yield shards
    for part in shards:
        (part / "reviews.jsonl").unlink(missing_ok=True)
        (part / "review_plan.json").unlink(missing_ok=True)


def list_all(part):
    with RunStore(part) as store:
        return [text for result in store.read_results() for text in list_texts(result, False)]


def merge(parts, out):
    done = call_here("agents", "merge", *parts, "--out", out, columns=400)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_that_was_said_goes_over_once_and_counts_as_before(parts, tmp_path):
    first, second = list_all(parts[0])[0], list_all(parts[1])[0]
    ann, ben = ReviewBook(parts[0]), ReviewBook(parts[1])
    for verdict, more in (("reject", {"categories": ("colour",)}), ("accept", {})):
        ann.write(say(first, "Ann", verdict, **more))
    ben.write(say(second, "Ann", "accept"))
    ben.write(say(second, "Ben", "edit", edited="A cat."))
    ben.write(say(second, "Cy", "edit", edited="A dog.", settles=True))
    with (parts[1] / "reviews.jsonl").open("ab") as file:
        file.write(b'{"id": "half a li')
    out = tmp_path / "all"
    told = merge(parts, out)
    assert f"reviews of 2 texts carried over into {out / 'reviews.jsonl'}" in told and "settle them" not in told
    content = (out / "reviews.jsonl").read_bytes()
    book = ReviewBook(out)
    assert (len(book.list_said()), book.torn) == (5, 0)
    assert (book.decide(first.key), book.decide(second.key)) == ("accept", "edit")
    assert book.find(second.key)["cy"].edited == "A dog." and len(book.find(second.key)) == 1
    merge(parts, out)
    assert (out / "reviews.jsonl").read_bytes() == content
    lines = content.splitlines(keepends=True)
    (out / "reviews.jsonl").write_bytes(b"".join(lines[:3]) + lines[3][:20])
    merge(parts, out)
    again = ReviewBook(out)
    assert again.list_said() == book.list_said() and again.torn == 1, "a merge that was killed goes on"


def test_what_differs_between_shards_is_told_and_nobody_is_overruled(parts, tmp_path):
    text, other = list_all(parts[0])[:2]
    ReviewBook(parts[0]).write(say(text, "Ann", "accept"))
    ReviewBook(parts[0]).write(say(other, "Ann", "accept"))
    for name in ("Ben", "Cy"):
        ReviewBook(parts[1]).write(say(text, name, "reject", categories=("colour",), settles=name == "Cy"))
    ReviewBook(parts[1]).write(say(other, "ann", "reject", categories=("colour",)))
    (parts[1] / "review_plan.json").write_text("{}")
    out = tmp_path / "all"
    told = merge(parts, out)
    assert f"with different verdicts or edits: {text.id}; settle them: python -m agents serve {out}" in told
    assert f"said something else in a later run, which counts: {other.id}\n" in told
    assert f"python -m agents review-plan {out}" in told and not (out / "review_plan.json").exists()
    book = ReviewBook(out)
    assert set(book.find(text.key)) == {"ann", "cy"} and book.decide(text.key) == "conflict"
    assert book.decide(other.key) == "reject"


def test_reviews_that_cannot_be_read_are_missed_before_anything_is_written(parts, tmp_path):
    (parts[1] / "reviews.jsonl").write_text('{"id": "1-0"}\n')
    done = call_here("agents", "merge", *parts, "--out", tmp_path / "all")
    assert done.returncode == 2 and "line 1: no review" in done.stderr.replace("\n", " ")
    assert not (tmp_path / "all").exists()


def test_without_reviews_nothing_is_said_of_them(parts, tmp_path):
    assert "carried over" not in merge(parts, tmp_path / "all") and not (tmp_path / "all/reviews.jsonl").exists()
