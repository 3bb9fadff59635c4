#!/usr/bin/env python3
"""Damaged HDF5 files: mdlc survives whatever happens in its helper, and says in one line what is wrong, or reads the file.

    hostile.py [--mdlc MDLC] [--parent PROGRAM] [--count N] [--seed N] [--jobs N]      N files, 200 unless told

A file is one of Keras' or of formats/ with some bytes changed, some of them in its structures; or cut off. hostile_parent.c runs
`mdlc weights show FILE --values` for one file after the other in one process, which nothing may end and which may leave nothing
behind; each file has a helper of its own, started as always.
"""
import argparse
import collections
import concurrent.futures
import glob
import os
import queue
import random
import select
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "..", "..", "build")
MARKS = (b"TREE", b"SNOD", b"HEAP", b"GCOL", b"\x89HDF")


def find_all(data, mark):
    at = data.find(mark)
    while at >= 0:
        yield at
        at = data.find(mark, at + 1)


def read_source(file):
    with open(file, "rb") as f:
        data = f.read()
    return data, sorted(at for mark in MARKS for at in find_all(data, mark))


def damage(r, source):
    data, marks = bytearray(source[0]), source[1]
    for _ in range(r.choice((1, 1, 2, 5, 20))):
        at = min(len(data) - 1, r.choice(marks) + r.randrange(64)) if r.random() < 0.6 else r.randrange(len(data))
        data[at] = r.choice((0, 1, 0x7F, 0x80, 0xFF, r.randrange(256)))
    return bytes(data[:r.randrange(len(data))] if r.random() < 0.05 else data)


class Parent:
    """hostile_parent, started again if it ends."""

    def __init__(self, args):
        self.words = [args.parent, os.path.dirname(os.path.abspath(args.mdlc))]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def show(self, path):
        """The exit status, or what happened instead of one; and what was said."""
        try:
            self.process.stdin.write(os.fsencode(path) + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and stdout says so
        hangs = not select.select([self.process.stdout], [], [], 300)[0]
        line = b"" if hangs else self.process.stdout.readline()
        if line:
            status, said = line.decode("utf-8", "replace").rstrip("\n").split("\t", 1)
            return int(status), said
        how, said = self.end()
        self.start()
        return "hangs" if hangs else f"ended the parent with {how}", said

    def end(self, kill=True):
        if kill and self.process.poll() is None:
            time.sleep(0.5)  # a sanitizer may be writing
            self.process.kill()
        said = self.process.communicate()[1]
        return self.process.returncode, said.decode("utf-8", "replace")


def how_it_ended(status, said):
    return ("read" if status == 0 else "crashed there" if "crashed" in said else "stopped there" if "stopped" in said or "gave up" in said
            else "refused")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mdlc", default=os.path.join(BUILD, "bin", "mdlc"))
    parser.add_argument("--parent", default=os.path.join(BUILD, "tests", "weights", "hostile_parent"))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    sources = [read_source(f) for f in sorted(glob.glob(os.path.join(HERE, "*", "*.h5")), key=os.path.getsize)[:30]]
    ends, failed, begin = collections.Counter(), 0, time.monotonic()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as work, concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        parents = queue.SimpleQueue()
        for _ in range(args.jobs):
            parents.put(Parent(args))

        def attempt(number):
            r = random.Random(args.seed * 1000003 + number)
            path, parent = os.path.join(work, f"{number}.h5"), parents.get()
            with open(path, "wb") as f:
                f.write(damage(r, r.choice(sources)))
            status, said = parent.show(path)
            os.remove(path)
            parents.put(parent)
            return number, status, said
        for number, status, said in pool.map(attempt, range(args.count)):
            good = status == 0 or (status == 1 and said.startswith("mdlc: "))
            failed += not good
            if not good:
                print(f"FAILED file {number} of seed {args.seed}: {status} {said[:3000]}")
            ends[how_it_ended(status, said)] += 1
            if number % 10000 == 9999:
                print(f"{number + 1} files, {failed} failed", flush=True)
        for _ in range(args.jobs):
            status, said = parents.get().end(kill=False)
            failed += status != 0
            if status:
                print(f"FAILED: the parent ended with {status} {said[:3000]}")
    print(", ".join(f"{n} {end}" for end, n in sorted(ends.items())))
    print(f"{args.count / (time.monotonic() - begin):.0f} files a second")
    print(f"{args.count - min(failed, args.count)} passed, {failed} failed")
    return failed > 0


sys.exit(main())
