"""The names that Keras 2 gives the variables of a case, where it has the layers and takes the arguments."""
import os
import re

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

from common import hash_weights  # noqa: E402
from layers import PYTHON  # noqa: E402

try:
    import tf_keras
except ImportError:  # then no names are recorded
    tf_keras = None


def evaluate(text, names):
    code = re.sub(r"\b(true|false|none)\b", lambda m: PYTHON[m.group(0)], text)
    known = {k: getattr(tf_keras.layers, k) for k in dir(tf_keras.layers) if k[0].isupper()}
    known |= {k: getattr(tf_keras.activations, k) for k in ("relu", "gelu", "tanh")}
    known |= {"random_normal": tf_keras.initializers.RandomNormal, "constant": tf_keras.initializers.Constant}
    return eval(code, known, names)


def keras2_names(record):
    """[[name, shape]] sorted, or None."""
    if tf_keras is None:
        return None
    tf_keras.backend.clear_session()

    class Model(tf_keras.Model):
        def __init__(self):
            super().__init__(name="case")
            for field, text in record["fields"].items():
                setattr(self, field, evaluate(text, {}))

        def call(self, tensors):
            names = {f: getattr(self, f) for f in record["fields"]}
            names |= {s["name"]: t for s, t in zip(record["inputs"], tensors)}
            evaluate(record["call"], names)
            return tensors
    try:
        model = Model()
        model([tf_keras.layers.Input(batch_shape=s["shape"], dtype=s["dtype"]) for s in record["inputs"]])
    except Exception:
        return None
    return sorted([v.name, list(v.shape)] for v in model.weights)
