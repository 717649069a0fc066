"""`python -m trainer.preview`: what a batch looks like, with the supervised tokens highlighted and counted."""

import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tools.errors import UsageError
from tools.terminal.cli import make_app, run_app, stdout
from trainer.commands.options import CONFIG_HELP, DATA_HELP, Changes, Images, Pack, read_recipe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.text import Text

    from trainer.data.chats.collate import ChatCollator
    from trainer.data.chats.encoder import ChatEncoder
    from trainer.data.collate import Collator
    from trainer.data.encode import Encoder
    from trainer.recipe import Recipe

EXAMPLE = (
    "Show what training would learn from: supervised tokens are highlighted, the rest is context.\n\n"
    "Example: python -m trainer.preview --config tiny.yaml --data runs/demo --model runs/align/model --count 3; "
    "python -m trainer.preview --export exports/trl --model DIR --count 200"
)
OwnConfig = Annotated[Path | None, typer.Option("--config", help=CONFIG_HELP)]
OwnData = Annotated[Path | None, typer.Option("--data", help=DATA_HELP)]
"""Both are needed but for an export of another trainer."""
app = make_app(EXAMPLE)
IGNORED = -100
STYLES = {"image": "cyan", "learned": "black on green", "context": "dim"}


@app.command(help=EXAMPLE)
def preview(
    model: Annotated[Path, typer.Option(help="Any model folder with a processor, e.g. ALIGN/model.")],
    config: OwnConfig = None,
    data: OwnData = None,
    export: Annotated[
        Path | None,
        typer.Option(help="In place of --config and --data: an export for another trainer, counted row by row."),
    ] = None,
    stage: Annotated[Literal["align", "sft"], typer.Option(help="Captions, or instructions.")] = "sft",
    count: Annotated[int, typer.Option(min=1, help="Samples of the batch.")] = 2,
    images: Images = None,
    pack: Pack = None,
    changes: Changes = None,
) -> None:
    """Show what training would learn from."""
    if export is not None:
        if config is not None or data is not None or images is not None or pack is not None:
            raise UsageError("--export stands in place of --config and --data, --images and --pack; leave those out")
        show_export(export, model, count, changes, is_caption=stage == "align")
        return
    if config is None or data is None:
        raise UsageError("give --config and --data, what training reads; or --export, what another trainer reads")
    limited = [*(changes or []), f"data.limit={count}"]
    recipe = read_recipe(config, limited, data__images=images, data__pack=pack)
    for line in render_batch(recipe, data, model, stage):
        stdout.print(line, soft_wrap=True)


def show_export(
    export: Path, model: Path, count: int, changes: list[str] | None = None, *, is_caption: bool = False
) -> None:
    """Count what another trainer learns of an export's first rows: those that it trains on, or its captions."""
    from trainer.commands.export_counts import count_export, draw_counts, read_template_name

    template = read_template_name(changes)
    counts = list(count_export(export, model, count, template=template, is_caption=is_caption))
    stdout.print(draw_counts(export, counts, template=template, is_caption=is_caption))


def render_batch(recipe: "Recipe", data: Path, model: Path, stage: Literal["align", "sft"]) -> "list[Text]":
    """The first samples as text, one after another, then a count.

    Raises:
        ToolkitError: the folder has no processor, or the data nothing usable.
    """
    from trainer.data.prepare import prepare
    from trainer.data.reading import Request
    from trainer.stages.arguments import cut_batch

    encoder = choose_encoder(model, recipe)
    text_format = recipe.align.text_format if stage == "align" else "instruction"
    visible = stage == "align" and recipe.align.mode == "indirect"
    with tempfile.TemporaryDirectory() as unpacked:
        request = Request(data, stage, visible, recipe.data.images, Path(unpacked))
        prepared = prepare(request, encoder, recipe.data, text_format, read_limit(model), recipe.seed)
        rows = [prepared.dataset[place] for place in range(prepared.count)]
        batch = make_collator(encoder)(rows)
        pieces = [render_any_row(encoder, batch, place, row) for place, row in enumerate(rows)]
    supervised, total = int((batch["labels"] != -100).sum()), batch["labels"].numel()
    shape = f"pixels {tuple(batch['pixel_values'].shape)}, tokens {tuple(batch['input_ids'].shape)}"
    part = recipe.align if stage == "align" else recipe.sft
    cut = cut_batch(part.global_batch, part.device_batch, 1)
    from rich.text import Text

    notes = [Text(f"{count} answers are {note}", style="yellow") for note, count in prepared.notes.items()]
    summary = f"{supervised} of {total} positions supervised ({supervised / total:.1%}); {shape}; training takes "
    text = Text(f"{summary}{cut.device_batch} at once, {part.global_batch} a step", style="dim")
    return [*pieces, *notes, text]


def choose_encoder(folder: Path, recipe: "Recipe") -> "Encoder | ChatEncoder":
    """The encoder that training takes: LLaVA's own where the chat template is one of ours, else that of any model.

    Raises:
        ToolkitError: the folder has no processor, or one that cannot be used.
    """
    from trainer.data.chats.family import make_chat_encoder
    from trainer.data.encode import make_encoder
    from trainer.model.assembled import TYPES
    from trainer.model.processing import has_own_template, load_processor
    from trainer.model.vlm.loading import load_vlm_processor, read_model_type

    if not (folder / "config.json").is_file():
        return make_encoder(load_processor(folder))
    kind = read_model_type(folder)
    if kind in TYPES and has_own_template(processor := load_processor(folder)):
        return make_encoder(processor)
    processor = load_vlm_processor(folder, recipe.model.template)
    return make_chat_encoder(processor, kind, folder, recipe.data.dialogue)


def make_collator(encoder: "Encoder | ChatEncoder") -> "Collator | ChatCollator":
    """The collator that belongs to an encoder."""
    from trainer.data.chats.collate import ChatCollator
    from trainer.data.collate import Collator
    from trainer.data.encode import Encoder

    return Collator(encoder) if isinstance(encoder, Encoder) else ChatCollator(encoder)


def read_limit(folder: Path) -> int:
    """Most tokens that the model of a folder takes."""
    from trainer.model.pretrained import read_model_config
    from trainer.stages.align_run import choose_text_limit

    if not (folder / "config.json").is_file():  # a folder with a processor alone can be looked at too
        return 2**31 - 1
    return choose_text_limit(read_model_config(folder))


def render_any_row(encoder: "Encoder | ChatEncoder", batch: dict[str, Any], place: int, row: dict[str, Any]) -> "Text":
    """One row of a batch as text."""
    from trainer.data.chats.supervision import cut_pieces, find_widened
    from trainer.data.encode import Encoder

    ids, labels = batch["input_ids"][place], batch["labels"][place]
    if isinstance(encoder, Encoder):
        return render_row(encoder.processor.tokenizer, ids, labels, row["id"], encoder.image_token_id)
    length = int(batch["attention_mask"][place].sum())
    numbers, marks = ids[:length].tolist(), (labels[:length] != IGNORED).tolist()
    pieces = cut_pieces(numbers, marks, find_widened(numbers, row["input_ids"]), encoder)
    return draw_pieces(row["id"], ((piece.kind, piece.tokens, piece.text) for piece in pieces))


def render_row(tokenizer: Any, ids: Any, labels: Any, name: str, image_token: int) -> "Text":
    """One row of a batch as text: what is learned on green, context dim, padding left out.

    Args:
        ids, labels: (T,) tokens, and what is supervised of them (-100: nothing).
    """
    numbers, targets = ids.tolist(), labels.tolist()
    while numbers and targets[-1] == IGNORED and numbers[-1] == tokenizer.pad_token_id:
        numbers, targets = numbers[:-1], targets[:-1]
    kinds = [
        "image" if number == image_token else "learned" if target != IGNORED else "context"
        for number, target in zip(numbers, targets, strict=True)
    ]
    pieces = []
    for kind, group in itertools.groupby(zip(kinds, numbers, strict=True), key=lambda item: item[0]):
        part = [number for _, number in group]
        pieces.append((kind, len(part), tokenizer.decode(part)))
    return draw_pieces(name, pieces)


def draw_pieces(name: str, pieces: "Iterable[tuple[str, int, str]]") -> "Text":
    """Kind, number of tokens and text of a row's pieces, in colours."""
    from rich.text import Text

    shown = Text(f"{name}: ", style="bold")
    for kind, count, text in pieces:
        shown.append(f"[image: {count} tokens]" if kind == "image" else text, style=STYLES[kind])
    return shown


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m trainer.preview")


if __name__ == "__main__":
    main()
