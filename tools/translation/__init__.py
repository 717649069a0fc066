"""Visible to infrared: every translator behind one protocol."""

from pathlib import Path
from typing import Final

from tools.errors import MissingError, UsageError
from tools.translation.protocol import TranslateRequest, Translator

__all__ = ["TRANSLATORS", "TranslateRequest", "Translator", "make_translator"]

TRANSLATORS: Final = ("prior", "gray", "inverted-gray", "folder", "srgb-tir", "none")
"""Names that `--translator` takes."""


def make_translator(
    name: str,
    weights: Path | None = None,
    folder: Path | None = None,
    device: str | None = None,
    seed: int = 0,
) -> Translator | None:
    """The translator of that name; None for `none`.

    Args:
        name: one of `TRANSLATORS`.
        weights: checkpoint of a model-backed translator.
        folder: infrared images made elsewhere, for `folder`.
        device: where a model-backed translator computes.
        seed: the run's seed; changes the sensor noise of `prior`.

    Raises:
        UsageError: an unknown name, or a setting that this translator does not use or lacks.
        MissingError: `srgb-tir`, which this release does not contain.
    """
    _check_settings(name, weights, folder, device)
    if name == "none":
        return None
    if name == "folder" and folder is not None:
        from tools.translation.folder import FolderTranslator

        return FolderTranslator(folder)
    if name == "prior":
        from tools.translation.prior import PriorTranslator

        return PriorTranslator(seed)
    from tools.translation.controls import GrayTranslator, InvertedGrayTranslator

    return GrayTranslator() if name == "gray" else InvertedGrayTranslator()


def _check_settings(name: str, weights: Path | None, folder: Path | None, device: str | None) -> None:
    if name not in TRANSLATORS:
        raise UsageError(f"unknown translator `{name}`; choose one of {', '.join(TRANSLATORS)}")
    if name == "srgb-tir":
        text = (
            "translator `srgb-tir` (the sRGB-TIR checkpoint) arrives in a following release; use `prior` now (it "
            "needs no weights), or make the images elsewhere and give them with `folder`"
        )
        raise MissingError(text)
    if weights is not None or device is not None:
        raise UsageError(f"translator `{name}` has no weights and no device; leave these settings out")
    if name == "folder" and folder is None:
        raise UsageError("translator `folder` needs the folder of the infrared images made elsewhere")
    if name != "folder" and folder is not None:
        raise UsageError(f"translator `{name}` reads no folder ({folder}); leave it out, or choose `folder`")
