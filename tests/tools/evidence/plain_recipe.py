"""The recipe of evidence again, pixel by pixel with numpy's own functions: what the fast code is compared with.

Written from the description of the recipe and not from the code under test; slow, and only for tests.
"""

import numpy as np
from scipy.stats import mannwhitneyu


def share_above(one, other):
    """P(one > other) and half the ties: the statistic U of Mann and Whitney as a share of the pairs."""
    return mannwhitneyu(one, other, method="asymptotic").statistic / (one.size * other.size)


def span(image):
    low, high = np.nanpercentile(image, (1, 99))
    return max(high - low, 1)


def centres(image):
    ys, xs = np.indices(image.shape)
    return xs + 0.5, ys + 0.5


def decide(one, other, whole):
    auc, difference = share_above(one, other), (np.median(one) - np.median(other)) / span(whole)
    if auc >= 0.7 and difference >= 0.05:
        return "brighter"
    return "darker" if auc <= 0.3 and difference <= -0.05 else None


def surroundings(image, boxes, place):
    xs, ys = centres(image)
    x1, y1, x2, y2 = boxes[place]
    width, height = x2 - x1, y2 - y1
    short = min(width, height)
    reach, gap = max(short / 2, 4), max(short / 10, 1)
    core = ((xs - (x1 + x2) / 2) / (0.375 * width)) ** 2 + ((ys - (y1 + y2) / 2) / (0.375 * height)) ** 2 <= 1
    ring = (xs > int(x1 - reach)) & (xs < np.ceil(x2 + reach)) & (ys > int(y1 - reach)) & (ys < np.ceil(y2 + reach))
    if x1 - reach < 0:
        ring |= (xs < np.ceil(x2 + reach)) & (ys > max(0, int(y1 - reach))) & (ys < np.ceil(y2 + reach))
    if y1 - reach < 0:
        ring |= (ys < np.ceil(y2 + reach)) & (xs > max(0, int(x1 - reach))) & (xs < np.ceil(x2 + reach))
    ring &= (xs < x1 - gap) | (xs > x2 + gap) | (ys < y1 - gap) | (ys > y2 + gap)
    for number, (a, b, c, d) in enumerate(boxes):
        if number != place:
            ring &= ~((xs > a - gap) & (xs < c + gap) & (ys > b - gap) & (ys < d + gap))
    if core.sum() < 6 or ring.sum() < 20:
        return None
    return decide(image[core], image[ring], image)


def inner(image, box):
    x1, y1, x2, y2 = box
    dx, dy = 0.15 * (x2 - x1), 0.15 * (y2 - y1)
    return image[max(0, int(y1 + dy)) : int(np.ceil(y2 - dy)), max(0, int(x1 + dx)) : int(np.ceil(x2 - dx))].ravel()


def pair(image, one, other):
    here, there = inner(image, one), inner(image, other)
    return decide(here, there, image) if min(len(here), len(there)) >= 6 else None


def part(image, box, side):
    x1, y1, x2, y2 = box
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    halves = {
        "left": ((x1, y1, x, y2), (x, y1, x2, y2)),
        "right": ((x, y1, x2, y2), (x1, y1, x, y2)),
        "upper": ((x1, y1, x2, y), (x1, y, x2, y2)),
        "lower": ((x1, y, x2, y2), (x1, y1, x2, y)),
    }[side]
    here, there = (inner(image, half) for half in halves)
    return min(len(here), len(there)) >= 12 and decide(here, there, image) == "brighter"


def third(image, side):
    height, width = (length // 3 for length in image.shape)
    bands = {"upper": image[:height], "lower": image[-height:], "left": image[:, :width], "right": image[:, -width:]}
    opposite = {"upper": "lower", "lower": "upper", "left": "right", "right": "left"}
    return (np.median(bands[side]) - np.median(bands[opposite[side]])) / span(image) >= 0.1


def brightest_object(image, boxes, place):
    def peak(box):
        values = inner(image, box)
        if len(values) < 6:
            values = image[max(0, int(box[1])) : int(np.ceil(box[3])), max(0, int(box[0])) : int(np.ceil(box[2]))]
        return np.percentile(values, 90) if values.size else -np.inf

    peaks = [peak(box) for box in boxes]
    return (peaks[place] - max(peaks[:place] + peaks[place + 1 :])) / span(image) >= 0.03


def brightest_ninth(image):
    side = max(3, int(0.02 * max(image.shape)))
    padded = np.pad(image.astype(float), ((side // 2, side - 1 - side // 2),) * 2, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side)).mean((2, 3))
    rows, columns = (np.array_split(np.arange(length), 3) for length in image.shape)
    peaks = {
        (i, j): windows[np.ix_(row, column)].max() for i, row in enumerate(rows) for j, column in enumerate(columns)
    }
    first, second = sorted(peaks, key=peaks.get)[-1:-3:-1]
    if (peaks[first] - peaks[second]) / span(image) < 0.03:
        return None
    names = (("upper left", "upper middle", "upper right"), ("left middle", "middle", "right middle"),
             ("lower left", "lower middle", "lower right"))  # fmt: skip
    return names[first[0]][first[1]]


NINTHS = ("upper left", "upper middle", "upper right", "left middle", "middle", "right middle", "lower left",
          "lower middle", "lower right")  # fmt: skip


def ninths(image):
    parts = [part for band in np.array_split(image, 3) for part in np.array_split(band, 3, axis=1)]
    medians = [np.median(part) for part in parts]
    bright = max(range(9), key=lambda k: (medians[k], k))
    dark = min(range(9), key=lambda k: (medians[k], k))
    if (medians[bright] - medians[dark]) / span(image) < 0.1:
        return None
    if share_above(parts[bright].ravel(), parts[dark].ravel()) < 0.7:
        return None
    return f"{NINTHS[bright]} over {NINTHS[dark]}"


CHECKS = {
    "surroundings": lambda fact, image, boxes: surroundings(image, boxes, fact.subject) == fact.relation,
    "pair": lambda fact, image, boxes: pair(image, boxes[fact.subject], boxes[fact.other]) == fact.relation,
    "part": lambda fact, image, boxes: part(image, boxes[fact.subject], fact.relation),
    "third": lambda fact, image, boxes: third(image, fact.relation),
    "ninths": lambda fact, image, boxes: ninths(image) == fact.relation,
    "brightest_object": lambda fact, image, boxes: brightest_object(image, boxes, fact.subject),
    "brightest_place": lambda fact, image, boxes: brightest_ninth(image) == fact.relation,
}


def supports(fact, image, boxes):
    """Whether the pixels show what a fact says."""
    return CHECKS[fact.kind](fact, image, boxes)
