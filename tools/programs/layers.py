"""Layers of the program's own and of the library, and what they are called with."""
from basics import *


class Layers(Basics):
    def sublayer(self, units):
        """A constructor of a layer with this many outputs."""
        choice = self.r.randrange(6)
        if self.layers and choice >= 3:
            name, extra = self.r.choice(self.layers)
            options = "".join(f", {p}={v()}" for p, v in extra.items() if self.chance(.5))
            return f"{name}({units}{options})"
        if choice == 0 and self.chance(.5):
            return self.pick(f"Sequential([Dense(3, activation=relu), Dense({units})])", f"Sequential([BatchNormalization(), Dense({units})])",
                             f"Dense({units}, dtype=\"float32\")", f"Sequential([Dropout(0.3), Dense({units}), LayerNormalization()])")
        options = self.pick("", ", activation=relu", ", use_bias=false", ", activation=\"tanh\"", ", trainable=false", ", name=\"named\"")
        return f"Dense({units}{options})"

    def layer(self, k):
        r, name = self.r, f"Layer{k}"
        body, fields, methods = [], [], []
        extra = {}
        params = ["units: int"]
        if self.chance(.5):
            params.append("scale: float = 0.5")
            extra["scale"] = lambda: f"{r.uniform(.2, .9):.2f}"
        if self.chance(.4):
            params.append("depth: int = 2")
            extra["depth"] = lambda: str(r.randrange(0, 4))
        if self.chance(.4):
            params.append("act: Activation = tanh")
            extra["act"] = lambda: self.pick("relu", "sigmoid", '"tanh"', "none")
        lead = self.pick("...", "...lead", "...")
        annotated = self.chance(.8)
        x, width = "x", "features"
        if self.chance(.4):
            fields.append("weight shift: [features] = random_normal(stddev=0.3)" if annotated else "weight shift: [units] = random_normal(stddev=0.3)")
            if annotated:
                body.append("x = x + shift")
        if self.chance(.25):
            fields.append("state seen: int32[] = zeros")
            body.append("seen.assign(seen + 1)")
        if self.chance(.3):
            fields.append("norm = LayerNormalization()" if self.chance(.5) else "norm = RMSNormalization()")
            body.append("x = norm(x)")
        if "depth: int = 2" in params:
            fields.append(f"blocks = [{self.sublayer(self.pick('3', '4', 'units', '2 * i + 1'))} for i in range(depth)]")
            body.append(self.pick("for b in blocks { x = tanh(b(x)) }",
                                  "for i, b in enumerate(blocks) {\n            if i % 2 == 0 { x = b(x) } else { x = sin(b(x)) }\n        }"))
        for _ in range(r.randrange(0, 3)):
            body.append(self.pick("x = tanh(x * 0.7)", "x = x - mean(x, axis=-1, keepdims=true)", "x = softmax(x)", "x = x * sigmoid(x)",
                                  "x = concatenate([x, -x], axis=-1)", "x = x / (1 + abs(x))", "x = x[..., ::-1]", "x = where(x > 0.31, x, 0.1 * x)",
                                  "x = cumsum(x, axis=-1) * 0.3", "x = maximum(x, -0.2)", "x = x * x.shape[-1] / 4", "x = x + max(x, axis=-1, keepdims=true)"))
        if self.chance(.3):
            fields.append(f"gate = {self.sublayer('units')}")
            fields.append(f"main = {self.sublayer('units')}")
            methods.append("fn gated(y) {\n        return main(y) * sigmoid(gate(y))\n    }")
            body.append("y = gated(x)")
        elif self.chance(.3):
            fields.append(f"heads = dict(a={self.sublayer('units')}, b={self.sublayer('units')})")
            body.append(self.pick("y = heads.a(x) + heads[\"b\"](x)", "y = sum([h(x) for k, h in heads.items()])"))
        else:
            fields.append(f"out = {self.sublayer('units')}")
            body.append("y = out(x)")
        if not annotated and any("shift" in f for f in fields):
            body.append("y = y + shift")
        if "scale" in extra:
            body.append("y = y * scale")
        if "act" in extra:
            body.append("if act is not none { y = act(y) }" if False else "y = act(y)")
            params[-1] = params[-1]
            extra["act"] = lambda: self.pick("relu", "sigmoid", '"tanh"')
        if self.chance(.2):
            body.append("assert y.shape[-1] == units, f\"{units} expected\"")
        if annotated and lead == "...lead" and self.chance(.7):
            body.append(self.pick("y = reshape(reshape(y, (-1, units)), (*lead, units))", "y = y + zeros((*lead, 1))", "y = y * (1 + 0 * len(lead))"))
        if any("state seen" in f for f in fields) and self.chance(.5):
            body.append("y = y + 0.01 * seen")
        r.shuffle(fields)
        members = fields + methods
        parameter = f"x: [{lead}, features]" if annotated else "x"
        self.lines.append(f"layer {name}({', '.join(params)}) {{\n    " + "\n    ".join(members) + f"\n    call({parameter}) {{\n        "
                          + "\n        ".join(body) + "\n        return y\n    }\n}\n")
        self.layers.append((name, extra))

    def product(self):
        t = self.some(lambda t: t.rank >= 2 and t.is_float() and t.dtype in ("float32", "float64"))
        if not t:
            return
        kind = self.r.randrange(4)
        k = t.dims[-1]
        if kind == 0:
            self.add(f"tanh({t.text} @ swapaxes({t.text}, -1, -2))", t.dtype, t.dims[:-1] + [t.dims[-2]])
        elif kind == 1 and k.known() and t.dtype == "float32":
            m = self.r.randrange(1, 6)
            w = self.fresh("w")
            self.fields.append(f"weight {w}: [{k.value}, {m}] = random_normal(stddev=0.4)")
            self.add(self.pick(f"{t.text} @ {w}", f"matmul({t.text}, {w})"), t.dtype, t.dims[:-1] + [Dim(m)])
        elif kind == 2 and t.rank == 2:
            self.add(f"tanh(einsum(\"ab,cb->ac\", {t.text}, {t.text}))", t.dtype, [t.dims[0], t.dims[0]])
        elif kind == 3 and t.rank == 3:
            self.add(f"tanh(einsum(\"abc,adc->bd\", {t.text}, {t.text}))", t.dtype, [t.dims[1], t.dims[1]])

    def call_layer(self):
        t = self.some(lambda t: t.rank >= 2 and t.dtype == "float32" and t.dims[-1].known() and t.dims[-1].value > 0)
        if not t:
            return
        shared = [(n, u) for n, w, u in self.declared if w == t.dims[-1].value]
        if shared and self.chance(.4):
            name, units = self.r.choice(shared)
        else:
            name, units = self.fresh("layer"), self.r.randrange(1, 6)
            self.fields.append(f"{name} = {self.sublayer(str(units))}")
            self.declared.append((name, t.dims[-1].value, units))
        self.add(f"{name}({t.text})", "float32", t.dims[:-1] + [Dim(units)])

    def chain(self):
        """A list of equal layers, run through once or twice: loops in the C."""
        t = self.some(lambda t: t.rank >= 2 and t.dtype == "float32" and t.dims[-1].known() and 0 < t.dims[-1].value <= 6)
        if not t:
            return
        k, n, name, x = t.dims[-1].value, self.r.randrange(1, 6), self.fresh("chain"), self.fresh()
        kind = self.r.randrange(5)
        made = self.sublayer(str(k))
        if kind == 0 and len(self.layers) > 0:
            inner = self.r.choice(self.layers)[0]
            self.fields.append(f"{name} = [[{inner}({k}) for j in range(2)] for i in range({n})]")
            self.body += [f"{x} = {t.text}", f"for row in {name} {{ for l in row {{ {x} = tanh({x} + l({x})) }} }}"]
        elif kind == 1:
            self.fields.append(f"{name} = [{made} for i in range({n})]")
            self.body += [f"{x} = {t.text}", f"for l in {name} {{ {x} = {x} + tanh(l({x})) }}", f"for l in {name}[::-1] {{ {x} = tanh(l({x})) }}"]
        elif kind == 2:
            self.fields.append(f"{name} = [{made} for i in range({n})]")
            seen = self.fresh("seen")
            self.body += [f"{x} = {t.text}", f"{seen} = []", f"for l in {name} {{\n            {x} = tanh(l({x}))\n            {seen} += [{x}]\n        }}",
                          f"{x} = sum({seen}) + {seen}[-1]"]
        elif kind == 3:
            self.fields.append(f"{name} = dict(a={made}, b=({self.sublayer(str(k))}, {self.sublayer(str(k))}))")
            self.body += [f"{x} = {name}.a({t.text})", f"{x} = {name}.b[0]({x}) * sigmoid({name}[\"b\"][1]({t.text}))"]
        else:
            self.fields.append(f"{name} = [{made} for i in range({n})]")
            self.body += [f"{x} = sum([l({t.text}) * {self.r.uniform(.1, 1):.2f} for i, l in enumerate({name}) if i != 1] + [{t.text}])"]
        self.pool.append(Tensor(x, "float32", t.dims))

    def recur(self):
        """A layer whose method is the step of a scan, with weights and several results."""
        t = self.some(lambda t: t.rank == 3 and t.dtype == "float32" and t.dims[-1].known() and t.dims[-1].value > 0)
        if not t:
            return
        name, cls, u = self.fresh("rec"), self.fresh("Rec"), self.r.randrange(1, 5)
        reverse = self.pick("", ", reverse=true")
        self.lines.append(f"""layer {cls}(units: int) {{
    mix = Dense(units{self.pick('', ', activation=relu', ', use_bias=false')})
    weight inner: [units, units] = random_normal(stddev=0.3)
    fn step(carry, x) {{
        h, n = carry
        h = tanh(mix(x) + h @ inner)
        return (h, n + 1), (h, n)
    }}
    call(x: [batch, time, features]) {{
        (h, n), (ys, ns) = scan(step, (zeros((batch, units)), zeros((), dtype="int32")), x, axis=1{reverse})
        return {{ys: swapaxes(ys, 0, 1), last: h, count: n, counts: ns}}
    }}
}}
""")
        self.fields.append(f"{name} = {cls}({u})")
        r = self.fresh("r")
        self.body.append(f"{r} = {name}({t.text})")
        self.pool += [Tensor(f"{r}.ys", "float32", [t.dims[0], t.dims[1], Dim(u)]), Tensor(f"{r}[\"last\"]", "float32", [t.dims[0], Dim(u)]),
                      Tensor(f"{r}.count", "int32", []), Tensor(f"{r}.counts", "int32", [t.dims[1]])]

    def library(self):
        t = self.some(lambda t: t.rank == 3 and t.dtype == "float32" and t.dims[-1].known() and t.dims[-1].value > 0 and t.dims[1].value > 0)
        if not t:
            return
        name, u = self.fresh("lib"), self.r.randrange(1, 5)
        b, n, f = t.dims
        made, dims = self.pick((f"LSTM({u}, return_sequences=true)", [b, n, Dim(u)]), (f"GRU({u})", [b, Dim(u)]), (f"SimpleRNN({u})", [b, Dim(u)]),
                               ("GlobalAveragePooling1D()", [b, f]), ("BatchNormalization()", [b, n, f]), (f"TimeDistributed(Dense({u}))", [b, n, Dim(u)]),
                               (f"Bidirectional(LSTM({u}, return_sequences=true))", [b, n, Dim(2 * u)]), (f"SeparableConv1D({u}, 3, padding=\"same\")", [b, n, Dim(u)]))
        self.fields.append(f"{name} = {made}")
        self.add(f"{name}({t.text})", "float32", dims)

    def grouped(self):
        """A layer that solves its dimensions and returns two tensors."""
        t = self.some(lambda t: t.rank == 2 and t.dtype == "float32" and t.dims[0].known() and t.dims[0].value % 2 == 0 and t.dims[0].value > 0)
        if not t:
            return
        cls, name, p, q = self.fresh("Half"), self.fresh("half"), self.fresh(), self.fresh()
        self.lines.append(f"""layer {cls}(k: int = 2) {{
    weight w: [k] = random_normal(stddev=0.5)
    call(x: [2 * n, features], y: [...]? = none) {{
        a = x[:n] + x[n:]
        b = x[::2] * sum(w) * n
        if y is not none {{ b = b + mean(y) }}
        return a, tanh(b)
    }}
}}
""")
        self.fields.append(f"{name} = {cls}({self.pick('', '3')})")
        more = self.some(lambda t: t.dtype == "float32" and t.size())
        self.body.append(f"{p}, {q} = {name}({t.text}{', ' + more.text if more and self.chance(.5) else ''})")
        dims = [Dim(t.dims[0].value // 2), t.dims[1]]
        self.pool += [Tensor(p, "float32", dims), Tensor(q, "float32", dims)]

    def remember(self):
        t = self.some(lambda t: t.dtype == "float32" and all(d.known() for d in t.dims))
        if not t:
            return
        name, before, after = self.fresh("state"), self.fresh(), self.fresh()
        self.fields.append(f"state {name}: [{', '.join(d.text for d in t.dims)}] = {self.pick('zeros', 'ones', 'constant(0.5)')}")
        self.body += [f"{before} = {name} * 0.5", f"{name}.assign({t.text} * 0.5 + {name})", f"{after} = {name}"]
        self.pool += [Tensor(before, "float32", t.dims), Tensor(after, "float32", t.dims)]

    def convolve(self):
        t = self.some(lambda t: t.rank == 3 and t.dtype == "float32" and t.dims[-1].known() and t.dims[-1].value > 0 and t.dims[1].value >= 3)
        if not t:
            return
        name, filters = self.fresh("conv"), self.r.randrange(1, 5)
        size, padding = self.r.randrange(1, 4), self.pick("same", "valid", "causal")
        self.fields.append(f"{name} = Conv1D({filters}, {size}, padding=\"{padding}\"{self.pick('', ', activation=relu')})")
        time_dim = t.dims[1] if padding != "valid" else t.dims[1].plus(1 - size) if size > 1 else t.dims[1]
        self.add(f"{name}({t.text})", "float32", [t.dims[0], time_dim, Dim(filters)])

    def scan(self):
        t = self.some(lambda t: t.rank >= 2 and t.dtype == "float32")
        if not t:
            return
        axis = self.r.randrange(t.rank)
        rest = t.dims[:axis] + t.dims[axis + 1:]
        f = self.fresh("step")
        self.lines.append(self.pick(f"fn {f}(c, x) {{\n    c = tanh(0.5 * c + x)\n    return c, c * 2\n}}\n",
                                    f"fn {f}(c, x) {{ return 0.9 * c - 0.1 * x, tanh(c + x) }}\n"))
        c, ys = self.fresh(), self.fresh()
        self.body.append(f"{c}, {ys} = scan({f}, zeros({shape_text(rest)}), {t.text}, axis={axis}{self.pick('', ', reverse=true')})")
        self.pool += [Tensor(c, "float32", rest), Tensor(ys, "float32", [t.dims[axis]] + rest)]

    def draw(self):
        t = self.some(lambda t: t.rank >= 1)
        if t:
            self.add(f"random.{self.pick('uniform', 'normal')}({shape_text(t.dims)})", "float32", t.dims)
