"""runtime/ops.def, read as data."""

import re
from collections import namedtuple

Row = namedtuple("Row", "name cls dtypes arity signature attrs doc section")
Attr = namedtuple("Attr", "kind name")

_ROW = re.compile(r'^OP\((\w+),\s*(\w+),\s*(\w+),\s*(-?\d+),\s*"([^"]*)",\s*ATTRS\((.*?)\),\s*"((?:[^"\\]|\\.)*)"\)$')
_SECTION = re.compile(r"^/\* ---- (.*) ---- \*/$")


def read(path):
    """The rows, in their order. A line that begins like a row and isn't one is an error."""
    rows, section = [], ""
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if heading := _SECTION.match(line):
            section = heading[1]
        elif line.startswith("OP("):
            row = _ROW.match(line)
            if not row:
                raise ValueError(f"{path}:{number}: not a row: {line}")
            name, cls, dtypes, arity, signature, attrs, doc = row.groups()
            fields = [Attr(*field) for field in re.findall(r"(INTS|INT|REAL)\((\w+)\)", attrs)]
            rows.append(Row(name, cls, dtypes, int(arity), signature, fields, doc.replace('\\"', '"'), section))
    return rows
