"""The paper's three peers at tiny size, through every command: convert, eval, sft, eval; killed and resumed equal."""

import json
import os
import shutil
import signal

import pytest
import torch
from calling import call_here
from mini_bench import write_bench
from safetensors.torch import load_file
from tiny_peers import write_imagebind_llm, write_pandagpt
from tiny_run import fork, wait, write_run

from trainer.stages.exact import ExactMixin

PLUGIN = ("--plugin", "trainer.model.baselines")
STEPS = ("--set", "sft.max_steps=4", "--set", "sft.save_every=2", "--set", "sft.global_batch=4")
PEERS = {
    "pandagpt-7b": ("pandagpt", write_pandagpt, {}),
    "pandagpt-13b": ("pandagpt", write_pandagpt, {"width": 40, "depth": 3}),
    "imagebind-llm-7b": ("imagebind-llm", write_imagebind_llm, {}),
}
TRAINED = {"pandagpt": ("multi_modal_projector.", "lora_"), "imagebind-llm": ("lora_", ".bias", "norm.weight")}


def call(module, *arguments):
    done = call_here(module, *arguments)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A run to learn from, and a benchmark."""
    root = tmp_path_factory.mktemp("peers")
    write_run(root, 6)
    write_bench(root / "bench", tasks=("locate", "pedestrian_count"), images=6)
    return root


@pytest.fixture(scope="module", params=PEERS)
def peer(request, world):
    """One of the three: its kind, its published files, and its folder as converted."""
    kind, write, sizes = PEERS[request.param]
    root = world / request.param
    files = write(root / "files", **sizes)
    flags = [part for name, path in files.items() for part in (f"--{name}", path)]
    call("trainer.convert", "--from", kind, *flags, "--out", root / "model")
    return kind, flags, root


def evaluate(world, model, out, *more):
    said = call("itb", "eval", world / "bench", "--model", model, "--out", out, *PLUGIN, *more).stdout
    assert "way: one pass over each image, shared by its questions" in said
    return [json.loads(line) for line in out.read_text().splitlines()]


def tune(world, model, out, *more):
    words = ("--config", "tiny.yaml", "--data", world / "run", "--model", model, "--out", out)
    return call("trainer.sft", *words, "--set", "sft.train=upstream", *STEPS, *more)


def test_a_peer_is_converted_evaluated_tuned_and_evaluated(world, peer):
    kind, _, root = peer
    before = evaluate(world, root / "model", root / "before.jsonl")
    scored = evaluate(world, root / "model", root / "scored.jsonl", "--protocol", "likelihood")
    assert len(before) == len(scored) == 4 and all(row["scores"] for row in scored)
    shown = tune(world, root / "model", root / "sft").stderr
    assert "freeze table, sft, upstream, full" in shown
    after = evaluate(world, root / "sft/model", root / "after.jsonl", "--protocol", "likelihood")
    assert [row["scores"] for row in after] != [row["scores"] for row in scored]
    old, new = (load_file(folder / "model.safetensors") for folder in (root / "model", root / "sft/model"))
    assert old.keys() == new.keys()
    moved = {name for name in old if not torch.equal(old[name].float(), new[name].float())}
    listed = set(json.loads((root / "sft/freeze.json").read_text())["trained"])
    assert listed == {
        name for name in old if any(mark in name for mark in TRAINED[kind]) and "vision_tower." not in name
    } - ({name for name in old if "multi_modal_projector." in name} if kind == "imagebind-llm" else set())
    assert moved == listed
    words = ("--image", world / "run/images/01/1.png", "--question", "What is there?", "--max-new-tokens", 4)
    call("trainer.chat", "--model", root / "sft/model", *words)


def die_at_step(step):
    original = ExactMixin.compute_loss

    def compute_loss(self, *arguments, **more):
        loss = original(self, *arguments, **more)
        if self.state.global_step + 1 == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return loss

    ExactMixin.compute_loss = compute_loss


def test_killed_and_started_again_it_is_the_same_model(world, peer):
    _, _, root = peer
    if not (root / "sft").is_dir():
        tune(world, root / "model", root / "sft")

    def work():
        die_at_step(3)
        tune(world, root / "model", root / "again")

    assert wait(fork(work)) == -signal.SIGKILL
    assert "going on from" in tune(world, root / "model", root / "again").stderr
    old, new = (load_file(root / name / "model/model.safetensors") for name in ("sft", "again"))
    assert all(torch.equal(old[name], new[name]) for name in old)


def test_stored_embeddings_of_the_trunk_train_the_same_model(world, peer):
    _, _, root = peer
    if not (root / "sft").is_dir():
        tune(world, root / "model", root / "sft")
    cache = world / "features"
    tune(world, root / "model", root / "stored", "--set", f"sft.feature_cache={cache}")
    old, new = (load_file(root / name / "model/model.safetensors") for name in ("sft", "stored"))
    assert old.keys() == new.keys() and all(torch.allclose(old[name], new[name], atol=1e-5) for name in old)
    assert len(list(cache.rglob("[0-9a-f]*.safetensors"))) % 6 == 0
    words = ("--config", "tiny.yaml", "--data", world / "run", "--model", root / "model", "--out", root / "no")
    refused = call_here("trainer.sft", *words, "--set", "sft.train=all", "--set", f"sft.feature_cache={cache}")
    assert refused.returncode == 2 and "keeps what a frozen trunk gives" in refused.stderr


def test_a_folder_loads_saves_and_loads_again_bit_by_bit(peer, tmp_path):
    from transformers import AutoModelForImageTextToText, AutoProcessor

    _, _, root = peer
    load = AutoModelForImageTextToText.from_pretrained
    first = load(root / "model", dtype=torch.float32)
    first.save_pretrained(tmp_path)
    second, report = load(tmp_path, dtype=torch.float32, output_loading_info=True)
    assert not report["missing_keys"] and not report["unexpected_keys"]
    assert first.state_dict().keys() == second.state_dict().keys()
    assert all(torch.equal(value, second.state_dict()[name]) for name, value in first.state_dict().items())
    processor = AutoProcessor.from_pretrained(root / "model")
    processor.save_pretrained(tmp_path)
    assert (
        AutoProcessor.from_pretrained(tmp_path).tokenizer("Where?").input_ids == processor.tokenizer("Where?").input_ids
    )


def test_a_batch_padded_on_the_left_answers_as_one_by_one(peer):
    from PIL import Image
    from transformers import AutoModelForImageTextToText, AutoProcessor

    _, _, root = peer
    model = AutoModelForImageTextToText.from_pretrained(root / "model", dtype=torch.float32).eval()
    processor = AutoProcessor.from_pretrained(root / "model")
    processor.tokenizer.padding_side = "left"
    pictures = [Image.linear_gradient("L").rotate(angle) for angle in (0, 90)]
    texts = [
        processor.apply_chat_template([{"role": "user", "content": question}], add_generation_prompt=True)
        for question in ("Where?", "How many people are in this image, and where do they stand?")
    ]

    def generate(*places, **more):
        inputs = processor(
            images=[pictures[k] for k in places], text=[texts[k] for k in places], return_tensors="pt", padding=True
        )
        made = model.generate(**inputs, do_sample=False, min_new_tokens=6, max_new_tokens=6, **more)
        return made[:, inputs["input_ids"].shape[1] :].tolist()

    alone = [generate(0)[0], generate(1)[0]]
    assert generate(0, 1) == alone
    assert alone[0] != alone[1]
    assert generate(0, 1, num_beams=2) == [generate(0, num_beams=2)[0], generate(1, num_beams=2)[0]]


def test_what_is_learned_is_the_answers_and_shown(world, peer):
    kind, _, root = peer
    words = ("--config", "tiny.yaml", "--data", world / "run", "--model", root / "model", "--count", 12)
    shown = call("trainer.preview", *words).stdout
    assert shown.count("There is one person.") == 6
    assert shown.count("The car is on the left.") == 4  # later turns are learned too
    first = call("trainer.preview", *words, "--set", "data.upstream=true").stdout
    assert first.count("There is one person.") == 6 and "The car is on the left." not in first
    rows = [line for line in shown.splitlines() if "conversation" in line]
    assert len(rows) == (12 if kind == "imagebind-llm" else 6)  # it knows no history: a sample for each answer


@pytest.mark.parametrize("peer", ["imagebind-llm-7b"], indirect=True)
def test_alignment_trains_what_stands_between_and_nothing_else(world, peer):
    _, _, root = peer
    words = ("--config", "tiny.yaml", "--data", world / "run", "--model", root / "model", "--out", root / "aligned")
    call("trainer.align", *words, "--set", "align.max_steps=2")
    old, new = (load_file(folder / "model.safetensors") for folder in (root / "model", root / "aligned/model"))
    moved = {name for name in old if not torch.equal(old[name].float(), new[name].float())}
    assert moved == {name for name in old if "multi_modal_projector." in name}


@pytest.mark.parametrize("peer", ["imagebind-llm-7b"], indirect=True)
def test_the_cache_can_be_switched_off_by_its_field_alone(peer, tmp_path):
    from PIL import Image
    from transformers import AutoModelForImageTextToText, AutoProcessor

    _, _, root = peer
    folder = shutil.copytree(root / "model", tmp_path / "off")
    fields = json.loads((folder / "config.json").read_text())
    assert fields["cache"] == "on"
    (folder / "config.json").write_text(json.dumps({**fields, "cache": "off"}))
    processor = AutoProcessor.from_pretrained(folder)
    inputs = processor(images=[Image.linear_gradient("L")], text=["<image>Where?"], return_tensors="pt")
    with_cache, without = (
        AutoModelForImageTextToText.from_pretrained(name, dtype=torch.float32).eval()
        for name in (root / "model", folder)
    )
    assert not torch.equal(with_cache(**inputs).logits, without(**inputs).logits)
    with_cache.config.cache = "off"
    assert torch.equal(with_cache(**inputs).logits, without(**inputs).logits)
    half = AutoModelForImageTextToText.from_pretrained(root / "model", dtype=torch.bfloat16)
    assert half.model.retrieval.keys.dtype == torch.float32  # neighbours are looked for as FAISS does
    assert half(**inputs.to(torch.bfloat16)).logits.dtype == torch.bfloat16


def test_adapters_of_another_kind_are_refused(world, peer, tmp_path):
    _, _, root = peer
    words = ("--config", "tiny.yaml", "--data", world / "run", "--model", root / "model", "--out", tmp_path / "sft")
    ended = call_here("trainer.sft", *words, "--set", "sft.method=lora")
    assert ended.returncode == 2 and "use method: full with train: upstream" in ended.stderr


def test_a_count_is_scored_as_the_peer_would_write_it(world, peer):
    """ImageBind-LLM's answers follow the colon without a space; PandaGPT's end with a line break and its mark."""
    from itb.benchmark.ask import Asker, VariantSettings
    from itb.benchmark.bench import load_bench
    from itb.models.hf.chat import Chat
    from itb.models.hf.checkpoint import load_checkpoint
    from tools.prompts import DEFAULT_PACK

    kind, _, root = peer
    checkpoint = load_checkpoint(str(root / "model"), "cpu", "fp32")
    bench, chat = load_bench(world / "bench"), Chat(checkpoint)
    asked = Asker(DEFAULT_PACK, VariantSettings()).ask_all(bench, bench.choose("test"))
    question = next(one for one in asked if one.item.task == "pedestrian_count")
    prompt = chat.render(question)
    if kind == "pandagpt":  # where one answer is the beginning of another, each is ended so
        assert checkpoint.tokenizer.decode(checkpoint.answer_ending) == "\n#"
        assert checkpoint.answer_ending[-1] in checkpoint.end_tokens
    encode = checkpoint.tokenizer
    for answer, tokens in chat.list_surfaces(question, prompt):
        if kind == "pandagpt":
            assert encode.decode(tokens) == f" {answer}"
        else:
            before = encode(prompt[-64:], add_special_tokens=False).input_ids
            assert encode(prompt[-64:] + answer, add_special_tokens=False).input_ids == [*before, *tokens]
