"""What a user sees of a run on images that a sensor took: card, manifest, report, show, why, exports, audit."""

import json
import os
from pathlib import Path

import pytest
import yaml
from calling import call_here
from PIL import Image
from sensor_run import COUNT, configure_sensor, run_sensor, write_scenes

from agents.checks.audit import audit_file
from agents.checks.evidence_rows import load_evidence
from agents.checks.verify import verify
from agents.config import RunConfig
from agents.output.card import describe_command
from agents.output.layouts import export_layout
from agents.output.show import explain_row, show_conversation
from agents.running.run import run_synthesis
from agents.store.run_store import RunStore
from tools.errors import UsageError
from tools.evidence import CLAIM_CHECK
from tools.manifest import is_registered
from tools.prompts import DEFAULT_PACK
from tools.prompts.lexicon import load_lexicon
from tools.records import SENSOR_KINDS, Message
from tools.terminal.cli import stdout

SHARED = Path(__file__).resolve().parents[4] / "shared"


def read_rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_manifest(run):
    return json.loads((run / "manifest.json").read_text(encoding="utf-8"))


def render(renderable):
    with stdout.capture() as shown:
        stdout.print(renderable)
    return " ".join(shown.get().replace("│", " ").split())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_sensor(tmp_path_factory.mktemp("sensor") / "run")


@pytest.fixture(scope="module")
def with_photographs(tmp_path_factory):
    """Thermal pictures beside photographs, of which one is missing."""
    root = tmp_path_factory.mktemp("registered")
    scenes = write_scenes()
    (root / "photos").mkdir()
    for path in sorted((scenes / "visible").iterdir())[1:]:
        os.link(path, root / "photos" / path.name)
    return run_sensor(root / "run", images=root / "photos")


def test_the_manifest_counts_facts_and_the_texts_that_state_them(run):
    manifest, rows = read_manifest(run), read_rows(run / "evidence.jsonl")
    found = manifest["evidence"]
    assert found["images"] == len(rows) == COUNT and found["drawn_by"] is None
    kinds = [fact["kind"] for row in rows for fact in row["facts"]]
    assert found["facts"] == {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    assert found["images_with_fact"] == sum(bool(row["facts"]) for row in rows)
    stating = {statement["row"] for row in rows for statement in row["statements"]}
    descriptions = [row for row in read_rows(run / "instructions.jsonl") if row["kind"] == "description"]
    assert found["descriptions_measured"] == sum(row["id"] in stating for row in descriptions)
    openings = [" ".join(row["messages"][1]["content"].lower().split()[:3]) for row in descriptions]
    assert found["share_of_commonest_opening"] == round(max(map(openings.count, openings)) / len(openings), 4)
    assert manifest["source"]["unit"] == "centikelvin" and manifest["source"]["licence"] is None
    assert set(manifest["counts"]["instructions_by_kind"]) == set(SENSOR_KINDS)


def test_words_for_bright_and_dark_are_no_leak_where_they_were_measured(run):
    assert any("brighter" in row["caption"] for row in read_rows(run / "pairs.jsonl"))
    assert "lighting" not in read_manifest(run)["leaks"]["captions_after"]


def test_each_statement_follows_from_its_facts_alone(run):
    """The sentence stands with its own facts as the only ones, and falls with all facts taken away."""
    known, lexicon = load_evidence(run), load_lexicon(DEFAULT_PACK)
    stands = falls = 0
    for row in read_rows(run / "evidence.jsonl"):
        boxes, evidence = known[row["image_id"]]
        for statement in row["statements"]:
            low, high = evidence.shown
            asked = Message(role="user", content=f"Black is {low} °C and white {high} °C. What can be seen?")
            said = [asked, Message(role="assistant", content=statement["text"])]
            own = tuple(evidence.facts[place] for place in statement["facts"])
            with_own, without = (
                verify(said, boxes, (), lexicon, measured=evidence.model_copy(update={"facts": facts, "shown": shown}))
                for facts, shown in ((own, evidence.shown), ((), None))
            )
            stands += CLAIM_CHECK not in {objection.check for objection in with_own}
            falls += CLAIM_CHECK in {objection.check for objection in without}
    total = sum(len(row["statements"]) for row in read_rows(run / "evidence.jsonl"))
    assert total >= COUNT and stands == falls == total


def test_the_card_says_what_the_images_are(run):
    text = (run / "README.md").read_text(encoding="utf-8")
    header = yaml.safe_load(text.split("---\n")[1])
    assert "that a sensor took" in text and "Nothing is translated" in text
    assert "made from photographs" not in text and "COCO" not in text and "synthetic: brightness" not in text
    assert "Values: centikelvin" in text and "gain" in text and "never counted" in text
    assert "evidence" in [config["config_name"] for config in header["configs"]]
    assert "synthetic" not in header["tags"] and "real-images" in header["tags"]
    assert "--sensor-images DIR" in text and "--captions" not in text.split("## Make it again")[1].split("## Fields")[0]
    assert "empty where the caption was written from the image" in text


def test_the_card_of_a_dataset_names_its_licence(run):
    manifest = read_manifest(run)
    manifest["source"] |= {"dataset": "flir", "title": "FLIR ADAS", "licence": "for research", "citation": "Teledyne"}
    assert "--dataset flir=DIR" in describe_command(manifest)


def test_every_configuration_of_the_card_loads(run, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets", reason="`datasets` is not installed (extra `data`)")
    datasets.disable_progress_bars()
    for name in ("pairs", "instructions", "evidence"):
        found = datasets.load_dataset(str(run), name, split="train", cache_dir=str(tmp_path)).to_list()
        assert found == read_rows(run / f"{name}.jsonl")


def test_the_report_shows_facts_boxes_and_captions_that_were_written(run):
    page = (run / "report.html").read_text(encoding="utf-8")
    assert page.count('<details class="facts">') == COUNT
    assert '<rect class="brighter"' in page and "written from the image" in page
    assert "Photograph" not in page.split("<footer>")[0].split('id="images"')[1]
    assert "say something measured" in page and "commonest opening" in page and "Facts by kind" in page
    assert 'class="before"' not in page


def test_registered_photographs_are_shown_where_there_are_some(with_photographs):
    page = (with_photographs / "report.html").read_text(encoding="utf-8")
    assert page.count("<figcaption>Photograph</figcaption>") == COUNT - 1
    photos = [row["photo"] for row in read_rows(with_photographs / "pairs.jsonl")]
    assert photos[0] == "" and all(name.startswith("00000") for name in photos[1:])
    with RunStore(with_photographs) as store:
        assert "photos/000002" in render(explain_row(store, "000002")).replace(" ", "")


def test_photographs_of_other_names_are_refused(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "other.png")
    with pytest.raises(UsageError, match=r"--images .* none of its photographs \(1\) is named like an image"):
        run_sensor(tmp_path / "run", images=tmp_path)


def test_show_and_why_trace_statements_to_numbered_facts(run):
    row = next(row for row in read_rows(run / "evidence.jsonl") if row["statements"])
    statement = row["statements"][0]
    with RunStore(run) as store:
        result = store.find_result(row["image_id"])
        whole, why = render(show_conversation(result, store)), render(explain_row(store, statement["row"]))
    assert "measured · white-hot · celsius" in whole and "written from the image" in whole
    assert "embedded stand-in" not in why.split("infrared image")[1].split(" text ")[0]
    assert "file of the sensor" in why and f"<- fact {statement['facts'][0] + 1}:" in why
    assert " ".join(statement["text"].split()[:4]) in why


def test_every_layout_takes_a_sensor_run(run, tmp_path):
    for layout in ("llava", "authors", "parquet"):
        if layout == "parquet":
            pytest.importorskip("datasets", reason="`datasets` is not installed (extra `data`)")
        assert export_layout(run, layout, tmp_path / layout)
    rows = json.loads((tmp_path / "llava" / "instruct.json").read_text(encoding="utf-8"))
    assert {row["id"].rpartition("-")[2] for row in rows} == set(SENSOR_KINDS)


def test_the_audit_of_a_run_judges_brightness_by_its_facts(run, tmp_path):
    found = json.loads(call_here("agents", "audit", run, "--json").stdout)
    assert found["contradictions"][CLAIM_CHECK] == {"captions": 0, "assistant": 0, "examples": []}
    assert found["leaks"]["lighting"]["assistant"] == 0 and found["unmatched"] == 0
    for name in ("pairs.jsonl", "instructions.jsonl", "manifest.json"):
        (tmp_path / name).write_bytes((run / name).read_bytes())
    lines = [row | {"facts": [], "statements": []} for row in read_rows(run / "evidence.jsonl")]
    (tmp_path / "evidence.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lines))
    found = json.loads(call_here("agents", "audit", tmp_path, "--json").stdout)
    assert found["contradictions"][CLAIM_CHECK]["assistant"] > COUNT


def test_evidence_of_translated_images_names_who_drew_the_brightness(tmp_path):
    scenes = write_scenes()
    config = RunConfig(
        captions=scenes / "annotations" / "captions_scenes.json", images=scenes / "visible", evidence="on",
        instances=scenes / "annotations" / "instances_scenes.json", out=tmp_path / "run", limit=2, workers=0,
        instructions="all", translator="prior",
    )  # fmt: skip
    run_synthesis(config)
    manifest, card = read_manifest(config.out), (config.out / "README.md").read_text(encoding="utf-8")
    assert manifest["evidence"]["drawn_by"] == "prior" and "source" not in manifest
    assert "Brightness drawn by the translator: what is said of it was measured in what prior drew" in card
    assert "brightness drawn by the translator (prior)" in (config.out / "report.html").read_text(encoding="utf-8")
    with RunStore(config.out) as store:
        assert "what the translator drew" in render(explain_row(store, store.find_result("1").pairs[0].id))


def test_a_picture_of_a_sensor_run_is_drawn(run, tmp_path):
    assert call_here("agents", "picture", run, "000001", "--out", tmp_path / "one.png").returncode == 0


def test_a_plan_counts_the_captions_to_be_written():
    shown = call_here("agents", "plan", *as_flags(configure_sensor(Path("runs/none")))).stdout
    assert f"0, and {COUNT} to be written" in shown and "sensor 6" in shown
    assert f"{COUNT + 2 * 4 * COUNT} to" in shown


def as_flags(config):
    return (
        "--sensor-images", config.sensor_images, "--unit", "centikelvin", "--instances", config.instances,
        "--instructions", "all", "--mix", "each", "--block", "1", "--lag", "1",
    )  # fmt: skip


def test_the_source_file_is_told_from_a_photograph():
    assert not is_registered({"has_photographs": False}, "a/b", "a/b.png")
    assert is_registered({"has_photographs": False}, "infrared/b", "visible/b.png")
    assert is_registered({"has_photographs": True}, "b", "b.png") and not is_registered(
        {"has_photographs": True}, "b", ""
    )


@pytest.mark.skipif(not (SHARED / "data" / "FLIR_ADAS_1_3").is_dir(), reason="../shared/data/FLIR_ADAS_1_3 is not here")
def test_the_card_of_flir_says_so(tmp_path):
    config = RunConfig(dataset=f"flir={SHARED / 'data' / 'FLIR_ADAS_1_3'}", out=tmp_path / "run", limit=3, workers=0)
    run_synthesis(config)
    card = (config.out / "README.md").read_text(encoding="utf-8")
    assert "FLIR ADAS" in card and "Brightness: white-hot, what is warm is bright" in card
    assert "Teledyne FLIR's user licence agreement" in card and "Cite: Teledyne FLIR" in card


@pytest.mark.parametrize(("layout", "name"), [("llava", "instruct.json"), ("authors", "train_instruction.json")])
def test_the_audit_of_an_export_counts_as_the_run_does(layout, name, tmp_path):
    run = run_sensor(tmp_path / "run")
    out = tmp_path / "export"
    export_layout(run, layout, out)
    report = audit_file(out / name, DEFAULT_PACK)
    told = read_manifest(run)["leaks"]
    assert {key: each.assistant for key, each in report.leaks.items() if each.assistant} == {
        key: count for key, count in told["assistant_turns"].items() if count
    }
    assert report.assistant == told["assistant_turns_total"] > 10
    assert report.checked == report.rows and not report.rows_with_contradiction
    (out / ".folder.json").unlink()
    assert audit_file(out / name, DEFAULT_PACK).leaks["lighting"].assistant > report.leaks["lighting"].assistant


def test_an_export_of_a_run_that_did_not_measure_keeps_no_older_evidence(tmp_path):
    export_layout(run_sensor(tmp_path / "one"), "llava", tmp_path / "export")
    assert (tmp_path / "export/evidence.jsonl").is_file()
    export_layout(run_sensor(tmp_path / "two", evidence="off"), "llava", tmp_path / "export")
    assert not (tmp_path / "export/evidence.jsonl").exists()
