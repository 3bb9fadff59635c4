"""run.py MDLC - the bench of the peers, without the peers.

Every network must use all variables of its .mdl file and no others, in their shapes; its nodes must use only what was made
before. One small network is written as an ONNX file, read again with a reader of protocol buffers of our own, and computed
from what the file says: it gives what the compiled program gives.
"""

import csv
import io
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "peers"))
sys.dont_write_bytecode = True

import nets  # noqa: E402
from models import MODELS  # noqa: E402
from count_net import CountNet  # noqa: E402
from onnx_net import OnnxNet, field, varint  # noqa: E402
from weights import Weights, enliven  # noqa: E402


class Shapes(dict):
    """Weights that have a shape and take no memory; remembers which were asked for."""

    def __init__(self, rows):
        super().__init__({row["path"]: json.loads(row["shape"]) for row in rows})
        self.used = set()

    def __getitem__(self, name):
        self.used.add(name)
        return np.broadcast_to(np.float32(0), self.get(name))

    def shape(self, name):
        return self.get(name)


def fields(data):
    """The fields of a message: number and value, an integer or bytes."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            byte, at = data[at], at + 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
    while at < len(data):
        key = number()
        if key & 7 == 0:
            yield key >> 3, number()
        else:
            size = 4 if key & 7 == 5 else number()
            yield key >> 3, data[at:at + size]
            at += size
    assert at == len(data), "a message ends inside of a field"


def all_of(data, wanted):
    return [value for key, value in fields(data) if key == wanted]


def node(data):
    attributes = [dict(fields(a)) for a in all_of(data, 5)]
    return {"kind": all_of(data, 4)[0].decode(), "inputs": [i.decode() for i in all_of(data, 1)],
            "outputs": [o.decode() for o in all_of(data, 2)], "attributes": {a[1].decode(): a for a in attributes}}


def check_order(net, what):
    """Every input of a node is an input of the graph, a constant, or the result of a node before."""
    known = set(net.constants) | {all_of(i, 1)[0].decode() for i in net.inputs}
    for data in net.nodes:
        n = node(data)
        missing = [name for name in n["inputs"] if name and name not in known]
        assert not missing, f"{what}: {n['kind']} uses {missing}, which nothing gives"
        known.update(n["outputs"])
    assert net.outputs, f"{what} has no output"


def test_network(mdlc, model):
    command = [mdlc, "manifest", model.path, "--format", "csv"]
    manifest = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    shapes = Shapes(csv.DictReader(io.StringIO(manifest)))
    net = OnnxNet(shapes)
    getattr(nets, model.net)(net)
    check_order(net, model.net)
    states = {name for name in shapes if name.endswith((".attn.keys", ".attn.values"))}
    assert shapes.used == set(shapes) - states, f"{model.net} leaves out {sorted(set(shapes) - states - shapes.used)[:5]}"
    check_count(model.net, shapes)


# Millions of multiply-adds that the papers state: MobileNetV2's table 4, EfficientNet's table 2, ResNet's table 1 (FLOPs there are
# multiply-adds).
STATED = {"mobilenetv2": 300, "efficientnet_b0": 390, "resnet50": 3800}


def check_count(net, shapes):
    """Shapes fit to the end, a batch of two costs twice, and the counts are those that are known."""
    one, two = CountNet(shapes, 1), CountNet(shapes, 2)
    getattr(nets, net)(one)
    getattr(nets, net)(two)
    assert two.count == 2 * one.count, f"{net}: two cost {two.count}, one costs {one.count}"
    stated = 1e6 * STATED.get(net, one.count / 1e6)
    assert abs(one.count / stated - 1) < 0.02, f"{net}: {one.count} multiply-adds, the paper says {stated:.0f}"


def read_tensor(data):
    """A float tensor of the file, by name."""
    assert all_of(data, 2) == [1], "a constant is not float32"
    array = np.frombuffer(all_of(data, 9)[0], np.float32)
    return all_of(data, 8)[0].decode(), array.reshape(all_of(data, 1))


def compute(graph, values):
    values = {**values, **dict(read_tensor(t) for t in all_of(graph, 5))}
    rules = {"Gemm": lambda x, w, b: x @ w + b, "Relu": lambda x: np.maximum(x, 0), "Identity": lambda x: x}
    for data in all_of(graph, 1):
        n = node(data)
        values[n["outputs"][0]] = rules[n["kind"]](*(values[name] for name in n["inputs"]))
    return values


def test_file(mdlc, folder):
    """What the file says computes what the program computes."""
    model = next(m for m in MODELS if m.net == "tiny")
    exe, file = f"{folder}/tiny", f"{folder}/tiny.safetensors"
    subprocess.run([mdlc, "build", model.path, "-o", exe], check=True)
    subprocess.run([exe, "init", "-o", file], check=True, stdout=subprocess.DEVNULL)
    enliven(file)
    net = OnnxNet(Weights(file))
    nets.tiny(net)
    net.write(f"{folder}/tiny.onnx")
    x = model.arrays(3)["x"]
    np.save(f"{folder}/x.npy", x)
    subprocess.run([exe, "run", "-w", file, "--input", f"x={folder}/x.npy", "--output", f"output={folder}/y.npy"], check=True,
                   stdout=subprocess.DEVNULL)
    whole = Path(f"{folder}/tiny.onnx").read_bytes()
    (graph,) = all_of(whole, 7)
    expected = compute(graph, {"x": x})["output"]
    assert np.abs(np.load(f"{folder}/y.npy") - expected).max() < 1e-5, "the file computes something else than the program"
    assert [o.decode() for opset in all_of(whole, 8) for o in all_of(opset, 1)] == ["", "com.microsoft"]


def test_kernels(mdlc, folder):
    """A row for each kernel of a group, and what they have in common."""
    command = [sys.executable, ROOT / "tools" / "bench-kernels", "1x1", "--no-onednn", "--pairs", "1", "--seconds", "0.001", "--mdlc", mdlc,
               "--json", f"{folder}/kernels.json"]
    table = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = json.loads(Path(f"{folder}/kernels.json").read_text(encoding="utf-8"))
    assert len(rows) >= 4 and table.count("| 1x1 |") == len(rows) and "1x1: " in table
    assert all(row["ns"] > 0 and 0 < row["share"] < 2 for row in rows), "a time or share is impossible"


def test_pieces(_mdlc, _folder):
    assert varint(300) == b"\xac\x02" and varint(-1) == b"\xff" * 9 + b"\x01"
    assert field(2, 0.5) == b"\x15" + struct.pack("<f", 0.5) and field(1, "ab") == b"\x0a\x02ab"


def main():
    mdlc = str(Path(sys.argv[1]).resolve())
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        tests = [(t.__name__, lambda t=t: t(mdlc, folder)) for t in (test_pieces, test_file, test_kernels)]
        tests += [(model.net, lambda model=model: test_network(mdlc, model)) for model in MODELS]
        for name, test in tests:
            try:
                test()
                passed += 1
            except (AssertionError, KeyError, ValueError, subprocess.CalledProcessError) as error:
                print(f"{name}: {error!r}")
                failed += 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
