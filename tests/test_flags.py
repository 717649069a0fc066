"""The flags of all commands: one table of them in the docs, one spelling in help, an example at its end."""

import inspect
import re
import subprocess
import sys
from typing import Any

import pytest
from calling import call_here
from flags import MEANINGS, find_several, list_commands, list_flags, read_table, takes_path
from killing import ROOT
from parsing import parse_words, split_words

COMMANDS = list_commands()
GROUPS = ("agents", "agents prompts", "tools", "itb")
UNDERSCORED = {"--output_dir", "--print_config", "--image_tower"}
"""Spellings that were documented once."""


def find_option(command: Any, flag: str) -> Any:
    return next((option for option in command.params if option.opts[0] == flag), None)


def read_help(name: str) -> str:
    program, *verb = name.split()
    shown = call_here(program, *verb, "--help", columns=200)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


def test_the_table_in_the_docs_is_that_of_the_parsers() -> None:
    done = subprocess.run(
        [sys.executable, "tests/flags.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == read_table(), "python tests/flags.py --write"


def test_meanings_are_told_where_commands_use_words_of_their_own() -> None:
    assert set(find_several()) == set(MEANINGS)


@pytest.mark.parametrize("name", [*COMMANDS, *GROUPS])
def test_every_help_ends_with_an_example_that_its_parser_takes(name: str) -> None:
    text = " ".join(read_help(name).rpartition("╯")[2].split())
    found = re.search(r"Examples?: (python -m .*?)(?=; python|$| On several)", text)
    assert found, text
    if "*" not in found[1]:
        parse_words(split_words(found[1]))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_one_spelling_with_dashes(name: str) -> None:
    text = read_help(name)
    flags = list(list_flags(COMMANDS[name]))
    assert not re.search(r"--\w*_\w*", text)
    own = {flag.name.split(" ")[0] for flag in flags}
    hidden = {alias for flag in flags for alias in flag.aliases} - own
    assert not hidden & set(re.findall(r"^│[ *]+(--[\w-]+)", text, re.MULTILINE))
    assert {alias for alias in hidden if "_" in alias} <= UNDERSCORED


@pytest.mark.parametrize("name", COMMANDS)
def test_all_spellings_are_taken(name: str) -> None:
    command = COMMANDS[name]
    context = command.context_class(command, info_name=name)
    taken = command.make_parser(context)
    for flag, aliases in command.aliases.items():
        for spelling in (flag, *aliases):
            option = find_option(command, flag)
            words = [spelling] if option.is_flag else [spelling, *["x"] * option.nargs]
            values, _, _ = taken.parse_args(list(words))
            assert option.name in values


@pytest.mark.parametrize("flag", ["--images", "--config", "--pack", "--out", "--instances", "--captions"])
def test_it_is_a_path_in_every_command(flag: str) -> None:
    found = [option for command in COMMANDS.values() if (option := find_option(command, flag))]
    assert len(found) > 1 and all(takes_path(option) for option in found)


def test_what_a_command_writes_is_named_by_out() -> None:
    writing = {name for name, command in COMMANDS.items() if find_option(command, "--out")}
    assert {"itb select", "tools compare-translators", "trainer.align", "trainer.sft", "trainer.export"} <= writing
    texts = [inspect.getdoc(command.callback) or "" for command in COMMANDS.values()]
    assert all(texts)


def test_weights_go_by_either_name() -> None:
    for name in ("agents run", "agents plan", "tools translate"):
        assert COMMANDS[name].aliases["--translator-weights"] == ["--weights"]
    for name in ("tools score", "tools calibrate"):
        assert COMMANDS[name].aliases["--scorer-weights"] == ["--weights"]
