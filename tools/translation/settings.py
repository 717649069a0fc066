"""The settings of the translators that have any; nothing heavy is imported here."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from tools.errors import UsageError
from tools.records import Record
from tools.registry.choices import NOT_FROZEN


class FolderSettings(Record):
    """Of `folder`."""

    folder: Path = Field(description="Folder of the images made elsewhere.")


def _check_unit(text: str | None) -> str | None:
    """The unit, when it is one.

    Raises:
        ValueError: it is none; pydantic makes a sentence of it.
    """
    from tools.thermal.units import parse_unit

    try:
        parse_unit(text)
    except UsageError as error:
        raise ValueError(str(error).removeprefix("--unit ")) from error
    return text


def _check_polarity(text: str) -> str:
    """What may be bright; raises `ValueError`, of which pydantic makes a sentence."""
    from tools.thermal.records import check_polarity

    try:
        return check_polarity(text)
    except UsageError as error:
        raise ValueError(str(error).removeprefix("--polarity ")) from error


def _check_span(span: tuple[float, float] | None) -> tuple[float, float] | None:
    if span is not None and not span[0] < span[1]:
        raise ValueError(f"expected the lower value first, e.g. 10 40, not {span[0]:g} {span[1]:g}")
    return span


class SensorSettings(Record):
    """Of `sensor`."""

    polarity: Annotated[str, AfterValidator(_check_polarity)] = Field(
        "unknown", description="What is bright: white-hot, black-hot or unknown."
    )
    unit: Annotated[str | None, AfterValidator(_check_unit)] = Field(
        None, description="Unit of TIFF, PNG and CSV values: celsius, kelvin, centikelvin or K*N; never guessed."
    )
    span: Annotated[tuple[float, float] | None, AfterValidator(_check_span)] = Field(
        None, description="Values that become black and white in every picture; else each image's own percentiles."
    )


class SrgbTirSettings(Record):
    """Of `srgb-tir`; what changes its output stands in its identity."""

    weights: Path | None = Field(None, description="The checkpoint, translation_weights.pt.")
    style_codes: Path | None = Field(None, description="JSON file of style codes; without it the official one.")
    style_policy: Literal["fixed", "choose", "draw"] = Field(
        "fixed",
        description="One style for all images, or one an image, chosen among the codes or drawn.",
        json_schema_extra=NOT_FROZEN,
    )
    style_index: int = Field(0, ge=0, description="Which code is the fixed one.", json_schema_extra=NOT_FROZEN)
    device: str | None = Field(None, description="Device of models, e.g. cuda:0.", json_schema_extra=NOT_FROZEN)
    precision: Literal["fp32", "fp16", "bf16"] = Field(
        "fp32", description="Number format of models.", json_schema_extra=NOT_FROZEN
    )
