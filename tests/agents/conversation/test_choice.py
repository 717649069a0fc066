"""A caption that breaks a rule in force does not win by its score."""

import asyncio
import itertools
from pathlib import Path

import pytest

from agents.backends import FilterReply
from agents.conversation.caption import filter_captions
from agents.conversation.choice import RULES_BROKEN, Choice
from agents.conversation.protocol import Job
from tools.errors import RejectError
from tools.prompts.lexicon import load_lexicon
from tools.records import Photo, Rule

LEXICON = load_lexicon(Path("prompts/infrared"))
COLOUR = Rule(id="seed-1", text="No colours.", category="colour", origin="seed")
TEXTS = ("A dog on a wooden bench.", "A brown dog on a red bench.", "A red dog on a bench.", "A dog on a bench.")
SCORES = (0.1, 0.4, 0.3, 0.1)


@pytest.mark.parametrize(("winner", "best"), [("any", 1), ("clean", 0), ("cleanest", 0)])
def test_the_best_score_wins_among_those_that_break_no_rule_in_force(winner, best):
    assert Choice((COLOUR,), LEXICON, winner).find_best(TEXTS, SCORES) == best
    assert Choice((), LEXICON, winner).find_best(TEXTS, SCORES) == 1


def test_the_winner_is_the_one_with_the_fewest_breaches_and_of_these_the_best_score_of_which_the_first():
    rules = (COLOUR, Rule(id="seed-2", text="No materials.", category="material", origin="seed"))
    for texts in itertools.permutations(TEXTS):
        for scores in itertools.product((0.1, 0.2), repeat=len(texts)):
            choice = Choice(rules, LEXICON, "cleanest")
            breaches = [len(choice.find_breaches(text)) for text in texts]
            best = max(range(len(texts)), key=lambda i: (-breaches[i], scores[i], -i))
            assert choice.find_best(texts, scores) == best


def test_where_all_break_a_rule_the_fewest_breaches_go_into_the_debate_and_else_none_wins():
    assert Choice((COLOUR,), LEXICON, "cleanest").find_best(TEXTS[1:3], SCORES[1:3]) == 1
    with pytest.raises(RejectError, match="every candidate breaks a rule in force, the best one with “red”") as caught:
        Choice((COLOUR,), LEXICON).find_best(TEXTS[1:3], SCORES[1:3])
    assert caught.value.code == RULES_BROKEN


def test_words_for_brightness_are_no_breach_where_it_was_measured():
    light = Rule(id="mined-1-0", text="No light.", category="lighting", origin="mined")
    text = "A bright person in a dark room."
    measured = Choice((light,), LEXICON, is_measured=True).find_breaches(text)
    assert Choice((light,), LEXICON).find_breaches(text) and not measured


class Editor:
    async def filter_caption(self, request):
        return FilterReply(
            captions=(request.caption.replace("red ", "") if "cat" in request.caption else "A red dog.",)
        )


class Tools:
    async def translate_image(self, *_):
        return None

    async def score_captions(self, image, groups):
        return [[0.1] * (len(group) - 1) + [0.9] for group in groups]


def run(winner, *captions):
    photo = Photo(image_id="7", file_name="7.jpg", width=9, height=9, captions=captions, boxes=())
    job = Job(index=0, block=0, seed=0, photo=photo, photo_path="7.jpg", kinds=())
    return asyncio.run(filter_captions(job, (COLOUR,), Editor(), Tools(), LEXICON, 1, winner))


def test_an_original_that_breaks_a_rule_cannot_win_and_a_caption_without_a_clean_edit_is_refused():
    done = run("clean", "A red cat.", "A red dog runs.")
    assert [pair.caption for pair in done.pairs] == ["A cat."]
    assert [(item.id, item.code) for item in done.refused] == [("7-1", RULES_BROKEN)]
    assert [pair.caption for pair in run("any", "A red cat.").pairs] == ["A red cat."]
    assert [pair.caption for pair in run("cleanest", "A red dog runs.").pairs] == ["A red dog runs."]
    with pytest.raises(RejectError, match="none of the 1 captions can be used") as caught:
        run("clean", "A red dog runs.")
    assert caught.value.code == RULES_BROKEN
