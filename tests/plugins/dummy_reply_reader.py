"""A user's form of answer in one file: a word of three, one step off counts as right; with a task that asks for it."""

import re

from itb.answers.reader import ReplyReader
from itb.answers.reading import NO_ANSWER, Reading, choose_only
from itb.tasks.base.draft import Candidate, Draft
from itb.tasks.base.task import Kind, Task
from tools.registry import Entry, register

GRADES = ("empty", "sparse", "crowded")


class Grade(ReplyReader):
    is_exact = False
    guess = "sparse"
    request = "Reply with empty, sparse or crowded."

    def read_strictly(self, text, question):
        return Reading(text.lower()) if text.lower() in GRADES else NO_ANSWER

    def read(self, text, question):
        return choose_only(word for word in re.findall(r"[a-z]+", text.lower()) if word in GRADES)

    def find_trouble(self, item):
        return "" if item.answer in GRADES else f"the answer {item.answer!r} is no grade"

    def is_right(self, item, answer):
        return abs(GRADES.index(answer) - GRADES.index(item.answer)) <= 1

    def list_candidates(self, options, count_range):
        return GRADES


def find(frame, search):
    yield Candidate(frame, "filling", (), GRADES[min(len(frame.boxes), 2)], frame.boxes)


def compose(candidates, composer):
    for item in composer.order(candidates):
        yield Draft(task="filling", frame=item.frame, answer=item.truth, **composer.ask("filling", "filling", 0))


ASKED = [f"How full is the {what}?" for what in ("image", "picture", "scene", "view")]
TASK = Task(
    name="filling",
    kinds={"filling": Kind("grade")},
    sources=("scenes",),
    find=find,
    compose=compose,
    wordings={"questions": {"filling": {"inputs": {}, "wordings": ASKED}}},
)
register("reply reader", Entry("grade", "one of three words", Grade()))
register("task", Entry("filling", "how full is the image?", TASK))
