"""What another trainer learns of an export's rows, counted with a model's own processor and chat template.

Of TRL's rows its own collator says what is learned. ms-swift and LLaMA-Factory bring chat templates of their own and
are not installed here: of their rows what ought to be learned is counted, the answers and their ends of turn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.conversations.trainers import ExportedRow, choose_set, count_rows, name_trainer, read_export
from tools.errors import RejectError, UsageError

if TYPE_CHECKING:
    from rich.table import Table

IGNORED = -100
TEMPLATE = "model.template"
"""The one setting that counting an export reads."""


@dataclass(frozen=True)
class Counts:
    """Tokens of a row.

    Attributes:
        answers: of the answers that the row is there for, each with its end of turn; images: that pictures fill.
        others: all else: questions, earlier answers in TRL's prompts, and what the template writes.
        learned_*: how many of them are learned.
        note: what stands in the way of counting; empty as a rule.
    """

    name: str
    answers: int = 0
    images: int = 0
    others: int = 0
    learned_answers: int = 0
    learned_images: int = 0
    learned_others: int = 0
    note: str = ""


def read_template_name(changes: list[str] | None) -> str:
    """The chat template that `--set` asks for; `auto` is the folder's own.

    Raises:
        UsageError: another setting is given.
    """
    chosen = "auto"
    for change in changes or []:
        name, sign, value = change.partition("=")
        if name.strip() != TEMPLATE or not sign or not value.strip():
            raise UsageError(f"--set {change}: with --export only {TEMPLATE}=NAME is read; leave it out")
        chosen = value.strip()
    return chosen


def count_export(
    folder: Path, model: Path, count: int, *, template: str = "auto", is_caption: bool = False
) -> Iterator[Counts]:
    """The first rows of the set that is trained on, or of the captions.

    Args:
        template: a chat template of ours in place of the model's own.

    Raises:
        ToolkitError: no export, or no model folder whose processor has a chat template.
    """
    from trainer.data.chats.family import make_chat_encoder
    from trainer.model.pretrained import read_model_config
    from trainer.model.vlm.loading import load_vlm_processor, read_model_type

    rows = read_export(folder, choose_set(folder, is_caption=is_caption))
    processor, kind = load_vlm_processor(model, template), read_model_type(model)
    image_ids = list_image_ids(read_model_config(model), processor)
    encoders = {
        is_last: make_chat_encoder(processor, kind, model, "split" if is_last else "together")
        for is_last in (False, True)
    }
    for row in islice(rows, count):
        if row.is_last_learned and not processor.chat_template:
            text = f"{model}: its processor has no chat template, without which TRL cannot write a row"
            raise UsageError(f"{text}; take a tuned model that has one, or train this one with `python -m trainer.sft`")
        encoder = encoders[row.is_last_learned]
        picture = row.open_picture()
        try:
            ids, marks = _mark(encoder, row, picture)
            learned = learn_as_trl(processor, row, picture, ids) if row.is_last_learned else marks
        except RejectError as error:
            yield Counts(row.name, note=str(error))
            continue
        yield _count(row.name, ids, marks, learned, image_ids)


def _mark(encoder: Any, row: ExportedRow, picture: Any) -> tuple[list[int], list[bool]]:
    """Tokens of a row, and which of them are its answers with their ends of turn."""
    encoded = encoder.encode(row.turns, is_seen=picture is not None)
    told = {"text": encoded.text, "suffix": encoded.suffix, "input_ids": encoded.ids, "supervised": encoded.supervised}
    batch = encoder.process([told], [] if picture is None else [picture])
    return batch["input_ids"][0].tolist(), batch["supervised"][0].tolist()


def learn_as_trl(processor: Any, row: ExportedRow, picture: Any, ids: list[int]) -> list[bool]:
    """Which of a row's tokens TRL's collator leaves to be learned.

    Raises:
        RejectError: TRL makes other tokens of the row, so that they cannot be told apart here.
    """
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    told = [{"role": turn.role, "content": turn.text} for turn in row.turns]
    example = {"prompt": told[:-1], "completion": told[-1:], "images": [] if picture is None else [picture]}
    batch = DataCollatorForVisionLanguageModeling(processor, completion_only_loss=True)([example])
    found, labels = batch["input_ids"][0].tolist(), batch["labels"][0].tolist()
    if found != ids:
        learned = sum(label != IGNORED for label in labels)
        text = f"TRL writes {len(found)} tokens, {learned} of them learned, where the template writes {len(ids)}"
        raise RejectError("not_aligned", text)
    return [label != IGNORED for label in labels]


def list_image_ids(config: Any, processor: Any) -> frozenset[int]:
    """Numbers of the token that an image fills: what the configuration calls it, for processors' names may differ."""
    names = ("image_token_id", "image_token_index", "image_patch_id")
    found = [getattr(config, name, None) for name in names]
    return frozenset(number for number in found if isinstance(number, int)) or frozenset({processor.image_token_id})


def _count(name: str, ids: list[int], marks: list[bool], learned: list[bool], image_ids: frozenset[int]) -> Counts:
    kinds = [
        "answers" if mark else "images" if number in image_ids else "others"
        for number, mark in zip(ids, marks, strict=True)
    ]
    taken = [kind for kind, is_learned in zip(kinds, learned, strict=True) if is_learned]
    return Counts(
        name,
        answers=kinds.count("answers"),
        images=kinds.count("images"),
        others=kinds.count("others"),
        learned_answers=taken.count("answers"),
        learned_images=taken.count("images"),
        learned_others=taken.count("others"),
    )


def draw_counts(folder: Path, counts: list[Counts], *, template: str = "auto", is_caption: bool = False) -> "Table":
    """The counts as a table, all rows together last; see `count_export`."""
    from rich.table import Table

    trainer = name_trainer(folder)
    how = "what its collator leaves to be learned" if trainer == "TRL" else "what ought to be learned"
    name = choose_set(folder, is_caption=is_caption)
    own = "" if template == "auto" else f", with the chat template {template} in place of the model's own"
    title = f"{folder.resolve().name}/{name}, for {trainer}: {how}, in tokens{own}"
    table = Table(title=title, title_justify="left")
    for head in ("row", "answers and their ends", "image", "all else"):
        table.add_column(head, overflow="fold")
    for each in counts:
        table.add_row(each.name, *([each.note, "", ""] if each.note else _show(each)))
    good = [each for each in counts if not each.note]
    names = ("answers", "images", "others", "learned_answers", "learned_images", "learned_others")
    sums = {name: sum(getattr(each, name) for each in good) for name in names}
    table.add_section()
    table.add_row(f"{len(good)} of {count_rows(folder, name):,} rows", *_show(Counts("", **sums)))
    return table


def _show(each: Counts) -> list[str]:
    return [
        f"{each.learned_answers:,} of {each.answers:,}",
        f"{each.learned_images:,} of {each.images:,}",
        f"{each.learned_others:,} of {each.others:,}",
    ]
