"""Passes that make a program faster change no result: each program with every one of them switched off, and with none of them."""
from harness import *

# The layers of a small ResNet: filters of 3 x 3 go Winograd's way, with large and with small tiles.
WINOGRAD = """
layer Block(k: int, padding: str) {
    conv = Conv2D(k, 3, padding=padding)
    norm = BatchNormalization()
    call(x) { return relu(norm(conv(x))) }
}
model M {
    blocks = [Block(64, "same") for i in range(3)]
    wide = Block(83, "valid")
    few = Block(35, "same")
    call(x: [n, h, 14, 64]) {
        for block in blocks { x = block(x) }
        return few(wide(x))
    }
}
"""


def conv2d(x, kernel, padding):
    p = 1 if padding == "same" else 0
    padded = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    h, w = padded.shape[1] - 2, padded.shape[2] - 2
    return sum(padded[:, i:i + h, j:j + w] @ kernel[i, j] for i in range(3) for j in range(3))


def residual(i, w):
    x, w = i["x"].astype(F64), {k: v.astype(F64) for k, v in w.items()}
    for at, padding in [("blocks.0", "same"), ("blocks.1", "same"), ("blocks.2", "same"), ("wide", "valid"), ("few", "same")]:
        y = conv2d(x, w[at + ".conv.kernel"], padding) + w[at + ".conv.bias"]
        n = {k: w[f"{at}.norm.{k}"] for k in ("gamma", "beta", "moving_mean", "moving_variance")}
        x = np.maximum((y - n["moving_mean"]) / np.sqrt(n["moving_variance"] + 0.001) * n["gamma"] + n["beta"], 0)
    return x.astype(F32)


PASSES = ["fold", "dedupe", "roll", "transpose-early", "share", "gates", "fold-padding", "fold-scale", "attention", "winograd", "pack", "prepare", "reductions", "slices", "epilogues", "rows", "samples"]


def uniform(low):
    return f"random_uniform(minval={low}, maxval={low + 1})"


# What follows a product scales its channels, in every form that is folded, and some that must not be.
SCALED = f"""
layer Norm {{
    weight gamma: [c] = {uniform(0.5)}
    weight shift: [c] = {uniform(-0.5)}
    state variance: [c] = {uniform(0.5)}
    call(x: [..., c]) {{ return (x - shift) / sqrt(variance + 0.001) * gamma + 1 }}
}}
layer Block(k: int) {{
    a = Conv1D(k, 3, padding="same", use_bias=false)
    b = DepthwiseConv1D(3, padding="same")
    c = Dense(k)
    n = [Norm() for i in range(3)]
    call(x: [batch, time, k]) {{ return tanh(x + n[2](c(relu(n[1](b(n[0](a(x)))))))) }}
}}
model M {{
    blocks = [Block(4) for i in range(4)]
    up = Conv1DTranspose(3, 2)
    norm = Norm()
    last = Block(3)
    twice = Dense(3)
    scale = Norm()
    state seen: [3] = ones
    call(x: [batch, time, 4]) {{
        for block in blocks {{ x = block(x) }}
        y = last(norm(up(x)))
        z = twice(y)
        seen.assign(seen + mean(z, axis=[0, 1]))
        return {{scaled: scale(z) * seen, plain: z, shared: last(y)}}
    }}
}}
"""


def norm(x, w, at):
    return (x - w[at + ".shift"]) / np.sqrt(w[at + ".variance"] + 0.001) * w[at + ".gamma"] + 1


def conv1d(x, kernel, groups=False):
    padded = np.pad(x, ((0, 0), (1, 1), (0, 0)))
    windows = np.stack([padded[:, i:i + x.shape[1]] for i in range(3)], 2)
    return np.einsum("btkc,kc->btc", windows, kernel[..., 0]) if groups else np.einsum("btkc,kcf->btf", windows, kernel)


def block(x, w, at):
    y = norm(conv1d(x, w[at + ".a.kernel"]), w, at + ".n.0")
    y = norm(conv1d(y, w[at + ".b.kernel"], True) + w[at + ".b.bias"], w, at + ".n.1")
    y = norm(np.maximum(y, 0) @ w[at + ".c.kernel"] + w[at + ".c.bias"], w, at + ".n.2")
    return np.tanh(x + y)


def scaled(i, w):
    w = {k: v.astype(F64) for k, v in w.items()}
    x = i["x"].astype(F64)
    for k in range(4):
        x = block(x, w, f"blocks.{k}")
    up = np.zeros((x.shape[0], x.shape[1] + 1, 3))
    for k in range(2):
        up[:, k:k + x.shape[1]] += x @ w["up.kernel"][k].T
    y = block(norm(up + w["up.bias"], w, "norm"), w, "last")
    z = y @ w["twice.kernel"] + w["twice.bias"]
    outputs = {"scaled": norm(z, w, "scale") * (w["seen"] + z.mean((0, 1))), "plain": z, "shared": block(y, w, "last")}
    return {name: value.astype(F32) for name, value in outputs.items()}


# What weights and constants alone give, and what only looks so.
FIXED = """
layer Positions {
    weight table: [8, 4] = random_uniform(minval=-1, maxval=1)
    weight angle: [4] = random_uniform(minval=-1, maxval=1)
    state moved: [4] = ones
    call(x: [batch, time, 4]) {
        moved.assign(moved * 2)
        wave = sin(arange(8.0)[:, none] * angle)
        return x + (table + wave)[:time] + tanh(moved)
    }
}
model M {
    positions = Positions()
    call(x: [batch, 1 <= time <= 8, 4]) {
        mask = arange(4)[:, none] >= arange(4)
        return where(mask, 1.0, 0.5)[3] * positions(x)
    }
}
"""


def fixed(i, w):
    wave = np.sin(np.arange(8.0)[:, None] * w["positions.angle"].astype(F64))
    return (i["x"] + (w["positions.table"] + wave)[:i["x"].shape[1]] + np.tanh(2 * w["positions.moved"])).astype(F32)


# Rows of fewer channels than a vector has elements: the loops behind run over blocks of rows, the last of them shorter.
NARROW = """
model M {
    few = Conv2D(5, 3, activation="tanh")
    weight shift: [5] = random_uniform(minval=-1, maxval=1)
    weight scale: [2] = random_uniform(minval=-1, maxval=1)
    call(x: [batch, 11, 10, 2]) {
        y = few(x)
        return {few: y * y + sigmoid(y) * shift - 2, own: x * scale, whole: where(x > 0, x, scale)}
    }
}
"""


def narrow(i, w):
    w = {k: v.astype(F64) for k, v in w.items()}
    x = i["x"].astype(F64)
    windows = np.stack([x[:, a:a + 9, b:b + 8] for a in range(3) for b in range(3)], 3)
    y = np.tanh(np.einsum("bhwkc,kcf->bhwf", windows, w["few.kernel"].reshape(9, 2, 5)) + w["few.bias"])
    outputs = {"few": y * y + w["shift"] / (1 + np.exp(-y)) - 2, "own": x * w["scale"], "whole": np.where(x > 0, x, w["scale"])}
    return {name: value.astype(F32) for name, value in outputs.items()}


# Rows of products in another order: what may be transposed before the product, and what may not.
ROWS = """
model M {
    wide, again, narrow = Dense(9), Dense(7, activation="tanh"), Dense(3)
    weight shift: [7] = random_uniform()
    weight each: [6, 1] = random_uniform()
    call(x: [batch, 6, 5]) {
        a, both = again(x), wide(x)
        return {early: swapaxes(exp(a + shift) * 2, 0, 1), late: swapaxes(narrow(x), 0, 1), own: swapaxes(exp(wide(x) + each), 0, 1),
                twice: swapaxes(both, 0, 1), plain: both, last: swapaxes(wide(x), 1, 2)}
    }
}
"""


def rows(i, w):
    w = {k: v.astype(F64) for k, v in w.items()}
    x = i["x"].astype(F64)
    wide, again, narrow = (x @ w[name + ".kernel"] + w[name + ".bias"] for name in ("wide", "again", "narrow"))
    outputs = {"early": np.exp(np.tanh(again) + w["shift"]) * 2, "late": narrow, "own": np.exp(wide + w["each"]), "twice": wide}
    outputs = {name: y.swapaxes(0, 1) for name, y in outputs.items()} | {"plain": wide, "last": wide.swapaxes(1, 2)}
    return {name: value.astype(F32) for name, value in outputs.items()}


# Slices that loops read where they are: of all kinds, in epilogues, of what is computed over or assigned, and some that are copied.
SLICES = """
model M {
    wide, tall, square = Dense(19), Dense(19), Dense(19)
    weight line: [23] = random_uniform()
    state seen: [2, 19] = ones
    call(x: [batch, 6, 19], y: [batch, 4, 19]) {
        i, f, g = split(x[..., 1:], 3, axis=-1)
        middle, odd, back = x[:, 1:5], x[:, 1::2], flip(x, axis=1)
        high, turned = softmax(x), softmax(y)
        before = seen[:1] * 2
        seen.assign(seen + mean(x, axis=[0, 1]))
        return {gates: sigmoid(i) * tanh(f) + x[..., 2:3] * g, middle: middle * y + line[3:22], odd: odd - x[:, ::2] * 2,
                back: back + x, last: exp(x[:, :, ::3]) - 1, one: x[:, 2:3] + y * y[:, :1], high: softmax(high[..., :9] + 1) + high[..., 9:18],
                even: wide(y) + middle, column: square(y[:, 0]) + x[:, 0, :], rows: tall(y) * seen[1:] + line[4:], state: before + seen[1:],
                over: softmax(flip(turned, axis=1) - turned)}
    }
}
"""


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def slices(i, w):
    w, x, y = {k: v.astype(F64) for k, v in w.items()}, i["x"].astype(F64), i["y"].astype(F64)
    wide, square = y @ w["wide.kernel"] + w["wide.bias"], y[:, 0] @ w["square.kernel"] + w["square.bias"]
    line, high, seen = w["line"], softmax(x), w["seen"] + x.mean((0, 1))
    outputs = {"gates": 1 / (1 + np.exp(-x[..., 1:7])) * np.tanh(x[..., 7:13]) + x[..., 2:3] * x[..., 13:], "middle": x[:, 1:5] * y + line[3:22],
               "odd": x[:, 1::2] - x[:, ::2] * 2, "back": x[:, ::-1] + x, "last": np.exp(x[:, :, ::3]) - 1, "one": x[:, 2:3] + y * y[:, :1],
               "high": softmax(high[..., :9] + 1) + high[..., 9:18], "even": wide + x[:, 1:5], "column": square + x[:, 0],
               "rows": (y @ w["tall.kernel"] + w["tall.bias"]) * seen[1:] + line[4:], "state": w["seen"][:1] * 2 + seen[1:],
               "over": softmax(softmax(y)[:, ::-1] - softmax(y))}
    return {name: value.astype(F32) for name, value in outputs.items()}


# Epilogues that kernels know, behind each of them: a bias, a tensor of the product's shape, bounds; and some that are not quite such.
# No bias is 0: nobody would miss that.
PLAIN = """
model M {
    point, winograd, last    = Conv2D(44, 1, BIAS), Conv2D(44, 3, padding="same", BIAS), Conv2D(44, 1, BIAS)
    direct, grouped, narrow  = Conv2D(20, 3, BIAS), Conv2D(66, 3, groups=2, BIAS), Conv2D(5, 1, BIAS)
    groups, times            = Conv2D(88, 3, groups=22, BIAS), DepthwiseConv2D(3, depth_multiplier=2, BIAS)
    each                     = [DepthwiseConv2D(3, padding="same", BIAS), DepthwiseConv2D(5, strides=2, BIAS), DepthwiseConv2D(7, dilation_rate=2, padding="same", BIAS)]
    one, three, shade        = Conv2D(1, 3, BIAS), Conv2D(3, 3, strides=2, BIAS), Conv2D(1, 3, BIAS)
    up, over                 = Conv2DTranspose(20, 3, strides=2, BIAS), Conv2DTranspose(20, 3, strides=2, BIAS)
    dense, again, beside     = Dense(70, BIAS), Dense(70, BIAS), Dense(70, BIAS)
    small, unit, units       = Dense(45, BIAS), Dense(1, BIAS), Dense(1, BIAS)
    double                   = Dense(9, dtype="float64", BIAS)

    call(x: [batch, 9, 17, 44], y: [batch, 9, 17, 3], rows: [batch, 70], z: float64[batch, 9]) {
        a = relu6(3 * point(x))
        u = unit(x)
        s = tanh(rows[:, :45])
        v = up(x)
        return {
            bounded: a, swapped: maximum(minimum(each[1](x), 0.25), -0.5), sum: x + each[2](x), chain: relu(each[0](x) + x),
            winograd: winograd(x) + x, after: minimum(x + winograd(a), 0.5), order: last(x) + (x + 1), bias: winograd(y[..., :1] + x) - 0.5,
            direct: relu(direct(y)), grouped: clip(grouped(x), -0.3, 0.4), narrow: relu(narrow(x)), rows: relu(dense(rows) + rows),
            other: maximum(again(rows), rows), beside: minimum(beside(rows) + rows, 0.7), double: relu(double(z) + z), never: clip(dense(rows), 0.5, -0.5),
            groups: relu6(groups(x)), times: maximum(times(x), -0.1), one: clip(one(x), -0.3, 0.4), three: relu(three(x)), shade: sigmoid(shade(x)),
            up: relu(v), over: minimum(over(x) + v, 0.5), small: clip(small(s) + s, -0.4, 0.6), unit: u, units: minimum(units(x) + u, 0.3)
        }
    }
}
""".replace("BIAS", f"bias_initializer={uniform(-0.4)}")


def convolve(x, kernel, stride=1, dilation=1, same=False, each=False):
    k = (kernel.shape[0] - 1) * dilation + 1
    x = np.pad(x, ((0, 0), (k // 2, k // 2), (k // 2, k // 2), (0, 0))) if same else x
    h, w = ((size - k) // stride + 1 for size in x.shape[1:3])
    y = 0
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            part = x[:, i * dilation:, j * dilation:][:, :h * stride:stride, :w * stride:stride]
            y = y + (part * kernel[i, j, :, 0] if each else part @ kernel[i, j])
    return y


def transposed(x, kernel):
    n, h, width = x.shape[:3]
    y = np.zeros((n, 2 * h + 1, 2 * width + 1, kernel.shape[2]))
    for i in range(3):
        for j in range(3):
            y[:, i:i + 2 * h:2, j:j + 2 * width:2] += x @ kernel[i, j].T
    return y


def plain(i, w):
    w = {k: v.astype(F64) for k, v in w.items()}
    x, y, rows, z = (i[name].astype(F64) for name in ("x", "y", "rows", "z"))

    def of(at, x, **how):
        return convolve(x, w[f"{at}.kernel"], **how) + w[f"{at}.bias"]
    a = np.clip(3 * of("point", x), 0, 6)
    dense = rows @ w["dense.kernel"] + w["dense.bias"]
    halves = [convolve(x[..., k:k + 22], w["grouped.kernel"][..., k * 3 // 2:k * 3 // 2 + 33]) for k in (0, 22)]
    fours = [convolve(x[..., k:k + 2], w["groups.kernel"][..., 2 * k:2 * k + 4]) for k in range(0, 44, 2)]
    s, u, v = np.tanh(rows[:, :45]), x @ w["unit.kernel"] + w["unit.bias"], transposed(x, w["up.kernel"]) + w["up.bias"]
    twice = np.repeat(x, 2, -1)
    outputs = {"bounded": a, "swapped": np.clip(of("each.1", x, stride=2, each=True), -0.5, 0.25),
               "sum": x + of("each.2", x, dilation=2, same=True, each=True), "chain": np.maximum(of("each.0", x, same=True, each=True) + x, 0),
               "winograd": of("winograd", x, same=True) + x, "after": np.minimum(x + of("winograd", a, same=True), 0.5),
               "order": of("last", x) + (x + 1), "bias": of("winograd", y[..., :1] + x, same=True) - 0.5,
               "direct": np.maximum(of("direct", y), 0), "grouped": np.clip(np.concatenate(halves, -1) + w["grouped.bias"], -0.3, 0.4),
               "narrow": np.maximum(of("narrow", x), 0), "rows": np.maximum(dense + rows, 0),
               "other": np.maximum(rows @ w["again.kernel"] + w["again.bias"], rows),
               "beside": np.minimum(rows @ w["beside.kernel"] + w["beside.bias"] + rows, 0.7),
               "double": np.maximum(z @ w["double.kernel"] + w["double.bias"] + z, 0), "never": np.minimum(np.maximum(dense, 0.5), -0.5),
               "groups": np.clip(np.concatenate(fours, -1) + w["groups.bias"], 0, 6),
               "times": np.maximum(convolve(twice, w["times.kernel"].reshape(3, 3, 88, 1), each=True) + w["times.bias"], -0.1),
               "one": np.clip(of("one", x), -0.3, 0.4), "three": np.maximum(of("three", x, stride=2), 0), "shade": sigmoid(of("shade", x)),
               "up": np.maximum(v, 0), "over": np.minimum(transposed(x, w["over.kernel"]) + w["over.bias"] + v, 0.5),
               "small": np.clip(s @ w["small.kernel"] + w["small.bias"] + s, -0.4, 0.6), "unit": u,
               "units": np.minimum(x @ w["units.kernel"] + w["units.bias"] + u, 0.3)}
    return {name: value if name == "double" else value.astype(F32) for name, value in outputs.items()}


def images(batch, nan=False):
    rows = grid(batch, 70, start=0.4)
    rows[batch // 2, 3] = np.nan if nan else 1  # that one's row of results is all NaN
    return {"x": grid(batch, 9, 17, 44), "y": grid(batch, 9, 17, 3, start=0.1), "rows": rows, "z": grid(batch, 9, dtype=F64)}


for batch, nan in ((1, False), (1, True), (7, True), (40, False)):
    case(f"epilogues that kernels know, {batch} images{', NaN' if nan else ''}", PLAIN, images(batch, nan), plain, tolerance=2e-5,
         run=["--threads", "3"])

# Batches of which some samples are computed at a time, and programs in which samples depend on each other, or on how many there are.
def batches(name, expression, expect):
    source = f"""
model M {{
    dense = Dense(24)
    call(x: [batch, 200, 24]) {{
        y = tanh(dense(x))
        return {expression}
    }}
}}
"""
    def reference(i, w):
        x = i["x"].astype(F64)
        def dense(x):
            return x @ w["dense.kernel"].astype(F64) + w["dense.bias"]
        return expect(x, np.tanh(dense(x)), *[dense] * (expect.__code__.co_argcount - 2)).astype(F32)
    case(f"a batch: {name}", source, {"x": grid(90, 200, 24)}, reference, tolerance=1e-5, run=["--threads", "2"])


batches("each sample by itself", "softmax(y + x[:, :1], axis=-1) + max(y, axis=1)[:, none]",
        lambda x, y: softmax(y + x[:, :1]) + y.max(1, keepdims=True))
batches("rows that are joined", "reshape(tanh(dense(reshape(y, (-1, 24)))), (-1, 200, 24)) + x",
        lambda x, y, d: np.tanh(d(y)) + x)
batches("some rows of those that are joined", "reshape(y, (-1, 24))[:shape(x)[0]] + x[:, 0]",
        lambda x, y: y.reshape(-1, 24)[:len(x)] + x[:, 0])
case("a batch: an input with several rows for each sample", """
model M { call(x: [batch, 200, 24], y: [2 * batch, 100, 24]) { return sigmoid(tanh(x) * 2) + reshape(tanh(y), (-1, 200, 24)) } }
""", {"x": grid(90, 200, 24), "y": grid(180, 100, 24, start=0.2)},
     lambda i, w: (1 / (1 + np.exp(-2 * np.tanh(i["x"].astype(F64)))) + np.tanh(i["y"].astype(F64)).reshape(-1, 200, 24)).astype(F32),
     tolerance=1e-5, run=["--threads", "2"])
batches("the mean of all", "y - mean(y, axis=0)", lambda x, y: y - y.mean(0))
batches("a sum over everything", "y / sum(abs(y))", lambda x, y: y / np.abs(y).sum())
batches("the other way round", "flip(y, axis=0) - x", lambda x, y: y[::-1] - x)
batches("shares of all", "x + softmax(y, axis=0)", lambda x, y: x + softmax(y.swapaxes(0, 2)).swapaxes(0, 2))
batches("running sums", "x + cumsum(y, axis=0)", lambda x, y: x + y.cumsum(0))
batches("one for all", "x - y[:1]", lambda x, y: x - y[:1])
batches("some of them", "x[1:] - y[:-1]", lambda x, y: x[1:] - y[:-1])
batches("every other", "concatenate([y[::2], x[1::2]], axis=0)", lambda x, y: np.concatenate([y[::2], x[1::2]]))
batches("neighbours", "y - take(y, clip(arange(shape(x)[0]) - 1, 0, 100), axis=0)", lambda x, y: y - y[np.maximum(np.arange(len(x)) - 1, 0)])
batches("sorted", "sort(y, axis=0) + x", lambda x, y: np.sort(y, 0) + x)
batches("their number", "y / cast(shape(x)[0], \"float32\")", lambda x, y: y / len(x))
batches("against each other", "matmul(y[:, 0], x[:, 1].T)", lambda x, y: y[:, 0] @ x[:, 1].T)
batches("padded", "pad(y[:, 0], ((1, 2), (0, 0))) + 1", lambda x, y: np.pad(y[:, 0], ((1, 2), (0, 0))) + 1)

# Recurrent layers of odd sizes.
RECURRENT = """
model M {
    lstm, gru, simple = LSTM(37, return_sequences=true), GRU(21), SimpleRNN(19, go_backwards=true)
    call(x: [batch, time, 5]) {
        y = lstm(x)
        return {lstm: y, gru: gru(y), simple: simple(y)}
    }
}
"""


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def recurrent(i, w):
    w, x = {k: v.astype(F64) for k, v in w.items()}, i["x"].astype(F64)
    h, c, ys = np.zeros((len(x), 37)), np.zeros((len(x), 37)), []
    for t in range(x.shape[1]):
        z = x[:, t] @ w["lstm.cell.kernel"] + h @ w["lstm.cell.recurrent_kernel"] + w["lstm.cell.bias"]
        i, f, g, o = np.split(z, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        ys.append(h)
    y, h, simple = np.stack(ys, 1), np.zeros((len(x), 21)), np.zeros((len(x), 19))
    for t in range(x.shape[1]):
        sz, sr, sh = np.split(y[:, t] @ w["gru.cell.kernel"] + w["gru.cell.bias"][0], 3, axis=-1)
        tz, tr, th = np.split(h @ w["gru.cell.recurrent_kernel"] + w["gru.cell.bias"][1], 3, axis=-1)
        z = sigmoid(sz + tz)
        h = z * h + (1 - z) * np.tanh(sh + sigmoid(sr + tr) * th)
    for t in reversed(range(x.shape[1])):
        simple = np.tanh(y[:, t] @ w["simple.cell.kernel"] + simple @ w["simple.cell.recurrent_kernel"] + w["simple.cell.bias"])
    return {"lstm": y.astype(F32), "gru": h.astype(F32), "simple": simple.astype(F32)}


for batch, time in ((0, 3), (1, 1), (1, 12), (33, 7)):
    case(f"recurrent layers, {batch} of {time} steps", RECURRENT, {"x": grid(batch, time, 5)}, recurrent, tolerance=2e-6, run=["--threads", "3"])

# Attention in the forms that become one kernel, and some that must not: weights that something else reads, another axis, a mask of
# positions that isn't causal.
ATTENTION = """
model M {
    call(q: [batch, heads, n, 8], k: [batch, heads, n, 8], v: [batch, heads, n, 5], mask: bool[batch, n]) {
        keys, at = transpose(k, (0, 1, 3, 2)), arange(n)
        weights = softmax(q @ keys)
        r, s, t, u, w, d, e, f = [q * c for c in [0.5, 0.75, 1.25, 1.5, 2, 3, 4, 5]] # scores that have one reader
        inside = [transpose(x, (0, 2, 1, 3)) for x in [q, k, v]]
        a, b, c = [transpose(x, (0, 2, 1, 3)) for x in inside]
        return {plain: softmax(r @ keys * 0.3) @ v,
                added: softmax((d @ keys) / 3 + where(mask, 0.0, -1e9)[:, none, none, :]) @ v,
                biased: softmax(cast(at - at[:, none], "float32") / 7 + e @ keys) @ v, column: softmax(cast(at, "float32")[:, none] + f @ keys) @ v,
                masked: softmax(where(mask[:, none, none, :], (s @ keys) / 3, -1e9)) @ v,
                causal: transpose(softmax(where(at[:, none] >= at, 0.4 * (t @ keys), -1e9)) @ v, (0, 2, 1, 3)),
                close: softmax(where(at <= at[:, none], u @ keys, -2.0)) @ v,
                later: softmax(where(at[:, none] <= at, w @ keys, -1e9)) @ v,
                inside: transpose(softmax(a @ transpose(b, (0, 1, 3, 2))) @ c, (0, 2, 1, 3)),
                einsum: einsum("bhqk,bkhd->bqhd", softmax(einsum("bqhd,bkhd->bhqk", inside[0] * 2, inside[1])), inside[2]),
                read: weights @ v, weights: weights, columns: softmax(q @ keys, axis=2) @ v}
    }
}
"""


def attention(i, w):
    q, k, v = (i[name].astype(F64) for name in "qkv")
    n, scores = q.shape[2], q @ k.swapaxes(2, 3)
    row, column = np.arange(n)[:, None], np.arange(n)

    def weights(s, axis=-1):
        e = np.exp(s - s.max(axis, keepdims=True))
        return e / e.sum(axis, keepdims=True)
    bias = (column - row) / 7
    y = {"plain": weights(scores * 0.15) @ v, "added": weights(scores + np.where(i["mask"], 0, -1e9)[:, None, None, :]) @ v,
         "biased": weights(scores * 4 + bias) @ v, "column": weights(scores * 5) @ v, "masked": weights(np.where(i["mask"][:, None, None, :], scores / 4, -1e9)) @ v,
         "causal": (weights(np.where(row >= column, scores * 0.5, -1e9)) @ v).swapaxes(1, 2),
         "close": weights(np.where(column <= row, scores * 1.5, -2)) @ v, "later": weights(np.where(row <= column, scores * 2, -1e9)) @ v,
         "inside": (weights(scores) @ v).swapaxes(1, 2), "einsum": (weights(scores * 2) @ v).swapaxes(1, 2),
         "read": weights(scores) @ v, "weights": weights(scores), "columns": weights(scores, 2) @ v}
    return {name: value.astype(F32) for name, value in y.items()}


def attended(batch, heads, n):
    q, k, v = (grid(batch, heads, n, size, start=at) for size, at in [(8, 0.1), (8, 0.7), (5, 1.9)])
    return {"q": q, "k": k, "v": v, "mask": grid(batch, n) > -0.5}


# Loops that go over their rows several times: of all kinds; behind products; of values that stand in memory, as several read them or they
# are dear; and some that go over other axes, or rows that are too short.
NORMALIZED = """
fn over(x, by, axis=-1) { return by(x, axis=axis, keepdims=true) }
model M {
    norm, rms, dense, dear = LayerNormalization(), RMSNormalization(), Dense(45), Dense(33)
    weight line: [45] = random_uniform()
    state seen: [45] = ones
    call(x: [batch, time, 45], z: float64[batch, 70], s: [batch, time, 3], e: [time, 45]) {
        powers, y, m = exp(x - over(x, max)), dense(x), over(x, mean)
        half = (x + 1) / 2 # two turns read it, and it knows nothing of the row
        logs = log(x * x + over(x, max) + 5) # nor is this computed twice
        seen.assign(seen + line / over(line, sum))
        return {layer: norm(x), rms: tanh(rms(x * line) + e), product: norm(y) * 2, residual: norm(x + dense(x)), powers: powers / over(powers, sum),
                spread: (z - over(z, min)) / (over(z, max) - over(z, min)), double: z * rsqrt(over(square(z), mean)), half: half - over(half, mean),
                logs: logs - over(logs, min), apart: x - m, mean: m, twice: x * over(x, sum) + over(x * (x - m), sum), short: s - over(s, mean),
                long: x - over(x, mean, axis=-2), wide: softmax(dear(x) - over(dear(x), max)), state: seen, turned: norm(transpose(norm(x), (1, 0, 2)))}
    }
}
"""


def normalized(i, w):
    w, x, z, s = {k: v.astype(F64) for k, v in w.items()}, i["x"].astype(F64), i["z"], i["s"].astype(F64)

    def centred(x, by=np.mean, axis=-1):
        return x - by(x, axis, keepdims=True)

    def layer(x, at="norm"):
        return centred(x) / np.sqrt(x.var(-1, keepdims=True) + 1e-3) * w[at + ".gamma"] + w[at + ".beta"]
    line, y, wide = w["line"], x @ w["dense.kernel"] + w["dense.bias"], x @ w["dear.kernel"] + w["dear.bias"]
    u, logs, low, high = x * line, np.log(x * x + x.max(-1, keepdims=True) + 5), z.min(-1, keepdims=True), z.max(-1, keepdims=True)
    outputs = {"layer": layer(x), "rms": np.tanh(u / np.sqrt((u * u).mean(-1, keepdims=True) + 1e-6) * w["rms.scale"] + i["e"]),
               "product": layer(y) * 2, "residual": layer(x + y), "powers": softmax(x), "spread": (z - low) / (high - low),
               "double": z / np.sqrt((z * z).mean(-1, keepdims=True)), "half": centred((x + 1) / 2), "logs": centred(logs, np.min),
               "apart": centred(x), "mean": x.mean(-1, keepdims=True), "twice": x * x.sum(-1, keepdims=True) + (x * centred(x)).sum(-1, keepdims=True),
               "short": centred(s), "long": centred(x, axis=-2), "wide": softmax(wide), "state": w["seen"] + line / line.sum(),
               "turned": layer(layer(x).swapaxes(0, 1))}
    return {name: value if name in ("spread", "double") else value.astype(F32) for name, value in outputs.items()}


# Powers: squares and cubes become products, also where there are no numbers; others, of 16 bits and of another shape don't.
POWERS = """
model M {
    call(x: [n, 7], z: float64[n], h: float16[n]) {
        return {square: x ** 2, cube: x ** 3.0, fourth: x ** 4, root: abs(x) ** 0.5, inverse: (x + 9) ** -2,
                double: z ** 3, half: h ** 3, exponents: z ** [[2.0], [3.0]]}
    }
}
"""


def powers(i, w):
    x, z, h = i["x"].astype(F64), i["z"], i["h"].astype(F64)
    with np.errstate(all="ignore"):
        wide = {"square": x ** 2, "cube": x ** 3, "fourth": x ** 4, "root": np.abs(x) ** 0.5, "inverse": (x + 9) ** -2.0}
        return {**{name: y.astype(F32) for name, y in wide.items()}, "double": z ** 3, "half": (h ** 3).astype("f2"), "exponents": z ** np.array([[2.], [3.]])}


def based():
    x = grid(5, 7)
    x.flat[:8] = [np.inf, -np.inf, np.nan, 0, -0.0, 1e-20, -3e38, 1e13]
    return {"x": x, "z": x[:, 0].astype(F64) * 3, "h": grid(5, dtype="f2")}


def rows_of(batch, time):
    return {"x": grid(batch, time, 45), "z": grid(batch, 70).astype(F64), "s": grid(batch, time, 3), "e": grid(time, 45)}


for batch, time in ((0, 2), (1, 1), (3, 70)):
    case(f"normalized rows, {batch} of {time}", NORMALIZED, rows_of(batch, time), normalized, tolerance=4e-6, run=["--threads", "3"])
for shape in [(1, 2, 1), (2, 3, 37), (1, 1, 300)]:
    case(f"attention over {shape[2]} positions", ATTENTION, attended(*shape), attention, tolerance=2e-5)
for batch in (0, 1, 3):
    case(f"rows of a few channels, {batch} images", NARROW, {"x": grid(batch, 11, 10, 2)}, narrow, tolerance=2e-6)

for off in [None, *PASSES, "all"]:
    options = ["--passes-off", off] if off else []
    what = f"without {off}" if off else "with every pass"
    case(f"scales and shifts behind products, {what}", SCALED, {"x": grid(2, 5, 4)}, scaled, options=options, tolerance=2e-5)
    case(f"rows in another order, {what}", ROWS, {"x": grid(2, 6, 5)}, rows, options=options, tolerance=2e-6)
    case(f"recurrent layers, {what}", RECURRENT, {"x": grid(2, 5, 5)}, recurrent, options=options, tolerance=2e-6)
    case(f"normalized rows, {what}", NORMALIZED, rows_of(3, 4), normalized, options=options, tolerance=4e-6)
    case(f"slices, {what}", SLICES, {"x": grid(3, 6, 19), "y": grid(3, 4, 19)}, slices, options=options, tolerance=4e-6)
    if off in (None, "fold", "all"):
        case(f"powers, {what}", POWERS, based(), powers, options=options, tolerance=2e-7)
    if off in (None, "fold", "share", "attention", "all"):
        case(f"attention, {what}", ATTENTION, attended(2, 3, 13), attention, options=options, tolerance=2e-5)
    if off in (None, "winograd", "pack", "epilogues", "all"):
        case(f"epilogues that kernels know, {what}", PLAIN, images(2), plain, options=options, tolerance=2e-5)
    case(f"values of weights alone, {what}", FIXED, {"x": grid(2, 5, 4)}, fixed, options=options)
    if off in (None, "winograd", "prepare", "all"):
        case(f"convolutions of 3 x 3, {what}", WINOGRAD, {"x": grid(2, 9, 14, 64)}, residual, options=options, cflags="-O1")
