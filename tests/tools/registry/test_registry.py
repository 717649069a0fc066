"""Seams: names, nearest names, settings, plugins."""

import subprocess
import sys

import pytest
from plugging import forget_plugins  # noqa: F401
from pydantic import BaseModel, ConfigDict

from tools.errors import MissingError, UsageError
from tools.registry import SEAMS, Entry, Seam, list_plugins, load_plugin, plugins, register

pytestmark = pytest.mark.usefixtures("forget_plugins")


class Noise(BaseModel):
    model_config = ConfigDict(extra="forbid")
    noise: float = 0.5


def make_seam():
    return Seam(
        "align layer",
        "x",
        [
            Entry("prior", "one", "tools.errors:UsageError", settings=Noise),
            Entry("gray", "two", len),
            Entry("far", "three", "no_such_package.x:y", extra="train"),
        ],
    )


def test_names_keep_the_tables_order_and_load_only_what_is_asked_for():
    seam = make_seam()
    assert seam.names() == ("prior", "gray", "far")
    assert seam.load("prior") is UsageError
    assert seam.load("gray") is len


def test_an_unknown_name_gets_the_nearest_one():
    with pytest.raises(UsageError, match=r"no align layer `grey`; did you mean `gray`\? \(there are: prior, gray"):
        make_seam().find("grey")


def test_a_missing_package_names_its_extra():
    with pytest.raises(MissingError, match=r"align layer `far` needs the package no_such_package.*'\.\[train\]'"):
        make_seam().load("far")


def test_settings_are_the_entrys_own():
    seam = make_seam()
    assert seam.read_settings("prior", {"noise": "2"}).noise == 2.0
    with pytest.raises(UsageError, match=r"align layer `prior` has no setting `noize`; did you mean `noise`\?"):
        seam.read_settings("prior", {"noize": 1})
    with pytest.raises(UsageError, match=r"align layer `gray` has no setting `noise`; it has none"):
        seam.read_settings("gray", {"noise": 1})
    with pytest.raises(UsageError, match=r"align_layer\.noise of align layer `prior`: .*number"):
        seam.read_settings("prior", {"noise": "much"})


def test_two_entries_cannot_share_a_name():
    seam = make_seam()
    seam.add(Entry("gray", "two", len))
    with pytest.raises(UsageError, match="called `gray` is there already"):
        seam.add(Entry("gray", "another", max))


def test_what_the_toolkit_brings_is_told_from_what_was_added():
    seam = make_seam()
    seam.add(Entry("mine", "of a plugin", max))
    assert [seam.is_built_in(name) for name in ("gray", "mine", "nothing")] == [True, False, False]


def test_registering_at_an_unknown_seam_lists_the_seams():
    with pytest.raises(UsageError, match=r"no seam `translater`; there are translator, scorer"):
        register("translater", Entry("x", "y", len))


def test_a_plugin_file_registers_once_and_is_hashed(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "from tools.registry import Entry, register\nregister('scorer', Entry('mine-of-test', 'a test', load=len))\n"
    )
    plugin = load_plugin(str(file))
    assert load_plugin(str(file)) == plugin
    assert plugin in list_plugins()
    assert (plugin.name, len(plugin.digest)) == ("mine.py", 16)
    assert SEAMS["scorer"].load("mine-of-test") is len


def write_plugin(path, name, seam="scorer"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"from tools.registry import Entry, register\nregister({seam!r}, Entry({name!r}, 'a test', len))\n")
    return str(path)


def test_a_plugin_knows_what_it_brings_and_only_some_of_it_shows_in_an_output(tmp_path, monkeypatch):
    scorer = load_plugin(write_plugin(tmp_path / "one.py", "one"))
    executor = load_plugin(write_plugin(tmp_path / "two.py", "two", "executor"))
    (tmp_path / "three.py").write_text("")
    assert [plugin.seams for plugin in (scorer, executor)] == [("scorer",), ("executor",)]
    assert [plugin.decides_output for plugin in (scorer, executor)] == [True, False]
    assert load_plugin(str(tmp_path / "three.py")).decides_output  # what registers nowhere may do anything
    monkeypatch.chdir(tmp_path)
    assert load_plugin("one.py") == scorer


def test_two_plugins_cannot_share_a_name(tmp_path):
    load_plugin(write_plugin(tmp_path / "a/same.py", "first"))
    with pytest.raises(UsageError, match=r"b/same\.py: another plugin is called `same\.py`; rename one"):
        load_plugin(write_plugin(tmp_path / "b/same.py", "second"))


def test_a_package_is_hashed_whole(tmp_path, monkeypatch):
    (tmp_path / "packed_plugin").mkdir()
    (tmp_path / "packed_plugin/__init__.py").write_text("")
    (tmp_path / "packed_plugin/part.py").write_text("1")
    monkeypatch.syspath_prepend(tmp_path)
    first = load_plugin("packed_plugin")
    plugins._loaded.clear()
    (tmp_path / "packed_plugin/part.py").write_text("2")
    second = load_plugin("packed_plugin")
    assert first.name == second.name == "packed_plugin" and first.digest != second.digest


@pytest.mark.parametrize(
    ("source", "why"), [("no/such.py", "no such file"), ("no.such.module", "No module named"), ("bad", "")]
)
def test_a_plugin_that_cannot_be_imported_is_one_sentence(source, why, tmp_path):
    if source == "bad":
        (tmp_path / "bad.py").write_text("1 / 0")
        source, why = str(tmp_path / "bad.py"), "ZeroDivisionError: division by zero"
    with pytest.raises(UsageError, match=rf"--plugin .*: cannot be imported \(.*{why}"):
        load_plugin(source)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("1\n1 / 0\n", r"\(ZeroDivisionError: division by zero\); correct its line 2$"),
        ("1\n)\n", r"\(SyntaxError: unmatched '\)' .*\); correct its line 2$"),
        ("from tools.registry import Entri\n", r"\(ImportError: cannot import name 'Entri'.*\); correct its line 1$"),
        (
            "from types import SimpleNamespace\nfrom tools.registry import Entry, register\n"
            "register('task', Entry('one', '', SimpleNamespace(name='other')))\n",
            r"bad\.py: the task `one` calls itself `other`; give both the same name$",
        ),
    ],
)
def test_the_error_of_a_plugin_says_which_line_to_correct(text, printed, tmp_path):
    (tmp_path / "bad.py").write_text(text)
    with pytest.raises(UsageError, match=printed):
        load_plugin(str(tmp_path / "bad.py"))


def test_every_command_takes_plugins(tmp_path):
    (tmp_path / "loud.py").write_text("print('plugged in')")
    command = [sys.executable, "-m", "tools", "score", "--plugin", str(tmp_path / "loud.py"), "--image", "no.png"]
    done = subprocess.run([*command, "--caption", "a"], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("plugged in")
    assert done.returncode == 3
