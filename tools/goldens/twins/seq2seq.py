from keras import Model, layers, ops

example = "Seq2Seq"
inputs = [dict(name="source", dtype="int32", shape=[2, 9], low=0, high=8000),
          dict(name="target", dtype="int32", shape=[2, 7], low=0, high=6000)]
totals = {}
what = dict(output="logits", act_1="the states that the first encoder layer hands over, h above c",
            act_2="the second encoder layer at each position", act_3="the decoder's last layer at each position")


class Seq2Seq(Model):
    def __init__(self, source_vocabulary=8000, target_vocabulary=6000, dim=256, units=512, depth=2):
        super().__init__()
        lstm = lambda: layers.LSTM(units, return_sequences=True, return_state=True)
        self.source_embedding = layers.Embedding(source_vocabulary, dim)
        self.encoder = [lstm() for i in range(depth)]
        self.target_embedding = layers.Embedding(target_vocabulary, dim)
        self.decoder = [lstm() for i in range(depth)]
        self.head = layers.Dense(target_vocabulary)

    def encode(self, source):
        x, states = self.source_embedding(ops.flip(source, axis=1)), []
        for layer in self.encoder:
            x, h, c = layer(x)
            states.append([h, c])
        return x, states

    def decode(self, target, states):
        x = self.target_embedding(target)
        for layer, state in zip(self.decoder, states):
            x, _, _ = layer(x, initial_state=state)
        return x

    def call(self, source, target):
        _, states = self.encode(source)
        return self.head(self.decode(target, states))


make = Seq2Seq


def probe(net, source, target):
    output = net(source, target)
    encoded, states = net.encode(source)
    return dict(output=output, act_1=ops.stack(states[0]), act_2=encoded, act_3=net.decode(target, states))
