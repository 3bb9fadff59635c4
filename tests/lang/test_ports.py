"""What people write when they port a model from Keras or PyTorch."""
from harness import *

f32 = lambda a: np.asarray(a, F32)
sigmoid = lambda x: 1 / (1 + np.exp(-x))


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def norm(x, epsilon=1e-3):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon)


case("causal self-attention", """
layer Attention(heads: int = 2, causal: bool = true) {
    size = dim // heads
    assert dim % heads == 0, f"{dim} does not divide by {heads}"
    qkv = Dense(3 * dim, use_bias=false)
    out = Dense(dim)
    call(x: [batch, time, dim]) {
        q, k, v = [transpose(reshape(t, (batch, time, heads, size)), (0, 2, 1, 3)) for t in split(qkv(x), 3, axis=-1)]
        scores = q @ swapaxes(k, -1, -2) / sqrt(float(size))
        if causal {
            i = arange(time)
            scores = where(i[:, none] >= i, scores, -1e9)
        }
        y = softmax(scores) @ v
        return out(reshape(transpose(y, (0, 2, 1, 3)), (batch, time, dim)))
    }
}
model M { a = Attention()
    call(x: [batch, time, 6]) { return a(x) } }
""", {"x": grid(2, 5, 6)}, lambda i, w: attention(i["x"], w), tolerance=1e-4,
    variables=["a.qkv.kernel [6, 18]", "a.out.kernel [6, 6]", "a.out.bias [6]"])


def attention(x, w):
    b, t, d = x.shape
    q, k, v = [a.reshape(b, t, 2, 3).transpose(0, 2, 1, 3) for a in np.split(x @ w["a.qkv.kernel"], 3, -1)]
    s = np.where(np.tri(t, dtype=bool), q @ k.swapaxes(-1, -2) / np.sqrt(F32(3)), F32(-1e9))
    return (softmax(s) @ v).transpose(0, 2, 1, 3).reshape(b, t, d) @ w["a.out.kernel"] + w["a.out.bias"]


case("a cache of keys", """
layer Cached(context: int, dim: int) {
    state keys: [max_batch, context, dim] = zeros
    state used: int32[] = zeros
    max_batch = 2
    call(x: [batch, dim]) {
        keys.assign(slice_update(keys, (0, used, 0), x[:, none]))
        used.assign(used + 1)
        seen = where(arange(context) < used, 1.0, 0.0)
        return sum(keys * seen[:, none], axis=1), used
    }
}
model M { c = Cached(4, 3)
    call(x: [2, 3], y: [2, 3]) {
        a, n = c(x)
        b, m = c(y)
        return a, b, n, m
    } }
""".replace("    state keys: [max_batch, context, dim] = zeros\n    state used: int32[] = zeros\n    max_batch = 2\n",
            "    max_batch = 2\n    state keys: [max_batch, context, dim] = zeros\n    state used: int32[] = zeros\n"),
     {"x": grid(2, 3), "y": grid(2, 3, start=1)}, lambda i, w: (i["x"], i["x"] + i["y"], np.array(1, I32), np.array(2, I32)))

case("rotary positions", """
fn rotate(x, theta: float = 10000.0) {
    time, size = x.shape[-2:]
    half = size // 2
    freq = theta ** (-arange(half, dtype="float32") / half)
    angle = cast(arange(time), "float32")[:, none] * freq
    a, b = x[..., :half], x[..., half:]
    return concatenate([a * cos(angle) - b * sin(angle), b * cos(angle) + a * sin(angle)], axis=-1)
}
model M { call(x: [batch, time, 6]) { return rotate(x) } }
""", {"x": grid(2, 5, 6)}, lambda i, w: rotary(i["x"]), tolerance=1e-4)


def rotary(x):
    angle = np.arange(5, dtype=F32)[:, None] * F32(10000) ** (-np.arange(3, dtype=F32) / 3)
    a, b = x[..., :3], x[..., 3:]
    return f32(np.concatenate([a * np.cos(angle) - b * np.sin(angle), b * np.cos(angle) + a * np.sin(angle)], -1))


case("an LSTM of one's own", """
layer Cell(units: int) {
    weight kernel: [features, 4 * units]
    weight recurrent: [units, 4 * units] = orthogonal
    weight bias: [4 * units] = zeros
    call(carry: ([batch, units], [batch, units]), x: [batch, features]) {
        h, c = carry
        i, f, g, o = split(x @ kernel + h @ recurrent + bias, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        h = sigmoid(o) * tanh(c)
        return (h, c), h
    }
}
layer Lstm(units: int, backwards: bool = false) {
    cell = Cell(units)
    call(x: [batch, time, features]) {
        zero = zeros((batch, units))
        (h, c), ys = scan(cell, (zero, zero), x, axis=1, reverse=backwards)
        return swapaxes(ys, 0, 1), h, c
    }
}
model M {
    encoder = Lstm(4)
    decoder = Lstm(3, backwards=true)
    call(x: [batch, time, 2]) {
        y, h, c = encoder(x)
        z, _, _ = decoder(y)
        return z, h, c
    }
}
""", {"x": grid(2, 5, 2)}, lambda i, w: lstms(i["x"], w), tolerance=1e-4)


def lstm(x, w, p, reverse=False):
    units = w[p + ".recurrent"].shape[0]
    h = c = np.zeros((x.shape[0], units), F32)
    ys = [None] * x.shape[1]
    for t in (range(x.shape[1])[::-1] if reverse else range(x.shape[1])):
        i, f, g, o = np.split(x[:, t] @ w[p + ".kernel"] + h @ w[p + ".recurrent"] + w[p + ".bias"], 4, -1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        ys[t] = h = sigmoid(o) * np.tanh(c)
    return np.stack(ys, 1), h, c


def lstms(x, w):
    y, h, c = lstm(x, w, "encoder.cell")
    return lstm(y, w, "decoder.cell", True)[0], h, c


case("patches and windows of an image", """
layer Windows(size: int) {
    call(x: [batch, h * size, w * size, channels]) {
        y = reshape(x, (batch, h, size, w, size, channels))
        y = transpose(y, (0, 1, 3, 2, 4, 5))
        return reshape(y, (batch * h * w, size * size, channels))
    }
}
fn depth_to_space(x: [b, h, w, 4 * c]) {
    return reshape(transpose(reshape(x, (b, h, w, 2, 2, c)), (0, 1, 3, 2, 4, 5)), (b, 2 * h, 2 * w, c))
}
model M {
    windows = Windows(2)
    call(x: [batch, 2 * rows, 2 * cols, 4]) { return windows(x), depth_to_space(x) }
}
""", {"x": grid(2, 4, 6, 4)}, lambda i, w: (i["x"].reshape(2, 2, 2, 3, 2, 4).transpose(0, 1, 3, 2, 4, 5).reshape(12, 4, 4),
     i["x"].reshape(2, 4, 6, 2, 2, 1).transpose(0, 1, 3, 2, 4, 5).reshape(2, 8, 12, 1)))

case("skip connections in a list", """
layer Stage(k: int) { d = Dense(k, activation=tanh)
    call(x) { return d(x) } }
model M(widths: list = [4, 3, 2]) {
    down = [Stage(w) for w in widths]
    up = [Stage(w) for w in widths[::-1]]
    call(x: [n, 5]) {
        skips = []
        for d in down {
            x = d(x)
            skips += [x]
        }
        for u, s in zip(up, reversed(skips)) { x = u(concatenate([x, s], axis=-1)) }
        return x, len(skips)
    }
}
""", {"x": grid(2, 5)}, lambda i, w: unet(i["x"], w))


def unet(x, w):
    f = lambda x, p: np.tanh(x @ w[p + ".d.kernel"] + w[p + ".d.bias"])
    skips = []
    for k in range(3):
        x = f(x, f"down.{k}")
        skips.append(x)
    for k, s in enumerate(skips[::-1]):
        x = f(np.concatenate([x, s], -1), f"up.{k}")
    return x, np.array(3, I32)


case("a mixture of experts", """
layer Expert(hidden: int) {
    up = Dense(hidden, activation=relu)
    down = Dense(dim)
    call(x: [..., dim]) { return down(up(x)) }
}
layer Mixture(count: int = 3) {
    router = Dense(count)
    experts = [Expert(4) for e in range(count)]
    call(x: [n, dim]) {
        p = softmax(router(x))
        best = argmax(p, axis=-1)
        gate = one_hot(best, count) * p
        return sum([e(x) * gate[:, i][:, none] for i, e in enumerate(experts)]), best
    }
}
model M { m = Mixture()
    call(x: [n, 3]) { return m(x) } }
""", {"x": grid(4, 3)}, lambda i, w: experts(i["x"], w))


def experts(x, w):
    p = softmax(x @ w["m.router.kernel"] + w["m.router.bias"])
    best = p.argmax(-1)
    out = 0
    for e in range(3):
        n = f"m.experts.{e}."
        y = np.maximum(x @ w[n + "up.kernel"] + w[n + "up.bias"], 0) @ w[n + "down.kernel"] + w[n + "down.bias"]
        out = out + y * (p[:, e] * (best == e))[:, None]
    return out, best.astype(I32)


case("names that C reserves", """
layer register(int: int) {
    float = Dense(int, use_bias=false)
    weight double: [int]
    state static: [] = ones
    fn errno(volatile) { return float(volatile) * double + static }
    call(long: [short, auto]) { return errno(long) }
}
model main {
    printf = register(3)
    struct = [register(3)]
    NULL = dict(EOF=register(3))
    call(int: [size_t, 3], argc: [size_t, 3]) {
        extern = printf(int)
        goto = struct[0](extern)
        return {union: NULL.EOF(goto), out: extern * goto, in_: argc, error: int + 1, run: int * 2}
    }
}
""", {"int": grid(2, 3), "argc": grid(2, 3)}, lambda i, w: reserved(i["int"], i["argc"], w))


def reserved(x, argc, w):
    f = lambda x, p: x @ w[p + ".float.kernel"] * w[p + ".double"] + 1
    a = f(x, "printf")
    b = f(a, "struct.0")
    return {"union": f(b, "NULL.EOF"), "out": a * b, "in_": argc, "error": x + 1, "run": x * 2}


case("a variational autoencoder", """
layer Encoder(latent: int) {
    h = Dense(8, activation=relu)
    mean_ = Dense(latent)
    log_var = Dense(latent)
    call(x) {
        y = h(x)
        return {mean: mean_(y), log_var: log_var(y)}
    }
}
model Vae(latent: int = 2) {
    encoder = Encoder(latent)
    decoder = Sequential([Dense(8, activation=relu), Dense(5, activation=sigmoid)])
    fn sample(z) {
        noise = random.normal(shape(z.mean)) if training else zeros(shape(z.mean))
        return z.mean + exp(0.5 * z.log_var) * noise
    }
    call(x: [n, 5]) {
        z = encoder(x)
        kl = -0.5 * sum(1 + z.log_var - z.mean ** 2 - exp(z.log_var), axis=-1)
        return {output: decoder(sample(z)), kl: kl}
    }
}
""", {"x": grid(3, 5)}, lambda i, w: vae(i["x"], w), tolerance=1e-4)


def vae(x, w):
    d = lambda x, p: x @ w[p + ".kernel"] + w[p + ".bias"]
    h = np.maximum(d(x, "encoder.h"), 0)
    m, v = d(h, "encoder.mean_"), d(h, "encoder.log_var")
    return {"output": sigmoid(d(np.maximum(d(m, "decoder.layers.0"), 0), "decoder.layers.1")), "kl": -.5 * (1 + v - m ** 2 - np.exp(v)).sum(-1)}


case("batch normalization of one's own", """
layer Norm(momentum: float = 0.9, epsilon: float = 1e-3) {
    weight gamma: [features] = ones
    weight beta: [features] = zeros
    state moving_mean: [features] = zeros
    state moving_variance: [features] = ones
    call(x: [..., features], training=none) {
        if training {
            axes = list(range(x.ndim - 1))
            m = mean(x, axis=axes)
            v = mean((x - m) ** 2, axis=axes)
            moving_mean.assign(moving_mean * momentum + m * (1 - momentum))
            moving_variance.assign(moving_variance * momentum + v * (1 - momentum))
        } else {
            m, v = moving_mean, moving_variance
        }
        return (x - m) / sqrt(v + epsilon) * gamma + beta
    }
}
model M { norm = Norm()
    call(x: [n, 3]) { return norm(x, training=true), norm(x), norm.moving_mean } }
""", {"x": grid(4, 3)}, lambda i, w: batch_norm(i["x"]), tolerance=1e-4)


def batch_norm(x):
    m, v = x.mean(0), x.var(0)
    return (x - m) / np.sqrt(v + 1e-3), f32((x - .1 * m) / np.sqrt(.9 + .1 * v + 1e-3)), f32(.1 * m)


case("squeeze and excitation, with methods of another layer", """
layer Se(ratio: int = 2) {
    a = Dense(channels // ratio, activation=relu)
    b = Dense(channels, activation="sigmoid")
    fn weights(x) { return b(a(mean(x, axis=(1, 2), keepdims=true))) }
    call(x: [batch, h, w, channels]) { return x * weights(x) }
}
model M { se = Se()
    call(x: [batch, h, w, 4]) { return se(x), se.weights(x) } }
""", {"x": grid(2, 3, 5, 4)}, lambda i, w: (lambda s: (i["x"] * s, s))(sigmoid(np.maximum(i["x"].mean((1, 2), keepdims=True) @ w["se.a.kernel"] + w["se.a.bias"], 0) @ w["se.b.kernel"] + w["se.b.bias"])))

case("convolutions of the library", """
model M {
    stem = Conv2D(4, 3, strides=2, padding="same", activation="relu")
    pool = MaxPooling2D(2)
    point = Conv2D(2, 1)
    call(x: [batch, h, w, 3]) { return mean(point(pool(stem(x))), axis=(1, 2)) }
}
""", {"x": grid(2, 9, 8, 3)}, lambda i, w: convolutions(i["x"], w), tolerance=1e-4)


def convolutions(x, w):
    k = w["stem.kernel"]
    pad = lambda n: (lambda total: (total // 2, total - total // 2))(max(((n + 1) // 2 - 1) * 2 + 3 - n, 0))
    p = np.pad(x, ((0, 0), pad(9), pad(8), (0, 0)))
    y = np.zeros((2, 5, 4, 4), F32)
    for i in range(5):
        for j in range(4):
            y[:, i, j] = np.einsum("bhwc,hwcf->bf", p[:, 2 * i:2 * i + 3, 2 * j:2 * j + 3], k) + w["stem.bias"]
    y = np.maximum(y, 0)[:, :4].reshape(2, 2, 2, 2, 2, 4).max((2, 4))
    return (y @ w["point.kernel"][0, 0] + w["point.bias"]).mean((1, 2))


case("sinusoidal positions, masks from lengths", """
fn positions(time, dim: int) {
    p = cast(arange(time), "float32")[:, none]
    rate = exp(-log(10000.0) * arange(0, dim, 2, dtype="float32") / dim)
    return reshape(stack([sin(p * rate), cos(p * rate)], axis=-1), (time, dim))
}
model M { call(x: [batch, time, 4], lengths: int32[batch]) {
    mask = arange(time)[none] < lengths[:, none]
    x = x + positions(time, 4)
    x = where(mask[..., none], x, 0)
    return x, sum(x, axis=1) / maximum(cast(lengths, "float32"), 1.0)[:, none], mask
} }
""", {"x": grid(2, 3, 4), "lengths": np.array([2, 0], I32)}, lambda i, w: masked(i["x"], i["lengths"]), tolerance=1e-4)


def masked(x, n):
    p, rate = np.arange(3, dtype=F32)[:, None], np.exp(-np.log(F32(10000)) * np.arange(0, 4, 2, dtype=F32) / 4)
    m = np.arange(3) < n[:, None]
    x = f32(np.where(m[..., None], x + np.stack([np.sin(p * rate), np.cos(p * rate)], -1).reshape(3, 4), 0))
    return x, x.sum(1) / np.maximum(n, 1).astype(F32)[:, None], m


case("einsum of every kind", """
model M { call(a: [b, n, h, d], k: [b, m, h, d], s: [n, n]) {
    return einsum("bnhd,bmhd->bhnm", a, k), einsum("...d->...", a), einsum("ii->i", s) if false else einsum("ij->ji", s), einsum("ij,ij->", s, s), einsum("bnhd,bnhd->bn", a, a), einsum("i...,i...->...", a, a)
} }
""", {"a": grid(2, 3, 2, 4), "k": grid(2, 5, 2, 4, start=1), "s": grid(3, 3)}, lambda i, w: (lambda a, k, s: (np.einsum("bnhd,bmhd->bhnm", a, k), a.sum(-1), s.T,
     np.einsum("ij,ij->", s, s), np.einsum("bnhd,bnhd->bn", a, a), np.einsum("i...,i...->...", a, a)))(*i.values()), tolerance=1e-4)

case("a Siamese distance", """
layer Tower { h = Dense(4, activation=relu)
    o = Dense(3, use_bias=false)
    call(x) { y = o(h(x))
        return y / sqrt(sum(y ** 2, axis=-1, keepdims=true) + 1e-6) } }
model M {
    tower = Tower()
    call(anchor: [n, 5], candidates: [n, k, 5]) {
        a, c = tower(anchor), tower(candidates)
        return sum(a[:, none] * c, axis=-1), argsort(sum(a[:, none] * c, axis=-1), axis=1)
    }
}
""", {"anchor": grid(2, 5), "candidates": grid(2, 3, 5, start=1)}, lambda i, w: siamese(i["anchor"], i["candidates"], w), tolerance=1e-4)


def siamese(a, c, w):
    def tower(x):
        y = np.maximum(x @ w["tower.h.kernel"] + w["tower.h.bias"], 0) @ w["tower.o.kernel"]
        return y / np.sqrt((y ** 2).sum(-1, keepdims=True) + F32(1e-6))
    s = (tower(a)[:, None] * tower(c)).sum(-1)
    return s, s.argsort(1).astype(I32)


case("layers in nested dicts of lists, called in loops", """
layer Branch(sizes: list) {
    layers = [Dense(s, use_bias=false) for s in sizes]
    call(x) {
        for i, l in enumerate(layers) {
            x = l(x)
            if i + 1 < len(layers) { x = tanh(x) }
        }
        return x
    }
}
model M {
    branches = dict(wide=[Branch([4, 3]), Branch([3])], deep=dict(a=Branch([2, 2, 3])))
    scales = dict(wide=2.0, deep=3.0)
    call(x: [n, 5]) {
        outs = dict()
        for name, group in branches.items() {
            members = group if isinstance(group, list) else list(group.values())
            outs = outs | dict(x=sum([b(x) * scales[name] for b in members]) + (outs.get("x", 0)))
        }
        return outs.x
    }
}
""", {"x": grid(2, 5)}, lambda i, w: branches(i["x"], w))


def branches(x, w):
    k = lambda p: w["branches." + p + ".kernel"]
    a = np.tanh(x @ k("wide.0.layers.0")) @ k("wide.0.layers.1") + x @ k("wide.1.layers.0")
    b = np.tanh(np.tanh(x @ k("deep.a.layers.0")) @ k("deep.a.layers.1")) @ k("deep.a.layers.2")
    return 2 * a + 3 * b


case("a step that reaches outer layers by a method with arguments", """
layer Decoder(units: int, steps: int) {
    embed = Dense(units)
    out = Dense(2)
    fn step(carry, _) {
        h, y, n = carry
        h = tanh(embed(y) + h)
        y = out(h)
        return (h, y, n + 1), (y, n)
    }
    call(h: [batch, units]) {
        (h, y, n), (ys, ns) = scan(step, (h, zeros((batch, 2)), zeros((), dtype="int32")), none, length=steps)
        return swapaxes(ys, 0, 1), ns, n
    }
}
model M { d = Decoder(3, 4)
    call(h: [batch, 3]) { return d(h) } }
""", {"h": grid(2, 3)}, lambda i, w: decoder(i["h"], w))


def decoder(h, w):
    y, ys = np.zeros((2, 2), F32), []
    for _ in range(4):
        h = np.tanh(y @ w["d.embed.kernel"] + w["d.embed.bias"] + h)
        y = h @ w["d.out.kernel"] + w["d.out.bias"]
        ys.append(y)
    return np.stack(ys, 1), np.arange(4, dtype=I32), np.array(4, I32)


case("a chain of states in a rolled loop with outputs", """
layer Ring(size: int) {
    state buffer: [size] = zeros
    weight w: [size]
    call(x: [batch, size]) {
        old = buffer
        buffer.assign(mean(x, axis=0))
        return x * w + old + buffer
    }
}
model M {
    rings = [Ring(3) for i in range(5)]
    call(x: [batch, 3]) {
        all_ = []
        for r in rings {
            x = r(x)
            all_ += [x]
        }
        for r in rings { x = r(x) }
        return x, stack(all_), stack([r.buffer for r in rings])
    }
}
""", {"x": grid(2, 3)}, lambda i, w: ring(i["x"], w), tolerance=1e-4)


def ring(x, w):
    state, seen = [np.zeros(3, F32)] * 5, []
    for turn in range(2):
        for k in range(5):
            old, state[k] = state[k], x.mean(0)
            x = x * w[f"rings.{k}.w"] + old + state[k]
            if turn == 0:
                seen.append(x)
    return x, np.stack(seen), np.stack(state)


case("frozen and half-precision parts", """
model M {
    a = Dense(4, trainable=false, kernel_initializer="he_normal")
    b = Dense(3, dtype="mixed_bfloat16")
    c = Dense(2)
    call(x: [n, 3]) { return c(b(a(x))) }
}
""", {"x": grid(2, 3)}, lambda i, w: ((i["x"] @ w["a.kernel"] + w["a.bias"]) @ w["b.kernel"] + w["b.bias"]) @ w["c.kernel"] + w["c.bias"], tolerance=5e-2)

case("library recurrent layers", """
model M {
    lstm = LSTM(4, return_sequences=true)
    gru = GRU(3)
    call(x: [batch, time, 2]) { y = lstm(x)
        return y, gru(y) }
}
""", {"x": grid(2, 5, 2)}, None, check=lambda o: None)
