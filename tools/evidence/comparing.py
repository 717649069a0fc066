"""Two regions against each other: the one test behind most facts."""

from tools.evidence import recipe
from tools.evidence.levels import Levels, PixelSample, exceeds


def compare(levels: Levels, here: PixelSample, there: PixelSample) -> tuple[int, dict[str, float]]:
    """1 brighter, -1 darker, 0 cannot tell; and the two numbers that decide. Inversion turns the sign exactly."""
    auc, difference = exceeds(here, there), (here.median - there.median) / levels.span
    numbers = {"auc": round(auc, 4), "difference": round(difference, 4)}
    if auc >= recipe.SURE_AUC and difference >= recipe.SURE_DIFFERENCE:
        return 1, numbers
    if auc <= 1 - recipe.SURE_AUC and difference <= -recipe.SURE_DIFFERENCE:
        return -1, numbers
    return 0, numbers
