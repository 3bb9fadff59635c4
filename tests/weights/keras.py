#!/usr/bin/env python3
"""Keras' weight files into MDL models, and back: for each model of keras/models.json, its .weights.h5 and its .keras (of some
also an older .h5 and shards) as Keras saved them

- convert to the values that tests/support/hash_weights.py gives each path, with no mapping and no fault;
- make the program compute what Keras computed (one of the two files);
- written again with --like and with --layout, hold the same values at the same places.

    keras.py [--mdlc MDLC] [--jobs N] [--filter GLOB] [--values]      --values: the first of these alone
"""
import argparse
import concurrent.futures
import fnmatch
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "keras")
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import hash_weights  # noqa: E402

# Their layers are not in the order, or not of the classes, of the MDL model: --like knows their places, --layout can't.
OTHERWISE = ["functional_named", "functional_inside"]


class Failed(Exception):
    pass


def command(*args, status=0):
    done = subprocess.run(args, capture_output=True, text=True, timeout=120)
    if done.returncode != status:
        raise Failed(f"{' '.join(args[1:4])} ended with {done.returncode}, not {status}\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def stored(values, dtype):
    """As NumPy has them: bfloat16 is two bytes that mean nothing to it."""
    return (values.view("uint32") >> 16).astype("uint16").view("V2") if dtype == "bfloat16" else values


def check_values(file, row):
    got = dict(np.load(file))
    want = {v["path"]: stored(hash_weights.variable(0, v["path"], v["shape"], v["dtype"]), v["dtype"]) for v in row["variables"]}
    if sorted(got) != sorted(want):
        raise Failed(f"{os.path.basename(file)} holds {sorted(set(got) ^ set(want))} or lacks them")
    for path, value in want.items():
        if got[path].dtype != value.dtype or got[path].shape != value.shape or got[path].tobytes() != value.tobytes():
            raise Failed(f"{os.path.basename(file)}: {path} has other values")


def run_model(mdlc, row, expected, work, values_alone):
    path = lambda name: os.path.join(work, name)  # noqa: E731
    os.makedirs(work)
    with open(path("net.mdl"), "w", encoding="utf-8") as f:
        f.write(row["program"])
    files = [e for e in (".weights.h5", ".keras", ".h5", ".weights.json") if os.path.exists(os.path.join(FILES, row["name"] + e))]
    for end in files:
        kept = os.path.join(FILES, row["name"] + end)
        command(mdlc, "weights", "verify", path("net.mdl"), kept)
        command(mdlc, "weights", "convert", kept, path(f"values{end}.npz"), "--for", path("net.mdl"))
        check_values(path(f"values{end}.npz"), row)
    if values_alone:
        return
    kept = os.path.join(FILES, row["name"])
    ways = [(".keras", ["--like", kept + ".keras"]), (".weights.h5", ["--like", kept + ".weights.h5"])]
    if row["name"] not in OTHERWISE:
        ways.append((".weights.h5", ["--layout", row["layout"]]))
    for end, more in ways:
        command(mdlc, "weights", "convert", kept + ".weights.h5", path("back" + end), "--for", path("net.mdl"), *more)
        command(mdlc, "weights", "diff", kept + end, path("back" + end))
    command(mdlc, "weights", "convert", kept + ".keras", path("w.safetensors"), "--for", path("net.mdl"))
    command(mdlc, "build", path("net.mdl"), "-o", path("net"), "--cflags", "-O0")
    args = [path("net"), "run", "-w", path("w.safetensors"), "--output", path("out.npy")]
    for name, shape in zip("xy", row["inputs"]):
        np.save(path(name + ".npy"), hash_weights.make_input({"name": name, "dtype": "float32", "shape": shape, "low": -1, "high": 1}))
        args += ["--input", f"{name}={path(name + '.npy')}"]
    command(*args)
    got = np.load(path("out.npy"))
    error = np.max(np.abs(got - expected)) / np.max(np.abs(expected))
    bound = 2**-7 if any(v["dtype"] == "bfloat16" for v in row["variables"]) else 1e-5
    if got.shape != expected.shape or not error < bound:
        raise Failed(f"the output differs by {error:.2g}")


def attempt(job):
    try:
        run_model(*job)
    except (Failed, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        return str(error) or repr(error)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mdlc", default=os.path.join(HERE, "..", "..", "build", "bin", "mdlc"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--values", action="store_true")
    parser.add_argument("--filter", default="*", metavar="GLOB")
    args = parser.parse_args()
    with open(os.path.join(FILES, "models.json"), encoding="utf-8") as f:
        rows = [r for r in json.load(f)["models"] if fnmatch.fnmatch(r["name"], args.filter)]
    outputs = dict(np.load(os.path.join(FILES, "outputs.npz")))
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        jobs = [(os.path.abspath(args.mdlc), r, outputs[r["name"]], os.path.join(scratch, r["name"]), args.values) for r in rows]
        with concurrent.futures.ThreadPoolExecutor(max(1, args.jobs)) as pool:
            for row, error in zip(rows, pool.map(attempt, jobs)):
                if error:
                    failed += 1
                    print(f"FAILED {row['name']}\n    " + error.replace("\n", "\n    "), flush=True)
    print(f"{len(rows) - failed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
