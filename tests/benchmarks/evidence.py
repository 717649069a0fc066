"""What measuring an image costs: CPU milliseconds of a 640x512 picture with ten boxes.

PYTHONPATH=. .venv/bin/python tests/benchmarks/evidence.py
"""

import time

import numpy as np

from tools.evidence import Levels, measure

ROUNDS, IMAGES, OBJECTS = 5, 20, 10


def draw(seed: int) -> tuple[np.ndarray, list[tuple[float, float, float, float]]]:
    """A noisy picture with ten brighter boxes."""
    random = np.random.default_rng(seed)
    image = random.integers(60, 120, (512, 640), dtype=np.uint8)
    boxes = []
    for _ in range(OBJECTS):
        x, y, width, height = (int(value) for value in random.integers((0, 0, 20, 20), (500, 400, 120, 100)))
        image[y : y + height, x : x + width] += np.uint8(random.integers(0, 120))
        boxes.append((float(x), float(y), float(x + width), float(y + height)))
    return image, boxes


def main() -> None:
    """Print the least of several rounds, of 8-bit levels and of float32 temperatures."""
    pictures = [draw(seed) for seed in range(IMAGES)]
    for name, convert in (("8 bit", lambda image: image), ("float32", lambda image: image.astype(np.float32))):
        least = float("inf")
        for _ in range(ROUNDS):
            begun = time.process_time()
            for image, boxes in pictures:
                measure(Levels(convert(image)), boxes)
            least = min(least, (time.process_time() - begun) / IMAGES)
        print(f"{name}: {1000 * least:.1f} CPU ms an image")


if __name__ == "__main__":
    main()
