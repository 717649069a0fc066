"""Another modality by a folder of text alone: everything that is written about depth images speaks of depth.

The pack stands in `tests/packs/depth`; no code knows of it.
"""

import json
import re
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from calling import call_here
from mini_coco import write_coco
from PIL import Image
from plugging import forget_plugins  # noqa: F401
from rich.console import Console

from agents.__main__ import app
from agents.checks.audit import audit_file, render_report
from agents.commands.prompts.check import check_prompts
from agents.config import RunConfig
from agents.output.layouts import export_layout
from agents.output.report import write_report
from agents.output.show import explain_row, find_result, show_conversation
from agents.running.run import run_synthesis
from agents.store.run_store import RunStore
from tools.errors import UsageError
from tools.files import MARKER_FILE
from tools.prompts import DEFAULT_PACK

ROOT = Path(__file__).resolve().parents[1]
PACK = Path("tests/packs/depth")
WORDS = (ROOT / "tests/packs/infrared_words.txt").read_text().split()
FORBIDDEN = re.compile(rf"\b(?:{'|'.join(WORDS)})\b", re.IGNORECASE)
NAMES = re.compile(
    r"infrared-llava[ -]toolkit"  # this toolkit's name
    r'|"thermal": ?"[^"]*"'  # the key under which the authors' layout names an image: a fact of their format
    r"|infrared_llava"  # a model type
    r'|"temperature": (?={)|itb/temperature\.yaml',  # a task, by its name in the table and its file of wordings
    re.IGNORECASE,
)
TEXTS = {".jsonl", ".json", ".md", ".html", ".yaml", ".txt"}
VOCABULARY = "tokenizer.json"
"""Of the stand-in, which learned it from the pack's files, where each prompt sets the temperature of its sampling."""


def find_words(text: str) -> list[str]:
    return FORBIDDEN.findall(NAMES.sub("", text))


def read_texts(folder: Path) -> dict[str, str]:
    """What is said there; a folder's marker lists files, whose names the layout of an export decides."""
    paths = [path for path in folder.rglob("*") if path.suffix in TEXTS and path.name not in (VOCABULARY, MARKER_FILE)]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}


def show(*parts: object) -> str:
    stream = StringIO()
    for part in parts:
        Console(file=stream, width=120).print(part)
    return stream.getvalue()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("depth")
    write_coco(root, 12)
    places = {"captions": root / "captions.json", "instances": root / "instances.json", "images": root / "photos"}
    how = {"block": 1, "lag": 1, "instructions": "all", "mix": "each", "workers": 0}
    run_synthesis(RunConfig.model_validate({**places, **how, "out": root / "run", "pack": PACK}))
    write_report(root / "run")
    return root / "run"


def test_there_are_sixty_words() -> None:
    assert len(set(WORDS)) >= 60
    assert find_words("An Infrared-LLaVA toolkit run of warm things") == ["warm"]


def test_the_pack_is_sound_and_free_of_them() -> None:
    assert check_prompts(PACK).startswith("OK: 7 prompts, a lexicon of 7 categories and 2 seed rules")
    texts = {name: re.sub(r"^sampling: .*", "", text, flags=re.M) for name, text in read_texts(ROOT / PACK).items()}
    assert len(texts) > 15 and {name: found for name, text in texts.items() if (found := find_words(text))} == {}


def test_a_run_speaks_of_depth(run: Path) -> None:
    texts = read_texts(run)
    assert {"README.md", "report.html", "pairs.jsonl", "instructions.jsonl", "rules.jsonl", "manifest.json"} <= set(
        texts
    )
    assert {name: found for name, text in texts.items() if (found := find_words(text))} == {}
    assert "# Depth synthesis run" in texts["README.md"] and "What a depth camera cannot show" in texts["README.md"]
    assert "--pack depth" in texts["README.md"] and "8-bit gray PNG, near-bright" in texts["README.md"]
    assert "their depth images and captions" in texts["report.html"]
    assert '"captions_debated"' in texts["manifest.json"]
    manifest = json.loads(texts["manifest.json"])
    assert (manifest["pack"]["name"], manifest["translator"]["name"]) == ("depth", "gray")
    assert manifest["counts"]["accepted"] == 12


@pytest.mark.parametrize("layout", ["llava", "authors", "parquet"])
def test_exports_need_no_pack_and_speak_of_depth(run: Path, tmp_path: Path, layout: str) -> None:
    files = export_layout(run, layout, tmp_path / "out")
    if layout == "parquet":
        import pyarrow.parquet as pq

        text = "\n".join(str(pq.read_table(path).drop_columns("image").to_pylist()) for path in files)
    else:
        text = "\n".join(read_texts(tmp_path / "out").values())
        assert "this depth map" in text
    assert "depth" in text and find_words(text) == []


def test_the_terminal_speaks_of_depth(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RunStore(run) as store:
        shown = show(show_conversation(find_result(store, "1"), store), explain_row(store, "1-0"))
    assert "depth image" in shown and find_words(shown) == []
    found = show(render_report(audit_file(run / "instructions.jsonl", PACK), "a depth camera"))
    assert "what a depth camera cannot show" in found and find_words(found) == []
    app(["audit", str(run / "instructions.jsonl"), "--pack", str(PACK)], standalone_mode=False)
    assert "what a depth camera cannot show" in capsys.readouterr().out


def test_a_run_goes_on_with_its_own_pack_alone(run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    places = {name: run.parent / f"{name}.json" for name in ("captions", "instances")}
    how = {name: manifest["config"][name] for name in ("block", "lag", "instructions", "mix")}
    config = {**places, **how, "images": run.parent / "photos", "out": run, "workers": 0, "translator": "gray"}
    with pytest.raises(UsageError, match=r"pack\.name: depth -> infrared"):
        run_synthesis(RunConfig.model_validate({**config, "prompts": DEFAULT_PACK}))


def test_training_speaks_of_depth(run: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from trainer.output.export import export_model
    from trainer.parts.tiny import write_tiny
    from trainer.recipe import Recipe
    from trainer.stages.align_run import run_align
    from trainer.stages.sft_run import run_sft

    folders = write_tiny(tmp_path / "tiny", texts=PACK)
    part = {"global_batch": 4, "device_batch": 4, "max_steps": 2}
    settings = {"model": {"llm": folders.llm, "tower": folders.tower}, "align": part, "sft": part}
    with pytest.raises(UsageError, match=r"is of the modality `depth`.*name the pack it was made with: --pack DIR"):
        run_align(Recipe.model_validate(settings), run, tmp_path / "other")
    recipe = Recipe.model_validate({**settings, "data": {"pack": PACK}})
    run_align(recipe, run, tmp_path / "align")
    run_sft(recipe, run, tmp_path / "align", tmp_path / "sft")
    export_model(tmp_path / "sft/model", tmp_path / "model")
    card = (tmp_path / "model/README.md").read_text()
    assert "tags: [depth, depth-map, llava]" in card and "| depth images by |" in card
    texts = read_texts(tmp_path)
    assert {name: found for name, text in texts.items() if (found := find_words(text))} == {}


@pytest.fixture
def depth_dataset(tmp_path: Path) -> tuple[str, ...]:
    """Arguments of `itb build` for a plugin's dataset of depth images: one to three people in each."""
    text = (ROOT / "tests/plugins/dummy_dataset.py").read_text()
    for infrared, depth in (("lwir", "time-of-flight"), ("white-hot", "near-bright")):
        assert infrared in text
        text = text.replace(infrared, depth)
    plugin, root = tmp_path / "depth_dataset.py", tmp_path / "images"
    plugin.write_text(text)
    root.mkdir()
    generator = np.random.default_rng(0)
    for number in range(24):
        Image.fromarray(generator.integers(0, 255, (64, 80), np.uint8)).save(root / f"{number:02d}.png")
        people = [f"person {10 + 20 * k} 10 {22 + 20 * k} 50" for k in range(number % 3 + 1)]
        (root / f"{number:02d}.txt").write_text("\n".join(["room", *people]))
    return "--plugin", str(plugin), "--source", f"dummy={root}"


@pytest.mark.usefixtures("forget_plugins")
def test_a_benchmark_speaks_of_depth(
    depth_dataset: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    bench, pack, plugin = tmp_path / "bench", ("--pack", PACK), depth_dataset[:2]
    replies, report = tmp_path / "chance.jsonl", tmp_path / "report"
    printed = []
    for arguments in (
        ("build", *depth_dataset, *pack, "--out", bench),
        ("eval", bench, *plugin, *pack, "--model", "chance", "--out", replies),
        ("report", replies, *plugin, *pack, "--bench", bench, "--out", report),
    ):
        done = call_here("itb", *arguments)
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    items = [json.loads(line) for line in (bench / "items.jsonl").read_text().splitlines()]
    assert {item["task"] for item in items} == {"pedestrian_count"} and len(items) == 24
    assert {(item["band"], item["polarity"]) for item in items} == {("time-of-flight", "near-bright")}
    assert sum("depth" in item["question"] for item in items) > 12
    assert json.loads((bench / "manifest.json").read_text())["name"] == "Depth Template Benchmark"
    texts = read_texts(bench) | read_texts(report) | {path.name: path.read_text() for path in report.glob("*.tex")}
    assert json.loads(texts["report.json"])["paper"] is None  # whose figures are infrared's
    texts |= {"chance.jsonl": replies.read_text(), "eval": printed[1], "report": printed[2]}
    assert {
        "items.jsonl",
        "manifest.json",
        "audit.json",
        "report.html",
        "report.md",
        "report.json",
        "report.tex",
    } <= set(texts)
    assert {name: found for name, text in texts.items() if (found := find_words(text))} == {}
