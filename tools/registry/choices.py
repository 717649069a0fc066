"""What a user chose at a seam: an entry, and its settings, by flags of their own or by `--set SEAM.NAME=VALUE`.

changes = parse_changes(["translator.style_index=2"])
choice = make_choice(TRANSLATORS, "srgb-tir", changes, [Given("--translator-weights", "weights", path)])
choice.read()                       # the entry's own settings, checked
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from tools.errors import UsageError, shorten
from tools.files.text import TextFault
from tools.files.yaml_text import decode_yaml
from tools.registry.seam import Seam
from tools.registry.tables import SEAMS

Changes = Mapping[str, Mapping[str, Any]]
"""Settings that a user gave, by seam and name: `{"translator": {"style_index": 2}}`."""
NOT_FROZEN: Final[dict[str, Any]] = {"is_frozen": False}
"""`json_schema_extra` of a setting that changes nothing, or whose effect stands in the identity of what is made.

Paths and secrets are never frozen: a path names a place, and what lies there belongs into the identity.
"""
CAME_LATER: Final[dict[str, Any]] = {"came_later": True}
"""Of a setting that older runs were begun without: frozen only where it is not its default, so that they go on."""


class EntrySpec(NamedTuple):
    """What stands at a seam, as every process needs it to make its own; it pickles.

    Attributes:
        name: as the table has it.
        values: the settings that a user gave.
        plugins: what a process imports first, so that the table has the name there too.
    """

    name: str
    values: Mapping[str, Any] = {}
    plugins: tuple[str, ...] = ()


class Choice(NamedTuple):
    """An entry of a seam, and the settings that were given for it.

    Attributes:
        values: as given, not checked yet.
        flags: the flag of each setting that has one of its own.
    """

    seam: Seam
    name: str
    values: Mapping[str, Any] = {}
    flags: Mapping[str, str] = {}

    def read(self) -> Any:
        """The entry's own settings.

        Raises:
            UsageError: no such entry, or settings that it does not have, lacks or cannot take.
        """
        return self.seam.read_settings(self.name, self.values, self.flags)

    def load(self) -> Any:
        """What stands behind the name, imported now."""
        return self.seam.load(self.name)

    def freeze(self, *, has_defaults: bool = False) -> dict[str, Any]:
        """The settings that decide an output, as JSON has them; only what differs from its default, or all."""
        settings = self.read()
        dumped: dict[str, Any] = settings.model_dump(mode="json", exclude_defaults=not has_defaults)
        fields = type(settings).model_fields
        return {name: value for name, value in dumped.items() if _is_frozen(fields[name], getattr(settings, name))}


class Given(NamedTuple):
    """A setting's own flag and its value, None when it was not given.

    Attributes:
        is_shared: the flag speaks to several seams, so an entry without this setting may pass it over.
    """

    flag: str
    setting: str
    value: Any
    is_shared: bool = False


def _is_frozen(field: FieldInfo, value: Any) -> bool:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if extra.get("came_later") and value == field.default:
        return False
    return bool(extra.get("is_frozen", True)) and not isinstance(value, Path | SecretStr | SecretBytes)


def make_choice(seam: Seam, name: str, changes: Changes, given: Iterable[Given] = ()) -> Choice:
    """Put together what flags and `--set` say about one seam.

    A flag with the setting's default says nothing to an entry that lacks the setting: so a saved configuration, which
    has them all, can be used with another entry.

    Raises:
        UsageError: no such entry, or a setting that both a flag and `--set` give.
    """
    values, flags = dict(changes.get(seam.key, {})), {}
    legal = seam.find_settings(name).model_fields
    for flag, setting, value, is_shared in given:
        if setting in legal:
            flags[setting] = flag
        if value is None or (setting not in legal and (is_shared or value == find_default(seam, setting))):
            continue
        if setting in values:
            raise UsageError(f"{flag} and --set {seam.key}.{setting} give the same setting; leave one of them out")
        values[setting], flags[setting] = value, flag
    return Choice(seam, name, values, flags)


def find_default(seam: Seam, setting: str) -> Any:
    """The default of a setting, at the first entry that has it; None without one."""
    field = next((model.model_fields[setting] for _, model in list_owners(seam, setting)), None)
    return None if field is None or field.is_required() else field.get_default(call_default_factory=True)


def list_owners(seam: Seam, setting: str) -> list[tuple[str, Any]]:
    """The entries that have a setting, each with its settings model."""
    models = ((entry.name, seam.find_settings(entry.name)) for entry in seam.entries() if entry.settings is not None)
    return [(name, model) for name, model in models if setting in model.model_fields]


def parse_changes(texts: Iterable[str]) -> dict[str, dict[str, Any]]:
    """`["translator.style_index=2"]` -> `{"translator": {"style_index": 2}}`; values are YAML, the last one counts.

    Raises:
        UsageError: another form, or no such seam.
    """

    found: dict[str, dict[str, Any]] = {}
    for text in texts:
        match = re.fullmatch(r"([\w -]+)\.(\w+)=(.*)", text, re.DOTALL)
        if not match:
            raise UsageError(f"--set {text}: expected SEAM.NAME=VALUE, e.g. translator.style_index=2")
        found.setdefault(check_seam(match[1]), {})[match[2]] = _read_value(text, match[3])
    return found


def parse_entry_changes(seam: Seam, texts: Iterable[str]) -> dict[str, dict[str, Any]]:
    """As `parse_changes`, of a seam whose entries are used side by side: `["task.TASK.most=3"]` -> `{TASK: {most: 3}}`.

    Raises:
        UsageError: another form or seam, no such entry, or a setting that it does not have or cannot take.
    """
    found: dict[str, dict[str, Any]] = {}
    for text in texts:
        match = re.fullmatch(r"([\w -]+)\.([\w-]+)\.(\w+)=(.*)", text, re.DOTALL)
        if not match:
            raise UsageError(f"--set {text}: expected {seam.key}.NAME.SETTING=VALUE, e.g. {_show_example(seam)}")
        if check_seam(match[1]) != seam.key:
            raise UsageError(f"--set {text}: nothing here takes settings of a {match[1]}, only of a {seam.name}")
        found.setdefault(match[2], {})[match[3]] = _read_value(text, match[4])
    for name, values in found.items():
        seam.read_settings(name, values)
    return found


def _show_example(seam: Seam) -> str:
    name = next((entry.name for entry in seam.entries() if entry.settings is not None), "NAME")
    setting = next(iter(seam.find_settings(name).model_fields), "SETTING") if name != "NAME" else "SETTING"
    return f"{seam.key}.{name}.{setting}=VALUE"


def _read_value(text: str, value: str) -> Any:
    try:
        return decode_yaml(value)
    except TextFault as error:
        raise UsageError(f"--set {shorten(text)}: the value is {error}") from error


def check_changes(value: Any) -> dict[str, dict[str, Any]]:
    """The `set:` of a configuration, checked to be a mapping of seams to settings.

    Raises:
        UsageError: it is not, or there is no such seam.
    """
    if not isinstance(value, Mapping) or not all(isinstance(settings, Mapping) for settings in value.values()):
        raise UsageError("expected settings by seam, e.g. `set: {translator: {style_index: 2}}`")
    return {check_seam(str(seam)): dict(settings) for seam, settings in value.items()}


def merge_changes(first: Changes, second: Changes) -> dict[str, dict[str, Any]]:
    """Both; where they give the same setting, the second counts."""
    return {seam: {**first.get(seam, {}), **second.get(seam, {})} for seam in {**first, **second}}


def check_seam(name: str) -> str:
    """The key of a seam, e.g. `align_layer`.

    Raises:
        UsageError: there is none; the message has the nearest and all of them.
    """
    key = name.strip().replace(" ", "_").replace("-", "_")
    if key not in SEAMS:
        near = difflib.get_close_matches(key, SEAMS, n=1, cutoff=0.5)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise UsageError(f"--set: there is no seam `{name}`{hint} (there are: {', '.join(SEAMS)})")
    return key
