"""The flags of all commands, read from their own parsers, and the table of them in docs/architecture.md.

python tests/flags.py          # prints the table
python tests/flags.py --write  # puts it into the page
"""

import importlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import typer

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/architecture.md"
PROGRAMS = ("agents", "tools", "itb", "trainer")
BEGIN, END = "<!-- flags: python tests/flags.py --write -->\n\n", "\n<!-- end of flags -->"
MEANINGS = {
    "--actors": "With `--executor ray`: actors at once; as many as there is room for",
    "--address": "With `--executor ray`: a Ray cluster that runs, HOST:PORT or auto; without it this machine alone",
    "--base-url": "Address of an endpoint, up to `/v1`",
    "--batch": "How many are worked on at once: questions, dialogues or pairs",
    "--candidates": "How many captions are tried: filtered ones of a caption, or those an image is shown at once",
    "--captions": "File of captions: COCO's, for a run also a CSV, a JSONL or Flickr30k's file",
    "--concurrency": "How many are under way at once: images, or requests to an endpoint",
    "--config": "YAML file of settings, which flags override; in the trainer and `itb eval` a recipe, by its name",
    "--context": "Whether the model is told, before a question, what the pack says of its images",
    "--count": "How many are made or shown: scenes, samples, questions",
    "--data": "What is learned from: a run folder or a training set; for `compare-translators` the datasets' folder",
    "--dataset": "NAME=DIR: annotated images of the modality, in the layout of a dataset (`itb sources`)",
    "--device": "cpu, cuda or cuda:N",
    "--executor": "Where images are worked on, or a checkpoint's questions: here (local) or on a Ray cluster (ray)",
    "--format": "Layout of what is exported",
    "--fresh": "Delete what the command wrote in --out first (asks)",
    "--host": "Address to listen on; for another than this machine's own a password has to stand in STUDIO_PASSWORD",
    "--image": "One image file",
    "--images": "Folder of the photographs or pictures that captions, boxes, rows or a run name",
    "--instances": "Boxes of the images: COCO instances, for a run also a folder of VOC XML or YOLO text",
    "--key-variable": "Environment variable that holds the key of an endpoint",
    "--limit": "Only so many",
    "--llm": "Folder of the language model; for a conversion LLaMA in Meta's layout too",
    "--max-new-tokens": "Longest answer of a model",
    "--model": "The model: a folder, or of an endpoint its name; `itb eval` takes whatever it can ask",
    "--out": "The folder or the file that the command writes",
    "--pack": "Modality pack: folder of modality.yaml, prompts, lexicon, seed rules and wordings",
    "--partial": "Report, or show, although an evaluation is not finished",
    "--scorer": "Name of the scorer",
    "--seed": "Seed of every draw",
    "--sensor-images": "Folder of images of the modality itself",
    "--set": "A setting of what was chosen, of a task, or of a recipe; repeatable",
    "--source": "NAME=DIR: a dataset of the benchmark, or where its images are; `itb sources` lists the names",
    "--span": "Two values: what becomes black, what becomes white",
    "--split": "Which items are taken: train, test or all",
    "--tower": "Folder of a vision tower",
    "--translator": "Name of the translator",
    "--unit": "Unit of TIFF, PNG and CSV values: celsius, kelvin, centikelvin or K*N",
}
"""What a flag means that several commands tell in words of their own; of the others their help says it."""


class Flag(NamedTuple):
    """An option of a command: its first spelling, the others, its help without defaults."""

    name: str
    aliases: tuple[str, ...]
    about: str


def list_commands() -> dict[str, Any]:
    """Every command by the name it is called by: `agents run`, `trainer.align`."""
    from trainer.__main__ import list_commands as list_trainers

    modules = [*PROGRAMS, *(f"trainer.{name}" for name, _ in list_trainers())]
    return dict(entry for module in modules for entry in _walk(module, typer.main.get_command(_load(module))))


def list_flags(command: Any) -> Iterator[Flag]:
    """The options of a command, `--help` left out."""
    for option in command.params:
        if option.param_type_name == "option":
            names = (option.opts[0], *option.secondary_opts)
            about = shorten(option.help or "") + name_values(find_kind(option))
            yield Flag(" / ".join(names), tuple(command.aliases.get(option.opts[0], ())), about)


def find_kind(parameter: Any) -> Any:
    """The type of what an option or argument takes."""
    return parameter.type_descriptor.annotation


def name_values(kind: Any) -> str:
    """Legal values, where they are a closed set: ` (auto, fixed)`."""
    from tools.terminal.options import list_values

    return f" ({', '.join(list_values(kind))})" if list_values(kind) else ""


def takes_path(parameter: Any) -> bool:
    """Whether the value is a path, or several."""
    kind = find_kind(parameter)
    return Path in (kind, *get_args(kind))


def shorten(text: str) -> str:
    """The first sentence of a help, without its default."""
    text = re.sub(r" \((default: .*|required)\)$", "", re.sub(r"^For [\w, -]+: ", "", text))
    return re.split(r"\.(?= [A-Z])", text)[0].rstrip(".")


def render_table() -> str:
    """A row a flag: its spellings, what it means, the commands that take it."""
    commands = list_commands()
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    aliases: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, command in commands.items():
        for flag in list_flags(command):
            found[flag.name][flag.about].append(name)
            for alias in flag.aliases:
                aliases[flag.name][alias].append(name)
    lines = ["| flag | other spellings | what it means | commands |", "|---|---|---|---|"]
    for name in sorted(found):
        taken = [command for names in found[name].values() for command in names]
        told = (MEANINGS.get(name) or next(iter(found[name]))).replace("|", "\\|")
        spelled = ", ".join(
            f"`{alias}`" + ("" if len(names) == len(taken) else f" ({name_commands(names, commands)})")
            for alias, names in aliases[name].items()
        )
        lines.append(f"| `{name}` | {spelled} | {told} | {name_commands(taken, commands)} |")
    return "\n".join(lines) + "\n"


def name_commands(taken: list[str], commands: dict[str, Any]) -> str:
    """`agents: run, plan; trainer: align`; `all` for all."""
    if set(taken) == set(commands):
        return "all"
    by_program: dict[str, list[str]] = defaultdict(list)
    for name in (name for name in commands if name in taken):
        program, _, verb = re.sub(r"[. ]", "\n", name, count=1).partition("\n")
        by_program[program].append(verb)
    return "; ".join(f"{program}: {', '.join(verbs)}" for program, verbs in by_program.items())


def find_several() -> dict[str, set[str]]:
    """Flags that commands explain in different words, with the words."""
    found: dict[str, set[str]] = defaultdict(set)
    for command in list_commands().values():
        for flag in list_flags(command):
            found[flag.name].add(flag.about)
    return {name: texts for name, texts in found.items() if len(texts) > 1}


def _load(module: str) -> typer.Typer:
    path = ROOT / module.replace(".", "/")
    app: typer.Typer = importlib.import_module(f"{module}.__main__" if path.is_dir() else module).app
    return app


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    for verb, inner in command.commands.items():
        yield from _walk(f"{name} {verb}", inner)


def read_table() -> str:
    """The table as the page has it."""
    return PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def main() -> None:
    """Print the table, or write it into the page."""
    if sys.argv[1:] != ["--write"]:
        print(render_table(), end="")  # noqa: T201
        return
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + render_table() + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
