"""What 200 nodes that do nothing cost the coordinator."""

import json
import subprocess
import time

from federation import CONNECT_LIMIT_SECONDS, Federation
from processes import MeasurementFailed
from rows import Row

NODES = 200
WATCHED_SECONDS = 20
SETTLE_SECONDS = 4  # one heartbeat of every node
KIB = 1024


class _Sessions:
    """The program that enrols NODES archives and holds a connection for each, told what to do line by line."""

    def __init__(self, bench, federation):
        command = [str(bench.programs / "bench_idle_nodes"), "--profile", federation.profile]
        command += ["--directory", str(federation.folder / "idle"), "--nodes", str(NODES)]
        with open(federation.folder / "idle.log", "wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._process.stdin.close()
        try:
            self._process.wait(CONNECT_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def tell(self, order):
        """Gives an order and waits until it is done; the program bounds its own waits."""
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        if answer != "done":
            raise MeasurementFailed(f"bench_idle_nodes: {order}: {answer or 'ended'}")


def _growth_kib_each(federation, sessions, order):
    """Returns the coordinator's growth for each connection that `order` opens, in KiB."""
    federation.restart_coordinator()
    federation.consort("node", "list")  # what the first caller costs is nobody's share
    before = federation.coordinator.memory_mb("VmRSS")
    sessions.tell(order)
    time.sleep(SETTLE_SECONDS)
    return (federation.coordinator.memory_mb("VmRSS") - before) * 1e6 / KIB / NODES


def _processor_share(coordinator):
    start, used = time.monotonic(), coordinator.processor_seconds()
    time.sleep(WATCHED_SECONDS)
    return 100 * (coordinator.processor_seconds() - used) / (time.monotonic() - start)


def measure(bench):
    with Federation(bench, "idle-200") as federation, _Sessions(bench, federation) as sessions:
        sessions.tell("enrol")
        bare = _growth_kib_each(federation, sessions, "watch-health")
        sessions.tell("disconnect")
        growth = _growth_kib_each(federation, sessions, "connect")
        share = _processor_share(federation.coordinator)
        sessions.tell("disconnect")
    return [
        Row("idle-200-memory", growth, "KiB/node", 160, limit=bare, limit_name="bare gRPC stream over mTLS"),
        Row("idle-200-processor", share, "% of a core", 2),
    ]
