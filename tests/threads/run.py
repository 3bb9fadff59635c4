#!/usr/bin/env python3
"""run.py - threads from outside: programs give the same bytes with any number of them, the examples of docs/generated-code.md compile and
run, with the program's own pool as well, and numbers of threads that are none are refused."""
import os
import re
import subprocess
import sys
import tempfile

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.join(ROOT, "tests", "threads")
MDLC, BUILD = os.environ["MDLC"], os.environ["MDL_BUILD"]
OUTPUTS = ["output.0", "output.1", "output.2", "output.3"]


def run(command, cwd, env=None, expect=0):
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True)
    if done.returncode != expect:
        raise AssertionError(f"{' '.join(command)}\nends with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def outputs(folder, batch, *options, env=None):
    """The bytes of all outputs."""
    command = ["./shared", "run", "--input", "images=random", "--input", "mask=random", "--input", "pictures=random", "--dim", f"batch={batch}",
               "--dim", "height=60", "--dim", "width=34", *options]
    return results("./shared", command[1:], folder, env)


def results(program, command, folder, env=None):
    """The bytes of all outputs of a program, which say something."""
    for name in OUTPUTS:
        command = [*command, "--output", f"{name}={name}.npy"]
    run([program, *command], folder, env)
    files = [os.path.join(folder, f"{name}.npy") for name in OUTPUTS]
    for file in files:
        values = np.load(file)
        assert np.isfinite(values).all() and values.std() > 0, f"{file} says nothing"
    return [open(file, "rb").read() for file in files]


def any_number_gives_the_same_bytes(folder):
    run([MDLC, "build", os.path.join(HERE, "shared.mdl"), "-o", "shared"], folder)
    for batch in (1, 3):
        alone = outputs(folder, batch, "--threads", "1")
        for count in ("0", "2", "3", "7"):
            assert outputs(folder, batch, "--threads", count) == alone, f"batch {batch}: {count} threads change the result"
        assert outputs(folder, batch, env={"MDL_THREADS": "2"}) == alone, "MDL_THREADS=2 changes the result"


def long_loops_are_shared(folder):
    run([MDLC, "build", os.path.join(HERE, "shared.mdl"), "--emit", "c", "-o", folder], folder)
    text = open(os.path.join(folder, "shared.c"), encoding="utf-8").read()
    assert text.count("mdl_share_loop(") >= 5, "fewer loops are shared than the model has"
    with open(os.path.join(folder, "short.mdl"), "w", encoding="utf-8") as file:
        file.write("model Short { call(x: [batch, 20], y: [30, 40]) { return tanh(x) + 1, exp(y) * 2 } }\n")
    run([MDLC, "build", "short.mdl", "--emit", "c", "-o", folder], folder)
    assert "mdl_share_loop" not in open(os.path.join(folder, "short.c"), encoding="utf-8").read(), "short loops are shared"


def steps_are_shared_by_rows(folder):
    """33 rows are 16 and 17, and 5 are not shared; with 70 the parts begin at other rows, and the loop has an even number of steps."""
    run([MDLC, "build", os.path.join(HERE, "recurrent.mdl"), "-o", "recurrent"], folder)
    run([MDLC, "build", os.path.join(HERE, "recurrent.mdl"), "--passes-off", "rows", "-o", "by_steps"], folder)
    for batch, time in ((33, 21), (5, 21), (70, 16)):
        command = ["run", "--input", "x=random", "--input", "mask=random", "--dim", f"batch={batch}", "--dim", f"time={time}"]
        alone = results("./by_steps", command + ["--threads", "1"], folder)
        for count in ("1", "2", "3", "7"):
            assert results("./recurrent", command + ["--threads", count], folder) == alone, f"batch {batch}: {count} threads change the result"


def rows_that_meet_are_not_shared(folder):
    for name, count, layers in (("recurrent", 4, 2), ("joined", 0, 0)):
        run([MDLC, "build", os.path.join(HERE, name + ".mdl"), "--emit", "c", "-o", folder], folder)
        text = open(os.path.join(folder, name + ".c"), encoding="utf-8").read()
        shared, blocks = text.count("mdl_share_steps("), text.count("mdl_rows_of_steps(")
        assert shared == count, f"{name}: {shared} loops over steps are shared by rows, not {count}"
        assert blocks == layers, f"{name}: the inputs of {blocks} loops over steps are computed in blocks, not {layers}"


def the_examples_run(folder):
    page = open(os.path.join(ROOT, "docs", "generated-code.md"), encoding="utf-8").read()
    plain, pool = re.findall(r"^```c\n(.*?)^```$", page, re.M | re.S)
    with open(os.path.join(folder, "tiny.mdl"), "w", encoding="utf-8") as file:
        file.write("model Tiny { dense = Dense(3)\n call(x: float32[batch, 8]) { return dense(x) } }\n")
    run([MDLC, "build", "tiny.mdl", "-o", "tiny"], folder)
    run(["./tiny", "init", "-o", "tiny.safetensors"], folder)
    run([MDLC, "build", "tiny.mdl", "--emit", "c", "-o", folder], folder)
    with open(os.path.join(folder, "plain.c"), "w", encoding="utf-8") as file:
        file.write(plain)
    with open(os.path.join(folder, "pool.c"), "w", encoding="utf-8") as file:
        file.write(pool)
    includes = ["-I" + os.path.join(ROOT, "runtime", "include"), "-I" + os.path.join(BUILD, "runtime", "include"), "-I" + folder]
    library = [os.path.join(BUILD, "runtime", "libmdl.a"), "-lm", "-lpthread"]
    strict = ["gcc", "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", *includes]
    run([*strict, "plain.c", "tiny.c", *library, "-o", "plain"], folder)
    assert run(["./plain"], folder) == "0\n"
    run([*strict, "-fopenmp", "pool.c", os.path.join(HERE, "pool_main.c"), "tiny.c", *library, "-o", "pool"], folder)
    assert run(["./pool"], folder) == "the same\n"


def wrong_numbers_are_refused(folder):
    for value in ("many", "-1", "257", "2x", ""):
        said = run(["./shared", "run", "--random-inputs"], folder, {"MDL_THREADS": value}, expect=2)
        assert f"MDL_THREADS is a number from 1 to 256, or 0 for one a processor, not `{value}`" in said, said


def main():
    tests = [any_number_gives_the_same_bytes, long_loops_are_shared, steps_are_shared_by_rows, rows_that_meet_are_not_shared, the_examples_run,
             wrong_numbers_are_refused]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for test in tests:
            try:
                test(folder)
            except AssertionError as e:
                failed += 1
                print(f"FAILED {test.__name__}\n    {e}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
