"""The models of keras_files.py: the same model in MDL and in Keras, subclassed, Functional or Sequential.

An entry is (MDL program, shapes of the inputs, make). make() gives the Keras model and its fields, named as in the .mdl, or the
model alone if its attributes are the fields. Fields of a Functional or Sequential model come in the order of its layers.
"""
import keras
from keras import Model, layers as L, ops

MODELS = {}


def program(fields, body, inputs, types=""):
    lines = [f"    {name} = {text}" for name, text in fields]
    parameters = ", ".join(f"{n}: float32[{', '.join(map(str, s))}]" for n, s in inputs)
    return "\n".join([types + "model Net {", *lines, "", f"    call({parameters}) {{", *(f"        {b}" for b in body), "    }", "}", ""])


# ---- subclassed: one layer and a dense one behind it

def single(name, text, shape, tail="return head(unit(x))"):
    """The text is MDL and Python at once."""
    def make():
        class Net(Model):
            def __init__(self):
                super().__init__()
                self.unit = eval(text.replace("true", "True").replace("false", "False"), {**vars(L), "L": L})
                self.head = L.Dense(3)

            def call(self, x):
                return self.head(self.unit(x, x) if "unit(x, x)" in tail else self.unit(x))
        return Net()
    MODELS[name] = (program([("unit", text), ("head", "Dense(3)")], [tail], [("x", shape)]), [shape], make)


single("dense", "Dense(4)", (2, 3))
single("bfloat16", "Dense(4, dtype=\"bfloat16\")", (2, 3))
single("conv2d", "Conv2D(2, 3)", (1, 5, 5, 3))
single("conv1d_transpose", "Conv1DTranspose(2, 3)", (1, 4, 3))
single("depthwise", "DepthwiseConv2D(3, depth_multiplier=2)", (1, 5, 5, 2))
single("separable", "SeparableConv2D(3, 2)", (1, 4, 4, 2))
single("batch_normalization", "BatchNormalization()", (2, 4))
single("layer_normalization", "LayerNormalization()", (2, 4))
single("group_normalization", "GroupNormalization(2)", (2, 4))
single("einsum_dense", "EinsumDense(\"abc,cd->abd\", output_shape=(3, 4), bias_axes=\"d\")", (2, 3, 5))
single("lstm", "LSTM(3)", (2, 4, 2))
single("gru", "GRU(3)", (2, 4, 2))
single("simple_rnn", "SimpleRNN(3)", (2, 4, 2))
single("bidirectional", "Bidirectional(LSTM(3))", (2, 4, 2))
single("time_distributed", "TimeDistributed(Dense(3))", (2, 4, 2))
single("spectral", "SpectralNormalization(Dense(3))", (2, 4))
single("spectral_conv", "SpectralNormalization(Conv1D(3, 2, name=\"inside\"), name=\"outside\")", (2, 5, 4))
single("attention", "MultiHeadAttention(2, 3)", (1, 4, 5), "return head(unit(x, x))")
single("grouped_attention", "GroupQueryAttention(4, 4, 2)", (1, 4, 5), "return head(unit(x, x))")


# ---- subclassed: attributes in all their places

class Block(L.Layer):
    def __init__(self, units):
        super().__init__()
        self.zoom = L.Dense(units)
        self.area = [L.Dense(units), L.BatchNormalization()]

    def call(self, x):
        return self.area[1](self.area[0](self.zoom(x)))


BLOCK = """layer Block(units: int) {
    zoom = Dense(units)
    area = [Dense(units), BatchNormalization()]
    call(x) { return area[1](area[0](zoom(x))) }
}

"""


def subclass(name, fields, body, shape, attributes, call, types=""):
    def make():
        class Net(Model):
            def __init__(self):
                super().__init__()
                attributes(self)

            def call(self, x):
                return call(self, x)
        net = Net()
        private = any(f.startswith("_") for f, _ in fields)  # attributes that common.walk passes over
        return (net, {f: getattr(net, f) for f, _ in fields}) if private else net
    MODELS[name] = (program(fields, body, [("x", shape)], types), [shape], make)


def alphabet(m):
    m.zed, m.alpha, m._priv, m.mid = L.Dense(3), L.Dense(3), L.Dense(3), L.Dense(3)


subclass("alphabet", [("zed", "Dense(3)"), ("alpha", "Dense(3)"), ("_priv", "Dense(3)"), ("mid", "Dense(3)")],
         ["return mid(_priv(alpha(zed(x))))"], (2, 3), alphabet, lambda m, x: m.mid(m._priv(m.alpha(m.zed(x)))))


def lists(m):
    m.blocks, m.parts, m.nest = [Block(3), Block(3)], dict(q=L.Dense(3), a=L.Dense(3)), [[L.Dense(3)], L.Dense(3)]


subclass("lists", [("blocks", "[Block(3), Block(3)]"), ("parts", "dict(q=Dense(3), a=Dense(3))"), ("nest", "[[Dense(3)], Dense(3)]")],
         ["return nest[1](nest[0][0](parts.a(parts.q(blocks[1](blocks[0](x))))))"], (2, 3), lists,
         lambda m, x: m.nest[1](m.nest[0][0](m.parts["a"](m.parts["q"](m.blocks[1](m.blocks[0](x)))))), BLOCK)


def own(m):
    m.scale, m.d = m.add_weight(shape=(3,), initializer="ones", name="scale"), L.Dense(3)


subclass("own_weight", [("d", "Dense(3)\n    weight scale: [3] = ones")], ["return d(x) * scale"], (2, 3), own,
         lambda m, x: m.d(x) * m.scale)


class Twice(L.Layer):
    def __init__(self, dense):
        super().__init__()
        self.inner = dense

    def call(self, x):
        return self.inner(self.inner(x))


def shared(m):
    m.body = L.Dense(3)
    m.again = Twice(m.body)


subclass("shared", [("body", "Dense(3)"), ("again", "Twice(body)")], ["return again(body(x))"], (2, 3), shared,
         lambda m, x: m.again(m.body(x)), "layer Twice(inner) {\n    call(x) { return inner(inner(x)) }\n}\n\n")


def nested(m):
    m.outer, m.seq = Block(3), keras.Sequential([L.Dense(4), L.Dense(3)])


subclass("nested", [("outer", "Block(3)"), ("seq", "Sequential([Dense(4), Dense(3)])")], ["return seq(outer(x))"], (2, 3), nested,
         lambda m, x: m.seq(m.outer(x)), BLOCK)


# ---- Functional and Sequential

def functional(name, fields, body, shapes, build, types=""):
    """build(*inputs) gives the fields, in the order of the layers, and the output."""
    names = ["x", "y"][:len(shapes)]

    def make():
        inputs = [keras.Input(s[1:]) for s in shapes]
        made, output = build(*inputs)
        return keras.Model(inputs, output), made
    MODELS[name] = (program(fields, body, list(zip(names, shapes)), types), shapes, make)


def chain(*made):
    def build(x):
        for layer in made_now():
            x = layer[1](x)
            out.append(layer)
        return dict(out), x
    made_now, out = (lambda: [(n, f()) for n, f in made]), []

    def fresh(x):
        out.clear()
        return build(x)
    return fresh


functional("functional_mlp", [("a", "Dense(4)"), ("b", "Dense(3)"), ("c", "Dense(2)")], ["return c(b(a(x)))"], [(2, 3)],
           chain(("a", lambda: L.Dense(4)), ("b", lambda: L.Dense(3)), ("c", lambda: L.Dense(2))))
functional("functional_equal", [("a", "Dense(3)"), ("b", "Dense(3)"), ("c", "Dense(3)")], ["return c(b(a(x)))"], [(2, 3)],
           chain(("a", lambda: L.Dense(3)), ("b", lambda: L.Dense(3)), ("c", lambda: L.Dense(3))))
functional("functional_named", [("head", "Dense(3)"), ("body", "Dense(3)")], ["return head(body(x))"], [(2, 3)],
           chain(("body", lambda: L.Dense(3, name="body")), ("head", lambda: L.Dense(3, name="head"))))


def two_inputs(x, y):
    left, right, head = L.Dense(3), L.Dense(4), L.Dense(2)
    return dict(left=left, right=right, head=head), head(ops.concatenate([left(x), right(y)], axis=-1))


functional("functional_two_inputs", [("left", "Dense(3)"), ("right", "Dense(4)"), ("head", "Dense(2)")],
           ["return head(concatenate([left(x), right(y)], axis=-1))"], [(2, 3), (2, 5)], two_inputs)


def residual(x):
    c1, b1, c2, b2, head = L.Conv2D(2, 3, padding="same"), L.BatchNormalization(), L.Conv2D(2, 1), L.BatchNormalization(), L.Dense(3)
    y = b2(c2(ops.relu(b1(c1(x)))))
    return dict(c1=c1, b1=b1, c2=c2, b2=b2, head=head), head(ops.mean(x + y, axis=(1, 2)))


functional("functional_residual", [("c1", "Conv2D(2, 3, padding=\"same\")"), ("b1", "BatchNormalization()"), ("c2", "Conv2D(2, 1)"),
                                   ("b2", "BatchNormalization()"), ("head", "Dense(3)")],
           ["return head(mean(x + b2(c2(relu(b1(c1(x))))), axis=(1, 2)))"], [(1, 4, 4, 2)], residual)


def functional_shared(x):
    d, e = L.Dense(3), L.Dense(2)
    return dict(d=d, e=e), e(d(d(x)))


functional("functional_shared", [("d", "Dense(3)"), ("e", "Dense(2)")], ["return e(d(d(x)))"], [(2, 3)], functional_shared)
functional("functional_block", [("first", "Dense(3)"), ("block", "Block(3)"), ("rnn", "Dense(2)")], ["return rnn(block(first(x)))"],
           [(2, 3)], chain(("first", lambda: L.Dense(3)), ("block", lambda: Block(3)), ("rnn", lambda: L.Dense(2))), BLOCK)


functional("functional_spectral", [("a", "SpectralNormalization(Dense(3))"), ("b", "Dense(3)"), ("c", "SpectralNormalization(Dense(3))")],
           ["return c(b(a(x)))"], [(2, 3)],
           chain(("a", lambda: L.SpectralNormalization(L.Dense(3))), ("b", lambda: L.Dense(3)), ("c", lambda: L.SpectralNormalization(L.Dense(3)))))


class Listing(L.Layer):
    """Lists the table of another layer among its own weights."""
    def __init__(self, table):
        super().__init__()
        self.table = table

    def build(self, shape):
        self.projection = self.table.embeddings
        self.bias = self.add_weight(name="bias", shape=(5,), initializer="zeros")

    def call(self, x):
        return x @ ops.transpose(self.table.embeddings) + self.bias


def listing(m):
    m.table = L.Embedding(5, 3)
    m.head = Listing(m.table)


subclass("listed", [("table", "Embedding(5, 3)"), ("head", "Listing(table)")], ["return head(table(cast(x, \"int32\")))"], (2, 4), listing,
         lambda m, x: m.head(m.table(ops.cast(x, "int32"))), """layer Listing(table: Layer) {
    weight projection = table.embeddings
    weight bias: [projection.shape[0]] = zeros

    call(x) { return x @ transpose(projection) + bias }
}

""")


def functional_nested(x):
    inner, head = keras.Sequential([L.Dense(4), L.Dense(3)]), L.Dense(2)
    return dict(inner=inner, head=head), head(inner(x))


functional("functional_nested", [("inner", "Sequential([Dense(4), Dense(3)])"), ("head", "Dense(2)")], ["return head(inner(x))"],
           [(2, 3)], functional_nested)


def functional_inside(x):
    i = keras.Input((3,))
    p, q = L.Dense(5), L.Dense(3)
    inner, head = keras.Model(i, q(p(i))), L.Dense(2)
    return {"inner": {"p": p, "q": q}, "head": head}, head(inner(x))


functional("functional_inside", [("inner", "Inner()"), ("head", "Dense(2)")], ["return head(inner(x))"], [(2, 3)], functional_inside,
           "layer Inner {\n    p = Dense(5)\n    q = Dense(3)\n    call(x) { return q(p(x)) }\n}\n\n")


def sequential(name, shape, fields):
    def make():
        made = {n: eval(t, dict(vars(L))) for n, t in fields}
        return keras.Sequential([keras.Input(shape[1:]), *made.values()]), made
    body = "x"
    for n, _ in fields:
        body = f"{n}({body})"
    MODELS[name] = (program(fields, [f"return {body}"], [("x", shape)]), [shape], make)


sequential("sequential_mlp", (2, 3), [("d1", "Dense(4)"), ("d2", "Dense(2)")])
sequential("sequential_conv", (1, 6, 6, 2), [("c1", "Conv2D(3, 3)"), ("pool", "MaxPooling2D(2)"), ("flat", "Flatten()"), ("out", "Dense(2)")])
sequential("sequential_bfloat16", (2, 3), [("d1", "Dense(4, dtype=\"bfloat16\")"), ("d2", "Dense(2)")])
sequential("sequential_rnn", (1, 4), [("words", "Dense(3)"), ("norm", "BatchNormalization()"), ("more", "Dense(3)"), ("out", "Dense(3)")])
