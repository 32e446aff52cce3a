"""Training steps of rave-tiny on one thread, beside the same steps written in Python."""

import json
import pathlib

from processes import run
from rows import Row

REPETITIONS = 3  # ours and the peer's in turn; the best of each counts, for others use the machine too
STEPS = 12
TIME_TARGET = 0.95
MEMORY_TARGET = 0.9
PEER = pathlib.Path(__file__).resolve().parent / "train_step" / "peer.py"
PYTHON = "/usr/bin/python3"  # Debian's, for which python3-torch is packaged
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def measure(bench):
    ours = [str(bench.programs / "bench_train_step"), "--steps", str(STEPS)]
    peer = [PYTHON, str(PEER), str(STEPS)]
    own, others = [], []
    for _ in range(REPETITIONS):
        own.append(json.loads(run(ours, environment=ONE_THREAD)))
        others.append(json.loads(run(peer, environment=ONE_THREAD)))

    def best(results, member):
        return min(result[member] for result in results)

    time = best(own, "seconds") / best(others, "seconds")
    memory = best(own, "peak_mb") / best(others, "peak_mb")
    python = {"limit_name": "python3-torch"}
    return [
        Row("train-step-rave-tiny", best(own, "seconds"), "s", limit=best(others, "seconds"), **python),
        Row("train-step-rave-tiny-ratio", time, "x", TIME_TARGET),
        Row("train-step-rave-tiny-memory", best(own, "peak_mb"), "MB", limit=best(others, "peak_mb"), **python),
        Row("train-step-rave-tiny-memory-ratio", memory, "x", MEMORY_TARGET),
    ]
