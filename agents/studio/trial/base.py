"""What a try-out starts from: the run's settings, where its data lie on this machine, and the book of each image."""

import functools
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from agents.backends.parts import describe_code
from agents.config import RunConfig
from agents.conversation.protocol import Job
from agents.conversation.rules import RuleBook
from agents.output.export import read_reverted
from agents.running.address import find_address, show_address
from agents.running.freeze import SETTINGS, describe_source
from agents.running.schedule import BlockSchedule
from agents.running.source import Source, open_source
from agents.store.retries import read_draw
from agents.studio.opened import OpenRun
from tools.errors import MissingError, UsageError
from tools.manifest import hash_bytes, hash_prompts
from tools.prompts import DEFAULT_PACK
from tools.records import Rule
from tools.terminal.cli import build_settings

INPUTS = ("captions", "instances", "images", "sensor_images", "dataset", "rules", "prices", "scorer_weights")
AT_ONCE: dict[str, Any] = {"transport": "chat", "carrier": None, "executor": "local", "workers": 0, "limit": None}
MOST_IMAGES = 20


class Asked(NamedTuple):
    """Who is asked in a try-out.

    Attributes:
        address: as it is shown, without anything that could be a secret.
        is_own: it is the run's own endpoint; else it was named when the studio was started.
    """

    models: tuple[str, ...]
    address: str
    is_own: bool


class TrialBase:
    """The run that try-outs are compared with.

    Args:
        run: the run.
        given: settings that take the place of what the run remembers: paths that moved, the endpoint.
    """

    def __init__(self, run: OpenRun, given: Mapping[str, Any]) -> None:
        self.run = run
        self._given = {name: value for name, value in given.items() if value is not None}
        self._lock = threading.Lock()
        self._source: Source | None = None

    @functools.cached_property
    def pack(self) -> Path:
        """The pack that is edited: the one named, else the run's, else the usual one."""
        inputs = self.run.store.read_meta("inputs") or {}
        return Path(self._given.get("pack") or inputs.get("pack") or DEFAULT_PACK)

    @property
    def is_same_pack(self) -> bool:
        """Whether the pack is still what the run was made with."""
        files = hash_prompts(self.pack)
        digest = hash_bytes(*(f"{name} {found}".encode() for name, found in files.items()))
        return bool((self.run.store.read_meta("prompts") or {}).get("digest") == digest)

    @property
    def is_same_code(self) -> bool:
        """Whether all of the run was made by the code that is there now."""
        return bool(self.run.store.read_meta("code") == describe_code())

    @functools.cached_property
    def backend(self) -> str:
        """The run's backend."""
        return str(self.run.store.require_meta("settings")["backend"])

    def make_config(self, pack: Path, backend: str | None = None, *, asks: bool = True) -> RunConfig:
        """The run's settings with another pack, and with another backend if one is named.

        Args:
            asks: somebody may be asked with it, by the run's own endpoint unless another was named.

        Raises:
            UsageError: where its data lie, or which endpoint it asked, is not known, or a setting cannot be used.
        """
        settings = self.run.store.require_meta("settings")
        inputs = self.run.store.read_meta("inputs") or {}
        own = {name: settings[name] for name in settings if name in RunConfig.model_fields and name in _list_kept()}
        held = {name: inputs[name] for name in INPUTS if name in inputs}
        found = {**own, "set": settings.get("set", {}), **held, **self._given, **AT_ONCE, "pack": pack}
        found["out"] = self.run.folder
        if asks and backend in (None, self.backend):
            found |= find_address(self.run.store, self.backend, self._given.get("base_url"))
        if not any(found.get(name) for name in ("images", "sensor_images", "dataset")):
            raise UsageError(
                "this run does not say where its data lie; start the studio with --captions, --instances and --images "
                "(or --sensor-images, --dataset) as the run was made"
            )
        config = build_settings(RunConfig, None, found)
        return config if backend in (None, config.backend) else config.replace_entry("backend", str(backend))

    def describe_asked(self, backend: str) -> Asked | None:
        """Which models a try-out asks, and where; None of a backend without an endpoint.

        Raises:
            UsageError: see `make_config`.
        """
        settings = self.make_config(self.pack, backend).choose("backend").read()
        address = getattr(settings, "base_url", None)
        if address is None:
            return None
        list_models = getattr(settings, "list_models", lambda: (settings.model,) if hasattr(settings, "model") else ())
        return Asked(tuple(list_models()), show_address(str(address)), self._given.get("base_url") is None)

    def open_source(self) -> Source:
        """The run's dataset, read once.

        Raises:
            MissingError: a file is gone.
            UsageError: it is another dataset than the run's.
        """
        with self._lock:
            if self._source is None:
                config = self.make_config(self.pack, asks=False)
                source = open_source(config)
                known = self.run.store.require_meta("dataset")
                if known["digest"] != source.dataset.digest:
                    named = ", ".join(filter(None, describe_source(config).values()))
                    raise UsageError(
                        f"the data ({named or source.config.source_root}) are not those that the run was made from; "
                        "start the studio with the files and folders of then"
                    )
                self._source = source
            return self._source

    def make_job(self, image_id: str) -> Job:
        """The job of an image as the run had it.

        Raises:
            MissingError: the run has no such image.
        """
        schedule, index = self.schedule, self.find_index(image_id)
        return self.open_source().make_job(index, schedule.block_of(index), read_draw(self.run.store))

    def find_index(self, image_id: str) -> int:
        """The place of an image in the dataset's order."""
        result = self.run.store.find_result(image_id)
        if result is None:
            raise MissingError(f"this run has no image {image_id}, or is not done with it")
        return result.index

    @functools.cached_property
    def schedule(self) -> BlockSchedule:
        """Which images read which rules."""
        settings = self.run.store.require_meta("settings")
        reverted = read_reverted(self.run.store)
        return BlockSchedule(settings["block"], settings["lag"], settings["freeze"], settings["rule_cap"], reverted)

    def build_book(self, image_id: str) -> RuleBook:
        """The rules that an image read."""
        seeds = [Rule.model_validate(rule) for rule in self.run.store.require_meta("seed_rules")]
        version = self.schedule.block_of(self.find_index(image_id))
        return self.schedule.build_book(version, seeds, self.run.store.list_mined())


def _list_kept() -> frozenset[str]:
    """Settings of a run that decide what is asked: the frozen ones, and the backend's own."""
    marks = {
        name
        for name, field in RunConfig.model_fields.items()
        for mark in field.metadata
        if any(seam == "backend" for seam, _ in getattr(mark, "settings", ()))
    }
    return frozenset({*SETTINGS, *marks, "hold_out", "group_by"} - {"translator_weights"})
