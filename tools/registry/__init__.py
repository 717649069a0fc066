"""Where something can be added: the seams, their tables, and plugins."""

from tools.registry.plugins import Plugin, list_plugins, load_plugin, load_plugins
from tools.registry.seam import Entry, NoSettings, Seam
from tools.registry.tables import (
    ALIGN_LAYERS,
    BACKENDS,
    CHECKPOINT_WAYS,
    DATASETS,
    EVALUATED_MODELS,
    EXECUTORS,
    MODEL_FAMILIES,
    REPLY_READERS,
    SCORERS,
    SEAMS,
    TASKS,
    TRANSLATORS,
    VISION_TOWERS,
    register,
)

__all__ = [
    "ALIGN_LAYERS", "BACKENDS", "CHECKPOINT_WAYS", "DATASETS", "EVALUATED_MODELS", "EXECUTORS", "MODEL_FAMILIES",
    "REPLY_READERS", "SCORERS", "SEAMS", "TASKS", "TRANSLATORS", "VISION_TOWERS", "Entry", "NoSettings", "Plugin",
    "Seam", "list_plugins", "load_plugin", "load_plugins", "register",
]  # fmt: skip
