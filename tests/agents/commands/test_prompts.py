"""`agents prompts list | check | render`, on the shipped folder and on edited copies."""

import re
import shutil
from pathlib import Path

import pytest

from agents.backends.llm_prompts import load_used_prompts
from agents.backends.prompt_uses import PROMPT_USES
from agents.commands.prompts.app import prompts_app
from agents.commands.prompts.check import check_prompts
from tools.errors import UsageError
from tools.prompts.lexicon import load_lexicon
from tools.terminal.cli import run_app, stderr, stdout

SHIPPED = Path(__file__).resolve().parents[3] / "prompts" / "infrared"


@pytest.fixture
def call(monkeypatch, capsys):
    def run(*arguments: str, prompts: Path = SHIPPED) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["prompts", *arguments, "--prompts", str(prompts)])
        for console in (stdout, stderr):
            monkeypatch.setattr(console, "_width", 120)
        with pytest.raises(SystemExit) as caught:
            run_app(prompts_app, "python -m agents prompts")
        captured = capsys.readouterr()
        return int(caught.value.code or 0), captured.out, captured.err

    return run


@pytest.fixture
def mine(tmp_path):
    return Path(shutil.copytree(SHIPPED, tmp_path / "mine"))


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def test_list_shows_every_prompt_in_a_row(call):
    code, shown, _ = call("list")
    assert code == 0
    rows = {line.split()[0]: line for line in shown.splitlines() if line.strip()}
    assert set(PROMPT_USES) <= set(rows)
    assert "rules, caption" in rows["caption_filter"]
    assert "T=0.8 n=5 max=160" in rows["caption_filter"]


def test_check_says_ok(call):
    code, shown, _ = call("check")
    assert code == 0
    assert shown.startswith("OK: 12 prompts, a lexicon of ")
    assert " 2 seed rules in " in shown


def test_a_copy_with_an_undeclared_variable_is_explained(call, mine):
    edit(mine, "debate.md", "for finding in findings", "for finding in finding_list")
    line = (mine / "debate.md").read_text(encoding="utf-8").split("\n").index("{% for finding in finding_list %}") + 1
    code, _, shown = call("check", prompts=mine)
    assert code == 2
    assert f"error: 2 problems in {mine}\n" in shown
    assert (
        f"{mine / 'debate.md'}:{line}: uses 'finding_list', which `inputs` does not declare; did you mean 'findings'? "
        "declare it or use one of: instruction, notes, faults, findings, earlier, evidence.\n"
    ) in shown
    assert (
        f"{mine / 'debate.md'}:12: `inputs` declares 'findings', which no section uses; use it or delete the line.\n"
        in shown
    )
    assert "Traceback" not in shown


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("debate.md", "finding.quote", "finding.qoute", "cannot be rendered: 'dict object' has no attribute 'qoute'"),
        ("debate.md", "output: verdict", "output: text", "the output is 'text'; the agents read 'verdict' there"),
        ("seed_rules.yaml", "category: colour", "category: color", "which lexicon.yaml does not have"),
        ("lexicon.yaml", "categories:", "categorys:", "unknown key 'categorys'. Did you mean 'categories'?"),
        ("sample.yaml", "about:", "abuot:", "sample.yaml: about: field required"),
        ("modality.yaml", "adjective:", "adjectiv:", "modality.yaml: `nouns.adjective` is missing"),
        ("modality.yaml", "attribute: colour", "attribute: hue", "report.attribute `hue` is no category"),
        ("modality.yaml", "hides: [colour, material", "hides: [hue, material", "bands.nir.hides: hue is no category"),
        ("modality.yaml", "hides: [colour, material", "hides: [material", "bands.nir: colour must stand in exactly"),
        ("modality.yaml", "shows: [transparency", "shows: [colour, transparency", "bands.nir: colour must stand in"),
        ("template/appearance.yaml", "person:", "people:", "reasoning.yaml: 'sources' needs person, which appearance"),
        ("template/places.yaml", "fills:", "fill:", "places.yaml: unknown list 'fill'"),
        ("alignment_requests.yaml", "- What", "what: What", "alignment_requests.yaml: not valid YAML"),
        ("notes.md", "group.count", "group.number", "cannot be rendered: 'dict object' has no attribute 'number'"),
        ("notes.md", "id: notes", "id: note", "the id is 'note' and the file notes.md"),
        ("itb/scene.yaml", "questions:", "questions: [", "scene.yaml is not valid YAML"),
        ("itb/ask.md", "{{ question }}", "{{ questions }}", "itb/ask.md:"),
        ("sample.yaml", "captions:", "captions: {", "sample.yaml is not valid YAML"),
    ],
)
def test_check_finds_what_the_loader_alone_cannot(mine, name, old, new, message):
    edit(mine, name, old, new)
    with pytest.raises(UsageError) as caught:
        check_prompts(mine)
    assert message in str(caught.value)


def test_a_pack_without_notes_is_told_which_prompts_want_them(mine):
    (mine / "notes.md").unlink()
    with pytest.raises(UsageError, match=r"debate\.md: wants the input 'notes', which notes\.md gives; copy it from"):
        check_prompts(mine)
    with pytest.raises(UsageError, match=r"reasoning\.md: wants the input 'notes'"):
        load_used_prompts(mine)


def test_every_category_that_a_check_can_name_stands_in_the_judges_prompt_and_none_in_the_writers(call):
    lexicon = load_lexicon(SHIPPED)
    shown = call("render", "debate")[1]
    for category, what in lexicon.list_faults().items():
        assert f"- {category}: {' '.join(what.split())}" in " ".join(shown.split())
    prompts = load_used_prompts(SHIPPED)
    for name in ("conversation", "reasoning", "description", "sensor", "caption_filter", "caption_image"):
        said = " ".join(part.source for part in prompts[name].sections if part.role == "system").lower()
        for category in ("material", "writing", "brand", "pattern", "texture"):
            assert category not in said, (name, category)


def test_check_lists_the_problems_of_all_files(mine):
    edit(mine, "context.md", "{{ question }}", "{{ question }} {{ image }}")
    edit(mine, "context.md", "  question: what", "  image: the image\n  question: what")
    (mine / "reasoning.md").unlink()
    (mine / "sample.yaml").unlink()
    (mine / "lexicon.yaml").unlink()
    with pytest.raises(UsageError) as caught:
        check_prompts(mine)
    lines = str(caught.value).split("\n")
    assert lines == [
        f"4 problems in {mine}",
        f"{mine}: the prompt reasoning.md is missing; copy it from prompts/infrared.",
        f"{mine / 'context.md'}: there is nothing to put into image; this prompt is given: question.",
        f"{mine / 'sample.yaml'} is missing; copy it from prompts/infrared.",
        f"{mine / 'lexicon.yaml'} is missing; copy it from prompts/infrared, or name another folder with --pack",
    ]


def test_a_prompt_of_ones_own_may_stand_beside_the_others(call, mine):
    text = (mine / "context.md").read_text(encoding="utf-8")
    (mine / "greeting.md").write_text(text.replace("id: context", "id: greeting"), encoding="utf-8")
    assert call("check", prompts=mine)[1].startswith("OK: 13 prompts")
    assert call("render", "greeting", prompts=mine)[0] == 0


@pytest.mark.parametrize("name", PROMPT_USES)
def test_render_shows_sections_and_an_estimate(call, name):
    code, shown, _ = call("render", name)
    assert code == 0
    assert re.search(rf"{name}, version \d, on the sample: a man repairs a bicycle", shown)
    assert " 1 system " in shown or name == "notes"
    assert " user (the request) " in shown
    assert "(an estimate: characters / 4)" in shown
    assert "{{" not in shown


def test_render_takes_markup_in_a_sample_as_text(call, mine):
    edit(mine, "sample.yaml", "What is to the right of the dog?", "'[bold]Where[/bold] {{ 7*7 }} <b>?'")
    assert "[bold]Where[/bold] {{ 7*7 }} <b>?" in call("render", "context", prompts=mine)[1]


def test_render_names_the_nearest_prompt(call):
    code, _, shown = call("render", "debat")
    assert code == 2
    assert "no prompt 'debat' in " in shown
    assert "did you mean 'debate'? there are: caption_filter," in shown


def test_a_missing_folder_exits_with_3(call, tmp_path):
    code, _, shown = call("check", prompts=tmp_path / "none")
    assert code == 3
    assert "no such folder of prompts; copy prompts/infrared" in shown
