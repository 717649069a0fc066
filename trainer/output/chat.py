"""`python -m trainer.chat --model DIR --image FILE`: ask a model about an image, in the terminal.

python -m trainer.chat --model exports/llava --image a.png --question "What is there?"
python -m trainer.chat --model exports/llava --image a.png                   # questions until an empty line
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from tools.errors import UsageError
from tools.terminal.cli import make_app, run_app, stderr, stdout
from tools.weights import explain_model

MOST_TOKENS = 256
app = make_app("Ask a model about an image.")
Turns = list[dict[str, Any]]


class Conversation:
    """Questions and answers about one image; each answer sees all that came before, where the model can."""

    def __init__(self, assembled: Any, image: Any, most_tokens: int = MOST_TOKENS) -> None:
        self._assembled = assembled
        self._image = image
        self._most_tokens = most_tokens
        self._turns: Turns = []

    def ask(self, question: str, streamer: Any = None) -> str:
        """The model's answer, greedily; `streamer` hears it word by word.

        Raises:
            UsageError: the question holds the image token.
        """
        import torch

        model, processor = self._assembled
        if getattr(processor, "is_single_turn", False):  # such a model knows no history
            self._turns.clear()
        if processor.image_token in question:
            raise UsageError(f"the question holds {processor.image_token}, which stands for the image; leave it out")
        parts: list[dict[str, str]] = [] if self._turns else [{"type": "image"}]
        self._turns.append({"role": "user", "content": [*parts, {"type": "text", "text": question}]})
        with explain_model("--model", "the model cannot be asked"), torch.inference_mode():
            text = processor.apply_chat_template(self._turns, add_generation_prompt=True)
            inputs = processor(images=self._image, text=text, return_tensors="pt").to(model.device, model.dtype)
            ids = model.generate(**inputs, max_new_tokens=self._most_tokens, do_sample=False, streamer=streamer)
        answer = str(processor.decode(ids[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)).strip()
        self._turns.append({"role": "assistant", "content": [{"type": "text", "text": answer}]})
        return answer


def open_conversation(model: Path, image: Path, device: str | None, most_tokens: int) -> Conversation:
    """Load model and image.

    Raises:
        MissingError, UsageError: the folder is no model.
        ImageError: the file is no image.
    """
    from tools.images import load_rgb
    from tools.weights import pick_device, require_torch

    picture = load_rgb(image)
    require_torch("chatting with a model", "transformers")
    from transformers.utils import logging

    from trainer.model.vlm.loading import load_any

    quieten: Any = logging.disable_progress_bar
    quieten()
    assembled = load_any(model)
    assembled.model.to(pick_device(device))
    stand_in = getattr(assembled.model.config.text_config, "stand_in", None)
    if stand_in:
        stderr.print(f"this model's language model is {stand_in}; its answers are nonsense", style="yellow")
    return Conversation(assembled, picture, most_tokens)


@app.command()
def chat(
    model: Annotated[Path, typer.Option(help="A model folder.")],
    image: Annotated[Path, typer.Option(help="An image file.")],
    question: Annotated[str, typer.Option(help="Ask this and stop; without it, ask until an empty line.")] = "",
    device: Annotated[str | None, typer.Option(help="cpu, cuda or cuda:N; the first GPU when there is one.")] = None,
    max_new_tokens: Annotated[int, typer.Option(help="Longest answer.", min=1)] = MOST_TOKENS,
) -> None:
    """Ask a model about an image. Example: python -m trainer.chat --model exports/llava --image a.png"""
    conversation = open_conversation(model, image, device, max_new_tokens)
    if question:
        stdout.print(conversation.ask(question), soft_wrap=True)
        return
    from transformers import TextStreamer

    make: Any = TextStreamer
    streamer = make(conversation._assembled.processor.tokenizer, skip_prompt=True, skip_special_tokens=True)
    stderr.print("Ask about the image; an empty line ends.")
    while True:
        stderr.print("? ", end="")
        line = sys.stdin.readline().strip()
        if not line:
            return
        conversation.ask(line, streamer)


if __name__ == "__main__":
    run_app(app, "python -m trainer.chat")
