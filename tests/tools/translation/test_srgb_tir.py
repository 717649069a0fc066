"""sRGB-TIR: golden tensors of the official code, style codes, sizes, batches, and what bad checkpoints get."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tolerances import BFLOAT16, DEVIATIONS, float_tolerance, largest_difference

from tools.errors import ImageError, MissingError, UsageError
from tools.images import load_rgb, save_png
from tools.translation import TranslateRequest, TranslatorSpec, make_translator
from tools.translation.srgb_tir import SrgbTirTranslator, Styles, load_styles
from tools.translation.srgb_tir.translator import stretch

torch = pytest.importorskip("torch", reason="the extra `train` (torch) is not installed")

from tools.translation.srgb_tir.checkpoint import load_generators  # noqa: E402
from tools.translation.srgb_tir.network import Dimensions, Generator  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]
PARITY = ROOT.parent / "shared/parity/srgb_tir"
PHOTOS = ("000_mult4.png", "001_odd.png", "002_gray.png")
needs_parity = pytest.mark.skipif(not PARITY.is_dir(), reason="../shared/parity/srgb_tir is missing")
SMALL = Dimensions(width=4, hidden=8, blocks=2)
LAYERS = 2 * 17
"""Convolutions and fully connected layers of a `SMALL` generator in a row, each with its norm."""
CODES = ((0.5,) * 8, (-1.0, 2.0, 0.0, 0.3, 1.0, -2.0, 0.7, 0.1), (1.5,) * 8)


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
def official_codes(reference):
    return tuple(tuple(float(value) for value in code.ravel()) for code in reference["styles"])


@pytest.fixture(scope="module")
def upstream(official_codes):
    return SrgbTirTranslator(
        PARITY / "translation_weights.pt", styles=Styles(official_codes), as_upstream=True, device="cpu"
    )


def make_state(seed=0, size=SMALL):
    torch.manual_seed(seed)
    return Generator(size).state_dict()


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A random checkpoint of the official layout, smaller than any real one."""
    path = tmp_path_factory.mktemp("weights") / "translation_weights.pt"
    torch.save({"a": make_state(1), "b": make_state(2)}, path)
    return path


def save_noise(path, size, seed=0):
    levels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    save_png(Image.fromarray(levels), path)
    return TranslateRequest(path, (), str(seed))


def get_pixels(image):
    return np.asarray(image).astype(int)


# Golden: what the official code made of the same weights, photographs and codes.


@needs_parity
@pytest.mark.parametrize("batch", [1, 2, 5])
@pytest.mark.parametrize("photo", PHOTOS)
def test_raw_output_is_upstreams_at_any_batch_size(photo, batch, upstream, reference, official_codes):
    pixels = np.asarray(load_rgb(PARITY / "input" / photo))
    codes = [official_codes[place % 2] for place in range(batch)]
    for place, raw in enumerate(upstream.translate_raw([pixels] * batch, codes)):
        expected = reference[f"{photo}/raw_out_{place % 2}"][0]
        assert raw.shape == expected.shape
        assert np.abs(raw - expected).max() < 5e-4
        assert np.abs(stretch(raw).astype(int) - reference[f"{photo}/uint8_out_{place % 2}"]).max() <= 1


@needs_parity
def test_files_in_images_out_as_the_official_script(upstream, official_codes):
    for index in (0, 1):
        upstream.styles = Styles(official_codes, index=index)
        requests = [TranslateRequest(PARITY / "input" / photo, (), str(number)) for number, photo in enumerate(PHOTOS)]
        for photo, styled in zip(PHOTOS, upstream.translate_with_codes(requests), strict=True):
            expected = get_pixels(Image.open(PARITY / f"output_0{index}" / photo))
            assert np.abs(get_pixels(styled.image) - expected).max() <= 1
            assert styled.code == official_codes[index]


@needs_parity
def test_encoders_are_upstreams(reference):
    visible = load_generators(PARITY / "translation_weights.pt").visible
    for photo in PHOTOS:
        images = torch.from_numpy(reference[f"{photo}/net_in"])
        with torch.inference_mode():
            content, style = visible.encode_content(images), visible.encode_style(images)
        assert np.abs(content.numpy() - reference[f"{photo}/content"]).max() < 5e-4
        assert np.abs(style.numpy() - reference[f"{photo}/style_enc"][:, :, 0, 0]).max() < 5e-4


@needs_parity
def test_padding_changes_nothing_where_none_is_needed(upstream, official_codes):
    padded = SrgbTirTranslator(PARITY / "translation_weights.pt", styles=Styles(official_codes), device="cpu")
    upstream.styles = Styles(official_codes)
    request = TranslateRequest(PARITY / "input/000_mult4.png", (), "1")
    ours, theirs = padded.translate([request])[0], upstream.translate([request])[0]
    assert ours.mode == "L"
    assert ours.tobytes() == theirs.tobytes()


# Sizes and batches.


@pytest.mark.parametrize("size", [(64, 48), (65, 47), (130, 99), (17, 200), (5, 3), (1, 1)])
def test_any_size_comes_back_as_it_went_in(size, weights, tmp_path):
    request = save_noise(tmp_path / "photo.png", size)
    image = SrgbTirTranslator(weights, device="cpu").translate([request])[0]
    assert (image.size, image.mode) == (size, "L")


def test_padded_translation_stays_on_the_photograph(weights):
    """A pattern that repeats after 12 pixels goes on in the padding: the cut-off part must not shift what is seen."""
    tile = np.random.default_rng(3).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    mirrored = np.concatenate([tile, tile[-2:0:-1]], axis=0)
    whole = np.tile(np.concatenate([mirrored, mirrored[:, -2:0:-1]], axis=1), (3, 3, 1))[:64, :64]
    translator = SrgbTirTranslator(weights, device="cpu")
    full, cut = translator.translate_raw([whole, whole[:61, :62]], [CODES[0]] * 2)
    assert cut.shape == (3, 61, 62)
    near = np.abs(cut[:, 8:48, 8:48] - full[:, 8:48, 8:48]).mean()
    moved = np.abs(cut[:, 8:48, 9:49] - full[:, 8:48, 8:48]).mean()
    assert near < 0.3 * moved


def test_upstream_sizes_are_cut_down_and_small_ones_refused(weights, tmp_path):
    translator = SrgbTirTranslator(weights, as_upstream=True, device="cpu")
    assert translator.translate([save_noise(tmp_path / "odd.png", (66, 31))])[0].size == (64, 28)
    with pytest.raises(ImageError, match=r"15 x 40 pixels; the official script needs 16"):
        translator.translate([save_noise(tmp_path / "small.png", (15, 40))])


def test_batches_equal_single_photographs(weights, tmp_path):
    sizes = [(64, 48), (62, 46), (48, 64), (64, 48), (63, 47), (64, 48), (64, 48)]
    requests = [save_noise(tmp_path / f"{number}.png", size, number) for number, size in enumerate(sizes)]
    translator = SrgbTirTranslator(weights, styles=Styles(CODES, "choose"), device="cpu", batch_size=3)
    photos = [np.asarray(load_rgb(request.photo)) for request in requests]
    codes = [translator.styles.code_for(request.image_id) for request in requests]
    together = translator.translate_raw(photos, codes)
    bound = float_tolerance(1.0, 64 * 48, LAYERS)  # the norms sum over the image
    for photo, code, raw in zip(photos, codes, together, strict=True):
        assert largest_difference(raw, translator.translate_raw([photo], [code])[0]) < bound
    assert len(set(codes)) == len(CODES)
    other = translator.translate_raw(photos[:1], [next(code for code in CODES if code != codes[0])])[0]
    assert largest_difference(other, together[0]) > 10 * bound
    for request, image in zip(requests, translator.translate(requests), strict=True):
        assert np.abs(get_pixels(image) - get_pixels(translator.translate([request])[0])).max() <= 1


def test_bfloat16_is_close(weights, tmp_path):
    request = save_noise(tmp_path / "photo.png", (64, 48))
    exact, coarse = (
        get_pixels(SrgbTirTranslator(weights, device="cpu", precision=precision).translate([request])[0])
        for precision in ("fp32", "bf16")
    )
    rounding = float_tolerance(255, 1, LAYERS, BFLOAT16) / 2 / DEVIATIONS  # of one of the two, in the mean
    assert 0 < np.abs(exact - coarse).mean() < rounding


def test_a_flat_output_is_black_as_upstreams():
    assert stretch(np.full((3, 2, 2), 0.25, np.float32)).max() == 0


# Style codes.


def test_default_is_the_official_first_code_for_seed_1234():
    expected = (0.548151, -1.105863, 0.648018, 0.148357, 1.615471, -0.603047, -0.687244, 0.789302)
    assert load_styles().code_for("7") == expected
    assert load_styles(index=1).code_for("7")[0] == 0.520828


def test_codes_of_a_file_reach_the_image_and_the_record(weights, tmp_path):
    file = tmp_path / "codes.json"
    file.write_text(json.dumps([list(code) for code in CODES]))
    request = save_noise(tmp_path / "photo.png", (32, 32))
    made = [
        SrgbTirTranslator(weights, styles=load_styles(file, index=index), device="cpu").translate_with_codes([request])
        for index in range(3)
    ]
    assert [styled.code for (styled,) in made] == list(CODES)
    assert len({styled.image.tobytes() for (styled,) in made}) == 3


@pytest.mark.parametrize("policy", ["choose", "draw"])
def test_a_code_for_every_image_depends_on_seed_and_id_only(policy):
    codes = CODES if policy == "choose" else ()
    given = [Styles(codes, policy, seed=5).code_for(str(image_id)) for image_id in range(40)]
    assert given == [Styles(codes, policy, seed=5).code_for(str(image_id)) for image_id in range(40)]
    assert given != [Styles(codes, policy, seed=6).code_for(str(image_id)) for image_id in range(40)]
    assert len(set(given)) == (3 if policy == "choose" else 40)


def test_drawn_codes_are_standard_normal():
    values = np.array([Styles(policy="draw").code_for(str(image_id)) for image_id in range(2000)])
    assert values.shape == (2000, 8)
    assert abs(values.mean()) < 4 / 16_000**0.5
    assert abs(values.std() - 1) < 4 / 32_000**0.5


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '"a"', "[[]]", '[["a"]]', "[[true, 1]]", "[[NaN]]", "[1, [2]]", '{"codes": 3}', "[null]"],
)
def test_damaged_code_files_are_refused(text, tmp_path):
    file = tmp_path / "codes.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=r"codes\.json.*expected a list of codes"):
        load_styles(file)


def test_unusable_styles_are_refused(weights, tmp_path):
    with pytest.raises(MissingError, match="no such file; --style-codes takes"):
        load_styles(tmp_path / "absent.json")
    with pytest.raises(UsageError, match=r"no style code 2: 2 are given, counted from 0; lower --style-index"):
        load_styles(index=2)
    with pytest.raises(UsageError, match="style codes of 8 numbers, these have 3"):
        SrgbTirTranslator(weights, styles=Styles(((1.0, 2.0, 3.0),)), device="cpu")


def test_identity_names_everything_that_changes_the_images(weights, tmp_path):
    other = tmp_path / "other.pt"
    torch.save({"a": make_state(3), "b": make_state(2)}, other)
    made = [
        SrgbTirTranslator(weights, device="cpu"),
        SrgbTirTranslator(other, device="cpu"),
        SrgbTirTranslator(weights, device="cpu", styles=load_styles(index=1)),
        SrgbTirTranslator(weights, device="cpu", styles=load_styles(policy="choose")),
        SrgbTirTranslator(weights, device="cpu", styles=load_styles(policy="draw")),
        SrgbTirTranslator(weights, device="cpu", styles=load_styles(policy="draw", seed=1)),
        SrgbTirTranslator(weights, device="cpu", as_upstream=True),
        SrgbTirTranslator(weights, device="cpu", precision="bf16"),
    ]
    assert len({translator.identity for translator in made}) == len(made)
    assert SrgbTirTranslator(weights, device="cpu", batch_size=2).identity == made[0].identity


# Checkpoints.


def test_the_released_files_running_statistics_are_ignored(weights, tmp_path):
    held = torch.load(weights, weights_only=True)
    for domain in held.values():
        domain["enc_content.model.3.model.0.model.0.norm.running_mean"] = torch.zeros(16)
        domain["dec.model.0.model.1.model.1.norm.running_var"] = torch.ones(16)
    path = tmp_path / "released.pt"
    torch.save(held, path)
    request = save_noise(tmp_path / "photo.png", (32, 32))
    plain, other = (SrgbTirTranslator(file, device="cpu").translate([request])[0] for file in (weights, path))
    assert plain.tobytes() == other.tobytes()


def test_sizes_follow_from_the_tensors(tmp_path):
    size = Dimensions(channels=1, width=6, style=5, hidden=12, blocks=3)
    path = tmp_path / "w.pt"
    torch.save({"a": make_state(1, size), "b": make_state(2, size)}, path)
    assert load_generators(path).visible.size == size


def test_the_released_size_has_the_official_number_of_parameters():
    with torch.device("meta"):
        generator = Generator(Dimensions())
    assert sum(value.numel() for value in generator.parameters()) == 15_026_187


class Attack:
    """A pickle that makes a file when it is loaded without protection."""

    def __init__(self, target):
        self.target = str(target)

    def __reduce__(self):
        return Path.touch, (Path(self.target),)


@pytest.mark.parametrize("form", ["pickle", "torch", "nested"])
def test_code_in_a_checkpoint_is_not_run(form, tmp_path):
    target, path = tmp_path / "owned", tmp_path / "w.pt"
    if form == "pickle":
        path.write_bytes(pickle.dumps(Attack(target)))
    else:
        torch.save(Attack(target) if form == "torch" else {"a": make_state(), "b": Attack(target)}, path)
    with pytest.raises(UsageError, match=r"refused, as it holds more than tensors.*Nothing of it was run"):
        SrgbTirTranslator(path, device="cpu")
    assert not target.exists()
    if form == "pickle":
        pickle.loads(path.read_bytes())
        assert target.exists()


def rename(state, old, new):
    return {new if name == old else name: value for name, value in state.items()}


def drop(state, count):
    return dict(list(state.items())[:-count])


BAD_CHECKPOINTS = {
    "a list": (lambda: [1, 2], "it has a `list`, not the two domains `a` and `b`"),
    "one domain": (make_state, r"entries \(enc_style.*not the two domains"),
    "a text": (lambda: {"a": make_state(), "b": "x"}, "a state dict was expected, not a `str`"),
    "no tensors": (lambda: {"a": make_state(), "b": {"x": 3}}, "`x` holds a `int`, not a tensor"),
    "empty": (lambda: {"a": make_state(), "b": {}}, "not an empty `dict`"),
    "another model": (
        lambda: {"a": make_state(), "b": {"conv1.weight": torch.zeros(2)}},
        r"domain `b` lacks enc_content.*begins with conv1\.weight",
    ),
    "missing": (
        lambda: {"a": drop(make_state(), 7), "b": make_state()},
        r"domain `a`\).*7 missing: dec\.model.*, and 2 more",
    ),
    "renamed": (
        lambda: {"a": make_state(), "b": rename(make_state(), "dec.model.5.conv.bias", "extra")},
        r"1 missing: dec\.model\.5\.conv\.bias; 1 not known: extra",
    ),
    "shape": (
        lambda: {"a": make_state() | {"mlp.model.1.fc.bias": torch.zeros(9)}, "b": make_state()},
        r"1 of a wrong shape: mlp\.model\.1\.fc\.bias \[9\] instead of \[8\]",
    ),
    "another size": (
        lambda: {"a": make_state(0, Dimensions(width=6, hidden=8, blocks=2)), "b": make_state()},
        "of a wrong shape",
    ),
    "not a number": (
        lambda: {"a": make_state(), "b": make_state() | {"mlp.model.1.fc.bias": torch.full((8,), float("nan"))}},
        "values that are no numbers",
    ),
}


@pytest.mark.parametrize("name", BAD_CHECKPOINTS)
def test_other_checkpoints_are_refused(name, tmp_path):
    make, message = BAD_CHECKPOINTS[name]
    path = tmp_path / "w.pt"
    torch.save(make(), path)
    with pytest.raises(UsageError, match=message) as caught:
        SrgbTirTranslator(path, device="cpu")
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_truncated_checkpoints_are_refused(share, legacy, tmp_path):
    whole, path = tmp_path / "whole.pt", tmp_path / "w.pt"
    torch.save({"a": make_state(), "b": make_state()}, whole, _use_new_zipfile_serialization=not legacy)
    data = whole.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(UsageError, match=r"w\.pt.*(truncated, damaged|is empty)") as caught:
        SrgbTirTranslator(path, device="cpu")
    assert "weights_only" not in str(caught.value)


def test_absent_and_impossible_settings_are_named(weights, tmp_path):
    with pytest.raises(MissingError, match=r"no such file; the official file is `translation_weights\.pt`") as caught:
        SrgbTirTranslator(tmp_path / "absent.pt")
    assert caught.value.exit_code == 3
    with pytest.raises(UsageError, match="is no file"):
        SrgbTirTranslator(tmp_path)
    with pytest.raises(UsageError, match="the device `cuda:99` cannot be used here"):
        SrgbTirTranslator(weights, device="cuda:99")
    with pytest.raises(UsageError, match="the device `toaster` cannot be used here"):
        SrgbTirTranslator(weights, device="toaster")
    with pytest.raises(UsageError, match="fp16 is for GPUs"):
        SrgbTirTranslator(weights, device="cpu", precision="fp16")


def test_without_torch_the_extra_is_named(weights, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingError, match=r"`srgb-tir` needs the package torch.*\[train\]"):
        SrgbTirTranslator(weights)


def test_importing_the_translator_does_not_import_torch():
    code = (
        "import sys, tools.translation.srgb_tir, tools.languagebind, tools.compare.calibrate\n"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_srgb_tir_without_its_checkpoint_says_what_to_give():
    with pytest.raises(MissingError, match=r"needs its checkpoint.*--translator-weights.*`prior` needs none") as caught:
        make_translator(TranslatorSpec("srgb-tir", {"device": "cpu"}))
    assert caught.value.exit_code == 3
