"""tests/library/distributions.json: places of gamma and beta distributions and the chance that a number lies below each, by SciPy."""
import json
import os

import numpy as np
import scipy
import scipy.stats

import common

PLACES = 200
GAMMA = [0.1, 0.3, 0.9, 1.0, 1.5, 4.5, 60.0]
BETA = [(0.5, 0.5), (1.0, 1.0), (2.0, 3.0), (0.3, 4.0), (40.0, 15.0)]


def row(name, shape, distribution):
    """Places at equal steps of the chance, rounded as float32 has them."""
    places = np.unique(distribution.ppf(np.arange(1, PLACES) / PLACES).astype(np.float32))
    places = places[places > 1e-30]
    return {"call": f"random.{name}((N,), {', '.join(map(str, shape))})", "places": [float(x) for x in places],
            "below": [float(f"{p:.9g}") for p in distribution.cdf(places.astype(np.float64))]}


def write():
    rows = [row("gamma", (a,), scipy.stats.gamma(a)) for a in GAMMA] + [row("beta", ab, scipy.stats.beta(*ab)) for ab in BETA]
    lines = ",\n".join("  " + json.dumps(r) for r in rows)
    with open(os.path.join(common.TOP, "tests/library/distributions.json"), "w", encoding="utf-8") as out:
        out.write('{"scipy": %s, "cases": [\n%s\n]}\n' % (json.dumps(scipy.__version__), lines))
    print(f"distributions: {len(rows)}")
