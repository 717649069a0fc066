"""Where something can be added: the seams, their tables, what a user chose at them, and plugins."""

from tools.registry.choices import (
    CAME_LATER,
    NOT_FROZEN,
    Changes,
    Choice,
    EntrySpec,
    Given,
    make_choice,
    parse_changes,
    parse_entry_changes,
)
from tools.registry.fields import Fills, OneOf, TakesChanges, check_choices, collect_choice
from tools.registry.plugins import Plugin, describe_plugins, list_plugins, list_sources, load_plugin, load_plugins
from tools.registry.seam import Entry, NoSettings, Seam
from tools.registry.tables import (
    ALIGN_LAYERS,
    BACKENDS,
    CHECKPOINT_WAYS,
    DATASETS,
    EVALUATED_MODELS,
    EXECUTORS,
    FOREIGN_BENCHMARKS,
    MODEL_FAMILIES,
    REPLY_READERS,
    SCORERS,
    SEAMS,
    TASKS,
    THERMAL_READERS,
    TRANSLATORS,
    TRANSPORTS,
    VISION_FAMILIES,
    VISION_TOWERS,
    register,
)

__all__ = [
    "ALIGN_LAYERS", "BACKENDS", "CAME_LATER", "CHECKPOINT_WAYS", "DATASETS", "EVALUATED_MODELS", "EXECUTORS",
    "FOREIGN_BENCHMARKS", "MODEL_FAMILIES", "NOT_FROZEN", "REPLY_READERS", "SCORERS", "SEAMS", "TASKS",
    "THERMAL_READERS", "TRANSLATORS", "TRANSPORTS", "VISION_FAMILIES", "VISION_TOWERS",
    "Changes", "Choice", "Entry", "EntrySpec", "Fills", "Given", "NoSettings", "OneOf", "Plugin", "Seam",
    "TakesChanges", "check_choices", "collect_choice", "describe_plugins", "list_plugins", "list_sources",
    "load_plugin", "load_plugins", "make_choice", "parse_changes", "parse_entry_changes", "register",
]  # fmt: skip
