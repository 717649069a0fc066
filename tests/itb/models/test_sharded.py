"""A checkpoint's questions on a Ray cluster: the predictions of one process."""

import json
from pathlib import Path

import pytest
from mini_bench import write_bench

from itb.evaluate.evaluate import Progress, run_eval
from itb.evaluate.predictions import manifest_path
from itb.models.settings import EvalSettings
from tools.errors import UsageError

pytest.importorskip("ray", reason="the package ray is not installed")
pytest.importorskip("torch", reason="the package torch is not installed")
clusters = pytest.importorskip("clusters", reason="the package psutil is not installed")
from tiny_vlm import write_tiny_vlm  # noqa: E402 - imports torch

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def inside():
    with clusters.machines(2) as running, clusters.joined(running.address):
        yield running


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return write_bench(tmp_path_factory.mktemp("sharded") / "bench", tasks=("locate", "scene"), images=18, questions=2)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return write_tiny_vlm(tmp_path_factory.mktemp("sharded") / "model")


def settle(model, out, **changes):
    settings = {"model": str(model), "out": out, "prompts": ROOT / "prompts/infrared", "batch": 2, "max_new_tokens": 4}
    return EvalSettings(**{**settings, "context": "both", **changes})


def read_all(out):
    return out.read_bytes(), json.loads(manifest_path(out).read_bytes())


def test_actors_give_the_predictions_of_one_process_and_go_on_where_it_stopped(
    bench, checkpoint, inside, tmp_path, monkeypatch
):
    run_eval(bench, settle(checkpoint, tmp_path / "local.jsonl"))
    places: list[str] = []
    out, heard = tmp_path / "ray.jsonl", 0

    def die(row):
        nonlocal heard
        heard += 1
        if heard == 10:
            assert inside.kill_actor(0)
        if heard == 30:
            raise KeyboardInterrupt

    on_ray = settle(checkpoint, out, executor="ray", actors=2)
    with pytest.raises(KeyboardInterrupt):
        run_eval(bench, on_ray, Progress(hear=die, place=places.append))
    assert out.read_bytes().count(b"\n") == 30
    run_eval(bench, on_ray)
    assert read_all(out) == read_all(tmp_path / "local.jsonl")
    assert "actor" in places[-1]
    run_eval(bench, settle(checkpoint, out))
    assert read_all(out) == read_all(tmp_path / "local.jsonl")


def test_what_computes_nothing_here_is_not_shared(bench, tmp_path):
    with pytest.raises(UsageError, match="--executor ray: --model chance computes nothing here"):
        run_eval(bench, settle("chance", tmp_path / "a.jsonl", executor="ray"))
