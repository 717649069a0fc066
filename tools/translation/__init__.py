"""Visible to infrared: every translator behind one protocol."""

from pathlib import Path
from typing import Final, Literal, NamedTuple

from tools.errors import MissingError, UsageError
from tools.translation.protocol import TranslateRequest, Translator

__all__ = ["TRANSLATORS", "TranslateRequest", "Translator", "TranslatorSettings", "make_translator"]

Precision = Literal["fp32", "fp16", "bf16"]
StylePolicy = Literal["fixed", "choose", "draw"]

TRANSLATORS: Final = ("prior", "gray", "inverted-gray", "folder", "srgb-tir", "none")
"""Names that `--translator` takes."""


class TranslatorSettings(NamedTuple):
    """What a translator is made from; it pickles, so that every process can make its own.

    Attributes:
        name: one of `TRANSLATORS`.
        weights: checkpoint of a model-backed translator.
        folder: infrared images made elsewhere, for `folder`.
        device, precision: where and in which number format a model computes.
        seed: the run's seed; changes the sensor noise of `prior` and which style a drawn code is.
        style_codes: JSON file of style codes for `srgb-tir`; without it the official first code for seed 1234.
        style_policy: one code for all images (`fixed`), or one an image, chosen among the codes or drawn.
        style_index: which code is the fixed one.
    """

    name: str
    weights: Path | None = None
    folder: Path | None = None
    device: str | None = None
    precision: Precision = "fp32"
    seed: int = 0
    style_codes: Path | None = None
    style_policy: StylePolicy = "fixed"
    style_index: int = 0


def make_translator(settings: TranslatorSettings) -> Translator | None:
    """The translator that the settings name; None for `none`.

    Raises:
        UsageError: an unknown name, or a setting that this translator does not use or lacks.
        MissingError: `srgb-tir` without its checkpoint, or without PyTorch.
    """
    _check_settings(settings)
    match settings.name:
        case "none":
            return None
        case "folder":
            from tools.translation.folder import FolderTranslator

            return FolderTranslator(_require(settings.folder))
        case "prior":
            from tools.translation.prior import PriorTranslator

            return PriorTranslator(settings.seed)
        case "srgb-tir":
            return _make_srgb_tir(settings)
        case _:
            from tools.translation.controls import GrayTranslator, InvertedGrayTranslator

            return GrayTranslator() if settings.name == "gray" else InvertedGrayTranslator()


def _make_srgb_tir(settings: TranslatorSettings) -> Translator:
    from tools.translation.srgb_tir import SrgbTirTranslator, load_styles

    if settings.weights is None:
        raise MissingError(
            "translator `srgb-tir` needs its checkpoint: give the file translation_weights.pt with --weights "
            "(--translator-weights in a run); `prior` needs none"
        )
    styles = load_styles(settings.style_codes, settings.style_policy, settings.style_index, settings.seed)
    return SrgbTirTranslator(settings.weights, styles=styles, device=settings.device, precision=settings.precision)


def _require(folder: Path | None) -> Path:
    if folder is None:
        raise UsageError("translator `folder` needs the folder of the infrared images made elsewhere")
    return folder


def _check_settings(settings: TranslatorSettings) -> None:
    name = settings.name
    if name not in TRANSLATORS:
        raise UsageError(f"unknown translator `{name}`; choose one of {', '.join(TRANSLATORS)}")
    if name != "srgb-tir" and (settings.weights is not None or settings.device is not None):
        raise UsageError(f"translator `{name}` has no weights and no device; leave these settings out")
    if name != "folder" and settings.folder is not None:
        raise UsageError(f"translator `{name}` reads no folder ({settings.folder}); leave it out, or choose `folder`")
