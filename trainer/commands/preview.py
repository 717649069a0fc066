"""`python -m trainer.preview`: what a batch looks like, with the supervised tokens highlighted and counted."""

import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tools.terminal.cli import make_app, run_app, stdout
from trainer.commands.options import Changes, Config, Data, Images, Pack, read_recipe

if TYPE_CHECKING:
    from rich.text import Text

    from trainer.recipe import Recipe

EXAMPLE = (
    "Show what training would learn from: supervised tokens are highlighted, the rest is context.\n\n"
    "Example: python -m trainer.preview --config tiny.yaml --data runs/demo --model runs/align/model --count 3"
)
app = make_app(EXAMPLE)
IGNORED = -100
STYLES = {"image": "cyan", "learned": "black on green", "context": "dim"}


@app.command(help=EXAMPLE)
def preview(
    config: Config,
    data: Data,
    model: Annotated[Path, typer.Option(help="Any model folder with a processor, e.g. ALIGN/model.")],
    stage: Annotated[Literal["align", "sft"], typer.Option(help="Captions, or instructions.")] = "sft",
    count: Annotated[int, typer.Option(min=1, help="Samples of the batch.")] = 2,
    images: Images = None,
    pack: Pack = None,
    changes: Changes = None,
) -> None:
    """Show what training would learn from."""
    limited = [*(changes or []), f"data.limit={count}"]
    recipe = read_recipe(config, limited, data__images=images, data__pack=pack)
    for line in render_batch(recipe, data, model, stage):
        stdout.print(line, soft_wrap=True)


def render_batch(recipe: "Recipe", data: Path, model: Path, stage: Literal["align", "sft"]) -> "list[Text]":
    """The first samples as text, one after another, then a count.

    Raises:
        ToolkitError: the folder has no processor, or the data nothing usable.
    """
    from trainer.data.collate import Collator
    from trainer.data.encode import make_encoder
    from trainer.data.prepare import prepare
    from trainer.data.reading import Request
    from trainer.model.processing import load_processor
    from trainer.stages.arguments import cut_batch

    encoder = make_encoder(load_processor(model))
    text_format = recipe.align.text_format if stage == "align" else "instruction"
    visible = stage == "align" and recipe.align.mode == "indirect"
    with tempfile.TemporaryDirectory() as unpacked:
        request = Request(data, stage, visible, recipe.data.images, Path(unpacked))
        prepared = prepare(request, encoder, recipe.data, text_format, read_limit(model))
        rows = [prepared.dataset[place] for place in range(prepared.count)]
        batch = Collator(encoder)(rows)
    tokenizer = encoder.processor.tokenizer
    pieces = [
        render_row(tokenizer, ids, labels, row["id"], encoder.image_token_id)
        for ids, labels, row in zip(batch["input_ids"], batch["labels"], rows, strict=True)
    ]
    supervised, total = int((batch["labels"] != -100).sum()), batch["labels"].numel()
    shape = f"pixels {tuple(batch['pixel_values'].shape)}, tokens {tuple(batch['input_ids'].shape)}"
    part = recipe.align if stage == "align" else recipe.sft
    cut = cut_batch(part.global_batch, part.device_batch, 1)
    from rich.text import Text

    summary = f"{supervised} of {total} positions supervised ({supervised / total:.1%}); {shape}; training takes "
    return [*pieces, Text(f"{summary}{cut.device_batch} at once, {part.global_batch} a step", style="dim")]


def read_limit(folder: Path) -> int:
    """Most tokens that the model of a folder takes."""
    from trainer.model.pretrained import read_model_config
    from trainer.stages.align_run import choose_text_limit

    if not (folder / "config.json").is_file():  # a folder with a processor alone can be looked at too
        return 2**31 - 1
    return choose_text_limit(read_model_config(folder))


def render_row(tokenizer: Any, ids: Any, labels: Any, name: str, image_token: int) -> "Text":
    """One row of a batch as text: what is learned on green, context dim, padding left out.

    Args:
        ids, labels: (T,) tokens, and what is supervised of them (-100: nothing).
    """
    from rich.text import Text

    shown = Text(f"{name}: ", style="bold")
    numbers, targets = ids.tolist(), labels.tolist()
    while numbers and targets[-1] == IGNORED and numbers[-1] == tokenizer.pad_token_id:
        numbers, targets = numbers[:-1], targets[:-1]
    kinds = [
        "image" if number == image_token else "learned" if target != IGNORED else "context"
        for number, target in zip(numbers, targets, strict=True)
    ]
    for kind, group in itertools.groupby(zip(kinds, numbers, strict=True), key=lambda item: item[0]):
        part = [number for _, number in group]
        text = f"[image: {len(part)} tokens]" if kind == "image" else tokenizer.decode(part)
        shown.append(text, style=STYLES[kind])
    return shown


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m trainer.preview")


if __name__ == "__main__":
    main()
