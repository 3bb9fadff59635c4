"""tests/library/keras/<family>.json and .npz: what functions of Keras give.

A case is one expression that reads the same in MDL and in Python; here it is computed in float64, or where TensorFlow can't,
in float32. The error of a result y is max|y - ref| / max|ref|; its bound is 1e-5 or twice the error of Keras' own float32.
"""
import json
import os
import types

import numpy as np

import common  # sets Keras up
from common import keras, tf

import function_cases

NAMES = list(function_cases.FAMILIES)


def sparsemax(x, axis=-1):
    """The nearest point to x of the simplex (Martins and Astudillo, 2016, algorithm 1)."""
    z = np.moveaxis(np.asarray(x, np.float64), axis, -1)
    falling = -np.sort(-z, axis=-1)
    sums, counts = np.cumsum(falling, axis=-1), np.arange(1, z.shape[-1] + 1)
    count = np.sum(1 + counts * falling > sums, axis=-1, keepdims=True)
    threshold = (np.take_along_axis(sums, count - 1, axis=-1) - 1) / count
    return np.moveaxis(np.maximum(z - threshold, 0), -1, axis)


# Functions that are judged by their definition, in float64, for Keras errs: docs/layers.md.
DEFINITIONS = {"sparsemax": sparsemax}
WORDS = {"true": True, "false": False, "none": None, "inf": float("inf"), "nan": float("nan"), "pi": np.pi}


def defined(text):
    """Whether a function that the expression calls is judged by its definition."""
    return any(name in text for name in DEFINITIONS)


def evaluate(text, inputs, dtype):
    """The value of the expression on inputs whose floats have this dtype, as NumPy's; in float64 by definition, where there is one."""
    common.fresh(dtype)
    tensors = {n: tf.constant(a.astype(dtype) if a.dtype == np.float32 else a) for n, a in inputs.items()}
    activations = types.SimpleNamespace(**DEFINITIONS) if dtype == "float64" and defined(text) else keras.activations
    names = {"ops": keras.ops, "activations": activations, "dict": dict, **WORDS, **tensors}
    value = eval(text, {"__builtins__": {}}, names)
    return np.asarray(keras.ops.convert_to_numpy(value)), keras.backend.standardize_dtype(getattr(value, "dtype", type(value)))


def error(value, reference):
    with np.errstate(all="ignore"):
        finite = np.isfinite(reference)
        scale = max(np.max(np.abs(reference[finite]), initial=0), 1e-30)
        return float(np.max(np.abs(value.astype(np.float64) - reference)[finite], initial=0) / scale)


def case(text, inputs):
    single, dtype = evaluate(text, inputs, "float32")
    record = {"call": text, "dtype": dtype, "bound": common.BOUND}
    if not dtype.startswith("float"):
        return record, single
    try:
        double = evaluate(text, inputs, "float64")[0].astype(np.float64)
    except Exception:
        return {**record, "bound": 2e-5, "reference": "float32"}, single
    if np.any(np.isfinite(double) & (np.abs(double) > np.finfo(np.float32).max)):  # numbers that are about the dtype's range
        return {**record, "reference": "float32"}, single
    judge = double if defined(text) else single
    if double.shape != single.shape or (np.isfinite(judge) & (judge != 0)).sum() == 0 and judge.size and text not in function_cases.TRIVIAL:
        raise ValueError(f"{text}: the reference says nothing: {judge}")
    if defined(text):
        return {**record, "reference": "definition"}, double.astype(np.float32)
    worst = error(single, double)
    return {**record, "bound": float(f"{max(common.BOUND, 2 * worst):.3g}")}, double.astype(np.float32)


def write(family):
    inputs, texts = function_cases.FAMILIES[family]
    arrays, records = {f"in/{n}": a for n, a in inputs.items()}, []
    for i, text in enumerate(texts):
        try:
            record, value = case(text, inputs)
        except Exception as e:
            raise SystemExit(f"functions/{family}: {text}: {type(e).__name__}: {e}")
        records.append(record)
        arrays[f"out/{i}"] = value
    directory = os.path.join(common.TOP, "tests/library/keras")
    np.savez_compressed(os.path.join(directory, family + ".npz"), **arrays)
    lines = ",\n".join("  " + json.dumps(r) for r in records)
    with open(os.path.join(directory, family + ".json"), "w", encoding="utf-8") as out:
        out.write('{"versions": %s, "cases": [\n%s\n]}\n' % (json.dumps(common.versions()), lines))
    print(f"functions/{family}: {len(records)} cases")
