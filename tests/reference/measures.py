"""Expected values of tests/node/trainer/measures, from the definitions, in binary64 with numpy and nothing else.

Run: /usr/bin/python3 tests/reference/measures.py
"""
import numpy as np

from descriptors import log_mel, power
from signals import noise, points


def convergence(original, output):
    ratios = []
    for size, hop, window in [(1024, 120, 600), (2048, 240, 1200), (512, 50, 240)]:
        y = np.sqrt(power(original, size, hop, window)[0])
        x = np.sqrt(power(output, size, hop, window)[0])
        ratios.append(np.linalg.norm(y - x) / np.linalg.norm(y))
    return np.mean(ratios)


def kad(x, y):
    def squares(a, b):
        return ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)

    upper = np.sort(np.sqrt(squares(x, x)[np.triu_indices(len(x), 1)]))
    bandwidth = upper[(len(upper) - 1) // 2]
    kernel = [np.exp(-squares(a, b) / (2 * bandwidth ** 2)) for a, b in [(x, x), (y, y), (x, y)]]
    m, n = len(x), len(y)
    mmd = ((kernel[0].sum() - m) / (m * (m - 1)) + (kernel[1].sum() - n) / (n * (n - 1)) - 2 * kernel[2].mean())
    return 100 * mmd, bandwidth


def fad(x, y):
    s1, s2 = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    roots = np.sqrt(np.linalg.eigvals(s1 @ s2).astype(complex))  # the eigenvalues of a product, not of a root
    return np.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2) + np.trace(s1) + np.trace(s2) - 2 * roots.sum().real


def splitmix(seed):
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) % 2**64
        z = seed
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        yield z ^ (z >> 31)


def fad_infinity(x, y, seed):
    random = splitmix(seed)
    sizes = [500 + (len(y) - 500) * step // 24 for step in range(25)]
    values = [fad(x, y[[next(random) * len(y) >> 64 for _ in range(size)]]) for size in sizes]
    slope, intercept = np.polyfit(1 / np.array(sizes), values, 1)
    return intercept, slope, np.corrcoef(1 / np.array(sizes), values)[0, 1] ** 2


def main():
    a, b = noise(1, 8192, 0.5), noise(2, 8192, 0.25)
    print(f"convergence {convergence(a, b):.6f}, other way {convergence(b, a):.6f}")
    print(f"log-mel distance at 44.1 kHz {np.mean(np.abs(log_mel(a, 44100) - log_mel(b, 44100))):.6f}")
    x, y = points(1, 40, 3), points(2, 25, 3, gain=0.8, shift=0.5)
    print("KAD %.8f, bandwidth %.8f" % kad(x, y))
    print("FAD %.8f" % fad(x, y))
    print("FAD, 5 points of 8 dimensions %.8f" % fad(points(3, 5, 8), points(4, 30, 8)))
    print("FAD-infinity %.8f, slope %.6f, r2 %.6f" % fad_infinity(points(5, 300, 4), points(6, 740, 4, shift=0.2), 17))


if __name__ == "__main__":
    main()
