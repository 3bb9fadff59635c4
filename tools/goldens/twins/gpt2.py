from keras import Model, layers, ops
from keras.activations import gelu

example = "GPT2"
inputs = [dict(name="tokens", dtype="int32", shape=[2, 8], low=0, high=50257)]
totals = {"manifest": 124_439_808}
exchanges = 16
what = dict(output="logits", act_1="token and position embeddings", act_2="after the first block",
            act_3="after all blocks, normalized")

VOCABULARY = 50257


class CausalSelfAttention(layers.Layer):
    def __init__(self, dim, heads, dropout=0.0):
        super().__init__()
        self.heads, self.size = heads, dim // heads
        self.qkv = layers.Dense(3 * dim)
        self.out = layers.Dense(dim)
        self.drop = layers.Dropout(dropout)

    def split_heads(self, x):
        batch, time, dim = x.shape
        return ops.transpose(ops.reshape(x, (batch, time, self.heads, self.size)), (0, 2, 1, 3))

    def call(self, x):
        batch, time, dim = x.shape
        q, k, v = [self.split_heads(part) for part in ops.split(self.qkv(x), 3, axis=-1)]
        scores = q @ ops.transpose(k, (0, 1, 3, 2)) * self.size ** -0.5
        visible = ops.arange(time)[:, None] >= ops.arange(time)
        weights = self.drop(ops.softmax(ops.where(visible, scores, -1e9)))
        return self.out(ops.reshape(ops.transpose(weights @ v, (0, 2, 1, 3)), (batch, time, dim)))


class Block(layers.Layer):
    def __init__(self, dim, heads, dropout=0.0):
        super().__init__()
        self.ln1 = layers.LayerNormalization(epsilon=1e-5)
        self.attn = CausalSelfAttention(dim, heads, dropout)
        self.ln2 = layers.LayerNormalization(epsilon=1e-5)
        self.up = layers.Dense(4 * dim)
        self.down = layers.Dense(dim)
        self.drop = layers.Dropout(dropout)

    def call(self, x):
        x = x + self.drop(self.attn(self.ln1(x)))
        return x + self.drop(self.down(gelu(self.up(self.ln2(x)), approximate=True)))


class GPT2(Model):
    def __init__(self, depth=12, dim=768, heads=12, context=1024, dropout=0.1):
        super().__init__()
        self.wte = layers.Embedding(VOCABULARY, dim)
        self.wpe = layers.Embedding(context, dim)
        self.drop = layers.Dropout(dropout)
        self.blocks = [Block(dim, heads, dropout) for i in range(depth)]
        self.ln_f = layers.LayerNormalization(epsilon=1e-5)

    def embed(self, tokens):
        return self.drop(self.wte(tokens) + self.wpe(ops.arange(tokens.shape[1])))

    def call(self, tokens):
        x = self.embed(tokens)
        for block in self.blocks:
            x = block(x)
        return self.ln_f(x) @ ops.transpose(self.wte.embeddings)


make = GPT2


def probe(net, tokens):
    output = net(tokens)
    embedded = net.embed(tokens)
    first = net.blocks[0](embedded)
    x = first
    for block in net.blocks[1:]:
        x = block(x)
    return dict(output=output, act_1=embedded, act_2=first, act_3=net.ln_f(x))
