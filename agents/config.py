"""The settings of a synthesis run: one description of each serves code, `--help` and the saved configuration."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from agents.notation import SENSOR_DATASETS, parse_dataset, parse_hold_out, parse_mix, parse_shard, parse_share
from agents.paper import list_paper_values
from tools.endpoint.prices import Way
from tools.errors import UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PACK_ALIASES, PACK_HELP, PACK_NAMES
from tools.prompts.pack import load_pack
from tools.records import KINDS, SENSOR_KINDS, InstructionKind
from tools.registry import (
    BACKENDS,
    DATASETS,
    TRANSLATORS,
    TRANSPORTS,
    Choice,
    Fills,
    OneOf,
    TakesChanges,
    check_choices,
    collect_choice,
)

PAPER_MIX = "58:23:77"
SENSOR_MIX = "40:20:20:20"
LATER: dict[str, Any] = {"evidence": "auto", "debate": "instructions", "breaches_may_win": True}
"""Settings that came later, with what a run from before them is as if it had; said only where they differ from it."""
WEIGHTS_ALIASES = AliasChoices("translator_weights", "weights")
SENSOR = "sensor"
"""The translator of images that need no translation."""
OPENAI_URL = "https://api.openai.com/v1"
Role = Literal["caption", "task", "judge", "rules"]
Grouping = Literal["folder", "time", "sequence"]
DebateScope = Literal["captions,instructions", "instructions"]
Arm = Literal["full", "no-debate", "no-mining", "blind-judge", "best-of-n"]


def _field(panel: str, default: Any, description: str, *, is_yaml_only: bool = False, **more: Any) -> Any:
    extra: dict[str, Any] = {"panel": panel, "is_yaml_only": is_yaml_only}
    return Field(default, description=description, json_schema_extra=extra, **more)


def _flag(panel: str, *, is_yaml_only: bool = False, **more: Any) -> Any:
    """A flag of its own for a setting of what is chosen, which has description, default and limits; see `Fills`."""
    return Field(None, json_schema_extra={"panel": panel, "is_yaml_only": is_yaml_only}, **more)


class RoleSettings(BaseModel):
    """One role's own model and sampling; what is left out is the run's model and the prompt file's sampling.

    Attributes:
        options: anything else the endpoint takes, e.g. `{top_p: 0.9}`; `{max_tokens: null, max_completion_tokens: 900}`
            takes out an option that the endpoint does not know.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1)
    options: dict[str, Any] = {}


class RunConfig(BaseModel):
    """Everything a run can be told. Values that the paper does not give are marked so, with the reason."""

    model_config = ConfigDict(extra="forbid")

    captions: Path | None = _field(
        "Options",
        None,
        "Captions: COCO captions_*.json, a CSV, a JSONL such as metadata.jsonl, or Flickr30k's file; without it images "
        "are captioned from boxes and evidence.",
    )
    instances: Path | None = _field(
        "Options", None, "Boxes: COCO instances_*.json of the same images, or a folder of VOC XML or YOLO text."
    )
    images: Path | None = _field(
        "Options", None, "Folder of the photographs; with --sensor-images those that are registered to them, by name."
    )
    sensor_images: Path | None = _field(
        "Options", None, "Folder of images of the modality itself, in place of photographs; nothing else is needed."
    )
    accept_colours: bool = _field(
        "Input",
        False,
        "Take --sensor-images of which many look like colour photographs: their palette is one not known here.",
    )
    dataset: str | None = _field(
        "Options",
        None,
        "NAME=DIR: images of the modality with their boxes, in the layout of a dataset; NAME is one of "
        f"{', '.join(SENSOR_DATASETS)}.",
    )
    split: str | None = _field(
        "Input", None, "Only this part of --dataset, as it publishes its splits, e.g. `train`; default: all of them."
    )
    out: Path = _field("Options", Path("runs/synthesis"), "Run folder; run again on the same folder to go on.")
    limit: int | None = _field("Options", None, "Only the first N images by id; can grow later.", ge=1)
    shard: str | None = _field("Input", None, "I/N: every N-th image, for many machines; needs --freeze.")

    hold_out: str | None = _field(
        "Input",
        None,
        "Share P% of the images to set aside for tests, in whole groups (--sensor-images and --dataset only): they are "
        "named in held_out.jsonl and never worked on.",
    )
    group_by: Grouping | None = _field(
        "Input",
        None,
        "Groups of --hold-out: `sequence`, as the dataset has them (the default; folders in a folder of one's own), "
        "`folder`, or `time`, the day that EXIF states.",
    )

    backend: Annotated[str, OneOf("backend")] = _field("Options", "template", "Who thinks.")
    paper: bool = _field(
        "Agents",
        False,
        "Set what the paper states as the paper has it; a setting given beside it stands. The manifest has the table.",
    )
    pack: Path = _field("Agents", DEFAULT_PACK, PACK_HELP, validation_alias=PACK_ALIASES)
    candidates: int = _field("Agents", 5, "Filtered captions a caption (paper 3.1).", ge=1, le=20)
    max_rounds: int = _field(
        "Agents", 3, "Attempts before 'generation failed'. Not in the paper: three keeps cost bounded.", ge=1, le=20
    )
    arm: Arm = _field(
        "Agents",
        "full",
        "Leave a part out, to see what it does (see `ablate`): full, no-debate, no-mining, blind-judge or best-of-n.",
    )
    best_of: int = _field("Agents", 3, "For the arm `best-of-n`: attempts of the task agent.", ge=1, le=20)
    instructions: str = _field(
        "Options",
        "10%",
        "Images that get instructions: a number N, a share P% or `all`. The paper's 12k of 118k is 10%.",
    )
    mix: str = _field(
        "Agents",
        PAPER_MIX,
        "Weights conversation:description:reasoning, or `each` for all kinds of every chosen image; of images of the "
        f"modality itself a fourth weight, `sensor` (there the default is {SENSOR_MIX}). Not in the paper: "
        "LLaVA-Instruct's proportions.",
    )
    debate: DebateScope = _field(
        "Agents",
        "captions,instructions",
        "What the debate agent judges; with `instructions` alone, as in the paper, captions stay as they were chosen.",
    )
    breaches_may_win: bool = _field(
        "Agents",
        False,
        "Let a caption that breaks a rule in force win by its score, as in the paper; else it is edited or refused.",
    )
    evidence: Literal["auto", "on", "off"] = _field(
        "Agents",
        "auto",
        "Measure in the pixels what an image shows: `auto` in images of the modality itself, `on` in translated ones "
        "too, where it repeats what the translator drew.",
    )
    seed: int = _field("Agents", 0, "Seed of every random choice.")

    model: Annotated[str | None, Fills("backend.model")] = _flag("Options")
    base_url: Annotated[str | None, Fills("backend.base_url")] = _flag("Options")
    key_variable: Annotated[str | None, Fills("backend.key_variable")] = _flag("Endpoint")
    api_key: SecretStr | None = _field(
        "Endpoint",
        None,
        "The key itself, in place of the environment's: other users see it in the list of processes, and the shell "
        "keeps it. It is never written down.",
        exclude=True,
        repr=False,
    )
    roles: Annotated[dict[str, Any] | None, Fills("backend.roles")] = _flag("Endpoint", is_yaml_only=True)
    judge: Annotated[str | None, Fills("backend.judge")] = _flag("Endpoint")
    vision: Annotated[bool | None, Fills("backend.vision")] = _flag("Endpoint")
    writer_list: Annotated[str | None, Fills("backend.writer_list")] = _flag("Endpoint")
    notes: Annotated[str | None, Fills("backend.notes")] = _flag("Endpoint")
    recall: Annotated[str | None, Fills("backend.recall")] = _flag("Endpoint")
    directives: Annotated[str | None, Fills("backend.directives")] = _flag("Endpoint")
    examples: Annotated[str | None, Fills("backend.examples")] = _flag("Endpoint")
    content_attempts: Annotated[int | None, Fills("backend.content_attempts")] = _flag("Endpoint")
    requests_per_minute: Annotated[float | None, Fills("backend.requests_per_minute")] = _flag("Endpoint")
    tokens_per_minute: Annotated[float | None, Fills("backend.tokens_per_minute")] = _flag("Endpoint")
    timeout: Annotated[float | None, Fills("backend.timeout")] = _flag("Endpoint")
    attempts: Annotated[int | None, Fills("backend.attempts")] = _flag("Endpoint")
    budget: float | None = _field(
        "Endpoint",
        None,
        "US dollars this run's replies may cost; it stops before, with exit code 4, and goes on later.",
        ge=0,
    )
    prices: Path | None = _field("Endpoint", None, "Price table in place of tools/endpoint/prices.yaml.")
    skip_failed: Annotated[bool | None, Fills("backend.skip_failed")] = _flag("Endpoint")
    skip_clean_captions: Annotated[bool | None, Fills("backend.skip_clean_captions")] = _flag("Endpoint")
    recording: Annotated[Path | None, Fills("backend.recording")] = _flag("Endpoint")

    block: int = _field(
        "Rules", 512, "Images a block; all of a block read the same rules. 1 is the paper's sequential run.", ge=1
    )
    lag: int = _field(
        "Rules", 2, "Block b reads the rules mined up to block b - lag. 1 with --block 1 is the paper's.", ge=1
    )
    rule_cap: int = _field(
        "Rules", 32, "Greatest number of mined rules in force. Not in the paper: bounds the prompt.", ge=0
    )
    rules: Path | None = _field("Rules", None, "rules.jsonl to start from in place of the seed rules.")
    freeze: bool = _field("Rules", False, "With --rules: keep that book fixed; mined rules change nothing.")

    translator: Annotated[str, OneOf("translator")] = _field(
        "Options",
        None,
        "From photographs to the modality; default: the pack's. `prior` is embedded and needs no weights.",
    )
    translator_weights: Annotated[Path | None, Fills("translator.weights")] = _flag(
        "Tools", validation_alias=WEIGHTS_ALIASES
    )
    translator_folder: Annotated[Path | None, Fills("translator.folder")] = _flag("Tools")
    scorer: Annotated[str, OneOf("scorer")] = _field(
        "Tools",
        None,
        "Image-text similarity; default: the pack's. `lexical` is embedded and blind to the image.",
    )
    scorer_weights: Annotated[str | None, Fills("scorer.weights")] = _flag("Tools")
    scorer_antialias: Annotated[bool | None, Fills("scorer.antialias")] = _flag("Tools")
    polarity: Annotated[str | None, Fills("translator.polarity")] = _flag("Tools")
    unit: Annotated[str | None, Fills("translator.unit")] = _flag("Tools")
    span: Annotated[tuple[float, float] | None, Fills("translator.span")] = _flag("Tools")
    style_codes: Annotated[Path | None, Fills("translator.style_codes")] = _flag("Tools")
    style_policy: Annotated[str | None, Fills("translator.style_policy")] = _flag("Tools")
    style_index: Annotated[int | None, Fills("translator.style_index")] = _flag("Tools")
    device: Annotated[str | None, Fills("translator.device", "scorer.device")] = _flag("Tools")
    precision: Annotated[str | None, Fills("translator.precision", "scorer.precision")] = _flag("Tools")
    set: Annotated[dict[str, dict[str, Any]], TakesChanges()] = _field(
        "Tools", {}, "Settings of what was chosen, by seam: `set: {translator: {style_index: 2}}`."
    )

    executor: Annotated[str, OneOf("executor")] = _field(
        "Running", "local", "Where images are worked on; changes nothing in the output."
    )
    transport: Annotated[str, OneOf("transport")] = _field(
        "Running", "chat", "How questions reach the model; changes nothing in the output."
    )
    address: Annotated[str | None, Fills("executor.address")] = _flag("Running")
    actors: Annotated[int | None, Fills("executor.actors")] = _flag("Running")
    carrier: Annotated[str | None, Fills("transport.carrier")] = _flag("Running")
    concurrency: int = _field("Running", 16, "Images under way at once; changes nothing in the output.", ge=1)
    workers: int = _field("Running", os.cpu_count() or 1, "Processes for image work; 0 works in this process.", ge=0)
    deadline: float = _field("Running", 900.0, "Seconds after which one image is given up as rejected.", gt=0)
    replies: bool = _field("Running", True, "Store every reply in replies.sqlite, to replay the conversations from.")

    @model_validator(mode="before")
    @classmethod
    def _take_defaults(cls, data: Any) -> Any:
        """Translator and scorer that nobody named are the pack's."""
        pack = next((data[name] for name in PACK_NAMES if name in data), DEFAULT_PACK)
        if not isinstance(pack, str | Path):
            return data
        defaults = load_pack(Path(pack)).defaults.model_dump()
        if data.get("sensor_images") is not None or data.get("dataset") is not None:
            defaults["translator"] = SENSOR
            data = {"mix": SENSOR_MIX} | _find_polarity(data) | data
        data = data | {name: defaults[name] for name in ("translator", "scorer") if data.get(name) is None}
        return _take_paper(cls, data) if data.get("paper") else data

    @field_validator("shard")
    @classmethod
    def _check_shard(cls, value: str | None) -> str | None:
        if value is not None:
            parse_shard(value)
        return value

    @field_validator("hold_out")
    @classmethod
    def _check_hold_out(cls, value: str | None) -> str | None:
        if value is not None:
            parse_hold_out(value)
        return value

    @field_validator("instructions")
    @classmethod
    def _check_instructions(cls, value: str) -> str:
        parse_share(value, 1)
        return value

    @field_validator("mix")
    @classmethod
    def _check_mix(cls, value: str) -> str:
        parse_mix(value)
        return value

    @model_validator(mode="after")
    def _check_entries(self) -> "RunConfig":
        try:
            check_choices(self)
        except UsageError as error:
            raise ValueError(str(error)) from error
        if self.budget is not None and BACKENDS.get_trait(self.backend, "forecaster") is None:
            raise ValueError(f"--budget needs a backend that can say what a reply may cost; `{self.backend}` cannot")
        self._check_transport()
        needs = getattr(self.choose("backend").read(), "needs_images", None)
        if needs and not self.makes_images:
            raise ValueError(f"{needs} needs images to show; choose a --translator")
        return self

    def _check_transport(self) -> None:
        if not self.asks_in_waves:
            return
        if not BACKENDS.get_trait(self.backend, "gathers"):
            raise ValueError(
                f"--transport {self.transport}: the backend `{self.backend}` asks no model in waves; "
                "add --backend llm --model NAME"
            )
        if not self.replies:
            raise ValueError(f"--transport {self.transport}: replies come later and have to be stored; give --replies")

    @model_validator(mode="after")
    def _check_source(self) -> "RunConfig":
        if self.images is None and not self.is_sensor:
            raise ValueError("nothing to work on: give --images (photographs), --sensor-images or --dataset NAME=DIR")
        if self.sensor_images is not None and self.dataset is not None:
            raise ValueError("--sensor-images and --dataset: give one of them")
        if self.dataset is not None:
            parse_dataset(self.dataset)
        elif self.split is not None:
            raise ValueError(f"--split {self.split}: is of a --dataset NAME=DIR; a folder of images has no splits")
        if self.is_sensor != (self.translator == SENSOR):
            raise ValueError(
                f"--translator {self.translator}: images of the modality itself are not translated, and "
                f"`{SENSOR}` is for them alone"
            )
        if len(parse_mix(self.mix) or ()) == len(SENSOR_KINDS) and not self.is_sensor:
            raise ValueError(f"--mix {self.mix}: the fourth weight is for --sensor-images and --dataset only")
        return self

    @model_validator(mode="after")
    def _check_held(self) -> "RunConfig":
        if self.group_by is not None and self.hold_out is None:
            raise ValueError(f"--group-by {self.group_by} groups what --hold-out sets aside; give --hold-out P% too")
        if self.hold_out is not None and not self.is_sensor:
            raise ValueError(
                "--hold-out is for --sensor-images and --dataset: COCO's photographs have splits of their own"
            )
        return self

    @property
    def grouping(self) -> Grouping:
        """What `--hold-out` takes whole."""
        return self.group_by or "sequence"

    @model_validator(mode="after")
    def _check_together(self) -> "RunConfig":
        if self.freeze and self.rules is None:
            raise ValueError("--freeze needs --rules FILE, the book to keep")
        if self.shard and not self.freeze:
            raise ValueError("--shard needs --rules FILE --freeze: rules mined on one machine cannot reach the others")
        return self

    def choose(self, seam: str) -> Choice:
        """What was chosen at a seam (`backend`, `translator`, `scorer`, `executor`, `transport`), with its settings."""
        return collect_choice(self, seam)

    def replace_entry(self, seam: str, name: str) -> "RunConfig":
        """Another entry at a seam, without the settings that were given for the old one."""
        own = {
            field: None
            for field, info in type(self).model_fields.items()
            for mark in info.metadata
            if isinstance(mark, Fills) and [key for key, _ in mark.settings] == [seam]
        }
        changes = {key: values for key, values in self.set.items() if key != seam}
        return self.model_copy(update={**own, seam: name, "set": changes})

    @property
    def asks_in_waves(self) -> bool:
        """Whether conversations wait for their replies together."""
        return bool(TRANSPORTS.get_trait(self.transport, "waves"))

    @property
    def way(self) -> Way:
        """The way of asking whose prices count."""
        return "batch" if self.asks_in_waves else "chat"

    @property
    def is_sensor(self) -> bool:
        """Whether the run works on images of the modality itself."""
        return self.sensor_images is not None or self.dataset is not None

    @property
    def measures(self) -> bool:
        """Whether evidence is measured in the images."""
        return self.evidence == "on" or (self.evidence == "auto" and self.is_sensor)

    @property
    def debates_captions(self) -> bool:
        """Whether captions are debated before the instructions."""
        return self.debate != "instructions"

    @property
    def kinds(self) -> tuple[InstructionKind, ...]:
        """The kinds of instructions of this run."""
        return SENSOR_KINDS if self.is_sensor else KINDS

    @property
    def source_root(self) -> Path:
        """The folder that the names of the source images are relative to."""
        if self.dataset is not None:
            return parse_dataset(self.dataset).root
        found = self.sensor_images or self.images
        if found is None:
            raise UsageError("nothing to work on: give --images, --sensor-images or --dataset NAME=DIR")
        return found

    @property
    def source_flag(self) -> str:
        """The flag that named `source_root`."""
        return "--dataset" if self.dataset else "--sensor-images" if self.sensor_images else "--images"

    @property
    def photo_root(self) -> Path:
        """The folder that the names of photographs are relative to; without photographs that of the source images."""
        return self.images or self.source_root

    @property
    def makes_images(self) -> bool:
        """Whether there are images of the modality."""
        return bool(TRANSLATORS.get_trait(self.translator, "kind") != "absent")


def _take_paper(model: type[RunConfig], data: dict[str, Any]) -> dict[str, Any]:
    """The paper's values where none is given; those of the backend only where it has the setting."""
    backend = data.get("backend") or model.model_fields["backend"].default
    known = BACKENDS.find_settings(backend).model_fields if backend in BACKENDS.names() else {}
    values = list_paper_values()
    for name in list(values):
        marks = [mark for mark in model.model_fields[name].metadata if isinstance(mark, Fills)]
        if any(mark.find("backend") not in known for mark in marks) or data.get(name) is not None:
            del values[name]
    return data | values


def _find_polarity(data: dict[str, Any]) -> dict[str, str]:
    """What is bright in a dataset, as its documentation says."""
    from tools.datasets.dataset import find_dataset

    name = str(data.get("dataset") or "").partition("=")[0]
    return {"polarity": find_dataset(name).facts.polarity} if name in DATASETS.names() else {}


def place_key(config: RunConfig) -> None:
    """Put a key given by flag or file where the client looks for it: the environment of this process."""
    variable = getattr(config.choose("backend").read(), "key_variable", None)
    if config.api_key is not None and variable is not None:
        os.environ[variable] = config.api_key.get_secret_value()
