from keras import Model, activations, layers

example = "MyModel"
inputs = [dict(name="inputs", dtype="float32", shape=[3, 16], low=-1, high=1)]
totals = {"manifest": 2 * 16 + 16 * 10 + 10}
what = dict(output="logits", act_1="after the custom layer", act_2="the input plus w alone", act_3="after the relu")


class MyCustomLayer(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(self.units,), initializer="random_normal", name="w")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

    def call(self, inputs):
        return inputs + self.w + self.b


class MyModel(Model):
    def __init__(self, units=16, classes=10):
        super().__init__()
        self.custom = MyCustomLayer(units)
        self.dense = layers.Dense(classes)

    def call(self, inputs):
        return self.dense(activations.relu(self.custom(inputs)))


make = MyModel


def probe(net, inputs):
    output = net(inputs)
    x = net.custom(inputs)
    return dict(output=output, act_1=x, act_2=inputs + net.custom.w, act_3=activations.relu(x))
