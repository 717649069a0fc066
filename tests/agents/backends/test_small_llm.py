"""A real small model that loops, breaks the format and lies: nothing falls over (optional, see tests/local_llm.py)."""

import json
import subprocess
import sys

import pytest
from killing import ROOT
from local_llm import find_missing
from mini_coco import write_coco

from agents.config import RunConfig
from agents.running.run import run_synthesis

pytestmark = pytest.mark.skipif(bool(find_missing()), reason=f"not installed: {', '.join(find_missing())}")


def test_a_real_small_model_ends_in_rows_or_rejects_with_reasons(tmp_path):
    write_coco(tmp_path / "coco", 1)
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/local_llm.py")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        config = RunConfig(
            captions=tmp_path / "coco/captions.json", instances=tmp_path / "coco/instances.json",
            images=tmp_path / "coco/photos", out=tmp_path / "run", backend="llm", model="smollm2",
            base_url=server.stdout.readline().strip(), instructions="all", mix="0:1:0", translator="none", workers=0,
            block=1, lag=1, max_rounds=1,
        )  # fmt: skip
        manifest = run_synthesis(config)
    finally:
        server.kill()
        server.wait()
    assert manifest["counts"]["images"] == 1
    assert manifest["backend"]["is_embedded"] is False
    rejected = [json.loads(line) for line in (tmp_path / "run/rejected.jsonl").read_text().splitlines()]
    assert all(row["code"] and row["reason"] for row in rejected)
    assert manifest["counts"]["pairs"] + len(rejected) >= 3
