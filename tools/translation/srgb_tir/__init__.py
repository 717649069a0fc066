"""sRGB-TIR: the translator from visible to thermal that the paper uses, from its official checkpoint (paper 3.1).

Nothing here is imported before the translator is made; `network` and `checkpoint` need PyTorch, `styles` does not.
"""

from tools.errors import MissingError
from tools.translation.settings import SrgbTirSettings
from tools.translation.srgb_tir.styles import Styles, load_styles
from tools.translation.srgb_tir.translator import SrgbTirTranslator, Styled

__all__ = ["SrgbTirTranslator", "Styled", "Styles", "load_styles", "make_srgb_tir"]


def make_srgb_tir(settings: SrgbTirSettings, seed: int) -> SrgbTirTranslator:
    """The translator `srgb-tir`.

    Raises:
        MissingError: no checkpoint is given, or PyTorch is not there.
    """
    if settings.weights is None:
        raise MissingError(
            "translator `srgb-tir` needs its checkpoint: give the file translation_weights.pt with "
            "--translator-weights; `prior` needs none"
        )
    styles = load_styles(settings.style_codes, settings.style_policy, settings.style_index, seed)
    return SrgbTirTranslator(settings.weights, styles=styles, device=settings.device, precision=settings.precision)
