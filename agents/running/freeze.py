"""What decides a run's output: described, frozen in its store, and refused when it has changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.backends.parts import describe_code
from agents.config import LATER, RunConfig
from agents.conversation.process import Resources
from agents.notation import parse_dataset
from agents.running.address import describe_address
from agents.running.hold_out import describe_held
from agents.running.source import FOLDER, Source
from agents.store.run_store import RunStore
from tools.datasets.dataset import find_dataset
from tools.errors import ToolkitError, UsageError, shorten
from tools.files.inside import real_path
from tools.manifest import hash_bytes, hash_prompts, say
from tools.prompts.frozen import freeze_pack
from tools.records import Rule
from tools.registry import SEAMS, describe_plugins, list_plugins
from tools.registry.fields import list_seams
from tools.translation import Translator

SETTINGS = (
    "backend", "candidates", "max_rounds", "instructions", "mix", "seed", "block", "lag", "rule_cap", "freeze",
    "translator", "scorer", "arm", "best_of", "evidence", "debate",
    "breaches_may_win",
)  # fmt: skip
"""With what was set at the seams; everything else may change between two runs on one folder."""
NEVER = object()
Row = dict[str, Any]


def describe_run(
    config: RunConfig, source: Source, seeds: Sequence[Rule], resources: Resources, held: Sequence[Row] = ()
) -> Row:
    """Everything that decides the output, as it is frozen in the store and shown in the manifest.

    Args:
        held: the rows of the images that are set aside.
    """
    translator, scorer = resources.tools.translator, resources.tools.scorer
    files = hash_prompts(config.pack)
    return {
        "settings": describe_settings(config),
        "plugins": describe_plugins(),
        "shard": config.shard,
        "seed_rules": [rule.model_dump() for rule in seeds],
        "reverted_rules": [rule.model_dump() for rule in resources.reverted],
        "backend": _describe_part(resources.backend),
        "translator": _describe_translator(translator),
        "scorer": _describe_part(scorer),
        "pack": freeze_pack(config.pack).model_dump(mode="json"),
        "prompts": {
            "dir": config.pack.name,
            "digest": hash_bytes(*(f"{name} {digest}".encode() for name, digest in files.items())),
            "files": files,
        },
        "dataset": {
            **describe_source(config),
            "digest": source.dataset.digest,
            "counts": dict(source.dataset.counts),
            **({"held_out": describe_held(held, config.hold_out, config.grouping)} if config.hold_out else {}),
        },
    }


def describe_source(config: RunConfig) -> Row:
    """What the images come from, without the places where it lies."""
    files = {"captions": config.captions, "instances": config.instances}
    named = {name: path.name if path else None for name, path in files.items()}
    if config.is_sensor:
        named["sensor"] = parse_dataset(config.dataset).name if config.dataset else FOLDER
    if config.split is not None:
        named["split"] = config.split
    return named


def describe_origin(config: RunConfig, source: Source) -> Row | None:
    """What is known of images that a sensor took, for those who read of the run; None of translated photographs."""
    if not config.is_sensor:
        return None
    named = parse_dataset(config.dataset).name if config.dataset else FOLDER
    facts, settings = find_dataset(named).facts, config.choose("translator").read()
    return {
        "dataset": named,
        "title": facts.title,
        "licence": facts.licence if config.dataset else None,
        "citation": facts.citation if config.dataset else None,
        "folder": None if config.sensor_images is None else config.sensor_images.name,
        "band": facts.band,
        "polarity": settings.polarity,
        "unit": settings.unit or facts.unit,
        "has_photographs": config.images is not None,
        "splits": dict(source.dataset.splits),
        "split": config.split,
    }


def describe_settings(config: RunConfig) -> Row:
    """The run's own settings; the backend's that have flags of their own; of the others what differs from its default.

    So a manifest names the model plainly, and `set` holds what `--set` alone can give.
    """
    settings = config.model_dump(mode="json")
    choices = {seam: config.choose(seam) for seam in list_seams(RunConfig) if SEAMS[seam].decides_output}
    plain = {
        name: value
        for name, value in choices["backend"].freeze(has_defaults=True).items()
        if name in choices["backend"].flags
    }
    frozen = {seam: choice.freeze() for seam, choice in choices.items()}
    frozen["backend"] = {name: value for name, value in frozen["backend"].items() if name not in plain}
    changes = {seam: values for seam, values in frozen.items() if values}
    held = {"hold_out": config.hold_out, "group_by": config.grouping} if config.hold_out else {}
    own = {name: settings[name] for name in SETTINGS if settings[name] != LATER.get(name, NEVER)}
    return own | held | plain | ({"set": changes} if changes else {})


def describe_inputs(config: RunConfig) -> Row:
    """Where everything lies that the run reads, for commands that work with it on this machine; no export has it."""
    paths = {"captions", "instances", "images", "sensor_images", "rules", "pack", "prices"}
    found: Row = {name: str(real_path(path)) for name in paths if (path := getattr(config, name)) is not None}
    if config.dataset is not None:
        named = parse_dataset(config.dataset)
        found["dataset"] = f"{named.name}={real_path(named.root)}"
    weights = getattr(config.choose("scorer").read(), "weights", None)
    if weights is not None:
        found["scorer_weights"] = str(weights)
    return found | describe_address(config.choose("backend").read())


def note_code(store: RunStore) -> str | None:
    """Which code makes the results; None where others were made already by another one, or by one that is not known."""
    code = describe_code()
    return code if store.read_meta("code") == code or not store.read_progress().done else None


def describe_reach(config: RunConfig, source: Source) -> Row:
    """What the same output needs besides the frozen settings; it may change between two runs on one folder.

    A limit that leaves nothing out says nothing.
    """
    is_cut = config.limit is not None and config.limit < len(source.dataset)
    found = {
        "limit": config.limit if is_cut else None,
        "accept_colours": config.accept_colours,
        "rules": config.rules.name if config.rules else None,
    }
    return {name: value for name, value in found.items() if value}


def _describe_part(part: Any) -> Row | None:
    if part is None:
        return None
    return {"name": part.name, "is_embedded": part.is_embedded, "identity": part.identity}


def _describe_translator(translator: Translator | None) -> Row | None:
    """As other parts, and for `srgb-tir` the style codes and which image gets which."""
    described = _describe_part(translator)
    styles = getattr(translator, "styles", None)
    return {**described, "styles": styles.record()} if described and styles is not None else described


def freeze(store: RunStore, found: Row) -> None:
    """Write what decides the output into a new store; refuse a change of it in an old one.

    Raises:
        UsageError: a plugin that is missing, changed or new; or each setting that changed, with its old and new value.
    """
    if store.read_meta("settings") is None:
        store.write_metas(found)
        return
    _refuse_plugins(store, found["plugins"])
    differences: list[str] = []
    for key in found.keys() - {"plugins"}:
        base = LATER if key == "settings" else {}
        old, new = store.read_meta(key), found[key]
        if old is None and key == "reverted_rules":
            old = []  # begun before a pack could take rules back
        _compare(key, base | old if base and old else old, base | new if base else new, differences)
    if differences:
        raise UsageError(
            f"{store.path}: this run was begun with other settings:\n  "
            + "\n  ".join(sorted(differences))
            + "\nUse the old settings, another --out, or --fresh to start again."
        )


def _refuse_plugins(store: RunStore, given: dict[str, str]) -> None:
    begun = read_plugins(store)
    run, otherwise = store.path.parent, "use another --out, or --fresh to start again"
    for name in begun.keys() | given.keys():
        if name not in given:
            raise UsageError(f"{run}: this run was begun with --plugin {name}, which is not given now; give it again")
        if name not in begun:
            raise UsageError(f"{run}: this run was begun without --plugin {name}; leave it out, {otherwise}")
        if begun[name] != given[name]:
            problem = f"--plugin {name} has changed since this run was begun ({begun[name]} -> {given[name]})"
            raise UsageError(f"{run}: {problem}; give it as it was, {otherwise}")


def read_plugins(store: RunStore) -> dict[str, str]:
    """Name and hash of the plugins that a run was begun with; none for a run from before there were any."""
    found: dict[str, str] = store.read_meta("plugins") or {}
    return found


def name_missing_plugins(run: Path) -> str:
    """The end of an error about settings, when the run at that folder was begun with plugins that are not loaded."""
    if not (run / "run.sqlite").is_file():
        return ""
    try:
        with RunStore(run) as store:
            missing = read_plugins(store).keys() - {plugin.name for plugin in list_plugins()}
    except ToolkitError:
        return ""
    given = " ".join(f"--plugin {name}" for name in sorted(missing))
    return f"; {run} was begun with {given}, which is not given now" if missing else ""


def list_differences(name: str, old: Any, new: Any) -> list[str]:
    """What differs between two values of a run, each difference as `name: old -> new`."""
    found: list[str] = []
    _compare(name, old, new, found)
    return sorted(found)


def _compare(name: str, old: Any, new: Any, differences: list[str]) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            _compare(f"{name}.{key}", old.get(key), new.get(key), differences)
    elif old != new:
        differences.append(f"{name.removeprefix('settings.')}: {_shorten(old)} -> {_shorten(new)}")


def _shorten(value: Any) -> str:
    return shorten(say(value))
