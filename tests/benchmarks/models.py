"""Speed of sRGB-TIR and LanguageBind: images/s in batches against one by one, and against the machine's own matmul.

    PYTHONPATH=. .venv/bin/python tests/benchmarks/models.py                   # small LanguageBind, seconds
    PYTHONPATH=. .venv/bin/python tests/benchmarks/models.py --size full       # official sizes, minutes on a processor

Weights are random, of the official sizes (`small`: LanguageBind with 6 layers of width 256). Everything runs in one
process, one by one and in batches in turn; the best round counts. Whole calls are timed: decoding excluded, padding,
preprocessing and stretching included. The peak is that of a square matrix product of the same number format, measured
in the same run; a model's share of it counts multiply and add of its convolutions, linear layers and attention.

Measured with `--size full --images 4 --rounds 1`: torch 2.13.0, one thread of an AMD EPYC (AVX-512, bf16), 2026-11-23.

| model | format | one by one, images/s | batch of 4, images/s | ratio | GFLOP/image | share of matmul peak |
|---|---|---|---|---|---|---|
| sRGB-TIR 320 x 240 | fp32 | 1.13 | 0.99 | 0.87 | 166 | 161% of 102 GFLOP/s |
| sRGB-TIR 320 x 240 | bf16 | 2.04 | 1.85 | 0.91 | 166 | 78% of 395 GFLOP/s |
| LanguageBind full | fp32 | 0.57 | 0.60 | 1.06 | 156 | 90% of 104 GFLOP/s |
| LanguageBind full | bf16 | 1.84 | 1.91 | 1.04 | 156 | 71% of 421 GFLOP/s |

More than 100 % means that the convolutions are faster than the library's fp32 matrix product on this processor. A batch
of sRGB-TIR does not pay on a processor, so that the translator's default there is 1. A photograph of 640 x 480 takes
four to five times as long as one of 320 x 240. No GPU was measured.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import transformers
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

from tools.languagebind import LanguageBindScorer
from tools.languagebind.checkpoint import CLIPConfig, CLIPModel
from tools.translation.srgb_tir import SrgbTirTranslator
from tools.translation.srgb_tir.network import Dimensions, Generator
from tools.weights import Precision, pick_device

PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16")
SIDE = 2048
VISION = {
    "small": {"hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 6, "num_attention_heads": 4},
    "full": {"hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16},
}
TEXT = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 1, "num_attention_heads": 1, "vocab_size": 8}


class Speed(NamedTuple):
    """Images per second."""

    single: float
    batched: float


def measure(run: Callable[[int], None], images: int, batch: int, rounds: int, device: torch.device) -> Speed:
    """The best of some rounds; `run(n)` works on n images at once."""
    run(1)
    run(batch)
    single, batched = [], []
    for _ in range(rounds):
        single.append(time_calls(lambda: [run(1) for _ in range(images)], device))
        batched.append(time_calls(lambda: [run(batch) for _ in range(max(1, images // batch))], device))
    return Speed(images / min(single), max(1, images // batch) * batch / min(batched))


def time_calls(work: Callable[[], object], device: torch.device) -> float:
    """Seconds that `work` takes, until the device is done."""
    start = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def measure_peak(precision: Precision, device: torch.device) -> float:
    """Floating point operations per second of a square matrix product."""
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
    left, right = (torch.rand(SIDE, SIDE, device=device).to(dtype) for _ in range(2))
    seconds = [time_calls(lambda: left @ right, device) for _ in range(5)]
    return 2 * SIDE**3 / min(seconds)


def write_srgb_tir(folder: Path) -> Path:
    """A random checkpoint of the released size."""
    path = folder / "translation_weights.pt"
    torch.save({domain: Generator(Dimensions()).state_dict() for domain in ("a", "b")}, path)
    return path


def write_languagebind(folder: Path, size: str) -> Path:
    """A random folder with the vision tower of that size and next to no text tower."""
    config = CLIPConfig(
        text_config=TEXT | {"projection_dim": 768, "hidden_act": "gelu"},
        vision_config=VISION[size] | {"patch_size": 14, "projection_dim": 768, "hidden_act": "gelu"},
        projection_dim=768,
    )
    torch.save(CLIPModel(config).state_dict(), folder / "pytorch_model.bin")
    (folder / "config.json").write_text(json.dumps(config.to_dict() | {"model_type": "LanguageBindImage"}))
    (folder / "vocab.json").write_text(json.dumps({"t": 0, "h": 1, "th": 2, "<|startoftext|>": 3, "<|endoftext|>": 4}))
    (folder / "merges.txt").write_text("t h\n")
    return folder


def make_translating(path: Path, precision: Precision, options: argparse.Namespace) -> Callable[[int], None]:
    """A call that translates n photographs."""
    translator = SrgbTirTranslator(path, precision=precision, device=options.device, batch_size=options.batch)
    width, height = options.photo
    photo = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    code = translator.styles.code_for(0)

    def run(count: int) -> None:
        translator.translate_raw([photo] * count, [code] * count)

    return run


def make_embedding(folder: Path, precision: Precision, options: argparse.Namespace) -> Callable[[int], None]:
    """A call that embeds n photographs."""
    scorer = LanguageBindScorer(folder, precision=precision, device=options.device)
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8))

    def run(count: int) -> None:
        scorer.embed_pictures([picture] * count)

    return run


def count_operations(run: Callable[[int], None]) -> int:
    """Floating point operations for one image."""
    counter = FlopCounterMode(display=False)
    with counter:
        run(1)
    return int(counter.get_total_flops())


@contextmanager
def make_runs(options: argparse.Namespace) -> Iterator[dict[str, Callable[[Precision], Callable[[int], None]]]]:
    """What is measured, by name."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights, clip = write_srgb_tir(folder), write_languagebind(folder, options.size)
        width, height = options.photo
        yield {
            f"sRGB-TIR {width} x {height}": lambda precision: make_translating(weights, precision, options),
            f"LanguageBind {options.size}": lambda precision: make_embedding(clip, precision, options),
        }


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=tuple(VISION), default="small", help="of LanguageBind")
    parser.add_argument("--photo", type=int, nargs=2, default=(320, 240), help="width and height for sRGB-TIR")
    parser.add_argument("--images", type=int, default=4, help="in a round")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default=None)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    device = pick_device(options.device)
    print(f"device {device}, threads {options.threads}, torch {torch.__version__}, batch {options.batch}\n")
    transformers.logging.set_verbosity_error()
    print("| model | format | one by one, images/s | batch, images/s | ratio | GFLOP/image | share of matmul peak |")
    print("|---|---|---|---|---|---|---|")
    with make_runs(options) as runs:
        for name, make in runs.items():
            for precision in PRECISIONS:
                run = make(precision)
                operations, peak = count_operations(run), measure_peak(precision, device)
                speed = measure(run, options.images, options.batch, options.rounds, device)
                cells = (
                    *(name, precision, f"{speed.single:.2f}", f"{speed.batched:.2f}"),
                    f"{speed.batched / speed.single:.2f}",
                    f"{operations / 1e9:.0f}",
                    f"{operations * speed.batched / peak:.0%} of {peak / 1e9:.0f} GFLOP/s",
                )
                print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
