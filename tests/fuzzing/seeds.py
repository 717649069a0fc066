"""What is changed, drawn on the spot: one folder for each kind that shares it."""

import importlib.util
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
from calling import call_here
from mini_bench import write_bench
from mini_coco import write_coco
from PIL import Image
from tiny_run import ANSWERS, QUESTIONS
from tiny_vlm import write_tiny_vlm

TESTS = Path(__file__).resolve().parents[1]
PACK = TESTS.parent / "prompts" / "infrared"
FAMILIES = (
    ("flir", "flir", "write_13"),
    ("hituav", "hituav", "write_json"),
    ("lsotb", "lsotb", "write_training"),
    ("vedai", "vedai", "write_whole"),
    ("radiometric", "radiometric", "write_plain"),
)
"""Family, and the function of its tests that writes its layout."""


def write_seeds(root: Path) -> Path:
    """All seeds in `root`; gives it."""
    for write in (_write_coco, _write_bench, _write_pack, _write_rows, _write_run, _write_model, _write_datasets):
        write(root)
    return root


def _call(*arguments: object) -> None:
    called = call_here(*arguments)  # type: ignore[arg-type]
    if called.returncode:
        raise RuntimeError(f"{arguments}: {called.stdout}{called.stderr}")


def _write_coco(root: Path) -> None:
    folder = root / "coco"
    arguments = write_coco(folder / "coco", 3)
    _write_llava(folder)
    settings = call_here("agents", "run", *arguments, "--print-config").stdout
    settings = settings.replace(str(folder), "in")
    (folder / "run.yaml").write_text(settings)
    pictures = folder / "pictures"
    pictures.mkdir()
    levels = (np.arange(48 * 36).reshape(36, 48) * 37 % 251).astype(np.uint8)
    grey = Image.fromarray(levels)
    for name in ("grey.png", "grey1.tif", "grey2.bmp", "grey3.webp"):
        grey.save(pictures / name)
    grey.convert("RGB").save(pictures / "rgb.jpg", exif=Image.Exif())
    grey.convert("P").save(pictures / "palette.gif")
    grey.convert("RGBA").save(pictures / "alpha.png")
    Image.fromarray(levels.astype(np.uint16) * 200).save(pictures / "deeper.tif")
    Image.fromarray(levels.astype(np.float32)).save(pictures / "float.tif")
    Image.fromarray(levels.astype(np.uint16) * 200).save(pictures / "deep.png")


def _write_bench(root: Path) -> None:
    folder = root / "bench"
    write_bench(folder / "bench", images=6)
    _call("itb", "eval", folder / "bench", "--model", "chance", "--out", folder / "p.jsonl")
    _call("itb", "eval", folder / "bench", "--model", "majority", "--out", folder / "q.jsonl")


def _write_pack(root: Path) -> None:
    folder = root / "pack"
    shutil.copytree(PACK, folder / "pack")
    write_coco(folder / "coco", 2)
    _write_llava(folder)
    write_bench(folder / "bench", tasks=("locate", "scene"), images=3)
    _call("tools", "scenes", "--count", 2, "--size", "96x80", "--out", folder / "scenes")


def _write_llava(folder: Path) -> None:
    """Conversations as LLaVA has them, with their pictures."""
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(1, 4):
        Image.linear_gradient("L").resize((48, 36)).rotate(number * 50).save(folder / "photos" / f"{number}.png")
        turns = [
            {"from": "human", "value": ("<image>\n" if not k else "") + QUESTIONS[k]}
            if who == "human"
            else {"from": "gpt", "value": ANSWERS[k]}
            for k in range(2)
            for who in ("human", "gpt")
        ]
        rows.append({"id": str(number), "image": f"{number}.png", "conversations": turns})
    (folder / "rows.json").write_text(json.dumps(rows, indent=1))
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def _write_rows(root: Path) -> None:
    folder = root / "rows"
    _write_llava(folder)
    shutil.copyfile(TESTS.parent / "trainer" / "recipes" / "tiny.yaml", folder / "recipe.yaml")


def _write_run(root: Path) -> None:
    folder = root / "run"
    arguments = write_coco(folder / "coco", 3)
    _call("agents", "run", *arguments, "--workers", 0, "--yes", "--instructions", "all", "--out", folder / "run")
    shard = ("--shard", "1/1", "--rules", folder / "run" / "rules.jsonl", "--freeze", "--out", folder / "shard")
    _call("agents", "run", *arguments, "--workers", 0, "--yes", *shard)


def _write_model(root: Path) -> None:
    folder = root / "model"
    write_tiny_vlm(folder / "vlm")
    Image.linear_gradient("L").resize((32, 32)).save(folder / "x.png")
    tiny, data = root / "tiny", ("--data", root / "rows" / "rows.json", "--images", root / "rows" / "photos")
    _call("trainer.tiny", "--out", tiny)
    steps = ("--config", root / "rows" / "recipe.yaml", "--set", "align.max_steps=1", "--set", "sft.max_steps=1")
    parts = ("--llm", tiny / "llm", "--tower", tiny / "tower")
    _call("trainer.align", *steps, *data, *parts, "--out", folder / "align")
    _call("trainer.sft", *steps, *data, "--align", folder / "align", "--out", folder / "sft")


def _write_datasets(root: Path) -> None:
    for family, module, name in FAMILIES:
        write: Callable[[Path], None] = getattr(_import_test(module), name)
        write(root / "datasets" / family)


def _import_test(module: str) -> ModuleType:
    path = TESTS / "tools" / "datasets" / f"test_{module}.py"
    spec = importlib.util.spec_from_file_location(f"fuzzing_{module}", path)
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found
