import keras
from keras import Model, layers

from twins.applications import same_variables

example = "VGG16"
inputs = [dict(name="images", dtype="float32", shape=[1, 224, 224, 3], low=-1, high=1)]
totals = {"manifest": 138_357_544}
exchanges = 8
what = dict(output="logits", act_1="after the first block", act_2="after the second block", act_3="after the third block")


class Block(layers.Layer):
    def __init__(self, filters, depth):
        super().__init__()
        self.convs = [layers.Conv2D(filters, 3, padding="same", activation="relu") for i in range(depth)]
        self.pool = layers.MaxPooling2D(2)

    def call(self, x):
        for conv in self.convs:
            x = conv(x)
        return self.pool(x)


class VGG16(Model):
    def __init__(self, classes=1000):
        super().__init__()
        plan = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]
        self.blocks = [Block(filters, depth) for filters, depth in plan]
        self.flatten = layers.Flatten()
        self.fc1 = layers.Dense(4096, activation="relu")
        self.fc2 = layers.Dense(4096, activation="relu")
        self.head = layers.Dense(classes)

    def call(self, images):
        x = images
        for block in self.blocks:
            x = block(x)
        return self.head(self.fc2(self.fc1(self.flatten(x))))


make = VGG16


def check(net):
    same_variables(net, keras.applications.VGG16)


def probe(net, images):
    output = net(images)
    first = net.blocks[0](images)
    second = net.blocks[1](first)
    third = net.blocks[2](second)
    return dict(output=output, act_1=first, act_2=second, act_3=third)
