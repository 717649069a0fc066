"""The peers against tensors of their authors' code, and every mistake that would have moved them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional
from transformers import AutoModelForImageTextToText, AutoProcessor

from tools.conversations import Turn
from trainer.data.reading.dialogue import check_dialogue
from trainer.model.baselines import ImageBind, ImageBindConfig, adapted, bind_network, imagebind_llm
from trainer.model.baselines.dialogues import ALPACA
from trainer.model.baselines.pixels import frame, scale
from trainer.model.baselines.trained import list_upstream
from trainer.model.conversion.convert import Sources, convert
from trainer.model.conversion.imagebind_llm import _rename
from trainer.model.conversion.llama import permute
from trainer.model.vlm.anatomy import find_anatomy

PARITY = Path(__file__).resolve().parents[3].parent / "shared/parity"
pytestmark = pytest.mark.skipif(not PARITY.is_dir(), reason="../shared/parity is missing")
LOGITS, FEATURES = 2e-4, 2e-5
ROLES = {"human": "user", "gpt": "assistant"}


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """Name of a conversion -> its folder, made when it is first asked for."""
    root = tmp_path_factory.mktemp("peers")
    shutil.copytree(PARITY / "pandagpt/vicuna", root / "vicuna", copy_function=shutil.copyfile)
    shutil.copyfile(PARITY / "pandagpt/tokenizer_hf.json", root / "vicuna/tokenizer.json")
    panda, other = PARITY / "pandagpt", PARITY / "imagebind_llm"
    pandas = ("pandagpt", root / "vicuna", panda / "imagebind/imagebind_huge.pth", panda / "pytorch_model.pt")
    others = ("imagebind-llm", other / "llama/7B", other / "imagebind/imagebind_w3D.pth", other / "7B.pth")
    pretrained = (*others[:3], other / "7B-pretrained.pth")

    def make(name: str) -> Path:
        if not (root / name).is_dir():
            start, _, form = name.partition("-")
            encoder = "vision" if form.endswith("vision") else "thermal"
            files = {
                "panda": pandas,
                "bind": others,
                "pretrained": pretrained,
                "hf": (others[0], root / "llama", *others[2:]),
            }
            cache = {"knn": other / "knn.index", "array": other / "knn.npy"}.get(form.partition("-")[0])
            convert(Sources(*files[start], encoder, form.startswith("folded"), cache), root / name)
        return root / name

    make.root = root
    return make


def load(folder):
    model = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32)
    return model.eval(), AutoProcessor.from_pretrained(folder)


def load_set(name):
    folder = PARITY / name
    pictures = [Image.open(path) for path in sorted((folder / "input").glob("*.png"))]
    return np.load(folder / "reference.npz"), pictures, folder


def say(processor, question):
    content = [{"type": "image"}, {"type": "text", "text": question}]
    return processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)


def gap(found, wanted):
    return float(np.abs(found.detach().numpy() - wanted).max())


@pytest.mark.parametrize(("name", "file"), [("imagebind_thermal", "imagebind_huge.pth"),
                                             ("imagebind_llm", "imagebind/imagebind_w3D.pth")])  # fmt: skip
def test_the_trunk_embeds_as_imagebind_does(name, file):
    golden, pictures, folder = load_set(name)
    sizes = json.loads((folder / file).with_name("dims.json").read_text())
    branches = {
        branch: tuple(sizes[f"{branch}_{what}"] for what in ("embed_dim", "num_blocks", "num_heads"))
        for branch in ("thermal", "vision", "text")
    }
    model = ImageBind(ImageBindConfig(branches, out_width=sizes["out_embed_dim"])).eval()
    held = torch.load(folder / file, weights_only=True)
    model.load_state_dict({key: value for key, value in held.items() if key in model.state_dict()})
    for branch in ("thermal", "vision"):
        framed = np.stack([frame(picture, branch) for picture in pictures])
        pixels = torch.from_numpy(np.stack([scale(each, branch) for each in framed]))
        if f"{branch}/pixel_u8" in golden:
            assert np.array_equal(framed, golden[f"{branch}/pixel_u8"])
        else:
            assert np.array_equal(pixels.numpy(), golden[f"{branch}/pixel"])
        tokens = model.run_trunk(branch, pixels)
        if f"{branch}/trunk" in golden:
            assert gap(tokens, golden[f"{branch}/trunk"]) < FEATURES
        assert gap(model.finish(branch, tokens), golden[f"{branch}/embedding"]) < FEATURES
    if sizes["text_embed_dim"] > 2:  # no tensors of upstream's: nothing after a text's end counts, all before it does
        text = torch.tensor([[7, 9, 49407, 0, 0], [7, 9, 49407, 3, 1]])
        words = model.embed_text(text)
        assert torch.allclose(words[0], words[1]) and not torch.allclose(words[0], model.embed_text(text[:1, 1:])[0])


@pytest.mark.parametrize("form", ["separate", "folded"])
def test_pandagpt_answers_and_learns_as_its_authors_code(converted, form):
    golden, pictures, folder = load_set("pandagpt")
    texts = json.loads((folder / "texts.json").read_text())
    model, processor = load(converted(f"panda-{form}"))
    prompt = say(processor, texts["prompt"])
    inputs = processor(images=pictures, text=[prompt, prompt], return_tensors="pt")
    image = processor.image_token_id
    assert inputs["input_ids"][0].tolist() == [1, *golden["gen/prefix_ids"], image, *golden["gen/suffix_ids"]]
    with torch.inference_mode():
        logits = model(**inputs).logits
    assert max(gap(logits[place], golden[f"gen{place}/logits"][0]) for place in (0, 1)) < LOGITS
    dialogues = [[Turn(ROLES[turn["from"]], turn["value"]) for turn in one] for one in texts["conversations"]]
    encoded = [processor.encode_dialogue(turns) for turns in dialogues]
    ids, labels = pad([one.ids for one in encoded], 2), pad(map(learn, encoded), -100)
    assert labels.tolist() == golden["train/targets"].tolist()
    assert (
        ids[:, 8:].tolist() == golden["train/input_ids"].tolist()
    )  # before them: the first token, 6 of text, the image
    pixels = torch.from_numpy(np.stack(processor.image_processor(pictures)["pixel_values"]))
    with torch.inference_mode():
        loss = model(input_ids=ids, pixel_values=pixels, labels=labels).loss
    assert gap(loss, golden["train/loss_thermal"]) < LOGITS


def test_pandagpt_learns_from_the_image_branch_too(converted):
    golden, pictures, folder = load_set("pandagpt")
    model, processor = load(converted("panda-separate-vision"))
    texts = json.loads((folder / "texts.json").read_text())
    encoded = [
        processor.encode_dialogue([Turn(ROLES[turn["from"]], turn["value"]) for turn in one])
        for one in texts["conversations"]
    ]
    ids, labels = pad([one.ids for one in encoded], 2), pad(map(learn, encoded), -100)
    pixels = torch.from_numpy(np.stack(processor.image_processor(pictures)["pixel_values"]))
    with torch.inference_mode():
        loss = model(input_ids=ids, pixel_values=pixels, labels=labels).loss
    assert gap(loss, golden["train/loss_vision"]) < LOGITS


def learn(encoded):
    return [number if marked else -100 for number, marked in zip(*encoded, strict=True)]


def pad(rows, filler):
    rows = list(rows)
    longest = max(map(len, rows))
    return torch.tensor([row + [filler] * (longest - len(row)) for row in rows])


def check_imagebind_llm(model, processor, branch, golden, pictures, prefix=""):
    """Logits, greedy ids and what was retrieved, both images at once, left padded."""
    text = say(processor, json.loads((PARITY / "imagebind_llm/texts.json").read_text())["instruction"])
    inputs = processor(images=pictures, text=[text, text], return_tensors="pt")
    assert inputs["input_ids"][0].tolist() == golden["prompt/ids"].tolist()
    with torch.inference_mode():
        logits = model(**inputs).logits
        made = model.generate(**inputs, do_sample=False, max_new_tokens=12)[:, inputs["input_ids"].shape[1] :].tolist()
    gaps = []
    for place in (0, 1):
        wanted = golden[f"{prefix}{branch}/{place}/logits"]
        gaps.append(gap(logits[place, -len(wanted) :], wanted))
        ids = golden[f"{prefix}{branch}/{place}/greedy_ids"].tolist()
        assert made[place][: len(ids)] == ids
        assert set(made[place][len(ids) :]) <= {2, 0}
    assert max(gaps) < LOGITS


@pytest.mark.parametrize("branch", ["thermal", "vision"])
@pytest.mark.parametrize("form", ["separate", "folded"])
def test_imagebind_llm_answers_as_its_authors_code(converted, form, branch):
    golden, pictures, _ = load_set("imagebind_llm")
    model, processor = load(converted(f"bind-{form}-{branch}"))
    check_imagebind_llm(model, processor, branch, golden, pictures)
    if branch == "thermal":
        blind = model(input_ids=torch.from_numpy(golden["prompt/ids"])[None]).logits[0]
        assert gap(blind, golden["novisual/logits"]) < LOGITS


@pytest.mark.parametrize("branch", ["thermal", "vision"])
@pytest.mark.parametrize("settings", ["default", "k4_t50_w0.8"])
def test_the_retrieval_cache_finds_and_mixes_as_upstream(converted, branch, settings):
    golden, pictures, _ = load_set("imagebind_llm")
    model, processor = load(converted(f"bind-{'knn' if settings == 'default' else 'array'}-{branch}"))
    retrieval = model.model.retrieval
    if settings != "default":
        retrieval.neighbours, retrieval.sharpness, retrieval.share = 4, 50.0, 0.8
    start = f"knn_{settings}/"
    check_imagebind_llm(model, processor, branch, golden, pictures, start)
    pixels = torch.from_numpy(np.stack(processor.image_processor(pictures)["pixel_values"]))
    feature = bind_network.mix({branch: (model.model.vision_tower(pixels).pooler_output, 1.0)})
    assert gap(feature, golden[f"{branch}/feature"]) < FEATURES
    similarities, places = retrieval.find(feature)
    for number in (0, 1):
        assert places[number].tolist() == golden[f"{start}{branch}/{number}/indices"][0].tolist()
        assert gap(similarities[number], golden[f"{start}{branch}/{number}/sims"][0]) < FEATURES
        assert gap(retrieval(feature)[number], golden[f"{start}{branch}/{number}/feature"][0]) < FEATURES
    model.config.cache = "off"
    check_imagebind_llm(model, processor, branch, golden, pictures)


def test_meta_and_hugging_face_layouts_are_one_model(converted):
    from safetensors.torch import load_file

    meta = load_file(converted("bind-separate-thermal") / "model.safetensors")
    write_llama_folder(converted.root / "llama", meta)
    other = load_file(converted("hf-separate-thermal") / "model.safetensors")
    assert meta.keys() == other.keys()
    assert all(torch.equal(meta[name], other[name]) for name in meta)


def write_llama_folder(folder, tensors):
    """The base of a converted model as a folder of transformers; its norms, which are replaced, are zeros."""
    from safetensors.torch import save_file

    start = "model.language_model."
    base = {
        name.replace(start, "model."): torch.zeros_like(value) if "norm" in name else value
        for name, value in tensors.items()
        if (name.startswith(start) and "lora_" not in name and not name.endswith(".bias")) or name == "lm_head.weight"
    }
    folder.mkdir()
    save_file(base, folder / "model.safetensors", {"format": "pt"})
    sizes = {"hidden_size": 64, "intermediate_size": 192, "num_hidden_layers": 4, "num_attention_heads": 4}
    more = {"vocab_size": 420, "rms_norm_eps": 1e-6, "dtype": "float16", "tie_word_embeddings": False}
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", **sizes, **more}))
    shutil.copyfile(PARITY / "imagebind_llm/llama/tokenizer.json", folder / "tokenizer.json")


def test_modalities_mix_and_the_prompt_with_an_input_is_upstreams(converted):
    golden, _, folder = load_set("imagebind_llm")
    both = {"image": (torch.from_numpy(golden["vision/embedding"]), 1.0),
            "thermal": (torch.from_numpy(golden["thermal/embedding"]), 0.5)}  # fmt: skip
    assert gap(bind_network.mix(both), golden["mix_image1_thermal0.5/feature"]) < FEATURES
    _, processor = load(converted("bind-separate-thermal"))
    texts = json.loads((folder / "texts.json").read_text())
    assert ALPACA.format(question=texts["instruction"]) == texts["prompt"]
    assert processor.tokenizer(texts["prompt_with_input"]).input_ids == golden["prompt_with_input/ids"].tolist()


def encode_records(processor, folder, length):
    """Upstream's four records as it encodes them: raw texts, first turns, cut at `length`."""
    found = []
    for record in json.loads((folder / "texts.json").read_text())["finetune_records"]:
        if "conversations" in record:
            question, answer = (record["conversations"][place]["value"] for place in (0, 1))
            one = processor.encode_dialogue([Turn("user", question), Turn("assistant", answer)])
            found.append((one.ids[:1] + one.ids[2:], one.supervised[:1] + one.supervised[2:]))
        else:
            found.append(None)
    return [None if one is None else (one[0][:length], one[1][:length]) for one in found]


def test_imagebind_llm_learns_as_its_authors_code(converted):
    golden, pictures, folder = load_set("imagebind_llm")
    model, processor = load(converted("bind-separate-thermal"))
    ids, labels = torch.from_numpy(golden["train/input_ids"]), torch.from_numpy(golden["train/labels"])
    plain = processor.tokenizer
    plain.backend_tokenizer.encode_special_tokens = True  # `<image>` inside a question is text to upstream
    for place, one in enumerate(encode_records(processor, folder, ids.shape[1])):
        if one is not None and place != 1:  # the second record holds `<image>`, which is taken out of own data
            assert ids[place, : len(one[0])].tolist() == one[0] and not ids[place, len(one[0]) :].any()
            wanted = [number if marked else 0 for number, marked in zip(*one, strict=True)]
            assert labels[place, : len(wanted)].tolist() == wanted
    pixels = torch.from_numpy(np.stack([processor.image_processor([each])["pixel_values"][0] for each in pictures]))
    shown = torch.stack([pixels[0], pixels[1], torch.zeros_like(pixels[0]), pixels[0]])
    learned = labels.masked_fill(labels == 0, -100)
    losses = [model(input_ids=ids[[k]], pixel_values=shown[[k]], labels=learned[[k]]).loss for k in range(4)]
    assert max(gap(loss, golden[f"train/thermal/loss_{k}"]) for k, loss in enumerate(losses)) < LOGITS
    trained = list_upstream(model)
    wanted = json.loads((folder / "trainable.json").read_text())
    assert trained == {_rename(name) for name in wanted["finetune"]}
    found = train(model, trained, 0.02, {"input_ids": ids, "pixel_values": shown, "labels": learned})
    assert np.abs(found - golden["train/thermal/losses_adamw"]).max() < LOGITS


def test_imagebind_llm_aligns_as_its_authors_code(converted):
    golden, pictures, folder = load_set("imagebind_llm")
    model, processor = load(converted("pretrained-separate-vision"))
    ids, labels = torch.from_numpy(golden["pretrain/input_ids"]), torch.from_numpy(golden["pretrain/labels"])
    pixels = torch.from_numpy(np.stack(processor.image_processor(pictures)["pixel_values"]))
    batch = {"input_ids": ids, "pixel_values": pixels, "labels": labels.masked_fill(labels == 0, -100)}
    anatomy = find_anatomy(model)
    trained = {name for name, _ in model.named_parameters() if anatomy.name_part(name) == "align layer"}
    wanted = json.loads((folder / "trainable.json").read_text())["pretrain"]
    assert trained == {_rename(name) for name in wanted if not name.endswith(".gate")} | {
        "model.multi_modal_projector.gates"
    }
    found = train(model, trained, 0.05, batch)
    assert np.abs(found - golden["pretrain/vision/losses_adamw"]).max() < LOGITS


def train(model, trained, decay, batch):
    """Losses before and after one, two, three steps of AdamW as upstream sets it."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in trained)
    groups = {True: [], False: []}
    for name, parameter in model.named_parameters():
        if name in trained:
            # a gate is a row of four dimensions upstream, so it decays like a matrix
            groups[parameter.dim() > 1 and not name.endswith(".bias")].append(parameter)
    optimizer = torch.optim.AdamW(
        [{"params": groups[True], "weight_decay": decay}, {"params": groups[False], "weight_decay": 0.0}],
        lr=1e-3, betas=(0.9, 0.95), eps=1e-8,
    )  # fmt: skip
    losses = []
    for step in range(4):
        loss = model(**batch).loss
        losses.append(loss.item())
        if step < 3:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return np.array(losses)


def layers_of(model):
    return model.model.language_model.layers


def fold_values(model, patch):
    for layer in layers_of(model):
        values = layer.self_attn.v_proj
        values.weight.data += values.lora_b @ values.lora_a
        values.lora_b.data.zero_()


def without_tanh(model, patch):
    def inject(self, bound, place, weight):
        values = functional.linear(bound + self.prefix_query[place], weight)
        return values * self.gates[place].repeat_interleave(values.shape[-1] // 4)

    patch.setattr(bind_network.BindNetwork, "inject", inject)


def swap_feed_forward(model, patch):
    for layer in layers_of(model):
        layer.mlp.gate_proj, layer.mlp.up_proj = layer.mlp.up_proj, layer.mlp.gate_proj


def without_permuting(model, patch):
    for layer in layers_of(model):
        for each in (layer.self_attn.q_proj.bias, layer.self_attn.q_proj.lora_b, layer.self_attn.k_proj.lora_b):
            halves = each.data.reshape(4, 2, -1, *each.shape[1:])
            each.data = halves.transpose(1, 2).reshape(each.shape)
            assert not torch.equal(permute(each.data, 4), each.data)


def keep_base_norms(model, patch):
    held = torch.load(PARITY / "imagebind_llm/llama/7B/consolidated.00.pth", weights_only=True)
    for number, layer in enumerate(layers_of(model)):
        layer.input_layernorm.weight.data = held[f"layers.{number}.attention_norm.weight"].float()
        layer.post_attention_layernorm.weight.data = held[f"layers.{number}.ffn_norm.weight"].float()
    model.model.language_model.norm.weight.data = held["norm.weight"].float()


def adapt_first_layers(model, patch):
    patch.setattr(imagebind_llm, "find_place", lambda number, depth, count: number if number < 2 else None)


def inject_behind_projection(model, patch):
    def forward(self, states):
        found = adapted.AdaptedLinear.forward(self, states)
        return found if self.injected is None else found + self.injected[:, None]

    patch.setattr(adapted.InjectedLinear, "forward", forward)


def without_lora(model, patch):
    for module in model.modules():
        if isinstance(module, adapted.AdaptedLinear):
            module.lora_b.data.zero_()


def swap_bind_network(model, patch):
    for block in model.model.multi_modal_projector.blocks:
        block.f1, block.f3 = block.f3, block.f1


def without_prefix(model, patch):
    model.model.multi_modal_projector.prefix_query.data.zero_()


def norm_adapter(model, patch):
    right = bind_network.BindNetwork.inject
    norms = {id(each.self_attn.v_proj.weight): each.input_layernorm for each in layers_of(model)}

    def inject(self, bound, place, weight):
        normed = norms[id(weight)](bound + self.prefix_query[place])
        return right(self, normed - self.prefix_query[place], place, weight)

    patch.setattr(bind_network.BindNetwork, "inject", inject)


def keep_scale(model, patch):
    patch.setattr(imagebind_llm, "mix", lambda embeddings: next(iter(embeddings.values()))[0])


MISTAKES = (
    fold_values, without_tanh, swap_feed_forward, without_permuting, keep_base_norms, adapt_first_layers,
    inject_behind_projection, without_lora, swap_bind_network, without_prefix, norm_adapter, keep_scale,
)  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_each_mistake_is_caught(converted, monkeypatch, mistake):
    golden, pictures, _ = load_set("imagebind_llm")
    model, processor = load(converted("bind-separate-thermal"))
    mistake(model, monkeypatch)
    pixels = torch.from_numpy(processor.image_processor(pictures[0])["pixel_values"][0])[None]
    with torch.inference_mode():
        logits = model(input_ids=torch.from_numpy(golden["prompt/ids"])[None], pixel_values=pixels).logits[0]
    assert gap(logits, golden["thermal/0/logits"]) > 1


def test_an_image_mark_is_taken_out_of_own_data():
    turns = check_dialogue([Turn("user", "How many cars are there?\n<image>"), Turn("assistant", "Three.")])
    assert turns[0].text == "How many cars are there?"
