#!/usr/bin/env python3
"""Functions where numbers end: NaN, infinities, zeros with a sign, denormal numbers, huge logits, nothing at all, integers that wrap.

    edges.py MDLC

A row is an expression of MDL and what NumPy gives for the same inputs, in float64 and rounded once; integers as NumPy has them.
Each element is compared by itself: a NaN is a NaN, an infinity and a zero keep their sign, the rest is off by 1e-5 of itself at most.
Needs Python 3.9 and NumPy 1.20, nothing else.
"""
import math
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np

NAN, INF, TINY = np.nan, np.inf, np.finfo(np.float32).smallest_subnormal
INPUTS = {
    "e": np.array([NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 3e38, -3e38, 1e-40, -1e-45, 0.5], np.float32),
    "f": np.array([1.0, INF, INF, -0.0, 2.0, NAN, -INF, 3e38, 3e38, 1e-40, 2.0, 0.0], np.float32),
    "d": np.array([1e-40, 3e-42, 1e-45, -1e-39, 1.1754942e-38], np.float32),
    "i": np.array([2147483647, -2147483648, 0, -1, 7, 1073741824], np.int32),
    "j": np.array([1, -1, 5, -2147483648, 2, 3], np.int32),
    "k": np.array([9223372036854775807, -9223372036854775808, -1], np.int64),
    "s": np.array([127, -128, -1, 64], np.int8), "u": np.array([255, 0, 1, 128], np.uint8),
    "logits": np.array([[1e4, -1e4, 0, 1], [3e38, -3e38, 0, 1], [-INF, 0, 1, -INF], [-1e30, -1e30, -1e30, -1e30], [88, -104, 89, -90]], np.float32),
    "holes": np.array([[NAN, 1, 2], [NAN, NAN, NAN], [INF, -1, 3], [-INF, INF, 0]], np.float32),
    "none4": np.zeros((0, 4), np.float32), "wide0": np.zeros((2, 0), np.float32), "ints0": np.zeros(0, np.int32), "x": np.array([[1, 2, 3, 4], [5, 6, 7, 8]], np.float32),
    "halves": np.array([65504, -65504, 6e-8, INF, NAN, 1, 300], np.float16),
}
# Floats are computed in float64.
E, F, D, LOGITS, HOLES, X = (INPUTS[n].astype(np.float64) for n in ("e", "f", "d", "logits", "holes", "x"))
I, J, K, S, U = (INPUTS[n] for n in "ijksu")
NONE4, WIDE0 = INPUTS["none4"].astype(np.float64), INPUTS["wide0"].astype(np.float64)
H = INPUTS["halves"]


def softmax(a):
    t = np.exp(a - a.max(-1, keepdims=True))
    return t / t.sum(-1, keepdims=True)


def log_softmax(a):
    t = a - a.max(-1, keepdims=True)
    return t - np.log(np.exp(t).sum(-1, keepdims=True))


def erf(a):
    return np.vectorize(math.erf)(a)


def sigmoid(a):
    return np.where(a >= 0, 1 / (1 + np.exp(-np.abs(a))), np.exp(-np.abs(a)) / (1 + np.exp(-np.abs(a))))


def softplus(a):
    return np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))


ELEMENTS = [(f"{n}(e)", lambda n=n: getattr(np, n)(E)) for n in """abs sqrt square exp expm1 log log1p log2 log10 sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh
    arccosh arctanh floor ceil trunc sign negative reciprocal isnan isinf isfinite signbit logical_not cbrt exp2 deg2rad isposinf
    isneginf""".split()]
PAIRS = [(f"{n}(e, f)", lambda n=n: getattr(np, n)(E, F)) for n in """add subtract multiply divide maximum minimum power mod floor_divide fmod
    fmax fmin arctan2 hypot logaddexp logaddexp2 equal not_equal less less_equal greater greater_equal logical_and
    logical_or logical_xor isclose""".split()]
OTHERS = [
    ("sinc(d)", lambda: np.sinc(D)), ("heaviside(e[1:], f[1:])", lambda: np.heaviside(E[1:], F[1:])), ("hypot(e * 1e30, f)", lambda: np.hypot(E * np.float64(np.float32(1e30)), F)),
    ("round(e)", lambda: np.round(E)), ("clip(e, -2, 2)", lambda: np.clip(E, -2, 2)), ("where(e > 0, e, f)", lambda: np.where(E > 0, E, F)),
    ("nan_to_num(e)", lambda: np.nan_to_num(E, posinf=np.finfo(np.float32).max, neginf=np.finfo(np.float32).min)), ("nextafter(e, f)", lambda: np.nextafter(INPUTS["e"], INPUTS["f"])),
    ("isclose(e, f, equal_nan=true)", lambda: np.isclose(E, F, equal_nan=True)), ("squared_difference(e, f)", lambda: (E - F) ** 2),
    # denormal numbers stay numbers
    ("d + d", lambda: D + D), ("2 * d", lambda: 2 * D), ("d * 0.5", lambda: D * 0.5), ("d / 3", lambda: D / 3), ("sqrt(abs(d))", lambda: np.sqrt(np.abs(D))), ("log(abs(d))", lambda: np.log(np.abs(D))),
    ("d == 0", lambda: D == 0), ("sign(d)", lambda: np.sign(D)), ("d > 0", lambda: D > 0), ("max(d)", lambda: D.max()), ("sum(d)", lambda: D.sum()), ("sort(d)", lambda: np.sort(D)),
    ("relu(d)", lambda: np.maximum(D, 0)), ("expm1(d)", lambda: np.expm1(D)), ("log1p(d)", lambda: np.log1p(D)), ("sin(d)", lambda: np.sin(D)), ("tanh(d)", lambda: np.tanh(D)), ("sinh(d)", lambda: np.sinh(D)),
    ("cast(d, 'float64')", lambda: D), ("d * 1e38", lambda: D * np.float64(np.float32(1e38))), ("exp(e * 0 - 95)", lambda: np.exp(E * 0 - 95)), ("mean(d)", lambda: D.mean()),
    # huge and tiny logits
    ("softmax(logits)", lambda: softmax(LOGITS)), ("log_softmax(logits)", lambda: log_softmax(LOGITS)), ("sigmoid(logits)", lambda: sigmoid(LOGITS)), ("softplus(logits)", lambda: softplus(LOGITS)),
    ("log_sigmoid(logits)", lambda: -softplus(-LOGITS)), ("logsumexp(logits, axis=1)", lambda: np.log(np.exp(LOGITS - LOGITS.max(1, keepdims=True)).sum(1)) + LOGITS.max(1)),
    ("tanh(logits)", lambda: np.tanh(LOGITS)), ("erf(logits)", lambda: erf(LOGITS)), ("elu(logits)", lambda: np.where(LOGITS > 0, LOGITS, np.expm1(LOGITS))), ("relu6(logits)", lambda: np.clip(LOGITS, 0, 6)),
    ("hard_sigmoid(logits)", lambda: np.clip(LOGITS / 6 + 0.5, 0, 1)), ("softsign(logits[:2])", lambda: (LOGITS / (1 + np.abs(LOGITS)))[:2]), ("leaky_relu(logits, 0.5)", lambda: np.where(LOGITS > 0, LOGITS, 0.5 * LOGITS)),
    ("ops.binary_crossentropy([[1.0, 0.0, 1.0, 0.0]], logits[:1], from_logits=true)", lambda: softplus(LOGITS[:1]) - LOGITS[:1] * np.array([1.0, 0, 1, 0])),
    ("ops.sparse_categorical_crossentropy([1], logits[:1], from_logits=true)", lambda: -log_softmax(LOGITS[:1])[:, 1]),
    ("ops.categorical_crossentropy([[0.0, 1.0, 0.0, 0.0]], logits[:1], from_logits=true)", lambda: -log_softmax(LOGITS[:1])[:, 1]),
    # reductions and order with holes
    ("sum(holes, axis=1)", lambda: HOLES.sum(1)), ("mean(holes, axis=1)", lambda: HOLES.mean(1)), ("prod(holes, axis=1)", lambda: HOLES.prod(1)), ("max(holes, axis=1)", lambda: HOLES.max(1)), ("min(holes, axis=1)", lambda: HOLES.min(1)),
    ("var(holes, axis=1)", lambda: HOLES.var(1)), ("cumsum(holes, axis=1)", lambda: np.cumsum(HOLES, 1)), ("cumprod(holes, axis=1)", lambda: np.cumprod(HOLES, 1)), ("argmax(holes, axis=1)", lambda: np.argmax(HOLES, 1)),
    ("argmin(holes, axis=1)", lambda: np.argmin(HOLES, 1)), ("sort(holes, axis=1)", lambda: np.sort(HOLES, 1)), ("argsort(holes, axis=1)", lambda: np.argsort(HOLES, 1, kind="stable")), ("any(holes, axis=1)", lambda: HOLES.any(1)),
    ("all(holes, axis=1)", lambda: HOLES.all(1)), ("nansum(holes, axis=1)", lambda: np.nansum(HOLES, 1)), ("nanmax(holes, axis=1)", lambda: np.nanmax(HOLES, 1)), ("nanmean(holes[:1])", lambda: np.nanmean(HOLES[:1])),
    ("count_nonzero(holes, axis=1)", lambda: np.count_nonzero(HOLES, 1)), ("median(holes, axis=1)", lambda: np.median(HOLES, 1)), ("diff(holes, axis=1)", lambda: np.diff(HOLES, axis=1)), ("ptp(holes, axis=1)", lambda: np.ptp(HOLES, 1)),
    ("max(holes[1:3])", lambda: NAN), ("maximum(holes, 0)", lambda: np.maximum(HOLES, 0)), ("matmul(holes, holes[:3])", lambda: HOLES @ HOLES[:3]), ("norm(holes, axis=1)", lambda: np.linalg.norm(HOLES, axis=1)),
    ("one_hot(cast([5, -1, 2], 'int32'), 4)", lambda: np.array([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1.0, 0]])), ("norm(e[5:8] * 1e38)", lambda: INF), ("logaddexp(e[2:3], e[2:3])", lambda: np.array([-INF])),
    # integers wrap around
    ("i + 1", lambda: I + np.int32(1)), ("i - j", lambda: I - J), ("i * i", lambda: I * I), ("negative(i)", lambda: -I), ("abs(i)", lambda: np.abs(I)), ("square(i)", lambda: np.square(I)), ("sum(i)", lambda: I.sum(dtype=np.int32)),
    ("prod(i[3:])", lambda: np.prod(I[3:], dtype=np.int32)), ("cumsum(i)", lambda: np.cumsum(I, dtype=np.int32)), ("i // j", lambda: I // J), ("mod(i, j)", lambda: np.mod(I, J)), ("fmod(i, j)", lambda: np.fmod(I, J)),
    ("i ** 2", lambda: I ** 2), ("k + 1", lambda: K + 1), ("k * 3", lambda: K * 3), ("negative(k)", lambda: -K), ("k // -1", lambda: K // -1), ("abs(k)", lambda: np.abs(K)), ("s + s", lambda: S + S), ("s * s", lambda: S * S),
    ("negative(s)", lambda: -S), ("abs(s)", lambda: np.abs(S)), ("s // -1", lambda: S // np.int8(-1)), ("u + u", lambda: U + U), ("u - cast(1, 'uint8')", lambda: U - np.uint8(1)), ("negative(u)", lambda: -U), ("u * u", lambda: U * U),
    ("bitwise_left_shift(i, 1)", lambda: I << 1), ("bitwise_right_shift(i, 31)", lambda: I >> 31), ("~s", lambda: ~S), ("bitwise_xor(i, j)", lambda: I ^ J), ("max(i)", lambda: I.max()), ("sort(s)", lambda: np.sort(S)), ("sign(i)", lambda: np.sign(I)),
    ("cast(i, 'int8')", lambda: I.astype(np.int8)), ("cast(u, 'int8')", lambda: U.astype(np.int8)), ("cast(s, 'uint8')", lambda: S.astype(np.uint8)), ("cast(k, 'int32')", lambda: K.astype(np.int32)), ("cast(i, 'float32')", lambda: I.astype(np.float64)),
    ("gcd(i, j)", lambda: np.gcd(I.astype(np.int64), J).astype(np.int32)), ("maximum(i, j)", lambda: np.maximum(I, J)), ("argmax(s)", lambda: np.argmax(S)), ("square(s)", lambda: S * S), ("cumprod(u)", lambda: np.cumprod(U, dtype=np.uint8)),
    # 16 bits
    ("cast(halves, 'float32')", lambda: H.astype(np.float64)), ("halves + halves", lambda: H + H), ("halves * halves", lambda: H * H), ("exp(halves)", lambda: np.exp(H.astype(np.float64)).astype(np.float16)),
    ("cast(e, 'float16')", lambda: E.astype(np.float16)), ("abs(halves)", lambda: np.abs(H)), ("isfinite(halves)", lambda: np.isfinite(H)), ("sqrt(halves)", lambda: np.sqrt(H.astype(np.float64)).astype(np.float16)),
    # nothing at all
    ("none4 + 1", lambda: NONE4 + 1), ("sum(none4, axis=0)", lambda: NONE4.sum(0)), ("sum(none4)", lambda: 0.0), ("prod(none4, axis=0)", lambda: NONE4.prod(0)), ("mean(none4, axis=0)", lambda: NONE4.sum(0) / 0.0), ("any(none4, axis=0)", lambda: NONE4.any(0)),
    ("all(none4)", lambda: True), ("sum(wide0, axis=1)", lambda: WIDE0.sum(1)), ("cumsum(none4, axis=0)", lambda: NONE4), ("sort(none4, axis=0)", lambda: NONE4), ("concatenate([none4, x], axis=0)", lambda: X), ("matmul(x, transpose(none4))", lambda: X @ NONE4.T),
    ("matmul(wide0, transpose(wide0))", lambda: WIDE0 @ WIDE0.T), ("reshape(none4, (4, 0))", lambda: NONE4.reshape(4, 0)), ("softmax(none4)", lambda: NONE4), ("one_hot(ints0, 3)", lambda: np.zeros((0, 3))), ("take(x, ints0, axis=1)", lambda: X[:, :0]),
    ("pad(none4, [(1, 0), (0, 0)])", lambda: np.zeros((1, 4))), ("tile(none4, (2, 2))", lambda: np.zeros((0, 8))), ("max(none4, axis=1)", lambda: np.zeros(0)), ("stack([none4, none4])", lambda: np.zeros((2, 0, 4))), ("flip(none4)", lambda: NONE4),
    ("where(none4 > 0, none4, 1)", lambda: NONE4), ("split(none4, 2, axis=1)[0]", lambda: np.zeros((0, 2))), ("einsum('ij,kj->ik', x, none4)", lambda: np.zeros((2, 0))), ("count_nonzero(none4)", lambda: np.array(0, np.int32)), ("norm(wide0, axis=1)", lambda: np.zeros(2)),
    ("logsumexp(none4, axis=1)", lambda: np.zeros(0)), ("layer_normalization(none4)", lambda: NONE4), ("argsort(none4)", lambda: np.zeros((0, 4), np.int32)), ("bincount(ints0, minlength=3)", lambda: np.zeros(3, np.int32)), ("roll(none4, 1)", lambda: NONE4),
    ("repeat(none4, 2, axis=0)", lambda: NONE4), ("outer(ints0, x[0])", lambda: np.zeros((0, 4))), ("linspace(0.0, 1.0, 0)", lambda: np.zeros(0)), ("zeros((0, 2))", lambda: np.zeros((0, 2))), ("var(wide0, axis=0)", lambda: np.zeros(0)), ("x[2:]", lambda: X[2:]),
]
CASES = ELEMENTS + PAIRS + OTHERS
KINDS = {"float32": "float32", "float16": "float16", "int32": "int32", "int64": "int64", "int8": "int8", "uint8": "uint8"}


def differs(got, want):
    """What is wrong with a result, or None."""
    if got.shape != want.shape:
        return f"shape {got.shape} instead of {want.shape}"
    if got.dtype.kind != "f":
        return None if np.array_equal(got, want) else f"{got.ravel()[:12]}, not {want.ravel()[:12]}"
    with np.errstate(all="ignore"):
        want = want.astype(np.float64).astype(got.dtype).astype(np.float64)
        got, step = got.astype(np.float64), float(np.finfo(got.dtype).smallest_subnormal)
        same = (np.isnan(got) & np.isnan(want)) | (got == want) & ((got != 0) | (np.signbit(got) == np.signbit(want)))
        near = np.isfinite(got) & np.isfinite(want) & (want != 0) & (np.abs(got - want) <= 1e-5 * np.abs(want) + step)
    wrong = ~(same | near)
    return f"{got[wrong][:6]}, not {want[wrong][:6]} at {np.flatnonzero(wrong)[:6]}" if wrong.any() else None


def main():
    mdlc = sys.argv[1]
    params = ", ".join(f"{n}: {KINDS[str(a.dtype)]}[{', '.join(map(str, a.shape))}]" for n, a in INPUTS.items())
    outputs = ",\n            ".join(f"r{i}: {text}" for i, (text, _) in enumerate(CASES))
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        path = lambda name: os.path.join(scratch, name)  # noqa: E731
        with open(path("edges.mdl"), "w", encoding="utf-8") as out:
            out.write(f"model Edges {{\n    call({params}) {{\n        return {{{outputs}}}\n    }}\n}}\n")
        subprocess.run([mdlc, "build", path("edges.mdl"), "-o", path("edges"), "--cflags", "-O1"], check=True)
        args = [path("edges"), "run"]
        for name, a in INPUTS.items():
            np.save(path(name + ".npy"), a)
            args += ["--input", f"{name}={path(name + '.npy')}"]
        for i in range(len(CASES)):
            args += ["--output", f"r{i}={path(f'r{i}.npy')}"]
        subprocess.run(args, check=True, stdout=subprocess.DEVNULL)
        for i, (text, reference) in enumerate(CASES):
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                wrong = differs(np.load(path(f"r{i}.npy")), np.asarray(reference()))
            failed += wrong is not None
            if wrong:
                print(f"FAILED {text}: {wrong}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
