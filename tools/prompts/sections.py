"""The body of a prompt file: `# system`, `# user`, `# assistant` sections, each a Jinja template in a sandbox.

A worked example may belong to a numbered set: `# user 2` and `# assistant 2`. Of several sets a request shows one.
What is put in is data: it is never rendered again, and sections are cut before anything is put in.
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tools.prompts.front_matter import Problem, name_nearest
from tools.records import Record

Role = Literal["system", "user", "assistant"]
ROLES: tuple[Role, ...] = ("system", "user", "assistant")
HEADING = re.compile(r"#(?!#)\s*(.*?)\s*")
LEGAL_HEADING = re.compile(rf"# ({'|'.join(ROLES)})(?: ([1-9]\d?))?")
LOADING = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
FILE = "<prompt>"
SCALARS = (str, int, float, bool)


class Section(NamedTuple):
    """One section: who speaks, its text as it stands in the file, the line of its heading, and its set of examples.

    Attributes:
        example_set: 0 for what every request shows.
    """

    role: Role
    source: str
    line: int
    example_set: int = 0


class Fault(Exception):
    """A section that cannot be rendered with these values: the line in the file, and why."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


def one_line(text: object) -> str:
    """Filter `one_line`: line breaks and repeated spaces become one space."""
    return _join_lines(str(text))


@functools.lru_cache(maxsize=1024)
def _join_lines(text: str) -> str:
    return " ".join(text.split())


def coordinates(box_xyxy_norm: Sequence[float]) -> str:
    """Filter `coordinates`: a box as `[0.12, 0.30, 0.45, 0.90]`."""
    return "[" + ", ".join(f"{value:.2f}" for value in box_xyxy_norm) + "]"


def _make_environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=False
    )
    environment.globals.clear()
    environment.filters |= {"one_line": one_line, "coordinates": coordinates}
    return environment


ENVIRONMENT = _make_environment()


def split_sections(rows: Sequence[str], first_line: int) -> tuple[tuple[Section, ...], tuple[Problem, ...]]:
    """Cut the body into sections and prove their order: system or not, then user and assistant in turn, user last."""
    sections: list[Section] = []
    problems: list[Problem] = []
    for line, row in enumerate(rows, first_line):
        heading = HEADING.fullmatch(row)
        if heading:
            legal = LEGAL_HEADING.fullmatch(row.rstrip())
            if legal is None:
                problems.append(Problem(line, _explain_heading(row, heading[1])))
            else:
                sections.append(Section(cast(Role, legal[1]), "", line, int(legal[2] or 0)))
        elif sections:
            last = sections[-1]
            sections[-1] = last._replace(source=last.source + row + "\n")
        elif row.strip() and not problems:
            problems.append(Problem(line, "text before the first section; put `# system` or `# user` before it"))
    return tuple(sections), (*problems, *([] if problems else _check_order(sections, first_line)))


def _explain_heading(row: str, name: str) -> str:
    legal = ", ".join(f"`# {role}`" for role in ROLES)
    hint = name_nearest(name.lower(), ROLES).replace("'", "`").replace("`", "`# ", 1)
    return f"{row.strip()!r} is no section; {hint}legal: {legal}. A heading inside a section takes `##`"


def _check_order(sections: Sequence[Section], first_line: int) -> Iterator[Problem]:
    if not sections:
        yield Problem(first_line, "has no section; the request goes below a line `# user`")
        return
    wanted: Role = "user"
    for place, section in enumerate(sections):
        if not section.source.strip():
            yield Problem(section.line, f"the section `# {section.role}` is empty; write it or delete the heading")
        if place == 0 and section.role == "system":
            if section.example_set:
                yield Problem(section.line, f"the system message belongs to no set; {SETS}")
            continue
        if section.role != wanted:
            yield Problem(section.line, f"`# {section.role}` where `# {wanted}` must stand; {ORDER}")
            return
        if section.role == "assistant" and section.example_set != sections[place - 1].example_set:
            yield Problem(section.line, f"the answer is not of the set of its question; {SETS}")
        wanted = "assistant" if section.role == "user" else "user"
    if sections[-1].role != "user":
        yield Problem(sections[-1].line, f"ends with `# {sections[-1].role}`; {ORDER}")
    elif sections[-1].example_set:
        yield Problem(sections[-1].line, f"the request itself belongs to no set; {SETS}")


SETS = "`# user 2` is answered by `# assistant 2`; system and request have no number"
ORDER = (
    "the order is `# system` (may be missing), then pairs of `# user` and `# assistant` as examples, "
    "then `# user`, the request itself"
)


def find_variables(section: Section) -> dict[str, int]:
    """The variables that a section reads, with the line of the first use.

    Raises:
        Fault: it is no valid template, or wants to load another file.
    """
    return dict(_list_variables(section))


@functools.lru_cache(maxsize=512)
def _list_variables(section: Section) -> tuple[tuple[str, int], ...]:
    """See `find_variables`. Remembered, as a run proves its prompts more than once."""
    try:
        tree = ENVIRONMENT.parse(section.source)
        compile_section(section)
    except TemplateSyntaxError as error:
        raise Fault(section.line + error.lineno, f"not a valid template: {error.message}") from None
    for node in tree.find_all(LOADING):
        raise Fault(section.line + node.lineno, "a prompt cannot load another file; copy the text into this one")
    used = meta.find_undeclared_variables(tree)
    lines: dict[str, int] = {}
    for name in tree.find_all(nodes.Name):
        if name.name in used:
            lines.setdefault(name.name, section.line + name.lineno)
    return tuple(sorted(lines.items(), key=lambda item: item[1]))


@functools.lru_cache(maxsize=512)
def compile_section(section: Section) -> Template:
    """The template of a section, compiled once."""
    code = ENVIRONMENT.compile(section.source, filename=FILE)
    return Template.from_code(ENVIRONMENT, code, {})


def render_section(section: Section, values: Mapping[str, Any]) -> str:
    """The text of a section with `values` in their places, without space around it.

    Raises:
        Fault: a value lacks what the template asks for, or the sandbox refuses.
    """
    template = compile_section(section)
    try:
        return template.render(values).strip()
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise Fault(section.line + _find_line(error), str(error)) from error


def _find_line(error: BaseException) -> int:
    line, step = 0, error.__traceback__
    while step:
        if step.tb_frame.f_code.co_filename == FILE:
            line = step.tb_lineno
        step = step.tb_next
    return line


def make_plain(value: Any) -> Any:
    """Records become mappings, so that a template meets data only and no method of ours.

    Raises:
        TypeError: neither text, number, record, nor a list or mapping of these.
    """
    if value is None or isinstance(value, SCALARS):
        return value
    if isinstance(value, list | tuple):
        return [make_plain(item) for item in value]
    if isinstance(value, Record):
        value = value.model_dump()
    if isinstance(value, Mapping):
        return {str(key): make_plain(item) for key, item in value.items()}
    raise TypeError(f"a {type(value).__name__}; give text, numbers, records, or lists of them")
