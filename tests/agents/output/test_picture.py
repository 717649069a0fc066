import numpy as np
import pytest
from mini_coco import write_coco
from PIL import Image

from agents.config import RunConfig
from agents.output.picture import describe_result, draw_picture
from agents.output.picture.kinds import draw_kinds
from agents.running.run import run_synthesis
from agents.store.run_store import RunStore
from tools.errors import UsageError


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("picture")
    write_coco(folder, 6)
    for name, translator in (("run", "gray"), ("blind", "none")):
        run_synthesis(
            RunConfig(
                captions=folder / "captions.json", instances=folder / "instances.json", images=folder / "photos",
                out=folder / name, block=1, lag=1, instructions="all", mix="each", workers=0, translator=translator,
                debate="instructions",
            )
        )  # fmt: skip
    return folder


def test_photograph_and_infrared_image_stand_side_by_side(root):
    path = draw_picture(root / "run", "1", root / "picture.png")
    pixels = np.asarray(Image.open(path).convert("RGB"), int)
    left, right = pixels[30:300, 30:500], pixels[30:300, 580:1060]
    assert np.ptp(left, axis=2).max() > 20
    assert np.ptp(right, axis=2).max() == 0
    assert np.ptp(right) > 20
    assert draw_picture(root / "run", "1", root / "picture.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_without_an_id_there_is_an_instruction_of_each_kind(root):
    one = Image.open(draw_picture(root / "run", "1", root / "one.png"))
    kinds = Image.open(draw_kinds(root / "run", root / "kinds.png"))
    assert kinds.width == one.width and kinds.height > 3 * 200
    with pytest.raises(UsageError, match="no accepted instruction about an image of the modality"):
        draw_kinds(root / "blind", root / "none.png")


def test_the_text_is_that_of_the_run(root):
    with RunStore(root / "run") as store:
        results = list(store.read_results())
    rejected = [item for item in results if any(len(debate.rounds) > 1 for debate in item.debates)]
    assert rejected
    for result in rejected:
        lines = list(describe_result(result))
        labels = [line.label for line in lines if line.label]
        assert labels.index("rejected") < labels.index("accepted")
        objection = next(
            attempt.verdict.objections[0]
            for debate in result.debates
            for attempt in debate.rounds
            if not attempt.verdict.is_accepted
        )
        assert objection.quote in " ".join(line.text for line in lines)


def test_an_image_without_infrared_is_explained(root):
    with pytest.raises(UsageError, match="has no infrared image"):
        draw_picture(root / "blind", "1", root / "none.png")


def test_another_ending_is_refused(root):
    with pytest.raises(UsageError, match=r"out.gif: pictures are written as .jpg or .png"):
        draw_picture(root / "run", "1", root / "out.gif")
