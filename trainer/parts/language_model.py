"""A small language model that has read but never seen: `python -m trainer.language_model`, for experiments on a CPU.

Stands in for Vicuna where a 7B model is out of reach: a Llama of random weights (2 M parameters) and a tokenizer, both
trained on the text of dialogues, images left out; the model learns the answers. An align layer in front of weights that
know no language would have nothing to align to.
"""

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from tools.conversations import BadRow, Conversation, read_conversations
from tools.errors import RejectError, UsageError
from tools.files import check_folder, fill_folder, is_filled, write_text
from tools.terminal.bars import make_bar
from tools.terminal.cli import make_app, run_app, stderr, stdout
from trainer.data.reading.dialogue import check_dialogue
from trainer.folders import LANGUAGE_MODEL

app = make_app("A small language model trained on the text of dialogues.")
VOCABULARY, WIDTH, LAYERS, HEADS = 1200, 192, 4, 6
NOTICE = "a small language model for experiments on a CPU, trained on the dialogues of this run only"
REPORT = "small.json"
IGNORED = -100
Row = tuple[list[int], list[int]]
"""Token ids, and the same as labels with `IGNORED` where nothing is learned."""


def read_dialogues(paths: list[Path]) -> list[list[tuple[str, str]]]:
    """Question and answer pairs of every conversation of LLaVA's JSON, without image tokens.

    Rows that cannot be used are left out, and counted on stderr.

    Raises:
        MissingError, UsageError: no such file, one of another kind, or one without a usable row.
    """
    found: list[list[tuple[str, str]]] = []
    for path in paths:
        rejects: list[BadRow] = []
        for item in read_conversations(path):
            if (row := _pair_turns(item)) is None:
                rejects.append(item if isinstance(item, BadRow) else BadRow(item.number, "bad_row", "no dialogue"))
            else:
                found.append(row)
        if rejects:
            text = f"{path}: {len(rejects)} rows left out, e.g. row {rejects[0].number}: {rejects[0].reason}"
            stderr.print(text, style="yellow", soft_wrap=True, markup=False)
    if not found:
        raise UsageError(f"{paths[0]}: no dialogues in it; expected LLaVA's JSON, a list of rows with conversations")
    return found


def _pair_turns(item: Conversation | BadRow) -> list[tuple[str, str]] | None:
    if isinstance(item, BadRow):
        return None
    try:
        turns = [turn.text for turn in check_dialogue(item.turns)] if item.turns else []
    except RejectError:
        return None
    return list(zip(turns[::2], turns[1::2], strict=True)) or None


def train_language_model(
    dialogues: list[list[tuple[str, str]]], out: Path, *, steps: int, batch: int, rate: float, seed: int
) -> list[float]:
    """Train tokenizer and model on the dialogues, save both; the loss of every step."""
    import torch

    from trainer.parts.tiny import make_language, train_tokenizer

    torch.manual_seed(seed)
    texts = [render(pairs) for pairs in dialogues]
    tokenizer = train_tokenizer(iter(texts), VOCABULARY)
    fields = {"hidden_size": WIDTH, "intermediate_size": 2 * WIDTH, "num_hidden_layers": LAYERS}
    model: Any = make_language(
        len(tokenizer), **fields, num_attention_heads=HEADS, num_key_value_heads=HEADS, stand_in=NOTICE
    )
    rows = [encode(tokenizer, pairs) for pairs in dialogues]
    losses = []
    with make_bar() as bar:
        task = bar.add_task("reading", total=steps)
        for loss in learn(model, _draw(rows, batch, seed), steps=steps, rate=rate):
            losses.append(loss)
            bar.update(task, advance=1)
    model.save_pretrained(str(out))
    tokenizer.save_pretrained(str(out))
    return losses


def learn(model: Any, batches: Iterable[list[Row]], *, steps: int, rate: float) -> Iterator[float]:
    """Train a causal language model in full, AdamW and one cycle of the rate; the loss of each step."""
    import torch

    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=steps, pct_start=0.1)
    for _, rows in zip(range(steps), batches, strict=False):
        ids, labels = _pad(rows)
        loss = model(input_ids=ids, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        yield float(loss.detach())


def render(pairs: list[tuple[str, str]]) -> str:
    """A dialogue as the chat template of Vicuna writes it, without system prompt and image."""
    return "".join(f"USER: {question} ASSISTANT: {answer}</s>" for question, answer in pairs)


def encode(tokenizer: Any, pairs: list[tuple[str, str]]) -> Row:
    """Tokens of a dialogue, and which of them are learned: those of the answers with their ends."""
    ids: list[int] = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    labels = [IGNORED] * len(ids)
    for question, answer in pairs:
        for text, is_learned in ((f"USER: {question} ASSISTANT:", False), (f" {answer}</s>", True)):
            tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
            ids += tokens
            labels += tokens if is_learned else [IGNORED] * len(tokens)
    return ids, labels


def _draw(rows: list[Row], batch: int, seed: int) -> Iterator[list[Row]]:
    generator = random.Random(seed)
    while True:
        order = generator.sample(rows, len(rows))
        for start in range(0, len(order), batch):
            yield order[start : start + batch]


def _pad(rows: list[Row]) -> tuple[Any, Any]:
    """Token ids and labels, (B, T) int64; what stands behind a row's end is seen by nothing before it."""
    import torch

    longest = max(len(ids) for ids, _ in rows)
    ids = torch.zeros((len(rows), longest), dtype=torch.long)
    labels = torch.full((len(rows), longest), IGNORED)
    for place, (mine, learned) in enumerate(rows):
        ids[place, : len(mine)] = torch.tensor(mine)
        labels[place, : len(mine)] = torch.tensor(learned)
    return ids, labels


@app.command()
def run(
    data: Annotated[list[Path], typer.Option(help="LLaVA JSON; only its text is read. Give one for each file.")],
    out: Annotated[Path, typer.Option(help="Folder for the language model.")],
    steps: Annotated[int, typer.Option(min=1, help="Optimizer steps.")] = 400,
    batch: Annotated[int, typer.Option(min=1, help="Dialogues a step.")] = 16,
    rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 1e-3,
    seed: Annotated[int, typer.Option(help="Seed of the weights and the order.")] = 0,
) -> None:
    """Train a small language model on text.

    Example: python -m trainer.language_model --data instructions.json --out small-llm --steps 400
    """
    from trainer.checkpoints import explain_disk

    check_folder(out, LANGUAGE_MODEL)
    if is_filled(out, LANGUAGE_MODEL, REPORT):
        stdout.print(f"finished before: {out}", soft_wrap=True)
        return
    dialogues = read_dialogues(data)
    with fill_folder(out, LANGUAGE_MODEL, last=REPORT) as staged, explain_disk(out, "nothing was written"):
        losses = train_language_model(dialogues, staged, steps=steps, batch=batch, rate=rate, seed=seed)
        report = {"first_loss": losses[0], "last_loss": losses[-1], "steps": steps, "batch": batch, "seed": seed}
        write_text(staged / REPORT, json.dumps(report, indent=1) + "\n")
    stderr.print(f"loss {losses[0]:.2f} at the first step, {losses[-1]:.2f} at the last")
    stdout.print(f"language model in {out}: {NOTICE}", soft_wrap=True)


if __name__ == "__main__":
    run_app(app, "python -m trainer.language_model")
