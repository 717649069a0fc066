"""How the peers are talked to: dialogues as tokens, piece by piece as they were trained."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from tools.conversations import Turn

HEAD = "### Human: <Img>"
ALPACA = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{question}\n\n### Response:"
)


class Tokens(NamedTuple):
    """A dialogue as tokens, the image as its one mark; which of them are supervised."""

    ids: list[int]
    supervised: list[bool]


class Tokenizer(Protocol):
    """What is needed of a tokenizer of transformers."""

    bos_token_id: int
    eos_token_id: int

    def __call__(self, text: str, *, add_special_tokens: bool) -> Any:
        """Its `input_ids`."""
        ...


def encode_pandagpt(tokenizer: Tokenizer, image: int, turns: Sequence[Turn]) -> Tokens:
    """Pieces tokenised one by one; answers are learned with the line break and the mark behind them."""
    found = Tokens([tokenizer.bos_token_id], [False])
    _add(found, tokenizer, HEAD, False)
    _add_ids(found, [image], False)
    for place, turn in enumerate(turns):
        if turn.role == "user":
            start = "</Img> " if place == 0 else "Human: "
            _add(found, tokenizer, f"{start}{turn.text}\n### Assistant:", False)
        else:
            _add(found, tokenizer, f"{turn.text}\n###", True)
    return found


def encode_imagebind_llm(tokenizer: Tokenizer, image: int, turns: Sequence[Turn]) -> Tokens:
    """One question and its answer, tokenised together; the unknown token is never learned, as upstream.

    Raises:
        ValueError: more turns than two.
    """
    question, answer = turns
    prompt = ALPACA.format(question=question.text)
    before = len(_tokenise(tokenizer, prompt))
    ids = [*_tokenise(tokenizer, prompt + answer.text), tokenizer.eos_token_id]
    marks = [place >= before and number != 0 for place, number in enumerate(ids)]
    return Tokens([tokenizer.bos_token_id, image, *ids], [False, False, *marks])


def _add(found: Tokens, tokenizer: Tokenizer, text: str, is_learned: bool) -> None:
    _add_ids(found, _tokenise(tokenizer, text), is_learned)


def _add_ids(found: Tokens, ids: list[int], is_learned: bool) -> None:
    found.ids.extend(ids)
    found.supervised.extend([is_learned] * len(ids))


def _tokenise(tokenizer: Tokenizer, text: str) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=False).input_ids
    return ids
