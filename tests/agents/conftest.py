"""What tests of the agents share: a dataset, an endpoint, and a small finished run as the exporters write it."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from hostile import NASTY
from mini_coco import write_coco
from PIL import Image, ImageDraw
from reviewing import make_run
from scripted_server import scripted_server


def draw_photo(path: Path, hue: int, is_gray: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (640, 480), (70, 110 + hue % 80, 150))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 300, 640, 480), fill=(90, 90, 80))
    draw.rectangle((80 + hue, 200, 260 + hue, 340), fill=(200, 60, 40 + hue))
    draw.ellipse((420, 180, 480, 420), fill=(230, 190, 160))
    (image.convert("L") if is_gray else image).save(path)


def make_pair(image_id: int, index: int, original: str, caption: str, **extra) -> dict:
    return {
        "id": f"{image_id}-{index}",
        "image_id": str(image_id),
        "image": f"images/ab/{image_id}.png",
        "photo": f"{image_id:012}.jpg",
        "caption": caption,
        "original": original,
        "candidates": [
            {"text": caption, "score": 0.9125},
            {"text": f"There is {caption}", "score": 0.71},
            {"text": original, "score": 0.55},
        ],
        "rules": ["seed-1", "seed-2"],
        "applied": ["seed-1"] if original != caption else [],
        "debated": False,
        **extra,
    }


def make_messages(answer: str) -> list[dict]:
    return [
        {"role": "user", "content": "What is parked on the street?"},
        {"role": "assistant", "content": answer},
    ]


def make_mined(category: str, quote: str) -> dict:
    return {"text": f"Delete all words about {category}.", "category": category, "objection": quote}


def make_round(number: int, answer: str, quote: str = "", category: str = "material") -> dict:
    objection = {"check": "lexicon", "category": category, "quote": quote, "reason": f"{quote} cannot be seen."}
    return {
        "round": number,
        "messages": make_messages(answer),
        "verdict": {"is_accepted": not quote, "objections": [objection] if quote else []},
        "mined": [make_mined(category, quote)] if quote else [],
    }


def make_instruction(image_id: int, kind: str, debate: list[dict]) -> dict:
    return {
        "id": f"{image_id}-{kind}",
        "image_id": str(image_id),
        "image": f"images/ab/{image_id}.png",
        "photo": f"{image_id:012}.jpg",
        "kind": kind,
        "messages": debate[-1]["messages"],
        "rounds": len(debate),
        "rules": ["seed-1"],
        "debate": debate,
    }


def make_rejected(image_id: int, stage: str, code: str, reason: str, kind=None, debate=()) -> dict:
    return {
        "id": f"{image_id}-{kind}" if kind else str(image_id),
        "image_id": str(image_id),
        "photo": f"{image_id:012}.jpg",
        "stage": stage,
        "code": code,
        "reason": reason,
        "kind": kind,
        "debate": list(debate),
    }


def make_rule(rule_id: str, category: str, image=None, **extra) -> dict:
    return {
        "id": rule_id,
        "text": f"Delete all words about {category}.",
        "category": category,
        "origin": "seed" if image is None else "mined",
        "image": None if image is None else str(image),
        "round": None if image is None else 1,
        "objection": None if image is None else "wooden",
        "support": 1,
        "used": 3,
        "reverted": None,
        **extra,
    }


def make_manifest(**extra) -> dict:
    return {
        "format": 1,
        "config": {
            "captions": "/data/coco/captions_val2017.json",
            "images": "photos",
            "backend": "template",
            "block": 8,
        },
        "backend": {"name": "template", "is_embedded": True, "identity": "template:1f2e"},
        "translator": {"name": "prior", "is_embedded": True, "identity": "prior:1"},
        "scorer": {"name": "lexical", "is_embedded": True, "identity": "lexical:1"},
        "prompts": {"dir": "prompts/infrared", "digest": "1f2e3d", "files": {"lexicon.yaml": "aa"}},
        "seed": 0,
        "counts": {
            "images": 6,
            "accepted": 3,
            "failed": 1,
            "rejected": 1,
            "pairs": 10,
            "instructions_by_kind": {"conversation": 2, "description": 1},
        },
        "acceptance_by_round": {"1": 2, "2": 1, "failed": 1},
        "leaks": {
            "captions_before": {"colour": 5, "material": 2},
            "captions_after": {"colour": 0, "material": 1},
            "assistant_turns": {"colour": 0},
            "captions": 10,
            "assistant_turns_total": 4,
        },
        "objections": {"material": 3, "count": 1},
        "rules_over_time": [[0, 2], [1, 2], [2, 3], [5, 3]],
        "photo_root": "photos",
        "versions": {"python": "3.11"},
        "cost_usd": 0.0,
        **extra,
    }


def write_jsonl(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_run(folder: Path, **manifest) -> Path:
    """Six images: accepted, rejected at first, failed, rejected, captions only, and one with hostile texts."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = [
        make_pair(image_id, index, before, after)
        for image_id in (1, 2, 3, 5)
        for index, (before, after) in enumerate(
            [
                ("A red bus parked next to a tree.", "A bus parked next to a tree."),
                ("Two people wait.", "Two people wait."),
            ]
        )
    ]
    pairs += [make_pair(6, index, text, text[::-1]) for index, text in enumerate(NASTY)]
    rejected_rounds = [make_round(number, "A wooden bus.", "wooden") for number in (1, 2, 3)]
    write_jsonl(folder / "pairs.jsonl", pairs)
    write_jsonl(
        folder / "instructions.jsonl",
        [
            make_instruction(1, "conversation", [make_round(1, "One bus.")]),
            make_instruction(2, "description", [make_round(1, "A wooden bus.", "wooden"), make_round(2, "A bus.")]),
            make_instruction(
                6,
                "conversation",
                [make_round(1, f"Look: {text}", text, text) for text in NASTY] + [make_round(8, "Fine.")],
            ),
        ],
    )
    write_jsonl(
        folder / "rejected.jsonl",
        [
            make_rejected(
                3, "instruction", "generation_failed", "rejected in all 3 rounds", "reasoning", rejected_rounds
            ),
            make_rejected(4, "image", "missing_file", "no such photograph"),
            make_rejected(6, "caption", "empty_caption", "".join(NASTY)),
        ],
    )
    write_jsonl(
        folder / "rules.jsonl",
        [
            make_rule("seed-1", "colour"),
            make_rule("mined-2-1-0", "material", 2),
            make_rule("x", NASTY[0], 6, text=NASTY[1]),
        ],
    )
    (folder / "manifest.json").write_text(json.dumps(make_manifest(**manifest)), encoding="utf-8")
    for image_id in (1, 2, 3, 5, 6):
        draw_photo(folder / "photos" / f"{image_id:012}.jpg", 20 * image_id)
        draw_photo(folder / "images" / "ab" / f"{image_id}.png", 20 * image_id, is_gray=True)
    return folder


@pytest.fixture(scope="module")
def coco(request, tmp_path_factory) -> Path:
    """A dataset of as many photographs as the module's COUNT says."""
    root = tmp_path_factory.mktemp("coco")
    write_coco(root, request.module.COUNT)
    return root


@pytest.fixture(scope="module")
def server():
    """An endpoint without faults."""
    with scripted_server() as running:
        yield running


@pytest.fixture
def fake_run() -> SimpleNamespace:
    """`write(folder, **manifest)` writes the run; the makers of single rows stand beside it."""
    return SimpleNamespace(
        write=write_run,
        write_jsonl=write_jsonl,
        make_pair=make_pair,
        make_instruction=make_instruction,
        make_rejected=make_rejected,
        make_round=make_round,
        make_rule=make_rule,
        nasty=NASTY,
    )


@pytest.fixture(scope="session")
def reviewable(tmp_path_factory) -> Path:
    """A small run with captions that the debate agent objected to; tests that change it copy it."""
    return make_run(tmp_path_factory.mktemp("reviewable"))
