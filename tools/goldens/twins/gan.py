from keras import Model, layers, ops

example = "GAN"
inputs = [dict(name="noise", dtype="float32", shape=[4, 100], low=-1, high=1)]
totals = {"manifest": 2_330_944 + 212_865}
what = dict(output="the discriminator's logits", act_1="the generator's pixels before tanh",
            act_2="the generator after its first convolution", act_3="the discriminator after its first convolution")


class Generator(Model):
    def __init__(self, latent=100):
        super().__init__()
        self.grow = layers.Dense(7 * 7 * 256, use_bias=False)
        self.norm0 = layers.BatchNormalization()
        self.fold = layers.Reshape((7, 7, 256))
        self.conv1 = layers.Conv2DTranspose(128, 5, padding="same", use_bias=False)
        self.norm1 = layers.BatchNormalization()
        self.conv2 = layers.Conv2DTranspose(64, 5, strides=2, padding="same", use_bias=False)
        self.norm2 = layers.BatchNormalization()
        self.conv3 = layers.Conv2DTranspose(1, 5, strides=2, padding="same", use_bias=False)
        self.leak = layers.LeakyReLU()

    def first(self, noise):
        x = self.fold(self.leak(self.norm0(self.grow(noise))))
        return self.leak(self.norm1(self.conv1(x)))

    def pixels(self, noise):
        x = self.leak(self.norm2(self.conv2(self.first(noise))))
        return self.conv3(x)

    def call(self, noise):
        return ops.tanh(self.pixels(noise))


class Discriminator(Model):
    def __init__(self):
        super().__init__()
        self.conv1 = layers.Conv2D(64, 5, strides=2, padding="same")
        self.conv2 = layers.Conv2D(128, 5, strides=2, padding="same")
        self.leak = layers.LeakyReLU()
        self.drop = layers.Dropout(0.3)
        self.flatten = layers.Flatten()
        self.head = layers.Dense(1)

    def call(self, images):
        x = self.drop(self.leak(self.conv1(images)))
        x = self.drop(self.leak(self.conv2(x)))
        return self.head(self.flatten(x))


class GAN(Model):
    def __init__(self, latent=100):
        super().__init__()
        self.generator = Generator(latent)
        self.discriminator = Discriminator()

    def call(self, noise):
        images = self.generator(noise)
        return dict(images=images, logits=self.discriminator(images))


make = GAN


def probe(net, noise):
    result = net(noise)
    return dict(output=result["logits"], act_1=net.generator.pixels(noise), act_2=net.generator.first(noise),
                act_3=net.discriminator.leak(net.discriminator.conv1(result["images"])))
