"""The backend `recorded`: the debate that ships, replayed; recordings made, read and refused."""

import json

import pytest
from calling import call_here
from mini_coco import write_coco
from scripted_server import scripted_server

from agents.backends.recorded import SHIPPED, read_recording
from tools.errors import MissingError, UsageError

MOST_BYTES = 300_000
FILES = ("pairs.jsonl", "instructions.jsonl", "rules.jsonl", "rejected.jsonl", "manifest.json", "README.md")


def read_rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    pytest.importorskip("skimage", reason="the demo's photographs come from scikit-image (extra `demo`)")
    folder = tmp_path_factory.mktemp("photographs") / "photographs"
    done = call_here("tools", "photographs", "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder


def replay(photographs, out, *more):
    flags = ["--config", photographs / "run.yaml", "--backend", "recorded", "--block", "3", "--candidates", "2"]
    done = call_here("agents", "run", *flags, "--workers", "0", "--out", out, *more)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def run(photographs, tmp_path_factory):
    out = tmp_path_factory.mktemp("recorded") / "run"
    return out, replay(photographs, out)


def test_the_shipped_debate_replays_to_equal_bytes_whatever_the_concurrency(run, photographs, tmp_path):
    out, _ = run
    replay(photographs, tmp_path / "again", "--concurrency", "1")
    for name in FILES:
        mine, other = ((folder / name).read_text(encoding="utf-8") for folder in (out, tmp_path / "again"))
        assert mine.replace(str(out), "RUN") == other.replace(str(tmp_path / "again"), "RUN"), name


def test_it_is_named_as_a_demonstration_and_costs_nothing(run):
    out, done = run
    assert "a demonstration of a debate, and no measurement" in done.stdout
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["backend"]["name"], manifest["usage"]) == ("recorded", [])
    for page in ("README.md", "report.html"):
        assert "no measurement" in (out / page).read_text(encoding="utf-8")


def test_it_shows_rejections_objections_to_captions_and_rules_that_change_later_captions(run):
    out, _ = run
    manifest = json.loads((out / "manifest.json").read_text())
    assert sum(manifest["objections"].values()) >= 2 and manifest["acceptance_by_round"]["2"] >= 2
    assert sum(manifest["captions_debated"]["objections"].values()) >= 5
    mined = [rule for rule in read_rows(out / "rules.jsonl") if rule["origin"] == "mined"]
    changed = {rule["id"]: rule for rule in mined if rule["used"]}
    assert len(mined) >= 5 and changed
    pairs = read_rows(out / "pairs.jsonl")
    for name, rule in changed.items():
        later = [pair for pair in pairs if name in pair["applied"]]
        assert later and all(int(pair["image_id"]) > int(rule["image"]) for pair in later), name
        printed = " ".join(call_here("agents", "why", out, name, columns=200).stdout.split())
        assert f"“{rule['objection']}”" in printed, "a rule is traced to the words that caused it"


def test_the_recording_is_small_and_says_how_it_came_about():
    recording = read_recording(SHIPPED)
    assert SHIPPED.stat().st_size < MOST_BYTES
    assert "A demonstration, no measurement." in recording.head.about
    assert len(recording.replies) == len(SHIPPED.read_text(encoding="utf-8").splitlines()) - 1


def test_a_run_is_recorded_and_played_without_its_endpoint(tmp_path):
    write_coco(tmp_path / "coco", 3)
    coco, file = tmp_path / "coco", tmp_path / "mine.jsonl"
    flags = ["--captions", coco / "captions.json", "--instances", coco / "instances.json", "--images", coco / "photos"]
    flags += ["--translator", "none", "--workers", "0", "--instructions", "all"]
    with scripted_server() as server:
        llm = ["--backend", "llm", "--model", "m", "--base-url", server.url, "--set", f"backend.record={file}"]
        made = call_here("agents", "run", *flags, *llm, "--out", tmp_path / "made")
    assert made.returncode == 0, made.stderr
    played = call_here(
        "agents", "run", *flags, "--backend", "recorded", "--recording", file, "--out", tmp_path / "played"
    )
    assert played.returncode == 0, played.stderr
    for name in ("pairs.jsonl", "instructions.jsonl", "rules.jsonl"):
        assert (tmp_path / "made" / name).read_bytes() == (tmp_path / "played" / name).read_bytes(), name
    assert "read differently" not in played.stderr

    lines = file.read_text().splitlines()
    row = json.loads(lines[1])
    file.write_text("\n".join([lines[0], json.dumps(row | {"messages": "0" * 16}), *lines[2:]]) + "\n")
    changed = call_here(
        "agents", "run", *flags, "--backend", "recorded", "--recording", file, "--out", tmp_path / "changed"
    )
    assert changed.returncode == 0
    assert f"1 of {len(lines) - 1} recorded questions read differently now" in " ".join(changed.stderr.split())
    assert (tmp_path / "changed/pairs.jsonl").read_bytes() == (tmp_path / "made/pairs.jsonl").read_bytes()


def test_an_image_that_was_not_recorded_is_rejected_with_the_reason(tmp_path):
    write_coco(tmp_path / "coco", 2)
    coco = tmp_path / "coco"
    flags = [
        "--captions",
        coco / "captions.json",
        "--images",
        coco / "photos",
        "--translator",
        "none",
        "--workers",
        "0",
    ]
    done = call_here("agents", "run", *flags, "--backend", "recorded", "--out", tmp_path / "run")
    rejected = [
        row["reject"]["code"] if "reject" in row else row.get("code")
        for row in read_rows(tmp_path / "run/rejected.jsonl")
    ]
    assert done.returncode == 0 and set(rejected) == {"not_recorded"}


@pytest.mark.parametrize(
    "content", ["", "{}\n", '{"format": "recording 9", "about": "", "settings": {}}\n', "nothing\n"]
)
def test_what_is_no_recording_is_one_sentence_and_is_not_written_over(tmp_path, content):
    path = tmp_path / "file.jsonl"
    with pytest.raises(MissingError, match="no such recording"):
        read_recording(path)
    path.write_text(content)
    with pytest.raises(UsageError, match=r"file\.jsonl"):
        read_recording(path)
