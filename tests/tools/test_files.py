"""The one atomic write, the one lock, and the marker of folders: what is refused, what is kept, what is deleted."""

import errno
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tools.errors import ToolkitError, UsageError
from tools.files import (
    MARKER_FILE,
    Claim,
    Marker,
    check_file,
    check_folder,
    claim_folder,
    clear_abandoned,
    clear_files,
    clear_unfinished,
    copy_file,
    fill_folder,
    hold,
    hold_file,
    is_filled,
    list_strangers,
    list_unfinished,
    own_file,
    own_folder,
    read_marker,
    replace_file,
    stage_file,
    write_bytes,
    write_lines,
    write_text,
    write_with,
)
from tools.files.atomic import name_unfinished

ROOT = Path(__file__).resolve().parents[2]
RUN = Claim("run", "python -m agents run", places=("store", "images"))
EXPORT = Claim("export", "python -m agents export")


def snapshot(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def run_python(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_nothing_but_the_standard_library_is_imported():
    code = "import sys, tools.files; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = set(eval(run_python(code).stdout))
    assert {name for name in loaded if name not in sys.stdlib_module_names and not name.startswith("_")} <= {"tools"}


# Writing.


def test_the_ways_to_write_give_the_bytes_they_are_told(tmp_path):
    write_text(tmp_path / "text", "ä\r\nb\n")
    write_text(tmp_path / "replaced", "\udc80", errors="replace")
    write_bytes(tmp_path / "bytes", b"\x00\r\n")
    write_lines(tmp_path / "lines", (f"{number}\n" for number in range(3)))
    write_with(tmp_path / "with", lambda path: path.write_bytes(b"library"))
    copy_file(tmp_path / "bytes", tmp_path / "copy")
    with replace_file(tmp_path / "file") as file:
        file.write(b"streamed")
    found = snapshot(tmp_path)
    assert found == {
        "text": b"\xc3\xa4\r\nb\n", "replaced": b"?", "bytes": b"\x00\r\n", "lines": b"0\n1\n2\n", "with": b"library",
        "copy": b"\x00\r\n", "file": b"streamed",
    }  # fmt: skip


def test_readers_see_the_old_file_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a.json"
    write_text(path, "old")
    with replace_file(path) as file:
        file.write(b"new, but not yet whole")
        file.flush()
        assert path.read_text() == "old"
        assert len(list_unfinished(tmp_path)) == 1
    assert snapshot(tmp_path) == {"a.json": b"new, but not yet whole"}


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_in_the_middle_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.json"
    write_text(path, "old")
    with pytest.raises(error), replace_file(path) as file:
        file.write(b"half")
        raise error
    with pytest.raises(UnicodeEncodeError):
        write_lines(path, ["fine\n", "\udc80\n"])
    assert snapshot(tmp_path) == {"a.json": b"old"}


def test_what_a_disk_refuses_is_one_sentence(tmp_path, monkeypatch):
    write_text(tmp_path / "a", "old")

    def fill(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fill)
        with pytest.raises(
            ToolkitError, match=r"/a: cannot be written \(.*No space left on device\); make room and run"
        ):
            write_text(tmp_path / "a", "new")
        with pytest.raises(OSError, match="No space left"), stage_file(tmp_path / "a"):
            pass
    with pytest.raises(ToolkitError, match=r"absent/a: cannot be written \(.*No such file"):
        write_text(tmp_path / "absent/a", "new")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ToolkitError, match=r"folder: cannot be written \(.*[Dd]irectory"):
        write_text(tmp_path / "folder", "new")
    assert snapshot(tmp_path) == {"a": b"old", "folder": None}


def test_a_link_is_replaced_and_never_written_through(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    path = tmp_path / "own/a"
    path.parent.mkdir()
    for link in (path, name_unfinished(path)):  # the other one as of a dead process that had our number
        link.symlink_to(tmp_path / "mine.txt")
    write_text(path, "ours")
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert path.read_text() == "ours" and not path.is_symlink() and not list_unfinished(path.parent)


def test_a_killed_write_leaves_a_file_that_the_next_owner_takes_away(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from tools.files import write_text\n"
        "Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_text(Path(sys.argv[1]), 'half')"
    )
    with own_folder(tmp_path / "run", RUN):
        write_text(tmp_path / "run/store", "old")
    assert run_python(code, tmp_path / "run/store").returncode == -signal.SIGKILL
    assert len(list_unfinished(tmp_path / "run")) == 1
    with own_folder(tmp_path / "run", RUN):
        assert not list_unfinished(tmp_path / "run")
    assert (tmp_path / "run/store").read_text() == "old"


# The lock.

HOLD = "import sys; from pathlib import Path; from tools.files import hold\nwith hold(Path(sys.argv[1])): "


@pytest.mark.parametrize("name", ["folder", "file.jsonl", "not-there.jsonl"])
def test_two_processes_cannot_work_on_one_place_and_the_second_is_told_who_does(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file.jsonl").write_text("{}\n")
    with hold(tmp_path / name):
        other = run_python(HOLD + "print('in')", tmp_path / name)
        assert f"{name}: another process (pid {os.getpid()}) works on it; wait for it" in other.stderr
        assert other.stdout == ""
    assert run_python(HOLD + "print('in')", tmp_path / name).stdout == "in\n"
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith("lock")]


def test_the_lock_dies_with_its_process(tmp_path):
    killed = run_python(HOLD + "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", tmp_path)
    assert killed.returncode == -signal.SIGKILL and (tmp_path / ".lock").exists()
    assert run_python(HOLD + "print('in')", tmp_path).stdout == "in\n"


def count_up(folder, times):
    done = 0
    while done < times:
        try:
            with hold(folder):
                number = int((folder / "number").read_text())
                (folder / "number").write_text(str(number + 1))
                done += 1
        except ToolkitError:
            continue


def test_many_processes_are_never_in_at_once_although_the_lock_file_comes_and_goes(tmp_path):
    (tmp_path / "number").write_text("0")
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=count_up, args=(tmp_path, 50)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert (tmp_path / "number").read_text() == "200"


def test_a_lock_file_of_someone_else_is_refused_and_no_link_is_followed(tmp_path):
    (tmp_path / ".lock").write_text("yarn lockfile v1")
    with pytest.raises(UsageError, match=r"\.lock: is in the way of the lock"), hold(tmp_path):
        pass
    assert (tmp_path / ".lock").read_text() == "yarn lockfile v1"
    (tmp_path / ".lock").unlink()
    (tmp_path / "mine").write_text("")
    (tmp_path / ".lock").symlink_to(tmp_path / "mine")
    with pytest.raises(UsageError, match="cannot be written"), hold(tmp_path):
        pass
    assert (tmp_path / "mine").read_text() == ""


# Folders.


def test_a_new_folder_is_made_and_marked_before_anything_else(tmp_path):
    with own_folder(tmp_path / "a/b", RUN):
        marker = (tmp_path / "a/b" / MARKER_FILE).read_bytes()
        assert json.loads(marker) == {"format": 1, "kind": "run", "command": "python -m agents run"}
    assert snapshot(tmp_path / "a/b") == {MARKER_FILE: marker}
    assert read_marker(tmp_path / "a/b") == Marker("run", "python -m agents run")


@pytest.mark.parametrize("content", ["nothing", "lock", "unfinished", "marker"])
def test_an_empty_folder_is_taken(tmp_path, content):
    if content == "lock":
        (tmp_path / ".lock").write_text("4711")
    elif content == "unfinished":
        (tmp_path / f".{MARKER_FILE}.4711-4711.tmp").write_text("{")
    elif content == "marker":
        claim_folder(tmp_path, EXPORT)
    with own_folder(tmp_path, RUN) as owned:
        assert owned.path == tmp_path
    assert read_marker(tmp_path).kind == "run"


def test_a_folder_of_its_own_kind_is_taken_and_of_another_is_not(tmp_path):
    with own_folder(tmp_path, RUN):
        write_text(tmp_path / "store", "rows")
    (tmp_path / "mine.jpg").write_bytes(b"jpg")
    with own_folder(tmp_path, Claim("run", "python -m agents merge", places=("store",))):
        pass
    assert read_marker(tmp_path).command == "python -m agents run"
    before = snapshot(tmp_path)
    with pytest.raises(UsageError) as caught, own_folder(tmp_path, EXPORT):
        pass
    assert str(caught.value) == (
        f"{tmp_path}: is a folder of `python -m agents run` (run), and `python -m agents export` writes only into a "
        "new, an empty or its own folder; use another --out"
    )
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("names", [("README.md",), (".git/config",), (".lock",), ("deep/er/a.jpg", ".hidden")])
def test_a_foreign_folder_is_refused_with_one_sentence_and_left_as_it_is(tmp_path, names):
    for name in names:
        (tmp_path / "theirs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "theirs" / name).write_text("theirs")
    before = snapshot(tmp_path)
    for claim in (RUN, EXPORT):
        for attempt in (check_folder, claim_folder, lambda *place: own_folder(*place).__enter__()):
            with pytest.raises(UsageError) as caught:
                attempt(tmp_path / "theirs", claim)
            assert str(caught.value) == (
                f"{tmp_path / 'theirs'}: holds files that `{claim.command}` did not write, e.g. "
                f"{names[0].partition('/')[0]}; name a new or an empty folder with --out"
            )
    assert snapshot(tmp_path) == before


def test_what_is_no_folder_and_what_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    for name in ("file", "dangling", "file/below"):
        with pytest.raises(UsageError, match=r"--output_dir .* cannot be used as a run folder"):
            own_folder(tmp_path / name, Claim("run", "x", places=(), flag="--output_dir")).__enter__()
    assert (tmp_path / "file").read_text() == "mine" and not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"name": "someone else"}', '{"format": 2, "kind": "run", "command": "x"}', '{"format": 1}',
     '{"format": 1, "kind": "run", "command": "x", "files": [1]}', '{"format": 1, "kind": 1, "command": "x"}'],
)  # fmt: skip
def test_a_file_named_like_the_marker_that_is_none_is_refused(tmp_path, text):
    (tmp_path / MARKER_FILE).write_text(text)
    with pytest.raises(UsageError, match=r"\.folder\.json: is no marker of a folder that this version can use"):
        check_folder(tmp_path, RUN)
    assert (tmp_path / MARKER_FILE).read_text() == text


def test_a_marker_that_is_a_link_is_refused(tmp_path):
    claim_folder(tmp_path / "run", RUN)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / MARKER_FILE).symlink_to(tmp_path / "run" / MARKER_FILE)
    with pytest.raises(UsageError, match="it is a link"):
        check_folder(tmp_path / "other", RUN)


def test_a_folder_from_before_the_marker_is_recognised_and_marked(tmp_path):
    def recognise(folder):
        return ["old.json"] if (folder / "old.json").read_text() == "ours" else None

    claim = Claim("export", "python -m agents export", recognise)
    (tmp_path / "old.json").write_text("theirs")
    with pytest.raises(UsageError, match=r"did not write, e\.g\. mine\.jpg"):
        (tmp_path / "mine.jpg").write_bytes(b"jpg")
        check_folder(tmp_path, claim)
    (tmp_path / "old.json").write_text("ours")
    with own_folder(tmp_path, claim) as owned:
        assert owned.files == {"old.json"}
        owned.add("old.json", "new.json")
    assert read_marker(tmp_path).files == ("new.json", "old.json")


def test_an_error_leaves_no_new_folder_behind_but_what_was_written_stays(tmp_path):
    with pytest.raises(RuntimeError), own_folder(tmp_path / "new", RUN):
        raise RuntimeError
    assert snapshot(tmp_path) == {}
    with pytest.raises(RuntimeError), own_folder(tmp_path / "new", RUN):
        write_text(tmp_path / "new/store", "rows")
        raise RuntimeError
    assert set(snapshot(tmp_path / "new")) == {MARKER_FILE, "store"}
    (tmp_path / "there").mkdir()
    with pytest.raises(RuntimeError), own_folder(tmp_path / "there", RUN):
        raise RuntimeError
    assert (tmp_path / "there").is_dir()


def test_a_killed_command_leaves_a_folder_that_it_takes_again(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from tools.files import Claim, own_folder\n"
        "with own_folder(Path(sys.argv[1]), Claim('run', 'x', places=('store',))):\n"
        "    (Path(sys.argv[1]) / 'store').write_text('rows'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert run_python(code, tmp_path / "run").returncode == -signal.SIGKILL
    with own_folder(tmp_path / "run", RUN):
        assert (tmp_path / "run/store").read_text() == "rows"


def test_a_second_process_is_kept_out_of_an_owned_folder(tmp_path):
    code = "import sys; from pathlib import Path; from tools.files import Claim, own_folder\n"
    code += "with own_folder(Path(sys.argv[1]), Claim('run', 'x', places=())): print('in')"
    with own_folder(tmp_path / "run", RUN):
        other = run_python(code, tmp_path / "run")
    assert "another process (pid" in other.stderr and other.stdout == ""
    assert run_python(code, tmp_path / "run").stdout == "in\n"


def test_files_are_listed_before_they_are_written_and_others_are_not_overwritten(tmp_path):
    with own_folder(tmp_path, EXPORT) as owned:
        owned.add("b.json", "a.json", "images/")
        assert read_marker(tmp_path).files == ("a.json", "b.json", "images/")
        write_text(tmp_path / "a.json", "ours")
    (tmp_path / "mine.json").write_text("mine")
    (tmp_path / "link.json").symlink_to(tmp_path / "gone")
    with own_folder(tmp_path, EXPORT) as owned:
        owned.add("a.json", "c.json")
        for name in ("mine.json", "link.json"):
            with pytest.raises(UsageError, match=rf"{name}: is there and was not written by `python -m agents export`"):
                owned.add("d.json", name)
    assert read_marker(tmp_path).files == ("a.json", "b.json", "c.json", "images/")


@pytest.mark.parametrize("place", ["store", "images", "images/ab"])
def test_nothing_is_written_through_a_link_that_leads_out(tmp_path, place):
    run, mine = tmp_path / "run", tmp_path / "mine"
    claim_folder(run, RUN)
    mine.mkdir()
    (run / place).parent.mkdir(exist_ok=True)
    (run / place).symlink_to(mine)
    with pytest.raises(UsageError, match=rf"run/{place}: is a link that leads out of .*run, and nothing is written"):
        claim_folder(run, RUN)
    (run / place).unlink()
    (run / "store").unlink(missing_ok=True)
    (run / "store").symlink_to(tmp_path / "gone")  # leads to nothing yet
    with pytest.raises(UsageError, match="is a link that leads out"):
        claim_folder(run, RUN)


def test_links_of_the_user_and_within_the_folder_are_no_danger(tmp_path):
    run = tmp_path / "run"
    claim_folder(run, RUN)
    (run / "images/ab").mkdir(parents=True)
    (run / "photos").symlink_to(tmp_path)  # not a name that the run writes
    (run / "images/cd").symlink_to(run / "images/ab")
    (run / "images/ab/1.jpg").symlink_to(tmp_path / "1.jpg")  # a file is replaced
    claim_folder(run, RUN)
    (tmp_path / "linked").symlink_to(run)
    with own_folder(tmp_path / "linked", RUN):
        pass


def test_a_listed_file_that_became_a_link_out_is_refused(tmp_path):
    with own_folder(tmp_path / "export", EXPORT) as owned:
        owned.add("a.json")
    (tmp_path / "export/a.json").symlink_to(tmp_path / "mine.json")
    with pytest.raises(UsageError, match="is a link that leads out"):
        claim_folder(tmp_path / "export", EXPORT)


def test_single_files_are_replaced_only_when_they_are_of_the_sort(tmp_path):
    def is_ours(path):
        return path.read_text() == "ours"

    own_file(tmp_path / "new/a", is_ours, "a picture")
    assert (tmp_path / "new").is_dir()
    for text in ("", "ours"):
        (tmp_path / "a").write_text(text)
        check_file(tmp_path / "a", is_ours, "a picture")
    (tmp_path / "a").write_text("theirs")
    with pytest.raises(
        UsageError, match=r"/a: is there and is not a picture; move it, or name another file with --json"
    ):
        own_file(tmp_path / "a", is_ours, "a picture", "--json")
    with pytest.raises(UsageError, match=r"new: is there and is not a picture; move it$"):
        check_file(tmp_path / "new", is_ours, "a picture", None)
    with pytest.raises(UsageError, match="cannot be written"):
        own_file(tmp_path / "a/b", is_ours, "a picture")


# What `--fresh` deletes.


def test_listed_files_go_and_then_the_folders_that_stand_empty(tmp_path):
    for name in ("a", "images/ab/1.png", "images/cd/2.png", "images/cd/mine.jpg", "mine/b", "deep/er/3.png"):
        write_text_deep(tmp_path / name)
    (tmp_path / "images/ab/.1.png.4711-4711.tmp").write_text("half")
    (tmp_path / "elsewhere").mkdir()
    listed = ["a", "images/ab/1.png", "images/cd/2.png", "gone", "gone/too", "deep/er/3.png", "mine"]
    clear_files(tmp_path, listed)
    assert {name for name, content in snapshot(tmp_path).items() if content is not None} == {
        "images/cd/mine.jpg", "mine/b",
    }  # fmt: skip
    assert {name for name, content in snapshot(tmp_path).items() if content is None} == {
        "images", "images/cd", "mine", "elsewhere",
    }  # fmt: skip


def write_text_deep(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")


@pytest.mark.parametrize("name", ["../mine", "/etc/hostname", "a/../../mine", ".", "linked/mine"])
def test_a_list_that_leads_out_deletes_nothing(tmp_path, name):
    write_text_deep(tmp_path / "mine")
    write_text_deep(tmp_path / "run/a")
    (tmp_path / "run/linked").symlink_to(tmp_path)
    before = snapshot(tmp_path)
    with pytest.raises(UsageError, match="which is not in this folder; nothing was deleted"):
        clear_files(tmp_path / "run", ["a", name])
    assert snapshot(tmp_path) == before


def test_a_link_is_deleted_and_what_it_leads_to_stays(tmp_path):
    write_text_deep(tmp_path / "data/1.jpg")
    (tmp_path / "bench/images").mkdir(parents=True)
    (tmp_path / "bench/images/1.jpg").symlink_to(tmp_path / "data/1.jpg")
    clear_files(tmp_path / "bench", ["images/1.jpg"])
    assert set(snapshot(tmp_path)) == {"bench", "data", "data/1.jpg"}


def test_strangers_are_what_is_neither_listed_nor_the_marker_nor_unfinished(tmp_path):
    for name in ("a", "b/c", "b/mine", MARKER_FILE, "b/.x.4711-4711.tmp"):
        write_text_deep(tmp_path / name)
    assert list_strangers(tmp_path, {"a", "b/c"}) == ["b/mine"]


# Folders that are filled out of sight.


def test_a_filled_folder_appears_at_the_end_its_last_file_after_all_others(tmp_path, monkeypatch):
    moved = []
    replace = Path.replace
    monkeypatch.setattr(Path, "replace", lambda path, to: (moved.append(to.name), replace(path, to))[1])
    with fill_folder(tmp_path / "model", EXPORT) as staged:
        for name in ("a.bin", "config.json", "deep/config.json", "z.bin"):
            write_text_deep(staged / name)
        assert set(snapshot(tmp_path / "model")) >= {MARKER_FILE} and not (tmp_path / "model/a.bin").exists()
    assert [name for name in moved if name != MARKER_FILE] == ["a.bin", "z.bin", "config.json", "config.json"]
    files = {name for name, content in snapshot(tmp_path / "model").items() if content is not None}
    assert files == {MARKER_FILE, "a.bin", "config.json", "deep/config.json", "z.bin"}
    assert read_marker(tmp_path / "model").files == ("a.bin", "config.json", "deep/config.json", "z.bin")


def test_filling_again_replaces_what_was_there_and_keeps_the_users_files(tmp_path):
    for names in (("old.bin", "config.json"), ("new.bin", "config.json")):
        with fill_folder(tmp_path / "model", EXPORT) as staged:
            for name in names:
                (staged / name).write_text(names[0])
        (tmp_path / "model/mine.txt").write_text("mine")
    assert {path.name for path in (tmp_path / "model").iterdir()} == {
        MARKER_FILE, "new.bin", "config.json", "mine.txt",
    }  # fmt: skip
    assert (tmp_path / "model/config.json").read_text() == "new.bin"
    refused = pytest.raises(UsageError, match=r"mine\.txt: is there and was not written by")
    with refused, fill_folder(tmp_path / "model", EXPORT) as staged:
        (staged / "mine.txt").write_text("ours")
    assert (tmp_path / "model/mine.txt").read_text() == "mine"
    assert (tmp_path / "model/new.bin").exists()


def test_a_filling_that_fails_changes_nothing(tmp_path):
    with pytest.raises(RuntimeError), fill_folder(tmp_path / "model", EXPORT) as staged:
        (staged / "a").write_text("half")
        raise RuntimeError
    assert not (tmp_path / "model").exists()
    with fill_folder(tmp_path / "model", EXPORT) as staged:
        (staged / "a").write_text("whole")
    before = snapshot(tmp_path)
    with pytest.raises(RuntimeError), fill_folder(tmp_path / "model", EXPORT) as staged:
        (staged / "a").write_text("half")
        raise RuntimeError
    assert snapshot(tmp_path) == before


def test_what_killed_processes_left_goes_where_nobody_else_writes(tmp_path):
    left = [tmp_path / name for name in (".a.1-1.tmp", ".ab.1-1.tmp", "deep/.a.1-1.tmp", "run/.a.1-1.tmp")]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    clear_unfinished(tmp_path / "a")
    assert [path.exists() for path in left] == [False, True, True, True]
    (tmp_path / "run" / MARKER_FILE).write_text('{"format": 1, "kind": "run", "command": "python -m agents run"}')
    claim = Claim("run", "python -m agents run", recognise=lambda _: (), places=("*",))
    with own_folder(tmp_path, claim):
        assert [path.exists() for path in left] == [False, False, False, True]  # that folder has its own lock
    clear_abandoned(tmp_path)
    assert left[3].exists()
    os.utime(left[3], (0, 0))
    clear_abandoned(tmp_path)
    assert not left[3].exists()


def test_a_file_that_another_process_writes_is_refused(tmp_path):
    with (
        hold_file(tmp_path / "a", lambda _: True, "a picture"),
        pytest.raises(ToolkitError, match="another process"),
        hold_file(tmp_path / "a", lambda _: True, "a picture"),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_a_filled_folder_is_known_by_its_last_file_and_tidied(tmp_path):
    assert not is_filled(tmp_path / "out", EXPORT)
    with fill_folder(tmp_path / "out", EXPORT) as staged:
        (staged / "config.json").write_text("{}")
    (tmp_path / "out/.lock").write_text("1")
    assert is_filled(tmp_path / "out", EXPORT) and not (tmp_path / "out/.lock").exists()
    (tmp_path / "out/.writing").mkdir()
    assert not is_filled(tmp_path / "out", EXPORT)
