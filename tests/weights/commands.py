#!/usr/bin/env python3
"""What the commands of `mdlc weights` say and how they end: on a small model, with files that NumPy makes.

    commands.py [--mdlc MDLC]
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

MODEL = "model Net {\n    a = Dense(4)\n    b = Dense(2)\n    call(x: float32[batch, 3]) { return b(a(x)) }\n}\n"
OTHER = MODEL.replace("Dense(4)", "Dense(5)").replace("b = ", "c = ").replace("b(a", "c(a")
passed = failed = 0


def values(**changes):
    r = np.random.RandomState(1)
    v = {"a.kernel": r.rand(3, 4), "a.bias": r.rand(4), "b.kernel": r.rand(4, 2), "b.bias": r.rand(2)}
    v = {k: x.astype("float32") for k, x in v.items()} | changes
    return {k: x for k, x in v.items() if x is not None}


def expect(what, args, status, *words):
    """The command ends with the status and says the words."""
    global passed, failed
    done = subprocess.run([mdlc, "weights", *args], capture_output=True, text=True, timeout=60, cwd=work)
    said = done.stdout + done.stderr
    good = done.returncode == status and all(w in said for w in words)
    passed, failed = passed + good, failed + (not good)
    if not good:
        print(f"FAILED {what}: ended with {done.returncode}, not {status}; of {words} it said\n{said}")
    return done.stdout


def save(name, **changes):
    np.savez(os.path.join(work, name), **values(**changes))


def main():
    with open(os.path.join(work, "net.mdl"), "w") as f:
        f.write(MODEL)
    with open(os.path.join(work, "other.mdl"), "w") as f:
        f.write(OTHER)
    save("good.npz")
    good = values()
    save("changed.npz", **{"a.bias": good["a.bias"] + np.float32([0, 0.5, 0, 0])})
    save("missing.npz", **{"b.bias": None})
    save("renamed.npz", **{"a.kernel": None, "first.kernel": good["a.kernel"]})
    save("turned.npz", **{"a.kernel": good["a.kernel"].T.copy()})
    save("bad.npz", **{"a.bias": np.float32([0, np.nan, np.inf, 0])})
    np.savez(os.path.join(work, "torch.npz"), **{"a.weight": good["a.kernel"].T.copy(), "b.weight": good["b.kernel"].T.copy(),
                                                  "a.bias": good["a.bias"], "b.bias": good["b.bias"]})
    verify(good)
    diff()
    convert(good)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


def verify(good):
    expect("it fits", ["verify", "net.mdl", "good.npz"], 0, "good.npz fits Net")
    expect("missing", ["verify", "net.mdl", "missing.npz"], 1, "missing", "b.bias")
    expect("missing, but partial", ["verify", "net.mdl", "missing.npz", "--partial"], 0)
    expect("renamed", ["verify", "net.mdl", "renamed.npz"], 1, "renamed", "first.kernel")
    expect("transposed", ["verify", "net.mdl", "turned.npz"], 1, "transposed", "a.kernel.T")
    expect("not finite", ["verify", "net.mdl", "bad.npz", "--values"], 1, "not finite", "a.bias")
    report = expect("as JSON", ["verify", "net.mdl", "missing.npz", "--json"], 1)
    expect("no model", ["verify", "none.mdl", "good.npz"], 2, "none.mdl")
    expect("the model is wrong", ["verify", "good.npz", "net.mdl"], 1)
    json.loads(report)


def diff():
    expect("the same", ["diff", "good.npz", "good.npz"], 0, "4 same")
    expect("changed", ["diff", "good.npz", "changed.npz"], 1, "changed", "1 of 4 differ, by up to 0.5")
    expect("within the tolerance", ["diff", "good.npz", "changed.npz", "--tolerance", "0.6"], 0)
    expect("renamed", ["diff", "good.npz", "renamed.npz"], 1, "renamed", "a.kernel float32[3, 4] -> first.kernel")
    expect("removed", ["diff", "good.npz", "missing.npz"], 1, "removed   b.bias")
    expect("added", ["diff", "missing.npz", "good.npz"], 1, "added     b.bias")
    expect("a model and a file", ["diff", "net.mdl", "good.npz"], 0, "4 same")
    expect("two models", ["diff", "net.mdl", "other.mdl"], 1, "reshaped  a.kernel float32[3, 4] -> float32[3, 5]", "c.bias")
    expect("a file is missing", ["diff", "good.npz", "none.npz"], 2, "none.npz")
    assert json.loads(expect("as JSON", ["diff", "good.npz", "changed.npz", "--json"], 1))["counts"]["changed"] == 1


def convert(good):
    text = expect("PyTorch's names", ["map", "net.mdl", "torch.npz"], 0, "a.weight.T", "b.weight.T")
    expect("a map to a file", ["map", "net.mdl", "torch.npz", "-o", "net.map"], 0)
    mapping = os.path.join(work, "net.map")
    with open(mapping) as f:
        assert f.read() == text
    expect("with a mapping", ["convert", "torch.npz", "out.npz", "--for", "net.mdl", "--map", "net.map"], 0)
    expect("as it was", ["diff", "good.npz", "out.npz"], 0, "4 same")
    expect("does not fit", ["convert", "missing.npz", "never.npz", "--for", "net.mdl"], 1, "b.bias")
    expect("an unknown ending", ["convert", "good.npz", "never.xyz"], 2, ".safetensors")
    expect("no folder", ["convert", "good.npz", "nowhere/never.npz"], 2, "nowhere")
    expect(".keras needs an archive", ["convert", "good.npz", "never.keras", "--for", "net.mdl"], 2, "--like")
    expect("a slip", ["convert", "good.npz", "never.npz", "--dtyp", "float16"], 2, "did you mean `--dtype`")
    assert not [n for n in os.listdir(work) if "never" in n or "saving" in n]
    shown = json.loads(expect("show as JSON", ["show", "bad.npz", "--values", "--json", "--filter", "a.*"], 0))
    bias = [t for t in shown["tensors"] if t["name"] == "a.bias"][0]
    assert len(shown["tensors"]) == 2 and bias["nan"] == 1 and bias["infinite"] == 1 and bias["max"] == 0, shown


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--mdlc", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "bin", "mdlc"))
mdlc = os.path.abspath(parser.parse_args().mdlc)
with tempfile.TemporaryDirectory() as work:
    sys.exit(main())
