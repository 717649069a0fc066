"""How many planted near-duplicates `itb audit --train` finds, and how many unrelated images it takes for one.

    PYTHONPATH=. .venv/bin/python tests/benchmarks/copies.py [--data ../shared/data] [--images 60] [--others 150]

The test images are real: FLIR, HIT-UAV, LLVIP, RoadScene, and photographs of COCO. Planted is each of them after every
change below. Unrelated are images of other datasets. Photographs stand for the visible images of the task `modality`:
the translators `gray`, `inverted-gray` and `prior` make a training image of the same photograph.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from itb.benchmark.copies import Gallery
from tools.images import load_rgb
from tools.registry.seam import NoSettings
from tools.translation.prior import make_prior
from tools.translation.protocol import TranslateRequest

TEST = ("FLIR_ADAS_1_3/*/thermal_8_bit/*.jpeg", "HIT-UAV/normal_xml/JPEGImages/*.jpg", "LLVIP/infrared/*/*.jpg",
        "RoadScene/cropinfrared/*", "coco2017/val2017/*.jpg")  # fmt: skip
OTHERS = ("coco2017/train2017/*.jpg", "MSRS/ir/*", "TNO/ir/*", "M3FD/Ir/*", "MSRS/vi/*", "TNO/vi/*",
          "VEDAI/Vehicules512/*", "radiometric/wikimedia_flir/*.jpg")  # fmt: skip
Change = Callable[[Image.Image, random.Random], Image.Image]


def crop(image: Image.Image, generator: random.Random) -> Image.Image:
    """Between 60 and 95 % of each side."""
    width, height = image.size
    across = generator.uniform(0.6, 0.95)
    down = min(0.95, max(0.6, across * generator.uniform(0.85, 1.18)))
    x, y = generator.uniform(0, 1 - across) * width, generator.uniform(0, 1 - down) * height
    return image.crop((int(x), int(y), int(x + across * width), int(y + down * height)))


def change_tone(image: Image.Image, generator: random.Random) -> Image.Image:
    """Another gamma and another curve."""
    levels = np.asarray(image.convert("L"), float) / 255
    levels = levels ** generator.choice([0.5, 1.8])
    return Image.fromarray((255 * (0.5 - 0.5 * np.cos(np.pi * levels))).astype(np.uint8))


def translate(image: Image.Image, generator: random.Random) -> Image.Image:
    """By the embedded translator, as a run would."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        image.save(file.name)
        (made,) = make_prior(NoSettings(), 0).translate([TranslateRequest(Path(file.name), (), "1")])
    return made


CHANGES: dict[str, Change] = {
    "none": lambda image, generator: image,
    "resized to a third": lambda image, generator: image.resize((image.width // 3, image.height // 3)),
    "squashed": lambda image, generator: image.resize((336, 336)),
    "cropped": crop,
    "cropped to a square": lambda image, generator: ImageOps.fit(image, (min(image.size),) * 2),
    "mirrored": lambda image, generator: ImageOps.mirror(image),
    "upside down": lambda image, generator: ImageOps.flip(image),
    "inverted": lambda image, generator: ImageOps.invert(image),
    "grey": lambda image, generator: image.convert("L"),
    "other tones": change_tone,
    "shifted by an eighth": lambda image, generator: image.crop((image.width // 8, 0, image.width, image.height)),
    "translated (prior)": translate,
    "cropped, mirrored, inverted": lambda image, generator: ImageOps.invert(ImageOps.mirror(crop(image, generator))),
}


def draw(data: Path, patterns: tuple[str, ...], count: int, seed: int = 1) -> list[Image.Image]:
    """Images, as many of each pattern as there are, in turn."""
    rows = [sorted(data.glob(pattern)) for pattern in patterns]
    for row in rows:
        random.Random(seed).shuffle(row)
    turns = [row[place] for place in range(max(map(len, rows))) for row in rows if place < len(row)]
    return [load_rgb(path) for path in turns[:count]]


def main() -> None:
    """A row a change, then the unrelated ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--others", type=int, default=150)
    parser.add_argument("--seed", type=int, default=2, help="thresholds were set on the images that 1 draws")
    given = parser.parse_args()
    tested, others = (
        draw(given.data, patterns, count, given.seed)
        for patterns, count in ((TEST, given.images), (OTHERS, given.others))
    )
    gallery, begun = Gallery(tested), time.process_time()
    asked = found = 0
    for name, change in CHANGES.items():
        hits = [gallery.find(change(image, random.Random(f"{name} {k}"))) for k, image in enumerate(tested)]
        asked, found = asked + len(hits), found + sum(hit is not None for hit in hits)
        least = min((hit.agreement for hit in hits if hit), default=0)
        print(f"{name:<28} {sum(hit is not None for hit in hits):>4} of {len(hits)}, least agreement {least:.2f}")
    wrong = [gallery.find(image) for image in others]
    spent = (time.process_time() - begun) / (asked + len(others))
    print(
        f"planted: {found} of {asked} found; unrelated: {sum(hit is not None for hit in wrong)} of {len(others)} taken"
    )
    print(f"{spent:.3f} s of the processor a training image, against {len(tested)} test images")


if __name__ == "__main__":
    main()
