"""The weight files of tests/weights/keras: each model of weight_models.py as Keras saves it, .weights.h5 and .keras; three also as older .h5,
two also in shards.

    keras_files.py tests/weights/keras              writes them, and models.json and outputs.npz beside them
    keras_files.py tests/weights/keras --check MDLC that Keras loads what mdlc writes: from values under MDL's names, to .weights.h5 and
                                                    .keras, and gives the same outputs

Weights are those of tests/support/hash_weights.py for the MDL path, whatever Keras calls them.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile

import common
from common import hash_weights, keras, np
from weight_models import MODELS


def variables(made):
    """[(MDL path, variable)]"""
    if not isinstance(made, tuple):
        return common.variables_by_path(made)
    found = {}
    for field, value in made[1].items():
        common.walk(value, [field], found)
    return [(".".join(p.path), p.variable) for p in found.values()]


def inputs_of(shapes):
    return [hash_weights.make_input({"name": n, "dtype": "float32", "shape": list(s), "low": -1, "high": 1})
            for n, s in zip("xy", shapes)]


def build(name, seed):
    common.fresh("float32")
    _, shapes, make = MODELS[name]
    made = make()
    model = made[0] if isinstance(made, tuple) else made
    arrays = inputs_of(shapes)
    run = lambda: np.asarray(model(arrays if len(arrays) > 1 else arrays[0]))
    run()
    named = variables(made)
    assert len(named) == len(model.weights), (name, [n for n, _ in named], [v.path for v in model.weights])
    for path, v in named:
        v.assign(hash_weights.variable(seed, path, list(v.shape), v.dtype))
    return model, named, run


def undated(file):
    """The archive with a fixed date in it, and numbers instead of Python's addresses, so that it can be made again byte for byte."""
    with zipfile.ZipFile(file) as old:
        members = [(m.filename, old.read(m)) for m in old.infolist()]
    with zipfile.ZipFile(file, "w") as new:
        for member, data in members:
            if member == "metadata.json":
                data = re.sub(rb'"date_saved": "[^"]*"', b'"date_saved": "2026-01-01@00:00:00"', data)
            seen = {}
            data = re.sub(rb'(?<="shared_object_id": )\d+', lambda m: b"%d" % seen.setdefault(m[0], len(seen)), data)
            new.writestr(zipfile.ZipInfo(member), data)


def write(folder):
    os.makedirs(folder, exist_ok=True)
    rows, outputs = [], {}
    for name in MODELS:
        model, named, run = build(name, 0)
        place = os.path.join(folder, name)
        model.save_weights(place + ".weights.h5")
        model.save(place + ".keras")
        undated(place + ".keras")
        if name in ("sequential_mlp", "functional_mlp", "sequential_bfloat16"):
            model.save(place + ".h5")
        if name in ("functional_mlp", "own_weight"):  # of the second, a layer is in two shards
            model.save_weights(place + ".weights.json", max_shard_size=(70 if name == "functional_mlp" else 40) / 2**30)
        outputs[name] = run()
        layout = {"Functional": "functional", "Sequential": "sequential"}.get(type(model).__name__, "subclass")
        rows.append({"name": name, "layout": layout, "program": MODELS[name][0], "inputs": [list(s) for s in MODELS[name][1]],
                     "variables": [{"path": p, "shape": list(v.shape), "dtype": v.dtype} for p, v in named]})
    common.dump({"versions": common.versions(), "models": rows}, os.path.join(folder, "models.json"))
    np.savez(os.path.join(folder, "outputs.npz"), **outputs)
    print(f"{len(rows)} models, {sum(e.stat().st_size for e in os.scandir(folder)):,} bytes")


def check(folder, mdlc):
    with open(os.path.join(folder, "models.json"), encoding="utf-8") as f:
        rows = json.load(f)["models"]
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        path = lambda *p: os.path.join(work, *p)
        for row in rows:
            name = row["name"]
            with open(path(name + ".mdl"), "w", encoding="utf-8") as f:
                f.write(row["program"])
            hash_weights.write_safetensors(path("w.safetensors"), row["variables"], 1)  # other values than those of the files
            model, _, run = build(name, 1)
            expected = run()
            for end in ".weights.h5", ".keras":
                done = subprocess.run([mdlc, "weights", "convert", path("w.safetensors"), path("out" + end), "--for", path(name + ".mdl"),
                                       "--like", os.path.join(folder, name + end)], capture_output=True, text=True)
                try:
                    assert done.returncode == 0, done.stderr
                    model, _, run = build(name, 2)
                    if end == ".keras":
                        with zipfile.ZipFile(path("out.keras")) as z:
                            z.extract("model.weights.h5", work)
                        os.replace(path("model.weights.h5"), path("out.weights.h5"))
                    model.load_weights(path("out.weights.h5"))
                    got = run()
                    assert np.array_equal(got, expected), f"the outputs differ by {np.max(np.abs(got - expected))}"
                except Exception as e:
                    failed += 1
                    print(f"FAILED {name}{end}: {e}")
    print(f"{2 * len(rows) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(check(sys.argv[1], sys.argv[3]))
    write(sys.argv[1])
