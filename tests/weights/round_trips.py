#!/usr/bin/env python3
"""round_trips.py MDLC: what the safetensors library and NumPy wrote is read value for value, and what a program writes is what it
should be to a slow and strict reader. tools/goldens/weight_files.py made the files. The last line is `N passed, N failed`."""
import json
import os
import resource
import struct
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import strict_safetensors  # noqa: E402

MDL = {"f64": "float64", "f32": "float32", "f16": "float16", "bf16": "bfloat16", "i64": "int64", "i32": "int32", "i16": "int16",
       "i8": "int8", "u8": "uint8", "bool": "bool", "scalar": "float32", "empty": "float32"}
FLOATS = ("f64", "f32", "f16", "bf16")
passed = failed = 0


def check(what, good):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("wrong:", what)


def program(mdlc, tensors, name, floats=None):
    """A model with a weight for each tensor; with `floats`, those of the four float dtypes are all of that one."""
    with open(f"{name}.mdl", "w", encoding="utf-8") as f:
        f.write("model M {\n")
        for key, array in tensors.items():
            f.write(f"    weight {key}: {floats if floats and key in FLOATS else MDL[key]}{list(array.shape)} = zeros\n")
        f.write("\n    call(x: float32[1]) { return x + scalar }\n}\n")
    subprocess.run([mdlc, f"{name}.mdl", "-o", name], check=True)


def run(*words):
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def same(a, b):
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def test_npy(mdlc):
    """A .npy file is one tensor, called as the file; other formats are told by their name."""
    with open("one.mdl", "w", encoding="utf-8") as f:
        f.write("model One {\n    weight scale: [3, 2] = ones\n\n    call(x: float32[2]) { return sum(scale, axis=0) * x }\n}\n")
    subprocess.run([mdlc, "one.mdl", "-o", "one"], check=True)
    values = np.arange(6, dtype="float32").reshape(3, 2)
    np.save("scale.npy", values), np.save("other.npy", values), np.save("x.npy", np.float32([1, 2]))
    for more in ([], ["--no-mmap"]):
        check("a program reads .npy", run("./one", "run", "-w", "scale.npy", "--input", "x.npy", "--output", "y.npy", *more)[0] == 0 and
              same(np.load("y.npy"), values.sum(axis=0) * np.float32([1, 2])))
    status, text = run("./one", "verify", "other.npy")
    check("by the name of the file", status == 1 and "likely renamed" in text and "scale = other" in text)
    with open("map", "w", encoding="utf-8") as f:
        f.write("scale = other\n")
    check("or by a mapping", run("./one", "verify", "other.npy", "--map", "map")[0] == 0)
    np.save("scale.npy", values.astype("float64"))
    check("another dtype", run("./one", "verify", "scale.npy")[0] == 1 and run("./one", "verify", "scale.npy", "--cast")[0] == 0)
    for array, fix in ((np.asfortranarray(values), "numpy.ascontiguousarray(x)"), (values.astype(">f4"), 'newbyteorder("<")')):
        np.save("scale.npy", array)
        status, text = run("./one", "verify", "scale.npy")
        check(fix, status == 1 and fix in text)
    np.save("scale.npy", np.uint16([1, 2]))
    status, text = run("./one", "verify", "scale.npy")
    check("a dtype that MDL does not have", status == 1 and "wrong shape" in text or "wrong dtype" in text)
    with open("scale.npy", "r+b") as f:
        f.truncate(130)
    status, text = run("./one", "verify", "scale.npy")
    check("a shortened one", status == 1 and "scale.npy: " in text)
    for name, kind in (("formats/numpy.npz", "zip archive"), ("formats/h5py.h5", "HDF5"), ("formats/gguf.gguf", "GGUF"), ("formats/torch.pt", "zip")):
        status, text = run("./one", "verify", os.path.join(HERE, name))
        check(f"not {kind}", status == 1 and kind in text and "mdlc weights convert" in text)


def test_library_files(mdlc, golden):
    """A set and a file from the library; written by us as a file and as a set."""
    program(mdlc, golden, "model")
    set_file = os.path.join(HERE, "set.safetensors.index.json")
    check("the library's set fits", run("./model", "verify", set_file)[0] == 0)
    check("the folder of the set", run("./model", "verify", HERE)[0] == 0)
    status, text = run("./model", "verify", os.path.join(HERE, "all.safetensors"))
    unexpected = [line for line in text.splitlines() if line.startswith("unexpected")]
    check("the dtypes that MDL does not have are unexpected, nothing else is",
          status == 1 and len(unexpected) == 6 and not any(w in text for w in ("missing", "wrong")) and "größe/Wörter.重み" in text)
    for source, options in ((set_file, []), (os.path.join(HERE, "all.safetensors"), ["--partial"])):
        for out, more in (("out.safetensors", []), ("out.safetensors.index.json", ["--shard-size", "200"])):
            for mapping in ([], ["--no-mmap"]):
                status, text = run("./model", "convert", source, out, *options, *more, *mapping)
                written, _ = strict_safetensors.read(out)
                check(f"{source} to {out} {mapping}: {text}", status == 0 and set(written) == set(golden))
                for key in golden:
                    check(f"{key} of {out}", same(written[key], golden[key]))
    check("what was written is read", run("./model", "verify", "out.safetensors.index.json")[0] == 0)


def test_casts(mdlc, golden):
    casts = np.load(os.path.join(HERE, "casts.npz"))
    for to in FLOATS:
        program(mdlc, golden, f"to_{to}", MDL[to])
        source = os.path.join(HERE, "set.safetensors.index.json")
        check(f"{to} is strict", run(f"./to_{to}", "verify", source)[0] == 1)
        status, text = run(f"./to_{to}", "convert", source, "cast.safetensors", "--cast")
        check(text, status == 0)
        written, _ = strict_safetensors.read("cast.safetensors")
        for key in FLOATS:
            check(f"{key} to {to}", same(written[key], casts[f"{key}_{to}"]))
        status, text = run("./model", "convert", source, "stored.safetensors", "--dtype", MDL[to])
        written, _ = strict_safetensors.read("stored.safetensors")
        for key in FLOATS:
            check(f"{key} stored as {to}", same(written[key], casts[f"{key}_{to}"]))


def sparse(name, size):
    """A file of `size` bytes of one tensor, and `scalar` behind it: nothing of it is on the disk but the header."""
    header = json.dumps({"huge": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]},
                         "scalar": {"dtype": "F32", "shape": [], "data_offsets": [size, size + 4]}}).encode()
    header += b" " * (-len(header) % 8)
    with open(name, "wb") as f:
        f.write(struct.pack("<Q", len(header)) + header)
        f.truncate(8 + len(header) + size + 4)


def test_memory(mdlc, golden):
    """A file of a hundred gigabytes costs no more memory than the tensors that are used. (What is measured of a child begins
    with this process' own, which it is a copy of before it becomes the program.)"""
    limit = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + 32 * 1024
    program(mdlc, {"scalar": golden["scalar"]}, "small")
    sparse("huge.safetensors", 100 * 1000 ** 3)
    for words in (["verify", "huge.safetensors", "--partial"], ["convert", "huge.safetensors", "small.safetensors", "--partial"],
                  ["run", "-w", "huge.safetensors", "--partial", "--random-inputs"],
                  ["run", "-w", "huge.safetensors", "--partial", "--random-inputs", "--no-mmap"]):
        child = subprocess.Popen(["./small", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        check(f"{words}: status {child.returncode}, {usage.ru_maxrss} KiB", child.returncode == 0 and usage.ru_maxrss < limit)


def main():
    mdlc = os.path.abspath(sys.argv[1])
    golden, _ = strict_safetensors.read(os.path.join(HERE, "set.safetensors.index.json"))
    with tempfile.TemporaryDirectory(prefix="mdl-weights-") as folder:
        os.chdir(folder)
        test_library_files(mdlc, golden)
        test_casts(mdlc, golden)
        test_npy(mdlc)
        test_memory(mdlc, golden)
        os.chdir("/")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
