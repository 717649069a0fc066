"""The settings of the scorers that have any; nothing heavy is imported here."""

from typing import Literal

from pydantic import Field

from tools.records import Record
from tools.registry.choices import NOT_FROZEN


class LanguageBindSettings(Record):
    """Of `languagebind`; what changes its scores stands in its identity."""

    weights: str | None = Field(
        None, description="Folder (or hub id) LanguageBind_Thermal.", json_schema_extra=NOT_FROZEN
    )
    device: str | None = Field(None, description="Device of models, e.g. cuda:0.", json_schema_extra=NOT_FROZEN)
    precision: Literal["fp32", "fp16", "bf16"] = Field(
        "fp32", description="Number format of models.", json_schema_extra=NOT_FROZEN
    )
    antialias: bool = Field(
        False,
        description="Resize with antialiasing; upstream's pinned version does not.",
        json_schema_extra=NOT_FROZEN,
    )
