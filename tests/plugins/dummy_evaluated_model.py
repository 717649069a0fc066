"""A user's kind of model in one file: it says one and the same words, those of `--model words:...`."""

from itb.models.adapter import Reply, plan_singly
from itb.models.kind import ModelKind
from tools.registry import Entry, register


class Parrot:
    needs_images = is_baseline = False

    def __init__(self, settings, bench, max_new_tokens):
        self._words = settings.model.removeprefix("words:")

    def identify(self):
        return {"kind": "parrot", "name": self._words}

    def explain(self, questions):
        return {}

    def plan(self, questions):
        return plan_singly(questions)

    def answer(self, units):
        for (question,) in units:
            yield Reply(question, self._words)


TRAITS = {"takes": ("words:.*",), "values": "words:WORDS"}
register("evaluated model", Entry("parrot", "says the same words every time", ModelKind(Parrot), traits=TRAITS))
