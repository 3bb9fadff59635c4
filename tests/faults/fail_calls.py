#!/usr/bin/env python3
"""fail_calls.py PROGRAM MDLC LIBRARY [--every N] [--helper-every N] [--only TEXT]: each call of the operating system and each allocation fails once in turn.

PROGRAM is the hand-written program of the unit tests, LIBRARY is made of fail_*.c. For each command below, first the calls that it
makes are counted; then it is run once for each of them and each way to fail. Whatever fails, the command ends by itself: with 0
and the right files and words, or with 1 or 2, a message, and the files that were there before, whole, without litter; and gives back
its memory and descriptors. For commands on HDF5 files the calls of the helper fail likewise, and mdlc is to stand it. --every N takes
every N-th failure only. The last line is `N passed, N failed`."""
import argparse
import collections
import concurrent.futures
import dataclasses
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
MEMORY = {"malloc", "calloc", "realloc", "aligned_alloc", "open_memstream"}
STREAMS = {"fwrite", "fputs", "fputc", "putc", "putchar", "puts", "vfprintf", "fflush", "fclose"}
SHORT = {"read", "pread", "write", "pwrite", "send", "recv"}


def ways_to_fail(name):
    if name in MEMORY:
        return [str(errno.ENOMEM), "kill"]
    some = [str(errno.EIO), str(errno.ENOSPC), str(errno.EINTR), "kill"]
    return some + ["short"] if name in SHORT else some


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
    "{program} verify x.npy --partial",
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
    "{mdlc} weights show own_weight.weights.json",
    "{mdlc} weights verify m.mdl torch.safetensors --json",
    "{mdlc} weights verify m.mdl m.weights.h5 --values",
    "{mdlc} weights diff m.safetensors torch.safetensors",
    "{mdlc} weights diff m.mdl m.weights.h5 --json",
    "{mdlc} weights convert m.npz new.npz",
    "{mdlc} weights convert bias.npy old.npy --dtype float16",
    "{mdlc} weights convert m.safetensors m.gguf --dtype float16",
    "{mdlc} weights convert torch.safetensors m.safetensors --for m.mdl --map torch.map",
    "{mdlc} weights convert torch.safetensors m.weights.h5 --for m.mdl --map torch.map",
    "{mdlc} weights convert d.npz dense.keras --for d.mdl --like dense.keras",
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


@dataclasses.dataclass
class Run:
    """What happened: what was said; the files; the names of the calls; what was not given back, each with how often; what stands where
    temporary files are; and after a kill the files that the same command makes of what was left."""
    done: subprocess.CompletedProcess
    files: dict
    calls: list
    left: collections.Counter
    temporary: list
    again: dict = None


def read_log(path):
    """The names of calls, and what is left; an empty log is of a process that was not started."""
    if not os.path.exists(path):
        return [], collections.Counter()
    with open(path, "rb") as f:
        text = f.read(1 << 16)
        while not text.endswith(b"\0"):  # most of it is a hole
            text += f.read(1 << 16)
    calls, *lines = text.rstrip(b"\0").decode().split("\n")
    return calls.split(), collections.Counter(line for line in lines if line)


class Command:
    def __init__(self, line, args, start, helper=False):
        self.args, self.start, self.before, self.helper = args, start, files_in(start), helper
        self.line = line + (", helper" if helper else "")
        self.words = [args.mdlc_of_helper if helper and word == args.mdlc else word for word in words_of(line, args)]
        good, other = self.run("-1:0"), self.run("-1:0")
        self.good, self.status, self.left, self.calls, self.error = good.files, good.done.returncode, good.left, good.calls, good.done.stderr
        self.printed = good.done.stdout if good.done.stdout == other.done.stdout else None

    def run(self, fail):
        """Runs it in a fresh copy of the files."""
        with tempfile.TemporaryDirectory(prefix="mdl-faults-") as folder:
            work, temporary, logs = (os.path.join(folder, name) for name in ("work", "tmp", "log"))
            shutil.copytree(self.start, work, symlinks=True)
            os.mkdir(temporary)
            env = dict(os.environ, LC_ALL="C", TMPDIR=temporary)
            library = {"LD_PRELOAD": self.args.library, "MDL_FAIL": fail, "MDL_FAIL_LOG": logs}
            if self.helper:
                with open(os.path.join(folder, "helper"), "w") as f:
                    f.writelines(f"export {name}='{value}'\n" for name, value in library.items())
                library = {"LD_PRELOAD": self.args.library, "MDL_FAIL": "-1:0", "MDL_FAIL_LOG": logs + "2"}
            done = subprocess.run(self.words, cwd=work, env=dict(env, **library), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=200)
            calls, left = read_log(logs)
            if self.helper:
                left = read_log(logs + "2")[1]
            run = Run(done, files_in(work), calls, left, os.listdir(temporary))
            if fail.endswith(":kill") and not self.helper:
                subprocess.run(self.words, cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, timeout=200)
                run.again = files_in(work)
            return run

    def fault(self, fail):
        """What is wrong with how it behaves when that fails; None if nothing is."""
        try:
            run = self.run(fail)
        except subprocess.TimeoutExpired:
            return "hangs"
        number = int(fail.split(":")[0])
        name = run.calls[number] if number < len(run.calls) else "?"
        if run.again is not None:
            return self.after_kill(run.files) or self.after_another(run.again)
        why = self.ill_behaved(name, run) or self.leaks(number, run)
        return why and f"{name}: {why}"

    def leaks(self, number, run):
        """What is left and is not when nothing fails. An arena that gets no memory ends mdlc, with all that it has; what libzip loses, it
        loses itself."""
        left = run.left - self.left
        opening = "fdopen" in run.calls[max(number - 1, 0):number + 1]  # itself, or the memory that it takes
        for what in list(left):
            if "/libzip.so" in what or (opening and "descriptor" in what and re.search(r"\.(pt|npz|keras)\b", self.line)):
                del left[what]
        if not left or b"out of memory" in run.done.stderr:
            return None
        return "leaks " + ", ".join(f"{n} x {what}" for what, n in left.items())

    def ill_behaved(self, name, run):
        done, files, before = run.done, run.files, self.before
        if run.temporary and b"cannot remove" not in done.stderr and name not in ("unlink", "rmdir"):
            return f"left {run.temporary} where temporary files are"
        if done.returncode not in (0, 1, 2):
            return f"ended with {done.returncode}: {done.stderr.decode(errors='replace')[-300:]}"
        if done.returncode == 0:
            if self.printed not in (None, done.stdout):
                return f"succeeded and printed {len(done.stdout)} bytes that are not the right {len(self.printed)}"
            if files == self.good:
                return None
            # Litter that could not be removed is no fault of the program's, and what belongs to the old set may stay.
            extra = set(files) - set(self.good)
            changed = [f for f in self.good if files.get(f) != self.good[f]]
            bad = changed or (extra and name != "unlink" and not self.may_keep(extra, name))
            return f"succeeded with {changed} wrong, {extra} left" if bad else None
        if done.returncode == self.status and done.stdout == self.printed and files == self.good:
            return None  # it made no difference to a command that finds one
        if not done.stderr.strip():
            return f"ended with {done.returncode} without a word"
        changed = [f for f in before if files.get(f) != before[f]]
        left = set(files) - set(before)
        # The folder could not be synced, or standard output not be written: the files are there, and the message says what is not certain.
        if (name == "fsync" or name in STREAMS) and all(files.get(f) == self.good[f] for f in self.good):
            return None
        # Of several files that are written one after the other, those that came first may be there, whole.
        if name != "unlink" and any(files[f] != self.good.get(f) for f in left):
            return f"failed and left {left}"
        return f"failed and changed {changed}" if changed else None

    def after_kill(self, files):
        """Every file is as it was or as it should be; what is new beside these says by its name what it is."""
        for name, content in files.items():
            whole = content in (self.before.get(name), self.good.get(name))
            if not whole and not LITTER.search(name):
                return f"killed: {name} is neither old nor new"
        gone = [name for name in self.before if name not in files and name in self.good]
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


def make_helper(folder, mdlc):
    """An mdlc whose helper reads from the file `helper` beside its working directory which call is to fail."""
    for part in ("bin", os.path.join("libexec", "mdl")):
        os.makedirs(os.path.join(folder, part))
    helper = os.path.join(folder, "libexec", "mdl", "mdl-hdf5")
    shutil.copy(mdlc, os.path.join(folder, "bin", "mdlc"))
    with open(helper, "w") as f:
        f.write(f"#!/bin/sh\n. ../helper\nexec '{os.path.dirname(mdlc)}/../libexec/mdl/mdl-hdf5' \"$@\"\n")
    os.chmod(helper, 0o755)
    return os.path.join(folder, "bin", "mdlc")


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
    with open(os.path.join(folder, "torch.map"), "w") as f:
        f.write("dense.kernel = dense.weight.T\n")
    with open(os.path.join(folder, "m.mdl"), "w") as f:
        f.write(MODEL)
    with open(os.path.join(folder, "d.mdl"), "w") as f:
        f.write(MODEL.replace("dense = Dense(3)", "unit = Dense(4)\n    head = Dense(3)").replace("dense(x)", "head(unit(x))")
                .replace("[batch, 2]", "[batch, 3]"))
    shutil.copy(os.path.join(FILES, "formats", "torch.pt"), folder)
    for name in ("dense.keras", "own_weight.weights.json", *(f"own_weight_{i:05}.weights.h5" for i in range(3))):
        shutil.copy(os.path.join(FILES, "keras", name), folder)
    write_safetensors(os.path.join(folder, "m.safetensors"), {"dense.kernel": [2, 3], "dense.bias": [3]})
    write_safetensors(os.path.join(folder, "torch.safetensors"), {"dense.weight": [3, 2], "dense.bias": [3]})
    write_safetensors(os.path.join(folder, "bias.safetensors"), {"bias": [3]})
    for line in ("m.safetensors m.npz", "m.safetensors m.gguf", "m.safetensors m.weights.h5 --for m.mdl", "bias.safetensors bias.npy",
                 "bias.safetensors old.npy"):
        run("{mdlc} weights convert " + line)
    run("{mdlc} weights convert dense.keras d.npz --for d.mdl")
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
    parser.add_argument("--helper-every", type=int, default=1, help="of the helper's calls so many times fewer: most are libhdf5's")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="", help="commands that hold this text")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    for name in ("program", "mdlc", "library"):
        setattr(args, name, os.path.abspath(getattr(args, name)))
    passed, failed, turn = 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="mdl-faults-") as folder:
        start = os.path.join(folder, "start")
        os.mkdir(start)
        args.library = shutil.copy(args.library, folder)  # LD_PRELOAD takes no blanks
        args.mdlc_of_helper = make_helper(folder, args.mdlc)
        prepare(start, args)
        for line, helper in ((c, h) for c in COMMANDS for h in (False, True) if args.only in c and (not h or re.search(r"h5|\.keras|weights\.json", c))):
            command = Command(line, args, start, helper)
            own = [what for what in command.left if "/libc.so" not in what]  # libc keeps the time zone
            answers = re.search("(verify|diff|map) ", line)  # whose status says something
            if command.status > (1 if answers else 0) or not command.calls or own:
                print(f"{command.line}: {own} {command.error.decode(errors='replace')}")
                failed += 1
                continue
            turns = []
            for fail in (f"{n}:{how}" for n, name in enumerate(command.calls) for how in ways_to_fail(name)):
                turn += 1
                if turn % (args.every * (args.helper_every if helper else 1)) == 0:
                    turns.append(fail)
            with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
                faults = [(fail, fault) for fail, fault in zip(turns, pool.map(command.fault, turns)) if fault is not None]
            passed, failed = passed + len(turns) - len(faults), failed + len(faults)
            for fail, fault in faults[:5]:
                print(f"{command.line}: call {fail}: {fault}")
            if args.verbose:
                print(f"{command.line}: {len(command.calls)} calls, {len(turns)} failures, {len(faults)} faults")
            sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
