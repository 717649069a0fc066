"""A question of a benchmark's folder as scoring wants it."""

from itb.answers.forms.parts import split_parts
from itb.others.kind import load_benchmark
from itb.others.plain import PLAIN
from itb.others.scoring import UPSTREAM, Asked, Rules
from itb.records import Item


def describe_asked(item: Item) -> Asked:
    """What a reader knows of a foreign question."""
    if item.foreign is None:
        raise ValueError(f"{item.id} is a question of ITB's own")
    foreign = item.foreign
    several = split_parts(item.answer) if item.form in ("several", "order") else (item.answer, *foreign.references)
    tolerance = {} if item.tolerance is None else {"tolerance": f"{item.tolerance:g}"}
    return Asked(
        task=foreign.kind,
        label=foreign.label,
        form=item.form,
        answers=several,
        options=item.options,
        question=item.question,
        unit=item.unit or "",
        item=foreign.variant_of,
        image=foreign.images[0].original,
        facts={**foreign.facts, **tolerance},
    )


def find_upstream(name: str) -> Rules:
    """The rules of a benchmark's makers; ours where they state none."""
    return UPSTREAM.get(name) or load_benchmark(name).rules or PLAIN
