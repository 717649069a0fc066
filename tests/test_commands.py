"""What the commands print and keep; the pages' own commands: test_pages.py."""

import json
import re
import subprocess
import sys

from calling import call_here
from killing import ROOT
from mini_coco import write_coco


def test_editing_the_lexicon_changes_what_comes_out(tmp_path):
    arguments = [*write_coco(tmp_path / "coco", 6), "--translator", "none", "--block", "1", "--lag", "1"]
    assert call_here("agents", "run", *arguments, "--out", str(tmp_path / "one")).returncode == 0
    prompts = tmp_path / "prompts"
    for path in (ROOT / "prompts/infrared").rglob("*"):
        if path.is_file():
            (prompts / path.relative_to(ROOT / "prompts/infrared")).parent.mkdir(parents=True, exist_ok=True)
            (prompts / path.relative_to(ROOT / "prompts/infrared")).write_bytes(path.read_bytes())
    lexicon = (prompts / "lexicon.yaml").read_text()
    (prompts / "lexicon.yaml").write_text(lexicon.replace("words: [red(s|dish|der),", "words: [park, red(s|dish|der),"))
    edited = ["--out", str(tmp_path / "two"), "--prompts", str(prompts)]
    assert call_here("agents", "prompts", "check", "--prompts", str(prompts)).returncode == 0
    assert call_here("agents", "run", *arguments, *edited).returncode == 0
    before, after = ((tmp_path / name / "pairs.jsonl").read_text() for name in ("one", "two"))
    assert '"caption":"A man resting on a bench in a park."' in before
    assert '"caption":"A man resting on a bench in a park."' not in after


def test_fresh_asks_before_it_deletes(tmp_path):
    arguments = [*write_coco(tmp_path / "coco", 2), "--translator", "none", "--out", str(tmp_path / "run")]
    assert call_here("agents", "run", *arguments).returncode == 0
    (tmp_path / "run/mine.txt").write_text("not of the run")
    refused = call_here("agents", "run", *arguments, "--seed", "5", "--fresh", text="n\n")
    assert refused.returncode == 1
    assert json.loads((tmp_path / "run/manifest.json").read_text())["seed"] == 0
    assert call_here("agents", "run", *arguments, "--seed", "5", "--fresh", "--yes").returncode == 0
    assert json.loads((tmp_path / "run/manifest.json").read_text())["seed"] == 5
    assert (tmp_path / "run/mine.txt").exists()


def test_plan_and_preview_keep_nothing_and_say_what_would_happen(tmp_path):
    arguments = [*write_coco(tmp_path / "coco", 6), "--out", str(tmp_path / "run")]
    plan = call_here("agents", "plan", *arguments)
    assert plan.returncode == 0
    assert re.search(r"captions\s+18", plan.stdout)
    assert "too short for its blocks" in plan.stdout
    preview = call_here("agents", "preview", "2", *arguments)
    assert preview.returncode == 0
    assert preview.stdout.count("caption agent · ") == 6
    assert "debate agent" in preview.stdout
    assert not (tmp_path / "run").exists()


def test_audit_finds_what_infrared_cannot_show(tmp_path):
    turns = [
        {"from": "human", "value": "<image>\nWhat is this?"},
        {"from": "gpt", "value": "A red car by a wooden house."},
    ]
    (tmp_path / "data.json").write_text(json.dumps([{"id": "1", "image": "1.jpg", "conversations": turns}]))
    shown = call_here("agents", "audit", str(tmp_path / "data.json"), "--json")
    assert shown.returncode == 0
    found = json.dumps(json.loads(shown.stdout))
    assert "red" in found and "wooden" in found
    missing = call_here("agents", "audit", str(tmp_path / "absent.json"))
    assert missing.returncode in (2, 3) and "absent.json" in missing.stderr


def test_tools_translate_score_and_scenes(tmp_path):
    scenes = call_here("tools", "scenes", "--count", "2", "--size", "96x80", "--out", str(tmp_path / "scenes"))
    assert scenes.returncode == 0 and "2 scenes (2 new)" in scenes.stdout
    assert call_here("tools", "scenes", "--count", "2", "--size", "9x8", "--out", str(tmp_path / "s")).returncode == 2
    photos = [str(tmp_path / f"scenes/visible/00000{number}.jpg") for number in (1, 2)]
    done = call_here("tools", "translate", *photos, "--out", str(tmp_path / "infrared"))
    assert done.returncode == 0
    found = sorted(path.name for path in (tmp_path / "infrared").iterdir())
    assert found == [".folder.json", "000001.png", "000002.png", "translated.jsonl"]
    broken = call_here("tools", "translate", photos[0], str(tmp_path / "no.jpg"), "--out", str(tmp_path / "infrared"))
    assert broken.returncode == 1 and "no.jpg" in broken.stderr
    folder = call_here(
        "tools", "translate", str(tmp_path / "scenes/visible"), "--out", str(tmp_path / "scenes/visible/made")
    )
    assert folder.returncode == 0
    for name in ("000001.png", "000002.png"):
        assert (tmp_path / "scenes/visible/made" / name).read_bytes() == (tmp_path / "infrared" / name).read_bytes()
    alone = call_here("tools", "translate", photos[1], "--out", str(tmp_path / "alone"))
    assert (tmp_path / "alone/000002.png").read_bytes() == (tmp_path / "infrared/000002.png").read_bytes()
    twice = call_here(
        "tools", "translate", photos[0], str(tmp_path / "000001.jpg"), "--out", str(tmp_path / "infrared")
    )
    assert twice.returncode == 2 and "would have the same id" in " ".join(twice.stderr.split())
    assert alone.returncode == 0
    image = str(tmp_path / "infrared/000001.png")
    scored = call_here("tools", "score", "--image", image, "--caption", "a red car", "a car", "--scorer", "lexical")
    result = json.loads(scored.stdout)
    assert result["is_embedded"] is True
    assert result["scores"][1]["score"] > result["scores"][0]["score"]


def test_doctor_names_every_part_and_finds_another_distribution_in_the_way(tmp_path):
    healthy = call_here("tools", "doctor")
    assert healthy.returncode == 0
    (tmp_path / "itb").mkdir()
    (tmp_path / "itb/__init__.py").write_text("")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import tools.commands.doctor as d; "
    code += "print(d._examine_own('itb'))"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "shadowed by" in shown and "missing" in shown
