"""The experiment's folder: which one is its own."""

from paper_mini.folders import recognise_miniature
from tools.files import Claim

CLAIM = Claim(
    "claim",
    "python tests/experiments/claim",
    recognise_miniature,
    ("prompts", "base", "parts", "real", "test", "s[0-9]*", "features", "logs", "marks", "report.*"),
)
