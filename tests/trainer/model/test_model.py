"""The model: every align layer, saved and loaded, beside what Hugging Face knows without our code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="PyTorch (extra `train`) is not installed")

from calling import call_here  # noqa: E402
from PIL import Image  # noqa: E402
from tolerances import float_tolerance, largest_difference, layers_tolerance  # noqa: E402
from transformers import AutoModelForCausalLM, AutoModelForImageTextToText, CLIPVisionConfig, CLIPVisionModel  # noqa: E402

from tools.errors import MissingError, ToolkitError, UsageError  # noqa: E402
from tools.registry import ALIGN_LAYERS, MODEL_FAMILIES  # noqa: E402
from trainer.model.align_layers.linear import unfold_linear  # noqa: E402
from trainer.model.align_layers.qformer import QFormerProjector, size_qformer  # noqa: E402
from trainer.model.assembled import assemble, load_assembled, save_assembled, swap_tower  # noqa: E402
from trainer.model.chat_templates import read_template  # noqa: E402
from trainer.model.connectors import InfraredLlava  # noqa: E402
from trainer.model.llava_checkpoint import load_projector_bin, save_projector_bin, to_llava_name, to_own_name  # noqa: E402
from trainer.model.processing import make_image_processor, save_processor  # noqa: E402
from trainer.model.towers import load_tower  # noqa: E402
from trainer.output.export import compute_logits, export_model, prove  # noqa: E402
from trainer.parts.tiny import NOTICE, write_tiny  # noqa: E402

QUESTION = "What is there?"
ROOT = Path(__file__).resolve().parents[3]
PARITY = ROOT.parent / "shared/parity/languagebind"
LAYERS = ALIGN_LAYERS.names()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def models(tiny):
    return {layer: assemble(tiny.llm, tiny.tower, layer) for layer in LAYERS}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_saved_model_is_the_same_model(models, tmp_path, layer):
    save_assembled(models[layer], tmp_path / "model")
    loaded = load_assembled(tmp_path / "model")
    expected, found = compute_logits(models[layer], QUESTION), compute_logits(loaded, QUESTION)
    assert torch.equal(expected, found)
    assert loaded.processor.tokenizer.padding_side == "left"
    auto = AutoModelForImageTextToText.from_pretrained(tmp_path / "model")
    assert type(auto) is type(models[layer].model)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_what_a_processor_was_used_for_is_not_saved(models, tmp_path):
    processor, files = models[LAYERS[0]].processor, []
    for name, more in (("fresh", {}), ("padded", {"padding": True}), ("cut", {"truncation": True, "max_length": 2})):
        processor.tokenizer(["warm", "warm and cold"], **more)
        save_processor(processor, tmp_path / name)
        files.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert files[0] == files[1] == files[2]


@pytest.mark.parametrize("layer", LAYERS)
def test_it_generates_and_learns(models, layer):
    model, processor = models[layer]
    text = processor.apply_chat_template(ask(), add_generation_prompt=True)
    inputs = processor(images=[draw(), draw()], text=[text, text], padding=True, return_tensors="pt")
    ids = model.generate(**inputs, max_new_tokens=4, min_new_tokens=4, do_sample=False)
    assert ids.shape == (2, inputs["input_ids"].shape[1] + 4) and torch.equal(ids[0], ids[1])
    model.model.multi_modal_projector.zero_grad()
    loss = model(**inputs, labels=inputs["input_ids"]).loss
    loss.backward()
    gradients = [parameter.grad for parameter in model.model.multi_modal_projector.parameters()]
    assert loss > 0 and all(gradient is not None and gradient.abs().sum() > 0 for gradient in gradients[:1])
    model.zero_grad()


@pytest.mark.parametrize(("layer", "count"), [("mlp", 16), ("linear", 16), ("qformer", 32)])
def test_an_image_fills_as_many_tokens_as_it_has_features(models, layer, count):
    model, processor = models[layer]
    ids = processor(images=draw(), text="<image>", return_tensors="pt")["input_ids"]
    assert int((ids == processor.image_token_id).sum()) == count
    assert model.config.image_token_id == processor.image_token_id


def test_the_q_former_has_blip_2_s_size_for_a_large_tower():
    sizes = size_qformer(CLIPVisionConfig(hidden_size=1024, num_attention_heads=16))
    with torch.device("meta"):
        layer = QFormerProjector(sizes, 1024, 4096)
    assert sum(parameter.numel() for parameter in layer.qformer.parameters()) == 101_598_720
    assert layer.queries.shape == (1, 32, 768) and layer.linear.weight.shape == (4096, 768)


def test_equal_seeds_give_equal_weights(tiny):
    one, same, other = (assemble(tiny.llm, tiny.tower, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(compute_logits(one, QUESTION), compute_logits(same, QUESTION))
    assert not torch.equal(compute_logits(one, QUESTION), compute_logits(other, QUESTION))


def test_tower_and_language_model_come_in_as_they_are(tiny, models):
    tower, model = load_tower(tiny.tower), models["mlp"].model
    state = tower.model.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in model.model.vision_tower.state_dict().items())
    own = AutoModelForCausalLM.from_pretrained(tiny.llm)
    rows = own.get_input_embeddings().weight
    assert torch.equal(model.get_input_embeddings().weight[: len(rows)], rows)
    assert torch.equal(model.lm_head.weight[: len(rows)], own.lm_head.weight)
    assert model.config.text_config.stand_in == model.config.vision_config.stand_in == NOTICE


VANILLA = """
import sys
sys.path.insert(0, sys.argv.pop(1))
import tools  # whose one effect is to repair a torchvision that does not fit this PyTorch
sys.modules["trainer"] = None
from PIL import Image
from transformers import AutoProcessor, LlavaForConditionalGeneration
turns = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is warm?"}]}]
for folder in sys.argv[1:]:
    model = LlavaForConditionalGeneration.from_pretrained(folder)
    processor = AutoProcessor.from_pretrained(folder, backend="pil")  # torchvision's differs by a grey level
    text = processor.apply_chat_template(turns, add_generation_prompt=True)
    inputs = processor(images=Image.linear_gradient("L").convert("RGB"), text=text, return_tensors="pt")
    ids = model.generate(**inputs, max_new_tokens=5, min_new_tokens=5, do_sample=False)
    print(ids[0, -5:].tolist())
"""
PLAIN = ("mlp", "linear")


@pytest.fixture(scope="module")
def exports(models, tmp_path_factory):
    """What is exported as a plain LLaVA, and the proof of it."""
    made = {}
    for layer in PLAIN:
        folder = tmp_path_factory.mktemp(layer)
        save_assembled(models[layer], folder / "model")
        made[layer] = folder / "out", export_model(folder / "model", folder / "out")
    return made


@pytest.mark.parametrize("layer", PLAIN)
def test_a_plain_export_answers_as_the_model_did(models, exports, layer):
    folder, proof = exports[layer]
    expected = compute_logits(models[layer], QUESTION)
    bound = layers_tolerance(models[layer].model.config.text_config, float(expected.abs().max()), expected.shape[1])
    assert proof.largest_difference < bound and proof.logits > 1000
    card = (folder / "README.md").read_text()
    assert "Stand-in" in card and f"align layer `{layer}`" in card


def test_plain_transformers_loads_the_exports_without_our_code(models, exports, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", VANILLA, str(ROOT), *(str(exports[layer][0]) for layer in PLAIN)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for layer, said in zip(PLAIN, done.stdout.splitlines(), strict=True):
        model, processor = models[layer]
        text = processor.apply_chat_template(ask(), add_generation_prompt=True)
        inputs = processor(images=Image.linear_gradient("L").convert("RGB"), text=text, return_tensors="pt")
        ids = model.generate(**inputs, max_new_tokens=5, min_new_tokens=5, do_sample=False)
        assert json.loads(said) == ids[0, -5:].tolist()


@pytest.mark.parametrize("layer", PLAIN)
def test_no_model_folder_names_a_place_on_this_disk(exports, layer):
    folder, _ = exports[layer]
    for path in (*folder.glob("*.json"), *(folder.parent / "model").glob("*.json")):
        assert str(folder.parent.parent) not in path.read_text(), path
        assert '"_name_or_path": "/' not in path.read_text(), path


@pytest.mark.parametrize(("size", "factor", "is_right"), [(1, 1e-4, True), (4000, 1e-4, True), (1, 0.05, False)])
def test_an_export_is_proved_by_the_share_that_differs(size, factor, is_right, tmp_path):
    expected = torch.linspace(-size, size, 12).reshape(1, 3, 4)
    if is_right:
        assert prove(expected, expected * (1 + factor), tmp_path).largest_logit == size
    else:
        with pytest.raises(ToolkitError, match="the export is broken"):
            prove(expected, expected * (1 + factor), tmp_path)
    with pytest.raises(ToolkitError, match="logits differ"):
        prove(expected, expected * float("nan"), tmp_path)


def test_an_export_says_what_does_not_fit(models, tiny, tmp_path):
    save_assembled(models["qformer"], tmp_path / "model")
    with pytest.raises(UsageError, match="so no plain LLaVA can hold it; use --format hf"):
        export_model(tmp_path / "model", tmp_path / "out")
    with pytest.raises(UsageError, match="LLaVA has no Q-Former"):
        export_model(tmp_path / "model", tmp_path / "out", "llava")
    assert not (tmp_path / "out").exists()
    assert export_model(tmp_path / "model", tmp_path / "out", "hf").largest_difference == 0
    with pytest.raises(UsageError, match="is not empty; choose another --out"):
        export_model(tmp_path / "model", tmp_path / "out", "hf")
    with pytest.raises(UsageError, match="need a text width of 96"):
        unfold_linear(torch.zeros(64, 48), torch.zeros(64))


@pytest.mark.parametrize("layer", ["mlp", "linear"])
def test_llava_s_own_files_go_both_ways(models, tiny, tmp_path, layer):
    save_assembled(models[layer], tmp_path / "model")
    assert export_model(tmp_path / "model", tmp_path / "out", "llava").largest_difference == 0
    held = torch.load(tmp_path / "out/mm_projector.bin", weights_only=True)
    names = {"mlp": ["0.bias", "0.weight", "2.bias", "2.weight"], "linear": ["bias", "weight"]}[layer]
    assert sorted(held) == [f"model.mm_projector.{name}" for name in names]
    fresh = assemble(tiny.llm, tiny.tower, layer, seed=9)
    load_projector_bin(fresh.model, tmp_path / "out/mm_projector.bin")
    known = fresh.processor.image_token_id
    assert torch.equal(
        compute_logits(fresh, QUESTION)[..., :known], compute_logits(models[layer], QUESTION)[..., :known]
    )
    for name in models[layer].model.state_dict():
        assert to_own_name(to_llava_name(name)) == name


def test_a_projector_of_another_model_is_refused(models, tmp_path):
    save_projector_bin(models["linear"].model, tmp_path / "linear.bin")
    with pytest.raises(UsageError, match="no LLaVA checkpoint: of 4 tensors"):
        load_projector_bin(models["mlp"].model, tmp_path / "linear.bin")
    (tmp_path / "cut.bin").write_bytes((tmp_path / "linear.bin").read_bytes()[:300])
    with pytest.raises(UsageError, match="truncated, damaged or no PyTorch file"):
        load_projector_bin(models["linear"].model, tmp_path / "cut.bin")
    with pytest.raises(MissingError, match="there is no such file"):
        load_projector_bin(models["mlp"].model, tmp_path / "absent.bin")


def test_a_swapped_tower_is_the_other_tower(tiny, tmp_path):
    assembled = assemble(tiny.llm, tiny.image_tower)
    before = compute_logits(assembled, QUESTION)
    swap_tower(assembled.model, tiny.tower)
    save_assembled(assembled, tmp_path / "model")
    state = load_assembled(tmp_path / "model").model.model.vision_tower.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in load_tower(tiny.tower).model.state_dict().items())
    assert not torch.equal(before, compute_logits(assembled, QUESTION))
    sizes = {"hidden_size": 48, "num_attention_heads": 2, "num_hidden_layers": 2, "image_size": 32, "patch_size": 8}
    CLIPVisionModel(CLIPVisionConfig(**sizes)).save_pretrained(tmp_path / "wide")
    with pytest.raises(UsageError, match="they differ in hidden_size 32 and 48; num_hidden_layers 3 and 2"):
        swap_tower(assembled.model, tmp_path / "wide")


def test_folders_that_hold_no_model_are_explained(tiny, models, tmp_path):
    with pytest.raises(MissingError, match=r"config.json is missing; give the folder of a saved model"):
        load_assembled(tmp_path)
    with pytest.raises(UsageError, match="a model of the type `llama`, expected one of llava, infrared_llava"):
        load_assembled(tiny.llm)
    save_assembled(models["mlp"], tmp_path / "cut")
    weights = tmp_path / "cut/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(UsageError, match="the model cannot be loaded"):
        load_assembled(tmp_path / "cut")
    with pytest.raises(UsageError, match="kind `llama` is not known; there are languagebind, clip"):
        assemble(tiny.llm, tiny.llm)
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("config.json", "model.safetensors"):
        (bare / name).write_bytes((tiny.llm / name).read_bytes())
    with pytest.raises(UsageError, match="its tokenizer cannot be loaded"):
        assemble(bare, tiny.tower)
    with pytest.raises(UsageError, match=r"`alpaca` is not known; there are auto, chatml, llama3, plain, short, vic"):
        assemble(tiny.llm, tiny.tower, template="alpaca")


@pytest.mark.parametrize("size", [(50, 30), (30, 50), (32, 32)])
def test_framings_do_what_they_say(tiny, size):
    tower, image = load_tower(tiny.tower), draw(size)
    squash = make_image_processor("squash", tower)
    side = max(size)
    padded = Image.new("RGB", (side, side), tuple(int(255 * value) for value in tower.mean))
    padded.paste(image, ((side - size[0]) // 2, (side - size[1]) // 2))
    scale = 32 / min(size)
    large = image.resize((int(size[0] * scale), int(size[1] * scale)), Image.Resampling.BICUBIC)
    left, top = (large.width - 32) // 2, (large.height - 32) // 2
    expected = {"squash": image, "letterbox": padded, "crop": large.crop((left, top, left + 32, top + 32))}
    for name, framed in expected.items():
        pixels = make_image_processor(name, tower)(images=image, return_tensors="pt")["pixel_values"][0]
        assert pixels.shape == (3, 32, 32)
        wanted = squash(images=framed, return_tensors="pt")["pixel_values"][0]
        level = 1 / 255 / max(tower.std)
        assert largest_difference(pixels, wanted) < float_tolerance(float(wanted.abs().max()), 3) < level / 10, name


SYSTEM = (
    "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, "
    "and polite answers to the user's questions. "
)


def test_vicuna_s_template_writes_what_llava_1_5_writes(models):
    processor = models["mlp"].processor
    turns = [*ask("Where?"), answer("Left."), {"role": "user", "content": "And?"}, answer("Right.")]
    text = processor.apply_chat_template(turns)
    assert text == SYSTEM + "USER: <image>\nWhere? ASSISTANT: Left.</s>USER: And? ASSISTANT: Right.</s>"
    assert processor.apply_chat_template(ask("Where?"), add_generation_prompt=True).endswith("Where? ASSISTANT:")
    own = [{"role": "system", "content": "Be brief."}, *ask("Where?")]
    assert processor.apply_chat_template(own) == "Be brief. USER: <image>\nWhere? "


@pytest.mark.parametrize("name", MODEL_FAMILIES.names())
def test_every_template_marks_the_answers_and_takes_texts_or_parts(models, name):
    processor = models["mlp"].processor
    template = read_template(name)
    turns = [*ask("Where?"), answer("Left."), {"role": "user", "content": [{"type": "text", "text": "And?"}]}]
    turns.append({"role": "assistant", "content": [{"type": "text", "text": "Right."}]})
    inputs = processor.tokenizer.apply_chat_template(
        turns, chat_template=template, return_dict=True, return_assistant_tokens_mask=True
    )
    marked = [token for token, mark in zip(inputs["input_ids"], inputs["assistant_masks"], strict=True) if mark]
    said = processor.tokenizer.decode(marked)
    assert "Left." in said and "Right." in said
    assert "Where?" not in said and "<image>" not in said
    flat = [{**turn, "content": flatten(turn["content"])} for turn in turns]
    render = processor.tokenizer.apply_chat_template
    one, other = (render(these, chat_template=template, tokenize=False) for these in (turns, flat))
    assert one.replace("<image>\n", "").replace("<image>", "") == other


@pytest.mark.skipif(not PARITY.is_dir(), reason=f"{PARITY} is not there")
@pytest.mark.parametrize("kind", ["Thermal", "Image"])
@pytest.mark.parametrize("batch", [1, 2, 3])
def test_languagebind_s_golden_tensors_match_through_the_tower(kind, batch):
    import numpy as np

    from tools.languagebind.checkpoint import load_languagebind

    reference = np.load(PARITY / "reference.npz")
    tower, projection = load_tower(PARITY / f"LanguageBind_{kind}"), load_languagebind(PARITY / f"LanguageBind_{kind}")
    pixels = torch.from_numpy(reference[f"{kind.lower()}/pixel_values"])
    parts = [tower.model(part, output_hidden_states=True) for part in pixels.split(batch)]
    features = torch.cat([part.hidden_states[-2] for part in parts])
    embeds = projection.model.visual_projection(torch.cat([part.pooler_output for part in parts]))
    embeds = embeds / embeds.norm(dim=-1, keepdim=True)
    expected = reference[f"{kind.lower()}/image_embeds"]
    expected = expected / np.linalg.norm(expected, axis=-1, keepdims=True)
    assert np.abs(embeds.numpy() - expected).max() < 2e-5
    assert np.abs(features.numpy() - reference[f"{kind.lower()}/hidden_m2"]).max() < 1e-4
    assert (tower.side, tower.patch, tower.patches, tower.has_class_token) == (224, 14, 256, True)


@pytest.mark.skipif(not PARITY.is_dir(), reason=f"{PARITY} is not there")
def test_an_official_folder_becomes_a_model_that_plain_transformers_loads(tiny, tmp_path):
    assembled = assemble(tiny.llm, PARITY / "LanguageBind_Thermal", framing="crop")
    save_assembled(assembled, tmp_path / "model")
    assert torch.equal(
        compute_logits(load_assembled(tmp_path / "model"), QUESTION), compute_logits(assembled, QUESTION)
    )
    assert assembled.model.config.vision_config.model_type == "clip_vision_model"
    assert not isinstance(assembled.model, InfraredLlava)


def test_other_towers_work_too(tiny, tmp_path):
    from transformers import Dinov2Config, Dinov2Model, SiglipVisionConfig, SiglipVisionModel

    common = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 28, "patch_size": 14}
    Dinov2Model(Dinov2Config(**common, mlp_ratio=2)).save_pretrained(tmp_path / "dino")
    SiglipVisionModel(SiglipVisionConfig(**common, intermediate_size=64)).save_pretrained(tmp_path / "siglip")
    for name, first in (("dino", 0.485), ("siglip", 0.5)):
        assembled = assemble(tiny.llm, tmp_path / name)
        save_assembled(assembled, tmp_path / f"{name}-model")
        assert torch.equal(
            compute_logits(load_assembled(tmp_path / f"{name}-model"), QUESTION), compute_logits(assembled, QUESTION)
        )
        assert assembled.processor.image_processor.image_mean[0] == first
        ids = assembled.processor(images=draw(), text="<image>", return_tensors="pt")["input_ids"]
        assert int((ids == assembled.processor.image_token_id).sum()) == 4


def test_a_model_of_ours_can_be_talked_to(models, tmp_path):
    from trainer.output.talk.local import LocalModel
    from trainer.output.talk.prompting import Exchange, Wording

    save_assembled(models["mlp"], tmp_path / "model")
    draw().save(tmp_path / "image.png")
    model = LocalModel(load_assembled(tmp_path / "model"), "model", 3)
    *_, first = model.stream((), Wording("", QUESTION), draw())
    *_, then = model.stream((Exchange(QUESTION, first),), Wording("", "And?"), draw())
    assert isinstance(first, str) and isinstance(then, str)
    with pytest.raises(UsageError, match="which stands for the image; leave it out"):
        list(model.stream((), Wording("", "<image> again?"), draw()))
    command = ["trainer.chat", "--model", tmp_path / "model", "--image", tmp_path / "image.png", "--max-new-tokens", 3]
    done = call_here(*command, text="What?\n\n")
    assert done.returncode == 0, done.stderr
    assert "its answers are nonsense" in " ".join(done.stderr.split())


def flatten(content):
    return content if isinstance(content, str) else content[-1]["text"]


def ask(question="What is warm?"):
    return [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": question}]}]


def answer(text):
    return {"role": "assistant", "content": text}


def draw(size=(50, 30)):
    return Image.radial_gradient("L").convert("RGB").resize(size)
