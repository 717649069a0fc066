"""A user's task in one file: is anybody there, and how many things are there? It brings its wordings along."""

from itb.tasks.base.draft import Candidate, Draft, Skip, show_evidence
from itb.tasks.base.task import Kind, Task
from tools.records import Record
from tools.registry import Entry, register

NAME = "anybody"
WORDINGS = {
    "questions": {
        "there": {
            "inputs": {"who": "whom to look for"},
            "wordings": [f"{start} {{who}} {end}?" for start in ("Is", "Can you see if") for end in ("there", "here")],
        },
        "sum": {"inputs": {}, "wordings": [f"How many things are {where}?" for where in ("here", "there", "up", "in")]},
    },
    "words": {"who": "anybody"},
}


class AnybodySettings(Record):
    least: int = 0


def find(frame, search):
    people = tuple(box for box in frame.boxes if box.name == "person")
    if len(frame.boxes) < search.settings.least:
        yield Skip("too_few_things")
        return
    yield Candidate(frame, "there", (), bool(people), people)
    yield Candidate(frame, "sum", (), len(frame.boxes), frame.boxes)


def compose(candidates, composer):
    for item in composer.order(candidates):
        fills = {"who": composer.wordings.word(NAME, "who")} if item.kind == "there" else {}
        yield Draft(
            task=NAME,
            frame=item.frame,
            answer=str(item.truth) if item.kind == "sum" else ("yes" if item.truth else "no"),
            evidence=show_evidence(item.evidence),
            **composer.ask(NAME, item.kind, composer.choose_wording(NAME, item.kind, item.id), **fills),
        )


TASK = Task(
    name=NAME,
    kinds={"there": Kind("yes_no", ("who",)), "sum": Kind("number")},
    sources=("scenes",),
    find=find,
    compose=compose,
    words=("who",),
    wordings=WORDINGS,
)
register("task", Entry(NAME, "is anybody there?", TASK, settings=AnybodySettings))
