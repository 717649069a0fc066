"""Runs that people reviewed, for tests."""

from calling import call_here
from mini_coco import write_coco

from agents.review.book import ReviewBook
from agents.review.record import Review


def make_run(root):
    """A small run with captions that the debate agent objected to."""
    arguments = [*write_coco(root / "coco", 6), "--block", "1", "--lag", "1", "--translator", "gray", "--workers", "0"]
    done = call_here("agents", "run", *arguments, "--instructions", "all", "--mix", "each", "--out", str(root / "run"))
    assert done.returncode == 0, done.stderr
    return root / "run"


def say(text, name, verdict, **more):
    """A review, as it is read from a file."""
    time = "2026-01-01T00:00:00Z"
    key = text.key
    return Review(id=key.id, image_id=text.image_id, text=key.text, verdict=verdict, name=name, time=time, **more)


def write(run, text, name, verdict, **more):
    """Keep a review in a run."""
    ReviewBook(run).write(say(text, name, verdict, **more))
