"""The parts that every command shares: options from a settings model, YAML configuration, errors at the edge."""

import difflib
import functools
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import yaml
from pydantic import AliasChoices, BaseModel, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tools.errors import ToolkitError, UsageError
from tools.registry.plugins import load_plugins

INTERRUPTED = 130
stdout = Console(highlight=False)
stderr = Console(stderr=True, highlight=False)

Settings = TypeVar("Settings", bound=BaseModel)


def make_bar(*fields: str) -> Progress:
    """A progress bar on stderr, so that stdout stays the result: count, the named fields of a task, time, time left."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        *(TextColumn(f"{{task.fields[{field}]}}") for field in fields),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=stderr,
        refresh_per_second=4,
    )


class App(typer.Typer):
    """A typer application each of whose commands takes `--plugin`."""

    def command(  # type: ignore[override]
        self, *args: Any, **kwargs: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """As typer's; plugins are imported before any other option is looked at, so what they add can be named."""
        register = super().command(*args, **kwargs)

        def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
            register(_take_plugins(command))
            return command

        return decorate


def make_app(help_text: str) -> App:
    """An application in the house style: no completion flags, no rich tracebacks, help when called bare."""
    return App(help=help_text, add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


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
        rich_help_panel="Plugins",
    )
    kind = Annotated[list[str] | None, option]
    plugin = inspect.Parameter("plugin", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
    signature = inspect.signature(command)
    wrapper.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*_own_parameters(list(signature.parameters.values())), plugin]
    )
    wrapper.__annotations__ = {p.name: p.annotation for p in wrapper.__signature__.parameters.values()}  # type: ignore[attr-defined]
    return wrapper


def _load_plugins(sources: list[str] | None) -> list[str] | None:
    load_plugins(sources or ())
    return sources


def run_app(app: typer.Typer, prog_name: str) -> None:
    """Run `app` and turn errors into exit codes: 1 ours, 2 usage, 3 missing, 4 budget reached, 130 interrupted."""
    try:
        app(prog_name=prog_name)
    except ToolkitError as error:
        stderr.print(f"error: {error}", style="red", markup=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            stderr.print("interrupted; the same command goes on where it stopped")
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def read_config(path: Path, model: type[BaseModel]) -> dict[str, Any]:
    """Settings from a YAML file; unknown keys are refused and the nearest legal one is named.

    Raises:
        UsageError: unreadable file, not a mapping, or a key that `model` does not have.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: cannot read the configuration: {error}") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise UsageError(f"{path}: expected a mapping of settings, e.g. `seed: 1`, found {type(data).__name__}")
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


def list_aliases(model: type[BaseModel]) -> dict[str, str]:
    """Further names of fields, and the field that each stands for."""
    found: dict[str, str] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.validation_alias, AliasChoices):
            found |= {str(alias): name for alias in field.validation_alias.choices if alias != name}
    return found


def build_settings(model: type[Settings], config: Path | None, flags: dict[str, Any]) -> Settings:
    """Merge defaults < configuration file < flags that were given, and validate."""
    merged = read_config(config, model) if config else {}
    merged.update({name: value for name, value in flags.items() if value is not None})
    try:
        return model.model_validate(merged)
    except ValidationError as error:
        given = {name for name, value in flags.items() if value is not None}
        raise UsageError(
            "; ".join(
                _blame(item["loc"], config, given) + _explain(item["loc"], item["msg"]) for item in error.errors()
            )
        ) from error


def _blame(location: tuple[int | str, ...], config: Path | None, flags: set[str]) -> str:
    """The configuration file, when the value at fault stands there."""
    return f"{config}: " if config and location and location[0] not in flags else ""


def _explain(location: tuple[int | str, ...], message: str) -> str:
    name = (
        ".".join(map(str, location)) if len(location) > 1 else flag_name(str(location[0])) if location else "settings"
    )
    if message == "Field required":
        return f"{name} is required, as a flag or in --config"
    return f"{name}: {message.removeprefix('Value error, ')}"


def flag_name(field: str) -> str:
    """`base_url` -> `--base-url`."""
    return "--" + field.replace("_", "-")


def takes_settings(model: type[BaseModel]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorator: the command gets one flag for each field of `model`, plus `--config` and `--print_config`.

    The wrapped function is called with the validated settings as its only argument besides its own parameters. A field
    whose `json_schema_extra` says `is_yaml_only` (a mapping) has no flag.
    One description of each field, in the model, serves code, help and docs.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(command).parameters.values())[1:]

        @functools.wraps(command)
        def wrapper(**values: Any) -> None:
            config, show = values.pop("config"), values.pop("print_config")
            mine = {parameter.name: values.pop(parameter.name) for parameter in own}
            settings = build_settings(model, config, values)
            if show:
                stdout.print(yaml.safe_dump(settings.model_dump(mode="json"), sort_keys=False), end="", markup=False)
                return
            command(settings, **mine)

        wrapper.__signature__ = inspect.Signature([*_own_parameters(own), *_setting_parameters(model)])  # type: ignore[attr-defined]
        wrapper.__annotations__ = {p.name: p.annotation for p in wrapper.__signature__.parameters.values()}  # type: ignore[attr-defined]
        return wrapper

    return decorate


def _own_parameters(parameters: list[inspect.Parameter]) -> list[inspect.Parameter]:
    return [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]


def _setting_parameters(model: type[BaseModel]) -> list[inspect.Parameter]:
    def parameter(name: str, kind: Any, option: Any, default: Any) -> inspect.Parameter:
        return inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
        )

    found, aliases = [], list_aliases(model)
    for name, field in model.model_fields.items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        if extra.get("is_yaml_only"):
            continue
        default = None if field.is_required() else field.get_default()
        required = " (required)" if field.is_required() else ""
        shown = required if default in (None, "", False) else f" (default: {default})"
        option = typer.Option(
            flag_name(name) + ("/--no-" + name.replace("_", "-") if field.annotation is bool else ""),
            *(flag_name(alias) for alias, of in aliases.items() if of == name),
            help=(field.description or "") + shown,
            show_default=False,
            rich_help_panel=str(extra.get("panel", "Options")),
        )
        found.append(parameter(name, _plain_type(field.annotation) | None, option, None))
    config = typer.Option("--config", help="YAML file with any of these settings; flags override it.")
    show = typer.Option("--print_config", "--print-config", help="Print the merged settings and stop.")
    return [*found, parameter("config", Path | None, config, None), parameter("print_config", bool, show, False)]


def _plain_type(annotation: Any) -> Any:
    """What the command line parses: the one of bool, int, float, Path, str that `annotation` stands for."""
    arguments = getattr(annotation, "__args__", (annotation,))
    return next((kind for kind in (bool, int, float, Path) if kind in arguments), str)
