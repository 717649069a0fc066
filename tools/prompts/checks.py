"""What is proved about a prompt file beyond its form: its name, its parser, its variables, its worked examples."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.prompts.front_matter import FrontMatter, Head, Problem, name_nearest
from tools.prompts.replies import PARSERS, ReplyError
from tools.prompts.sections import Fault, Section, find_variables, render_section


def check_head(path: Path, front: FrontMatter, head: Head, owners: dict[str, Path]) -> Iterator[Problem]:
    """The id is the file's name and no other file's (`owners`, which is added to); the parser exists."""
    line = head.lines[("id",)]
    other = owners.setdefault(front.id, path)
    if other != path:
        yield Problem(line, f"the id {front.id!r} is taken by {other.name}; give each prompt its own")
    if front.id != path.stem:
        yield Problem(
            line, f"the id is {front.id!r} and the file {path.name}; write `id: {path.stem}` or rename the file"
        )
    if front.output not in PARSERS:
        hint = name_nearest(front.output, PARSERS)
        yield Problem(head.lines[("output",)], f"no parser {front.output!r}; {hint}there are: {', '.join(PARSERS)}")


def check_templates(front: FrontMatter, head: Head, sections: tuple[Section, ...]) -> Iterator[Problem]:
    """Templates are valid, variables used are the inputs declared, and the parser reads the worked answers."""
    used: dict[str, int] = {}
    is_whole = True
    for section in sections:
        try:
            names = find_variables(section)
        except Fault as fault:
            is_whole = False
            yield Problem(fault.line, str(fault))
            continue
        used = names | used
        if section.role == "assistant":
            yield from _check_example(section, front.output, names)
    declared = ", ".join(front.inputs) or "none"
    for name, line in used.items():
        if name not in front.inputs:
            hint = name_nearest(name, front.inputs)
            yield Problem(
                line, f"uses {name!r}, which `inputs` does not declare; {hint}declare it or use one of: {declared}"
            )
    for name in front.inputs:
        if is_whole and name not in used:
            line = head.lines[("inputs", name)]
            yield Problem(line, f"`inputs` declares {name!r}, which no section uses; use it or delete the line")


def _check_example(section: Section, output: str, names: Mapping[str, int]) -> Iterator[Problem]:
    """A worked answer must be one that the parser reads, or the model learns what is then refused."""
    if names or output not in PARSERS:
        return
    try:
        PARSERS[output](render_section(section, {}))
    except (ReplyError, Fault) as error:
        yield Problem(section.line, f"this example is no reply for the parser {output!r}: {error}; correct the example")
