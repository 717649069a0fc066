"""RGB-Th-Bench as a third party scores it: "yes" or "no" as a substring, whichever comes first.

So "Unknown" is no and "Eyes are visible" is yes. The authors' own scorer was never published. The third party counts
all 16 skills of the files; the paper has 14, without the two about referring text.
"""

from collections.abc import Sequence

from itb.others.scoring.rows import Asked, Figure, Judge, Read, Row, Rules, find_mean, find_share, name_rows

EXTRA = "Text Reference Understanding"
"""How the names of the two skills end that the paper leaves out."""
SINGLE = frozenset(
    (
        "Scene Understanding",
        "Detailed Object Presence",
        "Instance Attributes",
        "Instance Location w.r.t. Image",
        "Instance Spatial Relation",
        "Instance Counting",
        "Instance Interaction",
    )
)
"""Skills asked of the photograph alone."""


class RgbThBench(Rules):
    """Shares of questions (QAcc), and of skills of a scene of which every question is right (SAcc)."""

    whose = "third party"

    def read(self, asked: Asked, reply: str, judge: Judge | None = None) -> Read:
        """The earlier of the two."""
        lower = reply.lower()
        places = {word: lower.find(word.lower()) for word in ("Yes", "No") if word.lower() in lower}
        if not places:
            return Read(None, 0.0, "no_answer")
        answer = min(places, key=places.__getitem__)
        return Read(answer, float(answer == asked.label))

    def add_up(self, rows: Sequence[Row]) -> tuple[Figure, ...]:
        """The paper's 14 skills first, then the 16 of the files as the third party counts them."""
        paper = [row for row in rows if not row.asked.task.endswith(EXTRA)]
        figures = []
        for name, mine in (("14 skills", paper), ("16 skills", list(rows))):
            single = [row for row in mine if row.asked.task in SINGLE]
            pairs = [row for row in mine if row.asked.task not in SINGLE]
            of_pairs = [row for row in pairs if not row.asked.task.endswith(EXTRA)]
            figures += [
                Figure(f"QAcc {name}", find_share(mine), len(mine)),
                Figure(f"QAcc RGB-Txt {name}", find_share(single), len(single)),
                Figure(f"QAcc RGB-Th-Txt {name}", find_share(of_pairs), len(of_pairs)),
                _find_passed(f"SAcc {name}", mine),
                _find_passed(f"SAcc RGB-Txt {name}", single),
                _find_passed(f"SAcc RGB-Th-Txt {name}", pairs),
            ]
        figures += [
            Figure(f"QAcc {task}", find_share(mine), len(mine))
            for task, mine in name_rows(rows, lambda row: row.asked.task).items()
        ]
        return tuple(figures)


def _find_passed(name: str, rows: Sequence[Row]) -> Figure:
    """The share of scenes' skills without a mistake."""
    groups = name_rows(rows, lambda row: f"{row.asked.facts.get('scene', '')}/{row.asked.task}")
    passed = [float(all(row.read.score == 1 for row in mine)) for mine in groups.values()]
    return Figure(name, find_mean(passed), len(passed))
