#!/usr/bin/env python3
"""Writes the table of functions in docs/accuracy.md from runtime/ulps.def.

    tools/accuracy_page.py           writes it
    tools/accuracy_page.py --check   fails if it is not what would be written
"""

import re
import sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent
page = root / "docs/accuracy.md"
BEGIN, END = "<!-- from runtime/ulps.def, by tools/accuracy_page.py -->\n", "<!-- end -->\n"
BY = {"OURS": "mdl_math.h", "STEPS": "these", "WIDE": "in double", "LIBM": "libm", "IEEE": "the processor"}


def cells(name, by, single, double, worst, argument):
    found = "" if float(worst) == 0 else f"{float(worst):.3f} at {float.fromhex(argument.rstrip('f')):.9g}"
    return [f"`{name}`", BY[by], single, found, double if by != "STEPS" else ""]


def table():
    source = (root / "runtime/ulps.def").read_text(encoding="utf-8")
    rows = re.findall(r"^ULPS\((\w+), +(\w+), +([\d.]+), +([\d.]+), +([\d.]+), +(\S+)\)$", source, re.M)
    head = ["function", "computed by", "float32, at most", "the most that was found", "float64, at most"]
    lines = [head, ["---"] * len(head)] + [cells(*row) for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines).replace("|  |", "| |")


def main():
    old = page.read_text(encoding="utf-8")
    begin, end = old.index(BEGIN) + len(BEGIN), old.index(END)
    new = f"{old[:begin]}\n{table()}\n{old[end:]}"
    if sys.argv[1:] == ["--check"]:
        if new != old:
            sys.exit("docs/accuracy.md is not what runtime/ulps.def says: run tools/accuracy_page.py")
        return
    page.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
