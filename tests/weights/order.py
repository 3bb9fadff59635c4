#!/usr/bin/env python3
"""Files of Functional and Sequential models that are made up, to tell the rules apart: names, class and order, class and shape; and
what is none of these is an error that says what each layer could be.

    order.py [--mdlc MDLC]
"""
import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
passed = failed = 0


def model(fields, dim=3):
    lines = [f"    {name} = {text}" for name, text in fields]
    body = "x"
    for name, _ in fields:
        body = f"{name}({body})"
    return "\n".join(["model Net {", *lines, "", f"    call(x: float32[2, {dim}]) {{ return {body} }}", "}", ""])


def run(*args):
    return subprocess.run([mdlc, "weights", *args], capture_output=True, text=True, timeout=60, cwd=work)


def check(what, fields, groups, right=None, said=None):
    """`groups`: shapes by the path of a group; `right`: the group of each field, or what is said instead."""
    global passed, failed
    r = np.random.RandomState(0)
    tensors = {f"layers/{group}/vars/{i}": r.standard_normal(shape).astype("float32") for group, shapes in groups.items()
               for i, shape in enumerate(shapes)}
    np.savez(os.path.join(work, "made.npz"), **tensors)
    with open(os.path.join(work, "net.mdl"), "w", encoding="utf-8") as f:
        f.write(model(fields))
    made = run("convert", "made.npz", "made.weights.h5")
    done = run("convert", "made.weights.h5", "bound.npz", "--for", "net.mdl")
    good = made.returncode == 0 and done.returncode == (0 if right else 1)
    if right and good:
        with np.load(os.path.join(work, "bound.npz")) as bound:
            for path in bound:
                field, part = path.split(".")
                place = ("kernel", "bias").index(part) if part in ("kernel", "bias") else ("gamma", "beta").index(part)
                good = good and np.array_equal(bound[path], tensors[f"layers/{right[field]}/vars/{place}"])
    elif said:
        good = good and all(text in done.stderr for text in said)
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAILED {what}\n{made.stderr}{done.stdout}{done.stderr}")


def dense(inputs, units):
    return [(inputs, units), (units,)]


def main():
    number = lambda i: f"dense_{i}" if i else "dense"
    check("numbers are numbers: dense_10 is the last", [(f"d{i}", "Dense(3)") for i in range(11)],
          {number(i): dense(3, 3) for i in range(11)}, {f"d{i}": number(i) for i in range(11)})
    norms = [("n1", "LayerNormalization()"), ("n2", "GroupNormalization(1)")]
    files = {"layer_normalization": [(3,), (3,)], "group_normalization": [(3,), (3,)]}
    where = {"n1": "layer_normalization", "n2": "group_normalization"}
    check("order fails, class and shape tell", [*norms, ("a", "Dense(4)"), ("b", "Dense(2)")],
          {**files, "dense": dense(4, 2), "dense_1": dense(3, 4)}, {**where, "a": "dense_1", "b": "dense"})
    check("two could be either", [("a", "Dense(3)"), ("b", "Dense(3)"), ("c", "Dense(2)")],
          {"dense": dense(3, 2), "dense_1": dense(3, 3), "dense_2": dense(3, 3)}, said=["dense_1 can be `a`, `b`", "dense can be `c`", "--map"])
    check("a group that holds more", [("a", "Dense(3)")], {"dense": [*dense(3, 3), (3,)]}, said=["dense can be none of the model's layers"])
    check("a layer more", [("a", "Dense(3)")], {"dense": dense(3, 3), "dense_1": dense(3, 3)}, said=["with 2 layers", "the model has 1"])
    print(f"{passed} passed, {failed} failed")
    return failed > 0


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--mdlc", default=os.path.join(HERE, "..", "..", "build", "bin", "mdlc"))
mdlc = os.path.abspath(parser.parse_args().mdlc)
with tempfile.TemporaryDirectory() as work:
    sys.exit(main())
