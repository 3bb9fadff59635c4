"""What every part of the generator uses: sizes, tensors, choices."""
import random

import numpy as np


class Dim:
    """A size: its text in the program and its value in this run. Sizes are equal only if their texts are."""

    def __init__(self, text, value=None):
        self.text, self.value = str(text), int(text) if value is None else value

    def known(self):
        return self.text.isdigit()

    def __eq__(self, other):
        return self.text == other.text

    def times(self, k):
        return Dim(self.value * k) if self.known() else Dim(f"{k} * ({self.text})", self.value * k)

    def plus(self, k):
        return Dim(self.value + k) if self.known() else Dim(f"({self.text}) + {k}" if k >= 0 else f"({self.text}) - {-k}", self.value + k)


def product(dims):
    out = Dim(1)
    for d in dims:
        if out.known() and out.value == 1:
            out = d
        elif d.known() and d.value == 1:
            continue
        else:
            out = Dim(out.value * d.value) if out.known() and d.known() else Dim(f"({out.text}) * ({d.text})", out.value * d.value)
    return out


class Tensor:
    def __init__(self, text, dtype, dims):
        self.text, self.dtype, self.dims = text, dtype, list(dims)

    @property
    def rank(self):
        return len(self.dims)

    def is_float(self):
        return "float" in self.dtype

    def size(self):
        return int(np.prod([d.value for d in self.dims], dtype=int))


def shape_text(dims):
    return "(" + "".join(d.text + ", " for d in dims) + ")"


class Basics:
    """The program so far: `pool` holds the tensors that later lines may use."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.layers, self.lines, self.names = [], [], 0

    def pick(self, *xs):
        return self.r.choice(xs)

    def chance(self, p):
        return self.r.random() < p

    def fresh(self, base="t"):
        self.names += 1
        return f"{base}{self.names}"

    def add(self, text, dtype, dims):
        name = self.fresh()
        self.body.append(f"{name} = {text}")
        t = Tensor(name, dtype, dims)
        if t.size() <= 4000 and t.rank <= 5:
            self.pool.append(t)
        return t

    def some(self, test=lambda t: True):
        fit = [t for t in self.pool if test(t)]
        if not fit:
            return None
        return self.r.choice(fit[-6:] if self.chance(.6) else fit)

    def broadcast(self, a, b):
        out = []
        for i in range(max(a.rank, b.rank)):
            x = a.dims[a.rank - 1 - i] if i < a.rank else Dim(1)
            y = b.dims[b.rank - 1 - i] if i < b.rank else Dim(1)
            if x != y and x.text != "1" and y.text != "1":
                return None
            out.append(y if x.text == "1" else x)
        return out[::-1]
