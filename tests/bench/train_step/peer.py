#!/usr/bin/python3 -B
"""peer.py SIZE STEPS THREADS ROWS SAMPLES [generator|discriminators]: times training steps of a size of rave.py in
PyTorch, optimiser included; with a last argument such turns of the adversarial phase. Prints {"seconds": of the quickest
step, "peak_mb": of the process}."""

import json
import pathlib
import resource
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "node" / "trainer" / "reference"))

import torch

import rave


class Program:
    """What a person who trains `size` in PyTorch would run."""

    def __init__(self, size, rows, samples, turn):
        self._size = size
        self._weights = rave.example_weights(size, torch.float32)
        self._bank = rave.FilterBank(torch.float32)
        self._audio = rave.example_audio(rows, samples, torch.float32)
        self._judges = rave.example_discriminators(size.capacity, torch.float32) if turn else None
        if turn == "generator":
            for weight in self._judges.values():
                weight.requires_grad_(False)
        self._loss = self._discriminator_loss if turn == "discriminators" else self._generator_loss
        trained = self._judges if turn == "discriminators" else self._weights
        self._optimiser = torch.optim.Adam(trained.values(), lr=1e-4, betas=(0.5, 0.9))

    def _generator_loss(self, seed):
        return rave.loss(self._size, self._weights, self._bank, self._audio, seed, self._judges)

    def _discriminator_loss(self, seed):
        target = self._audio[:, None]
        with torch.no_grad():
            said = rave.say(self._size, self._weights, self._bank, self._bank.analyse(target), seed)
        return rave.discriminator_loss(self._judges, target, said.audio)

    def step(self, number):
        self._optimiser.zero_grad()
        self._loss(number).backward()
        self._optimiser.step()


def main():
    size = getattr(rave, sys.argv[1])
    steps, threads, rows, samples = map(int, sys.argv[2:6])
    torch.set_num_threads(threads)
    program = Program(size, rows, samples, turn=sys.argv[6] if len(sys.argv) > 6 else "")
    quickest = float("inf")
    for step in range(steps):
        start = time.monotonic()
        program.step(step)
        quickest = min(quickest, time.monotonic() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"seconds": quickest, "peak_mb": round(peak, 1)}))


main()
