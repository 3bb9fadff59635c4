#!/usr/bin/env python3
"""Every block of MDL in README.md and docs/*.md compiles, or fails with the code it names; the last line counts.

A block begins with ```mdl, or with ```mdl error CODE (it must fail, with only that), or with ```mdl fragment (the body of a
`call` with x and y of float32[batch, 8]). Whole programs are built and run as well.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BLOCK = re.compile(r"^```mdl([^\n]*)\n(.*?)^```", re.M | re.S)
MDLC = os.environ.get("MDLC", os.path.join(ROOT, "build", "bin", "mdlc"))


def run(*args):
    p = subprocess.run(args, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout + p.stderr


def problem_of(marks, text, folder):
    source = os.path.join(folder, "block.mdl")
    if marks[:1] == ["fragment"]:
        body = "".join(f"        {line}\n" for line in text.splitlines())
        text = "model Fragment {\n    call(x: float32[batch, 8], y: float32[batch, 8]) {\n" + body + "    }\n}\n"
    with open(source, "w") as f:
        f.write(text)
    status, said = run(MDLC, "check", source)
    if marks[:1] == ["error"]:
        codes = re.findall(r"^error\[(E\d+)\]", said, re.M)
        return None if status == 1 and codes == marks[1:2] else f"expected only {marks[1]}, status 1:\n{said}"
    if status or "warning[" in said:
        return f"status {status}\n{said}"
    if not re.search(r"^model ", text, re.M):
        return None
    program = os.path.join(folder, "program")
    status, said = run(MDLC, "build", source, "-o", program, "--cflags", "-O0")
    if status:
        return f"build: status {status}\n{said}"
    status, said = run(program, "run", "--random-inputs")
    return f"run: status {status}\n{said}" if status else None


def main():
    passed = failed = 0
    for path in [os.path.join(ROOT, "README.md"), *sorted(glob.glob(os.path.join(ROOT, "docs", "*.md")))]:
        with open(path) as f:
            page = f.read()
        for match in BLOCK.finditer(page):
            with tempfile.TemporaryDirectory() as folder:
                problem = problem_of(match[1].split(), match[2], folder)
            passed, failed = passed + (problem is None), failed + (problem is not None)
            if problem is not None:
                line = page.count("\n", 0, match.start()) + 1
                print(f"FAILED {os.path.relpath(path, ROOT)}:{line}\n    " + problem.strip().replace("\n", "\n    "))
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
