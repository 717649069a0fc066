"""What a card says of where a run's images come from: photographs that were translated, or a sensor."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from agents.output.modality import read_modality
from agents.output.provenance import describe_splits


class CardSource(NamedTuple):
    """Sentences of a card.

    Attributes:
        is_sensor: whether a sensor took the images.
        intro: what the data is made from.
        image: what the field `image` leads to.
        photo: what `photo` is relative to.
        licence: whose terms hold.
        limits: what the images are not.
    """

    is_sensor: bool
    has_photographs: bool
    intro: str
    image: str
    photo: str
    licence: str
    limits: tuple[str, ...]


def describe_source(manifest: Mapping[str, Any]) -> CardSource:
    """The sentences for a run."""
    source = manifest.get("source")
    return _describe_photographs(manifest) if source is None else _describe_sensor(manifest, source)


def _describe_photographs(manifest: Mapping[str, Any]) -> CardSource:
    modality = read_modality(manifest)
    nouns = modality.nouns
    drawn = (manifest.get("evidence") or {}).get("drawn_by")
    limits = modality.cards.limits
    if drawn:
        limits = (*limits, f"Brightness drawn by the translator: what is said of it was measured in what {drawn} drew.")
    return CardSource(
        is_sensor=False,
        has_photographs=True,
        intro=f"{nouns.opening_images}, {nouns.adjective} captions and debated instructions, made from photographs "
        "with captions and boxes by the\nInfrared-LLaVA toolkit (caption agent, task agent and debate agent; paper 3).",
        image=f"8-bit gray PNG, {modality.polarity.default}",
        photo="`photo` is relative to the folder of photographs,\nwhich is not part of the data.",
        licence="The photographs and their captions keep the licences of the dataset they come from, and so do the "
        f"{nouns.images}, which\nare derived from the photographs. COCO's annotations are under CC BY 4.0; "
        "its photographs belong to their authors on Flickr,\neach under a licence of its own, named per image in "
        "COCO's annotation file. Check them before you publish.",
        limits=(
            *limits,
            "The agents read captions and boxes, not the photograph: what both leave out is missing, and what a\n"
            "  caption gets wrong stays wrong.",
        ),
    )


def _describe_sensor(manifest: Mapping[str, Any], source: Mapping[str, Any]) -> CardSource:
    modality = read_modality(manifest)
    nouns = modality.nouns
    named = source["title"] if source.get("licence") else f"a folder of one's own (`{source.get('folder')}`)"
    polarity = source["polarity"]
    bright = f"{polarity}, {modality.polarity.names.get(polarity, 'as the dataset says')}"
    unit = source.get("unit") or "levels of a picture, without unit"
    beside = "; photographs that are registered to them stand beside" if source.get("has_photographs") else ""
    photo = (
        "`photo` is relative to the folder of photographs" if beside else "`photo` is relative to the folder of images"
    )
    return CardSource(
        is_sensor=True,
        has_photographs=bool(source.get("has_photographs")),
        intro=f"{nouns.opening_images} that a sensor took: {named}.\nBrightness: {bright}. Values: {unit}.\n\n"
        f"With {nouns.adjective} captions and debated instructions made by the Infrared-LLaVA toolkit (caption agent, "
        f"task agent\nand debate agent). Nothing is translated{beside}.",
        image="8-bit gray PNG; warm is bright where polarity is known",
        photo=f"{photo},\nwhich is not part of the data.",
        licence=_describe_licence(source, nouns.images),
        limits=(
            *modality.cards.sensor_limits,
            *filter(None, [describe_splits(source)]),
            "Captions and boxes are as complete as the dataset's: what both leave out is named nowhere.",
        ),
    )


def _describe_licence(source: Mapping[str, Any], images: str) -> str:
    if not source.get("licence"):
        return (
            f"The {images} are those of whoever made this run, and so are their terms; the texts made from captions or "
            "boxes of\nanother dataset keep that dataset's licence too. Settle both before you publish."
        )
    cited = source.get("citation") or "none"
    citation = "" if cited == "none" else f"\n\nCite: {cited}."
    return (
        f"The {images}, their boxes and their captions keep the licence of {source['title']}: {source['licence']}. The "
        f"pictures in this folder are\nthose images, and what that licence forbids of them holds here.{citation}"
    )
