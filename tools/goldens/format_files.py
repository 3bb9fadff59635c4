"""Usage: python tools/goldens/format_files.py tests/weights/formats

The same tensors in each format, as its own library writes them: NumPy, safetensors, gguf, h5py; and, run by a Python that has it, PyTorch.
values.npz holds what must be read; bfloat16 stands there as the uint16 of its bits, under a name that begins with `bf16`.
"""
import os
import sys

import numpy as np

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
path = lambda name: os.path.join(folder, name)


def tensors():
    r = np.random.RandomState(0)  # the same numbers in every version
    out = {k: r.standard_normal((3, 4)).astype(k) for k in ("float32", "float64", "float16")}
    for k in "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64":
        info = np.iinfo(k)
        out[k] = np.array([info.min, 0, 1, info.max], k)
    out["bool"] = np.array([[True, False], [False, True]])
    out["scalar"] = np.array(3.5, "float32")
    out["empty"] = np.zeros((0, 3), "float32")
    out["special"] = np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45, 3.4e38], "float32")
    return out


def bits(x):
    """The upper half of a float32: bfloat16, for numbers that it holds."""
    return (x.astype("float32").view("uint32") >> 16).astype("uint16")


def write_numpy(t):
    np.savez(path("numpy.npz"), **t)
    np.savez_compressed(path("deflated.npz"), **t)
    np.save(path("float32.npy"), t["float32"])
    np.save(path("fortran.npy"), np.asfortranarray(t["float32"]))
    np.save(path("big.npy"), t["float32"].astype(">f4"))


def write_torch(t):
    import torch
    kinds = ("float32", "float64", "float16", "int8", "int16", "int32", "int64", "uint8", "bool", "scalar", "empty", "special")
    made = {k: torch.from_numpy(t[k].copy()) for k in kinds}
    made["bf16"] = torch.tensor([1.0, -2.5, 0.0], dtype=torch.bfloat16)
    made["transposed"] = torch.from_numpy(t["float32"].T.copy()).T  # the same values, with strides
    made["part"] = torch.arange(24, dtype=torch.float32).reshape(4, 6)[1:3, ::2]
    torch.save(made, path("torch.pt"))
    net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    torch.save({"epoch": 3, "loss": 0.5, "names": ["a", None, True], "state_dict": net.state_dict()}, path("checkpoint.bin"))
    torch.save(net, path("refused_module.pt"))
    torch.save(made, path("refused_old.pt"), _use_new_zipfile_serialization=False)


def write_encoder():
    """PyTorch's transformer, and what it computes; every weight differs from all others."""
    import torch
    r = np.random.RandomState(1)
    net = torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(8, 2, 12, batch_first=True), 2, torch.nn.LayerNorm(8)).eval()
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.from_numpy(r.uniform(-0.6, 0.6, tuple(p.shape)).astype("float32")))
        x = r.standard_normal((2, 5, 8)).astype("float32")
        torch.save(net.state_dict(), path("encoder.pt"))
        np.savez(path("encoder.npz"), x=x, y=net(torch.from_numpy(x)).numpy())


def write_gguf(gguf, t, name, quantised):
    w = gguf.GGUFWriter(path(name), "llama")
    w.add_uint32("some.count", 7)
    w.add_array("some.texts", ["a", "bb"])
    for k in "float32", "float64", "float16", "int8", "int16", "int32", "int64", "special":
        w.add_tensor(k, t[k])
    w.add_tensor("bf16", bits(np.array([1.0, -2.5, 0.0])), raw_dtype=gguf.GGMLQuantizationType.BF16)
    if quantised:
        w.add_tensor("quantised", gguf.quants.quantize(np.ones((2, 64), "float32"), gguf.GGMLQuantizationType.Q8_0),
                     raw_dtype=gguf.GGMLQuantizationType.Q8_0)
    w.write_header_to_file(), w.write_kv_data_to_file(), w.write_tensors_to_file(), w.close()


def write_others(t):
    import gguf
    import h5py
    import safetensors.numpy
    safetensors.numpy.save_file({k: np.ascontiguousarray(v) for k, v in t.items() if k != "scalar"}, path("safetensors.safetensors"),
                                metadata={"who": "tests"})
    write_gguf(gguf, t, "gguf.gguf", True)
    write_gguf(gguf, t, "floats.gguf", False)
    with h5py.File(path("h5py.h5"), "w") as f:
        for k, v in t.items():
            f[f"group/{k}"] = v
        f.create_dataset("packed", data=np.arange(1000, dtype="int32").reshape(10, 100), chunks=(3, 7), compression="gzip", shuffle=True)
    write_hostile(h5py)


def write_hostile(h5py):
    """What a weight file has no business to hold."""
    def file(name, fill):
        with h5py.File(path(f"refused_{name}.h5"), "w") as f:
            f["data"] = np.zeros(3, "float32")
            fill(f)
    file("soft_link", lambda f: f.__setitem__("link", h5py.SoftLink("/data")))
    file("external_link", lambda f: f.__setitem__("link", h5py.ExternalLink("/etc/passwd", "/x")))
    file("hard_link", lambda f: f.__setitem__("link", f["data"]))
    file("external_storage", lambda f: f.create_dataset("far", (9,), "u1", external=[("/etc/passwd", 0, 9)]))
    whole, timeless = h5py.h5s.create_simple((3,)), h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    timeless.set_obj_track_times(False)  # what create_virtual_dataset does not offer
    timeless.set_virtual(whole, b"other.h5", b"data", whole)
    file("virtual", lambda f: h5py.h5d.create(f.id, b"far", h5py.h5t.IEEE_F32LE, whole, timeless))
    file("text", lambda f: f.__setitem__("words", "hello"))
    file("filter", lambda f: f.create_dataset("packed", data=np.zeros((9,)), chunks=(9,), compression="lzf"))
    file("bomb", lambda f: f.create_dataset("huge", (1 << 40,), "float32", chunks=(1 << 20,), compression="gzip"))


t = tensors()
try:
    write_torch(t)
    write_encoder()
except ImportError:
    write_numpy(t)
    write_others(t)
    np.savez(path("values.npz"), **t, bf16=bits(np.array([1.0, -2.5, 0.0])), transposed=t["float32"],
             part=np.arange(24, dtype="float32").reshape(4, 6)[1:3, ::2], packed=np.arange(1000, dtype="int32").reshape(10, 100),
             fortran=t["float32"], big=t["float32"])
