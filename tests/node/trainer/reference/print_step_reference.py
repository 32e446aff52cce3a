#!/usr/bin/python3 -B
"""Prints the loss and gradients of one training step of rave-tiny, computed by rave_tiny.py in double precision, as
the table that tests/node/trainer/models/rave_tiny_reference.h holds: one line a weight with the gradient's norm and
its product with noise of unit gain."""

import torch

import rave_tiny

ROWS, SAMPLES, SEED = 2, 33 * 512, 7
PROBE_SEED = 2000


def main():
    torch.set_num_threads(1)
    weights = rave_tiny.example_weights(torch.float64)
    audio = rave_tiny.example_audio(ROWS, SAMPLES, torch.float64)
    loss = rave_tiny.loss(weights, rave_tiny.FilterBank(torch.float64), audio, SEED)
    loss.backward()
    print(f"// loss {loss.item():.8g}")
    for number, (name, weight) in enumerate(weights.items()):
        probe = torch.tensor(rave_tiny.noise_of(PROBE_SEED + number, weight.numel(), 1), dtype=torch.float64)
        product = torch.dot(weight.grad.flatten(), probe).item()
        print(f'    {{"{name}", {weight.grad.norm().item():.7g}, {product:.7g}}},')


main()
