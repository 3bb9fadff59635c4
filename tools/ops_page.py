#!/usr/bin/env python3
"""Writes docs/ops.md from runtime/ops.def and the bounds that the tests hold the kernels to.

    tools/ops_page.py           writes the page
    tools/ops_page.py --check   fails if it is not what would be written
"""

import re
import sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "tests/reference"))

import catalogue
import test_ops

DTYPES = {"FLOAT": "floats", "NUMBER": "numbers", "INTEGER": "integers", "ANY": "any"}

HEAD = """# Operations

<!-- Made from runtime/ops.def by tools/ops_page.py. -->

What can be called in MDL, with the arguments of `keras.ops`, and in the last section what only the compiler uses. Every
operation is one row of [`runtime/ops.def`](../runtime/ops.def).

**dtypes.** *floats*: computed in float32 or float64; float16 and bfloat16 are computed in float32 and rounded back. *numbers*:
floats, and integers in 64 bits, wrapping at the width of the result. *integers*: integers and bool. *any*: elements are moved,
not computed with. The compiler inserts the casts that promotion asks for.

**Error.** The largest distance from the exact result that the tests allow. For a float32 result they compare with float64, for
float64 with the 80-bit type. *exact*: the correctly rounded result, or no rounding at all; a number of *ulp*: units in the last
place of the result. `u` is half of that: 2^-24 for float32, 2^-53 for float64. |x| stands for the operation on absolute values,
k for the number of terms. A sum in float32 is taken in float64, except inside matrix products, convolutions and pools."""

BOUNDS = {
    "matmul": "(8 + 2√k) u \\|x\\|", "conv": "(8 + 2√k) u \\|x\\|", "conv_transpose": "(8 + 2√k) u \\|x\\|", "average_pool": "(8 + 2√k) u \\|x\\|",
    "matmul_packed": "(8 + 2√k) u \\|x\\|", "conv_packed": "(8 + 2√k) u \\|x\\|",
    "attention": "(12 + 2√k + 2e) u, e = (10 + 2√size) \\|scores\\| + max - score, the largest of a row",
    "winograd_filters": "(8 + 2√9) u \\|x\\| of the transforms", "conv_winograd": "(8 + 2√channels) u \\|x\\| of the transforms",
    "dft": "(8 + 4 log2 n + p) u √n \\|x\\|, p the largest prime factor", "scatter_update": "(2 + k) u \\|x\\|", "cholesky_lower": "1e-12 of the largest",
    "lu_packed": "1e-9 of the largest", "triangular_solve": "1e-9 of the largest", "qr_packed": "1e-9 of the largest",
    "sum": "1 u, and (8 + 2√k) 2^-53 \\|x\\|", "mean": "2 u, and (8 + 2√k) 2^-53 \\|x\\|", "prod": "1 u, and (4 + k) 2^-53", "cumsum": "1 u, and (8 + 2√k) 2^-53 \\|x\\|",
    "cumprod": "1 u, and (4 + k) 2^-53", "softmax": "(6 + max - x) u", "log_softmax": "(4 + 2 (max - x)) u, and 1 u", "random_normal": "1 u",
}


def error(row):
    if row.cls == "COMPOSED":
        return ""
    if row.name in test_ops.CHECKS:
        return "1e-13 of the largest"
    if row.name in test_ops.BOUNDS:
        return BOUNDS[row.name]
    ulps = test_ops.ULPS.get(row.name, {"float32": 0, "float64": 0})
    single, double = ulps["float32"], ulps["float64"]
    return "exact" if max(single, double) <= 0.5 else f"{single:g} ulp" if single == double else f"{single:g} ulp, in float64 {double:g}"


def refused(text):
    """The functions that MDL does not have, from the compiler's table of answers."""
    lines = ["", "## Not in MDL", "", "Functions of Keras that the compiler answers with an error, and what to write instead."]
    lines += ["", "| function | | instead |", "| --- | --- | --- |"]
    for name, reason, instead in re.findall(r'^REFUSED\((\w+),\s+"(.*?)", "((?:[^"\\]|\\.)*)"\)$', text, re.M):
        instead = instead.replace('\\"', '"')
        lines.append(f"| `{name}` | {reason} | {instead} |")
    return lines


def page(rows):
    lines, section = [HEAD], None
    for row in [r for r in rows if r.signature]:
        if row.section != section:
            section = row.section
            title = section.split(";")[0].split(":")
            heading = ":".join(title[:2]) if title[0] == "element by element" else title[0]
            lines += ["", f"## {heading[0].upper()}{heading[1:]}", "", "| operation | dtypes | error | |", "| --- | --- | --- | --- |"]
        doc = row.doc.replace("|", "\\|")
        lines.append(f"| `{row.name}({row.signature})` | {DTYPES[row.dtypes] if row.cls != 'COMPOSED' else ''} | {error(row)} | {doc} |")
    lines += ["", "## Of the graph only", "", "| operation | attributes | dtypes | error | |", "| --- | --- | --- | --- | --- |"]
    for row in [r for r in rows if not r.signature]:
        doc = row.doc.replace("|", "\\|")
        lines.append(f"| `{row.name}` | {', '.join(a.name for a in row.attrs)} | {DTYPES[row.dtypes]} | {error(row)} | {doc} |")
    lines += refused((root / "compiler/sema/refused.def").read_text(encoding="utf-8"))
    return "\n".join(lines) + "\n"


def main():
    test_ops.read_ulps(root / "runtime/ulps.def")
    text = page(catalogue.read(root / "runtime/ops.def"))
    path = root / "docs/ops.md"
    if sys.argv[1:] == ["--check"]:
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            print("docs/ops.md is old: run tools/ops_page.py")
            return 1
        return 0
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
