import keras
from keras import Model, layers
from keras.activations import relu6

from twins.applications import same_variables

example = "MobileNetV2"
inputs = [dict(name="images", dtype="float32", shape=[1, 64, 64, 3], low=-1, high=1)]
totals = {"manifest": 3_538_984}
exchanges = 16
what = dict(output="logits", act_1="after the stem", act_2="after the fourth block", act_3="after the last block")

# expansion, filters, count, stride: table 2 of the paper
STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]


def norm():
    return layers.BatchNormalization(epsilon=1e-3, momentum=0.999)


class InvertedResidual(layers.Layer):
    def __init__(self, channels, filters, stride, expansion):
        super().__init__()
        self.expands = expansion > 1
        self.residual = channels == filters and stride == 1
        if self.expands:
            self.expand = layers.Conv2D(expansion * channels, 1, use_bias=False)
            self.expand_norm = norm()
        self.depthwise = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False)
        self.depthwise_norm = norm()
        self.project = layers.Conv2D(filters, 1, use_bias=False)
        self.project_norm = norm()

    def call(self, x):
        y = relu6(self.expand_norm(self.expand(x))) if self.expands else x
        y = relu6(self.depthwise_norm(self.depthwise(y)))
        y = self.project_norm(self.project(y))
        return x + y if self.residual else y


class MobileNetV2(Model):
    def __init__(self, classes=1000):
        super().__init__()
        self.stem_conv = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)
        self.stem_norm = norm()
        channels, blocks = 32, []
        for expansion, filters, count, stride in STAGES:
            for i in range(count):
                blocks.append(InvertedResidual(channels, filters, stride if i == 0 else 1, expansion))
                channels = filters
        self.blocks = blocks
        self.last_conv = layers.Conv2D(1280, 1, use_bias=False)
        self.last_norm = norm()
        self.average = layers.GlobalAveragePooling2D()
        self.head = layers.Dense(classes)

    def call(self, images):
        x = relu6(self.stem_norm(self.stem_conv(images)))
        for block in self.blocks:
            x = block(x)
        x = relu6(self.last_norm(self.last_conv(x)))
        return self.head(self.average(x))


make = MobileNetV2


def check(net):
    same_variables(net, keras.applications.MobileNetV2)


def probe(net, images):
    output = net(images)
    stem = relu6(net.stem_norm(net.stem_conv(images)))
    x = stem
    for block in net.blocks[:4]:
        x = block(x)
    fourth = x
    for block in net.blocks[4:]:
        x = block(x)
    return dict(output=output, act_1=stem, act_2=fourth, act_3=x)
