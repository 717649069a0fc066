"""The fast way: all questions about an image share one pass over what they have in common, the image above all.

What is shared ends where the first two questions differ; it has to hold the whole image, and a cache of keys and values
has to hold it for several questions. Whether that is so for an architecture is tried before it is used (`trial`).
"""

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from itb.benchmark.ask import Pictures, Question
from itb.models.adapter import Reply
from itb.models.hf.chat import Chat
from itb.models.hf.checkpoint import Checkpoint
from itb.models.hf.inputs import encode_prompts
from itb.models.hf.rows import STRETCH, Prefix, cut_rows, run_prefix, run_rows
from itb.models.hf.scores import Continuations, score_surfaces, to_reply
from tools.errors import UsageError

Groups = Sequence[Sequence[Question]]


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

    def generate(self, groups: Groups, images: Sequence[Pictures]) -> Iterator[Reply]:
        """Greedy replies.

        Args:
            groups: questions that have picture and system message in common.
            images: the pictures of each group.
        """
        for chunk, prefix in self._cut(groups, images):
            texts = self._decode(prefix, [list(one.suffix) for one in chunk])
            yield from (Reply(one.question, text) for one, text in zip(chunk, texts, strict=True))

    def score(self, groups: Groups, images: Sequence[Pictures]) -> Iterator[Reply]:
        """The most likely of each question's answers."""
        for chunk, prefix in self._cut(groups, images):
            surfaces = [self._chat.list_surfaces(one.question, one.prompt) for one in chunk]
            continuations = [Continuations(found) for found in surfaces]
            self._learn(prefix, chunk, continuations)
            for one, found, continuation in zip(chunk, surfaces, continuations, strict=True):
                yield to_reply(one.question, score_surfaces(found, continuation))

    def weigh(self, groups: Groups, images: Sequence[Pictures]) -> Iterator[tuple[Question, Any]]:
        """Each question with the logits after its prompt, (V,) float32."""
        for chunk, prefix in self._cut(groups, images):
            logits = run_rows(self._checkpoint, prefix, [one.suffix for one in chunk], [1] * len(chunk))
            yield from ((one.question, row) for one, row in zip(chunk, logits, strict=True))

    @functools.cached_property
    def _stretch(self) -> float:
        """How uneven rows of a batch may be: not at all for a window that slides over the padding between them too."""
        return 1.0 if self._checkpoint.has_window else STRETCH

    def _cut(self, groups: Groups, images: Sequence[Pictures]) -> Iterator[tuple[list[Asked], Prefix]]:
        """Questions to run together, and a prefix for each, made for them alone."""
        for part, pictures in self._part(groups, images):
            asked, prefix = self._open(part, pictures)
            for places in cut_rows([len(one.suffix) for one in asked], self._rows, self._stretch):
                chunk = [asked[place] for place in places]
                yield chunk, prefix.take([one.group for one in chunk])

    def _part(self, groups: Groups, images: Sequence[Pictures]) -> Iterator[tuple[Groups, Sequence[Pictures]]]:
        """What shares a batch of prefixes: all, or each group for itself where none may be padded."""
        if self._stretch > 1:
            yield groups, images
        else:
            yield from (([group], [image]) for group, image in zip(groups, images, strict=True))

    def _learn(self, prefix: Prefix, chunk: Sequence[Asked], continuations: Sequence[Continuations]) -> None:
        """Run each prompt once, and what answers of several tokens begin with after it."""
        logits = run_rows(self._checkpoint, prefix, [one.suffix for one in chunk], [1] * len(chunk))
        for place, continuation in enumerate(continuations):
            continuation.learn((), logits[place : place + 1])
        rows = [(place, path) for place, one in enumerate(continuations) for path in one.paths if path]
        for numbers in cut_rows([len(path) for _, path in rows], self._rows, self._stretch):
            part = prefix.take([rows[number][0] for number in numbers])
            paths = [rows[number][1] for number in numbers]
            pieces = run_rows(self._checkpoint, part, paths, list(map(len, paths))).split(list(map(len, paths)))
            for number, path, piece in zip(numbers, paths, pieces, strict=True):
                continuations[rows[number][0]].learn(path, piece, start=1)

    def _open(self, groups: Groups, images: Sequence[Pictures]) -> tuple[list[Asked], Prefix]:
        """The processor sees the first prompt of each group; of the others only what comes after the image is read."""
        prompts = [[self._chat.render(question) for question in group] for group in groups]
        adds_bos = self._chat.adds_bos(prompts[0][0])
        whole = encode_prompts(self._checkpoint, [group[0] for group in prompts], images, adds_bos, "right")
        asked, lengths = [], []
        for place, (texts, row) in enumerate(zip(prompts, whole.list_rows(), strict=True)):
            bare: list[list[int]] = self._checkpoint.tokenizer(texts, add_special_tokens=adds_bos).input_ids
            suffixes = [tokens[_common_length(bare) :] for tokens in bare]
            self._check(row, suffixes)
            lengths.append(len(row) - len(suffixes[0]))
            asked += [
                Asked(question, place, text, tuple(suffix))
                for question, text, suffix in zip(groups[place], texts, suffixes, strict=True)
            ]
        return asked, run_prefix(self._checkpoint, whole, lengths)

    def _check(self, row: Sequence[int], suffixes: Sequence[Sequence[int]]) -> None:
        """Refuse to share where the end of the processor's row is not the text's own, or an image stands in it."""
        late = any(self._checkpoint.image_token_id in suffix for suffix in suffixes)
        if late or list(row[-len(suffixes[0]) :]) != list(suffixes[0]):
            raise UsageError(
                f"--model {self._checkpoint.name}: its chat template puts the image behind the question; put it before"
            )

    def _decode(self, prefix: Prefix, rows: list[list[int]]) -> list[str]:
        """Greedy decoding; a row that has ended leaves the batch."""
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
                prefix.keep(keep)
                active = [active[place] for place in keep]
            rows = [[chosen[place]] for place in keep]
        return [self._checkpoint.tokenizer.decode(reply, skip_special_tokens=True) for reply in replies]


def _common_length(rows: Sequence[Sequence[int]]) -> int:
    """How many first tokens all rows share; each keeps at least one of its own."""
    columns = zip(*rows, strict=False)
    shared = sum(1 for _ in itertools.takewhile(lambda column: len(set(column)) == 1, columns))
    return min(shared, min(map(len, rows)) - 1)
