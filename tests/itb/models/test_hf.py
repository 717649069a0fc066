"""Checkpoints: the fast way equals the plain one, both protocols, and folders that are no vision-language model."""

import json
import shutil
from pathlib import Path

import foreign
import pytest
from mini_bench import write_bench
from PIL import Image
from plugging import forget_plugins  # noqa: F401

from itb.answers.candidates import list_candidates
from itb.benchmark.ask import Asker, VariantSettings
from itb.benchmark.bench import load_bench
from itb.evaluate.evaluate import run_eval
from itb.evaluate.predictions import read_predictions
from itb.others.importing import ImportSettings, import_benchmarks
from tools.errors import MissingError, UsageError
from tools.registry import Entry, load_plugin, register

torch = pytest.importorskip("torch", reason="needs the extra `train`")
pytest.importorskip("transformers", reason="needs the extra `train`")

from tiny_vlm import shake_weights, write_tiny_vlm  # noqa: E402
from tolerances import layers_tolerance, written_tolerance  # noqa: E402
from transformers import CONFIG_MAPPING  # noqa: E402

from itb.models.hf.chat import Chat  # noqa: E402
from itb.models.hf.checkpoint import load_checkpoint  # noqa: E402
from itb.models.hf.inputs import encode_prompts  # noqa: E402
from itb.models.hf.model import CheckpointModel, open_checkpoint  # noqa: E402
from itb.models.hf.shared import SharedWay  # noqa: E402
from itb.models.hf.ways import find_way, load_way  # noqa: E402
from itb.models.settings import EvalSettings  # noqa: E402

PROMPTS = Path(__file__).resolve().parents[3] / "prompts/infrared"
SCALE, LENGTH = 24.0, 1300
"""What the logits of the tiny models and the tokens of a prompt with its reply stay below."""
CLEAR = {"mlp": 7, "linear": 3, "qformer": 5}
"""Seeds of weights that never weigh two words the same to within the error of a sum."""


def bound_logits(checkpoint, sums=1):
    """Between sums of so many logits that were computed in batches of another shape."""
    return layers_tolerance(checkpoint.model.config.text_config, SCALE, LENGTH) * sums


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tiny_vlm(tmp_path_factory.mktemp("vlm") / "tiny", seed=CLEAR["mlp"])


@pytest.fixture(scope="module")
def checkpoint(folder):
    return load_checkpoint(str(folder), "cpu", "auto")


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    bench = write_bench(tmp_path_factory.mktemp("bench") / "bench", images=6, questions=2)
    manifest = json.loads((bench / "manifest.json").read_text())
    manifest["count_ranges"]["aerial_count"] = [0, 12]  # two digits: some counts begin as others do
    (bench / "manifest.json").write_text(json.dumps(manifest))
    read = load_bench(bench)
    return list(Asker(PROMPTS, VariantSettings(context="both")).ask_all(read, read.choose("test")))


def answer(checkpoint, questions, protocol, batch, way, max_new_tokens=8):
    model = CheckpointModel(checkpoint, protocol, batch, max_new_tokens, way)
    return {reply.question.key: reply for reply in model.answer(model.plan(questions))}


@pytest.fixture(scope="module")
def alone(checkpoint, questions):
    return {question.key: generate_alone(checkpoint, question) for question in questions}


def generate_alone(checkpoint, question, max_new_tokens=8):
    """The usual few lines, without batches, caches or threads of ours.

    Batches of another shape add in another order; that they say the same can be asked for where no two words are near.
    """
    content = [{"type": "image"}, {"type": "text", "text": question.text}]
    messages = [{"role": "user", "content": content}]
    if question.system:
        messages.insert(0, {"role": "system", "content": [{"type": "text", "text": question.system}]})
    text = checkpoint.processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    inputs = checkpoint.processor(text=text, images=question.load_image(), return_tensors="pt")
    with torch.inference_mode():
        output = checkpoint.model.generate(
            **inputs, max_new_tokens=max_new_tokens, do_sample=False, output_logits=True, return_dict_in_generate=True
        )
    assert output.sequences.shape[1] < LENGTH
    for logits in output.logits:
        first, second = logits[0].topk(2).values
        assert first < SCALE
        assert first - second > bound_logits(checkpoint), "two words are near: try another seed of CLEAR"
    return checkpoint.processor.decode(output.sequences[0][inputs["input_ids"].shape[1] :], skip_special_tokens=True)


def test_shared_prefixes_say_what_one_by_one_generation_says(checkpoint, questions, alone):
    assert len(set(alone.values())) > len(alone) / 4
    for batch, way in ((5, "shared"), (1, "shared"), (64, "shared"), (7, "plain")):
        found = answer(checkpoint, questions, "generate", batch, way)
        assert {key: reply.text for key, reply in found.items()} == alone


@pytest.mark.usefixtures("forget_plugins")
def test_an_architecture_that_a_plugin_names_is_asked_its_way():
    assert find_way("my_vlm") == "shared"
    register("checkpoint way", Entry("mine", "as LLaVA", SharedWay, traits={"model_types": ("my_vlm",)}))
    assert (find_way("my_vlm"), find_way("your_vlm")) == ("mine", "shared")
    assert load_way("mine") is SharedWay


@pytest.mark.usefixtures("forget_plugins")
@pytest.mark.parametrize("layer", ["linear", "qformer"])
def test_align_layers_of_the_trainer_are_asked_through_its_plugin(layer, questions, tmp_path):
    from trainer.model.assembled import assemble, save_assembled
    from trainer.parts.tiny import write_tiny

    tiny = write_tiny(tmp_path / "parts")
    assembled = assemble(tiny.llm, tiny.tower, layer)
    shake_weights(assembled.model, CLEAR[layer])
    save_assembled(assembled, tmp_path / "model")
    load_plugin("trainer.model.connectors")
    settings = {"model": str(tmp_path / "model"), "out": tmp_path / "p.jsonl"}
    model = open_checkpoint(settings["model"], EvalSettings(**settings), 8)
    checkpoint = model._checkpoint
    assert model.explain(questions)["way"] == SharedWay.name
    expected = {question.key: generate_alone(checkpoint, question) for question in questions}
    assert len(set(expected.values())) > len(expected) / 4
    found = {reply.question.key: reply.text for reply in model.answer(model.plan(questions))}
    assert found == expected


def test_replies_end_where_the_model_ends_them(checkpoint, questions, alone, monkeypatch):
    """Rows of one batch that stop at different steps: end tokens are those that replies contain early and late."""
    free = [alone[question.key] for question in questions]
    tokens = [checkpoint.tokenizer(text, add_special_tokens=False).input_ids for text in free]
    ends = sorted({row[place] for row, place in zip(tokens, range(1, 6), strict=False)})
    monkeypatch.setattr(checkpoint.model.generation_config, "eos_token_id", ends)
    expected = {question.key: generate_alone(checkpoint, question) for question in questions}
    assert expected != {question.key: text for question, text in zip(questions, free, strict=True)}
    shared = answer(checkpoint, questions, "generate", 6, "shared")
    plain = answer(checkpoint, questions, "generate", 6, "plain")
    assert {key: reply.text for key, reply in shared.items()} == {key: reply.text for key, reply in plain.items()}
    for key, reply in shared.items():
        assert expected[key].startswith(reply.text)  # `generate` keeps the end token, which is no special one here


def test_likelihoods_of_shared_prefixes_equal_those_computed_one_by_one(checkpoint, questions):
    fast = answer(checkpoint, questions, "likelihood", 5, "shared")
    plain = answer(checkpoint, questions, "likelihood", 1, "plain")
    assert fast.keys() == plain.keys()
    listed = [question for question in questions if list_candidates(question)]
    assert 0 < len(listed) < len(questions)
    for question in listed:
        one, other = fast[question.key], plain[question.key]
        assert list(one.scores) == list(list_candidates(question))
        bound = bound_logits(checkpoint, sums=1 + max(map(len, one.scores))) + 2 * written_tolerance(6)
        assert one.scores == pytest.approx(other.scores, abs=bound)
        first, second = sorted(one.scores.values(), reverse=True)[:2]
        assert first - second > 2 * bound
        assert one.answer == other.answer == max(one.scores, key=one.scores.__getitem__)
    for question in questions:
        if not list_candidates(question):
            assert fast[question.key].answer is None and fast[question.key].text


def test_a_likelihood_is_the_sum_of_its_tokens_log_probabilities(checkpoint, questions):
    count = next(q for q in questions if q.item.task == "aerial_count" and not q.system)
    scores = answer(checkpoint, [count], "likelihood", 16, "shared")[count.key].scores
    prompt = Chat(checkpoint).render(count)
    for number in ("1", "12"):
        inputs = checkpoint.processor(text=f"{prompt} {number}</s>", images=count.load_image(), return_tensors="pt")
        bare = checkpoint.processor(text=prompt, images=count.load_image(), return_tensors="pt")
        with torch.inference_mode():
            logs = checkpoint.model(**inputs).logits[0].log_softmax(dim=-1)
        ids, start = inputs["input_ids"][0], bare["input_ids"].shape[1]
        expected = sum(float(logs[place - 1, ids[place]]) for place in range(start, len(ids)))
        bound = bound_logits(checkpoint, sums=len(ids) - start) + written_tolerance(6)
        assert scores[number] == pytest.approx(expected, abs=bound)
        without_end = expected - float(logs[-2, ids[-1]])
        assert abs(scores[number] - without_end) > 10 * bound


def test_yes_counts_with_either_initial(checkpoint, questions, request):
    locate = next(q for q in questions if q.item.task == "locate")
    tokens = [checkpoint.tokenizer(word, add_special_tokens=False).input_ids for word in (" Yes", " yes")]
    assert [len(token) for token in tokens] == [1, 1]
    (large,), (small,) = tokens
    rows = checkpoint.model.lm_head.weight.data
    before = rows[small].clone()
    request.addfinalizer(lambda: rows[small].copy_(before))
    rows[small] = rows[large]  # so that neither counts for nothing
    scores = answer(checkpoint, [locate], "likelihood", 16, "shared")[locate.key].scores
    inputs = checkpoint.processor(text=Chat(checkpoint).render(locate), images=locate.load_image(), return_tensors="pt")
    with torch.inference_mode():
        chances = checkpoint.model(**inputs).logits[0, -1].softmax(dim=-1)
    expected = torch.log(chances[large] + chances[small])
    bound = bound_logits(checkpoint) + written_tolerance(6)
    assert scores["yes"] == pytest.approx(float(expected), abs=bound)
    assert abs(scores["yes"] - float(chances[large].log())) > 10 * bound


def test_a_template_without_system_messages_gets_the_context_before_the_question(checkpoint, questions, monkeypatch):
    with_context = next(q for q in questions if q.system)
    assert Chat(checkpoint).render(with_context).startswith("The image was taken by an infrared camera.")
    refusing = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    template = checkpoint.processor.chat_template
    monkeypatch.setattr(checkpoint.processor, "chat_template", refusing + template)
    chat = Chat(checkpoint)
    assert chat.system_place == "user"
    assert chat.render(with_context).startswith("USER: <image>\nThe image was taken by an infrared camera.")
    assert chat.render(with_context).count(with_context.text) == 1


@pytest.mark.parametrize("value", [[1], 10**30])
def test_a_processor_with_an_absurd_number_is_told_in_one_sentence(checkpoint, monkeypatch, value):
    monkeypatch.setattr(checkpoint.processor, "num_additional_image_tokens", value)
    with pytest.raises(UsageError, match=r"its processor cannot prepare a picture and its text \(.*copy it again"):
        encode_prompts(checkpoint, ["<image>?"], [Image.new("RGB", (8, 8))], False, "left")


def test_a_broken_picture_fails_its_own_questions_only(checkpoint, questions, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(questions[0].image.read_bytes()[:100])
    some = [
        *questions[:4],
        questions[4].__class__(
            questions[4].item, "", None, "What?", (), questions[4].image_file._replace(path=broken, folder=tmp_path)
        ),
    ]
    replies = answer(checkpoint, some, "generate", 16, "shared")
    errors = [reply.error for reply in replies.values() if reply.error]
    assert len(replies) == 5 and len(errors) == 1
    assert "broken.png: truncated or damaged" in errors[0]


def test_a_question_that_holds_the_image_token_is_refused(checkpoint, questions):
    odd = questions[0].__class__(questions[0].item, "", None, "What is <image>?", (), questions[0].image_file)
    with pytest.raises(UsageError, match="its text holds '<image>', which stands for the image"):
        answer(checkpoint, [odd], "generate", 1, "shared")


def test_units_depend_on_the_questions_alone_and_keep_images_together(checkpoint, questions):
    model = CheckpointModel(checkpoint, "likelihood", 4, 4)
    units = model.plan(questions)
    assert units == model.plan(questions)
    assert sorted(q.key for unit in units for q in unit) == sorted(q.key for q in questions)
    owners: dict[object, set[int]] = {}
    for place, unit in enumerate(units):
        for question in unit:
            owners.setdefault((bool(list_candidates(question)), question.picture, question.system), set()).add(place)
    assert all(len(places) == 1 for places in owners.values())


def test_padding_goes_left_whatever_the_checkpoint_saved(checkpoint):
    assert checkpoint.tokenizer.padding_side == "left"
    assert checkpoint.digest and len(checkpoint.digest) == 16


# Folders that are no vision-language model.


def copy_checkpoint(folder, tmp_path, **changes):
    copied = tmp_path / "copy"
    shutil.copytree(folder, copied)
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | changes))
    return copied


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model_type": "llama"}, "a llama checkpoint takes no image and text, so it is no vision-language model"),
        ({"model_type": "infrared_llava"}, r"add --plugin trainer.model.connectors, or .* -m trainer.export"),
        ({"model_type": "wonder"}, r"its model_type 'wonder' is unknown to transformers"),
        ({"model_type": "wonder", "auto_map": {"AutoModel": "x.Y"}}, "brings code of its own, which is never run"),
    ],
)
def test_another_kind_of_model_is_refused(folder, tmp_path, monkeypatch, changes, words):
    monkeypatch.delitem(CONFIG_MAPPING._extra_content, "infrared_llava", raising=False)  # another test may plug it in
    with pytest.raises(UsageError, match=words):
        load_checkpoint(str(copy_checkpoint(folder, tmp_path, **changes)), "cpu", "auto")


def test_a_checkpoint_with_parts_missing_says_which(folder, tmp_path):
    copied = copy_checkpoint(folder, tmp_path)
    (copied / "chat_template.jinja").unlink()
    with pytest.raises(MissingError, match="has no chat template"):
        load_checkpoint(str(copied), "cpu", "auto")
    (copied / "chat_template.jinja").write_bytes((folder / "chat_template.jinja").read_bytes())
    (copied / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(MissingError, match="its weights cannot be loaded"):
        load_checkpoint(str(copied), "cpu", "auto").model  # noqa: B018 - read when it is needed first
    (copied / "processor_config.json").unlink()
    with pytest.raises(MissingError, match="processor"):
        load_checkpoint(str(copied), "cpu", "auto")
    (copied / "config.json").write_text("[1, 2]")
    with pytest.raises(MissingError, match="cannot be read"):
        load_checkpoint(str(copied), "cpu", "auto")
    (copied / "config.json").unlink()
    with pytest.raises(MissingError, match=r"no checkpoint there \(config.json is missing\); give the folder with it"):
        load_checkpoint(str(copied), "cpu", "auto")
    (copied / "model").symlink_to(folder)
    with pytest.raises(MissingError, match=r"did you mean .*/copy/model\?"):
        load_checkpoint(str(copied), "cpu", "auto")


def test_the_digest_sees_every_file_that_decides(folder, tmp_path, checkpoint):
    from itb.models.hf.checkpoint import digest_checkpoint

    copied = copy_checkpoint(folder, tmp_path)
    weights = bytearray((copied / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (copied / "model.safetensors").write_bytes(weights)
    assert digest_checkpoint(copied) != digest_checkpoint(folder) == checkpoint.digest


def test_a_question_with_two_images_is_shown_both(folder, tmp_path):
    root = foreign.write_rgb_th(tmp_path / "in")
    import_benchmarks(ImportSettings({"rgb-th-bench": root}, tmp_path / "bench"))
    out = tmp_path / "predictions.jsonl"
    notes = run_eval(tmp_path / "bench", EvalSettings(model=str(folder), out=out, max_new_tokens=4))["model_notes"]
    rows = read_predictions(out)
    assert len(rows) == 8 and sum(row.failure == "missing_image" for row in rows) == 4
    assert notes["way_tried"].endswith("equal to one at a time")
    bench = load_bench(tmp_path / "bench")
    pair = next(one for one in Asker(PROMPTS, VariantSettings()).ask_all(bench, bench.items) if len(one.files) == 2)
    checkpoint = load_checkpoint(str(folder), "cpu", "auto")
    assert Chat(checkpoint).render(pair).count("<image>") == 2
