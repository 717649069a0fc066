"""IR-TD, HIT-UAV VQA, VS-TDX and WildFireVQA: from made files to items and a report; on real files where they are."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import foreign
import pytest
import stored_scores

from itb.evaluate.evaluate import run_eval
from itb.models.settings import EvalSettings
from itb.others.importing import ImportSettings, import_benchmarks
from itb.others.kinds.hit_uav_vqa import draw_questions, read_frames
from itb.records import Item
from itb.report import make_report, write_report
from tools.errors import MissingError, UsageError


def bring(name: str, root: Path, out: Path, *images: str, **changes: Any) -> dict[str, Item]:
    made = import_benchmarks(ImportSettings({name: root}, out, images, changes={name: changes} if changes else {}))
    return {item.id: item for item in made.items}


def report(bench: Path, tmp_path: Path) -> Any:
    """Chance asked, and the report's JSON."""
    predictions = tmp_path / "chance.jsonl"
    run_eval(bench, EvalSettings(model="chance", out=predictions))
    write_report(make_report([predictions], bench), tmp_path / "report")
    return json.loads((tmp_path / "report/report.json").read_text(encoding="utf-8"))


def test_ir_td(tmp_path: Path) -> None:
    folder = foreign.save_image(tmp_path / "flir/a.jpeg").parent
    items = bring(
        "ir-td", foreign.write_ir_td(tmp_path / "in"), tmp_path / "bench", f"63-FLIR_ADAS/training/PreviewData={folder}"
    )
    by_kind = {item.foreign.kind: item for item in items.values() if item.foreign}
    assert Counter(item.foreign.kind for item in items.values() if item.foreign) == dict.fromkeys(by_kind, 1) | {
        "Detection": 2
    }
    found = {kind: (item.form, item.answer, item.options) for kind, item in by_kind.items()}
    assert found == {
        "AerialCounting": ("number", "21", ()),
        "Detection": ("boxes", "[[3, 1, 6, 3]]", ()),
        "Location": ("points", "[[59, 521], [784, 529]]", ()),
        "PedestrianCounting": ("number", "7", ()),
        "ReID": ("word", "8", ("2", "3", "4", "5", "6", "7", "8")),
        "Recognition": ("option", "other vehicle", ("person", "other vehicle")),
        "Relationship": ("yes_no", "no", ()),
        "Security": ("several", "motor, sign", ("motor", "car", "sign")),
    }
    assert by_kind["Security"].foreign and by_kind["Security"].foreign.prompt.endswith("?\n(A) motor (B) car (C) sign")
    missing = [item.id for item in items.values() if item.foreign and item.foreign.missing]
    assert len(missing) == 2 and all(name.startswith("detection") for name in missing)
    figures = report(tmp_path / "bench", tmp_path)["foreign"]["ir-td"]
    (scores,) = figures.values()
    assert scores["AerialCounting/MAE"]["upstream"]["n"] == 1
    assert scores["AerialCounting/MAE, the unread as the median"]["upstream"] is None


def test_ir_td_says_what_a_file_lacks(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"unpack json_sft\.zip"):
        bring("ir-td", tmp_path, tmp_path / "bench")
    (tmp_path / "Security.json").write_text("{,", encoding="utf-8")
    with pytest.raises(UsageError, match=r"Security\.json: not valid JSON"):
        bring("ir-td", tmp_path, tmp_path / "bench2")


MANIFEST_ROW = {
    "question_type": "group_location", "question_id": "HITVQA-00009", "question": "In which region?",
    "prompt": "Look. In which?",
    "canonical_answer": "center", "accepted_answers": ["center", "middle"], "ir_image": "test/1.jpg",
}  # fmt: skip


def test_hit_uav_vqa_by_its_manifest(tmp_path: Path) -> None:
    root = foreign.save_image(tmp_path / "in/test/1.jpg").parents[1]
    lines = [MANIFEST_ROW, {"question_type": "else"}]
    (root / "hit_uav_vqa_eval_manifest.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (item,) = bring("hit-uav-vqa", root, tmp_path / "bench").values()
    assert item.foreign and not item.foreign.missing and item.foreign.references == ("middle",)
    assert (item.form, item.answer, item.foreign.max_new_tokens) == ("word", "center", 12)
    (scores,) = report(tmp_path / "bench", tmp_path)["foreign"]["hit-uav-vqa"].values()
    assert scores["accuracy"]["upstream"]["n"] == 1


def test_frames_of_one_flight_are_one_group(tmp_path: Path) -> None:
    root = foreign.write_hit_uav(tmp_path / "in")
    path = root / "normal_json/annotations/test.json"
    names = {"1.jpg": "0_60_30_0_01609.jpg", "2.jpg": "0_60_30_0_01611.jpg", "3.jpg": "1_90_80_0_08986.jpg"}
    text = path.read_text()
    for old, new in names.items():
        text = text.replace(f'"{old}"', f'"{new}"')
        (root / f"normal_json/test/{old}").rename(root / f"normal_json/test/{new}")
    path.write_text(text)
    items = bring("hit-uav-vqa", root, tmp_path / "bench").values()
    groups = {Path(item.image).stem: item.group for item in items}
    assert groups["0_60_30_0_01609"] == groups["0_60_30_0_01611"] != groups["1_90_80_0_08986"]


def test_hit_uav_vqa_by_its_boxes(tmp_path: Path) -> None:
    items = bring("hit-uav-vqa", foreign.write_hit_uav(tmp_path / "in"), tmp_path / "bench")
    said = [(item.question, item.image[-5:], item.answer) for item in items.values()]
    presence = [(question, answer) for question, _, answer in said if question.startswith("Is a")]
    assert presence == [
        ("Is a car visible in this thermal image?", "yes"), ("Is a car visible in this thermal image?", "no"),
        ("Is a person visible in this thermal image?", "yes"), ("Is a person visible in this thermal image?", "no"),
    ]  # fmt: skip
    assert [row for row in said if not row[0].startswith("Is a")] == [
        ("How many car objects are visible?", "1.jpg", "1"),
        ("In which image region is the center of the car group located?", "1.jpg", "upper-left"),
        ("Which annotated object class appears most frequently?", "1.jpg", "car"),
        ("How many person objects are visible?", "2.jpg", "2"),
        ("In which image region is the center of the person group located?", "2.jpg", "lower-right"),
        ("Which annotated object class appears most frequently?", "2.jpg", "person"),
        ("Which annotated object class appears most frequently?", "3.jpg", "none"),
    ]
    assert not any(item.foreign and (item.foreign.missing or item.foreign.declared) for item in items.values())


def test_hit_uav_questions_of_boxes_are_those_of_the_manifest(tmp_path: Path) -> None:
    """What is published of images that lie here: the same questions, prompts and answers, in the order of hashes."""
    data, manifest = stored_scores.FOLDER.parent / "HIT-UAV", stored_scores.FOLDER / "FusionRS"
    if not (data / "normal_json").is_dir() or not manifest.is_dir():
        pytest.skip("../shared/data holds neither HIT-UAV nor its questions")
    theirs = bring("hit-uav-vqa", manifest, tmp_path / "theirs", f"test={data}/normal_xml/JPEGImages")
    ours = bring("hit-uav-vqa", data, tmp_path / "ours")
    shared = [item for item in theirs.values() if item.foreign and not item.foreign.missing]
    made = {(item.question, Path(item.image).name): item for item in ours.values()}
    assert shared
    for item in shared:
        own = made[item.question, Path(item.image).name]
        assert item.foreign and own.foreign
        assert (own.answer, own.foreign.prompt, own.options) == (item.answer, item.foreign.prompt, item.options)
    assert not any(item.foreign and item.foreign.missing for item in ours.values())
    rows = [
        json.loads(line) for line in (manifest / "hit_uav_vqa_eval_manifest.jsonl").read_text().splitlines() if line
    ]
    listed = [row["image_id"] for row in rows if row["question_type"] == "object_presence"]
    frame = read_frames(data / "normal_json/annotations/subset.json")[0]
    boxes = {"bicycle": [[0.0, 0.0, 1.0, 1.0]]}
    frames = [frame._replace(id=number, boxes=boxes) for number in sorted(listed)]
    frames += [frame._replace(id=-number, boxes={}) for number in listed]
    drawn = [one.image.id for one in draw_questions(frames) if one.kind == "object_presence" and one.answer == "yes"]
    assert drawn == listed


def test_vs_tdx(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the parquet of VS-TDX needs pyarrow (extra data)")
    foreign.write_vs_tdx(tmp_path / "table")
    items = [*bring("vs-tdx", tmp_path / "table", tmp_path / "bench").values()]
    assert [(item.form, item.answer, item.options) for item in items] == [
        ("yes_no", "yes", ()), ("option", "it is hot", ("paint", "it is hot")), ("option", "D", ("A", "B", "C", "D")),
    ]  # fmt: skip
    assert [(item.width, item.height, item.foreign and item.foreign.missing) for item in items] == [(48, 36, "")] * 3
    every = bring("vs-tdx", tmp_path / "table", tmp_path / "bench2", sensors=["thermal", "depth"])
    assert [item.foreign.missing != "" for item in every.values() if item.foreign] == [False, False, False, True]
    (scores,) = report(tmp_path / "bench", tmp_path)["foreign"]["vs-tdx"].values()
    assert set(scores) == {"thermal/Existence", "thermal/Sensor Understanding", "thermal/Count"}


def test_wildfire_vqa(tmp_path: Path) -> None:
    root = foreign.write_wildfire(tmp_path / "in")
    items = [*bring("wildfire-vqa", root, tmp_path / "bench").values()]
    assert [(item.form, item.answer) for item in items] == [("word", "Yes"), ("word", "No")]
    assert items[0].foreign and [image.role for image in items[0].foreign.images] == ["rgb", "ir"]
    assert items[0].foreign.is_text_first and items[0].foreign.max_new_tokens == 32
    alone = bring("wildfire-vqa", root, tmp_path / "bench2", mode="thermal", temperatures=False)
    prompt = next(iter(alone.values())).foreign
    assert prompt and [image.role for image in prompt.images] == ["ir"] and "Temperature" not in prompt.prompt


@pytest.mark.parametrize("mode", ["rgb", "thermal", "rgb_thermal"])
def test_wildfire_requests_are_upstreams(tmp_path: Path, mode: str) -> None:
    parts = stored_scores.load("upstream_wildfirevqa.json")["prompt_parts"][mode]
    (tmp_path / "in").mkdir()
    (tmp_path / "in/list.json").write_text(json.dumps([{**foreign.FIRE_ROW, "answer": "Yes"}]), encoding="utf-8")
    (item,) = bring("wildfire-vqa", tmp_path / "in", tmp_path / "bench", mode=mode).values()
    assert item.foreign and item.foreign.prompt == f"{parts['context']}\n\n{parts['task']}"


def test_ir_td_on_flir(tmp_path: Path) -> None:
    """The rows whose images lie here are asked with them; the others are rows with a reason."""
    data, flir = stored_scores.FOLDER / "IR-TD", stored_scores.FOLDER.parent / "FLIR_ADAS_1_3/train/thermal_8_bit"
    if not data.is_dir() or not flir.is_dir():
        pytest.skip("../shared/data holds neither IR-TD's rows nor FLIR's images")
    items = bring("ir-td", data, tmp_path / "bench", f"63-FLIR_ADAS/training/PreviewData={flir}")
    there = [item for item in items.values() if item.foreign and not item.foreign.missing]
    assert len(items) == 40 and len(there) == 16 and {(item.width, item.height) for item in there} == {(640, 512)}
    (scores,) = report(tmp_path / "bench", tmp_path)["foreign"]["ir-td"].values()
    assert scores["Security/accuracy"]["upstream"]["n"] == 5
