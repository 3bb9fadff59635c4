"""Variables of other layers: `build layer(x)`, `weight kernel = layer.kernel`, `hasattr` (language.md: variables of other layers)."""
from harness import *

X23 = grid(2, 3)

SCALED = """
layer Scaled(layer: Layer) {
    weight before: [1] = ones
    build layer(x)
    assert hasattr(layer, "kernel"), f"{layer.name} has no kernel"
    weight kernel = layer.kernel
    state last: [1, kernel.shape[-1]] = zeros
    weight after: [1] = ones

    fn update(by) { kernel.assign(kernel * by) }
    call(x) {
        if training {
            last.assign(kernel[:1])
            update(2)
        }
        return layer(x)
    }
}
"""


def places(m):
    v = {v["path"]: v for v in m["variables"]}
    for path, aliases, keras, h5 in [("s.layer.kernel", ["s.kernel"], "m/scaled/dense/kernel", "layers/scaled/layer/vars/0"),
                                     ("s.before", [], "m/scaled/before", "layers/scaled/vars/0"),
                                     ("s.after", [], "m/scaled/after", "layers/scaled/vars/2"),
                                     ("s.last", [], "m/scaled/last", "layers/scaled/vars/3")]:
        got = v[path]
        if (got["aliases"], got["keras_path"], got["h5_path"]) != (aliases, keras, h5):
            raise Failure(f"{path}: {got}")
    if sum(int(np.prod(v["shape"])) for v in m["variables"]) != 12 + 4 + 4 + 2:
        raise Failure("a variable is counted twice")


variables("a listed weight stands among the weights of the layer that lists it, and once", SCALED + """
model M {
    s = Scaled(Dense(4))
    call(x: [n, 3]) { return s(x) }
}
""", ["s.before [1]", "s.layer.kernel [3, 4]", "s.after [1]", "s.last [1, 4]", "s.layer.bias [4]"], check=places)

variables("a weight that is listed by a layer behind its owner stays where it is", """
layer Head(table: Layer) {
    weight projection = table.embeddings
    call(x) { return x @ transpose(projection) }
}
model M {
    wte = Embedding(10, 4)
    head = Head(wte)
    call(tokens: int32[n]) { return head(wte(tokens)) }
}
""", ["wte.embeddings [10, 4]"])

variables("a weight that is listed by a layer before its owner stands there", """
layer Head(table: Layer) {
    weight projection = table.embeddings
    weight bias: [projection.shape[0]] = zeros
    call(x) { return x @ transpose(projection) + bias }
}
model M {
    tables = [Embedding(10, 4)]
    heads = dict(first=Head(tables[0]), second=Head(tables[0]))
    call(tokens: int32[n]) { return heads.first(tables[0](tokens)) + heads.second(tables[0](tokens)) }
}
""", ["tables.0.embeddings [10, 4]", "heads.first.bias [10]", "heads.second.bias [10]"])

case("a call assigns the weight it lists, and the layer that owns it computes with that", SCALED + """
model M {
    s = Scaled(Dense(4, use_bias=false))
    call(x: [n, 3]) {
        y = s(x, training=true)
        return y, s(x), s.layer.kernel, s.last
    }
}
""", {"x": X23}, lambda i, w: (2 * i["x"] @ w["s.layer.kernel"], 2 * i["x"] @ w["s.layer.kernel"], 2 * w["s.layer.kernel"], w["s.layer.kernel"][:1]))

case("another layer of the same class and shape keeps its weights", SCALED + """
layer Linear(units: int) {
    weight kernel: [features, units]
    call(x: [n, features]) { return x @ kernel }
}
model M {
    plain = Linear(3)
    s = Scaled(Linear(3))
    twice = [Scaled(Linear(3)) for i in range(2)]
    call(x: [n, 3]) {
        y = plain(x)
        z = s(y, training=true)
        for t in twice { z = t(z, training=true) }
        return z, plain(x)
    }
}
""", {"x": X23}, lambda i, w: (8 * i["x"] @ w["plain.kernel"] @ w["s.layer.kernel"] @ w["twice.0.layer.kernel"] @ w["twice.1.layer.kernel"],
                              i["x"] @ w["plain.kernel"]), tolerance=1e-5)

case("a layer is built for what its call will be given", """
layer Steps(layer: Layer) {
    build layer(reshape(x, (batch * time, *rest)))
    weight kernel = layer.kernel
    weight offset: [kernel.shape[0]] = ones
    call(x: [batch, time, ...rest]) {
        y = layer(reshape(x + offset, (batch * time, *rest)))
        return reshape(y, (batch, time, y.shape[-1]))
    }
}
model M {
    steps = Steps(Dense(4, use_bias=false))
    call(x: [batch, time, 3]) { return steps(x) }
}
""", {"x": grid(2, 5, 3)}, lambda i, w: (i["x"] + 1) @ w["steps.layer.kernel"], tolerance=1e-5, variables=["steps.layer.kernel", "steps.offset"])

case("a weight is read before the call of its layer", """
layer Gate(dense: Layer) {
    build dense(x)
    call(x) { return x * sum(dense.kernel) + dense(x) }
}
model M {
    gate = Gate(Dense(3))
    call(x: [n, 3]) { return gate(x) }
}
""", {"x": X23}, lambda i, w: i["x"] * np.sum(w["gate.dense.kernel"]) + i["x"] @ w["gate.dense.kernel"] + w["gate.dense.bias"], tolerance=1e-5)

case("a state of another layer", """
layer Counter {
    state calls: int32[] = zeros
    call(x) {
        calls.assign(calls + 1)
        return x
    }
}
layer Reset(counter: Layer) {
    state calls = counter.calls
    call(x) {
        before = calls
        calls.assign(zeros((), "int32"))
        return x * before
    }
}
model M {
    counter = Counter()
    reset = Reset(counter)
    call(x: [n, 3]) { return reset(counter(counter(x))), counter.calls }
}
""", {"x": X23}, lambda i, w: (i["x"] * 2, np.zeros((), I32)), variables=["counter.calls"])

case("hasattr of fields, weights, methods and what is not there", """
layer L(size: int = 2, option = none) {
    if size > 2 { weight scale: [size] = ones } else { other = 1 }
    fn helper(x) { return x }
    call(x) { return x }
}
model M {
    small = L()
    large = L(3)
    call(x: [n, 3]) {
        flags = [hasattr(small, n) for n in ("size", "option", "scale", "other", "helper", "name", "call_it")]
        assert flags == [true, true, false, true, true, true, false], f"{flags}"
        assert hasattr(large, "scale") and not hasattr(large, "other"), "large"
        return large(small(x)) * large.scale
    }
}
""", {"x": X23}, lambda i, w: i["x"])

error("a weight without a type that is no weight", "layer L {\n weight w = zeros\n call(x) { return x * w } }\nmodel M { l = L()\n call(x: [n, 3]) { return l(x) } }\n",
      "E0407", "has no type", "weight w: [4] = zeros")
error("a state that is listed as a weight", """
layer L(bn: Layer) {
    weight mean = bn.moving_mean
    call(x) { return x - mean }
}
model M {
    bn = BatchNormalization()
    l = L(bn)
    call(x: [n, 3]) { return l(bn(x)) }
}
""", "E0407", "is a state", "write `state mean = ...`")
error("a weight that the layer owns", """
layer L {
    weight w: [3] = ones
    weight again = w
    call(x) { return x * again }
}
model M {
    l = L()
    call(x: [n, 3]) { return l(x) }
}
""", "E0202", "lists this weight already")
error("a weight listed twice", SCALED.replace("    state last", "    weight more = layer.kernel\n    state last") + """
model M {
    s = Scaled(Dense(4))
    call(x: [n, 3]) { return s(x) }
}
""", "E0202", "lists this weight already")
error("a listed weight with the name of a field", """
layer L(table: Layer) {
    weight table = table.embeddings
    call(x) { return x @ transpose(table) }
}
model M {
    wte = Embedding(10, 4)
    head = L(wte)
    call(tokens: int32[n]) { return head(wte(tokens)) }
}
""", "E0210", "`table` is already a field")
error("another's weight, not listed, is assigned", """
layer L(dense: Layer) {
    call(x) {
        y = dense(x)
        dense.kernel.assign(dense.kernel * 2)
        return y
    }
}
model M {
    l = L(Dense(4))
    call(x: [n, 3]) { return l(x) }
}
""", "E0606", "only training changes", "weight kernel = layer.kernel")
error("a weight of another shape is assigned", SCALED.replace("kernel * by", "kernel[:1] * by") + """
model M {
    s = Scaled(Dense(4))
    call(x: [n, 3]) { return s(x, training=true) }
}
""", "E0501", "the weight `kernel` is float32[3, 4]")
error("build of no layer", "layer L(k: int) {\n build k(x)\n call(x) { return x } }\nmodel M { l = L(3)\n call(x: [n, 3]) { return l(x) } }\n",
      "E0401", "`build` needs a layer")
error("build with an argument that call does not take", "layer L(d: Layer) {\n build d(x, 3)\n call(x) { return d(x) } }\nmodel M { l = L(Dense(3))\n call(x: [n, 3]) { return l(x) } }\n",
      "E0402")
error("build of a layer for another size than it is called with", "layer L(d: Layer) {\n build d(x)\n call(x) { return d(x[:, 1:]) } }\nmodel M { l = L(Dense(3))\n call(x: [n, 3]) { return l(x) } }\n",
      "E0504", "3")
error("build with a name that nothing has", "layer L(d: Layer) {\n build d(y)\n call(x) { return d(x) } }\nmodel M { l = L(Dense(3))\n call(x: [n, 3]) { return l(x) } }\n",
      "E0201", "y")
error("build without arguments", "layer L(d: Layer) {\n build d\n call(x) { return d(x) } }\nmodel M { l = L(Dense(3))\n call(x: [n, 3]) { return l(x) } }\n", "E0101")
error("a weight listed of a layer that is not built", """
layer L(dense: Layer) {
    weight kernel = dense.kernel
    call(x) { return dense(x) }
}
model M {
    l = L(Dense(4))
    call(x: [n, 3]) { return l(x) }
}
""", "E0604", "build")
error("a weight of a layer with a build, before its call", SCALED + """
model M {
    s = Scaled(Dense(4))
    call(x: [n, 3]) { return s(x * sum(s.kernel)) }
}
""", "E0604")
error("hasattr of a number", "model M {\n k = 3\n a = hasattr(k, \"x\")\n call(x: [n, 3]) { return x } }\n", "E0404", "hasattr")
