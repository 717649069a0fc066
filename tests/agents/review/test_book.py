"""The reviews of a run: nothing is lost, whoever is killed, and nobody is overruled silently."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from killing import ROOT

from agents.review.book import ReviewBook
from agents.review.record import Review, clean_name, make_review
from agents.review.texts import Text
from tools.errors import ToolkitError, UsageError
from tools.records import Message

KNOWN = ("colour", "other")
HOSTILE = "</script><img src=x onerror=alert(1)> \u2028 {{ 7 * 7 }}"
WRITER = """
import sys
from pathlib import Path
from agents.review.book import ReviewBook
from agents.review.record import make_review
from agents.review.texts import Text
book = ReviewBook(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    text = Text(f"{sys.argv[2]}-{number}", "1", None, "p", "caption", "a text " * 40, 0, True, False)
    book.write(make_review(text, "accept", sys.argv[2], ()))
    print(text.id, flush=True)
"""


def make_text(id="1-0", body="A dog runs."):
    return Text(id, id.split("-")[0], None, "1.jpg", "caption", body, 1, True, True)


def say(book, name, verdict, text=None, **more):
    more |= {"categories": ["colour"]} if verdict == "reject" and "categories" not in more else {}
    review = make_review(text or make_text(), verdict, name, KNOWN, **more)
    book.write(review)
    return review


def start_writer(run, name, count):
    command = [sys.executable, "-c", WRITER, str(run), name, str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_what_each_person_said_last_counts_and_two_who_differ_are_in_conflict(tmp_path):
    book, key = ReviewBook(tmp_path), make_text().key
    assert book.decide(key) is None
    say(book, "Ann", "reject")
    say(book, "Ann", "accept")
    assert book.decide(key) == "accept"
    say(book, "Ben", "accept")
    assert book.decide(key) == "accept" and book.list_conflicts() == []
    say(book, "Ben", "edit", edited="A cat runs.")
    assert book.decide(key) == "conflict" and book.list_conflicts() == [key]
    say(book, " ANN ", "edit", edited="A cow runs.")
    assert book.decide(key) == "conflict", "two edits in other words are two opinions"
    say(book, "ann", "edit", edited="A cat runs.")
    assert book.decide(key) == "edit" and set(book.find(key)) == {"ann", "ben"}
    assert ReviewBook(tmp_path).decide(key) == "edit"


def test_a_conflict_is_settled_by_whoever_says_so_and_by_no_majority(tmp_path):
    book, key = ReviewBook(tmp_path), make_text().key
    for name, verdict in (("Ann", "accept"), ("Ben", "reject"), ("Cy", "accept"), ("Di", "accept")):
        say(book, name, verdict)
    assert book.decide(key) == "conflict"
    say(book, "Eve", "reject", settles=True)
    assert book.decide(key) == "reject"
    say(book, "Ann", "accept")
    assert book.decide(key) == "conflict", "who differs afterwards is heard again"


def test_a_review_says_nothing_of_another_text(tmp_path):
    book = ReviewBook(tmp_path)
    say(book, "Ann", "reject")
    assert book.decide(make_text(body="A dog ran.").key) is None
    talk = (Message(role="user", content="What?"), Message(role="assistant", content="A dog."))
    swapped = (Message(role="user", content="A dog."), Message(role="assistant", content="What?"))
    assert make_text(body=talk).key != make_text(body=swapped).key


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_torn_last_line_is_passed_over_and_the_next_review_stands(tmp_path, cut):
    book = ReviewBook(tmp_path)
    first = say(book, "Ann", "accept")
    line = first.model_dump_json() + "\n"
    with book.path.open("ab") as file:
        file.write(line.encode()[: len(line) * cut // 12])
    again = ReviewBook(tmp_path)
    assert len(again) == 1 and again.torn == 0
    say(again, "Ben", "reject")
    say(again, "Cy", "reject", make_text("2-0"))
    for read in (again, ReviewBook(tmp_path)):
        assert read.torn == 1 and read.list_people() == {"Ann": 1, "Ben": 1, "Cy": 1}


def test_a_line_without_its_end_is_a_review_once_another_follows(tmp_path):
    book = ReviewBook(tmp_path)
    say(book, "Ann", "accept")
    os.truncate(book.path, book.path.stat().st_size - 1)
    say(ReviewBook(tmp_path), "Ben", "accept")
    assert ReviewBook(tmp_path).list_people() == {"Ann": 1, "Ben": 1}


def test_a_whole_line_that_is_no_review_is_named(tmp_path):
    book = ReviewBook(tmp_path)
    say(book, "Ann", "accept")
    with book.path.open("a") as file:
        file.write('{"id": "1-0", "verdict": "maybe"}\n')
    with pytest.raises(UsageError, match=r"reviews.jsonl, line 2: no review \(image_id: Field required\)"):
        ReviewBook(tmp_path)


def test_a_writer_that_is_killed_loses_no_review_that_it_said_it_had_saved(tmp_path):
    told = set()
    for kill in range(2):
        writer = start_writer(tmp_path, f"killed-{kill}", 100_000)
        told |= {writer.stdout.readline().strip() for _ in range(5 + 20 * kill)}
        writer.send_signal(signal.SIGKILL)
        told |= set(writer.stdout.read().split("\n")[:-1])
        writer.wait()
        kept = {key.id for key in ReviewBook(tmp_path).list_keys()}
        assert told <= kept and len(kept - told) <= 1 + kill, "of each one more may be saved and not yet told"
    say(ReviewBook(tmp_path), "Ann", "accept")
    assert "Ann" in ReviewBook(tmp_path).list_people()


def test_several_people_at_once_lose_nothing(tmp_path):
    watching = ReviewBook(tmp_path)
    writers = [start_writer(tmp_path, name, 40) for name in ("Ann", "Ben", "Cy")]
    while any(writer.poll() is None for writer in writers):
        watching.refresh()
        time.sleep(0.01)
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    watching.refresh()
    assert watching.list_people() == {"Ann": 40, "Ben": 40, "Cy": 40} and watching.torn == 0
    assert len(watching.path.read_text().splitlines()) == 120


def test_a_full_disk_leaves_no_half_review(tmp_path, monkeypatch):
    book = ReviewBook(tmp_path)
    say(book, "Ann", "accept")
    before, write = book.path.read_bytes(), os.write
    monkeypatch.setattr(os, "write", lambda file, content: write(file, content[:10]))
    with pytest.raises(ToolkitError, match="took only a part"):
        say(book, "Ben", "accept")
    assert book.path.read_bytes() == before and book.list_people() == {"Ann": 1}


def test_a_link_in_the_place_of_the_reviews_is_not_followed(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "theirs").write_text("precious")
    (tmp_path / "run/reviews.jsonl").symlink_to(tmp_path / "theirs")
    with pytest.raises(UsageError):
        say(ReviewBook(tmp_path / "run"), "Ann", "accept")
    assert (tmp_path / "theirs").read_text() == "precious"


def test_hostile_texts_are_kept_to_the_letter_on_one_line(tmp_path):
    book, text = ReviewBook(tmp_path), make_text(body=HOSTILE)
    review = say(book, '<b onclick="alert(1)">', "edit", text, edited=HOSTILE + "\nand more")
    assert len(book.path.read_text().split("\n")) == 2
    kept = json.loads(book.path.read_text())
    assert kept["edited"] == HOSTILE + "\nand more" and kept["name"] == '<b onclick="alert(1)">'
    assert Review.model_validate(kept) == review


@pytest.mark.parametrize(
    ("verdict", "more", "words"),
    [
        ("reject", {"categories": []}, "needs a category"),
        ("reject", {"categories": ["taste"]}, "`taste` is no category"),
        ("edit", {}, "brings the text as it should be"),
        ("accept", {"edited": "A cat."}, "nothing else"),
        ("edit", {"edited": "A dog runs. "}, "says what the text says"),
        ("edit", {"edited": "  "}, "1 to 20,000 characters"),
        ("edit", {"edited": "A \x00 dog"}, "no text"),
        ("edit", {"edited": "A \ud800 dog"}, "half of a character"),
        ("edit", {"edited": (Message(role="user", content="x"),)}, "a caption is edited as a text"),
    ],
)
def test_what_a_review_has_to_say(verdict, more, words):
    with pytest.raises(UsageError, match=words):
        make_review(make_text(), verdict, "Ann", KNOWN, **more)


def test_an_edited_instruction_keeps_its_turns():
    talk = (Message(role="user", content="What?"), Message(role="assistant", content="A dog."))
    with pytest.raises(UsageError, match="keeps its questions and answers"):
        make_review(make_text(body=talk), "edit", "Ann", KNOWN, edited=talk[:1])
    edited = (talk[0], Message(role="assistant", content="A cat."))
    assert make_review(make_text(body=talk), "edit", "Ann", KNOWN, edited=edited).edited == edited


@pytest.mark.parametrize("name", ["", "  ", "a" * 81, "a\u202eb", "a\x00b"])
def test_a_name_can_be_read(name):
    with pytest.raises(UsageError, match="name"):
        clean_name(name)
    assert clean_name("  Ann \n Lee ") == "Ann Lee"
