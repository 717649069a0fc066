"""The processor of a model: tokenizer with an image token, framing, chat template; stock Hugging Face classes only."""

import importlib
from pathlib import Path
from typing import Any, Literal

from transformers import AutoTokenizer, LlavaProcessor, ProcessorMixin
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil

from tools.errors import MissingError, UsageError
from tools.processors import check_takes_images, suggest_model
from tools.processors import load_processor as load_stock_processor
from trainer.model.chat_templates import IMAGE_TOKEN, choose_template, list_templates, read_template
from trainer.model.pretrained import explain_loading, read_fields
from trainer.model.towers import Tower

Framing = Literal["letterbox", "crop", "squash"]
BICUBIC = 3
SENTENCEPIECE = "sentencepiece==0.2.1 protobuf"
"""The newest that was seen to work with the protobuf 5.29 of AutoGen; 0.2.3 did not."""


def load_plain_tokenizer(folder: Path, kind: Any = AutoTokenizer) -> Any:
    """A language model's tokenizer as it is.

    Args:
        kind: its class, for a folder without a configuration that would say it.

    Raises:
        MissingError: no such folder, or packages that its layout needs are not there.
        UsageError: the folder holds no tokenizer that can be loaded.
    """
    if not folder.is_dir():
        raise MissingError(f"{folder}: no such folder; give the folder of a saved model")
    if (folder / "tokenizer.model").is_file() and not (folder / "tokenizer.json").is_file():
        _require_sentencepiece(folder)
    with explain_loading(folder, "its tokenizer", "copy its tokenizer files too"):
        tokenizer: Any = kind.from_pretrained(str(folder))
    return tokenizer


def _require_sentencepiece(folder: Path) -> None:
    """Check that a bare tokenizer.model can be read; without the packages transformers speaks of another one.

    Raises:
        MissingError: a package is absent, or the two do not fit each other: newer ones of sentencepiece want a newer
            protobuf than AutoGen allows.
    """
    problem = ""
    try:
        importlib.import_module("sentencepiece.sentencepiece_model_pb2")
    except ImportError as error:
        problem = f"{error.name} is not installed"
    except Exception as error:
        if not type(error).__module__.startswith("google.protobuf"):
            raise
        problem = "the protobuf that is installed is too old for it"
    if problem:
        text = f"{folder}: its only tokenizer is tokenizer.model, for which sentencepiece and protobuf are needed"
        raise MissingError(f"{text} ({problem}): pip install {SENTENCEPIECE}")


def load_tokenizer(folder: Path) -> Any:
    """A language model's tokenizer with an image token and a padding token; both may be new.

    Raises:
        MissingError, UsageError: see `load_plain_tokenizer`; or it cannot hold an image token.
    """
    tokenizer = load_plain_tokenizer(folder)
    if IMAGE_TOKEN not in tokenizer.get_vocab():
        tokenizer.add_special_tokens({"additional_special_tokens": [IMAGE_TOKEN]}, replace_extra_special_tokens=False)
    ids = tokenizer.encode(IMAGE_TOKEN, add_special_tokens=False)
    if len(ids) != 1:
        raise UsageError(f"{folder}: its tokenizer cannot hold {IMAGE_TOKEN} as one token, so it cannot mark images")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.unk_token or tokenizer.eos_token
    return tokenizer


def load_processor(folder: Path) -> Any:
    """The processor of a model folder.

    Raises:
        MissingError: there is none.
        UsageError: it is damaged, or the folder is that of a language model or a tower.
    """
    if not (folder / "tokenizer_config.json").is_file():
        _refuse_part(folder)
        advice = suggest_model(folder) or "name a model folder, e.g. ALIGN/model"
        raise MissingError(f"{folder}: has no processor; {advice}")
    with explain_loading(folder, "its processor"):
        processor = load_stock_processor(str(folder))
    if not isinstance(processor, ProcessorMixin):  # a configuration that names no class gives a tokenizer alone
        _refuse_part(folder)
        raise UsageError(f"{folder}: its processor is a {type(processor).__name__} alone; copy or export it again")
    return processor


def save_processor(processor: Any, folder: Path) -> None:
    """Write a processor into a folder that is there: the same files, whatever it was used for before.

    A tokenizer saves the padding and the cutting of its last call as if they were its own, so that a model whose
    training went on after an interruption had another tokenizer.json.
    """
    fast = getattr(processor.tokenizer, "backend_tokenizer", None)
    if fast is not None:
        fast.no_padding()
        fast.no_truncation()
    processor.save_pretrained(str(folder))


def _refuse_part(folder: Path) -> None:
    """Say of a language model or a tower what it is, rather than what it lacks."""
    if (folder / "config.json").is_file():
        check_takes_images(str(folder), str(read_fields(folder).get("model_type")))


def has_own_template(processor: Any) -> bool:
    """Whether its chat template is one of ours."""
    own = (read_template(name, processor.image_token) for name in list_templates())
    return isinstance(processor.chat_template, str) and processor.chat_template.strip() in own


def make_image_processor(framing: Framing, tower: Tower) -> LlavaImageProcessorPil:
    """How an image of any shape becomes the tower's square.

    `letterbox` pads with the mean colour (LLaVA-1.5's `pad`), `crop` resizes the shorter side and cuts the middle out
    (LanguageBind's own), `squash` resizes both sides.
    """
    side = tower.side
    square = {"height": side, "width": side}
    return LlavaImageProcessorPil(
        do_pad=framing == "letterbox",
        size=square if framing != "crop" else {"shortest_edge": side},
        do_center_crop=framing == "crop",
        crop_size=square,
        image_mean=list(tower.mean),
        image_std=list(tower.std),
        resample=BICUBIC,
    )


def make_processor(tokenizer: Any, tower: Tower, tokens: int, framing: Framing, template: str) -> LlavaProcessor:
    """The processor.

    Args:
        tokens: that an image fills, as many as the align layer gives.
    """
    make: Any = LlavaProcessor
    return make(  # type: ignore[no-any-return]
        image_processor=make_image_processor(framing, tower),
        tokenizer=tokenizer,
        patch_size=tower.patch,
        vision_feature_select_strategy="default" if tower.has_class_token else "full",
        num_additional_image_tokens=int(tower.has_class_token) + tokens - tower.patches,
        chat_template=read_template(choose_template(template, tokenizer)),
        image_token=IMAGE_TOKEN,
    )
