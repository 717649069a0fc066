"""Images without captions through the llm backend: notes, captions from what was measured, claims that are measured."""

import hashlib
import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from killing import read_exports
from PIL import Image
from scripted_server import scripted_server

from agents.backends.llm_prompts import load_used_prompts
from agents.backends.notes import Noting
from agents.backends.proposals import add_facts, find_false_claims, measure_claims
from agents.checks.brightness import find_brightness_claims
from agents.checks.evidence import gather_evidence
from agents.checks.fact_book import FactBook
from agents.checks.verify import verify
from agents.commands.prompts.sample import fill_prompt, load_sample
from agents.config import RunConfig
from agents.english.sentences import split_sentences
from agents.running.plan import make_plan
from agents.running.run import run_synthesis
from agents.store.run_store import RunStore
from tools.errors import MissingError
from tools.evidence import CLAIM_CHECK, Evidence, Levels, measure
from tools.functions import image_path
from tools.prompts.lexicon import load_lexicon
from tools.prompts.replies import ClaimLine, ReplyError, parse_image_caption
from tools.records import Box, Message
from tools.scenes import render_scenes

FLIR = Path(__file__).resolve().parents[3].parent / "shared/data/FLIR_ADAS_1_3"
PACK = Path("prompts/infrared")
LEXICON = load_lexicon(PACK)
WARM, COLD = (0.1, 0.2, 0.3, 0.6), (0.6, 0.2, 0.9, 0.6)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    out = tmp_path_factory.mktemp("scenes")
    render_scenes(8, 3, out, size=(320, 256))
    return out


def configure(images, out, url, **changes):
    settings = {
        "sensor_images": images, "out": out, "instructions": "all", "mix": "each", "workers": 0, "block": 4,
        "backend": "llm", "model": "gpt-4o-mini", "base_url": url, "attempts": 1, "candidates": 2,
    }  # fmt: skip
    return RunConfig(**{**settings, **changes})


def run(images, out, url, **changes):
    run_synthesis(configure(images, out, url, **changes))
    return read_exports(out)


def read_rows(exports, name):
    return [json.loads(line) for line in exports[name].splitlines()]


def read_results(out):
    with RunStore(out) as store:
        return list(store.read_results())


def read_boxes(annotations):
    """Name and shares of the width and height of every box, by the stem of the image's file."""
    data = json.loads(annotations.read_text())
    images = {row["id"]: row for row in data["images"]}
    names = {row["id"]: row["name"] for row in data["categories"]}
    found: dict[str, list[tuple[str, tuple[float, ...]]]] = {}
    for row in data["annotations"]:
        image = images[row["image_id"]]
        (x, y, w, h), width, height = row["bbox"], image["width"], image["height"]
        corners = (x / width, y / height, min(1.0, (x + w) / width), min(1.0, (y + h) / height))
        found.setdefault(Path(image["file_name"]).stem, []).append((names[row["category_id"]], corners))
    return found


def compare(pixels, box):
    """Which of the two the thing looks like: its mean against that of a frame around it."""
    height, width = pixels.shape
    x1, y1, x2, y2 = (round(value * side) for value, side in zip(box, (width, height) * 2, strict=True))
    dx, dy = (x2 - x1) // 2 + 3, (y2 - y1) // 2 + 3
    around = pixels[max(0, y1 - dy) : y2 + dy, max(0, x1 - dx) : x2 + dx].astype(float)
    inside = pixels[y1:y2, x1:x2].astype(float)
    ring = (around.sum() - inside.sum()) / max(around.size - inside.size, 1)
    return "brighter" if inside.mean() > ring else "darker"


def look(images, tmp_path, boxes, *, moves=False):
    """What the scripted model sees in each image as a run shows it: the largest things, in their boxes or elsewhere."""
    run_synthesis(configure(images, tmp_path / "plain", "http://localhost:9/v1", backend="template", model=None,
                            base_url=None, attempts=None))  # fmt: skip
    rng, seen = random.Random(5), {}
    for result in read_results(tmp_path / "plain"):
        png = tmp_path / "plain" / image_path(result.image_id)
        pixels = np.asarray(Image.open(png).convert("L"))
        own = sorted(boxes.get(Path(result.photo).stem, ()), key=lambda item: -find_size(item[1]))
        own = [item for item in own if find_size(item[1]) > 0.001][:2]
        things = []
        for name, box in own:
            place = move(box, rng) if moves else box
            things.append([name, *(round(1000 * value) for value in place), compare(pixels, box)])
        seen[hashlib.sha256(png.read_bytes()).hexdigest()] = things
    return seen


def move(box, rng):
    """A box of the same size anywhere."""
    width, height = box[2] - box[0], box[3] - box[1]
    x, y = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    return x, y, x + width, y + height


def find_size(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def share_measured(out):
    """Share of the descriptions that state something of brightness; what any states is borne out by the evidence."""
    stated, count = 0, 0
    for result in read_results(out):
        described = [debate for debate in result.debates if debate.kind == "description" and debate.is_accepted]
        book = FactBook(result.evidence, result.proposed)
        nouns = gather_evidence(result.proposed, ()).nouns
        for debate in described:
            text = debate.rounds[-1].messages[1].content
            claims = [
                claim
                for sentence in split_sentences(text, nouns, LEXICON.pack.words)
                for claim in find_brightness_claims(sentence, book, LEXICON.pack.words)
            ]
            assert all(claim.is_true for claim in claims), text
            stated, count = stated + bool(claims), count + 1
    return stated / count if count else 0.0


def draw(tmp_path):
    """A bright thing on the left, a dark one on the right, noise between."""
    rng = np.random.default_rng(0)
    pixels = rng.normal(120, 6, (200, 300))
    for box, level in ((WARM, 220), (COLD, 30)):
        x1, y1, x2, y2 = (round(value * side) for value, side in zip(box, (300, 200) * 2, strict=True))
        pixels[y1:y2, x1:x2] = rng.normal(level, 6, (y2 - y1, x2 - x1))
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(tmp_path / "one.png")
    return np.asarray(Image.open(tmp_path / "one.png"))


def measure_drawn(tmp_path, boxes, polarity="unknown"):
    pixels = draw(tmp_path)
    corners = [tuple(value * side for value, side in zip(box, (300, 200) * 2, strict=True)) for box in boxes]
    return measure(Levels(pixels, polarity), corners)


# -- replies


def test_a_caption_with_claims_is_read():
    reply = parse_image_caption(
        "Caption: A person stands out brightly.\nClaim: person | 412 305 468 590 | brighter\n"
        "- claim: the car | [10, 20, 300, 400] | Darker."
    )
    assert reply.caption == "A person stands out brightly."
    assert [(claim.thing, claim.relation) for claim in reply.claims] == [("person", "brighter"), ("the car", "darker")]
    assert reply.claims[0].box_xyxy_norm == (0.412, 0.305, 0.468, 0.59)


@pytest.mark.parametrize(
    "line",
    ["person | 412 305 468 | brighter", "person | 468 305 412 590 | brighter", "person | 4 3 468 1590 | brighter",
     "person | 412 305 468 590 | hot", "412 305 468 590 | brighter", "person | here and there | darker"],
)  # fmt: skip
def test_a_claim_of_another_form_is_refused(line):
    with pytest.raises(ReplyError, match="Claim: THING"):
        parse_image_caption(f"Caption: A person stands there.\nClaim: {line}")


# -- notes


def test_notes_name_things_by_what_singles_them_out(tmp_path):
    boxes = (Box(label="person", box_xyxy_norm=WARM), Box(label="car", box_xyxy_norm=COLD))
    notes = Noting(PACK, LEXICON).note(boxes, measure_drawn(tmp_path, (WARM, COLD)))
    assert "the person is brighter than what surrounds them (AUC 1.00)" in notes.facts
    assert "the car is darker than what surrounds it (AUC 0.00)" in notes.facts
    assert "the person is brighter than the car" in notes.facts
    assert not notes.bright_is_warm and notes.degrees == ()
    known = Noting(PACK, LEXICON).note(boxes, measure_drawn(tmp_path, (WARM, COLD), "white-hot"))
    assert known.bright_is_warm


def test_a_proposed_box_is_named_as_one_of_its_kind_and_never_counted(tmp_path):
    proposed = Box(label="person", box_xyxy_norm=WARM, source="model")
    notes = Noting(PACK, LEXICON).note((proposed,), measure_drawn(tmp_path, (WARM,)))
    assert "a person is brighter than what surrounds them (AUC 1.00)" in notes.facts
    messages = tuple(
        Message(role=role, content=text)
        for role, text in (("user", "How many people are there?"), ("assistant", "There are three people."))
    )
    assert verify(messages, (proposed,), (), LEXICON) == ()
    counted = verify(messages, (proposed.model_copy(update={"source": "dataset"}),), (), LEXICON)
    assert [objection.check for objection in counted] == ["count"]


def test_only_a_models_box_says_whose_it_is():
    plain = Box(label="dog", box_xyxy_norm=(0, 0, 1, 1))
    assert plain.model_dump() == {"label": "dog", "box_xyxy_norm": (0, 0, 1, 1), "is_crowd": False}
    assert plain.model_dump_json() == '{"label":"dog","box_xyxy_norm":[0.0,0.0,1.0,1.0],"is_crowd":false}'
    proposed = plain.model_copy(update={"source": "model"})
    assert Box.model_validate_json(proposed.model_dump_json()) == proposed
    assert Box.model_validate(plain.model_dump()) == plain


def test_notes_hold_what_was_measured_only_where_something_was():
    prompts, sample = load_used_prompts(PACK), load_sample(PACK)
    plain = sample.model_copy(update={"evidence": None})
    for name in ("conversation", "description", "reasoning", "debate"):
        assert "Measured in this image" not in repr(fill_prompt(prompts[name], plain)[-1])
        assert "AUC 0.93" in repr(fill_prompt(prompts[name], sample)[-1])


def test_bright_is_called_hot_only_where_it_is_known_to_be():
    prompts, sample = load_used_prompts(PACK), load_sample(PACK)
    unknown = sample.evidence.model_copy(update={"bright_is_warm": False})
    for name in ("conversation", "description", "reasoning", "sensor", "caption_image", "debate"):
        shown = [
            fill_prompt(prompts[name], sample.model_copy(update={"evidence": notes}))[0].content
            for notes in (sample.evidence, unknown)
        ]
        assert ["hot, warm, cool or cold" in text for text in shown] == [False, True], name


@pytest.mark.parametrize(("polarity", "is_true"), [("white-hot", True), ("unknown", False)])
def test_a_statement_of_warmth_needs_known_polarity(tmp_path, polarity, is_true):
    boxes = (Box(label="person", box_xyxy_norm=WARM),)
    evidence = measure_drawn(tmp_path, (WARM,), polarity)
    says = [
        verify((Message(role="assistant", content=text),), boxes, (), LEXICON, measured=evidence)
        for text in ("The person is warmer than the surroundings.", "The person is brighter than the surroundings.")
    ]
    assert [not objections for objections in says] == [is_true, True]


def test_a_degree_is_noted_apart_and_told_only_where_the_question_gives_the_range(tmp_path):
    pixels = draw(tmp_path).astype(np.float32) / 10
    boxes = (Box(label="person", box_xyxy_norm=WARM), Box(label="car", box_xyxy_norm=COLD))
    corners = [
        tuple(value * side for value, side in zip(box.box_xyxy_norm, (300, 200) * 2, strict=True)) for box in boxes
    ]
    evidence = measure(Levels(pixels, "white-hot", "celsius", shown=(2.0, 24.0)), corners)
    notes = Noting(PACK, LEXICON).note(boxes, evidence)
    assert "the person is at about 21.9 °C" in notes.degrees and (notes.low, notes.high) == (2.0, 24.0)
    assert not any("°C" in line for line in notes.facts)
    answer = Message(role="assistant", content="The person is at about 21.9 °C.")
    for question, is_right in (
        ("The darkest level is 2.0 °C and the brightest 24.0 °C. How warm is the person?", True),
        ("How warm is the person?", False),
    ):
        found = verify((Message(role="user", content=question), answer), boxes, (), LEXICON, measured=evidence)
        assert [objection.check for objection in found] == ([] if is_right else [CLAIM_CHECK])


def test_a_setting_that_came_later_is_frozen_only_where_it_is_used(tmp_path):
    for vision, frozen in ((None, {}), (False, {}), (True, {"vision": True})):
        config = configure(tmp_path, tmp_path / "run", "http://localhost:9/v1", vision=vision)
        found = config.choose("backend").freeze(has_defaults=True)
        assert {name: value for name, value in found.items() if name == "vision"} == frozen
        assert ("vision" in config.choose("backend").read().describe()) == bool(frozen)


# -- claims


def claim(thing, box, relation="brighter"):
    return ClaimLine(thing=thing, box_xyxy_norm=box, relation=relation)


def test_a_claim_is_kept_where_it_measures_as_said(tmp_path):
    draw(tmp_path)
    evidence = Evidence(polarity="unknown", unit=None, contrast=1.0, facts=())
    right = (claim("a pedestrian", WARM), claim("car", COLD, "darker"))
    measured = measure_claims(tmp_path / "one.png", "unknown", (), right)
    kept = measured.keep()
    assert [(box.label, box.source) for box in kept.boxes] == [("person", "model"), ("car", "model")]
    assert [(fact.subject, fact.relation) for fact in kept.facts] == [(0, "brighter"), (1, "darker")]
    caption = "A person stands out brightly from the surroundings, and the car is darker than what surrounds it."
    assert find_false_claims(caption, (), evidence, measured, LEXICON) == ()
    for wrong in (
        (claim("person", WARM, "darker"),),
        (claim("person", (0.4, 0.65, 0.55, 0.95)),),
        (claim("person", WARM), claim("person", COLD)),
        (),
    ):
        measured = measure_claims(tmp_path / "one.png", "unknown", (), wrong)
        text = "Two people stand out brightly." if len(wrong) == 2 else "A person stands out brightly."
        found = find_false_claims(text, (), evidence, measured, LEXICON)
        assert [objection.check for objection in found] == [CLAIM_CHECK], wrong
        assert len(measured.keep().boxes) == len(wrong) // 2


def test_a_claim_about_a_box_of_the_dataset_is_left_to_its_evidence(tmp_path):
    draw(tmp_path)
    known = (Box(label="person", box_xyxy_norm=WARM),)
    measured = measure_claims(
        tmp_path / "one.png", "unknown", known, (claim("person", WARM), claim("car", COLD, "darker"))
    )
    assert [box.label for box in measured.boxes] == ["car"]
    evidence = add_facts(measure_drawn(tmp_path, (WARM,)), 1, measured.keep().facts)
    assert {(fact.subject, fact.relation) for fact in evidence.facts if fact.kind == "surroundings"} == {
        (0, "brighter"), (1, "darker")
    }  # fmt: skip


# -- runs


def test_a_text_model_captions_from_boxes_and_evidence(scenes, tmp_path):
    boxes = scenes / "annotations/instances_scenes.json"
    with scripted_server() as server:
        exports = run(scenes / "thermal8", tmp_path / "run", server.url, instances=boxes)
        once = server.read_log()["total"]
        (tmp_path / "again").mkdir()
        shutil.copy(tmp_path / "run/replies.sqlite", tmp_path / "again")
        assert run(scenes / "thermal8", tmp_path / "again", "http://localhost:9/v1", instances=boxes) == exports
        assert run(scenes / "thermal8", tmp_path / "one", server.url, instances=boxes, concurrency=1) == exports
        assert server.read_log()["total"] == 2 * once
    assert len(read_rows(exports, "pairs.jsonl")) == 8
    kinds = {row["kind"] for row in read_rows(exports, "instructions.jsonl")}
    assert kinds == {"conversation", "description", "reasoning", "sensor"}
    assert share_measured_with_boxes(tmp_path / "run", read_boxes(boxes)) >= 0.6


def share_measured_with_boxes(out, boxes):
    stated = [
        " than what surrounds" in debate.rounds[-1].messages[1].content
        or "bright" in debate.rounds[-1].messages[1].content
        for result in read_results(out)
        for debate in result.debates
        if debate.kind == "description"
    ]
    return sum(stated) / len(stated)


@pytest.mark.parametrize("judge", ["findings", "text-only", "vision"])
def test_every_judge_judges_what_only_the_sensor_shows(scenes, tmp_path, judge):
    boxes = scenes / "annotations/instances_scenes.json"
    with scripted_server() as server:
        out = tmp_path / "run"
        exports = run(scenes / "thermal8", out, server.url, instances=boxes, judge=judge, mix="0:0:0:1", limit=2)
    rows = read_rows(exports, "instructions.jsonl")
    assert rows and {row["kind"] for row in rows} == {"sensor"}


def test_plan_and_bill_know_of_image_captions(scenes, tmp_path):
    boxes = scenes / "annotations/instances_scenes.json"
    with scripted_server() as server:
        config = configure(scenes / "thermal8", tmp_path / "run", server.url, instances=boxes, vision=True)
        bill = make_plan(config).bill
        run_synthesis(config)
        asked = server.read_log()["total"]
    whole = bill.columns[-1]
    usage = json.loads((tmp_path / "run/manifest.json").read_bytes())["usage"][0]
    assert whole.least.requests <= asked <= whole.most.requests
    assert whole.least.prompt_tokens <= usage["prompt_tokens"] <= whole.most.prompt_tokens
    assert usage["completion_tokens"] <= whole.most.completion_tokens


def test_a_pack_without_the_prompt_says_so_when_it_is_needed(scenes, tmp_path):
    mine = tmp_path / "mine"
    shutil.copytree(PACK, mine)
    (mine / "caption_image.md").unlink()
    with scripted_server() as server, pytest.raises(MissingError, match=r"caption_image\.md: no such prompt; copy it"):
        run(scenes / "thermal8", tmp_path / "run", server.url, pack=mine)


def check_claims_of_a_seeing_model(images, boxes, tmp_path):
    """At least 40 % of the descriptions state what was measured; with boxes elsewhere hardly any does."""
    shares = {}
    for name in ("right", "moved"):
        seen = look(images, tmp_path / name, boxes, moves=name == "moved")
        with scripted_server(seen=seen) as server:
            changes = {"vision": True, "mix": "0:1:0:0", "limit": None}
            exports = run(images, tmp_path / name / "run", server.url, **changes, concurrency=8)
            assert run(images, tmp_path / name / "one", server.url, **changes, concurrency=1) == exports
        (tmp_path / name / "again").mkdir()
        shutil.copy(tmp_path / name / "run/replies.sqlite", tmp_path / name / "again")
        assert run(images, tmp_path / name / "again", "http://localhost:9/v1", **changes) == exports
        shares[name] = share_measured(tmp_path / name / "run")
    return shares


def test_what_a_seeing_model_says_of_rendered_scenes_is_measured_where_it_sees_it(scenes, tmp_path):
    shares = check_claims_of_a_seeing_model(
        scenes / "thermal8", read_boxes(scenes / "annotations/instances_scenes.json"), tmp_path
    )
    assert shares["right"] >= 0.4 and shares["moved"] <= shares["right"] / 2, shares


def test_what_a_seeing_model_says_of_flir_is_measured_where_it_sees_it(tmp_path):
    if not FLIR.is_dir():
        pytest.skip(f"needs {FLIR}")
    images, boxes = tmp_path / "images", {}
    images.mkdir()
    for part in ("train", "val", "video"):
        boxes |= read_boxes(FLIR / part / "thermal_annotations.json")
        for path in sorted((FLIR / part / "thermal_8_bit").iterdir())[:8]:
            shutil.copy(path, images / path.name)
    shares = check_claims_of_a_seeing_model(images, boxes, tmp_path)
    assert shares["right"] >= 0.4 and shares["moved"] <= shares["right"] / 2, shares
