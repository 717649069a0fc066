"""ThermEval: its repository stops at raw replies, so these rules are declared here, not taken over.

Its README says accuracy and mean absolute error; the prompts ask for one word, one number or a list. So a reply has to
be that and nothing else: a word in any case, a number, the parts with commas, in brackets and quotes as may be.
"""

import math
import re
from collections.abc import Sequence

from itb.others.scoring.rows import (
    Asked,
    Figure,
    Judge,
    Read,
    Row,
    Rules,
    count_unread,
    find_mean,
    find_share,
    name_rows,
)

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_TRIM = " \t\r\n\"'.[]()"
LONGEST = 40
"""Characters of a number."""


class ThermEval(Rules):
    """The metrics of its README, over replies that do what its prompts ask."""

    whose = "declared here; upstream published no scorer"

    def read(self, asked: Asked, reply: str, judge: Judge | None = None) -> Read:
        """The answer alone."""
        said = reply.strip(_TRIM).lower()
        if asked.form in ("number", "measure"):
            return _read_number(asked, said)
        if asked.form == "order":
            parts = [part.strip(_TRIM) for part in said.split(",")]
            is_list = all(part in map(str.lower, asked.options) for part in parts)
            right = [answer.lower() for answer in asked.answers]
            return Read(", ".join(parts) if is_list else None, float(parts == right), "" if is_list else "no_answer")
        is_word = said in map(str.lower, asked.options) if asked.options else bool(said)
        return Read(said if is_word else None, float(said == asked.label.lower()), "" if is_word else "no_answer")

    def add_up(self, rows: Sequence[Row]) -> tuple[Figure, ...]:
        """Accuracy or error of each task."""
        figures = []
        for task, mine in name_rows(rows, lambda row: row.asked.task).items():
            if any(row.asked.form in ("number", "measure") for row in mine):
                errors = [row.read.parts["error"] for row in mine if "error" in row.read.parts]
                unread = count_unread(mine)
                note = f"{unread} replies are no number and left out" if unread else ""
                figures.append(Figure(f"{task}/MAE", find_mean(errors), len(errors), note=note))
            else:
                figures.append(Figure(f"{task}/accuracy", find_share(mine), len(mine)))
        return tuple(figures)


def _read_number(asked: Asked, said: str) -> Read:
    if len(said) > LONGEST or not _NUMBER.fullmatch(said):
        return Read(None, None, "no_answer")
    error = abs(float(said) - float(asked.answers[0]))
    return Read(said, float(math.isclose(error, 0.0, abs_tol=1e-9)), parts={"error": error})
