import asyncio
import json

import pytest
from autogen_core.tools import StaticWorkbench
from PIL import Image

from tools.errors import RejectError, ToolkitError
from tools.functions import (
    Batcher,
    ImageTools,
    MadeImage,
    WorkbenchTools,
    image_path,
    make_function_tools,
)
from tools.functions.kept import Kept
from tools.prompts import DEFAULT_PACK
from tools.prompts.pack import load_pack
from tools.records import Box
from tools.translation import TranslatorSpec

TEXT = load_pack(DEFAULT_PACK).tools
BOXES = (Box(label="person", box_xyxy_norm=(0.2, 0.2, 0.6, 0.9)),)


class CountingScorer:
    """Scores a caption by its length and notes how many requests came together."""

    name, is_embedded, identity = "length", True, "length 1"

    def __init__(self):
        self.sizes = []

    def score(self, requests):
        self.sizes.append(len(requests))
        return [tuple(float(len(caption)) for caption in request.captions) for request in requests]


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.linear_gradient("L").convert("RGB").save(path)
    return path


def test_what_is_asked_in_one_turn_travels_in_batches_and_each_gets_its_own_reply():
    sizes = []

    async def double(requests):
        sizes.append(len(requests))
        await asyncio.sleep(0)
        return [2 * request for request in requests]

    async def ask():
        batcher = Batcher(double, 4)
        first = await asyncio.gather(*(batcher.ask(number) for number in range(10)))
        return [*first, await batcher.ask(99)]

    assert asyncio.run(ask()) == [*range(0, 20, 2), 198]
    assert sizes == [4, 4, 2, 1]


def test_an_error_reaches_everyone_in_its_batch_and_nobody_else():
    async def refuse_three(requests):
        if 3 in requests:
            raise ToolkitError("three")
        return requests

    async def ask():
        batcher = Batcher(refuse_three, 2)
        return await asyncio.gather(*(batcher.ask(number) for number in range(6)), return_exceptions=True)

    replies = asyncio.run(ask())
    assert [isinstance(reply, ToolkitError) for reply in replies] == [False, False, True, True, False, False]


def test_concurrent_scores_are_collected(tmp_path):
    scorer = CountingScorer()

    async def ask(tools):
        return await asyncio.gather(*(tools.score_captions(None, [["a" * n], ["b"]]) for n in range(5)))

    with ImageTools(TranslatorSpec("none"), scorer, tmp_path) as tools:
        assert asyncio.run(ask(tools)) == [[[float(n)], [1.0]] for n in range(5)]
    assert scorer.sizes == [10]


@pytest.mark.parametrize("workers", [0, 2])
def test_worker_processes_and_this_process_write_the_same_bytes(tmp_path, photo, workers):
    with ImageTools(TranslatorSpec("prior"), CountingScorer(), tmp_path / "here") as tools:
        made = asyncio.run(tools.translate_image(str(photo), "7", BOXES))
    with ImageTools(TranslatorSpec("prior"), CountingScorer(), tmp_path / "there", workers=workers) as tools:
        assert asyncio.run(tools.translate_image(str(photo), "7", BOXES)) == made == MadeImage(image_path("7"))
    path = made.path
    assert (tmp_path / "here" / path).read_bytes() == (tmp_path / "there" / path).read_bytes()


@pytest.mark.parametrize("workers", [0, 1])
def test_a_bad_photograph_is_a_reject_and_its_batch_goes_on(tmp_path, photo, workers):
    bad = tmp_path / "bad.jpg"
    bad.write_text("no image")

    async def ask(tools):
        paths = (photo, bad, tmp_path / "absent.jpg", photo)
        asked = (tools.translate_image(str(path), str(number), ()) for number, path in enumerate(paths))
        return await asyncio.gather(*asked, return_exceptions=True)

    with ImageTools(TranslatorSpec("gray"), CountingScorer(), tmp_path / "out", workers=workers) as tools:
        first, second, third, fourth = asyncio.run(ask(tools))
    assert (first.path, fourth.path) == (image_path("0"), image_path("3"))
    assert isinstance(second, RejectError) and second.code == "not_an_image" and "bad.jpg" in str(second)
    assert isinstance(third, RejectError) and third.code == "missing_file"


def test_a_folder_that_cannot_be_written_stops_the_run(tmp_path, photo):
    (tmp_path / "out").write_text("a file where the folder should be")
    with (
        ImageTools(TranslatorSpec("gray"), CountingScorer(), tmp_path / "out") as tools,
        pytest.raises(ToolkitError, match="cannot write images"),
    ):
        asyncio.run(tools.translate_image(str(photo), "1", ()))


def test_the_tools_give_the_same_behind_a_workbench(tmp_path, photo):
    async def ask(tools):
        workbench = WorkbenchTools(StaticWorkbench(make_function_tools(tools, TEXT)))
        image = (await workbench.translate_image(str(photo), "7", BOXES)).path
        with pytest.raises(RejectError) as caught:
            await workbench.translate_image(str(tmp_path / "absent.jpg"), "8", ())
        return image, await workbench.score_captions(image, [("ab", "c"), ("d",)]), caught.value.code

    with ImageTools(TranslatorSpec("gray"), CountingScorer(), tmp_path) as tools:
        assert asyncio.run(ask(tools)) == (image_path("7"), [[2.0, 1.0], [1.0]], "missing_file")


def test_the_function_tools_tell_a_model_what_they_take(tmp_path):
    with ImageTools(TranslatorSpec("none"), CountingScorer(), tmp_path) as tools:
        schemas = {tool.schema["name"]: tool.schema for tool in make_function_tools(tools, TEXT)}
    assert set(schemas["translate_image"]["parameters"]["required"]) == {"photo", "image_id", "boxes"}
    assert set(schemas["score_captions"]["parameters"]["required"]) == {"image", "captions"}
    assert json.dumps(schemas)


def test_what_was_made_is_kept_within_a_bound():
    kept = Kept[str, int](is_on=True, most=2)
    assert [kept.keep(name, number) for number, name in enumerate("abc")] == [0, 1, 2]
    assert [kept.find(name) for name in "abc"] == [None, 1, 2]
    off = Kept[str, int](is_on=False)
    assert off.keep("a", 1) == 1 and off.find("a") is None


@pytest.mark.parametrize("remembers", [True, False])
def test_what_was_scored_is_not_scored_again_where_that_is_remembered(tmp_path, remembers):
    scorer = CountingScorer()
    tools = ImageTools(TranslatorSpec("none"), scorer, tmp_path, remembers=remembers)

    async def score_twice():
        return [await tools.score_captions(None, [["a", "bc"]]) for _ in range(2)]

    assert asyncio.run(score_twice()) == [[[1.0, 2.0]]] * 2
    assert scorer.sizes == [1] * (1 if remembers else 2)
