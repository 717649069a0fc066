"""The parts that every command shares: options from a settings model, YAML configuration, errors at the edge."""

import difflib
import functools
import inspect
import os
import sqlite3
import sys
import textwrap
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import yaml
from pydantic import BaseModel, ValidationError
from rich.console import Console

from tools.errors import MissingError, Pause, ToolkitError, UsageError
from tools.files.faults import explain_sqlite, explain_system
from tools.files.text import TextFault
from tools.files.yaml_text import decode_yaml
from tools.registry.choices import merge_changes, parse_changes
from tools.registry.extras import explain_absent
from tools.registry.fields import OneOf, TakesChanges, flag_name
from tools.registry.plugins import load_plugins
from tools.registry.tables import SEAMS
from tools.terminal.command import OneSpelling, split_example
from tools.terminal.options import CONFIG_HELP, PLUGIN_PANEL, find_mark, list_aliases, list_parameters
from tools.terminal.recipes import describe_config, find_recipe
from tools.terminal.signals import INTERRUPTED, TOLD, answer_signals

# Words are printed as they are: a path may hold `[x]`, and a caption `:x:`.
stdout = Console(highlight=False, markup=False, emoji=False)
stderr = Console(stderr=True, highlight=False, markup=False, emoji=False)


def tell_note(text: str) -> None:
    """A remark on stderr, above a bar that may be there."""
    stderr.print(f"note: {text}", style="yellow", markup=False, soft_wrap=True)


def say(text: str, console: Console = stdout) -> None:
    """A sentence: on one line in a file, broken between words in a terminal; what is longer than it stays whole."""
    if console.is_terminal:
        text = textwrap.fill(text, max(20, console.width), break_long_words=False, break_on_hyphens=False)
    console.print(text, soft_wrap=True)


Settings = TypeVar("Settings", bound=BaseModel)


class App(typer.Typer):
    """A typer application each of whose commands takes `--plugin`."""

    def command(  # type: ignore[override]
        self, *args: Any, **kwargs: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """As typer's; plugins are imported before any other option is looked at, so what they add can be named."""

        def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
            about, example = split_example(kwargs.get("help") or inspect.getdoc(command) or "")
            told = {**kwargs, "help": about, "epilog": example}
            super(App, self).command(*args, cls=OneSpelling, **told)(_take_plugins(command))
            return command

        return decorate


def make_app(help_text: str) -> App:
    """An application in the house style: no completion flags, no rich tracebacks, help when called bare."""
    about, example = split_example(help_text)
    return App(help=about, epilog=example, add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


def _take_plugins(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with one more option, which it does not see itself."""

    @functools.wraps(command)
    def wrapper(**values: Any) -> Any:
        values.pop("plugin")
        return command(**values)

    option = typer.Option(
        "--plugin",
        help="Module or .py file that adds translators, tasks, models ...; repeatable (docs/extend.md).",
        is_eager=True,
        callback=_load_plugins,
        show_default=False,
        rich_help_panel=PLUGIN_PANEL,
    )
    kind = Annotated[list[str] | None, option]
    plugin = inspect.Parameter("plugin", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
    signature = inspect.signature(command)
    wrapper.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*_own_parameters(list(signature.parameters.values())), plugin]
    )
    wrapper.__annotations__ = {p.name: p.annotation for p in wrapper.__signature__.parameters.values()}  # type: ignore[attr-defined]
    return wrapper


def _load_plugins(context: typer.Context, sources: list[str] | None) -> list[str] | None:
    """Import them, and let the help after this option name what they add."""
    before = [OneOf(seam).describe() for seam in SEAMS]
    load_plugins(sources or ())
    for seam, old in zip(SEAMS, before, strict=True):
        for parameter in context.command.params if old != OneOf(seam).describe() else ():
            if getattr(parameter, "help", None):
                parameter.help = parameter.help.replace(old, OneOf(seam).describe())  # type: ignore[attr-defined]
    return sources


def run_app(app: typer.Typer, prog_name: str) -> None:
    """Run `app` and turn errors into exit codes: 1 ours, 2 usage, 3 missing, 4 budget reached, 130 interrupted."""
    try:
        try:
            with answer_signals():
                app(prog_name=prog_name)
        finally:
            sys.stdout.flush()
    except ModuleNotFoundError as error:
        missing = explain_absent(error)
        if missing is None:
            raise
        stderr.print(f"error: {missing}", style="red", markup=False, soft_wrap=True)
        sys.exit(missing.exit_code)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            stderr.print(TOLD)
        raise
    except BrokenPipeError:
        _drop_stdout()
        sys.exit(0)
    except Pause as stop:
        stderr.print(str(stop), soft_wrap=True)
        sys.exit(stop.exit_code)
    except (ToolkitError, OSError, sqlite3.Error, MemoryError, RecursionError) as error:
        _drop_stdout()
        shown = explain_error(error)
        stderr.print(f"error: {shown}", style="red", markup=False, soft_wrap=True)
        sys.exit(shown.exit_code)


def explain_error(error: BaseException) -> ToolkitError:
    """What reached a command's edge, for people: most errors are explained where they arise, these anywhere."""
    if isinstance(error, ToolkitError):
        return error
    if isinstance(error, OSError):
        return explain_system(error)
    if isinstance(error, sqlite3.Error):
        return explain_sqlite(error)
    if isinstance(error, RecursionError):
        return ToolkitError("a file or setting is nested too deeply to be worked on; flatten it")
    return ToolkitError("out of memory; close what takes memory, or ask for less at once (--limit, --workers, --batch)")


def _drop_stdout() -> None:
    """What a closed pipe or a full disk does not take is not tried again at the end, which would be a traceback."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def read_config(path: Path, model: type[BaseModel]) -> dict[str, Any]:
    """Settings from a YAML file; unknown keys are refused and the nearest legal one is named.

    Raises:
        MissingError: no such file.
        UsageError: unreadable file, not a mapping, or a key that `model` does not have.
    """
    data = read_mapping(path, "configuration", "seed: 1")
    for alias, name in list_aliases(model).items():
        if alias in data and name in data:
            raise UsageError(f"{path}: `{alias}` is another name of `{name}`; give one of the two")
        if alias in data:
            data[name] = data.pop(alias)
    for key in data:
        if key not in model.model_fields:
            near = difflib.get_close_matches(str(key), model.model_fields, n=1, cutoff=0.5)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise UsageError(f"{path}: unknown setting `{key}`{hint} (legal: {', '.join(model.model_fields)})")
    return data


def read_mapping(path: Path, what: str, example: str) -> dict[Any, Any]:
    """What a YAML file of settings holds; an empty file holds nothing.

    Args:
        what: noun for the file in the error; example: a line that could stand in it.

    Raises:
        MissingError: no such file.
        UsageError: unreadable file, or not a mapping.
    """
    try:
        data = decode_yaml(path.read_bytes())
    except FileNotFoundError as error:
        raise MissingError(f"{path}: no such file; name the {what} that is there") from error
    except (OSError, TextFault) as error:
        raise UsageError(f"{path}: cannot read the {what}: {error}") from error
    if not isinstance(data, dict | None):
        raise UsageError(f"{path}: expected a mapping of settings, e.g. `{example}`, found {type(data).__name__}")
    return data or {}


def build_settings(
    model: type[Settings],
    config: Path | None,
    flags: dict[str, Any],
    explain: Callable[[dict[str, Any]], str] | None = None,
) -> Settings:
    """Merge defaults < configuration file < flags that were given, and validate.

    Args:
        explain: gives an end to the error, from what was given, when it is refused.
    """
    merged = read_config(config, model) if config else {}
    merged.update({name: _merge(model, name, merged, value) for name, value in flags.items() if value is not None})
    try:
        return model.model_validate(merged)
    except ValidationError as error:
        given = {name for name, value in flags.items() if value is not None}
        shown = (_blame(item["loc"], config, given) + _explain(item["loc"], item["msg"]) for item in error.errors())
        raise UsageError("; ".join(shown) + (explain(merged) if explain else "")) from error


def _merge(model: type[BaseModel], name: str, held: dict[str, Any], value: Any) -> Any:
    """A flag takes the place of what the file says; each `--set` only that of its own setting."""
    if find_mark(model.model_fields[name], TakesChanges) and isinstance(held.get(name), dict):
        return merge_changes(held[name], value)
    return value


def _blame(location: tuple[int | str, ...], config: Path | None, flags: set[str]) -> str:
    """The configuration file, when the value at fault stands there."""
    return f"{config}: " if config and location and location[0] not in flags else ""


def _explain(location: tuple[int | str, ...], message: str) -> str:
    text = message.removeprefix("Value error, ")
    if not location:
        return text
    name = ".".join(map(str, location)) if len(location) > 1 else flag_name(str(location[0]))
    return f"{name} is required, as a flag or in --config" if text == "Field required" else f"{name}: {text}"


def takes_settings(
    model: type[BaseModel],
    explain: Callable[[dict[str, Any]], str] | None = None,
    recipes: Path | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorator: the command gets one flag for each field of `model`, plus `--config` and `--print-config`.

    The wrapped function is called with the validated settings as its only argument besides its own parameters. A field
    whose `json_schema_extra` says `is_yaml_only` (a mapping) has no flag.
    One description of each field, in the model, serves code, help and docs. `explain` is that of `build_settings`;
    `recipes` the package's folder of recipes, whose names `--config` takes too.
    """
    config_help = describe_config(recipes) if recipes else CONFIG_HELP

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(command).parameters.values())[1:]

        @functools.wraps(command)
        def wrapper(**values: Any) -> None:
            config, show = values.pop("config"), values.pop("print_config")
            for name, field in model.model_fields.items():
                if find_mark(field, TakesChanges):
                    values[name] = parse_changes(values[name]) if values[name] else None
            mine = {parameter.name: values.pop(parameter.name) for parameter in own}
            config = find_recipe(config, recipes) if config and recipes else config
            settings = build_settings(model, config, values, explain)
            if show:
                stdout.print(yaml.safe_dump(settings.model_dump(mode="json"), sort_keys=False), end="", markup=False)
                return
            command(settings, **mine)

        parameters = list_parameters(model, _own_parameters(own), config_help)
        wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapper.__annotations__ = {p.name: p.annotation for p in wrapper.__signature__.parameters.values()}  # type: ignore[attr-defined]
        return wrapper

    return decorate


def _own_parameters(parameters: list[inspect.Parameter]) -> list[inspect.Parameter]:
    return [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
