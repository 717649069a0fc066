"""Ids of images: order, names of files, ids of photographs in folders, and draws that stay what they were."""

import hashlib
import unicodedata
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from tools.errors import ImageError, UsageError
from tools.functions import image_path, is_image_path
from tools.ids import MAX_NAME_CHARS, name_file, name_images, name_path, order_ids, read_file_name, read_id, read_number
from tools.images import save_png
from tools.seeds import hash_to_unit
from tools.translation import TranslateRequest, TranslatorSpec, make_translator
from tools.translation.photographs import list_photographs
from tools.translation.srgb_tir.styles import Styles

TEXTS = st.text(max_size=60) | st.text("/\\.=-_ ~aA0é图", max_size=12) | st.from_regex(r"[a-z]{1,3}/[A-Z0-9_ ]{1,9}")
LONG = st.text(min_size=140, max_size=400) | st.text("a=/", min_size=140, max_size=160)
NUMBERS = st.integers(-(10**19) + 1, 10**19 - 1)


# Names of files


@settings(deadline=None)
@given(NUMBERS)
def test_a_number_is_its_own_file_name(number):
    assert name_file(str(number)) == str(number)
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    assert image_path(str(number)) == f"images/{digest[:2]}/{number}.png"


@settings(deadline=None)
@given(TEXTS | LONG)
@example("")
@example("..")
@example("../../etc/passwd")
@example("/etc/passwd")
@example("nul")
@example("CON.x")
@example(".0006.png.4711-1.tmp")
@example("a\0b\n")
@example("\ud800")
def test_a_file_name_is_safe_and_leads_back_to_the_id_unless_it_was_cut(image_id):
    name = name_file(image_id)
    assert name.isascii() and 0 < len(name) <= MAX_NAME_CHARS
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-=")
    assert not name.startswith(".") and PurePosixPath(f"{name}.png").name == f"{name}.png"
    assert name.lower().split(".")[0] not in {"con", "nul", "prn", "aux", "com1", "lpt9"}
    assert (Path("/run") / image_path(image_id)).resolve().relative_to("/run/images")
    assert read_file_name(name) == (None if "==" in name else image_id)
    path = image_path(image_id)
    assert is_image_path(path)
    assert not is_image_path(path.replace("images/", "images/x/"))
    assert not is_image_path(f"images/{(int(path[7:9], 16) + 1) % 256:02x}/{name}.png")


@settings(deadline=None)
@given(st.lists(TEXTS | LONG, max_size=30, unique=True))
@example(["a/b", "a=2Fb", "a=b", "a==b", "A/b", "a//b", "=", "", "=3D", "a" * 150, "a" * 151, "a" * 152])
@example([f"{'图' * 50}{end}" for end in range(20)])
def test_no_two_ids_have_one_file_name(ids):
    assert len({name_file(image_id) for image_id in ids}) == len(ids)


@settings(deadline=None)
@given(st.text("abAB=/0123456789", max_size=20))
def test_a_name_that_no_id_has_is_no_ids(name):
    image_id = read_file_name(name)
    assert image_id is None or name_file(image_id) == name


# Order, and what an id is


@settings(deadline=None)
@given(st.lists(NUMBERS, max_size=30), st.lists(st.text(max_size=8), max_size=30))
def test_numbers_come_in_their_order_and_before_other_texts(numbers, texts):
    others = [text for text in texts if read_number(text) is None]
    mixed = sorted({*map(str, numbers), *others}, key=order_ids)
    assert mixed == [*map(str, sorted(set(numbers))), *sorted(set(others))]


@pytest.mark.parametrize("text", ["", "007", "+7", "-0", "1_000", " 7", "7 ", "7.0", "1e3", "٣", "²", "9" * 20, "-"])
def test_only_the_usual_decimal_text_is_a_number(text):
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (139, "139"),
        (139.0, "139"),
        (-0.0, "0"),
        ("139", "139"),
        ("007", "007"),
        ("yard/cat 1", "yard/cat 1"),
        (2**70, str(2**70)),
        (1.5, None),
        (2.0**60, None),
        (float("nan"), None),
        (float("inf"), None),
        (True, None),
        (None, None),
        ("", None),
        ("  ", None),
        ("a\nb", None),
        ("\ud800", None),
        ("x" * 1001, None),
        ([1], None),
        (10**400, None),
    ],
)
def test_ids_of_other_types_are_read_or_are_none(value, expected):
    assert read_id(value) == expected


# Photographs in folders


def write_photographs(root, *names):
    for number, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        save_png(Image.new("RGB", (40, 30), (50 * number % 256, 90, 90)), root / name)
    return root


def test_the_id_is_the_path_in_the_folder_or_the_name_of_the_file(tmp_path):
    write_photographs(tmp_path, "b.jpg", "yard/a.b.PNG", "yard/10.jpg", "9.jpg", "10.jpg", ".hidden/x.jpg", "._b.jpg")
    (tmp_path / "notes.txt").write_text("no image")
    named = list_photographs([tmp_path])
    assert [image.image_id for image in named] == ["10", "9", "b", "yard/10", "yard/a.b"]
    assert named[-1].path == tmp_path / "yard/a.b.PNG"
    assert list_photographs([tmp_path / "yard/a.b.PNG", Path("absent.jpg")])[0].image_id == "a.b"
    assert [image.image_id for image in list_photographs([tmp_path], leave_out=tmp_path / "yard")] == ["10", "9", "b"]


def test_files_that_would_be_one_image_are_refused_with_what_to_do(tmp_path):
    write_photographs(tmp_path, "a/cat.jpg", "a/cat.png", "b/cat.jpg")
    with pytest.raises(
        UsageError, match=r"a/cat\.jpg and .*a/cat\.png would have the same id .*; rename or remove one of them"
    ):
        list_photographs([tmp_path / "a"])
    with pytest.raises(UsageError, match=r"a/cat\.jpg and .*b/cat\.jpg would have the same id"):
        list_photographs([tmp_path / "a/cat.jpg", tmp_path / "b/cat.jpg"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no image in this folder"):
        list_photographs([tmp_path / "empty"])


def test_names_that_look_alike_are_one_and_bytes_that_are_no_text_are_shown(tmp_path):
    composed, decomposed = (unicodedata.normalize(form, "café.jpg") for form in ("NFC", "NFD"))
    assert name_path(PurePosixPath(decomposed)) == "café"
    with pytest.raises(UsageError, match=r"café\.jpg and .* would have the same id"):
        name_images((Path(name), PurePosixPath(name)) for name in (composed, decomposed))
    assert name_path(PurePosixPath("a/caf\udce9.jpg")).isascii()


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True), st.integers(0, 7))
def test_no_photographs_id_depends_on_the_others(names, left_out):
    named = {path: image_id for image_id, path in list_photographs([Path(f"{name}.jpg") for name in names])}
    rest = [Path(f"{name}.jpg") for place, name in enumerate(names) if place != left_out]
    assert all(named[path] == image_id for image_id, path in list_photographs(rest))


# The translator `folder`


def find(folder, photo, image_id):
    made = make_translator(TranslatorSpec("folder", {"folder": folder}))
    return int(np.asarray(made.translate([TranslateRequest(photo, (), image_id)])[0])[0, 0])


def save_level(path, level):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_png(Image.new("L", (40, 30), level), path)


def test_an_image_of_a_folder_is_found_by_its_id_and_one_of_coco_by_its_file(tmp_path):
    photos, made = write_photographs(tmp_path / "photos", "a/1.jpg", "b/1.jpg", "17.jpg", "x/2.jpg"), tmp_path / "made"
    for level, name in enumerate(["a/1.png", "b/1.png", "1.png", "17.png", "2.png"], 1):
        save_level(made / name, 10 * level)
    assert find(made, photos / "a/1.jpg", "a/1") == 10
    assert find(made, photos / "b/1.jpg", "b/1") == 20
    assert find(made, photos / "17.jpg", "1") == 40
    assert find(made, photos / "x/2.jpg", "17") == 50
    assert find(made, photos / "x/2.jpg", "uuid-7") == 50


def test_an_image_of_a_run_is_found_by_its_id_and_no_id_leaves_the_folder(tmp_path):
    photos, made = write_photographs(tmp_path / "photos", "yard/cat 1.jpg", "secret.jpg"), tmp_path / "run/images"
    save_level(tmp_path / "run" / image_path("yard/cat 1"), 70)
    save_level(tmp_path / "run/secret.png", 90)
    assert find(made, photos / "yard/cat 1.jpg", "yard/cat 1") == 70
    for image_id in ("../secret", "images/../../secret", str(tmp_path / "run/secret")):
        with pytest.raises(ImageError, match="no infrared image for photo secret"):
            find(made, photos / "secret.jpg", image_id)


# Draws: what COCO's ids drew when they were numbers, they draw as text.


def test_names_and_styles_of_an_image_are_what_they_were():
    assert [image_path(image_id) for image_id in ("1", "139", "-5")] == [
        "images/6b/1.png",
        "images/8d/139.png",
        "images/37/-5.png",
    ]
    styles = Styles(policy="draw", seed=3)
    assert styles.code_for("139")[:3] == (0.552194, 1.987673, 0.142566)
    assert styles.code_for("581929")[:3] == (-0.043907, -1.425351, -0.270031)


def test_the_noise_of_an_image_is_what_it_was(tmp_path):
    photo = tmp_path / "g.png"
    Image.linear_gradient("L").convert("RGB").resize((64, 48)).save(photo)
    made = make_translator(TranslatorSpec("prior"))
    images = made.translate([TranslateRequest(photo, (), image_id) for image_id in ("0", "1", "139")])
    digests = [hashlib.sha256(image.tobytes()).hexdigest()[:16] for image in images]
    assert digests == ["79f2812ac464c245", "970b67dc1ef3d7e3", "8a8befe97c0a3aa8"]


@settings(deadline=None)
@given(TEXTS.filter(lambda text: read_id(text) is not None))
def test_every_id_draws(image_id):
    assert 0 <= hash_to_unit(0, "kind", image_id) < 1
    assert len(Styles(policy="draw").code_for(image_id)) == 8
