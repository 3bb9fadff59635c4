"""docs/layers-evidence.md: what run.py found, layer by layer.

Errors depend on the machine's kernels in their last bits, so the page tells a power of ten that they stay below. One that holds stays
on the page, whatever a machine measures, so that the page is the same everywhere; one that does not hold is out of date.
"""
import json
import math
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
HEADROOM = 2  # a new figure is at least so many times the error
SLACK = 1000  # an old figure stays until it is so many times the error
LEAST = {False: 1e-6, True: 1e-3}  # the smallest figure: below it is what rounding once makes, here or on another machine
LIMIT = {False: 1e-5, True: 5e-3}
HEAD = """# Evidence for the layers

Made by `tests/evidence/run.py --table docs/layers-evidence.md`; the tests compare it. Each case is a layer with other arguments, on
inputs of another rank, with masks or states. The reference is Keras {keras} on TensorFlow {tensorflow}, computed in float64. *error* is a
power of ten that max|y - ref| / max|ref| of every result with 32 bits or more stays below, *16 bits* is that of float16 and bfloat16,
and of what was computed in them.
*manifests* counts the cases whose variables were compared: path, shape, dtype, trainable or not, initializer, Keras' names and the place
in a weight file; all are equal. The cases derive from the signatures of Keras' classes
([tools/goldens/evidence.py](../tools/goldens/evidence.py)): all values of each argument that they hold occur, and all pairs of those that
touch each other (strides, padding, dilation, data format, groups, masks, dtypes, activations), but for what Keras refuses.

| layer | arguments | cases | manifests | error | 16 bits |
| --- | --- | --- | --- | --- | --- |
"""
MORE = """
## Cases with a larger bound

The bound is 1e-5, and 5e-3 in 16 bits, or twice the reference's own error where that is more: the error of Keras in the case's own
dtype against Keras in float64, or what only rounding weights, inputs and outputs to 16 bits changes there. A few are wider because of
what TensorFlow does (`LOOSER` in [evidence_domains.py](../tools/goldens/evidence_domains.py)).

| case | layer | output | bound | the reference's own error |
| --- | --- | --- | --- | --- |
"""


def golden(layer):
    with open(os.path.join(HERE, layer + ".json"), encoding="utf-8") as f:
        return json.load(f)


def figure(error, old, least):
    """The power of ten to print: the old one, as long as it holds and is not far off."""
    if old is not None and error <= old and old <= max(least, error * SLACK):
        return old
    return max(least, 10.0 ** math.ceil(math.log10(error * HEADROOM))) if error > 0 else least


def shown(number):
    return f"{number:.0e}".replace("e-0", "e-").replace("e+00", "")


def figures(text):
    """{(layer, 16 bits or not): what the page says}."""
    rows = re.findall(r"^\| (\w+) \| \d+ \| \d+ \| \d+ \| (\S*) \| ?(\S*) ?\|$", text, re.M)
    return {(row[0], k): float(row[1 + k]) for row in rows for k in (False, True) if row[1 + k]}


def larger(layer, cases):
    """The rows of cases with a larger bound."""
    for case in cases:
        over = [o for o in case.outputs if o["bound"] > LIMIT[case.is_narrow(o)]]
        if over:
            worst = max(over, key=lambda o: o["bound"])
            yield (f"| {layer}.{case.name} | `{case.record['fields']['unit']}` | {worst['dtype']} | {worst['bound']:.2g} "
                   f"| {worst['own']:.2g} |")


def text_of(rows, old):
    lines, listed, total, versions, known = [], [], 0, None, figures(old)
    for layer in sorted(rows):
        data, cases = golden(layer), [case for case, _ in rows[layer]]
        versions = data["versions"]
        total += len(cases)
        cells = []
        for k in (False, True):
            occurs = any(c.is_narrow(o) == k for c in cases for o in c.outputs)
            worst = max(errors[k] for _, errors in rows[layer])
            cells.append(shown(figure(worst, known.get((layer, k)), LEAST[k])) if occurs else "")
        lines.append(f"| {layer} | {len(data['arguments']) - 1} | {len(cases)} | {len(cases)} | {cells[0]} | {cells[1]} |")
        listed += larger(layer, cases)
    lines.append(f"| **{len(rows)} layers** | | **{total}** | **{total}** | | |")
    return HEAD.format(**versions) + "\n".join(lines) + "\n" + MORE + "\n".join(listed) + "\n"


def read(file):
    if not os.path.exists(file):
        return ""
    with open(file, encoding="utf-8") as f:
        return f.read()


def write(file, rows):
    text = text_of(rows, read(file))
    with open(file, "w", encoding="utf-8", newline="\n") as out:
        out.write(text)


def check(file, rows):
    """None, or what is wrong: figures that hold are those of the page."""
    old = read(file)
    name = os.path.basename(file)
    return None if text_of(rows, old) == old else f"{name} is not up to date: run tests/evidence/run.py --table docs/{name}"
