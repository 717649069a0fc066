"""WildFireVQA (FlameVQA): 34 questions a frame, of the photograph, of the thermal picture, or of both.

Its files come in two shapes: a list of rows, or a checkpoint with rows under keys and a person's answer beside each.
They are read file by file: in some a column is null that holds boxes in others.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from itb.others.kind import Asked, Facts, ForeignBenchmark, Shown, Skipped
from tools.errors import MissingError
from tools.files.json_text import read_json

Mode = Literal["rgb", "thermal", "rgb_thermal"]
CONTEXTS: Mapping[Mode, str] = {
    "rgb": "You are provided with an RGB visual image of a scene.",
    "thermal": "You are provided with a radiometric thermal image rendered with an inferno colormap.",
    "rgb_thermal": (
        "You are provided with two separate images of the same scene:\n"
        "1. The first image is a standard RGB visual aerial image.\n"
        "2. The second image is a radiometric thermal image rendered with an inferno colormap.\n"
        "Use BOTH images together to understand the scene."
    ),
}
"""What each mode begins with, as in upstream's prompt."""
SUMMARY = (
    "Temperature Summary for the Thermal Image (in Celsius):\n- Minimum Temp: {min}\n- Maximum Temp: {max}\n"
    "- Mean Temp: {mean}\n- Top 3% Mean: {top3_mean}\n"
    "Use these anchor points to map the observed thermal colors to approximate real temperatures."
)
TASK = "Question: {question}\n\nOptions:\n{options}\n\nAnswer with exactly ONE option text (copy it verbatim)."


class WildFireVqaSettings(BaseModel):
    """How WildFireVQA is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Mode = Field("rgb_thermal", description="Which images are shown.")
    temperatures: bool = Field(
        True,
        description="The summary of temperatures stands in the request, as upstream has it even beside the photograph.",
    )


def read(root: Path, settings: WildFireVqaSettings) -> Iterator[Asked | Skipped]:
    """The rows of every file, in the order of their names.

    Raises:
        MissingError: there is no file with rows.
    """
    files = [path for path in sorted(root.rglob("*.json")) if list_rows(read_json(path))]
    if not files:
        raise MissingError(
            f"{root}: no *.json with rows of WildFireVQA there (question, options, answer); name its folder"
        )
    for path in files:
        for number, row in enumerate(list_rows(read_json(path))):
            yield _ask(path, number, row, settings) or Skipped("bad_row", f"{path.name} row {number}")


def list_rows(content: Any) -> list[dict[str, Any]]:
    """The rows of either shape, a person's answer in place; none of another content."""
    match content:
        case {"items": dict(items)}:
            found = [{**item.get("meta", {}), "answer": item.get("human_answer")} for item in items.values()]
        case list():
            found = content
        case _:
            return []
    return [row for row in found if isinstance(row, dict) and "question" in row and "options" in row]


def _ask(path: Path, number: int, row: Mapping[str, Any], settings: WildFireVqaSettings) -> Asked | None:
    match row:
        case {"question": str(question), "options": [*texts], "answer": str(answer), "category": str(category)}:
            options = tuple(str(text) for text in texts)
        case _:
            return None
    if answer not in options or len(set(options)) < len(options):
        return None
    roles = {"rgb": "rgb_path", "thermal": "thermal_path"}
    shown = [(role, row.get(key)) for role, key in roles.items() if role in settings.mode.split("_")]
    if not all(isinstance(name, str) and name for _, name in shown):
        return None
    return Asked(
        kind=category,
        key=f"{row.get('question_id', number)}-{row.get('image_id', '')}-{path.stem}",
        question=question,
        prompt=write_prompt(row, options, settings),
        answer=answer,
        label=answer,
        form="word",
        options=options,
        shown=tuple(Shown(str(name), "ir" if role == "thermal" else role) for role, name in shown),
        group=str(row.get("image_id", "")),
        is_text_first=True,
        max_new_tokens=32,
    )


def write_prompt(row: Mapping[str, Any], options: tuple[str, ...], settings: WildFireVqaSettings) -> str:
    """Context, summary of temperatures where there is one, question and options."""
    parts = [CONTEXTS[settings.mode]]
    summary = row.get("temp_summary")
    if settings.temperatures and isinstance(summary, dict) and {"min", "max", "mean", "top3_mean"} <= set(summary):
        parts.append(SUMMARY.format_map(summary))
    listed = "\n".join(f"- {option}" for option in options)
    return "\n\n".join([*parts, TASK.format(question=row["question"], options=listed)])


BENCHMARK = ForeignBenchmark(
    name="wildfire-vqa",
    title="WildFireVQA",
    facts=Facts(
        licence="none stated in the repository",
        origin="github.com/mobiiin/WildFire_VQA at 73b65a0, arXiv 2604.20190",
        images="the frames of FLAME-3: `--map RGB=DIR --map Thermal=DIR`",
        citation="WildFireVQA, arXiv 2604.20190",
        declared="its files were never seen here, fields are those that its code states; upstream shrinks to 768",
    ),
    read=read,
)
