"""Conversion of the peers: what is wrong or missing is one sentence, and no more than a shard is in memory."""

import json
import pickle
import shutil
import struct

import numpy as np
import pytest
import torch
from calling import call_here
from tiny_peers import OUT, Dice, write_imagebind, write_imagebind_llm, write_llm, write_pandagpt

from tools.errors import UsageError


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Published files of both peers, by flags."""
    root = tmp_path_factory.mktemp("published")
    return {"pandagpt": write_pandagpt(root / "panda"), "imagebind-llm": write_imagebind_llm(root / "bind")}


def convert(files, peer, out, *more, **changes):
    flags = {name: path for name, path in {**files[peer], **changes}.items() if path is not None}
    words = [part for name, path in flags.items() for part in (f"--{name}", path)]
    return call_here("trainer.convert", "--from", peer, *words, *more, "--out", out)


def rewrite(path, target, change, inside=None):
    """The file again with a change made to what it holds."""
    held = torch.load(path, weights_only=True)
    change(held if inside is None else held[inside])
    torch.save(held, target)
    return target


def rename_old(held):
    held["image_bind_norm_1.bias"] = torch.zeros(4)


WRONG = {
    "delta without base": ("pandagpt", {"llm": None}, "not given: --llm, the delta holds only what was trained", 3),
    "no imagebind": ("pandagpt", {"imagebind": None}, "not given: --imagebind, the peers see through ImageBind", 3),
    "no delta": ("imagebind-llm", {"delta": None}, "not given: --delta, that is the peer itself", 3),
    "no cache": ("imagebind-llm", {"cache": None}, "every published demo of ImageBind-LLM has it on", 3),
    "a text for ImageBind": (
        "pandagpt",
        {"imagebind": "note.pth", "delta": "13b.pt"},
        "as what PyTorch saves, so it",
        2,
    ),
    "two that are not there": (
        "pandagpt",
        {"imagebind": "a.pth", "delta": "b.pt"},
        "b.pt: there is nothing of that name; docs/full-size.md#the-papers-peers",
        3,
    ),
    "a cache for the other": ("pandagpt", {"cache": "x.npy"}, "PandaGPT has no retrieval cache; leave it out", 2),
    "13B delta on 7B": ("pandagpt", {"delta": "13b.pt"}, "of a language model 40 wide with 3 layers, but --llm", 2),
    "w3D for huge": ("pandagpt", {"imagebind": "w3D.pth"}, "so it is ImageBind-LLM's imagebind_w3D.pth", 2),
    "the other's delta": ("pandagpt", {"delta": "7B.pth"}, "7B.pth: no delta of PandaGPT: `model` is no tensor", 2),
    "the other's file": (
        "imagebind-llm",
        {"delta": "delta.pt"},
        "no checkpoint of ImageBind-LLM, it has no `prefix_",
        2,
    ),
    "a name too many": ("pandagpt", {"delta": "more.pt"}, "1 not known, e.g. extra.weight", 2),
    "a name too few": ("pandagpt", {"delta": "fewer.pt"}, "1 missing, e.g. model.multi_modal_projector.bias", 2),
    "one of June 2023": ("imagebind-llm", {"delta": "june.pth"}, "of June 2023 (its bind network has biases)", 2),
    "code in a file": ("pandagpt", {"delta": "code.pt"}, "refused, as it holds more than tensors", 2),
    "half a file": ("pandagpt", {"imagebind": "half.pth"}, "truncated, damaged or no PyTorch file", 2),
    "another size": ("pandagpt", {"imagebind": "alone/huge.pth"}, "say the attention heads in dims.json beside it", 2),
    "narrow features": (
        "imagebind-llm",
        {"cache": "narrow.npy"},
        "features of the shape [3, 8], but ImageBind's are 16",
        2,
    ),
    "distances": ("imagebind-llm", {"cache": "l2.index"}, "an index of distances; the cache goes by inner products", 2),
    "half an index": (
        "imagebind-llm",
        {"cache": "half.index"},
        "is cut off: 5 features of 16 numbers were expected",
        2,
    ),
    "another index": ("imagebind-llm", {"cache": "ivf.index"}, "which FAISS has to decode: pip install faiss-cpu", 3),
    "no such cache": ("imagebind-llm", {"cache": "nothing.index"}, "no such file; it is knn.index", 3),
    "a folder of nothing": ("pandagpt", {"llm": "empty"}, "no model folder, config.json is missing", 3),
    "only tokenizer.model": ("pandagpt", {"llm": "bare"}, "pip install sentencepiece==0.2.1 protobuf", 3),
}


@pytest.fixture(scope="module")
def odd(files, tmp_path_factory):
    """A folder of wrong files, by the names of `WRONG`."""
    root, panda, bind = tmp_path_factory.mktemp("odd"), files["pandagpt"], files["imagebind-llm"]
    shutil.copyfile(write_pandagpt(root / "large", width=40, depth=3)["delta"], root / "13b.pt")
    write_imagebind(root / "w3D.pth", Dice(2), has_points=True)
    shutil.copyfile(bind["delta"], root / "7B.pth")
    shutil.copyfile(panda["delta"], root / "delta.pt")
    rewrite(panda["delta"], root / "more.pt", lambda held: held.update({"extra.weight": torch.zeros(1)}))
    rewrite(panda["delta"], root / "fewer.pt", lambda held: held.pop("llama_proj.bias"))
    rewrite(bind["delta"], root / "june.pth", rename_old, "model")
    (root / "code.pt").write_bytes(pickle.dumps({"a": shutil.rmtree}))
    (root / "note.pth").write_text("hello, this is a text\n")
    (root / "half.pth").write_bytes(panda["imagebind"].read_bytes()[:5000])
    (root / "alone").mkdir()
    shutil.copyfile(panda["imagebind"], root / "alone/huge.pth")
    np.save(root / "narrow.npy", np.zeros((3, 8), np.float32))
    head = struct.Struct("<4siqqq?iQ").pack
    (root / "l2.index").write_bytes(head(b"IxFI", OUT, 5, 1 << 20, 1 << 20, True, 1, 5 * OUT))
    (root / "half.index").write_bytes(head(b"IxFI", OUT, 5, 1 << 20, 1 << 20, True, 0, 5 * OUT))
    (root / "ivf.index").write_bytes(b"IwFl" + bytes(64))
    (root / "empty").mkdir()
    shutil.copytree(panda["llm"], root / "bare", ignore=shutil.ignore_patterns("tokenizer.json"))
    (root / "bare/tokenizer.model").write_bytes(b"\n")
    return root


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_one_sentence(files, odd, name, tmp_path, monkeypatch):
    import sys

    peer, changes, said, code = WRONG[name]
    for module in (
        "faiss",
        "sentencepiece",
        "sentencepiece.sentencepiece_model_pb2",
    ):  # as where they are not installed
        monkeypatch.setitem(sys.modules, module, None)
    there = {key: value if value is None else odd / value for key, value in changes.items()}
    ended = convert(files, peer, tmp_path / "out", **there)
    lines = ended.stderr.strip().splitlines()
    assert (ended.returncode, len(lines)) == (code, 1), ended.stderr
    assert said in lines[0]
    assert not (tmp_path / "out/config.json").exists()


def test_all_that_is_not_given_is_named_at_once(tmp_path):
    ended = call_here("trainer.convert", "--from", "imagebind-llm", "--out", tmp_path / "out")
    assert ended.returncode == 3 and len(ended.stderr.strip().splitlines()) == 1
    assert all(name in ended.stderr for name in ("--llm,", "--imagebind,", "--delta,", "--cache,"))


def test_upstream_of_another_model_names_the_peers():
    from types import SimpleNamespace

    from trainer.model.baselines.trained import list_upstream

    with pytest.raises(UsageError, match=r"for the paper's peers .*this is a qwen3_vl; take a recipe for any model"):
        list_upstream(SimpleNamespace(config=SimpleNamespace(model_type="qwen3_vl")))


def test_a_filled_folder_is_left_alone(files, tmp_path):
    assert convert(files, "pandagpt", tmp_path / "out").returncode == 0
    ended = convert(files, "pandagpt", tmp_path / "out")
    assert ended.returncode == 2 and "a conversion overwrites nothing" in ended.stderr


@pytest.mark.parametrize("peer", ["pandagpt", "imagebind-llm"])
def test_shards_are_one_model(files, peer, tmp_path, monkeypatch):
    from transformers import AutoModelForImageTextToText

    convert(files, peer, tmp_path / "whole")
    monkeypatch.setattr("trainer.model.conversion.convert.SHARD_BYTES", 40_000)
    assert "files" in convert(files, peer, tmp_path / "cut").stdout
    index = json.loads((tmp_path / "cut/model.safetensors.index.json").read_text())
    assert len(set(index["weight_map"].values())) > 3
    load = AutoModelForImageTextToText.from_pretrained
    whole, cut = (load(tmp_path / name, dtype=torch.float32).state_dict() for name in ("whole", "cut"))
    assert whole.keys() == cut.keys() and all(torch.equal(whole[name], cut[name]) for name in whole)


def test_a_llama_in_several_files_of_either_kind_is_one_model(files, tmp_path):
    from safetensors.torch import load_file

    plain = convert(files, "pandagpt", tmp_path / "plain")
    held = load_file(files["pandagpt"]["llm"] / "model.safetensors")
    llm = shutil.copytree(files["pandagpt"]["llm"], tmp_path / "llm", ignore=shutil.ignore_patterns("*.safetensors"))
    names = sorted(held)
    for number, part in enumerate((names[:5], names[5:]), 1):
        torch.save({name: held[name] for name in part}, llm / f"pytorch_model-{number:05}-of-00002.bin")
    other = convert(files, "pandagpt", tmp_path / "other", llm=llm)
    assert plain.returncode == other.returncode == 0
    one, two = (load_file(tmp_path / name / "model.safetensors") for name in ("plain", "other"))
    assert one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


def test_a_flat_index_is_its_array(files, tmp_path):
    from safetensors.torch import load_file

    rows = np.load(files["imagebind-llm"]["cache"])
    head = struct.pack("<4siqqq?iQ", b"IxFI", OUT, len(rows), 1 << 20, 1 << 20, True, 0, rows.size)
    (tmp_path / "knn.index").write_bytes(head + rows.astype("<f4").tobytes())
    convert(files, "imagebind-llm", tmp_path / "out", cache=tmp_path / "knn.index")
    kept = load_file(tmp_path / "out/model.safetensors")["model.retrieval.keys"]
    assert np.array_equal(kept.numpy(), rows)
    fields = json.loads((tmp_path / "out/config.json").read_text())
    assert (fields["cache"], fields["cache_count"]) == ("on", len(rows))


def test_a_folded_peer_is_not_tuned_as_upstream(files, tmp_path):
    from tiny_run import write_run

    assert convert(files, "pandagpt", tmp_path / "folded", "--lora", "folded").returncode == 0
    run = write_run(tmp_path, 2)
    words = ("--config", "tiny.yaml", "--data", run, "--model", tmp_path / "folded", "--out", tmp_path / "sft")
    ended = call_here("trainer.sft", *words, "--set", "sft.train=upstream")
    assert ended.returncode == 2 and "convert it with --lora separate" in ended.stderr


def test_eval_says_which_plugin_a_peer_needs(files, tmp_path):
    import subprocess
    import sys

    from mini_bench import write_bench

    convert(files, "pandagpt", tmp_path / "model")
    bench = write_bench(tmp_path / "bench", tasks=("locate",), images=3)
    command = [sys.executable, "-m", "itb", "eval", bench, "--model", tmp_path / "model", "--out", tmp_path / "p.jsonl"]
    ended = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert ended.returncode == 2 and "add --plugin trainer.model.baselines" in ended.stderr


def test_a_folder_of_transformers_with_another_model_is_refused(files, tmp_path):
    llm = write_llm(tmp_path / "llm")
    fields = json.loads((llm / "config.json").read_text())
    (llm / "config.json").write_text(json.dumps({**fields, "model_type": "mistral"}))
    ended = convert(files, "pandagpt", tmp_path / "out", llm=llm)
    assert ended.returncode == 2 and "a model of the type `mistral`; the peers stand on a llama" in ended.stderr
