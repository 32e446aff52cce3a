"""The log-mel patches, network and loss of attribute-vae in numpy and plain PyTorch, written from the papers and
independently of the C++ code. Needs Debian's python3-torch.

Sources: mel scale of Slaney's Auditory Toolbox (Interval Research report 1998-010); variational auto-encoder, Kingma and
Welling 2014; attribute regularisation, Pati and Lerch 2021 (Neural Computing and Applications 33).
"""

import math

import numpy
import torch
import torch.nn.functional as F

RATE, TRANSFORM, HOP, FRAMES, BANDS, LATENTS = 44100, 2048, 512, 64, 64, 32
CHANNELS = (32, 64, 128, 128)


def mel_of(hertz):
    return hertz * 3 / 200 if hertz < 1000 else 15 + 27 * math.log(hertz / 1000) / math.log(6.4)


def hertz_of(mel):
    return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)


def mel_filters(low=30, high=16000):
    """[bands, bins]: triangles of height 1, at least a bin wide on either side."""
    corners = [hertz_of(m) for m in numpy.linspace(mel_of(low), mel_of(high), BANDS + 2)]
    width = RATE / TRANSFORM
    filters = numpy.zeros((BANDS, TRANSFORM // 2 + 1))
    for band in range(BANDS):
        left, centre, right = corners[band : band + 3]
        for k in range(TRANSFORM // 2 + 1):
            away = k * width - centre
            reach = max(centre - left, width) if away < 0 else max(right - centre, width)
            filters[band, k] = max(0, 1 - abs(away) / reach)
    return filters


def patches_of(audio):
    """[rows, FRAMES * HOP] -> [rows, 1, FRAMES, BANDS], ln(1e-8) at -2 and 0 at 2."""
    window = 0.5 - 0.5 * numpy.cos(2 * numpy.pi * numpy.arange(TRANSFORM) / TRANSFORM)
    scale = 2 / (TRANSFORM * (window**2).sum())
    filters = mel_filters()
    rows = []
    for row in audio:
        padded = numpy.pad(row.astype(numpy.float64), TRANSFORM // 2)
        frames = numpy.stack([padded[i * HOP : i * HOP + TRANSFORM] * window for i in range(FRAMES)])
        power = numpy.abs(numpy.fft.rfft(frames)) ** 2
        rows.append(numpy.log(power @ filters.T * scale + 1e-8))
    return torch.tensor(numpy.stack(rows))[:, None] * 4 / -math.log(1e-8) + 2


def shapes():
    """Returns name -> shape of every weight."""
    found, inputs = {}, 2
    for i, channels in enumerate(CHANNELS):
        found[f"encoder.conv{i}.weight"] = (channels, inputs, 4, 4)
        inputs = channels
    found["encoder.head.weight"] = (2 * LATENTS, inputs * 16)
    found["decoder.stem.weight"] = (inputs * 16, LATENTS + 1)
    for i, channels in enumerate((*CHANNELS[-2::-1], 1)):
        found[f"decoder.conv{i}.weight"] = (inputs, channels, 4, 4)
        inputs = channels
    return found


def encode(w, patches):
    x = torch.cat([patches, torch.ones_like(patches)], 1)
    for i in range(len(CHANNELS)):
        x = F.leaky_relu(F.conv2d(x, w[f"encoder.conv{i}.weight"], stride=2, padding=1), 0.2)
    mean, raw = (x.flatten(1) @ w["encoder.head.weight"].T).chunk(2, 1)
    return mean, F.softplus(raw) + 1e-4


def decode(w, latents):
    x = torch.cat([latents, torch.ones_like(latents[:, :1])], 1) @ w["decoder.stem.weight"].T
    x = x.reshape(-1, CHANNELS[-1], 4, 4)
    for i in range(len(CHANNELS)):
        x = F.conv_transpose2d(F.leaky_relu(x, 0.2), w[f"decoder.conv{i}.weight"], stride=2, padding=1)
    return x


def loss(w, patches, ranks, seed, kl_weight, attribute_weight, sharpness):
    """`ranks`: for each attribute what orders the patches; None where a patch lacks it."""
    mean, sigma = encode(w, patches)
    generator = torch.Generator().manual_seed(seed)
    latents = mean + sigma * torch.randn(sigma.shape, generator=generator).to(sigma.dtype)
    total = ((decode(w, latents) - patches) ** 2).mean()
    total = total + kl_weight * (mean**2 + sigma**2 - torch.log(sigma**2) - 1).sum(1).mean() / 2
    for dimension, values in enumerate(ranks):
        terms = []
        for i, a in enumerate(values):
            for j, b in enumerate(values):
                if i != j and a is not None and b is not None:
                    apart = torch.tanh(sharpness * (latents[i, dimension] - latents[j, dimension]))
                    terms.append((apart - ((a > b) - (a < b))).abs())
        if terms:
            total = total + attribute_weight * sum(terms) / len(terms)
    return total


def noise_of(seed, count, gain):
    """Noise that any language makes alike: the linear congruential generator of Numerical Recipes."""
    values = numpy.empty(count, numpy.float32)
    for i in range(count):
        seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = gain * (seed / 2147483648.0 - 1)
    return values


def example_weights(dtype):
    """Returns weights in name order, uniform within 2 / sqrt(values in a slice of the first dimension)."""
    weights = {}
    for number, (name, shape) in enumerate(sorted(shapes().items())):
        values = noise_of(number, math.prod(shape), 2 / math.sqrt(math.prod(shape[1:])))
        weights[name] = torch.tensor(values, dtype=dtype).reshape(shape).requires_grad_(True)
    return weights


# Tones in noise: hertz, gain of the tone, gain of the noise. The last has no pitch.
TONES = ((220, 0.1, 0.001), (660, 0.4, 0.004), (440, 0.2, 0.01), (1000, 0, 0.02))
# What orders them, worked out from the table: the louder tone; the mean frequency, which rises with the tone's and the
# share of noise; the share of noise; the tone; no notes begin but at the start of each.
RANKS = ((1, 3, 2, 0), (0, 1, 2, 3), (0, 1, 2, 3), (0, 2, 1, None), (0, 0, 0, 0))


def example_audio():
    t = numpy.arange(FRAMES * HOP) / RATE
    return numpy.stack([
        (gain * numpy.sin(2 * numpy.pi * hertz * t) + noise_of(1000 + i, len(t), noise)).astype(numpy.float32)
        for i, (hertz, gain, noise) in enumerate(TONES)
    ])
