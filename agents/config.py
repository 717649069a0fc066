"""The settings of a synthesis run: one description of each serves code, `--help` and the saved configuration."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from tools.errors import UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PACK_ALIASES, PACK_HELP, PACK_NAMES
from tools.prompts.pack import load_pack
from tools.records import KINDS, InstructionKind
from tools.registry import BACKENDS, TRANSLATORS, Choice, Fills, OneOf, TakesChanges, check_choices, collect_choice
from tools.seeds import hash_to_unit

PAPER_SHARE = 0.1
OPENAI_URL = "https://api.openai.com/v1"
Role = Literal["caption", "task", "judge", "rules"]
Arm = Literal["full", "no-debate", "no-mining", "blind-judge", "best-of-n"]


def _field(panel: str, default: Any, description: str, *, is_yaml_only: bool = False, **more: Any) -> Any:
    extra: dict[str, Any] = {"panel": panel, "is_yaml_only": is_yaml_only}
    return Field(default, description=description, json_schema_extra=extra, **more)


def _flag(panel: str, *, is_yaml_only: bool = False) -> Any:
    """A flag of its own for a setting of what is chosen, which has description, default and limits; see `Fills`."""
    return Field(None, json_schema_extra={"panel": panel, "is_yaml_only": is_yaml_only})


class Shard(NamedTuple):
    """Part `number` (from 1) of `of` parts: the images whose index leaves `number - 1` when divided by `of`."""

    number: int
    of: int


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

    captions: Path = _field("Input", ..., "COCO captions_*.json.")
    instances: Path = _field("Input", ..., "COCO instances_*.json of the same images.")
    images: Path = _field("Input", ..., "Folder of the photographs.")
    out: Path = _field("Input", Path("runs/synthesis"), "Run folder; run again on the same folder to go on.")
    limit: int | None = _field("Input", None, "Only the first N images by id; can grow later.", ge=1)
    shard: str | None = _field("Input", None, "I/N: every N-th image, for many machines; needs --freeze.")

    backend: Annotated[str, OneOf("backend")] = _field("Agents", "template", "Who thinks.")
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
        "Agents",
        "10%",
        "Images that get instructions: a number N, a share P% or `all`. The paper's 12k of 118k is 10%.",
    )
    mix: str = _field(
        "Agents",
        "58:23:77",
        "Weights conversation:description:reasoning, or `each` for all three kinds of every chosen image. "
        "Not in the paper: LLaVA-Instruct's proportions.",
    )
    seed: int = _field("Agents", 0, "Seed of every random choice.")

    model: Annotated[str | None, Fills("backend.model")] = _flag("Endpoint")
    base_url: Annotated[str | None, Fills("backend.base_url")] = _flag("Endpoint")
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
        "Tools",
        None,
        "From photographs to the modality; default: the pack's. `prior` is embedded and needs no weights.",
    )
    translator_weights: Annotated[Path | None, Fills("translator.weights")] = _flag("Tools")
    translator_folder: Annotated[Path | None, Fills("translator.folder")] = _flag("Tools")
    scorer: Annotated[str, OneOf("scorer")] = _field(
        "Tools",
        None,
        "Image-text similarity; default: the pack's. `lexical` is embedded and blind to the image.",
    )
    scorer_weights: Annotated[str | None, Fills("scorer.weights")] = _flag("Tools")
    scorer_antialias: Annotated[bool | None, Fills("scorer.antialias")] = _flag("Tools")
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
        defaults = load_pack(Path(pack)).defaults
        return data | {name: getattr(defaults, name) for name in ("translator", "scorer") if data.get(name) is None}

    @field_validator("shard")
    @classmethod
    def _check_shard(cls, value: str | None) -> str | None:
        if value is not None:
            parse_shard(value)
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
        needs = getattr(self.choose("backend").read(), "needs_images", None)
        if needs and not self.makes_images:
            raise ValueError(f"{needs} needs images to show; choose a --translator")
        return self

    @model_validator(mode="after")
    def _check_together(self) -> "RunConfig":
        if self.freeze and self.rules is None:
            raise ValueError("--freeze needs --rules FILE, the book to keep")
        if self.shard and not self.freeze:
            raise ValueError("--shard needs --rules FILE --freeze: rules mined on one machine cannot reach the others")
        return self

    def choose(self, seam: str) -> Choice:
        """What was chosen at a seam (`backend`, `translator`, `scorer`, `executor`), with its settings."""
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
    def makes_images(self) -> bool:
        """Whether there are images of the modality."""
        return bool(TRANSLATORS.get_trait(self.translator, "kind") != "absent")


def place_key(config: RunConfig) -> None:
    """Put a key given by flag or file where the client looks for it: the environment of this process."""
    variable = getattr(config.choose("backend").read(), "key_variable", None)
    if config.api_key is not None and variable is not None:
        os.environ[variable] = config.api_key.get_secret_value()


def parse_shard(value: str) -> Shard:
    """`2/4` -> part 2 of 4."""
    match = re.fullmatch(r"(\d+)/(\d+)", value)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise ValueError(f"`{value}` is no part I/N with 1 <= I <= N, e.g. 2/4")
    return Shard(int(match[1]), int(match[2]))


def parse_share(value: str, total: int) -> float:
    """Share of images that get instructions: `all`, `10%`, or a number out of `total`."""
    if value == "all":
        return 1.0
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", value)
    if not match:
        raise ValueError(f"`{value}` is neither a number, a share such as 10%, nor `all`")
    share = float(match[1]) / (100.0 if match[2] else max(total, 1))
    if match[2] and share > 1:
        raise ValueError(f"`{value}` is more than all of the images")
    return min(share, 1.0)


def parse_mix(value: str) -> tuple[float, float, float] | None:
    """Weights in the order of `KINDS`; None for `each`."""
    if value == "each":
        return None
    parts = value.split(":")
    if len(parts) != len(KINDS) or not all(re.fullmatch(r"\d+(\.\d+)?", part) for part in parts):
        raise ValueError(
            f"`{value}` is neither `each` nor three weights conversation:description:reasoning, e.g. 58:23:77"
        )
    weights = tuple(float(part) for part in parts)
    if sum(weights) <= 0:
        raise ValueError(f"`{value}`: at least one weight must be above 0")
    return weights[0], weights[1], weights[2]


def choose_kinds(
    seed: int, image_id: str, share: float, mix: tuple[float, float, float] | None
) -> tuple[InstructionKind, ...]:
    """The instructions one image gets, by a hash of seed and id: nothing else changes it, not even `--limit`."""
    if hash_to_unit(seed, "instructions", image_id) >= share:
        return ()
    if mix is None:
        return KINDS
    point = hash_to_unit(seed, "kind", image_id) * sum(mix)
    for kind, weight in zip(KINDS, mix, strict=True):
        if point < weight:
            return (kind,)
        point -= weight
    return (KINDS[-1],)
