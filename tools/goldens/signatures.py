"""The golden of the signatures: tests/signatures/keras.json.

Every public class of keras.layers with the arguments of its constructor, in order, each as [name] or [name, default]; another
name of a class is recorded as the name of that class. What every layer takes (name, trainable, dtype) is left out.
"""
import inspect
import os

import common
from common import TOP, keras

EVERY = ("self", "name", "trainable", "dtype")


def arguments(cls):
    rows = []
    for p in inspect.signature(cls.__init__).parameters.values():
        if p.name in EVERY or p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL):
            continue
        rows.append([p.name] if p.default is p.empty else [p.name, p.default])
    return rows


def write():
    classes, aliases = {}, {}
    for name in sorted(dir(keras.layers)):
        cls = getattr(keras.layers, name)
        if not inspect.isclass(cls):
            continue
        first = next((n for n in classes if getattr(keras.layers, n) is cls), None)
        if cls.__name__ in dir(keras.layers) and cls.__name__ != name:
            aliases[name] = cls.__name__
        elif first:
            aliases[name] = first
        else:
            classes[name] = arguments(cls)
    directory = os.path.join(TOP, "tests", "signatures")
    os.makedirs(directory, exist_ok=True)
    common.dump({"versions": common.versions(), "classes": classes, "aliases": aliases}, os.path.join(directory, "keras.json"))
    print(f"signatures: {len(classes)} classes, {len(aliases)} other names", flush=True)
