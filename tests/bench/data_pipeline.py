"""How many times as fast as rave-tiny learns, recordings become batches, and what its steps wait for them."""

import json
import shutil

from processes import run
from rows import Row

REPETITIONS = 2  # the best of each counts, for others use the machine too
DELIVERED_TARGET = 5  # times what rave-tiny consumes
WAITING_TARGET = 2  # percent of a step
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# Recordings that stay decoded in memory, and recordings too long for that, read anew for every window.
CASES = {"short": ("--recordings", "40", "--seconds", "60"), "long": ("--recordings", "2", "--seconds", "900")}


def measure(bench):
    return [row for name in CASES for row in _measure_case(bench, name)]


def _once(bench, name):
    folder = bench.scratch / "pipeline"
    command = [str(bench.programs / "bench_data_pipeline"), "--folder", str(folder), *CASES[name]]
    figures = json.loads(run(command, limit_seconds=300, environment=ONE_THREAD))
    shutil.rmtree(folder)
    return figures


def _measure_case(bench, name):
    results = [_once(bench, name) for _ in range(REPETITIONS)]
    consumed = max(result["audio_per_step"] / result["step_seconds"] for result in results)

    def delivered(member):
        return max(result[member] for result in results) / consumed

    def least_percent(member):
        return 100 * min(result[member] for result in results)

    prefix = f"data-pipeline-{name}"
    return [
        Row(prefix, delivered("audio_per_second"), "x rave-tiny", DELIVERED_TARGET, more_is_better=True),
        Row(f"{prefix}-first", delivered("cold_audio_per_second"), "x rave-tiny", DELIVERED_TARGET, more_is_better=True),
        Row(f"{prefix}-waiting", least_percent("waiting"), "% of a step", WAITING_TARGET),
        Row(f"{prefix}-augmenting", least_percent("augmenting"), "% of a step"),
    ]
