"""The peers' processors: one image and its text, and how a dialogue becomes tokens."""

from collections.abc import Sequence
from typing import Any, ClassVar

from transformers import AutoProcessor, BatchFeature, ProcessorMixin

from tools.conversations import Turn
from trainer.model.baselines.dialogues import Tokens, encode_imagebind_llm, encode_pandagpt
from trainer.model.baselines.imagebind_llm import ImageBindLlmConfig
from trainer.model.baselines.pandagpt import PandaGptConfig

IMAGE_TOKEN = "<image>"
PANDAGPT_TEMPLATE = (
    "### Human: <Img>"
    "{% for message in messages %}{% set text %}"
    "{% if message.content is string %}{{ message.content }}{% else %}"
    "{% for part in message.content if part.type == 'text' %}{{ part.text }}{% endfor %}{% endif %}{% endset %}"
    "{% if message.role == 'user' %}{% if loop.first %}<image></Img> {% else %} Human: {% endif %}"
    "{{ text }}\n### Assistant:{% else %} {{ text }}\n###{% endif %}{% endfor %}"
)
IMAGEBIND_LLM_TEMPLATE = (
    "{% if messages | length > 1 %}{{ raise_exception('this model takes one question without a history') }}{% endif %}"
    "{% set text %}{% if messages[0].content is string %}{{ messages[0].content }}{% else %}"
    "{% for part in messages[0].content if part.type == 'text' %}{{ part.text }}{% endfor %}{% endif %}{% endset %}"
    "<image>Below is an instruction that describes a task. Write a response that appropriately completes the "
    "request.\n\n### Instruction:\n{{ text }}\n\n### Response:"
)


class PeerProcessor(ProcessorMixin):
    """Tokenizer and image processor of a peer.

    Attributes:
        image_tokens: places of the text that an image fills.
        is_single_turn: whether a dialogue is trained on as one sample for each question and answer.
        glues_answers: whether an answer begins right behind the prompt, without a space.
    """

    image_tokens: ClassVar[int] = 1
    is_single_turn: ClassVar[bool] = False
    glues_answers: ClassVar[bool] = False

    def __init__(self, image_processor: Any = None, tokenizer: Any = None, chat_template: str | None = None) -> None:
        self.image_token = IMAGE_TOKEN
        self.image_token_id = tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)
        super().__init__(image_processor, tokenizer, chat_template=chat_template)  # type: ignore[no-untyped-call]

    def __call__(self, images: Any = None, text: Any = None, return_tensors: Any = None, **kwargs: Any) -> BatchFeature:
        """Tokens with the image's places as long as the image, and pixels.

        Args:
            text: one text or several, each with one `<image>`.
            kwargs: for the tokenizer.
        """
        data: dict[str, Any] = {}
        if text is not None:
            texts = [text] if isinstance(text, str) else list(text)
            widened = [each.replace(IMAGE_TOKEN, IMAGE_TOKEN * self.image_tokens) for each in texts]
            data |= self.tokenizer(widened, **kwargs)
        if images is not None:
            data |= self.image_processor(images)
        return BatchFeature(data, tensor_type=return_tensors)

    def encode_dialogue(self, turns: Sequence[Turn]) -> Tokens:
        """A dialogue as the model was trained on."""
        raise NotImplementedError


class PandaGptProcessor(PeerProcessor):
    """PandaGPT's: one token an image."""

    def encode_dialogue(self, turns: Sequence[Turn]) -> Tokens:
        """See `encode_pandagpt`."""
        return encode_pandagpt(self.tokenizer, self.image_token_id, turns)


class ImageBindLlmProcessor(PeerProcessor):
    """ImageBind-LLM's: the text holds no place for the image; its mark is taken out."""

    image_tokens = 0
    is_single_turn = True
    glues_answers = True

    def encode_dialogue(self, turns: Sequence[Turn]) -> Tokens:
        """See `encode_imagebind_llm`."""
        return encode_imagebind_llm(self.tokenizer, self.image_token_id, turns)


def ready_tokenizer(tokenizer: Any) -> Any:
    """A Llama's tokenizer as the peers use it: pieces between special tokens begin anew, and there is an image mark.

    The fast tokenizers that are made of `tokenizer.model` mark only the first piece of a text with a leading space;
    upstream's tokenised every piece by itself.
    """
    from tokenizers import pre_tokenizers

    backend = tokenizer.backend_tokenizer
    if isinstance(backend.pre_tokenizer, pre_tokenizers.Metaspace):
        backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    tokenizer.add_special_tokens({"additional_special_tokens": [IMAGE_TOKEN]}, replace_extra_special_tokens=False)
    tokenizer.padding_side = "left"
    return tokenizer


AutoProcessor.register(PandaGptConfig, PandaGptProcessor, exist_ok=True)  # type: ignore[no-untyped-call]
AutoProcessor.register(ImageBindLlmConfig, ImageBindLlmProcessor, exist_ok=True)  # type: ignore[no-untyped-call]
