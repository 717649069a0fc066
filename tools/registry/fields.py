"""How a command's settings model speaks of seams: which field names an entry, and which fill its settings.

class RunConfig(BaseModel):
    translator: Annotated[str, OneOf("translator")] = "prior"
    translator_weights: Annotated[Path | None, Fills("translator.weights")] = None
    set: Annotated[dict[str, dict[str, Any]], TakesChanges()] = {}

collect_choice(config, "translator").read()
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from tools.errors import UsageError
from tools.registry.choices import Changes, Choice, Given, check_changes, find_default, list_owners, make_choice
from tools.registry.tables import SEAMS


@dataclass(frozen=True)
class OneOf:
    """Marks a field, or an option, whose value is the name of an entry of this seam."""

    seam: str

    def check(self, name: str) -> str:
        """The name, when there is such an entry.

        Raises:
            UsageError: there is none; the message has the nearest name and all of them.
        """
        return SEAMS[self.seam].find(name).name

    def describe(self) -> str:
        """The names, for help: `one of prior, gray`."""
        return f"one of {', '.join(SEAMS[self.seam].names())}"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_as_value_error(self.check), handler(source))


class Fills:
    """Marks a field that is a flag of its own for a setting of the entry that is chosen: `translator.weights`.

    With several settings, each entry that is chosen and has one of them takes the value.
    """

    def __init__(self, *settings: str) -> None:
        self.settings = tuple(setting.split(".", 1) for setting in settings)

    def find(self, seam: str) -> str | None:
        """The setting of this seam that the field fills."""
        return next((setting for key, setting in self.settings if key == seam), None)

    def describe(self) -> "SettingHelp":
        """What the settings' own descriptions say, and whose they are."""
        found = [describe_setting(*setting) for setting in self.settings]
        return SettingHelp(found[0].text, found[0].default, tuple(name for each in found for name in each.owners))


@dataclass(frozen=True)
class TakesChanges:
    """Marks the field of settings by seam, which `--set SEAM.NAME=VALUE` fills."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_as_value_error(check_changes), handler(source))


class SettingHelp(NamedTuple):
    """What help says of a setting.

    Attributes:
        default: None for none.
        owners: the entries that have it.
    """

    text: str
    default: Any
    owners: tuple[str, ...]

    def render(self) -> str:
        """One line: `For srgb-tir: JSON file of style codes. (default: 0)`."""
        shown = "" if self.default in (None, "", False) or self.default == {} else f" (default: {self.default})"
        return f"For {', '.join(self.owners)}: {self.text}{shown}"


def describe_setting(seam: str, setting: str) -> SettingHelp:
    """The description and the default of a setting, and the entries that have it."""
    owners = list_owners(SEAMS[seam], setting)
    text = next((model.model_fields[setting].description for _, model in owners), None) or ""
    return SettingHelp(text, find_default(SEAMS[seam], setting), tuple(name for name, _ in owners))


def flag_name(field: str) -> str:
    """`base_url` -> `--base-url`."""
    return "--" + field.replace("_", "-")


def list_seams(model: type[BaseModel]) -> dict[str, str]:
    """The seams at which a settings model chooses, each with the field that names the entry."""
    marks = ((name, mark) for name, field in model.model_fields.items() for mark in field.metadata)
    return {mark.seam: name for name, mark in marks if isinstance(mark, OneOf)}


def collect_choice(config: BaseModel, seam: str) -> Choice:
    """What a settings model says about one seam, not checked yet.

    Raises:
        UsageError: no such entry, or a setting that both a flag and `set` give.
    """
    name = getattr(config, list_seams(type(config))[seam])
    return make_choice(SEAMS[seam], name, _find_changes(config), _list_given(config, seam))


def check_choices(config: BaseModel) -> None:
    """Prove every choice of a settings model.

    Raises:
        UsageError: see `Choice.read`; or settings for a seam at which the model does not choose.
    """
    seams = list_seams(type(config))
    for seam in _find_changes(config):
        if seam not in seams:
            raise UsageError(f"--set {seam}: nothing here chooses a {SEAMS[seam].name}, only {', '.join(seams)}")
    for seam in seams:
        collect_choice(config, seam).read()


def _find_changes(config: BaseModel) -> Changes:
    fields = type(config).model_fields.items()
    name = next(name for name, field in fields if any(isinstance(mark, TakesChanges) for mark in field.metadata))
    found: Changes = getattr(config, name)
    return found


def _list_given(config: BaseModel, seam: str) -> Iterator[Given]:
    for name, field in type(config).model_fields.items():
        for mark in field.metadata:
            setting = mark.find(seam) if isinstance(mark, Fills) else None
            if setting is not None:
                yield Given(_name_field(name, field), setting, getattr(config, name), len(mark.settings) > 1)


def _name_field(name: str, field: FieldInfo) -> str:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return name if extra.get("is_yaml_only") else flag_name(name)


def _as_value_error(check: Any) -> Any:
    """The check as pydantic wants it, so that the error names the field."""

    def checked(value: Any) -> Any:
        try:
            return check(value)
        except UsageError as error:
            raise ValueError(str(error)) from error

    return checked
