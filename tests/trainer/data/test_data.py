"""Readers of all layouts, the questions of alignment, and what is refused before training."""

import json
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mini_coco import write_coco
from tiny_run import ANSWERS, CAPTIONS, build_tiny, paint, write_rows, write_run

from agents.config import RunConfig
from agents.output.layouts import export_layout
from agents.running.run import run_synthesis
from tools.conversations import Turn, parse_turns
from tools.errors import MissingError, RejectError, UsageError
from tools.prompts.frozen import freeze_pack
from trainer.data.encode import make_encoder
from trainer.data.modality import find_modality, load_alignment_requests
from trainer.data.precheck import check_image, write_rejects
from trainer.data.prepare import prepare
from trainer.data.reading import Request, read_samples
from trainer.data.reading.dialogue import check_dialogue
from trainer.data.samples import Reject, Sample
from trainer.data.wordings import ask_for_caption
from trainer.recipe import DataPart

PROMPTS = Path("prompts/infrared")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("data"), 3)


@pytest.fixture(scope="module")
def encoder():
    return make_encoder(build_tiny().processor)


def read(data, stage="sft", **more):
    return list(read_samples(Request(data, stage, **more)))


def talk(question="<image>\nWhat is this?", answer="A car.", **more):
    return {"conversations": [{"from": "human", "value": question}, {"from": "gpt", "value": answer}], **more}


def say(speaker):
    return {"image": "a.png", "conversations": [{"from": speaker, "value": "Hi"}]}


def write_json(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows))
    return path


def test_a_run_gives_captions_to_alignment_and_dialogues_to_sft(run):
    pairs, dialogues = read(run, "align"), read(run, "sft")
    assert [pair.id for pair in pairs] == ["1-0", "1-1", "2-0", "2-1", "3-0", "3-1"]
    assert pairs[0] == Sample("1-0", run / "images/01/1.png", (Turn("assistant", CAPTIONS[1]),))
    assert [len(dialogue.turns) for dialogue in dialogues] == [4, 6, 2]
    assert [turn.text for turn in dialogues[1].turns[1::2]] == list(ANSWERS)


def test_indirect_alignment_reads_the_photographs(run, tmp_path):
    assert {pair.image for pair in read(run, "align", visible=True)} == {
        run / f"../photos/000{k}.jpg" for k in (1, 2, 3)
    }
    assert read(run, "align", visible=True, images=tmp_path)[0].image == tmp_path / "0001.jpg"
    (tmp_path / "pairs.jsonl").write_text((run / "pairs.jsonl").read_text())
    with pytest.raises(MissingError, match=re.escape("does not say where the photographs are")):
        read(tmp_path, "align", visible=True)


def test_every_export_of_a_real_run_reads_as_the_run_itself(tmp_path):
    root, prompts = tmp_path / "coco", RunConfig.model_fields["pack"].default
    write_coco(root, 3)
    files = {"captions": root / "captions.json", "instances": root / "instances.json", "images": root / "photos"}
    settings = {"translator": "gray", "instructions": "all", "mix": "each", "block": 1, "lag": 1, "workers": 0}
    run_synthesis(RunConfig(**files, **settings, out=tmp_path / "run"))
    expected = {stage: read(tmp_path / "run", stage) for stage in ("align", "sft")}
    assert len(expected["align"]) == 9
    assert len(expected["sft"]) >= 6
    for layout in ("llava", "authors", "parquet"):
        out = tmp_path / layout
        export_layout(tmp_path / "run", layout, out, prompts)
        for stage, samples in expected.items():
            found = read(out, stage, unpacked=tmp_path / "unpacked")
            assert [each.turns[-1] for each in found] == [each.turns[-1] for each in samples]
            for mine, theirs in zip(found, samples, strict=True):
                assert mine.image.read_bytes() == theirs.image.read_bytes()
                if stage == "sft":
                    assert mine.turns == theirs.turns
            if layout != "authors":
                assert [each.id for each in found] == [each.id for each in samples]


def test_authors_rows_find_their_pictures_in_the_folder_thermal(tmp_path):
    file = write_json(tmp_path / "train_instruction.json", [talk(thermal="5.png")])
    (tmp_path / "thermal").mkdir()
    assert read(tmp_path) == [
        Sample(
            "train_instruction.json:1",
            tmp_path / "thermal/5.png",
            (Turn("user", "What is this?"), Turn("assistant", "A car.")),
        )
    ]
    assert read(file) == read(tmp_path)
    with pytest.raises(UsageError, match="names no photographs"):
        read(tmp_path / "train_instruction.json", visible=True)


def test_the_image_token_may_stand_anywhere_in_the_first_question(tmp_path):
    rows = [talk("What is this?\n<image>", image="a.png", id="7"), talk("What is this?", image="a.png", id=8)]
    file = write_json(tmp_path / "mix.json", rows)
    assert [(sample.id, sample.turns[0].text) for sample in read(file)] == [
        ("7", "What is this?"),
        ("8", "What is this?"),
    ]


@pytest.mark.parametrize(
    ("row", "code", "reason"),
    [
        (talk(id="x"), "no_image", "has no `image`; rows of text alone are not trained on"),
        (talk(image=["a.png", "b.png"]), "no_image", "names 2 pictures; one picture a row"),
        ({"image": "a.png"}, "broken_conversation", "has neither `conversations` nor `messages` nor a `caption`"),
        (talk(image="a.png", answer=" "), "empty_turn", "turn 2 is empty"),
        (talk("<image>", image="a.png"), "empty_turn", "turn 1 asks nothing beside the image"),
        (talk(image="a.png", answer="See <image>."), "image_token", "<image> stands in turn 1, 2; one is allowed"),
        (talk("<image><image> two", image="a.png"), "image_token", "<image> stands in turn 1, 1"),
        (say("gpt"), "broken_conversation", "turn 1 is of the assistant"),
        (say("human"), "broken_conversation", "the last question (turn 1) has no answer"),
        (say("system"), "broken_conversation", "has system turns only"),
        (say("tool"), "broken_conversation", "`from` is 'tool', not human, user"),
        ({"image": "a.png", "conversations": [{"from": "human"}]}, "broken_conversation", "turn 1 has no text `value`"),
        (["a"], "bad_row", "row 1: is no JSON object but list"),
    ],
)  # fmt: skip
def test_a_broken_row_is_rejected_with_its_reason(row, code, reason, tmp_path):
    (found,) = read(write_json(tmp_path / "rows.json", [row]))
    assert isinstance(found, Reject)
    assert (found.code, found.where) == (code, "read")
    assert reason in found.reason
    assert "rows.json" in found.reason


def test_a_run_without_pictures_and_a_line_that_was_cut_off_are_rejected(tmp_path):
    write_rows(tmp_path / "pairs.jsonl", [{"id": "1-0", "image": None, "caption": "A car."}])
    with (tmp_path / "pairs.jsonl").open("a") as file:
        file.write('{"id": "2-0", "ima')
    first, second = read(tmp_path, "align")
    assert (first.id, first.code) == ("1-0", "no_image")
    assert "the run was made with --translator none" in first.reason
    assert (second.id, second.code) == ("pairs.jsonl:2", "bad_row")


def test_data_that_cannot_be_read_at_all_is_refused(tmp_path):
    with pytest.raises(MissingError, match=re.escape("does not exist; make it with `python -m agents run")):
        read(tmp_path / "nowhere")
    with pytest.raises(MissingError, match=re.escape("has none of instructions.jsonl (run), train_instruction.json")):
        read(tmp_path)
    for name, content, message in (
        ("a.json", "{}", "expected a list of rows, found an object with no keys"),
        ("b.json", "[{", "is the file whole?"),
        ("c.txt", "", "expected a folder or a .json, .jsonl or .parquet file"),
        ("d.parquet", "no parquet", "cannot be read as Parquet"),
    ):
        (tmp_path / name).write_text(content)
        with pytest.raises(UsageError, match=re.escape(message)):
            read(tmp_path / name, unpacked=tmp_path / "unpacked")


@given(
    st.lists(st.fixed_dictionaries({"from": st.sampled_from(["human", "gpt", "tool"]), "value": st.text(max_size=8)}))
)
def test_a_dialogue_is_read_whole_or_rejected(messages):
    try:
        turns = check_dialogue(parse_turns(messages))
    except RejectError as error:
        assert error.code in {"broken_conversation", "empty_turn", "image_token"}
        return
    assert [turn.role for turn in turns] == ["user", "assistant"] * (len(messages) // 2)
    assert [turn.text for turn in turns[1:]] == [message["value"].strip() for message in messages[1:]]
    assert all(turn.text and "<image>" not in turn.text for turn in turns)


def test_the_question_before_a_caption_depends_on_its_id_alone(run):
    wordings = load_alignment_requests(run, PROMPTS)
    samples = [Sample(f"{k}-0", Path("x.png"), (Turn("assistant", "A car."),)) for k in range(200)]
    asked = [ask_for_caption(sample, wordings) for sample in samples]
    assert asked == [ask_for_caption(sample, wordings) for sample in reversed(samples)][::-1]
    assert {sample.turns[0].text for sample in asked} == set(wordings)
    assert ask_for_caption(asked[0], ("Another?",)) == asked[0]


def test_a_pool_that_is_no_list_is_refused(tmp_path):
    pack = tmp_path / "pack"
    shutil.copytree(PROMPTS, pack)
    (pack / "alignment_requests.yaml").write_text("question: What?")
    with pytest.raises(UsageError, match="expected a list of questions, one a line"):
        load_alignment_requests(tmp_path, pack)
    (pack / "alignment_requests.yaml").unlink()
    with pytest.raises(MissingError, match=r"alignment_requests\.yaml is missing; copy it from prompts/infrared"):
        load_alignment_requests(tmp_path, pack)
    with pytest.raises(MissingError, match="run from the root of the checkout"):
        load_alignment_requests(tmp_path, tmp_path / "nowhere")


def test_questions_of_another_modality_than_the_datas_are_refused(run, tmp_path):
    kept = freeze_pack(PROMPTS).model_copy(update={"name": "sonar"})
    (tmp_path / "manifest.json").write_text(json.dumps({"pack": kept.model_dump(mode="json")}))
    with pytest.raises(UsageError, match=r"is of the modality `sonar`, .* would be those of `infrared` .*--pack DIR"):
        load_alignment_requests(tmp_path / "pairs.jsonl", PROMPTS)
    assert find_modality(tmp_path, PROMPTS).name == "sonar"
    assert find_modality(run, PROMPTS).name == "infrared"


def test_unusable_samples_are_rejected_before_training(run, encoder, tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    paint(tmp_path / "good.png", 1, "L")
    rows = [
        talk(image="good.png", id="good"),
        talk(image="gone.png", id="gone"),
        talk(image="empty.png", id="empty"),
        talk(image="good.png", id="long", answer="A very long answer. " * 30),
        talk(image="good.png", id="control", answer="I stop here.</s> And go on."),
    ]
    data = write_json(tmp_path / "rows.json", rows)
    part = DataPart(max_tokens=200)
    prepared = prepare(Request(data, "sft"), encoder, part, "instruction", 512)
    assert prepared.dataset["id"] == ["good", "filler"]
    codes = {reject.id: reject.code for reject in prepared.rejects}
    assert codes == {"gone": "missing_file", "empty": "not_an_image", "long": "too_long", "control": "control_token"}
    long = next(reject for reject in prepared.rejects if reject.id == "long")
    assert re.search(
        r"^\d+ tokens, 16 of them the image; the limit is 200\. Cutting it would cut the answer", long.reason
    )
    rejected = write_rejects(prepared.rejects, tmp_path / "out")
    assert [json.loads(line)["code"] for line in rejected.read_text().splitlines()] == list(codes.values())


def test_the_models_own_limit_holds_when_none_is_set(run, encoder):
    prepared = prepare(Request(run, "sft"), encoder, DataPart(), "instruction", 512)
    assert prepared.max_tokens == 512
    longest = int(prepared.lengths.max())
    exact = prepare(Request(run, "sft"), encoder, DataPart(max_tokens=longest), "instruction", 512)
    assert exact.count == prepared.count
    fewer = prepare(Request(run, "sft"), encoder, DataPart(max_tokens=longest - 1), "instruction", 512)
    assert fewer.count < prepared.count


def test_nothing_usable_says_what_was_wrong_with_the_rows(encoder, tmp_path):
    data = write_json(tmp_path / "rows.json", [talk(image="gone.png", id="gone")])
    with pytest.raises(MissingError, match=r"the image cannot be read: .*gone\.png: no such file; .*--images DIR"):
        prepare(Request(data, "sft"), encoder, DataPart(), "instruction", 512)
    with pytest.raises(UsageError, match=re.escape("nothing to train on. the data has no rows at all")):
        prepare(Request(write_json(data, []), "sft"), encoder, DataPart(), "instruction", 512)


def test_the_fingerprint_changes_with_any_word_and_not_with_the_folder(run, encoder, tmp_path):
    part = DataPart()
    first = prepare(Request(run, "sft"), encoder, part, "instruction", 512)
    moved = write_run(tmp_path, 3)
    assert prepare(Request(moved, "sft"), encoder, part, "instruction", 512).fingerprint == first.fingerprint
    text = (moved / "instructions.jsonl").read_text().replace("on the left", "on the right", 1)
    (moved / "instructions.jsonl").write_text(text)
    assert prepare(Request(moved, "sft"), encoder, part, "instruction", 512).fingerprint != first.fingerprint


def test_the_header_check_finds_what_is_no_picture_and_decode_also_what_is_cut_off(tmp_path):
    paint(tmp_path / "cut.png", 3, "L")
    data = (tmp_path / "cut.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 2])
    (tmp_path / "text.png").write_text("no picture")
    check_image(tmp_path / "cut.png", "header")
    for name, how, code in (("cut.png", "decode", "truncated_image"), ("text.png", "header", "not_an_image")):
        with pytest.raises(RejectError) as caught:
            check_image(tmp_path / name, how)
        assert caught.value.code == code


def test_a_limit_takes_the_first_usable_samples(run, encoder):
    part = DataPart(limit=2)
    prepared = prepare(Request(run, "align"), encoder, part, "instruction", 512)
    assert prepared.dataset["id"] == ["1-0", "1-1", "filler"]
