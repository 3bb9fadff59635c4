"""A slow and strict reader of safetensors files and their sets, with json and NumPy alone: what libmdl writes is held against it.

    tensors, metadata = read(path)        # path: a .safetensors file or an .index.json
"""
import json
import math
import os
import struct

import numpy as np

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1",
          "BOOL": "?", "U16": "<u2", "U32": "<u4", "U64": "<u8",
          "F8_E4M3": "u1", "F8_E5M2": "u1"}


def once(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key is there twice: {keys}"
    return dict(pairs)


def read_file(path):
    """Arrays by name, in the order of the header; bfloat16 as uint16."""
    with open(path, "rb") as f:
        data = f.read()
    assert len(data) >= 8, "too short"
    length = struct.unpack("<Q", data[:8])[0]
    assert length <= min(100_000_000, len(data) - 8), "the header is longer than the file"
    text = data[8:8 + length].decode("utf-8")
    assert text.startswith("{") and text == text.rstrip(" ") + " " * (len(text) - len(text.rstrip(" "))), "no object"
    header = json.loads(text, object_pairs_hook=once)
    metadata = header.pop("__metadata__", {})
    assert all(isinstance(v, str) for v in metadata.values())
    at, tensors = 0, {}
    for name, entry in sorted(header.items(), key=lambda item: (item[1]["data_offsets"], item[0])):
        assert set(entry) == {"dtype", "shape", "data_offsets"}, name
        begin, end = entry["data_offsets"]
        dtype = np.dtype(DTYPES[entry["dtype"]])
        assert begin == at and end - begin == math.prod(entry["shape"]) * dtype.itemsize, f"{name} lies wrong"
        assert (8 + length + begin) % dtype.itemsize == 0, f"{name} is not aligned"
        tensors[name] = np.frombuffer(data[8 + length + begin:8 + length + end], dtype).reshape(entry["shape"])
        at = end
    assert 8 + length + at == len(data), "bytes behind the last tensor"
    return {name: tensors[name] for name in header}, metadata


def read(path):
    if not path.endswith(".index.json"):
        return read_file(path)
    with open(path, encoding="utf-8") as f:
        index = json.load(f, object_pairs_hook=once)
    tensors, metadata, folder = {}, {}, os.path.dirname(path)
    for name in dict.fromkeys(index["weight_map"].values()):
        assert os.path.basename(name) == name
        found, more = read_file(os.path.join(folder, name))
        assert set(found) == {k for k, v in index["weight_map"].items() if v == name}, f"{name} and the index disagree"
        tensors.update(found)
        metadata.update(more)
    assert index["metadata"]["total_size"] == sum(t.nbytes for t in tensors.values())
    return tensors, metadata
