"""What the build refuses: kinds of questions that can be answered without the image, and why balance is impossible.

Every composer balances as far as the annotations allow. What a cheap answer (`itb.answers.cheap`) still gets right more
than ten points beyond chance, by the lower end of its interval, is left out by name, with the table of what its images
show: balance needs images that differ in the answer and in nothing that the words give away.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from itb.answers.cheap_scores import find_best
from itb.build.audit import Audit
from itb.build.compose import Drafts
from itb.build.gather import Gathered
from itb.records import TaskName
from itb.tasks import load_task, name_task
from itb.tasks.base.draft import Candidate
from tools.records import Record

PATTERNS = 12
"""Rows of a table of patterns, the commonest ones; the rest is summed."""
OTHERS = "others"


class Refusal(Record):
    """A kind of question that was left out.

    Attributes:
        kind: as the first part of its wordings' names: a task, or `TASK/KIND`.
        answer: the cheap answer that does best.
        right, low, high: what it gets right, and its 95 % interval by group.
        chance: what a uniform guess gets right.
        questions: how many were left out.
        patterns: what the images show -> candidates.
    """

    kind: str
    task: TaskName
    answer: str
    right: float
    low: float
    high: float
    chance: float
    questions: int
    patterns: Mapping[str, int]

    def describe(self) -> str:
        """In a sentence."""
        right, low, high, chance = (f"{100 * value:.0f}" for value in (self.right, self.low, self.high, self.chance))
        return (
            f"{self.kind}: {self.questions} questions can be answered without the image: {self.answer} gets {right} % "
            f"[{low}, {high}] right, chance {chance} %"
        )


def find_refusals(audit: Audit, gathered: Gathered) -> list[Refusal]:
    """The kinds of questions that can be guessed."""
    found = []
    for kind, entry in audit.tasks.items():
        if not entry.is_guessable:
            continue
        answer, best = find_best(entry.cheap)
        if best.low is None or best.high is None or best.chance is None:
            continue
        found.append(
            Refusal(
                kind=kind,
                task=kind.partition("/")[0],
                answer=answer,
                right=best.right,
                low=best.low,
                high=best.high,
                chance=best.chance,
                questions=entry.train + entry.test,
                patterns=count_patterns(kind, gathered),
            )
        )
    return found


def count_patterns(kind: str, gathered: Gathered) -> dict[str, int]:
    """What the images of a kind of question show, the commonest patterns first."""
    task, _, name = kind.partition("/")
    show = load_task(task).show_pattern or _show_truth
    counts: Counter[str] = Counter()
    for (owner, _, of), items in gathered.candidates.items():
        if owner == task and of == (name or task):
            counts.update(map(show, items))
    common = dict(counts.most_common(PATTERNS))
    rest = counts.total() - sum(common.values())
    return common | ({OTHERS: rest} if rest else {})


def _show_truth(item: Candidate) -> str:
    truth = item.truth if isinstance(item.truth, str | bool | int) else type(item.truth).__name__
    return " ".join(filter(None, (*item.key, f"-> {truth}")))


def list_guessable(audit: Audit, refused: Sequence[Refusal]) -> dict[TaskName, str]:
    """Tasks with a kind of question that can be guessed, left out or not, each with one reason."""
    found = {refusal.task: refusal.describe() for refusal in refused}
    for kind, entry in audit.tasks.items():
        if entry.is_guessable:
            answer, best = find_best(entry.cheap)
            found.setdefault(kind.partition("/")[0], f"{kind}: {answer} gets {100 * best.right:.0f} % right")
    return found


def leave_out(drafts: Drafts, refused: Sequence[Refusal]) -> Drafts:
    """The drafts without refused kinds."""
    kinds = {refusal.kind for refusal in refused}
    return {
        key: [draft for draft in rows if draft.wording.rpartition("/")[0] not in kinds] for key, rows in drafts.items()
    }


def list_refusals(refused: Sequence[Refusal]) -> Iterator[str]:
    """For people: each refusal with its table of patterns."""
    for refusal in refused:
        yield f"refused: {name_task(refusal.task)}: {refusal.describe()}; --allow-guessable keeps it, outside ITB Avg"
        for pattern, count in refusal.patterns.items():
            yield f"  {count:>7} x {pattern}"
