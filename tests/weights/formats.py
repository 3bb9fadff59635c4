#!/usr/bin/env python3
"""Every format: what its own library wrote (formats/, made by tools/goldens/format_files.py) is read value for value; what mdlc writes is
read again, and by NumPy, and by h5py, PyTorch, safetensors and gguf where this Python has them; what is refused says why.

    formats.py [--mdlc MDLC]
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "formats")
REFUSED = {"soft_link": "soft link", "external_link": "another file", "hard_link": "second name", "external_storage": "other files",
           "virtual": "virtual", "text": "no numbers", "filter": "only gzip", "bomb": "a thousand times",
           "module": "torch.nn.modules.container.Sequential", "old": "before PyTorch 1.6"}
passed = failed = 0


def check(what, good, why=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAILED {what} {why}")


def run(*args):
    return subprocess.run([mdlc, "weights", *args], capture_output=True, text=True, timeout=120)


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def read(file, work):
    """The tensors of a file, by way of an .npz."""
    out = os.path.join(work, "read.npz")
    done = run("convert", file, out)
    check(f"{os.path.basename(file)} is read", done.returncode == 0, done.stderr)
    return {k: v.view("uint16") if v.dtype.kind == "V" else v for k, v in np.load(out).items()} if done.returncode == 0 else {}


def check_read(name, work, values, trim=lambda k: k):
    for key, got in read(os.path.join(FILES, name), work).items():
        want = values[trim(key)]
        check(f"{name}: {key}", same(got, want), f"{got.dtype}{got.shape} instead of {want.dtype}{want.shape}, or other values")


def check_written(end, source, work):
    """What is written in a format is the same when it is read back."""
    out = os.path.join(work, "written" + end)
    done = run("convert", source, out)
    check(f"{end} is written", done.returncode == 0, done.stderr)
    done = run("diff", source, out)
    check(f"{end} holds the same", done.returncode == 0, done.stdout + done.stderr)
    return out


def others(work):
    """Files as libraries beside NumPy read them, those that are there."""
    values = dict(np.load(os.path.join(FILES, "values.npz")))
    floats = os.path.join(work, "floats.npz")
    np.savez(floats, **{k: values[k] for k in ("float32", "float64", "float16", "int8", "int16", "int32", "int64", "special")})
    readers = {}
    try:
        import safetensors.numpy
        readers[".safetensors"] = safetensors.numpy.load_file
    except ImportError:
        pass
    try:
        import gguf
        readers[".gguf"] = lambda f: {t.name: np.asarray(t.data) for t in gguf.GGUFReader(f).tensors}
    except ImportError:
        pass
    for end, reader in readers.items():
        out = os.path.join(work, "other" + end)
        done = run("convert", floats, out)
        got = reader(out)
        check(f"{end} in its own library", done.returncode == 0 and all(same(got[k].reshape(v.shape), v) for k, v in np.load(floats).items()))


def shards(work):
    """Sets of Keras' shards that are wrong in one thing. tests/weights/keras.py reads those that are right."""
    name = "functional_mlp"
    for i in range(3):
        shutil.copy(os.path.join(HERE, "keras", f"{name}_{i:05}.weights.h5"), work)
    with open(os.path.join(HERE, "keras", name + ".weights.json"), encoding="utf-8") as f:
        right = json.load(f)["weight_map"]
    first, second, third = right
    lost = {k: v for k, v in right.items() if k != third}
    more = {"more": [f"{name}_00000.weights.h5", f"{name}_00001.weights.h5"]}
    file = os.path.join(work, "set.weights.json")
    for what, weight_map, why in (
            ("right", right, None), ("a text instead of a list", {**right, first: right[first][0]}, None),
            ("no shard", {**right, first: ["none.weights.h5"]}, "none.weights.h5: No such file or directory (a shard of "),
            ("a shard elsewhere", {**right, first: ["../x.weights.h5"]}, "byte "),
            ("another kind of file", {**right, first: ["set.weights.json"]}, "are .weights.h5 files"),
            ("something that is not there", {**right, **more}, "holds `more`, which is not there"),
            ("something in another shard", {**right, first: right[second], second: right[first]}, "does not say that "),
            ("something twice", {**right, first: right[first] * 2}, "says twice that "),
            ("something untold", {**lost, "x": right[third]}, "does not say that "),
            ("no list", {**right, first: [3]}, "byte "), ("nothing", [], "byte ")):
        with open(file, "w", encoding="utf-8") as f:
            json.dump({"metadata": {}, "weight_map": weight_map}, f)
        done = run("show", file)
        good = done.returncode == 0 if why is None else done.returncode in (1, 2) and why in done.stderr and "set.weights.json" in done.stderr
        check(f"shards: {what}", good, done.stdout + done.stderr)


def main():
    values = dict(np.load(os.path.join(FILES, "values.npz")))
    with tempfile.TemporaryDirectory() as work:
        for name in ("numpy.npz", "deflated.npz", "float32.npy", "fortran.npy", "big.npy", "safetensors.safetensors", "torch.pt", "floats.gguf"):
            check_read(name, work, values)
        check_read("h5py.h5", work, values, lambda k: k.split("/")[-1])
        listed = run("show", os.path.join(FILES, "gguf.gguf"))
        check("gguf lists what is quantised", "Q8_0[2, 64]" in listed.stdout, listed.stdout)
        done = run("convert", os.path.join(FILES, "gguf.gguf"), os.path.join(work, "q.npz"))
        check("gguf refuses quantised values", done.returncode == 1 and "quantised" in done.stderr, done.stderr)
        done = run("show", os.path.join(FILES, "checkpoint.bin"), "--json")
        check("nested dicts", done.returncode == 0 and '"state_dict.1.running_var"' in done.stdout, done.stdout + done.stderr)
        for name, why in REFUSED.items():
            end = ".pt" if name in ("module", "old") else ".h5"
            done = run("show", os.path.join(FILES, f"refused_{name}{end}"))
            check(f"refused: {name}", done.returncode == 1 and why in done.stderr, f"{done.returncode} {done.stdout}{done.stderr}")
        file = os.path.join(work, "old.keras")
        with zipfile.ZipFile(file, "w") as z:
            z.writestr("config.json", "{}")
            z.writestr("model.weights.npz", b"")
        done = run("show", file)
        check("refused: an .npz in a .keras", done.returncode == 1 and "Load it in the Keras that wrote it" in done.stderr, done.stderr)
        shards(work)
        for end in (".npz", ".safetensors"):
            check_written(end, os.path.join(FILES, "numpy.npz"), work)
        got = dict(np.load(check_written(".npz", os.path.join(FILES, "torch.pt"), work)))
        check("NumPy reads .npz", all(same(got[k], values[k]) for k in got if k != "bf16"))
        source = os.path.join(work, "few.npz")
        np.savez(source, **{k: values[k] for k in ("float32", "float64", "float16", "int8", "int16", "int32", "int64", "special")})
        check_written(".gguf", source, work)
        done = run("convert", os.path.join(FILES, "float32.npy"), os.path.join(work, "half.npy"), "--dtype", "float16")
        half = np.load(os.path.join(work, "half.npy")) if done.returncode == 0 else np.zeros(0)
        check("--dtype float16", same(half, values["float32"].astype("float16")), done.stderr)
        others(work)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--mdlc", default=os.path.join(HERE, "..", "..", "build", "bin", "mdlc"))
mdlc = os.path.abspath(parser.parse_args().mdlc)
sys.exit(main())
