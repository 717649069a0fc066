"""A user's backend in one file: says the same of every image, and rejects what it wrote once."""

from agents.backends import FilterReply, MineReply, WriteReply
from agents.backends.parts import BackendParts
from tools.records import Message, MinedRule, Objection, Record, Verdict
from tools.registry import Entry, register


class ParrotSettings(Record):
    words: str
    """No default: the command has to ask for it."""


class ParrotBackend:
    name, is_embedded = "parrot", False

    def __init__(self, words: str) -> None:
        self._words = words
        self.identity = f"parrot-1:{words}"

    async def filter_caption(self, request):
        return FilterReply(captions=(f"{self._words}: {request.caption}",) * request.n)

    async def write_instruction(self, request):
        answer = f"{self._words}, round {request.round}."
        return WriteReply(messages=(Message(role="user", content="What?"), Message(role="assistant", content=answer)))

    async def judge(self, request):
        if request.round > 1:
            return Verdict(is_accepted=True)
        objection = Objection(check="parrot", category="echo", quote=self._words, reason="Said before.")
        return Verdict(is_accepted=False, objections=(objection,))

    async def mine_rule(self, request):
        return MineReply(rules=(MinedRule(text="No echo.", category="echo", objection=self._words),))


def make_parrot(settings: ParrotSettings, parts: BackendParts) -> ParrotBackend:
    return ParrotBackend(settings.words)


register("backend", Entry("parrot", "says the same of every image", make_parrot, settings=ParrotSettings))
