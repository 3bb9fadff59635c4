from keras import Model, layers, ops

example = "UNet"
inputs = [dict(name="images", dtype="float32", shape=[1, 64, 64, 1], low=-1, high=1)]
totals = {"manifest": 31_030_658}
exchanges = 16
what = dict(output="logits", act_1="the first skip connection", act_2="the bottom of the U", act_3="after the first step up")


class DoubleConv(layers.Layer):
    def __init__(self, filters):
        super().__init__()
        self.conv1 = layers.Conv2D(filters, 3, padding="same", activation="relu")
        self.conv2 = layers.Conv2D(filters, 3, padding="same", activation="relu")

    def call(self, x):
        return self.conv2(self.conv1(x))


class Up(layers.Layer):
    def __init__(self, filters):
        super().__init__()
        self.grow = layers.Conv2DTranspose(filters, 2, strides=2)
        self.convs = DoubleConv(filters)

    def call(self, x, skip):
        return self.convs(ops.concatenate([skip, self.grow(x)], axis=-1))


class UNet(Model):
    def __init__(self, channels=1, classes=2, width=64):
        super().__init__()
        self.down = [DoubleConv(width * 2 ** i) for i in range(4)]
        self.pool = layers.MaxPooling2D(2)
        self.bottom = DoubleConv(width * 16)
        self.up = [Up(width * 2 ** i) for i in (3, 2, 1, 0)]
        self.head = layers.Conv2D(classes, 1)

    def call(self, images):
        x, skips = images, []
        for step in self.down:
            skips.append(step(x))
            x = self.pool(skips[-1])
        x = self.bottom(x)
        for step, skip in zip(self.up, reversed(skips)):
            x = step(x, skip)
        return self.head(x)


make = UNet


def probe(net, images):
    output = net(images)
    x, skips = images, []
    for step in net.down:
        skips.append(step(x))
        x = net.pool(skips[-1])
    bottom = net.bottom(x)
    return dict(output=output, act_1=skips[0], act_2=bottom, act_3=net.up[0](bottom, skips[3]))
