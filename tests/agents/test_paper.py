"""`--paper`: the one table of what the paper does and what this project does."""

import json
import shlex

import pytest
from calling import call_here
from mini_coco import write_coco
from pydantic import ValidationError

from agents.backends.settings import LlmSettings
from agents.config import RunConfig
from agents.output.card import describe_command
from agents.output.export import fill_settings
from agents.paper import OUTSIDE, PAPER_SETTINGS, SILENT
from agents.running.freeze import describe_settings

ROWS = {row.name: row for row in PAPER_SETTINGS}
PHOTOS = {"images": "photos", "captions": "captions.json"}
LLM = PHOTOS | {"backend": "llm", "model": "m"}


def test_every_setting_stands_in_the_table_or_outside_of_the_method():
    fields = set(RunConfig.model_fields) | set(LlmSettings.model_fields)
    assert fields - ROWS.keys() - OUTSIDE == set(), (
        "put a new setting into the table or among those outside of the method"
    )
    assert ROWS.keys() & OUTSIDE == set()
    assert (ROWS.keys() | OUTSIDE) - fields == set(), "the table has a setting that there is not"


def test_our_column_is_what_a_run_does_without_a_flag():
    found = fill_settings(describe_settings(RunConfig.model_validate(LLM)))
    for name, row in ROWS.items():
        if row.ours is not None:
            assert found[name] == row.ours, name


def test_the_papers_column_is_what_paper_sets():
    found = fill_settings(describe_settings(RunConfig.model_validate(LLM | {"paper": True})))
    for name, row in ROWS.items():
        wanted = row.paper if row.is_taken and row.paper != SILENT else row.ours
        if wanted is not None:
            assert found[name] == wanted, name


def test_a_setting_given_beside_it_stands_and_others_backends_have_no_settings_of_a_model():
    config = RunConfig.model_validate(LLM | {"paper": True, "block": 8, "judge": "findings"})
    assert (config.block, config.lag, config.judge, config.notes) == (8, 1, "findings", "raw")
    template = RunConfig.model_validate(PHOTOS | {"paper": True})
    assert (template.block, template.debate, template.judge) == (1, "instructions", None)
    with pytest.raises(ValidationError, match="judge"):
        RunConfig.model_validate(PHOTOS | {"judge": "text-only"})


def test_the_manifest_has_the_table_with_this_runs_column(tmp_path):
    write_coco(tmp_path, 4)
    files = ["--captions", tmp_path / "captions.json", "--instances", tmp_path / "instances.json"]
    flags = [*files, "--images", tmp_path / "photos", "--translator", "none", "--workers", "0", "--instructions", "all"]
    tables = {}
    for name, more in {"ours": [], "paper": ["--paper"]}.items():
        done = call_here("agents", "run", *flags, *more, "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
        rows = json.loads((tmp_path / name / "manifest.json").read_text())["paper"]
        assert [row["setting"] for row in rows] == list(ROWS)
        tables[name] = {row["setting"]: row["run"] for row in rows}
    assert (tables["ours"]["block"], tables["paper"]["block"]) == (512, 1)
    assert (tables["ours"]["debate"], tables["paper"]["debate"]) == ("captions,instructions", "instructions")
    assert tables["paper"]["judge"] is None, "the template backend has no such setting"


def test_the_cards_command_remakes_the_run(tmp_path):
    flags = write_coco(tmp_path, 5)
    given = [
        *flags,
        "--paper",
        "--limit",
        "3",
        "--translator",
        "none",
        "--workers",
        "0",
        "--seed",
        "4",
        "--rule-cap",
        "9",
    ]
    assert call_here("agents", "run", *given, "--out", tmp_path / "run").returncode == 0
    manifest = json.loads((tmp_path / "run/manifest.json").read_text())
    command = describe_command(manifest)
    assert command in (tmp_path / "run/README.md").read_text()
    for wanted in ("--limit 3", "--debate instructions", "--breaches-may-win", "--evidence off"):
        assert wanted in command, wanted
    places = {"PHOTOS": str(tmp_path / "photos"), "RUN": str(tmp_path / "again")}
    words = shlex.split(command.replace("\\\n", " "))[3:]
    again = [places.get(word, word.replace("DIR/", f"{tmp_path}/")) for word in words]
    assert call_here("agents", *again, "--workers", "0").returncode == 0
    for name in ("pairs.jsonl", "instructions.jsonl", "rules.jsonl", "manifest.json"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "run" / name).read_bytes(), name


def test_the_cards_command_names_shard_split_roles_and_a_second_filtering():
    manifest = {
        "config": {"backend": "llm", "roles": {"judge": {"model": "big"}}, "shard": "1/2", "refiltered": {"rules": 3}},
        "dataset": {"captions": None, "instances": None, "split": "train"},
        "source": {"dataset": "flir", "licence": "for research"},
    }
    command = describe_command(manifest)
    assert "--shard 1/2" in command and "--split train" in command and "--captions" not in command
    assert """--set 'backend.roles={"judge": {"model": "big"}}'""" in command and "--refiltered" not in command
    assert command.endswith("\npython -m agents refilter RUN --out RUN-again")
