"""Whether an answer is right: the metric's one line, for audits and baselines."""

from itb.records import Item


def is_right(item: Item, answer: str) -> bool:
    """Whether `answer`, in the form of `Item.answer`, is right; a measure within the item's tolerance."""
    if item.form == "measure":
        return abs(float(answer) - float(item.answer)) <= (item.tolerance or 0.0) + 1e-9
    return answer == item.answer
