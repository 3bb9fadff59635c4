"""A network as an ONNX file, with the operators that exporters use, so that ONNX Runtime fuses what it can.

The format is written here: it is protocol buffers, of which a few lines suffice. Weights stay in Keras' order in our files;
here they get the order of ONNX. Attention is the operator that onnxruntime.transformers' optimizer puts there.
"""

import struct

import numpy as np

MICROSOFT = "com.microsoft"
ELEMENTS = {np.dtype(np.float32): 1, np.dtype(np.int32): 6, np.dtype(np.int64): 7}


def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, value):
    """One field: an integer, a float, or bytes of a given length (a text, a message)."""
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def attribute(name, value):
    if isinstance(value, float):
        return field(1, name) + field(2, value) + field(20, 1)
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    if isinstance(value, str):
        return field(1, name) + field(4, value) + field(20, 3)
    return field(1, name) + b"".join(field(8, int(v)) for v in value) + field(20, 7)


def value_info(name, dtype, shape):
    sizes = b"".join(field(1, field(2, size) if isinstance(size, str) else field(1, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, ELEMENTS[np.dtype(dtype)]) + field(2, sizes)))


def tensor(name, array):
    array = np.asarray(array, order="C")  # ascontiguousarray would make a vector of a scalar
    return b"".join(field(1, size) for size in array.shape) + field(2, ELEMENTS[array.dtype]) + field(8, name) + \
        field(9, array.tobytes())


class OnnxNet:
    """Each method adds nodes and gives the name of their result."""

    def __init__(self, weights):
        self.weights, self.nodes, self.constants, self.inputs, self.outputs = weights, [], {}, [], []

    def write(self, path):
        graph = b"".join(field(1, node) for node in self.nodes) + field(2, "net") + \
            b"".join(field(5, tensor(name, array)) for name, array in self.constants.items()) + \
            b"".join(field(11, i) for i in self.inputs) + b"".join(field(12, o) for o in self.outputs)
        opsets = field(8, field(1, "") + field(2, 20)) + field(8, field(1, MICROSOFT) + field(2, 1))
        with open(path, "wb") as file:
            file.write(field(1, 9) + field(7, graph) + opsets)

    # -- pieces --

    def input(self, name, dtype, shape):
        self.inputs.append(value_info(name, dtype, ["batch" if size is None else size for size in shape]))
        return name

    def output(self, name, x, shape, dtype=np.float32):
        self.nodes.append(field(1, x) + field(2, name) + field(4, "Identity"))
        self.outputs.append(value_info(name, dtype, ["batch" if size is None else size for size in shape]))

    def constant(self, name, array):
        self.constants[name] = array
        return name

    def weight(self, name, change=lambda w: w):
        return self.constant(name, change(self.weights[name])) if name in self.weights else None

    def ints(self, *values):
        return self.constant("ints_" + "_".join(map(str, values)), np.array(values, np.int64))

    def node(self, kind, *inputs, outputs=1, domain="", **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        while inputs and inputs[-1] is None:
            inputs = inputs[:-1]
        self.nodes.append(b"".join(field(1, x or "") for x in inputs) + b"".join(field(2, name) for name in names) +
                          field(3, f"n{len(self.nodes)}") + field(4, kind) + field(7, domain) +
                          b"".join(field(5, attribute(k, v)) for k, v in attributes.items()))
        return names[0] if outputs == 1 else names

    # -- layers --

    def conv(self, path, x, stride=1, pad=(0, 0)):
        kernel = self.weights[path + ".kernel"]
        depthwise = "depthwise" in path
        w = self.weight(path + ".kernel", lambda k: k.transpose(2, 3, 0, 1) if depthwise else k.transpose(3, 2, 0, 1))
        return self.node("Conv", x, w, self.weight(path + ".bias"), strides=[stride, stride], kernel_shape=kernel.shape[:2],
                         pads=[pad[0], pad[0], pad[1], pad[1]], group=kernel.shape[2] if depthwise else 1)

    def conv_transpose(self, path, x, stride, pad=(0, 0)):
        w = self.weight(path + ".kernel", lambda k: k.transpose(3, 2, 0, 1))
        return self.node("ConvTranspose", x, w, self.weight(path + ".bias"), strides=[stride, stride],
                         pads=[pad[0], pad[0], pad[1], pad[1]])

    def batch_norm(self, path, x, epsilon):
        names = [self.weight(f"{path}.{part}") for part in ("gamma", "beta", "moving_mean", "moving_variance")]
        return self.node("BatchNormalization", x, *names, epsilon=epsilon)

    def layer_norm(self, path, x, epsilon):
        names = [self.weight(f"{path}.{part}") for part in ("gamma", "beta")]
        return self.node("LayerNormalization", x, *names, epsilon=epsilon, axis=-1)

    def dense(self, path, x):
        kernel = self.weight(path + ".kernel", lambda k: k.reshape(-1, k.shape[-1]))
        return self.node("Gemm", x, kernel, self.weight(path + ".bias"))

    def dense_each(self, path, x, units):
        """Of each position of a sequence: a product and a sum, as exporters write it."""
        kernel = self.weight(path + ".kernel", lambda k: k.reshape(-1, units))
        bias = self.weight(path + ".bias", lambda b: b.reshape(-1))
        return self.node("Add", self.node("MatMul", x, kernel), bias)

    def dense_shared(self, path, x):
        return self.node("MatMul", x, self.node("Transpose", self.weight(path), perm=[1, 0]))

    def embedding(self, path, tokens):
        return self.node("Gather", self.weight(path), tokens)

    def rows(self, path, count):
        return self.constant(f"{path}[:{count}]", self.weights[path][:count])

    def row(self, path, place):
        return self.constant(f"{path}[{place}]", self.weights[path][place])

    def lstm(self, path, x, units):
        def order(k):  # Keras has i, f, c, o; ONNX i, o, f, c
            i, f, c, o = np.split(k, 4, axis=-1)
            return np.concatenate([i, o, f, c], axis=-1)
        w = self.weight(path + ".kernel", lambda k: order(k).T[None])
        r = self.weight(path + ".recurrent_kernel", lambda k: order(k).T[None])
        b = self.weight(path + ".bias", lambda k: np.concatenate([order(k), np.zeros_like(k)])[None])
        last = self.node("LSTM", x, w, r, b, outputs=2, hidden_size=units)[1]
        return self.node("Squeeze", last, self.ints(0))

    def attention(self, q, k, v, heads, causal=False):
        return self.node("MultiHeadAttention", q, k, v, domain=MICROSOFT, num_heads=heads, unidirectional=int(causal))

    def cached_attention(self, q, k, v, heads, past):
        """Gives the result, and keys and values with the new ones behind the past."""
        return self.node("MultiHeadAttention", q, k, v, None, None, None, *past, outputs=3, domain=MICROSOFT, num_heads=heads)

    def split(self, x, parts, axis):
        return self.node("Split", x, outputs=parts, axis=axis, num_outputs=parts)

    def concat(self, xs, axis):
        return self.node("Concat", *xs, axis=axis)

    def patches_to_sequence(self, x, dim):
        return self.node("Transpose", self.node("Reshape", x, self.ints(0, dim, -1)), perm=[0, 2, 1])

    def first_token(self, name, x, dim):
        """Puts a token in front of each sequence."""
        batch = self.node("Concat", self.node("Shape", x, start=0, end=1), self.ints(1, dim), axis=0)
        return self.concat([self.node("Expand", self.weight(name), batch), x], 1)

    def take_first(self, x):
        return self.node("Gather", x, self.constant("zero", np.array(0, np.int64)), axis=1)

    def flatten(self, x):
        return self.node("Flatten", x)

    def max_pool(self, x, size, stride, pad=0):
        return self.node("MaxPool", x, kernel_shape=[size] * 2, strides=[stride] * 2, pads=[pad] * 4)

    def average_pool(self, x, size):
        return self.node("AveragePool", x, kernel_shape=[size] * 2, strides=[size] * 2)

    def global_average(self, x):
        return self.node("GlobalAveragePool", x)

    def add(self, a, b): return self.node("Add", a, b)
    def multiply(self, a, b): return self.node("Mul", a, b)
    def relu(self, x): return self.node("Relu", x)
    def tanh(self, x): return self.node("Tanh", x)
    def sigmoid(self, x): return self.node("Sigmoid", x)
    def silu(self, x): return self.node("Mul", x, self.node("Sigmoid", x))
    def gelu(self, x, approximate=False): return self.node("Gelu", x, approximate="tanh" if approximate else "none")

    def relu6(self, x):
        low, high = (self.constant(f"clip_{v}", np.array(v, np.float32)) for v in (0, 6))
        return self.node("Clip", x, low, high)
