"""Recipes: settings in YAML that come with a package, each found by its bare name where `--config` takes it."""

from pathlib import Path

from tools.errors import MissingError
from tools.files.inside import real_path

ENDING = ".yaml"


def find_recipe(path: Path, shelf: Path, beside: Path = Path()) -> Path:
    """The file that `--config` names: one that is there, else the recipe of that name, with or without its ending.

    Args:
        shelf: the package's folder of recipes.
        beside: folder of the recipe that names this one; its files come first.

    Raises:
        MissingError: neither is there; it lists the recipes.
    """
    places = [beside / path, path]
    if path.name == str(path):
        places += [shelf / path, shelf / f"{path}{ENDING}"]
    for place in places:
        if place.is_file():
            return real_path(place)
    known = ", ".join(list_recipes(shelf))
    raise MissingError(f"{path}: no such file or recipe; there are {known} in {shelf.parent.name}/{shelf.name}")


def list_recipes(shelf: Path) -> tuple[str, ...]:
    """Names of a package's recipes."""
    return tuple(sorted(path.name for path in shelf.glob(f"*{ENDING}")))


def describe_config(shelf: Path) -> str:
    """The help of `--config` where it takes recipes too."""
    return f"YAML file of settings, a recipe, or one of {', '.join(list_recipes(shelf))}; flags override it."
