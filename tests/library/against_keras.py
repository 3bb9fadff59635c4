#!/usr/bin/env python3
"""The library's functions and the operations against Keras: keras/<family>.json and .npz, one program for each family.

    against_keras.py MDLC [FAMILY...]

The expressions, their inputs and what Keras gives for them are from tools/goldens/functions.py.
Needs Python 3.9 and NumPy 1.20, nothing else.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
KINDS = {"float32": "float32", "float64": "float64", "int32": "int32", "int64": "int64", "uint8": "uint8", "bool": "bool"}


def source(inputs, cases):
    """A model with one output for each case."""
    params = ", ".join(f"{n}: {KINDS[str(a.dtype)]}[{', '.join(map(str, a.shape))}]" for n, a in inputs.items())
    outputs = ",\n            ".join(f"r{i}: {c['call'].replace('activations.', '')}" for i, c in enumerate(cases))
    return f"model Functions {{\n    call({params}) {{\n        return {{\n            {outputs}\n        }}\n    }}\n}}\n"


def compute(mdlc, inputs, cases, scratch):
    (scratch / "functions.mdl").write_text(source(inputs, cases), encoding="utf-8")
    subprocess.run([mdlc, "build", scratch / "functions.mdl", "-o", scratch / "functions", "--cflags", "-O1"], check=True)
    args = [scratch / "functions", "run"]
    for name, a in inputs.items():
        np.save(scratch / f"{name}.npy", a)
        args += ["--input", f"{name}={scratch / name}.npy"]
    for i in range(len(cases)):
        args += ["--output", f"r{i}={scratch / f'r{i}.npy'}"]
    subprocess.run(args, check=True, stdout=subprocess.DEVNULL)
    return [np.load(scratch / f"r{i}.npy") for i in range(len(cases))]


def differs(case, got, want):
    """What is wrong with a result, or None."""
    if got.shape != want.shape:
        return f"shape {got.shape} instead of {want.shape}"
    if str(got.dtype) != case["dtype"]:
        return f"{got.dtype} instead of {case['dtype']}"
    if want.dtype.kind != "f":
        return None if np.array_equal(got, want) else f"{np.count_nonzero(got != want)} of {want.size} differ: {got.ravel()[:8]}, not {want.ravel()[:8]}"
    got, want, finite = got.astype(np.float64), want.astype(np.float64), np.isfinite(want)
    if not np.array_equal(got[~finite], want[~finite], equal_nan=True):
        return f"NaN and infinities differ: {got.ravel()[:8]}, not {want.ravel()[:8]}"
    distance = np.max(np.abs(got[finite] - want[finite]), initial=0) / max(np.max(np.abs(want[finite]), initial=0), 1e-30)
    return None if distance <= case["bound"] else f"error {distance:.3g} above {case['bound']:.3g}: {got.ravel()[:6]}, not {want.ravel()[:6]}"


def main():
    mdlc, *families = sys.argv[1:]
    passed = failed = 0
    for file in sorted((HERE / "keras").glob("*.json")):
        if families and file.stem not in families:
            continue
        cases = json.loads(file.read_text(encoding="utf-8"))["cases"]
        golden = np.load(file.with_suffix(".npz"))
        inputs = {n[3:]: golden[n] for n in golden.files if n.startswith("in/")}
        with tempfile.TemporaryDirectory() as scratch:
            results = compute(os.path.abspath(mdlc), inputs, cases, Path(scratch))
        for i, (case, got) in enumerate(zip(cases, results)):
            wrong = differs(case, got, golden[f"out/{i}"])
            passed, failed = passed + (wrong is None), failed + (wrong is not None)
            if wrong:
                print(f"FAILED {file.stem}: {case['call']}: {wrong}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
