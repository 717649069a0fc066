"""The answers that a question admits, where they can be listed."""

from itb.ask import Question


def list_candidates(question: Question) -> tuple[str, ...]:
    """`yes` and `no`, the options, or every count of the stated range; empty where the answer is open."""
    match question.item.form:
        case "yes_no":
            return ("yes", "no")
        case "option":
            return question.options
        case "number" if question.count_range:
            least, most = question.count_range
            return tuple(str(count) for count in range(least, most + 1))
    return ()
