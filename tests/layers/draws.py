#!/usr/bin/env python3
"""What the layers that draw give in training, by statistics: over 4000 images each share, mean and spread lies within five
standard deviations of what Keras draws from. Usage: draws.py MDLC"""
import os
import subprocess
import sys
import tempfile

import numpy as np

N = 4000
CROPS = 150


def cut_out():
    """Whether the pixel (1, 1) of 4 x 2 is cut out by CutMix's rectangles, if the kept part is uniform: many trials."""
    rng = np.random.RandomState(3)
    part = np.sqrt(rng.uniform(size=1000000))
    inside = True
    for n in (4, 2):
        start = rng.uniform(size=part.size) * (n - part * n)
        inside = inside & (start <= 1) & (1 < start + part * n)
    return inside.mean()


CUT = cut_out() / 2  # half of the other images are of the same colour
CASES = {  # the layer; the number that each image gives; its mean and deviation in one image
    "flip": ("RandomFlip(\"horizontal\")", lambda y: y[:, 0, 0, 0] > 60, 0.5, 0.5),
    "flip_both": ("RandomFlip()", lambda y: y[:, 0, 0, 0] > 60, 0.5, 0.5),
    "invert": ("RandomInvert(0.6)", lambda y: y[:, 0, 0, 0] > 150, 0.3, (0.3 * 0.7) ** 0.5),
    "grey": ("RandomGrayscale(0.3)", lambda y: y[:, 0, 0, 0] == y[:, 0, 0, 1], 0.3, (0.3 * 0.7) ** 0.5),
    "brightness": ("RandomBrightness((-0.05, 0.15))", lambda y: (y[:, 0, 0, 0] - 50) / 255, 0.05, 0.2 / 12 ** 0.5),
    "contrast": ("RandomContrast(0.4)", lambda y: (y[:, 0, 0, 0] - 60) / -10, 1.2, 0.4 / 12 ** 0.5),
    "saturation": ("RandomSaturation((0.2, 0.4), value_range=(0, 1))",
          lambda y: 1 - 1 / (1 + saturation(y) / (7 / 9)), 0.3, 0.2 / 12 ** 0.5),
    "hue": ("RandomHue((0.05, 0.15))", lambda y: abs(hue(y) - hue(IMAGE[None])), 0.05, 0.05 / 12 ** 0.5),
    "hue_way": ("RandomHue((0.05, 0.15))", lambda y: hue(y) > hue(IMAGE[None]), 0.5, 0.5),
    "degenerate": ("RandomColorDegeneration((0.2, 0.6))",
          lambda y: 1 - (y[:, 0, 0, 0] - y[:, 0, 0, 1]) / 30, 0.4, 0.4 / 12 ** 0.5),
    "sharp": ("RandomSharpness(0.5)",
          lambda y: 0.5 - (50 - y[:, 0, 0, 0]) / 2 / (50 - (5 * 50 + 70) / 13), 0.25, 0.5 / 12 ** 0.5),
    "bits": ("RandomPosterization((2, 4))", lambda y: y[:, 0, 0, 0] == 0, 0.5, 0.5),
    "jitter": ("RandomColorJitter(brightness_factor=(-0.05, 0.15))", lambda y: (y[:, 0, 0, 0] - 50) / 255, 0.05, 0.2 / 12 ** 0.5),
    "shift": ("RandomTranslation(0.0, (-0.4, 0.0), fill_mode=\"nearest\")",
          lambda y: (y[:, 0, 0, 0] - 50) / 40, 0.2, 0.4 / 12 ** 0.5),
    "turn": ("RandomRotation((0.0, 0.3), \"nearest\")",
          lambda y: np.arccos(1 - (y[:, 0, 0, 0] - 50) / 10) / 2 / np.pi, 0.15, 0.3 / 12 ** 0.5),
    "zoom": ("RandomZoom(0.0, (0.0, 0.5), fill_mode=\"constant\", fill_value=50.0)",
          lambda y: (70 - y[:, 0, 1, 0]) / 10, 0.25, 0.5 / 12 ** 0.5),
    "shear": ("RandomShear(y_factor=(0.2, 0.4), fill_mode=\"constant\")", lambda y: 1 - y[:, 0, 1, 0] / 70, 0.3, 0.2 / 12 ** 0.5),
    "blur": ("RandomGaussianBlur(0.6)", lambda y: y[:, 0, 0, 0] != 50, 0.3, (0.3 * 0.7) ** 0.5),
    "erase": ("RandomErasing(0.6, (1.0, 1.0), 0)", lambda y: y[:, 0, 0, 0] == 0, 0.3, (0.3 * 0.7) ** 0.5),
    "erase_place": ("RandomErasing((1.0, 1.0), (0.25, 0.25), 0)", lambda y: y[:, 1, 1, 0] == 0, 0.5, 0.5),
    "mix": ("MixUp(1.0)", lambda y: y[:, 0, 0, 0], 0.5, (1 / 6) ** 0.5),
    "cut_part": ("CutMix((1.0, 1.0))", lambda y: y[:, 1, 1, 0] != np.arange(N) % 2, CUT, (CUT * (1 - CUT)) ** 0.5),
    "perspective": ("RandomPerspective(0.6)", lambda y: y[:, 0, 1, 0] != 70, 0.3, (0.3 * 0.7) ** 0.5),
    "elastic": ("RandomElasticTransform(0.6, (1.0, 1.0))", lambda y: y[:, 0, 0, 0] != 50, 0.3, (0.3 * 0.7) ** 0.5),
    "elastic_far": ("RandomElasticTransform((1.0, 1.0), (1.0, 1.0))",  # of two pixels: 20 * |normal of deviation 0.05 * 0.2|, as Keras reflects
          lambda y: y[:, 0, 0, 0] - 50, 0.2 * (2 / np.pi) ** 0.5, 0.2 * (1 - 2 / np.pi) ** 0.5),
    "elastic_ways": ("RandomElasticTransform((1.0, 1.0), (1.0, 1.0), fill_mode=\"mirror\")",  # as far down as to the right
          lambda y: y[:, 4, 4, 0] - 58, 0.0, 2 * 0.9 * 0.45),
    "solar": ("Solarization(addition_factor=0.2)", lambda y: 205 - y[:, 0, 0, 0], 25.5, 51 / 12 ** 0.5),
}
ZEROS_AND_ONES = "x * 0 + reshape(arange(batch) % 2, (-1, 1, 1, 1))"
ROWS_AND_COLUMNS = "x[:, :, :1, :1] * 0 + reshape(cast(arange(9)[:, none] + arange(9), \"float32\") + 50, (1, 9, 9, 1))"
INPUTS = {"elastic_ways": ROWS_AND_COLUMNS,
          "erase_place": "repeat(x, 4, axis=1)", "perspective": "repeat(x, 2, axis=1)", "mix": ZEROS_AND_ONES,
          "cut_part": f"repeat({ZEROS_AND_ONES}, 4, axis=1)"}  # of the layers that do not get the image itself
IMAGE = np.array([[[50, 20, 90], [70, 40, 10]]], "float32")


def saturation(y):
    """Of the first pixel."""
    return 1 - y[:, 0, 0].min(-1) / y[:, 0, 0].max(-1)


def hue(y):
    """Of the first pixel, on a circle of length 1, where blue is the largest."""
    p = y[:, 0, 0].astype("float64")
    return 2 / 3 + (p[:, 0] - p[:, 1]) / (p.max(-1) - p.min(-1)) / 6


def crops(mdlc, folder):
    """Each of CROPS layers cuts one whole rectangle out of all images, all at one place; the places are spread evenly."""
    path = lambda name: os.path.join(folder, name)  # noqa: E731
    with open(path("crops.mdl"), "w") as f:
        f.write("model Crops {\n" + "".join(f"    c{i} = RandomCrop(2, 3)\n" for i in range(CROPS)))
        f.write(f"    call(x: [2, 5, 7, 1]) {{ return stack([{', '.join(f'c{i}(x)' for i in range(CROPS))}]) }}\n}}\n")
    image = np.arange(70, dtype="float32").reshape(2, 5, 7, 1)
    np.save(path("image.npy"), image)
    subprocess.run([mdlc, path("crops.mdl"), "--training", "--cflags", "-O1", "-o", path("crops")], check=True)
    subprocess.run([path("crops"), "run", "--input", path("image.npy"), "--seed", "7", "--output", path("crops.npy")], check=True,
                   stderr=subprocess.DEVNULL)
    y = np.load(path("crops.npy"))
    places = [divmod(int(v), 7) for v in y[:, 0, 0, 0, 0]]
    whole = all(np.array_equal(v, image[:, i:i + 2, j:j + 3]) for v, (i, j) in zip(y, places))
    return whole and len(set(places)) == 4 * 5


def choices(mdlc, folder):
    """RandAugment makes one of its eleven changes, which do not draw themselves at these strengths; each as often as any. AugMix with one
    chain of one change mixes it with the images."""
    path = lambda name: os.path.join(folder, name)  # noqa: E731
    with open(path("choices.mdl"), "w") as f:
        f.write("model Choices {\n    one = RandAugment(num_ops=1, factor=0.0)\n    mix = AugMix(num_chains=1, chain_depth=1, factor=0.0)\n"
                "    call(x: [1, 4, 5, 3]) {\n        return {one: one(x), mix: mix(x), all: stack([step(x) for step in one.steps])}\n    }\n}\n")
    image = np.random.RandomState(1).uniform(60, 190, (1, 4, 5, 3)).astype("float32")
    np.save(path("image.npy"), image)
    subprocess.run([mdlc, path("choices.mdl"), "--training", "--cflags", "-O1", "-o", path("choices")], check=True)
    counts, mixtures = {}, set()
    for seed in range(220):
        subprocess.run([path("choices"), "run", "--input", path("image.npy"), "--seed", str(seed)] +
                       [w for k in ("one", "mix", "all") for w in ("--output", f"{k}={path(k + '.npy')}")], check=True, stderr=subprocess.DEVNULL)
        one, mix, every = (np.load(path(k + ".npy")) for k in ("one", "mix", "all"))
        fitting = tuple(i for i, y in enumerate(every) if np.array_equal(y, one))
        counts[fitting] = counts.get(fitting, 0) + 1
        ways = [i for i, y in enumerate(every) if between(image, y, mix)]
        if not fitting or not ways:
            return f"seed {seed}: not one of the changes"
        mixtures.add(ways[0])
    for fitting, count in counts.items():  # changes that are the same at strength 0 count together
        share = len(fitting) / 11
        if abs(count - 220 * share) > 5 * (220 * share * (1 - share)) ** 0.5:
            return f"the changes {fitting} were chosen {count} of 220 times"
    return None if sum(map(len, counts)) == 11 and len(mixtures) == len(counts) else f"chosen were only {sorted(counts)} and {mixtures}"


def between(a, b, y):
    """Whether y is a mixture of both."""
    whole = float(np.sum((b - a) ** 2))
    share = float(np.sum((y - a) * (b - a))) / whole if whole else 0.0
    return -1e-4 < share < 1 + 1e-4 and np.allclose(a + share * (b - a), y, atol=1e-2)


def main(mdlc):
    fields = "".join(f"    {k} = {text}\n" for k, (text, *_) in CASES.items())
    outputs = ", ".join(f"o_{k}: {k}({INPUTS.get(k, 'x')})" for k in CASES)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = lambda name: os.path.join(folder, name)  # noqa: E731
        with open(path("draws.mdl"), "w") as f:
            f.write(f"model Draws {{\n{fields}\n    call(x: [batch, 1, 2, 3]) {{ return {{{outputs}}} }}\n}}\n")
        np.save(path("x.npy"), np.broadcast_to(IMAGE, (N, 1, 2, 3)).copy())
        subprocess.run([mdlc, path("draws.mdl"), "--training", "--cflags", "-O1", "-o", path("draws")], check=True)
        run = [path("draws"), "run", "--input", path("x.npy"), "--seed", "7"]
        subprocess.run(run + [w for k in CASES for w in ("--output", f"o_{k}={path(k + '.npy')}")],
                       check=True, stderr=subprocess.DEVNULL)
        for k, (text, number, mean, deviation) in CASES.items():
            v = number(np.load(path(k + ".npy"))).astype("float64")
            near = abs(v.mean() - mean) < 5 * deviation / N ** 0.5 and abs(v.std() / deviation - 1) < 5 / N ** 0.5
            failed += not near
            if not near:
                print(f"FAILED {text}: mean {v.mean():.4f} and deviation {v.std():.4f}, not {mean} and {deviation:.4f}")
        if not crops(mdlc, folder):
            failed += 1
            print("FAILED RandomCrop: not a rectangle of the images, or not at every place")
        wrong = choices(mdlc, folder)
        if wrong:
            failed += 1
            print(f"FAILED RandAugment and AugMix: {wrong}")
    print(f"{len(CASES) + 2 - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
