"""What kind of image is it? (beyond the paper): of the modality or visible; which end of its scale is bright.

Half of the images are made by the build: the registered visible image in grey, and the frame inverted. What the
modality is called and which polarity is the opposite of which, the modality pack says.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from itb.benchmark.pictures import Picture, load_grey
from itb.tasks.base.blocks import show_label
from itb.tasks.base.draft import Candidate, Composer, Draft, Search, Skip, show_evidence
from itb.tasks.base.task import Kind, Task
from tools.datasets import AnnotatedBox, AnnotatedImage
from tools.errors import UsageError

NAME: Final = "modality"
PER_GROUP = 10
"""Frames of a group that are asked about, of each kind."""
LEAST_HEIGHT = 0.05
"""Of a person that shows which end of the scale is bright, as a part of the frame's height."""
VISIBLE = "visible"


@dataclass(frozen=True)
class GreyVisible(Picture):
    """The registered visible image in grey, or its colours would tell."""

    def draw(self, frame: AnnotatedImage, root: Path) -> Image.Image:
        """From the frame's registered visible image."""
        if frame.photo is None:
            raise UsageError(f"{frame.source}: {frame.image} has no visible image to be shown in grey")
        return load_grey(root / frame.photo, frame)


@dataclass(frozen=True)
class Inverted(Picture):
    """The frame with its levels inverted."""

    def draw(self, frame: AnnotatedImage, root: Path) -> Image.Image:
        """From the frame's own file."""
        return ImageOps.invert(load_grey(root / frame.image, frame))


GREY = GreyVisible(VISIBLE, polarity="none")


def find(frame: AnnotatedImage, search: Search) -> Iterator[Candidate | Skip]:
    """The band where a registered visible image is there; the polarity where a person shows it."""
    pack = search.wordings.pack
    if frame.photo:
        yield Candidate(frame, "band", ("band",), pack.nouns.adjective)
    person = next((box for box in frame.boxes if _shows_scale(box, frame)), None)
    if frame.polarity in pack.polarity.opposite and person:
        yield Candidate(frame, "polarity", ("polarity",), frame.polarity, (person,))
    elif not frame.photo:
        yield Skip("neither_visible_image_nor_person")


def _shows_scale(box: AnnotatedBox, frame: AnnotatedImage) -> bool:
    height = box.box_xyxy[3] - box.box_xyxy[1]
    return box.is_certain and box.name == "person" and height >= LEAST_HEIGHT * frame.height


def compose(candidates: list[Candidate], composer: Composer) -> Iterator[Draft]:
    """Two images under the same words and options, one as it is, one made by the build."""
    kept = _thin(composer.order(candidates))
    for number, (one, other) in enumerate(zip(kept[::2], kept[1::2], strict=False)):
        block = f"{composer.share}-{number}"
        yield _ask(one, composer, block, is_made=False)
        yield _ask(other, composer, block, is_made=True)
    if len(kept) == 1 and composer.allow_guessable:
        yield _ask(kept[0], composer, "", is_made=bool(composer.draw(NAME, kept[0].id) & 1))


def _thin(candidates: list[Candidate]) -> list[Candidate]:
    taken: defaultdict[str, int] = defaultdict(int)
    kept = []
    for item in candidates:
        taken[item.frame.group] += 1
        if taken[item.frame.group] <= PER_GROUP:
            kept.append(item)
    return kept


def _ask(item: Candidate, composer: Composer, block: str, is_made: bool) -> Draft:
    made = _find_made(item, composer)
    truth = made if is_made else item.truth
    options = [item.truth, made]
    if composer.draw(NAME, "order", block or item.id) & 1:
        options.reverse()
    wording = composer.choose_wording(NAME, item.kind, block or item.id)
    labels = composer.wordings.files[NAME].labels
    picture = GREY if item.kind == "band" else Inverted("inverted", polarity=made)
    return Draft(
        task=NAME,
        frame=item.frame,
        answer=show_label(truth, labels),
        options=tuple(show_label(option, labels) for option in options),
        evidence=show_evidence(item.evidence),
        facts={"shown": truth},
        block=block,
        picture=picture if is_made else None,
        **composer.ask(NAME, item.kind, wording),
    )


def _find_made(item: Candidate, composer: Composer) -> str:
    """What the image made by the build is."""
    return VISIBLE if item.kind == "band" else composer.wordings.pack.polarity.opposite[item.truth]


TASK = Task(
    name=NAME,
    title="Kind of image",
    kinds={"band": Kind("option"), "polarity": Kind("option")},
    sources=("llvip", "flir", "hituav", "vedai", "dronevehicle", "rgbnir"),
    find=find,
    compose=compose,
    rests_on=frozenset({"tone"}),
    needs_every_object=False,
)
