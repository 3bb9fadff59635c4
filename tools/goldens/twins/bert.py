from keras import Model, layers, ops

example = "BERT"
inputs = [dict(name="tokens", dtype="int32", shape=[2, 8], low=0, high=30522),
          dict(name="segments", dtype="int32", shape=[2, 8], low=0, high=2),
          dict(name="mask", dtype="bool", shape=[2, 8], lengths=[8, 5])]
totals = {"manifest": 109_482_240}
exchanges = 16
what = dict(output="the hidden states", act_1="the embeddings, normalized", act_2="the pooled output",
            act_3="the keys of the first token in every layer, which alone show the biases of the keys")

EPSILON = 1e-12


class SelfAttention(layers.Layer):
    def __init__(self, dim, heads, dropout=0.0):
        super().__init__()
        self.heads, self.size = heads, dim // heads
        self.query = layers.Dense(dim)
        self.key = layers.Dense(dim)
        self.value = layers.Dense(dim)
        self.out = layers.Dense(dim)
        self.drop = layers.Dropout(dropout)

    def split_heads(self, x):
        batch, time, dim = x.shape
        return ops.transpose(ops.reshape(x, (batch, time, self.heads, self.size)), (0, 2, 1, 3))

    def call(self, x, mask=None):
        batch, time, dim = x.shape
        q = self.split_heads(self.query(x))
        k = self.split_heads(self.key(x))
        v = self.split_heads(self.value(x))
        scores = q @ ops.transpose(k, (0, 1, 3, 2)) * self.size ** -0.5
        if mask is not None:
            scores = ops.where(mask[:, None, None, :], scores, -1e9)
        weights = self.drop(ops.softmax(scores))
        return self.out(ops.reshape(ops.transpose(weights @ v, (0, 2, 1, 3)), (batch, time, dim)))


class Block(layers.Layer):
    def __init__(self, dim, heads, hidden, dropout=0.0):
        super().__init__()
        self.attention = SelfAttention(dim, heads, dropout)
        self.attention_norm = layers.LayerNormalization(epsilon=EPSILON)
        self.up = layers.Dense(hidden, activation="gelu")
        self.down = layers.Dense(dim)
        self.output_norm = layers.LayerNormalization(epsilon=EPSILON)
        self.drop = layers.Dropout(dropout)

    def call(self, x, mask=None):
        x = self.attention_norm(x + self.drop(self.attention(x, mask)))
        return self.output_norm(x + self.drop(self.down(self.up(x))))


class BERT(Model):
    def __init__(self, vocabulary=30522, depth=12, dim=768, heads=12, hidden=3072, context=512, dropout=0.1):
        super().__init__()
        self.words = layers.Embedding(vocabulary, dim)
        self.positions = layers.Embedding(context, dim)
        self.segment_types = layers.Embedding(2, dim)
        self.norm = layers.LayerNormalization(epsilon=EPSILON)
        self.drop = layers.Dropout(dropout)
        self.blocks = [Block(dim, heads, hidden, dropout) for i in range(depth)]
        self.pooler = layers.Dense(dim, activation="tanh")

    def embed(self, tokens, segments):
        x = self.words(tokens) + self.positions(ops.arange(tokens.shape[1])) + self.segment_types(segments)
        return self.drop(self.norm(x))

    def call(self, tokens, segments, mask):
        x = self.embed(tokens, segments)
        for block in self.blocks:
            x = block(x, mask)
        return dict(hidden=x, pooled=self.pooler(x[:, 0]))


make = BERT


def probe(net, tokens, segments, mask):
    result = net(tokens, segments, mask)
    embedded = x = net.embed(tokens, segments)
    keys = []
    for block in net.blocks:
        keys.append(block.attention.key(x)[:, 0])
        x = block(x, mask)
    return dict(output=result["hidden"], act_1=embedded, act_2=result["pooled"], act_3=ops.stack(keys))
