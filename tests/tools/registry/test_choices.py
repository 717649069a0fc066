"""What a user chooses at the seams: names, settings by flag and by `--set`, and the tables that say what there is."""

import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
from PIL import Image
from plugging import forget_plugins, name_plugin  # noqa: F401
from pydantic import BaseModel, Field, SecretStr, ValidationError

from tools.__main__ import app
from tools.commands.seams import list_absent, render_markdown
from tools.errors import MissingError, UsageError
from tools.registry import (
    BACKENDS,
    NOT_FROZEN,
    SEAMS,
    TRANSLATORS,
    Entry,
    Fills,
    Given,
    OneOf,
    Seam,
    TakesChanges,
    check_choices,
    collect_choice,
    load_plugin,
    make_choice,
    parse_changes,
)
from tools.terminal.cli import build_settings
from tools.translation import TranslatorSpec, make_translator, spec_translator

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.usefixtures("forget_plugins")


class Settings(BaseModel):
    level: int = 1
    words: str = "a"
    place: Path | None = None
    key: SecretStr | None = None
    speed: int = Field(1, json_schema_extra=NOT_FROZEN)


SEAM = Seam("align layer", "x", [Entry("mine", "one", len, settings=Settings), Entry("bare", "two", len)])


class Config(BaseModel):
    translator: Annotated[str, OneOf("translator")] = "gray"
    scorer: Annotated[str, OneOf("scorer")] = "lexical"
    style_index: Annotated[int | None, Fills("translator.style_index")] = None
    device: Annotated[str | None, Fills("translator.device", "scorer.device")] = None
    set: Annotated[dict[str, dict[str, Any]], TakesChanges()] = {}


def test_changes_are_read_as_yaml_by_seam_and_name():
    texts = ["translator.style_index=2", "translator.style_codes=a b.json", "align layer.queries=[1, 2]"]
    assert parse_changes(texts) == {
        "translator": {"style_index": 2, "style_codes": "a b.json"},
        "align_layer": {"queries": [1, 2]},
    }
    assert parse_changes(["align-layer.on=true", "align_layer.on=false"]) == {"align_layer": {"on": False}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("style_index=2", r"--set style_index=2: expected SEAM\.NAME=VALUE, e\.g\. translator\.style_index=2"),
        ("translator.x", r"expected SEAM\.NAME=VALUE"),
        ("translatr.x=1", r"no seam `translatr`; did you mean `translator`\? \(there are: translator, scorer"),
        ("translator.x=[1", r"--set translator\.x=\[1: the value is not valid YAML"),
    ],
)
def test_changes_of_another_form_are_refused(text, message):
    with pytest.raises(UsageError, match=message):
        parse_changes([text])


def test_a_flag_and_set_fill_the_same_settings_and_cannot_both():
    choice = make_choice(SEAM, "mine", {"align_layer": {"level": "3"}}, [Given("--words", "words", "b")])
    assert (choice.read().level, choice.read().words) == (3, "b")
    with pytest.raises(UsageError, match=r"--words and --set align_layer\.words give the same setting; leave one"):
        make_choice(SEAM, "mine", {"align_layer": {"words": "c"}}, [Given("--words", "words", "b")])
    with pytest.raises(UsageError, match=r"^--level: Input should be a valid integer"):
        make_choice(SEAM, "mine", {}, [Given("--level", "level", "many")]).read()


def test_a_flag_of_another_entry_is_refused_unless_it_says_nothing_or_is_shared():
    with pytest.raises(UsageError, match=r"^--level: align layer `bare` has no setting `level`; it has none; `mine`"):
        make_choice(SEAM, "bare", {}, [Given("--level", "level", 2)]).read()
    for given in (Given("--level", "level", 1), Given("--level", "level", None), Given("--level", "level", 2, True)):
        assert make_choice(SEAM, "bare", {}, [given]).values == {}


def test_only_what_decides_an_output_is_frozen():
    values = {"level": 2, "place": "/somewhere", "key": "secret", "speed": 9}
    assert make_choice(SEAM, "mine", {"align_layer": values}).freeze() == {"level": 2}
    assert make_choice(SEAM, "mine", {}).freeze() == {}
    assert make_choice(SEAM, "mine", {}).freeze(has_defaults=True)["words"] == "a"


def test_a_settings_model_says_which_fields_choose_and_which_fill():
    config = Config(translator="srgb-tir", style_index=2, device="cpu", set={"scorer": {}})
    assert collect_choice(config, "translator").values == {"style_index": 2, "device": "cpu"}
    assert collect_choice(config, "scorer").values == {}
    with pytest.raises(ValidationError, match=r"no translator `grey`; did you mean `gray`"):
        Config(translator="grey")
    with pytest.raises(ValidationError, match=r"expected settings by seam, e\.g\. `set: \{translator"):
        Config(set={"translator": 3})
    with pytest.raises(UsageError, match=r"--set task: nothing here chooses a task, only translator, scorer"):
        check_choices(Config(set={"task": {"a": 1}}))


def test_set_on_the_command_line_changes_only_its_own_setting_of_the_file(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text("translator: srgb-tir\nset: {translator: {style_index: 1, device: cpu}}\n")
    config = build_settings(Config, file, {"set": parse_changes(["translator.style_index=2"])})
    assert config.set == {"translator": {"style_index": 2, "device": "cpu"}}
    file.write_text("set: [1]\n")
    with pytest.raises(UsageError, match=r"c\.yaml: --set: expected settings by seam"):
        build_settings(Config, file, {})


def test_a_specification_takes_its_plugins_to_another_process():
    load_plugin(name_plugin("translator")[1])
    spec = spec_translator(make_choice(TRANSLATORS, "flat", {"translator": {"level": 3}}))
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert spec == TranslatorSpec("flat", {"level": 3}, 0, (name_plugin("translator")[1],))
    code = f"from tools.translation import *; print(make_translator(TranslatorSpec(*{tuple(spec)!r})).name)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "flat\n"


def test_every_entry_of_the_toolkit_can_be_described_and_its_parts_imported():
    for seam in (SEAMS[key] for key in ("translator", "scorer", "backend", "executor")):
        for entry in seam.entries():
            assert callable(seam.load(entry.name))
            assert all(field.description for field in seam.find_settings(entry.name).model_fields.values())
    assert callable(BACKENDS.load_trait("llm", "forecaster"))
    assert BACKENDS.load_trait("template", "forecaster") is None
    assert TRANSLATORS.get_trait("no such translator", "kind") is None


# The commands.


def call(*arguments):
    app([str(argument) for argument in arguments], standalone_mode=False)


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.new("RGB", (8, 6), (10, 20, 30)).save(path)
    return path


def test_translate_by_a_plugin_through_the_real_command(photo, tmp_path):
    arguments = [photo, "--out", tmp_path / "out", "--translator", "flat", "--set", "translator.level=9"]
    command = [sys.executable, "-m", "tools", "translate", *arguments, *name_plugin("translator")]
    subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=True)
    assert Image.open(tmp_path / "out/photo.png").getextrema() == (9, 9)


def test_translate_takes_settings_by_flag_and_by_set(photo, tmp_path, capsys):
    call("translate", photo, "--out", tmp_path / "a", "--translator", "gray")
    folder = ["--translator", "folder", "--set", f"translator.folder={tmp_path / 'a'}"]
    call("translate", photo, "--out", tmp_path / "b", *folder)
    assert (tmp_path / "a/photo.png").read_bytes() == (tmp_path / "b/photo.png").read_bytes()
    for arguments, error, message in (
        (["--translator", "grey"], UsageError, "did you mean `gray`"),
        (["--weights", "w.pt"], UsageError, "--translator-weights: translator `prior` has no setting `weights`"),
        (["--translator", "srgb-tir"], MissingError, "needs its checkpoint"),
        (["--translator", "srgb-tir", "--translator-weights", tmp_path / "no.pt"], MissingError, "no such file"),
        (["--translator", "none"], UsageError, "`none` makes no images"),
        (["--set", "scorer.a=1"], UsageError, "--set scorer: nothing here chooses a scorer, only a translator"),
    ):
        with pytest.raises(error, match=message):
            call("translate", photo, "--out", tmp_path / "c", *arguments)


def test_score_and_calibrate_by_a_plugin(photo, tmp_path, capsys):
    chosen = ["--scorer", "brief", "--set", "scorer.factor=2", *name_plugin("scorer")]
    call("score", "--image", photo, "--caption", "a car", "--caption", "car", *chosen)
    assert [row["score"] for row in json.loads(capsys.readouterr().out)["scores"]] == [-10, -6]
    rows = [{"image": photo.name, "original": f"caption {number}", "caption": "c"} for number in range(3)]
    rows += [{"image": "other.png", "original": f"another {number}", "caption": "c"} for number in range(3)]
    (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    call("calibrate", tmp_path, "--candidates", "2", *chosen)
    assert json.loads(capsys.readouterr().out)["identity"] == "brief-2"


def test_the_tables_name_every_entry_and_what_is_not_installed(capsys, monkeypatch):
    call("seams", *name_plugin("translator"))
    shown = capsys.readouterr().out
    assert all(entry.name in shown for seam in SEAMS.values() for entry in seam.entries())
    assert "flat" in shown
    markdown = render_markdown()
    assert "| `srgb-tir` | " in markdown and "| `flat` | every image one grey level | `level` | nothing |" in markdown
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "torch" in list_absent(TRANSLATORS.find("srgb-tir")) and list_absent(TRANSLATORS.find("gray")) == []


def test_the_doctor_prints_the_table_and_imports_nothing_heavy():
    code = (
        "import sys; from tools.__main__ import app; app(['doctor'], standalone_mode=False)\n"
        "print([name for name in ('torch', 'transformers', 'openai', 'autogen_core', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n") and "languagebind" in done.stdout and "template" in done.stdout


def test_an_entry_that_lacks_a_needed_setting_says_which(tmp_path):
    with pytest.raises(UsageError, match=r"translator `folder` needs --set translator\.folder=VALUE: Folder of"):
        make_translator(TranslatorSpec("folder"))
