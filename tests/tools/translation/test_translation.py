"""Translators: controls, the class table, `prior`, and images made elsewhere."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from tolerances import float_tolerance, largest_difference

from tools.errors import ImageError, MissingError, UsageError
from tools.images import load_rgb, save_png
from tools.records import Box
from tools.registry import TRANSLATORS
from tools.translation import TranslateRequest, TranslatorSpec, make_translator
from tools.translation.filters import box_mean, guided_filter
from tools.translation.priors import load_priors
from tools.translation.scene import find_sky, guess_outdoor, make_view

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared"
PERSON = (0.4, 0.35, 0.55, 0.9)
EMBEDDED = [entry.name for entry in TRANSLATORS.entries() if entry.traits.get("is_embedded")]

COCO_NAMES = """person bicycle car motorcycle airplane bus train truck boat traffic_light fire_hydrant stop_sign
parking_meter bench bird cat dog horse sheep cow elephant bear zebra giraffe backpack umbrella handbag tie suitcase
frisbee skis snowboard sports_ball kite baseball_bat baseball_glove skateboard surfboard tennis_racket bottle
wine_glass cup fork knife spoon bowl banana apple sandwich orange broccoli carrot hot_dog pizza donut cake chair couch
potted_plant bed dining_table toilet tv laptop mouse remote keyboard cell_phone microwave oven toaster sink
refrigerator book clock vase scissors teddy_bear hair_drier toothbrush""".replace("\n", " ").split()


def draw_street(path, size=(320, 240)):
    """Sky, a wall, a road and a person in grey clothes on a wall of nearly the same grey."""
    width, height = size
    noise = np.random.default_rng(3).normal(0, 6, (height, width, 3))
    image = Image.new("RGB", size, (150, 185, 235))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0.3 * height, width, 0.6 * height), fill=(135, 120, 105))
    draw.rectangle((0, 0.6 * height, width, height), fill=(95, 95, 98))
    x1, y1, x2, y2 = (value * side for value, side in zip(PERSON, size * 2, strict=True))
    draw.ellipse((x1 + 12, y1, x2 - 12, y1 + 24), fill=(200, 160, 140))
    draw.rectangle((x1 + 6, y1 + 22, x2 - 6, y2), fill=(60, 70, 110))
    levels = np.asarray(image, float)
    levels[int(0.3 * height) :] += noise[int(0.3 * height) :]
    save_png(Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)), path)
    return path


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    return draw_street(tmp_path_factory.mktemp("photos") / "street.png")


def translate(name, photo, boxes=(), image_id="7", seed=0, **values):
    translator = make_translator(TranslatorSpec(name, values, seed))
    return translator.translate([TranslateRequest(photo, tuple(boxes), image_id)])[0]


def person(label="person", box=PERSON, **extra):
    return Box(label=label, box_xyxy_norm=box, **extra)


def mean_in(image, box):
    levels = np.asarray(image, float)
    x1, y1, x2, y2 = (round(v * s) for v, s in zip(box, image.size * 2, strict=True))
    return levels[y1:y2, x1:x2].mean()


def test_gray_is_exact(street):
    assert translate("gray", street).tobytes() == load_rgb(street).convert("L").tobytes()


@pytest.mark.parametrize("name", EMBEDDED)
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 200), (640, 37), (33, 480)])
def test_every_size_gives_grey_of_that_size(tmp_path, name, size):
    save_png(Image.new("RGB", size, (90, 140, 60)), tmp_path / "a.png")
    result = translate(name, tmp_path / "a.png", [person(), person("car", (0, 0, 1, 1))])
    assert (result.mode, result.size) == ("L", size)


def test_size_is_that_after_exif_rotation(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(tmp_path / "a.jpg", exif=exif)
    assert {translate(name, tmp_path / "a.jpg").size for name in ("prior", "gray")} == {(20, 40)}


def test_results_are_in_order(street, tmp_path):
    save_png(Image.new("RGB", (10, 10), "white"), tmp_path / "white.png")
    requests = [TranslateRequest(path, (), "1") for path in (tmp_path / "white.png", street)]
    assert [image.size for image in make_translator(TranslatorSpec("gray")).translate(requests)] == [
        (10, 10),
        (320, 240),
    ]


@pytest.mark.parametrize("name", EMBEDDED)
def test_a_bad_photo_is_an_image_error(tmp_path, name):
    (tmp_path / "a.jpg").write_text("no image")
    with pytest.raises(ImageError, match="none of the formats"):
        translate(name, tmp_path / "a.jpg")


@pytest.mark.parametrize("label", ["person", "dog", "pizza", "People"])
def test_warm_things_are_brighter_than_their_surroundings(street, label):
    result = translate("prior", street, [person(label)])
    around = mean_in(result, (0.2, 0.35, 0.38, 0.9)), mean_in(result, (0.57, 0.35, 0.75, 0.9))
    assert mean_in(result, (0.43, 0.4, 0.52, 0.85)) > max(around) + 30


def test_the_silhouette_lights_up_rather_than_the_box(street):
    levels = np.asarray(translate("prior", street, [person()]), float)
    assert levels[110:200, 140:165].mean() > levels[86:96, 128:132].mean() + 30


def test_without_boxes_the_person_stays_dark(street):
    bare, boxed = translate("prior", street), translate("prior", street, [person()])
    inner = (0.43, 0.45, 0.52, 0.85)
    wall = (0.2, 0.45, 0.35, 0.58)
    assert mean_in(boxed, inner) - mean_in(boxed, wall) > mean_in(bare, inner) - mean_in(bare, wall) + 30


def test_cold_things_are_darker(street):
    result = translate("prior", street, [person("fire hydrant"), person("person", (0.7, 0.4, 0.8, 0.9))])
    assert mean_in(result, (0.43, 0.4, 0.52, 0.85)) < mean_in(result, (0.72, 0.45, 0.78, 0.85)) - 40


def test_sky_is_cold_and_only_outdoors(street):
    view = make_view(load_rgb(street))
    sky = find_sky(view)
    assert sky[:60].mean() > 0.8
    assert sky[90:].mean() < 0.1
    result = translate("prior", street, [person("car", (0.7, 0.6, 0.95, 0.9))])
    assert mean_in(result, (0, 0, 1, 0.25)) < mean_in(result, (0, 0.62, 0.6, 1)) - 60
    indoor = translate("prior", street, [person("oven", (0.7, 0.6, 0.95, 0.9)), person("sink", (0.1, 0.7, 0.2, 0.8))])
    drop = mean_in(indoor, (0, 0.35, 0.3, 0.58)) - mean_in(indoor, (0, 0, 1, 0.25))
    assert drop < mean_in(result, (0, 0.35, 0.3, 0.58)) - mean_in(result, (0, 0, 1, 0.25))


def test_a_crowd_region_is_weaker_than_a_person(street):
    single, crowd = translate("prior", street, [person()]), translate("prior", street, [person(is_crowd=True)])
    assert mean_in(crowd, (0.43, 0.4, 0.52, 0.85)) < mean_in(single, (0.43, 0.4, 0.52, 0.85)) - 5


def test_vehicles_are_warm_below_and_cold_at_the_windows(street):
    result = translate("prior", street, [person("car", (0.1, 0.6, 0.9, 0.98))])
    assert mean_in(result, (0.2, 0.84, 0.8, 0.92)) > mean_in(result, (0.2, 0.67, 0.8, 0.74)) + 20


coordinates = st.floats(-2, 3) | st.sampled_from([float("nan"), float("inf"), -1e30])


@settings(max_examples=40, deadline=None)
@given(box=st.tuples(coordinates, coordinates, coordinates, coordinates), label=st.sampled_from(["person", "car", "?"]))
def test_any_box_is_survived(street, box, label):
    assert translate("prior", street, [person(label, box)]).size == (320, 240)


def test_equal_bytes_across_calls_processes_and_batches(street):
    boxes = [person(), person("car", (0.6, 0.5, 0.9, 0.8))]
    here = hashlib.sha256(translate("prior", street, boxes).tobytes()).hexdigest()
    assert hashlib.sha256(translate("prior", street, boxes).tobytes()).hexdigest() == here
    code = (
        "import hashlib, sys; from pathlib import Path; from tools.records import Box\n"
        "from tools.translation import TranslateRequest, TranslatorSpec, make_translator\n"
        f"boxes = tuple(Box(label=l, box_xyxy_norm=b) for l, b in {[(b.label, b.box_xyxy_norm) for b in boxes]!r})\n"
        "request = TranslateRequest(Path(sys.argv[1]), boxes, '7')\n"
        "images = make_translator(TranslatorSpec('prior')).translate([request, request])\n"
        "print([hashlib.sha256(image.tobytes()).hexdigest() for image in images])"
    )
    command = [sys.executable, "-c", code, str(street)]
    reply = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert reply.stdout.strip() == str([here, here])


def test_noise_depends_on_image_and_seed_and_is_small(street):
    first = np.asarray(translate("prior", street), float)
    for other in (translate("prior", street, image_id="8"), translate("prior", street, seed=1)):
        difference = np.abs(np.asarray(other, float) - first)
        assert 0.5 < difference.mean() < 4
    assert (
        make_translator(TranslatorSpec("prior", seed=1)).identity != make_translator(TranslatorSpec("prior")).identity
    )


def test_the_table_knows_every_coco_class():
    table = load_priors()
    names = {name.replace("_", " ") for name in COCO_NAMES}
    assert len(names) == 80
    assert set(table.classes) == names
    assert set(table.same_as.values()) <= names
    assert table.find("Person ").celsius == table.classes["person"].celsius
    assert table.find("flux capacitor").celsius == table.ambient_celsius + 1
    assert guess_outdoor([table.find("car")]) > 0.7
    assert guess_outdoor([table.find("oven")]) < 0.4


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 5), st.integers(0, 9))
def test_box_mean_is_the_mean_over_the_window(height, width, radius, seed):
    values = np.random.default_rng(seed).random((height, width), dtype=np.float32)
    padded = np.pad(values, radius, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * radius + 1, 2 * radius + 1))
    bound = float_tolerance(1.0, 2 * radius + 1, 2)  # rows, then columns
    assert largest_difference(box_mean(values, radius), windows.mean((2, 3), dtype=float)) < bound


def test_guided_filter_smooths_and_keeps_edges():
    step_edge = np.repeat(np.array([[0.0] * 20 + [1.0] * 20], np.float32), 40, 0)
    noisy = step_edge + np.random.default_rng(0).normal(0, 0.03, (40, 40)).astype(np.float32)
    smooth = guided_filter(noisy, noisy, 4, 0.01)
    assert smooth[:, :15].std() < 0.4 * noisy[:, :15].std()
    assert smooth[:, 21].mean() - smooth[:, 18].mean() > 0.9


def test_folder_finds_by_stem_and_by_id_and_resizes(street, tmp_path):
    infrared = Image.fromarray(np.arange(200, dtype=np.uint8).reshape(10, 20), "L")
    infrared.save(tmp_path / "street.jpeg", quality=100)
    assert translate("folder", street, folder=tmp_path).size == (320, 240)
    (tmp_path / "street.jpeg").unlink()
    (tmp_path / "3f").mkdir()
    save_png(infrared.resize((320, 240)), tmp_path / "3f" / "7.png")
    found = translate("folder", street, folder=tmp_path)
    assert found.mode == "L"
    assert found.tobytes() == infrared.resize((320, 240)).tobytes()


def test_folder_misses_loudly(street, tmp_path):
    with pytest.raises(ImageError, match=r"no infrared image for photo street\.png") as caught:
        translate("folder", street, folder=tmp_path)
    assert caught.value.code == "missing_file"
    assert str(tmp_path) in str(caught.value)


def test_make_translator_checks_its_settings(tmp_path):
    assert make_translator(TranslatorSpec("none")) is None
    for name in EMBEDDED:
        translator = make_translator(TranslatorSpec(name))
        assert (translator.name, translator.is_embedded) == (name, True)
        assert translator.identity.startswith(name)
    with pytest.raises(UsageError, match=r"no translator `grey`; did you mean `gray`\?") as caught:
        make_translator(TranslatorSpec("grey"))
    assert all(name in str(caught.value) for name in TRANSLATORS.names())
    with pytest.raises(UsageError, match=r"translator `folder` needs --set translator\.folder=VALUE: Folder of"):
        make_translator(TranslatorSpec("folder"))
    with pytest.raises(MissingError, match="is not a folder"):
        make_translator(TranslatorSpec("folder", {"folder": tmp_path / "nowhere"}))
    with pytest.raises(UsageError, match=r"`prior` has no setting `folder`; it has none; `folder` has it"):
        make_translator(TranslatorSpec("prior", {"folder": tmp_path}))
    with pytest.raises(UsageError, match=r"`gray` has no setting `weights`"):
        make_translator(TranslatorSpec("gray", {"weights": tmp_path}))


def test_a_real_photograph_keeps_its_structure():
    photo = SHARED / "data/coco2017/val2017/000000000139.jpg"
    if not photo.is_file():
        pytest.skip(f"{photo} is missing")
    result = translate("prior", photo, [person("person", (0.645, 0.37, 0.727, 0.699))])
    assert result.size == load_rgb(photo).size
    assert np.asarray(result, float).std() > 15
