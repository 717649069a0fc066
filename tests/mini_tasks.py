"""Tasks tried on frames made by hand: what they find, what they ask, and what can be guessed of it.

drafts = compose(locate, make_flir(300))
assert measure_blind(locate, lambda seed: make_flir(400, seed)) == pytest.approx(0.5, abs=0.03)
"""

from collections import Counter, defaultdict
from pathlib import Path

from mini_frames import frame, thing

from itb.answers import is_right
from itb.answers.blind_answerer import train_blind
from itb.build.compose import Placed, make_items
from itb.tasks import read_task_settings
from itb.tasks.base.draft import Candidate, Composer, Search, Skip
from itb.tasks.base.wordings import load_wordings

WORDINGS = load_wordings(Path("prompts/infrared"))


def make_search(task, root=Path(), **settings):
    return Search(WORDINGS, root, read_task_settings(task.TASK.name, {task.TASK.name: settings}))


def make_composer(task, settings=(), **changes):
    given = {task.TASK.name: dict(settings)}
    return Composer(
        WORDINGS, **{"seed": 0, "share": "x", "settings": read_task_settings(task.TASK.name, given), **changes}
    )


def find(task, frames, **settings):
    return [entry for item in frames for entry in task.TASK.find(item, make_search(task, **settings))]


def pick(entries):
    return [entry for entry in entries if isinstance(entry, Candidate)]


def codes(entries):
    return Counter(entry.code for entry in entries if isinstance(entry, Skip))


def compose(task, frames, **changes):
    return list(task.TASK.compose(pick(find(task, frames)), make_composer(task, **changes)))


def as_items(drafts, split="train"):
    return make_items([Placed(draft, split) for draft in drafts])


def group_blocks(drafts):
    blocks = defaultdict(list)
    for draft in drafts:
        blocks[draft.block].append(draft)
    return blocks


def measure_blind(task, make_frames):
    """The part that is answered rightly from the words alone, after the questions about other frames."""
    train = as_items(compose(task, make_frames(0), share="train"))
    test = as_items(compose(task, make_frames(1), share="test"), "test")
    blind = train_blind(train)
    return sum(is_right(item, blind.answer(item)) for item in test) / len(test)


def people(number, count, **changes):
    return frame(
        number, *(thing("person", 20 * k, 10, 20 * k + 15, 60) for k in range(count)), source="llvip", **changes
    )


def make_lsotb(counts):
    target = thing("target", 10, 400, 60, 500)
    return [
        frame(1000 * row + k, target, source="lsotb", group=f"{label}-{k // 5}", labels=(label,))
        for row, (label, count) in enumerate(counts.items())
        for k in range(count)
    ]
