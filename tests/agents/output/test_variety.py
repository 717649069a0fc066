"""How alike a run's texts are: figures with known values, and the manifest's part."""

import random

import pytest

from agents.output.variety import SAMPLE, TextTally, find_percentile, measure_distinct, measure_self_bleu

WORDS = [f"word{number}" for number in range(500)]


def test_equal_texts_have_self_bleu_one_and_texts_without_a_common_word_nearly_none():
    same = [["a", "car", "stands", "left", "of", "a", "tree"]] * 5
    assert measure_self_bleu(same) == 1.0
    apart = [WORDS[start : start + 10] for start in range(0, 100, 10)]
    assert 0 < measure_self_bleu(apart) < 0.08
    assert measure_self_bleu(same[:1]) is None


def test_self_bleu_of_two_texts_is_the_mean_of_bleu_both_ways():
    one, other = ["the", "cat", "is", "on", "the", "mat"], ["there", "is", "a", "cat", "on", "the", "mat"]
    # By hand: 5 of 6 and 5 of 7 words, 2 of 5 and 2 of 6 pairs, 1 of 4 and 1 of 5 triples, no quadruple of 3 and of 4.
    forth = (5 / 6 * 2 / 5 * 1 / 4 * 0.5 / 3) ** 0.25 * 2.718281828 ** (1 - 7 / 6)
    back = (5 / 7 * 2 / 6 * 1 / 5 * 0.5 / 4) ** 0.25
    assert measure_self_bleu([one, other]) == pytest.approx((forth + back) / 2, abs=1e-4)


def test_distinct_counts_pairs_of_words_over_all_texts():
    assert measure_distinct([["a", "b", "a", "b"], ["a", "b"]]) == 0.5  # ab ba ab ab
    assert measure_distinct([["alone"]]) is None


def test_percentiles_are_lengths_that_occur():
    lengths = {3: 9, 10: 1}
    assert [find_percentile(lengths, percent) for percent in (10, 50, 90, 100)] == [3, 3, 3, 10]


def test_the_sample_hangs_on_names_alone():
    texts = [(f"image-{number}", " ".join(random.Random(number).sample(WORDS, 8))) for number in range(4 * SAMPLE)]
    found = []
    for seed in (1, 2):
        tally = TextTally()
        for name, text in random.Random(seed).sample(texts, len(texts)):
            tally.add(name, text)
        found.append(tally.describe())
    assert found[0] == found[1]
    assert found[0]["sample"] == SAMPLE and found[0]["texts"] == len(texts)


def test_the_commonest_opening_is_three_words_without_case_and_punctuation():
    tally = TextTally()
    for place, text in enumerate(["In the view, a car.", "in the View a dog.", "A dog sits."]):
        tally.add(str(place), text)
    assert tally.describe()["commonest_opening"] == "in the view"
    assert tally.describe()["share_of_commonest_opening"] == round(2 / 3, 4)
