#!/usr/bin/env python3
"""fail_calls.py PROGRAM MDLC LIBRARY [--every N]: each call of the operating system and each allocation fails once in turn.

PROGRAM is the hand-written program of the unit tests, LIBRARY fail_call.c. For each command below, first the calls that it
makes are counted; then it is run once for each of them and each way to fail. Whatever fails, the command ends by itself: with 0
and the right files, or with 1 or 2, a message, and the files that were there before, whole, without litter. --every N takes
every N-th failure only. The last line is `N passed, N failed`."""
import argparse
import concurrent.futures
import errno
import hashlib
import json
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

# A temporary file, or a shard that no index names.
LITTER = re.compile(r"\.saving-\d+-\d+\.tmp$|-\d{5}-of-\d{5}\.safetensors$")
HOWS = [str(errno.EIO), str(errno.ENOSPC), str(errno.EINTR), "short", "kill"]

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "..", "weights")

MODEL = """model M {
    dense = Dense(3)

    call(x: float32[batch, 2]) { return dense(x) }
}
"""

# Stands for the C compiler: makes an empty program of whatever it is given.
COMPILER = """#!/bin/sh
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\nexit 0\\n' >"$2"
chmod +x "$2"
"""

COMMANDS = [
    "{program} init --seed 5 -o new.safetensors",
    "{program} init --seed 5 -o old.safetensors",
    "{program} init --seed 5 --shard-size 20 -o old.safetensors",
    "{program} init --seed 5 --shard-size 20 -o set.safetensors",
    "{program} convert old.safetensors half.safetensors --dtype float16",
    "{program} convert set.safetensors.index.json old.safetensors --map map",
    "{program} convert half16.safetensors old.safetensors --cast --partial",
    "{program} verify old.safetensors --values",
    "{program} verify set.safetensors.index.json --json",
    "{program} verify .",
    "{program} run -w old.safetensors --input x.npy --output y.npy",
    "{program} run -w old.safetensors --no-mmap --random-inputs",
    "{program} run -w set.safetensors.index.json --input x.npy --save old.safetensors",
    "{program} bench -w old.safetensors --seconds 0.01 --threads 2",
    "{program}",
    "{mdlc} m.mdl --emit c -o code",
    "{mdlc} build m.mdl -o net --cc ./cc",
    "{mdlc} run m.mdl --cc ./cc",
    "{mdlc} check m.mdl",
    "{mdlc} manifest m.mdl",
    "{mdlc} weights show old.safetensors --values",
    "{mdlc} weights show torch.pt --values --json",
    "{mdlc} weights show m.gguf --values",
    "{mdlc} weights show m.npz",
    "{mdlc} weights show m.weights.h5 --values",
    "{mdlc} weights verify m.mdl torch.safetensors --json",
    "{mdlc} weights verify m.mdl m.weights.h5 --values",
    "{mdlc} weights diff m.safetensors torch.safetensors",
    "{mdlc} weights diff m.mdl m.weights.h5 --json",
    "{mdlc} weights convert m.npz new.npz",
    "{mdlc} weights convert bias.npy old.npy --dtype float16",
    "{mdlc} weights convert m.safetensors m.gguf --dtype float16",
    "{mdlc} weights convert torch.safetensors m.safetensors --for m.mdl",
    "{mdlc} weights convert torch.safetensors m.weights.h5 --for m.mdl",
    "{mdlc} weights convert m.safetensors dense.keras --for d.mdl --like dense.keras",
    "{mdlc} weights map m.mdl torch.safetensors -o map",
]


def files_in(folder):
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, folder)] = hashlib.sha256(f.read()).hexdigest()
    return found


class Command:
    def __init__(self, line, args, start):
        self.args, self.start, self.before = args, start, files_in(start)
        self.words = words_of(line, args)
        self.good, self.printed, self.status = None, None, None

    def run(self, fail):
        """Runs it in a fresh copy; returns what it said, the files, the number of calls, the one that failed, what is left where temporary
        files are; and after a kill the files that the same command makes of what was left."""
        with tempfile.TemporaryDirectory(prefix="mdl-faults-") as folder:
            work = os.path.join(folder, "work")
            subprocess.run(["cp", "-a", self.start, work], check=True)
            counted = os.path.join(folder, "count")
            temporary = os.path.join(folder, "tmp")
            os.mkdir(temporary)
            env = dict(os.environ, LD_PRELOAD=self.args.library, MDL_FAIL=fail, MDL_FAIL_COUNT=counted, LC_ALL="C", TMPDIR=temporary)
            done = subprocess.run(self.words, cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=100)
            calls, name = "0", "?"
            if os.path.exists(counted):
                with open(counted) as f:
                    calls, name = f.read().split()
            files, left, again = files_in(work), os.listdir(temporary), None
            if fail.endswith(":kill"):
                subprocess.run(self.words, cwd=work, env=dict(os.environ, LC_ALL="C", TMPDIR=temporary), stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=100)
                again = files_in(work)
            return done, files, int(calls), name, left, again

    def fault(self, fail):
        """What is wrong with how it behaves when that fails; None if nothing is."""
        try:
            done, files, _, name, temporary, again = self.run(fail)
        except subprocess.TimeoutExpired:
            return "hangs"
        before = self.before
        if fail.endswith(":kill"):
            return self.after_kill(files, before) or self.after_another(again)
        if temporary and b"cannot remove" not in done.stderr and name not in ("unlink", "rmdir"):
            return f"{name}: left {temporary} where temporary files are"
        if done.returncode not in (0, 1, 2):
            return f"{name}: ended with {done.returncode}: {done.stderr.decode(errors='replace')[-300:]}"
        if done.returncode == 0:
            if files == self.good:
                return None
            # Litter that could not be removed is no fault of the program's, and what belongs to the old set may stay.
            extra = set(files) - set(self.good)
            changed = [f for f in self.good if files.get(f) != self.good[f]]
            return f"{name}: succeeded with {changed} wrong, {extra} left" if changed or (extra and name != "unlink" and
                                                                            not self.may_keep(extra, name)) else None
        if done.returncode == self.status and done.stdout == self.printed and files == self.good:
            return None  # it made no difference to a command that finds one
        if not done.stderr.strip():
            return f"{name}: ended with {done.returncode} without a word"
        changed = [f for f in before if files.get(f) != before[f]]
        left = set(files) - set(before)
        # The folder could not be synced, or standard output not be written: the files are there, and the message says what is not certain.
        if name in ("fsync", "fflush", "fclose") and all(files.get(f) == self.good[f] for f in self.good):
            return None
        # Of several files that are written one after the other, those that came first may be there, whole.
        if name != "unlink" and any(files[f] != self.good.get(f) for f in left):
            return f"{name}: failed and left {left}"
        return f"{name}: failed and changed {changed}" if changed else None

    def after_kill(self, files, before):
        """Every file is as it was or as it should be; what is new beside these says by its name what it is."""
        for name, content in files.items():
            whole = content in (before.get(name), self.good.get(name))
            if not whole and not LITTER.search(name):
                return f"killed: {name} is neither old nor new"
        gone = [name for name in before if name not in files and name in self.good]
        return f"killed: {gone} are gone" if gone else None

    def after_another(self, files):
        """What another run leaves: the files that one alone makes, and nothing beside them. A set may have other names."""
        plain = lambda names: sorted(re.sub(r"(\.\d+)?(?=-\d{5}-of-)", "", name) for name in names)
        if plain(files) != plain(self.good):
            return f"killed, then run again: {sorted(files)} instead of {sorted(self.good)}"
        changed = [name for name in files if files[name] != self.good.get(name) and not re.search(r"-of-|\.index\.json$", name)]
        return f"killed, then run again: {changed} differ" if changed else None

    def may_keep(self, extra, name):
        """Files of a set that was replaced, when there was no memory or file to find them by."""
        return all("-of-" in f for f in extra)


def words_of(line, args):
    """A line's words; the paths of the programs may have blanks."""
    return [word.format(program=args.program, mdlc=args.mdlc) for word in line.split()]


def write_safetensors(path, shapes):
    header, at = {}, 0
    for name, shape in shapes.items():
        size = 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + struct.pack(f"<{at // 4}f", *range(1, at // 4 + 1)))


def prepare(folder, args):
    def run(line):
        subprocess.run(words_of(line, args), cwd=folder, check=True, stdout=subprocess.DEVNULL)
    run("{program} init --seed 3 -o old.safetensors")
    run("{program} init --seed 3 --shard-size 20 -o set.safetensors")
    run("{program} init --seed 3 --dtype float16 -o half16.safetensors")
    with open(os.path.join(folder, "map"), "w") as f:
        f.write("hidden.kernel = hidden.kernel.T.T\n")
    with open(os.path.join(folder, "m.mdl"), "w") as f:
        f.write(MODEL)
    with open(os.path.join(folder, "d.mdl"), "w") as f:
        f.write(MODEL.replace("dense = Dense(3)", "unit = Dense(4)\n    head = Dense(3)").replace("dense(x)", "head(unit(x))")
                .replace("[batch, 2]", "[batch, 3]"))
    shutil.copy(os.path.join(FILES, "formats", "torch.pt"), folder)
    shutil.copy(os.path.join(FILES, "keras", "dense.keras"), folder)
    write_safetensors(os.path.join(folder, "m.safetensors"), {"dense.kernel": [2, 3], "dense.bias": [3]})
    write_safetensors(os.path.join(folder, "torch.safetensors"), {"dense.weight": [3, 2], "dense.bias": [3]})
    write_safetensors(os.path.join(folder, "bias.safetensors"), {"bias": [3]})
    for line in ("m.safetensors m.npz", "m.safetensors m.gguf", "m.safetensors m.weights.h5 --for m.mdl", "bias.safetensors bias.npy",
                 "bias.safetensors old.npy"):
        run("{mdlc} weights convert " + line)
    with open(os.path.join(folder, "cc"), "w") as f:
        f.write(COMPILER)
    os.chmod(os.path.join(folder, "cc"), 0o755)
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    with open(os.path.join(folder, "x.npy"), "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + bytes([len(header) & 255, len(header) >> 8]) + header + bytes(24))
    with open(os.path.join(folder, "y.npy"), "wb") as f:
        f.write(b"what was there")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program"), parser.add_argument("mdlc"), parser.add_argument("library")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="", help="commands that hold this text")
    args = parser.parse_args()
    for name in ("program", "mdlc", "library"):
        setattr(args, name, os.path.abspath(getattr(args, name)))
    passed, failed, turn = 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="mdl-faults-") as start:
        prepare(start, args)
        for line in (c for c in COMMANDS if args.only in c):
            command = Command(line, args, start)
            done, command.good, calls, _, _, _ = command.run("-1:0")
            if done.returncode not in (0, 1):
                print(f"{line}: {done.stderr.decode(errors='replace')}")
                failed += 1
                continue
            command.status, command.printed = done.returncode, done.stdout
            turns = []
            for fail in (f"{n}:{how}" for n in range(calls) for how in HOWS):
                turn += 1
                if turn % args.every == 0:
                    turns.append(fail)
            with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
                faults = [(fail, fault) for fail, fault in zip(turns, pool.map(command.fault, turns)) if fault is not None]
            passed, failed = passed + len(turns) - len(faults), failed + len(faults)
            for fail, fault in faults[:5]:
                print(f"{line}: call {fail}: {fault}")
            sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
