#!/usr/bin/env python3
"""measure_safetensors.py FILE COPY: what Python's safetensors takes for FILE, in milliseconds in a running interpreter: opening it and reading
the names, shapes and dtypes of all tensors (median of 21); loading all values (best of 3); saving them as COPY, until they are on the disk
(best of 3)."""
import os
import statistics
import sys
import time

from safetensors import safe_open
from safetensors.numpy import load_file, save_file


def milliseconds(what):
    begin = time.perf_counter()
    result = what()
    return 1e3 * (time.perf_counter() - begin), result


def open_all():
    with safe_open(sys.argv[1], "numpy") as f:
        return [(name, f.get_slice(name).get_shape(), f.get_slice(name).get_dtype()) for name in f.keys()]


def save():
    save_file(values, sys.argv[2])
    with open(sys.argv[2], "rb") as f:
        os.fsync(f.fileno())


opened = statistics.median(milliseconds(open_all)[0] for _ in range(21))
loads = [milliseconds(lambda: load_file(sys.argv[1])) for _ in range(3)]
values = loads[-1][1]
save()
saved = min(milliseconds(save)[0] for _ in range(3))
print(f"{opened:.3f} {min(t for t, _ in loads):.1f} {saved:.1f}")
