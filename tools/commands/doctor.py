"""`python -m tools doctor`: is this machine ready, and for what?"""

import importlib.util
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from tools.commands.seams import show_seams
from tools.endpoint.findings import Finding
from tools.errors import MissingError, UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.folder import list_prompt_files
from tools.prompts.option import PackOption
from tools.prompts.pack import load_pack
from tools.registry import BACKENDS
from tools.registry.extras import EXTRAS, INSTALL
from tools.registry.fields import flag_name
from tools.terminal.cli import read_mapping, stdout
from tools.torchvision_repair import examine_builds

ENDPOINT_BACKEND = "llm"
LONGEST_WAIT = 60.0
ROOT = Path(__file__).resolve().parents[2]
OWN_PACKAGES = ("agents", "tools", "trainer", "itb")
BASE = ("autogen_agentchat", "openai", "aiohttp", "tiktoken", "typer", "rich", "pydantic", "yaml", "jinja2", "msgspec")


def doctor(
    base_url: Annotated[
        str, typer.Option(help="Ask this endpoint too, one real prompt of each role: can what it answers be used?")
    ] = "",
    model: Annotated[str, typer.Option(help="The model to ask for there.")] = "",
    key_variable: Annotated[str, typer.Option(help="Environment variable with the key.")] = "",
    config: Annotated[
        Path | None,
        typer.Option(
            help="YAML file of a run's settings: its model, `roles` and what else it asks with; flags override it."
        ),
    ] = None,
    pack: PackOption = DEFAULT_PACK,
) -> None:
    """Say what this machine is ready for.

    Examples: python -m tools doctor; python -m tools doctor --base-url http://localhost:8000/v1 --model NAME
    """
    flags = {"base_url": base_url, "model": model, "key_variable": key_variable}
    asked = read_asked(config, {name: value for name, value in flags.items() if value})
    table = Table(show_header=False, box=None, padding=(0, 1))
    if pack != DEFAULT_PACK:
        load_pack(pack)  # one that is named has to be there; without the default one there is a finding
    findings = list(examine(pack))
    if asked is not None:
        findings += examine_roles(asked, pack)
    styles = {"ok": "green", "absent": "yellow", "missing": "red"}
    for finding in findings:
        table.add_row(finding.name, Text(finding.state, style=styles[finding.state]), Text(finding.text))
    stdout.print(table)
    stdout.print(show_seams())
    if any(finding.state == "missing" for finding in findings):
        raise MissingError("something the toolkit needs is missing, see the lines marked `missing`")


def read_asked(config: Path | None, flags: dict[str, str]) -> Any:
    """The settings that a run would ask an endpoint with; None when no endpoint is named.

    Raises:
        UsageError: only half of it is given, or something that a run refuses too, such as a password in an address.
    """
    if config is None and bool(flags.get("base_url")) != bool(flags.get("model")):
        raise UsageError("--base-url and --model go together: name the endpoint and the model to ask for")
    known = BACKENDS.find_settings(ENDPOINT_BACKEND).model_fields
    written = read_mapping(config, "configuration", "model: gpt-4o-mini") if config else {}
    values = {name: value for name, value in written.items() if name in known} | flags
    if not values.keys() & {"base_url", "model"}:
        return None
    return BACKENDS.read_settings(ENDPOINT_BACKEND, values, {name: flag_name(name) for name in known})


def examine_roles(settings: Any, pack: Path) -> list[Finding]:
    """How an endpoint answers one real prompt of each role."""
    from tools.endpoint.preflight import examine_endpoint

    trials = BACKENDS.load_trait(ENDPOINT_BACKEND, "trials")(settings, pack)
    reach = settings.make_endpoint(concurrency=5)
    limits = {"timeout_seconds": min(reach.timeout_seconds, LONGEST_WAIT), "attempts": min(reach.attempts, 2)}
    return examine_endpoint(reach.model_copy(update=limits), settings.model, trials)


def examine(pack: Path = DEFAULT_PACK) -> Iterator[Finding]:
    """All findings, problems among them as `missing`."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    is_new = sys.version_info >= (3, 11)
    yield Finding("python", "ok" if is_new else "missing", version if is_new else f"{version}; needed is 3.11 or newer")
    yield from (_examine_own(name) for name in OWN_PACKAGES)
    absent = [name for name in BASE if importlib.util.find_spec(name) is None]
    yield Finding(
        "base packages", "missing" if absent else "ok", _list_absent(absent, "pip install -e . -c requirements.lock")
    )
    yield _examine_autogen()
    for extra, names in EXTRAS.items():
        absent = [name for name in names if importlib.util.find_spec(name) is None]
        yield Finding(
            f"extra {extra}",
            "absent" if absent else "ok",
            _list_absent(absent, INSTALL.format(extra=extra)),
        )
    is_usable, text = examine_builds()
    yield Finding("torchvision", "ok" if is_usable else "absent", text)
    yield _examine_prompts(pack)


def _list_absent(absent: list[str], command: str) -> str:
    return f"not installed: {', '.join(absent)}; {command}" if absent else "installed"


def _examine_own(name: str) -> Finding:
    """Other distributions use the same import names, e.g. `openai-agents` installs `agents`."""
    spec = importlib.util.find_spec(name)
    origin = Path(spec.origin) if spec and spec.origin else None
    if origin is None:
        return Finding(name, "missing", f"not found; run from the root of the checkout ({ROOT})")
    if origin.is_relative_to(ROOT / name):
        return Finding(name, "ok", "this checkout")
    return Finding(
        name, "missing", f"shadowed by {origin.parent}, of another distribution; use a venv without it (`make setup`)"
    )


def _examine_autogen() -> Finding:
    try:
        version = metadata.version("autogen-agentchat")
    except metadata.PackageNotFoundError:
        return Finding(
            "autogen", "missing", "autogen-agentchat is not installed; pip install -e . -c requirements.lock"
        )
    if version != "0.7.5":
        return Finding(
            "autogen", "missing", f"autogen-agentchat {version}; only 0.7.5 was tested, pip install -e . again"
        )
    return Finding("autogen", "ok", version)


def _examine_prompts(pack: Path) -> Finding:
    if not pack.is_dir():
        return Finding(
            "prompts", "missing", f"{pack} is not below the current folder; run from the root of the checkout"
        )
    count = len(list_prompt_files(pack))
    return Finding("prompts", "ok", f"{count} prompt files in {pack}")
