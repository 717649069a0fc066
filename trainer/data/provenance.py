"""`provenance.json` in a model folder: the data, rules, prompts, recipe and versions that the model came from.

Folders are named without their path, so that nothing of a machine gets into a model.
"""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tools.files import own_folder, write_text
from tools.files.json_text import find_object
from tools.manifest import hash_bytes, list_versions
from tools.prompts.frozen import KEY
from trainer.data.prepare import Prepared
from trainer.folders import PART
from trainer.recipe import Recipe

FILE = "provenance.json"
REPORTED = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "tokenizers", "pillow", "numpy")
FROM_MANIFEST = ("format", "backend", "translator", "scorer", "prompts", "dataset", "versions", "seed", "counts")
Facts = dict[str, Any]


def describe_stage(
    stage: str, recipe: Recipe, data: Path, prepared: Prepared, steps: int, effort: Facts | None = None
) -> Facts:
    """The facts of one stage of training.

    Args:
        effort: what it took, as `trainer.stages.callbacks.effort` says.
    """
    rejects = Counter(reject.code for reject in prepared.rejects)
    return {
        "stage": stage,
        "recipe": strip_paths(recipe.model_dump(mode="json"), recipe),
        "steps": steps,
        **({} if effort is None else {"effort": effort}),
        "data": {
            "name": data.name,
            "samples": prepared.count,
            "fingerprint": prepared.fingerprint,
            "rejected": dict(sorted(rejects.items())),
            **({"mixed": asdict(prepared.mixed)} if prepared.mixed else {}),
            **describe_run(data if data.is_dir() else data.parent),
        },
        KEY: prepared.modality.model_dump(mode="json"),
        "versions": list_versions(REPORTED),
    }


def strip_paths(dump: Facts, recipe: Recipe) -> Facts:
    """The recipe with every folder reduced to its name."""

    def strip(value: Any, source: Any) -> Any:
        if isinstance(source, Path):
            return source.name
        if isinstance(value, dict):
            return {name: strip(item, getattr(source, name, None)) for name, item in value.items()}
        return value

    return dict(strip(dump, recipe))


def describe_run(run: Path) -> Facts:
    """What the manifest of a RUN folder says about its makers, and its rules; nothing for other layouts."""
    manifest = find_object(run / "manifest.json")
    if not manifest:
        return {}
    facts = {"run": {name: manifest[name] for name in FROM_MANIFEST if name in manifest}}
    rules = run / "rules.jsonl"
    if rules.is_file():
        data = rules.read_bytes()
        facts["rules"] = {"count": data.count(b"\n"), "hash": hash_bytes(data)}
    return facts


def read_provenance(folder: Path) -> list[Facts]:
    """The stages that a model folder went through, oldest first; empty for a model from elsewhere."""
    found = find_object(folder / FILE).get("stages")
    return list(found) if isinstance(found, list) else []


def write_provenance(folder: Path, stages: list[Facts]) -> Path:
    """Write the stages a model went through.

    Raises:
        ToolkitError: the folder cannot be written.
    """
    path = folder / FILE
    with own_folder(folder, PART) as owned:
        owned.add(FILE)
        write_text(path, json.dumps({"stages": stages}, ensure_ascii=False, indent=1) + "\n")
    return path
