"""The ten requests of a conversation, for the clients of `conversations.py` that have no prompts of their own."""

import resource

MODEL = "gpt-4o-mini"
CAPTIONS = 5
"""Requests that go out side by side, five answers each."""
TURNS = 5
"""Requests that follow one another, one answer each."""
SAMPLING = {"temperature": 0.8}
SYSTEM = "You edit captions. " + "What infrared cannot show goes, and all the rest stays as it is. " * 40


def make_caption_messages(number: int, place: int) -> list[dict[str, str]]:
    """The messages about one of an image's captions."""
    return make_messages(f"Caption:\nA red car {number} stands before house {place}.")


def make_turn_messages(number: int, turn: int) -> list[dict[str, str]]:
    """The messages of a later turn of an image's conversation."""
    return make_messages(f"Caption:\nturn {turn} of {number}")


def make_messages(text: str) -> list[dict[str, str]]:
    """A system and a user message."""
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]


def read_cpu() -> float:
    """CPU seconds of this process and of its finished children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
