"""Imports, constants, functions, layers, parameters, fields (language.md: declarations)."""
from harness import *

relu = lambda x: np.maximum(x, 0)
X23 = grid(2, 3)

# ---- imports and constants ----

case("import bare", """
import "parts.mdl"
model M {
    s = Scale(3.0)
    call(x: [n, 3]) { return s(x) + offset + twice(x) }
}
""", {"x": X23}, lambda i, w: i["x"] * 3 + 5 + i["x"] * 2, files={"parts.mdl": """
const offset = 5
fn twice(x) { return 2 * x }
layer Scale(by: float) { call(x) { return x * by } }
"""})

case("import as", """
import "lib/parts.mdl" as p
const offset = 1
model M {
    s = p.Scale(3.0)
    call(x: [n, 3]) { return s(x) + p.offset + offset + p.twice(x) }
}
""", {"x": X23}, lambda i, w: i["x"] * 5 + 6, files={"lib/parts.mdl": """
import "deeper.mdl" as d
const offset = d.base + 4
fn twice(x) { return d.times(x, 2) }
layer Scale(by: float) { call(x) { return x * by } }
""", "lib/deeper.mdl": """
const base = 1
fn times(x, k) { return x * k }
"""})

case("import from a folder of -I", """
import "parts.mdl"
model M { call(x: [n, 3]) { return twice(x) } }
""", {"x": X23}, lambda i, w: i["x"] * 2, files={"vendor/parts.mdl": "fn twice(x) { return 2 * x }\n"},
    options=["-I", "vendor"])

case("import a diamond", """
import "a.mdl" as a
import "b.mdl" as b
model M { call(x: [n, 3]) { return x * a.k + b.k } }
""", {"x": X23}, lambda i, w: i["x"] * 8 + 9, files={
    "a.mdl": 'import "c.mdl" as c\nconst k = c.k + 1', "b.mdl": 'import "c.mdl" as c\nconst k = c.k + 2', "c.mdl": "const k = 7"})

case("imported constant in a shape is qualified", """
import "c.mdl" as c
model M { call(x: [n, c.width]) { return x } }
""", {"x": X23}, lambda i, w: i["x"], files={"c.mdl": "const width = 3"})

case("imported bare constant name in a shape is a dimension", """
import "c.mdl"
model M { call(x: [n, width]) { return x * width } }
""", {"x": X23}, lambda i, w: i["x"] * 3, files={"c.mdl": "const width = 7"})

case("a file's own layer hides the library's", """
layer Dense(units: int) { call(x) { return x * units } }
model M { d = Dense(4)
    call(x: [n, 3]) { return d(x) } }
""", {"x": X23}, lambda i, w: i["x"] * 4)

error("import cycle", 'import "a.mdl"\nmodel M { call(x: [n]) { return x } }\n', "E0204",
      files={"a.mdl": 'import "main.mdl"\nconst k = 1\n'})
error("import not found", 'import "nowhere.mdl"\nmodel M { call(x: [n]) { return x } }\n', "E0203", "nowhere.mdl")
error("import clash", 'import "a.mdl"\nimport "b.mdl"\nmodel M { call(x: [n]) { return x * k } }\n', "E0205",
      files={"a.mdl": "const k = 1\n", "b.mdl": "const k = 2\n"})

case("constants of every kind", """
const whole = 1_000
const real = 1e-2
const half = .5
const on = true
const nothing = none
const text = 'it''s' if false else "s"
const items = [1, 2, 3]
const pair = (4, 5.5)
const table = dict(a=1, b=dict(c=7))
const typed: int = 3
const derived = whole * typed + table.b.c
const later = early + 1
const early = 1
model M {
    call(x: [n, 3]) {
        return x * derived + real + half + items[1] + pair[1] + table["a"] + later + (1 if on and nothing is none and text == "s" else 100)
    }
}
""".replace("'it''s' if false else ", ""), {"x": X23}, lambda i, w: i["x"] * 3007 + .01 + .5 + 2 + 5.5 + 1 + 2 + 1)

case("-D sets a const", "const k = 2\nmodel M { call(x: [n, 3]) { return x * k } }\n", {"x": X23},
     lambda i, w: i["x"] * 7, options=["-D", "k=7"])
case("-D sets a parameter", "model M(k: int = 2, s: str = \"a\") { call(x: [n, 3]) { return x * k + (1 if s == \"b\" else 0) } }\n",
     {"x": X23}, lambda i, w: i["x"] * 7 + 1, options=["-D", "k=7", "-D", "s=b"])
case("-D sets a list, a float and a bool", """
model M(ks: list = [1], f: float = 1.0, b: bool = false) { call(x: [n, 3]) { return x * sum(ks) * f + (1 if b else 0) } }
""", {"x": X23}, lambda i, w: i["x"] * 6 * .5 + 1, options=["-D", "ks=[1, 2, 3]", "-D", "f=0.5", "-D", "b=true"])
error("-D of nothing", "model M { call(x: [n]) { return x } }\n", "E0702", options=["-D", "k=7"])
error("-D of both", "const k = 1\nmodel M(k: int = 2) { call(x: [n]) { return x * k } }\n", "E0702", options=["-D", "k=7"])
case("--model chooses", "model A { call(x: [n, 3]) { return x } }\nmodel B { call(x: [n, 3]) { return x * 2 } }\n",
     {"x": X23}, lambda i, w: i["x"] * 2, options=["--model", "B"])
error("several models", "model A { call(x: [n, 3]) { return x } }\nmodel B { call(x: [n, 3]) { return x * 2 } }\n", "E0701", "A", "B", verb="build")

# ---- functions and methods ----

case("functions", """
fn affine(x, a = 2, b: float = 0.5) { return x * a + b }
fn fact(n: int) { if n <= 1 { return 1 }
    return n * fact(n - 1) }
fn both(x) { return x + 1, x * 2 }
fn typed(x: [rows, cols]) -> [cols, rows] { return transpose(x) * rows }
model M {
    call(x: [n, 3]) {
        a, b = both(x)
        return affine(x), affine(x, 3), affine(x, b=1), affine(b=2.0, x=x, a=fact(5)), a + b, typed(x)
    }
}
""", {"x": X23}, lambda i, w: (i["x"] * 2 + .5, i["x"] * 3 + .5, i["x"] * 2 + 1, i["x"] * 120 + 2, i["x"] * 3 + 1, i["x"].T * 2))

case("functions are values", """
fn apply(f, x) { return f(x) }
fn plus(x) { return x + 1 }
layer Act(f: Activation = relu) { call(x) { return f(x) } }
model M {
    a = Act()
    b = Act(tanh)
    c = Act("sigmoid")
    d = Act(plus)
    call(x: [n, 3]) { return a(x), b(x), c(x), d(x), apply(plus, x), apply(tanh, x) }
}
""", {"x": X23}, lambda i, w: (relu(i["x"]), np.tanh(i["x"]), 1 / (1 + np.exp(-i["x"])), i["x"] + 1, i["x"] + 1, np.tanh(i["x"])))

case("star parameters", """
fn add(*xs) { return sum(xs) }
fn lead(x, *rest) { return x * len(rest) }
model M { call(x: [n, 3]) { return add(x, x, x) + lead(x, 1, 2, 3, 4) } }
""", {"x": X23}, lambda i, w: i["x"] * 7)

case("methods", """
layer Coder(k: int) {
    up = Dense(k, use_bias=false)
    down = Dense(3, use_bias=false)
    fn encode(x) { return up(x) }
    fn decode(z) { return down(z) }
    fn both(x) { return decode(encode(x)) }
    call(x) { return both(x) }
}
model M {
    c = Coder(5)
    call(x: [n, 3]) { return c.decode(c.encode(x) * 2), c(x) }
}
""", {"x": X23}, lambda i, w: (i["x"] @ w["c.up.kernel"] @ w["c.down.kernel"] * 2, i["x"] @ w["c.up.kernel"] @ w["c.down.kernel"]),
    variables=["c.up.kernel", "c.down.kernel"])

case("methods see static fields, weights and parameters", """
layer L(k: int) {
    j = k + 1
    weight w: [k]
    state s: [] = ones
    fn f(x, times: int = j) { return x * w * times + s + k }
    call(x) { return f(x) + f(x, 10) }
}
model M { l = L(3)
    call(x: [n, 3]) { return l(x) } }
""", {"x": X23}, lambda i, w: i["x"] * w["l.w"] * 14 + 2 + 6)

# ---- parameters ----

case("parameters with types and defaults", """
layer P(a: int, b: float = 2, c: str = "x", d: bool = true, e: list = [1, 2], f: tuple = (3, 4), g: dict = dict(h=5), i: int? = none,
        j = none, k: any = 6) {
    t = a + b + len(c) + (1 if d else 0) + e[0] + f[1] + g.h + (0 if i is none else i) + (0 if j is none else j) + k
    call(x) { return x * t }
}
model M {
    p = P(1)
    q = P(1, 3, i=7, j=8)
    r = P(k=0, a=0)
    call(x: [n, 3]) { return p(x), q(x), r(x) }
}
""", {"x": X23}, lambda i, w: (i["x"] * 21, i["x"] * 37, i["x"] * 14))

case("defaults see earlier parameters", """
layer P(a: int, b: int = 2 * a) { call(x) { return x * b } }
model M { p = P(3)
    q = P(3, 4)
    call(x: [n, 3]) { return p(x), q(x) } }
""", {"x": X23}, lambda i, w: (i["x"] * 6, i["x"] * 4))

error("wrong type of an argument", 'model M { d = Dense("four")\n call(x: [n, 3]) { return d(x) } }\n', "E0404")
error("unknown argument", 'model M { d = Dense(4, activaton=relu)\n call(x: [n, 3]) { return d(x) } }\n', "E0403", "activation")
error("missing argument", 'model M { d = Dense()\n call(x: [n, 3]) { return d(x) } }\n', "E0402", "units")
error("too many arguments", "fn f(x) { return x }\nmodel M { call(x: [n, 3]) { return f(x, 1) } }\n", "E0402")
error("argument twice", "fn f(x) { return x }\nmodel M { call(x: [n, 3]) { return f(x, x=1) } }\n", "E0402")

case("star and double star arguments", """
const sizes = [5, 4]
const options = dict(use_bias=false, activation="relu")
fn three(a, b, c) { return a * 100 + b * 10 + c }
model M {
    d = Dense(sizes[0], **options)
    e = Dense(*[3], **dict(use_bias=false))
    call(x: [n, 3]) { return e(d(x)) + three(*(1, 2), 3) + three(1, **dict(c=3, b=2)) }
}
""", {"x": X23}, lambda i, w: relu(i["x"] @ w["d.kernel"]) @ w["e.kernel"] + 246)

# ---- fields ----

case("static fields may be rebound", """
model M(k: int = 2) {
    c = k
    c = c * 2
    c += 1
    blocks = []
    for i in range(3) {
        blocks += [Dense(c, use_bias=false)]
        c -= 1
    }
    a, b = (7, 8)
    (p, q), r = ((1, 2), 3)
    call(x: [n, 3]) {
        for block in blocks { x = block(x) }
        return x * a + b + p + q + r + c
    }
}
""", {"x": X23}, lambda i, w: i["x"] @ w["blocks.0.kernel"] @ w["blocks.1.kernel"] @ w["blocks.2.kernel"] * 7 + 8 + 6 + 2,
    variables=["blocks.0.kernel [3, 5]", "blocks.1.kernel [5, 4]", "blocks.2.kernel [4, 3]"])

case("lists, tuples, dicts and nested lists of layers", """
model M {
    grid = [[Dense(3, use_bias=false) for j in range(2)] for i in range(2)]
    pair = (Dense(3, use_bias=false), Dense(3, use_bias=false))
    named = dict(enc=Dense(3, use_bias=false), heads=[Dense(3, use_bias=false)])
    deep = dict(a=dict(b=Dense(3, use_bias=false)))
    call(x: [n, 3]) {
        for row in grid { for d in row { x = d(x) } }
        x = pair[1](pair[0](x))
        x = named.enc(x)
        x = named["heads"][0](x)
        return deep.a.b(x)
    }
}
""", {"x": X23}, lambda i, w: np.linalg.multi_dot([i["x"]] + [w[p + ".kernel"] for p in
    "grid.0.0 grid.0.1 grid.1.0 grid.1.1 pair.0 pair.1 named.enc named.heads.0 deep.a.b".split()]),
    variables=[p + ".kernel" for p in "grid.0.0 grid.0.1 grid.1.0 grid.1.1 pair.0 pair.1 named.enc named.heads.0 deep.a.b".split()])

case("if, for and assert among members", """
model M(deep: bool = true, k: int = 3) {
    assert k > 0, f"k is {k}"
    if deep {
        d = [Dense(3, use_bias=false) for i in range(k)]
    } else if k == 7 {
        d = []
        never = Dense(1)
    } else {
        d = [Dense(9)]
    }
    total = 0
    for i, (a, b) in enumerate([(1, 2), (3, 4)]) { total += i * a + b }
    call(x: [n, 3]) {
        for l in d { x = l(x) }
        return x + total
    }
}
""", {"x": X23}, lambda i, w: i["x"] @ w["d.0.kernel"] @ w["d.1.kernel"] @ w["d.2.kernel"] + 9)

error("assert among members", "model M(k: int = 0) {\n assert k > 0, f\"k is {k}\"\n call(x: [n]) { return x } }\n", "E0311", "k is 0")
error("rebinding a layer's field", "model M {\n d = Dense(3)\n d = Dense(4)\n call(x: [n, 3]) { return d(x) } }\n", "E0210")
error("a field before its line", "model M {\n a = b + 1\n b = 1\n call(x: [n]) { return x * a } }\n", "E0208")

case("reading parameters and fields from outside", """
layer L(units: int, rate: float = 0.5) {
    twice = 2 * units
    inner = Dense(units, use_bias=false)
    call(x) { return inner(x) }
}
model M {
    l = L(3, name="ell")
    k = l.units + l.twice
    call(x: [n, 3]) { return l(x) * k * l.rate + l.inner.units + (1 if l.name == "ell" else 0) }
}
""", {"x": X23}, lambda i, w: i["x"] @ w["l.inner.kernel"] * 4.5 + 4)

case("parameters that hold layers are fields", """
layer Wrap(inner: Layer, more: list = []) {
    out = Dense(3, use_bias=false)
    call(x) {
        x = inner(x)
        for m in more { x = m(x) }
        return out(x)
    }
}
model M {
    w = Wrap(Dense(4, use_bias=false), [Dense(5, use_bias=false), Dense(2, use_bias=false)])
    call(x: [n, 3]) { return w(x) }
}
""", {"x": X23}, lambda i, w: i["x"] @ w["w.inner.kernel"] @ w["w.more.0.kernel"] @ w["w.more.1.kernel"] @ w["w.out.kernel"],
    variables=["w.inner.kernel", "w.more.0.kernel", "w.more.1.kernel", "w.out.kernel"])

case("a model as a layer", """
model Inner(k: int = 3) {
    d = Dense(k, use_bias=false)
    call(x: [rows, cols]) { return d(x) * rows }
}
model M {
    i = Inner(4)
    call(x: [n, 3]) { return i(x) }
}
""", {"x": X23}, lambda i, w: i["x"] @ w["i.d.kernel"] * 2, options=["--model", "M"])

case("clone", """
layer L(units: int, scale: float = 1.0) {
    d = Dense(units, use_bias=false)
    call(x) { return d(x) * scale }
}
model M {
    a = L(3, scale=2.0)
    b = clone(a)
    c = clone(a, scale=5.0, name="cc")
    call(x: [n, 3]) { return a(x) + b(x) + c(x) }
}
""", {"x": X23}, lambda i, w: i["x"] @ (2 * w["a.d.kernel"] + 2 * w["b.d.kernel"] + 5 * w["c.d.kernel"]),
    variables=["a.d.kernel", "b.d.kernel", "c.d.kernel"])

case("soft keywords are names", """
fn as(import, const) { return import + const }
layer L(layer: int, model: int = 2) {
    weight weight: [layer]
    state = model
    fn fn(call) { return call * weight + state }
    call(x) { return fn(x) }
}
model M {
    l = L(layer=3)
    call(x: [n, 3]) {
        weight = l(x)
        return as(weight, const=1)
    }
}
""", {"x": X23}, lambda i, w: i["x"] * w["l.weight"] + 3)

case("statements over several lines", """
model M {
    d = Dense(
        3,
        use_bias=false,
    )
    call(
        x: [n, 3],
        y: [n, 3]
    ) {
        a = x
            + y
            * 2
        b = (
            a
            - 1
        )
        c = [
            a,
            b
        ]
        if true
        {
            a = -a
        }
        else
        {
            a = a
        }
        return {
            first: a,
            second: d(b) +
                c[0]
        }
    }
}
""", {"x": X23, "y": X23}, lambda i, w: {"first": -3 * i["x"], "second": (3 * i["x"] - 1) @ w["d.kernel"] + 3 * i["x"]})

STAR = """
layer Scale(by: float) { call(x) { return x * by } }
layer Chain(times: int, *layers, plus: float = 0.0) {
    call(x) {
        for l in layers { x = l(x) }
        return x * times + plus
    }
}
"""

case("layers given for a star parameter tell its instances apart", STAR + """
model M {
    a = Chain(1, Scale(3.0))
    b = Chain(1, Scale(4.0))
    c = Chain(1, Scale(3.0), Scale(5.0))
    call(x: [n, 3]) { return a(x), b(x), c(x) }
}
""", {"x": X23}, lambda i, w: {"output.0": i["x"] * 3, "output.1": i["x"] * 4, "output.2": i["x"] * 15})

case("clone keeps what was given for a star parameter", STAR + """
model M {
    a = Chain(2, Scale(3.0), Scale(4.0), plus=1.0)
    b = clone(a)
    c = clone(a, times=1, plus=0.5)
    call(x: [n, 3]) { return b(x), c(x) }
}
""", {"x": X23}, lambda i, w: {"output.0": i["x"] * 24 + 1, "output.1": i["x"] * 12 + 0.5})
