#!/usr/bin/env python3
"""The graphs of the layers' goldens, interpreted: front end and layer library without passes, emitter and kernels.

    test_graphs.py <mdlc> <directory with Layer.json, Layer.npz> [layer...]

A golden whose program mdlc does not compile counts as skipped; another test reports it.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import hash_weights
import interpret

# Goldens that are less exact than their bound says: the bound that they keep.
ROUGH = {"Activation float64": 1e-7}  # TensorFlow's gelu rounds sqrt(2) to float32
# Integers that are rounded floats: a half of float32 is none in float64, and goes the other way.
ROUNDED = {"Resizing integers"}


def run(mdlc, case, seed, work):
    """The outputs; None if the program does not compile, or computes with first values, which only programs make."""
    if case.get("first_values"):
        return None
    source = work / "case.mdl"
    source.write_text(case["program"], encoding="utf-8")
    done = subprocess.run([mdlc, "build", source, "--dump", "graph"], capture_output=True, text=True)
    if done.returncode:
        return None
    program = interpret.Program(done.stdout)
    variables = {v["path"]: hash_weights.variable(seed, v["path"], v["shape"], v["dtype"]) for v in case["variables"]}
    inputs = {spec["name"]: hash_weights.make_input(spec) for spec in case["inputs"]}
    return interpret.Run(program, variables).outputs([inputs[port.name] for port in program.inputs])


def compare(case, got, golden, rough, rounded):
    """What is wrong with the first wrong output; `rounded` numbers may be off by one."""
    for spec in case["outputs"]:
        expected = golden[case["name"] + "/" + spec["name"]]
        value = got.get(spec["name"])
        if value is None:
            return f"no output {spec['name']}"
        if value.shape != expected.shape:
            return f"{spec['name']}: shape {value.shape}, not {expected.shape}"
        bound = rough or spec["bound"]
        with np.errstate(all="ignore"):
            near = np.isclose(value.astype(np.float64), expected.astype(np.float64), bound, 1 if rounded else bound, equal_nan=True)
        if not near.all():
            at = tuple(int(i) for i in np.argwhere(~near)[0])
            return f"{spec['name']}{list(at)}: {value[at]}, not {expected[at]}; {np.count_nonzero(~near)} of {near.size}"
    return None


def main():
    mdlc, directory, *names = sys.argv[1:]
    passed, skipped, failures = 0, [], []
    with tempfile.TemporaryDirectory() as work:
        for file in sorted(Path(directory).glob("*.json")):
            if names and file.stem not in names:
                continue
            group, golden = json.loads(file.read_text(encoding="utf-8")), np.load(file.with_suffix(".npz"))
            for case in group["cases"]:
                label = f"{file.stem} {case['name']}"
                try:
                    got = run(mdlc, case, group["seed"], Path(work))
                    wrong = compare(case, got, golden, ROUGH.get(label), label in ROUNDED) if got is not None else None
                except (interpret.GraphError, interpret.CheckFailed, KeyError) as error:
                    got, wrong = {}, f"{type(error).__name__}: {error}"
                if got is None:
                    skipped.append(label)
                elif wrong:
                    failures.append(f"{label}: {wrong}")
                else:
                    passed += 1
    for failure in failures[:60]:
        print("FAIL", failure)
    print(f"{passed} graphs, {len(skipped)} skipped, {len(failures)} failures")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
