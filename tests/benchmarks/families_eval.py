"""`itb eval` on 16 families of vision-language models, tiny and of random weights, against one question at a time.

    OMP_NUM_THREADS=1 PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/families_eval.py [NAME ...]

Every family is built offline (tests/tiny_families.py), saved as a folder, and loaded from it as `itb eval --model DIR`
loads it. Columns: what the evaluation chose by itself; the largest difference of an answer's log-probability from a
pass of its own without cache or batch, in the plain way and in the shared one; replies equal to those of the usual
`generate`, one question at a time; how far the answers move with the image turned upside down (0 would say that it is
not seen); CPU seconds. Exit code 1 where a difference is above 1e-4 or a reply differs.
"""

import sys
import tempfile
import time
from pathlib import Path

from family_eval import Compared, ask_bench, compare_family
from tiny_families import FAMILIES, write_family

import tools  # noqa: F401
from tools.errors import ToolkitError

CLOSE = 1e-4


def main() -> None:
    """Measure and print a Markdown table."""
    print_row("family", "chosen", "plain", "shared", "replies equal", "distinct", "image moves", "CPU s")
    print_row(*["---"] * 8)
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        questions = ask_bench(Path(name, "bench"))
        for family in sys.argv[1:] or FAMILIES:
            start = time.process_time()
            try:
                found = compare_family(write_family(family, Path(name, family)), questions)
            except ToolkitError as error:
                print_row(family, f"refused: {str(error).replace(name + '/', '')}", *["-"] * 6)
                continue
            print_row(family, *list_cells(found), f"{time.process_time() - start:.1f}")
            same, count = found.replies
            if max(found.plain, found.shared or 0) > CLOSE or same < count:
                wrong.append(family)
    if wrong:
        raise SystemExit(f"wrong: {', '.join(wrong)}")


def list_cells(found: Compared) -> list[str]:
    """The cells of a family's row."""
    shared = "-" if found.shared is None else f"{found.shared:.1e}"
    same, count = found.replies
    is_shared = found.way.startswith("one pass")
    chosen = "shared" if is_shared else "plain"
    return [chosen, f"{found.plain:.1e}", shared, f"{same} of {count}", str(found.distinct), f"{found.moved:.2f}"]


def print_row(*cells: str) -> None:
    """A line of a Markdown table."""
    sys.stdout.write("| " + " | ".join(cells) + " |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
