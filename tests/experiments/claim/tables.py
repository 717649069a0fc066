"""The tables of the experiment."""

from collections.abc import Mapping

from claim.asking import LEAST_GROUPS, MODELS, Asking
from claim.audit import read_finding
from claim.cells import CONTROLS
from claim.samples import read_own
from claim.score import compare_family, score_kinds
from claim.sets import list_benches
from claim.settings import ARMS, BASE, CONTEXT, FAMILY, PRIMARY, Place, Settings
from claim.stated import is_stated
from paper_mini.tables import Table

TITLES = {arm.name: arm.title for arm in ARMS} | {BASE: "no training", CONTEXT: "told about the sensor"}
JUDGED = "evidence"
"""The arm whose texts tell the kinds of questions that are stated from those that are not."""
Shares = Mapping[str, Mapping[str, float]]
"""Arm -> what its texts state -> share of its samples that do."""


def make_comparisons(asking: Asking) -> Table:
    """Every comparison of one benchmark."""
    rows = []
    for each in compare_family(asking.scorer, FAMILY):
        told = ("-", "-") if asking.has_few_groups else (f"{each.p:.3f}", f"{each.holm:.3f}")
        found = (asking.show(each.difference, signed=True), *told)
        rows.append((TITLES[each.first], TITLES[each.second], *found))
    head = ("arm", "against", "difference in points [95 %]", "p", "Holm's p, of all in this table")
    note = (
        f"Means over the kinds of questions, paired by question; {asking.count_questions()} questions; "
        f"{len(asking.asked.groups)} groups resampled, and seeds with them."
        + f" Under {LEAST_GROUPS} groups tell no interval."
        * asking.has_few_groups
    )
    return Table(f"Differences: {asking.name}", head, rows, note)


def make_stated(asking: Asking, shares: Shares) -> Table:
    """The primary comparisons, kinds of questions that the evidence states apart from those that it does not."""
    rows = []
    for words, wanted in (("stated", True), ("never stated", False)):
        kinds = [
            place for place, kind in enumerate(asking.asked.kinds) if is_stated(kind, shares[JUDGED]) is wanted
        ]  # fmt: skip
        named = ", ".join(name_kind(asking.asked.kinds[place]) for place in kinds) or "none"
        scorer = score_kinds(asking.arms, kinds) if kinds else None
        for pair in PRIMARY:
            found = asking.show(scorer.compare(*pair), signed=True) if scorer else "-"
            rows.append((words, named, TITLES[pair[0]], TITLES[pair[1]], found, str(asking.count_questions(kinds))))
    head = ("by the texts of evidence", "kinds", "arm", "against", "difference in points [95 %]", "questions")
    note = "Not corrected for several comparisons: these tell where a difference comes from, and decide nothing."
    return Table(f"Stated in training, and not: {asking.name}", head, rows, note)


def make_accuracies(asking: Asking, shares: Shares) -> Table:
    """Every arm in every kind of question, beside what is reached without looking."""
    rows = []
    for place, kind in enumerate(asking.asked.kinds):
        controls = [f"{asking.controls[name][place]:.1f}" for name in CONTROLS]
        counts = (str(asking.count_questions([place])), str(asking.count_groups(place)))
        for arm in MODELS:
            stated = "-" if arm not in shares else "yes" if is_stated(kind, shares[arm]) else "no"
            found = asking.show(asking.scorer.score_task(arm, place))
            rows.append((name_kind(kind), TITLES[arm], found, stated, *controls, *counts))
    means = [f"{sum(asking.controls[name]) / len(asking.asked.kinds):.1f}" for name in CONTROLS]
    counts = (str(asking.count_questions()), str(len(asking.asked.groups)))
    rows += [("all kinds", TITLES[arm], asking.show(asking.scorer.score(arm)), "-", *means, *counts) for arm in MODELS]
    head = ("kind of question", "arm", "accuracy % [95 %]", "its texts state such", *CONTROLS, "questions", "groups")
    return Table(f"Accuracies: {asking.name}", head, rows)


def name_kind(kind: str) -> str:
    """`hit-uav-vqa/object_count`: `object count`."""
    return kind.rpartition("/")[2].replace("_", " ")


def make_data(settings: Settings, place: Place, shares: Shares) -> Table:
    """What each arm is trained on, in the first seed."""
    rows = []
    for arm in ARMS:
        samples = read_own(place.out / f"s{settings.seeds[0]}/data/{arm.name}.json")
        said = [turn["value"] for row in samples for turn in row["conversations"] if turn["from"] == "gpt"]
        words = sum(len(text.split()) for text in said) / max(1, len(samples))
        stating = (f"{100 * share:.0f}" for share in shares[arm.name].values())
        images = len({row["image"] for row in samples})
        rows.append((arm.title, str(len(samples)), str(images), f"{words:.0f}", *stating))
    said_of = (f"state a {name} %" for name in next(iter(shares.values())))
    head = ("arm", "samples of a seed", "images", "words of a sample", *said_of)
    note = "Beside them every arm gets the same questions on photographs."
    return Table("What each arm is trained on", head, rows, note)


def make_leaks(settings: Settings, place: Place) -> Table:
    """What `itb audit --train` found of the images that arms are trained on."""
    names = ("train_images", "test_images", "unreadable", "copies", "test_questions")
    rows = []
    for bench in list_benches(settings, place):
        found = read_finding(place, bench)
        rows.append((bench, *(str(found[name]) if found else "not audited" for name in names)))
    head = ("benchmark", "training images", "test images", "unreadable", "show a test image", "questions about these")
    note = "Images of all arms in the first seed, the real ones among them; copies, crops and mirrored ones count."
    return Table("Leaks", head, rows, note)
