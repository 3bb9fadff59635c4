"""What a test of the language is made of: a program, its inputs, and the numbers NumPy expects.

A case is built and run by the compiled program itself; no number is written by hand. `case`, `error` and `halts` add
cases to the list that run.py works through.
"""
import json
import os
import subprocess

import numpy as np

F32, F64, F16, I32, I64 = np.float32, np.float64, np.float16, np.int32, np.int64
STRICT = "-O0 -std=c11 -Wall -Wextra -Wconversion -Wshadow -Wpedantic -Werror"

cases = []


class Failure(Exception):
    pass


class Case:
    def __init__(self, kind, name, source, **kw):
        self.kind, self.name, self.source, self.kw = kind, name, source, kw
        cases.append(self)


def case(name, source, inputs, expect, **kw):
    """The program computes `expect(inputs, weights)`: an array, a tuple (output.0, ...) or a dict (by output's name).

    options: of mdlc; files: other files beside the program, by path; run: options of the program;
    variables: the expected paths, in order; tolerance; check(outputs): instead of `expect`, raises Failure.
    """
    Case("run", name, source, inputs=inputs, expect=expect, **kw)


def variables(name, source, paths, **kw):
    """The manifest lists exactly these paths; a path may be followed by its shape: `dense.kernel [4, 2]`."""
    Case("manifest", name, source, paths=paths, **kw)


def error(name, source, code, *texts, **kw):
    """The compiler refuses the program with this code and these words, and reports nothing else."""
    Case("error", name, source, code=code, texts=texts, **kw)


def halts(name, source, inputs, *texts, **kw):
    """The program is compiled, and stops with exit status 1 and a message that holds these words."""
    Case("halt", name, source, inputs=inputs, texts=texts, **kw)


def grid(*shape, dtype=F32, scale=0.37, start=-1.7):
    """Values without a pattern that a wrong axis could keep: start + scale * i, folded by a sine."""
    n = int(np.prod(shape, dtype=int))
    x = np.sin(np.arange(n, dtype=np.float64) * 1.618 + start) * 2 + scale
    return x.reshape(shape).astype(dtype)


def ints(*shape, low=0, high=10, dtype=I32):
    n = int(np.prod(shape, dtype=int))
    return ((np.arange(n) * 7 + 3) % (high - low) + low).astype(dtype).reshape(shape)


# ---- weight files ----

NUMPY_OF = {"F64": F64, "F32": F32, "F16": F16, "I64": I64, "I32": I32, "I16": np.int16, "I8": np.int8, "U8": np.uint8,
            "BOOL": np.bool_}


def from_bfloat16(bits):
    return (bits.astype(np.uint32) << 16).view(F32)


def read_safetensors(path):
    with open(path, "rb") as f:
        size = int.from_bytes(f.read(8), "little")
        header = json.loads(f.read(size))
        data = f.read()
    out = {}
    for name, t in header.items():
        if name == "__metadata__":
            continue
        raw = data[t["data_offsets"][0]:t["data_offsets"][1]]
        if t["dtype"] == "BF16":
            a = from_bfloat16(np.frombuffer(raw, np.uint16))
        else:
            a = np.frombuffer(raw, NUMPY_OF[t["dtype"]])
        out[name] = a.reshape(t["shape"])
    return out


# ---- running ----

def shell(args, cwd, status=0, what="", timeout=120):
    try:
        p = subprocess.run(args, cwd=cwd, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise Failure(f"{what or args[0]} took longer than {timeout} s")
    if status is not None and p.returncode != status:
        raise Failure(f"{what or args[0]} ended with status {p.returncode}, not {status}\n{p.stderr}{p.stdout}".rstrip())
    return p


class Runner:
    def __init__(self, mdlc, work):
        self.mdlc, self.work = mdlc, work

    def prepare(self, c):
        folder = os.path.join(self.work, c.name.replace(" ", "_").replace("/", "_"))
        os.makedirs(folder, exist_ok=True)
        for path, text in [("main.mdl", c.source), *c.kw.get("files", {}).items()]:
            path = os.path.join(folder, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)
        return folder

    def run(self, c):
        folder = self.prepare(c)
        getattr(self, "run_" + c.kind)(c, folder)

    def compiler(self, c, folder, verb, *more, status=0):
        return shell([self.mdlc, verb, "main.mdl", *c.kw.get("options", []), *more], folder, status, f"mdlc {verb}")

    def manifest(self, c, folder):
        text = self.compiler(c, folder, "manifest", "--format", "json").stdout
        return json.loads(text)

    def check_paths(self, expected, manifest):
        got = []
        for v, want in zip(manifest["variables"], expected):
            got.append(f"{v['path']} {v['shape']}" if "[" in want else v["path"])
        got += [v["path"] for v in manifest["variables"][len(expected):]]
        if got != list(expected):
            raise Failure(f"variables {got}\nexpected  {list(expected)}")

    def build(self, c, folder):
        p = self.compiler(c, folder, "build", "-o", "program", "--cflags", c.kw.get("cflags", STRICT))
        if p.stderr and not c.kw.get("warns"):
            raise Failure(f"mdlc build says: {p.stderr}")
        if c.kw.get("warns") and c.kw["warns"] not in p.stderr:
            raise Failure(f"no warning with `{c.kw['warns']}`: {p.stderr}")
        return os.path.join(folder, "program")

    def arguments(self, c, folder):
        args = list(c.kw.get("run", []))
        for name, value in c.kw["inputs"].items():
            np.save(os.path.join(folder, f"in.{name}.npy"), value)
            args += ["--input", f"{name}=in.{name}.npy"]
        return args

    def run_manifest(self, c, folder):
        manifest = self.manifest(c, folder)
        self.check_paths(c.kw["paths"], manifest)
        if c.kw.get("check"):
            c.kw["check"](manifest)

    def run_run(self, c, folder):
        program = self.build(c, folder)
        manifest = json.loads(shell([program, "manifest", "--format", "json"], folder).stdout)
        if "variables" in c.kw:
            self.check_paths(c.kw["variables"], manifest)
        args, weights = self.arguments(c, folder), {}
        if manifest["variables"]:
            shell([program, "init", "--seed", "3", "-o", "w.safetensors"], folder, what="init")
            weights = read_safetensors(os.path.join(folder, "w.safetensors"))
            args += ["-w", "w.safetensors"]
        names = [o["name"] for o in manifest["outputs"]]
        for name in names:
            args += ["--output", f"{name}=out.{name}.npy"]
        shell([program, "run", *args], folder, what="the program")
        outputs = {name: np.load(os.path.join(folder, f"out.{name}.npy")) for name in names}
        if c.kw.get("check"):
            c.kw["check"](outputs)
            return
        with np.errstate(all="ignore"):
            expected = c.kw["expect"](c.kw["inputs"], weights)
        if isinstance(expected, tuple):
            expected = {f"output.{i}": e for i, e in enumerate(expected)}
        self.compare(c, outputs, expected if isinstance(expected, dict) else {"output": expected})

    def compare(self, c, outputs, expected):
        if list(outputs) != list(expected):
            raise Failure(f"outputs {list(outputs)}, expected {list(expected)}")
        for name, want in expected.items():
            want, got = np.asarray(want), outputs[name]
            if got.shape != want.shape:
                raise Failure(f"{name} has shape {got.shape}, expected {want.shape}")
            if got.dtype.kind == "V" and want.dtype == F32:
                got = from_bfloat16(got.view(np.uint16))
            if got.dtype != want.dtype:
                raise Failure(f"{name} is {got.dtype}, expected {want.dtype}")
            if want.dtype.kind != "f":
                if not np.array_equal(got, want):
                    raise Failure(f"{name} is\n{got}\nexpected\n{want}")
                continue
            tolerance = c.kw.get("tolerance", {2: 2e-3, 4: 2e-5, 8: 1e-12}[want.dtype.itemsize])
            if not np.allclose(got.astype(F64), want.astype(F64), rtol=tolerance, atol=tolerance, equal_nan=True):
                raise Failure(f"{name} is\n{got}\nexpected\n{want}")

    def run_halt(self, c, folder):
        program = self.build(c, folder)
        p = shell([program, "run", *self.arguments(c, folder)], folder, 1, "the program")
        for text in c.kw["texts"]:
            if text not in p.stderr:
                raise Failure(f"no `{text}` in: {p.stderr}")

    def run_error(self, c, folder):
        p = self.compiler(c, folder, c.kw.get("verb", "check"), "--format", "json", status=1)
        found = []
        for line in (p.stderr + p.stdout).splitlines():
            if line.startswith("{"):
                found.append(json.loads(line))
        if c.kw["code"] is None:
            found = []
        errors = [d for d in found if d.get("code", "").startswith("E")]
        if [d["code"] for d in errors] != [c.kw["code"]][:c.kw["code"] is not None]:
            raise Failure(f"expected one {c.kw['code']}:\n{p.stderr}{p.stdout}")
        for text in c.kw["texts"]:
            if text not in p.stderr + p.stdout:
                raise Failure(f"no `{text}` in:\n{p.stderr}{p.stdout}")
