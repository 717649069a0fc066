"""sRGB-TIR: the translator from visible to thermal that the paper uses, from its official checkpoint (paper 3.1).

Nothing here is imported before the translator is made; `network` and `checkpoint` need PyTorch, `styles` does not.
"""

from tools.translation.srgb_tir.styles import Styles, load_styles
from tools.translation.srgb_tir.translator import SrgbTirTranslator, Styled

__all__ = ["SrgbTirTranslator", "Styled", "Styles", "load_styles"]
