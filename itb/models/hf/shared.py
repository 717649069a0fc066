"""The fast way: all questions about an image share one pass over what they have in common, the image above all.

It asks of an architecture that its positions are plain and its image is tokens of one kind in a row, so it is used
for the model types that it was tested with (table `CHECKPOINT_WAYS`); others take the plain way.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from itb.benchmark.ask import Question
from itb.models.adapter import Reply
from itb.models.hf.chat import Chat
from itb.models.hf.checkpoint import Checkpoint
from itb.models.hf.rows import Prefix, cut_rows, run_prefix, run_rows
from itb.models.hf.scores import Continuations, score_surfaces, to_reply
from tools.errors import UsageError


@dataclass(frozen=True)
class Asked:
    """A question as tokens.

    Attributes:
        question: which.
        group: place of its prefix among those of the unit.
        prompt: its text.
        suffix: its tokens after the prefix, at least one.
    """

    question: Question
    group: int
    prompt: str
    suffix: tuple[int, ...]


class SharedWay:
    """Answers questions that share images.

    Args:
        checkpoint, chat: the model and how it is talked to.
        rows: how many are run at once.
        max_new_tokens: longest reply.
    """

    name = "one pass over each image, shared by its questions"

    def __init__(self, checkpoint: Checkpoint, chat: Chat, rows: int, max_new_tokens: int) -> None:
        self._checkpoint = checkpoint
        self._chat = chat
        self._rows = rows
        self._max_new_tokens = max_new_tokens

    def generate(self, groups: Sequence[Sequence[Question]], images: Sequence[Image.Image]) -> Iterator[Reply]:
        """Greedy replies.

        Args:
            groups: questions that have picture and system message in common.
            images: the picture of each group.
        """
        asked, prefix = self._open(groups, images)
        for places in cut_rows([len(one.suffix) for one in asked], self._rows):
            chunk = [asked[place] for place in places]
            texts = self._decode(prefix.take([one.group for one in chunk]), [list(one.suffix) for one in chunk])
            yield from (Reply(one.question, text) for one, text in zip(chunk, texts, strict=True))

    def score(self, groups: Sequence[Sequence[Question]], images: Sequence[Image.Image]) -> Iterator[Reply]:
        """The most likely of each question's answers."""
        asked, prefix = self._open(groups, images)
        for places in cut_rows([len(one.suffix) for one in asked], self._rows):
            chunk = [asked[place] for place in places]
            surfaces = [self._chat.list_surfaces(one.question, one.prompt) for one in chunk]
            continuations = [Continuations(found) for found in surfaces]
            self._learn(prefix.take([one.group for one in chunk]), chunk, continuations)
            for one, found, continuation in zip(chunk, surfaces, continuations, strict=True):
                yield to_reply(one.question, score_surfaces(found, continuation))

    def _learn(self, prefix: Prefix, chunk: Sequence[Asked], continuations: Sequence[Continuations]) -> None:
        """Run each prompt once, and what answers of several tokens begin with after it."""
        logits = run_rows(self._checkpoint, prefix, [one.suffix for one in chunk], [1] * len(chunk))
        for place, continuation in enumerate(continuations):
            continuation.learn((), logits[place : place + 1])
        rows = [(place, path) for place, one in enumerate(continuations) for path in one.paths if path]
        for numbers in cut_rows([len(path) for _, path in rows], self._rows):
            part = prefix.take([rows[number][0] for number in numbers])
            paths = [rows[number][1] for number in numbers]
            pieces = run_rows(self._checkpoint, part, paths, list(map(len, paths))).split(list(map(len, paths)))
            for number, path, piece in zip(numbers, paths, pieces, strict=True):
                continuations[rows[number][0]].learn(path, piece, start=1)

    def _open(self, groups: Sequence[Sequence[Question]], images: Sequence[Image.Image]) -> tuple[list[Asked], Prefix]:
        prompts = [[self._render(question) for question in group] for group in groups]
        pixels, counts = self._read_images([group[0] for group in prompts], images)
        tokens = [self._tokenise(texts, count) for texts, count in zip(prompts, counts, strict=True)]
        cuts = [_common_length(rows) for rows in tokens]
        for rows, cut in zip(tokens, cuts, strict=True):
            self._refuse_late_image(rows[0], cut)
        asked = [
            Asked(question, place, prompts[place][turn], tuple(tokens[place][turn][cuts[place] :]))
            for place, group in enumerate(groups)
            for turn, question in enumerate(group)
        ]
        prefixes = [rows[0][:cut] for rows, cut in zip(tokens, cuts, strict=True)]
        return asked, run_prefix(self._checkpoint, prefixes, pixels)

    def _read_images(self, prompts: Sequence[str], images: Sequence[Image.Image]) -> tuple[dict[str, Any], list[int]]:
        """What the model takes of the images, and how many tokens each is."""
        checkpoint = self._checkpoint
        made = checkpoint.processor(text=list(prompts), images=list(images), padding=True, return_tensors="pt")
        counts = (made["input_ids"] == checkpoint.image_token_id).sum(dim=1).tolist()
        pixels = made["pixel_values"].to(checkpoint.device, checkpoint.dtype)
        return {"pixel_values": pixels}, counts

    def _render(self, question: Question) -> str:
        token, prompt = self._checkpoint.processor.image_token, self._chat.render(question)
        if prompt.count(token) != 1:
            raise UsageError(
                f"item {question.item.id}: its text holds {token!r}, which stands for the image; change the wording"
            )
        return prompt

    def _tokenise(self, texts: Sequence[str], count: int) -> list[list[int]]:
        """Tokens of each prompt, with the image's place as long as the image."""
        token = self._checkpoint.processor.image_token
        whole = [text.replace(token, token * count) for text in texts]
        adds = not self._chat.begins_with_bos(texts[0])
        tokens: list[list[int]] = self._checkpoint.tokenizer(whole, add_special_tokens=adds).input_ids
        return tokens

    def _refuse_late_image(self, row: Sequence[int], cut: int) -> None:
        if self._checkpoint.image_token_id in row[cut:]:
            raise UsageError(
                f"--model {self._checkpoint.name}: its chat template puts the image behind the question; put it before"
            )

    def _decode(self, prefix: Prefix, rows: list[list[int]]) -> list[str]:
        """Greedy decoding; a row that has ended leaves the batch."""
        import torch

        replies: list[list[int]] = [[] for _ in rows]
        active = list(range(len(rows)))
        for _ in range(self._max_new_tokens):
            chosen = run_rows(self._checkpoint, prefix, rows, [1] * len(rows)).argmax(dim=-1).tolist()
            keep = [place for place, token in enumerate(chosen) if token not in self._checkpoint.end_tokens]
            for place in keep:
                replies[active[place]].append(chosen[place])
            if not keep:
                break
            if len(keep) < len(active):
                index = torch.tensor(keep, device=prefix.mask.device)
                prefix.cache.batch_select_indices(index)
                prefix.mask = prefix.mask[index]
                active = [active[place] for place in keep]
            rows = [[chosen[place]] for place in keep]
        return [self._checkpoint.tokenizer.decode(reply, skip_special_tokens=True) for reply in replies]


def _common_length(rows: Sequence[Sequence[int]]) -> int:
    """How many first tokens all rows share; each keeps at least one of its own."""
    columns = zip(*rows, strict=False)
    shared = sum(1 for _ in itertools.takewhile(lambda column: len(set(column)) == 1, columns))
    return min(shared, min(map(len, rows)) - 1)
