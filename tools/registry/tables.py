"""The seams, one table each: read this file first to see what there is and what can be added.

An entry names what it is made of as `package.module:attribute`; nothing is imported before it is used, so these tables
may name every package and depend on none. Whoever adds one writes one file and one line here, or a plugin and no line.
"""

from tools.errors import UsageError
from tools.registry.seam import Entry, Seam

TRANSLATORS = Seam(
    "translator",
    "photographs in, images of the modality out: `make(settings, seed) -> Translator` (tools/translation/protocol.py)",
)
SCORERS = Seam(
    "scorer", "how well captions fit an image: `make(settings, lexicon) -> Scorer` (tools/scoring/protocol.py)"
)
DATASETS = Seam(
    "dataset",
    "an annotated dataset in its original layout: a `Dataset` (tools/datasets/dataset.py). Traits: `is_rendered`, a "
    "stand-in that nobody misses; `is_visible`, photographs and no images of the modality",
    [
        Entry("flir", "FLIR ADAS: street scenes", "tools.datasets.flir.reader:DATASET"),
        Entry("llvip", "LLVIP: pedestrians at night, in pairs", "tools.datasets.llvip.reader:DATASET", extra="itb"),
        Entry("vedai", "VEDAI: vehicles from the air", "tools.datasets.vedai.reader:DATASET"),
        Entry("dronevehicle", "DroneVehicle: traffic", "tools.datasets.dronevehicle.reader:DATASET", extra="itb"),
        Entry("lsotb", "LSOTB-TIR: tracked objects", "tools.datasets.lsotb.reader:DATASET", extra="itb"),
        Entry("rgbnir", "RGB-NIR Scene: nine kinds of scenes", "tools.datasets.rgbnir.reader:DATASET"),
        Entry("hituav", "HIT-UAV: people and cars from drones", "tools.datasets.hituav.reader:DATASET", extra="itb"),
        Entry("solar", "InfraredSolarModules: solar modules", "tools.datasets.solar.reader:DATASET"),
        Entry("radiometric", "pictures with temperatures", "tools.datasets.radiometric.reader:DATASET", extra="itb"),
        Entry("scenes", "rendered scenes", "tools.datasets.scenes.reader:DATASET", traits={"is_rendered": True}),
        Entry("coco", "COCO: captions and boxes", "tools.datasets.coco.reader:DATASET", traits={"is_visible": True}),
    ],
)
BACKENDS = Seam("backend", "who thinks behind the agents: `make(settings, ...) -> Backend` (agents/backends)")
EXECUTORS = Seam("executor", "where the images of a run are worked on: `make(settings, resources) -> Executor`")
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
