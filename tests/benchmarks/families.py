"""The training of every family of vision-language models, claim by claim, as one table.

    python tests/benchmarks/families.py [--family NAME ...] [--claim NAME ...]

Tiny random models of 16 families, written offline (tests/tiny_families.py); the claims are in tests/family_checks.py.
Ends with 1 where one does not hold. torchvision has to be installed; SmolVLM wants num2words.
"""

import argparse
import contextlib
import io
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from family_checks import (  # noqa: E402
    WAYS,
    Case,
    check_align,
    check_batches,
    check_bf16,
    check_cache,
    check_refused,
    check_resume,
    check_saved,
    check_supervision,
    check_text_alone,
    check_trained,
    write_data,
)
from tiny_families import FAMILIES, write_family  # noqa: E402

import tools  # noqa: E402, F401 - before transformers: see tools/torchvision_repair.py

CLAIMS: dict[str, Callable[[Case], str]] = {
    "supervised": check_supervision,
    "template": check_refused,
    "batch = rows": check_batches,
    "text alone": check_text_alone,
    "align": check_align,
    **{f"trained: {way}": partial(check_trained, way=way) for way in WAYS},
    "saved": check_saved,
    "cached, recomputed": check_cache,
    "bf16": check_bf16,
    "resumed": check_resume,
    "resumed, LoRA": partial(check_resume, way="LoRA"),
}


def main() -> int:
    """Print the table; 1 where a claim does not hold."""
    import torch

    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", nargs="*", choices=sorted(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--claim", nargs="*", choices=list(CLAIMS), default=list(CLAIMS))
    options = parser.parse_args()
    is_wrong = False
    print("| family | " + " | ".join(options.claim) + " | CPU s |")
    print("|---" * (len(options.claim) + 2) + "|")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        run = write_data(root / "data")
        for name in options.family:
            start = time.process_time()
            case = Case(name, write_family(name, root / "models" / name), run, root / "work")
            cells = [answer(CLAIMS[claim], case) for claim in options.claim]
            is_wrong |= any(cell.startswith("WRONG") for cell in cells)
            print(f"| {name} | {' | '.join(cells)} | {time.process_time() - start:.0f} |", flush=True)
    return int(is_wrong)


def answer(check: Callable[[Case], str], case: Case) -> str:
    """The check's word, or what is wrong."""
    noise = io.StringIO()
    try:
        with contextlib.redirect_stdout(noise):
            return check(case)
    except Exception as error:  # noqa: BLE001 - one claim of one family must not hide the others
        traceback.print_exc()
        return f"WRONG: {type(error).__name__} {' '.join(str(error).split())[:80]}"


if __name__ == "__main__":
    sys.exit(main())
