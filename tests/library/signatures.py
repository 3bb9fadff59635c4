#!/usr/bin/env python3
"""The functions of keras.ops, keras.random, keras.activations and keras.initializers, against what mdlc knows: each exists with
the same arguments, order and defaults, or stands in compiler/sema/refused.def, and nothing stands there that exists. The compiler answers each of these.

    signatures.py ROOT MDLC

signatures.json is from tools/goldens/function_signatures.py. What MDL knows is read from runtime/ops.def, runtime/layers/*.mdl and the
tables of the compiler. Further arguments of MDL's may follow Keras' own; DIFFERENT lists what is meant to differ.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

root, mdlc = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
sys.path[:0] = [str(root / "tools"), str(root / "tests/reference")]

import catalogue
import layers_page

# Arguments of Keras that MDL's functions don't take, or take otherwise, and why. Names of `*all` and `**named` are not compared.
DIFFERENT = {}
WORDS = {"true": True, "false": False, "none": None}


def split_arguments(text):
    """[(name, default or None)], defaults as MDL writes them."""
    parts, depth, quote, part = [], 0, None, ""
    for c in text:
        quote = None if c == quote else quote or (c if c in "'\"" else None)
        depth += 0 if quote else (c in "([{") - (c in ")]}")
        if c == "," and depth == 0 and not quote:
            parts.append(part)
            part = ""
        else:
            part += c
    found = []
    for p in [p.strip() for p in parts + [part] if p.strip()]:
        name, _, value = p.partition("=")
        found.append((name.split(":")[0].strip(), value.strip() or None))
    return found


def value_of(text):
    value = eval(text, {"__builtins__": {}, "inf": float("inf"), "nan": float("nan"), **WORDS})
    return list(value) if isinstance(value, (tuple, list)) else value


def known():
    """name -> arguments, of everything that can be called."""
    table = {row.name: row.signature for row in catalogue.read(root / "runtime/ops.def") if row.signature}
    for file in sorted((root / "runtime/layers").glob("*.mdl")):
        for kind, name, signature, _ in layers_page.declarations(file.read_text(encoding="utf-8")):
            if kind == "fn":
                table[name] = signature[1:-1]
    for file, prefix in (("builtins.c", ""), ("ops_random.c", "random."), ("initial_values.c", "initializers.")):
        text = (root / "compiler/sema" / file).read_text(encoding="utf-8").split("string_methods[]")[0]
        for name, signature in re.findall(r'^ +\{"(\w+)",\s+"([^"]*)", (?!run_rule)', text, re.M):
            table.setdefault(prefix + name, signature)
        for names in re.findall(r"other_names\[\] = \{(.*?)\};", text):
            table.update({"initializers." + name: "" for name in re.findall(r'"(\w+)"', names)})
    return {name: split_arguments(signature) for name, signature in table.items()}


def refused():
    text = (root / "compiler/sema/refused.def").read_text(encoding="utf-8")
    return set(re.findall(r"^REFUSED\((\w+),", text, re.M))


def unanswered(names):
    """The refused functions to which the compiler says something else, called with and without the namespace."""
    missing = []
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "refused.mdl"
        for prefix in ("", "ops."):
            lines = "\n".join(f"        a_{n} = {prefix}{n}(x)" for n in names)
            file.write_text(f"model Refused {{\n    call(x: float32[4]) {{\n{lines}\n        return x\n    }}\n}}\n", encoding="utf-8")
            said = subprocess.run([mdlc, "check", file], capture_output=True, text=True).stderr
            missing += [prefix + n for n in names if f"error[E0201]: Keras' `{n}` " not in said]
    return missing


def find(space, name, functions):
    """The arguments by which MDL knows a function of a namespace, or None."""
    if space == "initializers":
        snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace("initializer", "").rstrip("_")
        return functions.get("initializers." + snake)
    if space == "random":
        return functions.get("random." + name, functions.get("random_" + name))
    if space.startswith("ops") and "ops_" + name in functions:
        return functions["ops_" + name]
    return functions.get(name)


def differs(label, want, have):
    """What is wrong, or None."""
    given = dict(have)
    names = [n for n, _ in want if f"{label} {n}" not in DIFFERENT and not n.startswith("*")]
    for name in names:
        if name not in given:
            return f"has no argument `{name}`"
    if [n for n, _ in have if not n.startswith("*")][:len(names)] != names:
        return f"has ({', '.join(n for n, _ in have)}), not ({', '.join(names)})"
    for name, default in want:
        if name not in names:
            continue
        mine = None if given[name] is None else [value_of(given[name])]
        if mine != default:
            return f"`{name}` is {'required' if mine is None else mine[0]}, not {'required' if default is None else default[0]}"
    return None


def main():
    golden = json.loads((root / "tests/library/signatures.json").read_text(encoding="utf-8"))["functions"]
    functions, no, passed, failures, seen = known(), refused(), 0, [], set()
    for label, want in golden.items():
        space, _, name = label.rpartition(".")
        have = find(space, name, functions)
        seen.add(name)
        if name in no:
            wrong = None if have is None else "stands in refused.def, but exists"
        elif have is None:
            wrong = "is not there"
        else:
            wrong = differs("ops." + name if space.startswith("ops") else label, want, have)
        passed += wrong is None
        if wrong:
            failures.append(f"{label} {wrong}")
    failures += [f"refused.def: Keras has no {name}" for name in sorted(no - seen)]
    failures += [f"{name}: the compiler does not say why it is refused" for name in unanswered(sorted(no))]
    for failure in failures:
        print("FAILED", failure)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
