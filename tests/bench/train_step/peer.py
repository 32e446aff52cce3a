#!/usr/bin/python3 -B
"""peer.py SIZE STEPS THREADS ROWS SAMPLES: times training steps of a size of rave.py in PyTorch, optimiser included.
Prints {"seconds": of the quickest step, "peak_mb": of the process}."""

import json
import pathlib
import resource
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "node" / "trainer" / "reference"))

import torch

import rave


def main():
    size = getattr(rave, sys.argv[1])
    steps, threads, rows, samples = map(int, sys.argv[2:])
    torch.set_num_threads(threads)
    weights = rave.example_weights(size, torch.float32)
    bank = rave.FilterBank(torch.float32)
    audio = rave.example_audio(rows, samples, torch.float32)
    optimiser = torch.optim.Adam(weights.values(), lr=1e-4, betas=(0.5, 0.9))
    quickest = float("inf")
    for step in range(steps):
        start = time.monotonic()
        optimiser.zero_grad()
        rave.loss(size, weights, bank, audio, step).backward()
        optimiser.step()
        quickest = min(quickest, time.monotonic() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"seconds": quickest, "peak_mb": round(peak, 1)}))


main()
