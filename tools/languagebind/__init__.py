"""LanguageBind: the scorer that the paper uses, from the official LanguageBind_Thermal and LanguageBind_Image folders.

Nothing here is imported before the scorer is made. `load_languagebind` in `checkpoint` gives the model itself.
"""

from tools.errors import MissingError
from tools.languagebind.scorer import LanguageBindScorer
from tools.prompts.lexicon import Lexicon
from tools.scoring.settings import LanguageBindSettings

__all__ = ["LanguageBindScorer", "make_languagebind"]


def make_languagebind(settings: LanguageBindSettings, lexicon: Lexicon) -> LanguageBindScorer:
    """The scorer `languagebind`.

    Raises:
        MissingError: no folder is given, or PyTorch is not there.
    """
    if settings.weights is None:
        raise MissingError(
            "scorer `languagebind` needs the folder LanguageBind_Thermal (config.json, pytorch_model.bin, tokenizer): "
            "give it with --scorer-weights; `lexical` needs none"
        )
    return LanguageBindScorer(
        settings.weights, device=settings.device, precision=settings.precision, antialias=settings.antialias
    )
