"""A RUN folder in the layout of `python -m agents run`, drawn on the spot, and forked processes."""

import atexit
import faulthandler
import functools
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

CAPTIONS = (
    "A person next to a car.",
    "Two warm shapes on a dark street.",
    "A dog sits near a bench at night.",
    "One car.",
)
QUESTIONS = ("How many people are there?", "Where is the car?", "What stands out as warm?")
ANSWERS = ("There is one person.", "The car is on the left.", "The engine of the car is the warmest part here.")


def write_run(root: Path, count: int) -> Path:
    """`count` images with two captions and one dialogue each."""
    run = root / "run"
    pairs, instructions = [], []
    for number in range(1, count + 1):
        image, photo = f"images/{number:02x}/{number}.png", f"{number:04d}.jpg"
        paint(run / image, number, "L")
        paint(root / "photos" / photo, number + 100, "RGB")
        common = {"image_id": str(number), "image": image, "photo": photo}
        for k in range(2):
            pairs.append({"id": f"{number}-{k}", **common, "caption": CAPTIONS[(number + k) % len(CAPTIONS)]})
        turns = 1 + number % len(QUESTIONS)
        messages = []
        for question, answer in list(zip(QUESTIONS, ANSWERS, strict=True))[:turns]:
            messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        instructions.append({"id": f"{number}-conversation", **common, "kind": "conversation", "messages": messages})
    write_rows(run / "pairs.jsonl", pairs)
    write_rows(run / "instructions.jsonl", instructions)
    (run / "manifest.json").write_text(json.dumps({"photo_root": "../photos", "prompts": {"debate.md": "0123"}}))
    (run / "rules.jsonl").write_text('{"id": "seed-1"}\n')
    return run


def paint(path: Path, seed: int, mode: str) -> None:
    """A picture of 40 x 30 that differs for every seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.linear_gradient("L").rotate(47 * seed % 360).resize((40, 30)).convert(mode)
    ImageDraw.Draw(image).rectangle((seed % 30, seed % 20, seed % 30 + 8, seed % 20 + 8), fill="white")
    image.save(path)


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """A JSONL file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def fork(work: Callable[[], None], **environment: str) -> int:
    """Start `work` in a forked process with more environment variables; its process id."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    os.environ.update(environment)
    faulthandler.register(signal.SIGALRM, chain=True)  # where it stands, when it hangs and `wait` ends it
    code = 1
    try:
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - the process ends here, whatever it was
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def wait(child: int, seconds: float = 120) -> int:
    """Its exit code, or minus the signal that ended it; SIGALRM's if it hung and had to be ended."""
    end = time.monotonic() + seconds
    while (found := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if time.monotonic() > end:
            os.kill(child, signal.SIGALRM)
        time.sleep(0.01)
    return os.waitstatus_to_exitcode(found[1])


def read_losses(folder: Path) -> dict[int, tuple[float, float]]:
    """Loss and gradient norm of every logged step."""
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return {row["step"]: (row["loss"], row["grad_norm"]) for row in rows if "loss" in row}


def read_weights(folder: Path) -> dict[str, Any]:
    """All tensors of a saved model."""
    from safetensors.torch import load_file

    return load_file(str(folder / "model.safetensors"))


@functools.cache
def write_tiny_folders() -> Any:
    """Stand-ins of random weights, once a test session: language model, infrared tower, image tower."""
    from trainer.parts.tiny import write_tiny

    folder = Path(tempfile.mkdtemp(prefix="tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return write_tiny(folder, seed=0)


def build_tiny(**settings: Any) -> Any:
    """A fresh model and its processor, put together from the stand-ins."""
    from trainer.model.assembled import assemble

    folders = write_tiny_folders()
    return assemble(folders.llm, folders.tower, **settings)
