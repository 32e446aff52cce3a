"""How long consort-trainer takes from its start to its first answer, sandbox, LibTorch and recordings included."""

import json
import shutil
import struct
import wave

from processes import MeasurementFailed, run
from rows import Row

REPETITIONS = 5  # the best counts, for others use the machine too
START_TARGET = 1.0
RECORDINGS, SECONDS, RATE_HZ = 12, 10, 44100

CONFIG = """[collection]
recordings = "{folder}/recordings"
consent = "declared-by-operator"
[state]
directory = "{folder}/state"
[training]
threads = 1
"""


def _write_recordings(folder):
    """Sawtooth waves of different pitches, two minutes in all."""
    folder.mkdir(parents=True)
    for number in range(RECORDINGS):
        period = 60 + 7 * number
        cycle = b"".join(struct.pack("<h", int(16000 * (2 * i / period - 1))) for i in range(period))
        with wave.open(str(folder / f"{number}.wav"), "wb") as file:
            file.setparams((1, 2, RATE_HZ, 0, "NONE", "not compressed"))
            file.writeframes(cycle * (SECONDS * RATE_HZ // period))


def _start(bench, folder):
    command = [str(bench.programs / "bench_cold_start"), "--trainer", str(bench.programs / "consort-trainer")]
    command += ["--config", str(folder / "trainer.toml"), "--socket", str(folder / "trainer.sock")]
    figures = json.loads(run(command))
    if figures["recordings"] != RECORDINGS:
        raise MeasurementFailed(f"the trainer describes {figures['recordings']} recordings, not {RECORDINGS}")
    return figures["seconds"]


def measure(bench):
    folder = bench.scratch / "start"
    _write_recordings(folder / "recordings" / "tradition")
    (folder / "trainer.toml").write_text(CONFIG.format(folder=folder), encoding="utf-8")
    first, again = [], []
    for _ in range(REPETITIONS):
        shutil.rmtree(folder / "state", ignore_errors=True)
        first.append(_start(bench, folder))
        again.append(_start(bench, folder))
    shutil.rmtree(folder)
    return [
        Row("trainer-start", min(again), "s", START_TARGET),
        Row("trainer-start-new-collection", min(first), "s", START_TARGET),
    ]
