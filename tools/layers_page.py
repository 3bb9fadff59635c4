#!/usr/bin/env python3
"""Writes docs/layers.md from the declarations of runtime/layers/*.mdl and their `##` comments.

    tools/layers_page.py           writes the page
    tools/layers_page.py --check   fails if it is not what would be written, or a declaration has no comment
"""

import json
import re
import sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent

PARTS = {"RecurrentState"}  # layers that are parts of others, and have no page

HEAD = """# Layers and functions of the library

<!-- Made from runtime/layers/*.mdl by tools/layers_page.py. -->

Written in MDL, shipped inside the compiler, usable everywhere without an import. Arguments, defaults, variables and numbers are those
of Keras 3; each file can be read, copied and changed, and `mdlc show Dense` prints a layer.
Each layer has a page, and its cases against Keras a line in [the evidence](layers-evidence.md).
Every layer also takes `name=`, `trainable=` and `dtype=`. Regularizers and
constraints are checked and otherwise left to training.
"""


def declarations(text):
    """(kind, name, signature, doc) of what a file declares."""
    for m in re.finditer(r"((?:^##[^\n]*\n)*)^(layer|fn|const) (\w+)", text, re.M):
        doc = " ".join(line[2:].strip() for line in m.group(1).splitlines())
        signature, at = "", m.end()
        if text[at] == "(":
            depth, end = 0, at
            while True:
                depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(text[end], 0)
                end += 1
                if depth == 0:
                    break
            signature = re.sub(r"\s+", " ", text[at:end])
        yield m.group(2), m.group(3), signature, doc


def page():
    layers, functions, aliases, bare = [], [], [], []
    for file in sorted((root / "runtime/layers").glob("*.mdl")):
        for kind, name, signature, doc in declarations(file.read_text(encoding="utf-8")):
            place = f"layers/{name}.md" if kind == "layer" and name not in PARTS else f"../runtime/layers/{file.name}"
            row = (name, f"| [`{name}{signature}`]({place}) | {doc} |".replace("\\|", "|"))
            if kind == "const" and file.name == "aliases.mdl":
                aliases.append((name, f"`{name}`"))
            elif kind != "const":
                (layers if kind == "layer" else functions).append(row)
            if not doc and kind != "const":
                bare.append(f"{file.name}: {name}")
    lines = [HEAD, "## Layers", "", "| layer | |", "| --- | --- |", *(r for _, r in sorted(layers)), "",
             "Further names: " + ", ".join(r for _, r in sorted(aliases)) + ".", "",
             *elsewhere(), KERAS_ERRS, "## Functions", "", "Beside [the operations](ops.md).", "", "| function | |", "| --- | --- |", *(r for _, r in sorted(functions))]
    return "\n".join(lines) + "\n", bare


def elsewhere():
    """The classes of keras.layers that are no layers here, and what to write instead."""
    reasons = json.loads((root / "tests/signatures/elsewhere.json").read_text(encoding="utf-8"))
    return ["## What Keras has and the library has not", "", "| Keras | |", "| --- | --- |",
            *(f"| `{name}` | {why[0].upper()}{why[1:]}. |" for name, why in reasons.items()), ""]


KERAS_ERRS = """## Where Keras errs and the library does not

Of Keras 3.15.1 on TensorFlow. Everywhere else results are compared with Keras'; `sparsemax` is compared with its definition.

| | Keras | the library |
| --- | --- | --- |
| `sparsemax` of several numbers that stay above 0 | The threshold adds up all partial sums instead of taking the last: `sparsemax([0.1, 0.2, 0.3])` gives `[0, 0.067, 0.167]`, which is no distribution. | `[0.233, 0.333, 0.433]`, whose sum is 1. |
| `keras.ops.add(x, y)` where `y` has one size above 1 and `x` the same as its second, as `MultiHeadAttention(2, 1)` adds its biases `[2, 1]` over two steps | `y` is taken for the bias of a convolution and added along axis 1. | Broadcast as NumPy does: along the axis where it stands. |
| `ctc_decode(..., strategy="beam_search", mask_index=-1)` | The slice `[..., -1:0]` of the mask is empty: all classes are there twice but the mask. | The mask is the last class. |
| `RMSNormalization(axis)` of an axis that is not the last | `scale` is not given the axes behind it, and does not broadcast. | `scale` lies along the axis. |
| `Conv1DTranspose`, `Conv2DTranspose`, `Conv3DTranspose` with a `dilation_rate` above 1 | TensorFlow has no kernel for it on a CPU, and raises. | Computed as `dilation_rate` says. |
"""


def main():
    text, bare = page()
    for name in bare:
        print(f"{name} has no `##` comment")
    path = root / "docs/layers.md"
    if sys.argv[1:] == ["--check"]:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            print("docs/layers.md is old: run tools/layers_page.py")
            return 1
        return 1 if bare else 0
    path.write_text(text, encoding="utf-8")
    return 1 if bare else 0


if __name__ == "__main__":
    sys.exit(main())
