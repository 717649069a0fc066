"""A seam: a place where something can be put in, and the table of what there is.

TRANSLATORS.names()                 # what `--translator` takes
TRANSLATORS.load("prior")           # imported only now
TRANSLATORS.read_settings("srgb-tir", {"style_index": 2})
"""

import difflib
import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from tools.errors import MissingError, UsageError
from tools.registry.extras import install


class NoSettings(BaseModel):
    """The settings of an entry that has none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Entry:
    """One line of a seam's table.

    Attributes:
        name: as flags, configurations and manifests say it.
        about: one line for help, `doctor` and the docs.
        load: `package.module:attribute`, imported when it is used first, or the object itself (plugins).
        settings: its own settings, a pydantic model or where to import it from; None when it has none.
        extra: extra of pyproject.toml that it needs, None for none.
        weights: what weights it needs and where they come from, None for none.
        traits: what other code may ask without importing the entry, e.g. the model types that a family takes.
    """

    name: str
    about: str
    load: str | Callable[..., Any] | object
    settings: str | type[BaseModel] | None = None
    extra: str | None = None
    weights: str | None = None
    traits: Mapping[str, Any] = field(default_factory=dict)


class Seam:
    """The table of one seam, in the order in which its entries are listed.

    Args:
        name: what one entry is called: `translator`, `align layer`.
        about: what an entry does, and the protocol that `Entry.load` has to give.
        entries: those that the toolkit brings.
        decides_output: whether the choice shows in what a command writes; else it may change when a run goes on.
    """

    def __init__(self, name: str, about: str, entries: Iterable[Entry] = (), *, decides_output: bool = True) -> None:
        self.name = name
        self.about = about
        self.decides_output = decides_output
        self._entries: dict[str, Entry] = {}
        for entry in entries:
            self.add(entry)
        self._own = frozenset(self._entries)

    def add(self, entry: Entry) -> None:
        """Put an entry in.

        Raises:
            UsageError: another entry has the name.
        """
        if self._entries.get(entry.name, entry) != entry:
            raise UsageError(f"a {self.name} called `{entry.name}` is there already; give yours another name")
        self._entries[entry.name] = entry

    def names(self) -> tuple[str, ...]:
        """Every name, in the table's order."""
        return tuple(self._entries)

    def entries(self) -> tuple[Entry, ...]:
        """The whole table."""
        return tuple(self._entries.values())

    def describe(self) -> str:
        """The names with what each is, in one line: `mlp (LLaVA-1.5), linear (MiniGPT-4)`."""
        return ", ".join(f"{entry.name} ({entry.about})" if entry.about else entry.name for entry in self.entries())

    def is_built_in(self, name: str) -> bool:
        """Whether the toolkit itself brings an entry of this name; False for what a plugin adds, and for no entry."""
        return name in self._own

    def find(self, name: str) -> Entry:
        """The entry of a name.

        Raises:
            UsageError: there is none; the message has the nearest name and all of them.
        """
        if name in self._entries:
            return self._entries[name]
        near = difflib.get_close_matches(name, self._entries, n=1, cutoff=0.5)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        known = ", ".join(self._entries)
        raise UsageError(f"there is no {self.name} `{name}`{hint} (there are: {known}; --plugin FILE adds more)")

    def load(self, name: str) -> Any:
        """What stands behind a name, imported now.

        Raises:
            UsageError: there is no such entry.
            MissingError: a package that it needs is not installed.
        """
        entry = self.find(name)
        return self._import(entry, entry.load) if isinstance(entry.load, str) else entry.load

    def find_settings(self, name: str) -> type[BaseModel]:
        """The settings model of an entry."""
        entry = self.find(name)
        if entry.settings is None:
            return NoSettings
        found: type[BaseModel] = (
            self._import(entry, entry.settings) if isinstance(entry.settings, str) else entry.settings
        )
        return found

    def get_trait(self, name: str, trait: str) -> Any:
        """What an entry says of itself; None for what it does not say, and for a name that is not in the table.

        So what was made with a plugin can be described where the plugin is not loaded.
        """
        return self._entries[name].traits.get(trait) if name in self._entries else None

    def load_trait(self, name: str, trait: str) -> Any:
        """A trait that is code: `package.module:attribute`, imported now, or the object itself; None when not said."""
        found = self.find(name).traits.get(trait)
        return self._import(self.find(name), found) if isinstance(found, str) else found

    def read_settings(self, name: str, values: Mapping[str, Any], flags: Mapping[str, str] | None = None) -> Any:
        """An entry's settings from values that a user gave.

        Args:
            flags: the flag of each setting that was given, or can be, by a flag of its own; errors then name that.

        Raises:
            UsageError: a setting that the entry does not have, lacks, or cannot take.
        """
        model, flags = self.find_settings(name), flags or {}
        for key in values:
            if key not in model.model_fields:
                given_by = f"{flags[key]}: " if key in flags else ""
                problem = f"{self.name} `{name}` has no setting `{key}`{_list_legal(key, model)}"
                raise UsageError(given_by + problem + self._list_owners(key))
        try:
            return model.model_validate(dict(values))
        except ValidationError as error:
            raise UsageError("; ".join(self._explain(name, item, model, flags) for item in error.errors())) from error

    def _explain(self, name: str, item: Any, model: type[BaseModel], flags: Mapping[str, str]) -> str:
        first, *rest = (str(part) for part in item["loc"] or ("settings",))
        if item["type"] == "missing" and not rest:
            flag = flags.get(first, f"--set {self.key}.{first}=VALUE")
            return f"{self.name} `{name}` needs {flag}: {model.model_fields[first].description or first}"
        where = ".".join([flags.get(first, f"{self.key}.{first} of {self.name} `{name}`"), *rest])
        return f"{where}: {str(item['msg']).removeprefix('Value error, ')}"

    def _list_owners(self, setting: str) -> str:
        owners = [f"`{name}`" for name in self._entries if setting in self.find_settings(name).model_fields]
        return f"; {', '.join(owners)} has it" if owners else ""

    @property
    def key(self) -> str:
        """The seam's name as `--set` and configurations write it: `align_layer`."""
        return self.name.replace(" ", "_")

    def _import(self, entry: Entry, path: str) -> Any:
        module, _, attribute = path.partition(":")
        try:
            return getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            if entry.extra is None:
                raise
            raise MissingError(
                f"{self.name} `{entry.name}` needs the package {error.name}, which is not installed: "
                f"{install(entry.extra)}"
            ) from error


def _list_legal(key: str, model: type[BaseModel]) -> str:
    if not model.model_fields:
        return "; it has none"
    near = difflib.get_close_matches(key, model.model_fields, n=1, cutoff=0.5)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    return f"{hint} (it has: {', '.join(model.model_fields)})"
