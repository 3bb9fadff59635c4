#!/usr/bin/env python3
"""The layers of the library take the arguments of Keras' layers: names, order and defaults.

keras.json is made by tools/goldens/make signatures. Every class in it is a layer of runtime/layers, or elsewhere.json says why it
is none and what to write instead. A layer may take more arguments than Keras names, behind the others: EXTRA says which.
"""
import ast
import json
import re
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
root = here.parent.parent
sys.path.insert(0, str(root / "tools"))
import layers_page  # noqa: E402

EXTRA = {  # what Keras takes by its **kwargs
    "AdditiveAttention": ["seed"],
    "LSTM": ["zero_output_for_mask"], "GRU": ["zero_output_for_mask"], "SimpleRNN": ["zero_output_for_mask"],
}
OMITTED = ("quantization_config", "gptq_unpacked_column_size")  # MDL's weights are not quantized: such an argument is refused


def library():
    """Name of a layer -> its parameters as [name] or [name, default]; and another name -> the layer's name."""
    layers, aliases = {}, {}
    for file in sorted((root / "runtime/layers").glob("*.mdl")):
        text = file.read_text(encoding="utf-8")
        for kind, name, signature, _ in layers_page.declarations(text):
            if kind == "layer":
                layers[name] = parameters(signature)
        if file.name == "aliases.mdl":
            aliases.update(re.findall(r"^const (\w+) = (\w+)$", text, re.M))
    return layers, aliases


def parameters(signature):
    """`(a: int, b: str? = none)` as [["a"], ["b", None]], by Python's own parser."""
    text = re.sub(r"(\w)\?", r"\1", signature or "()")
    text = re.sub(r"\b(true|false|none)\b", lambda m: m.group(0).capitalize(), text)
    args = ast.parse(f"def f{text}: pass").body[0].args
    defaults = [None] * (len(args.args) - len(args.defaults)) + args.defaults
    return [[a.arg] if d is None else [a.arg, plain(ast.literal_eval(d))] for a, d in zip(args.args, defaults)]


def plain(value):
    """As JSON holds it."""
    return json.loads(json.dumps(value))


def differences(name, ours, keras):
    keras = [p for p in keras if p[0] not in OMITTED]
    extra = [p for p in ours[len(keras):] if p[0] in EXTRA.get(name, [])]
    ours = ours[:len(ours) - len(extra)]
    for i, want in enumerate(keras):
        have = ours[i] if i < len(ours) else None
        if have is None:
            yield f"{name} lacks the argument `{want[0]}`"
        elif have[0] != want[0]:
            yield f"{name}: argument {i + 1} is `{have[0]}`, not `{want[0]}`"
            return
        elif have[1:] != want[1:]:
            yield f"{name}: `{want[0]}` has the default {have[1:] or 'none at all'}, not {want[1:] or 'none at all'}"
    for have in ours[len(keras):]:
        yield f"{name} has the argument `{have[0]}`, which Keras does not know"


def main():
    golden = json.loads((here / "keras.json").read_text(encoding="utf-8"))
    elsewhere = json.loads((here / "elsewhere.json").read_text(encoding="utf-8"))
    layers, aliases = library()
    passed, problems = 0, []
    for name, keras in golden["classes"].items():
        found = []
        ours = layers.get(name, layers.get(aliases.get(name)))
        if ours is not None:
            found = list(differences(name, ours, keras))
            if name in elsewhere:
                found.append(f"{name} exists, but elsewhere.json says that it does not")
        elif name not in elsewhere:
            found = [f"{name} is no layer of the library, and elsewhere.json does not say why"]
        problems += found
        passed += not found
    for name, target in golden["aliases"].items():
        known = name in layers or aliases.get(name) is not None or target in elsewhere
        problems += [] if known else [f"{name} is not known as another name of {target}"]
        passed += known
    stale = [n for n in elsewhere if n not in golden["classes"]]
    problems += [f"elsewhere.json names {n}, which Keras does not have" for n in stale]
    print("".join(f"FAILED {p}\n" for p in problems) + f"{passed} passed, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
