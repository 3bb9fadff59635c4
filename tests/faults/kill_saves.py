#!/usr/bin/env python3
"""kill_saves.py MDLC [HITS]: kill -9 at random moments of a save, until 1,000 were killed before they were done, unless told
otherwise.

A model of 8 MB is saved over and over, with one seed and the other, as one file and as a set. After each kill what has the
file's name is one of the two, whole (read by a slow and strict reader); then a save that is left alone removes what the killed
one has left, files of sets included. The last line is `N passed, N failed`."""
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import strict_safetensors  # noqa: E402

MODEL = """model Big {
    layers = [Dense(1024, kernel_initializer=zeros) for i in range(2)]

    call(x: float32[batch, 1024]) {
        for layer in layers { x = layer(x) }
        return x
    }
}
"""


def digest(name):
    h = hashlib.sha256()
    for path, values in sorted(strict_safetensors.read(name)[0].items()):
        h.update(path.encode() + values.tobytes())
    return h.hexdigest()


def main():
    mdlc, hits = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    rng, passed, failed, killed, times = random.Random(1), 0, 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="mdl-kill-") as folder:
        os.chdir(folder)
        with open("big.mdl", "w") as f:
            f.write(MODEL.replace("zeros", "random_uniform()"))
        subprocess.run([mdlc, "big.mdl", "-o", "big"], check=True)
        saves = {"one.safetensors": [], "set.safetensors.index.json": ["--shard-size", "3MB"]}
        good, spent = {}, {}
        for name, options in saves.items():
            good[name] = set()
            for seed in "12":
                begin = time.monotonic()
                subprocess.run(["./big", "init", "--seed", seed, "-o", name, *options], check=True, stdout=subprocess.DEVNULL)
                spent[name] = time.monotonic() - begin
                good[name].add(digest(name))
        while killed < hits and times < 10 * hits:
            i, times = times, times + 1
            name = list(saves)[i % 2]
            save = subprocess.Popen(["./big", "init", "--seed", str(i // 2 % 2 + 1), "-o", name, *saves[name]],
                                    stdout=subprocess.DEVNULL)
            time.sleep(rng.uniform(0, spent[name] * 1.2))
            save.kill()
            killed += save.wait() < 0
            try:
                whole = digest(name) in good[name]
            except Exception as error:  # whatever the reader says
                whole = False
                print(f"{name}, kill {i}: {error}")
            passed, failed = passed + whole, failed + (not whole)
        for name, options in saves.items():
            subprocess.run(["./big", "init", "-o", name, *options], check=True, stdout=subprocess.DEVNULL)
        with open("set.safetensors.index.json", encoding="utf-8") as f:
            wanted = {"big.mdl", "big", *saves, *json.load(f)["weight_map"].values()}
        litter = sorted(set(os.listdir(".")) - wanted)
        passed, failed = passed + (not litter), failed + bool(litter)
        if litter:
            print("left after a save that nobody killed:", litter)
        os.chdir("/")
    passed, failed = passed + (killed >= hits), failed + (killed < hits)
    print(f"{killed} of {times} saves were killed before they were done")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
