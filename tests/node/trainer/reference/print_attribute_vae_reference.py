#!/usr/bin/python3 -B
"""Prints the loss and gradients of one training step of attribute-vae, computed by attribute_vae.py in double precision,
as the table that tests/node/trainer/models/attribute_vae_reference.h holds: one line a weight with the gradient's norm
and its product with noise of unit gain. And the reconstruction of one patch without chance."""

import torch

import attribute_vae

SEED, KL_WEIGHT, ATTRIBUTE_WEIGHT, SHARPNESS = 7, 0.01, 0.5, 2
PROBE_SEED = 2000


def main():
    torch.set_num_threads(1)
    weights = attribute_vae.example_weights(torch.float64)
    patches = attribute_vae.patches_of(attribute_vae.example_audio())
    loss = attribute_vae.loss(weights, patches, attribute_vae.RANKS, SEED, KL_WEIGHT, ATTRIBUTE_WEIGHT, SHARPNESS)
    loss.backward()
    print(f"// loss {loss.item():.8g}")
    for number, (name, weight) in enumerate(weights.items()):
        probe = torch.tensor(attribute_vae.noise_of(PROBE_SEED + number, weight.numel(), 1), dtype=torch.float64)
        product = torch.dot(weight.grad.flatten(), probe).item()
        print(f'    {{"{name}", {weight.grad.norm().item():.7g}, {product:.7g}}},')
    mean, _ = attribute_vae.encode(weights, patches)
    print("// means of the first patch: " + ", ".join(f"{x:.7g}" for x in mean[0, :8].tolist()))


main()
