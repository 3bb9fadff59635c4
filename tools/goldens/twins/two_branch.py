from keras import Model, layers, ops

example = "TwoBranch"
inputs = [dict(name="inputs.0", dtype="float32", shape=[3, 20], low=-1, high=1),
          dict(name="inputs.1", dtype="float32", shape=[3, 10], low=-1, high=1)]
totals = {"manifest": 20 * 32 + 32 + 10 * 16 + 16 + 48 * 10 + 10}
what = dict(output="logits", act_1="the first branch", act_2="the second branch", act_3="both, concatenated")


class TwoBranch(Model):
    def __init__(self):
        super().__init__()
        self.dense1 = layers.Dense(32, activation="relu")
        self.dense2 = layers.Dense(16, activation="relu")
        self.dense3 = layers.Dense(10)

    @staticmethod
    def pack(inputs):
        return [tuple(inputs)]

    def call(self, inputs):
        branch1 = self.dense1(inputs[0])
        branch2 = self.dense2(inputs[1])
        merged = ops.concatenate([branch1, branch2], axis=1)
        return self.dense3(merged)


make = TwoBranch


def probe(net, first, second):
    output = net((first, second))
    branch1, branch2 = net.dense1(first), net.dense2(second)
    return dict(output=output, act_1=branch1, act_2=branch2, act_3=ops.concatenate([branch1, branch2], axis=1))
