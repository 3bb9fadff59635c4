"""A network in PyTorch, computed eagerly, in its own layout: the methods of OnnxNet on tensors."""

import numpy as np
import torch
import torch.nn.functional as F


class TorchNet:
    def __init__(self, weights):
        self.weights, self.ready, self.feed, self.results = weights, {}, {}, {}

    def weight(self, name, change=lambda w: w, kind=""):
        """Changed and copied once, by the first call."""
        if name + kind not in self.ready:
            found = name in self.weights
            array = np.ascontiguousarray(change(self.weights[name])) if found else None
            self.ready[name + kind] = torch.from_numpy(array) if found else None
        return self.ready[name + kind]

    def input(self, name, dtype, shape): return self.feed[name]

    def output(self, name, x, shape, dtype=np.float32): self.results[name] = x

    def conv(self, path, x, stride=1, pad=(0, 0)):
        depthwise = "depthwise" in path
        w = self.weight(path + ".kernel", lambda k: k.transpose(2, 3, 0, 1) if depthwise else k.transpose(3, 2, 0, 1))
        if pad[0] != pad[1]:
            x, pad = F.pad(x, (pad[0], pad[1]) * 2), (0, 0)
        return F.conv2d(x, w, self.weight(path + ".bias"), stride, pad[0], groups=w.shape[0] if depthwise else 1)

    def conv_transpose(self, path, x, stride, pad=(0, 0)):
        w = self.weight(path + ".kernel", lambda k: k.transpose(3, 2, 0, 1))
        y = F.conv_transpose2d(x, w, self.weight(path + ".bias"), stride)
        return y[:, :, pad[0]:y.shape[2] - pad[1], pad[0]:y.shape[3] - pad[1]]

    def batch_norm(self, path, x, epsilon):
        parts = [self.weight(f"{path}.{part}") for part in ("moving_mean", "moving_variance", "gamma", "beta")]
        return F.batch_norm(x, *parts, eps=epsilon)

    def layer_norm(self, path, x, epsilon):
        return F.layer_norm(x, x.shape[-1:], self.weight(path + ".gamma"), self.weight(path + ".beta"), epsilon)

    def dense(self, path, x):
        return F.linear(x, self.weight(path + ".kernel", lambda k: k.reshape(-1, k.shape[-1]).T), self.weight(path + ".bias"))

    def dense_each(self, path, x, units):
        return F.linear(x, self.weight(path + ".kernel", lambda k: k.reshape(-1, units).T),
                        self.weight(path + ".bias", lambda b: b.reshape(-1)))

    def dense_shared(self, path, x): return F.linear(x, self.weight(path))
    def embedding(self, path, tokens): return F.embedding(tokens, self.weight(path))
    def rows(self, path, count): return self.weight(path)[:count]
    def row(self, path, place): return self.weight(path)[place]

    def lstm(self, path, x, units):
        parts = [self.weight(path + ".kernel", lambda k: k.T), self.weight(path + ".recurrent_kernel", lambda k: k.T),
                 self.weight(path + ".bias"), self.weight(path + ".bias", np.zeros_like, " of the state")]
        zeros = x.new_zeros(1, x.shape[1], units)
        return torch._VF.lstm(x, (zeros, zeros), parts, True, 1, 0.0, False, False, False)[1][0]

    def heads(self, x, heads): return x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)

    def attend(self, q, k, v, causal=False):
        if hasattr(F, "scaled_dot_product_attention"):
            y = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        else:
            scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
            if causal:
                scores = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1), float("-inf"))
            y = torch.softmax(scores, -1) @ v
        return y.transpose(1, 2).reshape(q.shape[0], q.shape[2], -1)

    def attention(self, q, k, v, heads, causal=False):
        return self.attend(*(self.heads(x, heads) for x in (q, k, v)), causal)

    def cached_attention(self, q, k, v, heads, past):
        keys, values = (torch.cat([old, self.heads(new, heads)], 2) for old, new in zip(past, (k, v)))
        return self.attend(self.heads(q, heads), keys, values), keys, values

    def split(self, x, parts, axis): return torch.chunk(x, parts, axis)
    def concat(self, xs, axis): return torch.cat(xs, axis)
    def patches_to_sequence(self, x, dim): return x.flatten(2).transpose(1, 2)
    def first_token(self, name, x, dim): return torch.cat([self.weight(name).expand(x.shape[0], 1, dim), x], 1)
    def take_first(self, x): return x[:, 0]
    def flatten(self, x): return x.flatten(1)
    def max_pool(self, x, size, stride, pad=0): return F.max_pool2d(x, size, stride, pad)
    def average_pool(self, x, size): return F.avg_pool2d(x, size)
    def global_average(self, x): return F.adaptive_avg_pool2d(x, 1)
    def add(self, a, b): return a + b
    def multiply(self, a, b): return a * b
    def relu(self, x): return F.relu(x)
    def tanh(self, x): return torch.tanh(x)
    def sigmoid(self, x): return torch.sigmoid(x)
    def silu(self, x): return F.silu(x)
    def gelu(self, x, approximate=False): return F.gelu(x, approximate="tanh" if approximate else "none")
    def relu6(self, x): return F.relu6(x)
