"""Exports in other layouts, read back as their readers would."""

import json
import shutil
import sqlite3

import pytest
from mini_coco import write_coco
from PIL import Image

from agents.config import RunConfig
from agents.output.layouts import export_layout
from agents.running.run import run_synthesis
from tools.errors import MissingError, UsageError

PROMPTS = RunConfig.model_fields["pack"].default


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    root = tmp_path_factory.mktemp("layouts")
    write_coco(root, 6)
    common = {
        "captions": root / "captions.json", "instances": root / "instances.json", "images": root / "photos", "block": 1,
        "lag": 1, "instructions": "all", "mix": "each", "workers": 0,
    }  # fmt: skip
    for name, translator in (("run", "gray"), ("blind", "none")):
        run_synthesis(RunConfig(**common, out=root / name, translator=translator))
    return root


def read_rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_llava_layout_has_every_row_and_its_image(runs, tmp_path):
    pretrain, instruct = (
        json.loads(path.read_text()) for path in export_layout(runs / "run", "llava", tmp_path, PROMPTS)
    )
    pairs, instructions = read_rows(runs / "run/pairs.jsonl"), read_rows(runs / "run/instructions.jsonl")
    assert [row["id"] for row in pretrain] == [pair["id"] for pair in pairs]
    assert [row["conversations"][1]["value"] for row in pretrain] == [pair["caption"] for pair in pairs]
    assert [[turn["value"] for turn in row["conversations"][1:]] for row in instruct] == [
        [message["content"] for message in row["messages"][1:]] for row in instructions
    ]
    for row in (*pretrain, *instruct):
        assert [turn["from"] for turn in row["conversations"]] == ["human", "gpt"] * (len(row["conversations"]) // 2)
        assert "".join(turn["value"] for turn in row["conversations"]).count("<image>") == 1
        assert row["conversations"][0]["value"].startswith("<image>\n")
        assert Image.open(tmp_path / row["image"]).size == (80, 60)


def test_a_run_from_before_packs_were_kept_exports_as_the_default_pack_says(runs, tmp_path):
    expected = [path.read_text() for path in export_layout(runs / "run", "llava", tmp_path / "kept")]
    old = shutil.copytree(runs / "run", tmp_path / "old")
    with sqlite3.connect(old / "run.sqlite") as store:
        assert store.execute("DELETE FROM meta WHERE key = 'pack'").rowcount == 1
    assert [path.read_text() for path in export_layout(old, "llava", tmp_path / "new")] == expected


def test_llava_layout_without_images_has_no_image_token(runs, tmp_path):
    pretrain, _ = (json.loads(path.read_text()) for path in export_layout(runs / "blind", "llava", tmp_path, PROMPTS))
    assert "image" not in pretrain[0]
    assert "<image>" not in pretrain[0]["conversations"][0]["value"]


def test_the_authors_layout_has_exactly_their_two_fields(runs, tmp_path):
    for path in export_layout(runs / "run", "authors", tmp_path, PROMPTS):
        rows = json.loads(path.read_text())
        assert rows
        for row in rows:
            assert set(row) == {"thermal", "conversations"}
            assert "/" not in row["thermal"]
            assert (tmp_path / "thermal" / row["thermal"]).is_file()
    with pytest.raises(UsageError, match="without a translator"):
        export_layout(runs / "blind", "authors", tmp_path / "other", PROMPTS)


def test_parquet_holds_the_images_themselves(runs, tmp_path):
    datasets = pytest.importorskip("datasets", reason="the package datasets (extra `data`) is not installed")
    written = export_layout(runs / "run", "parquet", tmp_path / "out", PROMPTS)
    assert [path.name for path in written] == ["pairs-00000.parquet", "instructions-00000.parquet"]
    pairs, instructions = (
        datasets.load_dataset("parquet", data_files=str(path), cache_dir=str(tmp_path / "cache"))["train"]
        for path in written
    )
    rows = read_rows(runs / "run/pairs.jsonl")
    assert [caption for row in pairs for caption in row["captions"]] == [row["caption"] for row in rows]
    assert pairs[0]["image"].tobytes() == Image.open(runs / "run" / rows[0]["image"]).tobytes()
    assert instructions[0]["messages"] == read_rows(runs / "run/instructions.jsonl")[0]["messages"]


def test_what_cannot_be_exported_is_explained(runs, tmp_path):
    with pytest.raises(UsageError, match="is the run folder itself"):
        export_layout(runs / "run", "llava", runs / "run", PROMPTS)
    with pytest.raises(MissingError, match="no run there"):
        export_layout(tmp_path, "llava", tmp_path / "out", PROMPTS)
    (runs / "blind/instructions.jsonl").rename(tmp_path / "away")
    with pytest.raises(MissingError, match="finish the run first"):
        export_layout(runs / "blind", "llava", tmp_path / "out", PROMPTS)
    (tmp_path / "away").rename(runs / "blind/instructions.jsonl")
    (tmp_path / "caption_requests.yaml").write_text("just a text")
    with pytest.raises(UsageError, match="expected a list of questions"):
        export_layout(runs / "run", "llava", tmp_path / "out", tmp_path)
