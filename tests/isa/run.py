#!/usr/bin/env python3
"""Programs with every instruction set that this machine has, beside plain loops: outputs agree within the bounds of docs/accuracy.md.
And how a set is chosen: by feature bits (of processors that QEMU plays), by MDL_ISA, and what is said of names that mean none here.

    run.py

MDLC, MDL_WORK: see docs/testing.md. The last line says `N passed, N failed`.
"""
import os
import platform
import re
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
MDLC, WORK = os.environ["MDLC"], os.environ["MDL_WORK"]
X86 = platform.machine() == "x86_64"
# Relative to the largest value of an output, as docs/accuracy.md says: twice what a product of 300 float32, or 32 float64, may err by.
# And one unit in the last place of bfloat16.
BOUNDS = {"wide": 4e-15, "halves": 2**-8, "layers": 5e-6}

counts = [0, 0]


def check(name, ok, why=""):
    counts[not ok] += 1
    if not ok:
        print(f"{name} FAILED\n{why}")


def run(*command, **environment):
    env = {**{k: v for k, v in os.environ.items() if k != "MDL_ISA"}, **environment}
    return subprocess.run(command, cwd=WORK, env=env, capture_output=True, text=True, timeout=300)


def build(name, cflags):
    done = run(MDLC, "build", f"{HERE}/sets.mdl", "-o", name, "--cflags", cflags)
    if done.returncode:
        sys.exit(done.stderr)


def sets_here():
    """What the message names: scalar, then the narrowest first."""
    said = run("./sets", "manifest", MDL_ISA="none").stderr
    return re.search(r"there are (.*)\n", said)[1].split(", ")


# ---- the same outputs ----


def outputs(program, isa):
    names = re.findall(r"^  output +(\w+)", run(f"./{program}", "run", "--help").stdout, re.M)
    line = [word for name in names for word in ("--output", f"{name}={name}.npy")]
    done = run(f"./{program}", "run", "--random-inputs", "--dim", "batch=3", "--threads", "1", *line, MDL_ISA=isa)
    if done.returncode:
        check(f"{program}, {isa}", False, done.stderr)
        return {}
    return {name: np.load(f"{WORK}/{name}.npy") for name in names}


def fuses(isa):
    """Does the set multiply and add in one step?"""
    return isa.startswith(("avx", "neon")) or (isa == "baseline" and not X86)


def compare(what, got, scalar, like):
    for name, want in scalar.items():
        if name.startswith("like_"):
            check(f"{what}: {name}", got[name].tobytes() == like[name].tobytes(), "another bit than a set of its kind")
        if name.startswith("same_"):
            check(f"{what}: {name}", got[name].tobytes() == want.tobytes(), "another bit")
            continue
        bound = BOUNDS.get(name, BOUNDS["layers"])
        worst = np.abs(got[name].astype("f8") - want.astype("f8")).max() / np.abs(want).max()
        check(f"{what}: {name}", worst <= bound, f"differs by {worst:.2e} of the largest value; the bound is {bound:.0e}")
        if "-v" in sys.argv:
            print(f"{what}: {name} {worst:.1e}")


def agreement(isas):
    build("sets", "-O1")
    build("plain", "-O1 -DMDL_NO_VECTORS")
    scalar = outputs("plain", "scalar")
    check("values", all(np.isfinite(v).all() and np.ptp(v) > 0 for v in scalar.values()), "not finite, or all the same")
    first = {False: scalar} # of the sets that fuse, or don't
    for isa in isas():
        got = outputs("sets", isa)
        compare(isa, got, scalar, first.setdefault(fuses(isa), got))
    build("calls", "-O0")
    check("fused operations are instructions", "fmaf" not in run("nm", "-u", "calls").stdout, "the program calls fmaf")
    names = [name for name in scalar if name.startswith("like_")]
    check("functions fuse where the set can", True not in first or any((first[True][name] != scalar[name]).any() for name in names))


# ---- which set ----


def used(*words, **environment):
    """The set that --version names."""
    return run(*words, "./sets", "--version", **environment).stdout.rsplit(", ", 1)[-1].strip()


def choice(isas):
    here = [isa for isa in isas if isa != "baseline"]
    widest = [isa for isa in here if not isa.startswith("avx512_")][-1]  # those only who asks for them gets
    check("the widest is chosen", used() == widest == used(MDL_ISA=""), used())
    for isa in here:
        check(f"MDL_ISA={isa}", used(MDL_ISA=isa) == isa, used(MDL_ISA=isa))
    check("baseline", used(MDL_ISA="baseline") == here[1], used(MDL_ISA="baseline"))
    bench = run("./sets", "bench", "--seconds", "0.01", "--json", MDL_ISA="scalar")
    check("bench names it", '"isa": "scalar"' in bench.stdout, bench.stdout + bench.stderr)
    for name in ("avx51", "AVX2", "none"):
        done = run("./sets", "run", "--random-inputs", MDL_ISA=name)
        text = f"sets: MDL_ISA={name}: no such instruction set; there are {', '.join(isas)}\n"
        check(f"MDL_ISA={name}", (done.returncode, done.stderr) == (2, text), done.stderr)
    check("help needs none", run("./sets", "--help", MDL_ISA="none").returncode == 0)


def other_processors():
    """Feature bits decide: processors that have less."""
    qemu = "qemu-x86_64-static"
    if not X86 or subprocess.run(["sh", "-c", f"command -v {qemu}"], capture_output=True).returncode:
        print(f"No {qemu} for this machine: other processors are not tried")
        return
    for processor, isa in (("core2duo", "sse2"), ("Haswell", "avx2"), ("Haswell,-fma", "sse2"), ("Haswell,-avx2", "sse2")):
        words = (qemu, "-cpu", processor)
        check(f"{processor}: {isa}", used(*words) == isa, used(*words))
    done = run(qemu, "-cpu", "core2duo", "./sets", "run", "--random-inputs", MDL_ISA="avx2")
    text = "sets: MDL_ISA=avx2: this processor does not have these instructions; there are scalar, sse2, baseline\n"
    check("a set that the processor lacks", done.returncode == 2 and done.stderr.endswith(text), done.stderr)


def main():
    isas = []

    def known():
        isas.extend(sets_here())
        return isas

    agreement(known)
    choice(isas)
    other_processors()
    print(f"{counts[0]} passed, {counts[1]} failed")
    return counts[1] > 0


if __name__ == "__main__":
    sys.exit(main())
