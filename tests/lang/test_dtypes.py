"""dtypes: promotion, weak numbers, casts, 16-bit floats, integers (language.md: values)."""
from harness import *

ALL = "float32 float64 float16 bfloat16 int8 uint8 int16 int32 int64 bool".split()
FLOATS = ALL[:4]
NP = {"float32": F32, "float64": F64, "float16": F16, "bfloat16": F32, "int8": np.int8, "uint8": np.uint8, "int16": np.int16, "int32": I32,
      "int64": I64, "bool": np.bool_}
f32 = lambda a: np.asarray(a, F32)


def promote(a, b):
    """Keras 3: the lattice without float64 from integers and without uint8 + int8 surprises."""
    if a == b:
        return a
    pair = {a, b}
    if "bool" in pair:
        return (pair - {"bool"}).pop()
    fa, fb = a in FLOATS, b in FLOATS
    if fa != fb:
        return a if fa else b
    if fa:
        if "float64" in pair:
            return "float64"
        return "float32"
    if "uint8" in pair:
        other = (pair - {"uint8"}).pop()
        return "int16" if other == "int8" else other
    return max(pair, key=lambda t: int(t[3:]))


# Each dtype against each other: the sum's dtype and value, where bool and bool give bool.
for a in ALL:
    names = [b for b in ALL if not (a == b == "bool")]
    sums = ", ".join(f"cast(cast(x, \"{a}\") + cast(y, \"{b}\"), \"float32\")" for b in names)
    types = ", ".join(f"x if (cast(x, \"{a}\") + cast(y, \"{b}\")).dtype == \"{promote(a, b)}\" else -x" for b in names)
    case(f"promotion of {a}", f"model M {{ call(x: int32[3], y: int32[3]) {{\n    return {sums}, {types}\n}} }}\n",
         {"x": np.array([0, 1, 1], I32), "y": np.array([1, 0, 1], I32)},
         lambda i, w, names=names: tuple(f32(i["x"] + i["y"]) for _ in names) + tuple(i["x"] for _ in names))

case("weak numbers", """
model M { call(i: int32[3], h: float16[3], d: float64[3], b: bool[3], f: [3]) {
    return i + 1, i * 2.5, i / 2, h + 1, h * 0.5, d * 0.1, b + 1, f + true, i // 2, -i, b * 2.5, h / 3, 1 - f, 2 ** f, d + pi, i % 2, 7 // i, f ** 2, 3 / i
} }
""", {"i": np.array([1, 2, 5], I32), "h": grid(3, dtype=F16), "d": grid(3, dtype=F64), "b": np.array([True, False, True]), "f": grid(3)},
     lambda v, w: (lambda i, h, d, b, f: (i + 1, f32(i * 2.5), f32(i / 2), h + F16(1), h * F16(.5), d * .1, b.astype(I32) + 1, f + 1, i // 2, -i,
     f32(b * 2.5), h / F16(3), 1 - f, F32(2) ** f, d + np.pi, i % 2, 7 // i, f ** 2, f32(3 / i)))(*v.values()))
error("integers do not become floats in silence", "layer L { call(x: float32[n]) { return x } }\nmodel M { l = L()\n call(x: int32[n]) { return l(x) } }\n", "E0408", "cast")

for t in ("float64", "float16"):
    case(f"a model of {t}", f"""
model M(dtype="{t}") {{
    d = Dense(4, activation=relu, dtype="{t}")
    call(x: {t}[n, 3]) {{ return d(x), softmax(x), mean(x, axis=1), x @ x.T, exp(x), x.dtype == "{t}" }}
}}
""".replace(f'M(dtype="{t}")', "M").replace(f', x.dtype == "{t}" ', f', cast(x.dtype == "{t}", "bool") ').replace(f', cast(x.dtype == "{t}", "bool")', ""),
         {"x": grid(2, 3, dtype=NP[t])}, lambda i, w, t=NP[t]: tuple(np.asarray(a, t) for a in (lambda x: (
             np.maximum(x @ w["d.kernel"].astype(F64) + w["d.bias"], 0), np.exp(x) / np.exp(x).sum(1, keepdims=True), x.mean(1), x @ x.T, np.exp(x)))(i["x"].astype(F64))),
         options=["-D", f"dtype={t}"] if False else [])

for t, n in ("int8", 128), ("int8", -129), ("uint8", -1), ("uint8", 256), ("int16", 32768), ("int32", 2**31):
    error(f"{n} is no {t}", f"model M {{ call(x: {t}[n]) {{ return x + {n} }} }}\n", "E0307", f"{n} does not fit {t}")
    error(f"nor in a list: {n}, {t}", f"model M {{ call(x: {t}[2]) {{ return x + [1, {n}] }} }}\n", "E0307", f"{n} does not fit {t}")
case("integers that just fit", """
model M { call(a: int8[2], b: uint8[2], c: int32[2]) { return a + 127, a + -128, b + 255, b > -1, b < 256, a == 200, 300 > a, c + 2147483647, c - 2147483647, cast(2 ** 40, "int64") + c } }
""", {"a": np.array([-1, 1], np.int8), "b": np.array([0, 1], np.uint8), "c": np.array([0, 0], I32)},
     lambda v, w: (v["a"] + np.int8(127), v["a"] + np.int8(-128), v["b"] + np.uint8(255), v["b"] > -1, v["b"] < 256, v["a"] == 200, 300 > v["a"], v["c"] + I32(2147483647), v["c"] - I32(2147483647),
                   v["c"] + I64(2**40)))

case("bfloat16", """
model M { d = Dense(4, dtype="bfloat16")
    call(x: bfloat16[n, 3]) { return cast(d(x), "float32"), cast(x * 2 + 1, "float32"), x } }
""", {"x": np.array([[1, 2, -.5], [.25, 3, 4]], F32)}, lambda i, w: (i["x"] @ w["d.kernel"] + w["d.bias"], i["x"] * 2 + 1, i["x"]), tolerance=2e-2)

case("autocast = false leaves the arguments as they are", """
layer Plain { call(x) { return cast(x * 4097.0, "float32") } }
layer AsTheyCome {
    autocast = false
    call(x) { return cast(x * 4097.0, "float32") }
}
model M {
    a = Plain(dtype="float16")
    b = AsTheyCome(dtype="float16")
    call(x: [n]) { return a(x), b(x) }
}
""", {"x": f32([1, 3])}, lambda i, w: {"output.0": f32([4096, 12288]), "output.1": f32([4097, 12291])})

case("mixed precision", """
model M { d = Dense(4, dtype="mixed_float16")
    e = Dense(2, dtype="float32")
    call(x: [n, 3]) { y = d(x)
        return y, e(y), 1 if y.dtype == "float16" else 0 } }
""", {"x": grid(2, 3)}, lambda i, w: ((i["x"] @ w["d.kernel"] + w["d.bias"]).astype(F16), (i["x"] @ w["d.kernel"] + w["d.bias"]) @ w["e.kernel"] + w["e.bias"], np.array(1, I32)),
     tolerance=3e-2)

case("integers wrap at their width", """
model M { call(a: int8[3], b: uint8[3], c: int16[3]) { return a + a, b + b, c * c, -a, b - 1, a // 2, cast(c, "int8"), cast(cast(a, "float32") * 100, "int8") } }
""", {"a": np.array([100, -128, 5], np.int8), "b": np.array([200, 255, 0], np.uint8), "c": np.array([300, -200, 7], np.int16)},
     lambda i, w: (lambda a, b, c: (a + a, b + b, c * c, -a, b - np.uint8(1), a // np.int8(2), c.astype(np.int8), np.array([127, -128, 127], np.int8)))(*i.values()))

case("bools", """
model M { call(a: bool[4], b: bool[4]) { return a & b, a | b, a ^ b, ~a, a == b, sum(a), any(a), all(a | ~a), where(a, 1, 2), where(a, b, ~b), cast(a, "float32"), a * 3, mean(a) } }
""", {"a": np.array([1, 1, 0, 0], bool), "b": np.array([1, 0, 1, 0], bool)}, lambda i, w: (lambda a, b: (
    a & b, a | b, a ^ b, ~a, a == b, np.array(2, I32), np.array(True), np.array(True), np.where(a, 1, 2).astype(I32), np.where(a, b, ~b), a.astype(F32), (a * 3).astype(I32), f32(.5)))(*i.values()))

case("results of integer operations", """
model M { call(i: int32[2, 3]) { return sum(i, axis=0), mean(i), max(i), argmax(i, axis=1), i @ transpose(i), exp(i), i / i, i ** 2, sqrt(i), cumsum(i, axis=1), prod(i), sort(-i), i == 3, abs(-i), sign(i) } }
""", {"i": np.array([[1, 2, 3], [4, 5, 6]], I32)}, lambda v, w: (lambda i: (i.sum(0, dtype=I32), f32(i.mean()), i.max(), i.argmax(1).astype(I32), i @ i.T, f32(np.exp(i)), f32(i / i),
     i ** 2, f32(np.sqrt(i)), np.cumsum(i, 1, dtype=I32), np.array(720, I32), np.sort(-i), i == 3, i, np.sign(i)))(v["i"]))

case("one_hot, arange and zeros take dtypes", """
model M { call(i: int32[3]) { return one_hot(i, 4), one_hot(i, 4, dtype="int32"), one_hot(i[:, none], 2, axis=1), arange(5, dtype="float32"), arange(0, 1, 0.25), arange(3.0),
    zeros((2,), dtype="bool"), full((2,), 3), full((2,), 2.5), cast([1, 2.7], "int32"), ones((2,), "float64") } }
""", {"i": np.array([0, 3, -1], I32)}, lambda v, w: (lambda i: (np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]], F32), np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]], I32),
     np.array([[[1], [0]], [[0], [0]], [[0], [0]]], F32), np.arange(5, dtype=F32), np.arange(0, 1, .25, dtype=F32), np.arange(3, dtype=F32), np.zeros(2, bool), np.full(2, 3, F32), np.full(2, 2.5, F32),
     np.array([1, 2], I32), np.ones(2)))(v["i"]))

case("nan and inf", """
model M { call(x: [4]) { return x / 0, maximum(x, nan), isnan(x / 0), where(x > 0, inf, -inf), log(x), max(x / 0), minimum(x, inf), x * inf, clip(x, -0.5, 0.5) } }
""", {"x": np.array([1, -1, 0, 2], F32)}, lambda i, w: (lambda x: tuple(f32(a) if a.dtype.kind == "f" else a for a in (x / F32(0), np.full(4, np.nan), np.isnan(x / F32(0)), np.where(x > 0, np.inf, -np.inf), np.log(x),
     np.max(x / F32(0)), x, x * F32(np.inf), np.clip(x, -.5, .5))))(i["x"]))

case("numbers in lists are weak", """
model M {
    state n: int32[] = ones
    call(i: int8[], h: float16[], b: bool[]) {
        return stack([i, 1]), stack([h, 0.5, 2]), stack([b, true]), stack([n, 3, 4]), concatenate([[1, 2], stack([n, 0])]), sum([n, 2]), stack([1, 2.5]), stack([b, 2])
    }
}
""", {"i": np.array(3, np.int8), "h": np.array(1.5, F16), "b": np.array(False)}, lambda i, w: (np.array([3, 1], np.int8), np.array([1.5, .5, 2], F16), np.array([False, True]),
     np.array([1, 3, 4], I32), np.array([1, 2, 1, 0], I32), np.array(3, I32), f32([1, 2.5]), np.array([0, 2], I32)))
