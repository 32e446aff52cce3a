"""Expected values of tests/node/trainer/descriptors, from the definitions, in binary64 with numpy and nothing else.

Run: /usr/bin/python3 tests/reference/descriptors.py
"""
import numpy as np

from signals import noise, sawtooth


def frames(audio, size, hop):
    padded = np.concatenate([np.zeros(size // 2), audio.astype(np.float64), np.zeros(size)])
    return np.stack([padded[i:i + size] for i in range(0, len(audio), hop)])


def hann(size):
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)


def power(audio, size, hop, window=None):
    window = window or size
    weights = np.zeros(size)
    weights[(size - window) // 2:(size - window) // 2 + window] = hann(window)
    return np.abs(np.fft.rfft(frames(audio, size, hop) * weights)) ** 2, weights


def hertz_to_mel(f):
    return f * 3 / 200 if f < 1000 else 15 + 27 * np.log(f / 1000) / np.log(6.4)


def mel_to_hertz(m):
    return m * 200 / 3 if m < 15 else 1000 * 6.4 ** ((m - 15) / 27)


def mel_bank(rate, size, bands, low, high):
    """Triangles of height 1, at least one bin to either side."""
    corners = [mel_to_hertz(m) for m in np.linspace(hertz_to_mel(low), hertz_to_mel(high), bands + 2)]
    bins = np.arange(size // 2 + 1) * rate / size
    bank = []
    for left, centre, right in zip(corners, corners[1:], corners[2:]):
        rise, fall = max(centre - left, rate / size), max(right - centre, rate / size)
        bank.append(np.clip(np.where(bins < centre, 1 - (centre - bins) / rise, 1 - (bins - centre) / fall), 0, None))
    return np.stack(bank)


def log_mel(audio, rate, size=2048, hop=512, bands=64, floor=1e-8):
    spectrum, window = power(audio, size, hop)
    bank = mel_bank(rate, size, bands, 30, min(rate / 2, 16000))
    return np.log(spectrum @ bank.T * 2 / (size * np.sum(window ** 2)) + floor)


def yin(frame, rate, lowest=60, highest=3000, threshold=0.1):
    """de Cheveigne and Kawahara 2002, steps 2 to 5, by the plain sums."""
    frame = frame - frame.mean()
    longest = int(np.ceil(rate / lowest))
    shortest = max(4, int(rate / highest))
    window = len(frame) - longest - 1
    d = np.array([np.sum((frame[:window] - frame[lag:lag + window]) ** 2) for lag in range(longest + 2)])
    normalised = np.ones(longest + 2)
    normalised[1:] = d[1:] * np.arange(1, longest + 2) / np.cumsum(d[1:])
    lag = next((l for l in range(shortest, longest + 1) if normalised[l] < threshold), None)
    if lag is None:
        lag = shortest + int(np.argmin(normalised[shortest:longest + 1]))
    else:
        while lag < longest and normalised[lag + 1] < normalised[lag]:
            lag += 1
    a, b, c = d[lag - 1:lag + 2]
    return rate / (lag + (a - c) / (2 * (a - 2 * b + c))), normalised[lag]


def main():
    sound = noise(1, 4096, 0.5)
    mel = log_mel(sound, 44100)
    print("log-mel of noise(1, 4096, 0.5): shape", mel.shape)
    for frame, band in [(0, 0), (0, 63), (3, 10), (4, 31), (7, 5)]:
        print(f"  [{frame}, {band}] = {mel[frame, band]:.6f}")
    low = log_mel(noise(5, 2000, 0.1), 8000, size=512, hop=128, bands=20)
    print("log-mel of noise(5, 2000, 0.1) at 8 kHz, 512/128, 20 bands:", low.shape, f"{low[2, 3]:.6f} {low[9, 19]:.6f}")
    narrow = log_mel(noise(1, 4096, 0.5), 44100, size=512, hop=128)
    print(f"log-mel of noise(1, 4096, 0.5), 512/128: [8, 1] = {narrow[8, 1]:.6f}, [8, 6] = {narrow[8, 6]:.6f}")

    spectrum, _ = power(sound, 2048, 512)
    inner = spectrum[3][1:-1]
    k = np.arange(1, 1024)
    print(f"centroid of frame 3: {np.sum(np.sqrt(inner) * k) / np.sum(np.sqrt(inner)) * 44100 / 2048:.4f} Hz")
    print(f"flatness of frame 3: {10 * np.log10(np.exp(np.mean(np.log(inner))) / np.mean(inner)):.5f} dB")

    for hertz, rate, size, gain in [(220.5, 44100, 2048, 0.02), (87.3, 44100, 2048, 0.05), (1318.5, 48000, 2048, 0.05),
                                    (196.0, 8000, 512, 0.02), (440.0, 192000, 8192, 0.05)]:
        frame = (sawtooth(hertz, size, rate, partials=3) + noise(9, size, gain)).astype(np.float64)
        found, aperiodicity = yin(frame, rate)
        print(f"YIN of sawtooth({hertz}) with noise(9, {size}, {gain}) at {rate}: {found:.4f} Hz, {aperiodicity:.6f}")


if __name__ == "__main__":
    main()
