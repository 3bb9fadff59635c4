"""The body of `call`: statements, states, scan, training, outputs (language.md: the call body)."""
from harness import *

X23, X34 = grid(2, 3), grid(3, 4)
sigmoid = lambda x: 1 / (1 + np.exp(-x))
f32 = lambda a: np.asarray(a, F32)


def same(i, w):
    return i["x"]


# ---- statements ----

case("rebinding, unpacking, augmenting", """
model M {
    call(x: [n, 3]) {
        y = x
        y += 1
        y *= 2
        y -= x
        y /= 4
        y **= 2
        a, b = y, x
        (c, d), e = (a, b), 3
        a, b = b, a
        first, *rest = [1, 2, 3] if false else [1, 2] , 5
        return a + b * 10 + c * 100 + d * 1000 + e
    }
}
""".replace("        first, *rest = [1, 2, 3] if false else [1, 2] , 5\n", ""), {"x": X23},
     lambda i, w: (lambda x, y: x + y * 10 + y * 100 + x * 1000 + 3)(i["x"], (((i["x"] + 1) * 2 - i["x"]) / 4) ** 2), tolerance=1e-4)

case("augmented @ // %", """
model M { call(x: [3, 3], k: int32[3]) {
    y = x
    y @= x
    k //= 2
    k %= 3
    return y, k
} }
""", {"x": grid(3, 3), "k": np.array([-5, 4, 9], I32)}, lambda i, w: (i["x"] @ i["x"], i["k"] // 2 % 3))

case("if, else if and else in call", """
layer L(mode: str) {
    call(x) {
        if mode == "add" { y = x + 1 }
        else if mode == "mul" { y = x * 2 }
        else { return -x }
        return y
    }
}
model M {
    a = L("add")
    b = L("mul")
    c = L("neg")
    call(x: [n, 3]) { return a(x), b(x), c(x) }
}
""", {"x": X23}, lambda i, w: (i["x"] + 1, i["x"] * 2, -i["x"]))

case("for with targets, nested, over dict and zip", """
model M {
    layers = dict(a=Dense(3, use_bias=false), b=Dense(3, use_bias=false))
    call(x: [n, 3]) {
        for name, d in layers.items() {
            for k in range(2) { x = d(x) if name == "a" or k == 1 else x }
        }
        for i, (s, t) in enumerate(zip([1, 2], (3, 4))) { x += i * s + t }
        return x
    }
}
""", {"x": X23}, lambda i, w: i["x"] @ w["layers.a.kernel"] @ w["layers.a.kernel"] @ w["layers.b.kernel"] + 9)

case("return from a for", """
model M { call(x: [n, 3]) { for k in range(10) { x += 1
            if k == 3 { return x } }
        return -x } }
""", {"x": X23}, lambda i, w: i["x"] + 4)

case("comprehensions of tensors", """
model M {
    heads = [Dense(2, use_bias=false) for i in range(3)]
    call(x: [n, 3]) {
        ys = [h(x) * i for i, h in enumerate(heads) if i != 1]
        z = concatenate([h(x) for h in heads], axis=-1)
        return sum(ys), z, stack(ys, axis=0), sum(h(x) for h in heads)
    }
}
""", {"x": X23}, lambda i, w: (2 * i["x"] @ w["heads.2.kernel"], np.concatenate([i["x"] @ w[f"heads.{k}.kernel"] for k in range(3)], -1),
     np.stack([0 * i["x"] @ w["heads.0.kernel"], 2 * i["x"] @ w["heads.2.kernel"]]), sum(i["x"] @ w[f"heads.{k}.kernel"] for k in range(3))))

case("lists, tuples and dicts of tensors", """
model M {
    call(x: [n, 3]) {
        d = dict(a=x, b=[x + 1, x + 2])
        d = d | dict(c=(x * 3,))
        l = [d.a] + d.b
        l += [d["c"][0]]
        return l[-1] + l[1] * len(l)
    }
}
""", {"x": X23}, lambda i, w: i["x"] * 3 + (i["x"] + 1) * 4)

# ---- outputs and inputs ----

case("tuple outputs", "model M { call(x: [n, 3]) { return x, x + 1 } }\n", {"x": X23}, lambda i, w: (i["x"], i["x"] + 1))
case("named outputs", "model M { call(x: [n, 3]) { return {logits: x, hidden: x + 1} } }\n", {"x": X23},
     lambda i, w: {"logits": i["x"], "hidden": i["x"] + 1})
case("nested outputs", "model M { call(x: [n, 3]) { return {a: x, b: (x + 1, [x + 2])} } }\n", {"x": X23},
     lambda i, w: {"a": i["x"], "b.0": i["x"] + 1, "b.1.0": i["x"] + 2})
case("an input is the output", "model M { call(x: [n, 3]) { return x } }\n", {"x": X23}, same)
case("an output twice", "model M { call(x: [n, 3]) { y = x + 1\n return y, y, x, x } }\n", {"x": X23},
     lambda i, w: (i["x"] + 1, i["x"] + 1, i["x"], i["x"]))
case("a weight is the output", "model M { weight w: [3]\n call(x: [n, 3]) { return w, w + 0, x } }\n", {"x": X23},
     lambda i, w: (w["w"], w["w"], i["x"]))
case("a constant is the output", "model M { call(x: [n, 3]) { return ones((2, n)), arange(3), full((2,), 7.0), zeros((n,), dtype=\"int32\") } }\n",
     {"x": X23}, lambda i, w: (np.ones((2, 2), F32), np.arange(3, dtype=I32), np.full(2, 7, F32), np.zeros(2, I32)))
case("dict of outputs used inside", """
layer L { call(x) { return {a: x + 1, b: x + 2} } }
model M { l = L()
    call(x: [n, 3]) { r = l(x)
        return r.a * r["b"] } }
""", {"x": X23}, lambda i, w: (i["x"] + 1) * (i["x"] + 2))
case("tuple inputs", "model M { call(inputs: ([n, 3], ([n, 3], int32[n])), z: [n, 3]) {\n a, (b, c) = inputs\n return a + b + z + c[:, none] } }\n",
     {"inputs.0": X23, "inputs.1.0": X23, "inputs.1.1": ints(2), "z": X23}, lambda i, w: f32(3 * i["z"] + i["inputs.1.1"][:, None]))
case("no inputs", "model M { weight w: [3]\n call() { return w * 2 } }\n", {}, lambda i, w: w["w"] * 2)
case("a result type", "model M { d = Dense(4)\n call(x: [n, 3]) -> float32[n, 4] { return d(x) } }\n", {"x": X23},
     lambda i, w: i["x"] @ w["d.kernel"] + w["d.bias"])
case("none is a linear activation, and a variable's own default", """
layer L(f: Activation = relu, init: Initializer = zeros) {
    weight w: [3] = init
    call(x) { return f(x) * w }
}
model M {
    l = L(none, none)
    call(x: [n, 3]) { return l(x) }
}
""", {"x": X23}, lambda i, w: i["x"] * w["l.w"] if w["l.w"].all() else None)
case("padding in capitals", "model M { c = Conv1D(2, 1, padding=\"SAME\")\n call(x: [n, 3]) { return c(x[none])[0] } }\n", {"x": X23},
     lambda i, w: i["x"] @ w["c.kernel"][0] + w["c.bias"])
error("a result type that does not fit", "model M { d = Dense(4)\n call(x: [n, 3]) -> float32[n, 5] { return d(x) } }\n", "E0501")
case("twenty outputs", "model M { call(x: [n, 3]) { return [x + i for i in range(20)] } }\n", {"x": X23},
     lambda i, w: tuple(i["x"] + k for k in range(20)))
case("twenty inputs", "model M { call(" + ", ".join(f"x{k}: [n]" for k in range(20)) + ") { return " + " + ".join(f"x{k}" for k in range(20)) + " } }\n",
     {f"x{k}": grid(2, start=k) for k in range(20)}, lambda i, w: sum(i.values()))

# ---- states ----

case("a read after assign sees the new value", """
model M {
    state total: [3] = ones
    call(x: [n, 3]) {
        before = total * 1
        total.assign(total + sum(x, axis=0))
        middle = total * 1
        total.assign(total * 2)
        return before, middle, total
    }
}
""", {"x": X23}, lambda i, w: (w["total"], w["total"] + i["x"].sum(0), 2 * (w["total"] + i["x"].sum(0))))

case("states of a layer that is called twice", """
layer Counter {
    state n: int32[] = zeros
    call(x) {
        n.assign(n + 1)
        return x * n
    }
}
model M { c = Counter()
    call(x: [n, 3]) { return c(x), c(x), c.n } }
""", {"x": X23}, lambda i, w: (i["x"], 2 * i["x"], np.array(2, I32)))

case("a state read before and behind a layer's call", """
layer Counter {
    state n: [] = zeros
    call(x) { n.assign(n + 1)
        return x }
}
model M { c = Counter()
    call(x: [n, 3]) {
        a = c.n
        y = c(x)
        b = c.n
        return y, a, b
    } }
""", {"x": X23}, lambda i, w: (i["x"], f32(0), f32(1)))

error("binding to a state", "model M {\n state s: [] = zeros\n call(x: [n]) {\n  s = s + 1\n  return x } }\n", "E0210", "s.assign")
error("binding to a weight", "model M {\n weight s: []\n call(x: [n]) {\n  s = x\n  return x } }\n", "E0210")
error("binding to a field", "model M {\n s = Dense(3)\n call(x: [n, 2]) {\n  s = s(x)\n  return s } }\n", "E0210")
error("assign in a scan", """
model M {
    state s: [] = zeros
    call(x: [n]) {
        c, ys = scan(step, zeros(()), x)
        return ys
    }
    fn step(c, x) {
        s.assign(s + x)
        return c, x
    }
}
""", "E0606")

# ---- scan ----

case("scan with a function", """
fn step(c, x) { return c + x, c * x }
model M { call(x: [time, 3]) { return scan(step, zeros((3,)), x) } }
""", {"x": X34.T.copy()}, lambda i, w: (i["x"].sum(0), np.stack([i["x"][:t].sum(0) * i["x"][t] for t in range(4)])))

case("scan backwards, another axis, none output", """
fn step(c, x) { return c * 0.5 + x, c }
fn quiet(c, x) { return c * 0.5 + x, none }
model M { call(x: [batch, time, 3]) {
    c, ys = scan(step, zeros((batch, 3)), x, axis=1, reverse=true)
    d, nothing = scan(quiet, zeros((batch, 3)), x, axis=1)
    return c, ys, d
} }
""", {"x": grid(2, 4, 3)}, lambda i, w: scan_reference(i["x"]))


def scan_reference(x):
    c, d = np.zeros((2, 3), F32), np.zeros((2, 3), F32)
    ys = [None] * 4
    for t in range(3, -1, -1):
        ys[t] = c
        c = c * F32(.5) + x[:, t]
    for t in range(4):
        d = d * F32(.5) + x[:, t]
    return c, np.stack(ys), d


case("scan with length, tuple carry and tuple of xs", """
fn fib(c, x) {
    a, b = c
    return (b, a + b), a
}
fn two(c, xs) {
    x, y = xs
    return dict(s=c.s + x * y, n=c.n + 1), (x - y, x + y)
}
model M { call(x: [time], y: [time]) {
    c, f = scan(fib, (zeros(()), ones(())), none, length=6)
    d, (g, h) = scan(two, dict(s=zeros(()), n=cast(0, "int32")), (x, y))
    return c[0], f, d.s, d.n, g, h
} }
""", {"x": grid(4), "y": grid(4, start=2)}, lambda i, w: (f32(8), f32([0, 1, 1, 2, 3, 5]), (i["x"] * i["y"]).sum(), np.array(4, I32), i["x"] - i["y"], i["x"] + i["y"]))

case("scan with a method that uses weights", """
layer Cell(units: int) {
    weight k: [units, units]
    d = Dense(units, use_bias=false)
    fn step(h, x) {
        h = tanh(d(x) + h @ k)
        return h, h
    }
    call(x: [batch, time, features]) {
        h, ys = scan(step, zeros((batch, units)), x, axis=1)
        return swapaxes(ys, 0, 1), h
    }
}
model M { c = Cell(4)
    call(x: [batch, time, 3]) { return c(x) } }
""", {"x": grid(2, 5, 3)}, lambda i, w: rnn(i["x"], w["c.d.kernel"], w["c.k"]))


def rnn(x, kernel, k):
    h, ys = np.zeros((x.shape[0], k.shape[0]), F32), []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ kernel + h @ k)
        ys.append(h)
    return np.stack(ys, 1), h


case("scan with a layer as step", """
layer Cell(units: int) {
    d = Dense(units, use_bias=false)
    call(h: [batch, units], x: [batch, features]) {
        h = tanh(d(x) + h)
        return h, h * 2
    }
}
model M { cell = Cell(4)
    call(x: [batch, time, 3]) {
        h, ys = scan(cell, zeros((batch, 4)), x, axis=1)
        return h, ys
    } }
""", {"x": grid(2, 5, 3)}, lambda i, w: (lambda y, h: (h, 2 * np.swapaxes(y, 0, 1)))(*rnn(i["x"], w["cell.d.kernel"], np.eye(4, dtype=F32))))

case("scan of a scan", """
fn inner(c, x) { return c + x, c }
fn outer(c, row) {
    s, ys = scan(inner, zeros(()), row)
    return c + s, ys
}
model M { call(x: [n, m]) { return scan(outer, zeros(()), x) } }
""", {"x": X34}, lambda i, w: (i["x"].sum(), np.cumsum(i["x"], 1) - i["x"]), tolerance=1e-4)

case("scan captures outer values", """
model M {
    d = Dense(3, use_bias=false)
    call(x: [time, 3], y: [3]) {
        scale = mean(y)
        z = d(y[none])[0]
        c, ys = scan(step, (y, z * scale), x)
        return c[0], ys
    }
    fn step(c, x) { return (c[0] + c[1] * x, c[1]), c[0] }
}
""", {"x": X34.T.copy(), "y": grid(3)}, lambda i, w: scan_outer(i["x"], i["y"], w["d.kernel"]), tolerance=1e-4)


def scan_outer(x, y, k):
    z, c, ys = y @ k * y.mean(), y, []
    for t in range(4):
        ys.append(c)
        c = c + z * x[t]
    return c, np.stack(ys)


case("scan over nothing", """
fn step(c, x) { return c + x, c }
model M { call(x: [time, 3]) { return scan(step, ones((3,)), x) } }
""", {"x": np.zeros((0, 3), F32)}, lambda i, w: (np.ones(3, F32), np.zeros((0, 3), F32)))

error("a carry that changes its shape", """
fn step(c, x) { return concatenate([c, c]), x }
model M { call(x: [time, 3]) {
    c, ys = scan(step, zeros((3,)), x)
    return ys } }
""", "E0505")
error("a carry that changes its dtype", """
fn step(c, x) { return c + 1.5, x }
model M { call(x: [time, 3]) {
    c, ys = scan(step, zeros((3,), dtype="int32"), x)
    return ys } }
""", "E0505")
error("a step that returns one value", """
fn step(c, x) { return c + x }
model M { call(x: [time, 3]) {
    c, ys = scan(step, zeros((3,)), x)
    return ys } }
""", "E0505")

# ---- training, random ----

TRAIN = """
layer Noise { call(x, training) { return x * 100 if training else x } }
layer Outer { noise = Noise()
    call(x) { return noise(x) } }
model M {
    noise = Noise()
    o = Outer()
    call(x: [n, 3]) { return noise(x), noise(x, training=true), o(x), noise(x, training=false), x * (2 if training else 3) }
}
"""
case("training is false by default", TRAIN.replace(", x * (2 if training else 3)", ""), {"x": X23}, lambda i, w: (i["x"], 100 * i["x"], i["x"], i["x"]))
case("--training", TRAIN.replace(", x * (2 if training else 3)", ""), {"x": X23}, lambda i, w: (100 * i["x"], 100 * i["x"], 100 * i["x"], i["x"]), options=["--training"])
case("training is ambient", """
fn f(x) { return x + (1 if training else 2) }
layer L { call(x) { return f(x) * (10 if training else 1) } }
model M { l = L()
    call(x: [n, 3]) { return l(x), l(x, training=true), x if training else -x } }
""", {"x": X23}, lambda i, w: (i["x"] + 2, (i["x"] + 1) * 10, -i["x"]))


def check_random(outputs):
    low, high, differ, same, normal, cut, least, most, dropped, zeros = outputs["output"]
    ok = 0 <= low < .01 and .99 < high < 1 and .3 < differ < .36 and same == 0 and abs(normal - 3) < .05 and abs(cut) < .1
    ok = ok and least == 2 and most == 4 and abs(dropped - 1) < .05 and abs(zeros - .25) < .05
    if not ok:
        raise Failure(f"not random as asked: {outputs['output']}")


case("random numbers: one seed gives the same numbers, places and shapes differ", """
layer Noise { call(x) { return random.uniform(shape(x)) } }
model M {
    a = Noise()
    b = Noise()
    call(x: [n, 50]) {
        u, v, u2 = a(x), b(x), a(x)
        z = random.normal((n, 50), mean=3.0, stddev=0.5)
        r = random.randint((n, 50), 2, 5)
        return stack([
            min(u), max(u), mean(abs(u - v)), mean(abs(u - u2)),
            mean(z), mean(random.truncated_normal((n, 50))),
            cast(min(r), "float32"), cast(max(r), "float32"),
            mean(random.dropout(x, 0.25)), mean(cast(random.dropout(x, 0.25) == 0, "float32"))])
    }
}
""", {"x": np.ones((100, 50), F32)}, None, check=check_random)

case("labels, none and is", """
layer L { call(x, y: [...]? = none, scale: float = 2) {
    if y is none { return x * scale }
    return x + y
} }
model M { l = L()
    call(x: [n, 3], y: [n, 3]? = none) { return l(x), l(x, x), l(x, none, 5), l(x, scale=x.ndim), x if y is none else y } }
""", {"x": X23}, lambda i, w: (2 * i["x"], 2 * i["x"], 5 * i["x"], 2 * i["x"], i["x"]))

case("optional input that is present", """
model M { call(x: [n, 3], y: [n, 3]? = none) { return x if y is none else y * 2 } }
""", {"x": X23, "y": X23}, lambda i, w: i["y"] * 2, options=["--input", "y=float32[n, 3]"])

error("a layer in call", "model M { call(x: [n, 3]) { return Dense(4)(x) } }\n", "E0601")
error("a layer in call, named", "model M { call(x: [n, 3]) {\n d = Dense(4)\n return d(x) } }\n", "E0601")
error("a condition on a tensor", "model M { call(x: [n, 3]) {\n if sum(x) > 0 { return x }\n return -x } }\n", "E0302", "where")
error("and on tensors", "model M { call(x: [n, 3]) { return x > 0 and x < 1 } }\n", "E0302", "&")
error("max of two tensors", "model M { call(x: [n, 3]) { return max(x, x) } }\n", "E0405", "maximum")
error("a loop over a symbolic range", "model M { call(x: [n, 3]) {\n for i in range(n) { x += 1 }\n return x } }\n", "E0303", "scan")
error("a condition on a symbolic size", "model M { call(x: [n, 3]) {\n if n > 4 { return x }\n return -x } }\n", "E0303", "assert")
error("a useless expression", "model M { call(x: [n, 3]) {\n x + 1\n return x } }\n", "E0312")
error("an unknown name in call", "model M { call(x: [n, 3]) { return relv(x) } }\n", "E0201", "relu")
error("a method of a tensor", "model M { call(x: [n, 3]) { return x.reshape((3, n)) } }\n", "E0207", "reshape(")
error("no return", "model M { call(x: [n, 3]) { y = x } }\n", "E0703")
error("a static output", "model M { call(x: [n, 3]) { return \"text\" } }\n", "E0703")
