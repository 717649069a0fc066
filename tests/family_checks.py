"""What has to hold for the training of a vision-language model, whatever its family: one function a claim.

Each takes a `Case` and gives a word for a table, or raises AssertionError. The suite asks three families,
tests/benchmarks/families.py all of them. Models are tiny and random: equal numbers, no good answers.
"""

import json
import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tiny_run import fork, read_losses, wait, write_run

from tools.errors import RejectError, UsageError
from trainer.data.chats.collate import ChatCollator
from trainer.data.chats.family import make_chat_encoder
from trainer.data.chats.spans import Message
from trainer.data.chats.supervision import supervise_messages
from trainer.data.prepare import prepare
from trainer.data.reading import Request
from trainer.model.vlm.anatomy import find_anatomy
from trainer.model.vlm.loading import load_vlm, load_vlm_processor, read_model_type
from trainer.recipe import DataPart, Recipe
from trainer.stages.exact import ExactMixin
from trainer.stages.feeds.vlm import VlmFeed
from trainer.stages.freezing import TRAINED
from trainer.stages.losses import compute_loss
from trainer.stages.vlm.run import Plan, run_vlm

SIZES = ((40, 30), (64, 48), (30, 50))
IMAGE = Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8))
THREE = (
    ("How many vehicles are there?", "2 vehicles\nnear the wall."),
    ("Is it warm?", "Yes, warm."),
    ("And the wall?", "The wall\n\nis cold. 3"),
)
DIALOGUES = {
    "three turns": [
        Message(role, text) for pair in THREE for role, text in zip(("user", "assistant"), pair, strict=True)
    ],
    "system": [Message("system", "Infrared."), Message("user", "Is it warm?"), Message("assistant", "Yes")],
    "spaces": [Message("user", " Is it warm? "), Message("assistant", " Yes ")],
    "think": [Message("user", "Is it warm?"), Message("assistant", "<think>a</think>Yes")],
    "repeated": [Message("user", "Yes or no?"), Message("assistant", "Yes")],
}
WAYS = {
    "connector": ("align_layer", "full"),
    "LM": ("llm", "full"),
    "both": ("both", "full"),
    "tower": ("tower", "full"),
    "LoRA": ("both", "lora"),
    "all, LoRA": ("all", "lora"),
}
"""What is trained and how; connector: `align_layer`."""
TEMPLATES = {"llava": "vicuna"}
"""Families whose own template writes no end of turn, and ours that they are trained with."""
SPLIT = ("paligemma",)


@dataclass(frozen=True)
class Case:
    """A family's folder, the data, and a folder to work in."""

    name: str
    folder: Path
    run: Path
    work: Path

    @property
    def template(self):
        return TEMPLATES.get(self.name, "auto")

    @property
    def turns(self):
        return "split" if self.name in SPLIT else "together"

    def make_encoder(self, template=None, turns=None):
        processor = load_vlm_processor(self.folder, template or self.template)
        return make_chat_encoder(processor, read_model_type(self.folder), self.folder, turns or self.turns)

    def make_recipe(self, **sft):
        common = {"global_batch": 2, "device_batch": 2, "learning_rate": 1e-2, "warmup_share": 0.0, "save_every": 2}
        lora = {"rank": 2, "alpha": 4, "dropout": 0.1}
        settings = {"model": {"template": self.template}, "data": {"turns": self.turns}, "align": common}
        return Recipe.model_validate({**settings, "sft": {**common, "lora": lora, "max_steps": 2, **sft}})

    def train(self, name, **sft):
        """The output folder of a short SFT."""
        out = self.work / self.name / name
        run_vlm(Plan("sft", self.make_recipe(**sft), self.run, self.folder, out))
        return out


def write_data(root):
    """Six dialogues of one to three turns about pictures of three sizes, and captions."""
    run = write_run(root, 6)
    for number in range(1, 7):
        path = run / f"images/{number:02x}/{number}.png"
        Image.open(path).resize(SIZES[number % len(SIZES)]).save(path)
    return run


def check_supervision(case):
    """The assistant's text and its end of turn, and no token else; what the family cannot is refused by name."""
    words = []
    encoder = case.make_encoder()
    for name, messages in DIALOGUES.items():
        try:
            found = supervise_messages(name, messages, IMAGE, encoder)
        except RejectError as error:
            words.append(f"{name}: {error.code}")
            continue
        answers = [message.text.strip() for message in messages if message.role == "assistant"]
        expected = answers[-1:] if case.turns == "split" else answers
        assert len(found.answers) == len(expected), found.answers
        for text, answer in zip(found.answers, expected, strict=True):
            assert text.strip().startswith(answer) and text.strip()[len(answer) :] in encoder.ends, text
        words += [f"{name}: {len(found.notes)} notes"] if found.notes else []
        check_no_image(case, messages, encoder)
    return "; ".join(words) or "exact"


def check_no_image(case, messages, encoder):
    """No token that the model fills with an image is learned."""
    config = json.loads((case.folder / "config.json").read_text())
    keys = ("image_token_id", "image_token_index", "image_patch_id")
    numbers = {config[key] for key in keys if key in config}
    assert numbers
    tokens = encoder.encode(messages)
    row = {"text": tokens.text, "suffix": tokens.suffix, "input_ids": tokens.ids, "supervised": tokens.supervised}
    batch = encoder.process([row], [IMAGE])
    ids = batch["input_ids"][0]
    assert sum(int((ids == number).sum()) for number in numbers) >= 4
    assert not numbers & set(ids[batch["supervised"][0]].tolist())


def check_refused(case):
    """A family's own template that writes no end of turn is refused."""
    if case.name not in TEMPLATES:
        return "-"
    try:
        case.make_encoder("auto").encode(DIALOGUES["spaces"])
    except UsageError as error:
        assert "no end-of-turn" in str(error)
        return f"own template refused; with {case.template}"
    raise AssertionError("a template without an end of turn was taken")


def prepare_rows(case):
    """Encoder, collator and rows of the data."""
    encoder = case.make_encoder()
    request = Request(case.run, "sft")
    prepared = prepare(request, encoder, DataPart(turns=case.turns), "instruction", 4096)
    return encoder, [prepared.dataset[place] for place in range(prepared.count)]


def sum_loss(model, feed, collator, rows):
    """The summed loss of one batch, and its supervised tokens."""
    batch = collator(rows)
    assert not batch.pop("unreadable")
    with torch.no_grad():
        return float(compute_loss(model, feed.feed(batch), 1)), int((batch["labels"] != -100).sum())


def check_batches(case):
    """The loss of a padded batch of pictures of all sizes is the sum of its rows'; with checkpointing too."""
    encoder, rows = prepare_rows(case)
    model = load_vlm(case.folder).model.eval()
    feed, collator = VlmFeed(model, encoder, find_anatomy(model)), ChatCollator(encoder)
    together, count = sum_loss(model, feed, collator, rows)
    single = [sum_loss(model, feed, collator, [row]) for row in rows]
    assert count == sum(found for _, found in single)
    difference = abs(together - sum(loss for loss, _ in single)) / count
    assert difference < 1e-5, difference
    return f"{difference:.0e}"


def check_text_alone(case):
    """A row without an image beside one with: the same loss as each alone; or the family refuses such rows."""
    encoder, rows = prepare_rows(case)
    if not encoder.takes_text_alone:
        return "refused"
    tokens = encoder.encode(DIALOGUES["repeated"], is_seen=False)
    alone = {**rows[0], "id": "alone", "image": "", "text": tokens.text, "input_ids": tokens.ids.tolist()}
    alone["supervised"] = tokens.supervised.tolist()
    model = load_vlm(case.folder).model.eval()
    feed, collator = VlmFeed(model, encoder, find_anatomy(model)), ChatCollator(encoder)
    mixed = [rows[0], alone, rows[1]]
    together, count = sum_loss(model, feed, collator, mixed)
    difference = abs(together - sum(sum_loss(model, feed, collator, [row])[0] for row in mixed)) / count
    assert difference < 1e-5, difference
    return f"{difference:.0e}"


def check_trained(case, way):
    """What changed on disk is what the table says is trained, and every parameter stands in one row of it."""
    train, method = WAYS[way]
    out = case.train(way, train=train, method=method)
    before, after = load_vlm(case.folder).model, load_vlm(out / "model").model
    anatomy, new = find_anatomy(before), dict(after.named_parameters())
    old = dict(before.named_parameters())
    assert old.keys() == new.keys()
    changed = {anatomy.name_part(name) for name in old if not torch.equal(old[name], new[name])}
    table = json.loads((out / "freeze.json").read_text())
    trained = {row["part"] for row in table["parts"] if row["trained_parameters"]}
    adapters = {"adapters"} if method == "lora" else set()
    assert trained == (set(TRAINED[train]) - {"language model"} | adapters if adapters else set(TRAINED[train]))
    assert changed == set(TRAINED[train]), changed
    total = sum(row["parameters"] for row in table["parts"] if row["part"] != "adapters")
    assert total == sum(each.numel() for each in old.values())
    parts = {row["part"]: row for row in table["parts"]}
    return f"{sum(row['trained_parameters'] for row in parts.values()):,}"


def check_align(case):
    """`trainer.align` trains the connector alone, on captions."""
    out = case.work / case.name / "align"
    recipe = case.make_recipe()
    recipe = recipe.model_copy(update={"align": recipe.align.model_copy(update={"max_steps": 2})})
    run_vlm(Plan("align", recipe, case.run, case.folder, out))
    trained = {
        row["part"] for row in json.loads((out / "freeze.json").read_text())["parts"] if row["trained_parameters"]
    }
    assert trained == {"align layer"}
    return "ok"


def check_resume(case, way="both"):
    """Killed in step 4 of 5, behind the checkpoint of step 2, and started again: the same weights, bit for bit."""
    train, method = WAYS[way]
    settings = {"train": train, "method": method, "max_steps": 5, "global_batch": 2, "device_batch": 1}
    whole = case.train(f"whole-{way}", **settings)
    child = fork(lambda: (die_at_step(4), case.train(f"killed-{way}", **settings)))
    assert wait(child, 300) == -signal.SIGKILL
    killed = case.work / case.name / f"killed-{way}"
    assert (killed / "checkpoint-2").is_dir() and not (killed / "model").exists()
    case.train(f"killed-{way}", **settings)
    one, other = (load_vlm(folder / "model").model.state_dict() for folder in (whole, killed))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert (whole / "model/model.safetensors").read_bytes() == (killed / "model/model.safetensors").read_bytes()
    return "equal"


def die_at_step(step):
    """Let this process kill itself in the middle of a step."""
    original = ExactMixin.compute_loss

    def compute_loss(self, *arguments, **more):
        loss = original(self, *arguments, **more)
        if self.state.global_step + 1 == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return loss

    ExactMixin.compute_loss = compute_loss


def check_cache(case):
    """Trained on stored outputs of the connector, and with checkpointing: the losses of training on pixels."""
    settings = {"train": "llm", "max_steps": 3}
    plain = read_losses(case.train("pixels", **settings))
    cached = read_losses(case.train("cached", **settings, feature_cache=case.work / case.name / "cache"))
    recomputed = read_losses(case.train("recomputed", **settings, gradient_checkpointing=True))
    found = [max(abs(plain[step][0] - other[step][0]) for step in plain) for other in (cached, recomputed)]
    assert max(found) < 1e-5 * max(loss for loss, _ in plain.values()), found
    return f"{found[0]:.0e}, {found[1]:.0e}"


def check_bf16(case):
    """Frozen parts in bf16 beside trained ones in fp32, with and without autocast: the first loss within 2 %."""
    found: list[float] = []
    refused: list[str] = []
    for way in ("connector", "LoRA", "tower"):
        train, method = WAYS[way]
        settings = {"train": train, "method": method, "max_steps": 1}
        plain = read_losses(case.train(f"fp32-{way}", **settings))[1][0]
        for precision in ("fp32", "bf16"):
            light = {**settings, "frozen_precision": "bf16", "precision": precision}
            try:
                loss = read_losses(case.train(f"bf16-{way}-{precision}", **light))[1][0]
            except UsageError as error:
                assert "set frozen_precision: fp32" in str(error)
                refused.append(f"{way} refused ({precision})")
                continue
            found.append(abs(loss - plain) / plain)
    assert max(found) < 0.02, found
    return "; ".join([f"{max(found):.1%}", *refused])


def check_saved(case, way="both"):
    """The saved folder loads with transformers' own classes and generates."""
    from transformers import AutoModelForImageTextToText, AutoProcessor

    out = case.work / case.name / way / "model"
    model, processor = AutoModelForImageTextToText.from_pretrained(out).eval(), AutoProcessor.from_pretrained(out)
    processor.tokenizer.padding_side = "left"
    encoder = case.make_encoder()
    if processor.chat_template:
        asked = encoder.processor.apply_chat_template(
            [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Is it warm?"}]}],
            add_generation_prompt=True,
        )
    else:
        asked = f"{processor.image_token}Is it warm?"
    inputs = processor(text=[asked], images=[[IMAGE]], return_tensors="pt", add_special_tokens=False)
    told = model.generate(**inputs, max_new_tokens=4, do_sample=False)
    assert told.shape[1] > inputs["input_ids"].shape[1]
    facts = json.loads((out / "provenance.json").read_text())["stages"][-1]
    assert facts["processor"]["image_processor"] == type(encoder.processor.image_processor).__name__
    return "generates"


def clear(case):
    """Delete what the checks wrote."""
    shutil.rmtree(case.work / case.name, ignore_errors=True)
