"""What the whole debate leaves in real captions and answers, by words of this file's own: the lexicon is not asked."""

import json
import re
from pathlib import Path

import pytest
from killing import read_exports

from agents.config import RunConfig
from agents.running.run import run_synthesis

COCO = Path(__file__).resolve().parents[3].parent / "shared/data/coco2017"
pytestmark = pytest.mark.skipif(not COCO.is_dir(), reason="../shared/data/coco2017 is missing")

WORDS = {
    "colour": "red blue yellow green purple pink brown black white gray grey beige maroon teal turquoise tan golden "
    "blond blonde brunette colorful colourful colored coloured multicolored rainbow reddish",
    "transparency": "transparent translucent see-through crystal-clear opaque glazed sheer frosted clear-glass glassy "
    "clear-plastic tinted unglazed semi-transparent limpid",
    "material": "wooden wood metal metallic brick stone concrete cement marble granite leather plastic steel tiled "
    "tile wicker bamboo ceramic porcelain cardboard",
    "printed_text": "reads reading-stop says lettering letters writing written logo logos slogan inscription printed "
    "labeled labelled numbered words spelled",
    "texture": "striped stripes plaid checkered checked-shirt spotted polka-dot floral-print patterned paisley "
    "camouflage tartan pinstriped zigzag houndstooth gingham",
    "lighting": "sunny sunlit sunset sunrise dusk dawn twilight shadow shadows shady lit well-lit dimly sunlight "
    "glowing reflection reflections",
    "brand": "mac macbook imac iphone ipad apple-computer nintendo wii coca-cola coke pepsi starbucks mcdonalds "
    "samsung sony microsoft honda toyota ford mercedes bmw harley nike adidas",
    "photo_style": "sepia black-and-white monochrome vintage-photo old-fashioned-photo grainy blurry-photo hdr "
    "polaroid photoshopped retro-photo overexposed underexposed filtered-photo saturated",
    "screen_content": "wallpaper screensaver webpage website homepage cartoon-on displaying playing-on screen-shows "
    "youtube facebook google powerpoint spreadsheet login emoji",
    "artwork": "graffiti mural murals painted painting-of drawing-of artwork decal decals stenciled airbrushed "
    "doodle frieze mosaic etching",
    "appearance": "rusty rusted stained tattoo tattoos tattooed makeup lipstick freckles faded tarnished mascara shiny "
    "dirty-looking weathered scuffed",
}
"""At least fifteen for each category; a hyphen stands for a space too."""
KEPT = re.compile(
    r"\b(?:brown|black|grizzly|polar|white|red) (?:bears?|panda)\b|\bwhite ?boards?\b|\bblack ?boards?\b"
    r"|\bgreen ?houses?\b"
    r"|\bsteel drum\b|\bwood ?(?:land|pecker)s?\b|\bmetal detector\b|\bstone age\b|\bplastic surgery\b|\bstop ?light\b",
    re.IGNORECASE,
)
"""Names of things."""
FINDERS = {
    name: re.compile(rf"\b(?:{'|'.join(word.replace('-', '[- ]') for word in words.split())})\b", re.IGNORECASE)
    for name, words in WORDS.items()
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    found = {"pairs": [], "instructions": []}
    for part in ("val2017", "train2017"):
        out = tmp_path_factory.mktemp(part) / "run"
        run_synthesis(
            RunConfig(
                captions=COCO / f"annotations/captions_{part}.json",
                instances=COCO / f"annotations/instances_{part}.json",
                images=COCO / part,
                out=out,
                block=8,
                instructions="all",
                mix="each",
                translator="none",
                workers=0,
            )
        )
        exports = read_exports(out)
        for name, lines in found.items():
            lines += [json.loads(line) for line in exports[f"{name}.jsonl"].splitlines()]
    return found


def find_leaks(texts):
    """The texts that name each category."""
    return {name: [text for text in texts if find.search(KEPT.sub(" ", text))] for name, find in FINDERS.items()}


def test_the_lists_are_long_enough_to_judge_by():
    assert all(len(set(words.split())) >= 15 for words in WORDS.values())


def test_captions_and_answers_leak_under_one_percent_in_every_category(rows):
    originals = [pair["original"] for pair in rows["pairs"]]
    captions = [pair["caption"] for pair in rows["pairs"]]
    answers = [m["content"] for row in rows["instructions"] for m in row["messages"] if m["role"] == "assistant"]
    assert len(captions) > 800 and len(answers) > 1000
    before = find_leaks(originals)
    assert sum(map(len, before.values())) > 0.2 * len(originals)
    for texts in (captions, answers):
        leaks = find_leaks(texts)
        assert not {name: found for name, found in leaks.items() if len(found) >= 0.01 * len(texts)}


def test_what_was_edited_after_an_objection_is_another_caption_and_whole(rows):
    edited = [pair for pair in rows["pairs"] if pair["candidates"][-1]["text"] != pair["original"]]
    assert len(edited) >= 20
    for pair in edited:
        assert pair["caption"] != pair["original"]
        assert not re.search(r"\b(?:a|an|the|and|of|with|in|or)[. ]*$|\ban? (?:and|or|of|in|with)\b", pair["caption"])
