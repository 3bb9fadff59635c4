"""Random networks in MDL and in Keras: no difference in the variables, and none in the results. See tools/random-models."""
import argparse
import gc
import os
import random
import sys
import tempfile
import time

import common
from common import TOP, hash_weights, keras, np
from random_text import Network

sys.path.insert(0, os.path.join(TOP, "tests", "support"))
import batch  # noqa: E402

gc.freeze()
NAMES = {k: getattr(keras.layers, k) for k in dir(keras.layers) if k[0].isupper()}
NAMES |= {k: getattr(keras.ops, k) for k in "concatenate maximum mean max transpose matmul square abs clip softmax".split()}
NAMES |= {k: getattr(keras.activations, k) for k in "relu tanh gelu sigmoid silu softplus".split()}
NAMES |= {"Model": keras.Model, "Layer": keras.layers.Layer}


def evaluate(network, dtype, training):
    common.fresh(dtype)
    names = dict(NAMES)
    exec(network.python(), names)
    arrays = [hash_weights.make_input(s) for s in network.inputs]
    arrays = [a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays]
    model = names[network.name]()
    model(*arrays)
    named = common.variables_by_path(model)
    out = {}
    for mode in (False, True)[:1 + training]:
        for path, v in named:
            v.assign(common.hashed(path, v))
        for i, y in enumerate(model(*arrays, training=mode)):
            out[("training " if mode else "") + f"o{i}"] = np.asarray(keras.ops.convert_to_numpy(y))
    if training:
        out |= {"after " + p: np.asarray(v.numpy()) for p, v in named if "moving_" in p}
    return named, out


class Reference:
    """What Keras says of a network."""

    def __init__(self, network):
        self.network, training = network, not network.draws
        named, self.wide = evaluate(network, "float64", training)
        self.variables = [{"path": p, "shape": list(v.shape), "dtype": v.dtype.replace("float64", "float32"), "trainable": bool(v.trainable),
                           "keras_path": v.path} for p, v in named]
        self.trusted = all(np.all(np.isfinite(r)) and (r.size == 0 or np.max(np.abs(r)) < 1e4) for r in self.wide.values())
        states = [k[6:] for k in self.wide if k.startswith("after ")]
        inputs = [(s["name"], t, hash_weights.make_input(s)) for s, t in zip(network.inputs, network.types)]
        self.part = batch.Part(network.name, network.mdl(), inputs, [f"o{i}" for i in range(len(network.results))], training, states)

    def differs(self, results, manifest):
        """None, or where MDL says something else."""
        if isinstance(results, str):
            return results
        have = [{k: v[k] for k in self.variables[0]} for v in manifest["variables"]] if self.variables else manifest["variables"]
        for got, want in zip(have, self.variables):
            if got != want:
                return f"the variable {got} is {want} in Keras"
        if len(have) != len(self.variables):
            return f"{len(have)} variables, in Keras {len(self.variables)}"
        for key, ref in self.wide.items():
            y = results[key]
            if y.shape != ref.shape:
                return f"{key}: shape {y.shape}, in Keras {ref.shape}"
            error = relative(y, ref)
            if not error <= common.BOUND:
                own = relative(evaluate(self.network, "float32", not self.network.draws)[1][key], ref)
                if not error <= 2 * own:
                    return f"{key}: error {error:.2g}, Keras' own in float32 is {own:.2g}"
        return None


def relative(y, ref):
    return np.max(np.abs(y.astype(np.float64) - ref), initial=0) / (np.max(np.abs(ref), initial=0) or 1.0)


def compare(mdlc, directory, group):
    """[(network, None or the difference)]."""
    references = [(n, Reference(n)) for n in group]
    trusted = [(n, r) for n, r in references if r.trusted]
    parts = [r.part for _, r in trusted]
    if not parts:
        return []
    results = batch.run_each(mdlc, directory, parts)
    file = batch.write_program(directory, parts)
    out = []
    for n, r in trusted:
        got = results[n.name]
        out.append((n, r.differs(got, None if isinstance(got, str) else batch.manifest(mdlc, file, n.name))))
    return out


def main():
    parser = argparse.ArgumentParser(prog="random-models")
    parser.add_argument("seconds", nargs="?", type=float, default=60)
    parser.add_argument("--count", type=int, help="so many instead of so long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--together", type=int, default=20, help="models in a program")
    parser.add_argument("--mdlc", default=os.environ.get("MDLC") or os.path.join(TOP, "build-test", "bin", "mdlc"))
    args = parser.parse_args()
    start, number, same, different, left_out = time.time(), args.seed, 0, 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        while number - args.seed < args.count if args.count else time.time() - start < args.seconds:
            group = [Network(random.Random(n), f"M{n}") for n in range(number, number + args.together)]
            number += args.together
            found = compare(args.mdlc, scratch, group)
            left_out += len(group) - len(found)
            for network, difference in found:
                same, different = same + (difference is None), different + (difference is not None)
                if difference:
                    print(f"DIFFERENT {network.name}: {difference}\n\n{network.mdl()}\n{network.python()}", flush=True)
    print(f"seeds {args.seed} to {number - 1} in {time.time() - start:.0f} s: {same} equal, {different} different, "
          f"{left_out} left out because Keras' own result is not finite or huge")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
