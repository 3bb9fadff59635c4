"""The goldens of the layers: tests/layers/<Layer>.json and .npz.

A case is one text in MDL that is also valid Python once its constants are spelled so; Keras evaluates the same text. The
JSON holds, for each case, a whole MDL program, the inputs' specifications (hash_weights.make_input gives the arrays), the
variables of the program, and the outputs: how they are called, their shapes, and the float32 result's own error. The arrays are in
the .npz as <case>/<output>: the float64 reference, rounded to the dtype in which the program gives it.
"""
import os
import re

import common
from common import TOP, hash_weights, keras, np
from layer_cases import CASES

NAMES = list(CASES)

PYTHON = {"true": "True", "false": "False", "none": "None"}
ACTIVATIONS = {k: getattr(keras.activations, k) for k in dir(keras.activations) if not k.startswith("_")}
INITIALIZERS = {"zeros": "zeros", "ones": "ones", "random_normal": keras.initializers.RandomNormal,
                "constant": keras.initializers.Constant}
LAYERS = {k: getattr(keras.layers, k) for k in dir(keras.layers) if k[0].isupper()} | {"Sequential": keras.Sequential}


def evaluate_text(text, names):
    code = re.sub(r"\b(true|false|none)\b", lambda m: PYTHON[m.group(0)], text)
    return eval(code, {**ACTIVATIONS, **INITIALIZERS, **LAYERS}, names)


def needs_transposing(text):
    """TensorFlow has no convolution or pooling with channels first on a CPU; Keras says that it is this transposition."""
    return "channels_first" in text and re.match(r"(Conv|DepthwiseConv|SeparableConv|MaxPooling|AveragePooling)", text)


class Case(keras.Model):
    def __init__(self, case):
        super().__init__()
        self._case = case
        for field, text in case["fields"].items():
            if needs_transposing(text):
                text = text.replace("channels_first", "channels_last")
            setattr(self, field, evaluate_text(text, {}))

    def call(self, tensors):
        names = {f: getattr(self, f) for f in self._case["fields"]}
        if needs_transposing(self._case["fields"]["unit"]):
            names["unit"] = lambda x: keras.ops.moveaxis(self.unit(keras.ops.moveaxis(x, 1, -1)), -1, 1)
        names |= {s["name"]: t for s, t in zip(self._case["inputs"], tensors)}
        result = evaluate_text(self._case["call"], names)
        results = list(result) if isinstance(result, (list, tuple)) else [result]
        assert len(results) == len(self._case["returns"]), (self._case["name"], len(results))
        out = dict(zip(self._case["returns"], results))
        return out | {k: evaluate_text(text, names) + 0 for k, text in self._case["then"].items()}


def only_in_float32(text):
    """TensorFlow has no such pooling in float64, and Keras mixes dtypes in the others then. The float32 result of a small mean is
    exact enough, that of a maximum exact."""
    return re.match(r"(Adaptive)?(Max|Average)Pooling3D|MelSpectrogram|RandomRotation|RandAugment", text)


def program(case):
    lines = [f"    {field} = {text}" for field, text in case["fields"].items()]
    types = [s.get("type") or f"{s['dtype']}[{', '.join(map(str, s['shape']))}]" for s in case["inputs"]]
    parameters = ", ".join(f"{s['name']}: {t}" for s, t in zip(case["inputs"], types))
    lines += ["", f"    call({parameters}) {{"]
    returns, then = case["returns"], case["then"]
    if returns == ["output"] and not then:
        lines.append(f"        return {case['call']}")
    else:
        lines.append(f"        {', '.join('r_' + r for r in returns)} = {case['call']}")
        named = [f"{r}: r_{r}" for r in returns] + [f"{k}: {text}" for k, text in then.items()]
        lines.append(f"        return {{{', '.join(named)}}}")
    return "\n".join(["model Case {"] + lines + ["    }", "}", ""])


def run(case, dtype, arrays, kinds):
    """The results, the model, and the dtype of each variable's hash values."""
    common.fresh(dtype)
    arrays = [a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays]
    model = Case(case)
    adapted = [getattr(model, f) for f in case["fields"] if hasattr(getattr(model, f), "finalize_state")]
    if adapted:  # built by a call without values; what they compute of their variables has to be computed again
        model([keras.KerasTensor(a.shape, str(a.dtype)) for a in arrays])
        for layer in adapted:
            if layer.variables or not hasattr(layer, "_build_input_shape"):
                layer.finalize_state()
            else:
                layer.build(layer._build_input_shape)
    model(arrays)
    named = common.variables_by_path(model)
    kinds = kinds or {path: v.dtype for path, v in named}

    def weights():
        for path, v in named:
            v.assign(hash_weights.variable(0, path, list(v.shape), kinds[path]))
        for layer in adapted:
            layer.finalize_state()

    def results():
        if not case["first_values"]:
            weights()  # a call may have changed the states
        return {k: np.asarray(keras.ops.convert_to_numpy(v)) for k, v in model(arrays).items()}
    return results, named, kinds


def write_case(case, arrays_out):
    arrays = [hash_weights.make_input(s) for s in case["inputs"]]
    results, named, kinds = run(case, "float32", arrays, None)
    single = results()
    reference = single if only_in_float32(case["fields"]["unit"]) else run(case, "float64", arrays, kinds)[0]()
    outputs = []
    for key, r in reference.items():
        y = single[key]
        assert np.all(np.isfinite(r)) and r.shape == y.shape, (case["name"], key)
        assert r.size == 1 or r.size < 3 or np.std(r.astype(np.float64)) > 0 or case.get("constant"), (case["name"], key, "constant")
        own = common.rounded(common.error(y, r)) if r.dtype.kind == "f" and np.any(r) else 0.0
        arrays_out[f"{case['name']}/{key}"] = r.astype(y.dtype)
        outputs.append({"name": key, "shape": list(r.shape), "dtype": str(y.dtype), "float32_error": own,
                        "bound": max(case["bound"], 1e-13 if y.dtype == np.float64 else common.BOUND, common.rounded(2 * own))})
    if not case["symmetric"] and not case["first_values"]:
        check_exchanges(case, named, results, single)
    variables = [{"path": p, "shape": list(v.shape), "dtype": kinds[p], "trainable": v.trainable}
                 | ({} if common.in_memory(v) else {"keras_path": v.path}) for p, v in named]
    return {"name": case["name"], "layer": case["fields"]["unit"], "program": program(case), "inputs": case["inputs"],
            "variables": variables, "outputs": outputs} | ({"first_values": True} if case["first_values"] else {})


def check_exchanges(case, named, results, base):
    groups = {}
    for path, v in named:
        groups.setdefault((tuple(v.shape), v.dtype), []).append(path)
    for members in groups.values():
        for i, a in enumerate(members):
            for b in members[i + 1:]:
                moved = exchanged(results, base, a, b)
                assert moved > 1e-3, f"{case['name']}: exchanging {a} and {b} moves the results by {moved:.1e} only"


def exchanged(results, base, a, b):
    """How far the results move when the two variables take each other's values."""
    normal = hash_weights.variable
    other = {a: b, b: a}
    hash_weights.variable = lambda seed, path, shape, dtype: normal(seed, other.get(path, path), shape, dtype)
    try:
        moved = results()
    finally:
        hash_weights.variable = normal
    far = [common.error(np.nan_to_num(moved[k], nan=1e30), base[k].astype(np.float64)) for k in base if np.any(base[k])]
    return max(far)


def write(name):
    arrays, rows = {}, []
    for case in CASES[name]:
        try:
            rows.append(write_case(case, arrays))
        except Exception as e:
            raise RuntimeError(f"{name}, case {case['name']}: {case['fields']} {case['call']}") from e
    assert len({r["name"] for r in rows}) == len(rows), f"{name}: two cases have one name"
    directory = os.path.join(TOP, "tests", "layers")
    os.makedirs(directory, exist_ok=True)
    common.dump({"layer": name, "seed": 0, "versions": common.versions(), "cases": rows},
                os.path.join(directory, name + ".json"))
    np.savez_compressed(os.path.join(directory, name + ".npz"), **arrays)
    print(f"{name}: {len(rows)} cases, the float32 results are off by at most "
          f"{max(o['float32_error'] for r in rows for o in r['outputs']):.1e}", flush=True)
