"""Gradio's import writes no stubs; what is found otherwise, and what another version lacks, stays as it is."""

import gc
import importlib.util
import sys
from pathlib import Path

import pytest

from tools.web.quick import MODULE, WRITER, _Finder, importing_quickly


def load(folder: Path, text: str):
    """The module as it comes when its source is this text."""
    (folder / "component_meta.py").write_text(text)
    found = _Finder().find_spec(MODULE, [str(folder)])
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_writer_is_taken_out_and_nothing_else(tmp_path):
    module = load(tmp_path, f"def {WRITER}(kind, name, events):\n    raise OSError\n\n\ndef other():\n    return 3\n")
    assert getattr(module, WRITER)(int, "int", []) is None and module.other() == 3
    (tmp_path / "new").mkdir()
    assert not hasattr(load(tmp_path / "new", "x = 1\n"), WRITER), "a version without one stays as it is"
    assert _Finder().find_spec("gradio.blocks", [str(tmp_path)]) is None


def test_the_installed_gradio_has_the_writer_still():
    found = importlib.util.find_spec("gradio")
    if found is None:
        pytest.skip("the extra `studio` is not installed")
    source = Path(found.submodule_search_locations[0], "component_meta.py").read_text(encoding="utf-8")
    assert f"def {WRITER}(\n" in source and f"\n        {WRITER}(component_class, name, events)\n" in source


def test_afterwards_everything_is_as_before():
    before = list(sys.meta_path)
    with pytest.raises(ImportError), importing_quickly():
        assert not gc.isenabled() and len(sys.meta_path) == len(before) + 1
        raise ImportError
    assert gc.isenabled() and sys.meta_path == before
