"""What is known about an image before anything is written about it: its boxes, and what its captions mention."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from agents.english.categories import Mention, Nouns, Strength, load_nouns
from agents.english.sentences import WORD, split_sentences
from tools.records import Box


@dataclass(frozen=True)
class Evidence:
    """What is known about the image.

    Attributes:
        counted: boxes of single objects by label.
        crowds: labels that have a region with an uncounted number of objects, or a box that a model proposed.
        mentioned: labels that a caption mentions, in whatever words.
        caption_words: all words of the captions, lower case.
        captions: as they are.
    """

    counted: dict[str, list[Box]]
    crowds: frozenset[str]
    mentioned: frozenset[str]
    nouns: Nouns
    caption_words: frozenset[str] = frozenset()
    captions: tuple[str, ...] = ()

    def has(self, label: str) -> bool:
        """Whether an object of this class is known to be in the image."""
        return label in self.counted or label in self.crowds or label in self.mentioned

    def boxes_of(self, mention: Mention) -> list[Box] | None:
        """The boxes that a mention may mean, None when they do not settle what is true of it."""
        if mention.noun.strength is Strength.LOOSE or not self.crowds.isdisjoint(mention.noun.labels):
            return None
        return self.counted.get(mention.noun.labels[0]) or None


def gather_evidence(boxes: Iterable[Box], captions: Iterable[str]) -> Evidence:
    """Sort boxes by label and find the classes that captions mention."""
    counted: dict[str, list[Box]] = {}
    crowds = set()
    for box in boxes:
        if box.is_crowd or box.source == "model":
            crowds.add(box.label)
        else:
            counted.setdefault(box.label, []).append(box)
    nouns = load_nouns().add_labels([*counted, *sorted(crowds)])
    texts = tuple(captions)
    mentioned = frozenset().union(*(_find_mentioned(caption, nouns) for caption in texts))
    caption_words = frozenset().union(*(_list_words(caption) for caption in texts))
    return Evidence(counted, frozenset(crowds), mentioned, nouns, caption_words, texts)


@functools.lru_cache(maxsize=512)
def _list_words(caption: str) -> frozenset[str]:
    return frozenset(WORD.findall(caption.lower()))


@functools.lru_cache(maxsize=512)
def _find_mentioned(caption: str, nouns: Nouns) -> frozenset[str]:
    """Labels that a caption mentions, in any words; remembered, since each instruction of an image asks again."""
    return frozenset(
        label
        for sentence in split_sentences(caption, nouns)
        for mention in nouns.find(sentence.lowers, is_strict=False)
        for label in mention.noun.labels
    )
