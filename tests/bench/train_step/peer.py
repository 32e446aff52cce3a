#!/usr/bin/python3 -B
"""peer.py STEPS: times training steps of rave-tiny in PyTorch, optimiser included, on one thread. Prints
{"seconds": of the quickest step, "peak_mb": of the process}."""

import json
import pathlib
import resource
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "node" / "trainer" / "reference"))

import torch

import rave_tiny

ROWS, SAMPLES = 4, 65536


def main():
    torch.set_num_threads(1)
    weights = rave_tiny.example_weights(torch.float32)
    bank = rave_tiny.FilterBank(torch.float32)
    audio = rave_tiny.example_audio(ROWS, SAMPLES, torch.float32)
    optimiser = torch.optim.Adam(weights.values(), lr=1e-4, betas=(0.5, 0.9))
    quickest = float("inf")
    for step in range(int(sys.argv[1])):
        start = time.monotonic()
        optimiser.zero_grad()
        rave_tiny.loss(weights, bank, audio, step).backward()
        optimiser.step()
        quickest = min(quickest, time.monotonic() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"seconds": quickest, "peak_mb": round(peak, 1)}))


main()
