"""The demonstrations of the Makefile: what they would run, without running it."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from sensor_run import configure_sensor

ROOT = Path(__file__).resolve().parents[1]


def test_the_thermal_demonstration_renders_its_scenes_and_downloads_nothing():
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    shown = subprocess.run(["make", "-n", "demo-thermal"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines = re.sub(r"\\\n\s*", "", shown).splitlines()
    commands = [shlex.split(line) for line in lines if " -m tools " in line or " -m agents " in line]
    scenes, run = (command[3:] for command in commands)
    assert scenes[0] == "scenes"
    flags = dict(zip(run[1::2], run[2::2], strict=False))
    assert flags["--sensor-images"].startswith(scenes[scenes.index("--out") + 1])
    own = configure_sensor(ROOT / "runs")
    assert flags["--unit"] == own.choose("translator").read().unit and flags["--mix"] == own.mix
