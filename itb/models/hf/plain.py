"""The plain way, for every architecture: each question takes its image along.

Replies are generated in batches, padded on the left. Answers are scored one by one without any padding: not every
architecture counts positions right when it is only run forward.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from itb.benchmark.ask import Pictures, Question
from itb.models.adapter import Reply
from itb.models.hf.chat import Chat
from itb.models.hf.checkpoint import Checkpoint
from itb.models.hf.inputs import IDS, MASK, Inputs, encode_prompts
from itb.models.hf.scores import Continuations, score_surfaces, to_reply

Groups = Sequence[Sequence[Question]]


class PlainWay:
    """Answers questions with the model's own `generate` and `forward`.

    Args:
        checkpoint, chat: the model and how it is talked to.
        rows: how many replies are generated at once.
        max_new_tokens: longest reply.
    """

    name = "the image with every question"

    def __init__(self, checkpoint: Checkpoint, chat: Chat, rows: int, max_new_tokens: int) -> None:
        self._checkpoint = checkpoint
        self._chat = chat
        self._rows = rows
        self._max_new_tokens = max_new_tokens

    def generate(self, groups: Groups, images: Sequence[Pictures]) -> Iterator[Reply]:
        """Greedy replies; `images` holds the pictures of each group."""
        pairs = [(question, image) for group, image in zip(groups, images, strict=True) for question in group]
        for start in range(0, len(pairs), self._rows):
            chunk = pairs[start : start + self._rows]
            inputs = self._encode([self._chat.render(question) for question, _ in chunk], [image for _, image in chunk])
            output = self._checkpoint.model.generate(
                **inputs.tokens, **inputs.images, generation_config=self._configure()
            )
            replies = output[:, inputs.tokens[IDS].shape[1] :].tolist()
            yield from (Reply(question, self._decode(row)) for (question, _), row in zip(chunk, replies, strict=True))

    def score(self, groups: Groups, images: Sequence[Pictures]) -> Iterator[Reply]:
        """The most likely of each question's answers."""
        for group, image in zip(groups, images, strict=True):
            for question in group:
                prompt = self._chat.render(question)
                surfaces = self._chat.list_surfaces(question, prompt)
                continuations = Continuations(surfaces)
                for path in continuations.paths:
                    continuations.learn(path, self._run(prompt, image, path))
                yield to_reply(question, score_surfaces(surfaces, continuations))

    def weigh(self, groups: Groups, images: Sequence[Pictures]) -> Iterator[tuple[Question, Any]]:
        """Each question with the logits after its prompt, (V,) float32."""
        for group, image in zip(groups, images, strict=True):
            for question in group:
                yield question, self._run(self._chat.render(question), image, ())[0]

    def _decode(self, row: list[int]) -> str:
        tokens = list(itertools.takewhile(lambda token: token not in self._checkpoint.end_tokens, row))
        text: str = self._checkpoint.tokenizer.decode(tokens, skip_special_tokens=True)
        return text

    def _run(self, prompt: str, image: Pictures, path: tuple[int, ...]) -> Any:
        """Logits after the prompt and each token of `path`: (len(path) + 1, V) float32."""
        import torch

        inputs = self._encode([prompt], [image])
        length = inputs.tokens[IDS].shape[1]
        tokens = inputs.tokens
        if path:
            more = {IDS: list(path), MASK: [1] * len(path)}
            more |= {name: [kind] * len(path) for name, kind in self._checkpoint.reply_kinds.items()}
            tokens = {
                name: torch.cat([value, torch.tensor([more.get(name, [0] * len(path))]).to(value)], dim=1)
                for name, value in inputs.tokens.items()
            }
        return self._checkpoint.model(**tokens, **inputs.images).logits[0, length - 1 :].float()

    def _encode(self, prompts: list[str], images: list[Pictures]) -> Inputs:
        return encode_prompts(self._checkpoint, prompts, images, self._chat.adds_bos(prompts[0]), padding_side="left")

    def _configure(self) -> Any:
        """Plain greedy decoding, whatever sampling the checkpoint recommends."""
        from transformers import GenerationConfig

        return GenerationConfig(  # type: ignore[no-untyped-call]
            do_sample=False,
            max_new_tokens=self._max_new_tokens,
            eos_token_id=list(self._checkpoint.end_tokens) or None,
            pad_token_id=self._checkpoint.tokenizer.pad_token_id,
        )
