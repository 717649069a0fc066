"""Words by which a text says what somebody is like: gender, age, or only that there is a person."""

import re
from typing import Final

from agents.english.words import word_set

PEOPLE: Final = {
    "person": word_set(
        """
        person persons people human humans individual individuals pedestrian pedestrians somebody someone adult adults
        player players rider riders skier skiers surfer surfers skateboarder skateboarders snowboarder snowboarders
        cyclist cyclists driver drivers passenger passengers spectator spectators worker workers crowd
        """
    ),
    "male": word_set(
        """
        man men guy guys gentleman gentlemen male males boy boys he him his himself father fathers dad son sons brother
        brothers husband groom fisherman fishermen policeman policemen businessman businessmen cameraman cowboy cowboys
        """
    ),
    "female": word_set(
        """
        woman women lady ladies female females girl girls she her hers herself mother mothers mom daughter daughters
        sister sisters wife bride waitress waitresses policewoman businesswoman
        """
    ),
    "young": word_set(
        """
        child children kid kids boy boys girl girls baby babies toddler toddlers infant infants teenager teenagers teen
        teens young youth youths
        """
    ),
    "old": word_set("old elderly aged senior seniors grandmother grandfather grandma grandpa"),
}
"""Groups of words; one word may be of two. `old` counts beside a person only."""
_WORD: Final = re.compile(r"[a-z]+")
_BESIDE: Final = PEOPLE["person"] | PEOPLE["male"] | PEOPLE["female"]
_ADJECTIVES: Final = word_set("old elderly aged young")
_REACH: Final = 2


def find_people(text: str) -> frozenset[str]:
    """The groups of `PEOPLE` that a text has a word of; an adjective of age counts only just before a person."""
    words = _WORD.findall(text.lower())
    found = {group for group, known in PEOPLE.items() if not known.isdisjoint(set(words) - _ADJECTIVES)}
    for place, word in enumerate(words):
        if word in _ADJECTIVES and not _BESIDE.isdisjoint(words[place + 1 : place + 1 + _REACH]):
            found.add("young" if word == "young" else "old")
    return frozenset(found)
