#!/usr/bin/env python3
"""Compiled programs against the interpreter: passes, emitter, kernels, random numbers, states.

    test_programs.py <mdlc> <root of the repository> [name...]

A program is built, run on hashed weights and inputs, and its outputs compared with those of its graph as it was before any
pass. An output may differ by 2e-5 of the largest value in it (float32 rounds differently at every node); 16-bit floats by one
step in the last place, of which they have 10 or 7.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import hash_weights
import interpret

# file, options of mdlc, sizes of symbolic dimensions (2 if not named)
PROGRAMS = [
    ("tests/reference/programs/draws.mdl", [], {}),
    ("tests/reference/programs/draws.mdl", ["-D", "depth=1", "-D", "dim=7"], {"time": 9}),
    ("tests/reference/programs/steps.mdl", [], {"time": 4}),
    ("tests/reference/programs/steps.mdl", [], {"time": 1, "batch": 3}),
    ("tests/reference/programs/steps.mdl", [], {"time": 0}),
    ("tests/reference/programs/dtypes.mdl", [], {"n": 6}),
    ("examples/custom_layer/custom_layer.mdl", [], {}),
    ("examples/two_branch/two_branch.mdl", [], {}),
    ("examples/bert/bert.mdl", ["-D", "vocabulary=20", "-D", "depth=3", "-D", "dim=12", "-D", "heads=3", "-D", "hidden=20"], {"time": 5}),
    ("examples/gpt2/gpt2.mdl", ["-D", "vocabulary=20", "-D", "depth=4", "-D", "dim=12", "-D", "heads=3", "-D", "context=9"], {"time": 6}),
    ("examples/gpt2/gpt2.mdl", ["-D", "vocabulary=20", "-D", "depth=3", "-D", "dim=12", "-D", "heads=2", "--training"], {"time": 6}),
    ("examples/llama/llama.mdl", ["-D", "vocabulary=20", "-D", "depth=3", "-D", "dim=16", "-D", "heads=4", "-D", "kv_heads=2"], {"time": 5}),
    ("examples/seq2seq/seq2seq.mdl", ["-D", "source_vocabulary=20", "-D", "target_vocabulary=20", "-D", "dim=6", "-D", "units=7"],
     {"source_time": 4, "target_time": 3}),
    ("examples/vae/vae.mdl", [], {}),
    ("examples/gan/gan.mdl", ["--model", "GAN", "-D", "latent=8"], {}),
    ("examples/unet/unet.mdl", ["-D", "width=2"], {"batch": 1, "rows": 1, "columns": 2}),
    ("examples/vit/vit.mdl", ["-D", "image=8", "-D", "patch=4", "-D", "depth=2", "-D", "dim=12", "-D", "heads=3", "-D", "hidden=16"], {}),
    ("examples/mobilenetv2/mobilenetv2.mdl", ["-D", "classes=5"], {"batch": 1, "height": 33, "width": 32}),
]
ISAS = ["baseline", "avx2", "avx512"]  # a processor that lacks one takes the next narrower
HIGH = {"segments": 2}  # of integers in inputs, which are indices into small tables; 10 if not named


def inputs_of(program, sizes):
    symbols = {name: sizes.get(name, 2) for name, _, _ in program.symbols}
    arrays = []
    for port in program.inputs:
        spec = {"name": port.name, "dtype": port.type.dtype, "shape": [d(symbols) for d in port.type.dims], "low": -1, "high": 1}
        if port.type.dtype == "bool":
            spec["lengths"] = [max(1, spec["shape"][1] - i) for i in range(spec["shape"][0])]
        elif port.type.dtype.startswith(("int", "uint")):
            spec |= {"low": 0, "high": HIGH.get(port.name, 10)}
        arrays.append(hash_weights.make_input(spec))
    return arrays


def execute(command, env=None):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=env)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command[:3]))}: {done.stderr.strip()[:400]}")
    return done.stdout


def differs(program, port, got, expected):
    if got.shape != expected.shape:
        return f"shape {got.shape}, not {expected.shape}"
    if port.type.dtype in ("float32", "float64"):
        scale = np.max(np.abs(expected[np.isfinite(expected)]), initial=0)
        step = 2e-3 if "float16" in program else 2e-2 if "bfloat16" in program else 2e-5
        near = np.isclose(got, expected, 0, step * scale + 1e-30, equal_nan=True)
    else:
        near = got == expected
    if near.all():
        return None
    at = tuple(int(i) for i in np.argwhere(~near)[0])
    return f"{list(at)}: {got[at]}, not {expected[at]}; {np.count_nonzero(~near)} of {near.size}"


def test(mdlc, source, options, sizes, work):
    """What is wrong, or None."""
    graph = execute([mdlc, "build", source, *options, "--dump", "graph"])
    program = interpret.Program(graph)
    exe = work / "program"
    execute([mdlc, "build", source, *options, "-o", exe])
    manifest = json.loads(execute([exe, "manifest", "--format", "json"]))
    hash_weights.write_safetensors(work / "weights", manifest["variables"], 0)
    variables = {v["path"]: hash_weights.variable(0, v["path"], v["shape"], v["dtype"]) for v in manifest["variables"]}
    if set(variables) != set(program.variables):
        return f"the manifest and the graph have other variables: {set(variables) ^ set(program.variables)}"
    arrays = inputs_of(program, sizes)
    command = [exe, "run", "-w", work / "weights", "--seed", "7"]
    for port, array in zip(program.inputs, arrays):
        np.save(work / f"in_{port.name}.npy", array)
        command += ["--input", f"{port.name}={work}/in_{port.name}.npy"]
    for port in program.outputs:
        command += ["--output", f"{port.name}={work}/out_{port.name}.npy"]
    expected = interpret.Run(program, variables, 7).outputs(arrays)
    for isa in ISAS:
        execute(command, env=os.environ | {"MDL_ISA": isa})
        for port in program.outputs:
            wrong = differs(graph, port, np.load(work / f"out_{port.name}.npy"), expected[port.name])
            if wrong:
                return f"{isa}: {port.name}: {wrong}"
    return None


def main():
    mdlc, root, *names = sys.argv[1:]
    passed, failures = 0, []
    for source, options, sizes in PROGRAMS:
        if names and Path(source).stem not in names:
            continue
        label = " ".join([Path(source).stem] + [o for o in options if o != "-D"])
        with tempfile.TemporaryDirectory() as work:
            try:
                wrong = test(mdlc, Path(root) / source, options, sizes, Path(work))
            except (RuntimeError, interpret.GraphError, interpret.CheckFailed) as error:
                wrong = f"{type(error).__name__}: {error}"
        if wrong:
            failures.append(f"{label}: {wrong}")
        else:
            passed += 1
    for failure in failures:
        print("FAIL", failure)
    print(f"{passed} programs, {len(failures)} failures")
    return 1 if failures or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
