#!/usr/bin/env python3
"""The distributions of `random.*`: Kolmogorov and Smirnov's test of 20,000 draws against the distribution's own function, p > 1e-6.

    random_draws.py MDLC

Gamma and beta numbers, 200,000 of each, are tested at the places of distributions.json, which SciPy made. Needs Python 3.9 and NumPy 1.20, nothing else.
"""
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np

N = 20000
MANY = 200000


def binomial(n, p):
    total = np.cumsum([math.comb(n, k) * p**k * (1 - p)**(n - k) for k in range(n + 1)])
    return lambda v: total[np.clip(v, 0, n).astype(int)]


phi = np.vectorize(lambda x: 0.5 * math.erfc(-x / math.sqrt(2)))
CASES = [
    ("random.uniform((N,), -1.0, 3.0)", lambda v: (v + 1) / 4), ("random.normal((N,), 1.0, 2.0)", lambda v: phi((v - 1) / 2)),
    ("random.truncated_normal((N,))", lambda v: (phi(v) - phi(-2)) / (phi(2) - phi(-2))), ("random.binomial((N,), 20, 0.3)", binomial(20, 0.3)),
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
    return p_of(distance, len(sample))


def p_at_places(sample, places, below):
    """Of the largest distance at given places: no more than that at all places."""
    share = np.searchsorted(np.sort(sample.astype(np.float64)), places, side="right") / len(sample)
    return p_of(np.max(np.abs(share - below)), len(sample))


def p_of(distance, n):
    q = distance * math.sqrt(n)
    return min(1.0, 2 * sum((-1)**(k - 1) * math.exp(-2 * (k * q)**2) for k in range(1, 101)))


def main():
    mdlc, failed = os.path.abspath(sys.argv[1]), 0
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "distributions.json"), encoding="utf-8") as golden:
        tables = json.load(golden)["cases"]
    cases = [(text.replace("N", str(N)), lambda v, f=f: p_value(v, f)) for text, f in CASES]
    cases += [(r["call"].replace("N", str(MANY)), lambda v, r=r: p_at_places(v, r["places"], np.array(r["below"]))) for r in tables]
    with tempfile.TemporaryDirectory() as scratch:
        path = lambda name: os.path.join(scratch, name)  # noqa: E731
        with open(path("draws.mdl"), "w", encoding="utf-8") as out:
            outputs = ", ".join(f"r{i}: {text}" for i, (text, _) in enumerate(cases))
            out.write(f"model Draws {{ call() {{ return {{{outputs}}} }} }}\n")
        subprocess.run([mdlc, "build", path("draws.mdl"), "--cflags", "-O1", "-o", path("draws")], check=True)
        args = [path("draws"), "run"]
        for i in range(len(cases)):
            args += ["--output", f"r{i}={path(f'r{i}.npy')}"]
        subprocess.run(args, check=True, stdout=subprocess.DEVNULL)
        for i, (text, test) in enumerate(cases):
            p = test(np.load(path(f"r{i}.npy")))
            if not p > 1e-6:
                failed += 1
                print(f"FAILED {text}: p = {p:.3g}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
