"""Rendered pairs of visible and thermal scenes with exact temperatures: data that needs no download.

Colours, materials and printed text exist only in the visible image; temperatures decide the thermal one.
"""

from tools.scenes.layout import KINDS
from tools.scenes.render import Scene, render_pair
from tools.scenes.sensor import Sensor
from tools.scenes.subject import SceneObject
from tools.scenes.write import ScenesSummary, render_scenes

__all__ = ["KINDS", "Scene", "SceneObject", "ScenesSummary", "Sensor", "render_pair", "render_scenes"]
