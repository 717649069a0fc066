"""The shared parts of the commands, tried on the real commands."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from calling import call_here

from tools.errors import MissingError
from tools.terminal.recipes import find_recipe

ROOT = Path(__file__).resolve().parents[3]
SHELF = ROOT / "trainer/recipes"
NEEDED = ["--captions", "c.json", "--instances", "i.json", "--images", "photos"]


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "200"},
    )


def measure_seconds() -> float:
    """Of the processor, in processes that have ended: a busy machine does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("package", ["agents", "tools", "itb", "trainer"])
def test_help_answers_within_a_second_and_imports_nothing_heavy(package):
    before = measure_seconds()
    assert "Usage" in start(package, "--help").stdout
    assert measure_seconds() - before < 1.0
    heavy = "autogen_core torch transformers openai sklearn skimage matplotlib"
    code = f"import sys, {package}.__main__; print([name for name in '{heavy}'.split() if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"


def test_defaults_then_file_then_flags(tmp_path):
    config = tmp_path / "run.yaml"
    config.write_text("seed: 5\nblock: 7\ncaptions: from-file.json\n")
    shown = call_here("agents", "run", *NEEDED, "--config", str(config), "--block", "9", "--print-config")
    merged = yaml.safe_load(shown.stdout)
    assert (merged["seed"], merged["block"], merged["lag"], merged["captions"]) == (5, 9, 2, "c.json")


def test_the_pack_goes_by_either_of_its_names(tmp_path):
    config = tmp_path / "run.yaml"
    config.write_text("prompts: tests/packs/depth\n")
    for more in (["--config", str(config)], ["--prompts", "tests/packs/depth"], ["--pack", "tests/packs/depth"]):
        merged = yaml.safe_load(call_here("agents", "run", *NEEDED, *more, "--print-config").stdout)
        assert (merged["pack"], merged["translator"], merged["scorer"]) == ("tests/packs/depth", "gray", "lexical")
    shown = call_here("agents", "run", *NEEDED, "--config", str(config), "--pack", "prompts/infrared", "--print-config")
    assert yaml.safe_load(shown.stdout)["translator"] == "prior"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prompts: a\npack: b", "`prompts` is another name of `pack`; give one of the two"),
        ("pack: nowhere", "nowhere: no such modality pack; run from the root of the checkout"),
        ("pack: 3", "--pack: Input is not a valid path"),
        ("max_round: 3", "unknown setting `max_round`; did you mean `max_rounds`?"),
        ("- 1", "expected a mapping of settings, e.g. `seed: 1`, found list"),
        ("a: [", "cannot read the configuration"),
        ("block: 0", "run.yaml: --block: Input should be greater than or equal to 1"),
        ("seed: many", "--seed: Input should be a valid integer"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_explained(tmp_path, text, message):
    config = tmp_path / "run.yaml"
    config.write_text(text)
    result = call_here("agents", "run", *NEEDED, "--config", str(config))
    assert result.returncode == (3 if "no such" in message else 2)
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--mix", "1:2"], "--mix: `1:2` is neither `each` nor three weights"),
        (["--mix", "0:0:0"], "at least one weight must be above 0"),
        (["--instructions", "many"], "`many` is neither a number, a share such as 10%, nor `all`"),
        (["--instructions", "101%"], "more than all of the images"),
        (["--freeze"], "--freeze needs --rules FILE"),
        (["--shard", "1/2"], "--shard needs --rules FILE --freeze"),
        (["--shard", "3/2", "--rules", "r", "--freeze"], "`3/2` is no part I/N"),
        (
            ["--translator", "folder"],
            "translator `folder` needs --translator-folder: Folder of the images",
        ),
        (["--translator", "priro"], "--translator: there is no translator `priro`; did you mean `prior`?"),
        (["--block", "0"], "--block: Input should be greater than or equal to 1"),
    ],
)
def test_flags_that_cannot_be_used_are_explained(arguments, message):
    result = call_here("agents", "run", *NEEDED, *arguments)
    assert result.returncode == 2
    assert message in result.stderr.replace("\n", " ")


def test_what_is_not_there_gives_exit_code_three(tmp_path):
    result = start("agents", "run", *NEEDED, "--out", str(tmp_path / "run"))
    assert result.returncode == 3
    assert "--captions c.json: no such file" in result.stderr
    missing = start("agents", "run")
    assert missing.returncode == 2
    assert "nothing to work on: give --images" in missing.stderr


@pytest.mark.parametrize("name", ["table2a-ours", "table2a-ours.yaml", "itb/recipes/table2a-ours.yaml"])
def test_a_recipe_of_the_evaluation_goes_by_its_name(name, tmp_path):
    asked = ("eval", tmp_path, "--config", name, "--out", tmp_path / "p.jsonl", "--limit", "3", "--print-config")
    shown = call_here("itb", *asked)
    assert shown.returncode == 0, shown.stderr
    settings = yaml.safe_load(shown.stdout)
    assert (settings["model"], settings["split"], settings["limit"]) == ("runs/sft/model", "test", 3)


def test_a_name_without_a_recipe_lists_those_there_are(tmp_path):
    for module, *asked in (("itb", "eval", tmp_path), ("trainer.sft", "--data", tmp_path)):
        missing = call_here(module, *asked, "--config", "table2a-mine", "--out", tmp_path / "out")
        assert missing.returncode == 3
        first = "table2a-imagebind-llm-7b.yaml, table2a-ours.yaml" if module == "itb" else "24gb.yaml, any-model.yaml"
        said = f"table2a-mine: no such file or recipe; there are {first}"
        assert said in missing.stderr.replace("\n", " "), missing.stderr


def test_a_file_of_ones_own_comes_before_a_recipe_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text("")
    assert find_recipe(Path("tiny.yaml"), SHELF) == tmp_path / "tiny.yaml"
    assert find_recipe(Path("tiny"), SHELF) == SHELF / "tiny.yaml"
    with pytest.raises(MissingError, match="no such file or recipe"):
        find_recipe(Path("../recipes/tiny.yaml"), SHELF)
