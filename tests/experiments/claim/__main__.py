"""`python tests/experiments/claim --help`, from the root of the checkout."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


def main() -> None:
    """Run the command line; what belongs on Python's path is the folder above, and the checkout with the packages."""
    sys.path[:1] = [str(ROOT), str(HERE.parent)]
    from claim.command import app
    from tools.terminal.cli import run_app

    run_app(app, "python tests/experiments/claim")


if __name__ == "__main__":
    main()
