"""Agreement and plans of a run that people reviewed."""

import json
import shutil

import pytest
from calling import call_here
from reviewing import say, write

from agents.review.agreement import gather_reviewed, report_agreement
from agents.review.book import ReviewBook
from agents.review.plan import PlanSettings, Population, draw_plan, find_plan, read_population, split_texts
from agents.review.reached import assess_plan, list_open
from agents.review.texts import Text, read_texts
from agents.store.run_store import RunStore
from tools.errors import UsageError
from tools.records import Objection


def need_scipy():
    pytest.importorskip("scipy", reason="the package scipy (extra `itb`) is not installed")


def make_text(id, objected=()):
    against = tuple(Objection(check="lexicon", category=name, quote="q", reason="r") for name in objected)
    return Text(f"{id}-0", str(id), None, "", "caption", f"text {id}", 1, not against, True, against)


def make_texts(agent, people, book):
    """Texts that the agent objects to (for categories) or not, and what Ann says of each."""
    for number, (objected, said) in enumerate(zip(agent, people, strict=True)):
        text = make_text(number, objected)
        if said is not None:
            book.add(say(text, "Ann", "reject" if said else "accept", categories=tuple(said)))
        yield text


def test_agreement_by_category_against_numbers_worked_out_by_hand(tmp_path):
    need_scipy()
    book = ReviewBook(tmp_path)
    agent = [["colour"], ["colour"], ["count"], [], [], [], []]
    people = [["colour"], [], ["colour"], ["count"], [], [], None]
    report = report_agreement(gather_reviewed(make_texts(agent, people, book), book), book)
    assert report.judged == {True: 3, False: 4}
    assert report.reviewed[:4] == (2, 1, 1, 2)
    assert (report.reviewed.precision.value, report.reviewed.recall.value) == pytest.approx((2 / 3, 2 / 3))
    colour, count = report.by_category["colour"], report.by_category["count"]
    assert colour[:4] == (1, 1, 1, 3) and count[:4] == (0, 1, 1, 4)
    assert colour.kappa.value == pytest.approx((4 / 6 - (4 / 36 + 16 / 36)) / (1 - 20 / 36))
    # of the run 4 are accepted and 3 of them were reviewed: each stands for 4/3; found 2 of 2 + 4/3
    assert report.run.recall.value == pytest.approx(2 / (2 + 4 / 3))
    assert report.people is None and report.conflicts == 0


def test_people_who_differ_are_left_out_and_told(tmp_path):
    need_scipy()
    book = ReviewBook(tmp_path)
    texts = list(make_texts([["colour"], []], [["colour"], []], book))
    book.add(say(texts[0], "Ben", "accept"))
    report = report_agreement(gather_reviewed(texts, book), book)
    assert report.conflicts == 1 and report.reviewed.n == 1 and report.people.value == 0


def make_population(accepted, objected=0):
    texts = [make_text(place) for place in range(accepted)]
    return split_texts([*texts, *(make_text(f"o{place}", ["colour"]) for place in range(objected))])


def list_ids(plan):
    return {entry.key for entry in plan.entries}


def test_a_plan_is_the_same_everywhere_and_a_larger_one_holds_the_smaller():
    population = make_population(400, 30)
    small, large = (draw_plan(population, PlanSettings(error=error)) for error in (0.05, 0.02))
    turned = draw_plan(Population(population.accepted[::-1], ()), PlanSettings(error=0.05))
    assert turned.entries == small.entries
    assert list_ids(small) < list_ids(large)
    assert list_ids(draw_plan(population, PlanSettings(error=0.05, seed=1))) != list_ids(small)
    mixed = draw_plan(population, PlanSettings(error=0.05, objected=7))
    assert sum(entry.stratum is None for entry in mixed.entries) == 7 and mixed.strata == small.strata


def test_every_text_is_drawn_about_equally_often():
    population, draws = make_population(30), 300
    drawn = [0] * 30
    for seed in range(draws):
        plan = draw_plan(population, PlanSettings(error=0.2, seed=seed))
        for entry in plan.entries:
            drawn[int(entry.image_id)] += 1
    expected = draws * len(plan.entries) / 30
    deviation = (expected * (1 - len(plan.entries) / 30)) ** 0.5
    assert max(abs(count - expected) for count in drawn) < 4.5 * deviation


def test_strata_have_bounds_that_hold_together(reviewable):
    with RunStore(reviewable) as store:
        population = read_population(store)
    plan = draw_plan(population, PlanSettings(error=0.5, by_kind=True))
    assert [stratum.name for stratum in plan.strata] == ["caption", "conversation", "description", "reasoning"]
    assert all(stratum.confidence == pytest.approx(1 - 0.05 / 4) for stratum in plan.strata)
    assert all(stratum.bound(0) <= 0.5 * stratum.population for stratum in plan.strata)


def test_what_is_open_or_in_conflict_counts_as_faulty(tmp_path):
    population = make_population(200)
    plan = draw_plan(population, PlanSettings(error=0.05))
    (stratum,) = plan.strata
    book, texts = ReviewBook(tmp_path), {text.id: text for text in population.accepted}
    first, second, *others, last = [texts[entry.id] for entry in plan.entries]
    book.add(say(first, "Ann", "reject"))
    for text in (second, *others):
        book.add(say(text, "Ann", "accept"))
    (reached,) = assess_plan(plan, book)
    assert (reached.reviewed, reached.faults, reached.open) == (stratum.sample - 1, 1, 1)
    assert reached.most == stratum.bound(2), "the one that is open counts as faulty"
    assert [entry.id for entry in list_open(plan, book)] == [last.id]
    assert len(list_open(plan, book, "ben")) == stratum.sample
    book.add(say(last, "Ann", "accept"))
    book.add(say(second, "Ben", "reject"))
    (reached,) = assess_plan(plan, book)
    assert (reached.conflicts, reached.open, reached.most) == (1, 0, stratum.bound(2))
    book.add(say(second, "Ben", "accept"))
    assert assess_plan(plan, book)[0].most == stratum.bound(1)


def test_the_commands_draw_a_plan_follow_it_and_say_what_it_proves(reviewable, tmp_path):
    need_scipy()
    copy = shutil.copytree(reviewable, tmp_path / "run")
    drawn = call_here("agents", "review-plan", str(copy), "--error", "10%", "--objected", "2")
    assert drawn.returncode == 0 and "0 faulty in it: at most" in drawn.stdout
    before = (copy / "review_plan.json").read_bytes()
    assert call_here("agents", "review-plan", str(copy), "--error", "10%", "--objected", "2").returncode == 0
    assert (copy / "review_plan.json").read_bytes() == before
    other = call_here("agents", "review-plan", str(copy), "--error", "5%")
    assert other.returncode == 2 and "error 0.1 -> 0.05" in other.stderr
    assert call_here("agents", "agreement", str(copy)).returncode == 3
    plan = find_plan(copy)
    with RunStore(copy) as store:
        texts = {text.key: text for text in read_texts(store)}
    for entry in plan.entries:
        verdict, categories = ("reject", ("colour",)) if texts[entry.key].objections else ("accept", ())
        write(copy, texts[entry.key], "Ann", verdict, categories=categories)
    told = call_here("agents", "agreement", str(copy), "--planned")
    assert told.returncode == 0, told.stderr
    size = plan.strata[0].sample
    assert f"{size} of {size} reviewed, 0 faulty" in told.stdout
    found = json.loads(call_here("agents", "agreement", str(copy), "--json").stdout)
    assert found["run"]["kappa"]["value"] == 1 and found["plan"][0]["share"] <= 0.1
    with RunStore(copy, create=True) as store, store.write_together() as db:
        db.execute("UPDATE results SET result = replace(result, 'bench', 'couch')")
    assert "nothing is proved" in call_here("agents", "agreement", str(copy)).stdout


def test_a_rule_whose_words_people_bring_back_is_told(reviewable, tmp_path):
    need_scipy()
    copy = shutil.copytree(reviewable, tmp_path / "run")
    with RunStore(copy) as store:
        pair = next(pair for result in store.read_results() for pair in result.pairs if "seed-1" in pair.applied)
        text = next(text for text in read_texts(store) if text.id == pair.id and text.is_accepted)
        objected = next(text for text in read_texts(store) if text.objections)
    write(copy, text, "Ann", "edit", edited=pair.original)
    write(copy, objected, "Ann", "accept")
    found = json.loads(call_here("agents", "agreement", str(copy), "--json").stdout)
    rules = {row["id"]: row for row in found["reversed_rules"]}
    assert rules["seed-1"] == {"id": "seed-1", "category": "colour", "seen": 1, "restored": 1, "overruled": 0}
    assert any(row["overruled"] for row in rules.values())


def test_a_plan_that_cannot_be_read_or_drawn_is_explained(reviewable, tmp_path):
    copy = shutil.copytree(reviewable, tmp_path / "run")
    (copy / "review_plan.json").write_text("{}")
    told = call_here("agents", "review-plan", str(copy))
    assert told.returncode == 2 and "no plan (settings: Field required)" in told.stderr
    assert call_here("agents", "review-plan", str(reviewable), "--error", "2").returncode == 2
    assert call_here("agents", "review-plan", str(reviewable), "--confidence", "20%").returncode == 2
    with pytest.raises(UsageError, match="no accepted text"):
        draw_plan(Population((), ()), PlanSettings(error=0.02))
