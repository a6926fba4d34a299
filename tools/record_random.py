"""Records NumPy's random numbers as tests/core/data/random.txt (run with numpy 2.4.6).

One line a case: what is drawn, its arguments, then the numbers. Floats are hexadecimal.
"""

import sys
from pathlib import Path

import numpy as np

SEEDS = [0, 1, 42, 123456789, 2**32 - 1, 2**32, 2**40 + 7, 2**64 - 1]
STREAMS = [(0, 1, 0), (0, 2, 0), (7, 2, 15), (2**33 + 5, 4, 2**32 - 1), (2**64 - 1, 5, 3)]
RANGES = [(0, 1), (0, 2), (0, 6), (-3, 4), (0, 1000), (0, 3 * 2**30), (0, 2**32 - 1), (0, 2**32),
          (0, 2**32 + 1), (-(2**40), 2**40), (-(2**63), 2**63 - 1), (0, 3 * 2**61)]


def line(kind, arguments, numbers):
    print(kind, *arguments, ":", *numbers)


def tail_seeds():
    """Seeds whose first 2,000 normals hold one beyond 3.7, where another method draws."""
    found = []
    for seed in range(10000):
        numbers = np.random.default_rng(seed).standard_normal(2000)
        where = np.nonzero(abs(numbers) > 3.7)[0]
        if where.size:
            found.append((seed, int(where[0])))
        if len(found) == 6:
            return found
    raise RuntimeError("no tails")


def main():
    for seed in SEEDS:
        line("u64", [seed], np.random.PCG64(seed).random_raw(8))
        rng = np.random.default_rng(seed)
        line("double", [seed], [x.hex() for x in rng.random(8)])
        rng = np.random.default_rng(seed)
        line("uniform", [seed], [float(x).hex() for x in rng.uniform(-0.05, 0.05, 8)])
        rng = np.random.default_rng(seed)
        line("normal", [seed], [x.hex() for x in rng.standard_normal(64)])
        for low, high in RANGES:
            rng = np.random.default_rng(seed)
            line("integers", [seed, low, high], [int(rng.integers(low, high)) for _ in range(8)])
    for seed, purpose, index in STREAMS:
        sequence = np.random.SeedSequence(seed, spawn_key=(purpose, index))
        line("stream", [seed, purpose, index], np.random.PCG64(sequence).random_raw(4))
    for seed, where in tail_seeds():
        numbers = np.random.default_rng(seed).standard_normal(where + 2)
        line("tail", [seed, where], [x.hex() for x in numbers[-2:]])
    for seed in SEEDS[:3]:  # all kinds interleaved; 32-bit draws share halves of 64-bit ones
        rng = np.random.default_rng(seed)
        numbers = []
        for _ in range(16):
            numbers += [int(rng.integers(0, 6)), rng.random().hex(),
                        float(rng.standard_normal()).hex()]
        line("mixed", [seed], numbers)


if __name__ == "__main__":
    path = Path(__file__).parent.parent / "tests/core/data/random.txt"
    with open(path, "w") as sys.stdout:
        main()
