#!/usr/bin/python3
"""Whole networks against Keras: run.py MDLC JOBS [NAME...]. See tools/goldens/architectures.py.

A network's variables have the shapes, dtypes and flags of Keras', in the same order; with hashed weights its output is that of
Keras in float64, within the golden's bound.
"""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import hash_weights  # noqa: E402


def execute(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command[:3]))}: {done.stderr.strip()[:1000]}")
    return done.stdout


def run(mdlc, source, golden, work):
    """What is wrong, or None."""
    program = work / "program"
    execute(mdlc, "build", source, *golden["defines"], "-o", program)
    variables = json.loads(execute(program, "manifest", "--format", "json"))["variables"]
    texts = [f"{v['dtype']}{v['shape']}" + ("" if v["trainable"] else " non-trainable") for v in variables]
    if texts != golden["variables"]:
        at = next((i for i, (a, b) in enumerate(zip(texts, golden["variables"])) if a != b), min(len(texts), len(golden["variables"])))
        return f"variable {at} is {texts[at:at + 1]}, not {golden['variables'][at:at + 1]}"
    hash_weights.write_safetensors(work / "weights", variables, 0)
    command = [program, "run", "-w", work / "weights", "--output", work / "output.npy"]
    for spec in golden["inputs"]:
        np.save(work / f"{spec['name']}.npy", hash_weights.make_input(spec))
        command += ["--input", f"{spec['name']}={work}/{spec['name']}.npy"]
    execute(*command)
    output = np.load(work / "output.npy")
    if list(output.shape) != golden["shape"]:
        return f"the output is {list(output.shape)}, not {golden['shape']}"
    reference = np.array(golden["output"])
    error = float(np.max(np.abs(output.reshape(-1)[::golden["stride"]] - reference)) / np.max(np.abs(reference)))
    if not error <= golden["bound"]:
        return f"the output is off by {error:.1e}; {golden['bound']:.1e} is allowed"
    return None


def main():
    mdlc, jobs, *names = sys.argv[1:]
    sources = [s for s in sorted(HERE.glob("*.mdl")) if not names or s.stem in names]

    def attempt(source):
        with tempfile.TemporaryDirectory() as work:
            try:
                return run(mdlc, source, json.loads(source.with_suffix(".json").read_text()), Path(work))
            except (RuntimeError, OSError, ValueError) as e:
                return str(e)
    with concurrent.futures.ThreadPoolExecutor(int(jobs)) as pool:
        faults = list(pool.map(attempt, sources))
    for source, fault in zip(sources, faults):
        if fault:
            print(f"FAILED {source.stem}\n{fault}")
    failed = sum(f is not None for f in faults)
    print(f"{len(sources) - failed} passed, {failed} failed")
    return 1 if failed or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
