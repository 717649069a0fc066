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
            "tools.translation.inverted_gray:make_inverted_gray",
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
            "sensor",
            "no translation: the images are of the modality already (--sensor-images, --dataset)",
            "tools.translation.sensor:make_sensor",
            settings="tools.translation.settings:SensorSettings",
            traits={"is_embedded": True, "kind": "sensor"},
        ),
        Entry(
            "none",
            "no images at all",
            "tools.translation.controls:make_nothing",
            traits={"kind": "absent"},
        ),
    ),
)
"""Traits: `is_embedded`, needs no weights and no files; `kind`: `control`, `elsewhere`, `sensor` or `absent`."""
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
            "tools.languagebind:make_languagebind",
            settings="tools.scoring.settings:LanguageBindSettings",
            extra="train",
            weights="folder LanguageBind_Thermal, LanguageBind/LanguageBind_Thermal on the hub",
            traits={"learnt_from": "srgb-tir"},
        ),
    ),
)
"""Traits: `is_embedded`; `kind`, `absent` for none; `learnt_from`, the translator whose images it was trained on."""
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
        Entry("folder", "a folder of images of one's own", "tools.datasets.folder.reader:DATASET"),
        Entry("scenes", "rendered scenes", "tools.datasets.scenes.reader:DATASET", traits={"is_rendered": True}),
        Entry("coco", "COCO: captions and boxes", "tools.datasets.coco.reader:DATASET", traits={"is_visible": True}),
    ],
)
THERMAL_READERS = Seam(
    "thermal reader",
    "reads files of one kind of camera or software: a `ThermalReader` (tools/thermal/reader.py); the first that knows "
    "a file reads it, a plugin's before all others. The trait `endings` lists the names' endings that are no pictures'",
    (
        Entry("flir", "radiometric FLIR JPEGs", "tools.thermal.readers.flir:FLIR", extra="cameras"),
        Entry(
            "fff",
            "FLIR's .fff, and the first frame of .seq",
            "tools.thermal.readers.fff:FFF",
            extra="cameras",
            traits={"endings": (".fff", ".seq")},
        ),
        Entry("npy", "NumPy arrays", "tools.thermal.readers.npy:NPY", traits={"endings": (".npy",)}),
        Entry(
            "refused",
            "formats that have to be exported first, by name",
            "tools.thermal.readers.refused:REFUSED",
            traits={"endings": (".bmt", ".vmt", ".ravi", ".seek", ".is2", ".is3", ".irg", ".irb", ".csq")},
        ),
        Entry("tiff", "TIFF of 16 bits or floats", "tools.thermal.readers.picture:TIFF"),
        Entry(
            "csv",
            "matrices of numbers as text",
            "tools.thermal.readers.matrix:CSV",
            traits={"endings": (".csv", ".tsv")},
        ),
        Entry("picture", "PNG, JPEG, BMP and other pictures", "tools.thermal.readers.picture:PICTURE"),
    ),
)
BACKENDS = Seam(
    "backend",
    "who thinks behind the agents: `make(settings, parts) -> Backend` (agents/backends/parts.py)",
    (
        Entry(
            "template",
            "no model at all: lexicon, boxes and wordings; not an LLM",
            "agents.backends.template.backend:make_template",
            traits={"is_embedded": True, "judges_by_checks": True},
        ),
        Entry(
            "recorded",
            "replies written once and played from a file; a demonstration, no measurement",
            "agents.backends.recorded.backend:make_recorded",
            settings="agents.backends.recorded.backend:RecordedSettings",
            traits={"is_embedded": True, "has_own_replies": True, "kind": "recorded"},
        ),
        Entry(
            "llm",
            "any OpenAI-compatible endpoint",
            "agents.backends.llm:make_llm",
            settings="agents.backends.settings:LlmSettings",
            weights="an endpoint and its key",
            traits={
                "forecaster": "agents.running.cost.forecast:make_forecaster",
                "has_own_replies": True,
                "gathers": True,
                "blind": {"judge": "text-only"},
                "trials": "agents.commands.prompts.trials:list_trials",
            },
        ),
    ),
)
"""Traits: `is_embedded`, no model behind it; `kind`, `recorded` where replies were written once; `judges_by_checks`,
its judge is the checks that the ablation counts with; `has_own_replies`, it keeps its replies itself, and so they
are metered again on a replay; `gathers`, where questions travel in waves it says what it wants (`want` in
agents/backends/asked/wants.py); `blind`, the settings that take its judge's sight; `forecaster`, makes what says what
an image may cost (`make_forecaster` in agents/running/cost/forecast.py); `trials`, makes what `tools doctor` asks
it (`list_trials` in agents/commands/prompts/trials.py).
Its settings may have  `list_models()`, `needs_images`, and of the run's flags any that `agents run` fills."""
EXECUTORS = Seam(
    "executor",
    "where images are worked on: `make(settings, resources, spec) -> Executor` (agents/running/schedule.py)",
    (
        Entry(
            "local",
            "conversations in one event loop, image work in spawned processes",
            "agents.running.executors:make_local",
        ),
        Entry(
            "ray",
            "actors on the machines of a Ray cluster",
            "agents.running.machines.executor:make_ray",
            settings="tools.cluster.settings:ClusterSettings",
            extra="ray",
        ),
    ),
    decides_output=False,
)
TRANSPORTS = Seam(
    "transport",
    "how questions reach a model: `make(settings, parts) -> Carrier | None` (agents/running/waves/carrier.py), None "
    "where each is asked at once. Trait: `waves`, conversations wait for their replies together",
    (
        Entry("chat", "one by one, as conversations come to them", "agents.running.waves.carrier:make_none"),
        Entry(
            "batch",
            "in waves: an OpenAI-compatible Batch API, or files for any engine that takes its form",
            "agents.running.waves.batch:make_batch",
            settings="agents.running.waves.settings:BatchSettings",
            traits={"waves": True},
        ),
    ),
    decides_output=False,
)
TASKS = Seam(
    "task",
    "a task of the benchmark, the paper's six first: a `Task` (itb/tasks/base/task.py)",
    (
        Entry("locate", "is one object left of, right of, above or below another?", "itb.tasks.locate:TASK"),
        Entry(
            "aerial_count",
            "how many objects of a kind are seen from the air?",
            "itb.tasks.aerial_count:TASK",
            settings="itb.tasks.aerial_count:AerialCounting",
        ),
        Entry(
            "pedestrian_count",
            "how many pedestrians are in view?",
            "itb.tasks.pedestrian_count:TASK",
            settings="itb.tasks.pedestrian_count:PedestrianCounting",
        ),
        Entry("recognition", "which of four is the object?", "itb.tasks.recognition:TASK"),
        Entry("scene", "which of four is the scene?", "itb.tasks.scene:TASK"),
        Entry("security", "which of four objects is not there?", "itb.tasks.security:TASK"),
        Entry("temperature", "hottest part, warmer mark, value at a mark", "itb.tasks.temperature:TASK", extra="itb"),
        Entry("damage", "which of four findings does a solar module show?", "itb.tasks.damage:TASK"),
        Entry("modality", "which kind of image, and which polarity?", "itb.tasks.modality:TASK"),
    ),
)
FOREIGN_BENCHMARKS = Seam(
    "foreign benchmark",
    "somebody else's benchmark, read as it was published: a `ForeignBenchmark` (itb/others/kind.py); the trait "
    "`title` is what people read",
    (
        Entry(
            "if-bench",
            "IF-Bench: ten dimensions, four options, two languages",
            "itb.others.kinds.if_bench:BENCHMARK",
            settings="itb.others.kinds.if_bench:IfBenchSettings",
            traits={"title": "IF-Bench"},
        ),
        Entry(
            "thermeval",
            "ThermEval: modality, people, temperatures",
            "itb.others.kinds.thermeval:BENCHMARK",
            settings="itb.others.kinds.thermeval:ThermEvalSettings",
            extra="itb",
            traits={"title": "ThermEval"},
        ),
        Entry(
            "rgb-th-bench",
            "RGB-Th-Bench: yes or no about a photograph, or of it and the sensor's image",
            "itb.others.kinds.rgb_th_bench:BENCHMARK",
            traits={"title": "RGB-Th-Bench"},
        ),
        Entry(
            "infrared-llava",
            "files with the two fields of Infrared-LLaVA's authors",
            "itb.others.kinds.infrared_llava:BENCHMARK",
            traits={"title": "Infrared-LLaVA"},
        ),
        Entry(
            "custom",
            "one's own: questions.jsonl, and boxes of COCO or VOC",
            "itb.others.kinds.custom:BENCHMARK",
            settings="itb.others.kinds.custom:CustomSettings",
            traits={"title": "Custom"},
        ),
        Entry(
            "review",
            "a run's instructions, as people or the debate left them",
            "itb.others.kinds.review:BENCHMARK",
            settings="itb.others.kinds.review:ReviewSettings",
            traits={"title": "Review"},
        ),
        Entry(
            "hit-uav-vqa",
            "HIT-UAV VQA of FusionRS, from its manifest or from HIT-UAV's own boxes",
            "itb.others.kinds.hit_uav_vqa:BENCHMARK",
            traits={"title": "HIT-UAV VQA"},
        ),
        Entry(
            "ir-td",
            "IR-TD of IRGPT: eight files, one a task",
            "itb.others.kinds.ir_td:BENCHMARK",
            traits={"title": "IR-TD"},
        ),
        Entry(
            "vs-tdx",
            "VS-TDX: perception and understanding, by sensor",
            "itb.others.kinds.vs_tdx:BENCHMARK",
            settings="itb.others.kinds.vs_tdx:VsTdxSettings",
            traits={"title": "VS-TDX"},
        ),
        Entry(
            "wildfire-vqa",
            "WildFireVQA: fires from above, photograph and sensor together",
            "itb.others.kinds.wildfire_vqa:BENCHMARK",
            settings="itb.others.kinds.wildfire_vqa:WildFireVqaSettings",
            traits={"title": "WildFireVQA"},
        ),
    ),
)
REPLY_READERS = Seam(
    "reply reader",
    "reads and judges answers of one form: a `ReplyReader` (itb/answers/reader.py)",
    (
        Entry("yes_no", "yes or no", "itb.answers.yes_no:READER"),
        Entry("number", "a count", "itb.answers.numbers:READER"),
        Entry("option", "one of several options, by letter or text", "itb.answers.options:READER"),
        Entry("measure", "a value with a unit, right within a tolerance", "itb.answers.measures:READER"),
        Entry("several", "all options that are right, together", "itb.answers.forms.several:READER"),
        Entry("word", "one word of a closed list", "itb.answers.forms.words:READER"),
        Entry("order", "the options in the right order", "itb.answers.forms.order:READER"),
        Entry("points", "points of the image, in parts of 1000", "itb.answers.forms.places:POINTS"),
        Entry("boxes", "boxes of the image, in pixels", "itb.answers.forms.places:BOXES"),
        Entry("text", "free text, right when it says a reference", "itb.answers.forms.free:READER"),
    ),
)
EVALUATED_MODELS = Seam(
    "evaluated model",
    "what `itb eval --model` can ask: a `ModelKind` (itb/models/kind.py); the trait `takes` lists the values of --model"
    " that mean it (`file`, `folder`, or a pattern; its own name without), `values` says them to people",
    (
        Entry("chance", "draws an answer; every possible one is equally likely", "itb.models.chance:KIND"),
        Entry("majority", "the answer most often right in the train split", "itb.models.majority:KIND"),
        Entry("blind", "answers from the words of a question alone", "itb.models.blind:KIND"),
        Entry(
            "endpoint",
            "any OpenAI-compatible vision endpoint",
            "itb.models.endpoint:KIND",
            traits={"takes": (r"https?://.+",), "values": "http://.../v1 (servers of one model with commas between)"},
        ),
        Entry(
            "predictions",
            "replies that were made elsewhere",
            "itb.models.stored_replies:KIND",
            traits={"takes": ("file",), "values": "a JSONL file with replies"},
        ),
        Entry(
            "checkpoint",
            "any image-text-to-text checkpoint in the Hugging Face layout",
            "itb.models.checkpoint:KIND",
            extra="train",
            traits={"takes": ("folder", r"[\w.-]+/[\w.-]+"), "values": "a checkpoint folder or hub id (owner/name)"},
        ),
    ),
)
CHECKPOINT_WAYS = Seam(
    "checkpoint way",
    "how `itb eval` runs a checkpoint of transformers: a `Way` (itb/models/hf/ways.py), `shared` where it proves itself"
    " on the first questions, else `plain`; the trait `model_types` lists architectures for which a way is tried in its"
    " place, `brought_by` the plugins that some need",
    (
        Entry(
            "plain",
            "the image with every question, for every architecture",
            "itb.models.hf.plain:PlainWay",
            traits={"model_types": ("paligemma",)},
        ),
        Entry(
            "shared",
            "one pass over each image, shared by its questions, for most architectures",
            "itb.models.hf.shared:SharedWay",
            traits={
                "brought_by": {
                    "infrared_llava": "trainer.model.connectors",
                    "pandagpt": "trainer.model.baselines",
                    "imagebind_llm": "trainer.model.baselines",
                }
            },
        ),
    ),
)
VISION_TOWERS = Seam(
    "vision tower",
    "a folder of weights becomes a frozen tower, by the first that knows it: a `VisionTower` (trainer/model/towers.py)",
    [
        Entry(
            "languagebind", "official folders, LoRA folded in", "trainer.model.languagebind_tower:TOWER", extra="train"
        ),
        Entry("clip", "CLIP's vision model", "trainer.model.towers:CLIP", extra="train"),
        Entry("siglip", "SigLIP's vision model", "trainer.model.towers:SIGLIP", extra="train"),
        Entry("dinov2", "DINOv2", "trainer.model.towers:DINOV2", extra="train"),
    ],
)
ALIGN_LAYERS = Seam(
    "align layer",
    "between tower and language model: an `AlignLayer` (trainer/model/align_layers)",
    [
        Entry("mlp", "LLaVA-1.5", "trainer.model.align_layers.mlp:LAYER", extra="train"),
        Entry("linear", "MiniGPT-4", "trainer.model.align_layers.linear:LAYER", extra="train"),
        Entry(
            "qformer",
            "BLIP-2",
            "trainer.model.align_layers.qformer:LAYER",
            settings="trainer.model.align_layers.settings:QFormerSettings",
            extra="train",
        ),
    ],
)
MODEL_FAMILIES = Seam(
    "model family",
    "how the language models of a family are talked to: a `ModelFamily` (trainer/model/chat_templates.py)",
    [
        Entry("vicuna", "Vicuna v1, as LLaVA-1.5 writes it", "trainer.model.chat_templates:VICUNA"),
        Entry("chatml", "ChatML: Qwen, SmolLM2 and others", "trainer.model.chat_templates:CHATML"),
        Entry("llama3", "Llama 3", "trainer.model.chat_templates:LLAMA3"),
        Entry("plain", "no roles, bare text", "trainer.model.chat_templates:PLAIN"),
        Entry("short", "Vicuna's without a system prompt", "trainer.model.chat_templates:SHORT"),
    ],
)
VISION_FAMILIES = Seam(
    "vision-language family",
    "what the vision-language models of a family do differently in training: a `VisionFamily` "
    "(trainer/data/chats/family.py); the trait `model_types` lists the architectures (all others take the first)",
    [
        Entry(
            "chat",
            "any chat template: Qwen-VL, InternVL, SmolVLM, Gemma 3 and 4, LLaVA, Mistral3, Molmo2, and others",
            "trainer.data.chats.family:CHAT",
            extra="train",
        ),
        Entry(
            "suffix",
            "no template; the processor takes question and answer apart, one turn: PaliGemma",
            "trainer.data.chats.family:SUFFIX",
            extra="train",
            traits={"model_types": ("paligemma",)},
        ),
        Entry(
            "peer",
            "the paper's peers, tokenised as their authors did: PandaGPT, ImageBind-LLM",
            "trainer.data.chats.family:PEER",
            extra="train",
            traits={"model_types": ("pandagpt", "imagebind_llm")},
        ),
    ],
)

SEAMS = {
    seam.key: seam
    for seam in (
        TRANSLATORS,
        SCORERS,
        DATASETS,
        THERMAL_READERS,
        BACKENDS,
        EXECUTORS,
        TRANSPORTS,
        TASKS,
        FOREIGN_BENCHMARKS,
        REPLY_READERS,
        EVALUATED_MODELS,
        CHECKPOINT_WAYS,
        VISION_TOWERS,
        ALIGN_LAYERS,
        MODEL_FAMILIES,
        VISION_FAMILIES,
    )
}


def register(seam: str, entry: Entry) -> None:
    """Put an entry in at a seam; what a plugin calls.

    Args:
        seam: e.g. `translator` or `align layer`.

    Raises:
        UsageError: no such seam, another entry has the name, or what the entry loads calls itself otherwise.
    """
    key = seam.replace(" ", "_")
    if key not in SEAMS:
        raise UsageError(f"there is no seam `{seam}`; there are {', '.join(found.name for found in SEAMS.values())}")
    own = getattr(entry.load, "name", entry.name)
    if not callable(entry.load) and own != entry.name:
        raise UsageError(f"the {SEAMS[key].name} `{entry.name}` calls itself `{own}`; give both the same name")
    SEAMS[key].add(entry)
