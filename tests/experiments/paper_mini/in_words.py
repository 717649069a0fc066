"""How well the language model answers the benchmark when the scene is told in words.

What it cannot answer even then, no align layer can bring it to answer: a miss of the trained model on a task has its
cause in the language model, and otherwise in what comes from the image.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tools.terminal.bars import make_bar

ASK = "USER: {}\n{} ASSISTANT:"
"""As `trainer.language_model` writes a question about a scene of `handover.write_reading`."""


def ask_in_words(llm: Path, bench: Path, scenes: Path, prompts: Path, limit: int) -> dict[str, dict[str, int]]:
    """Questions asked and answered rightly, by task.

    Args:
        bench: made of the thermal images of `scenes`, a folder of `tools scenes`.
        limit: questions of a task, at most: the first ones, as `itb eval` takes them.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from itb.answers import is_right, read_reply
    from itb.benchmark.ask import Asker, VariantSettings
    from itb.benchmark.bench import load_bench
    from itb.tasks import list_paper_tasks
    from paper_mini.handover import tell_scene

    tokenizer = AutoTokenizer.from_pretrained(llm)
    model: Any = AutoModelForCausalLM.from_pretrained(llm)
    model.eval()
    loaded, asker = load_bench(bench), Asker(prompts, VariantSettings())
    items = [item for task in list_paper_tasks() for item in loaded.choose("test", (task,))[:limit]]
    asked, right = Counter[str](), Counter[str]()
    with make_bar() as bar:
        bars = bar.add_task("asking", total=len(items))
        for question in asker.ask_all(loaded, items):
            record: Any = json.loads((scenes / f"scenes/{question.image.stem}.json").read_text(encoding="utf-8"))
            reply = _reply(model, tokenizer, ASK.format(tell_scene(record), question.text), asker.max_new_tokens)
            asked[question.item.task] += 1
            right[question.item.task] += is_right(question.item, read_reply(question, reply).answer)
            bar.update(bars, advance=1)
    return {task: {"asked": asked[task], "right": right[task]} for task in asked}


def _reply(model: Any, tokenizer: Any, text: str, most: int) -> str:
    tokens = tokenizer(text, return_tensors="pt")
    made = model.generate(**tokens, max_new_tokens=most, do_sample=False, pad_token_id=tokenizer.pad_token_id or 0)
    return str(tokenizer.decode(made[0, tokens["input_ids"].shape[1] :], skip_special_tokens=True)).strip()
