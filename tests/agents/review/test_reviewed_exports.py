"""Exports of a run that people reviewed, in every layout."""

import json
import shutil

import pytest
from calling import call_here
from reviewing import write

from agents.output.layouts import WRITERS, export_layout
from agents.review.texts import Text, read_texts
from agents.store.run_store import RunStore
from tools.errors import MissingError
from tools.records import Message

EDITED = "An <img src=x onerror=alert(1)> edited caption."
ANSWER = "An edited answer, </script>{{ 7 * 7 }}."


def read_accepted(run):
    with RunStore(run) as store:
        return {text.id: text for text in read_texts(store) if text.is_accepted}


@pytest.fixture
def reviewed(reviewable, tmp_path):
    """A copy of the run of which one text is accepted, two are edited, one is rejected, and one is in conflict."""
    copy = shutil.copytree(reviewable, tmp_path / "run")
    texts = read_accepted(copy)
    talk = (texts["1-description"].body[0], Message(role="assistant", content=ANSWER))
    write(copy, texts["1-1"], "Ann", "accept")
    write(copy, texts["2-0"], "Ann", "edit", edited=EDITED)
    write(copy, texts["2-1"], "Ann", "reject", categories=("colour",))
    write(copy, texts["3-0"], "Ann", "reject", categories=("colour",))
    write(copy, texts["3-0"], "Ben", "accept")
    write(copy, texts["1-description"], "Ben", "edit", edited=talk)
    return copy


NAMES = {
    "llava": ("pretrain", "instruct"),
    "authors": ("train_caption_pretrain", "train_instruction"),
    "parquet": ("pairs", "instructions"),
}


def read_export(out, form):
    """What the last message of each row says: of captions, of instructions."""
    names = NAMES.get(form, ("captions", "instructions"))
    return [[text for path in sorted(out.glob(f"{name}*")) for text in read_answers(path)] for name in names]


def read_answers(path):
    if path.suffix == ".parquet":
        pq = pytest.importorskip("pyarrow.parquet", reason="the package datasets (extra `data`) is not installed")
        rows = pq.read_table(path).to_pylist()
    else:
        text = path.read_text()
        rows = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]
    for row in rows:
        if "captions" in row:
            yield from row["captions"]
            continue
        last = (row.get("messages") or row.get("conversations") or row.get("completion"))[-1]
        said = last.get("content", last.get("value"))
        yield said if isinstance(said, str) else "".join(part.get("text") or "" for part in said)


@pytest.mark.parametrize("form", list(WRITERS))
def test_every_layout_holds_what_people_left(reviewed, tmp_path, form):
    if "parquet" in form:
        pytest.importorskip("datasets", reason="the package datasets (extra `data`) is not installed")
    texts = read_accepted(reviewed)
    export_layout(reviewed, form, tmp_path / "only", None, "only")
    assert read_export(tmp_path / "only", form) == [[texts["1-1"].body, EDITED], [ANSWER]]
    told = json.loads((tmp_path / "only/reviewed.json").read_text())
    assert told == {
        "reviewed": "only", "accepted": 1, "edited": 2, "objected_accepted": 0, "rejected": 1,
        "unreviewed": len(texts) - 5, "conflicts": ["3-0"], "stale": 0, "torn_lines": 0,
    }  # fmt: skip
    assert {path.stem for path in (tmp_path / "only").rglob("*.png")} <= {"1", "2"}
    export_layout(reviewed, form, tmp_path / "prefer", None, "prefer")
    captions, instructions = read_export(tmp_path / "prefer", form)
    kept = [text for text in texts.values() if text.kind == "caption" and text.id not in ("2-1", "3-0")]
    assert captions == [EDITED if text.id == "2-0" else text.body for text in kept]
    talks = {text.id: text.body[-1].content for text in texts.values() if text.kind != "caption"}
    assert set((talks | {"1-description": ANSWER}).values()) <= set(instructions)


def test_an_export_without_reviews_is_as_before_and_forgets_those_of_another(reviewed, reviewable, tmp_path):
    export_layout(reviewed, "llava", tmp_path / "out", None, "prefer")
    export_layout(reviewed, "llava", tmp_path / "out")
    export_layout(reviewable, "llava", tmp_path / "plain")
    for name in ("pretrain.json", "instruct.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()
    assert not (tmp_path / "out/reviewed.json").exists()
    with pytest.raises(MissingError, match="holds no review"):
        export_layout(reviewable, "llava", tmp_path / "none", None, "only")


def test_before_any_review_prefer_writes_the_run_as_it_is_and_says_so(reviewable, tmp_path):
    export_layout(reviewable, "llava", tmp_path / "plain")
    told = {}
    for mode in ("prefer", "only"):
        more = ("--format", "llava", "--reviewed", mode, "--out", str(tmp_path / mode))
        told[mode] = call_here("agents", "export", str(reviewable), *more)
    assert told["prefer"].returncode == 0 and "nobody reviewed the run yet" in told["prefer"].stderr
    for name in ("pretrain.json", "instruct.json"):
        assert (tmp_path / "prefer" / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()
    assert json.loads((tmp_path / "prefer/reviewed.json").read_text())["unreviewed"] == len(read_accepted(reviewable))
    assert (
        told["only"].returncode == 3 and f"python -m agents serve {reviewable}, section Review" in told["only"].stderr
    )


def test_what_the_debate_refused_and_people_accept_is_exported(reviewed, tmp_path):
    with RunStore(reviewed) as store:
        result = store.find_result("1")
        objected = next(text for text in read_texts(store) if text.id == "1-0" and text.objections)
    refused = result.model_copy(update={"pairs": tuple(pair for pair in result.pairs if pair.id != "1-0")})
    with RunStore(reviewed, create=True) as store, store.write_together() as db:
        db.execute("UPDATE results SET result = ? WHERE image_id = '1'", (refused.write(),))
    write(reviewed, objected, "Ann", "accept")
    export_layout(reviewed, "llava", tmp_path / "out", None, "only")
    rows = json.loads((tmp_path / "out/pretrain.json").read_text())
    assert [row["id"] for row in rows] == ["1-0", "1-1", "2-0"]
    assert rows[0]["conversations"][1]["value"] == objected.body
    assert json.loads((tmp_path / "out/reviewed.json").read_text())["objected_accepted"] == 1


def test_a_review_of_a_text_that_has_changed_is_stale(reviewed, tmp_path):
    old = Text("1-2", "1", None, "", "caption", "What it said before.", 1, True, True)
    write(reviewed, old, "Ann", "reject", categories=("other",))
    export_layout(reviewed, "llava", tmp_path / "out", None, "prefer")
    assert json.loads((tmp_path / "out/reviewed.json").read_text())["stale"] == 1
    assert read_accepted(reviewed)["1-2"].body in (tmp_path / "out/pretrain.json").read_text()
