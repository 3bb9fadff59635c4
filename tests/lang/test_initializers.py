"""Every initializer of Keras by its name: the numbers that `init` writes have Keras' distribution (Kolmogorov's distance)."""
import math

from harness import *

SHAPE = (5, 40, 60)
FAN_IN, FAN_OUT = 5 * 40, 5 * 60

normal_cdf = np.vectorize(lambda z: 0.5 * (1 + math.erf(z / math.sqrt(2))))


def normal(mean, stddev):
    return lambda x: normal_cdf((x - mean) / stddev), -np.inf, np.inf


def uniform(low, high):
    return lambda x: (x - low) / (high - low), low, high


def truncated(mean, stddev):
    """Drawn again outside of two standard deviations, which are those before cutting."""
    out = normal_cdf(-2)
    return lambda x: (normal_cdf((x - mean) / stddev) - out) / (1 - 2 * out), mean - 2 * stddev, mean + 2 * stddev


def scaled(scale, fan, distribution):
    """keras.initializers.VarianceScaling.__call__, keras/src/initializers/random_initializers.py."""
    n = {"fan_in": FAN_IN, "fan_out": FAN_OUT, "fan_avg": (FAN_IN + FAN_OUT) / 2}[fan]
    if distribution == "uniform":
        return uniform(-math.sqrt(3 * scale / n), math.sqrt(3 * scale / n))
    if distribution == "untruncated_normal":
        return normal(0, math.sqrt(scale / n))
    return truncated(0, math.sqrt(scale / n) / 0.87962566103423978)


DISTRIBUTIONS = {
    '"random_normal"': normal(0, 0.05),
    "random_normal(mean=1.5, stddev=0.2)": normal(1.5, 0.2),
    '"random_uniform"': uniform(-0.05, 0.05),
    "random_uniform(minval=2.0, maxval=5.0)": uniform(2, 5),
    '"truncated_normal"': truncated(0, 0.05),
    "truncated_normal(mean=-1.0, stddev=0.1)": truncated(-1, 0.1),
    '"glorot_uniform"': scaled(1, "fan_avg", "uniform"),
    '"glorot_normal"': scaled(1, "fan_avg", "truncated_normal"),
    '"he_uniform"': scaled(2, "fan_in", "uniform"),
    '"he_normal"': scaled(2, "fan_in", "truncated_normal"),
    '"lecun_uniform"': scaled(1, "fan_in", "uniform"),
    '"lecun_normal"': scaled(1, "fan_in", "truncated_normal"),
    '"variance_scaling"': scaled(1, "fan_in", "truncated_normal"),
    'variance_scaling(scale=3.0, mode="fan_out", distribution="uniform")': scaled(3, "fan_out", "uniform"),
    'variance_scaling(scale=0.5, mode="fan_avg", distribution="untruncated_normal")': scaled(0.5, "fan_avg", "untruncated_normal"),
}


def check_distributions(i, w):
    for k, (text, (cdf, low, high)) in enumerate(DISTRIBUTIONS.items()):
        x = np.sort(w[f"w{k}"].astype(F64).reshape(-1))
        n = len(x)
        if x[0] < low * (1 + 1e-6 * np.sign(-low)) or x[-1] > high * (1 + 1e-6 * np.sign(high)):
            raise Failure(f"{text}: values from {x[0]} to {x[-1]}, not within {low} and {high}")
        steps = np.arange(n + 1) / n
        distance = max(np.max(steps[1:] - cdf(x)), np.max(cdf(x) - steps[:-1]))
        if distance * math.sqrt(n) > 1.95:  # exceeded by one seed of a thousand
            raise Failure(f"{text}: Kolmogorov's distance {distance:.4f} of {n} values")
    return i["x"]


case("initializers have the distributions of Keras",
     "model M {\n" + "".join(f"    weight w{k}: {list(SHAPE)} = {text}\n" for k, text in enumerate(DISTRIBUTIONS)) +
     "    call(x: [n]) { return x }\n}\n", {"x": grid(2)}, check_distributions)


def check_fixed(i, w):
    for name, value in (("zeros", 0), ("ones", 1), ("constant", 2.5)):
        if not (w[name] == value).all():
            raise Failure(f"{name} is {w[name]}")
    if not np.array_equal(w["identity"], 3 * np.eye(4, 6, dtype=F32)):
        raise Failure(f"identity is {w['identity']}")
    q = w["orthogonal"].astype(F64).reshape(-1, 7)  # keras: the last axis is columns, the others rows
    if not np.allclose(q.T @ q, 4 * np.eye(7), atol=1e-5):
        raise Failure(f"orthogonal columns have the products {q.T @ q}")
    wide = w["wide"].astype(F64)
    if not np.allclose(wide @ wide.T, np.eye(3), atol=1e-5):
        raise Failure(f"orthogonal rows have the products {wide @ wide.T}")
    return i["x"]


case("initializers without chance", """
model M {
    weight zeros: [3, 2] = "zeros"
    weight ones: [3, 2] = "ones"
    weight constant: [3, 2] = constant(2.5)
    weight identity: [4, 6] = identity(gain=3.0)
    weight orthogonal: [3, 4, 7] = orthogonal(gain=2.0)
    weight wide: [3, 8] = "orthogonal"
    call(x: [n]) { return x }
}
""", {"x": grid(2)}, check_fixed)
