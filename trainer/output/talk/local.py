"""A model folder of any family, in this process: answers that come word by word, or many at once."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from tools.weights import explain_model, pick_device
from trainer.model.assembled import Assembled
from trainer.model.vlm.loading import load_any
from trainer.output.talk.prompting import Exchange, Prompter, Wording
from trainer.output.talk.seen import Seen, show_seen

FOR_TRAINING = "labels"
"""What PaliGemma's processor makes besides."""


class LocalModel:
    """Asks a model, greedily, one question or batch at a time; safe to use from many threads.

    Args:
        assembled: the model and its processor.
        name: as people are told it.
        most_tokens: longest answer.

    Attributes:
        warning: what has to be known of its answers; empty for nothing.
    """

    def __init__(self, assembled: Assembled, name: str, most_tokens: int) -> None:
        self.name = name
        self._model, self._processor = assembled
        self._most_tokens = most_tokens
        self._prompter = Prompter(self._processor, str(self._model.config.model_type), name)
        self._lock = threading.Lock()
        stand_in = getattr(self._model.config.get_text_config(), "stand_in", None)
        self.warning = f"{name}: its language model is {stand_in}; its answers are nonsense" if stand_in else ""

    def stream(self, history: Sequence[Exchange], wording: Wording, image: Image.Image) -> Iterator[str]:
        """What it has said so far, again and again, and the whole answer last; whoever stops listening stops it.

        Raises:
            UsageError: the question holds the image token, or parts of the model do not fit each other.
        """
        from transformers import TextIteratorStreamer

        prompt = self._prompter.render(history, wording)
        streamer = TextIteratorStreamer(self._processor.tokenizer, skip_prompt=True, skip_special_tokens=True)
        whole: Future[list[str]] = Future()
        stop = threading.Event()
        thread = threading.Thread(target=self._work, args=(whole, prompt, image, streamer, stop), daemon=True)
        thread.start()
        text = ""
        try:
            for piece in streamer:
                text += piece
                yield text.strip()
            yield whole.result()[0]
        finally:
            stop.set()
            thread.join()

    def answer(self, wordings: Sequence[Wording], images: Sequence[Image.Image]) -> list[str]:
        """An answer to each question about its own image, all at once.

        Raises:
            UsageError: as `stream`.
        """
        prompts = [self._prompter.render((), wording) for wording in wordings]
        with self._lock:
            return self._generate(prompts, images)

    def see(self, image: Image.Image) -> Seen:
        """The image as its processor hands it to the model."""
        with explain_model(self.name, "its image processor cannot be used"):
            made = self._encode([self._prompter.render((), Wording("", "?"))], [image])
            return show_seen(made, self._processor.image_processor)

    def _work(self, whole: "Future[list[str]]", prompt: str, image: Any, streamer: Any, stop: Any) -> None:
        try:
            with self._lock:
                whole.set_result(self._generate([prompt], [image], streamer=streamer, stopping_criteria=[_make(stop)]))
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is awaited
            whole.set_exception(error)
        finally:
            streamer.end()

    def _generate(self, prompts: Sequence[str], images: Sequence[Image.Image], **more: Any) -> list[str]:
        with explain_model(self.name, "the model cannot be asked"), torch.inference_mode():
            inputs = self._encode(prompts, images).to(self._model.device, self._model.dtype)
            ids = self._model.generate(**inputs, generation_config=self._configure(), **more)
            rows = ids[:, inputs["input_ids"].shape[1] :]
            return [self._processor.tokenizer.decode(row, skip_special_tokens=True).strip() for row in rows]

    def _encode(self, prompts: Sequence[str], images: Sequence[Image.Image]) -> Any:
        made = self._processor(
            text=list(prompts),
            images=[[image] for image in images],
            padding=True,
            padding_side="left",
            return_tensors="pt",
            add_special_tokens=self._prompter.adds_start(prompts[0]),
        )
        made.pop(FOR_TRAINING, None)
        return made

    def _configure(self) -> Any:
        """Plain greedy decoding, whatever sampling the folder recommends: what an evaluation hears."""
        from transformers import GenerationConfig

        tokenizer, own = self._processor.tokenizer, self._model.generation_config
        end = own.eos_token_id if own.eos_token_id is not None else tokenizer.eos_token_id
        pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
        return GenerationConfig(  # type: ignore[no-untyped-call]
            do_sample=False, max_new_tokens=self._most_tokens, eos_token_id=end, pad_token_id=pad
        )


def _make(stop: threading.Event) -> Any:
    """A stopping criterion of transformers."""
    return lambda ids, scores, **_: torch.full((ids.shape[0],), stop.is_set(), dtype=torch.bool, device=ids.device)


def load_local(folder: Path, device: str | None, most_tokens: int) -> LocalModel:
    """A model folder.

    Raises:
        MissingError, UsageError: the folder is no model, or there is no such device.
    """
    from transformers.utils import logging

    quieten: Any = logging.disable_progress_bar
    quieten()
    assembled = load_any(folder)
    assembled.model.to(pick_device(device))
    return LocalModel(assembled, name_folder(folder), most_tokens)


def name_folder(folder: Path) -> str:
    """What people call a model: its folder, with the one above where it is called `model` as all of ours are."""
    parts = folder.absolute().parts
    return "/".join(parts[-2:]) if parts[-1] == "model" else parts[-1]
