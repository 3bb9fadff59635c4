"""The goldens of whole networks: tests/architectures/<name>.json, for the <name>.mdl beside it.

A network is a function here that builds it in Keras, layer by layer in the order in which the .mdl declares them; those of
keras.applications are Keras' own. So the variables, in the order in which their layers were constructed, are those of
the manifest, one by one: shape, dtype and trainable must agree. They get the hash values of the manifest's paths; the outputs are
computed in float64.
"""
import itertools
import json
import os
import subprocess
import time

import common
from common import TOP, hash_weights, keras, np

L = keras.layers
ops = keras.ops
SAMPLE = 1024  # elements kept of a larger output


def image(*shape, name="images"):
    return dict(name=name, dtype="float32", shape=list(shape), low=-1, high=1)


def ints(*shape, high, name):
    return dict(name=name, dtype="int32", shape=list(shape), low=0, high=high)


def application(name, size=64, **arguments):
    """One of keras.applications, without its softmax. Given as a tensor, the input may be smaller than what it was made for."""
    def build(x):
        make = getattr(keras.applications, name)
        return make(input_tensor=x, weights=None, classes=10, classifier_activation=None, **arguments).output
    return dict(build=build, inputs=[image(1, size, size, 3)], defines=["-D", "classes=10"])


# ---- networks from papers

def lenet5(x):
    pool = L.AveragePooling2D(2)
    x = pool(L.Conv2D(6, 5, padding="same", activation="tanh")(x))
    x = pool(L.Conv2D(16, 5, activation="tanh")(x))
    x = L.Reshape((120,))(L.Conv2D(120, 5, activation="tanh")(x))
    x = L.Dense(84, activation="tanh")(x)
    return L.Dense(10)(x)


def alexnet(x):
    x = L.Conv2D(24, 7, strides=2, activation="relu")(x)
    x = L.MaxPooling2D(3, strides=2)(x)
    x = L.Conv2D(64, 5, padding="same", groups=2, activation="relu")(x)
    x = L.MaxPooling2D(3, strides=2)(x)
    for filters, groups in ((96, 1), (96, 2), (64, 2)):
        x = L.Conv2D(filters, 3, padding="same", groups=groups, activation="relu")(x)
    x = L.Flatten()(L.MaxPooling2D(3, strides=2)(x))
    for _ in range(2):
        x = L.Dropout(0.5)(L.Dense(256, activation="relu")(x))
    return L.Dense(10)(x)


def squeezenet(x):
    def fire(x, squeeze, expand):
        x = L.Conv2D(squeeze, 1, activation="relu")(x)
        wide1 = L.Conv2D(expand, 1, activation="relu")(x)
        wide3 = L.Conv2D(expand, 3, padding="same", activation="relu")(x)
        return L.Concatenate()([wide1, wide3])
    x = L.MaxPooling2D(3, strides=2)(L.Conv2D(64, 3, strides=2, activation="relu")(x))
    for i, (s, e) in enumerate([(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)]):
        x = fire(x, s, e)
        if i in (1, 3):
            x = L.MaxPooling2D(3, strides=2)(x)
    return L.GlobalAveragePooling2D()(L.Conv2D(10, 1, activation="relu")(x))


def wavenet(samples):
    x = L.Embedding(32, 16)(samples)
    skipped = []
    for i in range(8):
        filtered = L.Conv1D(16, 2, padding="causal", dilation_rate=2 ** (i % 4), activation="tanh")(x)
        gate = L.Conv1D(16, 2, padding="causal", dilation_rate=2 ** (i % 4), activation="sigmoid")(x)
        z = filtered * gate
        skipped.append(L.Conv1D(24, 1)(z))
        if i < 7:
            x = x + L.Conv1D(16, 1)(z)
    x = L.Conv1D(24, 1, activation="relu")(L.ReLU()(L.Add()(skipped)))
    return L.Conv1D(32, 1)(x)


def mlp(x, hidden):
    up = L.Dense(hidden, activation="gelu")(x)
    return L.Dense(x.shape[-1])(up)


def mlp_mixer(x):
    x = L.Reshape((64, 64))(L.Conv2D(64, 8, strides=8)(x))
    for _ in range(4):
        y = L.LayerNormalization(epsilon=1e-6)(x)
        x = x + L.Permute((2, 1))(mlp(L.Permute((2, 1))(y), 32))
        x = x + mlp(L.LayerNormalization(epsilon=1e-6)(x), 128)
    x = L.LayerNormalization(epsilon=1e-6)(x)
    return L.Dense(10)(L.GlobalAveragePooling1D()(x))


def gmlp(tokens):
    x = L.Embedding(50, 32)(tokens)
    for _ in range(4):
        y = L.LayerNormalization(epsilon=1e-6)(x)
        y = L.Dense(96, activation="gelu")(y)
        u, v = ops.split(y, 2, axis=-1)
        v = L.LayerNormalization(epsilon=1e-6)(v)
        y = u * L.Permute((2, 1))(L.Dense(12)(L.Permute((2, 1))(v)))
        x = x + L.Dense(32)(y)
    x = L.LayerNormalization(epsilon=1e-6)(x)
    return L.Dense(50)(x)


def transformer(source, target):
    dim, norm = 32, lambda x: L.LayerNormalization(epsilon=1e-6)(x)

    def positions(time):
        angle = np.arange(time)[:, None] * np.exp(np.arange(0, dim, 2) * (-np.log(10000.0) / dim))
        return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(time, dim).astype(keras.config.floatx())

    def attention(x, memory, **arguments):
        return norm(x + L.MultiHeadAttention(4, dim // 4)(x, memory, **arguments))

    def forward(x):
        up = L.Dense(64, activation="relu")(x)
        return norm(x + L.Dense(dim)(up))
    embed = L.Embedding(40, dim)
    memory = embed(source) * dim ** 0.5 + positions(source.shape[1])
    for _ in range(2):
        memory = forward(attention(memory, memory))
    x = embed(target) * dim ** 0.5 + positions(target.shape[1])
    for _ in range(2):
        x = attention(x, x, use_causal_mask=True)
        x = forward(attention(x, memory))
    return L.Dense(40)(x)


def bilstm_tagger(words):
    x = L.Embedding(50, 24, mask_zero=True)(words)
    x = L.Bidirectional(L.LSTM(16, return_sequences=True))(x)
    x = L.Bidirectional(L.LSTM(12, return_sequences=True), merge_mode="sum")(x)
    return L.TimeDistributed(L.Dense(9))(x)


def pointnet(points):
    def unit(x, filters):
        x = L.Conv1D(filters, 1, use_bias=False)(x)
        return L.ReLU()(L.BatchNormalization()(x))
    y = points
    for filters in (16, 32, 64):
        y = unit(y, filters)
    y = L.Dense(32, activation="relu")(L.GlobalMaxPooling1D()(y))
    matrix = L.Reshape((3, 3))(L.Dense(9)(y))
    x = ops.matmul(points, matrix + np.eye(3, dtype=keras.config.floatx()))
    for filters in (16, 16, 32, 128):
        x = unit(x, filters)
    x = L.Dense(64, activation="relu")(L.GlobalMaxPooling1D()(x))
    return L.Dense(10)(x)


def neumf(user, item):
    product = L.Embedding(30, 8)(user) * L.Embedding(40, 8)(item)
    x = L.Concatenate()([L.Embedding(30, 16)(user), L.Embedding(40, 16)(item)])
    for units in (32, 16, 8):
        x = L.Dense(units, activation="relu")(x)
    return L.Dense(1)(L.Concatenate()([product, x]))


def deeplab(x):
    def unit(x, filters, kernel=3, stride=1, dilation=1):
        x = L.Conv2D(filters, kernel, strides=stride, dilation_rate=dilation, padding="same", use_bias=False)(x)
        return L.ReLU()(L.BatchNormalization(epsilon=1e-5)(x))
    for filters, stride in ((16, 2), (24, 2), (32, 1)):
        x = unit(x, filters, stride=stride)
    branches = [unit(x, 24, 1)] + [unit(x, 24, dilation=d) for d in (2, 4, 6)]
    whole = unit(L.GlobalAveragePooling2D(keepdims=True)(x), 24, 1)
    branches.append(whole + ops.zeros_like(branches[0]))
    x = unit(L.Concatenate()(branches), 24, 1)
    return ops.image.resize(L.Conv2D(5, 1)(x), (48, 64), interpolation="bilinear")


def conv_autoencoder(x):
    for filters in (16, 8, 4):
        x = L.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    for filters in (4, 8, 16):
        x = L.Conv2DTranspose(filters, 3, strides=2, padding="same", activation="relu")(x)
    return L.Conv2D(1, 3, padding="same", activation="sigmoid")(x)


def paper(build, *inputs):
    return dict(build=build, inputs=list(inputs), defines=[])


NETWORKS = {
    "mobilenet": application("MobileNet", alpha=0.5) | {"defines": ["-D", "classes=10", "-D", "alpha=0.5"]},
    "mobilenet_v3_small": application("MobileNetV3Small", include_preprocessing=False),
    "densenet121": application("DenseNet121"),
    "inception_v3": application("InceptionV3", size=75),
    "xception": application("Xception"),
    "resnet50_v2": application("ResNet50V2"),
    "convnext_tiny": application("ConvNeXtTiny", include_preprocessing=False),
    "efficientnet_v2_b0": application("EfficientNetV2B0", include_preprocessing=False),
    "vgg19": application("VGG19", size=32),
    "lenet5": paper(lenet5, image(2, 28, 28, 1)),
    "alexnet": paper(alexnet, image(2, 63, 63, 3)),
    "squeezenet": paper(squeezenet, image(1, 64, 64, 3)),
    "wavenet": paper(wavenet, ints(2, 20, high=32, name="samples")),
    "mlp_mixer": paper(mlp_mixer, image(2, 64, 64, 3)),
    "gmlp": paper(gmlp, ints(2, 12, high=50, name="tokens")),
    "transformer": paper(transformer, ints(2, 7, high=40, name="source"), ints(2, 5, high=40, name="target")),
    "bilstm_tagger": paper(bilstm_tagger, ints(3, 8, high=6, name="words")),
    "pointnet": paper(pointnet, image(2, 50, 3, name="points")),
    "neumf": paper(neumf, ints(9, high=30, name="user"), ints(9, high=40, name="item")),
    "deeplab": paper(deeplab, image(1, 48, 64, 3)),
    "conv_autoencoder": paper(conv_autoencoder, image(2, 32, 32, 1)),
}
NAMES = list(NETWORKS)


# ---- building, in the order of construction

class Ordered:
    """Numbers the layers that are constructed while it is entered."""

    def __enter__(self):
        self.original, self.count = L.Layer.__init__, itertools.count()

        def init(layer, *args, **kwargs):
            object.__setattr__(layer, "_constructed", next(self.count))
            self.original(layer, *args, **kwargs)
        L.Layer.__init__ = init
        return self

    def __exit__(self, *_):
        L.Layer.__init__ = self.original


def variables_of(model):
    layers = sorted({id(s): s for s in model._flatten_layers()}.values(), key=lambda s: s._constructed)
    return [v for s in layers for v in s._trainable_variables + s._non_trainable_variables]


def build(network, dtype):
    common.fresh(dtype)
    with Ordered():
        inputs = [keras.Input(batch_shape=s["shape"], dtype=dtype if s["dtype"] == "float32" else s["dtype"])
                  for s in network["inputs"]]
        model = keras.Model(inputs, network["build"](*inputs))
    return model


def manifest(name, network):
    mdlc = os.environ.get("MDLC", os.path.join(TOP, "build-test", "bin", "mdlc"))
    source = os.path.join(TOP, "tests", "architectures", name + ".mdl")
    text = subprocess.run([mdlc, "manifest", source, *network["defines"], "--format", "json"], check=True, capture_output=True)
    return json.loads(text.stdout)["variables"]


def evaluate(network, dtype, rows, arrays):
    model = build(network, dtype)
    variables = variables_of(model)
    assert len(variables) == len(rows), f"{len(variables)} variables in Keras, {len(rows)} in the manifest"
    for v, row in zip(variables, rows):
        theirs, ours = (list(v.shape), v.trainable), (row["shape"], row["trainable"])
        assert theirs == ours, f"{v.path} is {theirs}, {row['path']} is {ours}"
        v.assign(hash_weights.variable(0, row["path"], row["shape"], row["dtype"]))
    result = model([a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays])
    return np.asarray(ops.convert_to_numpy(result[0] if isinstance(result, list) else result))


def write(name):
    start, network = time.time(), NETWORKS[name]
    rows = manifest(name, network)
    arrays = [hash_weights.make_input(s) for s in network["inputs"]]
    reference = evaluate(network, "float64", rows, arrays)
    single = evaluate(network, "float32", rows, arrays)
    stride = max(1, -(-reference.size // SAMPLE)) | 1
    kept = reference.reshape(-1)[::stride]
    common.check_reference(name, kept)
    own = common.rounded(common.error(single.reshape(-1)[::stride], kept))
    golden = {
        "versions": common.versions(), "defines": network["defines"], "inputs": network["inputs"],
        "parameters": sum(hash_weights.math.prod(r["shape"]) for r in rows),
        "variables": [f"{r['dtype']}{r['shape']}" + ("" if r["trainable"] else " non-trainable") for r in rows],
        "shape": list(reference.shape), "stride": stride, "float32_error": own,
        "bound": max(common.BOUND, common.rounded(2 * own)), "output": [float(np.float32(v)) for v in kept],
    }
    common.dump(golden, os.path.join(TOP, "tests", "architectures", name + ".json"))
    print(f"architectures/{name}: {len(rows)} variables, {golden['parameters']:,} parameters, output {golden['shape']}, "
          f"float32 is off by {own:.1e}, {time.time() - start:.0f} s", flush=True)
