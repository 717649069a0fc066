"""The model-backed tools inside a run, with the small random checkpoints of ../shared/parity."""

import json
from pathlib import Path

import pytest
from killing import read_exports
from mini_coco import write_coco

from agents.config import RunConfig
from agents.output.show import explain_rows, find_result
from agents.running.run import run_synthesis
from agents.store.run_store import RunStore
from tools.translation.srgb_tir import load_styles

PARITY = Path(__file__).resolve().parents[3].parent / "shared/parity"
pytest.importorskip("torch", reason="PyTorch (extra `train`) is not installed")
pytestmark = pytest.mark.skipif(not PARITY.is_dir(), reason="../shared/parity is missing")


def configure(root: Path, out: Path, **changes) -> RunConfig:
    settings = {
        "captions": root / "captions.json", "instances": root / "instances.json", "images": root / "photos", "out": out,
        "block": 2, "lag": 1, "instructions": "all", "workers": 0, "device": "cpu", "translator": "srgb-tir",
        "translator_weights": PARITY / "srgb_tir/translation_weights.pt", "scorer": "languagebind",
        "scorer_weights": str(PARITY / "languagebind/LanguageBind_Thermal"),
    }  # fmt: skip
    return RunConfig(**{**settings, **changes})


def test_a_run_with_both_models_names_them_and_resumes_to_the_same_bytes(tmp_path):
    write_coco(tmp_path / "coco", 4, (64, 48))
    run_synthesis(configure(tmp_path / "coco", tmp_path / "one"))
    exports = read_exports(tmp_path / "one")
    manifest = json.loads(exports["manifest.json"])
    assert [manifest[part]["is_embedded"] for part in ("translator", "scorer")] == [False, False]
    assert manifest["translator"]["styles"]["policy"] == "fixed"
    assert len(manifest["translator"]["styles"]["codes"][0]) == 8
    pairs = [json.loads(line) for line in exports["pairs.jsonl"].splitlines()]
    scores = [candidate["score"] for pair in pairs for candidate in pair["candidates"]]
    assert all(-1 <= score <= 1 and round(score, 4) == score for score in scores)
    assert len(set(scores)) > 5
    run_synthesis(configure(tmp_path / "coco", tmp_path / "two", limit=1))
    run_synthesis(configure(tmp_path / "coco", tmp_path / "two", concurrency=1))
    assert read_exports(tmp_path / "two") == exports


def test_another_style_is_another_run(tmp_path):
    write_coco(tmp_path / "coco", 2, (64, 48))
    images = {}
    for policy in ("fixed", "choose", "draw"):
        out = tmp_path / policy
        run_synthesis(configure(tmp_path / "coco", out, style_policy=policy, scorer="none", scorer_weights=None))
        images[policy] = [path.read_bytes() for path in sorted((out / "images").rglob("*.png"))]
    assert images["fixed"] != images["draw"]
    for policy in images:
        with RunStore(tmp_path / policy) as store:
            rows = dict(explain_rows(store, find_result(store, "2"), "2"))
        code = load_styles(policy=policy).code_for("2")
        assert rows["style code"] == ", ".join(f"{value:g}" for value in code)
