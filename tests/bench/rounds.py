"""Whole rounds of real daemons over mTLS, training itself taking no time, and the coordinator's memory."""

import json
import shutil

from federation import Federation, archive_names
from processes import run
from rows import Row

FLOAT_BYTES = 4
LARGE = 26_214_400  # coordinates: 100 MiB of float32
SMALL = 1_000_000  # 4 MB


def _run_rounds(bench, name, nodes, coordinates, rounds):
    """Returns the seconds of each round, from its opening to its close, and the coordinator's peak memory in MB."""
    archives = archive_names(nodes)
    with Federation(bench, name, coordinates) as federation:
        federation.enrol(archives)
        federation.restart_coordinator()
        federation.start_nodes(archives)
        record = federation.wait_for_job(federation.submit(rounds, quorum=nodes))
        seconds = [one["seconds"] for one in record["round_list"]]
        peak = federation.coordinator.memory_mb("VmHWM")
        bench.note(f"{name}: rounds {' '.join(f'{one:.2f}' for one in seconds)} s, coordinator's peak {peak:.0f} MB")
        return seconds, peak


def _floor_seconds(bench, nodes, coordinates):
    """What the same bytes cost at least: moved over TLS, hashed and stored, by threads that do nothing else."""
    folder = bench.scratch / "floor"
    folder.mkdir()
    command = [str(bench.programs / "bench_floor"), "--nodes", str(nodes)]
    command += ["--bytes", str(coordinates * FLOAT_BYTES), "--directory", str(folder)]
    seconds = json.loads(run(command))["seconds"]
    shutil.rmtree(folder)
    return seconds


def measure_large(bench):
    floor = _floor_seconds(bench, 4, LARGE)
    seconds, peak = _run_rounds(bench, "round-100mb", 4, LARGE, rounds=5)
    return [
        Row("round-100mb", min(seconds), "s", 2.5, limit=floor, limit_name="TLS, SHA-256 and disk alone"),
        Row("round-100mb-memory", peak, "MB", 300),
    ]


def measure_small(bench):
    floor = _floor_seconds(bench, 4, SMALL)
    seconds, _ = _run_rounds(bench, "round-4mb", 4, SMALL, rounds=8)
    return [Row("round-4mb", min(seconds), "s", 0.2, limit=floor, limit_name="TLS, SHA-256 and disk alone")]


def measure_memory(bench):
    """The coordinator's peak must not depend on the number of nodes."""
    peaks = {}
    for nodes in (2, 8, 32):
        _, peaks[nodes] = _run_rounds(bench, f"memory-{nodes}", nodes, LARGE, rounds=1)
    rows = [Row(f"memory-{nodes}-nodes", peak, "MB", 300) for nodes, peak in peaks.items()]
    return rows + [Row("memory-spread", max(peaks.values()) - min(peaks.values()), "MB", 80)]
