#!/usr/bin/python3 -B
"""Prints what three iterations of expectation-maximisation make of a mixture, in numpy and double precision: the table
that tests/node/trainer/families/mixture_reference.h holds. Written from Dempster, Laird and Rubin 1977; values that
are missing take no part (Ghahramani and Jordan 1994)."""

import numpy

POINTS, DIMENSIONS, COMPONENTS, ITERATIONS = 300, 23, 3, 3
LEAST_VARIANCE = 0.05**2


def noise_of(seed, count, gain):
    """Noise that any language makes alike: the linear congruential generator of Numerical Recipes."""
    values = numpy.empty(count, numpy.float32)
    for i in range(count):
        seed = (seed * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = gain * (seed / 2147483648.0 - 1)
    return values


def example_points():
    """Clouds that overlap; every fifth point lacks descriptors 9 to 11."""
    points = noise_of(1, POINTS * DIMENSIONS, 0.6).reshape(POINTS, DIMENSIONS)
    centres = noise_of(2, COMPONENTS * DIMENSIONS, 0.15).reshape(COMPONENTS, DIMENSIONS)
    points = points + centres[numpy.arange(POINTS) % COMPONENTS]
    points[::5, 9:12] = numpy.nan
    return points.astype(numpy.float64)


def log_joint(points, weight, mean, variance):
    seen = ~numpy.isnan(points)
    away = numpy.where(seen, points, 0)[:, None] - mean
    terms = numpy.log(2 * numpy.pi * variance) + away**2 / variance
    return numpy.log(weight) - 0.5 * (terms * seen[:, None]).sum(2)


def main():
    points = example_points()
    weight = numpy.full(COMPONENTS, 1 / COMPONENTS)
    mean = noise_of(3, COMPONENTS * DIMENSIONS, 0.5).reshape(COMPONENTS, DIMENSIONS).astype(numpy.float64)
    variance = numpy.full((COMPONENTS, DIMENSIONS), 0.25)
    seen = (~numpy.isnan(points)).astype(numpy.float64)
    values = numpy.nan_to_num(points)
    for _ in range(ITERATIONS):
        joint = log_joint(points, weight, mean, variance)
        log_density = numpy.logaddexp.reduce(joint, axis=1)
        print(f"// log-likelihood {log_density.sum():.10g}")
        share = numpy.exp(joint - log_density[:, None])
        weight = share.mean(0)
        count = share.T @ seen
        mean = share.T @ values / count
        variance = numpy.maximum(LEAST_VARIANCE, share.T @ values**2 / count - mean**2)
    for k in range(COMPONENTS):
        row = ", ".join(f"{x:.8g}" for x in (weight[k], *(x for d in (0, 9, 22) for x in (mean[k, d], variance[k, d]))))
        print(f"    {{{row}}},")


main()
