"""The ledger of each agent sums to the leak rate of the manifest, on a scripted run and on one of the template."""

import asyncio
import json
from dataclasses import replace

import pytest
from mini_coco import write_coco

from agents.backends import CaptionObjection, CaptionVerdicts, FilterReply, MineReply, WriteReply
from agents.config import RunConfig
from agents.conversation.process import open_resources, process
from agents.conversation.results import Result
from agents.conversation.rules import RuleBook
from agents.output.export import Summary
from agents.output.ledger import LedgerTally, list_lines
from agents.output.report import write_report
from agents.running.resources import spec_resources
from agents.running.run import run_synthesis
from agents.running.source import open_source
from tools.errors import RejectError
from tools.prompts import DEFAULT_PACK
from tools.prompts.lexicon import load_lexicon
from tools.records import CaptionCandidate, Message, Objection, Pair, Verdict

COUNT = 12


def configure(root, **changes):
    settings = {
        "captions": root / "captions.json", "instances": root / "instances.json", "images": root / "photos",
        "out": root / "run", "block": 4, "instructions": "all", "mix": "each", "translator": "none", "workers": 0,
        "max_rounds": 2,
    }  # fmt: skip
    return RunConfig(**{**settings, **changes})


@pytest.fixture(scope="module")
def coco(tmp_path_factory):
    root = tmp_path_factory.mktemp("coco")
    write_coco(root, COUNT)
    return root


@pytest.fixture(scope="module")
def lexicon():
    return load_lexicon(DEFAULT_PACK)


class Scripted:
    """Faults by the place of a caption and by the number of an image; the judge objects to `wooden` alone.

    A refused caption, edits that help and edits that do not, faults that nobody objects to, drafts mended in a second
    round, debates without acceptance, and an image that ends between a draft and its verdict.
    """

    name, is_embedded, identity = "scripted", True, "scripted:1"

    async def filter_caption(self, request):
        if request.round == 2:
            texts = ("A red bench.", "A wooden bench there.", "A bench.")
            return FilterReply(captions=(texts[int(request.image_id) % 3],))
        if request.sample == 2 and int(request.image_id) % 3 == 0:
            raise RejectError("refusal", "no")
        texts = ("A wooden seat.", "Someone is here.", request.caption)
        return FilterReply(captions=(texts[(int(request.image_id) + request.sample) % 3],) * 2)

    async def judge_captions(self, request):
        found = [self._object(text) for text in request.captions]
        return CaptionVerdicts(
            objections=tuple(
                CaptionObjection(place=place, **each.model_dump())
                for place, objections in enumerate(found)
                for each in objections
            )
        )

    async def write_instruction(self, request):
        image = int(request.image_id)
        faulty = ("It is wooden.", "It is red.", "It stands.")
        answers = [faulty[(image + place) % 3] for place in range(3)]
        if request.round == 2 and image % 4:
            answers = ["It is red.", "It stands."][: 1 + image % 2]
        return WriteReply(
            messages=tuple(
                message
                for answer in answers
                for message in (Message(role="user", content="What?"), Message(role="assistant", content=answer))
            )
        )

    async def judge(self, request):
        if request.image_id == "7":
            raise RejectError("refusal", "no")
        found = self._object(" ".join(message.content for message in request.messages))
        return Verdict(is_accepted=not found, objections=found)

    async def mine_rule(self, request):
        return MineReply(rules=())

    def _object(self, text):
        wooden = Objection(check="llm", category="material", quote="wooden", reason="no")
        return (wooden,) if wooden.quote in text else ()


@pytest.fixture(scope="module")
def scripted(coco, tmp_path_factory):
    config = configure(coco, out=tmp_path_factory.mktemp("scripted"), scorer="none")
    source, book = open_source(config), RuleBook(0, ())
    with open_resources(spec_resources(config)) as opened:
        resources = replace(opened, backend=Scripted())
        return [asyncio.run(process(source.make_job(index, 0), book, resources)) for index in range(COUNT)]


def add_up(results):
    summary = Summary()
    for result in results:
        summary.add(result)
    return summary


def assert_sums(ledger, leaks, n_originals):
    """What an agent leaves is what the next one is given, and what the last one leaves is the leak rate."""
    for texts, first, key in (("captions", "caption", "captions_after"), ("answers", "task", "assistant_turns")):
        steps = ledger[texts]
        last = steps["debate"]
        kept = {name: row["after"] for name, row in last["categories"].items() if row["after"]}
        assert kept == {name: count for name, count in leaks[key].items() if count}
        assert last["total"]["before"] == steps[first]["total"]["after"]
        given = {name: row["after"] for name, row in steps[first]["categories"].items() if row["after"]}
        taken = {name: row["before"] for name, row in last["categories"].items() if row["before"]}
        assert given == taken
        for step in steps.values():
            for row in (step["total"], *step["categories"].values()):
                assert row["before"] == row["removed"] + row["survived"] + row["dropped"]
                assert row["after"] == row["survived"] + row["introduced"]
    assert ledger["captions"]["caption"]["total"]["before"] == n_originals


def count_originals(results, coco, lexicon):
    source = open_source(configure(coco))
    captions = [text for result in results for text in source.find_photo(result.index)[0].captions]
    return sum(bool(lexicon.find(text)) for text in captions)


def test_a_scripted_run_with_rejections_refusals_and_failures_sums(scripted, coco, lexicon):
    summary = add_up(scripted)
    ledger, counts = summary.ledger.describe(), summary.describe()["counts"]
    assert counts["rejects_by_code"]["refusal"] > 1 and counts["rejects_by_code"]["objected"] > 1
    assert 0 < counts["instructions"] < counts["debates"] and counts["rejected"] == 1
    assert_sums(ledger, summary.describe()["leaks"], count_originals(scripted, coco, lexicon))
    assert ledger["images_unknown"] == 0
    rows = [ledger["captions"]["caption"]["total"], ledger["answers"]["debate"]["total"]]
    debated = ledger["captions"]["debate"]
    rows.append({**debated["total"], "introduced": debated["categories"]["colour"]["introduced"]})
    assert all(row[name] for row in rows for name in ("removed", "introduced", "survived", "dropped")), rows
    task = ledger["answers"]["task"]
    assert (task["total"]["before"], task["total"]["after"]) == (0, task["total"]["introduced"])


def test_the_totals_are_those_of_texts_counted_by_hand(scripted, lexicon):
    total = add_up(scripted).ledger.describe()
    captions = [pair.caption for result in scripted for pair in result.pairs]
    answers = [
        message.content
        for result in scripted
        for debate in result.debates
        if debate.is_accepted
        for message in debate.rounds[-1].messages
        if message.role == "assistant"
    ]
    for texts, found in (("captions", captions), ("answers", answers)):
        assert total[texts]["debate"]["total"]["after"] == sum(bool(lexicon.find(text)) for text in found)
    won = add_up(scripted).originals.describe()
    assert won["captions"] == len(captions) and won["won_under_rules"] == 0


@pytest.mark.parametrize("debate", ["captions,instructions", "instructions"])
def test_a_run_of_the_template_sums_in_its_manifest(coco, tmp_path, lexicon, debate):
    manifest = run_synthesis(configure(coco, out=tmp_path / "run", debate=debate))
    lines = (tmp_path / "run/pairs.jsonl").read_text().splitlines()
    refused = manifest["counts"]["rejects_by_code"]
    originals = [json.loads(line)["original"] for line in lines]
    assert manifest["leaks"]["captions_before"]
    if not refused:
        assert_sums(manifest["ledger"], manifest["leaks"], sum(bool(lexicon.find(text)) for text in originals))
    else:
        before = manifest["ledger"]["captions"]["caption"]["total"]["before"]
        assert_sums(manifest["ledger"], manifest["leaks"], before)
    assert manifest["originals"]["captions"] == len(originals)
    page = (tmp_path / "run/report.html").read_text()
    assert "Who let it through" in page and "original won" in page


def test_a_result_from_before_ledgers_keeps_its_bytes_and_counts_as_unknown(scripted, tmp_path, fake_run):
    old = scripted[0].model_copy(update={"ledger": None})
    text = old.write()
    assert "ledger" not in text and Result.model_validate_json(text).write() == text
    tally = LedgerTally()
    tally.add(old)
    assert tally.describe() == {"images": 0, "images_unknown": 1}
    assert list(list_lines(tally.describe())) == list(list_lines(None)) == []
    tally.add(scripted[1])
    assert (tally.describe()["images"], tally.describe()["images_unknown"]) == (1, 1)
    run = fake_run.write(tmp_path / "run", ledger=tally.describe())
    assert "Not known of 1 images" in write_report(run).read_text()


def make_pair(place, caption, *texts):
    made = tuple(CaptionCandidate(text=text, score=0.5) for text in texts)
    return Pair(id=f"1-{place}", original="A red bench.", caption=caption, candidates=made, applied=())


def test_an_original_wins_where_all_edits_differ():
    won = make_pair(0, "A red bench.", "A bench.", "A seat.", "A red bench.")
    kept = make_pair(1, "A red bench.", "A red bench.", "A bench.", "A red bench.")
    edited = make_pair(2, "A bench.", "A bench.", "A red bench.")
    written = edited.model_copy(update={"original": ""})
    result = Result(index=0, image_id="1", photo="1.jpg", status="accepted", pairs=(won, kept, edited, written))
    found = add_up([result, result.model_copy(update={"rules": ("seed-1",)})]).originals.describe()
    assert found == {"captions": 6, "unchanged": 4, "won": 2, "won_under_rules": 1, "share_won": 0.3333}
