from keras import Model, layers, ops

example = "ViT"
inputs = [dict(name="images", dtype="float32", shape=[1, 224, 224, 3], low=-1, high=1)]
totals = {"manifest": 86_567_656}
exchanges = 12
what = dict(output="logits", act_1="patches, class token and positions", act_2="after the first block",
            act_3="the keys of the class token in every layer, which alone show the biases of the keys")

EPSILON = 1e-6


class Block(layers.Layer):
    def __init__(self, dim, heads, hidden, dropout=0.0):
        super().__init__()
        self.norm1 = layers.LayerNormalization(epsilon=EPSILON)
        self.attention = layers.MultiHeadAttention(heads, dim // heads)
        self.norm2 = layers.LayerNormalization(epsilon=EPSILON)
        self.up = layers.Dense(hidden, activation="gelu")
        self.down = layers.Dense(dim)
        self.drop = layers.Dropout(dropout)

    def call(self, x):
        y = self.norm1(x)
        x = x + self.drop(self.attention(y, y))
        return x + self.drop(self.down(self.up(self.norm2(x))))


class ViT(Model):
    def __init__(self, image=224, patch=16, depth=12, dim=768, heads=12, hidden=3072, classes=1000, dropout=0.0):
        super().__init__()
        self.dim = dim
        self.tokens = (image // patch) ** 2 + 1
        self.patches = layers.Conv2D(dim, patch, strides=patch)
        self.drop = layers.Dropout(dropout)
        self.blocks = [Block(dim, heads, hidden, dropout) for i in range(depth)]
        self.norm = layers.LayerNormalization(epsilon=EPSILON)
        self.head = layers.Dense(classes)

    def build(self, input_shape):
        self.class_token = self.add_weight(shape=(1, 1, self.dim), initializer="zeros", name="class_token")
        self.positions = self.add_weight(shape=(1, self.tokens, self.dim), initializer="random_normal", name="positions")

    def embed(self, images):
        batch = images.shape[0]
        x = ops.reshape(self.patches(images), (batch, self.tokens - 1, self.dim))
        first = ops.broadcast_to(self.class_token, (batch, 1, self.dim))
        return self.drop(ops.concatenate([first, x], axis=1) + self.positions)

    def call(self, images):
        x = self.embed(images)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])


make = ViT


def probe(net, images):
    output = net(images)
    embedded = x = net.embed(images)
    first = net.blocks[0](embedded)
    keys = []
    for block in net.blocks:
        keys.append(block.attention._key_dense(block.norm1(x))[:, 0])
        x = block(x)
    return dict(output=output, act_1=embedded, act_2=first, act_3=ops.stack(keys))
