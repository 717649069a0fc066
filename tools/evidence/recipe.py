"""The recipe: every threshold that turns pixels into a fact, with a version that each fact carries.

Measured on FLIR, HIT-UAV, LLVIP, MSRS, RoadScene, TNO and M3FD: of 192 boxes of which the recipe says brighter or
darker, a reader who did not see the numbers called none the opposite; no sign flipped under gamma, JPEG, noise,
equalisation or another size, and every one flips under inversion. A change of any number is a new version.
"""

from typing import Final

VERSION: Final = "evidence-1"

CORE_SHARE: Final = 0.75
"""Width and height of the ellipse inside a box that stands for the object, as a share of the box."""
CORE_MARGIN: Final = 0.15
"""Share of a box cut off on each side where two objects, or two parts of one, are compared."""
RING_SHARE: Final = 0.5
RING_LEAST: Final = 4.0
"""The surroundings reach out by this share of the box's short side, at least so many pixels."""
GAP_SHARE: Final = 0.1
GAP_LEAST: Final = 1.0
"""Left out between object and surroundings, and around every other object."""

LEAST_CORE: Final = 6
LEAST_RING: Final = 20
LEAST_PART: Final = 12
"""Pixels below which nothing is said: of an object, of its surroundings, of a part of it."""

SURE_AUC: Final = 0.70
SURE_DIFFERENCE: Final = 0.05
"""Brighter: P(a pixel here > one there), and the difference of medians as a share of the span; darker mirrors it."""
THIRD_DIFFERENCE: Final = 0.10
"""Difference of medians between opposite thirds of the image."""
LEAD: Final = 0.03
"""By how much of the span the brightest object, or place, must exceed the next one."""
LEAST_DEGREES: Final = 1.0
"""Two temperatures nearer than this are not put in an order, whatever the span."""
PEAK_PERCENTILE: Final = 90
"""How bright an object is where objects are ranked."""
WINDOW_SHARE: Final = 0.02
WINDOW_LEAST: Final = 3
"""Side of the window whose mean is the brightest place, as a share of the long side; never a single pixel."""
SPAN_PERCENTILES: Final = (1.0, 99.0)
LEAST_KNOWN: Final = 0.99
"""Share of an image that must have been measured for its mean to be that of the image."""
MOST_RANKED: Final = 12
"""Objects, the largest first, that are compared with each other: 66 pairs at most."""
