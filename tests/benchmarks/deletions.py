"""What stands at a seam can be deleted: its files, its line in the table and its own tests, and nothing else minds.

python tests/benchmarks/deletions.py            # all of them, a few minutes each
python tests/benchmarks/deletions.py damage

In a copy of the checkout (what git tracks, as it stands on the disk) one thing is removed; then all tests must still be
collected, and the tests beside it must pass. It is no test of the suite because it takes minutes. Samples beside the
checkout are linked, so that the tests that read them are run as well.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
TABLES = "tools/registry/tables.py"


class Deletion(NamedTuple):
    """What is removed, and which tests must pass without it.

    Attributes:
        paths: files and folders.
        entry: of the tables; None where no table names it.
        tests: run afterwards.
    """

    paths: tuple[str, ...]
    entry: str | None
    tests: tuple[str, ...]


DELETIONS = {
    "paper_mini": Deletion(
        ("tests/experiments/paper_mini", "tests/experiments/test_paper_mini.py"),
        None,
        ("tests/test_foreign_folders.py", "tests/test_house.py"),
    ),
    "solar": Deletion(
        ("tools/datasets/solar", "tests/tools/datasets/test_solar.py"), "solar", ("tests/itb", "tests/tools/datasets")
    ),
    "inverted-gray": Deletion(
        ("tools/translation/inverted_gray.py", "tests/tools/translation/test_inverted_gray.py"),
        "inverted-gray",
        ("tests/tools/translation", "tests/tools/compare", "tests/tools/registry"),
    ),
    "damage": Deletion(
        ("itb/tasks/damage.py", "prompts/infrared/itb/damage.yaml", "tests/itb/tasks/test_damage.py"),
        "damage",
        ("tests/itb",),
    ),
}


def copy_checkout(target: Path) -> None:
    """Every file that git knows of; the samples are linked."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    if (ROOT.parent / "shared").is_dir():
        (target.parent / "shared").symlink_to((ROOT.parent / "shared").resolve())


def drop_entry(text: str, name: str) -> str:
    """The tables without the entry of a name: `Entry("name", ...)`, on one line or on several."""
    opening = re.search(rf'^( *)Entry\(\s*"{re.escape(name)}",', text, re.MULTILINE)
    if opening is None:
        raise SystemExit(f"{TABLES} has no entry {name}")
    closing = re.compile(rf"^(?:{opening[1]}Entry\(.*\),|{opening[1]}\),)\n", re.MULTILINE).search(
        text, opening.start()
    )
    if closing is None:
        raise SystemExit(f"{TABLES}: the entry {name} does not end")
    return text[: opening.start()] + text[closing.end() :]


def delete(root: Path, deletion: Deletion) -> None:
    """Remove its files and its line."""
    for name in deletion.paths:
        path = root / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    if deletion.entry is not None:
        tables = root / TABLES
        tables.write_text(drop_entry(tables.read_text(encoding="utf-8"), deletion.entry), encoding="utf-8")


def call_pytest(root: Path, *arguments: str) -> bool:
    """Whether it ends well; what it says is shown where it does not."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(root)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    last = done.stdout.strip().splitlines()[-1:] or [done.stderr.strip()[-200:]]
    print(f"  {' '.join(arguments)}: {last[0]}", flush=True)
    if done.returncode:
        print(done.stdout[-6000:], flush=True)
    return done.returncode == 0


def check(name: str) -> bool:
    """Whether the checkout holds up without it."""
    print(f"without {name}", flush=True)
    deletion = DELETIONS[name]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "checkout"
        copy_checkout(root)
        delete(root, deletion)
        return call_pytest(root, "--collect-only") and call_pytest(root, *deletion.tests)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(DELETIONS)}; default: all")
    names = parser.parse_args().names or list(DELETIONS)
    failed = [name for name in names if not check(name)]
    sys.exit(f"does not hold up without {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
