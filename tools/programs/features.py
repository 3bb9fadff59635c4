"""Lines and members that use the language rather than operations: static code, methods, optional tensors, masks, training."""
from basics import *


class Features(Basics):
    def text_float(self):
        return self.some(lambda t: t.rank >= 2 and t.dtype == "float32" and t.dims[-1].known() and 0 < t.dims[-1].value <= 8)

    def static_code(self):
        """A loop over static values, a condition on a shape, a comprehension, an f-string in an assert."""
        t = self.some(lambda t: t.is_float() and t.rank >= 1)
        if not t:
            return
        x = self.fresh()
        quoted = t.text.replace('"', "'")  # inside an f-string in the other quotes
        lines = self.pick(
            [f"{x} = {t.text}", f"for i, (a, b) in enumerate(zip([1, 2, 3], (0.5, 0.25, 0.125))) {{ if i != 1 {{ {x} = {x} * b + a * 0.1 }} }}"],
            [f"{x} = -{t.text} if {t.text}.ndim > 2 else {t.text} * 0.5"],
            [f"{x} = sum([tanh({t.text} * k) for k in range(1, 4) if k % 2 == 1])"],
            [f"assert {t.text}.ndim == {t.rank}, f\"rank {{{quoted}.ndim}}\"", f"{x} = {t.text} + 1"],
            [f"d{x} = dict(a={t.text}, b=[{t.text} * 2, {t.text} - 1])", f"{x} = (d{x}.a + d{x}[\"b\"][-1]) | 0" if False else f"{x} = d{x}.a + d{x}[\"b\"][-1]"],
            [f"{x}, u{x} = {t.text} * 2, {t.text}", f"{x}, u{x} = u{x}, {x}", f"{x} -= u{x} * 0.25"],
            [f"l{x} = [{t.text}, *[{t.text} * k for k in (2, 3)]]", f"{x} = l{x}[1] - l{x}[::-1][0] * 0.5"],
            [f"{x} = {t.text} * (3 if \"{self.pick('a', 'b')}\" in [\"a\", \"c\"] else 2) / len(\"four\")"],
            [f"if {t.text}.shape[0] == {t.text}.shape[0] {{ {x} = {t.text} + 0.5 }} else {{ {x} = {t.text}.missing }}"])
        self.body += lines
        self.pool.append(Tensor(x, t.dtype, t.dims))

    def function_file(self):
        """A function with defaults, a star, named and spread arguments."""
        t = self.some(lambda t: t.dtype == "float32" and t.rank >= 1)
        if not t:
            return
        f = self.fresh("fn")
        self.lines.append(self.pick(f"fn {f}(x, a: float = 0.5, *more, b = 1) {{ return x * a + b }}\n" if False else f"fn {f}(x, a: float = 0.5, b = 1) {{ return tanh(x) * a + b }}\n",
                                    f"fn {f}(x, a = 2, b = none) {{\n    if b is none {{ return x / a }}\n    return x / a - b\n}}\n",
                                    f"fn {f}(x: [n, ...rest], a: int = 2, b = 0) {{ return x * (a + len(rest)) / (1 + 0 * n) + b }}\n"))
        self.add(self.pick(f"{f}({t.text})", f"{f}({t.text}, 2)", f"{f}(b=3, x={t.text})", f"{f}(*[{t.text}, 3], b=1)", f"{f}({t.text}, **dict(a=4, b=2))"), "float32", t.dims)

    def optional(self):
        """A layer with an optional tensor, named results, a method that others call, and `training`."""
        t = self.text_float()
        if not t:
            return
        cls, name, r = self.fresh("Opt"), self.fresh("opt"), self.fresh("r")
        k = t.dims[-1].value
        self.lines.append(f"""layer {cls}(units: int, rate: float = 0.1) {{
    up = Dense(units{self.pick('', ', activation=gelu', ', kernel_initializer="he_normal"')})
    drop = Dropout(rate)
    width = 2 * features
    weight skew: [width] = random_uniform(-0.5, 0.5)
    fn lift(y, by: float = 1) {{ return up(y) * by }}
    call(x: [...lead, features], other: [...]? = none, training = false) {{
        y = drop(lift(x))
        if other is not none {{ y = y + mean(other) }}
        if training {{ y = y * 2 }}
        return {{y: y, both: (y + sum(skew), x), size: len(lead)}}
    }}
}}
""")
        u = self.r.randrange(1, 5)
        self.fields.append(f"{name} = {cls}({u}{self.pick('', ', rate=0.3', ', name=' + chr(34) + 'renamed' + chr(34))})")
        other = self.some(lambda t: t.dtype == "float32" and t.size())
        extra = self.pick("", f", {other.text}" if other else "", ", training=false", f", other={other.text}" if other else "")
        self.body.append(f"{r} = {name}({t.text}{extra})")
        dims = t.dims[:-1] + [Dim(u)]
        self.pool += [Tensor(f"{r}.y", "float32", dims), Tensor(f"{r}.both[0]", "float32", dims), Tensor(f"{r}[\"both\"][1]", "float32", t.dims)]
        if self.chance(.5):
            self.add(f"{name}.lift({t.text}, by={self.pick('0.5', '2')}) * {r}.size", "float32", dims)
        if self.chance(.4):
            copy = self.fresh("copy")
            self.fields[-1] += f"\n    {copy} = clone({name}, units=3)"
            self.add(f"{copy}({t.text})[\"y\"]", "float32", t.dims[:-1] + [Dim(3)])

    def masked(self):
        """Embedding with a mask, and layers that use it."""
        i = self.some(lambda t: t.dtype == "int32" and t.rank == 2 and t.dims[1].value > 0)
        if not i:
            return
        e, n, u = self.fresh("emb"), self.fresh("seq"), self.r.randrange(1, 4)
        self.fields.append(f"{e} = Embedding(7, {u}, mask_zero={self.pick('true', 'true', 'false')})")
        x = self.add(f"{e}(abs({i.text}) % 7)", "float32", i.dims + [Dim(u)])
        if x not in self.pool:
            return
        made, dims = self.pick((f"LSTM({u})", [i.dims[0], Dim(u)]), (f"GRU({u}, return_sequences=true)", i.dims + [Dim(u)]), (f"Bidirectional(SimpleRNN({u}))", [i.dims[0], Dim(2 * u)]),
                               ("GlobalAveragePooling1D()", [i.dims[0], Dim(u)]), (f"LSTM({u}, go_backwards=true)", [i.dims[0], Dim(u)]))
        self.fields.append(f"{n} = {made}")
        self.add(f"{n}({x.text})", "float32", dims)

    def attend(self):
        t = self.some(lambda t: t.rank == 3 and t.dtype == "float32" and t.dims[-1].known() and t.dims[-1].value > 0 and t.dims[1].value > 0 and t.size() < 300)
        if not t:
            return
        name = self.fresh("mha")
        self.fields.append(f"{name} = MultiHeadAttention({self.r.randrange(1, 3)}, {self.r.randrange(1, 4)})")
        self.add(f"{name}({t.text}, {t.text}{self.pick('', ', use_causal_mask=true')})", "float32", t.dims)

    def image(self):
        t = self.some(lambda t: t.rank == 4 and t.dtype == "float32" and t.dims[-1].known() and t.dims[-1].value > 0 and all(d.value >= 3 for d in t.dims[1:3]) and t.size() < 900)
        if not t:
            return
        name, f = self.fresh("img"), self.r.randrange(1, 4)
        b, h, w, c = t.dims
        half = lambda d: Dim(d.value // 2) if d.known() else Dim(f"(({d.text}) - 2) // 2 + 1", d.value // 2)
        up = lambda d: d.times(2)
        made, dims = self.pick((f"Conv2D({f}, 3, padding=\"same\")", [b, h, w, Dim(f)]), (f"Conv2D({f}, (1, 3))", [b, h, w.plus(-2), Dim(f)]), (f"DepthwiseConv2D(3, padding=\"same\")", t.dims),
                               (f"SeparableConv2D({f}, 3, padding=\"same\", activation=relu)", [b, h, w, Dim(f)]), ("MaxPooling2D()", [b, half(h), half(w), c]),
                               ("AveragePooling2D(2)", [b, half(h), half(w), c]), ("UpSampling2D()", [b, up(h), up(w), c]), ("ZeroPadding2D(1)", [b, h.plus(2), w.plus(2), c]),
                               ("GlobalAveragePooling2D()", [b, c]), ("BatchNormalization()", t.dims), ("GroupNormalization(groups=1)", t.dims), ("GlobalMaxPooling2D()", [b, c]),
                               (f"Conv2D({f}, 3, padding=\"same\", dilation_rate=2, use_bias=false)", [b, h, w, Dim(f)]), ("Cropping2D(1)", [b, h.plus(-2), w.plus(-2), c]))
        self.fields.append(f"{name} = {made}")
        self.add(f"{name}({t.text})", "float32", dims)

    def more_library(self):
        t = self.text_float()
        if not t:
            return
        name, u, k = self.fresh("more"), self.r.randrange(1, 5), t.dims[-1].value
        same = [("PReLU()" if all(d.known() for d in t.dims[1:]) else "LeakyReLU()"), "LayerNormalization(epsilon=1e-5)", "RMSNormalization()", "UnitNormalization()", "Softmax()", "Rescaling(0.5, 0.1)",
                "Activation(\"tanh\")", "GaussianNoise(0.1)", "ReLU(max_value=0.7)", "ELU()", f"EinsumDense(\"...a,ab->...b\", (none, {k}))" if False else "Masking()", "AlphaDropout(0.2)",
                "BatchNormalization(trainable=false)", "BatchNormalization(scale=false)", f"Sequential([Dense({k}), Activation(relu), Dense({k})])", f"TimeDistributed(Dense({k}))" if t.rank == 3 else "Identity()"]
        self.fields.append(f"{name} = {self.r.choice(same)}")
        self.add(f"{name}({t.text})", "float32", t.dims)

    def shared(self):
        """One layer in two owners, and an alias."""
        t = self.text_float()
        if not t:
            return
        k, cls, a, b, c = t.dims[-1].value, self.fresh("Own"), self.fresh("sh"), self.fresh("own"), self.fresh("own")
        self.lines.append(f"""layer {cls}(inner: Layer, times: int = 2) {{
    state calls: int32[] = zeros
    call(x) {{
        calls.assign(calls + 1)
        for i in range(times) {{ x = tanh(inner(x)) }}
        return x + 0.1 * calls
    }}
}}
""")
        # one line, so that shuffling keeps the order
        self.fields.append(f"{a} = Dense({k}{self.pick('', ', use_bias=false')})\n    {b} = {cls}({a})\n    {c} = [{cls}({a}, times=1), {b}]")
        self.add(f"{b}({t.text}) + {c}[0]({t.text})", "float32", t.dims)
        if self.chance(.5):
            self.add(f"{c}[1]({t.text}) * {a}.units + {b}.calls", "float32", t.dims)

    def scan_more(self):
        """A tuple of inputs, a dict as carry, no results, a fixed length, a layer as step."""
        t = self.some(lambda t: t.rank == 2 and t.dtype == "float32" and t.dims[1].known() and t.dims[1].value > 0)
        if not t:
            return
        f, c, ys = self.fresh("step"), self.fresh(), self.fresh()
        n, k = t.dims
        kind = self.r.randrange(4)
        if kind == 0:
            self.lines.append(f"fn {f}(c, xs) {{\n    x, y = xs\n    return dict(s=c.s * 0.5 + x, n=c.n + 1), (c.s - y, c.n)\n}}\n")
            self.body.append(f"{c}, {ys} = scan({f}, dict(s=zeros(({k.text},)), n=cast(0, \"int32\")), ({t.text}, {t.text} * 2))")
            self.pool += [Tensor(f"{c}.s", "float32", [k]), Tensor(f"{c}[\"n\"]", "int32", []), Tensor(f"{ys}[0]", "float32", t.dims), Tensor(f"{ys}[1]", "int32", [n])]
        elif kind == 1:
            self.lines.append(f"fn {f}(c, x) {{ return tanh(c + x), none }}\n")
            self.body.append(f"{c}, {ys} = scan({f}, zeros(({k.text},)), {t.text}, reverse=true)")
            self.pool.append(Tensor(c, "float32", [k]))
        elif kind == 2:
            self.lines.append(f"fn {f}(c, x) {{ return (c[1], 0.5 * c[0] + c[1]), sum(c[0]) }}\n")
            self.body.append(f"{c}, {ys} = scan({f}, ({t.text}, {t.text} * 0.5), none, length=3)")
            self.pool += [Tensor(f"{c}[0]", "float32", t.dims), Tensor(ys, "float32", [Dim(3)])]
        else:
            cls, name = self.fresh("Cell"), self.fresh("cell")
            self.lines.append(f"layer {cls}(units: int) {{\n    d = Dense(units)\n    call(h, x) {{\n        h = tanh(d(x[none])[0] + h)\n        return h, h * 2\n    }}\n}}\n")
            u = self.r.randrange(1, 4)
            self.fields.append(f"{name} = {cls}({u})")
            self.body.append(f"{c}, {ys} = scan({name}, zeros(({u},)), {t.text})")
            self.pool += [Tensor(c, "float32", [Dim(u)]), Tensor(ys, "float32", [n, Dim(u)])]

    def draw_more(self):
        t = self.some(lambda t: t.rank >= 1)
        if t:
            text, dtype = self.pick((f"random.truncated_normal({shape_text(t.dims)}, stddev=0.5)", "float32"), (f"random.uniform({shape_text(t.dims)}, -1.0, 1.0)", "float32"),
                                    (f"random.randint({shape_text(t.dims)}, 0, 5)", "int32"))
            self.add(text, dtype, t.dims)
        t = self.some(lambda t: t.rank >= 1 and t.dtype == "float32")
        if t and self.chance(.5):
            self.add(f"random.dropout({t.text}, 0.3)", "float32", t.dims)

    def half(self):
        """A layer that computes in 16 bits, between casts."""
        t = self.text_float()
        if t:
            name, u = self.fresh("low"), self.r.randrange(1, 4)
            self.fields.append(f"{name} = Dense({u}, dtype=\"{self.pick('mixed_float16', 'float16', 'mixed_bfloat16')}\")")
            self.add(f"cast({name}({t.text}), \"float32\")", "float32", t.dims[:-1] + [Dim(u)])

    def double(self):
        t = self.text_float()
        if t:
            name, u = self.fresh("wide"), self.r.randrange(1, 4)
            self.fields.append(f"{name} = Dense({u}, dtype=\"float64\")")
            self.add(f"{name}({t.text})", "float64", t.dims[:-1] + [Dim(u)])
