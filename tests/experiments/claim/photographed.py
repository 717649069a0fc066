"""The drone benchmark's kinds of questions about photographs of rendered scenes: the base model learns to read them."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from claim.samples import Row
from itb.others.kinds.hit_uav_vqa import DEMANDS, OPENING, Frame, draw_questions

CLASSES = {"person": "person", "car": "car", "bicycle": "bicycle", "bus": "other vehicle", "truck": "other vehicle"}
"""Thing of a rendered scene -> class of the benchmark; others are not asked about."""
PHOTOGRAPHED = (("real sensor-captured thermal aerial image", "photograph"), ("this thermal image", "this photograph"))


def ask_as_from_the_air(scenes: Path) -> Iterator[Row]:
    """Questions about the visible images of `tools scenes`, as LLaVA's JSON names them in exports."""
    frames = [_read_frame(path) for path in sorted((scenes / "scenes").glob("*.json"))]
    for number, drawn in enumerate(draw_questions(frames)):
        text = f"{OPENING} {drawn.question} {DEMANDS[drawn.kind]}"
        for old, new in PHOTOGRAPHED:
            text = text.replace(old, new)
        turns = [{"from": "human", "value": f"<image>\n{text}"}, {"from": "gpt", "value": drawn.answer}]
        yield {"id": f"air-{drawn.kind}-{drawn.image.file}-{number}", "image": drawn.image.file, "conversations": turns}


def _read_frame(path: Path) -> Frame:
    record = json.loads(path.read_text(encoding="utf-8"))
    boxes: defaultdict[str, list[list[float]]] = defaultdict(list)
    for thing in record["objects"]:
        if thing["label"] in CLASSES:
            left, top, right, bottom = thing["box"]
            boxes[CLASSES[thing["label"]]].append([left, top, right - left, bottom - top])
    with Image.open(path.parents[1] / f"visible/{path.stem}.jpg") as image:
        width, height = image.size
    return Frame(record["image_id"], path.stem, width, height, boxes)
