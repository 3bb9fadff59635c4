#!/usr/bin/env python3
"""The C of every program that the tests know compiles under clang as under gcc, and its header in C++, without a warning.

    run.py [NAME...]

And calls.c calls bounded.mdl as an embedded program would: static memory, no allocation, two threads.

The programs are those of tests/lang, of cases in tests/layers, and the examples; NAME selects by name. gcc compiles the
same ones where they are built and run. MDLC, MDL_WORK, MDL_JOBS, MDL_BUILD: see docs/testing.md. The last line says
`N passed, N failed`. A compiler that is not installed is left out, and said so.
"""
import concurrent.futures
import glob
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "lang"))
import harness  # noqa: E402

MDLC = os.environ.get("MDLC", os.path.join(ROOT, "build", "bin", "mdlc"))
BUILD = os.environ.get("MDL_BUILD", os.path.join(ROOT, "build"))
WARNINGS = "-Wall -Wextra -Wconversion -Wshadow -Wpedantic -Werror -fsyntax-only".split()
CLANG = ["clang", "-std=c11", *WARNINGS]
GXX = ["g++", "-std=c++11", *WARNINGS, "-x", "c++"]


class Failure(Exception):
    pass


def command(args, cwd):
    p = subprocess.run(args, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if p.returncode != 0:
        raise Failure(f"{args[0]} ended with {p.returncode}\n{p.stderr[:3000]}")


def language():
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "lang", "test_*.py"))):
        importlib.import_module(os.path.basename(path)[:-3])
    for c in harness.cases:
        if c.kind in ("run", "halt"):
            yield c.name, c.source, c.kw.get("files", {}), c.kw.get("options", [])


def layers():
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "layers", "*.json"))):
        with open(path) as f:
            cases = json.load(f)["cases"]
        for c in cases[::4]: # what differs between most of them are numbers; gcc compiles all where they run
            yield f"{os.path.basename(path)[:-5]}.{c['name']}", c["program"], {}, []


def examples():
    for path in sorted(glob.glob(os.path.join(ROOT, "examples", "*", "*.mdl"))):
        with open(path) as f:
            text = f.read()
        models = [line.split()[1].split("(")[0] for line in text.splitlines() if line.startswith("model ")]
        for m in models:
            files = {os.path.basename(p): open(p).read() for p in glob.glob(os.path.join(os.path.dirname(path), "*.mdl"))}
            yield f"{os.path.basename(path)} {m}", text, files, ["--model", m]


def attempt(work, includes, compilers, program):
    name, text, files, options = program
    folder = os.path.join(work, "".join(c if c.isalnum() else "_" for c in name))
    os.makedirs(folder, exist_ok=True)
    for path, content in {**files, "main.mdl": text}.items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "w") as f:
            f.write(content)
    try:
        command([MDLC, "build", "main.mdl", "--emit", "c", "-o", "c", *options], folder)
        if "clang" in compilers:
            command([*CLANG, *includes, *glob.glob(os.path.join(folder, "c", "*.c"))], folder)
        if "g++" in compilers:
            header = glob.glob(os.path.join(folder, "c", "*.h"))[0]
            with open(os.path.join(folder, "caller.cc"), "w") as f:
                standard = "#include <cmath>\n#include <complex>\n" if "nasty" in name else ""
                f.write(f'#include "{header}"\n{standard}int main() {{ return 0; }}\n')
            command([*GXX, *includes, "caller.cc"], folder)
    except Failure as e:
        return str(e)
    shutil.rmtree(folder)
    return None


def calls(work, includes):
    here, folder = os.path.join(ROOT, "tests", "code"), os.path.join(work, "calls")
    os.makedirs(folder, exist_ok=True)
    library = glob.glob(os.path.join(BUILD, "**", "libmdl.a"), recursive=True)[0]
    flags = [w for w in WARNINGS if w != "-fsyntax-only"]
    try:
        command([MDLC, "build", os.path.join(here, "bounded.mdl"), "--emit", "c", "-o", folder], folder)
        with open(os.path.join(folder, "bounded.c")) as f:
            if not re.search(r"/\* zeros\(\(batch, batch, time\)\) +bounded\.mdl:23 ", f.read().replace(here + os.sep, "")):
                raise Failure("a constant in memory does not name its source")
        command(["gcc", "-std=c11", "-O1", *flags, *includes, "-I" + folder, os.path.join(here, "calls.c"), os.path.join(folder, "bounded.c"), library,
                 "-Wl,--wrap=malloc,--wrap=calloc,--wrap=aligned_alloc", "-lm", "-lpthread", "-o", "calls"], folder)
        command(["./calls"], folder)
        command([MDLC, "build", os.path.join(here, "bounded.mdl"), "--line-directives", "-o", "debugged", "--cflags", "-O0"], folder)
        lines = subprocess.run(["objdump", "--dwarf=decodedline", "debugged"], cwd=folder, capture_output=True, text=True).stdout
        if "bounded.mdl" not in lines:
            raise Failure("a debugger would not find bounded.mdl")
        if shutil.which("tcc"):
            command(["tcc", *includes, "-c", "bounded.c", "-o", "by_tcc.o"], folder)
    except Failure as e:
        return str(e)
    return None


def main():
    work = os.environ.get("MDL_WORK") or tempfile.mkdtemp(prefix="mdl-code-")
    compilers = [c for c in ("clang", "g++") if shutil.which(c)]
    for missing in {"clang", "g++"} - set(compilers):
        print(f"left out: {missing} is not installed")
    generated = glob.glob(os.path.join(BUILD, "**", "mdl_ops.def"), recursive=True)
    includes = ["-I" + os.path.join(ROOT, "runtime", "include"), *{"-I" + os.path.dirname(p) for p in generated}]
    programs = [p for p in [*language(), *layers(), *examples()] if not sys.argv[1:] or any(n in p[0] for n in sys.argv[1:])]
    failed = 0
    problem = None if sys.argv[1:] else calls(work, includes)
    if problem:
        failed = 1
        print("FAILED calls\n    " + problem.replace("\n", "\n    "))
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("MDL_JOBS", os.cpu_count() or 1))) as pool:
        for p, problem in zip(programs, pool.map(lambda p: attempt(work, includes, compilers, p), programs)):
            if problem:
                failed += 1
                print(f"FAILED {p[0]}\n    " + problem.replace("\n", "\n    "))
    print(f"{len(programs) + (not sys.argv[1:]) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
