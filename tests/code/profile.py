"""profile.py MDLC - `mdlc build --profile`: the tree that the program prints is the model's, its times add up, no value
changes, and without the option the code has nothing of it."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

MODEL = """layer Block(units: int) {
    up   = Dense(units)
    down = Dense(units)
    call(x: [..., units]) { return x + down(tanh(up(x))) }
}

model Net {
    first  = Block(8)
    rnn    = GRU(8, return_sequences=true)
    blocks = [Block(8) for i in range(5)]
    call(x: float32[batch, 6, 8]) {
        x = rnn(first(x))
        for block in blocks { x = block(x) }
        return x
    }
}
"""


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def build(mdlc, folder, name, *options):
    made = run(mdlc, "build", f"{folder}/net.mdl", "-o", f"{folder}/{name}", *options)
    assert made.returncode == 0, made.stderr
    return f"{folder}/{name}"


def test_tree(folder, exe, _plain):
    steps = json.loads(run(exe, "profile", "--seconds", "0.02", "--dim", "batch=3", "--json").stdout)["steps"]
    paths = {step["path"] for step in steps}
    assert {"first.up", "first.down", "rnn.cell"} <= paths, paths
    assert steps[0]["parent"] == -1
    assert all(0 <= s["parent"] < i for i, s in enumerate(steps) if i > 0), "a child before its parent"
    assert abs(sum(s["self_ns"] for s in steps) - steps[0]["ns"]) < 1e-3 * steps[0]["ns"], "times do not add up"
    calls = steps[0]["times"]
    assert all(s["times"] % calls == 0 for s in steps), "a step that not every call takes"
    walked = [s for s in steps if s["times"] == 3 * calls or s["times"] == 5 * calls]
    assert walked, "the blocks in the list are not walked through in a loop"
    assert any(s["times"] == 6 * calls for s in steps), "the six steps of the recurrent layer are not there"
    assert {s["place"] for s in steps if s["path"] == ""} >= {"net.mdl"}, "the call has no place"


def test_work(folder, exe, _plain):
    report = json.loads(run(exe, "profile", "--seconds", "0.02", "--dim", "batch=3", "--json").stdout)
    up = [s for s in report["steps"] if s["path"] == "first.up"]
    assert sum(s["flops"] for s in up) == 2 * 3 * 6 * 8 * 8, up
    assert report["peak_flops"] > 1e8, report["peak_flops"]


def test_bench(folder, exe, plain):
    """`bench` of such a program tells of its layers, each once and without what lies in it, and of others it does not."""
    report = json.loads(run(exe, "bench", "--seconds", "0.02", "--dim", "batch=3", "--json").stdout)["profile"]
    layers = {layer["path"]: layer for layer in report["layers"]}
    assert len(layers) == len(report["layers"]) and {"", "first", "first.up", "rnn.cell"} <= set(layers), layers.keys()
    assert abs(sum(layer["share"] for layer in report["layers"]) - 1) < 1e-3, "shares do not add up"
    assert layers["first.up"]["flops"] == 2 * 3 * 6 * 8 * 8 and layers["first"]["flops"] == 0
    assert abs(layers["first.up"]["gflops"] - layers["first.up"]["flops"] / layers["first.up"]["ns"]) < 1e-2 * layers["first.up"]["gflops"]
    text = run(exe, "bench", "--seconds", "0.01").stdout
    assert "the peak is" in text and "  rnn\n" in text, text
    assert "profile" not in json.loads(run(plain, "bench", "--seconds", "0.01", "--json").stdout)


def test_text(folder, exe, _plain):
    text = run(exe, "profile", "--seconds", "0.01").stdout
    assert " GFLOP/s " in text and "the peak is" in text, text
    assert text.startswith("Net  batch=1") and " 100.0 % " in text and "lines of the source" in text, text


def test_values(folder, exe, plain):
    outputs = []
    for program, name in ((exe, "a"), (plain, "b")):
        done = run(program, "run", "--random-inputs", "--dim", "batch=2", "--output", f"output={folder}/{name}.npy")
        assert done.returncode == 0, done.stderr
        outputs.append(Path(f"{folder}/{name}.npy").read_bytes())
    assert outputs[0] == outputs[1], "values differ"


def test_plain(folder, _exe, plain):
    refused = run(plain, "profile")
    assert refused.returncode == 2 and "mdlc build net.mdl --profile" in refused.stderr, refused.stderr
    assert run(sys.argv[1], "build", f"{folder}/net.mdl", "--emit", "c", "-o", f"{folder}/c").returncode == 0
    assert "MDL_STEP" not in Path(f"{folder}/c/net.c").read_text(encoding="utf-8"), "the code reads the clock unasked"


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        Path(f"{folder}/net.mdl").write_text(MODEL, encoding="utf-8")
        exe, plain = build(sys.argv[1], folder, "timed", "--profile"), build(sys.argv[1], folder, "plain")
        for test in (test_tree, test_work, test_bench, test_text, test_values, test_plain):
            try:
                test(folder, exe, plain)
                passed += 1
            except (AssertionError, ValueError) as error:
                print(f"{test.__name__}: {error}")
                failed += 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
