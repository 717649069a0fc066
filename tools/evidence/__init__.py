"""What the pixels of an infrared image show: facts with the numbers behind them, and where nothing can be said, none.

    evidence = measure(Levels(pixels, "white-hot"), boxes)      # (H, W), and boxes in pixels
    for fact in evidence.facts:
        print(fact.kind, fact.relation, fact.subject, fact.values)     # surroundings brighter 2 {"auc": 0.93, ...}

Thresholds are those of `recipe`, each measured on real images before it was written down. "Cannot tell" is never a
fact; a statement that no fact supports is not decidable.
"""

from tools.evidence.levels import Levels
from tools.evidence.measure import Subject, measure
from tools.evidence.records import CLAIM_CHECK, Evidence, Fact, FactKind

__all__ = ["CLAIM_CHECK", "Evidence", "Fact", "FactKind", "Levels", "Subject", "measure"]
