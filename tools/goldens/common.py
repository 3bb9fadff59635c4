"""What the goldens of models and of layers share: Keras set up, variables by MDL path, comparison, JSON."""
import json
import os
import sys
import typing

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "support"))

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras.src import backend  # noqa: E402
from keras.src.backend.common import global_state  # noqa: E402

import hash_weights  # noqa: E402

tf.config.threading.set_intra_op_parallelism_threads(1)  # one thread: one order of summation
tf.config.threading.set_inter_op_parallelism_threads(1)

BOUND = 1e-5


def versions():
    return {"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__}


def fresh(dtype):
    """A Keras session as after a start of the process, with `dtype` for floats."""
    keras.utils.clear_session()
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)


def trace(make, input_specs):
    """The model that make() gives, called on symbolic inputs. Its variables get shapes and paths but no values,
    so that a model of any size can be listed."""
    with keras.StatelessScope():
        model = make()
        inputs = [keras.KerasTensor(s["shape"], dtype=s["dtype"]) for s in input_specs]
        arguments = model.pack(inputs) if hasattr(model, "pack") else inputs
        backend.compute_output_spec(model, *arguments)
        global_state.set_global_attribute("uninitialized_variables", [])
    return model


# ---- MDL paths

def children(layer):
    """(field, value) of the sub-layers of a layer, named as MDL's library names them."""
    L = keras.layers
    if isinstance(layer, (L.MultiHeadAttention, L.GroupQueryAttention)):
        return [(s.name, s) for s in layer._layers if isinstance(s, L.EinsumDense)]
    if isinstance(layer, L.Bidirectional):
        return [("forward_layer", layer.forward_layer), ("backward_layer", layer.backward_layer)]
    if isinstance(layer, (L.TimeDistributed, L.SpectralNormalization)):
        return [("layer", layer.layer)]
    if isinstance(layer, L.StackedRNNCells):
        return [("cells", layer.cells)]
    if isinstance(layer, L.RNN):
        return [("cell", layer.cell)]
    if isinstance(layer, keras.Sequential):
        return [("layers", [s for s in layer.layers])]
    if type(layer).__module__.startswith("keras."):
        return []
    return [(k, v) for k, v in vars(layer).items() if not k.startswith("_")]


class Place(typing.NamedTuple):
    path: list
    variable: object
    listed: bool  # by a layer that does not own it


def walk(value, path, found):
    if isinstance(value, keras.layers.Layer):
        own = value._trainable_variables + value._non_trainable_variables
        for v in own:
            listed = v.path.rpartition("/")[0] != value.path  # a variable of another layer: its path is the owner's
            if id(v) not in found or (found[id(v)].listed and not listed):
                found[id(v)] = Place(path + [v.name], v, listed)
        for field, child in children(value):
            walk(child, path + [field], found)
        if isinstance(value, keras.layers.RNN) and value.stateful:
            for place, v in memory_places(value.states, path + ["memory"]):
                found.setdefault(id(v), Place(place + ["rnn_state"], v, False))
    elif isinstance(value, (list, tuple)):
        for i, child in enumerate(value):
            walk(child, path + [str(i)], found)
    elif isinstance(value, dict):
        for key, child in value.items():
            walk(child, path + [str(key)], found)


def memory_places(states, path):
    """The states that a stateful layer keeps; Keras does not count them among its weights."""
    if not isinstance(states, (list, tuple)):
        return [(path, states)]
    return [p for i, s in enumerate(states) for p in memory_places(s, path + [str(i)])]


def variables_by_path(model):
    """[(MDL path, variable)] in the order of model.weights, which must be the order of declaration."""
    found = {}
    walk(model, [], found)
    named = [(".".join(p.path), p.variable) for p in found.values()]
    assert [id(v) for _, v in named if not in_memory(v)] == [id(v) for v in model.weights], (
        "declaration order is not the order of model.weights",
        [n for n, _ in named], [v.path for v in model.weights])
    assert len({n for n, _ in named}) == len(named), "two variables have one path"
    return named


def in_memory(v):
    return v.path.endswith("/rnn_state")


def assign_hashed(model, seed=0, dtype="float32"):
    """Every variable gets its hash values: those of `dtype`, also where the model computes in float64."""
    for path, v in variables_by_path(model):
        v.assign(hashed(path, v, seed, dtype))


def hashed(path, v, seed=0, dtype="float32"):
    kind = dtype if "float" in v.dtype else v.dtype
    return hash_weights.variable(seed, path, list(v.shape), kind)


def exchange(a, b):
    """Gives two variables of one shape each other's values."""
    x, y = np.array(a.numpy()), np.array(b.numpy())
    a.assign(y)
    b.assign(x)


# ---- comparison

def error(y, reference):
    scale = float(np.max(np.abs(reference)))
    return float(np.max(np.abs(np.asarray(y, dtype=np.float64) - reference))) / scale


def rounded(x):
    return float(f"{x:.1e}")


def check_reference(what, r):
    """A reference that could not tell a wrong program from a right one is refused."""
    assert np.all(np.isfinite(r)), f"{what}: not finite"
    flat = np.abs(np.ravel(r))
    top = float(flat.max())
    assert 1e-3 <= top <= 1e3, f"{what}: the largest magnitude is {top:g}"
    assert np.std(r) > 1e-3 * top, f"{what}: constant"
    if flat.size > 8:
        values, counts = np.unique(np.round(np.ravel(r) / top, 9), return_counts=True)
        zeros = counts[values == 0].sum()
        assert zeros <= 0.9 * flat.size, f"{what}: nearly all zero"
        assert counts[values != 0].max() <= max(2, 0.3 * flat.size), f"{what}: saturated"


# ---- texts

def text_of(value):
    """A Python value in MDL."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(map(text_of, value)) + ")"
    return repr(value)


# ---- files

def dump(value, file_name):
    """JSON with one record a line."""
    def line(v):
        return json.dumps(v, ensure_ascii=False)
    rows = []
    for key, v in value.items():
        if isinstance(v, list) and v and isinstance(v[0], dict):
            rows.append(f"{line(key)}: [\n  " + ",\n  ".join(line(x) for x in v) + "\n ]")
        else:
            rows.append(f"{line(key)}: {line(v)}")
    with open(file_name, "w", encoding="utf-8", newline="\n") as f:
        f.write("{\n " + ",\n ".join(rows) + "\n}\n")


def save_npy(file_name, array):
    with open(file_name, "wb") as f:
        np.lib.format.write_array(f, np.ascontiguousarray(array), version=(1, 0))
