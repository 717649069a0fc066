"""Which sets of a folder of real data are there, and what is trained on and asked about."""

from collections.abc import Mapping
from pathlib import Path

from claim.settings import OTHER_SETS, TESTED_SETS, TRAINED_SETS, Place, Settings

SCENES = "scenes"
"""The rendered set; the others are datasets."""


def list_trained_sets(place: Place) -> list[str]:
    """The real sets that are there to be trained on."""
    return list(find_sets(place, TRAINED_SETS))


def list_benches(settings: Settings, place: Place) -> list[str]:
    """What is asked: rendered scenes of another camera, and the real sets that nothing was trained on."""
    if settings.is_development:
        return [SCENES]
    real = [name for name, tested in TESTED_SETS.items() if place.has(tested.folder)]
    return [SCENES, *real, *(["other"] if any(map(place.has, OTHER_SETS.values())) else [])]


def find_sets(place: Place, sets: Mapping[str, str]) -> dict[str, Path]:
    """Name -> folder of those that are there."""
    return {name: place.real / folder for name, folder in sets.items() if place.real and place.has(folder)}
