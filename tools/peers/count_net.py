"""How many multiply-adds one call of a network costs when nothing is saved: the methods of OnnxNet on shapes.

Convolutions, products and recurrent steps count; what works element by element does not.
"""

import math


class CountNet:
    def __init__(self, weights, batch):
        self.weights, self.batch, self.count = weights, batch, 0

    def input(self, name, dtype, shape):
        return tuple(self.batch if size is None else size for size in shape)

    def output(self, name, x, shape, dtype=None):
        """The shapes here and those that the network declares must be the same: a shape that is wrong would count wrongly."""
        declared = tuple(self.batch if size is None else size for size in shape)
        assert x == declared, f"`{name}` is {x}, not {declared}"

    # -- what costs --

    def conv(self, path, x, stride=1, pad=(0, 0)):
        kernel = self.weights.shape(path + ".kernel")
        height, width = ((size + sum(pad) - kernel[0]) // stride + 1 for size in x[2:])
        filters = kernel[2] if "depthwise" in path else kernel[3]
        self.count += x[0] * height * width * math.prod(kernel)
        return (x[0], filters, height, width)

    def conv_transpose(self, path, x, stride, pad=(0, 0)):
        kernel = self.weights.shape(path + ".kernel")
        self.count += math.prod((x[0], *x[2:])) * math.prod(kernel)
        return (x[0], kernel[2], *((size - 1) * stride + kernel[0] - sum(pad) for size in x[2:]))

    def product(self, x, units):
        self.count += math.prod(x) * units
        return (*x[:-1], units)

    def dense(self, path, x): return self.product(x, self.weights.shape(path + ".kernel")[-1])
    def dense_each(self, path, x, units): return self.product(x, units)
    def dense_shared(self, path, x): return self.product(x, self.weights.shape(path)[0])

    def lstm(self, path, x, units):
        self.count += math.prod(x[:2]) * (x[2] + units) * 4 * units
        return (x[1], units)

    def attention(self, q, k, v, heads, causal=False):
        self.count += 2 * math.prod(q) * k[1]
        return q

    def cached_attention(self, q, k, v, heads, past):
        longer = (*past[0][:2], past[0][2] + k[1], past[0][3])
        self.count += 2 * math.prod(q) * longer[2]
        return q, longer, longer

    # -- what only changes shapes --

    def max_pool(self, x, size, stride, pad=0): return (*x[:2], *((n + 2 * pad - size) // stride + 1 for n in x[2:]))
    def average_pool(self, x, size): return self.max_pool(x, size, size)
    def global_average(self, x): return (*x[:2], 1, 1)
    def flatten(self, x): return (x[0], math.prod(x[1:]))
    def weight(self, name): return tuple(self.weights.shape(name))
    def embedding(self, path, tokens): return (*tokens, self.weights.shape(path)[1])
    def rows(self, path, count): return (count, self.weights.shape(path)[1])
    def row(self, path, place): return (self.weights.shape(path)[1],)
    def split(self, x, parts, axis): return [(*x[:-1], x[-1] // parts)] * parts
    def patches_to_sequence(self, x, dim): return (x[0], math.prod(x[2:]), dim)
    def first_token(self, name, x, dim): return (x[0], x[1] + 1, dim)
    def take_first(self, x): return (x[0], x[2])
    def concat(self, xs, axis): return (*xs[0][:axis], sum(x[axis] for x in xs), *xs[0][axis + 1:])

    # -- what changes nothing --

    def batch_norm(self, path, x, epsilon): return x
    def layer_norm(self, path, x, epsilon): return x
    def add(self, a, b): return a
    def multiply(self, a, b): return a
    def relu(self, x): return x
    def relu6(self, x): return x
    def tanh(self, x): return x
    def sigmoid(self, x): return x
    def silu(self, x): return x
    def gelu(self, x, approximate=False): return x
