"""Lines with subscripts and gathers beyond the plain ones."""
from basics import *


class Indexing(Basics):
    def several(self):
        """Two integer tensors in one subscript."""
        t = self.some(lambda t: t.rank >= 2 and all(d.value > 0 for d in t.dims))
        i = self.some(lambda t: t.dtype in ("int32", "int64") and t.rank <= 2)
        if not t or not i:
            return
        a, b = sorted(self.r.sample(range(t.rank), 2))
        size = lambda k: t.dims[k].text if t.dims[k].known() else f"({t.dims[k].text})"
        known = [k for k in (a, b) if not t.dims[k].known()]
        if known:
            return
        subs = [":"] * t.rank
        subs[a], subs[b] = f"abs({i.text}) % {size(a)}", f"-1 - abs({i.text}) % {size(b)}"
        rest = [d for k, d in enumerate(t.dims) if k not in (a, b)]
        at = a if b == a + 1 else 0
        self.add(f"{t.text}[{', '.join(subs)}]", t.dtype, rest[:at] + i.dims + rest[at:])

    def scattered(self):
        """An integer and an integer tensor with a slice between them: the gathered axes go to the front."""
        t = self.some(lambda t: t.rank >= 3 and t.dims[0].value > 0 and t.dims[-1].known() and t.dims[-1].value > 0)
        i = self.some(lambda t: t.dtype == "int32" and t.rank in (1, 2))
        if t and i:
            middle = t.dims[1:-1]
            self.add(f"{t.text}[{self.pick('0', '-1')}, ..., abs({i.text}) % {t.dims[-1].value}]", t.dtype, i.dims + middle)

    def symbolic(self):
        """Bounds that are dimensions."""
        t = self.some(lambda t: t.rank >= 1 and not t.dims[0].known() and t.dims[0].value >= 2)
        if not t:
            return
        n, v, rest = t.dims[0].text, t.dims[0].value, t.dims[1:]
        half = Dim(f"({n}) // 2", v // 2)
        text, d = self.pick((f":({n}) // 2", half), (f"({n}) // 2:", Dim(f"({n}) - ({n}) // 2", v - v // 2)), (f"({n}) - 1::-1", t.dims[0]),
                            ("-2::-1", t.dims[0].plus(-1)), (":0:-1", t.dims[0].plus(-1)), (f":({n}) - 1:2", Dim(f"({n}) // 2", v // 2)),
                            (f"-2:", Dim(2)), (f"max(({n}) - 1, 0):", Dim(1)), ("::-2", Dim(f"(({n}) + 1) // 2", (v + 1) // 2)))
        if text.startswith("max"):
            return self.add(f"{t.text}[{text}]", t.dtype, [Dim(f"({n}) - max(({n}) - 1, 0)", 1)] + rest)
        self.add(f"{t.text}[{text}]", t.dtype, [d] + rest)

    def chosen(self):
        """take_along_axis, slice, slice_update, sorted order."""
        t = self.some(lambda t: t.rank >= 1 and t.dtype in ("float32", "int32") and t.size() and all(d.known() for d in t.dims))
        if not t:
            return
        axis, kind = self.r.randrange(t.rank), self.r.randrange(5)
        if kind == 0:
            self.add(f"take_along_axis({t.text}, argsort(flip({t.text}, axis={axis}) * 0 + {t.dims[axis].value}, axis={axis}), axis={axis})", t.dtype, t.dims)
        elif kind == 1:
            sizes = [self.r.randrange(1, d.value + 1) for d in t.dims]
            starts = [str(self.r.randrange(0, d.value - s + 1)) for d, s in zip(t.dims, sizes)]
            self.add(f"slice({t.text}, ({', '.join(starts)},), ({', '.join(map(str, sizes))},))", t.dtype, [Dim(s) for s in sizes])
        elif kind == 2:
            self.add(f"slice_update({t.text}, ({'0, ' * t.rank}), {t.text}[:1] * 2)", t.dtype, t.dims)
        elif kind == 3 and t.dtype == "int32":
            self.add(f"argsort({t.text}, axis={axis})", "int32", t.dims)
        elif t.dims[axis].value >= 2 and t.dtype == "int32":
            self.add(f"unstack({t.text}, axis={axis})[1]", t.dtype, t.dims[:axis] + t.dims[axis + 1:])

    def rearranged(self):
        t = self.some(lambda t: t.rank >= 1 and t.size() and t.size() < 600)
        if not t:
            return
        axis, kind = self.r.randrange(t.rank), self.r.randrange(8)
        d = t.dims[axis]
        put = lambda x: t.dims[:axis] + [x] + t.dims[axis + 1:]
        if kind == 0:
            self.add(f"roll({t.text}, {self.pick('1', '-1', '2')}, axis={axis})", t.dtype, t.dims)
        elif kind == 1:
            self.add(f"repeat({t.text}, 2, axis={axis})", t.dtype, put(d.times(2) if d.known() else Dim(f"2 * ({d.text})", 2 * d.value)))
        elif kind == 2 and d.known():
            self.add(f"tile({t.text}, ({', '.join('2' if k == axis else '1' for k in range(t.rank))},))", t.dtype, put(d.times(2)))
        elif kind == 3 and t.rank >= 2:
            self.add(f"moveaxis({t.text}, {axis}, -1)", t.dtype, t.dims[:axis] + t.dims[axis + 1:] + [d])
        elif kind == 4 and t.rank >= 2 and t.is_float():
            self.add(f"{self.pick('tril', 'triu')}({t.text}, k={self.pick('0', '1', '-1')})", t.dtype, t.dims)
        elif kind == 5 and d.value >= 2 and t.dtype in ("float32", "int32"):
            self.add(f"diff({t.text}, axis={axis})", t.dtype, put(d.plus(-1)))
        elif kind == 6 and t.is_float():
            self.add(f"zeros_like({t.text}) + {self.pick('1', '0.25')}", t.dtype, t.dims)
        elif kind == 7:
            self.add(f"atleast_2d({t.text})", t.dtype, t.dims if t.rank >= 2 else [Dim(1)] + t.dims)
