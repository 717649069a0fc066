"""torchvision beside a PyTorch that its compiled part does not fit, and that nobody imports transformers unwatched."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from killing import ROOT

pytest.importorskip("torch", reason="needs the extra `train`")

PACKAGES = ("tools", "trainer", "itb", "agents")
LIBRARIES = {"transformers", "trl", "peft"}
STAND_IN = """
import torch
torch.library.register_fake("torchvision::nms")(lambda dets, scores, iou_threshold: dets)
torch.library.register_fake("torchvision::qnms")(lambda dets, scores, iou_threshold: dets)
"""
"""What the real one does that fails where its compiled part is not there."""


def run(code: str, *path: Path) -> str:
    """The output of a Python of its own, with folders before its path."""
    places = os.pathsep.join(map(str, (*path, ROOT, os.environ.get("PYTHONPATH", ""))))
    env = os.environ | {"PYTHONPATH": places}
    done = subprocess.run([sys.executable, "-c", code], check=False, env=env, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A folder with a torchvision whose compiled part is no library."""
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text(STAND_IN)
    (package / "_C.so").write_bytes(b"built for another PyTorch")
    return tmp_path


def test_a_torchvision_whose_compiled_part_fails_is_repaired_when_it_is_imported(stand_in: Path) -> None:
    with pytest.raises(AssertionError, match="operator torchvision::nms does not exist"):
        run("import torchvision", stand_in)
    imported = "import sys, tools; assert 'torch' not in sys.modules; import gc, torch, torchvision; gc.collect(); "
    schema = run(imported + "print(torch.ops.torchvision.nms.default._schema)", stand_in)
    assert schema == "torchvision::nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def test_repairing_twice_is_repairing_once(stand_in: Path) -> None:
    folder = f"from pathlib import Path; folder = Path({str(stand_in)!r}, 'torchvision'); "
    twice = "from tools import torchvision_repair as it; it.watch_imports(); it.repair(folder); it.repair(folder); "
    counts = "import sys, torchvision; found = [type(each) for each in sys.meta_path if type(each) is it._Finder]; "
    told = run(folder + twice + counts + "print(len(found), len(it._declared), it.is_sound(folder))", stand_in)
    assert told == "1 1 False"


def test_a_sound_torchvision_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import torch

    from tools import torchvision_repair

    (tmp_path / f"_C{torchvision_repair.importlib.machinery.EXTENSION_SUFFIXES[0]}").touch()
    loaded: list[str] = []
    monkeypatch.setattr(torch.ops, "load_library", loaded.append)
    monkeypatch.setattr(torch.library, "Library", lambda *_: pytest.fail("a sound one was touched"))
    torchvision_repair.repair(tmp_path)
    assert len(loaded) == 1


@pytest.mark.parametrize(
    ("torch", "vision", "is_usable", "words"),
    [
        ("2.13.0", "0.28.0", True, "of one build"),
        ("2.13.0+cu126", "0.28.0+cu126", True, "of one build"),
        ("2.13.0+cpu", "0.28.0", True, "uses its Python part, with images as PIL; other programs here, `trl` among them, fail"),
        ("2.13.0+cu126", "0.28.0", False, "built for another CUDA, not cu126; install both from one index"),
        ("2.14.0+cpu", "0.28.0+cpu", False, "made for torch 2.13.0; install both from one index"),
        ("2.13.0", "", False, "torchvision is not installed"),
    ],
)
def test_the_doctor_tells_builds_that_do_not_belong_together(monkeypatch, torch, vision, is_usable, words) -> None:
    from tools import torchvision_repair

    def find(name: str) -> str:
        if not (found := {"torch": torch, "torchvision": vision}[name]):
            raise torchvision_repair.metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(torchvision_repair.metadata, "version", find)
    monkeypatch.setattr(torchvision_repair.metadata, "requires", lambda name: ["numpy", "torch (==2.13.0)"])
    found, text = torchvision_repair.examine_builds()
    assert found is is_usable and words in text


@pytest.mark.skipif(importlib.util.find_spec("torchvision") is None, reason="torchvision is not installed")
def test_the_real_one_makes_the_processors_of_transformers_usable() -> None:
    found = "from transformers import Qwen3VLVideoProcessor as P; print(P().__class__.__name__)"
    assert run(f"import tools; {found}") == "Qwen3VLVideoProcessor"


@pytest.mark.parametrize("package", PACKAGES)
def test_whoever_imports_transformers_is_watched(package: str) -> None:
    """Its package imports `tools`, which sets the hook up, before its first module runs; and none imports PyTorch."""
    importing = [path for path in (ROOT / package).rglob("*.py") if LIBRARIES & imports_of(path)]
    check = "sum(type(finder).__module__ == 'tools.torchvision_repair' for finder in sys.meta_path)"
    state = run(f"import sys, {package}; print({check}, 'torch' in sys.modules)")
    assert state == "1 False" if importing else package == "agents"
    assert importing or package == "agents"


def test_every_test_comes_after_the_toolkit() -> None:
    assert "tools" in imports_of(ROOT / "tests/conftest.py")


def imports_of(path: Path) -> set[str]:
    """The packages that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").partition(".")[0])
    return names
