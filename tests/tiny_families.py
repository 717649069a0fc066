"""Tiny models of 16 families of vision-language models, of random weights, written as folders in a second each.

    folder = write_family("qwen3_vl", tmp_path / "qwen3_vl")
    python tests/tiny_families.py FOLDER [NAME ...]                   # all, or some, one folder each below FOLDER

Model, processor, tokenizer and chat template are what transformers loads from a folder of the family, but small: what
is equal here says that the code is right for it, never that a model is good. The same name gives the same weights.

Chat templates: those that TRL ships are read from it; FROM_MEMORY names the families whose template was written here
from memory of what theirs renders, so what is seen of these is to be checked on a real folder. PaliGemma has none.
"""

import functools
import itertools
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import tools  # noqa: F401 - before transformers: see tools/torchvision_repair.py

IMAGES_FIRST = "{% set pictures = m.content | selectattr('type', 'equalto', 'image') | list %}"
SAY = (
    "{% macro say(content, image) %}{% if content is string %}{{ content }}{% else %}{% for part in content %}"
    "{{ image if part.type == 'image' else part.text }}{% endfor %}{% endif %}{% endmacro %}"
)
CHATML = (
    SAY
    + "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + say(m.content, IMAGE) + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
ONEVISION = (
    SAY
    + "{% for m in messages %}{{ '<|im_start|>' + m.role + ' ' }}{% if m.content is not string %}"
    + IMAGES_FIRST
    + "{{ '<image>\n' * pictures | length }}"
    "{% endif %}{% if m.role == 'assistant' %}{% generation %}{{ '\n' + say(m.content, '') }}{% endgeneration %}"
    "{% else %}{{ '\n' + say(m.content, '') }}{% endif %}{{ '<|im_end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
VICUNA = (
    SAY
    + "{% for m in messages %}{% if m.role == 'assistant' %}{{ 'ASSISTANT: ' }}{% generation %}{{ say(m.content, '') }}"
    "{{ ' ' }}{% endgeneration %}{% else %}{{ ('USER: ' if m.role == 'user' else '') + say(m.content, '<image>\n') }}"
    "{{ ' ' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)
MISTRAL = (
    SAY + "{{ bos_token }}{% for m in messages %}{% set text = say(m.content, '[IMG]') %}{% if m.role == 'assistant' %}"
    "{{ text + eos_token }}{% elif m.role == 'system' %}{{ '[SYSTEM_PROMPT]' + text + '[/SYSTEM_PROMPT]' }}{% else %}"
    "{{ '[INST]' + text + '[/INST]' }}{% endif %}{% endfor %}"
)
FROM_MEMORY = ("llava", "llava_onevision", "internvl", "mistral3", "pixtral_llava", "molmo2")

WORDS = (
    "Is the car to the left of the person ? yes no Yes No. How many pedestrians and vehicles are there in the image?\n"
    "Count them. The image shows a warm engine.\n\nThe background is cold.\nAnswer with a whole number. user assistant "
    "system model You are a helpful assistant. USER: ASSISTANT: a bicycle near the wall, infrared visible light °C "
    "Which option is shown? Reply with its letter. A B C D 0 1 2 3 4 5 6 7 8 9 10 11 12 ### ..\n\n \n"
)
PIECES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Qwen and Llama 3 cut a text, digits one by one."""

TEXT: Mapping[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
}
VISION: Mapping[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 16,
    "patch_size": 4,
}
SQUARE = {"height": 16, "width": 16}
GRID = [[16, 32], [32, 16], [32, 32]]


class Family(NamedTuple):
    """A model class with its configuration, and the processor."""

    model: str
    config: Any
    processor: Any


def write_family(name: str, folder: Path) -> Path:
    """Build a family and save it as a folder; gives `folder`."""
    model, processor = build_family(name)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def build_family(name: str, change: Callable[[Family], Family] = lambda family: family) -> tuple[Any, Any]:
    """Model and processor of a family; `change` is what is to be otherwise."""
    import torch
    import transformers

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        family = change(FAMILIES[name]())
        model = _shake(getattr(transformers, family.model)(family.config))
    tokenizer = family.processor.tokenizer
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    return model, family.processor


def _shake(model: Any) -> Any:
    """Weights larger than fresh ones, so that replies differ between questions and pictures."""
    import torch

    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1 or name.endswith("image_newline"):
                scale = 0.1 if "embed" in name else 1 / parameter.shape[-1] ** 0.5
                parameter.normal_(0, scale, generator=generator)
    return model.eval()


def make(name: str, /, **settings: Any) -> Any:
    """A class of transformers, made with settings."""
    import transformers

    return getattr(transformers, name)(**settings)


def shipped(name: str) -> str:
    """A chat template that TRL ships."""
    import trl

    return Path(trl.__file__).with_name("chat_templates").joinpath(f"{name}.jinja").read_text(encoding="utf-8")


# Tokenizers: byte-level as in Qwen, SentencePiece-like as in Gemma, and with Llama's space before the first word.


def train_tokenizer(kind: str, special: list[str], **named: Any) -> Any:
    """A BPE over WORDS.

    Args:
        kind: bytes, gemma or llama.
        special: special tokens, in the order of their ids.
        named: which of them is what, e.g. `eos_token`.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    if kind == "bytes":
        tokenizer = Tokenizer(models.BPE())
        level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(PIECES), "isolated"), level])
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
    else:
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
        spaces = normalizers.Replace(" ", "▁")
        is_llama = kind == "llama"
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), spaces]) if is_llama else spaces
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"▁?[^▁\n]+|\n+|▁+"), "isolated")
        tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse()])
        alphabet = [chr(code) for code in range(32, 127)] + ["\n", "▁", "°"]
    trainer = trainers.BpeTrainer(
        vocab_size=700, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(itertools.repeat(WORDS, 8), trainer)
    bos = named.get("bos_token")
    if bos and bos.startswith("<") and not bos.startswith("<|"):  # these tokenizers write it, the others do not
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", pair=f"{bos} $A {bos} $B", special_tokens=[(bos, tokenizer.token_to_id(bos))]
        )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named)


def number(tokenizer: Any, token: str) -> int:
    """The id of a special token."""
    found: int = tokenizer.convert_tokens_to_ids(token)
    return found


def text_config(tokenizer: Any, **more: Any) -> dict[str, Any]:
    """A language model of the tokenizer's size."""
    ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    if tokenizer.bos_token_id is not None:
        ends["bos_token_id"] = tokenizer.bos_token_id
    return {**TEXT, **ends, "vocab_size": len(tokenizer), **more}


# Families.

QWEN_TOKENS = (
    "<|endoftext|> <|im_start|> <|im_end|> <|vision_start|> <|vision_end|> <|vision_pad|> <|image_pad|> <|video_pad|>"
)
QWEN_VISION: Mapping[str, Any] = {
    "depth": 2,
    "hidden_size": 32,
    "out_hidden_size": 64,
    "intermediate_size": 64,
    "num_heads": 2,
    "patch_size": 4,
    "spatial_merge_size": 2,
    "temporal_patch_size": 2,
}
ROPE = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3]}


def make_qwen(prefix: str, video: str, template: str, vision: Mapping[str, Any], **text: Any) -> Family:
    """Qwen2-VL and what came after it.

    Args:
        prefix: of the classes' names.
        video: prefix of the video processor's name, and of the processor's.
        template: of TRL.
        vision, text: what differs in the configurations.
    """
    tokenizer = train_tokenizer("bytes", QWEN_TOKENS.split(), eos_token="<|im_end|>", pad_token="<|endoftext|>")
    shape = {"head_dim": 16, "rope_parameters": ROPE, "bos_token_id": tokenizer.pad_token_id, **text}
    config = make(
        f"{prefix}Config",
        text_config=text_config(tokenizer, **shape),
        vision_config=dict(vision),
        image_token_id=number(tokenizer, "<|image_pad|>"),
        video_token_id=number(tokenizer, "<|video_pad|>"),
        vision_start_token_id=number(tokenizer, "<|vision_start|>"),
        vision_end_token_id=number(tokenizer, "<|vision_end|>"),
    )
    images = make(
        "Qwen2VLImageProcessor",
        patch_size=4,
        merge_size=2,
        temporal_patch_size=2,
        size={"shortest_edge": 16 * 16, "longest_edge": 64 * 64},
    )
    processor = make(
        f"{prefix}Processor" if prefix != "Qwen3_5" else "Qwen3VLProcessor",
        image_processor=images,
        tokenizer=tokenizer,
        video_processor=make(f"{video}VideoProcessor"),
        chat_template=shipped(template),
    )
    return Family(f"{prefix}ForConditionalGeneration", config, processor)


def make_qwen2_vl() -> Family:
    """Its vision tower names its width otherwise."""
    vision = {"depth": 2, "embed_dim": 32, "hidden_size": 64, "num_heads": 2, "mlp_ratio": 2}
    steps = {name: QWEN_VISION[name] for name in ("patch_size", "spatial_merge_size", "temporal_patch_size")}
    return make_qwen("Qwen2VL", "Qwen2VL", "qwen2_5_vl", vision | steps)


def make_qwen2_5_vl() -> Family:
    """Attention in windows, but for one layer."""
    vision = {**QWEN_VISION, "window_size": 16, "fullatt_block_indexes": [1]}
    return make_qwen("Qwen2_5_VL", "Qwen2VL", "qwen2_5_vl", vision)


def make_qwen3_vl() -> Family:
    """Features of two early layers go into the language model too."""
    vision = {**QWEN_VISION, "depth": 3, "num_position_embeddings": 64, "deepstack_visual_indexes": [0, 1]}
    return make_qwen("Qwen3VL", "Qwen3VL", "qwen3_vl", vision)


def make_qwen3_5() -> Family:
    """One layer of linear attention, one of full."""
    text = {
        "head_dim": 32,
        "layer_types": ["linear_attention", "full_attention"],
        "linear_key_head_dim": 16,
        "linear_value_head_dim": 16,
        "linear_num_key_heads": 2,
        "linear_num_value_heads": 4,
        "rope_parameters": {**ROPE, "partial_rotary_factor": 0.5},
    }
    vision = {**QWEN_VISION, "num_position_embeddings": 64}
    return make_qwen("Qwen3_5", "Qwen3VL", "qwen3_5_nothink", vision, **text)


def make_internvl() -> Family:
    """Up to three tiles and a thumbnail of 4 tokens each."""
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<IMG_CONTEXT>", "<video>"]
    named = {"start_image_token": "<img>", "end_image_token": "</img>", "video_token": "<video>"}
    tokenizer = train_tokenizer(
        "bytes",
        special,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        extra_special_tokens={**named, "context_image_token": "<IMG_CONTEXT>"},
    )
    config = make(
        "InternVLConfig",
        image_token_id=number(tokenizer, "<IMG_CONTEXT>"),
        image_seq_length=4,
        downsample_ratio=0.5,
        vision_config={**VISION, "image_size": [16, 16], "patch_size": [4, 4]},
        text_config=text_config(tokenizer, model_type="qwen2"),
    )
    processor = make(
        "InternVLProcessor",
        image_processor=make("GotOcr2ImageProcessor", size=SQUARE, crop_to_patches=True, max_patches=3),
        tokenizer=tokenizer,
        video_processor=make("InternVLVideoProcessor"),
        image_seq_length=4,
        chat_template=CHATML.replace("IMAGE", r"'<IMG_CONTEXT>\n'"),
    )
    return Family("InternVLForConditionalGeneration", config, processor)


def make_idefics(prefix: str, bos: str, template: str, **parts: Any) -> Family:
    """Idefics3 and SmolVLM: tiles between tokens that name row and column.

    Args:
        prefix: of the classes' names.
        bos: first token.
        template: of TRL.
        parts: more of the processor.
    """
    places = [f"<row_{row}_col_{column}>" for row in range(1, 7) for column in range(1, 7)]
    special = ["<|endoftext|>", bos, "<|im_end|>", "<fake_token_around_image>", "<image>", "<end_of_utterance>"]
    tokenizer = train_tokenizer(
        "bytes",
        [*special, "<global-img>", *places],
        bos_token=bos,
        eos_token="<end_of_utterance>",
        pad_token="<|endoftext|>",
    )
    config = make(
        f"{prefix}Config",
        image_token_id=number(tokenizer, "<image>"),
        scale_factor=2,
        pad_token_id=tokenizer.pad_token_id,
        vision_config=dict(VISION),
        text_config=text_config(tokenizer, model_type="llama", head_dim=16),
    )
    images = make(f"{prefix}ImageProcessor", size={"longest_edge": 32}, max_image_size={"longest_edge": 16})
    processor = make(
        f"{prefix}Processor",
        image_processor=images,
        tokenizer=tokenizer,
        image_seq_len=4,
        chat_template=shipped(template),
        **parts,
    )
    return Family(f"{prefix}ForConditionalGeneration", config, processor)


def make_idefics3() -> Family:
    """Writes its first token in the template."""
    return make_idefics("Idefics3", "<|begin_of_text|>", "idefics3")


def make_smolvlm() -> Family:
    """As Idefics3, with videos."""
    return make_idefics("SmolVLM", "<|im_start|>", "smolvlm", video_processor=make("SmolVLMVideoProcessor"))


def make_gemma3() -> Family:
    """A window that slides, over all but the last layer; image tokens see each other both ways."""
    named = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>", *named.values()]
    tokenizer = train_tokenizer(
        "gemma",
        special,
        bos_token="<bos>",
        eos_token="<end_of_turn>",
        pad_token="<pad>",
        unk_token="<unk>",
        extra_special_tokens=named,
    )
    window = {"layer_types": ["sliding_attention", "sliding_attention", "full_attention"], "sliding_window": 32}
    config = make(
        "Gemma3Config",
        mm_tokens_per_image=4,
        boi_token_index=number(tokenizer, named["boi_token"]),
        eoi_token_index=number(tokenizer, named["eoi_token"]),
        image_token_index=number(tokenizer, named["image_token"]),
        eos_token_id=tokenizer.eos_token_id,
        text_config=text_config(tokenizer, num_hidden_layers=3, head_dim=16, query_pre_attn_scalar=16, **window),
        vision_config={**VISION, "vision_use_head": False},
    )
    processor = make(
        "Gemma3Processor",
        image_processor=make("Gemma3ImageProcessor", size=SQUARE, do_pan_and_scan=False),
        tokenizer=tokenizer,
        image_seq_length=4,
        chat_template=shipped("gemma3"),
    )
    return Family("Gemma3ForConditionalGeneration", config, processor)


def make_gemma4() -> Family:
    """Images of any shape, each with the places of its patches; no tower for sound."""
    named = {"boi_token": "<|image>", "eoi_token": "<image|>", "image_token": "<|image|>"}
    sound = {"audio_token": "<|audio|>", "boa_token": "<|audio>", "eoa_token": "<audio|>"}
    turns = ["<pad>", "<eos>", "<bos>", "<unk>", "<|turn>", "<turn|>", "<|video|>", "<|channel>", "<channel|>"]
    calls = [
        "<|think|>",
        "<|tool>",
        "<tool|>",
        "<|tool_call>",
        "<tool_call|>",
        '<|"|>',
        "<|tool_response>",
        "<tool_response|>",
    ]
    tokenizer = train_tokenizer(
        "gemma",
        [*turns, *named.values(), *sound.values(), *calls],
        bos_token="<bos>",
        eos_token="<turn|>",
        pad_token="<pad>",
        unk_token="<unk>",
        extra_special_tokens={**named, **sound},
    )
    layers = {"layer_types": ["sliding_attention", "full_attention"], "sliding_window": 32}
    per_layer = {"vocab_size_per_layer_input": len(tokenizer), "hidden_size_per_layer_input": 8}
    patches = {"num_key_value_heads": 2, "head_dim": 16, "pooling_kernel_size": 2, "position_embedding_size": 64}
    config = make(
        "Gemma4Config",
        boi_token_id=number(tokenizer, named["boi_token"]),
        eoi_token_id=number(tokenizer, named["eoi_token"]),
        image_token_id=number(tokenizer, named["image_token"]),
        video_token_id=number(tokenizer, "<|video|>"),
        audio_token_id=number(tokenizer, sound["audio_token"]),
        eos_token_id=tokenizer.eos_token_id,
        audio_config=None,
        text_config=text_config(tokenizer, head_dim=16, **per_layer, **layers),
        vision_config={name: value for name, value in VISION.items() if name != "image_size"} | patches,
    )
    processor = make(
        "Gemma4Processor",
        feature_extractor=make("Gemma4AudioFeatureExtractor"),
        image_processor=make("Gemma4ImageProcessor", patch_size=4, max_soft_tokens=70, pooling_kernel_size=2),
        tokenizer=tokenizer,
        video_processor=make("Gemma4VideoProcessor"),
        image_seq_length=70,
        chat_template=shipped("gemma4_v5"),
    )
    return Family("Gemma4ForConditionalGeneration", config, processor)


def make_llava_onevision() -> Family:
    """Tiles on a grid, around a SigLIP tower."""
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>", "<video>"]
    tokenizer = train_tokenizer("bytes", special, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    config = make(
        "LlavaOnevisionConfig",
        image_token_index=number(tokenizer, "<image>"),
        video_token_index=number(tokenizer, "<video>"),
        image_grid_pinpoints=GRID,
        vision_feature_layer=-1,
        vision_config={**VISION, "model_type": "siglip_vision_model", "vision_use_head": False},
        text_config=text_config(tokenizer, model_type="qwen2"),
    )
    processor = make(
        "LlavaOnevisionProcessor",
        image_processor=make("LlavaOnevisionImageProcessor", size=SQUARE, image_grid_pinpoints=GRID),
        tokenizer=tokenizer,
        video_processor=make("LlavaOnevisionVideoProcessor"),
        num_image_tokens=16,
        vision_feature_select_strategy="full",
        chat_template=ONEVISION,
    )
    return Family("LlavaOnevisionForConditionalGeneration", config, processor)


def make_llava_like(prefix: str, template: str, images: Any, **shape: Any) -> Family:
    """LLaVA and LLaVA-NeXT: CLIP and Llama.

    Args:
        prefix: of the classes' names.
        template: for the chat.
        images: the image processor.
        shape: more of the configuration.
    """
    tokenizer = train_tokenizer(
        "llama",
        ["<unk>", "<s>", "</s>", "<image>", "<pad>"],
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        extra_special_tokens={"image_token": "<image>"},
    )
    tower = {**VISION, "model_type": "clip_vision_model", "num_hidden_layers": 3, "projection_dim": 32}
    config = make(
        f"{prefix}Config",
        vision_config=tower,
        text_config=text_config(tokenizer, model_type="llama", head_dim=16),
        image_token_index=number(tokenizer, "<image>"),
        **shape,
    )
    processor = make(
        f"{prefix}Processor",
        image_processor=images,
        tokenizer=tokenizer,
        patch_size=4,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=template,
    )
    return Family(f"{prefix}ForConditionalGeneration", config, processor)


def make_llava() -> Family:
    """16 tokens for every image."""
    images = make("CLIPImageProcessor", size={"shortest_edge": 16}, crop_size=SQUARE)
    return make_llava_like("Llava", VICUNA, images, image_seq_length=16)


def make_llava_next() -> Family:
    """Tiles on a grid; what padding a picture got is cut away again."""
    images = make("LlavaNextImageProcessor", size={"shortest_edge": 16}, crop_size=SQUARE, image_grid_pinpoints=GRID)
    return make_llava_like("LlavaNext", shipped("llava_next"), images, image_grid_pinpoints=GRID)


def make_paligemma() -> Family:
    """No chat template; the prompt is seen both ways."""
    tokenizer = train_tokenizer(
        "gemma",
        ["<pad>", "<eos>", "<bos>", "<unk>", "<image>"],
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        unk_token="<unk>",
        extra_special_tokens={"image_token": "<image>"},
    )
    images = make("SiglipImageProcessor", size=SQUARE)
    images.image_seq_length = 16
    processor = make("PaliGemmaProcessor", image_processor=images, tokenizer=tokenizer)
    config = make(
        "PaliGemmaConfig",
        image_token_index=number(tokenizer, "<image>"),
        projection_dim=64,
        text_config=text_config(tokenizer, model_type="gemma", head_dim=16),
        vision_config={**VISION, "model_type": "siglip_vision_model", "vision_use_head": False},
    )
    return Family("PaliGemmaForConditionalGeneration", config, processor)


def make_pixtral_like(prefix: str, merge: int, **shape: Any) -> Family:
    """A Pixtral tower: rows of image tokens, each row ended by a token of its own.

    Args:
        prefix: of the model's classes.
        merge: patches an image token has on a side.
        shape: more of the configuration.
    """
    tokens = "INST /INST IMG IMG_BREAK IMG_END SYSTEM_PROMPT /SYSTEM_PROMPT"
    tokenizer = train_tokenizer(
        "bytes",
        ["<unk>", "<s>", "</s>", *(f"[{token}]" for token in tokens.split()), "<pad>"],
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
    )
    config = make(
        f"{prefix}Config",
        vision_config={**VISION, "model_type": "pixtral", "head_dim": 16, "image_size": 32},
        text_config=text_config(tokenizer, model_type="mistral", head_dim=16, sliding_window=None),
        image_token_index=number(tokenizer, "[IMG]"),
        **shape,
    )
    patch = {"height": 4, "width": 4}
    processor = make(
        "PixtralProcessor",
        image_processor=make("PixtralImageProcessor", size={"longest_edge": 32}, patch_size=patch),
        tokenizer=tokenizer,
        patch_size=4,
        spatial_merge_size=merge,
        chat_template=MISTRAL,
    )
    return Family(f"{prefix}ForConditionalGeneration", config, processor)


def make_molmo2() -> Family:
    """Crops of an image and columns among its tokens, which have ids of their own beyond the text's."""
    named = "<im_start> <im_end> <im_patch> <im_col> <low_res_im_start> <|image|> <|video|> <frame_start> <frame_end>"
    tokenizer = train_tokenizer(
        "bytes",
        ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *named.split()],
        bos_token="<|endoftext|>",
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
    )
    heads = {"num_key_value_heads": 2, "head_dim": 16}
    joint = {"num_attention_heads": 2, "hidden_size": 32, "intermediate_size": 96, "text_hidden_size": 64, **heads}
    tower = {**VISION, **heads, "num_hidden_layers": 3, "image_size": [16, 16], "num_position_embeddings": 16}
    config = make(
        "Molmo2Config",
        image_start_token_id=number(tokenizer, "<im_start>"),
        low_res_image_start_token_id=number(tokenizer, "<low_res_im_start>"),
        image_end_token_id=number(tokenizer, "<im_end>"),
        image_patch_id=number(tokenizer, "<im_patch>"),
        frame_start_token_id=number(tokenizer, "<frame_start>"),
        frame_end_token_id=number(tokenizer, "<frame_end>"),
        vision_config=tower,
        adapter_config={**joint, "vision_feature_layer": [2, 1]},
        text_config=text_config(tokenizer, additional_vocab_size=8, head_dim=16),
    )
    processor = make(
        "Molmo2Processor",
        image_processor=make("Molmo2ImageProcessor", size=SQUARE, patch_size=4, max_crops=2, overlap_margins=[0, 0]),
        tokenizer=tokenizer,
        video_processor=make("Molmo2VideoProcessor"),
        chat_template=CHATML.replace("IMAGE", "'<|image|>'"),
    )
    return Family("Molmo2ForConditionalGeneration", config, processor)


FAMILIES: Mapping[str, Callable[[], Family]] = {
    "llava": make_llava,
    "pixtral_llava": functools.partial(
        make_pixtral_like, "Llava", 1, vision_feature_layer=-1, vision_feature_select_strategy="full"
    ),
    "llava_next": make_llava_next,
    "llava_onevision": make_llava_onevision,
    "internvl": make_internvl,
    "mistral3": functools.partial(make_pixtral_like, "Mistral3", 2, spatial_merge_size=2),
    "gemma3": make_gemma3,
    "gemma4": make_gemma4,
    "molmo2": make_molmo2,
    "qwen2_vl": make_qwen2_vl,
    "qwen2_5_vl": make_qwen2_5_vl,
    "qwen3_vl": make_qwen3_vl,
    "qwen3_5": make_qwen3_5,
    "idefics3": make_idefics3,
    "smolvlm": make_smolvlm,
    "paligemma": make_paligemma,
}
WITHOUT_TORCHVISION = ("llava", "llava_next", "idefics3", "gemma3", "paligemma")
"""Families whose processor loads without torchvision."""


def main() -> None:
    """Write families below a folder."""
    folder, *names = sys.argv[1:]
    for name in names or FAMILIES:
        sys.stdout.write(f"{write_family(name, Path(folder, name))}\n")


if __name__ == "__main__":
    main()
