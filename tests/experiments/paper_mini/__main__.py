"""`python tests/experiments/paper_mini --help`, from the root of the checkout; `make paper-mini` calls it."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


def main() -> None:
    """Run the command line.

    Python puts this folder itself first on its path, where the names of its modules would hide others; what belongs
    there is the folder above, and the checkout with the packages.
    """
    sys.path[:1] = [str(ROOT), str(HERE.parent)]
    from paper_mini.command import app
    from tools.terminal.cli import run_app

    run_app(app, "python tests/experiments/paper_mini")


if __name__ == "__main__":
    main()
