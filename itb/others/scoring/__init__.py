"""Replies to somebody else's benchmark, scored twice: by its own rules, quirks included, and by what the replies mean.

    rules = UPSTREAM["if-bench"]
    rules.read(asked, "Answer: C")           # A: upstream takes the first letter
    read_by_meaning(asked, "Answer: C")      # C
    figures = rules.add_up(rows)

All of it are pure functions of questions and replies; a judge alone may ask an endpoint.
"""

from itb.others.scoring.ours import read_by_meaning
from itb.others.scoring.rows import Asked, Fault, Figure, Judge, Read, Row, Rules
from itb.others.scoring.upstream import UPSTREAM, find_rules

__all__ = ["UPSTREAM", "Asked", "Fault", "Figure", "Judge", "Read", "Row", "Rules", "find_rules", "read_by_meaning"]
