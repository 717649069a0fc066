"""`tools translate`: folders, counted rejects, going on after a stop, and images of the wrong size."""

import json

import pytest
from calling import call_here
from PIL import Image

from tools.errors import RejectError, ToolkitError
from tools.ids import NamedImage
from tools.translation import TranslateRequest, TranslatorSpec, make_translator
from tools.translation.checked import translate_checked
from tools.translation.controls import GrayTranslator
from tools.translation.write import JOURNAL, translate_to


class Counting(GrayTranslator):
    """Gray, which counts what it is asked."""

    def __init__(self, identity="counting-1"):
        self.identity = identity
        self.asked = []

    def translate(self, requests):
        self.asked += [request.image_id for request in requests]
        return super().translate(requests)


def save_photographs(folder, count=3):
    for number in range(count):
        path = folder / ("deep" if number == 1 else "") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 10), (number * 40, 0, 0)).save(path)
    return [NamedImage(str(number), path) for number, path in enumerate(sorted(folder.rglob("*.png")))]


def test_what_is_there_is_not_made_again(tmp_path):
    named, out = save_photographs(tmp_path / "photos"), tmp_path / "out"
    first = translate_to(Counting(), named, out)
    next(first)
    first.close()  # as an interrupt ends it
    again = Counting()
    assert len(list(translate_to(again, named, out))) == 3
    assert again.asked == ["1", "2"]
    whole = {path.name: path.read_bytes() for path in out.glob("*.png")}
    (out / "2.png").unlink()
    Image.new("RGB", (20, 10), "white").save(named[0].path)
    (out / JOURNAL).write_bytes((out / JOURNAL).read_bytes()[:-5])  # as a kill may leave it
    changed = Counting()
    list(translate_to(changed, named, out))
    assert changed.asked == ["0", "2"]
    assert (out / "2.png").read_bytes() == whole["2.png"] and (out / "0.png").read_bytes() != whole["0.png"]
    other = Counting("counting-2")
    list(translate_to(other, named, out))
    assert other.asked == ["0", "1", "2"]
    assert all(json.loads(line)["image"] for line in (out / JOURNAL).read_text().splitlines())


def test_a_folder_is_translated_with_what_cannot_be_read_counted(tmp_path):
    save_photographs(tmp_path / "photos")
    (tmp_path / "photos/bad.jpg").write_bytes(b"sk-secret")
    done = call_here("tools", "translate", tmp_path / "photos", "--out", tmp_path / "out", "--translator", "gray")
    assert done.returncode == 1
    assert "1 of 4 photographs could not be translated" in done.stderr
    assert "sk-secret" not in done.stdout + done.stderr
    made = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.png")}
    assert made == {"0.png", "deep/1.png", "2.png"}


def test_an_image_of_another_size_is_refused(tmp_path, monkeypatch):
    (one,) = save_photographs(tmp_path / "photos", 1)
    monkeypatch.setattr(Counting, "translate", lambda self, requests: [Image.new("L", (10, 20))] * len(requests))
    with pytest.raises(RejectError, match=r"0\.png: the translator `gray` made 10x20 pixels .* of 20x10") as caught:
        translate_checked(Counting(), [TranslateRequest(one.path, (), "0")])
    assert caught.value.code == "bad_translation"
    (outcome,) = translate_to(Counting(), [one], tmp_path / "out")
    assert isinstance(outcome, RejectError)
    assert not (tmp_path / "out/0.png").exists()


@pytest.mark.parametrize("given", [[], [None], ["image"], [Image.new("L", (20, 10))] * 2])
def test_something_else_than_an_image_a_request_is_an_error(tmp_path, monkeypatch, given):
    (one,) = save_photographs(tmp_path / "photos", 1)
    monkeypatch.setattr(Counting, "translate", lambda self, requests: given)
    with pytest.raises(ToolkitError, match="the translator `gray` gave no image, or not one for each"):
        translate_checked(Counting(), [TranslateRequest(one.path, (), "0")])


def test_an_infrared_image_on_its_side_is_refused_and_a_smaller_one_enlarged(tmp_path):
    (one,) = save_photographs(tmp_path / "photos", 1)
    (tmp_path / "infrared").mkdir()
    translator = make_translator(TranslatorSpec("folder", {"folder": tmp_path / "infrared"}))
    request = TranslateRequest(one.path, (), "0")
    Image.new("L", (10, 5)).save(tmp_path / "infrared/0.png")
    assert translate_checked(translator, [request])[0].size == (20, 10)
    Image.new("L", (10, 20)).save(tmp_path / "infrared/0.png")
    with pytest.raises(RejectError, match="lies on its side"):
        translate_checked(translator, [request])
