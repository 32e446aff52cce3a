#!/usr/bin/python3 -B
"""Prints, for each kind of layer that takes an adapter, the gradients of sum(y * probe) by input, A and B, where
y = layer(x, W0 + SCALE * B A), computed by PyTorch's own autograd through the merged weight in double precision: the
table that tests/node/trainer/models/adapted_weight_reference.h holds. Each gradient is given by its norm and its
product with noise of unit gain."""

import torch

SCALE = 0.5
# name, shape of W0, shape of x, the layer
LAYERS = [
    ("conv", (4, 3, 4), (2, 3, 12), lambda x, w: torch.nn.functional.conv1d(x, w, stride=2, padding=1)),
    ("dilated", (4, 3, 3), (2, 3, 12), lambda x, w: torch.nn.functional.conv1d(x, w, padding=3, dilation=3)),
    ("transposed", (4, 3, 4), (2, 4, 6), lambda x, w: torch.nn.functional.conv_transpose1d(x, w, stride=2, padding=1)),
    ("linear", (4, 3), (2, 5, 3), torch.nn.functional.linear),
]
RANK = 2


def noise(seed, shape):
    """The linear congruential generator of Numerical Recipes, which any language has."""
    values = []
    for _ in range(torch.Size(shape).numel()):
        seed = (seed * 1664525 + 1013904223) % 2**32
        values.append(seed / 2**31 - 1)
    return torch.tensor(values, dtype=torch.float64).view(shape)


def main():
    torch.set_num_threads(1)
    for name, weight_shape, x_shape, layer in LAYERS:
        base = noise(1, weight_shape)
        columns = base[0].numel()
        leaves = [noise(2, (RANK, columns)), noise(3, (weight_shape[0], RANK)), noise(4, x_shape)]
        for leaf in leaves:
            leaf.requires_grad_(True)
        a, b, x = leaves
        y = layer(x, base + SCALE * (b @ a).view(weight_shape))
        loss = (y * noise(5, y.shape)).sum()
        loss.backward()
        figures = [loss.item()]
        for number, leaf in enumerate(leaves):
            probe = noise(6 + number, leaf.shape)
            figures += [leaf.grad.norm().item(), (leaf.grad * probe).sum().item()]
        print(f'    {{"{name}", ' + ", ".join(f"{figure:.10g}" for figure in figures) + "},")


main()
