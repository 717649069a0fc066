"""Ids as text through a whole run, and stores that were written when they were numbers."""

import json
import sqlite3
from pathlib import Path

import pytest
from killing import read_exports
from mini_coco import change_json, write_coco
from PIL import Image

from agents.backends import FilterRequest, JudgeRequest
from agents.backends.replay import RequestOrigin, make_key
from agents.backends.reply_store import ReplayingBackend, ReplyStore
from agents.config import RunConfig
from agents.notation import choose_kinds
from agents.output.export import write_exports
from agents.output.layouts import export_layout
from agents.output.report import write_report
from agents.output.report.sample import SmallestHashes, join_orders
from agents.output.show import explain_row, find_matches, find_result, list_rows, show_conversation
from agents.running.derived.merge import merge_runs
from agents.running.run import run_synthesis
from agents.store.run_store import RunStore
from tools.endpoint.client import ChatRequest
from tools.errors import ToolkitError, UsageError
from tools.functions import image_path
from tools.ids import name_file
from tools.records import MinedRule, Objection, Rule
from tools.seeds import hash_to_unit
from tools.terminal.cli import stdout

SCHEMA_1 = Path(__file__).with_name("schema_1.sql")
PROMPTS = RunConfig.model_fields["pack"].default
COUNT = 12  # so that 10 comes after 9, which it does not among texts
TO_SCHEMA_1 = """
BEGIN;
CREATE TABLE old_results (
    position INTEGER PRIMARY KEY, image_id INTEGER NOT NULL UNIQUE, status TEXT NOT NULL, result TEXT NOT NULL
);
CREATE TABLE old_mined (
    image_id INTEGER NOT NULL, place INTEGER NOT NULL, position INTEGER NOT NULL, round INTEGER NOT NULL,
    text TEXT NOT NULL, category TEXT NOT NULL, objection TEXT NOT NULL, PRIMARY KEY (image_id, place)
) WITHOUT ROWID;
INSERT INTO old_results SELECT position, CAST(image_id AS INTEGER), status,
    json_set(result, '$.image_id', CAST(image_id AS INTEGER)) FROM results;
INSERT INTO old_mined SELECT CAST(image_id AS INTEGER), place, position, round, text, category, objection FROM mined;
DROP TABLE results; DROP TABLE mined;
ALTER TABLE old_results RENAME TO results; ALTER TABLE old_mined RENAME TO mined;
UPDATE meta SET value = '1' WHERE key = 'schema_version';
COMMIT;
"""


def make_old(run):
    """Turn the store of a run into one of schema 1."""
    db = sqlite3.connect(run / "run.sqlite")
    db.executescript(TO_SCHEMA_1)
    (rules,) = db.execute("SELECT value FROM meta WHERE key = 'seed_rules'").fetchone()
    old = [rule | {"image": rule["image"] and int(rule["image"])} for rule in json.loads(rules)]
    with db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'seed_rules'", (json.dumps(old, sort_keys=True),))
    db.close()
    return run


def query(run, statement):
    db = sqlite3.connect(run / "run.sqlite")
    try:
        return db.execute(statement).fetchall()
    finally:
        db.close()


def configure(coco, out, **changes):
    settings = {
        "captions": coco / "captions.json", "instances": coco / "instances.json", "images": coco / "photos", "out": out,
        "block": 1, "lag": 1, "instructions": "all", "mix": "each", "translator": "gray", "workers": 0,
    }  # fmt: skip
    return RunConfig(**{**settings, **changes})


def run(coco, out, **changes):
    run_synthesis(configure(coco, out, **changes))
    return read_exports(out)


def read_rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def whole(coco, tmp_path_factory):
    return run(coco, tmp_path_factory.mktemp("whole") / "run")


# Stores of schema 1


@pytest.fixture
def old_run(tmp_path):
    db = sqlite3.connect(tmp_path / "run.sqlite")
    db.executescript(SCHEMA_1.read_text(encoding="utf-8"))
    db.close()
    return tmp_path


def test_a_store_of_schema_1_is_read_and_left_as_it_is(old_run):
    with RunStore(old_run) as store, stdout.capture() as shown:
        assert [result.image_id for result in store.read_results()] == ["9", "10"]
        assert [(index, item.image_id) for index, item in store.list_mined()] == [(0, "9"), (1, "10")]
        assert find_result(store, "10-description").image_id == "10"
        assert find_result(store, "mined-9-0").image_id == "9"
        assert store.find_result("010") is None
        stdout.print(show_conversation(find_result(store, "10"), store))
        stdout.print(explain_row(store, "10"))
        write_exports(old_run, store)
    for words in ("A dog on a sunlit path", "mined at image 9, round 1", "10, number 1 of the dataset"):
        assert words in " ".join(shown.get().split())
    assert [row["image_id"] for row in read_rows(old_run / "pairs.jsonl")] == ["9", "10"]
    assert [row["image"] for row in read_rows(old_run / "rules.jsonl")] == [None, None, "9", "10"]
    assert query(old_run, "SELECT DISTINCT typeof(image_id) FROM results") == [("integer",)]
    assert query(old_run, "SELECT value FROM meta WHERE key = 'schema_version'") == [("1",)]


def test_a_store_of_schema_1_that_is_written_to_is_brought_up_to_date(old_run):
    with RunStore(old_run) as store:
        before = list(store.read_results()), store.list_mined()
    for _ in range(2):
        with RunStore(old_run, create=True) as store:
            assert (list(store.read_results()), store.list_mined()) == before
    assert query(old_run, "SELECT typeof(image_id), image_id FROM mined") == [("text", "9"), ("text", "10")]
    assert query(old_run, "SELECT result FROM results") == [(result.write(),) for result in before[0]]
    assert query(old_run, "SELECT name FROM sqlite_master WHERE name IN ('results_1', 'mined_1')") == []


@pytest.mark.parametrize("place", ["results", "mined", "meta"])
def test_a_store_that_cannot_be_brought_up_to_date_stays_whole(old_run, place):
    db = sqlite3.connect(old_run / "run.sqlite")
    if place == "meta":
        db.execute(
            "CREATE TRIGGER stop BEFORE UPDATE ON meta BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    else:
        db.execute(f"CREATE TABLE {place}_1 (x)")
    db.close()
    with pytest.raises((ToolkitError, UsageError), match=r"run\.sqlite"):
        RunStore(old_run, create=True)
    with RunStore(old_run) as store:
        assert [result.image_id for result in store.read_results()] == ["9", "10"]
        assert len(store.list_mined()) == 2


@pytest.mark.parametrize("limit", [5, 11, COUNT])
def test_a_run_that_was_begun_with_numbers_goes_on_to_the_same_outputs(coco, tmp_path, whole, limit):
    run(coco, tmp_path / "run", limit=limit)
    make_old(tmp_path / "run")
    assert run(coco, tmp_path / "run") == whole
    kinds = query(tmp_path / "run", "SELECT DISTINCT typeof(image_id) FROM results")
    assert kinds == [("text",)]


def test_shards_of_either_schema_and_rules_of_an_older_run_are_merged(coco, tmp_path, whole):
    rules = tmp_path / "rules.jsonl"
    rows = [json.loads(line) for line in whole["rules.jsonl"].splitlines()]
    old = [row | {"image": row["image"] and int(row["image"])} for row in rows]
    assert any(row["image"] for row in old)
    rules.write_text("".join(json.dumps(row) + "\n" for row in old))
    frozen = {"rules": rules, "freeze": True}
    expected = run(coco, tmp_path / "one", **frozen)
    parts = [tmp_path / f"shard-{number}" for number in (1, 2)]
    for number, part in enumerate(parts, 1):
        run(coco, part, **frozen, shard=f"{number}/2")
    make_old(parts[1])
    merge_runs(parts, tmp_path / "all")
    assert read_exports(tmp_path / "all") == expected
    assert run(coco, make_old(tmp_path / "one"), **frozen) == expected


def test_exports_of_an_older_run_are_reported_and_exported(coco, tmp_path, whole):
    out = tmp_path / "run"
    run(coco, out)
    for name in ("pairs.jsonl", "instructions.jsonl", "rejected.jsonl"):
        rows = [row | {"image_id": int(row["image_id"])} for row in read_rows(out / name)]
        (out / name).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    rules = [row | {"image": row["image"] and int(row["image"])} for row in read_rows(out / "rules.jsonl")]
    (out / "rules.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rules))
    assert write_report(make_old(out)).read_bytes() == whole["report.html"]
    export_layout(out, "parquet", tmp_path / "parquet", PROMPTS)
    from datasets import load_dataset

    found = load_dataset("parquet", data_files=str(tmp_path / "parquet/pairs-*.parquet"), split="train")
    assert found["image_id"][:] == [str(number) for number in range(1, COUNT + 1)]


def test_replies_that_were_stored_for_numbers_are_found():
    request = ChatRequest(model="m", messages=({"role": "user", "content": "hi"},), options={"temperature": 0.5}, n=2)
    key = make_key(request, RequestOrigin("caption", "139", 1, 0, 1))
    assert key == "411392a5355d2e36997890d9ccf65b169a9f12540496d32a0f1e06be2a1bd80f"
    assert make_key(request, RequestOrigin("caption", "0139", 1, 0, 1)) != key

    class Backend:
        name, is_embedded, identity = "b", True, "b 1"

    replaying = ReplayingBackend(Backend(), ReplyStore(Path(":memory:")))
    rule = Rule(
        id="mined-42-0", text="Drop “wood”.", category="material", origin="mined", image="42", round=1,
        objection='wooden "image_id":"7"',
    )  # fmt: skip
    caption = 'a "image_id":"5" café'
    question = FilterRequest(seed=0, image_id="139", sample=1, caption=caption, rules=(rule,))
    expected = "102a8f7ecea9ed9419e1c5cc65b919f827c9edc0d67fb33d3b6070172292270c"
    assert replaying._key("filter_caption", question) == expected
    image = "images/2c/139.png"
    verdict = JudgeRequest(
        seed=0, image_id="139", kind="description", messages=(), captions=(), boxes=(), image=image, round=1
    )
    expected = "ea404d7681811c1799f3c4f0090baa9c541ff2d65212770b0910e40334434230"
    assert replaying._key("judge", verdict) == expected
    said = Objection(check="llm", category="colour", quote="red", reason="No colour.")
    mined = MinedRule(text="No brands.", category="brand", objection="Wii")
    for asked, name in ((question, "filter_caption"), (verdict, "judge")):
        variants = [asked.model_copy(update=more) for more in ({"earlier": (said,)}, {"mined": (mined,)})]
        assert len({replaying._key(name, each) for each in (asked, *variants)}) == 3, "another question, another reply"


def test_what_is_drawn_for_an_image_is_what_it_was():
    ids = ("1", "139", "581929")
    assert [choose_kinds(0, image_id, 0.5, (58, 23, 77)) for image_id in ids] == [(), ("conversation",), ()]
    drawn = [hash_to_unit(0, "kind", image_id) for image_id in ids]
    assert drawn == [0.6585514683741875, 0.24640799867260832, 0.8863437509271599]
    sample = SmallestHashes(3, 0)
    for number in range(1, 200):
        sample.add(str(number))
    assert sample.ids == ["62", "177", "173"]


# Ids of any form


ODD = (
    "10",
    "9",
    "007",
    "yard/cat",
    "yard/cat-0",
    "yard/cat-conversation",
    "図 ü-1",
    "-",
    "mined-9",
    "../up",
    "a" * 300,
)


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A dataset with such ids, and a run on it; the photograph of the last one is not there."""
    root = tmp_path_factory.mktemp("odd")
    write_coco(root, len(ODD))

    def rename(data):
        for row in data["images"]:
            row["id"] = ODD[row["id"] - 1]
        for row in data["annotations"]:
            row["image_id"] = ODD[row["image_id"] - 1]

    for name in ("captions", "instances"):
        change_json(root / f"{name}.json", rename)
    (root / f"photos/{len(ODD):04d}.jpg").unlink()
    run(root, root / "run")
    return root


def test_images_of_any_id_come_numbers_first_and_lie_inside_the_run(odd):
    with RunStore(odd / "run") as store:
        results = list(store.read_results())
    ids = ["9", "10", "-", "../up", "007", "a" * 300, "mined-9", "yard/cat", "yard/cat-0", "yard/cat-conversation"]
    assert [result.image_id for result in results] == [*ids, "図 ü-1"]
    written = {path.relative_to(odd / "run").as_posix() for path in (odd / "run/images").rglob("*.png")}
    assert written == {image_path(image_id) for image_id in ids if image_id != "a" * 300} | {image_path("図 ü-1")}
    assert {row["image"] for row in read_rows(odd / "run/pairs.jsonl")} == written
    assert not list(odd.glob("up*"))


def test_every_row_leads_back_to_its_image_whatever_is_in_its_id(odd):
    ambiguous = {"yard/cat-0": "yard/cat-0", "yard/cat-conversation": "yard/cat-conversation"}
    with RunStore(odd / "run") as store:
        for result in store.read_results():
            for name in list_rows(result):
                match = find_matches(store, name)
                assert result in (match.result, *match.others)
                assert not match.others or name in ambiguous or name.startswith("mined-9-")
        for name, image_id in ambiguous.items():
            assert [other.image_id for other in find_matches(store, name).others] == ["yard/cat"]
            with stdout.capture() as shown:
                stdout.print(explain_row(store, name))
            assert f"the row `{name}` of image yard/cat" in " ".join(shown.get().split())
            assert find_result(store, f"{name}-0").image_id == image_id
        for name in ("cat", "yard", "mined-", "0010", "caf\udce9", "", "%", "9' OR 1=1"):
            with pytest.raises(UsageError, match=r"no image .* among the 11 that are done"):
                find_result(store, name)


def test_the_report_and_the_exports_take_any_id(odd, tmp_path):
    text = (odd / "run/report.html").read_text(encoding="utf-8")
    places = [text.index(f'id="image-{name_file(image_id)}"') for image_id in ("9", "10", "-", "yard/cat", "図 ü-1")]
    assert places == sorted(places)
    assert "<h3>Image 図 ü-1</h3>" in text
    assert 'data-search="yard/cat cat 0004.jpg ' in text
    for layout in ("llava", "authors", "parquet"):
        export_layout(odd / "run", layout, tmp_path / layout, PROMPTS)
    rows = json.loads((tmp_path / "llava/pretrain.json").read_text(encoding="utf-8"))
    assert {row["id"] for row in rows} >= {"9-0", "yard/cat-0", "yard/cat-0-0", "図 ü-1-2"}
    assert all(Image.open(tmp_path / "llava" / row["image"]).size == (80, 60) for row in rows)
    assert len(list((tmp_path / "authors/thermal").iterdir())) == len(ODD) - 1


def test_the_order_of_the_dataset_is_kept_where_the_exports_tell_it_and_else_that_of_ids():
    assert join_orders([["2", "9", "10"], ["9"], ["1", "11"]]) == ["1", "2", "9", "10", "11"]
    assert join_orders([["b", "b", "a"], ["c", "a"]]) == ["b", "c", "a"]
    assert join_orders([["10", "9"], ["9", "8"]]) == ["10", "9", "8"]
    assert sorted(join_orders([["a", "b"], ["b", "a"], ["c"]])) == ["a", "b", "c"]
    assert join_orders([]) == []
