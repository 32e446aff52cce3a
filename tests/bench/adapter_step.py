"""Training steps of adapters of rank 8 on one thread, beside steps of the whole model: time, memory and values sent.
Time is the processor's, memory the process's."""

import json

from processes import run
from rows import Row

REPETITIONS = 3  # of each in turn; the best counts, for others use the machine too
WINDOWS = {"rave-v2-small": ("2", "65536"), "rave-v2": ("1", "131072")}  # rows and samples of a batch
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
VARIANTS = {"full": ("--rank", "0"), "a": ("--rank", "8", "--train-a"), "b": ("--rank", "8")}
TIME_TARGET = 0.9
MEMORY_TARGET = 0.95
VALUES_TARGET = 1 / 50


def measure(bench):
    return [row for architecture in WINDOWS for row in measure_size(bench, architecture)]


def measure_size(bench, architecture):
    rows, samples = WINDOWS[architecture]
    program = [str(bench.programs / "bench_adapter_step"), "--architecture", architecture, "--rows", rows]
    results = {name: [] for name in VARIANTS}
    for _ in range(REPETITIONS):
        for name, options in VARIANTS.items():
            command = [*program, "--samples", samples, *options]
            results[name].append(json.loads(run(command, environment=ONE_THREAD)))

    def best(name, member):
        return min(result[member] for result in results[name])

    def slower(member):
        return max(best(factor, member) / best("full", member) for factor in ("a", "b"))

    # Rounds take turns, so what is sent is the mean of both factors.
    sent = sum(best(factor, "values") for factor in ("a", "b")) / 2 / best("full", "values")
    return [
        Row(f"adapter-step-{architecture}-time", slower("seconds"), "x", TIME_TARGET),
        Row(f"adapter-step-{architecture}-memory", slower("peak_mb"), "x", MEMORY_TARGET),
        Row(f"adapter-step-{architecture}-values", sent, "x", VALUES_TARGET),
    ]
