"""Every statement of brightness in a run on images of the modality, against pixels, by code that is not the run's.

The pack's wordings are turned into patterns, each sentence is read back with them, and what it claims is looked up in
the image with the plain recipe of `tests/tools/evidence`. A sentence of brightness that no pattern reads has to be one
of general knowledge.
"""

import importlib.util
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import yaml
from calling import call_here
from PIL import Image

from agents.checks.verify import verify
from tools.datasets.taking import take_dataset
from tools.evidence import Levels, measure
from tools.prompts.lexicon import load_lexicon
from tools.records import Box, Message
from tools.scenes import render_scenes

ROOT = Path(__file__).parents[2]
PACK = ROOT / "prompts/infrared"
FLIR = ROOT.parent / "shared/data/FLIR_ADAS_1_3"
GENERAL = re.compile(r"\b(?:likely|probably|usually|often|may|might|could|would|can|when|if|tends?|generally)\b")
BRIGHTNESS = re.compile(
    r"\b(?:bright|dark)(?:er|est|ly)?\b|\b(?:warm|cool)(?:er|est)\b|shows? up (?:warm|cool)|heat radiation than"
)
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
           "thirteen", "fourteen", "fifteen")  # fmt: skip

SMALL = {"s": "s?", "is": "is|are", "are": "is|are", "has": "has|have", "it": "it|they", "them": "it|them",
         "its": "its|their"}  # fmt: skip

_spec = importlib.util.spec_from_file_location("plain_recipe", ROOT / "tests/tools/evidence/plain_recipe.py")
plain = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(plain)


def make_patterns():
    """Key of a list -> patterns of its wordings; a slot may hold any words."""
    lists = yaml.safe_load((PACK / "template/measured.yaml").read_text(encoding="utf-8"))
    found = []
    for key, wordings in lists.items():
        if key.startswith(("ask_", "caption_", "describe_")) or key == "sentence":
            continue
        for wording in wordings:
            pattern, seen = "", set()
            for literal, slot in re.findall(r"([^{]*)(?:\{(\w+)\})?", wording):
                pattern += re.escape(literal)
                if slot:
                    pattern += f"(?P={slot})" if slot in seen else f"(?P<{slot}>{SMALL.get(slot, '.+?')})"
                    seen.add(slot)
            found.append((key, re.compile(pattern)))
    prefixes = [re.escape(w.split("{")[0]) for w in lists["sentence"] if not w.startswith("{")]
    return found, re.compile("^(?:" + "|".join(prefixes) + ")")


PATTERNS, PREFIX = make_patterns()


def read_claims(sentence):
    """All readings of a sentence: list key and what its slots hold."""
    text = PREFIX.sub("", sentence.rstrip("."))
    for form in {text, text[:1].lower() + text[1:]}:
        for key, pattern in PATTERNS:
            match = pattern.fullmatch(form)
            if match:
                yield key, match.groupdict()


def find_things(words, labels, boxes):
    """The boxes that words mean: `the car`, `the person farthest to the left`, `both cars`, `the four people`."""
    names = {"people": "person", "persons": "person", "buses": "bus"}
    nouns = {names.get(word, word.removesuffix("s")) for word in re.findall(r"[a-z]+", words)}
    own = [k for k, label in enumerate(labels) if label in nouns or label.replace("_", " ") in words]
    if "farthest" in words:
        own.sort(key=lambda k: boxes[k][0] + boxes[k][2])
        return own[:1] if "to the left" in words else own[-1:]
    return own


def holds(key, slots, image, labels, boxes):
    """Whether the image shows what a reading says."""
    kind = key.removeprefix("warm_").removeprefix("mostly_")
    things = find_things(slots.get("the") or "", labels, boxes)
    if kind in {"brighter", "darker", "all_brighter", "all_darker"}:
        relation = kind.removeprefix("all_")
        return bool(things) and all(plain.surroundings(image, boxes, k) == relation for k in things)
    if kind in {"some_brighter", "some_darker"}:
        own = find_things(slots["plural"], labels, boxes)
        number = slots["number"]
        least = NUMBERS.index(number) if number in NUMBERS else int(number)
        return sum(plain.surroundings(image, boxes, k) == kind.removeprefix("some_") for k in own) >= least
    if kind == "pair_brighter":
        both = [*things, *find_things(slots["other"], labels, boxes)]
        return len(both) == 2 and plain.pair(image, *(boxes[k] for k in both)) == "brighter"
    if kind.startswith("part_"):
        return len(things) == 1 and plain.part(image, boxes[things[0]], kind.removeprefix("part_"))
    if kind.startswith("third_"):
        return plain.third(image, kind.removeprefix("third_"))
    return holds_of_place(kind, slots, image, things, boxes)


def holds_of_place(kind, slots, image, things, boxes):
    if kind == "ninths":
        names = {"central": "middle", "middle left": "left middle", "middle right": "right middle"}
        first, second = (names.get(slots[slot], slots[slot]) for slot in ("first", "second"))
        return plain.ninths(image) == f"{first} over {second}"
    if kind.startswith("brightest_place"):
        return name_region(slots["where"]) == plain.brightest_ninth(image)
    if kind == "brightest_object":
        return len(things) == 1 and plain.brightest_object(image, boxes, things[0])
    raise AssertionError(kind)


def name_region(words):
    down = (
        "upper"
        if re.search(r"\b(?:upper|top)\b", words)
        else "lower"
        if re.search(r"\b(?:lower|bottom)\b", words)
        else ""
    )
    across = next((side for side in ("left", "right") if re.search(rf"\b{side}\b", words)), "")
    if down and across:
        return f"{down} {across}"
    return f"{down or across} middle" if down or across else "middle"


def check_run(run):
    """Counts of statements by list; every one is looked up."""
    evidence = {row["image_id"]: row for row in read_rows(run / "evidence.jsonl")}
    found = Counter()
    for row in read_rows(run / "instructions.jsonl"):
        labels, boxes = BOXES[run][row["image_id"]]
        image = np.asarray(Image.open(run / row["image"]))
        for message in row["messages"]:
            if message["role"] != "assistant":
                continue
            for sentence in re.split(r"(?<=\.) ", message["content"]):
                readings = list(read_claims(sentence))
                if not readings:
                    assert not BRIGHTNESS.search(sentence) or GENERAL.search(sentence), (row["id"], sentence)
                    continue
                is_true = any(holds(key, slots, image, labels, boxes) for key, slots in readings)
                assert is_true, (row["id"], sentence, readings)
                found[readings[0][0]] += 1
        assert row["image_id"] in evidence
    return found


def read_rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


BOXES = {}


def remember_boxes(run, name, root):
    dataset = take_dataset(name, root)
    BOXES[run] = {}
    for place in range(len(dataset)):
        photo = dataset.photo(place)
        size = np.array([photo.width, photo.height] * 2)
        corners = [tuple(float(v) for v in np.array(box.box_xyxy_norm) * size) for box in photo.boxes]
        BOXES[run][photo.image_id] = ([box.label for box in photo.boxes], corners)


def run_on(name, root, out, *more):
    arguments = ["run", "--dataset", f"{name}={root}", "--out", str(out), "--instructions", "all", "--mix", "each"]
    called = call_here("agents", *arguments, "--workers", "0", *more)
    assert called.returncode == 0, called.stderr
    remember_boxes(out, name, root)
    return check_run(out)


def test_rendered_scenes(tmp_path):
    render_scenes(12, 5, tmp_path / "scenes", kinds=("street", "yard", "road"))
    found = run_on("flir", tmp_path / "scenes/flir", tmp_path / "run")
    assert sum(found.values()) > 60
    assert len(found) >= 6


@pytest.mark.skipif(not FLIR.is_dir(), reason=f"{FLIR} is not there: real images with boxes")
def test_real_images(tmp_path):
    found = run_on("flir", FLIR, tmp_path / "run", "--limit", "24")
    assert sum(found.values()) > 150


def count_contradicted(run):
    """By list: how many statements there are, and how many the debate's own checks object to on an inverted copy."""
    lexicon = load_lexicon(PACK)
    said, caught = Counter(), Counter()
    for row in read_rows(run / "instructions.jsonl"):
        labels, boxes = BOXES[run][row["image_id"]]
        image = np.asarray(Image.open(run / row["image"]))
        height, width = image.shape
        found = measure(Levels(255 - image), boxes)
        own = [
            Box(label=label, box_xyxy_norm=(x1 / width, y1 / height, x2 / width, y2 / height))
            for label, (x1, y1, x2, y2) in zip(labels, boxes, strict=True)
        ]
        for message in row["messages"]:
            for sentence in re.split(r"(?<=\.) ", message["content"]) if message["role"] == "assistant" else ():
                readings = list(read_claims(sentence))
                if readings:
                    said[readings[0][0]] += 1
                    alone = (Message(role="assistant", content=sentence),)
                    objected = verify(alone, own, (), lexicon, row["kind"], measured=found)
                    caught[readings[0][0]] += any(each.category == "heat_claim" for each in objected)
    return said, caught


def test_the_debate_objects_to_every_statement_on_an_inverted_copy(tmp_path):
    render_scenes(10, 8, tmp_path / "scenes", kinds=("street", "yard", "road"))
    run_on("flir", tmp_path / "scenes/flir", tmp_path / "run")
    said, caught = count_contradicted(tmp_path / "run")
    ranked = {key for key in said if "brightest" in key}
    assert {key: said[key] - caught[key] for key in said if key not in ranked and said[key] != caught[key]} == {}
    assert sum(caught[key] for key in ranked) >= 0.9 * sum(said[key] for key in ranked)
    assert sum(said.values()) > 60
