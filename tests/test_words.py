"""A modality is a folder of text: Python never says its name.

The word may stand in what is infrared by nature, in names, and in the places listed here, each with its reason.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORD = re.compile(r"infrared|thermal|\bheat|lwir", re.IGNORECASE)
NAMES = re.compile(
    r"Infrared-LLaVA|infrared-llava(?:-toolkit)?"  # this toolkit, and the paper's model
    r"|infrared_llava|\bInfraredLlava(?:Config)?\b"  # the model type that checkpoints name, and its classes
    r"|LanguageBind_?Thermal"  # an upstream model
    r"|Infrared Template Benchmark|InfraredSolarModules"  # the paper's benchmark, a dataset
    r"|tools\.thermal\b|\bread_thermal\b|\bTHERMAL_READERS\b|\bthermal reader|\bThermalReader\b"  # a room and its seam
    r"|tools/thermal/reader\.py"
)
BY_NATURE = (
    "tools/thermal",  # readers of infrared files
    "tools/commands/evidence",  # its command
    "tools/plausibility",  # fitted on infrared images
    "tools/commands/plausibility",  # its command
    "tools/evidence",  # what the pixels of an infrared image show
    "tools/translation",  # translators into infrared, one of them a paper's
    "tools/scenes",  # scenes with temperatures
    "tools/compare",  # datasets of registered infrared images
    "tools/datasets",  # readers of datasets, some of them infrared by nature
    "itb/others",  # other people's benchmarks of infrared images, with their prompts
    "trainer/model/baselines",  # ImageBind's branch of that name
    "trainer/model/conversion",  # the same
    "trainer/commands/convert",  # its flag --encoder
)
ALLOWED = {
    "agents/checks/audit_join.py": "the key `thermal` of the same files, which names their picture",
    "agents/output/layouts.py": "the key and the folder `thermal` of the authors' layout",
    "tools/prompts/__init__.py": "the folder of the default pack, named there and nowhere else",
    "itb/answers/forms/words.py": "what replies call such an image, where a benchmark asks which kind it is",
    "trainer/parts/distill.py": "the flag --infrared, the older name of --modality",
    "tools/conversations/pictures.py": "the key `thermal` and the token <thermal> of the files of the paper's authors",
}
"""Path -> why; at most `MOST`."""
MOST = 10


def find_lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [f"{place}: {line.strip()}" for place, line in enumerate(lines, 1) if WORD.search(NAMES.sub("", line))]


def list_files() -> dict[str, Path]:
    found = {}
    for package in ("agents", "tools", "trainer", "itb"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(tuple(f"{place}{end}" for place in BY_NATURE for end in ("/", ".py"))):
                found[name] = path
    return found


def test_no_python_file_names_the_modality() -> None:
    found = {name: lines for name, path in list_files().items() if name not in ALLOWED and (lines := find_lines(path))}
    assert found == {}, "say it with the pack's nouns (tools/prompts/pack.py)"


def test_the_list_of_exceptions_is_short_and_needed() -> None:
    assert len(ALLOWED) <= MOST
    assert [name for name in ALLOWED if not find_lines(ROOT / name)] == []


def test_templates_say_it_with_the_packs_nouns() -> None:
    exported = ROOT / "itb/export/lmms_utils.py.txt"
    for path in (
        *sorted((ROOT / "agents/output/templates").iterdir()),
        *sorted((ROOT / "itb/report/templates").iterdir()),
        exported,
    ):
        assert find_lines(path) == [], path.name


def test_names_are_no_words() -> None:
    assert not WORD.search(NAMES.sub("", "LanguageBind_Thermal, infrared_llava, InfraredLlavaConfig, Infrared-LLaVA"))
    assert WORD.search(NAMES.sub("", "a heat map")) and not WORD.search("wheat in a theatre")


def test_the_default_pack_is_named_once() -> None:
    named = [name for name, path in list_files().items() if "prompts/infrared" in path.read_text(encoding="utf-8")]
    assert named == ["tools/prompts/__init__.py"]
