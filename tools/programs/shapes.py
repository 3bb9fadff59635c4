"""Lines that move, join, cut and reduce."""
from basics import *


class Shapes(Basics):
    def reduce(self):
        t = self.some(lambda t: t.rank > 0 and t.dtype in ("float32", "float64", "int32") and t.size() > 0)
        if not t:
            return
        if t.is_float():
            f = self.pick("sum", "mean", "max", "min", "mean", "sum")
        else:
            f = self.pick("max", "min", "sum", "argmax")
        keep = self.chance(.4)
        axis = self.r.randrange(t.rank)
        axes = [axis]
        if f != "argmax" and t.rank > 1 and self.chance(.3):
            axes = sorted(self.r.sample(range(t.rank), 2))
        text = f"({', '.join(map(str, axes))})" if len(axes) > 1 else str(axis if self.chance(.5) else axis - t.rank)
        if self.chance(.1) and f != "argmax":
            axes, text = list(range(t.rank)), "none"
        dims = [Dim(1) if i in axes else d for i, d in enumerate(t.dims) if keep or i not in axes]
        out = self.add(f"{f}({t.text}, axis={text}{', keepdims=true' if keep else ''})", t.dtype, dims)
        if f == "sum" and t.is_float():
            self.add(f"tanh({out.text})", t.dtype, dims)

    def move(self):
        t = self.some(lambda t: t.rank >= 2)
        if not t:
            return
        perm = list(range(t.rank))
        self.r.shuffle(perm)
        kind = self.r.randrange(4)
        if kind == 0:
            self.add(f"transpose({t.text}, ({', '.join(map(str, perm))}))", t.dtype, [t.dims[p] for p in perm])
        elif kind == 1:
            i, j = self.r.sample(range(t.rank), 2)
            dims = list(t.dims)
            dims[i], dims[j] = dims[j], dims[i]
            self.add(f"swapaxes({t.text}, {i}, {j - t.rank})", t.dtype, dims)
        elif kind == 2:
            self.add(f"{t.text}.T", t.dtype, t.dims[::-1])
        else:
            axis = self.r.randrange(t.rank)
            self.add(f"flip({t.text}, axis={axis})", t.dtype, t.dims)

    def reshape(self):
        t = self.some(lambda t: t.rank >= 1)
        if not t:
            return
        kind = self.r.randrange(5)
        if kind == 0 and t.rank >= 2:
            i = self.r.randrange(t.rank - 1)
            dims = t.dims[:i] + [product(t.dims[i:i + 2])] + t.dims[i + 2:]
            self.add(f"reshape({t.text}, {shape_text(dims)})", t.dtype, dims)
        elif kind == 1:
            self.add(f"reshape({t.text}, (-1,))", t.dtype, [product(t.dims)])
        elif kind == 2:
            i = self.r.randrange(t.rank + 1)
            dims = t.dims[:i] + [Dim(1)] + t.dims[i:]
            self.add(f"expand_dims({t.text}, {i})" if self.chance(.5) else f"{t.text}[{', '.join([':'] * i + ['none'])}]", t.dtype, dims)
        elif kind == 3:
            ones = [i for i, d in enumerate(t.dims) if d.text == "1"]
            if ones:
                i = self.r.choice(ones)
                self.add(f"squeeze({t.text}, axis={i})", t.dtype, t.dims[:i] + t.dims[i + 1:])
        else:
            split = [(i, k) for i, d in enumerate(t.dims) if d.known() for k in (2, 3, 4) if d.value % k == 0 and d.value]
            if split:
                i, k = self.r.choice(split)
                dims = t.dims[:i] + [Dim(t.dims[i].value // k), Dim(k)] + t.dims[i + 1:]
                self.add(f"reshape({t.text}, {shape_text(dims)})", t.dtype, dims)

    def join(self):
        t = self.some(lambda t: t.rank >= 1)
        if not t:
            return
        axis = self.r.randrange(t.rank)
        same = [u for u in self.pool if u.dtype == t.dtype and u.rank == t.rank and all(a == b for i, (a, b) in enumerate(zip(u.dims, t.dims)) if i != axis)]
        others = [self.r.choice(same) for _ in range(self.r.randrange(1, 3))]
        total = t.dims[axis]
        for o in others:
            d = o.dims[axis]
            total = Dim(total.value + d.value) if total.known() and d.known() else Dim(f"({total.text}) + ({d.text})", total.value + d.value)
        dims = t.dims[:axis] + [total] + t.dims[axis + 1:]
        self.add(f"concatenate([{', '.join(x.text for x in [t] + others)}], axis={axis})", t.dtype, dims)
        equal = [u for u in same if u.dims[axis] == t.dims[axis]]
        if equal and self.chance(.3):
            at = self.r.randrange(t.rank + 1)
            self.add(f"stack([{t.text}, {self.r.choice(equal).text}], axis={at})", t.dtype, t.dims[:at] + [Dim(2)] + t.dims[at:])

    def subscript(self):
        t = self.some(lambda t: t.rank >= 1)
        if not t:
            return
        subs, dims = [], []
        for i, d in enumerate(t.dims):
            kind = self.r.randrange(8)
            if kind <= 2:
                subs.append(":")
                dims.append(d)
            elif kind == 3 and d.value >= 1:
                subs.append(self.pick("0", "-1"))
            elif kind == 4 and d.value >= 2:
                subs.append("1:")
                dims.append(d.plus(-1))
            elif kind == 5 and d.value >= 2:
                subs.append(":-1")
                dims.append(d.plus(-1))
            elif kind == 6:
                step = self.pick(2, 3)
                subs.append(f"::{step}")
                dims.append(Dim((d.value + step - 1) // step) if d.known() else Dim(f"(({d.text}) + {step - 1}) // {step}", (d.value + step - 1) // step))
            elif kind == 7:
                subs.append("::-1")
                dims.append(d)
            else:
                subs.append(":")
                dims.append(d)
            if self.chance(.08):
                subs.append("none")
                dims.append(Dim(1))
        if self.chance(.2):
            while subs and subs[-1] == ":":
                subs.pop()
            subs = subs or ["..."]
        self.add(f"{t.text}[{', '.join(subs)}]", t.dtype, dims)

    def halves(self):
        t = self.some(lambda t: t.rank >= 1 and any(d.known() and d.value % 2 == 0 and d.value for d in t.dims))
        if not t:
            return
        axis = self.r.choice([i for i, d in enumerate(t.dims) if d.known() and d.value % 2 == 0 and d.value])
        a, b = self.fresh(), self.fresh()
        self.body.append(f"{a}, {b} = split({t.text}, 2, axis={axis})")
        dims = t.dims[:axis] + [Dim(t.dims[axis].value // 2)] + t.dims[axis + 1:]
        self.pool += [Tensor(a, t.dtype, dims), Tensor(b, t.dtype, dims)]

    def gather(self):
        if self.chance(.4):
            i = self.some(lambda t: t.dtype == "int32" and t.rank >= 1)
            if i:
                n = self.r.randrange(2, 6)
                self.add(f"one_hot(abs({i.text}) % {n}, {n})", "float32", i.dims + [Dim(n)])
            return
        t, i = self.some(lambda t: t.rank >= 1), self.some(lambda t: t.dtype == "int32" and t.rank >= 1)
        if not t or not i:
            return
        axes = [k for k, d in enumerate(t.dims) if d.known() and d.value > 0]
        if axes:
            axis = self.r.choice(axes)
            self.add(f"take({t.text}, abs({i.text}) % {t.dims[axis].value}, axis={axis})", t.dtype, t.dims[:axis] + i.dims + t.dims[axis + 1:])

    def along(self):
        t = self.some(lambda t: t.rank >= 1 and t.dtype in ("float32", "float64") and t.size())
        if not t:
            return
        axis = self.r.randrange(t.rank)
        f = self.pick("softmax({}, axis={})", "log_softmax({}, axis={})", "cumsum({}, axis={}) * 0.2", "sort({}, axis={})")
        self.add(f.format(t.text, axis), t.dtype, t.dims)

    def fill(self):
        t = self.some(lambda t: t.rank >= 1)
        if not t:
            return
        d = self.r.choice(t.dims)
        kind = self.r.randrange(4)
        if kind == 0:
            self.add(f"arange({d.text})", "int32", [d])
        elif kind == 1:
            self.add(f"full(({d.text}, 3), 0.5)", "float32", [d, Dim(3)])
        elif kind == 2:
            self.add(f"ones(({d.text},)) * ({d.text}) / 8", "float32", [d])
        elif t.rank <= 3:
            self.add(f"broadcast_to({t.text}, {shape_text([Dim(2)] + t.dims)})", t.dtype, [Dim(2)] + t.dims)

    def pad(self):
        t = self.some(lambda t: 1 <= t.rank <= 3 and t.dtype in ("float32", "int32"))
        if not t:
            return
        widths = [(self.r.randrange(3), self.r.randrange(3)) for _ in t.dims]
        dims = [d.plus(a + b) if a + b else d for d, (a, b) in zip(t.dims, widths)]
        self.add(f"pad({t.text}, ({''.join(f'({a}, {b}), ' for a, b in widths)}))", t.dtype, dims)

    def statistic(self):
        t = self.some(lambda t: t.rank > 0 and t.dtype in ("float32", "float64") and t.size() > 0)
        if not t:
            return
        axis = self.r.randrange(t.rank)
        keep = self.chance(.4)
        dims = [Dim(1) if i == axis else d for i, d in enumerate(t.dims) if keep or i != axis]
        f = self.pick("var({})", "std({} * 2 + {}) * 0.5", "logsumexp({})", "prod(tanh({}))", "norm({})", "amax({})", "ptp({})" if False else "amin({})")
        inner = f"{t.text}" if "std" not in f else None
        options = f", axis={axis}{', keepdims=true' if keep else ''}"
        if inner is None:
            return self.add(f"sqrt(var({t.text}{options}) + 0.1)", t.dtype, dims)
        name, rest = f.split("(", 1)
        argument = rest[:-1].format(inner)
        self.add(f"{name}({argument}{options})", t.dtype, dims)

    def truth(self):
        t = self.some(lambda t: t.rank > 0 and t.dtype == "bool")
        if t:
            axis = self.r.randrange(t.rank)
            dims = t.dims[:axis] + t.dims[axis + 1:]
            self.add(f"{self.pick('any', 'all')}({t.text}, axis={axis})", "bool", dims)
            self.add(f"sum({t.text}, axis={axis})", "int32", dims)

    def contract(self):
        """einsum, dot, tensordot, outer."""
        t = self.some(lambda t: t.rank in (2, 3) and t.dtype in ("float32", "float64") and t.size() < 300)
        if not t:
            return
        a, b = t.dims[0], t.dims[1]
        if t.rank == 2:
            text, dims = self.pick(("einsum(\"ab->ba\", {0})", [b, a]), ("einsum(\"ab,ab->a\", {0}, {0})", [a]), ("einsum(\"ab->\", {0})", []),
                                   ("einsum(\"...b,b...->...\", {0}, {0}.T)" if False else "einsum(\"ab,ac->bc\", {0}, {0})", [b, b]), ("tensordot({0}, {0}, axes=[[0], [0]])", [b, b]),
                                   ("dot({0}, {0}.T)", [a, a]), ("matmul({0}.T, {0})", [b, b]), ("einsum(\"ab,cb->acb\", {0}, {0})", [a, a, b]))
        else:
            c = t.dims[2]
            text, dims = self.pick(("einsum(\"abc->cab\", {0})", [c, a, b]), ("einsum(\"abc,abd->acd\", {0}, {0})", [a, c, c]), ("einsum(\"...bc,...bc->...b\", {0}, {0})", [a, b]),
                                   ("einsum(\"abc,adc->abd\", {0}, {0})", [a, b, b]), ("{0} @ {0}[0].T", [a, b, b]) if a.value else ("einsum(\"abc->b\", {0})", [b]))
        self.add("tanh(" + text.format(t.text) + ")", t.dtype, dims)

    def counted(self):
        """arange and linspace with sizes."""
        t = self.some(lambda t: t.rank >= 1)
        if t:
            d = self.r.choice(t.dims)
            text, dtype, n = self.pick((f"arange({d.text}, dtype=\"float32\") * 0.1", "float32", d), (f"arange(0, 2 * ({d.text}), 2)", "int32", d),
                                       (f"arange({d.text})[::-1] % 3", "int32", d), ("linspace(0, 1, 4)", "float32", Dim(4)), ("arange(5, 0, -2)", "int32", Dim(3)))
            self.add(text, dtype, [n])
