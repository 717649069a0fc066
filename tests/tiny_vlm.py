"""A tiny LLaVA with random weights, saved as a Hugging Face folder in seconds: a stand-in for a model, and no model.

    folder = write_tiny_vlm(tmp_path / "vlm")                       # 2 layers, 32 wide: tests
    folder = write_tiny_vlm(tmp_path / "vlm", width=384, layers=6)  # benchmarks

CLIP tower, two-layer connector, Llama; the tokenizer is trained on the spot on words of the benchmark. What it says is
noise, but the same noise every time.
"""

import itertools
from pathlib import Path

WORDS = (
    "Is the car to the left of the person ? yes no Yes No How many pedestrians vehicles are there in the image . Count "
    "Which object is shown kind scene this of these not Reply with letter option that right or a whole number °C "
    "temperature at centre damage does solar module have taken was street forest river mountain bicycle dog "
    "USER ASSISTANT : A B C D 0 1 2 3 4 5 6 7 8 9 10 11 12 infrared visible light cracking hot spot diode anomaly"
)
TEMPLATE = (
    "{% for message in messages %}{% if message['role'] == 'system' %}{% for part in message['content'] %}"
    "{{ part['text'] }} {% endfor %}{% else %}{{ 'USER' if message['role'] == 'user' else 'ASSISTANT' }}: "
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>\n{% else %}{{ part['text'] }}"
    "{% endif %}{% endfor %} {% endif %}{% endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)


def write_tiny_vlm(
    folder: Path, width: int = 32, layers: int = 2, image: int = 28, patch: int = 7, seed: int = 0
) -> Path:
    """Build and save model, tokenizer and processor; gives `folder`."""
    from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

    processor = make_processor(image, patch)
    tokenizer = processor.tokenizer
    heads = max(2, width // 64)
    shape = {"hidden_size": width, "intermediate_size": width * 2, "num_hidden_layers": layers}
    vision = CLIPVisionConfig(**shape, num_attention_heads=heads, image_size=image, patch_size=patch)
    text = LlamaConfig(
        **shape,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        vocab_size=len(tokenizer),
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        max_position_embeddings=4096,
    )
    config = LlavaConfig(
        vision_config=vision,
        text_config=text,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_select_strategy="default",
        vision_feature_layer=-1,
    )
    model = shake_weights(LlavaForConditionalGeneration(config), seed)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def shake_weights(model, seed: int):
    """All weights anew and larger than usual, so that replies differ between questions; gives the model."""
    import torch

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1 or name.endswith(("class_embedding", "image_newline")):
                parameter.normal_(0, 1.5 / parameter.shape[-1] ** 0.5, generator=generator)
        model.lm_head.weight.mul_(3)
    return model.eval()


def make_processor(image: int, patch: int):
    """Tokenizer and image processor of the tiny model."""
    from transformers import CLIPImageProcessor, LlavaProcessor

    return LlavaProcessor(
        image_processor=CLIPImageProcessor(
            size={"shortest_edge": image}, crop_size={"height": image, "width": image}, do_convert_rgb=True
        ),
        tokenizer=train_tokenizer(),
        patch_size=patch,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    )


def train_tokenizer():
    """A byte-level BPE over `WORDS`; digits stay single, as in Llama."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "<s>", "</s>", "<image>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(itertools.repeat(WORDS, 3), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        extra_special_tokens={"image_token": "<image>"},
    )


if __name__ == "__main__":
    import sys

    sys.stdout.write(f"{write_tiny_vlm(Path(sys.argv[1]))}\n")
