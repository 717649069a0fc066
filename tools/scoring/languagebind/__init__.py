"""LanguageBind: the scorer that the paper uses, from the official LanguageBind_Thermal and LanguageBind_Image folders.

Nothing here is imported before the scorer is made. `load_languagebind` in `checkpoint` gives the model itself.
"""

from tools.scoring.languagebind.scorer import LanguageBindScorer

__all__ = ["LanguageBindScorer"]
