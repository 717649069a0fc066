import json
import re

import msgspec
import pytest
import yaml

from agents.conversation.results import Reject, Result
from agents.output.card import describe_command, write_card
from agents.output.card_fields import FIELDS
from agents.output.export import BUILDERS, Summary, build_rule_rows
from agents.output.report import write_report
from tools.records import CaptionCandidate, Debate, DebateRound, Message, Objection, Pair, Rule, Verdict


def write(fake_run, folder, **manifest):
    run = fake_run.write(folder, **manifest)
    return run, write_card(run, json.loads(run.joinpath("manifest.json").read_text())).read_text(encoding="utf-8")


def read_header(text):
    return yaml.safe_load(text.split("---\n")[1])


@pytest.fixture
def load(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="`datasets` is not installed (extra `data`)")
    datasets.disable_progress_bars()
    cache = str(tmp_path / "cache")
    return lambda run, name=None: datasets.load_dataset(str(run), name, split="train", cache_dir=cache)


@pytest.mark.parametrize("name", FIELDS)
def test_every_file_loads_with_its_name_and_all_rows(fake_run, tmp_path, load, name):
    run, _ = write(fake_run, tmp_path / "run")
    rows = [json.loads(line) for line in run.joinpath(f"{name}.jsonl").read_text(encoding="utf-8").split("\n") if line]
    assert load(run, name).to_list() == rows


def test_pairs_are_the_default_and_null_columns_keep_their_type(fake_run, tmp_path, load):
    run, _ = write(fake_run, tmp_path / "run", translator=None)
    pairs = [fake_run.make_pair(1, 0, "A bus.", "A bus.", image=None, rules=[], candidates=[])]
    fake_run.write_jsonl(run / "pairs.jsonl", pairs)
    data = load(run)
    assert data.to_list() == pairs
    assert data.features["image"].dtype == "string"
    assert set(data.features["candidates"].feature) == {"text", "score"}


def test_a_file_without_rows_gets_no_configuration_and_the_others_load(fake_run, tmp_path, load):
    run, _ = write(fake_run, tmp_path / "run")
    run.joinpath("rejected.jsonl").write_bytes(b"")
    text = write_card(run, {}).read_text(encoding="utf-8")
    assert [config["config_name"] for config in read_header(text)["configs"]] == ["pairs", "instructions", "rules"]
    assert "`rejected.jsonl` has no rows in this run" in text
    assert len(load(run, "rules")) == 3


def test_card_names_the_stand_ins_counts_and_leaks(fake_run, tmp_path):
    _, text = write(fake_run, tmp_path / "run")
    assert "template backend, which is not an LLM" in text
    assert "embedded prior, not a trained translator" in text
    assert "| image-caption pairs | 10 |" in text
    assert "| colour | 50 % | 0 % | 0 % |" in text
    assert "licences" in text and "Flickr" in text


def test_fields_of_the_card_are_those_of_the_rows(fake_run, tmp_path):
    run, text = write(fake_run, tmp_path / "run")
    for name, fields in FIELDS.items():
        row = json.loads(run.joinpath(f"{name}.jsonl").read_text(encoding="utf-8").split("\n")[0])
        assert [field.name for field in fields] == list(row)
        table = text.split(f"### {name}.jsonl")[1].split("###")[0]
        assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(row)


def make_result(index, **fields):
    return Result(index=index, image_id=str(10 + index), photo=f"{index}.jpg", **fields)


def make_debate(image_id, kind, is_accepted):
    objections = () if is_accepted else (Objection(check="count", category="count", quote="Two", reason="One box."),)
    attempt = DebateRound(
        round=1,
        messages=(Message(role="user", content="How many?"), Message(role="assistant", content="Two.")),
        verdict=Verdict(is_accepted=is_accepted, objections=objections),
    )
    return Debate(id=f"{image_id}-{kind}", kind=kind, rounds=(attempt,))


def test_what_the_exporter_writes_loads_with_the_stated_types_and_fills_a_report(tmp_path, load):
    candidate = CaptionCandidate(text="A bus.", score=1)
    pair = Pair(id="10-0", original="A bus.", caption="A bus.", candidates=(candidate,), applied=())
    results = (
        make_result(0, status="accepted", pairs=(pair,), debates=(make_debate(10, "conversation", True),)),
        make_result(1, status="failed", debates=(make_debate(11, "reasoning", False),)),
        make_result(2, status="rejected", reject=Reject(stage="image", code="missing_file", reason="not there")),
    )
    summary = Summary()
    rows = {name: [] for name in BUILDERS}
    for result in results:
        summary.add(result)
        for name, build in BUILDERS.items():
            rows[name] += build(result)
    rule = Rule(id="seed-1", text="Delete colours.", category="colour", origin="seed")
    rows["rules.jsonl"] = build_rule_rows([rule], [], summary.used)
    for name, some in rows.items():
        tmp_path.joinpath(name).write_bytes(b"\n".join(msgspec.json.encode(row) for row in some))
    manifest = summary.describe()
    tmp_path.joinpath("manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_card(tmp_path, manifest)
    assert [len(load(tmp_path, name)) for name in FIELDS] == [1, 1, 2, 1]
    page = write_report(tmp_path).read_text(encoding="utf-8")
    assert "3 of 3 images shown" in page and 'data-status="failed"' in page and "missing file" in page


def test_command_leaves_out_folders_secrets_and_what_is_unset():
    config = {
        "captions": "/data/coco/captions_val2017.json",
        "instances": "/data/coco/instances_val2017.json",
        "images": "/data/coco/val2017",
        "max_rounds": 3,
        "mix": "58:23:77",
        "model": "a b; c",
        "api_key": "sk-1234",
        "limit": None,
        "freeze": True,
        "translator_weights": "/data/weights/srgb.pt",
    }
    command = describe_command({"config": config})
    assert "/data" not in command and "sk-1234" not in command and "--limit" not in command
    assert "--captions DIR/captions_val2017.json" in command
    assert "--max-rounds 3" in command and "--model 'a b; c'" in command and "--translator-weights srgb.pt" in command
    assert "--rules rules.jsonl" in command and command.endswith("--freeze")


def test_hostile_values_stay_inside_their_cell(fake_run, tmp_path):
    leaks = {"captions_before": {"a | b\n# <script>": 1}, "captions": 1}
    _, text = write(fake_run, tmp_path / "run", leaks=leaks)
    assert "| a \\| b # \\<script\\> | 100 % |" in text


def test_equal_runs_give_equal_cards(fake_run, tmp_path):
    (_, one), (_, other) = (write(fake_run, tmp_path / name) for name in ("one", "other"))
    assert one == other
    assert str(tmp_path) not in one
