"""Three families through training: a fixed number of image tokens, a Qwen, and one that cuts pictures into tiles.

All 16 with more claims: tests/benchmarks/families.py.
"""

import json

import pytest
from family_checks import (
    DIALOGUES,
    Case,
    check_align,
    check_batches,
    check_cache,
    check_refused,
    check_resume,
    check_saved,
    check_supervision,
    check_text_alone,
    check_trained,
    prepare_rows,
    write_data,
)
from PIL import Image
from tiny_families import write_family
from tiny_run import build_tiny

from tools.errors import MissingError, RejectError, UsageError
from tools.registry.extras import is_there
from trainer.data.chats.collate import ChatCollator
from trainer.data.chats.spans import Message
from trainer.data.encode import make_encoder
from trainer.recipe import Recipe
from trainer.stages.vlm.run import Plan, run_vlm

NEEDS_TORCHVISION = ("qwen3_vl",)
FAMILIES = ("llava", "qwen3_vl", "idefics3")


@pytest.fixture(scope="module")
def make_case(tmp_path_factory):
    """A family's folder, written when it is asked for."""
    root = tmp_path_factory.mktemp("families")
    run = write_data(root / "data")
    made = {}

    def make(name):
        if name in NEEDS_TORCHVISION and not is_there("torchvision"):
            pytest.skip(f"{name}: torchvision is not installed (pip install -e '.[vlm]')")
        if name not in made:
            made[name] = Case(name, write_family(name, root / name), run, root / "work")
        return made[name]

    return make


@pytest.fixture(params=FAMILIES)
def case(request, make_case):
    return make_case(request.param)


def test_the_answers_and_their_ends_are_learned_and_nothing_else(case):
    check_refused(case)
    assert check_supervision(case) == "exact"


def test_a_batch_costs_what_its_rows_cost_with_and_without_images(case):
    check_batches(case)
    check_text_alone(case)


def test_what_changes_is_what_the_table_says_and_plain_transformers_loads_it(case):
    check_trained(case, "both")
    check_saved(case)
    check_trained(case, "LoRA")
    check_align(case)


def test_stored_outputs_and_recomputing_change_no_loss(case):
    check_cache(case)


def test_killed_and_resumed_is_never_interrupted(case):
    check_resume(case)


def test_a_picture_that_is_gone_weighs_nothing_and_is_counted(make_case, monkeypatch):
    from trainer.data.chats import collate

    case = make_case("idefics3")
    original = collate.load_rgb
    monkeypatch.setattr(
        collate, "load_rgb", lambda path: original(path.with_name("gone" if path.stem == "2" else path.name))
    )
    out = case.train("gone", max_steps=3)
    (row,) = [json.loads(line) for line in (out / "rejected.jsonl").read_text().splitlines()]
    assert (row["id"], row["code"], row["where"]) == ("2-conversation", "missing_file", "train")


def test_general_instructions_are_mixed_in_and_counted(make_case, tmp_path):
    case = make_case("idefics3")
    rows = [
        {"id": str(number), "conversations": [{"from": "human", "value": "2 + 2?"}, {"from": "gpt", "value": "4."}]}
        for number in range(5)
    ]
    (tmp_path / "general.json").write_text(json.dumps(rows))
    settings = case.make_recipe().model_dump(mode="json")
    settings["data"]["mix_in"] = {"file": str(tmp_path / "general.json"), "share": 0.25}
    out = tmp_path / "mixed"
    run_vlm(Plan("sft", Recipe.model_validate(settings), case.run, case.folder, out))
    data = json.loads((out / "model/provenance.json").read_text())["stages"][-1]["data"]
    assert data["samples"] == 8
    assert data["mixed"] == {"name": "general.json", "share": 0.25, "samples": 2, "text_alone": 2, "rejected": {}}
    settings["sft"]["train"] = "align_layer"
    with pytest.raises(UsageError, match="2 of its rows have no picture"):
        run_vlm(Plan("sft", Recipe.model_validate(settings), case.run, case.folder, tmp_path / "frozen"))
    settings["data"]["mix_in"]["share"] = 0.9
    with pytest.raises(UsageError, match=r"has 5 usable rows; a share of .* takes 54"):
        run_vlm(Plan("sft", Recipe.model_validate(settings), case.run, case.folder, tmp_path / "more"))


def test_split_makes_a_sample_of_each_answer(make_case):
    case = make_case("idefics3")
    encoder = case.make_encoder(turns="split")
    tokens = encoder.encode(DIALOGUES["three turns"])
    learned = encoder.processor.tokenizer.decode(tokens.ids[tokens.supervised])
    assert learned.strip() == "The wall\n\nis cold. 3<end_of_utterance>"


def test_what_cannot_be_learned_from_is_refused_by_name(make_case):
    case = make_case("idefics3")
    encoder = case.make_encoder()
    with pytest.raises(RejectError, match="which the model reads as a command"):
        encoder.encode([Message("user", "<image>?"), Message("assistant", "Yes")])
    template = encoder.processor.chat_template
    for change, code in (("| upper", "answer_not_found"), ("| replace('e', 'E')", "answer_changed")):
        encoder.processor.chat_template = CHANGED.replace("CHANGE", change)
        with pytest.raises(RejectError) as caught:
            encoder.encode([Message("user", "Warm?"), Message("assistant", "Yes, zqx.")])
        assert caught.value.code == code
    encoder.processor.chat_template = template


def test_a_processor_with_an_absurd_number_is_told_in_one_sentence(make_case, monkeypatch, tmp_path):
    Image.new("RGB", (32, 32)).save(tmp_path / "a.png")
    encoder = make_case("idefics3").make_encoder()
    monkeypatch.setattr(encoder.processor, "image_seq_len", [1])
    with pytest.raises(UsageError, match="it cannot prepare a picture and its text"):
        encoder.measure(encoder.encode(DIALOGUES["three turns"]), tmp_path / "a.png")
    small = build_tiny().processor
    monkeypatch.setattr(small, "num_additional_image_tokens", [1])
    with pytest.raises(UsageError, match="the processor: it cannot prepare a picture"):
        make_encoder(small)


def test_an_answer_that_is_asked_behind_another_text_comes_with_advice(make_case):
    encoder = make_case("idefics3").make_encoder()
    template, thinking = encoder.processor.chat_template, "{% if add_generation_prompt %}<think>{% endif %}"
    dialogue = [
        Message("user", "Warm?"),
        Message("assistant", "Yes."),
        Message("user", "Why?"),
        Message("assistant", "X"),
    ]
    try:
        encoder.processor.chat_template = template + thinking
        notes = encoder.encode(dialogue).notes
    finally:
        encoder.processor.chat_template = template
    assert [note.count("--set data.turns=split") for note in notes] == [1, 0]
    assert all(note.startswith("learned behind ") and "<think>', but asked" not in note for note in notes)
    assert all("<think>'" in note.partition("but asked behind")[2] for note in notes)


CHANGED = (
    "{% for m in messages %}{{ m.role }}: {% for c in m.content if c.type == 'text' %}{{ c.text CHANGE }}{% endfor %}"
    "<end_of_utterance>{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"align": {"mode": "indirect"}}, "swaps towers"),
        ({"sft": {"feature_cache": "cache"}}, "must be frozen"),
    ],
)
def test_settings_of_the_papers_model_are_refused(make_case, settings, words, tmp_path):
    case = make_case("idefics3")
    stage = "align" if "align" in settings else "sft"
    with pytest.raises(UsageError, match=words):
        run_vlm(Plan(stage, Recipe.model_validate(settings), case.run, case.folder, tmp_path / "out"))


def test_a_folder_without_a_template_or_a_model_is_named(make_case, tmp_path):
    case = make_case("idefics3")
    bare = tmp_path / "bare"
    bare.mkdir()
    for path in case.folder.iterdir():
        if path.name != "chat_template.jinja":
            (bare / path.name).write_bytes(path.read_bytes())
    with pytest.raises(UsageError, match="has no chat template"):
        run_vlm(Plan("sft", Recipe(), case.run, bare, tmp_path / "out"))
    with pytest.raises(MissingError, match=r"config\.json is missing"):
        run_vlm(Plan("sft", Recipe(), case.run, tmp_path / "nothing", tmp_path / "other"))


def test_a_row_whose_tokens_cannot_be_matched_is_counted_and_not_learned(make_case):
    encoder, rows = prepare_rows(make_case("idefics3"))
    wrong = {**rows[1], "input_ids": [*rows[1]["input_ids"][:-1], 7]}
    batch = ChatCollator(encoder)([rows[0], wrong, rows[2]])
    assert [(item.id, item.code) for item in batch["unreadable"]] == [(rows[1]["id"], "not_aligned")]
    learned = (batch["labels"] != -100).sum(dim=1).tolist()
    assert learned[1] == 0 and learned[0] == sum(rows[0]["supervised"]) and learned[2] == sum(rows[2]["supervised"])
