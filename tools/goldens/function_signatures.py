"""tests/library/signatures.json: the functions of keras.ops, keras.activations, keras.initializers and keras.random with their
arguments and defaults, as inspect gives them."""
import inspect
import json
import os

import keras

import common

SPACES = {"ops": keras.ops, "ops.image": keras.ops.image, "ops.linalg": keras.ops.linalg, "ops.nn": keras.ops.nn,
          "ops.numpy": keras.ops.numpy, "activations": keras.activations, "initializers": keras.initializers, "random": keras.random}


def default(parameter):
    """None: no default; else [value]. Classes of values that JSON does not know don't occur."""
    value = parameter.default
    return None if value is inspect.Parameter.empty else [list(value) if isinstance(value, tuple) else value]


def arguments(function):
    star = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return [[star.get(p.kind, "") + p.name, default(p)] for p in inspect.signature(function).parameters.values()]


def write():
    table = {}
    for space, module in SPACES.items():
        for name in sorted(dir(module)):
            value = getattr(module, name)
            if not name.startswith("_") and not inspect.ismodule(value) and (inspect.isfunction(value) or inspect.isclass(value)):
                table[f"{space}.{name}"] = arguments(value)
    lines = [f"  {json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table)]
    with open(os.path.join(common.TOP, "tests/library/signatures.json"), "w", encoding="utf-8") as out:
        out.write('{"keras": %s, "functions": {\n%s\n}}\n' % (json.dumps(keras.__version__), ",\n".join(lines)))
    print(f"signatures: {len(table)} functions")
