#!/usr/bin/env python3
"""Writes docs/errors.md from compiler/source/diag_codes.def and the examples in tests/diagnostics.

    tools/errors_page.py           writes the page
    tools/errors_page.py --check   fails if it is not what would be written
"""

import re
import sys
from pathlib import Path

root = Path(__file__).resolve().parent.parent
page = root / "docs/errors.md"

HEAD = """# Errors and warnings

<!-- Made from compiler/source/diag_codes.def and tests/diagnostics by tools/errors_page.py. `mdlc explain CODE` prints a section. -->

Everything that `mdlc` says about a program has a code, which keeps its meaning for ever, and is shown with the place, the line, and
where possible the way out. `mdlc explain E0501` prints the section of a code; `mdlc check --fix` applies what stands behind `+`;
`--format json` gives the same for programs, an object a line, as [diagnostic.schema.json](diagnostic.schema.json) says.

An error in the code of the layer library is reported where the user's code calls or constructs the layer, or at the argument that it is
about; the library's place is a note. At most 20 errors are shown, in the order of the file. What follows from an error is not reported."""


def shown(data):
    """The bytes of an example as text; what is no text, by its number."""
    text = data.decode("utf-8", "backslashreplace").rstrip("\n")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", lambda m: f"\\x{ord(m.group()):02x}", text)


def block(text):
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))


def section(name, level, number, title):
    folder = root / "tests/diagnostics"
    source = (folder / f"{name}.mdl").read_bytes()
    output = (folder / f"{name}.txt").read_text(encoding="utf-8").strip("\n")
    first = source.split(b"\n")[0].decode("utf-8", "replace")
    options = re.match(r"# args: (.*)", first)
    other = re.match(r"# file: (.*)", first)
    lines = [f"### {level[0]}{int(number):04d}: {title}", ""]
    if not other:
        lines += [block(shown(source)), ""]
    command = f"mdlc check {other.group(1).strip() if other else name + '.mdl'}{' ' + options.group(1).strip() if options else ''}"
    return lines + [f"`{command}` says", "", block(output), ""]


def text():
    lines = [HEAD, ""]
    for row in (root / "compiler/source/diag_codes.def").read_text(encoding="utf-8").split("\n"):
        heading = re.match(r"/\* ([EW]\d\dxx): (.*) \*/", row)
        code = re.match(r'DIAG\((\w+), LEVEL_(\w+), (\d+), "(.*)"\)', row)
        if heading:
            lines += [f"## {heading.group(1)}: {heading.group(2)}", ""]
        elif code:
            lines += section(*code.groups())
    return "\n".join(lines).rstrip("\n") + "\n"


def main():
    if sys.argv[1:] == ["--check"]:
        if not page.exists() or page.read_text(encoding="utf-8") != text():
            print("docs/errors.md is old: run tools/errors_page.py")
            return 1
        return 0
    page.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
