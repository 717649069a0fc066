"""Answers that do not look: what is fitted, what is learned by heart by none, and what a report makes of them."""

from itb.others.published import read_published
from itb.others.scoring import UPSTREAM, Asked, Row
from itb.others.scoring.blind import fit_blind
from itb.others.scoring.extras import add_extras
from itb.others.scoring.ours import miss_by_meaning, read_by_meaning
from itb.report.beside import find_best_blind, is_better


def order(number: int, *parts: str, shown: tuple[str, ...] = ("Chest", "Forehead", "Nose")) -> Asked:
    return Asked("t5_single", ", ".join(parts), "order", parts, tuple(p for p in shown if p in parts), item=str(number))


def test_a_constant_order_serves_lists_of_two_and_of_three() -> None:
    asked = [
        order(0, "Forehead", "Nose", "Chest"),
        order(1, "Forehead", "Chest"),
        order(2, "Forehead", "Nose", "Chest"),
    ]
    best = find_best_blind(asked, UPSTREAM["thermeval"])
    assert best["t5_single/accuracy"].rule == "majority" and best["t5_single/accuracy"].figure.value == 1.0
    kept = fit_blind(asked, UPSTREAM["thermeval"])["prompt order"]
    assert kept == ["Chest, Forehead, Nose", "Chest, Forehead", "Chest, Forehead, Nose"]


def test_names_and_wordings_are_learned_of_other_questions_alone() -> None:
    texts = [tuple(f"{word} {number}" for word in ("red", "blue", "green", "black")) for number in range(8)]
    asked = [
        Asked(
            "d", "B", "option", (options[1],), options[turn:] + options[:turn], f"Which of {number}?", item=str(number)
        )
        for number, options in enumerate(texts)
        for turn in range(4)
    ]
    found = fit_blind(asked, UPSTREAM["if-bench"])
    rules = UPSTREAM["if-bench"]
    for rule in ("likeliest names", "majority by wording"):
        score = sum(rules.read(one, said or "").score or 0.0 for one, said in zip(asked, found[rule], strict=True))
        assert score <= len(asked) / 2, "no question is known by heart"


def test_absent_things_are_guessed_by_their_names() -> None:
    things = ("car", "person", "scooter", "hydrant")
    asked = [
        Asked("Security", "(C) scooter (D) hydrant", "several", ("scooter", "hydrant"), things, item=str(number))
        for number in range(4)
    ]
    assert fit_blind(asked, UPSTREAM["ir-td"])["likeliest names"] == ["(C) scooter (D) hydrant"] * 4
    assert find_best_blind(asked, UPSTREAM["ir-td"])["Security/accuracy"].figure.value == 1.0


def test_what_serves_every_kind_best_is_one_answer_too() -> None:
    asked = [Asked("object_presence", "yes", "yes_no", ("yes",), item=str(n), image=str(n)) for n in range(3)]
    asked += [Asked("object_count", "4", "number", ("4",), item=f"c{n}", image=str(n)) for n in range(2)]
    best = find_best_blind(asked, UPSTREAM["hit-uav-vqa"])
    assert best["accuracy"].rule == "the best of each kind" and best["accuracy"].figure.value == 1.0


def test_nothing_is_left_out_of_our_errors() -> None:
    asked = [
        Asked("AerialCounting", f"<num>{n}</num>", "number", (str(n),), question="How many cars?") for n in (4, 10, 30)
    ]
    replies = ["4", "12 cars", "no idea"]
    rows = [Row(one, read_by_meaning(one, reply)) for one, reply in zip(asked, replies, strict=True)]
    rows.append(Row(asked[0], miss_by_meaning(asked[0], "missing"), "missing"))
    (figure,) = add_extras(rows)
    assert (figure.value, figure.n) == ((0 + 2 + 26 + 0) / 4, 4)
    theirs = [UPSTREAM["ir-td"].read(one, f"<num>{reply}</num>") for one, reply in zip(asked, replies, strict=True)]
    mae = next(one for one in UPSTREAM["ir-td"].add_up(list(map(Row, asked, theirs))) if one.name.endswith("/MAE"))
    assert (mae.value, mae.n, mae.note) == (0.0, 1, "2 replies without a tag are left out, as upstream does")


def test_published_figures_name_their_sources() -> None:
    published = read_published("thermeval")
    assert published is not None
    (blind,) = [
        one for one in published.list_beside("t5_single/accuracy") if one.model == "always forehead, nose, chest"
    ]
    (model,) = [one for one in published.list_beside("t5_single/accuracy") if one.model == "best model"]
    assert (blind.value, blind.kind, model.value) == (65.6, "blind", 63)
    assert is_better("t5_single/accuracy", blind.value, model.value)
    assert "908ae7c" in published.sources[blind.source]
    assert read_published("wildfire-vqa") is None


def test_files_of_published_figures_are_of_known_benchmarks() -> None:
    found = {name for name in UPSTREAM if read_published(name)}
    assert found == {"if-bench", "hit-uav-vqa", "ir-td", "rgb-th-bench", "vs-tdx", "thermeval"}
