"""A small benchmark drawn on the spot, in the layout of `python -m itb build`: items.jsonl, splits.json, manifest.json.

    bench = write_bench(tmp_path / "bench", tasks=("locate", "scene"), images=9)

Warm rectangles on a noisy ground; what is asked about them is true. Every third image belongs to the test split.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from itb.records import Item, TaskName
from itb.tasks import list_paper_tasks, load_task
from tools.registry import TASKS as TABLE

SIZE = (80, 64)  # width, height
NAMES = ("car", "person", "dog", "bicycle")
SCENES = ("street", "forest", "river", "mountain")
SHOWN: dict[TaskName, tuple[tuple[str, ...], str]] = {
    "recognition": (NAMES, "Which object is shown?"),
    "scene": (SCENES, "Which kind of scene is this?"),
    "security": (NAMES, "Which of these is not in the image?"),
    "modality": (("infrared", "visible light"), "How was this image taken?"),
}
"""Options and question of a task, where they are not the usual ones of an option."""
TASKS = tuple(name for name in TABLE.names() if TABLE.is_built_in(name))
MAX_COUNT = 6
Box = tuple[int, int, int, int]


def write_bench(folder: Path, tasks: Sequence[TaskName] = TASKS, images: int = 9, questions: int = 1) -> Path:
    """Write a benchmark with `questions` items for each task and image; gives `folder`."""
    items = [
        make_item(folder, task, number, question)
        for task in tasks
        for number in range(images)
        for question in range(questions)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    write_items(folder, items)
    splits = {split: sorted({item.group for item in items if item.split == split}) for split in ("train", "test")}
    (folder / "splits.json").write_text(json.dumps(splits, indent=1))
    counted = [task for task in tasks if load_task(task).count_range]
    manifest: dict[str, Any] = {
        "name": "mini",
        "tasks": {task: count_items([item for item in items if item.task == task]) for task in tasks},
        "itb_avg": {"is_defined": set(list_paper_tasks()) <= set(tasks)},
        "count_ranges": {task: [0, MAX_COUNT] for task in counted},
        "seed": 0,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
    return folder


def count_items(items: Sequence[Item]) -> dict[str, int]:
    """All of them, and those of each split."""
    splits = {split: sum(item.split == split for item in items) for split in ("train", "test")}
    return {"items": len(items), **splits}


def write_items(folder: Path, items: Sequence[Item]) -> None:
    """Write `items.jsonl` alone."""
    (folder / "items.jsonl").write_text("".join(item.model_dump_json() + "\n" for item in items))


def make_item(folder: Path, task: TaskName, number: int, question: int = 0) -> Item:
    """One item; its image is drawn when it is not there yet."""
    source = load_task(task).sources[0]
    image, boxes = f"images/{source}-{number:04d}.png", draw(folder, source, number)
    width, height = SIZE
    return Item(
        id=f"{task}-{source}-{number:04d}-{question}",
        task=task,
        source=source,
        band="nir" if source == "rgbnir" else "lwir",
        polarity="none" if source == "rgbnir" else "white-hot",
        image=image,
        width=width,
        height=height,
        group=f"{source}-{number:04d}",
        split="test" if number % 3 == 2 else "train",
        evidence=tuple(
            {"name": "person", "box_xyxy_norm": (x1 / width, y1 / height, x2 / width, y2 / height)}
            for x1, y1, x2, y2 in boxes
        ),
        **ask(task, number, question, len(boxes)),
    )


def draw(folder: Path, source: str, number: int) -> list[Box]:
    """The image's warm boxes, as many as `number` says, each in its own cell; written as a grey PNG."""
    generator = np.random.default_rng(number)
    levels = generator.normal(60, 8, (SIZE[1], SIZE[0]))
    boxes = [(8 + 24 * (k % 3), 8 + 28 * (k // 3), 20 + 24 * (k % 3), 24 + 28 * (k // 3)) for k in range(number % 6)]
    for x1, y1, x2, y2 in boxes:
        levels[y1:y2, x1:x2] += 140
    path = folder / "images" / f"{source}-{number:04d}.png"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).save(path)
    return boxes


def ask(task: TaskName, number: int, question: int, count: int) -> dict[str, Any]:
    """Question, options, answer and form of one item; the form is that of the task's last kind."""
    turn = number + question
    *_, kind = load_task(task).kinds.values()
    if kind.form == "yes_no":
        text = f"Is the {NAMES[turn % 4]} to the left of the {NAMES[(turn + 1) % 4]}?"
        return {"question": text, "answer": ("yes", "no")[turn % 2], "form": "yes_no", "wording": f"{task}/0"}
    if kind.form == "number":
        name = "pedestrians" if task == "pedestrian_count" else "vehicles"
        text = (f"How many {name} are there?", f"Count the {name} in the image.")[question % 2]
        return {"question": text, "answer": str(count), "form": "number", "wording": f"{task}/{question % 2}"}
    if kind.form == "measure":
        return {
            "question": "What is the temperature at the centre of the image?",
            "answer": f"{20 + number * 1.5:.1f}",
            "form": "measure",
            "tolerance": 2.0,
            "unit": "°C",
            "wording": f"{task}/0",
            "facts": {"emissivity": 0.95},
        }
    names, text = SHOWN.get(task, (NAMES, "Which of these does the image show?"))
    options = tuple(names[(place + number) % len(names)] for place in range(len(names)))
    answer = names[0] if turn % 3 else names[turn % len(names)]
    return {"question": text, "options": options, "answer": answer, "form": "option", "wording": f"{task}/0"}
