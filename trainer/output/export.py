"""`python -m trainer.export`: a trained model as a folder that others can load, proved to say the same.

python -m trainer.export --model runs/sft/model --out exports/llava                   # a Hugging Face folder
python -m trainer.export --model runs/sft/adapter --out exports/llava                 # LoRA folded in
python -m trainer.export --model runs/sft/model --out exports/llava --format llava    # LLaVA-1.5's own names
"""

import copy
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import typer

from tools.errors import ToolkitError, UsageError
from tools.files import check_folder, copy_file, fill_folder, is_filled
from tools.files.inside import real_path
from tools.files.json_text import read_object
from tools.terminal.cli import make_app, run_app, stdout
from tools.weights import explain_model

Format = Literal["hf", "vanilla", "llava"]
TOLERANCE = 2e-3
"""Largest difference of logits, as a share of the largest logit, that is put down to another order of float32 sums.

A linear layer written as an mlp adds up other numbers. Two float32 results of k sums in a row, of n products each,
differ by at most 6 x 2 x 2**-24 x sqrt(n k) of their size (Higham and Mary 2019; 6 standard deviations): 1.3e-3 for a
7B (n = 11008, k = 9 sums in each of 32 blocks), 1.6e-3 for a 13B. An absolute bound would refuse large models, whose
logits are large. A weight that is wrong or left out changes logits by a good part of their size.
"""
app = make_app("Write a trained model as a folder that others can load.")


class Proof(NamedTuple):
    """How much the logits of the exported model differ from the trained one's, on a drawn image.

    Attributes:
        largest_difference, largest_logit: in absolute value.
    """

    largest_difference: float
    largest_logit: float
    logits: int


def export_model(model: Path, out: Path, form: Format = "vanilla", tower: Path | None = None) -> Proof:
    """Merge, save, load again, compare.

    Args:
        model: a model folder, or an adapter folder of `trainer.sft`.
        form: `vanilla`, a plain LLaVA; `hf`, with our align layers; `llava`, the original repository's names.
        tower: put this tower in the place of the model's (indirect alignment by hand).

    Raises:
        MissingError, UsageError: `model` is no such folder, or its align layer does not fit `form`.
        ToolkitError: the written model answers otherwise than the one in memory.
    """
    from trainer.checkpoints import explain_disk
    from trainer.folders import EXPORTED
    from trainer.output.card import read_modality, read_stages, write_card

    check_folder(out, EXPORTED)
    if is_filled(out, EXPORTED):
        raise UsageError(f"{out}: is not empty; choose another --out, an export overwrites nothing")
    from trainer.model.assembled import swap_tower

    assembled = load_trained(model)
    if tower is not None:
        swap_tower(assembled.model, tower)
    question = read_modality(read_stages(model)).questions.image
    with fill_folder(out, EXPORTED) as staged, explain_disk(out, "nothing was exported"):
        proof = prove(compute_logits(assembled, question), write_form(assembled, staged, form, question), out)
        write_card(assembled.model, model, staged, out.name)
        copy_provenance(model, staged)
    return proof


def write_form(assembled: Any, folder: Path, form: Format, question: str) -> Any:
    """Write a model in one of the forms, load it again, and give its logits of the question."""
    from trainer.model.assembled import Assembled, load_assembled, save_parts
    from trainer.model.vanilla import make_vanilla

    if form == "llava":
        return write_llava(assembled, folder, question)
    plain = make_vanilla(assembled.model) if form == "vanilla" else assembled.model
    save_parts(Assembled(plain, assembled.processor), folder)
    return compute_logits(load_assembled(folder), question)


def prove(expected: Any, found: Any, out: Path) -> Proof:
    """Compare the logits of the model in memory with those of the written one.

    Raises:
        ToolkitError: they differ.
    """
    expected = expected[..., : found.shape[-1]]
    proof = Proof(float((found - expected).abs().max()), float(expected.abs().max()), int(expected.numel()))
    if not proof.largest_difference <= TOLERANCE * proof.largest_logit:
        size = f"{proof.largest_difference:.3g}, the largest being {proof.largest_logit:.3g}"
        what = f"its logits differ from the trained model's by {size}"
        raise ToolkitError(f"{out}: {what}; the export is broken, please report it with this model's config.json")
    return proof


def write_llava(assembled: Any, out: Path, question: str) -> Any:
    """Write under LLaVA's names, read back into a model of zeros, and compute its logits for LLaVA's own vocabulary."""
    from trainer.model.assembled import Assembled
    from trainer.model.llava_checkpoint import load_llava, save_llava
    from trainer.model.processing import save_processor

    vocabulary = int(assembled.processor.image_token_id)
    save_llava(assembled.model, out, vocabulary)
    save_processor(assembled.processor, out)
    blank = copy.deepcopy(assembled.model)
    for parameter in blank.parameters():
        parameter.data.zero_()
    load_llava(blank, out)
    return compute_logits(Assembled(blank, assembled.processor), question)[..., :vocabulary]


def load_trained(folder: Path) -> Any:
    """A model folder, or an adapter on its base, merged.

    Raises:
        MissingError, UsageError: neither.
    """
    from trainer.model.assembled import Assembled, load_assembled

    if not (folder / "adapter_config.json").is_file():
        return load_assembled(folder)
    from peft import PeftModel

    fields = read_object(folder / "adapter_config.json", "copy the folder again")
    if "base_model_name_or_path" not in fields:
        raise UsageError(f"{folder}: its adapter_config.json names no base_model_name_or_path; copy the folder again")
    base = real_path(folder / str(fields["base_model_name_or_path"]))
    if not base.is_dir():
        raise UsageError(f"{folder}: the adapter's base {fields['base_model_name_or_path']} is not there; keep both")
    assembled = load_assembled(base)
    with explain_model(folder, "the adapter cannot be put on its base"):
        merged = PeftModel.from_pretrained(assembled.model, str(folder)).merge_and_unload()
    return Assembled(merged, assembled.processor)


def compute_logits(assembled: Any, question: str) -> Any:
    """Logits of one question about a drawn image, float32."""
    import torch
    from PIL import Image

    image = Image.radial_gradient("L").convert("RGB").resize((96, 64))
    content = [{"type": "image"}, {"type": "text", "text": question}]
    turns = [{"role": "user", "content": content}]
    with explain_model("--model", "the model cannot be asked"), torch.inference_mode():
        text = assembled.processor.apply_chat_template(turns, add_generation_prompt=True)
        inputs = assembled.processor(images=image, text=text, return_tensors="pt")
        return assembled.model(**inputs).logits.float().clone()


def copy_provenance(model: Path, out: Path) -> None:
    """What the model came from goes with it."""
    from trainer.output.card import FILE

    if (model / FILE).is_file():
        copy_file(model / FILE, out / FILE)


@app.command()
def export(
    model: Annotated[Path, typer.Option(help="Model or adapter folder of trainer.align or trainer.sft.")],
    out: Annotated[Path, typer.Option(help="Folder to write; must be empty or new.")],
    format: Annotated[
        Format, typer.Option(help="vanilla: plain LLaVA; hf: any align layer; llava: the original's names.")
    ] = "vanilla",
    tower: Annotated[Path | None, typer.Option(help="Put this tower in the place of the model's.")] = None,
) -> None:
    """Merge, save, load again, compare.

    Example: python -m trainer.export --model runs/sft/model --out exports/llava
    """
    proof = export_model(model, out, format, tower)
    shown = f"{out}: loaded again, its {proof.logits} logits differ by {proof.largest_difference:.2g} at the most"
    stdout.print(shown, soft_wrap=True)


if __name__ == "__main__":
    run_app(app, "python -m trainer.export")
