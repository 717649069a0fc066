"""RGB-Th-Bench: yes or no about a photograph, or about a photograph and its thermal image; 29 scenes.

A folder a scene, with `questions.json` and the two pictures. The files hold 16 skills; the paper counts 14 of them, and
the figures say which.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from itb.others.kind import Asked, Facts, ForeignBenchmark, Shown, Skipped
from tools.errors import MissingError, UsageError
from tools.files.json_text import read_object
from tools.registry import NoSettings

FILE = "questions.json"
PAIR = "RGB-Thermal Pair"
REQUESTS = {
    False: 'Based on this image, answer strictly "Yes" or "No".\nQuestion: {question}',
    True: (
        "Based on these two images, the second being the thermal one of the same scene, answer strictly "
        '"Yes" or "No".\nQuestion: {question}'
    ),
}
DECLARED = "the request says in our words what the paper's prompt asks for"


def read(root: Path, settings: NoSettings) -> Iterator[Asked | Skipped]:
    """Scene by scene, skill by skill.

    Raises:
        MissingError: no scene is there.
        UsageError: a file holds something else.
    """
    files = sorted(root.rglob(FILE))
    if not files:
        raise MissingError(f"{root}: no RGB-Th-Bench there (no {FILE} below it); name the folder that holds the scenes")
    for path in files:
        scene = path.parent.relative_to(root).as_posix()
        blocks = read_object(path).get("data")
        if not isinstance(blocks, list):
            raise UsageError(f"{path}: no questions of RGB-Th-Bench; expected a list under `data`")
        for number, block in enumerate(blocks):
            yield from _ask_block(path, scene, number, block)


def _ask_block(path: Path, scene: str, number: int, block: Mapping[str, Any]) -> Iterator[Asked | Skipped]:
    where = f"{scene}/{FILE}, block {number}"
    try:
        files, skill, is_pair = block["data_id"], str(block["skill_type"]), block["data_type"] == PAIR
        rows = [(str(row["question"]), str(row["answer"])) for row in block["QAs"]]
    except (KeyError, TypeError) as error:
        raise UsageError(
            f"{path}: block {number} lacks {error}; expected data_id, data_type, skill_type, QAs"
        ) from error
    names = [PurePosixPath(str(name)).name for name in (files if isinstance(files, list) else [files])]
    folder = "" if scene == "." else f"{scene}/"
    shown = tuple(Shown(f"{folder}{name}", "rgb" if place == 0 else "ir") for place, name in enumerate(names))
    for place, (question, answer) in enumerate(rows):
        if answer.strip().lower() not in ("yes", "no"):
            yield Skipped("answer_is_neither_yes_nor_no", where)
            continue
        yield Asked(
            kind=skill,
            key=f"{name_scene(scene)}-{number:02d}-{place}",
            question=question,
            prompt=REQUESTS[is_pair].format(question=question),
            answer=answer.strip().lower(),
            label=answer.strip(),
            form="yes_no",
            shown=shown,
            group=scene,
            declared=DECLARED,
            facts={"scene": scene, "data_type": str(block["data_type"])},
            band="lwir" if is_pair else "visible",
        )


def name_scene(scene: str) -> str:
    """A scene's path in ids: without blanks and slashes."""
    return scene.replace("/", ".").replace(" ", "_")


BENCHMARK = ForeignBenchmark(
    name="rgb-th-bench",
    title="RGB-Th-Bench",
    facts=Facts(
        licence="none found; ask the authors",
        origin="arXiv 2503.19654; files as in huhanwj/RGB-Th-Benchmark at 3250d05, a third party's copy",
        images="rgb and thermal picture beside each questions.json",
        citation="Moshtaghi et al., RGB-Th-Bench, arXiv 2503.19654",
    ),
    read=read,
)
