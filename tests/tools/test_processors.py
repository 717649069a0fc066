"""Pixels do not hang on whether torchvision is installed."""

import importlib.util

import pytest

pytest.importorskip("transformers", reason="needs the extra `train`")

from PIL import Image
from tiny_families import write_family
from transformers import AutoProcessor

from tools import processors
from tools.errors import MissingError
from tools.processors import load_processor, name_image_processor


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_family("llava", tmp_path_factory.mktemp("llava") / "llava")


@pytest.fixture(scope="module")
def picture():
    return Image.linear_gradient("L").resize((37, 53)).convert("RGB")


def test_what_loaded_without_torchvision_still_gives_the_pixels_of_pillow(folder, picture):
    from transformers import CLIPImageProcessorPil

    from trainer.model.processing import load_processor as load_for_training

    expected = CLIPImageProcessorPil.from_pretrained(folder)(images=picture, return_tensors="pt")["pixel_values"]
    for processor in (load_processor(str(folder)), load_for_training(folder)):
        assert name_image_processor(processor) == "CLIPImageProcessorPil"
        found = processor(text="<image>", images=picture, return_tensors="pt")["pixel_values"]
        assert found.equal(expected)


@pytest.mark.skipif(importlib.util.find_spec("torchvision") is None, reason="torchvision is not installed")
def test_torchvision_would_have_moved_them(folder, picture):
    stock = AutoProcessor.from_pretrained(folder)
    assert name_image_processor(stock) == "CLIPImageProcessor"
    ours = load_processor(str(folder))(text="<image>", images=picture, return_tensors="pt")["pixel_values"]
    theirs = stock(text="<image>", images=picture, return_tensors="pt")["pixel_values"]
    assert not ours.equal(theirs)
    assert float((ours - theirs).abs().max()) < 0.02
    wanted = load_processor(str(folder), is_torchvision=True)
    assert wanted(text="<image>", images=picture, return_tensors="pt")["pixel_values"].equal(theirs)


def test_torchvision_s_image_processor_is_missed_where_it_is_wanted(monkeypatch, folder):
    pillow = load_processor(str(folder))
    monkeypatch.setattr(AutoProcessor, "from_pretrained", lambda *_, **__: pillow)
    with pytest.raises(MissingError, match="no image processor of torchvision"):
        load_processor(str(folder), is_torchvision=True)


@pytest.mark.parametrize(
    ("error", "installed", "words"),
    [
        (ImportError("Package `num2words` is required"), False, "the package num2words, which is not installed: pip"),
        (ValueError("Missing optional dependencies: torchvision."), False, "torchvision, which is not installed: pip"),
        (RuntimeError("PyTorch and torchvision were compiled with different CUDA"), True, "install both again"),
    ],
)
def test_a_package_that_a_processor_asks_for_is_named(monkeypatch, error, installed, words):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(AutoProcessor, "from_pretrained", fail)
    monkeypatch.setattr(processors, "is_there", lambda name: installed)
    with pytest.raises(MissingError, match=words):
        load_processor("folder")


def test_another_fault_of_a_folder_is_its_own(monkeypatch):
    def fail(*_, **__):
        raise ValueError("no such class")

    monkeypatch.setattr(AutoProcessor, "from_pretrained", fail)
    with pytest.raises(ValueError, match="no such class"):
        load_processor("folder")
