"""docs/layers-evidence.md: what run.py found, layer by layer."""
import json
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
HEAD = """# Evidence for the layers

Made by `tests/evidence/run.py --table docs/layers-evidence.md`; the tests compare it. Each case is a layer with other arguments, on
inputs of another rank, with masks or states: its manifest is that of Keras {keras} in every case, and its outputs are within
the bound of Keras computed in float64. *error* is the largest max|y - ref| / max|ref| of results with 32 bits and more, *16 bits* that
of float16 and bfloat16. The cases derive from the signatures of Keras' classes: `tools/goldens/evidence.py`; all values of each argument
that they hold occur, and all pairs of those that touch each other (strides, padding, dilation, data format, groups, masks, dtypes,
activations), but for what Keras refuses.

| layer | arguments | cases | error | 16 bits |
| --- | --- | --- | --- | --- |
"""


def shown(error):
    return f"{error:.0e}".replace("e-0", "e-") if error else "0" if error == 0 else ""


def golden(layer):
    with open(os.path.join(HERE, layer + ".json"), encoding="utf-8") as f:
        return json.load(f)


def text_of(rows):
    lines, total, listed, versions = [], 0, [], None
    for layer in sorted(rows):
        data = golden(layer)
        versions = data["versions"]
        cases = [case for case, _ in rows[layer]]
        total += len(cases)
        wide, narrow = (max(worst[k] for _, worst in rows[layer]) for k in (False, True))
        has_narrow = any(o["dtype"] in ("float16", "bfloat16") for c in cases for o in c.outputs)
        lines.append(f"| {layer} | {len(data['arguments']) - 1} | {len(cases)} | {shown(wide)} | {shown(narrow) if has_narrow else ''} |")
        for case, _ in rows[layer]:
            over = [o for o in case.outputs if o["bound"] > (5e-3 if o["dtype"] in ("float16", "bfloat16") else 1e-5)]
            if over:
                listed.append((f"{layer}.{case.name}", case.record["fields"]["unit"], over))
    lines.append(f"| **all** | | **{total}** | | |")
    more = ["", "## Cases with a larger bound", "", "Twice the reference's own error (of 16-bit floats at least what rounding weights, inputs and outputs costs), or what its author's choices cost (`LOOSER` in "
            "`tools/goldens/evidence_domains.py`).", "", "| case | layer | output | bound | the reference's own error |", "| --- | --- | --- | --- | --- |"]
    for name, unit, over in listed:
        worst = max(over, key=lambda o: o["bound"])
        more.append(f"| {name} | `{unit}` | {worst['dtype']} | {worst['bound']:.2g} | {worst['own']:.2g} |")
    return HEAD.format(**versions) + "\n".join(lines + more) + "\n"


def write(file, rows):
    with open(file, "w", encoding="utf-8") as out:
        out.write(text_of(rows))


def counts(text):
    """What does not depend on the machine's last bits."""
    return re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \|", text, re.M), text.partition("## Cases")[2]


def check(file, rows):
    """None, or what is wrong. Errors are within their bounds already, and their last digits may differ between machines."""
    with open(file, encoding="utf-8") as f:
        if counts(f.read()) == counts(text_of(rows)):
            return None
    return f"{os.path.basename(file)} is not up to date: tests/evidence/run.py --table {os.path.basename(file)}"
