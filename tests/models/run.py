#!/usr/bin/python3
"""Every model of tests/models, from its manifest to its numbers.

    run.py [--mdlc MDLC] [--jobs N] [MODEL...]

For each folder, with the example that its case.json names:

    manifest   the variables are those of the Keras twin: paths, Keras paths, shapes, dtypes, flags, order, totals
    formats    `mdlc manifest` and the program's manifest are the same bytes in every format; the JSON fits its schema
    code       the same bytes twice; no warning from gcc and clang
    numbers    the probe's outputs with hashed weights: max|y - ref| / max|ref| within the case's bound
    exchange   after exchanging two weights of equal shape they are not

Needs Python 3.9, NumPy 1.20 and jsonschema. The last line is `N passed, N failed`.
"""
import argparse
import concurrent.futures
import glob
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "support"))
import hash_weights  # noqa: E402

STRICT = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wpedantic", "-Werror", "-I",
          os.path.join(TOP, "runtime", "include"), "-c", "-o", os.devnull]
FIELDS = ("index", "path", "shape", "dtype", "parameters", "bytes", "trainable", "reason", "initializer", "layer", "class", "source",
          "aliases", "keras_path", "keras2_name", "h5_path")
FORMATS = [["--format", f, *rest] for f in ("text", "json", "csv", "markdown")
           for rest in ([], ["--layers"], ["--trainable"], ["--non-trainable"], ["--filter", "*kernel*"])]
FORMATS += [["--template", " ".join(f"{{{f}}}" for f in FIELDS)], ["--width", "0"], ["--width", "60", "--layers"]]
SMALL = 32 << 20  # bytes of weights up to which several exchanges are tried


class Failed(Exception):
    pass


def command(*args):
    done = subprocess.run(args, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
    if done.returncode != 0:
        text = (done.stdout[-2000:] + done.stderr[-4000:]).decode("utf-8", "replace")
        raise Failed(f"{' '.join(args)}\nended with {done.returncode}\n{text}".rstrip())
    return done.stdout


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


class Model:
    def __init__(self, name, mdlc, work):
        self.name, self.mdlc = name, mdlc
        self.golden = os.path.join(HERE, name)
        self.case = load(os.path.join(self.golden, "case.json"))
        self.work = os.path.join(work, name)
        os.makedirs(self.work, exist_ok=True)

    def arguments(self, values):
        return [self.case["example"], "--model", self.case["example_model"],
                *(a for k, v in values.items() for a in ("-D", f"{k}={v}"))]

    def path(self, name):
        return os.path.join(self.work, name)

    # ---- the checks ----

    def manifest(self):
        for file in sorted(glob.glob(os.path.join(self.golden, "manifest*.json"))):
            want = load(file)
            got = json.loads(command(self.mdlc, "manifest", *self.arguments(want["arguments"]), "--format", "json"))
            where = os.path.basename(file)
            for g, w in zip(got["variables"], want["variables"]):
                for key, value in w.items():
                    if g[key] != value:
                        raise Failed(f"{where}: {w['path']}: {key} is {g[key]}, not {value}")
            totals = {"variables": got["totals"]["total"]["variables"], "parameters": got["totals"]["total"]["parameters"],
                      "trainable": got["totals"]["trainable"]["parameters"],
                      "non_trainable": got["totals"]["non_trainable"]["parameters"]}
            if totals != want["totals"] or len(got["variables"]) != len(want["variables"]):
                raise Failed(f"{where}: totals are {totals}, not {want['totals']}")

    def formats(self):
        import jsonschema
        arguments = self.arguments(self.case["arguments"])
        program = self.path("program")
        command(self.mdlc, "build", *arguments, "-o", program, "--cflags", "-O0")
        for options in FORMATS:
            a, b = command(self.mdlc, "manifest", *arguments, *options), command(program, "manifest", *options)
            if a != b:
                raise Failed(f"mdlc and the program differ under {' '.join(options)}")
            if options == ["--format", "json"]:
                jsonschema.validate(json.loads(a), load(os.path.join(TOP, "docs", "manifest.schema.json")))

    def code(self):
        texts = []
        for folder in ("c1", "c2"):
            command(self.mdlc, "build", *self.arguments(self.case["arguments"]), "--emit", "c", "-o", self.path(folder))
            texts.append([open(f, "rb").read() for f in sorted(glob.glob(self.path(folder) + "/*"))])
        if texts[0] != texts[1]:
            raise Failed("the C is not the same twice")
        for compiler in (["gcc", "-O2"], ["clang", "-O1"]):
            command(*compiler, *STRICT, *glob.glob(self.path("c1") + "/*.c"))

    def numbers(self):
        probe = self.path("probe")
        file = os.path.relpath(os.path.join(self.golden, "probe.mdl"), TOP)
        command(self.mdlc, "build", file, "--model", self.case["probe"], "-o", probe)
        self.variables = json.loads(command(probe, "manifest", "--format", "json"))["variables"]
        hash_weights.write_safetensors(self.path("weights"), self.variables, self.case["seed"], self.case["strip_prefix"])
        for error, spec in self.run_probe():
            if not error <= spec["bound"]:
                raise Failed(f"{spec['name']} ({spec['what']}): error {error:.3g}, more than {spec['bound']:.3g}")

    def run_probe(self):
        args = [self.path("probe"), "run", "-w", self.path("weights")]
        for spec in self.case["inputs"]:
            file = os.path.join(self.golden, spec["file"]) if spec["file"] else self.path(f"input_{spec['name']}.npy")
            if not spec["file"]:
                np.save(file, hash_weights.make_input(spec))
            args += ["--input", f"{spec['name']}={file}"]
        for spec in self.case["outputs"]:
            args += ["--output", f"{spec['name']}={self.path(spec['file'])}"]
        command(*args)
        return [(self.error(spec), spec) for spec in self.case["outputs"]]

    def error(self, spec):
        y = np.load(self.path(spec["file"]))
        ref = np.load(os.path.join(self.golden, spec["file"])).astype(np.float64)
        if list(y.shape) != spec["shape"]:
            raise Failed(f"{spec['name']}: shape {list(y.shape)} instead of {spec['shape']}")
        y = y.reshape(-1)[::spec["stride"]] if spec["stride"] > 1 else y
        return np.max(np.abs(y.astype(np.float64).reshape(-1) - ref.reshape(-1))) / np.max(np.abs(ref))

    def exchange(self):
        """Pairs among those that the goldens were checked to notice."""
        groups, pairs = {}, []
        for v in self.variables:
            groups.setdefault((tuple(v["shape"]), v["dtype"]), []).append(v["path"])
        for members in groups.values():
            pairs += zip(members, members[1:])
            if len(members) > 3:
                pairs += zip(members, members[len(members) // 2:])
        bare = lambda p: p[len(self.case["strip_prefix"]):]  # noqa: E731
        pairs.sort(key=lambda p: hash_weights.fnv1a64(bare(p[0]) + " " + bare(p[1])))
        small = os.path.getsize(self.path("weights")) <= SMALL
        for a, b in pairs[:4 if small else 1]:
            self.swap(a, b)
            if all(error <= spec["bound"] for error, spec in self.run_probe()):
                raise Failed(f"exchanging {a} and {b} changes nothing")
            self.swap(a, b)

    def swap(self, a, b):
        with open(self.path("weights"), "r+b") as f:
            size, = struct.unpack("<Q", f.read(8))
            header = json.loads(f.read(size))
            spans = [header[p]["data_offsets"] for p in (a, b)]
            bytes_of = []
            for start, end in spans:
                f.seek(8 + size + start)
                bytes_of.append(f.read(end - start))
            for (start, _), data in zip(spans, reversed(bytes_of)):
                f.seek(8 + size + start)
                f.write(data)

    def check(self):
        results, start = [], time.time()
        for step in (self.manifest, self.formats, self.code, self.numbers, self.exchange):
            if step == self.exchange and results[-1][1]:
                continue
            try:
                step()
                results.append((step.__name__, None))
            except Exception as e:  # noqa: BLE001 - a failure of whatever kind is this model's
                results.append((step.__name__, str(e) if isinstance(e, Failed) else f"{type(e).__name__}: {e}"))
        shutil.rmtree(self.work, ignore_errors=True)
        return results, time.time() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL")
    parser.add_argument("--mdlc", default=os.path.join(TOP, "build", "bin", "mdlc"))
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    names = args.models or sorted(os.path.basename(os.path.dirname(p)) for p in glob.glob(os.path.join(HERE, "*", "case.json")))
    passed = failed = 0
    with tempfile.TemporaryDirectory(dir=os.environ.get("MDL_WORK")) as work, \
            concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        models = [Model(n, os.path.abspath(args.mdlc), work) for n in names]
        for model, (results, seconds) in zip(models, pool.map(Model.check, models)):
            bad = [r for r in results if r[1]]
            passed, failed = passed + len(results) - len(bad), failed + len(bad)
            print(f"{model.name:14} {', '.join(step for step, why in results if not why)}  ({seconds:.0f} s)", flush=True)
            for step, why in bad:
                print(f"  {step} FAILED: " + why.replace("\n", "\n    "), flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
