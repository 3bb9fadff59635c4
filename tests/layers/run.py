#!/usr/bin/env python3
"""Every layer of the library against Keras: manifest and output of each case of tests/layers/*.json.

    run.py [--mdlc MDLC] [--jobs N] [--filter GLOB] [--keep DIRECTORY]

A case is a program with one layer. It is built, its weights are filled by tests/support/hash_weights.py (unless the case is about
their first values), it runs on the
case's inputs, and its outputs are compared: max|y - ref| / max|ref| must stay within the case's bound. The manifest must
list the same variables in the same order, with the same shapes, dtypes, flags and Keras paths.
--filter takes names such as 'LSTM.mask*'. --keep leaves the programs and files of each case there.
Needs Python 3.9 and NumPy 1.20, nothing else.
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
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import hash_weights  # noqa: E402

STRICT = "-O0 -std=c11 -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Werror"


class Failed(Exception):
    pass


def command(*args):
    done = subprocess.run(args, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise Failed(f"{os.path.basename(args[0])} {args[1]} ended with {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def check_variables(manifest, case):
    keys = ("path", "shape", "dtype", "trainable", "keras_path")
    have = [{k: v[k] for k in keys if k in want} for v, want in zip(manifest["variables"], case["variables"])]
    if len(manifest["variables"]) != len(case["variables"]):
        raise Failed(f"{len(manifest['variables'])} variables instead of {len(case['variables'])}: "
                     + ", ".join(v["path"] for v in manifest["variables"]))
    for got, want in zip(have, case["variables"]):
        for key, value in got.items():
            if value != want[key]:
                raise Failed(f"{want['path']}: {key} is {value}, not {want[key]}")


def check_output(got, ref, spec):
    if list(got.shape) != list(ref.shape):
        raise Failed(f"{spec['name']}: shape {list(got.shape)} instead of {list(ref.shape)}")
    if str(got.dtype) != spec["dtype"]:
        raise Failed(f"{spec['name']}: {got.dtype} instead of {spec['dtype']}")
    if not ref.size:
        return
    distance, scale = np.max(np.abs(got.astype(np.float64) - ref)), np.max(np.abs(ref))
    error = distance / scale if scale > 0 else distance
    if not error <= spec["bound"]:
        raise Failed(f"{spec['name']}: error {error:.3g}, more than {spec['bound']:.3g}")


def run_case(mdlc, directory, layer, case, seed, refs):
    os.makedirs(directory, exist_ok=True)
    path = lambda name: os.path.join(directory, name)  # noqa: E731
    with open(path("case.mdl"), "w", encoding="utf-8") as out:
        out.write(case["program"])
    command(mdlc, "build", path("case.mdl"), "-o", path("case"), "--cflags", STRICT)
    manifest = json.loads(command(path("case"), "manifest", "--format", "json"))
    check_variables(manifest, case)
    hash_weights.write_safetensors(path("case.safetensors"), manifest["variables"], seed)
    args = [path("case"), "run"]
    if manifest["variables"] and not case.get("first_values"):
        args += ["-w", path("case.safetensors")]
    for spec in case["inputs"]:
        np.save(path(f"in_{spec['name']}.npy"), hash_weights.make_input(spec))
        args += ["--input", f"{spec['name']}={path('in_' + spec['name'] + '.npy')}"]
    for spec in case["outputs"]:
        args += ["--output", f"{spec['name']}={path('out_' + spec['name'] + '.npy')}"]
    command(*args)
    for spec in case["outputs"]:
        check_output(np.load(path(f"out_{spec['name']}.npy")), refs[f"{case['name']}/{spec['name']}"], spec)


def attempt(job):
    try:
        run_case(*job)
    except (Failed, OSError, KeyError, ValueError, subprocess.TimeoutExpired) as error:
        return str(error) or repr(error)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mdlc", default=os.path.join(HERE, "..", "..", "build", "bin", "mdlc"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--filter", default="*", metavar="GLOB")
    parser.add_argument("--keep", metavar="DIRECTORY")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        names, jobs = [], []
        for file in sorted(os.listdir(HERE)):
            if not file.endswith(".json"):
                continue
            with open(os.path.join(HERE, file), encoding="utf-8") as f:
                golden = json.load(f)
            refs = dict(np.load(os.path.join(HERE, file[:-5] + ".npz")))
            for case in golden["cases"]:
                name = f"{golden['layer']}.{case['name']}"
                if fnmatch.fnmatch(name, args.filter):
                    names.append(name)
                    jobs.append((os.path.abspath(args.mdlc), os.path.join(args.keep or scratch, name), golden["layer"], case,
                                 golden["seed"], refs))
        failed = 0
        with concurrent.futures.ThreadPoolExecutor(max(1, args.jobs)) as pool:
            for name, error in zip(names, pool.map(attempt, jobs)):
                if error:
                    failed += 1
                    print(f"FAILED {name}\n    " + error.replace("\n", "\n    "), flush=True)
    print(f"{len(jobs) - failed} passed, {failed} failed")
    return 1 if failed or not jobs else 0


if __name__ == "__main__":
    sys.exit(main())
