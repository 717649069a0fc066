"""Clusters of several nodes on this machine, for tests and benchmarks, and ways to hurt them."""

import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psutil

STORE_BYTES = 80 * 1024**2
QUIET = {"log_to_driver": False, "logging_level": logging.CRITICAL}
ATTEMPTS = 3
LATE = "timed out during startup"
STATION = "Station"
"""In the title of an actor's process; Ray's own have others."""


class Machines:
    """A head without room for actors, and nodes with one processor each."""

    def __init__(self, nodes: int) -> None:
        from ray.cluster_utils import Cluster

        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": STORE_BYTES}
        self._cluster = _begin(lambda: Cluster(initialize_head=True, head_node_args=head))
        self.address: str = self._cluster.address
        self._nodes: list[Any] = [self._add() for _ in range(nodes)]

    def _add(self) -> Any:
        return _begin(lambda: self._cluster.add_node(num_cpus=1, num_gpus=0, object_store_memory=STORE_BYTES))

    def replace_node(self, place: int) -> None:
        """A node goes without a word, and another one comes."""
        self._cluster.remove_node(self._nodes.pop(place % len(self._nodes)), allow_graceful=False)
        self._nodes.append(self._add())

    def list_processes(self) -> list[psutil.Process]:
        """Everything that runs for this cluster: actors, and Ray's own."""
        own = [kind.process.pid for node in self._cluster.list_all_nodes() for kinds in node.all_processes.values()
               for kind in kinds]  # fmt: skip
        found = []
        for pid in own:
            with contextlib.suppress(psutil.Error):
                found += [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
        return found

    def list_actors(self) -> list[psutil.Process]:
        """The processes of this cluster's actors."""
        return [process for process in self.list_processes() if _is_actor(process)]

    def kill_actor(self, place: int, number: int = signal.SIGKILL) -> bool:
        """Kill one actor's process; whether there was one."""
        actors = self.list_actors()
        if actors:
            with contextlib.suppress(psutil.Error):
                actors[place % len(actors)].send_signal(number)
        return bool(actors)

    def close(self) -> None:
        self._cluster.shutdown()


def _begin(make: Callable[[], Any]) -> Any:
    """Ray gives up on a node that is not up after half a minute, which a busy machine may need: a test is skipped."""
    for left in reversed(range(ATTEMPTS)):
        try:
            return make()
        except Exception as error:
            if LATE not in str(error) or (not left and "pytest" not in sys.modules):
                raise
    return sys.modules["pytest"].skip("Ray's own processes do not come up in time on a machine this busy")


def _is_actor(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return STATION in " ".join(process.cmdline()[:1])
    return False


@contextlib.contextmanager
def machines(nodes: int = 3) -> Iterator[Machines]:
    """A cluster, ended with the block."""
    running = Machines(nodes)
    try:
        yield running
    finally:
        running.close()


@contextlib.contextmanager
def joined(address: str) -> Iterator[None]:
    """This process in a cluster: commands in it stay in there, and need not join anew."""
    import ray

    ray.init(address=address, **QUIET)
    try:
        yield
    finally:
        ray.shutdown()
