"""A benchmark of rendered scenes: all six tasks of the paper can be asked."""

from pathlib import Path

from itb.benchmark.bench import load_bench
from itb.build.build import BuildSettings, build_bench
from itb.tasks import list_paper_tasks
from tools.datasets import open_dataset
from tools.scenes import render_scenes


def test_all_six_tasks_can_be_asked_about_rendered_scenes(tmp_path):
    render_scenes(80, 2, tmp_path / "scenes", size=(192, 160), kinds=("road", "field", "shore", "indoor", "aerial"))
    frames = {Path(image.image).stem: image for image in open_dataset("scenes", tmp_path / "scenes").stream()}
    build_bench(BuildSettings(sources={"scenes": tmp_path / "scenes"}, out=tmp_path / "bench"))
    items = load_bench(tmp_path / "bench").items
    assert {item.task for item in items} == set(list_paper_tasks())
    for item in items:
        frame = frames[Path(item.image).stem]
        names = [box.name for box in frame.boxes]
        if item.task in ("aerial_count", "pedestrian_count"):
            assert item.answer == str(names.count(str(item.facts["name"])))
            assert (frame.facts["view"] == "aerial") == (item.task == "aerial_count")
        elif item.task == "recognition":
            assert names == [item.answer]
        elif item.task == "security":
            assert item.answer not in names and set(item.options) - {item.answer} <= set(names)
