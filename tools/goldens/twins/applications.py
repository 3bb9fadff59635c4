"""Compares a twin with the network of the same name in keras.applications. Those are Functional models, which list their
weights in another order: so the total and the multiset of (shape, dtype, trainable) are compared."""
from collections import Counter

import keras
from keras.src.backend.common import global_state


def same_variables(twin, make):
    with keras.StatelessScope():
        published = make(weights=None)
        global_state.set_global_attribute("uninitialized_variables", [])
    kinds = lambda model: Counter((tuple(v.shape), v.dtype, v.trainable) for v in model.weights)
    assert kinds(twin) == kinds(published), kinds(twin) - kinds(published) + (kinds(published) - kinds(twin))
    assert twin.count_params() == published.count_params()
    print(f"  the variables are those of keras.applications.{make.__name__}")
