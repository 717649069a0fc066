"""WildFireVQA: an option's text that equals the reply, else the longest that occurs in it, letters inside words too.

So "not", "unknown" and "below" hold No and Low, and the letter or the number of an option is no answer. Rows whose
files are missing leave the denominator; rows on which the model failed are wrong over all, and not in their category.
"""

from collections.abc import Sequence

from itb.others.scoring.rows import Asked, Fault, Figure, Judge, Read, Row, Rules, find_share, name_rows


class WildFireVqa(Rules):
    """Its rules."""

    def read(self, asked: Asked, reply: str, judge: Judge | None = None) -> Read:
        """The longest option that occurs; of equally long ones the first."""
        said = reply.strip().lower()
        if not said:
            return Read(None, 0.0, "empty")
        for option in asked.options:
            if option.strip().lower() == said:
                return Read(option, float(option == asked.label))
        for option in sorted(asked.options, key=len, reverse=True):
            if option.lower() in said:
                return Read(option, float(option == asked.label))
        return Read(None, 0.0, "no_answer")

    def miss(self, asked: Asked, fault: Fault) -> Read:
        """A missing file leaves the row out."""
        return Read(None, None if fault == "missing" else 0.0, fault)

    def add_up(self, rows: Sequence[Row]) -> tuple[Figure, ...]:
        """Over all, then by category."""
        there = [row for row in rows if row.read.score is not None]
        gone = len(rows) - len(there)
        note = f"{gone} rows with a missing image are left out, as upstream does" if gone else ""
        figures = [Figure("accuracy", find_share(there), len(there), note=note)]
        answered = [row for row in there if row.fault != "error"]
        for category, mine in name_rows(answered, lambda row: row.asked.task).items():
            figures.append(Figure(f"category/{category}", find_share(mine), len(mine)))
        return tuple(figures)
