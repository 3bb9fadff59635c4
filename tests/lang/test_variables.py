"""When variables exist, what they are called, and in which order (language.md: instantiation)."""
from harness import *

X23 = grid(2, 3)

variables("own trainable, own states, then sub-layers in the order of declaration", """
layer Block(k: int) {
    inner = Dense(k)
    state count: int32[] = zeros
    weight b: [k] = ones
    weight frozen: [k] = zeros, trainable=false
    weight a: [k] = zeros
    later = Dense(k)
    call(x) { return inner(later(x)) + b + a + frozen + cast(count, "float32") }
}
model M {
    second = Block(3)
    first = Dense(3)
    call(x: [n, 3]) { return second(first(x)) }
}
""", ["second.b [3]", "second.a [3]", "second.count []", "second.frozen [3]", "second.inner.kernel [3, 3]", "second.inner.bias [3]",
      "second.later.kernel [3, 3]", "second.later.bias [3]", "first.kernel [3, 3]", "first.bias [3]"])

variables("an unused layer has no variables", "model M {\n used = Dense(3)\n unused = Dense(4)\n call(x: [n, 3]) { return used(x) } }\n",
          ["used.kernel", "used.bias"])


def check_alias(m):
    v = m["variables"][0]
    if v["aliases"] != ["again.kernel", "list.0.kernel"]:
        raise Failure(f"aliases {v['aliases']}")


variables("a shared layer is listed once", """
model M {
    first = Dense(3)
    again = first
    list = [first, Dense(3)]
    call(x: [n, 3]) { return again(list[1](x)) + list[0](x) }
}
""", ["first.kernel", "first.bias", "list.1.kernel", "list.1.bias"], check=check_alias)

variables("a layer passed to another keeps its first path", """
layer Tied(embedding: Layer) { call(x) { return x @ transpose(embedding.embeddings) } }
model M {
    wte = Embedding(10, 4)
    head = Tied(wte)
    call(tokens: int32[n]) { return head(wte(tokens)) }
}
""", ["wte.embeddings [10, 4]"])

case("a tied weight, read without a call", """
layer Table(rows: int, cols: int) {
    weight t: [rows, cols]
    call(i) { return t[i] }
}
layer Head(table: Layer) { call(x) { return x @ transpose(table.t) } }
model M {
    table = Table(5, 3)
    head = Head(table)
    call(x: [n, 3]) { return head(x), x @ table.t.T }
}
""", {"x": X23}, lambda i, w: (i["x"] @ w["table.t"].T,) * 2, variables=["table.t"])

error("a weight as a value in a member", """
layer Tied(kernel) { call(x) { return x @ kernel } }
model M {
    wte = Embedding(10, 4)
    head = Tied(kernel=wte.embeddings)
    call(tokens: int32[n]) { return head(wte(tokens)) }
}
""", "E0603")
error("a weight of a layer that is not built", "model M {\n d = Dense(4)\n call(x: [n, 3]) { return x @ d.kernel } }\n", "E0604")
error("a weight twice", "layer L {\n weight w: [3]\n weight w: [3]\n call(x) { return x * w } }\nmodel M { l = L()\n call(x: [n, 3]) { return l(x) } }\n", "E0210", "list")
error("a temporary layer", """
fn make() { return Dense(3) }
model M {
    call(x: [n, 3]) {
        d = make()
        return d(x)
    }
}
""", "E0601")


def flags(expected):
    def check(m):
        got = [(v["path"], v["trainable"], v["reason"]) for v in m["variables"]]
        for (path, trainable, reason), want in zip(got, expected):
            if trainable != want[1] or (want[2] and want[2] not in (reason or "")):
                raise Failure(f"{path}: trainable {trainable}, reason {reason!r}; expected {want}")
    return check


variables("trainable=false freezes all below and keeps the order", """
layer Encoder { a = Dense(3)
    b = Dense(3)
    call(x) { return b(a(x)) } }
model M {
    enc = Encoder(trainable=false)
    head = Dense(3)
    call(x: [n, 3]) { return head(enc(x)) }
}
""", ["enc.a.kernel", "enc.a.bias", "enc.b.kernel", "enc.b.bias", "head.kernel", "head.bias"],
    check=flags([("", False, "enc")] * 4 + [("", True, None)] * 2))


def names(m):
    v = {v["path"]: v for v in m["variables"]}
    expected = {"fancy.kernel": "m/chosen/kernel", "plain.kernel": "m/dense/kernel", "more.0.kernel": "m/dense_1/kernel"}
    for path, keras in expected.items():
        if v[path]["keras_path"] != keras or v[path]["keras2_name"] != keras + ":0":
            raise Failure(f"{path}: {v[path]['keras_path']}, {v[path]['keras2_name']}, expected {keras}")


variables("name= changes the names of other tools, never the path", """
model M {
    fancy = Dense(3, name="chosen")
    plain = Dense(3)
    more = [Dense(3)]
    call(x: [n, 3]) { return more[0](plain(fancy(x))) }
}
""", ["fancy.kernel", "fancy.bias", "plain.kernel", "plain.bias", "more.0.kernel", "more.0.bias"], check=names)


def old_names(m):
    if "gamma_old" not in json.dumps(m["variables"][0]):
        raise Failure(json.dumps(m["variables"][0]))


variables("alias= of a weight", 'layer L {\n weight w: [3] = ones, alias="gamma_old"\n call(x) { return x * w } }\nmodel M { l = L()\n call(x: [n, 3]) { return l(x) } }\n',
          ["l.w"], check=old_names)

case("initializers by name, by call, by string", """
layer L {
    weight a: [4, 4] = zeros
    weight b: [4, 4] = ones
    weight c: [4, 4] = constant(2.5)
    weight d: [4, 4] = identity
    weight e: [4, 4] = "ones"
    weight f: [4, 4] = zeros()
    weight g: [3] = [1, 2, 3]
    weight h: [] = 7
    weight i: int32[2]
    weight j: bool[2] = ones
    call(x) { return a + b + c + d + e + f, g, h, i, j }
}
model M { l = L()
    call(x: [n]) { return l(x) } }
""", {"x": grid(2)},
     lambda i, w: ((np.full((4, 4), 4.5) + np.eye(4)).astype(F32), np.array([1, 2, 3], F32), np.array(7, F32), np.zeros(2, I32), np.ones(2, bool)))

case("an initializer as a parameter", """
layer L(units: int, init: Initializer = "ones") {
    weight w: [units] = init
    call(x) { return x * w }
}
model M {
    a = L(3)
    b = L(3, constant(4.0))
    c = L(3, init=zeros)
    d = Dense(3, kernel_initializer="ones", bias_initializer=constant(2))
    call(x: [n, 3]) { return a(x), b(x), c(x), d(x) }
}
""", {"x": X23}, lambda i, w: (i["x"], i["x"] * 4, i["x"] * 0, np.repeat(i["x"].sum(1, keepdims=True), 3, 1) + 2))

case("weights whose shapes come from the input", """
layer L {
    double = 2 * features
    inner = Dense(double, use_bias=false)
    weight w: [features, double]
    call(x: [..., features]) { return inner(x) + x @ w }
}
model M { l = L()
    call(x: [n, 3]) { return l(x) } }
""", {"x": X23}, lambda i, w: i["x"] @ (w["l.inner.kernel"] + w["l.w"]), variables=["l.w [3, 6]", "l.inner.kernel [3, 6]"])
error("a member that waits for the first call", """
layer L {
    double = 2 * features
    call(x: [..., features]) { return x * double }
}
model M {
    l = L()
    k = l.double
    call(x: [n, 3]) { return l(x) * k } }
""", "E0604")

case("equal blocks share code, not weights", """
layer Block(k: int, scale: float) {
    d = Dense(k, use_bias=false)
    call(x) { return x + d(x) * scale }
}
model M {
    blocks = [Block(3, 0.5 if i % 2 else 2.0) for i in range(6)]
    call(x: [n, 3]) {
        for b in blocks { x = b(x) }
        for b in blocks[::-1] { x = b(x) }
        return x
    }
}
""", {"x": X23}, lambda i, w: chain(i["x"], w), tolerance=1e-4)


def chain(x, w):
    for k in list(range(6)) + list(range(6))[::-1]:
        x = x + x @ w[f"blocks.{k}.d.kernel"] * F32(.5 if k % 2 else 2)
    return x


case("states of equal blocks", """
layer Count(step: int) {
    state n: int32[] = zeros
    call(x) {
        n.assign(n + step)
        return x * n
    }
}
model M {
    cs = [Count(1) for i in range(3)]
    call(x: [m, 3]) {
        for c in cs { x = c(x) }
        x = cs[1](x)
        return x, cs[0].n, cs[1].n, cs[2].n
    }
}
""", {"x": X23}, lambda i, w: (i["x"] * 2, np.array(1, I32), np.array(2, I32), np.array(1, I32)))

case("a layer shared by two owners", """
layer Owner(shared: Layer) {
    own = Dense(3, use_bias=false)
    call(x) { return own(shared(x)) }
}
model M {
    s = Dense(3, use_bias=false)
    a = Owner(s)
    b = Owner(s)
    call(x: [n, 3]) { return b(a(x)) }
}
""", {"x": X23}, lambda i, w: i["x"] @ w["s.kernel"] @ w["a.own.kernel"] @ w["s.kernel"] @ w["b.own.kernel"],
     variables=["s.kernel", "a.own.kernel", "b.own.kernel"])

case("fields whose names meet in the code", """
layer L {
    d = Dense(3, use_bias=false)
    call(x) { return d(x) }
}
model M {
    a = dict(b=Dense(3, use_bias=false), weights=L())
    a_b = Dense(3, use_bias=false)
    weights = Dense(3, use_bias=false)
    index = L()
    call(x: [n, 3]) { return index(weights(a_b(a.weights(a.b(x))))) }
}
""", {"x": X23}, lambda i, w: np.linalg.multi_dot([i["x"]] + [w[p + ".kernel"] for p in "a.b a.weights.d a_b weights index.d".split()]), tolerance=1e-4)

variables("a weight may have the name of a parameter that is none", """
layer Scale(scale = none) {
    given = scale is not none
    if not given { weight scale: [k] = ones }
    call(x: [..., k]) { return x * scale }
}
model M {
    learned = Scale()
    fixed = Scale(2)
    call(x: [n, 3]) { return learned(fixed(x)) }
}
""", ["learned.scale [3]"])

case("a function called for what it assigns", """
layer Counter {
    state n: int32[] = zeros
    fn step(k: int) { n.assign(n + k) }
    call(x) {
        step(2)
        step(3)
        return x + cast(n, "float32")
    }
}
model M {
    counter = Counter()
    call(x: [2, 3]) { return counter(x) }
}
""", {"x": X23}, lambda i, w: i["x"] + F32(5))
