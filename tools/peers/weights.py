"""Weight files: reading a .safetensors file, and giving its variables values that hide nothing."""

import json
import math
import struct

import numpy as np

DTYPES = {"F32": np.float32, "I32": np.int32, "I64": np.int64}


class Weights:
    """The tensors of a file by name, each read when it is asked for."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            size = struct.unpack("<Q", file.read(8))[0]
            self.entries = json.loads(file.read(size))
        self.entries.pop("__metadata__", None)
        self.start = 8 + size

    def __contains__(self, name):
        return name in self.entries

    def shape(self, name):
        return self.entries[name]["shape"]

    def __getitem__(self, name):
        entry = self.entries[name]
        return np.fromfile(self.path, DTYPES[entry["dtype"]], math.prod(entry["shape"]),
                           offset=self.start + entry["data_offsets"][0]).reshape(entry["shape"])

    def __setitem__(self, name, values):
        with open(self.path, "r+b") as file:
            file.seek(self.start + self.entries[name]["data_offsets"][0])
            file.write(values.astype(DTYPES[self.entries[name]["dtype"]]).tobytes())


def enliven(path):
    """Zeros and ones, the first values of biases and scales, would hide a mistake in them: they get noise. Variances are above
    one, so that values stay small in a deep network."""
    random, weights = np.random.default_rng(1), Weights(path)
    for name, entry in weights.entries.items():
        if name.endswith("moving_variance"):
            weights[name] = random.uniform(1, 2, entry["shape"])
        elif entry["dtype"] == "F32" and len(entry["shape"]) == 1:
            weights[name] = weights[name] + random.uniform(-0.1, 0.1, entry["shape"])
