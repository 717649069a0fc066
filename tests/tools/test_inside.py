"""Paths that stand in files stay inside their folder, also through links."""

import os

import pytest

from tools.files.inside import PathFault, check_name, find_link_fault, join_inside, real_path


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../x.jpg", "leads out"),
        ("a/../../x.jpg", "leads out"),
        ("..\\x.jpg", "leads out"),
        ("a\\..\\..\\x.jpg", "leads out"),
        ("/etc/passwd", "absolute"),
        ("\\\\server\\x.jpg", "absolute"),
        ("C:\\x.jpg", "absolute"),
        ("file:///etc/passwd", ""),
        ("~root/x.jpg", "absolute"),
        ("", "names no file"),
        (".", "names no file"),
        ("a/", "names no file"),
        ("a\x00.jpg", "control"),
        ("\x1b[31mred.jpg", "control"),
        ("..", "leads out"),
        ("out.jpg", "link that leads out"),
        ("dir/secret.jpg", "link that leads out"),
        ("loop.jpg", "leads to itself"),
        ("loop.jpg/a.jpg", "leads to itself"),
    ],
)
def test_a_path_that_leads_out_is_refused(name, says, tmp_path):
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "secret.jpg").write_text("secret")
    (folder / "out.jpg").symlink_to("../outside/secret.jpg")
    (folder / "dir").symlink_to(outside)
    (folder / "loop.jpg").symlink_to("loop.jpg")
    if not says:
        assert not join_inside(folder, name).exists()
        return
    with pytest.raises(PathFault, match=says) as caught:
        join_inside(folder, name)
    assert "\n" not in str(caught.value)


def test_a_path_that_stays_inside_is_joined(tmp_path):
    (tmp_path / "real/sub").mkdir(parents=True)
    (tmp_path / "real/sub/1.jpg").write_text("x")
    (tmp_path / "folder").symlink_to("real")
    (tmp_path / "real/link.jpg").symlink_to("sub/1.jpg")
    folder = tmp_path / "folder"
    assert join_inside(folder, "sub/1.jpg").is_file()
    assert join_inside(folder, "sub\\1.jpg") == folder / "sub/1.jpg"
    assert join_inside(folder, "link.jpg").is_file()
    assert join_inside(folder, "not there.jpg") == folder / "not there.jpg"
    assert join_inside(folder, "a..b/..c.jpg") == folder / "a..b/..c.jpg"
    assert check_name("a\\b.jpg") == "a/b.jpg"
    assert find_link_fault(folder, folder / "sub/1.jpg") is None


def test_the_path_without_links_of_a_loop_is_the_loop(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert os.path.islink(real_path(tmp_path / "a"))  # noqa: PTH114
