"""Zeros around images, as padding of what reads them or in memory: the same numbers."""
from harness import *

# Zeros around images: before convolutions and a maximum, which take them as their own, and where they do not, because others read them,
# windows would lie over nothing else, they are no zeros, or what they surround may be less.
PADDED = """
model M {
    plain, each, wide, far = Conv2D(6, 3, strides=2), DepthwiseConv2D(3, padding="same"), Conv2D(5, 3), Conv2D(4, 2, dilation_rate=2)
    call(x: [n, h, w, 4]) {
        around = pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)])
        pooled = max_pool(pad(relu(x), [(0, 0), (1, 1), (1, 1), (0, 0)]), 3, strides=2)
        return {one: plain(pad(x, [(0, 0), (0, 1), (1, 0), (0, 0)])), each: each(pad(x, [(0, 0), (1, 0), (0, 1), (0, 0)])),
                wide: wide(pad(x, [(0, 0), (4, 4), (1, 1), (0, 0)])), far: far(around), around: around, pooled: pooled,
                less: max_pool(pad(x - 3, [(0, 0), (1, 1), (1, 1), (0, 0)]), 3, strides=2),
                ones: plain(pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], constant_values=1.0))}
    }
}
"""


def depthwise(x, w, at, stride=1, apart=1, same=True):
    k = w[at + ".kernel"]
    reach, sizes = (k.shape[0] - 1) * apart + 1, x.shape[1:3]
    out = [-(-s // stride) if same else s - reach + 1 for s in sizes]
    total = [max((o - 1) * stride + reach - s, 0) for o, s in zip(out, sizes)]
    padded = np.pad(x, ((0, 0), *((t // 2, t - t // 2) for t in total), (0, 0)))
    y = sum(padded[:, i * apart:][:, ::stride][:, :out[0], j * apart:][:, :, ::stride][:, :, :out[1]] * k[i, j, :, 0]
            for i in range(k.shape[0]) for j in range(k.shape[1]))
    return y + w[at + ".bias"]


def padded(i, w):
    w = {k: v.astype(F64) for k, v in w.items()}
    x = i["x"].astype(F64)
    put = lambda x, up, down, left, right, value=0.0: np.pad(x, ((0, 0), (up, down), (left, right), (0, 0)), constant_values=value)

    def windows(x, size, stride=1, apart=1):
        h, width = (-(-(s - (size - 1) * apart) // stride) for s in x.shape[1:3])
        return [x[:, a * apart:][:, ::stride][:, :h, b * apart:][:, :, ::stride][:, :, :width] for a in range(size) for b in range(size)]

    def conv(x, at, **kw):
        k = w[at + ".kernel"]
        return sum(part @ tap for part, tap in zip(windows(x, k.shape[0], **kw), k.reshape(-1, *k.shape[2:]))) + w[at + ".bias"]

    around = put(x, 1, 1, 1, 1)
    outputs = {"one": conv(put(x, 0, 1, 1, 0), "plain", stride=2), "each": depthwise(put(x, 1, 0, 0, 1), w, "each"),
               "wide": conv(put(x, 4, 4, 1, 1), "wide"), "far": conv(around, "far", apart=2), "around": around,
               "pooled": np.max(windows(put(np.maximum(x, 0), 1, 1, 1, 1), 3, 2), 0), "less": np.max(windows(put(x - 3, 1, 1, 1, 1), 3, 2), 0),
               "ones": conv(put(x, 1, 1, 1, 1, 1.0), "plain", stride=2)}
    return {name: value.astype(F32) for name, value in outputs.items()}


for off in (None, "fold-padding", "prepare", "all"):
    options, what = (["--passes-off", off], f"without {off}") if off else ([], "with every pass")
    case(f"zeros around images, {what}", PADDED, {"x": grid(2, 9, 7, 4)}, padded, options=options, tolerance=4e-6)
