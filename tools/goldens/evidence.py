"""The evidence for the layers: tests/evidence/<Layer>.json and .npz, derived from the signatures of real Keras.

For each class that both keras.layers and runtime/layers have, cases are chosen so that every value of every argument in
evidence_domains.py occurs, and every pair of values of the arguments that CROSSED names there; what Keras itself refuses
is left out, by trying. `coverage` prints the table of classes and arguments and fails on a gap.

A case is one text in MDL and Python. Its record holds the program's parts, the inputs' specifications, which manifest its
variables have, and its outputs; their elements, a sample where there are many, lie in order in the .npz, once for
inference and, where `training` says so, once for training, then the states after it.
"""
import gc
import glob
import inspect
import itertools
import json
import os
import random
import re
import tempfile

import common
import evidence_domains as domains
from common import TOP, hash_weights, keras, np, text_of, tf
from initializer_text import initializer_text, remember_initializers
from keras2 import keras2_names
from layers import evaluate_text, needs_transposing

SAMPLE = 48      # elements kept of an output
WIDE_BOUND = 1e-7  # of float64: Keras has scales and what it draws in float32, TensorFlow constants of its activations
LEAST = 20       # cases of a class, if there are so many
KEYS = ["path", "shape", "dtype", "trainable", "keras_path", "h5_path", "initializer"]
SIXTEEN = ("float16", "bfloat16")

remember_initializers()
gc.freeze()  # Keras collects garbage at every new session: not among what was imported


def library_classes():
    """The layers of the library, and the other names it gives them."""
    names = set()
    for file in glob.glob(os.path.join(TOP, "runtime", "layers", "*.mdl")):
        with open(file, encoding="utf-8") as f:
            names |= set(re.findall(r"^(?:layer|const) (\w+)", f.read(), re.M))
    return names


def library_parameters(name):
    """What the library's layer takes; none if it is another name of one."""
    for file in glob.glob(os.path.join(TOP, "runtime", "layers", "*.mdl")):
        with open(file, encoding="utf-8") as f:
            head = re.search(rf"^layer {name}\b(\((?:[^()]|\([^()]*\))*\))?", f.read(), re.M)
        if head:
            return set(re.findall(r"(\w+)\s*(?::|=|,|\))", re.sub(r"\([^()]*\)", "0", (head.group(1) or "()")[1:]) + ","))
    return None


def own_name(name):
    """Whether a class is exported under this name first: its other names are the same class."""
    return getattr(keras.layers, name).__name__ == name or name == "GroupQueryAttention"


NAMES = sorted(n for n in library_classes() if hasattr(keras.layers, n) and own_name(n)
               and inspect.isclass(getattr(keras.layers, n)) and n not in ("Layer", "Wrapper"))


# ---- domains

def longest(table, name):
    """The entry whose key is the name or the longest end of it."""
    fitting = [k for k in table if name.endswith(k)]
    return table[name] if name in table else table[max(fitting, key=len)] if fitting else None


def factors_of(name):
    """{argument: values, the default first}; an argument without a default has only its values. `form` is what it is called on."""
    parameters = inspect.signature(getattr(keras.layers, name).__init__).parameters
    own = {**domains.DOMAINS, **(longest(domains.OVERRIDES, name) or {})}
    arguments = [p for p in parameters.values() if p.name != "self" and p.kind != p.VAR_KEYWORD]
    known, taken = {p.name for p in arguments}, library_parameters(name)
    factors, missing = {"form": list(longest(domains.FORMS, name) or domains.ANY)}, []
    for p in arguments:
        if p.name in domains.LEFT_OUT or own.get(p.name, ()) is None or (taken is not None and p.name not in taken | {"name", "dtype"}):
            continue
        values = own.get(p.name)
        if values is None:
            missing.append(p.name)
            continue
        default = [] if p.default is p.empty else [text_of(p.default)]
        factors[p.name] = default + [v for v in values if v not in default]
    for extra in ("dtype", "name", "trainable"):
        if extra not in known and own[extra]:
            factors[extra] = [{"dtype": "none", "name": "none", "trainable": "true"}[extra]] + own[extra]
    required = {p.name for p in arguments if p.default is p.empty}
    return factors, required, missing


def layer_text(name, required, defaults, row):
    """`Dense(3, use_bias=false)`: the arguments that differ from their defaults."""
    positional = [row[a] for a in row if a in required]
    named = [f"{a}={v}" for a, v in row.items() if a != "form" and a not in required and v != defaults[a]]
    return f"{name}({', '.join(positional + named)})"


def channel_axis(name, rank=4):
    alone = name in domains.IMAGES and rank == 3
    return 2 if name.startswith("ConvLSTM") else 0 if alone else 1


def channels_moved(spec, axis):
    shape = list(spec["shape"])
    shape.insert(axis, shape.pop())
    return spec | {"shape": shape}


def case_of(name, factors, required, row):
    chosen = row["form"]
    defaults = {a: v[0] for a, v in factors.items()}
    inputs = chosen["inputs"]
    if row.get("data_format") == '"channels_first"' and len(inputs[0]["shape"]) > 2 and not chosen["before"]:
        inputs = [channels_moved(s, channel_axis(name, len(s["shape"]))) if s["dtype"] == "float32" else s for s in inputs]
    unit = layer_text(name, required, defaults, row)
    after = {k: v for k, v in chosen["before"].items() if k == "after"}
    before = {k: v for k, v in chosen["before"].items() if k != "after"}
    return {"class": name, "fields": {**before, "unit": unit, **after}, "inputs": inputs, "call": chosen["call"]}


# ---- Keras

def flattened(value, path="r"):
    """[(MDL text of the place, tensor)] of a result."""
    if isinstance(value, (list, tuple)):
        return [leaf for i, v in enumerate(value) for leaf in flattened(v, f"{path}[{i}]")]
    return [(path, value)]


class Case(keras.Model):
    def __init__(self, case, moved):
        super().__init__(name="case")
        self._case, self._moved = case, moved
        for field, text in case["fields"].items():
            setattr(self, field, evaluate_text(text.replace("channels_first", "channels_last") if moved else text, {}))
        self.freeze()

    def freeze(self):
        """In MDL `trainable=false` freezes all that is inside, as setting the attribute of a built layer does in Keras."""
        for layer in self._flatten_layers():
            if not layer.trainable:
                layer.trainable = True  # TensorFlow skips what changes nothing
                layer.trainable = False

    def build(self, shapes):
        """Left to the call: Keras would trace it first, forget what a layer raised, and keep tensors of the trace."""

    def call(self, tensors, training=None):
        names = {f: getattr(self, f) for f in self._case["fields"]} | {"round": keras.ops.round}
        if self._moved:
            names["unit"] = self.channels_last
        names |= {s["name"]: t for s, t in zip(self._case["inputs"], tensors)}
        result = evaluate_text(self._case["call"], names)
        out = dict(flattened(result))
        mask = None if isinstance(result, (list, tuple)) else keras.src.backend.get_keras_mask(result)
        return out if mask is None else out | {"r.mask": mask}

    def channels_last(self, x, **more):
        axis = channel_axis(self._case["class"], len(x.shape))
        fewer = lambda t: len(x.shape) - len(t.shape) if axis == 2 else 0  # a result without the axis of time

        def move(t):
            y = keras.ops.moveaxis(t, -1, axis - fewer(t)) if len(t.shape) > 2 else t
            if keras.src.backend.get_keras_mask(t) is not None:
                keras.src.backend.set_keras_mask(y, keras.src.backend.get_keras_mask(t))
            return y
        result = self.unit(keras.ops.moveaxis(x, axis, -1), **more)
        return [move(t) for t in result] if isinstance(result, (list, tuple)) else move(result)


class Refused(Exception):
    """Keras has no such layer."""
    def __init__(self, reason):
        lines = [s.strip() for s in re.sub("\x1b\\[\\d+m", "", str(reason)).split("\n") if s.strip()]
        super().__init__(lines[len(lines) > 1 and lines[0].startswith("Exception encountered")][:160])


def with_dtype(case, dtype):
    """The same case computed in float64; a layer of integers stays one."""
    fields = {k: re.sub(r'\bdtype="(mixed_)?b?float\d+"', f'dtype="{dtype}"', t) for k, t in case["fields"].items()}
    return case | {"fields": fields}


def shape_of(v, moved):
    """That of a variable where channels are first: what a layer remembers has them in the second place."""
    shape = list(v.shape)
    return [shape[0], shape[-1], *shape[1:-1]] if moved and common.in_memory(v) else shape


def evaluator(case, dtype, moved, kinds=None, through=None):
    """A built model, and a function that runs it with hashed weights. Weights, inputs and outputs are rounded to the dtype `through`."""
    narrow = lambda a: a if through is None or a.dtype.kind != "f" else np.asarray(keras.ops.cast(keras.ops.cast(a, through), a.dtype))
    common.fresh(dtype)
    keras.utils.set_random_seed(1)
    arrays = [hash_weights.make_input(s) for s in case["inputs"]]
    arrays = [narrow(a.astype(dtype)) if a.dtype.kind == "f" else a for a in arrays]
    model = Case(case, moved)
    model(arrays)
    model.freeze()
    named = common.variables_by_path(model)
    kinds = kinds or {p: v.dtype for p, v in named}

    def run(training):
        for path, v in named:
            value = narrow(hashed(path, shape_of(v, moved)))
            v.assign(np.moveaxis(value, 1, -1) if is_moved(v) else value)
        if hasattr(model.unit, "finalize_state"):  # Normalization takes its statistics out of the variables
            model.unit.finalize_state()
        results = {k: keras.ops.convert_to_numpy(v) for k, v in model(arrays, training=training).items()}
        states = {p: np.asarray(keras.ops.convert_to_numpy(v)) for p, v in named}
        states |= {p: np.moveaxis(states[p], -1, 1) for p, v in named if is_moved(v)}
        changed = {p for p in states if not np.array_equal(states[p], hashed(p, states[p].shape))}
        return {k: narrow(np.asarray(v)) for k, v in results.items()}, states, changed

    def is_moved(v):
        return moved and common.in_memory(v)

    def hashed(path, shape):
        return hash_weights.variable(0, path, list(shape), kinds[path])
    return model, named, kinds, run


def built(case):
    """(evaluator's result, whether channels are moved): directly, or moved where TensorFlow has no kernel for channels first, or
    Keras a wrong one (SeparableConv1D with strides)."""
    first = any("channels_first" in t for t in case["fields"].values())
    first &= not case["class"].startswith("Global")  # which need no kernel
    for moved in (True,) if needs_transposing(case["fields"]["unit"]) else (False, True)[:1 + first]:
        try:
            return evaluator(case, "float32", moved), moved
        except Exception as e:
            error = e
    raise Refused(error) from error


def built_wider(case):
    """The same where TensorFlow has no kernel for the dtype: computed in float32. Also gives the dtype that was wanted."""
    try:
        return (*built(case), None)
    except Refused as e:
        wanted = re.search(r'\bdtype="(?:mixed_)?(\w+)"', case["fields"]["unit"])
        if not wanted:
            raise
        try:
            found, moved = built(with_dtype(case, "float32"))
        except Refused:
            raise e
        if found[1]:
            raise
        return found, moved, wanted.group(1)


def has_training(name):
    return "training" in inspect.signature(getattr(keras.layers, name).call).parameters


def draws(case, run):
    """Whether it draws random numbers in training, or cannot be trained: then it is judged by statistics elsewhere. `run` is its evaluator's."""
    if re.search(r"Dropout(\dD)?\(|Noise\(|dropout=", case["fields"]["unit"]):
        return True
    if case["class"] not in domains.IMAGES:
        return False
    try:
        first, *others = (run(True)[0] for _ in range(5))
    except tf.errors.OpError:  # TensorFlow's kernels lack this dtype
        return True
    return any(not np.array_equal(first[k], y[k]) for y in others for k in first)


def own_error(y, r):
    if r.dtype.kind not in "fV" or not np.any(r):
        return 0.0
    return common.rounded(common.error(y.astype(np.float64), r.astype(np.float64)))


def sampled(array):
    stride = -(-array.size // SAMPLE)
    return array.reshape(-1)[::stride | 1 if stride > 1 else 1]


def bound_of(dtype, own):
    if dtype in SIXTEEN:
        return max(5e-3, common.rounded(2 * own))
    return max(WIDE_BOUND if dtype == "float64" else common.BOUND, common.rounded(2 * own))


def compute(case):
    """The record of a case and its numbers, or Refused."""
    for pattern, reason in domains.NOT_TOGETHER:
        if re.search(pattern, case["fields"]["unit"]):
            raise Refused(reason)
    try:
        return compute_with(case)
    except tf.errors.OpError as e:  # by a kernel, at the call
        raise Refused(e) from e


def assigned_in(case, part):
    """The 16 bits that a layer computes in what it assigns to another layer's weights, which are wider; or None."""
    own = re.search(r'dtype="(?:mixed_)?(b?float16)"[^()]*\)$', case["fields"]["unit"])
    return own.group(1) if own and part == "after " and case["class"] == "SpectralNormalization" else None


def compute_with(case):
    (model, named, kinds, run), moved, instead = built_wider(case)
    (single, kept, remembered), both = run(False), has_training(case["class"]) and not draws(case, run)
    sixteen = re.search(r'\bdtype="(?:mixed_)?(b?float16)"', case["fields"]["unit"])

    def exactly(dtype):
        """Results in both modes, and what rounding weights, inputs and outputs to 16 bits alone changes in them."""
        both_modes = lambda run: (run(False), both and run(True))
        wide = evaluator(with_dtype(case, dtype), dtype, moved, kinds)[3]
        lossy = evaluator(with_dtype(case, dtype), dtype, moved, kinds, sixteen.group(1))[3] if sixteen else wide
        return both_modes(wide), both_modes(lossy)
    exact = True
    try:
        (reference, trained), (rounded, trained_rounded) = exactly("float64")
    except Exception:  # no kernel for float64: float32 must do
        exact = False
        (reference, trained), (rounded, trained_rounded) = exactly("float32")
    parts = [("", reference[0], single, rounded[0])]
    record = {"fields": case["fields"], "inputs": case["inputs"], "call": case["call"]}
    if remembered:  # by a stateful layer, also without training
        parts.append(("after ", {p: reference[1][p] for p in sorted(remembered)}, kept, rounded[1]))
    elif both:
        once, states, changed = trained
        again, after, _ = run(True)
        record["training"] = True
        parts += [("training ", once, again, trained_rounded[0]), ("after ", {p: states[p] for p in states if p in changed}, after, trained_rounded[1])]
    outputs, numbers = [], []
    for part, ref, y, lossy in parts:
        for key, r in ref.items():
            if key not in y:  # a mask, which ends where the dtype changes
                continue
            if not np.all(np.isfinite(r.astype(np.float64))) or r.shape != y[key].shape:
                raise Refused(f"{key} is not finite")
            dtype = instead or assigned_in(case, part) or str(y[key].dtype)
            own = max(own_error(y[key], r), own_error(lossy[key], r))
            kept = sampled(r).astype(np.float64)
            wide_throughout = exact and all(k == "float64" for k in kinds.values())
            bound = bound_of(dtype if wide_throughout or dtype in SIXTEEN else "float32", own)
            looser = [b for text, (b, _) in domains.LOOSER.items() if text in case["fields"]["unit"]]
            scale = float(f"{np.max(np.abs(r.astype(np.float64)), initial=0):.9g}")
            outputs.append([part + key, list(r.shape), dtype, max([bound] + looser), own, scale])
            numbers.append(kept if dtype == "float64" else kept.astype(np.float32).astype(np.float64))
    record["outputs"] = outputs
    return record, variables_of(model, named, kinds, moved), np.concatenate([n.ravel() for n in numbers] or [np.zeros(0)])


def variables_of(model, named, kinds, moved):
    places = h5_places(model, named)
    return [[p, shape_of(v, moved), kinds[p], bool(v.trainable), None if common.in_memory(v) else v.path, places.get(p),
             initializer_text(v)] for p, v in named]


def h5_places(model, named):
    """Where each variable lies in a .weights.h5 file: told by its value, which is its number."""
    import h5py
    if not named:
        return {}
    for number, (_, v) in enumerate(named):
        v.assign(np.full(v.shape, (number + 1) % 2 if v.dtype == "bool" else number + 1))
    with tempfile.TemporaryDirectory() as folder:
        file, found = os.path.join(folder, "case.weights.h5"), {}
        model.save_weights(file)

        def visit(name, o):
            if isinstance(o, h5py.Dataset) and o.size and o.dtype.kind in "fiu":
                found.setdefault(int(np.ravel(o)[0]), name)
        with h5py.File(file) as f:
            f.visititems(visit)
    return {p: found.get(i + 1) for i, (p, _) in enumerate(named)}


# ---- covering

def items_of(factors):
    """What must occur: each value of each argument, and each pair of those that are crossed."""
    index = {a: range(len(v)) for a, v in factors.items()}
    singles = [frozenset([(a, i)]) for a in factors for i in index[a]]
    crossed = [a for a in factors if a in domains.CROSSED]
    pairs = [frozenset([(a, i), (b, j)]) for a, b in itertools.combinations(crossed, 2) for i in index[a] for j in index[b]]
    return singles + pairs


def candidate(rng, factors, item, uncovered):
    """A row that holds the item; the rest helps with what is uncovered, or is at its default."""
    row = dict(item)
    names = [a for a in factors if a not in row]
    rng.shuffle(names)
    for a in names:
        def gain(i):
            return sum(frozenset([(a, i), other]) in uncovered for other in row.items()) + 2 * (frozenset([(a, i)]) in uncovered)
        scores = [gain(i) for i in range(len(factors[a]))]
        best = max(scores)
        plain = a not in domains.CROSSED and best == 0
        row[a] = 0 if plain and rng.random() < 0.8 else rng.choice([i for i, s in enumerate(scores) if s == best])
    return row


def lowered(rng, factors, row, item, share):
    """The row with a share of what the item does not name at its default."""
    return {a: i if (a, i) in item or rng.random() > share else 0 for a, i in row.items()}


def covered_by(row, uncovered):
    items = list(row.items())
    found = {frozenset([a]) for a in items} | {frozenset(p) for p in itertools.combinations(items, 2)}
    return found & uncovered


def cover(name):
    """The cases of a class: [(row, result of compute)], and what Keras refuses: {item: message}."""
    factors, required, missing = factors_of(name)
    rng = random.Random(name)
    uncovered, rows, refused, tried = set(items_of(factors)), [], {}, {}
    order = items_of(factors)

    def attempt(row):
        key = tuple(sorted(row.items()))
        if key not in tried:
            try:
                tried[key] = compute(case_of(name, factors, required, {a: factors[a][row[a]] for a in factors}))
            except Refused as e:
                tried[key] = e
        return tried[key]

    def take(item):
        for share in (0, 0, 0.3, 0.5, 0.7, 0.85, 1, 1):
            row = candidate(rng, factors, item, uncovered) if share < 1 else {**{a: rng.randrange(len(v)) if a == "form" else 0 for a, v in factors.items()}, **dict(item)}
            row = lowered(rng, factors, row, item, share) if share < 1 else row
            result = attempt(row)
            if not isinstance(result, Refused):
                if row not in [r for r, _ in rows]:
                    rows.append((row, result))
                uncovered.difference_update(covered_by(row, uncovered))
                return
        refused[item] = str(result)
        uncovered.discard(item)
    for item in order:
        if item in uncovered:
            take(item)
    for _ in range(4 * LEAST):
        if len(rows) >= LEAST:
            break
        row = {a: rng.randrange(len(v)) if a in domains.CROSSED or rng.random() < 0.3 else 0 for a, v in factors.items()}
        result = attempt(row)
        if not isinstance(result, Refused) and row not in [r for r, _ in rows]:
            rows.append((row, result))
    return factors, missing, rows, refused


# ---- files

def write(name):
    factors, missing, rows, refused = cover(name)
    assert not missing, f"{name}: evidence_domains.py has no values for {', '.join(missing)}"
    manifests, records, numbers, offset = [], [], [], 0
    for i, (row, (record, variables, values)) in enumerate(rows):
        known = [m["variables"] for m in manifests]
        if variables not in known:
            manifests.append({"variables": variables, "keras2": keras2_names(record)})
            known.append(variables)
        records.append({"name": f"{i:03}", **record, "manifest": known.index(variables), "at": offset})
        numbers.append(values)
        offset += values.size
    directory = os.path.join(TOP, "tests", "evidence")
    os.makedirs(directory, exist_ok=True)
    text = lambda item: " ".join(f"{a}={factors[a][i] if a != 'form' else i}" for a, i in sorted(item))
    used = {a: sorted({row[a] for row, _ in rows}) for a in factors}
    arguments = {a: [factors[a][i] if a != "form" else i for i in used[a]] for a in factors}
    common.dump({"layer": name, "versions": common.versions(), "sample": SAMPLE, "keys": KEYS, "arguments": arguments,
                 "refused": sorted({text(i): m for i, m in refused.items()}.items()),
                 "manifests": manifests, "cases": records}, os.path.join(directory, name + ".json"))
    np.savez_compressed(os.path.join(directory, name + ".npz"), values=np.concatenate(numbers or [np.zeros(0)]))
    print(f"{name}: {len(records)} cases, {len(refused)} pairs that Keras refuses", flush=True)


def coverage():
    """The table of classes and arguments, and whether it has no gap: each argument with two values beside its default, if there are so many."""
    gaps, total = [], 0
    for name in NAMES:
        file = os.path.join(TOP, "tests", "evidence", name + ".json")
        factors, required, missing = factors_of(name)
        gaps += [f"{name}: evidence_domains.py has no values for {a}" for a in missing]
        if not os.path.exists(file):
            gaps.append(f"{name}: no cases")
            continue
        with open(file, encoding="utf-8") as f:
            golden = json.load(f)
        total += len(golden["cases"])
        cells = []
        for a, values in factors.items():
            used = golden["arguments"].get(a, [])
            least = min(2 + (a not in required), len(values))
            cells.append(f"{a} {len(used)}/{len(values)}")
            refused = len({f"{a}={v}" for v in values} & {text for text, _ in golden["refused"]})
            if a != "form" and len(used) < least and len(used) + refused < len(values):
                gaps.append(f"{name}: {a} has {len(used)} values")
        print(f"{name}: {len(golden['cases'])} cases; {', '.join(cells)}")
    print(f"{total} cases" + (f", {len(gaps)} gaps:" if gaps else ", no gap"))
    print("\n".join(gaps))
    return not gaps
