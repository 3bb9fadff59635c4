from keras import Model, layers, ops

example = "MyModel"
inputs = [dict(name="inputs", dtype="float32", shape=[2, 784], low=-1, high=1)]
totals = {"manifest": 50_890}
what = dict(output="logits", act_1="the hidden layer, after its relu", act_2="the hidden layer, before its relu",
            act_3="the logits of the halved input")


class MyModel(Model):
    def __init__(self):
        super().__init__()
        self.dense1 = layers.Dense(64, activation="relu")
        self.dense2 = layers.Dense(10)

    def call(self, inputs):
        x = self.dense1(inputs)
        return self.dense2(x)


make = MyModel


def probe(net, inputs):
    output = net(inputs)
    hidden = net.dense1(inputs)
    return dict(output=output, act_1=hidden, act_2=ops.matmul(inputs, net.dense1.kernel) + net.dense1.bias,
                act_3=net(0.5 * inputs))
