#!/usr/bin/env python3
"""What the layers that draw give in training, by statistics: over 4000 images each share, mean and spread lies within five
standard deviations of what Keras draws from. Usage: draws.py MDLC"""
import os
import subprocess
import sys
import tempfile

import numpy as np

N = 4000
CASES = {  # the layer; the number that each image gives; its mean and deviation in one image
    "flip": ("RandomFlip(\"horizontal\")", lambda y: y[:, 0, 0, 0] > 60, 0.5, 0.5),
    "flip_both": ("RandomFlip()", lambda y: y[:, 0, 0, 0] > 60, 0.5, 0.5),
    "invert": ("RandomInvert(0.6)", lambda y: y[:, 0, 0, 0] > 150, 0.3, (0.3 * 0.7) ** 0.5),
    "grey": ("RandomGrayscale(0.3)", lambda y: y[:, 0, 0, 0] == y[:, 0, 0, 1], 0.3, (0.3 * 0.7) ** 0.5),
    "brightness": ("RandomBrightness((-0.05, 0.15))", lambda y: (y[:, 0, 0, 0] - 50) / 255, 0.05, 0.2 / 12 ** 0.5),
    "contrast": ("RandomContrast(0.4)", lambda y: (y[:, 0, 0, 0] - 60) / -10, 1.2, 0.4 / 12 ** 0.5),
    "solar": ("Solarization(addition_factor=0.2)", lambda y: 205 - y[:, 0, 0, 0], 25.5, 51 / 12 ** 0.5),
}
IMAGE = np.array([[[50, 20, 90], [70, 40, 10]]], "float32")


def main(mdlc):
    fields = "".join(f"    {k} = {text}\n" for k, (text, *_) in CASES.items())
    outputs = ", ".join(f"o_{k}: {k}(x)" for k in CASES)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)  # noqa: E731
        with open(path("draws.mdl"), "w") as f:
            f.write(f"model Draws {{\n{fields}\n    call(x: [batch, 1, 2, 3]) {{ return {{{outputs}}} }}\n}}\n")
        np.save(path("x.npy"), np.broadcast_to(IMAGE, (N, 1, 2, 3)).copy())
        subprocess.run([mdlc, path("draws.mdl"), "--training", "--cflags", "-O1", "-o", path("draws")], check=True)
        run = [path("draws"), "run", "--input", path("x.npy"), "--seed", "7"]
        subprocess.run(run + [w for k in CASES for w in ("--output", f"o_{k}={path(k + '.npy')}")], check=True, stderr=subprocess.DEVNULL)
        for k, (text, number, mean, deviation) in CASES.items():
            v = number(np.load(path(k + ".npy"))).astype("float64")
            near = abs(v.mean() - mean) < 5 * deviation / N ** 0.5 and abs(v.std() / deviation - 1) < 5 / N ** 0.5
            failed += not near
            if not near:
                print(f"FAILED {text}: mean {v.mean():.4f} and deviation {v.std():.4f}, not {mean} and {deviation:.4f}")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
