"""Which tokens are supervised, decoded to text; batches; the loss on them; stored features."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_run import build_tiny, paint
from tolerances import float_tolerance, largest_difference, layers_tolerance
from torch.nn import functional

from tools.conversations import Turn
from tools.errors import RejectError, UsageError
from tools.images import load_rgb
from trainer.commands.preview import render_row
from trainer.data.collate import IGNORED, Collator
from trainer.data.encode import Span, make_encoder, mark_supervised, write_messages
from trainer.data.features import FeatureStore, TowerSwap
from trainer.data.prepare import build_table
from trainer.data.samples import Sample
from trainer.stages.losses import compute_loss

DIALOGUE = (
    Turn("user", "How many people are there?"),
    Turn("assistant", "There is one person."),
    Turn("user", "Where?"),
    Turn("assistant", "On the left, near a car."),
)


@pytest.fixture(scope="module")
def tiny():
    return build_tiny()


@pytest.fixture(scope="module")
def encoder(tiny):
    return make_encoder(tiny.processor)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(4):
        paint(folder / f"{number}.png", number, "L")
    return folder


def make_rows(encoder, folder, dialogues):
    samples = [Sample(str(k), folder / f"{k}.png", turns) for k, turns in enumerate(dialogues)]
    table = build_table(samples, [encoder.encode(sample.turns) for sample in samples])
    return [table[k] for k in range(len(table))]


def decode_supervised(tokenizer, ids, labels):
    """Runs of supervised tokens as text."""
    texts, current = [], []
    for number, label in zip([*ids.tolist(), 0], [*labels.tolist(), IGNORED], strict=True):
        if label != IGNORED:
            assert label == number
            current.append(label)
        elif current:
            texts.append(tokenizer.decode(current))
            current = []
    return texts


def test_exactly_the_answers_of_all_turns_are_supervised(encoder, pictures):
    rows = make_rows(encoder, pictures, [DIALOGUE, DIALOGUE[:2]])
    batch = Collator(encoder)(rows[:2])
    tokenizer = encoder.processor.tokenizer
    end = tokenizer.eos_token
    first = decode_supervised(tokenizer, batch["input_ids"][0], batch["labels"][0])
    assert [text.strip() for text in first] == [f"There is one person.{end}", f"On the left, near a car.{end}"]
    second = decode_supervised(tokenizer, batch["input_ids"][1], batch["labels"][1])
    assert [text.strip() for text in second] == [f"There is one person.{end}"]


def test_the_image_is_never_supervised_and_fills_as_many_tokens_as_the_tower_has_patches(encoder, pictures, tiny):
    batch = Collator(encoder)(make_rows(encoder, pictures, [DIALOGUE]))
    image = batch["input_ids"] == encoder.image_token_id
    vision = tiny.model.config.vision_config
    assert image.sum(dim=1).tolist() == [(vision.image_size // vision.patch_size) ** 2] * 2
    assert (batch["labels"][image] == IGNORED).all()


def test_tokens_equal_those_of_the_processors_own_chat_template(encoder, pictures):
    (row, _) = make_rows(encoder, pictures, [DIALOGUE])
    batch = Collator(encoder)([row])
    messages = write_messages(DIALOGUE)
    messages[0]["content"][0]["image"] = load_rgb(pictures / "0.png")
    theirs = encoder.processor.apply_chat_template(messages, tokenize=True, return_dict=True, return_tensors="pt")
    assert batch["input_ids"].tolist() == theirs["input_ids"].tolist()
    assert torch.equal(batch["pixel_values"], theirs["pixel_values"])


@given(
    st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=20), min_size=2, max_size=6)
)
def test_whatever_is_said_the_supervised_text_is_the_answers(encoder, texts):
    texts = [text.strip() or "x" for text in texts[: len(texts) // 2 * 2]]
    turns = tuple(Turn("assistant" if k % 2 else "user", text) for k, text in enumerate(texts))
    try:
        encoded = encoder.encode(turns)
    except RejectError as error:
        assert error.code == "control_token"
        return
    tokenizer = encoder.processor.tokenizer
    labels = np.where(encoded.supervised, encoded.ids, IGNORED)
    found = decode_supervised(tokenizer, encoded.ids, labels)
    answers = [turn.text for turn in turns if turn.role == "assistant"]
    whole = "".join(found)
    assert len(found) == len(answers)
    for text, answer in zip(found, answers, strict=True):
        decoded = tokenizer.decode(tokenizer(answer, add_special_tokens=False)["input_ids"])
        assert decoded.strip() in text, (whole, answer)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=12))
def test_a_token_is_supervised_when_it_ends_inside_an_answer(pieces):
    offsets, answers, place = [], [], 0
    for length, is_answer in pieces:
        offsets.append((place, place + length))
        if is_answer and length:
            answers.append(Span(place, place + length))
        place += length
    marks = mark_supervised(offsets, answers)
    assert marks.tolist() == [is_answer and length > 0 for length, is_answer in pieces]


def test_plain_is_the_image_and_the_caption_and_a_line_break(encoder):
    encoded = encoder.encode((Turn("assistant", "A car."),), "plain")
    tokenizer = encoder.processor.tokenizer
    assert tokenizer.decode(encoded.ids[encoded.supervised]) == "A car.\n"
    rest = encoded.ids[~encoded.supervised].tolist()
    assert rest[-1] == encoder.image_token_id
    assert len(rest) <= 2


def test_a_template_without_marks_is_refused(tiny):
    import copy

    processor = copy.copy(tiny.processor)
    processor.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    with pytest.raises(UsageError, match="the chat template does not mark the assistant's answers"):
        make_encoder(processor)


def test_padding_needs_no_attention_mask(tiny, encoder, pictures):
    batch = Collator(encoder)(make_rows(encoder, pictures, [DIALOGUE, DIALOGUE[:2]])[:2])
    inputs = {name: batch[name] for name in ("input_ids", "pixel_values")}
    lengths = [
        len(Collator(encoder).widen(row)[0]) for row in make_rows(encoder, pictures, [DIALOGUE, DIALOGUE[:2]])[:2]
    ]
    mask = torch.arange(batch["input_ids"].shape[1])[None] < torch.tensor(lengths)[:, None]
    with torch.no_grad():
        without = tiny.model(**inputs).logits
        masked = tiny.model(**inputs, attention_mask=mask.long()).logits
        blind = tiny.model(**inputs, attention_mask=mask.long().flip(0)).logits
    bound = layers_tolerance(tiny.model.config.text_config, float(masked.abs().max()), mask.shape[1])
    assert largest_difference(without[mask], masked[mask]) < bound
    assert largest_difference(blind[mask], masked[mask]) > 10 * bound


def test_the_loss_is_that_of_all_logits(tiny, encoder, pictures):
    batch = Collator(encoder)(make_rows(encoder, pictures, [DIALOGUE, DIALOGUE[:2]])[:2])
    batch.pop("unreadable")
    count = int((batch["labels"] != IGNORED).sum())
    with torch.no_grad():
        logits = tiny.model(input_ids=batch["input_ids"], pixel_values=batch["pixel_values"]).logits
        found = compute_loss(tiny.model, batch, count)
    flat = logits[:, :-1].reshape(-1, logits.shape[-1])
    expected = functional.cross_entropy(flat, batch["labels"][:, 1:].reshape(-1))
    unmoved = functional.cross_entropy(flat, batch["labels"][:, :-1].reshape(-1))
    bound = layers_tolerance(tiny.model.config.text_config, float(flat.abs().max()), logits.shape[1])
    bound += float_tolerance(float(expected), count)
    assert abs(found - expected) < bound
    assert abs(found - unmoved) > 10 * bound


def test_a_batch_without_supervised_tokens_has_loss_zero_and_a_gradient(tiny, encoder, pictures):
    batch = Collator(encoder)(make_rows(encoder, pictures, [DIALOGUE])[-1:])
    batch.pop("unreadable")
    loss = compute_loss(tiny.model, batch, 0)
    loss.backward()
    layer = tiny.model.model.multi_modal_projector
    assert loss.item() == 0
    assert all((parameter.grad == 0).all() for parameter in layer.parameters())
    tiny.model.zero_grad()


def test_an_unreadable_picture_keeps_its_place_and_weighs_nothing(encoder, pictures, tmp_path):
    rows = make_rows(encoder, pictures, [DIALOGUE, DIALOGUE[:2]])[:2]
    broken = tmp_path / "broken.png"
    broken.write_bytes((pictures / "0.png").read_bytes()[:60])
    whole, hurt = Collator(encoder)(rows), Collator(encoder)([{**rows[0], "image": str(broken)}, rows[1]])
    assert torch.equal(whole["input_ids"], hurt["input_ids"])
    assert (hurt["labels"][0] == IGNORED).all()
    assert torch.equal(hurt["labels"][1], whole["labels"][1])
    assert torch.equal(hurt["pixel_values"][1], whole["pixel_values"][1])
    (item,) = hurt["unreadable"]
    assert (item.id, item.code) == ("0", "truncated_image")
    assert str(broken) in item.reason


def test_stored_features_give_what_pixels_give(encoder, pictures, tmp_path):
    tiny = build_tiny()
    rows = make_rows(encoder, pictures, [DIALOGUE, DIALOGUE[:2]])[:2]
    batch = Collator(encoder)(rows)
    with torch.no_grad():
        expected = tiny.model(input_ids=batch["input_ids"], pixel_values=batch["pixel_values"]).logits
    store = FeatureStore(tmp_path, tiny.model, tiny.processor)
    assert list(store.fill([Path(row["image"]) for row in rows])) == [2]
    swap = TowerSwap(tiny.model)
    swap.take_out()
    stored = Collator(encoder, store)(rows)
    with torch.no_grad():
        found = tiny.model(input_ids=stored["input_ids"], pixel_values=stored["pixel_values"]).logits
    assert torch.equal(found, expected)
    swap.put_back()
    with torch.no_grad():
        again = tiny.model(input_ids=batch["input_ids"], pixel_values=batch["pixel_values"]).logits
    assert torch.equal(again, expected)


def test_stored_features_are_shared_by_equal_towers_only_and_computed_once(pictures, tmp_path, monkeypatch):
    first, again, other = build_tiny(), build_tiny(seed=5), build_tiny()
    with torch.no_grad():
        next(other.model.model.vision_tower.parameters()).add_(0.1)
    folders = [FeatureStore(tmp_path, each.model, each.processor).folder for each in (first, again, other)]
    assert folders[0] == folders[1] != folders[2]
    cropped = build_tiny(framing="crop")
    assert FeatureStore(tmp_path, cropped.model, cropped.processor).folder != folders[0]
    paths = [pictures / "0.png", pictures / "1.png"]
    list(FeatureStore(tmp_path, first.model, first.processor).fill(paths))
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")}
    list(FeatureStore(tmp_path, again.model, again.processor).fill(paths))
    assert len(stamps) == 2
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.safetensors")} == stamps


def test_the_preview_highlights_what_is_supervised(encoder, pictures):
    batch = Collator(encoder)(make_rows(encoder, pictures, [DIALOGUE[:2], DIALOGUE])[:2])
    shown = render_row(
        encoder.processor.tokenizer, batch["input_ids"][0], batch["labels"][0], "0", encoder.image_token_id
    )
    learned = [shown.plain[span.start : span.end] for span in shown.spans if "green" in str(span.style)]
    assert [text.strip() for text in learned] == [f"There is one person.{encoder.processor.tokenizer.eos_token}"]
    assert re.search(r"\[image: \d+ tokens\]", shown.plain)
    assert "<pad>" not in shown.plain
