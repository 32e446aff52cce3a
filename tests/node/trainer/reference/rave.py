"""The networks, losses and training steps of the rave family in plain PyTorch, written from the tables of the papers and
independently of the C++ code, which is tested and timed against it. Needs Debian's python3-torch.

Sources: RAVE (Caillon and Esling 2021, arXiv 2111.05011) version 2 in the sizes of v2.gin and v2_small.gin, and the small
one with capacity 16 and 16 latents; the filter bank after Nguyen 1994 (IEEE Trans. Signal Processing 42(1)).
"""

import dataclasses
import math

import numpy
import torch
import torch.nn.functional as F

BANDS = 16
DILATIONS = ((1, 3, 9), (1, 3, 9), (1, 3, 9), (1, 3))
NOISE_HIDDEN, NOISE_BINS = 64, 32
SCALES = (2048, 1024, 512, 256, 128)


@dataclasses.dataclass(frozen=True)
class Size:
    capacity: int
    latent: int
    ratios: tuple
    noise_ratios: tuple
    kl_weight: float
    crop: tuple = (0, 0)  # band frames that the bands' distance leaves out at either end

    @property
    def taps(self):
        return math.prod(self.noise_ratios)


# The crops are floor(left / 16) and ceil(right / 16) of the published receptive fields 10604 / 10044 and 27117 / 26428.
TINY = Size(16, 16, (4, 2, 2, 2), (2, 2, 2), 0.01)
V2_SMALL = Size(48, 128, (4, 2, 2, 2), (2, 2, 2), 0.01, (662, 628))
V2 = Size(96, 128, (4, 4, 4, 2), (), 0.05, (1694, 1652))
NARROW_V2_SMALL = dataclasses.replace(V2_SMALL, capacity=2, latent=4)
NARROW_V2 = dataclasses.replace(V2, capacity=2, latent=4)


def shapes(size):
    """Returns name -> shape of every weight."""
    found = {"encoder.stem.weight": (size.capacity, BANDS, 7)}

    def add_units(stage, channels, dilations):
        for i in range(len(dilations)):
            found[f"{stage}.unit{i}.dilated.weight"] = (channels, channels, 3)
            found[f"{stage}.unit{i}.pointwise.weight"] = (channels, channels, 1)

    channels = size.capacity
    for i, (ratio, dilations) in enumerate(zip(size.ratios, DILATIONS)):
        add_units(f"encoder.stage{i}", channels, dilations)
        found[f"encoder.stage{i}.down.weight"] = (2 * channels, channels, 2 * ratio)
        channels *= 2
    found["encoder.head.weight"] = (2 * size.latent, channels, 3)
    found["generator.stem.weight"] = (channels, size.latent, 3)
    for i, (ratio, dilations) in enumerate(zip(size.ratios[::-1], DILATIONS[::-1])):
        found[f"generator.stage{i}.up.weight"] = (channels, channels // 2, 2 * ratio)
        channels //= 2
        add_units(f"generator.stage{i}", channels, dilations)
    found["generator.wave.weight"] = (2 * BANDS, channels, 7)
    widths = (size.capacity, NOISE_HIDDEN, NOISE_HIDDEN, BANDS * NOISE_BINS)
    for i, ratio in enumerate(size.noise_ratios):
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


def encode(size, w, bands):
    """bands [batch, 16, frames] -> means and raw scales, each [batch, latent, frames / ratios]."""
    x = conv(bands, w["encoder.stem.weight"])
    for i, (ratio, dilations) in enumerate(zip(size.ratios, DILATIONS)):
        x = activate(units(w, f"encoder.stage{i}", x, dilations))
        x = conv(x, w[f"encoder.stage{i}.down.weight"], stride=ratio)
    return conv(activate(x), w["encoder.head.weight"]).chunk(2, dim=1)


def noise(size, w, x, excitation):
    for i, ratio in enumerate(size.noise_ratios):
        x = F.conv1d(F.pad(activate(x) if i else x, (ratio, 0)), w[f"noise.conv{i}.weight"], stride=ratio)
    batch, _, stretches = x.shape
    amplitude = 2 * torch.sigmoid(x.reshape(batch, BANDS, NOISE_BINS, stretches) - 5) ** 2.3 + 1e-7
    length = 2 * (NOISE_BINS - 1)
    response = torch.fft.irfft(amplitude.transpose(2, 3), length).roll(length // 2, -1)
    response = response * torch.hann_window(length, dtype=x.dtype)
    begin = (length - size.taps) // 2
    response = response[..., begin : begin + size.taps]
    # Sample t of a stretch hears the excitation at t, t - 1, ...: the response reversed over each a stretch of it.
    heard = excitation.unfold(2, size.taps, 1).reshape(batch, BANDS, stretches, size.taps, size.taps)
    return torch.einsum("bcsti,bcsi->bcst", heard, response.flip(-1)).reshape(batch, BANDS, -1)


def decode(size, w, latents, excitation):
    x = activate(conv(latents, w["generator.stem.weight"]))
    for i, (ratio, dilations) in enumerate(zip(size.ratios[::-1], DILATIONS[::-1])):
        x = F.conv_transpose1d(x, w[f"generator.stage{i}.up.weight"], stride=ratio, padding=ratio // 2)
        x = activate(units(w, f"generator.stage{i}", x, dilations))
    tone, gate = conv(x, w["generator.wave.weight"]).chunk(2, dim=1)
    sound = tone * torch.sigmoid(gate)
    return torch.tanh(sound + noise(size, w, x, excitation) if size.noise_ratios else sound)


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


@dataclasses.dataclass
class Said:
    bands: torch.Tensor
    audio: torch.Tensor  # [batch, 1, samples]
    kl: torch.Tensor


def say(size, w, bank, target_bands, seed, encoder_learns=True):
    """Draws as the C++ code does: first the latents' noise, then the excitation if there is a noise module, from one
    generator in single precision."""
    generator = torch.Generator().manual_seed(seed)
    batch, _, frames = target_bands.shape
    with torch.set_grad_enabled(encoder_learns and torch.is_grad_enabled()):
        mean, scale = encode(size, w, target_bands)
    sigma = F.softplus(scale) + 1e-4
    kl = (mean**2 + sigma**2 - torch.log(sigma**2) - 1).sum(1).mean()
    latents = mean + sigma * torch.randn(sigma.shape, generator=generator).to(sigma.dtype)
    excitation = None
    if size.noise_ratios:
        excitation = torch.rand(batch, BANDS, frames + size.taps - 1, generator=generator) * 2 - 1
        excitation = excitation.to(sigma.dtype)
    bands = decode(size, w, latents, excitation)
    return Said(bands, bank.synthesise(bands), kl)


def loss(size, w, bank, audio, seed, discriminators=None):
    """audio [batch, samples], no padding -> the loss of a step: of phase 1, or with `discriminators` of the generator's
    turn in phase 2."""
    target = audio[:, None]
    target_bands = bank.analyse(target)
    said = say(size, w, bank, target_bands, seed, encoder_learns=discriminators is None)
    kept = slice(size.crop[0], target_bands.shape[2] - size.crop[1])
    if kept.stop - kept.start < 1025:
        kept = slice(None)
    total = distance(target[:, 0], said.audio[:, 0]) + size.kl_weight * said.kl
    total = total + distance(target_bands[..., kept].flatten(0, 1), said.bands[..., kept].flatten(0, 1))
    return total if discriminators is None else total + judge(discriminators, target, said.audio)


PERIODS = (2, 3, 5, 7, 11)
RATES = (1, 2, 4)


def discriminator_shapes(capacity):
    """Returns name -> shape. The weights of period nets have one dimension less than Conv2d takes."""
    found = {}
    for name, kernel in [(f"period{p}", 5) for p in PERIODS] + [(f"scale{r}", 15) for r in RATES]:
        widths = (1, capacity, 2 * capacity, 4 * capacity, 8 * capacity)
        for i in range(4):
            found[f"{name}.conv{i}.direction"] = (widths[i + 1], widths[i], kernel)
            found[f"{name}.conv{i}.gain"] = (widths[i + 1],)
            found[f"{name}.conv{i}.bias"] = (widths[i + 1],)
        found[f"{name}.last.weight"] = (1, widths[4], 1)
        found[f"{name}.last.bias"] = (1,)
    return found


def features(d, name, x, convolve):
    """Returns what each convolution of one net makes of x, before the rectifier; `convolve(x, weight, bias, last)`."""
    found = []
    for i in range(4):
        v = d[f"{name}.conv{i}.direction"]
        weight = d[f"{name}.conv{i}.gain"][:, None, None] * v / (v**2).sum((1, 2), keepdim=True).sqrt()
        x = convolve(x, weight, d[f"{name}.conv{i}.bias"], False)
        found.append(x)
        x = activate(x)
    found.append(convolve(x, d[f"{name}.last.weight"], d[f"{name}.last.bias"], True))
    return found


def all_features(d, audio):
    """audio [batch, 1, samples] -> for each net a list of what its convolutions make of it."""

    def along_period(x, weight, bias, last):
        return F.conv2d(x, weight[..., None], bias, stride=1 if last else (4, 1), padding=0 if last else (2, 0))

    def along_time(x, weight, bias, last):
        return F.conv1d(x, weight, bias, stride=1 if last else 4, padding=0 if last else 7)

    found = []
    for period in PERIODS:
        padded = F.pad(audio, (0, -audio.shape[2] % period))
        found.append(features(d, f"period{period}", padded.reshape(len(audio), 1, -1, period), along_period))
    for rate in RATES:
        found.append(features(d, f"scale{rate}", audio, along_time))
        audio = F.avg_pool1d(audio, 2)
    return found


def judge(d, recorded, generated):
    """The generator's loss: hinge, and feature matching with weight 400."""
    adversarial, matching, layers = 0, 0, 0
    for f, g in zip(all_features(d, recorded), all_features(d, generated)):
        adversarial = adversarial - g[-1].mean()
        for x, y in zip(f[1:], g[1:]):
            matching = matching + (x - y).abs().mean() / x.abs().mean()
            layers += 1
    return adversarial + 400 * matching / layers


def discriminator_loss(d, recorded, generated):
    total = 0
    for f, g in zip(all_features(d, recorded), all_features(d, generated)):
        total = total + F.relu(1 - f[-1]).mean() + F.relu(1 + g[-1]).mean()
    return total


def noise_of(seed, count, gain):
    """Noise that any language makes alike: the linear congruential generator of Numerical Recipes."""
    with numpy.errstate(over="ignore"):
        powers = numpy.cumprod(numpy.full(count, 1664525, numpy.uint32), dtype=numpy.uint32)
        sums = numpy.cumsum(numpy.concatenate([numpy.ones(1, numpy.uint32), powers[:-1]]), dtype=numpy.uint32)
        states = powers * numpy.uint32(seed) + sums * numpy.uint32(1013904223)
    return (gain * (states / 2147483648.0 - 1)).astype(numpy.float32)


def example_weights(size, dtype):
    """Returns weights in name order, uniform within gain / sqrt(values in a slice of the first dimension). The noise
    module's gain is the larger one, so that the output has something at every frequency."""
    weights = {}
    for number, (name, shape) in enumerate(sorted(shapes(size).items())):
        gain = 8 if name.startswith("noise.") else 1.5
        values = noise_of(number, math.prod(shape), gain / math.sqrt(math.prod(shape[1:])))
        weights[name] = torch.tensor(values, dtype=dtype).reshape(shape).requires_grad_(True)
    return weights


def example_audio(batch, samples, dtype):
    """Returns noise far below the output's level. Where the two are alike, the gradient of |ln X - ln Y| turns round
    with the last bit of either, and single and double precision differ by percents."""
    return torch.tensor(noise_of(1000, batch * samples, 0.005), dtype=dtype).reshape(batch, samples)


def example_discriminators(capacity, dtype):
    """Returns weights in name order."""
    weights = {}
    for number, (name, shape) in enumerate(sorted(discriminator_shapes(capacity).items())):
        gain = 0.1 if name.endswith(".bias") else 2
        values = noise_of(3000 + number, math.prod(shape), gain)
        weights[name] = torch.tensor(values, dtype=dtype).reshape(shape).requires_grad_(True)
    return weights
