"""Hash draws: what was once drawn stays, to the bit, and hangs on nothing but what it is for."""

from hypothesis import given
from hypothesis import strategies as st

from tools.seeds import (
    choose_by_name,
    hash_for_order,
    hash_number,
    hash_number_by_sha256,
    hash_to_folder,
    hash_to_unit,
    make_generator,
    make_random,
    make_random_by_text,
    spread,
)


def test_every_recipe_draws_what_it_always_drew():
    assert hash_number(3, "flir", "a.jpg") == 2524442857028039998
    assert hash_number("3:17") == 16611052295506092538
    assert hash_number("x\udc80") == 2148756940915472169
    assert hash_to_unit(0, "kind", 139) == 0.24640799867260832
    assert hash_number_by_sha256("noise a.jpg") == 990540662633417635
    assert hash_for_order("locate-7").hex() == "d10ed5fb5a86fc70f34a2cf8e9312a4da7446b29a4b3cee0386578a2198174b5"
    assert [choose_by_name(name, range(1000)) for name in ("3-0", "é")] == [117, 10]
    assert (hash_to_folder(139), hash_to_folder(3)) == ("8d", "4e")


def test_every_stream_draws_what_it_always_drew():
    python, by_text = make_random(0, 139, "caption", 2), make_random_by_text("0 flir")
    assert [python.randrange(1000) for _ in range(4)] == [376, 483, 241, 582]
    assert [by_text.randrange(1000) for _ in range(4)] == [360, 391, 575, 25]
    assert make_generator(5, 1, "place").integers(0, 1000, 4).tolist() == [435, 67, 295, 888]


@given(st.lists(st.one_of(st.integers(), st.text(st.characters()))))
def test_any_parts_give_a_number_of_their_range(parts):
    assert 0 <= hash_to_unit(*parts) < 1
    assert 0 <= hash_number(*parts) < 2**64 and 0 <= hash_number_by_sha256(*parts) < 2**64
    assert hash_to_folder(parts) == hash_to_folder(parts) and len(hash_to_folder(parts)) == 2


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50)), unique=True), st.randoms())
def test_spreading_hangs_on_the_things_alone_and_takes_turns(things, generator):
    def order(rows):
        return spread(rows, lambda row: row[0], str, 7)

    ordered = order(things)
    shuffled = list(things)
    generator.shuffle(shuffled)
    assert ordered == order(shuffled) and sorted(ordered) == sorted(things)
    groups = {group for group, _ in things}
    assert {group for group, _ in ordered[: len(groups)]} == groups
