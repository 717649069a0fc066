"""Talks with tiny models of several families: answers, history, what the model sees, a folder of images."""

import json

import numpy as np
import pytest
from calling import call_here
from PIL import Image
from tiny_families import FAMILIES, build_family, write_family

from tools.errors import ImageError, ToolkitError, UsageError
from tools.prompts import DEFAULT_PACK
from tools.registry.extras import is_there
from trainer.model.assembled import Assembled
from trainer.output.talk.local import LocalModel
from trainer.output.talk.many import read_answers
from trainer.output.talk.pictures import open_picture
from trainer.output.talk.prompting import Context, Exchange, Wording
from trainer.output.talk.seen import show_seen
from trainer.output.talk.talk import Opening, Talk, tell_apart

QUESTION = Wording("", "Which option is shown?")
LAYOUTS = ("llava", "llava_next", "idefics3", "qwen3_vl", "gemma4", "molmo2", "pixtral_llava", "paligemma")
"""Families, one for each layout of pixels."""
NEEDS_TORCHVISION = {"gemma4", "molmo2"}


def draw(size=(96, 64)):
    """Four colours, one a quarter, so that a patch that is put elsewhere or turned shows."""
    image = Image.new("RGB", size, (200, 60, 40))
    half = (size[0] // 2, size[1] // 2)
    image.paste((40, 160, 60), (half[0], 0, *size[:1], half[1]))
    image.paste((50, 70, 190), (0, half[1], half[0], size[1]))
    image.paste((220, 210, 90), (*half, *size))
    return image


def compare(seen, image):
    """Mean difference of levels, of the picture with the most pixels."""
    found = max(seen.pictures, key=lambda one: one.width * one.height)
    whole = image.resize(found.size, Image.Resampling.BICUBIC)
    return float(np.abs(np.asarray(found, np.float32) - np.asarray(whole, np.float32)).mean())


@pytest.fixture(scope="module")
def make_model():
    made = {}

    def make(name="llava", tokens=6):
        if name in NEEDS_TORCHVISION and not is_there("torchvision"):
            pytest.skip(f"{name}: torchvision is not installed (pip install -e '.[vlm]')")
        if name not in made:
            made[name] = build_family(name)
        return LocalModel(Assembled(*made[name]), name, tokens)

    return make


@pytest.fixture(scope="module")
def context():
    return Context(DEFAULT_PACK)


@pytest.mark.parametrize("name", LAYOUTS)
def test_pixels_turn_back_into_the_picture(name):
    if name in NEEDS_TORCHVISION and not is_there("torchvision"):
        pytest.skip(f"{name}: torchvision is not installed (pip install -e '.[vlm]')")
    processor = FAMILIES[name]().processor.image_processor
    image = draw((64, 64))  # square: what is cropped or tiled keeps all quarters
    made = processor([image], return_tensors="pt")
    seen = show_seen(made, processor)
    assert seen.pictures and not seen.why_not
    tiled = len(seen.pictures) > 1
    last = seen._replace(pictures=seen.pictures[-1:] if name == "idefics3" else seen.pictures[:1]) if tiled else seen
    turned = image.transpose(Image.Transpose.TRANSPOSE)
    assert 3 * compare(last, image) < compare(last, turned), [one.size for one in seen.pictures]


def test_a_layout_that_is_not_known_says_so():
    processor = FAMILIES["llava"]().processor.image_processor
    assert "not known here (7 x 5)" in show_seen({"pixel_values": np.ones((7, 5))}, processor).why_not
    assert "no pixel values" in show_seen({}, processor).why_not


@pytest.mark.parametrize("name", ["llava", "qwen3_vl", "paligemma"])
def test_answers_stream_and_a_batch_says_the_same(make_model, name):
    model = make_model(name)
    images = [draw(), draw((40, 90)), draw().transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    streams = [list(model.stream((), QUESTION, image)) for image in images]
    assert model.answer([QUESTION] * 3, images) == [said[-1] for said in streams]
    assert all(len(said) > 1 for said in streams)
    if name != "paligemma":  # whose random weights say one word, whatever they see
        assert len({said[-1] for said in streams}) > 1


def test_history_and_context_reach_the_model(make_model, context):
    model = make_model()
    render = model._prompter.render
    history = (Exchange("Is it a car?", "yes"),)
    text = render(history, Wording("", "Which colour?"))
    assert text.index("Is it a car?") < text.index("yes") < text.index("Which colour?") and text.count("<image>") == 1
    told = render(history, context.put("Which colour?", is_told=True))
    assert "camera" in told and told.count("<image>") == 1 and told.index("camera") < told.index("Is it a car?")
    alone = make_model("paligemma")  # has no history, and no place for a system message
    assert "Is it a car?" not in alone._prompter.render(history, QUESTION)
    assert "camera" in alone._prompter.render((), context.put("What?", is_told=True))
    with pytest.raises(UsageError, match="stands for the image; leave it out"):
        render((), Wording("", "<image> again?"))


class Scripted:
    """A model that says what it is told, or fails."""

    warning = ""

    def __init__(self, name, pieces=("a", "a b"), error=None):
        self.name, self._pieces, self._error, self.heard, self.stopped = name, pieces, error, [], False

    def stream(self, history, wording, image):
        self.heard.append((history, wording))
        try:
            yield from self._pieces
            if self._error:
                raise self._error
        finally:
            self.stopped = True


def test_two_models_answer_side_by_side_each_with_its_own_history(context):
    one, other = Scripted("m"), Scripted("m", ("no",), ToolkitError("the server is gone"))
    models = tell_apart([one, other])
    talk = Opening(models, context, None, False).begin(open_blank())
    turns = list(talk.ask("What?"))
    assert [said.model for said in turns[-1].said] == ["m (1)", "m (2)"]
    assert turns[-1].said[0].answer == "a b" and turns[-1].said[1].error == "the server is gone"
    assert isinstance(talk.fault, ToolkitError)
    list(talk.ask("And?", is_told=True))
    assert one.heard[1][0] == (Exchange("What?", "a b"),) and other.heard[1][0] == ()
    rows = [json.loads(line) for line in talk.write().splitlines()]
    assert [(row["number"], row["question"], row["context"]) for row in rows] == [
        (1, "What?", False),
        (2, "And?", True),
    ]
    with pytest.raises(UsageError, match="choose an image first"):
        Opening(models, context, None, False).begin()


def test_whoever_stops_listening_stops_the_models_and_keeps_what_was_said(context):
    talk = Talk([Scripted("m", [str(number) for number in range(10**6)])], context, open_blank())
    answering = talk.ask("What?")
    while not next(answering).said[0].answer:
        pass
    assert talk.growing is not None and talk.turns == []
    answering.close()
    assert talk.growing is None and len(talk.turns) == 1 and talk.turns[0].said[0].answer


def open_blank():
    from trainer.output.talk.pictures import Opened

    return Opened(draw(), "a.png")


def test_images_of_8_and_16_bits_and_arrays(tmp_path):
    draw().save(tmp_path / "colour.png")
    counts = np.linspace(27000, 31000, 64 * 48, dtype=np.uint16).reshape(48, 64)
    Image.fromarray(counts).save(tmp_path / "deep.png")
    np.save(tmp_path / "celsius.npy", (counts / 100 - 273.15).astype(np.float32))
    assert open_picture(tmp_path / "colour.png") == (draw(), "colour.png", "")
    deep, celsius = open_picture(tmp_path / "deep.png"), open_picture(tmp_path / "celsius.npy")
    assert deep.note == "values: 27019.4 is black, 30979.6 is white" and celsius.note.startswith("counts (npy): -2.95")
    levels, other = (np.asarray(one.picture, int) for one in (deep, celsius))
    assert levels[0, 0, 0] == 0 and levels[-1, -1, 0] == 255 and np.abs(levels - other).max() <= 1
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(ImageError, match="text file"):
        open_picture(tmp_path / "text.png")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Five images, one of them broken, and a model."""
    root = tmp_path_factory.mktemp("many")
    (root / "images" / "sub").mkdir(parents=True)
    for number in range(4):
        draw((60 + 8 * number, 48)).rotate(90 * number).save(root / "images" / "sub" / f"{number}.png")
    (root / "images" / "broken.png").write_text("no image")
    write_family("llava", root / "model")
    return root


def ask_folder(root, out, *more, question="What is shown?", images="images"):
    return call_here(
        "trainer.chat", "--model", root / "model", "--folder", root / images, "--question", question, "--out", out,
        "--max-new-tokens", 4, "--batch", 2, *more,
    )  # fmt: skip


def test_a_folder_is_answered_and_gone_on_with(folder, tmp_path):
    whole, out = tmp_path / "whole.jsonl", tmp_path / "part.jsonl"
    done = ask_folder(folder, whole)
    assert done.returncode == 1 and "1 of 5 images cannot be read, e.g. broken.png: not_an_image" in done.stderr
    rows = read_answers(whole)
    assert [row.image for row in rows] == ["broken.png", *(f"sub/{number}.png" for number in range(4))]
    assert rows[0].error and all(row.answer and not row.error for row in rows[1:])
    lines = whole.read_bytes().splitlines(keepends=True)
    for kept in (lines[2] + lines[4][:9], b"", lines[1] + lines[0] + lines[3]):  # as a killed process leaves it
        out.write_bytes(kept)
        (tmp_path / "part.jsonl.manifest.json").write_bytes((tmp_path / "whole.jsonl.manifest.json").read_bytes())
        ask_folder(folder, out)
        assert out.read_bytes() == whole.read_bytes()
    other = ask_folder(folder, out, question="What is cold?")
    assert other.returncode == 2 and "question: What is shown? -> What is cold?" in other.stderr
    told = ask_folder(folder, out, "--context", "on")
    assert told.returncode == 2 and "system: " in told.stderr
    assert out.read_bytes() == whole.read_bytes()
    strange = tmp_path / "strange.jsonl"
    strange.write_text('{"id": 1}\n')
    refused = ask_folder(folder, strange)
    assert refused.returncode == 2 and strange.read_text() == '{"id": 1}\n'


def test_a_repaired_image_is_asked_again(folder, tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    (images / "a.png").write_text("no image")
    out = tmp_path / "answers.jsonl"
    done = ask_folder(folder, out, images=images)
    assert done.returncode == 3 and "1 of 1 images cannot be read" in done.stderr
    draw().save(images / "a.png")
    done = ask_folder(folder, out, images=images)
    assert done.returncode == 0 and read_answers(out)[0].answer


def test_the_terminal_answers_of_one_model_and_of_two(folder):
    image = folder / "images" / "sub" / "0.png"
    words = ("trainer.chat", "--model", folder / "model", "--image", image, "--max-new-tokens", 4)
    one = call_here(*words, "--question", "What?")
    assert one.returncode == 0 and one.stdout.strip()
    two = call_here(*words, "--against", folder / "model", text="What?\nAnd?\n\n")
    assert two.returncode == 0, two.stderr
    lines = [line for line in two.stdout.splitlines() if line.startswith("model") or ": " in line]
    assert two.stdout.count("(1): ") == two.stdout.count("(2): ") == 2 and lines
    for wrong, why in (
        ((*words[:3], "--question", "What?"), "give an image with --image"),
        ((*words[:3], "--folder", folder / "images"), "belong together"),
        ((*words, "--folder", folder / "images", "--question", "a", "--out", "b"), "leave --image"),
        ((*words, "--against", "http://user:secret@x/v1"), "with a password"),
    ):
        refused = call_here(*wrong)
        assert refused.returncode == 2 and why in refused.stderr and "secret" not in refused.stderr, refused.stderr


def test_a_server_is_the_second_model(folder):
    from scripted_server import scripted_server

    image = folder / "images" / "sub" / "0.png"
    words = (
        "trainer.chat",
        "--model",
        folder / "model",
        "--image",
        image,
        "--max-new-tokens",
        4,
        "--question",
        "What?",
    )
    with scripted_server() as server:
        done = call_here(*words, "--against", server.url, "--model-name", "scripted")
        gone = server.url
    assert "scripted (127.0.0.1" in done.stdout, done.stderr
    done = call_here(*words, "--against", gone, "--model-name", "scripted")
    assert done.returncode == 1 and "no answer after 2 attempts" in " ".join(done.stderr.split())
