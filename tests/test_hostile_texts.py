"""Every text file that a user brings, in every bad form, through its command: one sentence, no traceback."""

import json
import shutil

import pytest
from calling import call_here
from killing import ROOT
from mini_bench import write_bench
from mini_coco import write_coco

from tools.errors import UsageError

DEEP = b"[" * 5000
FORMS = {
    "bom": lambda text: b"\xef\xbb\xbf" + text,
    "crlf": lambda text: text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "deep": lambda text: DEEP,
    "deep within": lambda text: b'{"id": ' + DEEP,
    "huge number": lambda text: b'{"id": ' + b"9" * 5000 + b', "image_id": ' + b"9" * 5000 + b"}\n",
    "a list": lambda text: b"[1, 2]\n",
    "a text": lambda text: b'"text"\n',
    "nothing": lambda text: b"null\n",
    "wrong rows": lambda text: b'[{"id": [], "image": {}, "conversations": 3, "images": null}, null, 3]\n',
    "wrong row": lambda text: b'{"id": [], "image": {}, "conversations": [{"from": [], "value": {}}], "images": 3}\n',
    "empty": lambda text: b"",
    "utf-16": lambda text: text.decode().encode("utf-16"),
    "no utf-8": lambda text: text[: len(text) // 2] + b"\xff" + text[len(text) // 2 :],
    "cut": lambda text: text[: len(text) * 2 // 3],
    "nan": lambda text: b'{"id": NaN, "image_id": Infinity}\n',
    "surrogates": lambda text: b'{"id": "\\ud800", "image_id": "\\udfff", "image": "\\ud800.png"}\n',
    "a date": lambda text: b"id: 2024-13-45\n",
    "a null byte": lambda text: text[:10] + b"\x00" + text[10:],
}
MEAN_THE_SAME = ("bom", "crlf")

PLAN = ("agents", "plan", "--limit", "1", "--translator", "none", "--captions", "coco/captions.json")
PLAN += ("--instances", "coco/instances.json", "--images", "coco/photos", "--out", "new")
EXPORT = ("agents", "export", "run", "--out", "new", "--format")
EVAL = ("itb", "eval", "bench", "--model", "chance", "--out")
REPORT = ("itb", "report", "chance.jsonl", "--bench", "bench", "--out", "new")
CHECK = ("agents", "prompts", "check", "--pack", "pack")
SCENES = ("tools", "scenes", "--count", "1", "--size", "96x80", "--out", "scenes")
READERS = {
    "coco/captions.json": PLAN,
    "coco/instances.json": PLAN,
    "run.yaml": (*PLAN, "--config", "run.yaml"),
    "rules.jsonl": (*PLAN, "--rules", "rules.jsonl"),
    "prices.yaml": (*PLAN, "--prices", "prices.yaml"),
    "pack/lexicon.yaml": (*PLAN, "--pack", "pack"),
    "pack/modality.yaml": (*PLAN, "--pack", "pack"),
    "pack/seed_rules.yaml": (*PLAN, "--pack", "pack"),
    "pack/caption_requests.yaml": CHECK,
    "pack/sample.yaml": CHECK,
    "pack/itb/locate.yaml": CHECK,
    "pack/context.md": CHECK,
    "pack/template/conversation.yaml": CHECK,
    "run/pairs.jsonl": (*EXPORT, "llava"),
    "run/instructions.jsonl": (*EXPORT, "authors"),
    "run/rejected.jsonl": ("agents", "report", "run"),
    "run/rules.jsonl": ("agents", "report", "run"),
    "run/manifest.json": ("agents", "report", "run"),
    "run/.folder.json": ("agents", "report", "run"),
    "rows.json": ("agents", "audit", "rows.json"),
    "rows.jsonl": ("agents", "audit", "rows.jsonl"),
    "bench/items.jsonl": (*EVAL, "new/a.jsonl"),
    "bench/manifest.json": (*EVAL, "new/a.jsonl"),
    "chance.jsonl": REPORT,
    "chance.jsonl.manifest.json": REPORT,
    "chance.jsonl.timing.json": (*EVAL, "chance.jsonl"),
    "replies.jsonl": ("itb", "eval", "bench", "--model", "replies.jsonl", "--out", "new/a.jsonl"),
    "scenes/manifest.json": SCENES,
    "scenes/scenes/000001.json": SCENES,
    "recipe.yaml": ("trainer.align", "--config", "recipe.yaml", "--data", "run", "--out", "new", "--dry-run"),
    "small.json": ("trainer.language_model", "--data", "small.json", "--steps", "1", "--out", "new"),
}
ROW = '{"id": "1", "image": "photos/0001.jpg", "conversations": [{"from": "human", "value": "<image>\\nWhat?"}, '
ROW += '{"from": "gpt", "value": "A dog."}]}'


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with one whole file of every kind."""
    root = tmp_path_factory.mktemp("place")
    write_coco(root / "coco", 3)
    coco = ("--captions", root / "coco/captions.json", "--instances", root / "coco/instances.json")
    quick = ("--translator", "gray", "--workers", "0", "--block", "1", "--lag", "1")
    write_bench(root / "bench", images=6)
    for module, *arguments in (
        ("agents", "run", *coco, "--images", root / "coco/photos", *quick, "--out", root / "run"),
        ("itb", "eval", root / "bench", "--model", "chance", "--out", root / "chance.jsonl"),
        ("tools", "scenes", "--count", "1", "--size", "96x80", "--out", root / "scenes"),
    ):
        done = call_here(module, *arguments)
        assert done.returncode == 0, done.stderr
    shutil.copytree(ROOT / "prompts/infrared", root / "pack")
    shutil.copy(ROOT / "tools/endpoint/prices.yaml", root / "prices.yaml")
    shutil.copy(root / "run/rules.jsonl", root / "rules.jsonl")
    items = [json.loads(line) for line in (root / "bench/items.jsonl").read_text(encoding="utf-8").splitlines()]
    rows = [{"item": item["id"], "reply": "yes"} for item in items if item["split"] == "test"]
    (root / "replies.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (root / "run.yaml").write_text("seed: 3\n")
    (root / "recipe.yaml").write_text("extends: tiny.yaml\n")
    (root / "styles.json").write_text("[[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]]\n")
    for name in ("rows", "llava", "small"):
        (root / f"{name}.json").write_text(f"[{ROW},\n {ROW}]\n")
        (root / f"{name}.jsonl").write_text(f"{ROW}\n{ROW}\n")
    (root / "photos").symlink_to("coco/photos")
    (root / "prompts").symlink_to(ROOT / "prompts")
    return root


def call(command, place, monkeypatch):
    shutil.rmtree(place / "new", ignore_errors=True)
    monkeypatch.chdir(place)
    return call_here(command[0], *command[1:])


@pytest.mark.parametrize("name", READERS)
def test_every_text_in_every_bad_form_is_one_sentence(name, place, monkeypatch):
    command, path = READERS[name], place / name
    if command[0].startswith("trainer"):
        pytest.importorskip("torch", reason=f"{command[0]} needs it")
    shutil.rmtree(place / "new", ignore_errors=True)
    kept = {each: each.read_bytes() for each in place.rglob("*") if each.is_file()}
    whole = call(command, place, monkeypatch)
    for form, change in FORMS.items():
        shutil.rmtree(place / "new", ignore_errors=True)
        for each, content in kept.items():
            if not each.is_file() or each.read_bytes() != content:
                each.write_bytes(content)
        path.write_bytes(change(kept[path]))
        done = call(command, place, monkeypatch)
        printed = f"{form}: {done.returncode}: {done.stderr[-1500:]}"
        assert "Traceback" not in done.stderr, printed
        assert done.returncode in (0, 1, 2, 3), printed
        errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        assert len(errors) == (done.returncode != 0), printed
        assert all(len(line) < 1500 for line in errors), printed
        if form in MEAN_THE_SAME:
            assert done.returncode == whole.returncode, printed
    for each, content in kept.items():
        each.write_bytes(content)


def test_every_reader_reads_its_whole_file(place, monkeypatch):
    """What ends with an error anyway would prove nothing of its files: only what lacks weights may."""
    found = {name: call(command, place, monkeypatch) for name, command in READERS.items()}
    missing = {name: done.stderr for name, done in found.items() if done.returncode}
    assert missing.keys() <= {"recipe.yaml"}, missing


@pytest.mark.parametrize("form", FORMS)
def test_style_codes_are_read_or_refused(form, tmp_path):
    styles = pytest.importorskip("tools.translation.srgb_tir.styles")
    path = tmp_path / "styles.json"
    path.write_bytes(FORMS[form](b"[[0.1, 0.2, 0.3, 0.4,\n 0.5, 0.6, 0.7, 0.8]]\n"))
    try:
        styles.load_styles(path)
    except UsageError as error:
        assert str(path) in str(error) and "\n" not in str(error)
        assert form not in MEAN_THE_SAME


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["llava.json", "llava.jsonl"])
def test_rows_of_conversations_are_samples_or_rejects(name, form, tmp_path):
    reading = pytest.importorskip("trainer.data.reading", reason="needs the extra `train`")
    path = tmp_path / name
    content = f"{ROW}\n{ROW}\n" if name.endswith("l") else f"[{ROW},\n {ROW}]\n"
    path.write_bytes(FORMS[form](content.encode()))
    try:
        found = list(reading.read_samples(reading.Request(path, "sft")))
    except UsageError as error:
        assert str(path) in str(error) and "\n" not in str(error)
        assert form not in MEAN_THE_SAME
        return
    samples = [item for item in found if hasattr(item, "image")]
    assert len(samples) == 2 or form not in MEAN_THE_SAME
    assert all("\n" not in item.reason for item in found if not hasattr(item, "image"))
