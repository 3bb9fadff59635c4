"""The goldens of the example models: tests/models/<name>/.

A twin is a module in twins/ with

    example     the .mdl file's model, such as "GPT2"
    inputs      what the numbers are computed from: dicts of name, dtype, shape, low, high
    make(**k)   the subclassed Keras model; fields are named and ordered as in the .mdl
    probe(m, *inputs)   {"output": ..., "act_1": ..., "act_2": ..., "act_3": ...}, as probe.mdl returns them
    what        what each of these is, in words
    defines     (optional) the constructor arguments for the numbers
    manifests   (optional) file name -> constructor arguments, beside "manifest"
    totals      file name -> the published total of parameters
    check(m)    (optional) a further comparison
"""
import importlib
import os
import time

import common
from common import TOP, hash_weights, keras, np

SAMPLE = 8192   # elements kept of a larger tensor
LARGE = 64_000  # bytes above which an input is generated instead of stored

NAMES = ["mlp", "custom_layer", "two_branch", "resnet50", "mobilenetv2", "vgg16", "gpt2", "bert", "vit", "llama",
         "unet", "seq2seq", "vae", "gan"]


def manifest_of(twin, arguments, inputs):
    common.fresh("float32")
    model = common.trace(lambda: twin.make(**arguments), inputs)
    rows = [{"path": path, "shape": list(v.shape), "dtype": v.dtype, "trainable": v.trainable, "keras_path": v.path}
            for path, v in common.variables_by_path(model)]
    count = lambda keep: sum(hash_weights.math.prod(r["shape"]) for r in rows if keep(r))
    totals = {"variables": len(rows), "parameters": count(lambda r: True),
              "trainable": count(lambda r: r["trainable"]), "non_trainable": count(lambda r: not r["trainable"])}
    return model, {"model": twin.example, "arguments": arguments, "totals": totals,
                   "versions": common.versions(), "variables": rows}


def write_manifests(twin, directory):
    sets = {"manifest": getattr(twin, "defines", {}), **getattr(twin, "manifests", {})}
    for name, arguments in sets.items():
        model, manifest = manifest_of(twin, arguments, twin.inputs)
        total = manifest["totals"]["parameters"]
        expected = twin.totals.get(name)
        assert expected is None or total == expected, f"{name}: {total} parameters, published are {expected}"
        if hasattr(twin, "check"):
            twin.check(model)
        common.dump(manifest, os.path.join(directory, name + ".json"))
        print(f"  {name}: {len(manifest['variables'])} variables, {total:,} parameters")


def evaluate(twin, dtype, arrays):
    """A model with hashed weights and a function that runs the probe."""
    common.fresh(dtype)
    model = twin.make(**getattr(twin, "defines", {}))
    arrays = [a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays]
    run = lambda: {k: np.asarray(keras.ops.convert_to_numpy(v)) for k, v in twin.probe(model, *arrays).items()}
    run()  # builds it
    common.assign_hashed(model)
    return model, run


def stride_for(size):
    """Every stride-th element of the flat tensor is kept; odd, so that it does not hit one channel only."""
    stride = -(-size // SAMPLE)
    return stride if stride % 2 else stride + 1


def pairs_to_exchange(named, limit=24):
    """Neighbours and far apart members of each group of equal shapes, a fixed choice."""
    groups = {}
    for path, v in named:
        groups.setdefault((tuple(v.shape), v.dtype), []).append((path, v))
    pairs = []
    for members in groups.values():
        if len(members) > 1:
            neighbours = list(zip(members, members[1:]))
            apart = list(zip(members, members[len(members) // 2:])) if len(members) > 3 else []
            pairs += neighbours + apart
    order = sorted(range(len(pairs)), key=lambda i: hash_weights.fnv1a64(pairs[i][0][0] + " " + pairs[i][1][0]))
    return [pairs[i] for i in sorted(order[:limit])]


def check_exchanges(named, run, base, limit):
    least = None
    pairs = pairs_to_exchange(named, limit)
    for (a, va), (b, vb) in pairs:
        common.exchange(va, vb)
        moved = max(common.error(np.nan_to_num(y, nan=1e30), base[k].astype(np.float64)) for k, y in run().items())
        common.exchange(va, vb)
        assert moved > 20 * common.BOUND, f"exchanging {a} and {b} moves the results by {moved:.1e} only"
        least = min(moved, least or moved)
    print(f"  {len(pairs)} exchanges" + (f", the least moves the results by {least:.1e}" if pairs else ""))


def write_numbers(twin, directory, name):
    inputs = [dict(s) for s in twin.inputs]
    arrays = [hash_weights.make_input(s) for s in inputs]
    for spec, array in zip(inputs, arrays):
        file_name = f"input_{spec['name']}.npy"
        small = array.nbytes <= LARGE
        spec["file"] = file_name if small else None
        if small:
            common.save_npy(os.path.join(directory, file_name), array)

    reference = evaluate(twin, "float64", arrays)[1]()
    model, run = evaluate(twin, "float32", arrays)
    single = run()

    outputs = []
    for key, r in reference.items():
        assert r.dtype == np.float64, f"{key}: the reference is {r.dtype}"
        assert single[key].dtype == np.float32, f"{key}: {single[key].dtype}"
        stride = stride_for(r.size)
        kept = r.reshape(-1)[::stride] if stride > 1 else r
        common.check_reference(f"{name} {key}", kept)
        own = common.rounded(common.error(single[key].reshape(-1)[::stride].reshape(kept.shape), kept))
        common.save_npy(os.path.join(directory, key + ".npy"), kept.astype(np.float32))
        outputs.append({"name": key, "file": key + ".npy", "what": twin.what[key], "shape": list(r.shape),
                        "stride": stride, "max_abs": float(f"{np.max(np.abs(kept)):.6g}"), "float32_error": own,
                        "bound": max(common.BOUND, common.rounded(2 * own))})
        print(f"  {key}: {list(r.shape)}, max {np.max(np.abs(kept)):.3g}, std {np.std(kept):.3g}, float32 is off by {own:.1e}")
    check_exchanges(common.variables_by_path(model), run, single, getattr(twin, "exchanges", 24))
    case = {"example": f"examples/{name}/{name}.mdl", "example_model": twin.example,
            "arguments": getattr(twin, "defines", {}), "probe": "Probe", "strip_prefix": "net.", "seed": 0,
            "versions": common.versions(), "inputs": inputs, "outputs": outputs}
    common.dump(case, os.path.join(directory, "case.json"))


def write(name):
    start = time.time()
    print(name)
    twin = importlib.import_module("twins." + name)
    directory = os.path.join(TOP, "tests", "models", name)
    os.makedirs(directory, exist_ok=True)
    write_manifests(twin, directory)
    write_numbers(twin, directory, name)
    print(f"  {time.time() - start:.0f} s", flush=True)
