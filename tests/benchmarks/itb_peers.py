"""How fast the paper's peers are evaluated on a CPU, against one call a question; memory of a conversion.

    OMP_NUM_THREADS=1 PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/itb_peers.py [--images 3]

Builds both peers of random weights (ImageBind's thermal branch at its real size, 86 M parameters; a Llama of 6 layers,
384 wide), asks 8 questions an image in the ways of `itb_eval.py`, and prints CPU and wall seconds a question and their
ratio to one call of `generate` a question. The replies of the generating ways must be equal. Then a Llama of 1 GB in
one .bin file is converted in shards of 0.25 GB, and the largest anonymous memory beside that of the start is printed:
pages of a mapped file, which the system takes back when it needs them, are not counted.

Measured with --images 2 (2 shared cores, one thread, torch 2.13.0, transformers 5.23.0), CPU seconds, one run; wall
ratios of the same run, beside other work on the machine, were 4.0 to 8.5 for the last two columns:

| peer, tokens a reply | one by one | batches | shared | likelihood |
|---|---|---|---|---|
| pandagpt, 4 | 0.338 s | x1.2 | x6.6 | x6.6 |
| pandagpt, 32 | 0.544 s | x1.7 | x5.5 | x10.4 |
| imagebind-llm, 4 | 0.364 s | x1.2 | x6.1 | x6.4 |
| imagebind-llm, 32 | 0.625 s | x1.7 | x4.9 | x10.8 |

A model of 1.03 GB was converted with 0.30 GB of memory.
"""

import argparse
import functools
import sys
import tempfile
import threading
import time
from pathlib import Path

import tiny_peers
import torch
from itb_eval import BATCH, ask, generate_alone, measure, print_row
from mini_bench import write_bench

import trainer.model.baselines  # noqa: F401 - makes their types known
from itb.benchmark.ask import Asker, VariantSettings
from itb.benchmark.bench import load_bench
from itb.models.hf.checkpoint import load_checkpoint
from itb.models.hf.model import CheckpointModel
from trainer.model.conversion import convert as conversion
from trainer.model.conversion.convert import Sources, convert

SIZES = {"WIDTH": 384, "DEPTH": 6, "HEADS": 6, "HIDDEN": 1024, "THERMAL": (768, 12, 12), "BIND_HIDDEN": 1024}
WIDE, DEEP = 2048, 16
LENGTHS = (4, 32)
GB = 2**30


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=3, help="asked about")
    images = parser.parse_args().images
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        convert_large(root / "large")
        for name, size in SIZES.items():
            setattr(tiny_peers, name, size)
        bench = load_bench(write_bench(root / "bench", ("locate", "security"), images=3 * images, questions=4))
        asker = Asker(Path("prompts/infrared"), VariantSettings())
        questions = list(asker.ask_all(bench, bench.choose("test")))
        print_row("peer, tokens a reply", "one by one", "batches", "shared", "likelihood")
        panda = tiny_peers.write_pandagpt(root / "panda", SIZES["WIDTH"], SIZES["DEPTH"])
        for peer, files in (("pandagpt", panda), ("imagebind-llm", tiny_peers.write_imagebind_llm(root / "bind"))):
            convert(Sources(peer, **files), root / peer)
            checkpoint = load_checkpoint(str(root / peer), "cpu", "fp32")
            for tokens in LENGTHS:
                compare(f"{peer}, {tokens}", checkpoint, questions, tokens)


def compare(label, checkpoint, questions, tokens) -> None:
    """Two lines of the table."""
    base, expected = measure(lambda: {q.key: generate_alone(checkpoint, q, tokens) for q in questions})
    costs = [base]
    for protocol, way in (("generate", "plain"), ("generate", "shared"), ("likelihood", "shared")):
        model = CheckpointModel(checkpoint, protocol, BATCH, tokens, way)
        cost, replies = measure(functools.partial(ask, model, questions))
        costs.append(cost)
        if protocol == "generate" and replies != expected:
            raise SystemExit(f"{label}: the replies differ from those given one by one")
    for name, place in (("CPU", 0), ("wall", 1)):
        cells = [f"{cost[place] / len(questions):.3f} s, x{base[place] / cost[place]:.1f}" for cost in costs]
        print_row(f"{label}, {name}", *cells)


class Watch(threading.Thread):
    """The largest anonymous memory of this process while it runs, in bytes."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.largest, self.is_over = 0, False

    def run(self) -> None:
        while not self.is_over:
            self.largest = max(self.largest, read_anonymous())
            time.sleep(0.01)


def read_anonymous() -> int:
    """Bytes of this process that stand in no file."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) * 1024


def convert_large(root: Path) -> None:
    """Convert a Llama of about 1.3 GB, and say what that needed."""
    files = tiny_peers.write_pandagpt(root, WIDE, DEEP)
    held = sorted((files["llm"]).glob("*.safetensors"))
    from safetensors.torch import load_file

    tensors = {name: value for path in held for name, value in load_file(path).items()}
    size = sum(value.numel() * value.element_size() for value in tensors.values())
    torch.save(tensors, files["llm"] / "pytorch_model.bin")
    for path in held:
        path.unlink()
    del tensors
    conversion.SHARD_BYTES = GB // 4
    before, watch = read_anonymous(), Watch()
    watch.start()
    convert(Sources("pandagpt", **files), root / "out")
    watch.is_over = True
    watch.join()
    more = (watch.largest - before) / GB
    sys.stdout.write(f"a model of {size / GB:.2f} GB converted with {more:.2f} GB of memory, shards of 0.25 GB\n\n")


if __name__ == "__main__":
    main()
