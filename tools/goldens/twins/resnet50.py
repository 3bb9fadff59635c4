import keras
from keras import Model, layers
from keras.activations import relu

from twins.applications import same_variables

example = "ResNet50"
inputs = [dict(name="images", dtype="float32", shape=[1, 64, 64, 3], low=-1, high=1)]
totals = {"manifest": 25_636_712}
exchanges = 16
what = dict(output="logits", act_1="after the stem", act_2="after the first stage", act_3="after the second stage")

EPSILON = 1.001e-5


class Bottleneck(layers.Layer):
    def __init__(self, filters, stride=1, project=False):
        super().__init__()
        self.project = project
        if project:
            self.shortcut_conv = layers.Conv2D(4 * filters, 1, strides=stride)
            self.shortcut_norm = layers.BatchNormalization(epsilon=EPSILON)
        self.conv1 = layers.Conv2D(filters, 1, strides=stride)
        self.norm1 = layers.BatchNormalization(epsilon=EPSILON)
        self.conv2 = layers.Conv2D(filters, 3, padding="same")
        self.norm2 = layers.BatchNormalization(epsilon=EPSILON)
        self.conv3 = layers.Conv2D(4 * filters, 1)
        self.norm3 = layers.BatchNormalization(epsilon=EPSILON)

    def call(self, x):
        shortcut = self.shortcut_norm(self.shortcut_conv(x)) if self.project else x
        y = relu(self.norm1(self.conv1(x)))
        y = relu(self.norm2(self.conv2(y)))
        y = self.norm3(self.conv3(y))
        return relu(shortcut + y)


class Stage(layers.Layer):
    def __init__(self, filters, depth, stride=2):
        super().__init__()
        self.blocks = [Bottleneck(filters, stride if i == 0 else 1, i == 0) for i in range(depth)]

    def call(self, x):
        for block in self.blocks:
            x = block(x)
        return x


class ResNet50(Model):
    def __init__(self, classes=1000):
        super().__init__()
        self.stem_pad = layers.ZeroPadding2D(3)
        self.stem_conv = layers.Conv2D(64, 7, strides=2)
        self.stem_norm = layers.BatchNormalization(epsilon=EPSILON)
        self.pool_pad = layers.ZeroPadding2D(1)
        self.pool = layers.MaxPooling2D(3, strides=2)
        self.stages = [Stage(64, 3, stride=1), Stage(128, 4), Stage(256, 6), Stage(512, 3)]
        self.average = layers.GlobalAveragePooling2D()
        self.head = layers.Dense(classes)

    def stem(self, images):
        x = relu(self.stem_norm(self.stem_conv(self.stem_pad(images))))
        return self.pool(self.pool_pad(x))

    def call(self, images):
        x = self.stem(images)
        for stage in self.stages:
            x = stage(x)
        return self.head(self.average(x))


make = ResNet50


def check(net):
    same_variables(net, keras.applications.ResNet50)


def probe(net, images):
    output = net(images)
    stem = net.stem(images)
    first = net.stages[0](stem)
    second = net.stages[1](first)
    return dict(output=output, act_1=stem, act_2=first, act_3=second)
