"""The prompts of a pack: every file of the folder, read and proved."""

from pathlib import Path
from typing import NamedTuple

from tools.errors import MissingError, UsageError
from tools.manifest import hash_bytes, hash_prompts
from tools.prompts import DEFAULT_PACK
from tools.prompts.checks import check_head, check_templates
from tools.prompts.front_matter import FrontMatter, Problem, read_head
from tools.prompts.prompt import Prompt
from tools.prompts.sections import Section, split_sections


class Examination(NamedTuple):
    """What a folder holds: the prompts that are sound, by id, and every problem as `file:line: text`."""

    prompts: dict[str, Prompt]
    problems: tuple[str, ...]


def load_prompts(prompts_dir: Path) -> dict[str, Prompt]:
    """Read and prove every prompt of a modality pack, by id in order of the file names.

    Prompts are the `*.md` files directly in the folder, without README.md and hidden files.

    Raises:
        MissingError: there is no such folder, or no prompt in it.
        UsageError: lists every problem with file, line and what to do.
    """
    found = examine_prompts(prompts_dir)
    if found.problems:
        raise UsageError("\n".join(found.problems))
    return found.prompts


def examine_prompts(prompts_dir: Path) -> Examination:
    """As `load_prompts`, with the problems as data.

    Raises:
        MissingError: there is no such folder, or no prompt in it.
    """
    paths = list_prompt_files(prompts_dir)
    prompts: dict[str, Prompt] = {}
    problems: list[str] = []
    owners: dict[str, Path] = {}
    for path in paths:
        prompt, found = _read_prompt(path, owners)
        problems += [f"{path}:{line}: {text}." for line, text in sorted(found)]
        if prompt:
            prompts[prompt.id] = prompt
    return Examination(prompts, tuple(problems))


def list_prompt_files(prompts_dir: Path) -> list[Path]:
    """The files of a folder that are prompts, sorted by name.

    Raises:
        MissingError: there is no such folder, or no prompt in it.
    """
    if not prompts_dir.is_dir():
        raise MissingError(
            f"{prompts_dir}: no such folder of prompts; copy {DEFAULT_PACK} and name the copy with --pack"
        )
    paths = sorted(
        path
        for path in prompts_dir.glob("*.md")
        if path.is_file() and path.name.lower() != "readme.md" and not path.name.startswith(".")
    )
    if not paths:
        raise MissingError(f"{prompts_dir} holds no prompt (*.md); --pack names a modality pack such as {DEFAULT_PACK}")
    return paths


def prompts_digest(prompts_dir: Path) -> str:
    """Hash over all prompt files, lexicon, seed rules and wordings of a folder with their names: 16 hex digits."""
    return hash_bytes(*(f"{name} {digest}".encode() for name, digest in hash_prompts(prompts_dir).items()))


def _read_prompt(path: Path, owners: dict[str, Path]) -> tuple[Prompt | None, list[Problem]]:
    content = path.read_bytes()
    try:
        rows = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return None, [Problem(line, "is not UTF-8 text; save it as UTF-8")]
    head = read_head(rows)
    if head.front is None:
        return None, list(head.problems)
    sections, problems = split_sections(rows[head.body_line :], head.body_line + 1)
    found = [*check_head(path, head.front, head, owners), *problems]
    found += () if problems else check_templates(head.front, head, sections)
    return (None, found) if found else (_make_prompt(path, head.front, content, sections), [])


def _make_prompt(path: Path, front: FrontMatter, content: bytes, sections: tuple[Section, ...]) -> Prompt:
    return Prompt(
        path=path,
        id=front.id,
        version=front.version,
        description=front.description,
        inputs=dict(front.inputs),
        output=front.output,
        sampling=front.sampling,
        digest=hash_bytes(content),
        sections=sections,
    )
