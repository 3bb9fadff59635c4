#!/usr/bin/env python3
"""The distributions of `random.*`: Kolmogorov and Smirnov's test of 20,000 draws against the distribution's own function, p > 1e-6.

    random_draws.py MDLC

Continuous distributions without a closed form are integrated. Needs Python 3.9 and NumPy 1.20, nothing else.
"""
import math
import os
import subprocess
import sys
import tempfile

import numpy as np

N = 20000
GRID = 200001


def integrated(density, low, high):
    """The distribution function of a density, by the midpoints of a fine grid in a variable that flattens both ends."""
    t = (np.arange(GRID) + 0.5) / GRID
    x = low + (high - low) * (3 * t**2 - 2 * t**3)
    mass = density(x) * 6 * t * (1 - t)
    total = np.cumsum(mass)
    return lambda v: np.interp(v, x, (total - mass / 2) / total[-1])


def gamma(a):
    return integrated(lambda x: np.exp((a - 1) * np.log(x) - x - math.lgamma(a)), 0, 60)


def beta(a, b):
    return integrated(lambda x: np.exp((a - 1) * np.log(x) + (b - 1) * np.log1p(-x)), 0, 1)


def binomial(n, p):
    total = np.cumsum([math.comb(n, k) * p**k * (1 - p)**(n - k) for k in range(n + 1)])
    return lambda v: total[np.clip(v, 0, n).astype(int)]


phi = np.vectorize(lambda x: 0.5 * math.erfc(-x / math.sqrt(2)))
CASES = [
    ("random.uniform((N,), -1.0, 3.0)", lambda v: (v + 1) / 4), ("random.normal((N,), 1.0, 2.0)", lambda v: phi((v - 1) / 2)),
    ("random.truncated_normal((N,))", lambda v: (phi(v) - phi(-2)) / (phi(2) - phi(-2))), ("random.gamma((N,), 0.3)", gamma(0.3)),
    ("random.gamma((N,), 1.0)", lambda v: -np.expm1(-v)), ("random.gamma((N,), 4.5)", gamma(4.5)), ("random.beta((N,), 2.0, 3.0)", beta(2, 3)),
    ("random.beta((N,), 0.5, 0.5)", lambda v: 2 / np.pi * np.arcsin(np.sqrt(v))), ("random.binomial((N,), 20, 0.3)", binomial(20, 0.3)),
    ("random.randint((N,), -3, 7)", lambda v: (np.floor(v) + 4) / 10), ("random.categorical(log([[0.1, 0.2, 0.0, 0.7]]), N)[0]", lambda v: np.array([0.1, 0.3, 0.3, 1.0])[v.astype(int)]),
    ("random.shuffle(arange(N))[:200] / N", lambda v: np.floor(v * N + 1) / N),
]


def p_value(sample, function):
    """Of the largest distance between the sample's distribution function and the other; steps of discrete ones count at their ends."""
    values, counts = np.unique(sample.astype(np.float64), return_counts=True)
    share, expected = np.cumsum(counts) / len(sample), function(values)
    distance = np.max(np.abs(share - expected))
    if len(values) == len(sample):  # continuous: also just before each value
        distance = max(distance, np.max(np.abs(share - 1 / len(sample) - expected)))
    q = distance * math.sqrt(len(sample))
    return min(1.0, 2 * sum((-1)**(k - 1) * math.exp(-2 * (k * q)**2) for k in range(1, 101)))


def main():
    mdlc, failed = os.path.abspath(sys.argv[1]), 0
    with tempfile.TemporaryDirectory() as scratch:
        path = lambda name: os.path.join(scratch, name)  # noqa: E731
        with open(path("draws.mdl"), "w", encoding="utf-8") as out:
            outputs = ", ".join(f"r{i}: {text.replace('N', str(N))}" for i, (text, _) in enumerate(CASES))
            out.write(f"model Draws {{ call() {{ return {{{outputs}}} }} }}\n")
        subprocess.run([mdlc, "build", path("draws.mdl"), "-o", path("draws")], check=True)
        args = [path("draws"), "run"]
        for i in range(len(CASES)):
            args += ["--output", f"r{i}={path(f'r{i}.npy')}"]
        subprocess.run(args, check=True, stdout=subprocess.DEVNULL)
        for i, (text, function) in enumerate(CASES):
            p = p_value(np.load(path(f"r{i}.npy")), function)
            if not p > 1e-6:
                failed += 1
                print(f"FAILED {text}: p = {p:.3g}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
