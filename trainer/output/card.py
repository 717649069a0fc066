"""The model card: what a model folder's README.md says about where the model comes from."""

import json
from pathlib import Path
from typing import Any

from tools.errors import UsageError
from tools.files import write_text
from tools.files.json_text import read_object
from tools.prompts.frozen import KEY, FrozenPack, read_frozen

FILE = "provenance.json"
NO_CLAIM = "Nothing is known of this model's quality until it was evaluated: `python -m itb eval BENCH --model .`."


def read_stages(folder: Path) -> list[dict[str, Any]]:
    """The stages in a model folder's provenance.json; none for a model from elsewhere."""
    path = folder / FILE
    if not path.is_file():
        return []
    stages = read_object(path, "copy the folder again").get("stages")
    if not isinstance(stages, list) or not all(isinstance(stage, dict) for stage in stages):
        raise UsageError(f"{path}: expected a list of `stages`; copy the folder again")
    return stages


def write_card(model: Any, source: Path, folder: Path, name: str) -> Path:
    """Write README.md: parts of the model, stages of training, data, rules and prompts they came from.

    Args:
        source: folder with the provenance; folder: where the card goes; name: its title.
    """
    stages = read_stages(source)
    tags = ", ".join((*read_modality(stages).cards.model_tags, "llava"))
    lines = [
        "---", "library_name: transformers", "pipeline_tag: image-text-to-text", f"tags: [{tags}]",
        "---", "", f"# {name}", "", _describe_model(model), "", NO_CLAIM, "",
    ]  # fmt: skip
    for stage in stages:
        lines += _describe_stage(stage)
    if not stages:
        lines += ["No provenance.json came with the model: its data are unknown here.", ""]
    path = folder / "README.md"
    write_text(path, "\n".join(lines))
    return path


def read_modality(stages: list[dict[str, Any]]) -> FrozenPack:
    """Of which modality the model speaks: that of its last stage's data; the default pack's where none says it."""
    return read_frozen(stages[-1].get(KEY) if stages else None)


def _describe_model(model: Any) -> str:
    config = model.config
    stand_in = getattr(config.text_config, "stand_in", None) or getattr(config.vision_config, "stand_in", None)
    text = (
        f"A `{config.model_type}` model: tower `{config.vision_config.model_type}` of width "
        f"{config.vision_config.hidden_size}, align layer `{getattr(config, 'align_layer', 'mlp')}`, language model "
        f"`{config.text_config.model_type}` of width {config.text_config.hidden_size}."
    )
    return f"{text}\n\n**Stand-in: {stand_in}.**" if stand_in else text


def _describe_stage(stage: dict[str, Any]) -> list[str]:
    data = stage.get("data", {})
    run = data.get("run", {})
    rows = [
        ("samples", data.get("samples")),
        ("optimizer steps", stage.get("steps")),
        ("GPU hours", (stage.get("effort") or {}).get("gpu_hours")),
        ("energy, kWh", (stage.get("effort") or {}).get("energy_kwh")),
        ("data", data.get("name")),
        ("written by", _name(run.get("backend"))),
        (f"{read_modality([stage]).nouns.images} by", _name(run.get("translator"))),
        ("captions scored by", _name(run.get("scorer"))),
        ("prompts", (run.get("prompts") or {}).get("digest")),
        ("filtering rules", f"{data['rules']['count']} (hash {data['rules']['hash']})" if "rules" in data else None),
    ]
    lines = [f"## {stage.get('stage', 'a stage')}", "", "| what | value |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in rows if value is not None]
    recipe = json.dumps(stage.get("recipe", {}), indent=1, ensure_ascii=False)
    return [*lines, "", "<details><summary>recipe</summary>", "", "```json", recipe, "```", "</details>", ""]


def _name(part: Any) -> str | None:
    if not isinstance(part, dict):
        return None
    stand_in = " (embedded stand-in)" if part.get("is_embedded") else ""
    return f"`{part.get('identity', part.get('name'))}`{stand_in}"
