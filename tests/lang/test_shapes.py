"""Shapes: what names mean, solving, capture, bounds, checks at run time, indexing (language.md: shapes)."""
from harness import *

X23, X34, X234 = grid(2, 3), grid(3, 4), grid(2, 3, 4)
f32 = lambda a: np.asarray(a, F32)

case("names in a shape: parameter, field, const, dimension", """
const width = 3
layer L(units: int) {
    double = 2 * units
    weight w: [width, units]
    weight v: [units, double, features]
    call(x: [rows, width], y: [rows, features]) { return x @ w + rows, sum(v) * y * features }
}
model M { l = L(4)
    call(x: [n, 3], y: [n, 2]) { return l(x, y) } }
""", {"x": X23, "y": grid(2, 2)}, lambda i, w: (i["x"] @ w["l.w"] + 2, w["l.v"].sum() * i["y"] * 2),
     variables=["l.w [3, 4]", "l.v [4, 8, 2]"], tolerance=1e-4)

case("dimensions are solved", """
layer Halves { call(x: [2 * n]) { return x[:n] + x[n:] * n } }
layer Tiles { call(x: [16 * rows + 1, cols]) { return sum(x) * rows + cols } }
layer Shift { call(x: [time - 1], y: [time]) { return concatenate([x, y]) * time } }
layer Later { call(x: [n + k], y: [k]) { return x[:n] * n + sum(y) } }
model M {
    h = Halves()
    t = Tiles()
    s = Shift()
    l = Later()
    call(x: [6], y: [33, 2], z: [5], v: [6]) { return h(x), t(y), s(z, v), l(v, z) }
}
""", {"x": grid(6), "y": grid(33, 2), "z": grid(5), "v": grid(6)}, lambda i, w: (i["x"][:3] + i["x"][3:] * 3, f32(i["y"].sum() * 2 + 2),
     np.concatenate([i["z"], i["v"]]) * 6, i["v"][:1] + i["z"].sum()), tolerance=1e-4)

case("dimensions are solved with symbolic sizes", """
layer Halves { call(x: [2 * n]) { return x[:n] + x[n:] * n } }
model M { h = Halves()
    call(x: [2 * k], y: [time - 1], z: [16 * rows]) { return h(x), y * time, h(z), reshape(z, (rows, 16)) } }
""", {"x": grid(6), "y": grid(4), "z": grid(32)}, lambda i, w: (i["x"][:3] + i["x"][3:] * 3, i["y"] * 5,
     i["z"][:16] + i["z"][16:] * 16, i["z"].reshape(2, 16)))

case("dimensions are solved one after another", """
layer Layer { call(x: [n * m + k], y: [m + 1], z: [2 * k]) { return x * n + m - k } }
model M { l = Layer()
    call(x: [n * m + k], y: [m + 1], z: [2 * k], v: [m * rows, m, rows]) {
        return l(x, y, z), x * n, v * rows
} }
""", {"x": grid(10), "y": grid(4), "z": grid(8), "v": grid(6, 3, 2)}, lambda i, w: (i["x"] * 2 - 1, i["x"] * 2, i["v"] * 2))
case("functions of dimensions", """
model M { call(x: [n, m]) {
    k = min(n, m, 4)
    return zeros((sum(x.shape), n * m % 5, abs(n - 5))) + len(x.shape), x[:k, :k] * max(n, m), abs(-n) + zeros((abs(2 * m),))
} }
""", {"x": grid(2, 6)}, lambda i, w: (np.full((8, 2, 3), 2, F32), i["x"][:2, :2] * 6, np.full(12, 2, F32)))
halts("a product that is not one", "model M { call(x: [n * m, n]) { return x * m } }\n", {"x": grid(5, 2)}, "axis 0 is 5")
error("two dimensions from one size", "model M { call(x: [n * m]) { return x } }\n", "E0407", "several dimensions")
error("a dimension in a call of min", "model M { call(x: [min(n, 3)]) { return x } }\n", "E0407", "`n`")
error("more axes than a tensor may have", "model M { call(x: [n]) {\n for i in range(40) { x = x[none] }\n return x } }\n", "E0501", "33", "32")
error("an input of too many axes", f"model M {{ call(x: [{'1, ' * 33}]) {{ return x }} }}\n", "E0501", "33", "32")

halts("a size that is not a multiple", "model M { call(x: [2 * n]) { return x[:n] } }\n", {"x": grid(5)}, "2*n")
halts("a symbolic size that is not even", "layer H { call(x: [2 * n]) { return x[:n] } }\nmodel M { h = H()\n call(x: [m]) { return h(x) } }\n",
      {"x": grid(5)}, "2*n")
error("a constant size that is not even", "layer H { call(x: [2 * n]) { return x[:n] } }\nmodel M { h = H()\n call(x: [5]) { return h(x) } }\n", "E0501")

case("ellipsis and leading dimensions", """
layer Flat { call(x: [...lead, features]) {
    y = reshape(x, (-1, features))
    return reshape(y * features, (*lead, features)), len(lead)
} }
layer Bias(units: int) {
    weight b: [units]
    call(x: [..., units]) { return x + b }
}
layer Kernel(size: tuple) {
    weight k: [...size, channels]
    call(x: [..., channels]) { return x * sum(k) }
}
model M {
    f = Flat()
    b = Bias(4)
    k = Kernel((2, 3))
    call(x: [batch, 3, 4], y: [4]) {
        u, nu = f(x)
        v, nv = f(y)
        return u * nu, v * (nv + 1), b(x), b(y), k(x)
    }
}
""", {"x": X234, "y": grid(4)}, lambda i, w: (i["x"] * 8, i["y"] * 4, i["x"] + w["b.b"], i["y"] + w["b.b"], i["x"] * w["k.k"].sum()),
     variables=["b.b [4]", "k.k [2, 3, 4]"], tolerance=1e-4)

case("ellipsis in a list and a reshape", """
model M { call(x: [...lead, a, b]) { return reshape(x, (...lead, b * a)), reshape(x, [...lead, b, a]), zeros((...lead, 2)) + 1 } }
""", {"x": X234}, lambda i, w: (i["x"].reshape(2, 12), i["x"].reshape(2, 4, 3), np.ones((2, 2), F32)), options=["--input", "x=float32[n, 3, 4]"])

case("bounds", "model M { call(x: [1 <= n <= 4, 3]) { return x * n } }\n", {"x": X23}, lambda i, w: i["x"] * 2)
halts("a bound from above", "model M { call(x: [1 <= n <= 4, 3]) { return x * n } }\n", {"x": grid(5, 3)}, "n")
halts("a bound from below", "model M { call(x: [n >= 2, 3]) { return x * n } }\n", {"x": grid(1, 3)}, "n")
case("a bound decides a condition", "model M { call(x: [1 <= n <= 4, 3]) { return x if n < 5 else -x } }\n", {"x": X23}, lambda i, w: i["x"])

case("un-annotated inputs", "model M { d = Dense(4)\n call(x, y) { return d(x) + y } }\n", {"x": X23, "y": grid(2, 4)},
     lambda i, w: i["x"] @ w["d.kernel"] + w["d.bias"] + i["y"], options=["--input", "x=float32[batch, 3]", "--input", "y=[batch, 4]"])
case("one un-annotated input", "model M { d = Dense(4)\n call(x) { return d(x) } }\n", {"x": X23},
     lambda i, w: i["x"] @ w["d.kernel"] + w["d.bias"], options=["--input", "float32[batch, 3]"])
error("an unbuilt model", "model M { d = Dense(4)\n call(x) { return d(x) } }\n", None, "--input", verb="build")

variables("an unbuilt model has a manifest", "model M { d = Dense(4)\n call(x) { return d(x) } }\n", [])

halts("inputs that disagree", "model M { call(x: [n, 3], y: [n, 3]) { return x + y } }\n", {"x": X23, "y": grid(3, 3)}, "n")
halts("a sum of two sizes that may differ", "model M { call(x: [n], y: [m]) { return x + y } }\n", {"x": grid(2), "y": grid(3)}, "n", "m")
case("two sizes that agree when it runs", "model M { call(x: [n], y: [m]) { return x + y } }\n", {"x": grid(3), "y": grid(3)}, lambda i, w: i["x"] + i["y"])
halts("a symbolic 1 is not stretched", "model M { call(x: [n, 3], y: [m, 3]) { return x + y } }\n", {"x": X23, "y": grid(1, 3)}, "m")
error("shapes that contradict", "model M { call(x: [n, 3], y: [n, 4]) { return x + y } }\n", "E0501")
error("a product that does not fit", "model M { call(x: [n, 3], y: [4, 5]) { return x @ y } }\n", "E0501")

halts("assert at run time", 'model M { call(x: [n, 3]) {\n assert n <= 2, "at most two rows"\n return x } }\n', {"x": grid(3, 3)}, "at most two rows")
case("assert that holds", 'model M { call(x: [n, 3]) {\n assert n <= 2 and n >= 1, "at most two rows"\n assert 1 <= n < 3\n assert n % 2 == 0\n return x } }\n',
     {"x": X23}, lambda i, w: i["x"])
halts("assert with f-string and arithmetic", 'model M { call(x: [n, 3]) {\n assert 2 * n + 1 == 5, f"n must be {2}"\n return x } }\n', {"x": grid(3, 3)}, "n must be 2")
error("assert that never holds", 'model M { call(x: [n, 3]) {\n assert n < 0, "impossible"\n return x } }\n', "E0311", "impossible")
halts("a slice beyond a symbolic axis", "model M { call(x: [n, 3]) { return x[2:] } }\n", {"x": grid(1, 3)}, "2")
halts("an index beyond a symbolic axis", "model M { call(x: [n, 3]) { return x[4] } }\n", {"x": X23}, "4")
halts("not equal at run time", 'model M { call(x: [n, 3]) {\n assert n != 2, "not two"\n return x } }\n', {"x": X23}, "not two")

case("a layer called with other shapes", """
layer Siamese {
    d = Dense(4)
    call(x) { return d(x) * x.shape[0] }
}
model M {
    s = Siamese()
    call(x: [n, 3], y: [5, 3], z: [2, 5, 3]) { return s(x), s(y), s(z) }
}
""", {"x": X23, "y": grid(5, 3), "z": grid(2, 5, 3)}, lambda i, w: tuple((i[k] @ w["s.d.kernel"] + w["s.d.bias"]) * m for k, m in zip("xyz", (2, 5, 2))),
     variables=["s.d.kernel", "s.d.bias"])
error("a captured dimension that changes", "model M { d = Dense(4)\n call(x: [n, 3], y: [n, 5]) { return d(x) + d(y) } }\n", "E0504")
error("a captured dimension that changes, own layer", "layer L { weight w: [k]\n call(x: [n, k]) { return x * w } }\nmodel M { l = L()\n call(x: [n, 3], y: [n, 5]) {\n a = l(x)\n b = l(y)\n return a, b } }\n", "E0504", "first call")
error("a symbolic dimension in a weight", "layer L { weight w: [k]\n call(x: [k, 3]) { return x * w[:, none] } }\nmodel M { l = L()\n call(x: [n, 3]) { return l(x) } }\n", "E0503")

case("dimensions as numbers", """
model M { call(x: [n, 3]) {
    return x * n + 3, x / n, n / 2 + 0 * x, sqrt(n) * x, x * (n // 2), arange(n), arange(1, 2 * n, 2), x + n % 2, x * x.shape[0] * x.shape[-1] + x.ndim, zeros((n + 1,)) + n
} }
""", {"x": grid(3, 3)}, lambda i, w: (i["x"] * 3 + 3, i["x"] / 3, f32(1.5 + 0 * i["x"]), np.sqrt(F32(3)) * i["x"], i["x"], np.arange(3, dtype=I32),
     np.arange(1, 6, 2, dtype=I32), i["x"] + 1, i["x"] * 9 + 2, np.full(4, 3, F32)))

case("shapes in arithmetic", """
model M { call(x: [b, h, w, 3]) {
    return reshape(x, (b, h * w, 3)), reshape(x, (b, -1)), reshape(x, (-1,)), x[:, :h // 2], x[:, h // 2:], reshape(x, (b * h, w * 3))
} }
""", {"x": grid(2, 5, 4, 3)}, lambda i, w: (i["x"].reshape(2, 20, 3), i["x"].reshape(2, -1), i["x"].reshape(-1), i["x"][:, :2], i["x"][:, 2:], i["x"].reshape(10, 12)))

halts("a reshape that may not fit", "model M { call(x: [n]) { return reshape(x, (3, -1)) } }\n", {"x": grid(4)}, "3")
case("a reshape that is checked", "model M { call(x: [n]) { return reshape(x, (3, -1)) } }\n", {"x": grid(6)}, lambda i, w: i["x"].reshape(3, 2))

for n in (0, 1):
    case(f"zero-size dimensions {n}", """
model M { d = Dense(4)
    call(x: [n, 3], y: [n, 0]) {
    return d(x), x[:0], concatenate([x, x[:0]]), sum(x, axis=0), y, sum(y, axis=1), x * n, max(concatenate([x, ones((1, 3))]), axis=0), x @ zeros((3, 0)), y @ zeros((0, 2))
} }
""", {"x": grid(n, 3), "y": grid(n, 0)}, lambda i, w: (i["x"] @ w["d.kernel"] + w["d.bias"], i["x"][:0], i["x"], i["x"].sum(0), i["y"], i["y"].sum(1), i["x"] * len(i["x"]),
         np.concatenate([i["x"], np.ones((1, 3), F32)]).max(0), np.zeros((len(i["x"]), 0), F32), np.zeros((len(i["x"]), 2), F32)))

case("repeated not even once", "model M { call(x: [n, 3]) { return tile(x, (0, 1)), tile(x, (2, 0)), repeat(x, 0, axis=0), one_hot(cast(x, \"int32\"), 0) } }\n", {"x": X23},
     lambda i, w: (np.zeros((0, 3), F32), np.zeros((4, 0), F32), np.zeros((0, 3), F32), np.zeros((2, 3, 0), F32)))

# ---- indexing: each subscript is evaluated by NumPy itself ----

SUBSCRIPTS = """
0
-1
1, 2
:, 0
:, -1
..., 0
..., -2
0, ...
:
1:
:-1
::2
::-1
:, ::-1
:, 1:3
:, -2:
:, :-1
:, 10:
:, -10:2
:, 2:1
..., ::2
..., ::-2
..., 3:0:-1
..., -1:-4:-2
none
:, none
..., none
none, :, none, ..., none
0, 1, 2
0, :, none, 2
:, 1, ::2
:, [2, 0, 1]
:, [0, 0, 2, -1]
[1, 0]
..., [3, 1]
:, [[0, 1], [2, 0]]
""".strip().splitlines()
for sizes in ("2, 3, 4", "n, m, 4", "n, m, k"):
    some = [s for s in SUBSCRIPTS if sizes == "2, 3, 4" or "10" not in s]
    if sizes != "2, 3, 4":
        some = [s for s in some if s not in (":, 2:1",)]
    for part in range(0, len(some), 12):
        subs = some[part:part + 12]
        case(f"subscripts of [{sizes}] {part}", f"model M {{ call(x: [{sizes}]) {{ return {', '.join(f'x[{s}]' for s in subs)} }} }}\n",
             {"x": X234}, lambda i, w, subs=subs: tuple(f32(eval(f"x[{s}]", {"x": i["x"], "none": None})) for s in subs))

case("gathering", """
model M {
    weight table: [5, 3]
    call(x: int32[n, 2], y: [4, 5], z: int64[n]) {
        return table[x], take(table, x, axis=0), y[:, x], take(y, z, axis=1), y[z], one_hot(z, 5), take_along_axis(y, argsort(y, axis=1), axis=1)
    }
}
""", {"x": np.array([[0, 4], [-1, 2]], I32), "y": grid(4, 5), "z": np.array([1, 3], I64)}, lambda i, w: (w["table"][i["x"]], w["table"][i["x"]],
     i["y"][:, i["x"]], i["y"][:, i["z"]], i["y"][i["z"]], np.eye(5, dtype=F32)[i["z"]], np.sort(i["y"], 1)))
# ---- integer tensors among other indices: NumPy's rules for where the axes go ----

GATHERS = """
i, j
j, i
i, i, i
:, i, j
i, :, i
i, :, 0
0, :, i
:, 0, i
i, 0
i, none, i
none, i, j
i, none, 0
..., i, i
i, ..., i
i, ..., none
s, i
i, s
s, :, i
s, :, s
s, s, s
:, [0, 1], [[2], [3]]
[0, 1, 2], [0, 1, 2]
1:, i % 2, ::-1
i, ::2, 1
i % 2, [0], j
pair
fancy
(0, i)
""".strip().splitlines()
GATHERED = {"x": grid(3, 4, 5), "i": np.array([0, 2, -1], I32), "j": np.array([[1], [-3]], np.int8), "s": np.array(1, I64)}
for sizes in ("3, 4, 5", "a, b, c"):
    for part in range(0, len(GATHERS), 14):
        subs = GATHERS[part:part + 14]
        case(f"gathers of [{sizes}] {part}", f"""
model M {{ call(x: [{sizes}], i: int32[3], j: int8[2, 1], s: int64[]) {{
    pair, fancy = (0, 1), (none, 1, -1)
    return {', '.join(f'x[{s}]' for s in subs)}
}} }}
""", GATHERED, lambda v, w, subs=subs: tuple(f32(eval(f"x[{s}]", {**v, "none": None, "pair": (0, 1), "fancy": (None, 1, -1)})) for s in subs))

halts("one of several gathers out of range", "model M { call(x: [3, 4], i: int32[2]) { return x[i, i] } }\n", {"x": X34, "i": np.array([0, 3], I32)}, "3")
error("gathers that do not fit", "model M { call(x: [3, 4], i: int32[2], j: int32[3]) { return x[i, j] } }\n", "E0501", "the indices")
halts("gathers that do not fit when it runs", "model M { call(x: [3, 4], i: int32[n], j: int32[m]) { return x[i, j] } }\n",
      {"x": X34, "i": np.array([0, 2], I32), "j": np.array([0], I32)}, "the indices")

BACKWARD = """
-1::-1
n-1::-1
n-2:0:-1
:1:-1
-2::-2
-2:0:-2
:-3:-1
2::-1
3:1:-1
n//2::-1
::-3
-1:-4:-2
0::-1
:n-2:-1
::-9223372036854775807-1
::9223372036854775807
""".strip().splitlines()
for size in (4, 5):
    case(f"backward slices of a symbolic {size}", f"model M {{ call(x: [n, 3]) {{ return {', '.join(f'x[{s}]' for s in BACKWARD)} }} }}\n",
         {"x": grid(size, 3)}, lambda v, w: tuple(eval(f"x[{s}]", {"x": v["x"], "n": len(v["x"])}) for s in BACKWARD))
halts("a backward slice that begins too late", "model M { call(x: [n]) { return x[3::-1] } }\n", {"x": grid(3)}, "begins beyond the axis")
error("a backward slice that is empty", "model M { call(x: [n]) { return x[1:3:-1] } }\n", "E0501", "empty forwards")

halts("a gather out of range", "model M { weight table: [5, 3]\n call(x: int32[n]) { return table[x] } }\n", {"x": np.array([0, 5], I32)}, "5")
error("a bool tensor as index", "model M { call(x: [n]) { return x[x > 0] } }\n", "E0305", "where")
error("a tensor as a slice's bound", "model M { call(x: [n], k: int32[]) { return x[:k] } }\n", "E0305", "slice")
error("an index out of range", "model M { call(x: [3]) { return x[3] } }\n", "E0305")
error("too many indices", "model M { call(x: [3]) { return x[0, 0] } }\n", "E0305")
error("a default that does not fit", "model M { call(x: [n, 3], y: [n, 3] = 0) { return x + y } }\n", "E0501", "rank 2", '"column":39')
error("a rank that does not fit", "layer L { call(x: [a, b]) { return x } }\nmodel M { l = L()\n call(x: [3]) { return l(x) } }\n", "E0501")

case("slice and slice_update", """
model M {
    state cache: [6, 3] = zeros
    call(x: [2, 3], at: int32[]) {
        cache.assign(slice_update(cache, (at, 0), x))
        return cache, slice(cache, (at, 1), (2, 2))
    }
}
""", {"x": X23, "at": np.array(3, I32)}, lambda i, w: (lambda c: (c, c[3:5, 1:3]))(np.concatenate([np.zeros((3, 3), F32), i["x"], np.zeros((1, 3), F32)])))

case("broadcasting", """
model M { call(x: [n, 3], row: [3], col: [n, 1], s: []) {
    return x + row, x * col, col + row, x + s, row * s, x[:, none] * row[:, none], maximum(x, 0), where(x > 0, x, row), where(col > 0, 1.0, x), broadcast_to(row, (n, 3))
} }
""", {"x": X23, "row": grid(3, start=1), "col": grid(2, 1, start=2), "s": np.array(1.5, F32)}, lambda i, w: (lambda x, row, col, s: (
    x + row, x * col, col + row, x + s, row * s, x[:, None] * row[:, None], np.maximum(x, 0), np.where(x > 0, x, row), np.where(col > 0, F32(1), x),
    np.broadcast_to(row, x.shape)))(*i.values()))
