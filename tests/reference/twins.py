"""The slow twins: one plain function for every row of runtime/ops.def that computes, named like the row.

    twin(x, a, out) -> array

x    the inputs, a list of numpy arrays: float64 for every float dtype, int64 for integers, bool
a    the attributes by name: integers, lists of integers, floats
out  the result's .shape, and .dtype by MDL's name ("float32"), which only `cast` and `arange` look at

The result is float64, int64 or bool of out.shape. Integers wrap at 64 bits; rounding and wrapping to a smaller dtype is
`store`, which whoever calls does. Nothing here is meant to be fast: shapes are walked element by element where that is the
clearest way to say what is meant. Given longdouble instead of float64, all but a few (erf, erfinv, random) compute in that.
"""

import builtins
import math
import statistics

import numpy as np

INTEGERS = {"int8": (8, True), "uint8": (8, False), "int16": (16, True), "int32": (32, True), "int64": (64, True)}
FLOATS = {"float32": (23, -126, 127), "float64": (52, -1022, 1023), "float16": (10, -14, 15), "bfloat16": (7, -126, 127)}


# ---- dtypes ----


def load(values, dtype):
    """What computing starts from: float64, int64 or bool."""
    return np.asarray(values).astype(np.bool_ if dtype == "bool" else np.int64 if dtype in INTEGERS else np.float64)


def round_float(values, dtype):
    """To the nearest value of a float dtype, ties to even; as float64."""
    fraction, emin, emax = FLOATS[dtype]
    x = np.asarray(values, np.longdouble)
    with np.errstate(all="ignore"):
        _, exponent = np.frexp(np.where(np.isfinite(x) & (x != 0), x, 1))
        unit = np.ldexp(np.longdouble(1), np.maximum(exponent - 1, emin) - fraction)
        rounded = np.where(np.isfinite(x), np.rint(x / unit) * unit, x)
        largest = (2 - np.ldexp(np.longdouble(1), -fraction)) * np.ldexp(np.longdouble(1), emax)
        return np.where(np.abs(rounded) > largest, np.copysign(np.inf, x), np.where(rounded == 0, np.copysign(0, x), rounded)).astype(np.float64)


def wrap(values, dtype):
    """Integers at the width of a dtype, as two's complement; as int64."""
    bits, signed = INTEGERS[dtype]
    x = np.asarray(values).astype(np.int64)
    if bits == 64:
        return x
    x = x & ((1 << bits) - 1)
    return np.where(x >= 1 << (bits - 1), x - (1 << bits), x) if signed else x


def store(values, dtype):
    """The values as a tensor of `dtype` holds them, in float64, int64 or bool."""
    if dtype == "bool":
        return np.asarray(values).astype(np.bool_)
    return wrap(values, dtype) if dtype in INTEGERS else round_float(values, dtype)


# ---- element by element ----


def _broadcast(function):
    def twin(x, a, out):
        with np.errstate(all="ignore"):
            return np.broadcast_to(function(*x), out.shape).copy()

    return twin


def _math(function, double):
    """A function that only Python's math has."""
    return _broadcast(lambda x: np.vectorize(function, otypes=[double])(np.asarray(x, np.float64)))


def _two(x):
    return np.asarray(2, x.dtype)


negative = _broadcast(lambda x: np.negative(x))
abs = _broadcast(lambda x: np.abs(x))
sign = _broadcast(lambda x: np.sign(x))
square = _broadcast(lambda x: x * x)
reciprocal = _broadcast(lambda x: 1 / x)
sqrt = _broadcast(lambda x: np.sqrt(x))
rsqrt = _broadcast(lambda x: 1 / np.sqrt(x))
exp = _broadcast(lambda x: np.exp(x))
exp2 = _broadcast(lambda x: np.exp2(x))
expm1 = _broadcast(lambda x: np.expm1(x))
log = _broadcast(lambda x: np.log(x))
log2 = _broadcast(lambda x: np.log2(x))
log10 = _broadcast(lambda x: np.log10(x))
log1p = _broadcast(lambda x: np.log1p(x))
sin = _broadcast(lambda x: np.sin(x))
cos = _broadcast(lambda x: np.cos(x))
tan = _broadcast(lambda x: np.tan(x))
arcsin = _broadcast(lambda x: np.arcsin(x))
arccos = _broadcast(lambda x: np.arccos(x))
arctan = _broadcast(lambda x: np.arctan(x))
sinh = _broadcast(lambda x: np.sinh(x))
cosh = _broadcast(lambda x: np.cosh(x))
tanh = _broadcast(lambda x: np.tanh(x))
arcsinh = _broadcast(lambda x: np.arcsinh(x))
arccosh = _broadcast(lambda x: np.arccosh(x))
arctanh = _broadcast(lambda x: np.arctanh(x))
erf = _math(math.erf, np.float64)
erfc = _math(math.erfc, np.float64)
signbit = _broadcast(lambda x: np.signbit(x) if x.dtype.kind == "f" else x < 0)


def _i0(x):
    """The power series, every term of it."""
    x = np.minimum(np.abs(np.asarray(x, np.longdouble)), 800)
    term = total = np.ones_like(x)
    for k in range(1, 1300):
        term = term * (x / 2 / k) ** 2
        total = total + term
    return total


i0 = _broadcast(_i0)
sigmoid = _broadcast(lambda x: np.where(x < 0, np.exp(-np.abs(x)), 1) / (1 + np.exp(-np.abs(x))))
softplus = _broadcast(lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))
floor = _broadcast(lambda x: np.floor(x))
ceil = _broadcast(lambda x: np.ceil(x))
trunc = _broadcast(lambda x: np.trunc(x))
rint = _broadcast(lambda x: np.rint(x))
isnan = _broadcast(lambda x: np.isnan(x))
isinf = _broadcast(lambda x: np.isinf(x))
isfinite = _broadcast(lambda x: np.isfinite(x))
logical_not = _broadcast(lambda x: x == 0)
bitwise_not = _broadcast(lambda x: ~x)
copy = _broadcast(lambda x: x)


def _erfinv(y):
    """The root of erf(x) = y by bisection and Newton's steps; erfc where erf is flat."""
    if not -1 <= y <= 1:
        return math.nan
    if builtins.abs(y) == 1:
        return math.copysign(math.inf, y)
    goal, low, high = builtins.abs(y), 0.0, 6.0
    for _ in range(60):
        middle = (low + high) / 2
        below = math.erf(middle) < goal if goal < 0.5 else math.erfc(middle) > 1 - goal
        low, high = (middle, high) if below else (low, middle)
    x = (low + high) / 2 if goal > 1e-8 else goal * math.sqrt(math.pi) / 2
    for _ in range(3):
        miss = math.erf(x) - goal if goal < 0.5 else (1 - goal) - math.erfc(x)
        x -= miss / (2 / math.sqrt(math.pi) * math.exp(-x * x))
    return math.copysign(x, y)


erfinv = _math(_erfinv, np.float64)


def cast(x, a, out):
    x = np.broadcast_to(x[0], out.shape)
    if out.dtype == "bool":
        return x != 0
    if out.dtype in FLOATS:
        return x.astype(np.float64) if x.dtype != np.longdouble else x.copy()
    if x.dtype.kind != "f":
        return wrap(x.astype(np.int64), out.dtype)
    bits, signed = INTEGERS[out.dtype]
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    one = lambda v: 0 if math.isnan(v) else low if v <= low else high if v >= high else int(v)
    return np.array([one(float(v)) for v in x.ravel()], np.int64).reshape(out.shape)


add = _broadcast(lambda x, y: x + y)
subtract = _broadcast(lambda x, y: x - y)
multiply = _broadcast(lambda x, y: x * y)
divide = _broadcast(lambda x, y: x / y)
floor_divide = _broadcast(lambda x, y: np.floor_divide(x, y))
mod = _broadcast(lambda x, y: np.mod(x, y))
maximum = _broadcast(lambda x, y: np.maximum(x, y))
minimum = _broadcast(lambda x, y: np.minimum(x, y))
arctan2 = _broadcast(lambda x, y: np.arctan2(x, y))
sigmoid_tanh = _broadcast(lambda x, y: np.where(x < 0, np.exp(-np.abs(x)), 1) / (1 + np.exp(-np.abs(x))) * np.tanh(y))
logaddexp = _broadcast(lambda x, y: np.logaddexp(x, y))
nextafter = _broadcast(lambda x, y: np.nextafter(x, y))
ldexp = _broadcast(lambda x, y: np.ldexp(x, np.where(np.isnan(y), 0, np.clip(y, -20000, 20000)).astype(int)) + np.where(np.isnan(y), y, 0))
fmod = _broadcast(lambda x, y: np.fmod(x, y))
bitwise_and = _broadcast(lambda x, y: x & y)
bitwise_or = _broadcast(lambda x, y: x | y)
bitwise_xor = _broadcast(lambda x, y: x ^ y)
equal = _broadcast(lambda x, y: x == y)
not_equal = _broadcast(lambda x, y: x != y)
less = _broadcast(lambda x, y: x < y)
less_equal = _broadcast(lambda x, y: x <= y)
greater = _broadcast(lambda x, y: x > y)
greater_equal = _broadcast(lambda x, y: x >= y)
where = _broadcast(lambda c, x, y: np.where(c, x, y))


def _integers(function):
    """Python's integers have no width; the low 64 bits are kept."""
    def one(x, y):
        bits = function(int(x), int(y)) & (1 << 64) - 1
        return bits - (1 << 64) if bits >> 63 else bits

    return np.vectorize(one, otypes=[np.int64])


def _integer_power(x, y):
    if y >= 0:
        return pow(x, y, 1 << 64)
    return 1 if x == 1 else (-1) ** (y % 2) if x == -1 else 0


gcd = _broadcast(_integers(lambda x, y: math.gcd(x, y)))
left_shift = _broadcast(_integers(lambda x, y: x << y if 0 <= y < 64 else 0))
right_shift = _broadcast(_integers(lambda x, y: x >> (y if 0 <= y < 64 else 63)))


def _power(x, y):
    if x.dtype.kind != "f":
        return _integers(_integer_power)(x, y)
    # glibc's powl(-inf, -2**63) is inf
    return np.where(np.isinf(x), np.power(x.astype(np.float64), y.astype(np.float64)), np.power(x, y))


power = _broadcast(_power)


# ---- bytes under another shape, or moved ----


def reshape(x, a, out):
    return x[0].reshape(out.shape)


def transpose(x, a, out):
    return x[0].transpose(a["permutation"])


def concatenate(x, a, out):
    return np.concatenate(x, a["axis"])


def strided_slice(x, a, out):
    for axis, (start, step, size) in enumerate(zip(a["start"], a["step"], out.shape)):
        x = [np.take(x[0], [start + i * step for i in range(size)], axis)]
    return x[0]


def pad(x, a, out):
    widths = list(zip(a["low"], a["high"]))
    if not widths:
        return x[0]
    if a["mode"] == 0:
        return np.pad(x[0], widths, constant_values=x[1].item() if len(x) == 2 else 0)
    return np.pad(x[0], widths, mode=["reflect", "symmetric", "edge"][a["mode"] - 1])


def take(x, a, out):
    return np.take(x[0], x[1], a["axis"])


def take_along_axis(x, a, out):
    return np.take_along_axis(x[0], x[1], a["axis"])


def _block(whole, starts, block):
    starts = [builtins.min(builtins.max(int(s), 0), n - b) for s, n, b in zip(starts, whole, block)]
    return tuple(builtins.slice(s, s + b) for s, b in zip(starts, block))


def slice(x, a, out):
    return x[0][_block(x[0].shape, x[1], out.shape)]


def slice_update(x, a, out):
    y = x[0].copy()
    y[_block(y.shape, x[1], x[2].shape)] = x[2]
    return y


def scatter_update(x, a, out):
    y = x[0].copy()
    combine = [lambda old, new: new, np.add, np.maximum, np.minimum, np.multiply][a["reduction"]]
    for index, update in zip(x[1], x[2]):
        with np.errstate(all="ignore"):
            y[tuple(index)] = combine(y[tuple(index)], update)
    return y


def view(x, a, out):
    """Of values whose bits are not known: the graph's interpreter has only numbers."""
    raise NotImplementedError("the bytes of a tensor")


def arange(x, a, out):
    values = a["start"] + np.arange(out.shape[0], dtype=np.float64) * a["step"]
    return cast([values], {}, out)


def range_dim(x, a, out):
    return np.array([a["start"] + i * a["step"] for i in range(out.shape[0])], np.int64)


# ---- products ----


def matmul(x, a, out):
    left = np.swapaxes(x[0], -1, -2) if a["transpose_a"] else x[0]
    right = np.swapaxes(x[1], -1, -2) if a["transpose_b"] else x[1]
    with np.errstate(all="ignore"):
        return np.matmul(left, right)


def matmul_8bit(x, a, out):
    return np.matmul(x[0].astype("i8"), x[1].astype("i8")).astype("i4")


def _positions(shape):
    return np.ndindex(*shape)


def conv(x, a, out):
    image, kernel = x
    space, groups = image.ndim - 2, a["groups"]
    inputs, filters = kernel.shape[-2], kernel.shape[-1] // groups
    y = np.zeros(out.shape, image.dtype)
    for position in _positions(out.shape[1:-1]):
        for tap in _positions(kernel.shape[:-2]):
            at = tuple(o * s - l + k * d for o, s, l, k, d in zip(position, a["strides"], a["low"], tap, a["dilations"]))
            if not all_of(0 <= i < n for i, n in zip(at, image.shape[1:-1])):
                continue
            pixels = image[(builtins.slice(None),) + at].reshape(-1, groups, inputs)
            of_groups = np.einsum("bgi,igf->bgf", pixels, kernel[tap].reshape(inputs, groups, filters))
            y[(builtins.slice(None),) + position] += of_groups.reshape(-1, groups * filters)
    return y


def conv_transpose(x, a, out):
    image, kernel = x
    y = np.zeros(out.shape, image.dtype)
    for position in _positions(image.shape[1:-1]):
        for tap in _positions(kernel.shape[:-2]):
            to = tuple(i * s + k * d - l for i, s, k, d, l in zip(position, a["strides"], tap, a["dilations"], a["low"]))
            if all_of(0 <= o < n for o, n in zip(to, out.shape[1:-1])):
                y[(builtins.slice(None),) + to] += image[(builtins.slice(None),) + position] @ kernel[tap].T
    return y


def _panels(columns):
    return [builtins.slice(i, builtins.min(i + 64, columns)) for i in range(0, columns, 64)]


def _unpacked(panels, n):
    """The matrix [k, n] that pack_columns was given."""
    k, flat = panels.size // panels.shape[-1], panels.ravel()
    return np.concatenate([flat[s.start * k:s.stop * k].reshape(k, s.stop - s.start) for s in _panels(panels.shape[-1])], 1)[:, :n]


def pack_columns(x, a, out):
    matrix = x[0].T if a["transposed"] else x[0].reshape(-1, x[0].shape[-1])
    padded = np.pad(matrix, ((0, 0), (0, -matrix.shape[1] % 16)))
    return np.concatenate([padded[:, s].ravel() for s in _panels(padded.shape[1])]).reshape(out.shape)


def matmul_packed(x, a, out):
    return x[0] @ _unpacked(x[1], out.shape[-1])


def heads_outside(x, a):
    return [np.swapaxes(t, -2, -3) if a[name] else t for t, name in zip(x, ("query", "key", "value"))]


def attention_weights(x, a):
    """Scores where masks have spoken, or were added, and their softmax."""
    q, k, _ = heads_outside(x, a)
    scores = q @ np.swapaxes(k, -1, -2) * np.float32(a["scale"])
    masked = np.float32(a["masked"])
    if len(x) > 3:
        scores = np.where(x[3], scores, masked) if x[3].dtype == bool else scores + x[3]
    if a["causal"]:
        scores = np.where(np.arange(scores.shape[-2])[:, np.newaxis] >= np.arange(scores.shape[-1]), scores, masked)
    with np.errstate(all="ignore"):
        e = np.exp(scores - np.max(scores, -1, keepdims=True, initial=-np.inf))
        return scores, e / np.sum(e, -1, keepdims=True)


def attention(x, a, out):
    y = attention_weights(x, a)[1] @ heads_outside(x, a)[2]
    return np.swapaxes(y, -2, -3) if a["result"] else y


def conv_packed(x, a, out):
    kernel = _unpacked(x[1], out.shape[-1]).reshape(x[1].shape[:-1] + (out.shape[-1],))
    return conv([x[0], kernel], {**a, "groups": 1}, out)


# For outputs of n = 2 and 4: filters, inputs and sums are transformed along an axis by these, the rows of Lavin and Gray.
_WINOGRAD = {
    2: ([[1, 0, 0], [.5, .5, .5], [.5, -.5, .5], [0, 0, 1]],
        [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
        [[1, 1, 1, 0], [0, 1, -1, -1]]),
    4: ([[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6], [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]],
        [[4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0], [0, 4, 0, -5, 0, 1]],
        [[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]),
}


def _winograd(tile, sizes):
    """The three matrices; of sizes alone if `sizes`, which bounds what roundings can make of them."""
    return [np.abs(m) if sizes else np.array(m, np.float64) for m in _WINOGRAD[tile]]


def _winograd_panels(columns):
    """Of one size, as far as multiples of 16 go."""
    steps, count = columns // 16, -(-columns // 64)
    ends = [16 * (steps // count * i + steps % count * i // count) for i in range(count + 1)]
    return [builtins.slice(i, j) for i, j in zip(ends, ends[1:])]


def winograd_filters(x, a, out, sizes=False):
    g = _winograd(a["tile"], sizes)[0]
    y = np.einsum("pi,qk,ikcf->pqcf", g, g, np.pad(x[0], ((0, 0),) * 3 + ((0, -x[0].shape[3] % 16),)))
    return np.concatenate([y[..., s].reshape(y.shape[0], y.shape[0], -1) for s in _winograd_panels(y.shape[3])], 2).reshape(out.shape)


def conv_winograd(x, a, out, sizes=False):
    image, filters, n = x[0], x[1], a["tile"]
    _, b, t = _winograd(n, sizes)
    places, channels, count = n + 2, image.shape[3], out.shape[3]
    flat = filters.reshape(places, places, -1)
    panels = [flat[..., s.start * channels:s.stop * channels].reshape(places, places, channels, -1) for s in _winograd_panels(filters.shape[3])]
    u = np.concatenate(panels, 3)[..., :count]
    down, across = -(-out.shape[1] // n), -(-out.shape[2] // n)
    padded = np.zeros((image.shape[0], down * n + 2, across * n + 2, channels), image.dtype)
    inside = padded[:, a["low"][0]:, a["low"][1]:][:, :image.shape[1], :image.shape[2]]
    inside[...] = image[:, :inside.shape[1], :inside.shape[2]]
    y = np.zeros((image.shape[0], down * n, across * n, count), image.dtype)
    for i in range(down):
        for k in range(across):
            d = np.einsum("pi,qk,bikc->bpqc", b, b, padded[:, i * n:i * n + places, k * n:k * n + places])
            y[:, i * n:(i + 1) * n, k * n:(k + 1) * n] = np.einsum("ip,kq,bpqf->bikf", t, t, np.einsum("bpqc,pqcf->bpqf", d, u))
    return y[:, :out.shape[1], :out.shape[2]]


def _windows(x, a, out, reduce):
    y = np.zeros(out.shape, x[0].dtype)
    for position in _positions(out.shape[1:-1]):
        window = tuple(builtins.slice(builtins.max(o * s - l, 0), builtins.max(o * s - l + k, 0))
                       for o, s, l, k in zip(position, a["strides"], a["low"], a["size"]))
        y[(builtins.slice(None),) + position] = reduce(x[0][(builtins.slice(None),) + window])
    return y


def _lowest(x):
    return -np.inf if x.dtype.kind == "f" else np.iinfo(np.int64).min


def _highest(x):
    return np.inf if x.dtype.kind == "f" else np.iinfo(np.int64).max


def max_pool(x, a, out):
    axes = tuple(range(1, x[0].ndim - 1))
    return _windows(x, a, out, lambda w: np.max(w, axes, initial=_lowest(w)))


def average_pool(x, a, out):
    axes = tuple(range(1, x[0].ndim - 1))
    with np.errstate(all="ignore"):
        return _windows(x, a, out, lambda w: np.sum(w, axes) / np.prod(w.shape[1:-1]))


# ---- reductions ----

all_of = builtins.all


def _over(reduce):
    def twin(x, a, out):
        axes = tuple(i for i, reduced in enumerate(a["axes"]) if reduced)
        with np.errstate(all="ignore"):
            return np.asarray(reduce(x[0], axes) if axes else reduce(x[0][..., np.newaxis], (x[0].ndim,)).reshape(x[0].shape)).reshape(out.shape)

    return twin


def _count(x, axes):
    return math.prod(x.shape[i] for i in axes)


sum = _over(lambda x, axes: np.sum(x, axes, keepdims=True))
prod = _over(lambda x, axes: np.prod(x, axes, keepdims=True))
mean = _over(lambda x, axes: np.sum(x, axes, keepdims=True) / np.float64(_count(x, axes)))
max = _over(lambda x, axes: np.max(x, axes, keepdims=True, initial=_lowest(x)))
min = _over(lambda x, axes: np.min(x, axes, keepdims=True, initial=_highest(x)))
any = _over(lambda x, axes: np.any(x, axes, keepdims=True))
all = _over(lambda x, axes: np.all(x, axes, keepdims=True))


def argmax(x, a, out):
    return np.argmax(x[0], a["axis"]).reshape(out.shape)


def argmin(x, a, out):
    return np.argmin(x[0], a["axis"]).reshape(out.shape)


def cumsum(x, a, out):
    with np.errstate(all="ignore"):
        return np.cumsum(x[0], a["axis"])


def cumprod(x, a, out):
    with np.errstate(all="ignore"):
        return np.cumprod(x[0], a["axis"])


def sort(x, a, out):
    return np.sort(x[0], a["axis"], kind="stable")


def argsort(x, a, out):
    def order(line):
        nan = lambda i: line[i] != line[i]
        if a["descending"]:
            return sorted(range(len(line)), key=lambda i: (nan(i), 0 if nan(i) else -line[i]))
        return sorted(range(len(line)), key=lambda i: (nan(i), 0 if nan(i) else line[i]))

    if x[0].size == 0:
        return np.zeros(out.shape, np.int64)
    return np.apply_along_axis(lambda line: np.array(order(line.tolist()), np.int64), a["axis"], x[0])


def softmax(x, a, out):
    if x[0].size == 0:
        return x[0]
    with np.errstate(all="ignore"):
        e = np.exp(x[0] - np.max(x[0], a["axis"], keepdims=True))
        return e / np.sum(e, a["axis"], keepdims=True)


def log_softmax(x, a, out):
    if x[0].size == 0:
        return x[0]
    with np.errstate(all="ignore"):
        shifted = x[0] - np.max(x[0], a["axis"], keepdims=True)
        return shifted - np.log(np.sum(np.exp(shifted), a["axis"], keepdims=True))


def searchsorted(x, a, out):
    nan = lambda v: (v != v, 0 if v != v else v)
    def place(value):
        return builtins.sum(nan(e) <= nan(value) if a["right"] else nan(e) < nan(value) for e in x[0].tolist())
    return np.array([place(v) for v in x[1].ravel().tolist()], np.int64).reshape(out.shape)


# ---- transforms and linear algebra ----


def dft(x, a, out):
    """The sum of its definition."""
    n = x[1].shape[0]
    z = x[0][..., 0] + 1j * x[0][..., 1]
    roots = x[1][:, 0] + 1j * x[1][:, 1]
    y = np.zeros(z.shape, z.dtype)
    for k in range(n):
        y[..., k] = np.sum(z * roots[[i * k % n for i in range(n)]], axis=-1)
    return np.stack([y.real, y.imag], axis=-1)


def _each(x, out, function):
    """A function of one matrix for each of a batch."""
    y = np.zeros(out.shape, np.float64)
    for at in np.ndindex(*out.shape[:-2]):
        if y[at].size:
            y[at] = function(*[m[at].astype(np.float64) for m in x])
    return y


def cholesky_lower(x, a, out):
    return _each(x, out, lambda m: np.linalg.cholesky(np.tril(m) + np.tril(m, -1).T))


def lu_packed(x, a, out):
    def eliminate(m):
        n = len(m)
        y = np.concatenate([m, np.arange(n)[:, np.newaxis]], 1)
        for k in range(n):
            pivot = k + int(np.argmax(np.abs(y[k:, k])))
            y[[k, pivot]] = y[[pivot, k]]
            if y[k, k] != 0:
                y[k + 1:, k] /= y[k, k]
                y[k + 1:, k + 1:n] -= np.outer(y[k + 1:, k], y[k, k + 1:n])
        return y
    return _each(x, out, eliminate)


def triangular_solve(x, a, out):
    def solve(m, b):
        m = np.tril(m) if a["lower"] else np.triu(m)
        if a["unit"]:
            np.fill_diagonal(m, 1)
        return np.linalg.solve(m, b)
    return _each(x, out, solve)


def qr_packed(x, a, out):
    def decompose(m):
        q, r = np.linalg.qr(m, "complete")
        return np.concatenate([q[:, :out.shape[-1] - m.shape[1]], r], 1)
    return _each(x, out, decompose)


def svd_rows(x, a, out):
    def decompose(m):
        u, s, v = np.linalg.svd(m, full_matrices=False)
        return np.concatenate([s[:, np.newaxis] * u.T, v], 1)
    return _each(x, out, decompose)


def eigh_rows(x, a, out):
    def decompose(m):
        e, v = np.linalg.eigh(m, "L")
        return np.concatenate([np.diag(e), v.T], 1)
    return _each(x, out, decompose)


# ---- random numbers: see runtime/ops/random.c ----


def philox(key, block):
    """Philox4x32-10: four 32-bit words."""
    k, c, low = [key & 0xFFFFFFFF, key >> 32], [block & 0xFFFFFFFF, block >> 32, 0, 0], 0xFFFFFFFF
    for _ in range(10):
        p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [q >> 32 ^ c[1] ^ k[0], q & low, p >> 32 ^ c[3] ^ k[1], p & low]
        k = [k[0] + 0x9E3779B9 & low, k[1] + 0xBB67AE85 & low]
    return c


def _steps(a, out):
    """52 random bits for each element; two of them share a block."""
    count = math.prod(out.shape)
    words = [philox(a["key"], block) for block in range((count + 1) // 2)]
    return [((w[i + 1] << 32) | w[i]) >> 12 for w in words for i in (0, 2)][:count]


def random_uniform(x, a, out):
    kept = 24 if out.dtype == "float32" else 52
    return np.array([(s >> 52 - kept) / 2**kept for s in _steps(a, out)], np.float64).reshape(out.shape)


def random_normal(x, a, out):
    normal = statistics.NormalDist()
    return np.array([normal.inv_cdf((s + 0.5) / 2**52) for s in _steps(a, out)], np.float64).reshape(out.shape)
