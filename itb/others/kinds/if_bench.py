"""IF-Bench: ten dimensions, each question in English and Chinese, its four options at every place.

Upstream puts a question four times: in turn i the option at place k is the one that stood i places before. Each turn in
each language is an item here; the figures put them together again.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from itb.others.kind import Asked, Facts, ForeignBenchmark, Shown
from tools.errors import MissingError, UsageError
from tools.files.json_text import read_json
from tools.files.text import read_text

FILES = ("if_bench_flatten_shuffle.json", "if_bench.json", "evaluate/if_bench/if_bench_flatten_shuffle.json")
CODE = ("bench_evaluate.py", "evaluate/bench_evaluate.py")
PROMPTS = "prompts.json"
LETTERS = "ABCD"
ROLES = {"normal": ("ir",), "prior": ("ir",), "translated": ("translated",), "pair": ("ir", "translated")}
ROLES["prior_pair"] = ROLES["pair"]
FOLDERS = {"ir": "infrared_imgs", "translated": "translated_rgb_imgs"}
OWN = {
    "en": "Image and question: {question}\nOptions: {options}\nAnswer with the letter A, B, C or D alone.",
    "cn": "问题：{question}\n选项：{options}\n只回答一个字母：A、B、C 或 D。",
}
DECLARED = "the request is ours: neither prompts.json nor bench_evaluate.py lies in the folder"


class IfBenchSettings(BaseModel):
    """How IF-Bench is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: Literal["normal", "prior", "translated", "pair", "prior_pair"] = Field(
        "normal", description="Which of upstream's prompts; `translated` and `pair` show the translated photograph."
    )
    languages: tuple[Literal["en", "cn"], ...] = Field(("en", "cn"), description="In which languages each is asked.")
    rotations: int = Field(4, ge=1, le=4, description="At how many places the options stand; upstream's four, or 1.")


def read(root: Path, settings: IfBenchSettings) -> Iterator[Asked]:
    """Every question in every language and turn."""
    prompts = read_prompts(root)
    for number, row in enumerate(read_questions(root)):
        for language in settings.languages:
            for turn in range(settings.rotations):
                yield _ask(number, row, language, turn, settings, prompts)


def read_questions(root: Path) -> list[Mapping[str, Any]]:
    """The rows, of the flat file or of the one by dimension.

    Raises:
        MissingError: neither is there.
        UsageError: it holds something else.
    """
    found = [path for name in FILES if (path := root / name).is_file()] or sorted(root.glob("if_bench*.json"))
    if not found:
        raise MissingError(f"{root}: no IF-Bench there ({FILES[0]} or {FILES[1]} is missing); name its folder")
    content = read_json(found[0])
    rows = [row for part in content.values() for row in part] if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "question" in row for row in rows):
        raise UsageError(f"{found[0]}: no questions of IF-Bench; expected rows with `dst_thermal_path` and `question`")
    return rows


def read_prompts(root: Path) -> Mapping[str, str]:
    """Upstream's prompts by name, from a file with them or from its script, which is read and never run."""
    if (root / PROMPTS).is_file():
        return {str(name): str(text) for name, text in read_json(root / PROMPTS).items()}
    script = next((path for name in CODE if (path := root / name).is_file()), None)
    if script is None:
        return {}
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(read_text(script))):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found |= {target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)}
    return found


def _ask(
    number: int, row: Mapping[str, Any], language: str, turn: int, settings: IfBenchSettings, prompts: Mapping[str, str]
) -> Asked:
    asked = row["question"]
    texts = [asked[f"{language}_options"][letter] for letter in LETTERS]
    options = [texts[place - turn] for place in range(len(LETTERS))]
    letter = LETTERS[(LETTERS.index(asked["answer"]) + turn) % len(LETTERS)]
    shown = dict(zip(LETTERS, options, strict=True))
    question, image = asked[f"{language}_question"], row["dst_thermal_path"]
    template = prompts.get(f"evaluate_prompt_{settings.prompt}_{language}")
    prompt = (template or "").replace("<input_question>", question).replace("<input_options>", str(shown))
    return Asked(
        kind=asked["dimension"],
        key=f"{number:04d}-{language}-{turn}",
        question=question,
        prompt=prompt if template else OWN[language].format(question=question, options=shown),
        answer=options[LETTERS.index(letter)],
        label=letter,
        form="option",
        options=tuple(options),
        shown=tuple(Shown(f"{FOLDERS[role]}/{image}", role) for role in ROLES[settings.prompt]),
        group=image,
        max_new_tokens=1024,
        declared="" if template else DECLARED,
        variant_of=f"{image}|{asked['en_question']}",
        facts={"language": language, "rotation": str(turn)},
    )


BENCHMARK = ForeignBenchmark(
    name="if-bench",
    title="IF-Bench",
    facts=Facts(
        licence="Apache-2.0 (repository; the images' sources have terms of their own)",
        origin="github.com/casiatao/IF-Bench at fc784fc, arXiv 2512.09663",
        images="hub casiatao/IF-Bench: the folders infrared_imgs and translated_rgb_imgs below the benchmark's folder",
        citation="IF-Bench, arXiv 2512.09663",
    ),
    read=read,
)
