#!/usr/bin/env python3
"""Every row of ops.def against its slow twin: kernels on random shapes, dtypes and attributes, inline functions on edge
values. A row without cases fails.

    test_ops.py [--emulator PROGRAM] <run_cases> <ops.def> [name...]

The twins compute float32 in float64 and float64 in longdouble. How far a result may be from that stands in BOUNDS, with u
the unit roundoff of the dtype (2**-24, 2**-53); a row that isn't there must be exact. Sums are allowed (8 + 2 sqrt(k)) u
times the sum of absolute values, the size that rounding errors reach if they are independent, not the worst case k u.
"""

import os
import re
import struct
import subprocess
import sys
import zlib
from types import SimpleNamespace

import catalogue
import numpy as np
import twins

DTYPES = ["float32", "float64", "float16", "bfloat16", "int8", "uint8", "int16", "int32", "int64", "bool"]
NUMPY = dict(zip(DTYPES, ["f4", "f8", "u2", "u2", "i1", "u1", "i2", "i4", "i8", "?"]))
CLASSES = {"FLOAT": ["float32", "float64"], "NUMBER": ["float32", "float64", "int64"], "INTEGER": ["int64", "bool"], "ANY": DTYPES}
WIDE = {"float32": np.float64, "float64": np.longdouble}
UNIT = {"float32": 2.0**-24, "float64": 2.0**-53}
BAD_INPUT, USAGE = 1, 5


class Case:
    """One call. `inputs` are arrays with a dtype of MDL's beside them: [(array, "float32")]."""

    def __init__(self, name, inputs, attrs, shape, dtype, status=0, message=None, in_place=False):
        self.name, self.inputs, self.attrs, self.shape, self.dtype = name, inputs, attrs, tuple(shape), dtype
        self.status, self.message, self.in_place = status, message, in_place

    def __str__(self):
        inputs = ", ".join(f"{d}{list(a.shape)}" for a, d in self.inputs)
        return f"{self.name}({inputs}; {self.attrs}) -> {self.dtype}{list(self.shape)}"


# ---- random material ----


class Maker:
    def __init__(self, name):
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.asked = False

    def first(self):
        """The first time that a row asks?"""
        asked, self.asked = self.asked, True
        return not asked

    def int(self, low, high):
        """low <= result <= high"""
        return int(self.random.integers(low, high + 1))

    def shape(self, low=0, high=4, size=6, zero=0.1):
        return [0 if self.random.random() < zero else self.int(1, size) for _ in range(self.int(low, high))]

    def values(self, shape, dtype, special=0.0):
        if dtype in twins.INTEGERS:
            info = np.iinfo(NUMPY[dtype])
            wide = self.random.random() < 0.3
            low, high = (info.min, info.max) if wide else (max(info.min, -9), 9)
            x = self.random.integers(low, high, shape, dtype=NUMPY[dtype], endpoint=True)
        elif dtype == "bool":
            x = self.random.random(shape) < 0.5
        elif dtype in ("float16", "bfloat16"):
            x = self.random.integers(0, 1 << 16, shape, dtype="u2")
        else:
            x = np.asarray(self.random.normal(size=shape)).astype(NUMPY[dtype])
            odd = self.random.random(shape) < special
            x = np.where(odd, self.random.choice([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0], shape), x).astype(NUMPY[dtype])
        return np.asarray(x), dtype


def wide(array, dtype):
    return array.astype(WIDE[dtype]) if dtype in WIDE else array if dtype in ("float16", "bfloat16") else twins.load(array, dtype)


# ---- cases of kernels ----


def cases_transpose(m, dtype):
    shape = m.shape(0, 5)
    if m.random.random() < 0.2:
        shape = [m.int(1, 3), m.int(15, 40), m.int(15, 40)]
    p = [int(i) for i in m.random.permutation(len(shape))]
    yield Case("transpose", [m.values(shape, dtype)], {"permutation": p}, [shape[i] for i in p], dtype)


def cases_concatenate(m, dtype):
    shape = m.shape(1, 4)
    axis = m.int(0, len(shape) - 1)
    sizes = [m.int(0, 4) for _ in range(m.int(1, 4))]
    parts = [m.values(shape[:axis] + [n] + shape[axis + 1:], dtype) for n in sizes]
    yield Case("concatenate", parts, {"axis": axis}, shape[:axis] + [sum(sizes)] + shape[axis + 1:], dtype)


def cases_strided_slice(m, dtype):
    shape, start, step, size = m.shape(0, 4, 7, 0), [], [], []
    for n in shape:
        start.append(m.int(0, n - 1))
        step.append(m.int(1, 3) * (1 if m.random.random() < 0.7 else -1))
        room = (n - 1 - start[-1] if step[-1] > 0 else start[-1]) // abs(step[-1])
        size.append(m.int(0, room + 1))
    yield Case("strided_slice", [m.values(shape, dtype)], {"start": start, "step": step}, size, dtype)


def cases_pad(m, dtype):
    mode = m.int(0, 3)
    shape = m.shape(0, 4, 5, 0.1 if mode == 0 else 0)
    low, high = [m.int(0, 7) for _ in shape], [m.int(0, 7) for _ in shape]
    inputs = [m.values(shape, dtype)] + ([m.values([], dtype)] if mode == 0 and m.random.random() < 0.5 else [])
    yield Case("pad", inputs, {"low": low, "high": high, "mode": mode}, [a + b + c for a, b, c in zip(low, shape, high)], dtype)


def cases_take(m, dtype):
    shape, indices = m.shape(1, 4, 6, 0), m.shape(0, 3)
    axis = m.int(0, len(shape) - 1)
    n = shape[axis]
    index = m.random.integers(-n, n, indices)
    out = shape[:axis] + indices + shape[axis + 1:]
    x = m.values(shape, dtype)
    yield Case("take", [x, (np.asarray(index), "int64")], {"axis": axis}, out, dtype)
    if index.size and m.random.random() < 0.2:
        wrong = int(m.random.choice([n, -n - 1, 1 << 40]))
        bad = np.asarray(index).copy()
        bad.flat[m.int(0, bad.size - 1)] = wrong
        yield Case("take", [x, (bad, "int64")], {"axis": axis}, out, dtype, BAD_INPUT, f"index {wrong} is out of range for an axis of size {n}")


def cases_take_along_axis(m, dtype):
    shape = m.shape(1, 4, 6, 0)
    axis = m.int(0, len(shape) - 1)
    n, out = shape[axis], list(shape)
    out[axis] = m.int(0, 5)
    index = m.random.integers(-n, n, out)
    yield Case("take_along_axis", [m.values(shape, dtype), (index, "int64")], {"axis": axis}, out, dtype)
    if index.size:
        bad = index.copy()
        bad.flat[0] = n
        yield Case("take_along_axis", [m.values(shape, dtype), (bad, "int64")], {"axis": axis}, out, dtype, BAD_INPUT,
                   f"index {n} is out of range for an axis of size {n}")


def starts_of(m, shape):
    return np.array([m.int(-2, n + 2) for n in shape], np.int64), "int64"


def cases_slice(m, dtype):
    shape = m.shape(0, 4)
    yield Case("slice", [m.values(shape, dtype), starts_of(m, shape)], {}, [m.int(0, n) for n in shape], dtype)


def cases_slice_update(m, dtype):
    shape = m.shape(0, 4)
    block = m.values([m.int(0, n) for n in shape], dtype)
    yield Case("slice_update", [m.values(shape, dtype), starts_of(m, shape), block], {}, shape, dtype, in_place=m.int(0, 1) == 1)


def cases_arange(m, dtype):
    start, step = (float(m.int(-9, 9)), float(m.int(-4, 4))) if dtype == "int64" else (float(m.random.normal()), float(m.random.normal()))
    yield Case("arange", [], {"start": start, "step": step}, [m.int(0, 9)], dtype)


def cases_range_dim(m, dtype):
    if dtype == "int64":
        yield Case("range_dim", [], {"start": m.int(-9, 9), "step": m.int(-4, 4)}, [m.int(0, 9)], dtype)


def halves(value):
    """float32 as bfloat16 has it, cut off: what the instructions of bfloat16 take."""
    array, dtype = value
    return (np.ascontiguousarray(array).view("u4") & 0xFFFF0000).view("f4"), dtype


def cases_matmul(m, dtype):
    big = m.random.random() < 0.3
    r, k, c = [m.int(1, 150) if big else m.int(0 if m.random.random() < 0.2 else 1, 9) for _ in range(3)]
    if big and m.random.random() < 0.4:
        k = m.int(250, 800)
    if big and m.random.random() < 0.3:
        r = 1
    elif big and m.random.random() < 0.3:
        c = m.int(1, 4)
    lead = [] if big else m.shape(0, 3, 3, 0.05)
    a_lead = [1 if m.random.random() < 0.2 else n for n in lead][m.int(0, len(lead)) if m.random.random() < 0.4 else 0:]
    b_lead = [1 if m.random.random() < 0.2 else n for n in lead][m.int(0, len(lead)) if m.random.random() < 0.4 else 0:]
    lead = list(np.broadcast_shapes(a_lead, b_lead))
    ta, tb = m.int(0, 1), m.int(0, 1)
    a, b = a_lead + ([k, r] if ta else [r, k]), b_lead + ([c, k] if tb else [k, c])
    inputs = [m.values(a, dtype), m.values(b, dtype)]
    if dtype == "float32" and big and m.random.random() < 0.5:
        inputs = [halves(x) for x in inputs]
    yield Case("matmul", inputs, {"transpose_a": ta, "transpose_b": tb}, lead + [r, c], dtype)


def cases_matmul_8bit(m, dtype):
    if dtype in ("int8", "uint8"):
        for other in ("int8", "uint8"):
            big = m.random.random() < 0.3
            r, k, c = [m.int(1, 150) if big else m.int(0 if m.random.random() < 0.1 else 1, 9) for _ in range(3)]
            k = m.int(250, 800) if big and m.random.random() < 0.4 else k
            lead = [] if big else m.shape(0, 2, 3, 0.05)
            yield Case("matmul_8bit", [m.values(lead + [r, k], dtype), m.values([k, c], other)], {}, lead + [r, c], "int32")


def cases_conv(m, dtype):
    if dtype == "float32":
        if m.int(0, 1):
            yield sliding_conv(m)
        if m.random.random() < 0.4:
            yield m.random.choice([direct_conv, direct_conv, depthwise_conv, grouped_conv])(m)
            return
    space = m.int(1, 3)
    kind = m.int(0, 3)  # 0: anything, 1: depthwise, 2: pointwise, 3: groups
    groups = 1 if kind in (0, 2) else m.int(2, 40) if kind == 1 else m.int(2, 3)
    cin = 1 if kind == 1 else m.int(1, 9)
    cout = m.int(1, 20) if kind in (0, 2) else m.int(1, 2) if kind == 1 else m.int(1, 5)
    size = [1 if kind == 2 else m.int(1, 4) for _ in range(space)]
    strides = [m.int(1, 3) if kind != 2 or m.int(0, 1) else 1 for _ in size]
    dilations = [m.int(1, 2) for _ in size]
    low, high = [0 if kind == 2 else m.int(0, 3) for _ in size], [0 if kind == 2 else m.int(0, 3) for _ in size]
    shape = [max(1, (k - 1) * d + 1 - l - h) + m.int(0, 5 if space < 3 else 2) for k, d, l, h in zip(size, dilations, low, high)]
    if m.random.random() < 0.2:
        shape[-1] += m.int(0, 30)
    out = [(n + l + h - (k - 1) * d - 1) // s + 1 for n, l, h, k, d, s in zip(shape, low, high, size, dilations, strides)]
    batch = m.int(0 if m.random.random() < 0.1 else 1, 2)
    inputs = [m.values([batch] + shape + [groups * cin], dtype), m.values(size + [cin, groups * cout], dtype)]
    yield Case("conv", inputs, {"strides": strides, "dilations": dilations, "low": low, "high": high, "groups": groups},
               [batch] + out + [groups * cout], dtype)


def padded(n):
    return -(-n // 16) * 16


def cases_pack_columns(m, dtype):
    if dtype == "float32":
        transposed = m.int(0, 1)
        lead, n = [m.int(0, 20) for _ in range(1 if transposed else m.int(1, 4))], m.int(1, 150)
        shape = [n] + lead if transposed else lead + [n]
        yield Case("pack_columns", [m.values(shape, dtype)], {"transposed": transposed}, lead + [padded(n)], dtype)


def cases_matmul_packed(m, dtype):
    """Once a matrix that is larger than the last cache is taken to be: when it is read again, it is read as one that comes from memory."""
    if dtype == "float32" and m.first():
        yield Case("matmul_packed", [m.values([1, 2080], dtype), m.values([2080, padded(4060)], dtype)], {}, [1, 4060], dtype)
    if dtype == "float32":
        rare = m.random.random() < 0.1
        lead, k, n = [m.int(0 if rare else 1, 9) for _ in range(m.int(1, 3))], m.int(0, 600 if rare else 40), m.int(1, 150)
        inputs = [m.values(lead + [k], dtype), m.values([k, padded(n)], dtype)]
        if m.random.random() < 0.5:
            inputs = [halves(x) for x in inputs]
        yield Case("matmul_packed", inputs, {}, lead + [n], dtype)


def cases_attention(m, dtype):
    """Few queries and many, more keys than a block has, heads wider than a panel; masks of every shape that broadcasts."""
    if dtype != "float32":
        return
    large = m.random.random() < 0.2
    lead, heads = m.shape(0, 1, 2, 0.02), m.int(1, 3)
    rank = 3 + len(lead) if m.int(0, 4) else 2
    queries = m.int(1, 300) if large else m.int(1, 40)
    keys = (queries if m.int(0, 1) else m.int(1, 600)) if large else m.int(1, 40)
    size, width = [m.int(65, 256) if m.random.random() < 0.1 else m.int(1, 40) for _ in range(2)]
    inside = [m.int(0, 1) if rank > 2 else 0 for _ in range(4)]

    def shaped(positions, last, inner):
        return [positions, last] if rank == 2 else lead + ([positions, heads] if inner else [heads, positions]) + [last]
    inputs = [m.values(shaped(n, last, inner), dtype) for n, last, inner in zip([queries, keys, keys], [size, size, width], inside)]
    if m.int(0, 1):
        full = shaped(queries, keys, 0)
        inputs.append(m.values([n if m.int(0, 2) else 1 for n in full][m.int(0, rank) if m.int(0, 1) else 0:], "bool" if m.int(0, 1) else dtype))
    attrs = dict(zip(("query", "key", "value", "result"), inside))
    attrs |= {"scale": float(m.random.choice([size ** -0.5, 1.0, 3.0])), "causal": m.int(0, 1),
              "masked": float(m.random.choice([-1e9, -2.372671e38, -20.0, -np.inf]))}
    yield Case("attention", inputs, attrs, shaped(queries, width, inside[3]), dtype)


def cases_conv_packed(m, dtype):
    for case in cases_conv(m, dtype) if dtype == "float32" else []:
        image, kernel = case.inputs
        if case.attrs["groups"] == 1:
            attrs = {name: value for name, value in case.attrs.items() if name != "groups"}
            inputs = [image, m.values(list(kernel[0].shape[:-1]) + [padded(case.shape[-1])], dtype)]
            yield Case("conv_packed", inputs, attrs, case.shape, dtype)


def direct_conv(m):
    """Lines and images without dilation along a row, as the direct way takes them: filters that end inside of a vector or fill
    several panels, rows that end inside of a tile, now and then more rows than are copied at once."""
    space, large = m.int(1, 2), m.random.random() < 0.1
    cin = m.int(1, 4) if m.int(0, 1) else m.int(5, 40)
    cout = m.int(1, 4) if m.int(0, 2) == 0 else m.int(5, 20) if m.int(0, 1) else m.int(21, 150)
    size, strides = [m.int(1, 5) for _ in range(space)], [m.int(1, 3) for _ in range(space)]
    low, high = [[m.int(0, 3) if m.int(0, 1) else 0 for _ in size] for _ in range(2)]
    dilations = [1] if space == 1 else [m.int(1, 2), 1]
    shape = [k * d + m.int(0, 6) for k, d in zip(size, dilations)]
    if large:
        cin, shape = 40, shape[:-1] + [m.int(150, 900 // space)]
    else:
        shape[-1] += m.int(0, 20)
    out = [(n + l + h - (k - 1) * d - 1) // s + 1 for n, l, h, k, d, s in zip(shape, low, high, size, dilations, strides)]
    batch = m.int(1, 2)
    return Case("conv", [m.values([batch] + shape + [cin], "float32"), m.values(size + [cin, cout], "float32")],
                {"strides": strides, "dilations": dilations, "low": low, "high": high, "groups": 1}, [batch] + out + [cout], "float32")


def depthwise_conv(m):
    """Rows of windows of 3 or 5 columns, as they are computed in tiles, over one edge or both."""
    space, channels = m.int(1, 3), m.int(2, 70)
    size, strides = [m.int(1, 4) for _ in range(space - 1)] + [m.int(1, 2) * 2 + 1], [m.int(1, 2) for _ in range(space)]
    low, high = [[m.int(0, 3) if m.int(0, 2) else 0 for _ in size] for _ in range(2)]
    shape = [max(1, k - l - h) + m.int(0, 3) for k, l, h in zip(size, low, high)]
    shape[-1] += m.int(0, 30)
    out = [(n + l + h - k) // s + 1 for n, l, h, k, s in zip(shape, low, high, size, strides)]
    batch = m.int(1, 2)
    return Case("conv", [m.values([batch] + shape + [channels], "float32"), m.values(size + [1, channels], "float32")],
                {"strides": strides, "dilations": [1] * space, "low": low, "high": high, "groups": channels},
                [batch] + out + [channels], "float32")


def sliding_conv(m):
    """Square windows of each channel by itself, which slide down over strips of columns: images of one row and of many, of one
    strip and of several, over any edges."""
    n, stride, channels = 2 * m.int(1, 3) + 1, m.int(1, 2), m.int(8, 24)
    low, high = [[m.int(0, n // 2) if m.int(0, 2) else 0 for _ in range(2)] for _ in range(2)]
    shape = [max(1, n - l - h) + m.int(0, most) for l, h, most in zip(low, high, (14, 30))]
    out = [(size + l + h - n) // stride + 1 for size, l, h in zip(shape, low, high)]
    batch = m.int(1, 2)
    return Case("conv", [m.values([batch] + shape + [channels], "float32"), m.values([n, n, 1, channels], "float32")],
                {"strides": [stride] * 2, "dilations": [1, 1], "low": low, "high": high, "groups": channels},
                [batch] + out + [channels], "float32")


def grouped_conv(m):
    """Groups of filters that are a part of a vector, some in all; rows of windows over both edges, and none that are inside."""
    space, filters, groups = m.int(1, 3), 2 ** m.int(1, 4), m.int(2, 20)
    channels = m.int(1, filters) if m.int(0, 1) else 1
    size, strides, dilations = [[m.int(1, top) for _ in range(space)] for top in (4, 2, 2)]
    low, high = [[m.int(0, 3) if m.int(0, 2) else 0 for _ in size] for _ in range(2)]
    shape = [max(1, (k - 1) * d + 1 - l - h) + m.int(0, 3) for k, d, l, h in zip(size, dilations, low, high)]
    shape[-1] += m.int(0, 30)
    out = [(n + l + h - (k - 1) * d - 1) // s + 1 for n, l, h, k, d, s in zip(shape, low, high, size, dilations, strides)]
    batch = m.int(1, 2)
    return Case("conv", [m.values([batch] + shape + [groups * channels], "float32"), m.values(size + [channels, groups * filters], "float32")],
                {"strides": strides, "dilations": dilations, "low": low, "high": high, "groups": groups}, [batch] + out + [groups * filters], "float32")


def cases_winograd_filters(m, dtype):
    if dtype == "float32":
        tile, channels, filters = 2 * m.int(1, 2), m.int(16, 40), m.int(16, 150)
        yield Case("winograd_filters", [m.values([3, 3, channels, filters], dtype)], {"tile": tile},
                   [tile + 2, tile + 2, channels, filters + -filters % 16], dtype)


def cases_conv_winograd(m, dtype):
    if dtype == "float32":
        tile, channels, filters = 2 * m.int(1, 2), m.int(16, 320 if m.random.random() < 0.2 else 40), m.int(16, 150)
        low, high, batch = [m.int(0, 2) for _ in range(2)], [m.int(0, 2) for _ in range(2)], m.int(0 if m.random.random() < 0.1 else 1, 2)
        shape = [max(1, 3 - l - h) + m.int(0, 30 if m.random.random() < 0.2 else 6) for l, h in zip(low, high)]
        inputs = [m.values([batch] + shape + [channels], dtype), m.values([tile + 2, tile + 2, channels, filters + -filters % 16], dtype)]
        yield Case("conv_winograd", inputs, {"low": low, "high": high, "tile": tile},
                   [batch] + [n + l + h - 2 for n, l, h in zip(shape, low, high)] + [filters], dtype)


def cases_conv_transpose(m, dtype):
    space = m.int(1, 3)
    size, strides, dilations = [[m.int(1, top) for _ in range(space)] for top in (4, 3, 2)]
    shape = [m.int(1, 5 if space < 3 else 3) for _ in size]
    full = [(n - 1) * s + (k - 1) * d + 1 for n, s, k, d in zip(shape, strides, size, dilations)]
    low = [m.int(0, 2) for _ in size]
    out = [max(1, f - l + m.int(-2, 2)) for f, l in zip(full, low)]
    batch, cin, cout = m.int(1, 2), m.int(1, 20), m.int(1, 20)
    inputs = [m.values([batch] + shape + [cin], dtype), m.values(size + [cout, cin], dtype)]
    yield Case("conv_transpose", inputs, {"strides": strides, "dilations": dilations, "low": low}, [batch] + out + [cout], dtype)
    # Strides that divide the output, as with padding "same": its phases are convolutions.
    space = m.int(1, 2)
    strides = [m.int(1, 3) for _ in range(space)]
    size = [m.int(s, 5) for s in strides]
    shape = [m.int(3, 19) if i == space - 1 else m.int(1, 6) for i in range(space)]
    low = [m.int(0, (k - 1) // 2) for k in size]
    batch, cin, cout = m.int(1, 3), m.int(1, 12), int(m.random.choice([1, 2, 3, 4, 5, 7, 8, 13, 16, 24, 33]))
    inputs = [m.values([batch] + shape + [cin], dtype), m.values(size + [cout, cin], dtype)]
    yield Case("conv_transpose", inputs, {"strides": strides, "dilations": [1] * space, "low": low},
               [batch] + [n * s for n, s in zip(shape, strides)] + [cout], dtype)


def pool(name, m, dtype):
    space = m.int(1, 3)
    shape = [m.int(1, 7 if space < 3 else 4) for _ in range(space)]
    size, strides = [[m.int(1, 3) for _ in shape] for _ in range(2)]
    low = [m.int(0, k) for k in size]
    out = [m.int(1, (n + l) // s + 1) for n, l, s in zip(shape, low, strides)]
    batch, channels = m.int(0 if m.random.random() < 0.1 else 1, 2), m.int(1, 9) if m.int(0, 1) else m.int(10, 150)
    x = m.values([batch] + shape + [channels], dtype, 0.02)
    yield Case(name, [x], {"size": size, "strides": strides, "low": low}, [batch] + out + [channels], dtype)


def cases_max_pool(m, dtype):
    yield from pool("max_pool", m, dtype)


def cases_average_pool(m, dtype):
    yield from pool("average_pool", m, dtype)


def reduction(name, m, dtype):
    shape = m.shape(0, 5, 6)
    if m.random.random() < 0.2:
        shape = [m.int(1, 3), m.int(1, 300), m.int(1, 300)]
    axes = [m.int(0, 1) for _ in shape]
    x = m.values(shape, dtype, 0.01 if m.int(0, 3) == 0 else 0)
    yield Case(name, [x], {"axes": axes}, [1 if a else n for a, n in zip(axes, shape)], "bool" if name in ("any", "all") else dtype)


def along(name, m, dtype, special=0.0, attrs=None, out=None, zero=0.1, in_place=False):
    shape = m.shape(1, 4, 7, zero)
    if m.random.random() < 0.3:
        shape = [m.int(1, 3), m.int(1, 400), m.int(1, 3)] if m.int(0, 1) else [m.int(1, 3), m.int(1, 9), m.int(100, 200)]
    axis = m.int(0, len(shape) - 1)
    result = [1 if i == axis else n for i, n in enumerate(shape)] if name in ("argmax", "argmin") else shape
    yield Case(name, [m.values(shape, dtype, special)], {"axis": axis} | (attrs or {}), result, out or dtype,
               in_place=in_place and m.int(0, 1) == 1)


def cases_argmax(m, dtype):
    yield from along("argmax", m, dtype, 0.1, out="int64", zero=0)
    yield Case("argmax", [m.values([2, 0], dtype)], {"axis": 1}, [2, 1], "int64", BAD_INPUT, "of an axis of size 0")


def cases_argmin(m, dtype):
    yield from along("argmin", m, dtype, 0.1, out="int64", zero=0)
    yield Case("argmin", [m.values([2, 0], dtype)], {"axis": 1}, [2, 1], "int64", BAD_INPUT, "of an axis of size 0")


def cases_cumsum(m, dtype):
    yield from along("cumsum", m, dtype, in_place=True)


def cases_cumprod(m, dtype):
    yield from along("cumprod", m, dtype, in_place=True)


def cases_sort(m, dtype):
    yield from along("sort", m, dtype, 0.1, in_place=True)


def cases_argsort(m, dtype):
    yield from along("argsort", m, dtype, 0.3, {"descending": m.int(0, 1)}, "int64")
    n = m.int(1, 3000)
    pattern = [np.arange(n), -np.arange(n), np.arange(n) % 7, np.zeros(n), np.minimum(np.arange(n), n - np.arange(n))][m.int(0, 4)]
    yield Case("argsort", [(pattern.astype(NUMPY[dtype]), dtype)], {"axis": 0, "descending": m.int(0, 1)}, [n], "int64")


def cases_softmax(m, dtype):
    yield from along("softmax", m, dtype, 0.01 if m.int(0, 3) == 0 else 0, in_place=True)
    yield Case("softmax", [(np.array([800, -800, 790, -np.inf]).astype(NUMPY[dtype]), dtype)], {"axis": 0}, [4], dtype)


def cases_log_softmax(m, dtype):
    yield from along("log_softmax", m, dtype, 0.01 if m.int(0, 3) == 0 else 0, in_place=True)
    yield Case("log_softmax", [(np.array([800, -800, 790, -np.inf]).astype(NUMPY[dtype]), dtype)], {"axis": 0}, [4], dtype)


def cases_random_uniform(m, dtype):
    yield Case("random_uniform", [], {"key": int(m.random.integers(0, 1 << 63)), "site": 0}, m.shape(0, 3), dtype)


def cases_random_normal(m, dtype):
    yield Case("random_normal", [], {"key": int(m.random.integers(0, 1 << 63)), "site": 0}, m.shape(0, 3), dtype)


def cases_scatter_update(m, dtype):
    shape = m.shape(1, 4, 5, 0)
    k, count, reduction = m.int(0, len(shape)), m.int(0, 9), m.int(0, 4)
    index = np.array([[m.int(-n, n - 1) for n in shape[:k]] for _ in range(count)], np.int64).reshape(count, k)
    inputs = [m.values(shape, dtype, 0.05), (index, "int64"), m.values([count] + shape[k:], dtype, 0.05)]
    yield Case("scatter_update", inputs, {"reduction": reduction}, shape, dtype)
    if index.size:
        bad = index.copy()
        bad.flat[0] = shape[0]
        yield Case("scatter_update", [inputs[0], (bad, "int64"), inputs[2]], {"reduction": reduction}, shape, dtype, BAD_INPUT,
                   f"index {shape[0]} is out of range for an axis of size {shape[0]}")


def cases_view(m, dtype):
    if dtype in ("bool", "bfloat16"):
        return
    to = ["float32", "float64", "float16", "int8", "uint8", "int16", "int32", "int64"][m.int(0, 7)]
    old, new = np.dtype(NUMPY[dtype]).itemsize, np.dtype(NUMPY[to]).itemsize
    shape = m.shape(0, 3, 4) + [m.int(0, 3) * max(1, new // old)]
    yield Case("view", [m.values(shape, dtype)], {}, shape[:-1] + [shape[-1] * old // new], to)


def cases_searchsorted(m, dtype):
    n = m.int(0, 40)
    values, _ = m.values(m.shape(0, 3), dtype, 0.2)
    edges, _ = m.values([n], dtype, 0.2)
    if n and values.size:
        values = np.where(m.random.random(values.shape) < 0.5, m.random.choice(edges, values.shape), values)
    yield Case("searchsorted", [(np.sort(edges), dtype), (values, dtype)], {"right": m.int(0, 1)}, values.shape, "int64")


def cases_dft(m, dtype):
    n = m.int(1, 40) if m.int(0, 1) else [64, 97, 120, 128, 210, 509][m.int(0, 5)]
    angle = 2 * np.pi * np.arange(n, dtype=np.longdouble) / n
    turns = np.stack([np.cos(angle), np.sin(angle) * (1 if m.int(0, 1) else -1)], -1).astype(NUMPY[dtype])
    shape = m.shape(0, 2, 3) + [n, 2]
    yield Case("dft", [m.values(shape, dtype), (turns, dtype)], {}, shape, dtype)


def matrices(m, dtype, square=True, spread=0):
    """A batch of matrices; with a spread their columns have sizes from 10**-spread to 1."""
    rows = m.int(0 if m.random.random() < 0.1 else 1, 9)
    columns = rows if square else m.int(1, 9)
    x, _ = m.values(m.shape(0, 2, 3) + [rows, columns], dtype)
    return x * 10.0 ** m.random.uniform(-spread, 0, columns)


def cases_cholesky_lower(m, dtype):
    if dtype == "float64":
        x = matrices(m, dtype)
        x = x @ np.swapaxes(x, -1, -2) + 0.1 * np.eye(x.shape[-1])
        junk = np.triu(np.ones(x.shape), 1) * 7  # is not read
        yield Case("cholesky_lower", [(x + junk, dtype)], {}, x.shape, dtype)
        if x.size:
            yield Case("cholesky_lower", [(-x, dtype)], {}, x.shape, dtype, BAD_INPUT, "matrix 0 is not positive definite")


def cases_lu_packed(m, dtype):
    if dtype == "float64":
        x = matrices(m, dtype)
        if x.size and m.int(0, 3) == 0:
            x[..., m.int(0, x.shape[-1] - 1)] = 0  # singular
        yield Case("lu_packed", [(x, dtype)], {}, [*x.shape[:-1], x.shape[-1] + 1], dtype)


def cases_triangular_solve(m, dtype):
    if dtype == "float64":
        x = matrices(m, dtype) + 4 * np.eye(1)
        b, _ = m.values([*x.shape[:-1], m.int(0, 4)], dtype)
        lower, unit = m.int(0, 1), m.int(0, 1)
        x = x / x.shape[-1] if x.shape[-1] else x
        yield Case("triangular_solve", [(x, dtype), (b, dtype)], {"lower": lower, "unit": unit}, b.shape, dtype)
        if x.size:
            yield Case("triangular_solve", [(x * 0, dtype), (b, dtype)], {"lower": lower, "unit": 0}, b.shape, dtype, BAD_INPUT, "matrix 0 is singular")


def cases_qr_packed(m, dtype):
    if dtype == "float64":
        x = matrices(m, dtype, square=False)
        rows, columns = x.shape[-2:]
        yield Case("qr_packed", [(x, dtype)], {}, [*x.shape[:-1], (rows if m.int(0, 1) else min(rows, columns)) + columns], dtype)


def cases_svd_rows(m, dtype):
    if dtype == "float64":
        x = matrices(m, dtype, square=False, spread=12 if m.int(0, 1) else 0)
        x = x if x.shape[-2] >= x.shape[-1] else np.ascontiguousarray(np.swapaxes(x, -1, -2))
        rows, columns = x.shape[-2:]
        if columns > 1 and m.int(0, 2) == 0:
            x[..., 0] = x[..., -1] * 2  # a rank less
        x = x * [1.0, 1e300, 1e-300, 0.0][m.int(0, 3)]
        yield Case("svd_rows", [(x, dtype)], {}, [*x.shape[:-2], columns, rows + columns], dtype)


def cases_eigh_rows(m, dtype):
    if dtype == "float64":
        x = matrices(m, dtype)
        if m.int(0, 2) == 0:
            x = np.round(x)  # equal eigenvalues, zeros
        x = x * [1.0, 1e300, 1e-300, 0.0][m.int(0, 3)]
        yield Case("eigh_rows", [(x, dtype)], {}, [*x.shape[:-1], 2 * x.shape[-1]], dtype)


def maker_of(name):
    if name in ("sum", "prod", "mean", "max", "min", "any", "all"):
        return lambda m, dtype: reduction(name, m, dtype)
    return globals().get("cases_" + name)


# ---- what may differ ----


def magnitude(case, inputs):
    """The twin on absolute values: what the rounding errors of a sum are measured by."""
    return getattr(twins, case.name)([np.abs(x) for x in inputs], case.attrs, case)


def sums(k, case, inputs, u):
    return (8 + 2 * np.sqrt(k)) * u * magnitude(case, inputs)


def winograd(k, case, inputs, u):
    """Sums of transformed values, whose transforms add, too."""
    twin = vars(twins)[case.name]
    return (8 + 2 * np.sqrt(k)) * u * twin([np.abs(x) for x in inputs], case.attrs, np.zeros(case.shape), True)


def attended(case, inputs, u):
    """Errors of scores are relative ones of weights; what the weights multiply adds up."""
    q, k, v = twins.heads_outside(inputs, case.attrs)
    scores, weights = twins.attention_weights(inputs, case.attrs)
    with np.errstate(all="ignore"):
        errors = (10 + 2 * np.sqrt(q.shape[-1])) * case.attrs["scale"] * (np.abs(q) @ np.abs(np.swapaxes(k, -1, -2)))
        if len(inputs) > 3 and inputs[3].dtype != bool:
            errors = errors + np.abs(inputs[3])
        far = np.where(weights > 1e-38, np.abs(scores - np.max(scores, -1, keepdims=True, initial=-np.inf)), 0)
        relative = 12 + 2 * np.sqrt(k.shape[-2]) + 2 * np.max(errors + far, -1, keepdims=True, initial=0)
        bound = u * relative * (weights @ np.abs(v))
    return np.swapaxes(bound, -2, -3) if case.attrs["result"] else bound


def reduced(case):
    return np.prod([n for n, a in zip(case.inputs[0][0].shape, case.attrs["axes"]) if a])


def length(case):
    return case.inputs[0][0].shape[case.attrs["axis"]]


def shifted(case, inputs):
    """|x - max|: its rounding is an absolute error before exp."""
    if inputs[0].size == 0:
        return inputs[0]
    return np.nan_to_num(np.abs(inputs[0] - np.max(inputs[0], case.attrs["axis"], keepdims=True)), posinf=0)


# case, wide inputs, expected, u -> the largest allowed distance. float32 accumulates sums in double (2**-53).
BOUNDS = {
    "matmul": lambda c, x, y, u: sums(x[0].shape[-2 if c.attrs["transpose_a"] else -1], c, x, u),
    "conv": lambda c, x, y, u: sums(np.prod(x[1].shape[:-1]), c, x, u),
    "matmul_packed": lambda c, x, y, u: sums(x[0].shape[-1], c, x, u),
    "attention": lambda c, x, y, u: attended(c, x, u),
    "conv_packed": lambda c, x, y, u: sums(np.prod(x[1].shape[:-1]), c, x, u),
    "winograd_filters": lambda c, x, y, u: winograd(9, c, x, u),
    "conv_winograd": lambda c, x, y, u: winograd(x[0].shape[-1], c, x, u),
    "conv_transpose": lambda c, x, y, u: sums(x[1].size / x[1].shape[-2], c, x, u),
    "average_pool": lambda c, x, y, u: sums(np.prod(c.attrs["size"]), c, x, u),
    "sum": lambda c, x, y, u: u * np.abs(y) + sums(reduced(c), c, x, 2.0**-53),
    "mean": lambda c, x, y, u: 2 * u * np.abs(y) + sums(reduced(c), c, x, 2.0**-53),
    "prod": lambda c, x, y, u: u * np.abs(y) + (4 + reduced(c)) * 2.0**-53 * np.abs(y),
    "cumsum": lambda c, x, y, u: u * np.abs(y) + sums(length(c), c, x, 2.0**-53),
    "cumprod": lambda c, x, y, u: u * np.abs(y) + (4 + length(c)) * 2.0**-53 * np.abs(y),
    "softmax": lambda c, x, y, u: u * y * (6 + shifted(c, x)) + 2 * np.sqrt(length(c)) * 2.0**-53 * y,
    "log_softmax": lambda c, x, y, u: u * (4 + np.abs(y) + 2 * shifted(c, x)) + 2 * np.sqrt(length(c)) * 2.0**-53,
    "random_normal": lambda c, x, y, u: u * np.abs(y) + 16 * 2.0**-53 * np.abs(y),
    "scatter_update": lambda c, x, y, u: (2 + len(x[2])) * u * twins.scatter_update([np.abs(x[0]), x[1], np.abs(x[2])], c.attrs, c),
    "dft": lambda c, x, y, u: (8 + 4 * np.log2(c.shape[-2] + 1) + largest_prime(c.shape[-2])) * u * np.sqrt(c.shape[-2] * np.sum(x[0] ** 2, (-2, -1), keepdims=True)),
    "cholesky_lower": lambda c, x, y, u: 1e-12 * np.max(np.abs(y), initial=0),
    "lu_packed": lambda c, x, y, u: 1e-9 * np.max(np.abs(y), initial=0),
    "triangular_solve": lambda c, x, y, u: 1e-9 * np.max(np.abs(y), initial=0),
    "qr_packed": lambda c, x, y, u: 1e-9 * np.max(np.abs(y), initial=0),
}


def largest_prime(n):
    return max([f for f in range(1, n + 1) if n % f == 0 and all(f % d for d in range(2, f))], default=1)


# ---- results that are not unique ----


def relative(difference, scale):
    """The largest element, against that of `scale`; 0 / 0 is 0."""
    return float(np.max(np.abs(difference), initial=0)) / max(float(np.max(np.abs(scale), initial=0)), 1e-320)


def check_svd_rows(got, x):
    """Reconstruction, perpendicular rows, order, and NumPy's singular values to a part in 1e13 of the largest."""
    m, n = x.shape[-2:]
    w, v = got[..., :m], got[..., m:]
    scale = 2.0 ** np.floor(np.log2(np.max(np.abs(x), initial=0) or 1))  # squares overflow without
    w, x = w / scale, x / scale
    s = np.sqrt(np.sum(w * w, -1))
    normal = np.where((s * scale < 1e-307)[..., np.newaxis], 0, w)  # denormal numbers have no directions
    gram, unit = normal @ np.swapaxes(normal, -1, -2), np.eye(n)
    return {"reconstruction": relative(np.swapaxes(w, -1, -2) @ v - x, x) / 1e-13, "v": relative(v @ np.swapaxes(v, -1, -2) - unit, unit) / 1e-13,
            "w": relative(gram * (1 - unit) / np.maximum(s[..., np.newaxis] * s[..., np.newaxis, :], 1e-250), 1) / 1e-12,
            "order": np.max(np.diff(s, axis=-1), initial=0) / 1e-13, "values": relative(s - np.linalg.svd(x, compute_uv=False), x) / 1e-13}


def check_eigh_rows(got, x):
    n = x.shape[-1]
    e, v = got[..., :n], got[..., n:]
    scale = 2.0 ** np.floor(np.log2(np.max(np.abs(np.tril(x)), initial=0) or 1))
    e, x = e / scale, x / scale
    symmetric, unit = np.tril(x) + np.swapaxes(np.tril(x, -1), -1, -2), np.eye(n)
    values = np.diagonal(e, axis1=-2, axis2=-1)
    return {"reconstruction": relative(np.swapaxes(v, -1, -2) @ e @ v - symmetric, symmetric) / 1e-13, "v": relative(v @ np.swapaxes(v, -1, -2) - unit, unit) / 1e-13,
            "beside the diagonal": np.max(np.abs(e * (1 - unit)), initial=0) / 1e-300, "order": np.max(-np.diff(values, axis=-1), initial=0) / 1e-300,
            "values": relative(values - np.linalg.eigvalsh(symmetric), symmetric) / 1e-13}


CHECKS = {"svd_rows": check_svd_rows, "eigh_rows": check_eigh_rows}


# ---- the driver's records ----


def tensor(array, dtype):
    array = np.ascontiguousarray(array, NUMPY[dtype]).reshape(np.shape(array))
    return struct.pack(f"<II{array.ndim}q", DTYPES.index(dtype), array.ndim, *array.shape) + array.tobytes()


def attributes(row, attrs):
    data = b""
    for kind, name in row.attrs:
        value = attrs[name]
        data += struct.pack("<d", value) if kind == "REAL" else struct.pack("<q", value) if kind == "INT" else struct.pack(f"<q{len(value)}q", len(value), *value)
    return data


def record(row, case):
    return (struct.pack("<I32sQ", 0, case.name.encode(), case.attrs.get("key", 0)) + attributes(row, case.attrs) +
            struct.pack("<I", len(case.inputs)) + b"".join(tensor(*i) for i in case.inputs) +
            struct.pack(f"<III{len(case.shape)}q", case.in_place, DTYPES.index(case.dtype), len(case.shape), *case.shape))


def run(driver, records):
    """The answers, as (status, bytes)."""
    done = subprocess.run(driver, input=b"".join(records), stdout=subprocess.PIPE)
    answers, at = [], 0
    while at + 8 <= len(done.stdout):
        status, size = struct.unpack_from("<II", done.stdout, at)
        answers.append((status, done.stdout[at + 8:at + 8 + size]))
        at += 8 + size
    if done.returncode != 0 or len(answers) != len(records):
        sys.exit(f"{driver[-1]} ended with {done.returncode} in record {len(answers)} of {len(records)}")
    return answers


# ---- kernels ----


def differs(got, expected, bound):
    """Where they differ, and by how much of what is allowed."""
    with np.errstate(all="ignore"):
        same = (got == expected) | ((got != got) & (expected != expected))
        ratio = np.abs(got - expected) / bound
    return ~same & ~(ratio <= 1), np.where(same, 0, ratio)


def judge(case, status, data):
    """(None or what is wrong, share of the bound that was used)"""
    if status != case.status:
        return f"status {status}: {data.decode(errors='replace') if status else ''}", 0
    if case.status:
        return (None if case.message in data.decode() else f"message: {data.decode()}"), 0
    got = np.frombuffer(data, NUMPY[case.dtype]).reshape(case.shape)
    if case.name in CHECKS:
        used = CHECKS[case.name](got, case.inputs[0][0]) if got.size else {"": 0}
        worst = max(used, key=used.get)
        return (None if used[worst] <= 1 else f"{worst}: {used[worst]:.3g} of what is allowed"), used[worst]
    if case.name == "view":
        return (None if data == case.inputs[0][0].tobytes() else "differs"), 0
    inputs = [wide(*i) for i in case.inputs]
    expected = getattr(twins, case.name)(inputs, case.attrs, case)
    if expected.shape != case.shape:
        return f"the twin gives {expected.shape}", 0
    if case.dtype not in WIDE:
        return (None if np.array_equal(got, expected.astype(got.dtype)) else "differs"), 0
    u = UNIT[case.dtype]
    if case.name in BOUNDS:
        with np.errstate(all="ignore"):
            bound = np.asarray(BOUNDS[case.name](case, inputs, expected, u)) + np.finfo(NUMPY[case.dtype]).smallest_subnormal
    else:
        expected, bound = expected.astype(NUMPY[case.dtype]).astype(WIDE[case.dtype]), 0.0
    wrong, ratio = differs(got.astype(WIDE[case.dtype]), expected, bound)
    if not wrong.any():
        return None, float(np.max(ratio, initial=0))
    at = np.unravel_index(np.argmax(wrong), wrong.shape)
    return f"{np.count_nonzero(wrong)} of {wrong.size} differ; at {list(map(int, at))}: {got[at]!r}, not {expected[at]!r}", 0


def kernels(driver, rows, repeats):
    failures, cases = [], []
    for row in rows:
        maker = maker_of(row.name)
        if maker is None:
            failures.append(f"{row.name}: no cases")
            continue
        m = Maker(row.name)
        for _ in range(repeats if row.dtypes != "ANY" else repeats // 3):
            for dtype in CLASSES[row.dtypes]:
                cases += [(row, case) for case in maker(m, dtype)]
        if row.name not in ("arange", "range_dim", "view") and not row.name.startswith("random"):  # a dtype that isn't the row's
            odd = "int16" if row.dtypes != "ANY" else "float32"
            for case in maker(m, CLASSES[row.dtypes][0] if row.dtypes != "ANY" else "int8"):
                inputs = [(np.zeros(case.inputs[0][0].shape, NUMPY[odd]), odd)] + case.inputs[1:]
                cases.append((row, Case(row.name, inputs, case.attrs, case.shape, case.dtype, USAGE, row.name)))
    worst = {}
    for (row, case), (status, data) in zip(cases, run(driver, [record(*c) for c in cases])):
        wrong, used = judge(case, status, data)
        worst[row.name] = max(worst.get(row.name, 0), used)
        if wrong:
            failures.append(f"{case}: {wrong}")
    return len(cases), worst, failures


# ---- inline functions ----

# Allowed distance in units in the last place of the result, for float32 and float64; 0 (not listed) is identity.
ULPS = {}


def read_ulps(path):
    with open(path, encoding="utf-8") as file:
        for name, single, double in re.findall(r"^ULPS\((\w+), +\w+, +([\d.]+), +([\d.]+),", file.read(), re.M):
            ULPS[name] = {"float32": float(single), "float64": float(double)}


SHORT = {"f": "float32", "d": "float64", "f16": "float16", "bf16": "bfloat16", "i8": "int8", "u8": "uint8", "i16": "int16",
         "i32": "int32", "i": "int64", "i64": "int64", "b": "bool"}
FRACTION = {"float32": (23, -126), "float64": (52, -1022)}


def float_edges(dtype, count, m):
    info = np.finfo(NUMPY[dtype])
    values = [0.0, 1.0, 0.5, 1.5, 2.5, 3.0, 0.1, 1e-3, 1e-10, 1e-20, 10.0, 17.3, 20.0, 40.0, 87.0, 88.5, 103.0, 104.0, 709.0, 745.0, 1e4, 1e10,
              1e30, 2.0**23, 2.0**24 - 1, 2.0**31, 2.0**53, 2.0**62, 2.0**63, 2.0**64, 127.0, 127.5, 128.0, 254.9, 255.0, 32767.0, 32768.0, 65504.0,
              65519.0, 65520.0, 65536.0, 2.0**-14, 2.0**-24, 2.0**-25, 2.0**-25 * 1.5, 3.39e38, np.pi, np.pi / 2, np.pi / 4, np.nextafter(1, 0), np.nextafter(1, 2),
              info.max, info.tiny, info.smallest_subnormal, info.tiny / 3, np.inf]
    values += list(m.random.normal(size=count)) + list(m.random.uniform(0, 1, count // 2)) + list(np.exp(m.random.uniform(-80, 80, count)))
    with np.errstate(all="ignore"):
        x = np.array(values).astype(NUMPY[dtype])
    return np.concatenate([x, -x, np.array([np.nan], x.dtype)])


def int_edges(count, m):
    info = np.iinfo("i8")
    values = [0, 1, 2, 3, 7, 62, 63, 64, 65, 127, 128, 129, 255, 256, 32767, 32768, 65504, 65519, 65520, 65535, 65536, 2**24 + 1, 2**31 - 1, 2**31,
              2**32 - 1, 2**32, 2**53 + 1, 2**60 + 1, 2**62, info.max, info.max - 1]
    values += [-v for v in values] + [info.min, info.min + 1] + [int(v) for v in m.random.integers(info.min, info.max, count)]
    return np.array(values, np.int64)


def products(arrays):
    return [g.ravel() for g in np.meshgrid(*arrays, indexing="ij")]


def ulp(expected, dtype):
    fraction, emin = FRACTION[dtype]
    _, exponent = np.frexp(np.where(np.isfinite(expected) & (expected != 0), expected, 1))
    return np.ldexp(np.longdouble(1), np.where(expected == 0, emin, np.maximum(exponent - 1, emin)) - fraction)


def distance(got, expected, dtype):
    """In units in the last place; NaN equals NaN. A result beyond the largest number may be it or infinity."""
    got, expected = got.astype(np.longdouble), np.asarray(expected, np.longdouble)
    largest = np.longdouble(np.finfo(NUMPY[dtype]).max)
    with np.errstate(all="ignore"):
        clamp = lambda v: np.where(np.abs(v) > largest, np.copysign(largest, v), v)
        d = np.abs(clamp(got) - clamp(expected)) / ulp(clamp(expected), dtype)
    d = np.where(np.isnan(got) | np.isnan(expected), np.where(np.isnan(got) & np.isnan(expected), 0, np.inf), d)
    return np.where((np.isinf(got) != np.isinf(expected)) & (np.abs(expected) < largest * (1 - 2.0**-20)), np.inf, d)


def inline_cases(rows):
    """(row, function, inputs, dtype of the result)"""
    for row in rows:
        m = Maker(row.name)
        kinds = {"FLOAT": "fd", "NUMBER": "fdi", "INTEGER": "i", "ANY": "fdi"}[row.dtypes]
        if row.cls == "CAST":
            for kind in "fdi":
                x = int_edges(3000, m) if kind == "i" else float_edges(SHORT[kind], 4000, m)
                for to in "f d f16 bf16 i8 u8 i16 i32 i64 b".split():
                    yield row, f"{kind}_to_{to}", [(x, SHORT[kind])], SHORT[to]
            for kind in ("f16", "bf16"):
                yield row, f"{kind}_to_f", [(np.arange(1 << 16).astype("u2"), SHORT[kind])], "float32"
            continue
        for kind in kinds:
            dtype = SHORT[kind]
            edges = lambda n: int_edges(n, m) if kind == "i" else float_edges(dtype, n, m)
            boolean = row.cls == "COMPARE" or row.name in ("isnan", "isinf", "isfinite", "logical_not", "signbit")
            if row.cls == "UNARY":
                inputs = [(edges(3000), dtype)]
            elif row.cls == "SELECT":
                inputs = list(zip(products([np.array([0, 1], "u1"), edges(2)[:20], edges(2)[-20:]]), ["uint8", dtype, dtype]))
            else:
                inputs = list(zip(products([edges(40), edges(40)]), [dtype, dtype]))
            yield row, f"{row.name}_{kind}", inputs, "bool" if boolean else dtype
        if row.name == "bitwise_not":
            yield row, "bitwise_not_b", [(np.array([0, 1], "u1"), "bool")], "bool"


BFLOAT = lambda bits: (bits.astype("u4") << 16).view("f4")


def judge_inline(row, function, inputs, dtype, data):
    raw = np.frombuffer(data, NUMPY[dtype])
    # cast reads 16-bit floats; NaN there has many bits
    values = [BFLOAT(a) if d == "bfloat16" else a.view("f2") if d == "float16" else a for a, d in inputs]
    x = [v.astype(np.longdouble if d == "float64" else np.float64) if d in twins.FLOATS else twins.load(v, d) for v, (_, d) in zip(values, inputs)]
    if row.cls == "SELECT":
        x[0] = x[0] != 0
    expected = getattr(twins, row.name)(x, {}, SimpleNamespace(shape=raw.shape, dtype=dtype))
    if row.cls == "CAST" and dtype in twins.FLOATS:
        exact = values[0].astype(np.longdouble)
        expected = twins.round_float(exact, dtype)
        got = BFLOAT(raw) if dtype == "bfloat16" else raw.view("f2") if dtype == "float16" else raw
        wrong = ~((got == expected) & (np.signbit(got) == np.signbit(expected)) | np.isnan(got) & np.isnan(expected))
        used = 0
    elif dtype in FRACTION:
        got, allowed = raw, ULPS.get(row.name, {}).get(dtype, 0)
        d = distance(raw, expected, dtype)
        if row.name == "logaddexp":  # what max + log1p(exp(-distance)) loses where the sum is small, or the distance large
            with np.errstate(all="ignore"):
                far = np.abs(x[0] - x[1])
                lost = ulp(np.maximum(x[0], x[1]), dtype) + 2 * far * np.exp(-far) * UNIT[dtype]
            d = np.where(np.isfinite(d) & np.isfinite(lost), d / (1 + lost / ulp(expected, dtype)), d)
        if row.name in ("floor_divide", "mod", "fmod", "nextafter"):  # NumPy's rules, in the same precision
            expected = getattr(twins, row.name)(values, {}, SimpleNamespace(shape=raw.shape, dtype=dtype))
            d = distance(raw, expected, dtype)
        wrong, used = d > allowed, float(np.max(d, initial=0))
    else:
        got = raw
        wrong, used = got != expected.astype(NUMPY[dtype]), 0
    if not wrong.any():
        return None, used
    i = int(np.argmax(wrong))
    return f"{np.count_nonzero(wrong)} of {wrong.size} wrong; of {[v[i] for v in values]}: {got[i]!r}, not {expected[i]!r}", used


def inlines(driver, rows):
    failures, worst = [], {}
    np.seterr(all="ignore")
    cases = list(inline_cases(rows))
    records = [struct.pack("<I32sI", 1, f.encode(), len(i)) + b"".join(tensor(*t) for t in i) for _, f, i, _ in cases]
    for (row, function, inputs, dtype), (_, data) in zip(cases, run(driver, records)):
        wrong, used = judge_inline(row, function, inputs, dtype, data)
        worst[function] = used
        if wrong:
            failures.append(f"{function}: {wrong}")
    return len(cases), worst, failures


def main():
    args = sys.argv[1:]
    emulator = [args.pop(0), args.pop(0)][1:] if args[0] == "--emulator" else []
    driver, table, *names = args
    driver = emulator + [driver]
    rows = [r for r in catalogue.read(table) if not names or r.name in names]
    read_ulps(os.path.join(os.path.dirname(table), "ulps.def"))
    missing = [r.name for r in rows if r.cls != "COMPOSED" and not callable(vars(twins).get(r.name))]
    failures = [f"{name}: no twin" for name in missing]
    rows = [r for r in rows if r.name not in missing]
    kernel_count, kernel_worst, wrong = kernels(driver, [r for r in rows if r.cls == "KERNEL"], 60)
    failures += wrong
    inline_count, inline_worst, wrong = inlines(driver, [r for r in rows if r.cls in ("UNARY", "BINARY", "COMPARE", "SELECT", "CAST")])
    failures += wrong
    for name, used in sorted(kernel_worst.items()):
        if used:
            print(f"{name:20} {used:6.2f} of its bound")
    for name, used in sorted(inline_worst.items()):
        if used > 0:
            print(f"{name:20} {used:6.2f} ulp")
    for failure in failures[:40]:
        print("FAIL", failure)
    print(f"{kernel_count} kernel cases, {inline_count} inline functions, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
