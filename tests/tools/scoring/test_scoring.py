"""The scorers: what wins, and what cannot be made."""

from pathlib import Path

import pytest

from tools.errors import MissingError, UsageError
from tools.prompts.lexicon import load_lexicon
from tools.registry import EntrySpec
from tools.scoring import Scorer, ScoreRequest, make_scorer

LEXICON = load_lexicon(Path(__file__).resolve().parents[3] / "prompts" / "infrared")


def scores(*captions: str, image: Path | None = None) -> tuple[float, ...]:
    return make_scorer(EntrySpec("lexical"), LEXICON).score([ScoreRequest(image, captions)])[0]


def test_the_caption_that_keeps_most_and_shows_least_colour_wins() -> None:
    full, short, original = scores("A bus on a street.", "A bus.", "A red bus on a street.")
    assert full > short and full > original
    assert full == 1.0
    assert original == pytest.approx(0.8)
    assert short == 0.5


def test_each_attribute_costs_the_same() -> None:
    _, one, two = scores("A bench.", "A red bench.", "A red wooden bench.")
    assert one - two == pytest.approx(1.0 - one)


def test_it_is_blind_to_the_image_and_rounds_to_four_decimals() -> None:
    captions = ("A cat, a dog and a cow.", "A cat.", "A red cat.")
    assert scores(*captions) == scores(*captions, image=Path("nowhere.png"))
    assert all(score == round(score, 4) for score in scores(*captions))


def test_requests_do_not_mix() -> None:
    scorer = make_scorer(EntrySpec("lexical"), LEXICON)
    first, second = ScoreRequest(None, ("A cat.", "A red cat.")), ScoreRequest(None, ("A dog on a bed.", "A dog."))
    assert scorer.score([first, second]) == scorer.score([first]) + scorer.score([second])


@pytest.mark.parametrize("captions", [(), ("",), ("red", "the"), ("赤い車 {{ x }}",)])
def test_any_captions_get_one_score_each(captions: tuple[str, ...]) -> None:
    for name in ("lexical", "none"):
        assert len(make_scorer(EntrySpec(name), LEXICON).score([ScoreRequest(None, captions)])[0]) == len(captions)


def test_none_leaves_the_first_caption_in_front() -> None:
    scorer: Scorer = make_scorer(EntrySpec("none"), LEXICON)
    assert scorer.score([ScoreRequest(None, ("a", "b"))]) == [(0.0, 0.0)]
    assert (scorer.name, scorer.is_embedded) == ("none", True)


def test_identity_names_the_lexicon() -> None:
    assert LEXICON.digest in make_scorer(EntrySpec("lexical"), LEXICON).identity


def test_languagebind_without_its_folder_says_what_to_give() -> None:
    with pytest.raises(MissingError, match=r"needs the folder LanguageBind_Thermal.*`lexical` needs none"):
        make_scorer(EntrySpec("languagebind"), LEXICON)


def test_an_unknown_scorer_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no scorer `lexcal`; did you mean `lexical`"):
        make_scorer(EntrySpec("lexcal"), LEXICON)
