"""The seam: every dataset of the table, and what opening, streaming and finding do for all of them."""

from pathlib import PurePosixPath

import mini_datasets as mini
import pytest

from tools.datasets import AnnotatedImage, Dataset, Facts, find_dataset, open_dataset
from tools.datasets.dataset import OpenDataset
from tools.datasets.files import find_id
from tools.datasets.reading import Reading, Row
from tools.errors import MissingError, UsageError
from tools.files.inside import find_name_fault
from tools.ids import name_path
from tools.registry import DATASETS

FACTS = Facts(title="folder", licence="none", band="lwir", tree="*.png", how="Draw it.")


def read_folder(reading):
    for path in sorted(reading.root.rglob("*.*")):
        yield from reading.make(Row(path, path.name, path.stem))


def open_folder(root, read=read_folder):
    dataset = Dataset("folder", FACTS, lambda root: "a folder", read)
    return OpenDataset(dataset, Reading("folder", FACTS, root), "a folder")


@pytest.mark.parametrize("name", DATASETS.names())
def test_an_entry_loads_the_dataset_of_its_name(name):
    dataset = find_dataset(name)
    assert dataset.name == name and DATASETS.is_built_in(name)
    facts = dataset.facts
    assert all((facts.title, facts.licence, facts.citation, facts.band, facts.tree, facts.how))
    assert (facts.band == "visible") == bool(DATASETS.find(name).traits.get("is_visible"))


@pytest.mark.parametrize("name", DATASETS.names())
def test_a_missing_or_another_folder_is_answered_with_the_expected_tree(name, tmp_path):
    facts = find_dataset(name).facts
    with pytest.raises(MissingError, match="no such folder") as raised:
        open_dataset(name, tmp_path / "nowhere")
    assert facts.how in str(raised.value)
    (tmp_path / "renamed").mkdir()
    (tmp_path / "readme.txt").write_text("")
    with pytest.raises(MissingError, match="does not hold the dataset") as raised:
        open_dataset(name, tmp_path)
    text = str(raised.value)
    assert facts.tree.splitlines()[0].strip() in text
    assert "found: readme.txt, renamed/" in text and facts.how in text


def test_an_unknown_dataset_is_refused(tmp_path):
    with pytest.raises(UsageError, match=r"there is no dataset `kaist` \(there are: .*--plugin FILE adds more"):
        open_dataset("kaist", tmp_path)


def test_ids_are_paths_without_suffix_and_find_what_was_streamed(tmp_path):
    for name in ("a/1.png", "a/2.5.jpg", "b/1.png"):
        mini.write_image(tmp_path / name)
    opened = open_folder(tmp_path)
    images = list(opened.stream())
    assert [image.id for image in images] == ["a/1", "a/2.5", "b/1"]
    assert [opened.find(image.id) for image in images] == images
    with pytest.raises(UsageError, match=r"has no image `a/3` that can be used; an id is the image's path"):
        opened.find("a/3")


def test_two_files_of_one_id_are_refused_with_one_sentence(tmp_path):
    for name in ("a.jpg", "a.png"):
        mini.write_image(tmp_path / name)
    with pytest.raises(UsageError) as raised:
        list(open_folder(tmp_path).stream())
    assert str(raised.value) == (
        "a.jpg and a.png would have the same id (an image's path without suffix); rename or remove one of them"
    )


def test_an_image_listed_twice_is_a_reject_the_second_time(tmp_path):
    mini.write_image(tmp_path / "a.png")

    def read_twice(reading):
        yield from read_folder(reading)
        yield from read_folder(reading)

    first, second = open_folder(tmp_path, read_twice).stream()
    assert first.id == "a" and (second.where, second.code) == ("a.png", "duplicate_id")


def test_a_folder_without_an_index_is_read_once_for_all_finds(tmp_path):
    mini.write_image(tmp_path / "a.png")
    calls = []

    def read(reading):
        calls.append(reading.root)
        yield from read_folder(reading)

    opened = open_folder(tmp_path, read)
    assert opened.find("a") == opened.find("a")
    assert len(calls) == 1


def test_names_are_kept_where_the_facts_map_none(tmp_path):
    mini.write_image(tmp_path / "a.png")
    (entry,) = open_folder(tmp_path).stream()
    assert isinstance(entry, AnnotatedImage) and entry.polarity == "unknown"
    assert entry.captions == entry.labels == entry.boxes == () and entry.split is None


def test_an_id_has_no_suffix():
    assert [find_id(name) for name in ("a.jpg", "a/b.c/d", "a/b.c.png")] == ["a", "a/b.c/d", "a/b.c"]
    assert find_name_fault("a/b.jpg") is None


@pytest.mark.parametrize(
    "image", ["a.png", "x/b-1/c_2.jpeg", "a.b.png", "./a.png", "x//a.png", ".png", "a", "x.y/a.", "ä.png"]
)
def test_the_quick_way_to_an_id_gives_what_the_path_gives(image):
    assert find_id(image) == name_path(PurePosixPath(image))
