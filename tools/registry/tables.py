"""The seams, one table each: read this file first to see what there is and what can be added.

An entry names what it is made of as `package.module:attribute`; nothing is imported before it is used, so these tables
may name every package and depend on none. Whoever adds one writes one file and one line here, or a plugin and no line.
"""

from tools.errors import UsageError
from tools.registry.seam import Entry, Seam

TRANSLATORS = Seam(
    "translator",
    "photographs in, images of the modality out: `make(settings, seed) -> Translator` (tools/translation/protocol.py)",
    (
        Entry(
            "prior",
            "class temperatures on boxes over the photograph's structure; not trained",
            "tools.translation.prior:make_prior",
            traits={"is_embedded": True},
        ),
        Entry(
            "gray",
            "the photograph in gray, a control and not a translation",
            "tools.translation.controls:make_gray",
            traits={"is_embedded": True, "kind": "control"},
        ),
        Entry(
            "inverted-gray",
            "the photograph in inverted gray, a control and not a translation",
            "tools.translation.controls:make_inverted_gray",
            traits={"is_embedded": True, "kind": "control"},
        ),
        Entry(
            "folder",
            "images made elsewhere, found by name",
            "tools.translation.folder:make_folder",
            settings="tools.translation.settings:FolderSettings",
            traits={"kind": "elsewhere"},
        ),
        Entry(
            "srgb-tir",
            "sRGB-TIR, the paper's translator, from its official checkpoint",
            "tools.translation.srgb_tir:make_srgb_tir",
            settings="tools.translation.settings:SrgbTirSettings",
            extra="train",
            weights="translation_weights.pt, linked in the README of RPM-Robotics-Lab/sRGB-TIR",
        ),
        Entry(
            "none",
            "no images at all",
            "tools.translation.controls:make_nothing",
            traits={"kind": "absent"},
        ),
    ),
)
"""Traits: `is_embedded`, needs no weights and no files; `kind`, one of `control`, `elsewhere` and `absent`."""
SCORERS = Seam(
    "scorer",
    "how well captions fit an image: `make(settings, lexicon) -> Scorer` (tools/scoring/protocol.py)",
    (
        Entry(
            "lexical",
            "by words alone, blind to the image",
            "tools.scoring.lexical:make_lexical",
            traits={"is_embedded": True},
        ),
        Entry(
            "none",
            "no scores: the first filtered caption is taken",
            "tools.scoring.lexical:make_none",
            traits={"kind": "absent"},
        ),
        Entry(
            "languagebind",
            "LanguageBind, the paper's scorer, from its official folder",
            "tools.scoring.languagebind:make_languagebind",
            settings="tools.scoring.settings:LanguageBindSettings",
            extra="train",
            weights="folder LanguageBind_Thermal, LanguageBind/LanguageBind_Thermal on the hub",
            traits={"learnt_from": "srgb-tir"},
        ),
    ),
)
"""Traits: `is_embedded`; `kind`, `absent` for none; `learnt_from`, the translator whose images it was trained on."""
DATASETS = Seam("dataset", "an annotated dataset in its original layout: a `Dataset` (tools/datasets/dataset.py)")
BACKENDS = Seam(
    "backend",
    "who thinks behind the agents: `make(settings, parts) -> Backend` (agents/backends/parts.py)",
    (
        Entry(
            "template",
            "no model at all: lexicon, boxes and wordings; not an LLM",
            "agents.backends.template:make_template",
            traits={"is_embedded": True, "judges_by_checks": True},
        ),
        Entry(
            "llm",
            "any OpenAI-compatible endpoint",
            "agents.backends.llm:make_llm",
            settings="agents.backends.settings:LlmSettings",
            weights="an endpoint and its key",
            traits={
                "forecaster": "agents.forecast:make_forecaster",
                "has_own_replies": True,
                "blind": {"judge": "text-only"},
            },
        ),
    ),
)
"""Traits: `is_embedded`, no model behind it; `judges_by_checks`, its judge is the checks that the ablation counts with;
`has_own_replies`, it keeps its replies itself, and so they are metered again on a replay; `blind`, the settings that
take its judge's sight; `forecaster`, makes what says what an image may cost (`agents.forecast.make_forecaster`).
Its settings may have `list_models()`, `needs_images`, and of the run's flags any that `agents run` fills."""
EXECUTORS = Seam(
    "executor",
    "where the images of a run are worked on: `make(settings, resources, spec) -> Executor` (agents/schedule.py)",
    (
        Entry(
            "local", "conversations in one event loop, image work in spawned processes", "agents.executors:make_local"
        ),
    ),
    decides_output=False,
)
TASKS = Seam("task", "a task of the benchmark: a `Task` (itb/tasks/task.py)")
REPLY_READERS = Seam("reply reader", "reads an answer of one form out of a reply: a `ReplyReader` (itb/answers)")
EVALUATED_MODELS = Seam("evaluated model", "what `itb eval --model` can ask: a `ModelKind` (itb/models)")
VISION_TOWERS = Seam("vision tower", "a folder of weights -> a frozen tower: `load(folder, dtype) -> Tower`")
ALIGN_LAYERS = Seam("align layer", "between tower and language model: an `AlignLayer` (trainer/model)")
MODEL_FAMILIES = Seam("model family", "how the chat of a language model's family is written: a `ModelFamily`")

SEAMS = {
    seam.key: seam
    for seam in (
        TRANSLATORS,
        SCORERS,
        DATASETS,
        BACKENDS,
        EXECUTORS,
        TASKS,
        REPLY_READERS,
        EVALUATED_MODELS,
        VISION_TOWERS,
        ALIGN_LAYERS,
        MODEL_FAMILIES,
    )
}


def register(seam: str, entry: Entry) -> None:
    """Put an entry in at a seam; what a plugin calls.

    Args:
        seam: e.g. `translator` or `align layer`.

    Raises:
        UsageError: no such seam, or another entry has the name.
    """
    key = seam.replace(" ", "_")
    if key not in SEAMS:
        raise UsageError(f"there is no seam `{seam}`; there are {', '.join(found.name for found in SEAMS.values())}")
    SEAMS[key].add(entry)
