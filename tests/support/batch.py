"""Many models in one program: a compiler and a start for each would take too long.

    parts = [Part("C000", "model C000 {...}", inputs=[("x", "float32[2, 3]", array)], outputs=["y"])]
    results = run(mdlc, directory, parts)     # results["C000"]["y"]; with training=True also ["training y"], ["after unit.count"]

A part's model returns a dict of its outputs. Weights have the values of hash_weights.py by their path in the part.
"""
import json
import os
import re
import subprocess
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hash_weights  # noqa: E402

SHOWN = 1500  # characters of a program's complaint


class Failed(Exception):
    pass


class Part:
    def __init__(self, name, source, inputs, outputs, training=False, states=()):
        """`inputs`: (name, type in MDL, array). `training`: also computed as in training. `states`: read after all that."""
        self.name, self.source, self.inputs, self.outputs = name, source, inputs, outputs
        self.training, self.states = training, list(states)

    @property
    def field(self):
        return self.name.lower()

    def results(self):
        """(name in the batch, name in results, expression)."""
        rows = [(f"{self.field}_{i}", y, f"{self.field}_r.{y}") for i, y in enumerate(self.outputs)]
        if self.training:
            rows += [(f"{self.field}_t{i}", "training " + y, f"{self.field}_t.{y}") for i, y in enumerate(self.outputs)]
        return rows + [(f"{self.field}_s{i}", "after " + s, f"{self.field}.{subscripts(s)} + 0") for i, s in enumerate(self.states)]


def subscripts(path):
    """A path in MDL: the numbers of lists are subscripts there."""
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", path)


def command(*args):
    done = subprocess.run(args, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        what = (done.stdout + done.stderr).strip()
        raise Failed(f"{os.path.basename(args[0])} {args[1]} ended with {done.returncode}\n{what[:SHOWN]}")
    return done.stdout


def program(parts):
    """The parts' models and one that calls them all."""
    parameters = ", ".join(f"{p.field}_{name}: {kind}" for p in parts for name, kind, _ in p.inputs)
    lines = ["model Batch {"] + [f"    {p.field} = {p.name}()" for p in parts] + ["", f"    call({parameters}) {{"]
    for p in parts:
        given = ", ".join(f"{p.field}_{name}" for name, _, _ in p.inputs)
        lines.append(f"        {p.field}_r = {p.field}({given})")
        if p.training:
            lines.append(f"        {p.field}_t = {p.field}({given}, training=true)")
    returned = ", ".join(f"{key}: {text}" for p in parts for key, _, text in p.results())
    return "\n".join([p.source for p in parts] + lines + [f"        return {{{returned}}}", "    }", "}", ""])


def write_program(directory, parts, library=""):
    """The .mdl file. `library`: declarations that are put before it and count instead of the built-in ones."""
    os.makedirs(directory, exist_ok=True)
    file = os.path.join(directory, "batch.mdl")
    with open(file, "w", encoding="utf-8") as out:
        out.write(library + program(parts))
    return file


def manifest(mdlc, file, model):
    return json.loads(command(mdlc, "manifest", file, "--model", model, "--format", "json"))


def load(file):
    """An array; bfloat16 as the float32 that equals it."""
    array = np.load(file)
    if array.dtype.kind == "V":
        return (array.view(np.uint16).astype(np.uint32) << 16).view(np.float32).reshape(array.shape)
    return array


def run(mdlc, directory, parts, library=""):
    """{part: {result: array}}."""
    file = write_program(directory, parts, library)
    exe = os.path.join(directory, "batch")
    command(mdlc, "build", file, "--model", "Batch", "-o", exe, "--cflags", "-O0")
    variables = json.loads(command(exe, "manifest", "--format", "json"))["variables"]
    for v in variables:
        v["hash_path"] = v["path"].partition(".")[2]
    args = [exe, "run"]
    if variables:
        weights = os.path.join(directory, "batch.safetensors")
        hash_weights.write_safetensors(weights, variables, 0)
        args += ["-w", weights]
    for p in parts:
        for name, _, array in p.inputs:
            target = os.path.join(directory, f"in_{p.field}_{name}.npy")
            np.save(target, array)
            args += ["--input", f"{p.field}_{name}={target}"]
    wanted = [(p.name, key, name, os.path.join(directory, f"out_{key}.npy")) for p in parts for key, name, _ in p.results()]
    for _, key, _, target in wanted:
        args += ["--output", f"{key}={target}"]
    command(*args)
    results = {p.name: {} for p in parts}
    for part, _, name, target in wanted:
        results[part][name] = load(target)
    return results


def run_each(mdlc, directory, parts, library=""):
    """As run, but a part that fails has its complaint instead of results: the parts are halved until it is found."""
    try:
        return run(mdlc, directory, parts, library)
    except (Failed, subprocess.TimeoutExpired, ValueError, OSError) as error:
        if len(parts) == 1:
            return {parts[0].name: str(error)}
    half = len(parts) // 2
    return {**run_each(mdlc, directory, parts[:half], library), **run_each(mdlc, directory, parts[half:], library)}
