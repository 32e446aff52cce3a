"""Every measurement that tests/bench/run knows. To add one: a module with a function that takes the Bench and
returns a list of Row, and one line here."""

import dataclasses
from typing import Callable

import adapter_step
import cold_start
import data_pipeline
import fold
import idle
import ledger
import ledger_writer
import presence
import restart
import rounds
import train_step


@dataclasses.dataclass(frozen=True)
class Measurement:
    name: str
    measure: Callable
    programs: tuple  # what must be built for it


FEDERATION = ("consort", "consort-coordinator", "consort-node", "consort-null-trainer")

MEASUREMENTS = (
    Measurement("fold", fold.measure, ("bench_fold",)),
    Measurement("round-4mb", rounds.measure_small, FEDERATION + ("bench_floor",)),
    Measurement("round-100mb", rounds.measure_large, FEDERATION + ("bench_floor",)),
    Measurement("memory", rounds.measure_memory, FEDERATION),
    Measurement("ledger-1m", ledger.measure, ("bench_ledger",)),
    Measurement("idle-200", idle.measure, FEDERATION + ("bench_idle_nodes",)),
    Measurement("cut-noticed", presence.measure_cut, FEDERATION),
    Measurement("silent-noticed", presence.measure_silent, FEDERATION),
    Measurement("restart-resume", restart.measure, FEDERATION),
    Measurement("train-step-rave-tiny", train_step.measure, ("bench_train_step",)),
    Measurement("train-step-rave-v2-small", train_step.measure_v2_small, ("bench_train_step",)),
    Measurement("train-step-rave-v2", train_step.measure_v2, ("bench_train_step",)),
    Measurement("inference-rave-v2", train_step.measure_inference, ("bench_train_step",)),
    Measurement("train-step-adversarial", train_step.measure_adversarial, ("bench_train_step",)),
    Measurement("data-pipeline", data_pipeline.measure, ("bench_data_pipeline",)),
    Measurement("trainer-start", cold_start.measure, ("consort-trainer", "bench_cold_start")),
    Measurement("ledger-writer", ledger_writer.measure, ("bench_ledger_writer",)),
    Measurement("adapter-step", adapter_step.measure, ("bench_adapter_step",)),
)
