"""The networks, once for all peers: `net` is an OnnxNet, which writes them down, or a TorchNet, which computes them.

Paths are those of the .mdl files. Images come as the peers want them, channels first, and results go out so.
"""

import numpy as np


def same(kernel, stride):
    """Keras' padding "same" for sizes that the stride divides: what is odd goes behind."""
    total = max(kernel - stride, 0)
    return total // 2, total - total // 2


def mlp(net, width, layers):
    x = net.input("x", np.float32, (None, width))
    for layer in layers:
        x = net.relu(net.dense(layer, x))
    net.output("output", net.dense("head", x), (None, 10))


def tiny(net): mlp(net, 20, ["hidden"])
def mlp512(net): mlp(net, 784, ["hidden.0", "hidden.1"])


def lenet(net):
    x = net.input("images", np.float32, (None, 1, 28, 28))
    x = net.average_pool(net.tanh(net.conv("conv1", x, pad=(2, 2))), 2)
    x = net.average_pool(net.tanh(net.conv("conv2", x)), 2)
    x = net.flatten(net.tanh(net.conv("conv3", x)))
    net.output("output", net.dense("dense2", net.tanh(net.dense("dense1", x))), (None, 10))


def lstm(net):
    net.output("output", net.lstm("lstm.cell", net.input("x", np.float32, (128, None, 64)), 128), (None, 128))


def autoencoder(net):
    x = net.input("images", np.float32, (None, 1, 32, 32))
    for i in range(3):
        x = net.relu(net.conv(f"down.{i}", x, 2, same(3, 2)))
    for i in range(3):
        x = net.relu(net.conv_transpose(f"up.{i}", x, 2, same(3, 2)))
    net.output("output", net.sigmoid(net.conv("image", x, 1, same(3, 1))), (None, 1, 32, 32))


def resnet50(net):
    def conv_norm(place, name, x, stride=1, pad=(0, 0)):
        return net.batch_norm(f"{place}{name.replace('conv', 'norm')}", net.conv(place + name, x, stride, pad), 1.001e-5)
    x = net.relu(conv_norm("", "stem_conv", net.input("images", np.float32, (None, 3, 224, 224)), 2, (3, 3)))
    x = net.max_pool(x, 3, 2, 1)
    for s, depth in enumerate((3, 4, 6, 3)):
        for i in range(depth):
            place, stride = f"stages.{s}.blocks.{i}.", 2 if s > 0 and i == 0 else 1
            shortcut = conv_norm(place, "shortcut_conv", x, stride) if i == 0 else x
            y = net.relu(conv_norm(place, "conv1", x, stride))
            y = net.relu(conv_norm(place, "conv2", y, 1, (1, 1)))
            x = net.relu(net.add(shortcut, conv_norm(place, "conv3", y)))
    net.output("output", net.dense("head", net.flatten(net.global_average(x))), (None, 1000))


def mobilenetv2(net):
    def conv_norm(path, x, stride=1, pad=(0, 0)):
        return net.batch_norm(path.replace("_conv", "") + "_norm", net.conv(path, x, stride, pad), 1e-3)
    x = net.relu6(conv_norm("stem_conv", net.input("images", np.float32, (None, 3, 224, 224)), 2, same(3, 2)))
    channels, block = 32, 0
    stages = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    for expansion, filters, count, stride in stages:
        for i in range(count):
            place, step = f"blocks.{block}.", stride if i == 0 else 1
            y = net.relu6(conv_norm(place + "expand", x)) if expansion > 1 else x
            y = conv_norm(place + "project", net.relu6(conv_norm(place + "depthwise", y, step, same(3, step))))
            x = net.add(x, y) if channels == filters and step == 1 else y
            channels, block = filters, block + 1
    x = net.global_average(net.relu6(conv_norm("last_conv", x)))
    net.output("output", net.dense("head", net.flatten(x)), (None, 1000))


def efficientnet_b0(net):
    def conv_norm(path, x, stride=1, pad=(0, 0)):
        return net.batch_norm(path.replace("_conv", "") + "_norm", net.conv(path, x, stride, pad), 1e-3)
    x = net.silu(conv_norm("stem_conv", net.input("images", np.float32, (None, 3, 224, 224)), 2, same(3, 2)))
    channels, block = 32, 0
    stages = [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5),
              (6, 320, 1, 1, 3)]
    for expansion, filters, count, stride, kernel in stages:
        for i in range(count):
            place, step = f"blocks.{block}.", stride if i == 0 else 1
            y = net.silu(conv_norm(place + "expand", x)) if expansion > 1 else x
            y = net.silu(conv_norm(place + "depthwise", y, step, same(kernel, step)))
            squeezed = net.silu(net.conv(place + "excite.reduce", net.global_average(y)))
            y = net.multiply(y, net.sigmoid(net.conv(place + "excite.expand", squeezed)))
            y = conv_norm(place + "project", y)
            x = net.add(x, y) if channels == filters and step == 1 else y
            channels, block = filters, block + 1
    x = net.global_average(net.silu(conv_norm("top_conv", x)))
    net.output("output", net.dense("head", net.flatten(x)), (None, 1000))


def unet(net):
    def double(place, x):
        for name in ("conv1", "conv2"):
            x = net.relu(net.conv(f"{place}.{name}", x, 1, same(3, 1)))
        return x
    x, skips = net.input("images", np.float32, (None, 1, 128, 128)), []
    for i in range(4):
        skips.append(double(f"down.{i}", x))
        x = net.max_pool(skips[-1], 2, 2)
    x = double("bottom", x)
    for i in range(4):
        x = net.concat([skips.pop(), net.conv_transpose(f"up.{i}.grow", x, 2)], 1)
        x = double(f"up.{i}.convs", x)
    net.output("output", net.conv("head", x), (None, 2, 128, 128))


def feed_forward(net, place, x, approximate=False):
    return net.dense_each(place + "down", net.gelu(net.dense_each(place + "up", x, 3072), approximate), 768)


def bert(net):
    tokens = net.input("tokens", np.int32, (None, 128))
    segments = net.input("segments", np.int32, (None, 128))
    x = net.add(net.embedding("words.embeddings", tokens), net.rows("positions.embeddings", 128))
    x = net.layer_norm("norm", net.add(x, net.embedding("segment_types.embeddings", segments)), 1e-12)
    for i in range(12):
        place = f"blocks.{i}."
        q, k, v = (net.dense_each(f"{place}attention.{part}", x, 768) for part in ("query", "key", "value"))
        y = net.dense_each(place + "attention.out", net.attention(q, k, v, 12), 768)
        x = net.layer_norm(place + "attention_norm", net.add(x, y), 1e-12)
        x = net.layer_norm(place + "output_norm", net.add(x, feed_forward(net, place, x)), 1e-12)
    net.output("hidden", x, (None, 128, 768))
    net.output("pooled", net.tanh(net.dense("pooler", net.take_first(x))), (None, 768))


def vit(net):
    x = net.conv("patches", net.input("images", np.float32, (None, 3, 224, 224)), 16)
    x = net.add(net.first_token("class_token", net.patches_to_sequence(x, 768), 768), net.weight("positions"))
    for i in range(12):
        place = f"blocks.{i}."
        y = net.layer_norm(place + "norm1", x, 1e-6)
        q, k, v = (net.dense_each(f"{place}attention.{part}", y, 768) for part in ("query", "key", "value"))
        x = net.add(x, net.dense_each(place + "attention.attention_output", net.attention(q, k, v, 12), 768))
        x = net.add(x, feed_forward(net, place, net.layer_norm(place + "norm2", x, 1e-6)))
    net.output("output", net.dense("head", net.take_first(net.layer_norm("norm", x, 1e-6))), (None, 1000))


def gpt2_blocks(net, x, attention):
    for i in range(12):
        place = f"blocks.{i}."
        q, k, v = net.split(net.dense_each(place + "attn.qkv", net.layer_norm(place + "ln1", x, 1e-5), 2304), 3, -1)
        x = net.add(x, net.dense_each(place + "attn.out", attention(place, q, k, v), 768))
        x = net.add(x, feed_forward(net, place, net.layer_norm(place + "ln2", x, 1e-5), True))
    return net.dense_shared("wte.embeddings", net.layer_norm("ln_f", x, 1e-5))


def gpt2(net):
    tokens = net.input("tokens", np.int32, (None, 128))
    x = net.add(net.embedding("wte.embeddings", tokens), net.rows("wpe.embeddings", 128))
    x = gpt2_blocks(net, x, lambda place, q, k, v: net.attention(q, k, v, 12, causal=True))
    net.output("output", x, (None, 128, 50257))


def gpt2_step(net):
    """The cache goes in and, one place longer, out: as decoders are exported."""
    def attention(place, q, k, v):
        past = [net.input(f"{place}{part}", np.float32, (None, 12, 128, 64)) for part in ("keys", "values")]
        y, *cache = net.cached_attention(q, k, v, 12, past)
        for part, x in zip(("keys", "values"), cache):
            net.output(f"{place}{part}.out", x, (None, 12, 129, 64))
        return y
    tokens = net.input("tokens", np.int32, (None, 1))
    x = net.add(net.embedding("wte.embeddings", tokens), net.row("wpe.embeddings", 128))
    net.output("output", gpt2_blocks(net, x, attention), (None, 1, 50257))
