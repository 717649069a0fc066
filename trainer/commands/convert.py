"""`python -m trainer.convert`: the paper's peers, as their authors publish them, to folders of transformers."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tools.terminal.cli import make_app, run_app, stdout

EXAMPLE = (
    "Write a peer of the paper as a folder of transformers.\n\n"
    "Example: python -m trainer.convert --from pandagpt --llm vicuna-7b-v0 --imagebind imagebind_huge.pth "
    "--delta pytorch_model.pt --out models/pandagpt-7b"
)
app = make_app(EXAMPLE)
NEEDED = (
    "--llm, the delta holds only what was trained, its language model comes from elsewhere",
    "--imagebind, the peers see through ImageBind, whose weights come from its authors",
    "--delta, that is the peer itself",
)
CACHE = "--cache, every published demo of ImageBind-LLM has it on: give knn.index, or --cache off"


@app.command(help=EXAMPLE)
def convert(
    peer: Annotated[
        Literal["pandagpt", "imagebind-llm"], typer.Option("--from", help="Whose files they are.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="Folder to write; must be empty or new.")],
    llm: Annotated[
        Path | None,
        typer.Option(help="Needed: language model below it, a folder of transformers, or LLaMA in Meta's layout."),
    ] = None,
    imagebind: Annotated[
        Path | None, typer.Option(help="Needed: imagebind_huge.pth for pandagpt, imagebind_w3D.pth for imagebind-llm.")
    ] = None,
    delta: Annotated[
        Path | None,
        typer.Option(help="Needed, what was trained: pytorch_model.pt of pandagpt, 7B.pth of imagebind-llm."),
    ] = None,
    encoder: Annotated[
        Literal["thermal", "vision"], typer.Option(help="Branch of ImageBind that images go through.")
    ] = "thermal",
    cache: Annotated[
        str,
        typer.Option(
            help="Needed for imagebind-llm: its retrieval cache, knn.index or a .npy file, or off.", show_default=False
        ),
    ] = "",
    lora: Annotated[
        Literal["separate", "folded"], typer.Option(help="Keep LoRA apart, to be trained on, or add it to the weights.")
    ] = "separate",
) -> None:
    """Write a peer of the paper as a folder of transformers."""
    from tools.weights import require_torch

    llm, imagebind, delta = _require_given(peer, (llm, imagebind, delta), cache)
    require_torch("converting a model", "transformers")
    from trainer.model.conversion.convert import Sources
    from trainer.model.conversion.convert import convert as write

    features = None if cache in ("", "off") else Path(cache)
    count = write(Sources(peer, llm, imagebind, delta, encoder, lora == "folded", features), out)
    stdout.print(f"{out}: weights in {count} file{'s' if count > 1 else ''}", soft_wrap=True)


def _require_given(peer: str, files: tuple[Path | None, ...], cache: str) -> list[Path]:
    """The three files, where all that a peer needs is given.

    Raises:
        MissingError: names everything that is not.
    """
    from tools.errors import MissingError

    missing = [text for path, text in zip(files, NEEDED, strict=True) if path is None]
    if peer == "imagebind-llm" and not cache:
        missing.append(CACHE)
    if missing:
        where = "docs/full-size.md#the-papers-peers says where from"
        raise MissingError(f"not given: {'; '.join(missing)} ({where})")
    return [path for path in files if path is not None]


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m trainer.convert")


if __name__ == "__main__":
    main()
