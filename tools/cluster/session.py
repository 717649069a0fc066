"""Ray, joined for as long as a command needs it, and silent: nothing of it is counted elsewhere or printed."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from tools.cluster.settings import ClusterSettings
from tools.errors import MissingError, ToolkitError, join_lines
from tools.registry.extras import require

QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0", "RAY_DEDUP_LOGS": "0"}
STORE_BYTES = 100 * 1024**2
"""Shared memory of a cluster that is begun here: what travels is small."""
REACH_SECONDS = 5.0
AUTO = "auto"
RAY_PORT = 6379


class Needs(NamedTuple):
    """What an actor takes of its node."""

    cpus: float
    gpus: float


@contextmanager
def join_cluster(settings: ClusterSettings) -> Iterator[None]:
    """Join the cluster that the settings name, or begin one here that ends with the block.

    A program that has joined one already stays in it.

    Raises:
        MissingError: Ray is not installed, or there is no cluster at the address.
        ToolkitError: it cannot be joined.
    """
    os.environ.update({name: os.environ.get(name, value) for name, value in QUIET.items()})
    require("ray", "--executor ray")
    import ray

    if ray.is_initialized():
        yield
        return
    address = settings.address or os.environ.get("RAY_ADDRESS")
    _reach(address)
    try:
        with _keeping_signals():
            _join(ray, address, settings)
    except Exception as error:
        raise _explain(address, error) from error
    try:
        yield
    finally:
        with _keeping_signals():
            ray.shutdown()


def _join(ray: Any, address: str | None, settings: ClusterSettings) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL, "configure_logging": True}
    if address is not None:
        ray.init(address=address, **quiet)
        return
    cpus = max(os.cpu_count() or 1, -int(-(settings.actors or 0) * settings.cpus // 1))
    ray.init(address="local", num_cpus=cpus, include_dashboard=False, object_store_memory=STORE_BYTES, **quiet)


def _explain(address: str | None, error: Exception) -> ToolkitError:
    if address is None:
        return ToolkitError(f"no cluster could be begun on this machine: {join_lines(error)}")
    kind = MissingError if isinstance(error, ConnectionError) else ToolkitError
    return kind(
        f"--address {address}: this cluster cannot be joined: {join_lines(error)}; begin one with "
        "`ray start --head --port 6379`, or leave --address out to work on this machine alone"
    )


def _reach(address: str | None) -> None:
    """Ray itself waits a minute for a cluster that is not there."""
    if address is None or address == AUTO or "://" in address:
        return
    host, _, port = address.rpartition(":") if ":" in address else (address, "", str(RAY_PORT))
    try:
        socket.create_connection((host, int(port)), REACH_SECONDS).close()
    except (OSError, ValueError) as error:
        raise _explain(address, ConnectionError(str(error))) from error


@contextmanager
def _keeping_signals() -> Iterator[None]:
    """Ray has an answer of its own to SIGTERM; the command's stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def choose_needs(settings: ClusterSettings, has_models: bool) -> Needs:
    """What each actor takes; where nobody said how much of a GPU, a whole one if there are any and models want one."""
    if settings.gpus is not None:
        return Needs(settings.cpus, settings.gpus)
    return Needs(settings.cpus, 1.0 if has_models and sum_resource("GPU") >= 1 else 0.0)


def sum_resource(name: str) -> float:
    """How much of a resource the nodes that are up have."""
    return float(sum(node["Resources"].get(name, 0.0) for node in list_nodes()))


def list_nodes() -> list[dict[str, Any]]:
    """The nodes that are up, as Ray describes them."""
    import ray

    nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    return [node for node in nodes if node["Alive"]]


def count_room(needs: Needs) -> int:
    """How many actors there is room for on the nodes that are up.

    Raises:
        MissingError: for none.
    """
    room = sum(_count_on(node["Resources"], needs) for node in list_nodes())
    if room < 1:
        raise MissingError(
            f"no node of the cluster has room for an actor of {needs.cpus:g} processors and {needs.gpus:g} GPUs; the "
            f"cluster has {sum_resource('CPU'):g} and {sum_resource('GPU'):g}"
        )
    return room


def _count_on(resources: dict[str, float], needs: Needs) -> int:
    by_cpu = resources.get("CPU", 0.0) // needs.cpus
    by_gpu = resources.get("GPU", 0.0) * round(1 / needs.gpus) if 0 < needs.gpus < 1 else by_cpu
    if needs.gpus >= 1:
        by_gpu = resources.get("GPU", 0.0) // needs.gpus
    return int(min(by_cpu, by_gpu))
