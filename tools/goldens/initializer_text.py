"""The initializer of a Keras variable as MDL writes it."""
import inspect
import re

from common import keras, text_of

KEPT = {}


def remember_initializers():
    """Keras forgets a variable's initializer; from now on it is kept."""
    plain = keras.Variable.__init__

    def init(self, initializer, *args, **kwargs):
        plain(self, initializer, *args, **kwargs)
        self.evidence_initializer = initializer
    keras.Variable.__init__ = init
    add = keras.layers.Layer.add_weight

    def add_weight(self, shape=None, initializer=None, *args, **kwargs):
        v = add(self, shape, initializer, *args, **kwargs)
        v.evidence_initializer = initializer if initializer is not None else v.evidence_initializer
        return v
    keras.layers.Layer.add_weight = add_weight


def initializer_text(v):
    """`he_normal`, `random_normal(stddev=0.02)`; none where it is a function or an array."""
    init = v.evidence_initializer
    try:
        init = keras.initializers.get(init)
    except Exception:
        return None
    if not isinstance(init, keras.initializers.Initializer):
        return None
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(init).__name__).lower().replace("s_t_f_t", "stft")
    defaults = {k: p.default for k, p in inspect.signature(type(init)).parameters.items()}
    # EinsumDense chooses the axes of the fans by its equation, here as there; what was given says nothing of them
    left_out = ("seed", "input_axes", "output_axes")
    if name == "stft":  # all but the seed, as MDL writes it
        return "stft(" + ", ".join(f"{k}={text_of(init.get_config()[k])}" for k in ("side", "window", "scaling", "periodic")) + ")"
    given = {k: val for k, val in init.get_config().items() if k not in left_out and defaults.get(k, None) != val}
    return name + (f"({', '.join(f'{k}={val!r}' for k, val in given.items())})" if given else "")
