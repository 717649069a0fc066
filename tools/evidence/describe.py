"""Facts in plain words for people who look at them; what goes into data is worded by a modality pack."""

from collections.abc import Mapping, Sequence
from typing import Final

from tools.evidence.records import Fact, FactKind


def name_objects(labels: Sequence[str]) -> tuple[str, ...]:
    """`person 1`, `person 2`, `car 1`: what facts are told with, and what is drawn beside boxes."""
    seen: dict[str, int] = {}
    names = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        names.append(f"{label} {seen[label]}")
    return tuple(names)


_TOLD: Final[Mapping[FactKind, str]] = {
    "surroundings": "{subject}: {relation} than its surroundings",
    "pair": "{subject}: {relation} than {other}",
    "part": "{subject}: its {relation} half is the brighter one",
    "third": "image: its {relation} third is brighter than the opposite one",
    "brightest_place": "image: brightest in its {relation} ninth{inside}",
    "ninths": "image: {relation}, the brightest ninth and the darkest",
    "brightest_object": "{subject}: the brightest of the labelled objects",
    "hottest_object": "{subject}: the hottest of the labelled objects",
    "coldest_object": "{subject}: the coldest of the labelled objects",
    "region_temperature": "{subject}: temperature",
    "image_temperature": "image: temperature",
    "difference": "{subject}: difference from {other}",
}


def describe_fact(fact: Fact, names: Sequence[str]) -> str:
    """One line, without the numbers behind it."""
    subject = "" if fact.subject is None else names[fact.subject]
    other = "" if fact.other is None else names[fact.other]
    inside = f", in {subject}" if subject else ""
    return _TOLD[fact.kind].format(subject=subject, other=other, relation=fact.relation, inside=inside)


def describe_numbers(fact: Fact) -> str:
    """`auc 0.93, difference 0.41`."""
    return ", ".join(f"{name} {value:g}" for name, value in fact.values.items())
