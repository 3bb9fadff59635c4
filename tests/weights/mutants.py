#!/usr/bin/env python3
"""Mistakes in how the layers of a Functional or Sequential file are found (compiler/weights/bind_layers.c): each, built into an mdlc of
its own, makes tests/weights/order.py or keras.py --values fail.

    mutants.py [--build FOLDER] [--jobs N]      FOLDER: the build, made with Ninja; else build/
"""
import argparse
import concurrent.futures
import os
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(os.path.join(HERE, "..", ".."))
SOURCE = os.path.join(TOP, "compiler", "weights", "bind_layers.c")
MUTANTS = [  # what is wrong, what stands there, what stands there instead
    ("the last layer of a class is the first", "        for (size_t k = 0; k < layers->len && !g->layer; k++) {\n            if (taken[k])",
     "        for (size_t k = layers->len; k-- > 0 && !g->layer;) {\n            if (taken[k])"),
    ("dense_2 comes before dense_1", "x->number < y->number ? -1 : x->number > y->number", "x->number < y->number ? 1 : -1"),
    ("dense_10 is dense_1", "atoll(component + digits)", "component[digits] - '0'"),
    ("order goes before names", "if (!match_names(b, &groups, &layers) && !match_order", "if (!match_order"),
    ("names do not count", "!match_names(b, &groups, &layers) && ", ""),
    ("order does not count", " && !match_order(b, &groups, &layers)", ""),
    ("shapes alone do not count", " && !match_shapes(b, &groups, &layers)", ""),
    ("what is ambiguous is taken", "if (n != 1) return false;", "if (n < 1) return false;"),
    ("a layer may be taken twice", "            taken[k] = true;\n", ""),
    ("any class will do", "!is_container(g->snake) && strcmp(g->snake, snake)", "false"),
    ("any shape will do", "!same_shape(b->m->variables[b->m->places[i].variable].is, &b->c->tensors.at[t].is)", "false"),
    ("a group may hold more", "return found == g->tensors;", "return found > 0;"),
    ("a name is that of any layer", "g->name && !strcmp(g->name, l->component)", "g->name != NULL"),
]


def command(what, **more):
    done = subprocess.run(what, capture_output=True, text=True, timeout=300, **more)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout


def compile_with(build, text, folder):
    """The mdlc of the build, but for one file."""
    lines = command(["ninja", "-t", "commands", "bin/mdlc"], cwd=build).splitlines()
    compiler = shlex.split(next(line for line in lines if "-c " in line and "bind_layers.c" in line.split("-c ")[-1]))
    source = os.path.join(folder, "bind_layers.c")
    with open(source, "w", encoding="utf-8") as f:
        f.write(text)
    kept = [word for word in compiler[:compiler.index("-MD")] if word not in ("-Werror", "-O2")]
    command([*kept, "-O0", "-w", "-iquote", os.path.dirname(SOURCE), "-c", source, "-o", os.path.join(folder, "m.o")], cwd=build)
    os.makedirs(os.path.join(folder, "bin"))
    os.symlink(os.path.join(build, "libexec"), os.path.join(folder, "libexec"))
    mdlc = os.path.join(folder, "bin", "mdlc")
    command(lines[-1].replace("-o bin/mdlc", f"'{folder}/m.o' -o '{mdlc}'", 1), cwd=build, shell=True)
    return mdlc


def passes(mdlc):
    """Whether the files are read right."""
    for script, more in (("order.py", []), ("keras.py", ["--values", "--jobs", "1"])):
        done = subprocess.run([sys.executable, os.path.join(HERE, script), "--mdlc", mdlc, *more], capture_output=True, text=True, timeout=600)
        if " failed" not in done.stdout:
            raise RuntimeError(done.stdout + done.stderr)
        if done.returncode:
            return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(TOP, "build"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    with open(SOURCE, encoding="utf-8") as f:
        right = f.read()

    def attempt(mutant):
        what, here, there = mutant
        if right.count(here) != 1 and here:
            return f"{what}: its place is there {right.count(here)} times"
        with tempfile.TemporaryDirectory() as folder:
            alive = passes(compile_with(os.path.abspath(args.build), right.replace(here, there), folder))
        return f"{what}: nothing notices" if alive != (here == there) else None
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        faults = list(filter(None, pool.map(attempt, [("nothing is wrong", "", ""), *MUTANTS])))
    for fault in faults:
        print("FAILED", fault)
    print(f"{len(MUTANTS) + 1 - len(faults)} passed, {len(faults)} failed")
    return len(faults) > 0


sys.exit(main())
