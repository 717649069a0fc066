"""LanguageBind: golden tensors of the official code, LoRA, tokenizer, preprocessing, and what bad folders get."""

import json
import os
import pickle
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tolerances import (
    BFLOAT16,
    DEVIATIONS,
    FLOAT16,
    FLOAT32,
    LAYER,
    float_tolerance,
    largest_difference,
    layers_tolerance,
    written_tolerance,
)

from tools.errors import ImageError, MissingError, UsageError
from tools.images import load_rgb, save_png
from tools.languagebind import LanguageBindScorer
from tools.scoring import ScoreRequest

torch = pytest.importorskip("torch", reason="the extra `train` (torch) is not installed")
transformers = pytest.importorskip("transformers", reason="the extra `train` (transformers) is not installed")

from tools.languagebind.checkpoint import (  # noqa: E402
    get_vision_state,
    load_languagebind,
    make_vision_tower,
)
from tools.languagebind.preprocess import STD, prepare_image  # noqa: E402

PARITY = Path(__file__).resolve().parents[3].parent / "shared/parity/languagebind"
pytestmark = pytest.mark.skipif(not PARITY.is_dir(), reason="../shared/parity/languagebind is missing")
FOLDERS = {"thermal": PARITY / "LanguageBind_Thermal", "image": PARITY / "LanguageBind_Image"}
PATCHES = 257
SUMS = LAYER * 4 + 2
"""In a row, through the four layers of the sample's towers."""
TEXTS = ("a dog in the street", "two people", "a harbour with boats at night, seen from above")


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def reference():
    return np.load(PARITY / "reference.npz")


@pytest.fixture(scope="module")
def images():
    return sorted((PARITY / "input").glob("*.png"))


@pytest.fixture(scope="module")
def texts(reference):
    return [str(text) for text in reference["texts"]]


@pytest.fixture(scope="module")
def scorer():
    return LanguageBindScorer(FOLDERS["thermal"], device="cpu")


@pytest.fixture
def folder(tmp_path):
    """A copy of the thermal folder that may be spoilt."""
    target = tmp_path / "LanguageBind_Thermal"
    shutil.copytree(FOLDERS["thermal"], target, copy_function=shutil.copyfile)
    target.chmod(0o755)
    return target


def to_unit(values):
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def read_state(folder):
    return torch.load(folder / "pytorch_model.bin", weights_only=True)


def change_state(folder, change):
    state = read_state(folder)
    torch.save(change(state) or state, folder / "pytorch_model.bin")


def change_config(folder, change):
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))


# Golden: what the official code made of the same weights, images and texts.


@pytest.mark.parametrize("batch", [1, 2, 32])
@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("tower", FOLDERS)
def test_image_embeddings_are_upstreams(tower, antialias, batch, reference, images):
    made = LanguageBindScorer(FOLDERS[tower], device="cpu", antialias=antialias, batch_size=batch)
    expected = reference[f"{tower}/image_embeds{'' if antialias else '_noaa'}"]
    assert np.abs(made.embed_images(images).numpy() - to_unit(expected)).max() < 2e-5


@pytest.mark.parametrize("batch", [1, 32])
@pytest.mark.parametrize("tower", FOLDERS)
def test_ids_and_text_embeddings_are_upstreams(tower, batch, reference, texts):
    made = LanguageBindScorer(FOLDERS[tower], device="cpu", batch_size=batch)
    assert (made.tokenize(texts).numpy() == reference[f"{tower}/input_ids"]).all()
    assert np.abs(made.embed_texts(texts).numpy() - to_unit(reference[f"{tower}/text_embeds"])).max() < 2e-5
    one_by_one, together = torch.cat([made.embed_texts([text]) for text in texts]), made.embed_texts(texts)
    bound = layers_tolerance(load_languagebind(FOLDERS[tower]).model.config.text_config, 1.0, 77)
    assert largest_difference(one_by_one, together) < bound
    assert largest_difference(one_by_one.roll(1, 0), together) > 10 * bound


@pytest.mark.parametrize("antialias", [True, False])
def test_pixels_are_upstreams(antialias, reference, images):
    """Bicubic is not only a sum of 16 pixels: where it reads them is a float32 of hundreds, and an edge is steep."""
    made = np.stack([prepare_image(load_rgb(path), antialias).numpy() for path in images])
    expected = reference[f"thermal/pixel_values{'' if antialias else '_noaa'}"]
    level, white = 1 / 255 / max(STD), 1 / min(STD)
    place = 2.0**-FLOAT32 * max(max(load_rgb(path).size) for path in images)
    bound = float_tolerance(float(abs(expected).max()), 16) + 2 * place * white
    assert largest_difference(made, expected) < bound < level / 10


@pytest.mark.parametrize("tower", FOLDERS)
def test_scores_are_upstreams_cosines_at_four_decimals(tower, reference, images, texts):
    made = LanguageBindScorer(FOLDERS[tower], device="cpu", antialias=True)
    scores = np.array(made.score([ScoreRequest(path, tuple(texts)) for path in images]))
    assert np.abs(scores - reference[f"{tower}/cosine"].T).max() <= 0.5e-4 + 2e-5
    assert (np.round(scores, 4) == scores).all()


@pytest.mark.parametrize("tower", FOLDERS)
def test_the_vision_tower_for_training_has_upstreams_features(tower, reference):
    loaded = load_languagebind(FOLDERS[tower])
    vision = make_vision_tower(loaded)
    pixels = torch.from_numpy(reference[f"{tower}/pixel_values"])
    with torch.inference_mode():
        out = vision(pixel_values=pixels, output_hidden_states=True)
    assert np.abs(out.hidden_states[-2].numpy() - reference[f"{tower}/hidden_m2"]).max() < 1e-4
    assert np.abs(out.pooler_output.numpy() - reference[f"{tower}/pooler"]).max() < 1e-4
    assert not vision.training
    assert not any(value.requires_grad for value in vision.parameters())


def test_the_exported_tower_loads_as_a_standard_folder(tmp_path):
    loaded = load_languagebind(FOLDERS["thermal"])
    make_vision_tower(loaded).save_pretrained(tmp_path)
    again, info = transformers.CLIPVisionModel.from_pretrained(tmp_path, output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    expected = get_vision_state(loaded.model)
    assert all(torch.equal(value, expected[name]) for name, value in again.state_dict().items())


# LoRA and layouts.


def test_lora_is_folded_with_alpha_by_rank():
    report = load_languagebind(FOLDERS["thermal"]).report
    assert (report.lora_modules, report.lora_rank, report.lora_scale) == (16, 2, 8.0)
    assert load_languagebind(FOLDERS["image"]).report.lora_modules == 0


@pytest.mark.parametrize("layout", ["base_layer", "folded", "unwrapped"])
def test_other_layouts_of_the_same_weights_give_the_same_model(layout, folder, scorer, images):
    def change(state):
        if layout == "folded":
            return load_languagebind(FOLDERS["thermal"]).model.state_dict()
        if layout == "unwrapped":
            return {name.replace("base_model.model.", ""): value for name, value in state.items()}
        heads = ("q_proj.", "k_proj.", "v_proj.", "out_proj.")
        return {
            name.replace("_proj.", "_proj.base_layer.")
            if "base_model" in name and any(name.endswith((f"{head}weight", f"{head}bias")) for head in heads)
            else name: value
            for name, value in state.items()
        }

    change_state(folder, change)
    made, expected = LanguageBindScorer(folder, device="cpu"), load_languagebind(FOLDERS["thermal"]).model
    for name, value in load_languagebind(folder).model.state_dict().items():
        assert torch.equal(value, expected.state_dict()[name]), name
    bound = layers_tolerance(expected.config.vision_config, 1.0, PATCHES)
    assert largest_difference(made.embed_images(images), scorer.embed_images(images)) < bound
    assert made.report.lora_modules == (0 if layout == "folded" else 16)
    assert bool(made.report.notes) == (layout == "folded")


def test_half_precision_files_are_read_as_float32(folder, scorer, images):
    change_state(folder, lambda state: {name: value.half() for name, value in state.items()})
    made = LanguageBindScorer(folder, device="cpu").embed_images(images)
    assert made.dtype == torch.float32
    weights_only = float_tolerance(1.0, 1, SUMS, FLOAT16) / 2  # those of one of the two, once for each sum
    assert 0 < largest_difference(made, scorer.embed_images(images)) < weights_only


def test_config_dicts_override_and_defaults_fill_in(folder, scorer, images):
    def change(config):
        config["vision_config_dict"] = {"num_attention_heads": config["vision_config"].pop("num_attention_heads")}
        config["vision_config"]["num_attention_heads"] = 2
        del config["vision_config"]["hidden_act"], config["vision_config"]["image_size"]

    change_config(folder, change)
    made = LanguageBindScorer(folder, device="cpu")
    assert torch.equal(made.embed_images(images), scorer.embed_images(images))
    assert "gelu" in made.report.notes[0]


# Preprocessing and tokens.


@pytest.mark.parametrize("mode", ["L", "RGBA", "P"])
def test_every_mode_is_read_as_rgb(mode):
    image = Image.fromarray(np.arange(64 * 80, dtype=np.uint8).reshape(64, 80)).convert(mode)
    assert torch.equal(prepare_image(image), prepare_image(image.convert("RGB")))


@pytest.mark.parametrize("size", [(1, 1), (3, 5000), (20000, 1), (224, 224), (225, 224)])
def test_any_size_becomes_a_square(size):
    assert prepare_image(Image.new("RGB", size, "red")).shape == (3, 224, 224)


def test_long_captions_end_with_the_end_token(scorer):
    ids = scorer.tokenize(["word " * 300, ""])
    assert ids.shape == (2, 77)
    assert ids[0, -1] == 49407
    assert ids[1].tolist() == [49406] + [49407] * 76
    assert torch.isfinite(scorer.embed_texts(["word " * 300, ""])).all()


# The scorer.


def test_an_image_is_embedded_once(images, monkeypatch):
    made = LanguageBindScorer(FOLDERS["thermal"], device="cpu")
    seen = []
    embed = made.embed_pictures
    monkeypatch.setattr(made, "embed_pictures", lambda pictures: seen.append(len(pictures)) or embed(pictures))
    requests = [ScoreRequest(path, (text,)) for path in images for text in TEXTS]
    first = made.score(requests)
    assert made.score(requests) == first
    assert seen == [3]


def test_a_file_written_again_is_looked_at_again(scorer, tmp_path):
    path = tmp_path / "a.png"
    save_png(Image.new("L", (40, 30), 10), path)
    before = scorer.score([ScoreRequest(path, TEXTS)])
    levels = np.random.default_rng(1).integers(0, 256, (30, 40), dtype=np.uint8)
    save_png(Image.fromarray(levels), path)
    os.utime(path, ns=(1, 1))
    assert scorer.score([ScoreRequest(path, TEXTS)]) != before


def test_scores_stand_where_they_were_asked_for(scorer, images):
    requests = [ScoreRequest(images[1], TEXTS[:1]), ScoreRequest(images[0], TEXTS), ScoreRequest(images[1], TEXTS[1:])]
    together = scorer.score(requests)
    last_digit = 2 * written_tolerance(4)  # another batch may tip it over
    for request, scores in zip(requests, together, strict=True):
        assert scorer.score([request])[0] == pytest.approx(scores, abs=last_digit)
    assert (
        abs(together[1][0] - together[0][0]) > 10 * last_digit
        and abs(together[2][0] - together[0][0]) > 10 * last_digit
    )
    assert [len(scores) for scores in together] == [1, 3, 2]
    assert scorer.score([]) == []


def test_bfloat16_is_close(scorer, images):
    made = LanguageBindScorer(FOLDERS["thermal"], device="cpu", precision="bf16")
    similar = (made.embed_images(images) * scorer.embed_images(images)).sum(dim=1)
    rounding = (
        float_tolerance(1.0, 1, SUMS, BFLOAT16) / 2 / DEVIATIONS
    )  # of one of the two, as the length of all errors
    assert 1 - rounding**2 / 2 < similar.min() < 1
    assert made.identity != scorer.identity


def test_without_an_image_the_scorer_says_what_to_do(scorer, tmp_path):
    with pytest.raises(UsageError, match="there is none; choose a translator, or --scorer lexical"):
        scorer.score([ScoreRequest(None, TEXTS)])
    with pytest.raises(ImageError, match="translate first"):
        scorer.score([ScoreRequest(tmp_path / "absent.png", TEXTS)])


# Bad folders.


class Attack:
    """A pickle that makes a file when it is loaded without protection."""

    def __init__(self, target):
        self.target = str(target)

    def __reduce__(self):
        return Path.touch, (Path(self.target),)


@pytest.mark.parametrize("form", ["pickle", "torch"])
def test_code_in_a_checkpoint_is_not_run(form, folder, tmp_path):
    target, path = tmp_path / "owned", folder / "pytorch_model.bin"
    if form == "pickle":
        path.write_bytes(pickle.dumps(Attack(target)))
    else:
        torch.save(read_state(folder) | {"logit_scale": Attack(target)}, path)
    with pytest.raises(UsageError, match=r"refused, as it holds more than tensors.*Nothing of it was run"):
        load_languagebind(folder)
    assert not target.exists()


@pytest.mark.parametrize("share", [0, 0.3, 0.999])
def test_truncated_checkpoints_are_refused(share, folder):
    path = folder / "pytorch_model.bin"
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(UsageError, match=r"pytorch_model\.bin.*(truncated, damaged|is empty)"):
        load_languagebind(folder)


def drop(state, part):
    return {name: value for name, value in state.items() if part not in name}


LORA = "vision_model.encoder.base_model.model.layers.0.self_attn.q_proj.lora_A.default.weight"
BAD_STATES = {
    "missing": (lambda state: drop(state, "mlp.fc1"), r"12 missing: .*fc1.*, and 7 more"),
    "extra": (lambda state: state | {"temporal.weight": torch.zeros(3)}, r"1 not known: temporal\.weight"),
    "shape": (
        lambda state: state | {"visual_projection.weight": torch.zeros(24, 47)},
        r"visual_projection\.weight \[24, 47\] instead of \[24, 48\]",
    ),
    "another model": (lambda state: {"fc.weight": torch.zeros(2, 2)}, "missing: .*1 not known: fc.weight"),
    "not a number": (lambda state: state | {"logit_scale": torch.tensor(float("inf"))}, "values that are no numbers"),
    "half a LoRA": (lambda state: drop(state, "lora_B"), r"has LoRA weights A, not A and B"),
    "two ranks": (
        lambda state: state | {LORA: torch.zeros(3, 48)},
        r"LoRA weights of several ranks \(2, 3\)",
    ),
    "LoRA of nothing": (
        lambda state: drop(state, "layers.0.self_attn.q_proj.weight"),
        r"do not fit .*layers\.0\.self_attn\.q_proj\.weight",
    ),
}


@pytest.mark.parametrize("name", BAD_STATES)
def test_other_checkpoints_are_refused(name, folder):
    change, message = BAD_STATES[name]
    change_state(folder, change)
    with pytest.raises(UsageError, match=message) as caught:
        load_languagebind(folder)
    assert "pytorch_model.bin" in str(caught.value)


BAD_CONFIGS = {
    "no LoRA": (
        lambda config: [config["vision_config"].pop(name) for name in ("lora_r", "lora_alpha")],
        "has LoRA weights, but config.json names no lora_alpha",
    ),
    "rank": (lambda config: config["vision_config"].update(lora_r=4), "of rank 2, but lora_r is 4"),
    "another model": (lambda config: config.update(model_type="llama"), "its model_type is 'llama'; the scorer"),
    "another modality": (lambda config: config.update(model_type="LanguageBindDepth"), "'LanguageBindDepth'"),
    "alpha": (lambda config: config["vision_config"].update(lora_alpha="much"), "lora_alpha is no number"),
    "video": (lambda config: config["vision_config"].update(add_time_attn=True), "a video tower"),
    "no tower": (lambda config: config.pop("vision_config"), "vision_config is missing"),
    "width": (lambda config: config["text_config"].update(hidden_size=64), "of a wrong shape: text_model"),
    "layers": (lambda config: config["text_config"].update(num_hidden_layers=1), "16 not known: text_model.*11 more"),
    "heads": (lambda config: config["vision_config"].update(num_attention_heads=5), "not a multiple of"),
    "no size": (lambda config: config["vision_config"].update(hidden_size="big"), "hidden_size is 'big', no size"),
    "activation": (lambda config: config["text_config"].update(hidden_act="swoosh"), "no CLIP model can be made"),
}


@pytest.mark.parametrize("name", BAD_CONFIGS)
def test_other_configs_are_refused(name, folder):
    change, message = BAD_CONFIGS[name]
    change_config(folder, change)
    with pytest.raises(UsageError, match=message):
        load_languagebind(folder)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("config.json", "{", "config.json: not valid JSON"),
        ("config.json", "[]", "not a JSON object but a list"),
        ("vocab.json", "{}", "do not fit together"),
        ("merges.txt", "#version: 0.2\n", "do not fit together"),
        ("merges.txt", "zzqq xxqq\n", "do not fit together"),
    ],
)
def test_damaged_small_files_are_refused(file, text, message, folder):
    (folder / file).write_text(text)
    with pytest.raises(UsageError, match=message):
        load_languagebind(folder)


def test_what_is_absent_is_named(folder, tmp_path, monkeypatch):
    (folder / "vocab.json").unlink()
    with pytest.raises(MissingError, match=r"lacks vocab\.json; the official folders are") as caught:
        LanguageBindScorer(folder)
    assert caught.value.exit_code == 3
    with pytest.raises(MissingError, match="there is no such folder"):
        LanguageBindScorer(tmp_path / "absent")
    with pytest.raises(UsageError, match="takes the folder that it lies in"):
        LanguageBindScorer(folder / "config.json")


def test_a_hub_id_is_taken_from_the_local_cache_when_offline(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(MissingError, match="the hub does not give it either"):
        LanguageBindScorer("LanguageBind/LanguageBind_Thermal")
    cached = tmp_path / "models--LanguageBind--LanguageBind_Thermal"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs/main").write_text("0" * 40)
    shutil.copytree(FOLDERS["thermal"], cached / "snapshots" / ("0" * 40), copy_function=shutil.copyfile)
    made = LanguageBindScorer("LanguageBind/LanguageBind_Thermal", device="cpu")
    assert made.report.model_type == "LanguageBindThermal"


@pytest.mark.parametrize("package", ["torch", "transformers"])
def test_without_the_packages_the_extra_is_named(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingError, match=rf"`languagebind` needs the package {package}.*\[train\]"):
        LanguageBindScorer(FOLDERS["thermal"])
