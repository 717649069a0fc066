"""What a training took of the GPUs: hours by the clock, energy by their own counters; on a CPU nothing is measured.

The counters are read from the driver's library (NVML), which every NVIDIA driver brings. They are added up in
`effort.json` at each checkpoint, so that a resumed run counts what it had trained before.
"""

import ctypes
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from tools.files import write_text
from tools.files.json_text import find_object

FILE = "effort.json"
LIBRARY = "libnvidia-ml.so.1"
NOT_MEASURED = "not measured"
JOULES_PER_KWH = 3.6e6
DIGITS = 5


class EnergyCounters:
    """The energy that GPUs have used since their driver was loaded.

    Args:
        devices: as NVML names them, e.g. `GPU-8f2c...`.
        library: NVML; None loads the driver's.
    """

    def __init__(self, devices: Sequence[str], library: Any = None) -> None:
        self._devices = devices
        self._library = load_nvml() if library is None else library

    def read_joules(self) -> float | None:
        """The sum over the devices; None where one has no counter, or there is no NVML."""
        found = [self._read(name) for name in self._devices] if self._library is not None else []
        return sum(each for each in found if each is not None) if found and None not in found else None

    def _read(self, name: str) -> float | None:
        handle, millijoules = ctypes.c_void_p(), ctypes.c_ulonglong()
        library = self._library
        if library.nvmlDeviceGetHandleByUUID(name.encode(), ctypes.byref(handle)):
            return None
        if library.nvmlDeviceGetTotalEnergyConsumption(handle, ctypes.byref(millijoules)):
            return None
        return millijoules.value / 1000


def load_nvml() -> Any:
    """NVML, ready to be asked; None where no driver brought it."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    return None if library.nvmlInit_v2() else library


def name_devices() -> list[str]:
    """The GPUs that this machine's processes train on, as NVML names them; none on a CPU."""
    import torch

    if not torch.cuda.is_available():
        return []
    count = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return [f"GPU-{torch.cuda.get_device_properties(number).uuid}" for number in range(count)]


class MeasureEffort(TrainerCallback):
    """Adds up seconds and energy, and writes both whenever a checkpoint is saved and at the end."""

    def __init__(self, folder: Path, devices: Sequence[str], counters: EnergyCounters) -> None:
        self._path, self._devices, self._counters = folder / FILE, devices, counters
        self._clock = 0.0
        self._joules: float | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """From now on."""
        self._clock, self._joules = time.monotonic(), self._counters.read_joules()

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """What was trained until here is kept."""
        self._add(state, args.world_size)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """And the rest."""
        self._add(state, args.world_size)

    def _add(self, state: Any, processes: int) -> None:
        if not self._devices or not state.is_world_process_zero:
            return
        now, joules = time.monotonic(), self._counters.read_joules()
        known = find_object(self._path)
        hours = float(known.get("gpu_hours", 0)) + (now - self._clock) / 3600 * processes
        before, used = known.get("energy_joules", 0.0), None
        if joules is not None and self._joules is not None and before is not None:
            used = before + joules - self._joules
        write_text(self._path, json.dumps({"gpu_hours": hours, "energy_joules": used}) + "\n")
        self._clock, self._joules = now, joules


def measure_effort(folder: Path) -> MeasureEffort:
    """The callback of a stage that writes to a folder, on the GPUs of this machine."""
    devices = name_devices()
    return MeasureEffort(folder, devices, EnergyCounters(devices))


def describe_effort(folder: Path) -> dict[str, float | str]:
    """GPU hours and kWh of a stage's training, for its provenance: a number, or `not measured`."""
    found = find_object(folder / FILE)
    hours, joules = found.get("gpu_hours"), found.get("energy_joules")
    return {
        "gpu_hours": NOT_MEASURED if hours is None else round(hours, DIGITS),
        "energy_kwh": NOT_MEASURED if joules is None else round(joules / JOULES_PER_KWH, DIGITS),
    }
