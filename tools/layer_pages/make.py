#!/usr/bin/env python3
"""Writes docs/layers/NAME.md for every layer of the library: arguments, formula, and an example with its shapes and weights.

    tools/layer_pages/make.py --mdlc MDLC            writes the pages
    tools/layer_pages/make.py --mdlc MDLC --check    fails if one is not what would be written

A page is made of the layer's declaration and its `##` comment in runtime/layers, of arguments.txt and formulas.txt beside this file, and
of the simplest of its cases in tests/evidence, which mdlc compiles.
"""
import argparse
import concurrent.futures
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from layers_page import PARTS, declarations  # noqa: E402

PAGES = ROOT / "docs" / "layers"

# Of layers that have no cases by themselves.
EXAMPLES = {
    "Sequential": "model Example {\n    layer = Sequential([Dense(4, activation=relu), Dense(2)])\n    call(x: float32[batch, 8]) { return layer(x) }\n}\n",
    "ConvLSTMCell": "model Example {\n    layer = ConvLSTMCell(1, 4, 3, padding=\"same\")\n    call(x: float32[batch, 7, 3], h: float32[batch, 7, 4], "
                    "c: float32[batch, 7, 4]) {\n        return layer(x, [h, c])\n    }\n}\n",
}
ALIASES = {"GroupedQueryAttention": "GroupQueryAttention"}  # the name of its cases


class Wrong(Exception):
    pass


def blocks(file):
    text = "".join(line for line in (HERE / file).read_text(encoding="utf-8").splitlines(True) if not line.startswith("#"))
    return [b.split("\n") for b in text.strip().split("\n\n")]


def meanings():
    return dict(line.split(": ", 1) for block in blocks("arguments.txt") for line in block)


def formulas():
    return {name: (formula, source) for names, formula, source in blocks("formulas.txt") for name in names.split()}


# ---- arguments

def parameters(signature):
    """[(name, type, default)] of "(units: int, activation: Activation? = none)"."""
    found, depth, start, text = [], 0, 0, signature[1:-1]
    for i, c in enumerate(text + ","):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(c, 0)
        if c == "," and depth == 0:
            m = re.match(r"\s*(\*?\w+)\s*(?::\s*([^=]+?))?\s*(?:=\s*(.*))?$", text[start:i])
            start = i + 1
            if m:
                found.append(m.groups(default=""))
    return found


def meaning(layer, name, known):
    for key in (f"{layer}.{name}", name):
        if key in known:
            return known[key]
    m = re.match(r"(.*)(_(?:initializer|regularizer|constraint))$", name)
    if not m:
        raise Wrong(f"tools/layer_pages/arguments.txt says nothing of `{layer}.{name}`")
    return known["*" + m.group(2)].replace("*", "recurrent_kernel" if m.group(1) == "recurrent" else m.group(1))


def arguments(layer, signature, known):
    rows = parameters(signature)
    if not rows:
        return "It takes no arguments but `name=`, `trainable=` and `dtype=`.\n"
    lines = ["| argument | type | default | |", "| --- | --- | --- | --- |"]
    for name, kind, default in rows:
        kind, default = (f"`{t}`" if t else "" for t in (kind, default))
        lines.append(f"| `{name}` | {kind} | {default} | {meaning(layer, name.strip('*'), known)} |")
    return "\n".join(lines) + "\n\nAnd, as every layer, `name=`, `trainable=` and `dtype=`.\n"


# ---- the example

def example(layer, mdlc, scratch):
    """(the program, its inputs and outputs, its variables)."""
    name = ALIASES.get(layer, layer)
    for program in [EXAMPLES[layer]] if layer in EXAMPLES else examples_of(name, layer):
        file = Path(scratch) / f"{layer}.mdl"
        file.write_text(program, encoding="utf-8")
        graph = subprocess.run([mdlc, str(file), "--dump", "graph"], capture_output=True, text=True, check=False)
        if graph.returncode == 0:
            manifest = subprocess.run([mdlc, "manifest", str(file), "--format", "json"], capture_output=True, text=True, check=True)
            return program, re.findall(r'^(input|output) "([^"]+)" : (.*)$', graph.stdout, re.M), json.loads(manifest.stdout)["variables"]
    raise Wrong(f"no example of {layer} compiles: {graph.stderr}")


def examples_of(name, layer):
    """The simplest case, for any batch, and as it stands."""
    file = ROOT / "tests" / "evidence" / f"{name}.json"
    if not file.exists():
        raise Wrong(f"{layer} has no cases in tests/evidence: give an example in tools/layer_pages/make.py")
    cases = json.loads(file.read_text(encoding="utf-8"))["cases"]
    case = min(cases, key=lambda c: (len(c["fields"]), "dtype=" in c["fields"]["unit"], len(c["fields"]["unit"]), len(c["call"])))
    named = lambda text: re.sub(r"\bunit\b", "layer", text)
    fields = "".join(f"    {named(k)} = {v.replace(name + '(', layer + '(')}\n" for k, v in case["fields"].items())
    for batch in ("batch", None):
        inputs = ", ".join(f"{i['name']}: {i['dtype']}[{', '.join(map(str, [batch or i['shape'][0]] + i['shape'][1:]))}]" for i in case["inputs"])
        yield f"model Example {{\n{fields}    call({inputs}) {{ return {named(case['call'])} }}\n}}\n"


def escaped(text):
    return str(text).replace("|", "\\|")


def variables(rows):
    if not rows:
        return "It has no weights.\n"
    lines = ["| weight | shape | first values | trained |", "| --- | --- | --- | --- |"]
    for v in rows:
        lines.append(f"| `{v['path']}` | `{v['dtype']}[{', '.join(map(str, v['shape']))}]` | `{escaped(v['initializer'])}` | {'yes' if v['trainable'] else 'no'} |")
    return "\n".join(lines) + "\n"


def page(layer, file, signature, doc, known, mdlc, scratch):
    formula, source = formulas_of(layer)
    source = f"Keras, `keras.layers.{ALIASES.get(layer, layer)}`" + re.sub("^; keras", "", f"; {source}")
    program, ports, rows = example(layer, mdlc, scratch)
    shapes = "".join(f"- {kind} `{name}`: `{kind_of}`\n" for kind, name, kind_of in ports)
    return (f"# {layer}\n\n<!-- Made by tools/layer_pages/make.py. -->\n\n{doc}\n\n    {formula}\n\nFrom {source}. "
            f"Its source: [{file}](../../runtime/layers/{file}), or `mdlc show {layer}`.\n\n## Arguments\n\n{arguments(layer, signature, known)}\n"
            f"## Example\n\n```mdl\n{program}```\n\n{shapes}\n{variables(rows)}")


def formulas_of(layer, table={}):
    table = table or formulas()
    if layer not in table:
        raise Wrong(f"tools/layer_pages/formulas.txt says nothing of {layer}")
    return table[layer]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mdlc", required=True)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    layers = [(name, file.name, signature, doc) for file in sorted((ROOT / "runtime" / "layers").glob("*.mdl"))
              for kind, name, signature, doc in declarations(file.read_text(encoding="utf-8")) if kind == "layer" and name not in PARTS]
    known, wrong = meanings(), []

    def attempt(row):
        try:
            return page(*row, known, args.mdlc, scratch)
        except Wrong as e:
            return e
    with tempfile.TemporaryDirectory() as scratch, concurrent.futures.ThreadPoolExecutor(2) as pool:
        texts = dict(zip([row[0] for row in layers], pool.map(attempt, layers)))
    PAGES.mkdir(exist_ok=True)
    for name, text in texts.items():
        path = PAGES / f"{name}.md"
        if isinstance(text, Wrong):
            wrong.append(str(text))
        elif not args.check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong.append(f"docs/layers/{name}.md is old: run tools/layer_pages/make.py --mdlc MDLC")
    wrong += [f"docs/layers/{p.name} is of no layer" for p in sorted(PAGES.glob("*.md")) if p.stem not in texts]
    print("\n".join(wrong + [f"{len(texts) - len(wrong)} passed, {len(wrong)} failed"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
