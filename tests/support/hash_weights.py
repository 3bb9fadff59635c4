#!/usr/bin/env python3
"""Weights and inputs as a fixed function of (seed, path, index), so that no golden needs a weight file.

    hash_weights.py MANIFEST.json OUT.safetensors [--seed N] [--strip-prefix net.]
    hash_weights.py --inputs CASE.json OUT_DIRECTORY

The first form reads a manifest as `mdlc manifest --format json` prints it and writes a value for every
variable. A path that begins with the prefix is hashed without it, so that a model inside a probe gets
the values it has when it stands alone. The second form writes `input_<name>.npy` for each input of a golden.

The hash of element `index` of the variable `path`:

    state = fnv1a64(path) ^ (seed * G)          G = 0x9E3779B97F4A7C15, everything modulo 2**64
    bits  = splitmix64(state + index * G)       splitmix64(x): x += G, then the usual two multiply-shift rounds
    u     = (bits >> 40) / 2**23 - 1            24 bits, uniform in [-1, 1), exact in float32

`scale_of` then maps u to offset + gain * u by the last component of the path and the shape, so that every kind of
variable has values of its usual size and activations stay within 1e-3 .. 1e3.
The product is computed in float64 and rounded once to the variable's dtype.
Needs Python 3.9 and NumPy 1.20, nothing else.
"""
import argparse
import json
import math
import os
import struct
import sys

import numpy as np

GOLDEN = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
CHUNK = 1 << 18

SAFETENSORS = {  # MDL's dtype: its name in the file, bytes
    "float64": ("F64", 8), "float32": ("F32", 4), "float16": ("F16", 2), "bfloat16": ("BF16", 2),
    "int64": ("I64", 8), "int32": ("I32", 4), "int16": ("I16", 2), "int8": ("I8", 1),
    "uint8": ("U8", 1), "bool": ("BOOL", 1),
}


def fnv1a64(text):
    value = 0xCBF29CE484222325
    for byte in text.encode("utf-8"):
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def bits24(seed, path, start, count):
    """The top 24 bits of the hash for the indices [start, start + count)."""
    state = (fnv1a64(path) ^ (seed * GOLDEN)) & MASK
    x = np.arange(start + 1, start + 1 + count, dtype=np.uint64)  # + 1: splitmix64 adds G before it mixes
    t = np.empty_like(x)
    x *= np.uint64(GOLDEN)
    x += np.uint64(state)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        np.right_shift(x, np.uint64(shift), out=t)
        x ^= t
        x *= np.uint64(factor)
    np.right_shift(x, np.uint64(31), out=t)
    x ^= t
    x >>= np.uint64(40)
    return x


def uniform(seed, path, start, count):
    u = bits24(seed, path, start, count).astype(np.float64)
    u *= 2.0 ** -23
    u -= 1.0
    return u


def kernel_fan_in(shape):
    if len(shape) < 2:
        return 1
    if len(shape) == 4 and shape[-1] == 1 and shape[-2] > 1:  # depthwise: one channel feeds one
        return shape[0] * shape[1]
    return math.prod(shape[:-1])


def scale_of(path, shape):
    """(offset, gain): the variable's values are offset + gain * u."""
    name = path.rsplit(".", 1)[-1]
    if name in ("gamma", "scale"):
        return 1.0, 0.1
    if name in ("beta", "moving_mean", "mean") or name.endswith("bias"):
        return 0.0, 0.1
    if name in ("moving_variance", "variance"):
        return 1.0, 0.5
    if name.endswith("kernel"):
        return 0.0, math.sqrt(4.5 / max(1, kernel_fan_in(shape)))
    if name == "alpha":
        return 0.25, 0.1
    return 0.0, 0.5  # embeddings, class tokens, positions, and a user's own weights


def to_bfloat16(values):
    """The bits of bfloat16, rounded to nearest even."""
    bits = np.asarray(values, dtype=np.float32).view(np.uint32)
    return ((bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)).astype(np.uint16)


def chunk(seed, path, shape, dtype, start, count):
    if dtype == "bool":
        return (bits24(seed, path, start, count) >> np.uint64(23)).astype(np.bool_)
    if dtype.startswith(("int", "uint")):  # small numbers that every integer dtype holds
        values = (bits24(seed, path, start, count) >> np.uint64(20)).astype(np.int64)
        return (values if dtype == "uint8" else values - 8).astype(dtype)
    offset, gain = scale_of(path, shape)
    values = uniform(seed, path, start, count)
    values *= gain
    values += offset
    if dtype == "bfloat16":
        return to_bfloat16(values)
    return values.astype(dtype)


def variable(seed, path, shape, dtype="float32"):
    """All values of one variable. bfloat16 comes as the float32 that equals it."""
    count = math.prod(shape)
    out = np.empty(count, dtype=np.uint16 if dtype == "bfloat16" else dtype)
    for start in range(0, count, CHUNK):
        n = min(CHUNK, count - start)
        out[start:start + n] = chunk(seed, path, shape, dtype, start, n)
    if dtype == "bfloat16":
        out = (out.astype(np.uint32) << np.uint32(16)).view(np.float32)
    return out.reshape(shape)


def write_safetensors(file_name, variables, seed, strip_prefix=""):
    """`variables`: dicts with path, shape, dtype, and maybe hash_path, the path that its values come from."""
    header, offset = {}, 0
    for v in variables:
        code, size = SAFETENSORS[v["dtype"]]
        end = offset + size * math.prod(v["shape"])
        header[v["path"]] = {"dtype": code, "shape": v["shape"], "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    with open(file_name, "wb") as out:
        out.write(struct.pack("<Q", len(text)))
        out.write(text)
        for v in variables:
            path = v.get("hash_path", v["path"])
            if strip_prefix and path.startswith(strip_prefix):
                path = path[len(strip_prefix):]
            count = math.prod(v["shape"])
            for start in range(0, count, CHUNK):
                values = chunk(seed, path, v["shape"], v["dtype"], start, min(CHUNK, count - start))
                out.write(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes())


def make_input(spec):
    """An input of a golden. `spec`: name, dtype, shape, low, high (and seed). Floats are low + (high - low) * t with t in
    [0, 1) a multiple of 2**-8, so that they are exact in every dtype; integers are in [low, high); a boolean input may name
    `lengths`: it is true in row i up to lengths[i]."""
    shape, dtype, path = spec["shape"], spec["dtype"], "input." + spec["name"]
    if "lengths" in spec:
        return np.arange(shape[1])[None, :] < np.asarray(spec["lengths"])[:, None]
    bits = bits24(spec.get("seed", 0), path, 0, math.prod(shape)).astype(np.int64)
    if dtype == "bool":
        return (bits >> 23).astype(np.bool_).reshape(shape)
    low, high = spec["low"], spec["high"]
    if dtype.startswith(("int", "uint")):
        return (low + bits % (high - low)).astype(dtype).reshape(shape)
    return (low + (high - low) * ((bits >> 16) / 256.0)).astype(dtype).reshape(shape)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="a manifest, or with --inputs a case.json")
    parser.add_argument("target", help="the .safetensors file, or with --inputs a directory")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--strip-prefix", default="", metavar="PREFIX")
    parser.add_argument("--inputs", action="store_true", help="write the inputs of a golden")
    args = parser.parse_args()
    with open(args.source, encoding="utf-8") as f:
        source = json.load(f)
    if args.inputs:
        os.makedirs(args.target, exist_ok=True)
        for spec in source["inputs"]:
            np.save(os.path.join(args.target, f"input_{spec['name']}.npy"), make_input(spec))
    else:
        write_safetensors(args.target, source["variables"], args.seed, args.strip_prefix)
    return 0


if __name__ == "__main__":
    sys.exit(main())
