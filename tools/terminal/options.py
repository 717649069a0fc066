"""Options of the commands that are made of settings models and of the seams' tables."""

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import typer
from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from tools.registry.choices import list_owners
from tools.registry.fields import Fills, OneOf, TakesChanges, describe_setting, flag_name
from tools.registry.tables import SEAMS

PLUGIN_PANEL = "Plugins"
SET_HELP = "A setting of what was chosen, e.g. translator.style_index=2; repeatable, values as in YAML."
CONFIG_HELP = "YAML file with any of these settings; flags override it."
Mark = TypeVar("Mark")


LIMITS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
PAIR = tuple[float, float]
"""The type of a flag with two values, `--span 10 40`."""


def choose_option(seam: str, help_text: str = "") -> Any:
    """An option whose value is the name of an entry of a seam; a wrong one is refused with the nearest."""
    mark = OneOf(seam)
    return typer.Option(help=_name_entries(help_text, mark), parser=mark.check, metavar=seam.upper())


def setting_option(seam: str, setting: str, *names: str, panel: str | None = None) -> Any:
    """An option that is the flag of a setting of one seam; its help is the setting's own description.

    Args:
        panel: heading in the help, None for the usual options.
    """
    values = next((list_values(model.model_fields[setting].annotation) for _, model in _find_owners(seam, setting)), ())
    help_text = describe_setting(seam, setting).render()
    return typer.Option(*names, help=help_text, show_default=False, metavar=show_values(values), rich_help_panel=panel)


def list_values(annotation: Any) -> tuple[str, ...]:
    """The legal values of a closed set (`Literal`), none where there is no such set."""
    if get_origin(annotation) is Literal:
        return tuple(map(str, get_args(annotation)))
    return tuple(value for part in get_args(annotation) for value in list_values(part))


def show_values(values: tuple[str, ...]) -> str | None:
    """Legal values as help shows them, None for none: `<auto|fixed>`."""
    return f"<{'|'.join(values)}>" if values else None


def _find_owners(seam: str, setting: str) -> Iterable[tuple[str, type[BaseModel]]]:
    return list_owners(SEAMS[seam], setting)


def set_option() -> Any:
    """The option `--set`; what it gives is for `parse_changes`."""
    return typer.Option("--set", help=SET_HELP, metavar="SEAM.NAME=VALUE", rich_help_panel=PLUGIN_PANEL)


def _name_entries(text: str, mark: OneOf) -> str:
    return f"{text} {mark.describe()}.".strip() if not text else f"{text.rstrip('.')}: {mark.describe()}."


def list_parameters(
    model: type[BaseModel], own: Iterable[inspect.Parameter] = (), config_help: str = CONFIG_HELP
) -> list[inspect.Parameter]:
    """A parameter with its option for each field of a settings model, the command's own, `--config`, `--print-config`.

    Help has them in this order, and below them, under their headings, all that has one; `--set` comes last.
    """
    found: list[inspect.Parameter] = []
    last: list[inspect.Parameter] = []
    aliases = list_aliases(model)
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        if not extra.get("is_yaml_only"):
            names = (name, *(alias for alias, meant in aliases.items() if meant == name))
            place = last if find_mark(field, TakesChanges) else found
            place.append(_make_parameter(name, *_describe_field(names, field, str(extra.get("panel", "Options")))))
    found.extend(own)
    config = typer.Option("--config", help=config_help)
    show = typer.Option("--print-config", "--print_config", help="Print the merged settings and stop.")
    found.append(_make_parameter("config", Path | None, config))
    found.append(_make_parameter("print_config", bool, show, False))
    return [*found, *last]


def list_aliases(model: type[BaseModel]) -> dict[str, str]:
    """Further names of fields, and the field that each stands for."""
    found: dict[str, str] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.validation_alias, AliasChoices):
            found |= {str(alias): name for alias in field.validation_alias.choices if alias != name}
    return found


def _make_parameter(name: str, kind: Any, option: Any, default: Any = None) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])


def _describe_field(names: tuple[str, ...], field: FieldInfo, panel: str) -> tuple[Any, Any]:
    """What the command line parses for a field, and its option; of its names the first is the usual one."""
    if find_mark(field, TakesChanges):
        return list[str] | None, set_option()
    kind = _plain_type(field.annotation)
    first, *others = map(flag_name, names)
    shown = first + (f"/--no-{first[2:]}" if kind is bool else "")
    option = typer.Option(shown, *others, help=_write_help(field), show_default=False, rich_help_panel=panel)
    if mark := find_mark(field, OneOf):
        option.metavar = mark.seam.upper()
    elif values := _find_values(field):
        option.metavar = show_values(values)
    elif kind is PAIR:
        option.metavar = "LOW HIGH"
    elif kind in (int, float):
        option.metavar = _show_range(kind, _list_filled(field) or [field])
    return kind | None, option


def _find_values(field: FieldInfo) -> tuple[str, ...]:
    """The legal values of a field, or of the setting that it fills."""
    fields = _list_filled(field) or [field]
    return next((values for held in fields if (values := list_values(held.annotation))), ())


def _list_filled(field: FieldInfo) -> list[FieldInfo]:
    """The settings that a field fills, none where it is a setting of its own."""
    filled = find_mark(field, Fills)
    pairs = filled.settings if filled else ()
    return [model.model_fields[name] for seam, name in pairs for _, model in _find_owners(seam, name)]


def _show_range(kind: type, fields: list[FieldInfo]) -> str | None:
    """`<int range> [x>=1]`, as typer shows the limits of its own options; None where there are none."""
    marks = {name: getattr(mark, name) for mark in fields[0].metadata for name in LIMITS if hasattr(mark, name)}
    shown = " and ".join(f"x{sign}{marks[name]}" for name, sign in LIMITS.items() if name in marks)
    return f"<{kind.__name__} range> [{shown}]" if marks else None


def _write_help(field: FieldInfo) -> str:
    """The field's description; of one that fills a setting that setting's, of one that chooses with all names."""
    if filled := find_mark(field, Fills):
        return filled.describe().render()
    mark = find_mark(field, OneOf)
    text = _name_entries(field.description or "", mark) if mark else field.description or ""
    default = None if field.is_required() else field.get_default()
    required = " (required)" if field.is_required() else ""
    return text + (required if default in (None, "", False) else f" (default: {default})")


def _plain_type(annotation: Any) -> Any:
    """What the command line parses: the one of bool, int, float, Path, str that `annotation` stands for, or a pair."""
    arguments = getattr(annotation, "__args__", (annotation,))
    if PAIR in arguments:
        return PAIR
    return next((kind for kind in (bool, int, float, Path) if kind in arguments), str)


def find_mark(field: FieldInfo, kind: type[Mark]) -> Mark | None:
    """What a field's annotation says of it, e.g. that it is `OneOf` a seam."""
    return next((mark for mark in field.metadata if isinstance(mark, kind)), None)
