#!/usr/bin/env python3
"""Damaged HDF5 files: mdlc survives whatever happens in its helper, and says in one line what is wrong, or reads the file.

    hostile.py [--mdlc MDLC] [--count N] [--seed N]      N files, 200 unless told

A file is one of Keras' or of formats/ with some bytes changed, some of them in its structures; or cut off.
"""
import argparse
import collections
import concurrent.futures
import glob
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def damage(r, data):
    data = bytearray(data)
    marks = [i for m in (b"TREE", b"SNOD", b"HEAP", b"GCOL", b"\x89HDF") for i in range(len(data)) if data.startswith(m, i)]
    for _ in range(r.choice((1, 1, 2, 5, 20))):
        at = min(len(data) - 1, r.choice(marks) + r.randrange(64)) if r.random() < 0.6 else r.randrange(len(data))
        data[at] = r.choice((0, 1, 0x7F, 0x80, 0xFF, r.randrange(256)))
    return bytes(data[:r.randrange(len(data))] if r.random() < 0.05 else data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mdlc", default=os.path.join(HERE, "..", "..", "build", "bin", "mdlc"))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    sources = sorted(glob.glob(os.path.join(HERE, "*", "*.h5")), key=os.path.getsize)[:30]
    files = [open(f, "rb").read() for f in sources]
    ends, failed = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as work, concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        def attempt(number):
            r = random.Random(args.seed * 1000003 + number)
            path = os.path.join(work, f"{number}.h5")
            with open(path, "wb") as f:
                f.write(damage(r, r.choice(files)))
            try:
                done = subprocess.run([args.mdlc, "weights", "show", path, "--values"], capture_output=True, timeout=300)
                return number, done.returncode, done.stderr.decode("utf-8", "replace")
            except subprocess.TimeoutExpired:
                return number, "hangs", ""
            finally:
                os.remove(path)
        for number, status, said in pool.map(attempt, range(args.count)):
            good = status == 0 or (status == 1 and said.startswith("mdlc: ") and "Sanitizer" not in said)
            failed += not good
            if not good:
                print(f"FAILED file {number} of seed {args.seed}: {status} {said[:300]}")
            ends["read" if status == 0 else "crashed there" if "crashed" in said else "stopped there" if "stopped" in said or "gave up" in said
                 else "refused"] += 1
    print(", ".join(f"{n} {end}" for end, n in sorted(ends.items())))
    print(f"{args.count - failed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
