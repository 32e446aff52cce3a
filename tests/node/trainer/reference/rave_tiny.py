"""The network, loss and training step of rave-tiny in plain PyTorch, written from the tables of the papers and
independently of the C++ code, which is tested and timed against it. Needs Debian's python3-torch.

Sources: RAVE (Caillon and Esling 2021, arXiv 2111.05011) version 2, its small variant with capacity 16 and
16 latents; the filter bank after Nguyen 1994 (IEEE Trans. Signal Processing 42(1)).
"""

import math

import numpy
import torch
import torch.nn.functional as F

BANDS, CAPACITY, LATENT = 16, 16, 16
RATIOS = (4, 2, 2, 2)
DILATIONS = ((1, 3, 9), (1, 3, 9), (1, 3, 9), (1, 3))
NOISE_HIDDEN, NOISE_RATIOS, NOISE_BINS = 64, (2, 2, 2), 32
SCALES = (2048, 1024, 512, 256, 128)
KL_WEIGHT = 0.01
TAPS = math.prod(NOISE_RATIOS)


def shapes():
    """Returns name -> shape of every weight."""
    found = {"encoder.stem.weight": (CAPACITY, BANDS, 7)}

    def add_units(stage, channels, dilations):
        for i in range(len(dilations)):
            found[f"{stage}.unit{i}.dilated.weight"] = (channels, channels, 3)
            found[f"{stage}.unit{i}.pointwise.weight"] = (channels, channels, 1)

    channels = CAPACITY
    for i, (ratio, dilations) in enumerate(zip(RATIOS, DILATIONS)):
        add_units(f"encoder.stage{i}", channels, dilations)
        found[f"encoder.stage{i}.down.weight"] = (2 * channels, channels, 2 * ratio)
        channels *= 2
    found["encoder.head.weight"] = (2 * LATENT, channels, 3)
    found["generator.stem.weight"] = (channels, LATENT, 3)
    for i, (ratio, dilations) in enumerate(zip(RATIOS[::-1], DILATIONS[::-1])):
        found[f"generator.stage{i}.up.weight"] = (channels, channels // 2, 2 * ratio)
        channels //= 2
        add_units(f"generator.stage{i}", channels, dilations)
    found["generator.wave.weight"] = (2 * BANDS, channels, 7)
    widths = (CAPACITY, NOISE_HIDDEN, NOISE_HIDDEN, BANDS * NOISE_BINS)
    for i, ratio in enumerate(NOISE_RATIOS):
        found[f"noise.conv{i}.weight"] = (widths[i + 1], widths[i], 2 * ratio)
    return found


def conv(x, weight, stride=1, dilation=1):
    reach = (weight.shape[2] - 1) * dilation + 1
    return F.conv1d(F.pad(x, ((reach - 1) // 2, reach // 2)), weight, stride=stride, dilation=dilation)


def activate(x):
    return F.leaky_relu(x, 0.2)


def units(w, stage, x, dilations):
    for i, dilation in enumerate(dilations):
        y = conv(activate(x), w[f"{stage}.unit{i}.dilated.weight"], dilation=dilation)
        x = x + conv(activate(y), w[f"{stage}.unit{i}.pointwise.weight"])
    return x


def encode(w, bands):
    """bands [batch, 16, frames] -> means and raw scales, each [batch, 16, frames / 32]."""
    x = conv(bands, w["encoder.stem.weight"])
    for i, (ratio, dilations) in enumerate(zip(RATIOS, DILATIONS)):
        x = activate(units(w, f"encoder.stage{i}", x, dilations))
        x = conv(x, w[f"encoder.stage{i}.down.weight"], stride=ratio)
    return conv(activate(x), w["encoder.head.weight"]).chunk(2, dim=1)


def noise(w, x, excitation):
    for i, ratio in enumerate(NOISE_RATIOS):
        x = F.conv1d(F.pad(activate(x) if i else x, (ratio, 0)), w[f"noise.conv{i}.weight"], stride=ratio)
    batch, _, stretches = x.shape
    amplitude = 2 * torch.sigmoid(x.reshape(batch, BANDS, NOISE_BINS, stretches) - 5) ** 2.3 + 1e-7
    length = 2 * (NOISE_BINS - 1)
    response = torch.fft.irfft(amplitude.transpose(2, 3), length).roll(length // 2, -1)
    response = response * torch.hann_window(length, dtype=x.dtype)
    begin = (length - TAPS) // 2
    response = response[..., begin : begin + TAPS]
    # Sample t of a stretch hears the excitation at t, t - 1, ...: the response reversed over each TAPS of it.
    heard = excitation.unfold(2, TAPS, 1).reshape(batch, BANDS, stretches, TAPS, TAPS)
    return torch.einsum("bcsti,bcsi->bcst", heard, response.flip(-1)).reshape(batch, BANDS, -1)


def decode(w, latents, excitation):
    x = activate(conv(latents, w["generator.stem.weight"]))
    for i, (ratio, dilations) in enumerate(zip(RATIOS[::-1], DILATIONS[::-1])):
        x = F.conv_transpose1d(x, w[f"generator.stage{i}.up.weight"], stride=ratio, padding=ratio // 2)
        x = activate(units(w, f"generator.stage{i}", x, dilations))
    tone, gate = conv(x, w["generator.wave.weight"]).chunk(2, dim=1)
    return torch.tanh(tone * torch.sigmoid(gate) + noise(w, x, excitation))


class FilterBank:
    """16 bands, 377 taps. `dtype`: of the signals."""

    def __init__(self, dtype):
        t = numpy.arange(-188, 189)
        prototype = 0.1075195 / math.pi * numpy.sinc(0.1075195 / math.pi * t) * numpy.kaiser(377, 10.06126)
        k = numpy.arange(BANDS)[:, None]
        modulation = numpy.cos((2 * k + 1) * math.pi / (2 * BANDS) * t + (-1.0) ** k * math.pi / 4)
        self.filters = torch.tensor(2 * prototype * modulation, dtype=dtype)[:, None]

    @staticmethod
    def _unmirror(bands):
        sign = torch.ones(BANDS, bands.shape[2], dtype=bands.dtype)
        sign[1::2, 0::2] = -1
        return bands * sign

    def analyse(self, audio):
        """[batch, 1, samples] -> [batch, 16, samples / 16]."""
        return self._unmirror(F.conv1d(audio, self.filters, stride=BANDS, padding=188))

    def synthesise(self, bands):
        audio = F.conv_transpose1d(self._unmirror(bands), self.filters, stride=BANDS, padding=188, output_padding=15)
        return audio * BANDS


def magnitude(signals, window):
    hann = torch.hann_window(window, dtype=signals.dtype)
    return torch.stft(signals, window, window // 4, window=hann, return_complex=True).abs()


def distance(target, output):
    """[signals, samples] both -> the multi-scale spectral distance."""
    total = 0
    for window in SCALES:
        x, y = magnitude(target, window), magnitude(output, window)
        logarithmic = (torch.log(x + 1e-7) - torch.log(y + 1e-7)).abs().mean()
        total = total + ((x - y) ** 2).mean() / (x**2).mean() + logarithmic
    return total


def loss(w, bank, audio, seed):
    """audio [batch, samples], no padding -> the loss. Draws as the C++ code does: first the latents' noise, then the
    excitation, from one generator in single precision."""
    generator = torch.Generator().manual_seed(seed)
    target = audio[:, None]
    target_bands = bank.analyse(target)
    batch, _, frames = target_bands.shape
    mean, scale = encode(w, target_bands)
    sigma = F.softplus(scale) + 1e-4
    kl = (mean**2 + sigma**2 - torch.log(sigma**2) - 1).sum(1).mean()
    latents = mean + sigma * torch.randn(sigma.shape, generator=generator).to(sigma.dtype)
    excitation = torch.rand(batch, BANDS, frames + TAPS - 1, generator=generator) * 2 - 1
    bands = decode(w, latents, excitation.to(sigma.dtype))
    output = bank.synthesise(bands)
    full = distance(target[:, 0], output[:, 0])
    return full + distance(target_bands.flatten(0, 1), bands.flatten(0, 1)) + KL_WEIGHT * kl


def noise_of(seed, count, gain):
    """Noise that any language makes alike: the linear congruential generator of Numerical Recipes."""
    values = numpy.empty(count, numpy.float32)
    for i in range(count):
        seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = gain * (seed / 2147483648.0 - 1)
    return values


def example_weights(dtype):
    """Returns weights in name order, uniform within gain / sqrt(values in a slice of the first dimension). The noise
    module's gain is the larger one, so that the output has something at every frequency."""
    weights = {}
    for number, (name, shape) in enumerate(sorted(shapes().items())):
        gain = 8 if name.startswith("noise.") else 1.5
        values = noise_of(number, math.prod(shape), gain / math.sqrt(math.prod(shape[1:])))
        weights[name] = torch.tensor(values, dtype=dtype).reshape(shape).requires_grad_(True)
    return weights


def example_audio(batch, samples, dtype):
    """Returns noise far below the output's level. Where the two are alike, the gradient of |ln X - ln Y| turns round
    with the last bit of either, and single and double precision differ by percents."""
    return torch.tensor(noise_of(1000, batch * samples, 0.005), dtype=dtype).reshape(batch, samples)
