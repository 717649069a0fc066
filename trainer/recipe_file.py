"""Reads a recipe: `extends`, flags on top, unknown keys refused with the nearest legal one."""

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from tools.errors import UsageError, shorten
from tools.files.text import TextFault
from tools.files.yaml_text import decode_yaml
from tools.registry import SEAMS
from tools.terminal.cli import read_mapping
from tools.terminal.options import list_aliases
from tools.terminal.recipes import find_recipe
from trainer.recipe import RECIPES, Recipe

Settings = dict[str, Any]


def load_recipe(path: Path, changes: Sequence[str] = ()) -> Recipe:
    """The recipe in `path`, with `changes` such as `sft.epochs=1` on top.

    Paths inside a recipe are relative to the current folder, as those of flags are.

    Raises:
        MissingError: no such file.
        UsageError: no YAML mapping, an unknown key, a value out of range, or files that extend each other in a circle.
    """
    settings = _read_chain(path, ())
    for change in changes:
        settings = _merge(settings, _parse_change(change))
    try:
        return Recipe.model_validate(settings)
    except ValidationError as error:
        raise UsageError("; ".join(f"{path}: {_explain(dict(item))}" for item in error.errors())) from error


def dump_recipe(recipe: Recipe) -> str:
    """The merged recipe as YAML, every field written out."""
    return yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def _read_chain(path: Path, seen: tuple[Path, ...]) -> Settings:
    found = find_recipe(path, RECIPES, seen[-1].parent if seen else Path())
    if found in seen:
        circle = " -> ".join(each.name for each in (*seen, found))
        raise UsageError(f"{seen[0]}: recipes extend each other in a circle: {circle}")
    settings = _use_names(read_mapping(found, "recipe", "sft: {epochs: 1}"), Recipe)
    parent = settings.pop("extends", None)
    _check_keys(settings, Recipe, found, "")
    if parent is None:
        return settings
    if not isinstance(parent, str):
        raise UsageError(f"{found}: `extends` is {parent!r}; expected the name of a recipe, e.g. `extends: paper.yaml`")
    return _merge(_read_chain(Path(parent), (*seen, found)), settings)


def _use_names(settings: Settings, model: type[BaseModel]) -> Settings:
    """The settings with each alias (`data.prompts`) replaced by the name of its field (`data.pack`)."""
    names = list_aliases(model)
    found: Settings = {}
    for key, value in settings.items():
        name = names.get(key, key)
        kind = model.model_fields[name].annotation if name in model.model_fields else None
        is_part = isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(value, dict)
        found[name] = _use_names(value, kind) if is_part else value  # type: ignore[arg-type]
    return found


def _check_keys(settings: Mapping[Any, Any], model: type[BaseModel], path: Path | str, prefix: str) -> None:
    for key, value in settings.items():
        field = model.model_fields.get(str(key))
        if field is None:
            near = difflib.get_close_matches(str(key), model.model_fields, n=1, cutoff=0.5)
            hint = f"; did you mean `{prefix}{near[0]}`?" if near else ""
            legal = ", ".join(model.model_fields)
            raise UsageError(f"{path}: unknown setting `{prefix}{key}`{hint} (legal: {legal})")
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if not isinstance(value, Mapping):
                raise UsageError(f"{path}: `{prefix}{key}` is {value!r}; expected a mapping of settings")
            _check_keys(value, kind, path, f"{prefix}{key}.")


def _parse_change(change: str) -> Settings:
    name, sign, text = change.partition("=")
    if not sign or not name.strip():
        raise UsageError(f"--set {change}: expected NAME=VALUE, e.g. --set sft.epochs=1")
    try:
        value = decode_yaml(text)
    except TextFault as error:
        raise UsageError(f"--set {shorten(change)}: the value is {error}") from error
    settings: Any = value
    parts = name.strip().split(".")
    for part in reversed(["set", *parts] if parts[0] in SEAMS else parts):
        settings = {part: settings}
    settings = _use_names(settings, Recipe)
    _check_keys(settings, Recipe, "--set", "")
    return dict(settings)


def _merge(base: Settings, change: Mapping[str, Any]) -> Settings:
    merged = dict(base)
    for key, value in change.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, Mapping) else value
    return merged


def _explain(item: Mapping[str, Any]) -> str:
    name = ".".join(map(str, item["loc"])) or "recipe"
    return f"{name} = {item['input']!r}: {str(item['msg']).removeprefix('Value error, ')}"
