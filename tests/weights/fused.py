#!/usr/bin/env python3
"""Query, key and value in one tensor here and in three there: `map` finds which part is which, and the values arrive.

PyTorch's transformer (formats/encoder.pt) computes in MDL what PyTorch computed, converted and by a mapping file that the program reads;
GPT-2's c_attn is divided and put together again; and what is not sure is not done.

    fused.py [--mdlc MDLC]
"""
import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
FILES, TWINS = os.path.join(HERE, "formats"), os.path.join(HERE, "twins")
passed = failed = 0


def check(what, good, more=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAILED {what}\n{more}")


def run(*args, status=0):
    done = subprocess.run(args, capture_output=True, text=True, timeout=120, cwd=work)
    check(" ".join(args[1:]), done.returncode == status, f"ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def torch_encoder():
    """One layer after the other in PyTorch's naming; both ways end in its results."""
    model = [os.path.join(TWINS, "encoder.mdl"), "-D", "depth=2", "-D", "dim=8", "-D", "heads=2", "-D", "hidden=12"]
    file, want = os.path.join(FILES, "encoder.pt"), np.load(os.path.join(FILES, "encoder.npz"))
    np.save(os.path.join(work, "x.npy"), want["x"])
    run(mdlc, "build", *model, "-o", "net", "--cflags", "-O0")
    run(mdlc, "weights", "verify", model[0], file, *model[1:])
    run(mdlc, "weights", "convert", file, "ours.safetensors", "--for", *model)
    run(mdlc, "weights", "convert", file, "theirs.safetensors")
    run(mdlc, "weights", "map", model[0], file, *model[1:], "-o", "map")
    for weights in (["ours.safetensors"], ["theirs.safetensors", "--map", "map"]):
        run("./net", "run", "-w", *weights, "--input", "x.npy", "--output", "y.npy")
        got = np.load(os.path.join(work, "y.npy"))
        error = np.max(np.abs(got - want["y"])) / np.max(np.abs(want["y"]))
        check(f"what PyTorch computes, by {weights}", error < 1e-5, f"differs by {error}")


def gpt2():
    """Divided into three and joined again: the same bytes, and in between those that belong to each."""
    size = ["-D", "depth=2", "-D", "dim=12", "-D", "vocabulary=11", "-D", "context=7"]
    fused, apart = os.path.join(HERE, "..", "..", "examples", "gpt2", "gpt2.mdl"), os.path.join(TWINS, "gpt2_apart.mdl")
    run(mdlc, "build", fused, *size, "-D", "heads=3", "-o", "gpt2", "--cflags", "-O0")
    run("./gpt2", "init", "--seed", "3", "-o", "first.safetensors")
    # To Hugging Face's names: kernels as they are, in Conv1D.
    names = {"wte.embeddings": "wte.weight", "wpe.embeddings": "wpe.weight", "ln_f.gamma": "ln_f.weight", "ln_f.beta": "ln_f.bias"}
    for i in range(2):
        for ours, theirs in (("ln1.gamma", "ln_1.weight"), ("ln1.beta", "ln_1.bias"), ("ln2.gamma", "ln_2.weight"), ("ln2.beta", "ln_2.bias"),
                             *((f"{a}.{p}", f"{b}.{q}") for a, b in (("attn.qkv", "attn.c_attn"), ("attn.out", "attn.c_proj"),
                                                                     ("up", "mlp.c_fc"), ("down", "mlp.c_proj"))
                               for p, q in (("kernel", "weight"), ("bias", "bias")))):
            names[f"blocks.{i}.{ours}"] = f"h.{i}.{theirs}"
    run(mdlc, "weights", "convert", "first.safetensors", "first.npz")
    with np.load(os.path.join(work, "first.npz")) as first:
        r = np.random.RandomState(2)
        right = {names[k]: v + r.uniform(-1, 1, v.shape).astype("float32") for k, v in first.items()}  # biases differ, too
    np.savez(os.path.join(work, "hub.npz"), **right)
    run(mdlc, "weights", "convert", "hub.npz", "apart.npz", "--for", apart, *size)
    with np.load(os.path.join(work, "apart.npz")) as got:
        for i in range(2):
            for k, part in enumerate(("query", "key", "value")):
                for ours, theirs in (("kernel", "weight"), ("bias", "bias")):
                    want = right[f"h.{i}.attn.c_attn.{theirs}"][..., 12 * k:12 * (k + 1)]
                    check(f"{part}.{ours} of block {i}", np.array_equal(got[f"blocks.{i}.attn.{part}.{ours}"], want))
    run(mdlc, "weights", "map", fused, "apart.npz", *size, "-D", "heads=3", "-o", "joined.map")
    run(mdlc, "weights", "convert", "apart.npz", "again.npz", "--for", fused, *size, "-D", "heads=3", "--map", "joined.map")
    run(mdlc, "weights", "convert", "hub.npz", "straight.npz", "--for", fused, *size, "-D", "heads=3")
    run(mdlc, "weights", "diff", "straight.npz", "again.npz")
    # The same names on linear layers, and names under which others keep head by head: told, and not done.
    turned = {k: v.T if k.endswith("weight") and v.ndim == 2 and "wte" not in k and "wpe" not in k else v for k, v in right.items()}
    np.savez(os.path.join(work, "linear.npz"), **turned)
    text = run(mdlc, "weights", "map", apart, "linear.npz", *size, status=1)
    check("linear layers are not sure", "\n#? blocks.0.attn.key.kernel = h.0.attn.c_attn.weight[12:24].T    # 80 %: " in text, text)
    np.savez(os.path.join(work, "heads.npz"), **{k.replace("c_attn", "query_key_value"): v for k, v in turned.items()})
    text = run(mdlc, "weights", "map", apart, "heads.npz", *size, status=1)
    check("head by head is not touched", "query_key_value.weight[" not in text and "#? blocks.0.attn.key.kernel = ?" in text, text)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--mdlc", default=os.path.join(HERE, "..", "..", "build", "bin", "mdlc"))
mdlc = os.path.abspath(parser.parse_args().mdlc)
with tempfile.TemporaryDirectory() as work:
    torch_encoder()
    gpt2()
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
