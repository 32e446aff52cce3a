#!/usr/bin/python3 -B
"""print_step_reference.py [SIZE]: prints losses and gradients of training steps, computed by rave.py in double
precision, as tests/node/trainer/models/training_step_reference.h holds them: one line a weight with the gradient's norm
and its product with noise of unit gain. With a SIZE (V2, V2_SMALL, ...) those of phase 1 of that size alone."""

import sys

import torch

import rave

SEED, PROBE_SEED = 7, 2000
RECORDED_SEED, GENERATED_SEED, JUDGED_SAMPLES = 4000, 5000, 4001


def show(title, loss, weights):
    loss.backward()
    print(f"inline const ReferenceStep k{title} = {{\n    {loss.item():.8g},\n    {{")
    for number, (name, weight) in enumerate(weights.items()):
        probe = torch.tensor(rave.noise_of(PROBE_SEED + number, weight.numel(), 1), dtype=torch.float64)
        gradient = torch.zeros_like(weight) if weight.grad is None else weight.grad
        product = torch.dot(gradient.flatten(), probe).item()
        print(f'        {{"{name}", {gradient.norm().item():.7g}, {product:.7g}}},')
    print("    }};\n")


def phase_one(title, size, rows, samples):
    weights = rave.example_weights(size, torch.float64)
    audio = rave.example_audio(rows, samples, torch.float64)
    show(title, rave.loss(size, weights, rave.FilterBank(torch.float64), audio, SEED), weights)


def generators_turn(title, size, rows, samples):
    weights = rave.example_weights(size, torch.float64)
    discriminators = rave.example_discriminators(size.capacity, torch.float64)
    audio = rave.example_audio(rows, samples, torch.float64)
    bank = rave.FilterBank(torch.float64)
    show(title, rave.loss(size, weights, bank, audio, SEED, discriminators), weights)


def judged_audio(seed):
    values = rave.noise_of(seed, 2 * JUDGED_SAMPLES, 0.5)
    return torch.tensor(values, dtype=torch.float64).reshape(2, 1, JUDGED_SAMPLES)


def discriminators_turn(title, capacity):
    weights = rave.example_discriminators(capacity, torch.float64)
    loss = rave.discriminator_loss(weights, judged_audio(RECORDED_SEED), judged_audio(GENERATED_SEED))
    show(title, loss, weights)


def judgement(title, capacity):
    weights = rave.example_discriminators(capacity, torch.float64)
    generated = judged_audio(GENERATED_SEED).requires_grad_(True)
    show(title, rave.judge(weights, judged_audio(RECORDED_SEED), generated), {"generated": generated})


def main():
    torch.set_num_threads(1)
    if len(sys.argv) > 1:
        phase_one(sys.argv[1], getattr(rave, sys.argv[1]), 1, 131072)
        return
    phase_one("Tiny", rave.TINY, 2, 33 * 512)
    phase_one("NarrowV2Small", rave.NARROW_V2_SMALL, 1, 73 * 512)
    phase_one("NarrowV2", rave.NARROW_V2, 1, 35 * 2048)
    generators_turn("GeneratorsTurn", rave.NARROW_V2_SMALL, 2, 73 * 512)
    discriminators_turn("DiscriminatorsTurn", rave.NARROW_V2.capacity)
    judgement("Judgement", rave.NARROW_V2.capacity)


main()
