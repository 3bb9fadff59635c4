"""Corners: numbers at the edge of their dtypes, unusual arguments, unusual structure."""
from harness import *

f32 = lambda a: np.asarray(a, F32)
X23 = grid(2, 3)

case("numbers at the edge", """
model M { call(i: int64[2], j: int32[2], u: uint8[2], f: [2], h: float16[2], d: float64[2]) {
    return i + 3000000000, i - 9223372036854775807 - 1, i == -9223372036854775807 - 1, f * 1e300, f * 1e-300, h * 1e6, -0.0 * f, f + nan, f * -inf, d * 1e300, u - 1, u < 3, u > -1, j * 2147483647, d + 0.1, f + 16777217
} }
""", {"i": np.array([1, -1], I64), "j": np.array([1, 2], I32), "u": np.array([0, 200], np.uint8), "f": f32([1, -2]), "h": np.array([1, .5], F16), "d": np.array([1, 2.])},
     lambda i, w: edges(*i.values()))


def edges(i, j, u, f, h, d):
    low = np.int64(-2**63)
    with np.errstate(all="ignore"):
        return (i + 3000000000, (i + low).astype(I64), i == low, f32([np.inf, -np.inf]), f32([0, -0.]), np.array([np.inf, np.inf], F16), f32(-0. * f), f32(f + np.nan),
                f32([-np.inf, np.inf]), d * 1e300, (u - np.uint8(1)).astype(np.uint8), u < 3, np.array([True, True]), (j * I32(2147483647)).astype(I32), d + .1, f + F32(16777217))


case("integer division and powers", """
model M { call(i: int32[4], f: [4]) {
    return i // 0, i % 0, i // -2, i % -3, f // 0.3, f % -0.7, 2 ** i, i ** 3, f ** -1, f ** 0.5, (-2) ** i, i / 0, divmod(7, 2)[0] + i, abs(f) ** f
} }
""", {"i": np.array([3, -3, 0, 7], I32), "f": f32([.5, 2, 1.25, 3])}, lambda v, w: (lambda i, f: (0 * i, 0 * i, i // -2, i % -3, f // F32(.3), f % F32(-.7), np.array([8, 0, 1, 128], I32), i ** 3, 1 / f, np.sqrt(f),
     np.array([-8, 0, 1, -128], I32), f32(i / np.zeros(4, F32)), i + 3, f ** f))(v["i"], v["f"]))

case("arguments of reductions", """
model M { call(x: [n, 3, 4]) {
    return sum(x, axis=(0, 2)), sum(x, axis=[0, 1, 2]), max(x, axis=(-1, -2)), mean(x, axis=1, keepdims=true), argmax(x), argmax(x, axis=-1, keepdims=true), cumsum(x), sum(x), min(x, axis=0), var(x, axis=-1), std(x), logsumexp(x, axis=1), any(x > 1, axis=0), all(x > -9), prod(x, axis=2)
} }
""", {"x": grid(2, 3, 4)}, lambda i, w: (lambda x: (x.sum((0, 2)), x.sum(), x.max((-1, -2)), x.mean(1, keepdims=True), np.array(x.argmax(), I32), x.argmax(-1, keepdims=True).astype(I32), np.cumsum(x), x.sum(), x.min(0),
     x.var(-1), x.std(), np.log(np.exp(x).sum(1)), (x > 1).any(0), np.array(True), x.prod(2)))(i["x"]), tolerance=1e-4)

case("arguments of moves", """
model M { call(x: [n, 3, 4], y: [6]) {
    a, b, c = split(y, [2, 5])
    return transpose(x, (-1, 0, 1)), moveaxis(x, 0, -1), expand_dims(x, -1), expand_dims(x, (0, 2)), squeeze(x[:1], axis=0), stack([y, y], axis=-1), a, b, c, flip(x, axis=(0, 2)), reshape(x, [-1, 2, 6]), x.T, take(x, 1, axis=1), take(x, [[0, 1], [2, 0]], axis=-2), pad(y, 1, mode="reflect"), pad(y, (2, 1), constant_values=7)
} }
""", {"x": grid(2, 3, 4), "y": grid(6)}, lambda i, w: (lambda x, y: (x.transpose(2, 0, 1), np.moveaxis(x, 0, -1), x[..., None], x[None][:, :, None], x[0], np.stack([y, y], -1), y[:2], y[2:5], y[5:], np.flip(x, (0, 2)),
     x.reshape(-1, 2, 6), x.T, x[:, 1], np.take(x, [[0, 1], [2, 0]], 1), np.pad(y, 1, "reflect"), np.pad(y, (2, 1), constant_values=7)))(i["x"], i["y"]))

case("more functions of keras.ops", """
model M { call(x: [n, 3]) {
    v, k = top_k(x, 2)
    return zeros_like(x), ones_like(x, dtype="int32"), full_like(x, 3), tile(x, (2, 1)), repeat(x, 2, axis=1), roll(x, 1, axis=1), tril(x @ x.T), triu(x @ x.T, k=1), eye(3), linspace(0, 1, 5), outer(x[0], x[1]), v, k
} }
""", {"x": X23}, lambda i, w: (lambda x: (0 * x, np.ones((2, 3), I32), 0 * x + 3, np.tile(x, (2, 1)), np.repeat(x, 2, 1), np.roll(x, 1, 1), np.tril(x @ x.T), np.triu(x @ x.T, 1), np.eye(3, dtype=F32),
     np.linspace(0, 1, 5, dtype=F32), np.outer(x[0], x[1]), np.sort(x)[:, :0:-1], np.argsort(x)[:, :0:-1].astype(I32)))(i["x"]))

case("more functions, two", """
model M { call(x: [n, 3]) {
    return sort(x, axis=0), argsort(-x, axis=0), logical_and(x > 0, x < 1), isclose(x, x + 1e-9), norm(x, axis=1), cross(x, x[::-1]), dot(x, x.T), tensordot(x, x, axes=[[0], [0]]), vdot(x, x), round(x, 1), sign(x), floor(x), mod(x, 0.7), nan_to_num(x / 0), count_nonzero(x > 0), average(x, axis=0), median(x, axis=0) if false else x
} }
""".replace("median(x, axis=0) if false else x", "x"), {"x": X23}, lambda i, w: (lambda x: (np.sort(x, 0), np.argsort(-x, 0).astype(I32), (x > 0) & (x < 1), np.full((2, 3), True), np.linalg.norm(x, axis=1).astype(F32), np.cross(x, x[::-1]), x @ x.T,
     x.T @ x, (x * x).sum(), np.round(x, 1), np.sign(x), np.floor(x), np.mod(x, F32(.7)), np.nan_to_num(x / F32(0)), np.array((x > 0).sum(), I32), x.mean(0), x))(i["x"]), tolerance=1e-4)

case("shapes as values", """
layer L {
    call(x, y) {
        if x.shape == y.shape { x = x + y }
        if x.ndim == 2 and x.shape[-1] == 3 { x = x * len(x.shape) }
        lead = x.shape[:-1]
        w = [x[..., i] * i for i in range(x.shape[-1])]
        return reshape(x, (*lead, 1, x.shape[-1])), sum(w), x[: len(x) - 1], x[-len(x):]
    }
}
model M { l = L()
    call(x: [2, 3], y: [2, 3]) {
        a, b, c, d = l(x, y)
        return a, b, c, d, l(y[0], x)[1]
    } }
""", {"x": X23, "y": X23 + 1}, lambda i, w: (lambda x, y: ((2 * (x + y))[:, None], (2 * (x + y)) @ f32([0, 1, 2]), (2 * (x + y))[:1], 2 * (x + y), f32(y[0, 1] + 2 * y[0, 2])))(i["x"], i["y"]))

case("symbolic bounds of slices", """
model M { call(x: [batch, time, 3]) {
    half = time // 2
    return x[:, :half], x[:, half:], x[:, time - 1], x[:, -2:], x[:, :time - 1:2], x[:, half], x[:, -half:], x[:, 0:time]
} }
""", {"x": grid(2, 5, 3)}, lambda i, w: (lambda x: (x[:, :2], x[:, 2:], x[:, 4], x[:, -2:], x[:, :4:2], x[:, 2], x[:, -2:], x))(i["x"]))

case("a layer that contains itself", """
layer Tree(depth: int) {
    leaf = Dense(3, use_bias=false)
    if depth > 0 {
        left = Tree(depth - 1)
        right = Tree(depth - 1)
    }
    call(x) {
        y = leaf(x)
        if depth > 0 { y = y + left(x) * right(x) }
        return y
    }
}
model M { t = Tree(2)
    call(x: [n, 3]) { return t(x) } }
""", {"x": X23}, lambda i, w: tree(i["x"], w, "t", 2), variables=[f"t{p}.leaf.kernel" for p in ["", ".left", ".left.left", ".left.right", ".right", ".right.left", ".right.right"]], tolerance=1e-4)


def tree(x, w, p, depth):
    y = x @ w[p + ".leaf.kernel"]
    return y + tree(x, w, p + ".left", depth - 1) * tree(x, w, p + ".right", depth - 1) if depth else y


case("functions in dicts, methods as values, star arguments", """
const table = dict(relu=relu, double=double)
fn double(x) { return 2 * x }
fn compose(x, *fs) {
    for f in fs { x = f(x) }
    return x
}
fn apply(f, *args) { return f(*args) }
layer L {
    d = Dense(3, use_bias=false)
    fn m(x, k=1) { return d(x) * k }
    call(x) { return compose(x, m, table["double"], table.relu) + apply(m, x, 3) }
}
model M { l = L()
    call(x: [n, 3]) { return l(x), apply(l.m, x), [f(x) for f in [relu, tanh, double]][-1] } }
""", {"x": X23}, lambda i, w: (lambda y: (np.maximum(2 * y, 0) + 3 * y, y, 2 * i["x"]))(i["x"] @ w["l.d.kernel"]))

case("static parameters of the model's call", """
model M { call(x: [n, 3], scale: float = 2.0, flip_: bool = true) { return (x[::-1] if flip_ else x) * scale } }
""", {"x": X23}, lambda i, w: i["x"][::-1] * 2)

case("many layers", "model M {\n    ds = [Dense(3, activation=tanh) for i in range(300)]\n    call(x: [n, 3]) {\n        for d in ds { x = d(x) + x * 0.5 }\n        return x\n    }\n}\n",
     {"x": X23}, lambda i, w: many(i["x"], w), tolerance=1e-3)


def many(x, w):
    for k in range(300):
        x = np.tanh(x @ w[f"ds.{k}.kernel"] + w[f"ds.{k}.bias"]) + x * F32(.5)
    return x


case("many statements", "model M {\n    call(x: [n, 3]) {\n" + "".join(f"        x = x * 0.999 + {k % 3}\n" for k in range(600)) + "        return x\n    }\n}\n",
     {"x": X23}, lambda i, w: statements(i["x"]), tolerance=1e-3)


def statements(x):
    x = x.astype(F64)
    for k in range(600):
        x = x * .999 + k % 3
    return f32(x)


case("rank zero and rank six", """
model M { call(s: [], x: [1, 2, 1, 3, 1, 2]) { return s * 2, s[none], reshape(s, (1, 1)), sum(s), x + s, transpose(x), max(x, axis=(0, 2, 4)), x[0, ..., 0], broadcast_to(s, (2, 2)), stack([s, s]), where(s > 0, x, s) } }
""", {"s": np.array(.5, F32), "x": grid(1, 2, 1, 3, 1, 2)}, lambda i, w: (lambda s, x: (s * F32(2), s[None], s.reshape(1, 1), s, x + s, x.T, x.max((0, 2, 4)), x[0, ..., 0], np.full((2, 2), s), np.stack([s, s]), x))(i["s"], i["x"]))

error("an axis that does not exist", "model M { call(x: [n, 3]) { return sum(x, axis=2) } }\n", "E0502")
error("recursion of layers without end", "layer L { inner = L()\n call(x) { return inner(x) } }\nmodel M { l = L()\n call(x: [n]) { return l(x) } }\n", "E0310")
error("a shape that is a layer", "model M { d = Dense(3)\n call(x: [n, d]) { return x } }\n", "E0407")
error("two ellipses", "layer L { call(x: [..., n, ...]) { return x } }\nmodel M { l = L()\n call(x: [n, 3]) { return l(x) } }\n", "E0407")
error("a dimension that cannot be solved", "layer L { call(x: [n * m]) { return x * n } }\nmodel M { l = L()\n call(x: [6]) { return l(x) } }\n", None, "n")
error("a duplicate parameter", "fn f(a, a) { return a }\nmodel M { call(x: [n]) { return f(x, x) } }\n", "E0202")
error("a duplicate declaration", "fn f(a) { return a }\nfn f(b) { return b }\nmodel M { call(x: [n]) { return f(x) } }\n", "E0202")
error("a method of that name twice", "model M {\n fn f(a) { return a }\n fn f(b) { return b }\n call(x: [n]) { return f(x) } }\n", "E0202")
error("wrong rank of a model's own layer", "model M { d = Conv2D(3, 3)\n call(x: [n, 8, 3]) { return d(x) } }\n", None, "rank")
error("a list where a tensor is wanted", "model M { d = Dense(3)\n call(x: [n, 3]) { return d([x, x]) } }\n", "E0404", "concatenate")
error("adding a layer", "model M { d = Dense(3)\n call(x: [n, 3]) { return x + d } }\n", None, "layer")
error("a reshape that cannot fit", "model M { call(x: [2, 3]) { return reshape(x, (4, 2)) } }\n", "E0501")
error("unknown dtype", "model M { call(x: float23[2, 3]) { return x } }\n", "E0406", "float32")
error("unknown field", "model M { d = Dense(3)\n call(x: [n, 3]) { return d(x) * d.unit } }\n", "E0207", "units")
error("calling a tensor", "model M { call(x: [n, 3]) { return x(1) } }\n", "E0401")
error("unpacking the wrong number", "model M { call(x: [n, 3]) {\n a, b, c = split(x[:2], 2)\n return a } }\n", "E0308")
error("a state assigned another shape", "model M { state s: [3] = zeros\n call(x: [n, 3]) {\n s.assign(x)\n return x } }\n", "E0501")
error("a weight assigned", "model M { weight s: [3] = zeros\n call(x: [n, 3]) {\n s.assign(x[0])\n return x } }\n", "E0606")
