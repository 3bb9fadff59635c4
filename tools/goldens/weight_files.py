#!/usr/bin/env python3
"""weight_files.py: writes tests/weights again, byte for byte: files as the safetensors library and NumPy write them.

Needs safetensors, NumPy and ml_dtypes. all.safetensors has every dtype that NumPy or ml_dtypes know, a scalar, an empty tensor,
metadata and names in other scripts; set.safetensors.index.json is the half of it that MDL has, in two files; casts.npz has what each float
becomes in the other dtypes."""
import json
import os

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "weights")
FLOATS = {"f64": np.float64, "f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16}
INTEGERS = {"i64": np.int64, "i32": np.int32, "i16": np.int16, "i8": np.int8, "u8": np.uint8}
FOREIGN = {"u16": np.uint16, "u32": np.uint32, "u64": np.uint64, "f8_e4m3": ml_dtypes.float8_e4m3fn,
           "f8_e5m2": ml_dtypes.float8_e5m2}

# Halves between two numbers of 16 bits, the largest, the smallest, both zeros.
VALUES = [0.0, -0.0, 1.0, -1.5, 1 / 3, 1 + 2.0 ** -11, 1 + 2.0 ** -8, 1 + 3 * 2.0 ** -8, 65504.0, 65519.0, 65520.0, 1e-7, 2.0 ** -24,
          2.0 ** -25, -2.0 ** -25 * 1.5, 3.0e38, 1e-40, np.inf, -np.inf, np.pi]


def make():
    tensors = {name: np.array(VALUES).astype(dtype).reshape(4, 5) for name, dtype in FLOATS.items()}
    for name, dtype in INTEGERS.items():
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        tensors[name] = np.array([low, high, 0, 1, low // 2, high // 3], dtype).reshape(2, 3)
    tensors["bool"] = np.array([[True, False, True]])
    tensors["scalar"] = np.array(2.5, np.float32)
    tensors["empty"] = np.zeros((0, 3), np.float32)
    foreign = {name: np.array([1, 2, 3]).astype(dtype) for name, dtype in FOREIGN.items()}
    foreign["größe/Wörter.重み"] = np.arange(3, dtype=np.float32)
    return tensors, foreign


def main():
    os.makedirs(HERE, exist_ok=True)
    tensors, foreign = make()
    save_file({**tensors, **foreign}, os.path.join(HERE, "all.safetensors"), {"format": "np", "quote \"'": "a\nline"})
    half = len(tensors) // 2
    shards = [dict(list(tensors.items())[:half]), dict(list(tensors.items())[half:])]
    names = [f"set-{i + 1:05d}-of-00002.safetensors" for i in range(2)]
    for name, shard in zip(names, shards):
        save_file(shard, os.path.join(HERE, name))
    with open(os.path.join(HERE, "set.safetensors.index.json"), "w", encoding="utf-8") as f:
        json.dump({"metadata": {"total_size": sum(t.nbytes for t in tensors.values())},
                   "weight_map": {key: name for name, shard in zip(names, shards) for key in shard}}, f, indent=2)
    with np.errstate(over="ignore"):
        casts = {f"{a}_{b}": tensors[a].astype(FLOATS[b]) for a in FLOATS for b in FLOATS}
    # NumPy's files have no name for bfloat16: its bits.
    np.savez(os.path.join(HERE, "casts.npz"), **{n: a.view(np.uint16) if n.endswith("_bf16") else a for n, a in casts.items()})


if __name__ == "__main__":
    main()
