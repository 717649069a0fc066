"""GPU hours and energy in a model's provenance: added up over a resume, `not measured` where nothing measures."""

import json
from types import SimpleNamespace

import pytest

from trainer.stages.callbacks.effort import FILE, EnergyCounters, MeasureEffort, describe_effort

STATE = SimpleNamespace(is_world_process_zero=True)
ARGUMENTS = SimpleNamespace(world_size=2)


class CountingLibrary:
    """Answers as NVML does: a return code, the value where a pointer points; every asking finds 500 J more."""

    def __init__(self, known=("GPU-a", "GPU-b"), has_counter=True):
        self.known, self.has_counter, self.millijoules = known, has_counter, 0

    def nvmlDeviceGetHandleByUUID(self, name, handle):  # noqa: N802 - NVML's name
        return 0 if name.decode() in self.known else 6

    def nvmlDeviceGetTotalEnergyConsumption(self, handle, found):  # noqa: N802
        self.millijoules += 500_000
        found._obj.value = self.millijoules
        return 0 if self.has_counter else 3


def train(folder, library, monkeypatch, devices=("GPU-a",), seconds=1800):
    """One that saves once and ends: two intervals of `seconds`."""
    clock = iter((0, seconds, 2 * seconds))
    monkeypatch.setattr("trainer.stages.callbacks.effort.time.monotonic", lambda: next(clock))
    measured = MeasureEffort(folder, devices, EnergyCounters(devices, library))
    measured.on_train_begin(ARGUMENTS, STATE, None)
    measured.on_save(ARGUMENTS, STATE, None)
    measured.on_train_end(ARGUMENTS, STATE, None)


def test_hours_and_energy_add_up_over_a_resume(tmp_path, monkeypatch):
    library = CountingLibrary()
    train(tmp_path, library, monkeypatch)
    assert describe_effort(tmp_path) == {"gpu_hours": 2.0, "energy_kwh": pytest.approx(1000 / 3.6e6, abs=1e-5)}
    train(tmp_path, library, monkeypatch)
    assert json.loads((tmp_path / FILE).read_text()) == {"gpu_hours": 4.0, "energy_joules": 2000.0}


@pytest.mark.parametrize("library", [CountingLibrary(known=()), CountingLibrary(has_counter=False)])
def test_a_gpu_without_a_counter_has_hours_and_no_energy(tmp_path, monkeypatch, library):
    train(tmp_path, library, monkeypatch, devices=("GPU-a", "GPU-c"))
    assert describe_effort(tmp_path) == {"gpu_hours": 2.0, "energy_kwh": "not measured"}


def test_on_a_cpu_nothing_is_measured_and_nothing_written(tmp_path, monkeypatch):
    train(tmp_path, None, monkeypatch, devices=())
    assert describe_effort(tmp_path) == {"gpu_hours": "not measured", "energy_kwh": "not measured"}
    assert not list(tmp_path.iterdir())
