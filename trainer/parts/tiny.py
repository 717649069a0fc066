"""Stand-ins of random weights, to try every command without a download: `python -m trainer.tiny --out DIR`.

A language model, a tokenizer, two vision towers. Nothing in them knows anything: answers are nonsense, and each
config.json says `stand_in`. The tokenizer was trained once, on the toolkit's own texts, and comes with it, so that
equal seeds give equal stand-ins whatever is edited in a pack; `--texts DIR` trains one on the spot.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from tools.errors import MissingError
from tools.files import check_folder, fill_folder
from tools.terminal.cli import make_app, run_app, stdout
from trainer.folders import STAND_INS

VOCABULARY = 500
NOTICE = "random weights, trained on nothing: a stand-in for trying the commands"
TOKENIZER = Path(__file__).with_name("tiny_tokenizer.json")
app = make_app("Write stand-ins of random weights. Example: python -m trainer.tiny --out runs/tiny")


class TinyFolders(NamedTuple):
    """Where the stand-ins are."""

    llm: Path
    tower: Path
    image_tower: Path


def write_tiny(folder: Path, seed: int = 0, texts: Path | None = None) -> TinyFolders:
    """Write the three folders; equal seeds give equal weights.

    Args:
        texts: folder whose texts the tokenizer is trained on, None for the one that comes with the toolkit.

    Raises:
        UsageError: the folder holds something else than stand-ins.
        MissingError: there are no texts for the tokenizer.
    """
    check_folder(folder, STAND_INS)
    import torch

    from trainer.checkpoints import explain_disk

    torch.manual_seed(seed)
    tokenizer = _load_tokenizer() if texts is None else train_tokenizer(_read_texts(texts), VOCABULARY)
    with fill_folder(folder, STAND_INS) as staged, explain_disk(folder, "nothing was written"):
        make_language(len(tokenizer)).save_pretrained(str(staged / "llm"))
        tokenizer.save_pretrained(str(staged / "llm"))
        for name in ("tower", "image_tower"):
            _make_tower().save_pretrained(str(staged / name))
    return TinyFolders(folder / "llm", folder / "tower", folder / "image_tower")


def train_tokenizer(texts: Iterator[str], vocabulary: int) -> Any:
    """A byte-level BPE tokenizer of at most `vocabulary` tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    inner = Tokenizer(models.BPE(unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=["<unk>", "<s>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(texts, trainer)
    return _wrap(inner)


def _load_tokenizer() -> Any:
    from tokenizers import Tokenizer

    return _wrap(Tokenizer.from_file(str(TOKENIZER)))


def _wrap(inner: Any) -> Any:
    from transformers import PreTrainedTokenizerFast

    make: Any = PreTrainedTokenizerFast
    return make(tokenizer_object=inner, unk_token="<unk>", bos_token="<s>", eos_token="</s>")


def _read_texts(folder: Path) -> Iterator[str]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix in {".md", ".yaml"})
    if not paths:
        raise MissingError(f"{folder}: no texts for the stand-in's tokenizer; name a folder with .md or .yaml files")
    for path in paths:
        yield path.read_text(encoding="utf-8")


def make_language(vocabulary: int, **changes: Any) -> Any:
    """A Llama of random weights; `changes` go into its configuration."""
    from transformers import LlamaConfig, LlamaForCausalLM

    make: Any = LlamaConfig
    fields = {
        "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "max_position_embeddings": 1024, "bos_token_id": 1, "eos_token_id": 2,
        "stand_in": NOTICE,
    }  # fmt: skip
    config = make(vocab_size=vocabulary, **{**fields, **changes})
    return LlamaForCausalLM(config)


def _make_tower() -> Any:
    from transformers import CLIPVisionConfig, CLIPVisionModel

    make: Any = CLIPVisionConfig
    config = make(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=2,
        image_size=32,
        patch_size=8,
        stand_in=NOTICE,
    )
    return CLIPVisionModel(config)


@app.command()
def write(
    out: Annotated[Path, typer.Option(help="Folder for the stand-ins.")],
    seed: Annotated[int, typer.Option(help="Seed of the random weights.")] = 0,
    texts: Annotated[
        Path | None, typer.Option(help="Folder of texts to train a tokenizer on, for another one.")
    ] = None,
) -> None:
    """Write stand-ins of random weights. Example: python -m trainer.tiny --out runs/tiny"""
    for name, path in write_tiny(out, seed, texts)._asdict().items():
        stdout.print(f"{name}: {path}", soft_wrap=True)
    stdout.print(NOTICE, style="yellow")


if __name__ == "__main__":
    run_app(app, "python -m trainer.tiny")
