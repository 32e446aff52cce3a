"""Sounds that C++ and Python make alike: noise by the linear congruential generator of Numerical Recipes."""
import numpy as np


def noise(seed, samples, gain):
    values = np.empty(samples)
    for i in range(samples):
        seed = (seed * 1664525 + 1013904223) % 2**32
        values[i] = seed / 2147483648.0 - 1
    return (gain * values.astype(np.float32)).astype(np.float32)


def sawtooth(hertz, samples, rate, partials=12):
    """Partials of amplitude 0.3 / k."""
    t = np.arange(samples) / rate
    return sum(0.3 / k * np.sin(2 * np.pi * hertz * k * t) for k in range(1, partials + 1)).astype(np.float32)


def points(seed, count, dimensions, gain=1.0, shift=0.0):
    """Points whose coordinates are sums of four uniform values, nearly normal."""
    values = noise(seed, count * dimensions * 4, 1).astype(np.float64).reshape(count, dimensions, 4).sum(axis=2)
    return (gain * values + shift).astype(np.float32).astype(np.float64)
