"""What `why` says of a rule that an image mined: under which id it is in the books, or that it came too late."""

from collections.abc import Iterator, Sequence

from agents.conversation.results import Result
from agents.conversation.rules import Mined, normalise
from agents.store.retries import list_late
from agents.store.run_store import RunStore
from tools.records import Rule

LATE = "mined when the image was asked again, too late for the books of the images after it: it is in none"


def name_mined(item: Mined) -> str:
    """The id of a mined rule."""
    return f"mined-{item.image_id}-{item.place}"


def list_mined_ids(store: RunStore, result: Result) -> set[str]:
    """The ids of all rules that an image mined: also of those before it was asked again."""
    kept = [item for index, item in store.list_mined() if index == result.index]
    return {name_mined(item) for item in (*kept, *result.list_mined(), *list_late(store, result.image_id))}


def explain_mined(store: RunStore, result: Result, name: str, rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    """The rules of an image that go by this id and stand in no book under it.

    Args:
        rules: those that are in books.
    """
    for _, item in store.list_mined():
        if name_mined(item) == name and not any(rule.id == name for rule in rules):
            key = item.category, normalise(item.text)
            same = next((rule.id for rule in rules if (rule.category, normalise(rule.text)) == key), None)
            yield (
                f"rule {name}",
                f"{_describe(item)}, in no book" + (f" of its own: it says what {same} says" if same else ""),
            )
    for item in list_late(store, result.image_id):
        if name_mined(item) == name:
            yield f"late rule {name}", f"{_describe(item)}, {LATE}"


def _describe(item: Mined) -> str:
    return (
        f"[{item.category}] {item.text} (mined at image {item.image_id}, round {item.round}, from “{item.objection}”)"
    )
