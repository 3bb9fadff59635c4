"""packed.py MDLC - files of `pack`: a program uses the prepared values that are in one, and only those that it would compute itself."""

import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

# Prepared are a product with a constant table, and a product of weights that a loop finishes.
MODEL = """model Net {
    dense = Dense(16)
    factor = 1.5
    weight a: [8, 16] = random_uniform(minval=-1, maxval=1)
    weight b: [16, 16] = random_uniform(minval=-1, maxval=1)
    call(x: float32[batch, 8]) {
        table = array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.5]])
        return dense(x @ (a * table) + x @ (tanh(a @ b) * factor))
    }
}
"""


def run(*command, status=0):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status, (command, done.returncode, done.stderr)
    return done.stdout + done.stderr


class Net:
    """A program of the model, or of one that differs in a text."""

    def __init__(self, mdlc, folder, name, old="", new="", options=()):
        self.path, self.folder = f"{folder}/{name}", folder
        assert old in MODEL
        Path(f"{self.path}.mdl").write_text(MODEL.replace(old, new) if old else MODEL, encoding="utf-8")
        run(mdlc, "build", f"{self.path}.mdl", "-o", self.path, *options)

    def output(self, weights, *options):
        run(self.path, "run", "-w", f"{self.folder}/{weights}", "--random-inputs", "--dim", "batch=3", "--output", f"{self.path}.npy", *options)
        return Path(f"{self.path}.npy").read_bytes()


def test_used(net):
    assert net.output("plain") == net.output("packed") == net.output("packed", "--no-mmap"), "packed weights give another result"
    damaged = bytearray(Path(f"{net.folder}/packed").read_bytes())
    header = struct.unpack("<Q", damaged[:8])[0]
    begin, end = json.loads(damaged[8:8 + header])["mdl.prepared"]["data_offsets"]
    damaged[8 + header + begin:8 + header + end] = bytes(end - begin)
    Path(f"{net.folder}/zeros").write_bytes(damaged)
    assert net.output("zeros") != net.output("plain"), "what is prepared in the file is not used"
    assert net.output("zeros", "--no-mmap") != net.output("plain"), "what is prepared in the file is not used when it is read"


def test_moved(net, mdlc):
    moved = Net(mdlc, net.folder, "moved", "model Net {", "# another line\nmodel Net {")
    assert moved.output("zeros") == net.output("zeros"), "a program of the same model in another place does not use what is prepared"


def test_others(net, mdlc):
    for name, old, new in (("table", "8.5", "8.25"), ("loop", "1.5", "1.25"), ("function", "tanh", "sin")):
        other = Net(mdlc, net.folder, name, old, new)
        assert other.output("plain") != net.output("plain"), f"{name}: the change changes nothing"
        assert other.output("packed") == other.output("plain"), f"{name}: values that another program prepared are used"


def test_plain(net, mdlc):
    plain = Net(mdlc, net.folder, "unprepared", options=("--passes-off", "prepare"))
    plain.output("packed")
    refused = run(plain.path, "pack", f"{net.folder}/plain", f"{net.folder}/none", status=2)
    assert "nothing to pack" in refused, refused
    report = run(mdlc, "build", f"{plain.path}.mdl", "--emit", "c", "-o", f"{net.folder}/c", "--report", "--passes-off", "prepare")
    assert "matmul " in report and "packed" not in report and "prepared" not in report, report
    report = run(mdlc, "build", f"{plain.path}.mdl", "--emit", "c", "-o", f"{net.folder}/c", "--report")
    assert "matmul_packed" in report and "prepared" in report, report


def main():
    passed = failed = 0
    mdlc = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        net = Net(mdlc, folder, "net")
        run(net.path, "init", "-o", f"{folder}/plain")
        run(net.path, "pack", f"{folder}/plain", f"{folder}/packed")
        for test in (lambda: test_used(net), lambda: test_moved(net, mdlc), lambda: test_others(net, mdlc), lambda: test_plain(net, mdlc)):
            try:
                test()
                passed += 1
            except AssertionError as e:
                failed += 1
                print(f"FAILED {e}")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
