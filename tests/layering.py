#!/usr/bin/env python3
"""layering.py ROOT: reads the include lines of compiler/ and runtime/, and fails on an edge that docs/architecture.md does
not have. Also: file names are unique, and the runtime neither prints nor exits outside its command line."""
import collections
import os
import re
import sys

# A room may include from the rooms named here, and from itself. ir and sema share three headers; see SHARED.
ROOMS = {
    "compiler/base": [],
    "compiler/source": ["compiler/base"],
    "grammar": ["compiler/syntax", "compiler/base"],
    "compiler/syntax": ["compiler/source", "compiler/base", "grammar"],
    "compiler/sema": ["compiler/syntax", "compiler/source", "compiler/base", "runtime/include"],
    "compiler/ir": ["compiler/source", "compiler/base", "runtime/include"],
    "compiler/emit": ["compiler/ir", "compiler/sema", "compiler/source", "compiler/base", "runtime/include"],
    "compiler/weights": ["compiler/base", "runtime/include", "runtime/src"],
    "compiler/hdf5": ["runtime/include"],
    "compiler": ["compiler/weights", "compiler/emit", "compiler/ir", "compiler/sema", "compiler/syntax", "compiler/source", "compiler/base",
                 "runtime/include"],
    "runtime/include": ["runtime"],
    "runtime/ops": ["runtime/include"],
    "runtime/src": ["runtime/include"],
}
# What crosses where the arrows do not lead: the graph is made by sema, and speaks of dimensions and instances; all files are written
# in one way.
SHARED = {
    ("compiler/ir", "compiler/sema"): ["dim.h", "instance.h"],
    ("compiler/sema", "compiler/ir"): ["ir.h"],
    ("compiler/ir", "runtime"): ["ops.def"],
    ("compiler/sema", "runtime"): ["ops.def"],
    ("runtime/src", "runtime"): ["ops.def"],
    ("runtime/ops", "runtime"): ["ops.def"],
    ("compiler/hdf5", "compiler/weights"): ["h5_protocol.h"],
    ("compiler", "runtime/src"): ["file.h"],
    ("runtime/src", "runtime/ops"): ["kernel.h"],
    ("runtime/ops", "runtime/src"): ["clock.h", "philox.h", "same_math.h"],
}

GENERATED = {"parser.h", "lexer.h"}  # made in the build tree
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(?:"([^"]+)"|<((?:mdl|sema|ir|syntax|source|base|emit)/[^>]+)>)', re.M)
SOURCE = (".c", ".h", ".def", ".inc", ".re", ".y")


def sources(root):
    for top in ("compiler", "runtime", "grammar"):
        for folder, folders, files in os.walk(os.path.join(root, top)):
            folders.sort()
            for f in sorted(files):
                path = os.path.join(folder, f)
                if f.endswith(SOURCE) and not os.path.islink(path):
                    yield os.path.relpath(path, root)


def room(path):
    folder = os.path.dirname(path)
    return "runtime/include" if folder.startswith("runtime/include") else folder


def main():
    root = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".")
    files, faults, checks = list(sources(root)), [], 0
    places = collections.defaultdict(list)
    for f in files:
        places[os.path.basename(f)].append(f)
    for name, where in places.items():
        checks += 1
        if len(where) > 1 and name != "CMakeLists.txt":
            faults.append(f"{where[1]}: the name is taken by {where[0]}")
    for f in files:
        with open(os.path.join(root, f), encoding="utf-8") as text:
            code = text.read()
        for m in INCLUDE.finditer(code):
            checks += 1
            line = code.count("\n", 0, m.start()) + 1
            name = os.path.basename(m[1] or m[2])
            target = "ops.def" if name == "mdl_ops.def" else name
            if not places[target]:
                if target not in GENERATED:
                    faults.append(f"{f}:{line}: nothing in the tree is called {name}")
                continue
            here, there = room(f), room(places[target][0])
            if here != there and there not in ROOMS.get(here, []) and target not in SHARED.get((here, there), []):
                faults.append(f"{f}:{line}: {here} may not include {places[target][0]}")
        if f.startswith("runtime/") and f.endswith(".c") and not os.path.basename(f).startswith("cli"):
            checks += 1
            bare = re.sub(r'/\*.*?\*/|//[^\n]*|"(\\.|[^"\\])*"', lambda m: "\n" * m[0].count("\n"), code, flags=re.S)
            for m in re.finditer(r"\b(printf|puts|putchar|exit|abort|stdout|stderr)\b", bare):
                faults.append(f"{f}:{bare.count(chr(10), 0, m.start()) + 1}: {m[1]} outside of the command line")
    for fault in faults:
        print(fault)
    print(f"{checks - len(faults)} passed, {len(faults)} failed")
    return 1 if faults else 0


sys.exit(main())
