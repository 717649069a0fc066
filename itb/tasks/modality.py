"""What kind of image is it? (beyond the paper): infrared or visible, white-hot or black-hot.

Half of the images are made by the build: the registered visible image in grey, and the infrared image inverted.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from itb.records import Frame, Thing
from itb.tasks.draft import Candidate, Draft, Kit, Picture, Skip, Task, show_evidence
from itb.wordings import Wordings

NAME: Final = "modality"
PER_GROUP = 10
"""Frames of a group that are asked about, of each kind."""
LEAST_HEIGHT = 0.05
"""Of a person that shows which end of the scale is hot, as a part of the frame's height."""
OTHER_POLARITY = {"white-hot": "black-hot", "black-hot": "white-hot"}
GREY = Picture("grey-visible", "visible")
INVERTED = Picture("inverted", "inverted")


def find(frame: Frame, wordings: Wordings) -> Iterator[Candidate | Skip]:
    """Infrared or visible where a registered visible image is there; the polarity where a person shows it."""
    if frame.partner:
        yield Candidate(frame, "band", ("band",), "infrared")
    person = next((thing for thing in frame.things if _shows_heat(thing, frame)), None)
    if frame.polarity in OTHER_POLARITY and person:
        yield Candidate(frame, "polarity", ("polarity",), frame.polarity, (person,))
    elif not frame.partner:
        yield Skip("neither_visible_image_nor_person")


def _shows_heat(thing: Thing, frame: Frame) -> bool:
    height = thing.box_xyxy[3] - thing.box_xyxy[1]
    return thing.is_certain and thing.name == "person" and height >= LEAST_HEIGHT * frame.height


def compose(candidates: list[Candidate], kit: Kit) -> Iterator[Draft]:
    """Two images under the same words and options, one as it is, one made by the build."""
    kept = _thin(kit.order(candidates))
    for number, (one, other) in enumerate(zip(kept[::2], kept[1::2], strict=False)):
        block = f"{kit.share}-{number}"
        yield _ask(one, kit, block, is_made=False)
        yield _ask(other, kit, block, is_made=True)
    if len(kept) == 1 and kit.allow_guessable:
        yield _ask(kept[0], kit, "", is_made=bool(kit.draw(NAME, kept[0].id) & 1))


def _thin(candidates: list[Candidate]) -> list[Candidate]:
    taken: defaultdict[str, int] = defaultdict(int)
    kept = []
    for item in candidates:
        taken[item.frame.group] += 1
        if taken[item.frame.group] <= PER_GROUP:
            kept.append(item)
    return kept


def _ask(item: Candidate, kit: Kit, block: str, is_made: bool) -> Draft:
    made = "visible" if item.kind == "band" else OTHER_POLARITY[item.truth]
    truth = made if is_made else item.truth
    options = [item.truth, made]
    if kit.draw(NAME, "order", block or item.id) & 1:
        options.reverse()
    wording = kit.choose_wording(NAME, item.kind, block or item.id)
    word = kit.wordings.files[NAME].words
    return Draft(
        task=NAME,
        frame=item.frame,
        answer=word[truth],
        form="option",
        options=tuple(word[option] for option in options),
        evidence=show_evidence(item.evidence),
        facts={"shown": truth},
        block=block,
        picture=(GREY if item.kind == "band" else INVERTED) if is_made else None,
        **kit.ask(NAME, item.kind, wording),
    )


TASK = Task(NAME, ("llvip", "flir", "hituav", "vedai", "dronevehicle", "rgbnir"), find, compose)
