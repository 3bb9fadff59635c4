"""The models of the bench: where their .mdl file is, and what they are given."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Model:
    name: str
    net: str                        # the function in nets.py
    file: str
    inputs: dict                    # name: shape without the batch of a float input, or (shape, end) of integers below `end`
    outputs: tuple = ("output",)
    quick: bool = False             # in the short slice
    define: bool = False            # the batch is a parameter: it sizes states

    @property
    def path(self):
        return ROOT / self.file

    def arrays(self, batch):
        """Inputs as the compiled program takes them."""
        random, arrays = np.random.default_rng(7), {}
        for name, shape in self.inputs.items():
            if isinstance(shape, int):
                arrays[name] = np.array(shape, np.int32)
            elif isinstance(shape, np.dtype):
                arrays[name] = np.ones((batch, 128), shape)
            elif isinstance(shape[-1], range):
                arrays[name] = random.integers(0, shape[-1].stop, (batch, *shape[:-1])).astype(np.int32)
            else:
                arrays[name] = random.uniform(-1, 1, (batch, *shape)).astype(np.float32)
        return arrays

    def feed(self, batch, weights):
        """Inputs as the peers take them: images channels first, sequences time first, the cache as it is in the states."""
        feed = {name: a for name, a in self.arrays(batch).items() if name not in ("mask", "position")}
        feed = {name: np.ascontiguousarray(a.transpose(0, 3, 1, 2) if a.ndim == 4 else a.transpose(1, 0, 2) if a.ndim == 3 else a)
                for name, a in feed.items()}
        for name in weights.entries:
            if name.endswith((".attn.keys", ".attn.values")):
                feed[name.replace(".attn", "")] = np.ascontiguousarray(weights[name][:, :, :128])
        return feed

    @staticmethod
    def as_peers(output):
        return output.transpose(0, 3, 1, 2) if output.ndim == 4 else output


IMAGE = {"images": (224, 224, 3)}
MODELS = [
    Model("tiny MLP 20-64-10", "tiny", "tools/peers/tiny.mdl", {"x": (20,)}, quick=True),
    Model("MLP 784-512-512-10", "mlp512", "tools/peers/mlp.mdl", {"x": (784,)}, quick=True),
    Model("LeNet", "lenet", "tests/architectures/lenet5.mdl", {"images": (28, 28, 1)}, quick=True),
    Model("LSTM 128x64", "lstm", "tools/peers/lstm.mdl", {"x": (128, 64)}, quick=True),
    Model("autoencoder", "autoencoder", "tests/architectures/conv_autoencoder.mdl", {"images": (32, 32, 1)}, quick=True),
    Model("ResNet-50", "resnet50", "examples/resnet50/resnet50.mdl", IMAGE),
    Model("MobileNetV2", "mobilenetv2", "examples/mobilenetv2/mobilenetv2.mdl", IMAGE),
    Model("EfficientNet-B0", "efficientnet_b0", "tools/peers/efficientnet_b0.mdl", IMAGE),
    Model("U-Net 128x128", "unet", "examples/unet/unet.mdl", {"images": (128, 128, 1)}),
    Model("BERT-base T=128", "bert", "examples/bert/bert.mdl",
          {"tokens": (128, range(30522)), "segments": (128, range(2)), "mask": np.dtype(bool)}, ("hidden", "pooled")),
    Model("GPT-2 prompt 128", "gpt2", "examples/gpt2/gpt2.mdl", {"tokens": (128, range(50257))}),
    Model("GPT-2 token", "gpt2_step", "tools/peers/gpt2_step.mdl", {"tokens": (1, range(50257)), "position": 128}, define=True),
    Model("ViT-B/16", "vit", "examples/vit/vit.mdl", IMAGE),
]
