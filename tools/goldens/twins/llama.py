from keras import Model, layers, ops
from keras.activations import silu

example = "Llama"
inputs = [dict(name="tokens", dtype="int32", shape=[2, 12], low=0, high=256)]
defines = dict(vocabulary=256, dim=64, depth=3, heads=8, kv_heads=2, hidden=172)
manifests = {
    "manifest-7b": {},
    "manifest-405b": dict(vocabulary=128256, dim=16384, depth=126, heads=128, kv_heads=8, hidden=53248, theta=500000.0),
}
totals = {"manifest-7b": 6_738_415_616, "manifest-405b": 405_853_388_800}
what = dict(output="logits", act_1="the queries of the first block, rotated", act_2="after the first block",
            act_3="after all blocks, normalized")


def rotate(x, cosine, sine):
    a, b = ops.split(x, 2, axis=-1)
    return ops.concatenate([a * cosine - b * sine, b * cosine + a * sine], axis=-1)


class Attention(layers.Layer):
    def __init__(self, dim, heads, kv_heads):
        super().__init__()
        self.size, self.heads, self.kv_heads = dim // heads, heads, kv_heads
        self.query = layers.Dense(heads * self.size, use_bias=False)
        self.key = layers.Dense(kv_heads * self.size, use_bias=False)
        self.value = layers.Dense(kv_heads * self.size, use_bias=False)
        self.out = layers.Dense(dim, use_bias=False)

    def split_heads(self, x, count):
        batch, time, _ = x.shape
        return ops.transpose(ops.reshape(x, (batch, time, count, self.size)), (0, 2, 1, 3))

    def call(self, x, cosine, sine):
        batch, time, dim = x.shape
        q = rotate(self.split_heads(self.query(x), self.heads), cosine, sine)
        k = rotate(self.split_heads(self.key(x), self.kv_heads), cosine, sine)
        v = self.split_heads(self.value(x), self.kv_heads)
        k = ops.repeat(k, self.heads // self.kv_heads, axis=1)
        v = ops.repeat(v, self.heads // self.kv_heads, axis=1)
        scores = q @ ops.transpose(k, (0, 1, 3, 2)) * self.size ** -0.5
        visible = ops.arange(time)[:, None] >= ops.arange(time)
        weights = ops.softmax(ops.where(visible, scores, -1e9))
        return self.out(ops.reshape(ops.transpose(weights @ v, (0, 2, 1, 3)), (batch, time, dim)))


class FeedForward(layers.Layer):
    def __init__(self, dim, hidden):
        super().__init__()
        self.gate = layers.Dense(hidden, use_bias=False)
        self.up = layers.Dense(hidden, use_bias=False)
        self.down = layers.Dense(dim, use_bias=False)

    def call(self, x):
        return self.down(silu(self.gate(x)) * self.up(x))


class Block(layers.Layer):
    def __init__(self, dim, heads, kv_heads, hidden, epsilon):
        super().__init__()
        self.attention_norm = layers.RMSNormalization(epsilon=epsilon)
        self.attention = Attention(dim, heads, kv_heads)
        self.feed_forward_norm = layers.RMSNormalization(epsilon=epsilon)
        self.feed_forward = FeedForward(dim, hidden)

    def call(self, x, cosine, sine):
        x = x + self.attention(self.attention_norm(x), cosine, sine)
        return x + self.feed_forward(self.feed_forward_norm(x))


class Llama(Model):
    def __init__(self, vocabulary=32000, dim=4096, depth=32, heads=32, kv_heads=32, hidden=11008, theta=10000.0,
                 epsilon=1e-5):
        super().__init__()
        self.size, self.theta = dim // heads, theta
        self.embed = layers.Embedding(vocabulary, dim)
        self.blocks = [Block(dim, heads, kv_heads, hidden, epsilon) for i in range(depth)]
        self.norm = layers.RMSNormalization(epsilon=epsilon)
        self.head = layers.Dense(vocabulary, use_bias=False)

    def rotations(self, time):
        dtype = self.compute_dtype
        frequencies = self.theta ** (-ops.arange(0, self.size, 2, dtype=dtype) / self.size)
        angles = ops.arange(time, dtype=dtype)[:, None] * frequencies
        return ops.cos(angles), ops.sin(angles)

    def call(self, tokens):
        cosine, sine = self.rotations(tokens.shape[1])
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x, cosine, sine)
        return self.head(self.norm(x))


make = Llama


def probe(net, tokens):
    output = net(tokens)
    cosine, sine = net.rotations(tokens.shape[1])
    x = net.embed(tokens)
    attention = net.blocks[0].attention
    queries = attention.query(net.blocks[0].attention_norm(x))
    queries = rotate(attention.split_heads(queries, attention.heads), cosine, sine)
    first = x = net.blocks[0](x, cosine, sine)
    for block in net.blocks[1:]:
        x = block(x, cosine, sine)
    return dict(output=output, act_1=queries, act_2=first, act_3=net.norm(x))
