"""Training steps of the rave family, beside the same steps written in Python, and how fast it says audio again."""

import dataclasses
import json
import pathlib

from processes import run
from rows import Row

REPETITIONS = 3  # ours and the peer's in turn; the best of each counts, for others use the machine too
MEMORY_TARGET = 0.9
PEER = pathlib.Path(__file__).resolve().parent / "train_step" / "peer.py"
PYTHON = "/usr/bin/python3"  # Debian's, for which python3-torch is packaged
RATE_HZ = 44100
LIMIT_SECONDS = 300


@dataclasses.dataclass(frozen=True)
class Case:
    architecture: str
    size: str  # in the peer
    time_target: float
    rows: int
    samples: int
    steps: int
    threads: int
    turn: str = ""  # of the adversarial phase


# The windows are those the published recipe trains on, for rave-tiny those of its base model.
TINY = Case("rave-tiny", "TINY", 0.95, rows=4, samples=65536, steps=12, threads=1)
V2_SMALL = Case("rave-v2-small", "V2_SMALL", 1.0, rows=1, samples=131072, steps=4, threads=2)
V2 = Case("rave-v2", "V2", 1.0, rows=1, samples=131072, steps=4, threads=2)
TINY_TURNS = [dataclasses.replace(TINY, turn=turn) for turn in ("generator", "discriminators")]
REAL_TIME_TARGET = 14


def _threads(count):
    return {"OPENBLAS_NUM_THREADS": str(count), "OMP_NUM_THREADS": str(count)}


def _ours(bench, case, *more):
    program = [str(bench.programs / "bench_train_step"), "--architecture", case.architecture]
    sizes = ["--steps", case.steps, "--threads", case.threads, "--rows", case.rows, "--samples", case.samples]
    turn = ["--turn", case.turn] if case.turn else []
    return json.loads(run([*program, *map(str, sizes), *turn, *more], LIMIT_SECONDS, _threads(case.threads)))


def _peers(case):
    sizes = [case.steps, case.threads, case.rows, case.samples]
    turn = [case.turn] if case.turn else []
    return json.loads(run([PYTHON, str(PEER), case.size, *map(str, sizes), *turn], LIMIT_SECONDS, _threads(case.threads)))


def _measure_steps(bench, case):
    own, others = [], []
    for _ in range(REPETITIONS):
        own.append(_ours(bench, case))
        others.append(_peers(case))

    def best(results, member):
        return min(result[member] for result in results)

    time = best(own, "seconds") / best(others, "seconds")
    memory = best(own, "peak_mb") / best(others, "peak_mb")
    python = {"limit_name": "python3-torch"}
    name = f"train-step-{case.architecture}" + (f"-{case.turn}" if case.turn else "")
    return [
        Row(name, best(own, "seconds"), "s", limit=best(others, "seconds"), **python),
        Row(f"{name}-ratio", time, "x", case.time_target),
        Row(f"{name}-memory", best(own, "peak_mb"), "MB", limit=best(others, "peak_mb"), **python),
        Row(f"{name}-memory-ratio", memory, "x", MEMORY_TARGET),
    ]


def measure(bench):
    return _measure_steps(bench, TINY)


def measure_adversarial(bench):
    return [row for case in TINY_TURNS for row in _measure_steps(bench, case)]


def measure_v2_small(bench):
    return _measure_steps(bench, V2_SMALL)


def measure_v2(bench):
    return _measure_steps(bench, V2)


def measure_inference(bench):
    case = dataclasses.replace(V2, steps=20)
    seconds = min(_ours(bench, case, "--inference")["seconds"] for _ in range(REPETITIONS))
    faster = case.rows * case.samples / RATE_HZ / seconds
    return [Row("inference-rave-v2", faster, "x real time", REAL_TIME_TARGET, more_is_better=True)]
