"""Folders from before the marker are recognised, marked and gone on with; `--fresh` deletes of them what is theirs.

A folder of that time is made by taking the markers out of one of today.
"""

import json
import shutil
import sys

import pytest
from killing import read_exports
from mini_coco import write_coco
from test_foreign_folders import call, read_tree
from tiny_run import fork, wait, write_tiny_folders
from tiny_run import write_run as write_trainer_run

from tools.errors import UsageError
from tools.files import MARKER_FILE, hold, own_folder, read_marker
from tools.scenes import render_scenes


def remove_markers(folder):
    found = list(folder.rglob(MARKER_FILE))
    for path in found:
        path.unlink()
    assert found
    return folder


def put(folder, *names):
    """The user's files, in our folder."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"mine: {name}")


def check_kept(folder, *names):
    for name in names:
        assert (folder / name).read_text() == f"mine: {name}"


@pytest.fixture(scope="module")
def coco(tmp_path_factory):
    root = tmp_path_factory.mktemp("coco")
    write_coco(root, 6)
    return root


def name_coco(coco):
    files = ["--captions", str(coco / "captions.json"), "--instances", str(coco / "instances.json")]
    return [*files, "--images", str(coco / "photos"), "--translator", "gray", "--workers", "0", "--block", "2"]


RUN_EXTRAS = ("notes.txt", "images/holiday.jpg", "images/00/mine.png", "images/00/7.png", "mine/pairs.jsonl")


def test_a_run_is_adopted_resumed_and_begun_anew_with_the_users_files_in_it(coco, tmp_path):
    out, whole = tmp_path / "run", tmp_path / "whole"
    arguments = name_coco(coco)
    assert call("agents run", *arguments, "--out", str(whole)) == 0
    assert call("agents run", *arguments, "--out", str(out), "--limit", "3") == 0
    put(remove_markers(out), *RUN_EXTRAS)
    assert call("agents run", *arguments, "--out", str(out)) == 0
    assert read_marker(out).kind == "run"
    mine = {name: content for name, content in read_exports(out).items() if name in RUN_EXTRAS}
    assert read_exports(out) == {**read_exports(whole), **mine}
    remove_markers(out)
    assert call("agents run", *arguments, "--out", str(out), "--seed", "5", "--fresh", "--yes") == 0
    assert json.loads((out / "manifest.json").read_text())["seed"] == 5
    check_kept(out, *RUN_EXTRAS)


def test_fresh_deletes_every_file_of_a_run_and_no_other(coco, tmp_path):
    from agents.running.run import clear_run

    out = tmp_path / "run"
    assert call("agents run", *name_coco(coco), "--out", str(out)) == 0
    put(out, *RUN_EXTRAS)
    clear_run(out)
    left = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert left == {MARKER_FILE, "replies.sqlite", *RUN_EXTRAS}


def test_an_image_of_a_killed_run_that_no_result_names_is_the_runs(coco, tmp_path):
    out = tmp_path / "run"
    assert call("agents run", *name_coco(coco), "--out", str(out)) == 0
    from agents.running.run import clear_run
    from tools.functions import image_path

    orphan = out / image_path("4711")
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"png")
    clear_run(out)
    assert not (out / "images").exists()


@pytest.mark.parametrize("left", ["run.sqlite", "manifest.json"])
def test_a_run_is_recognised_by_its_store_or_its_manifest(coco, tmp_path, left):
    out = tmp_path / "run"
    assert call("agents run", *name_coco(coco), "--out", str(out), "--limit", "2") == 0
    remove_markers(out)
    (out / ("manifest.json" if left == "run.sqlite" else "run.sqlite")).unlink()
    assert call("agents run", *name_coco(coco), "--out", str(out), "--limit", "2") == 0
    assert read_marker(out).kind == "run"


def test_a_killed_run_of_that_time_is_recognised_although_its_store_is_in_the_log_alone(coco, tmp_path):
    out = tmp_path / "run"
    code = fork(lambda: run_and_die(coco, out))
    assert wait(code) == -9
    assert (out / "run.sqlite-wal").stat().st_size > 0
    remove_markers(out)
    assert call("agents run", *name_coco(coco), "--out", str(out)) == 0
    assert json.loads((out / "manifest.json").read_text())["counts"]["images"] == 6


def run_and_die(coco, out):
    import os
    import signal

    from agents.store.run_store import RunStore

    commit = RunStore.commit_result

    def die(self, result):
        commit(self, result)
        os.kill(os.getpid(), signal.SIGKILL)

    RunStore.commit_result = die
    call("agents run", *name_coco(coco), "--out", str(out))


@pytest.mark.parametrize("name", ["README.md", "report.html", "manifest.json"])
def test_a_users_card_in_a_run_of_that_time_is_not_overwritten(coco, tmp_path, capsys, name):
    out = tmp_path / "run"
    assert call("agents run", *name_coco(coco), "--out", str(out), "--limit", "2") == 0
    remove_markers(out)
    put(out, name)
    for fresh in ((), ("--fresh", "--yes")):
        before = read_tree(out)
        assert call("agents run", *name_coco(coco), "--out", str(out), *fresh) == 2
        assert f"{name}: is not this run's" in capsys.readouterr().err
        assert read_tree(out) == before


def test_a_foreign_database_named_like_the_store_is_no_run(coco, tmp_path):
    import sqlite3

    for name, statement in (("other", "CREATE TABLE t (x)"), ("meta", "CREATE TABLE meta (key, value)")):
        out = tmp_path / name
        out.mkdir()
        connection = sqlite3.connect(out / "run.sqlite")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(statement)
        connection.close()
        before = read_tree(out)
        assert call("agents run", *name_coco(coco), "--out", str(out)) == 2
        assert read_tree(out) == before


def test_an_ablation_is_recognised_by_its_table_or_its_arms(coco, tmp_path):
    arguments = [*name_coco(coco), "--arms", "full,no-debate", "--out", str(tmp_path / "out")]
    assert call("agents ablate", *arguments) == 0
    table = (tmp_path / "out/ablation.json").read_bytes()
    remove_markers(tmp_path / "out")
    assert call("agents ablate", *arguments) == 0
    remove_markers(tmp_path / "out")
    for name in ("ablation.json", "ablation.md"):
        (tmp_path / "out" / name).unlink()
    assert call("agents ablate", *arguments) == 0
    assert (tmp_path / "out/ablation.json").read_bytes() == table
    assert {read_marker(tmp_path / "out" / name).kind for name in ("full", "no-debate")} == {"run"}


def test_a_merge_that_was_interrupted_goes_on_and_another_run_is_refused(coco, tmp_path, monkeypatch, capsys):
    from agents.running.derived.merge import merge_runs

    assert call("agents run", *name_coco(coco), "--out", str(tmp_path / "whole")) == 0
    frozen = [*name_coco(coco), "--rules", str(tmp_path / "whole/rules.jsonl"), "--freeze"]
    assert call("agents run", *frozen, "--out", str(tmp_path / "one")) == 0
    parts = [str(tmp_path / f"part{number}") for number in (1, 2)]
    for number, part in enumerate(parts, 1):
        assert call("agents run", *frozen, "--shard", f"{number}/2", "--out", part) == 0
    with monkeypatch.context() as patched:
        patched.setattr("agents.running.derived.merge.copy_images", lambda *_: sys.exit(9))
        with pytest.raises(SystemExit):
            merge_runs([*map(type(tmp_path), parts)], tmp_path / "all")
    assert not (tmp_path / "all/manifest.json").exists()
    for _ in range(2):
        assert call("agents merge", *parts, "--out", str(tmp_path / "all")) == 0
        assert read_exports(tmp_path / "all") == read_exports(tmp_path / "one")
    before = read_tree(tmp_path / "one")
    capsys.readouterr()
    assert call("agents merge", *parts, "--out", str(tmp_path / "one")) == 2
    assert "there is a run already" in capsys.readouterr().err
    assert read_tree(tmp_path / "one") == before


# Benchmarks.

BENCH_EXTRAS = ("notes.txt", "images/holiday.jpg", "images/scenes/flir/train/mine.jpeg", "mine/items.jsonl")
BENCH_FILES = ("items.jsonl", "splits.json", "audit.json", "manifest.json", "hashes.jsonl")


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    render_scenes(60, 6, folder, size=(96, 80), kinds=("road", "field", "shore", "indoor", "aerial"))
    return folder


def name_scenes(scenes, out):
    return ["--source", f"scenes={scenes}", "--out", str(out), "--copy-images"]


def read_bench(bench):
    images = sorted({json.loads(line)["image"] for line in (bench / "items.jsonl").read_text().splitlines()})
    return {name: (bench / name).read_bytes() for name in (*BENCH_FILES, *images)}


def test_a_benchmark_is_adopted_refreshed_and_keeps_the_users_files(scenes, tmp_path):
    out = tmp_path / "bench"
    assert call("itb build", *name_scenes(scenes, out)) == 0
    whole = read_bench(out)
    put(remove_markers(out), *BENCH_EXTRAS)
    assert call("itb build", *name_scenes(scenes, out)) == 0
    assert read_marker(out).kind == "benchmark" and read_bench(out) == whole
    remove_markers(out)
    assert call("itb build", *name_scenes(scenes, out), "--fresh", "--yes") == 0
    assert read_bench(out) == whole
    assert call("itb build", *name_scenes(scenes, out), "--seed", "3", "--fresh", "--yes") == 0
    assert read_bench(out) != whole
    check_kept(out, *BENCH_EXTRAS)


def test_fresh_deletes_every_file_of_a_benchmark_and_no_other(scenes, tmp_path):
    from itb.benchmark.folders import list_bench_files
    from tools.files import clear_files

    out = tmp_path / "bench"
    assert call("itb build", *name_scenes(scenes, out)) == 0
    put(out, *BENCH_EXTRAS)
    clear_files(out, list_bench_files(out))
    assert {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} == {
        MARKER_FILE,
        *BENCH_EXTRAS,
    }


def test_the_images_of_a_build_that_was_killed_are_known(scenes, tmp_path, monkeypatch):
    from itb.benchmark.folders import list_bench_files
    from tools.files import clear_files

    out = tmp_path / "bench"
    with monkeypatch.context() as patched:
        patched.setattr("itb.build.build.describe_build", lambda *_: sys.exit(9))
        assert call("itb build", *name_scenes(scenes, out)) == 9
    assert not (out / "items.jsonl").exists() and list((out / "images").rglob("*.*"))
    put(out, "images/holiday.jpg")
    clear_files(out, list_bench_files(out))
    assert {path.name for path in out.rglob("*") if path.is_file()} == {MARKER_FILE, "holiday.jpg"}


def test_a_killed_build_of_that_time_is_recognised_by_its_hashes(scenes, tmp_path):
    out = tmp_path / "bench"
    assert call("itb build", *name_scenes(scenes, out)) == 0
    whole = read_bench(out)
    remove_markers(out)
    for name in ("items.jsonl", "splits.json", "audit.json", "manifest.json"):
        (out / name).unlink()
    assert call("itb build", *name_scenes(scenes, out)) == 0
    assert read_bench(out) == whole


def test_two_builds_in_one_folder_are_refused_and_fresh_waits_for_nobody(scenes, tmp_path, capsys):
    out = tmp_path / "bench"
    assert call("itb build", *name_scenes(scenes, out)) == 0
    before = read_bench(out)
    with hold(out):
        for fresh in ((), ("--fresh", "--yes")):
            assert call("itb build", *name_scenes(scenes, out), *fresh) == 1
            assert "another process (pid" in capsys.readouterr().err
    assert read_bench(out) == before


def test_items_that_name_files_outside_delete_nothing(scenes, tmp_path, capsys):
    out = tmp_path / "bench"
    assert call("itb build", *name_scenes(scenes, out)) == 0
    put(tmp_path, "mine.jpg")
    lines = (out / "items.jsonl").read_text().splitlines()
    row = {**json.loads(lines[0]), "image": "images/../../mine.jpg"}
    (out / "items.jsonl").write_text("\n".join([json.dumps(row), *lines[1:]]) + "\n")
    before = read_tree(tmp_path)
    assert call("itb build", *name_scenes(scenes, out), "--fresh", "--yes") == 2
    assert "which is not in this folder; nothing was deleted" in capsys.readouterr().err
    after = read_tree(tmp_path)
    assert {name for name in before if before[name] != after.get(name) and name != "bench"} == set()


def test_a_run_in_the_place_of_a_benchmark_and_the_other_way_round(coco, scenes, tmp_path, capsys):
    assert call("itb build", *name_scenes(scenes, tmp_path / "bench")) == 0
    for is_marked in (True, False):
        if not is_marked:
            remove_markers(tmp_path / "bench")
        before = read_tree(tmp_path)
        capsys.readouterr()
        for fresh in ((), ("--fresh", "--yes")):
            assert call("agents run", *name_coco(coco), "--out", str(tmp_path / "bench"), *fresh) == 2
            printed = capsys.readouterr().err
            assert ("is a folder of `python -m itb build` (benchmark)" in printed) == is_marked
        assert read_tree(tmp_path) == before


# Small folders.


def test_photographs_scenes_and_reports_of_that_time_are_adopted(scenes, tmp_path):
    folder = tmp_path / "scenes"
    render_scenes(2, 6, folder, size=(96, 80))
    put(remove_markers(folder), "notes.txt")
    render_scenes(3, 6, folder, size=(96, 80))
    check_kept(folder, "notes.txt")
    assert read_marker(folder).kind == "scenes"


def test_photographs_of_that_time_are_adopted_and_files_of_the_user_in_the_way_are_not_overwritten(tmp_path, capsys):
    pytest.importorskip("skimage", reason="the photographs' packages (extra `demo`) are not installed")
    out = tmp_path / "photographs"
    assert call("tools photographs", "--out", str(out)) == 0
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} - {MARKER_FILE}
    put(remove_markers(out), "images/mine.jpg")
    assert call("tools photographs", "--out", str(out)) == 0
    assert set(read_marker(out).files) == files
    check_kept(out, "images/mine.jpg")


def test_a_report_of_that_time_is_adopted(tmp_path):
    from mini_bench import write_bench

    bench = write_bench(tmp_path / "bench", images=6)
    assert call("itb eval", str(bench), "--model", "chance", "--out", str(tmp_path / "chance.jsonl")) == 0
    arguments = [str(tmp_path / "chance.jsonl"), "--bench", str(bench), "--out", str(tmp_path / "report")]
    for _ in range(2):
        assert call("itb report", *arguments) == 0
    put(remove_markers(tmp_path / "report"), "mine.md")
    assert call("itb report", *arguments) == 0
    check_kept(tmp_path / "report", "mine.md")


def test_exports_are_written_again_and_leave_the_users_files(coco, tmp_path, capsys):
    assert call("agents run", *name_coco(coco), "--out", str(tmp_path / "run")) == 0
    export = [str(tmp_path / "run"), "--out", str(tmp_path / "out")]
    for form in ("llava", "authors", "llava"):
        assert call("agents export", *export, "--format", form) == 0
        put(tmp_path / "out", "mine.json", "images/mine.jpg")
    check_kept(tmp_path / "out", "mine.json", "images/mine.jpg")
    put(tmp_path / "out", "train_instruction.json")  # listed: it was the command's before
    (tmp_path / "other").mkdir()
    assert call("agents export", str(tmp_path / "run"), "--out", str(tmp_path / "other"), "--format", "llava") == 0
    put(tmp_path / "other", "train_instruction.json")
    capsys.readouterr()
    assert call("agents export", str(tmp_path / "run"), "--out", str(tmp_path / "other"), "--format", "authors") == 2
    assert "train_instruction.json: is there and was not written by" in capsys.readouterr().err
    check_kept(tmp_path / "other", "train_instruction.json")


# Stages of training.

STAGE_EXTRAS = (
    "notes.txt", "model/notes.txt", "model/deep/quantised.gguf", "checkpoint-2/notes.txt", "unpacked/mine.png",
)  # fmt: skip
KEPT = ("notes.txt", "model/notes.txt", "model/deep/quantised.gguf", "unpacked/mine.png")


@pytest.fixture(scope="module")
def aligned(tmp_path_factory):
    pytest.importorskip("torch", reason="the trainer's modules need the extra `train`")
    root = tmp_path_factory.mktemp("aligned")
    run = write_trainer_run(root, 4)
    folders = write_tiny_folders()
    arguments = ["--config", "tiny.yaml", "--llm", str(folders.llm), "--tower", str(folders.tower), "--data", str(run)]
    arguments += ["--set", "align.max_steps=2", "--set", "align.save_every=1", "--set", "align.keep_checkpoints=2"]
    assert call("trainer.align", *arguments, "--out", str(root / "out")) == 0
    return root / "out", arguments


@pytest.mark.parametrize("is_marked", [True, False])
def test_a_trained_stage_is_adopted_and_begun_anew_with_the_users_files_in_it(aligned, tmp_path, capsys, is_marked):
    whole, arguments = aligned
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    put(out if is_marked else remove_markers(out), *STAGE_EXTRAS)
    assert call("trainer.align", *arguments, "--out", str(out)) == 0
    assert f"finished before: {out / 'model'}" in capsys.readouterr().out.replace("\n", "")
    assert read_marker(out).kind == "alignment"
    check_kept(out, *STAGE_EXTRAS)
    stamp = (out / "model/provenance.json").stat().st_mtime_ns
    assert call("trainer.align", *arguments, "--out", str(out), "--fresh", "--yes") == 0
    assert (out / "model/provenance.json").stat().st_mtime_ns != stamp
    check_kept(out, *KEPT)
    assert (out / "checkpoint-2.kept/notes.txt").read_text() == "mine: checkpoint-2/notes.txt"
    for name in (
        "model/model.safetensors",
        "model/config.json",
        "projector.safetensors",
        "checkpoint-2/trained.safetensors",
    ):
        assert (out / name).read_bytes() == (whole / name).read_bytes()
    assert not (out / "checkpoint-2/notes.txt").exists()


def test_fresh_deletes_every_file_of_a_stage_and_no_other(aligned, tmp_path):
    from trainer.stages.identity import clear

    for is_marked in (True, False):
        out = tmp_path / str(is_marked)
        shutil.copytree(aligned[0], out)
        put(out if is_marked else remove_markers(out), *KEPT)
        clear(out)
        left = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
        assert left - {MARKER_FILE, f"model/{MARKER_FILE}"} == set(KEPT)


def test_rotating_keeps_what_the_user_put_into_a_checkpoint(aligned, tmp_path):
    from trainer.checkpoints import find_checkpoint, rotate

    out = tmp_path / "out"
    shutil.copytree(aligned[0], out)
    put(out, "checkpoint-1/notes.txt")
    rotate(out, 1)
    assert not (out / "checkpoint-1").exists() and find_checkpoint(out).name == "checkpoint-2"
    assert (out / "checkpoint-1.kept/notes.txt").read_text() == "mine: checkpoint-1/notes.txt"


def test_an_alignment_is_no_out_for_fine_tuning(aligned, tmp_path, capsys):
    out = tmp_path / "out"
    shutil.copytree(aligned[0], out)
    arguments = ["--config", "tiny.yaml", "--data", str(tmp_path), "--align", str(out), "--out", str(out)]
    for is_marked in (True, False):
        before = read_tree(out if is_marked else remove_markers(out))
        assert call("trainer.sft", *arguments, "--fresh", "--yes") == 2
        assert read_tree(out) == before


def test_a_marker_does_not_change_what_a_model_folder_is(aligned, tmp_path):
    from itb.models.hf.checkpoint import digest_checkpoint
    from trainer.stages.identity import digest_folder

    plain = tmp_path / "plain"
    shutil.copytree(aligned[0] / "model", plain)
    remove_markers(plain)
    assert digest_folder(plain) == digest_folder(aligned[0] / "model")
    assert digest_checkpoint(plain) == digest_checkpoint(aligned[0] / "model")


def test_stand_ins_of_that_time_are_adopted_and_a_real_model_is_not_overwritten(tmp_path, capsys):
    pytest.importorskip("torch", reason="the trainer's modules need the extra `train`")
    out = tmp_path / "tiny"
    assert call("trainer.tiny", "--out", str(out)) == 0
    before = {path.name: path.read_bytes() for path in (out / "llm").iterdir()}
    put(remove_markers(out), "llm/notes.txt")
    assert call("trainer.tiny", "--out", str(out)) == 0
    check_kept(out, "llm/notes.txt")
    assert before.items() <= {path.name: path.read_bytes() for path in (out / "llm").iterdir()}.items()
    config = json.loads((out / "llm/config.json").read_text())
    del config["stand_in"]
    (remove_markers(out) / "llm/config.json").write_text(json.dumps(config))
    capsys.readouterr()
    assert call("trainer.tiny", "--out", str(out)) == 2
    assert "did not write, e.g. image_tower" in capsys.readouterr().err


def test_one_model_command_does_not_overwrite_what_another_made(tmp_path, capsys):
    pytest.importorskip("torch", reason="the trainer's modules need the extra `train`")
    assert call("trainer.tiny", "--out", str(tmp_path / "tiny")) == 0
    talks = [{"conversations": [{"from": "human", "value": "Who?"}, {"from": "gpt", "value": "Me."}]}]
    (tmp_path / "talks.json").write_text(json.dumps(talks))
    before = read_tree(tmp_path / "tiny")
    capsys.readouterr()
    assert call("trainer.language_model", "--data", str(tmp_path / "talks.json"), "--out", str(tmp_path / "tiny")) == 2
    assert "is a folder of `python -m trainer.tiny` (stand-ins)" in capsys.readouterr().err
    assert read_tree(tmp_path / "tiny") == before


def test_a_store_of_features_is_marked_and_a_foreign_folder_is_none(tmp_path):
    pytest.importorskip("torch", reason="the trainer's modules need the extra `train`")
    from trainer.folders import FEATURES

    put(tmp_path, "features/mine.txt")
    with pytest.raises(UsageError, match="with feature_cache"):
        own_folder(tmp_path / "features", FEATURES).__enter__()
    (tmp_path / "old" / ("0123456789abcdef")).mkdir(parents=True)
    with own_folder(tmp_path / "old", FEATURES):
        pass
    assert read_marker(tmp_path / "old").kind == "features"
