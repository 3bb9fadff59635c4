"""Random networks as text: one and the same network as a model in MDL and as classes for Keras.

A statement is MDL in which `@` stands before a field: nothing in MDL, `self.` in Python. What both languages call the same
(layers, operations, list comprehensions) needs no more.
"""
import re

ACTIVATIONS = ["relu", "tanh", "gelu", "sigmoid", "silu", "softplus"]


class Body:
    """The members and the call of one class."""

    def __init__(self, name, parameters=""):
        self.name, self.parameters = name, parameters
        self.fields, self.lines = [], []

    def field(self, text):
        self.fields.append((f"f{len(self.fields)}", text))
        return "@" + self.fields[-1][0]

    def assign(self, target, text):
        self.lines.append(("assign", target, text))

    def loop(self, fields, target):
        self.lines.append(("loop", fields, target))

    def mdl(self, kind, inputs, result):
        head = f"{kind} {self.name}" + (f"({self.parameters})" if self.parameters else "")
        rows = [f"    {f} = {t}" for f, t in self.fields]
        body = []
        for line in self.lines:
            if line[0] == "assign":
                body.append(f"        {line[1]} = {line[2]}")
            else:
                body.append(f"        for each in {line[1]} {{ {line[2]} = each({line[2]}) }}")
        text = [f"{head} {{"] + rows + [f"    call({inputs}) {{"] + body + [f"        return {result}", "    }", "}", ""]
        return "\n".join(text).replace("@", "")

    def python(self, base, inputs, result):
        arguments = re.sub(r": \w+", "", self.parameters)
        rows = [f"class {self.name}({base}):", f"    def __init__(self{', ' + arguments if arguments else ''}):", "        super().__init__()"]
        rows += [f"        self.{f} = {t}" for f, t in self.fields]
        rows += [f"    def call(self, {inputs}):"]
        for line in self.lines:
            if line[0] == "assign":
                rows.append(f"        {line[1]} = {line[2]}")
            else:
                rows.append(f"        for each in {line[1]}: {line[2]} = each({line[2]})")
        text = "\n".join(rows + [f"        return {result}", ""]).replace("@", "self.")
        return re.sub(r"\b(true|false|none)\b", lambda m: m.group(0).capitalize(), text)


class Network:
    """A random model: its text in both languages, its inputs, its number of results."""

    def __init__(self, rng, name):
        self.rng, self.name, self.blocks, self.draws = rng, name, [], False
        self.inputs = [self.random_input(i) for i in range(rng.choice([1, 1, 1, 2]))]
        main = Body(name)
        values = [(s["name"], tuple(s["shape"])) for s in self.inputs]
        for i, s in enumerate(self.inputs):
            if s["dtype"] == "int32":
                width = rng.randint(2, 5)
                embed = main.field(f"Embedding({s['high']}, {width}{rng.choice(['', ', mask_zero=true'])})")
                main.assign(s["name"], f"{embed}({s['name']})")
                values[i] = (s["name"], (*s["shape"], width))
        shapes = [self.steps(main, v, shape, rng.randint(2, 6), 0) for v, shape in values]
        self.results = [v for v, _ in values]
        if len(values) == 2:
            self.join(main, values, shapes)
        self.main = main
        symbolic = rng.random() < 0.3
        batch = f"b{name.lower()}" if symbolic else str(self.inputs[0]["shape"][0])
        self.types = [f"{s['dtype']}[{', '.join([batch] + [str(n) for n in s['shape'][1:]])}]" for s in self.inputs]

    def random_input(self, i):
        rng, name = self.rng, "xy"[i]
        rank = rng.choice([2, 3, 3, 4, "ids"])
        batch = 2
        if rank == "ids":
            return dict(name=name, dtype="int32", shape=[batch, rng.randint(2, 7)], low=0, high=4)
        shape = [batch] + [rng.randint(3 if rank == 4 else 1, 7) for _ in range(rank - 1)]
        return dict(name=name, dtype="float32", shape=shape, low=-2, high=2)

    def join(self, body, values, shapes):
        """Two branches become one result, or stay two."""
        (a, _), (b, _) = values
        flat = []
        for v, shape in zip((a, b), shapes):
            if len(shape) > 2:
                body.assign(v, f"{body.field('Flatten()')}({v})")
                size = 1
                for n in shape[1:]:
                    size *= n
                shape = (shape[0], size)
            flat.append(shape)
        if self.rng.random() < 0.3:
            return
        body.assign(a, f"{body.field('Concatenate()')}([{a}, {b}])")
        self.steps(body, a, (flat[0][0], flat[0][1] + flat[1][1]), 2, 0)
        self.results = [a]

    # ---- steps

    def steps(self, body, v, shape, count, depth):
        for _ in range(count):
            shape = self.step(body, v, shape, depth)
        return shape

    def step(self, body, v, shape, depth):
        rng = self.rng
        kind = rng.random()
        if kind < 0.12 and depth < 2:
            return self.branch(body, v, shape, depth)
        if kind < 0.24 and depth < 2:
            return self.block(body, v, shape, depth)
        if kind < 0.32:
            return self.shared(body, v, shape)
        if kind < 0.40:
            return self.operation(body, v, shape)
        text, after = rng.choice({2: self.flat, 3: self.sequence, 4: self.image}[len(shape)](shape))
        if callable(text):
            text = text()
        body.assign(v, f"{body.field(text)}({v}{', ' + v if text.startswith('MultiHead') else ''})")
        return after

    def branch(self, body, v, shape, depth):
        """Two ways that meet again: a residual, or both behind each other."""
        w = f"{v}{depth}"
        body.assign(w, v)
        left = self.steps(body, w, shape, self.rng.randint(1, 2), depth + 1)
        if left == shape:
            body.assign(v, self.rng.choice([f"{v} + {w}", f"{v} * {w}", f"maximum({v}, {w})", body.field("Add()") + f"([{v}, {w}])"]))
            return shape
        if left[:-1] == shape[:-1]:
            body.assign(v, self.rng.choice([f"concatenate([{v}, {w}], axis=-1)", body.field("Concatenate()") + f"([{v}, {w}])"]))
            return (*shape[:-1], shape[-1] + left[-1])
        body.assign(v, w)
        return left

    def block(self, body, v, shape, depth):
        """A class of its own: once, several in a list, or one called twice. What is repeated keeps the shape."""
        inner = Body(f"{self.name}B{len(self.blocks)}")
        self.blocks.append(inner)
        after = self.steps(inner, "x", shape, self.rng.randint(1, 3), depth + 1)
        way = self.rng.choice(["once", "list", "twice"]) if after == shape else "once"
        if way == "list":
            fields = body.field(f"[{inner.name}() for i in range({self.rng.randint(1, 3)})]")
            body.loop(fields, v)
        else:
            field = body.field(f"{inner.name}()")
            body.assign(v, f"{field}({v})" if way == "once" else f"{field}({field}({v}))")
        return after

    def shared(self, body, v, shape):
        """One layer used twice."""
        text = self.rng.choice([f"Dense({shape[-1]}, activation={self.activation()})", "LayerNormalization()", "PReLU()"])
        field = body.field(text)
        body.assign(v, f"{field}({field}({v}))")
        return shape

    def operation(self, body, v, shape):
        rng = self.rng
        texts = [(f"{rng.choice(ACTIVATIONS)}({v})", shape), (f"{v} * 0.5 + 1.0", shape), (f"-{v}", shape), (f"{v} - mean({v}, axis=-1, keepdims=true)", shape),
                 (f"softmax({v}, axis=-1)", shape), (f"concatenate([{v}, tanh({v})], axis=-1)", (*shape[:-1], 2 * shape[-1])),
                 (f"square({v})", shape), (f"{v} + 0.1 * abs({v})", shape), (f"clip({v}, -1.5, 1.5)", shape)]
        if len(shape) == 3:
            texts += [(f"transpose({v}, (0, 2, 1))", (shape[0], shape[2], shape[1])), (f"{v}[:, -1]", (shape[0], shape[2])),
                      (f"max({v}, axis=1)", (shape[0], shape[2])), (f"matmul({v}, transpose({v}, (0, 2, 1)))", (shape[0], shape[1], shape[1]))]
        if len(shape) == 4:
            texts += [(f"mean({v}, axis=(1, 2))", (shape[0], shape[3])), (f"{v}[:, ::2]", (shape[0], -(-shape[1] // 2), *shape[2:]))]
        text, after = rng.choice(texts)
        body.assign(v, text)
        return after

    def activation(self):
        return self.rng.choice(ACTIVATIONS)

    def anywhere(self, shape):
        n = self.rng.randint(1, 6)
        return [(f"Dense({n}, activation={self.activation()})", (*shape[:-1], n)), (f"Dense({n}, use_bias=false)", (*shape[:-1], n)),
                ("LayerNormalization()", shape), ("BatchNormalization()", shape), (f"Activation({self.activation()})", shape),
                (self.dropout, shape), ("LeakyReLU(0.1)", shape), ("RMSNormalization()", shape), ("Rescaling(2.0, offset=0.5)", shape)]

    def dropout(self):
        self.draws = True
        return "Dropout(0.4)"

    def flat(self, shape):
        n, b, f = self.rng.randint(1, 4), shape[0], shape[1]
        more = [(f"RepeatVector({n})", (b, n, f)), ("PReLU()", shape)]
        more += [(f"Reshape(({k}, {f // k}))", (b, k, f // k)) for k in (1, 2, 3) if f % k == 0]
        return self.anywhere(shape) + more

    def sequence(self, shape):
        rng, (b, t, f), n = self.rng, shape, self.rng.randint(1, 5)
        more = []  # no head of size 1: Keras 3.15 on TensorFlow takes its bias [heads, 1] for one of axis 1, if that has as many places
        for kind in ("LSTM", "GRU", "SimpleRNN"):
            more += [(f"{kind}({n})", (b, n)), (f"{kind}({n}, return_sequences=true)", (b, t, n))]
        more += [(f"Bidirectional(GRU({n}, return_sequences=true))", (b, t, 2 * n)), (f"Bidirectional(LSTM({n}), merge_mode=\"sum\")", (b, n)),
                 (f"Conv1D({n}, 3, padding=\"{rng.choice(['same', 'causal'])}\")", (b, t, n)), ("GlobalAveragePooling1D()", (b, f)),
                 ("Flatten()", (b, t * f)), (f"MultiHeadAttention(2, {n + 1})", shape), (f"TimeDistributed(Dense({n}))", (b, t, n)),
                 (f"SpectralNormalization(Dense({n}))", (b, t, n)), (f"SpectralNormalization(Conv1D({n}, 2, padding=\"same\"))", (b, t, n)),
                 ("Permute((2, 1))", (b, f, t)), ("ZeroPadding1D((1, 0))", (b, t + 1, f)), (f"SeparableConv1D({n}, 2, padding=\"same\")", (b, t, n)),
                 ("GlobalMaxPooling1D()", (b, f))]
        if t < 6:
            more += [("UpSampling1D(2)", (b, 2 * t, f))]
        if t > 2:
            more += [(f"Conv1D({n}, 2, strides=2)", (b, (t - 2) // 2 + 1, n)), ("MaxPooling1D(2)", (b, t // 2, f)), ("Cropping1D((1, 0))", (b, t - 1, f))]
        return self.anywhere(shape) + more

    def image(self, shape):
        (b, h, w, c), n = shape, self.rng.randint(1, 5)
        more = [(f"Conv2D({n}, 3, padding=\"same\", activation={self.activation()})", (b, h, w, n)),
                (f"Conv2D({n}, (1, 2), strides=2, padding=\"same\")", (b, -(-h // 2), -(-w // 2), n)),
                (f"DepthwiseConv2D(3, padding=\"same\", depth_multiplier={1 + n % 2})", (b, h, w, c * (1 + n % 2))),
                (f"SeparableConv2D({n}, 2, padding=\"same\")", (b, h, w, n)), ("GlobalAveragePooling2D()", (b, c)), ("Flatten()", (b, h * w * c)),
                ("GroupNormalization(groups=-1)", shape), (f"Reshape(({h * w}, {c}))", (b, h * w, c)), ("GlobalMaxPooling2D()", (b, c)),
                ("AveragePooling2D(2, padding=\"same\")", (b, -(-h // 2), -(-w // 2), c))]
        if h * w < 30:
            more += [(f"Conv2DTranspose({n}, 3, strides=2, padding=\"same\")", (b, 2 * h, 2 * w, n)), ("UpSampling2D((2, 1))", (b, 2 * h, w, c)),
                     ("ZeroPadding2D(((0, 1), (1, 0)))", (b, h + 1, w + 1, c))]
        if h > 1 and w > 1:
            more += [("MaxPooling2D(2)", (b, h // 2, w // 2, c)), (f"Conv2D({n}, 2)", (b, h - 1, w - 1, n))]
        return self.anywhere(shape) + more

    # ---- text

    def mdl(self):
        parts = [b.mdl("layer", "x", "x") for b in self.blocks]
        inputs = ", ".join(f"{s['name']}: {t}" for s, t in zip(self.inputs, self.types))
        return "\n".join(parts + [self.main.mdl("model", inputs, "{" + ", ".join(f"o{i}: {v}" for i, v in enumerate(self.results)) + "}")])

    def python(self):
        parts = [b.python("Layer", "x", "x") for b in self.blocks]
        inputs = ", ".join(s["name"] for s in self.inputs)
        return "\n".join(parts + [self.main.python("Model", inputs, "[" + ", ".join(self.results) + "]")])
