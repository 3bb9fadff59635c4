from keras import Model, layers

example = "VAE"
inputs = [dict(name="images", dtype="float32", shape=[2, 28, 28, 1], low=0, high=1)]
totals = {"manifest": 69_076 + 65_089}  # encoder and decoder of the Keras example, with two latent dimensions
what = dict(output="the logits of the reconstruction", act_1="the mean of the latent distribution",
            act_2="its log variance", act_3="the decoder's first convolution")


class Encoder(layers.Layer):
    def __init__(self, latent):
        super().__init__()
        self.conv1 = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")
        self.conv2 = layers.Conv2D(64, 3, strides=2, padding="same", activation="relu")
        self.flatten = layers.Flatten()
        self.hidden = layers.Dense(16, activation="relu")
        self.mean = layers.Dense(latent)
        self.log_variance = layers.Dense(latent)

    def call(self, images):
        x = self.hidden(self.flatten(self.conv2(self.conv1(images))))
        return self.mean(x), self.log_variance(x)


class Decoder(layers.Layer):
    def __init__(self):
        super().__init__()
        self.grow = layers.Dense(7 * 7 * 64, activation="relu")
        self.fold = layers.Reshape((7, 7, 64))
        self.conv1 = layers.Conv2DTranspose(64, 3, strides=2, padding="same", activation="relu")
        self.conv2 = layers.Conv2DTranspose(32, 3, strides=2, padding="same", activation="relu")
        self.pixels = layers.Conv2DTranspose(1, 3, padding="same")

    def call(self, z):
        return self.pixels(self.conv2(self.conv1(self.fold(self.grow(z)))))


class VAE(Model):
    def __init__(self, latent=2):
        super().__init__()
        self.encoder = Encoder(latent)
        self.decoder = Decoder()

    def call(self, images):  # as in inference: no noise
        mean, log_variance = self.encoder(images)
        return dict(reconstruction=self.decoder(mean), mean=mean, log_variance=log_variance)


make = VAE


def probe(net, images):
    result = net(images)
    decoder = net.decoder
    return dict(output=result["reconstruction"], act_1=result["mean"], act_2=result["log_variance"],
                act_3=decoder.conv1(decoder.fold(decoder.grow(result["mean"]))))
