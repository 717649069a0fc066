"""Pages in the browser with texts that would run if they could: none does. No page gives a file that is not its own.

A real browser looks at every view of `agents serve`, `itb serve` and the talk; what a script would leave is looked for.
"""

import json
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from browser import (
    STATUS,
    click,
    fetch,
    find_all,
    find_scripts,
    list_hosts,
    read_text,
    require_browser,
    showing,
    wait_for,
    wait_until,
)
from calling import call_here
from hostile import NASTY, NASTY_NAMES, SECRET, find_leaks
from killing import ROOT
from mini_bench import write_bench
from mini_coco import write_coco
from PIL import Image

from tools.prompts import DEFAULT_PACK

require_browser()
PAGES = ("agents", "itb", "chat")


def make_run(root: Path) -> Path:
    """A run on captions, names and ids that are hostile, and one image that is a link out of it."""
    coco = root / "coco"
    write_coco(coco, len(NASTY_NAMES) + 2)
    captions = json.loads((coco / "captions.json").read_text())
    for image, name in zip(captions["images"], NASTY_NAMES, strict=False):
        (coco / "photos" / image["file_name"]).rename(coco / "photos" / name)
        image["file_name"] = name
    for number, row in enumerate(captions["annotations"]):
        row["caption"] = f"A red bus {NASTY[number % len(NASTY)]} near a tree."
    (coco / "captions.json").write_text(json.dumps(captions))
    words = (
        "--captions",
        coco / "captions.json",
        "--images",
        coco / "photos",
        "--translator",
        "gray",
        "--workers",
        "0",
    )
    done = call_here("agents", "run", *words, "--instructions", "all", "--out", root / "run")
    assert done.returncode == 0, done.stderr
    image = next((root / "run" / "images").rglob("*.png"))
    image.unlink()
    image.symlink_to(root / "secret.png")
    return root / "run"


def open_agents(root: Path, stack: ExitStack):
    from agents.studio.page import open_page

    return stack.enter_context(open_page(make_run(root), {}, root / "keep"))


def open_itb(root: Path, stack: ExitStack):
    from itb.report import make_report
    from itb.studio.answers import Answers
    from itb.studio.tab import make_page

    bench = write_bench(root / "bench", tasks=("locate", "scene"), images=9)
    rows = [json.loads(line) for line in (bench / "items.jsonl").read_text().splitlines()]
    for number, row in enumerate(rows):
        row["question"] = f"{row['question']} {NASTY[number % len(NASTY)]}"
        row["id"] = f"{NASTY[2]}{row['id']}"
        for entry in row.get("evidence", ()):
            entry["name"] = NASTY[0]
    (bench / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    test = [row for row in rows if row["split"] == "test"]
    (bench / test[0]["image"]).unlink()
    (bench / test[0]["image"]).symlink_to(root / "secret.png")
    made = []
    for place, name in enumerate(NASTY_NAMES[:2]):
        replies = root / f"{name}.jsonl"
        lines = ({"item": row["id"], "reply": NASTY[(n + place) % len(NASTY)]} for n, row in enumerate(test))
        replies.write_text("".join(json.dumps(line) + "\n" for line in lines))
        made.append(root / f"{place}.jsonl")
        done = call_here("itb", "eval", bench, "--model", replies, "--out", made[-1])
        assert done.returncode == 0, done.stderr
    report = make_report(made, bench)
    return make_page(Answers(report, report.bench))


class Hostile:
    """A model of the talk that answers with what would run."""

    warning = NASTY[0]

    def __init__(self, name):
        self.name = name

    def stream(self, history, wording, image):
        from tools.errors import ToolkitError

        yield "\n".join(NASTY)
        if history:
            raise ToolkitError(NASTY[2])

    def see(self, image):
        from trainer.output.talk.seen import Seen

        return Seen(why_not=NASTY[3])


def open_chat(root: Path, stack: ExitStack):
    pytest.importorskip("torch", reason="the talk needs it")
    from trainer.output.talk.pictures import Opened
    from trainer.output.talk.prompting import Context
    from trainer.output.talk.talk import Opening
    from trainer.output.talk.web import make_page

    opened = Opened(Image.new("RGB", (40, 30)), NASTY_NAMES[0], NASTY[1])
    return make_page(Opening((Hostile(NASTY[2]), Hostile("second")), Context(DEFAULT_PACK), opened, False))


@pytest.fixture(scope="module")
def shown(tmp_path_factory, request):
    """Each page, served once it is asked for; beside it a file that is nobody's business."""
    with ExitStack() as stack:
        made = {}

        def make(name):
            if name not in made:
                root = tmp_path_factory.mktemp(name)
                (root / "secret.txt").write_bytes(SECRET)
                Image.new("RGB", (64, 48), (255, 0, 0)).save(root / "secret.png")
                page = {"agents": open_agents, "itb": open_itb, "chat": open_chat}[name](root, stack)
                made[name] = stack.enter_context(showing(page, tmp_path_factory.mktemp("uploads"))), root
            return made[name]

        yield make


def look_agents(driver, url):
    wait_for(driver, "#browse-list a[data-image]")
    texts = []
    for number in range(len(find_all(driver, "#browse-list a[data-image]"))):
        click(driver, f"#browse-list li:nth-child({number + 1}) a[data-image]")
        wait_for(driver, f"#browse-list li.open:nth-child({number + 1})")
        wait_until(driver, lambda it: "A red bus" in it.find_element("id", "browse-image").text)
        texts.append(read_text(driver))
    for tab in find_all(driver, "#studio-sections [role=tab]"):
        tab.click()
        texts.append(read_text(driver))
    return "\n".join(texts)


def look_itb(driver, url):
    wait_for(driver, "#bench-list a[data-item]")
    texts = []
    for number in range(len(find_all(driver, "#bench-list a[data-item]"))):
        click(driver, f"#bench-list li:nth-child({number + 1}) a")
        wait_for(driver, f"#bench-list li.open:nth-child({number + 1})")
        click(driver, "#bench-question summary")
        texts.append(read_text(driver))
    click(driver, "#studio-sections [role=tab]", "Tables")
    wait_for(driver, "#bench-tables h3")
    return "\n".join([*texts, read_text(driver)])


def look_chat(driver, url):
    for count in (1, 2):
        wait_for(driver, "#question textarea").send_keys(f"{NASTY[0]}{NASTY[2]}\n")
        wait_until(driver, lambda it: len(find_all(it, "#talk .turn")) == count and find_all(it, "#save-talk"))  # noqa: B023
    wait_for(driver, "#talk .error")
    return read_text(driver)


@pytest.mark.parametrize("name", PAGES)
def test_hostile_texts_are_shown_and_never_run(name, shown, driver):
    page, _ = shown(name)
    driver.get(page.url)
    text = {"agents": look_agents, "itb": look_itb, "chat": look_chat}[name](driver, page.url)
    assert find_scripts(driver) == ""
    assert driver.find_elements("css selector", "img[onerror], [onmouseover], h1 + h1") == []
    assert list_hosts(driver) == {page.host}
    flat = " ".join(text.split())
    for nasty in NASTY[:6]:
        assert " ".join(nasty.split()) in flat, nasty


@pytest.mark.parametrize("name", PAGES)
def test_no_page_gives_a_file_that_is_not_its_own(name, shown):
    page, root = shown(name)
    assert find_leaks(page.url, root / "secret.txt") == []
    for own in ("README.md", "pyproject.toml", str(ROOT / "tools/web/app.py"), "tests/../README.md"):
        assert fetch(f"{page.url}/gradio_api/file={own}")[0] in (403, 404)


def test_the_talk_opens_no_file_that_was_not_handed_over(shown):
    """A request that names a file of this machine in place of one that was uploaded."""
    page, root = shown("chat")
    config = json.loads(fetch(f"{page.url}/config")[1])
    (file,) = (part["id"] for part in config["components"] if part["type"] == "file")
    number = next(one["id"] for one in config["dependencies"] if [file, "change"] in one["targets"])
    replies = []
    for path in (root / "secret.png", ROOT / "docs/first.jpg"):
        data = {"path": str(path), "meta": {"_type": "gradio.FileData"}}
        body = {"data": [data], "fn_index": number, "session_hash": f"session{len(replies)}"}
        request = urllib.request.Request(
            f"{page.url}/gradio_api/queue/join", json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with STATUS.open(request, timeout=60) as reply:
            assert reply.status == 200
        with STATUS.open(f"{page.url}/gradio_api/queue/data?session_hash={body['session_hash']}", timeout=60) as stream:
            replies.append(stream.read().decode())
    for text in replies:
        assert "process_completed" in text and '"success":false' in text.replace(" ", "") and "data:image" not in text


def test_a_link_out_of_a_run_is_no_picture(shown):
    page, root = shown("agents")
    target = next(path for path in (root / "run" / "images").rglob("*.png") if path.is_symlink())
    status, body = fetch(f"{page.url}/picture/image?id={target.stem}")
    assert status == 404 and b"leads out of its folder" in body
