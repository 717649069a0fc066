"""Somebody else's benchmark in one file: a text file of questions, each with its answer and its picture."""

from itb.others.kind import Asked, Facts, ForeignBenchmark, Shown, Skipped
from tools.registry import Entry, register


def read(root, settings):
    for number, line in enumerate((root / "riddles.txt").read_text().splitlines()):
        question, answer, picture = line.split("|")
        if not answer:
            yield Skipped("no_answer", str(number))
            continue
        yield Asked(
            kind="Riddles",
            key=str(number),
            question=question,
            prompt=f"Riddle: {question}",
            answer=answer,
            form="text",
            shown=(Shown(picture),),
        )


RIDDLES = ForeignBenchmark("riddles", "Riddles", Facts("CC0", "tests/plugins"), read)
register("foreign benchmark", Entry("riddles", "riddles", RIDDLES, traits={"title": "Riddles"}))
