import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tools import photographs
from tools.datasets.coco import load_coco
from tools.errors import MissingError, ToolkitError
from tools.photographs import collect, collect_photographs, load_annotations

ROOT = Path(__file__).resolve().parents[2]
COCO_IDS = {"person": 1, "bicycle": 2, "motorcycle": 4, "boat": 9, "bench": 15, "cat": 17, "tie": 32, "bottle": 44}
COCO_IDS |= {"cup": 47, "spoon": 50, "dining table": 67}

ABSENT = [name for name in ("skimage", "sklearn", "matplotlib") if importlib.util.find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(ABSENT), reason=f"{', '.join(ABSENT)} not installed: pip install -e '.[demo]'")


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    return collect_photographs(tmp_path_factory.mktemp("photographs"))


def test_at_least_eight_photographs_with_five_captions_each():
    listed = load_annotations().photographs
    assert len(listed) >= 8
    assert [photograph.id for photograph in listed] == sorted({photograph.id for photograph in listed})
    assert len({photograph.file_name for photograph in listed}) == len(listed)
    for photograph in listed:
        assert len(set(photograph.captions)) == 5, photograph.file_name
        assert photograph.credit, photograph.file_name
        assert photograph.licence, photograph.file_name


def test_every_box_is_inside_its_photograph(collected):
    for photograph in load_annotations().photographs:
        width, height = Image.open(collected.images / photograph.file_name).size
        for label, x, y, w, h, *_ in photograph.boxes:
            assert 0 <= x < x + w <= width, (photograph.file_name, label)
            assert 0 <= y < y + h <= height, (photograph.file_name, label)
            assert label in load_annotations().categories


def test_coco_categories_have_cocos_ids_and_ours_stay_clear_of_them():
    categories = load_annotations().categories
    assert {name: id_ for name, id_ in categories.items() if id_ < 1000} == COCO_IDS
    assert len(set(categories.values())) == len(categories)


def test_the_reader_takes_all_of_it(collected):
    dataset = load_coco(collected.captions, collected.instances)
    listed = load_annotations().photographs
    assert dataset.ids == tuple(str(photograph.id) for photograph in listed)
    assert dataset.counts == {
        "images": len(listed),
        "captions": 5 * len(listed),
        "boxes": sum(len(photograph.boxes) for photograph in listed),
        "crowd_regions": 1,
        "images_without_captions": 0,
        "images_without_boxes": 0,
        "images_rejected": 0,
    }
    for place, photograph in enumerate(listed):
        read = dataset.photo(place)
        assert (read.file_name, read.captions) == (photograph.file_name, photograph.captions)
        assert [box.label for box in read.boxes] == [box[0] for box in photograph.boxes]


def test_the_same_bytes_every_time(collected, tmp_path):
    again = collect_photographs(tmp_path)
    first, second = collected.captions.parent, again.captions.parent
    assert _hash_tree(first) == _hash_tree(second)
    collect_photographs(tmp_path)
    assert _hash_tree(first) == _hash_tree(second)


def test_everyone_is_credited(collected):
    credits = (collected.captions.parent / "CREDITS.md").read_text(encoding="utf-8")
    for photograph in load_annotations().photographs:
        assert photograph.file_name in credits
        assert photograph.credit in credits


def test_no_package_is_imported(tmp_path):
    code = (
        "import sys; from pathlib import Path; from tools.photographs import collect_photographs;"
        f"collect_photographs(Path({str(tmp_path)!r}));"
        "print([name for name in ('skimage', 'sklearn', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setattr(collect.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingError, match=r"scikit-image, which is not installed; .*pip install -e '\.\[demo\]'"):
        collect.find_photograph(load_annotations().photographs[0])


def test_a_missing_file_is_named():
    lost = load_annotations().photographs[0].model_copy(update={"path": "data/no_such.png"})
    with pytest.raises(MissingError, match=r"no_such\.png: this version of scikit-image .*\[demo\]"):
        collect.find_photograph(lost)


def test_another_photograph_under_the_same_name_is_refused():
    other = load_annotations().photographs[0].model_copy(update={"size": (10, 10)})
    with pytest.raises(ToolkitError, match="boxes were drawn for 10x10"):
        collect.find_photograph(other)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ToolkitError, match=r"cannot be used as a photographs folder \(it is no folder\)"):
        photographs.collect_photographs(tmp_path / "file")


def _hash_tree(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
