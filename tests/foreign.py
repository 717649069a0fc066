"""Small foreign benchmarks, in the layouts of their makers; words and pictures are made here."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

DIMENSIONS = ("Object Counting", "Scene Understanding")


def save_image(path: Path, seed: int = 0, size: tuple[int, int] = (48, 36)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    levels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(levels).save(path)
    return path


def write_if_bench(root: Path, prompts: bool = True) -> Path:
    """Two dimensions with two questions each; one of the four images is there."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for number, dimension in enumerate(DIMENSIONS * 2):
        texts = {
            letter: f"{word} {number}" for letter, word in zip("ABCD", ("one", "two's", "three", "four"), strict=True)
        }
        asked = {
            "dimension": dimension, "answer": "ABCD"[number], "original_answer": "A",
            "en_question": f"What is {number}?", "en_options": texts,
            "cn_question": f"什么 {number}?", "cn_options": texts,
        }  # fmt: skip
        rows.setdefault(dimension, []).append({"dataset": "x", "dst_thermal_path": f"{number}.jpg", "question": asked})
    root.mkdir(parents=True, exist_ok=True)
    (root / "if_bench.json").write_text(json.dumps(rows), encoding="utf-8")
    if prompts:
        script = "".join(
            f'evaluate_prompt_normal_{language} = """Ask <input_question> of <input_options>."""\n'
            for language in ("en", "cn")
        )
        (root / "bench_evaluate.py").write_text(f"raise SystemExit('never run')\n{script}", encoding="utf-8")
    save_image(root / "infrared_imgs/0.jpg")
    return root


def write_rgb_th(root: Path) -> Path:
    """A scene with both pictures and one with none; a skill of the photograph, one of both."""
    for scene in ("hall", "roof"):
        asked = [{"question": f"Is it {word}?", "answer": answer} for word, answer in (("warm", "Yes"), ("cold", "No"))]
        blocks = [
            {"version": "v1", "data_source": "s", "data_id": f"{scene}/rgb.png", "data_type": "Single RGB Image",
             "skill_type": "Scene Understanding", "QAs": asked},
            {"version": "v1", "data_source": "s", "data_id": [f"{scene}/rgb.png", f"{scene}/thermal.png"],
             "data_type": "RGB-Thermal Pair", "skill_type": "Warmest Areas Detection", "QAs": asked},
        ]  # fmt: skip
        path = root / "Data" / scene / "questions.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"data": blocks}), encoding="utf-8")
    save_image(root / "Data/hall/rgb.png", 1)
    save_image(root / "Data/hall/thermal.png", 2, (40, 40))
    return root


THERMEVAL: Mapping[str, str] = {
    "T1/T1-llvip.csv": "image_path,ground_truth\nDataset/LLVIP/a.png,Thermal\nDataset/LLVIP/b.png,RGB\n",
    "T2/T2-llvip.csv": "image_path\nDataset/LLVIP/a.png\n",
    "T3/T3-llvip.csv": "image_path,ground_truth\nDataset/LLVIP/a.png,4\n",
    "T5/double.csv": "tiff_file,prompt,category,ground_truth\n" + 2 * "T_1,Which is hotter?,Nose,left\n",
    "T5/single.csv": "tiff_file,ground_truth\nT_1,\"['Nose', 'Forehead']\"\nT_2,nothing\n",
    "T6/coords.csv": "tiff_file,x,y,ground_truth\nT_1,5,6,31.5\n",
    "T6/region.csv": "tiff_file,prompt,ground_truth\nT_1,How warm is the nose?,30.0\n",
    "T7/annotations.csv": "tiff_file,distance,category,ground_truth\nT_1,6ft,Chest,31.6\n",
}


def write_thermeval(root: Path) -> Path:
    """Every label file; one thermogram of two, and the images of LLVIP beside the folder."""
    for name, text in THERMEVAL.items():
        path = root / "Labels" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    save_image(root.parent / "llvip/a.png", 3)
    warm = np.linspace(22, 36, 24 * 32, dtype=np.float32).reshape(32, 24)
    (root / "Dataset/ThermEval-D").mkdir(parents=True)
    Image.fromarray(warm).save(root / "Dataset/ThermEval-D/T_1.tiff")
    return root


def write_custom(root: Path) -> Path:
    """Questions of every form, and boxes of twelve images in COCO's layout."""
    for number in range(12):
        save_image(root / f"images/{number}.png", number, (100, 80))
    rows: list[dict[str, Any]] = [
        {"image": "images/0.png", "question": "Which is warmest?", "options": ["roof", "door"], "answer": "B"},
        {"image": "images/0.png", "question": "Is it warm?", "answer": True},
        {"image": "images/1.png", "question": "How many?", "answer": 3},
        {"image": "images/1.png", "question": "How warm?", "answer": 21.5, "tolerance": 2, "unit": "°C"},
        {"image": "images/2.png", "question": "What is it?", "answer": "a road", "references": ["a street"]},
        {"images": [{"image": "images/2.png"}, {"image": "images/3.png", "role": "rgb"}], "question": "Which is it?",
         "options": ["car", "dog", "bus"], "answer": ["A", "bus"], "prompt": "Name all: car, dog, bus."},
        {"image": "gone.png", "question": "From cold to warm?", "options": ["ice", "tea"], "answer": ["tea", "ice"],
         "form": "order"},
    ]  # fmt: skip
    (root / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    names = ("car", "person", "big_dog", "bus")
    boxes = []
    for number in range(12):
        absent = number % 4
        left = (5, 55) if number % 3 else (55, 5)
        for place, name in enumerate(range(4)):
            if name != absent:
                x, y = left[place % 2], 5 + 38 * (place // 2)
                boxes.append(
                    {
                        "id": len(boxes),
                        "image_id": number,
                        "category_id": name,
                        "bbox": [x, y, 20 + 5 * (number % 3), 20],
                    }
                )
    coco = {
        "images": [{"id": number, "file_name": f"{number}.png", "width": 100, "height": 80} for number in range(12)],
        "categories": [{"id": place, "name": name} for place, name in enumerate(names)],
        "annotations": boxes,
    }
    (root / "boxes.json").write_text(json.dumps(coco), encoding="utf-8")
    return root


def write_run(root: Path, reviews: bool = False) -> Path:
    """A run's images and instructions, and what people say of two of them."""
    from itb.others.kinds.review import hash_messages

    lines, said = [], []
    for number in range(4):
        save_image(root / f"images/{number}.png", number)
        messages = [("user", "Is a person there?"), ("assistant", f"{'Yes' if number % 2 else 'No'}, as far as I see."),
                    ("user", "How many cars are there?"), ("assistant", f"There are {number + 2} cars."),
                    ("user", "What stands out?"), ("assistant", "The engine is the warmest part.")]  # fmt: skip
        turns = [{"role": role, "content": text} for role, text in messages]
        row = {
            "id": f"{number}-conversation",
            "image_id": str(number),
            "image": f"images/{number}.png",
            "photo": "p.jpg",
        }
        lines.append(row | {"kind": "conversation", "messages": turns})
        said.append((row["id"], hash_messages(tuple(messages)), turns))
    (root / "instructions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    if reviews:
        edited = [dict(turn) for turn in said[1][2]]
        edited[1]["content"] = "No."
        rows = [
            {"id": said[0][0], "image_id": "0", "text": said[0][1], "verdict": "reject", "categories": ["other"]},
            {"id": said[1][0], "image_id": "1", "text": said[1][1], "verdict": "edit", "edited": edited},
            {"id": said[2][0], "image_id": "2", "text": said[2][1], "verdict": "accept"},
            {"id": said[2][0], "image_id": "2", "text": said[2][1], "verdict": "reject", "name": "Bo"},
            {"id": said[3][0], "image_id": "3", "text": "another text", "verdict": "reject"},
        ]
        full = [{"name": "Al", "time": "2026-01-01T00:00:00Z"} | row for row in rows]
        (root / "reviews.jsonl").write_text("".join(json.dumps(row) + "\n" for row in full), encoding="utf-8")
    return root


DISK = "/mnt/disk/Data4MLLM/63-FLIR_ADAS/training/PreviewData"


def make_turn(number: int, said: str, label: str, image: str = "a.jpeg") -> dict[str, Any]:
    talk = [{"from": "human", "value": f"<image>\n{said}"}, {"from": "gpt", "value": label}]
    return {"id": str(number), "image": [f"{DISK}/{image}"], "conversations": talk}


def write_ir_td(root: Path) -> Path:
    """A question of each file; of the image of one file nothing is there."""
    rows = {
        "AerialCounting": make_turn(0, "Calculate the number of cars in the picture.", "<num>21</num>"),
        "Location": make_turn(
            0, " Locate all car from left to right.", "<ref>car</ref> at <pos>[(59, 521), (784, 529)]</pos>"
        ),
        "PedestrianCounting": make_turn(0, "Calculate the number of pedestrians in the picture.", "<num>7</num>"),
        "ReID": make_turn(0, "Which person is it?\n1234\n5678", "8"),
        "Recognition": make_turn(
            0, "What is the object in the picture?\n(A) person (B) other vehicle", "(B) other vehicle"
        ),
        "Relationship": make_turn(0, "Is there a car near to the first bike?", "no"),
        "Security": make_turn(
            0, "What object does not appear in the picture?\n(A) motor (B) car (C) sign", "(A) motor (C) sign"
        ),
    }
    root.mkdir(parents=True)
    for name, row in rows.items():
        (root / f"{name}.json").write_text(json.dumps([row, {"id": "1"}]), encoding="utf-8")
    box = make_turn(
        0, "Detect the bounding box of the car.", "The target bounding box is <box>[[3, 1, 6, 3]]</box>.", "gone.jpeg"
    )
    (root / "Detection.json").write_text(f"{json.dumps(box)},\n{json.dumps(box)},\n", encoding="utf-8")
    return root


def write_hit_uav(root: Path) -> Path:
    """Three images with boxes in COCO's layout."""
    boxes = {1: [(1, [0, 0, 10, 10])], 2: [(0, [600, 500, 8, 8]), (0, [610, 500, 8, 8]), (4, [0, 0, 5, 5])], 3: []}
    rows = [
        {"image_id": image, "category_id": kind, "bbox": box} for image, found in boxes.items() for kind, box in found
    ]
    names = ("Person", "Car", "Bicycle", "OtherVehicle", "DontCare")
    content = {
        "images": [{"id": image, "filename": f"{image}.jpg", "width": 640, "height": 512} for image in boxes],
        "annotation": rows,
        "categories": [{"id": number, "name": name} for number, name in enumerate(names)],
    }
    path = root / "normal_json/annotations/test.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    for image in boxes:
        save_image(root / f"normal_json/test/{image}.jpg")
    return root


VS_ROWS: list[dict[str, Any]] = [
    {"id": 1, "question": "Is there a person?", "answer": "yes", "question_type": "Existence", "sensor_type": "thermal",
     "question_query": "Is there a person? Answer with yes or no."},
    {"id": 2, "question": "Why?", "answer": "B", "question_type": "Sensor Understanding", "sensor_type": "thermal",
     "question_query": "Why?\nA. paint\nB. it is hot\nAnswer with the letter."},
    {"id": 3, "question": "What?", "answer": "D", "question_type": "Count", "sensor_type": "thermal",
     "question_query": "What?"},
    {"id": 4, "question": "Far?", "answer": "no", "question_type": "Existence", "sensor_type": "depth",
     "question_query": "Far?"},
]  # fmt: skip


def write_vs_tdx(root: Path) -> Path:
    """Three questions on a thermal picture, one on a depth map that cannot be read."""
    import pyarrow
    from pyarrow import parquet

    buffer = io.BytesIO()
    Image.new("RGB", (48, 36), "red").save(buffer, "PNG")
    pictures = [{"bytes": buffer.getvalue(), "path": "x.png"}] * 3 + [{"bytes": b"none", "path": "y.png"}]
    root.mkdir(parents=True)
    rows = [{**row, "image": picture} for row, picture in zip(VS_ROWS, pictures, strict=True)]
    parquet.write_table(pyarrow.Table.from_pylist(rows), root / "vs.parquet")
    return root


FIRE_ROW = {
    "question_id": "Q1", "category": "Presence", "image_id": "1", "question": "Is fire visible?",
    "options": ["Yes", "No"],
    "rgb_path": "RGB/1.png", "thermal_path": "Thermal/1.png",
    "temp_summary": {"min": 20.1, "max": 301.2, "mean": 45.6, "top3_mean": 250.0},
}  # fmt: skip


def write_wildfire(root: Path) -> Path:
    """A question of a list, one that nobody can answer, and one of an annotator's checkpoint."""
    for folder in ("RGB", "Thermal"):
        save_image(root / folder / "1.png")
    rows = [{**FIRE_ROW, "answer": "Yes"}, {**FIRE_ROW, "answer": "Maybe"}]
    (root / "list.json").write_text(json.dumps(rows), encoding="utf-8")
    point = {"type": "checkpoint", "items": {"k": {"meta": {**FIRE_ROW, "question_id": "Q2"}, "human_answer": "No"}}}
    (root / "point.json").write_text(json.dumps(point), encoding="utf-8")
    return root


def write_two_fields(root: Path) -> Path:
    """The authors' form: `thermal` and `conversations`."""
    save_image(root / "a.jpg")
    talk = [{"from": "human", "value": "<image>\nIs it warm?"}, {"from": "gpt", "value": "Yes, it is."},
            {"from": "human", "value": "What is it?"}, {"from": "gpt", "value": "A dog."}]  # fmt: skip
    (root / "talk.json").write_text(json.dumps([{"thermal": "a.jpg", "conversations": talk}]))
    return root
