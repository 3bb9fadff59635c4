#!/usr/bin/env python3
"""seeds.py [FOLDER]: writes the seeds of the targets pickle, gguf, archive and h5_pipe, each a way through its reader: what is accepted,
and every kind of fault. FOLDER is where `tools/fuzz` takes them from, tests/fuzz/corpus, unless told."""
import io
import os
import struct
import sys
import zipfile

FOLDER = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def seed(target, name, content):
    os.makedirs(os.path.join(FOLDER, target), exist_ok=True)
    with open(os.path.join(FOLDER, target, name), "wb") as f:
        f.write(content)


# ---- pickles, an instruction after the other

def text(s):
    return b"X" + struct.pack("<I", len(s)) + s.encode()


def name(module, word):
    return b"c" + module.encode() + b"\n" + word.encode() + b"\n"


def integer(n):
    return b"J" + struct.pack("<i", n)


def storage(kind="FloatStorage", key="0", count=4, word="storage"):
    return b"(" + text(word) + name("torch", kind) + text(key) + text("cpu") + integer(count) + b"tQ"


def tensor(of, offset=0, shape=(4,), stride=(1,)):
    sizes = lambda s: b"(" + b"".join(map(integer, s)) + b"t"
    return (name("torch._utils", "_rebuild_tensor_v2") + b"(" + of + integer(offset) + sizes(shape) + sizes(stride) + b"\x89" +
            name("collections", "OrderedDict") + b")RtR")


def whole(value):
    return b"\x80\x02" + value + b"."


def mapping(*pairs):
    return b"}(" + b"".join(k + v for k, v in pairs) + b"u"


PLAIN = whole(mapping((text("w"), tensor(storage()))))
STRIDED = whole(mapping((text("w"), tensor(storage(), 0, (2, 2), (1, 2))), (text("v"), tensor(storage(), 3, (), ()))))
DEEP = text("w")
for _ in range(18):
    DEEP = mapping((text("d"), DEEP if DEEP[:1] == b"}" else tensor(storage())))
PICKLES = {
    "plain": PLAIN, "strided": STRIDED, "alone": whole(tensor(storage())), "empty_tensor": whole(tensor(storage(), 0, (0, 3), (3, 1))),
    "parameter": whole(mapping((text("w"), name("torch._utils", "_rebuild_parameter") + tensor(storage()) + b"\x88)\x87R"))),
    "no_parameter": whole(name("torch._utils", "_rebuild_parameter") + b")R"),
    "every_value": whole(b"]" + b"N" + b"\x88" + b"\x89" + b"K\x01M\x01\x02" + integer(-1) + b"\x8a\x02\xff\xff\x8a\x00" +
                         b"G" + bytes(8) + b"\x85\x86\x87" + text("é") + b"\x85a"),
    "items": whole(b"](K\x01K\x02e"), "set_item": whole(b"}" + text("a") + b"K\x01s"),
    "remembered": whole(b"}q\x00h\x00r\x05\x00\x00\x00j\x05\x00\x00\x00" + b"b"), "append": whole(b"]K\x01a"),
    "built": whole(name("collections", "OrderedDict") + b")R}b"), "build_list": whole(b"]}b"), "nested": whole(DEEP),
    "not_remembered": whole(b"h\x07"), "absurd_place": whole(b"}r\xff\xff\xff\xff"), "long_integer": whole(b"\x8a\x09" + bytes(9)),
    "module": whole(name("os", "system") + text("true") + b"\x85R"), "unknown": whole(b"\x01"), "letter": whole(b"Z"),
    "protocol": b"\x80\x04N.", "left_over": whole(b"NN"), "behind": whole(b"N") + b"N", "cut": PLAIN[:40], "no_end": b"\x80\x02cos",
    "no_value": whole(b"a"), "no_mark": whole(b"u"), "odd": whole(b"}(K\x01u"), "into_tuple": whole(b")K\x01a"), "no_name": whole(b"))R"),
    "called_list": whole(b"])R"), "dict_of": whole(name("collections", "OrderedDict") + b"N\x85R"), "no_storage": whole(b"NQ"),
    "other_word": whole(storage(word="module")), "key": whole(storage(key="../0")), "negative": whole(storage(count=-1)),
    "no_count": whole(b"(" + text("storage") + name("torch", "FloatStorage") + text("0") + b"tQ"), "no_id": whole(b"Q"),
    "arguments": whole(name("torch._utils", "_rebuild_tensor_v2") + b")R"), "offset": whole(tensor(storage(), -1)),
    "beyond": whole(tensor(storage(), 1)), "beyond_stride": whole(tensor(storage(), 0, (2,), (9,))),
    "beyond_count": whole(tensor(storage(), 0, (4, 4), (0, 1))), "axes": whole(tensor(storage(), 0, (1,) * 20, (1,) * 20)),
    "negative_size": whole(tensor(storage(), 0, (-1,), (1,))), "huge_stride": whole(
        tensor(storage(), 0, (4,), (1,)).replace(integer(1) + b"t\x89", b"\x8a\x08" + b"\xff" * 7 + b"\x7ft\x89")),
}


# ---- archives: members packed by pack_zip.h, or real ones

def pack(*members):
    return b"".join(bytes([len(n)]) + n.encode() + struct.pack("<H", len(c)) + c for n, c in members)


def npy(descr, shape="(2,)", content=bytes(16), fortran=False, version=1):
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 16) + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) + header + content


def torch_archive(pickled, *more, order=b"little"):
    return pack(("x/data.pkl", pickled), ("x/data/0", bytes(16)), *((("x/byteorder", order),) if order else ()), *more)


def real_zip(method, *members, change=lambda b: b):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for n, content in members:
            z.writestr(zipfile.ZipInfo(n), content, method)
    return change(out.getvalue())


def patched(at, value):
    """Changes a field of the first entry of the directory."""
    def change(b):
        i = b.index(b"PK\x01\x02") + at
        return b[:i] + value + b[i + len(value):]
    return change


ARRAY = npy("<f4", content=bytes(8))
KINDS = ("<f4", "<f8", "<f2", "<V2", "|i1", "|u1", "<i2", "<i4", "<i8", "|b1", "<u2", "<u4", "<u8")
ARCHIVES = {
    "npz_all": pack(*((f"a{i}.npy", npy(k, content=bytes(2 * int(k[2:])))) for i, k in enumerate(KINDS))),
    "npz_big": pack(("a.npy", npy(">f4", content=bytes(8))), ("b.npy", npy("<f4", "(2, 2)", bytes(16), True)), ("c.npy", npy("<f4", "()", bytes(4)))),
    "npz_big_u2": pack(("a.npy", npy(">u2", content=bytes(4)))), "npz_fortran_u4": pack(("a.npy", npy("<u4", "(2, 2)", bytes(16), True))),
    "npz_complex": pack(("a.npy", npy("<c8", content=bytes(16)))), "npz_object": pack(("a.npy", npy("|O"))),
    "npz_text": pack(("a.npy", npy("<U3", content=bytes(24)))), "npz_version2": pack(("a.npy", npy("<f4", content=bytes(8), version=2))),
    "npz_other": pack(("a.txt", b"text")), "npz_no_header": pack(("a.npy", b"text")), "npz_short": pack(("a.npy", ARRAY[:40])),
    "npz_short_values": pack(("a.npy", ARRAY[:-4])), "npz_long_header": pack(("a.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\x7f")),
    "npz_twice": pack(("a.npy", ARRAY), ("a.npy", ARRAY)), "npz_out": pack(("../a.npy", ARRAY)), "npz_root": pack(("/a.npy", ARRAY)),
    "npz_out_within": pack(("b/../../a.npy", ARRAY)), "npz_no_name": pack(("", ARRAY)), "npz_backslash": pack(("b\\a.npy", ARRAY)), "none": b"",
    "torch_plain": torch_archive(PLAIN), "torch_strided": torch_archive(STRIDED), "torch_alone": torch_archive(whole(tensor(storage()))),
    "torch_empty": torch_archive(whole(tensor(storage(), 0, (0, 3), (3, 1)))), "torch_old_order": torch_archive(PLAIN, order=None),
    "torch_big": torch_archive(PLAIN, order=b"big"), "torch_big_6": torch_archive(PLAIN, order=b"middle"),
    "torch_none": torch_archive(whole(b"N")), "torch_bad": torch_archive(whole(b"a")), "torch_deep": torch_archive(whole(DEEP)),
    "torch_no_storage": pack(("x/data.pkl", PLAIN)), "torch_storage_size": pack(("x/data.pkl", PLAIN), ("x/data/0", bytes(15))),
    "torch_key": torch_archive(whole(mapping((b"N", tensor(storage()))))), "torch_number": torch_archive(whole(mapping((b"K\x01", tensor(storage()))))),
    "torch_nul": torch_archive(whole(mapping((text("a\0b"), tensor(storage()))))), "torch_others": torch_archive(
        whole(mapping((text("epoch"), b"K\x01"), (text("state"), mapping((text("w"), tensor(storage()))))))),
    "torch_two": torch_archive(whole(mapping((text("a"), tensor(storage())), (text("b"), tensor(storage(key="1"))))), ("x/data/1", bytes(16))),
    "torch_shared": torch_archive(whole(mapping((text("a"), tensor(storage())), (text("b"), tensor(storage()))))),
    "zip_deflated": real_zip(zipfile.ZIP_DEFLATED, ("a.npy", ARRAY)), "zip_bzip2": real_zip(zipfile.ZIP_BZIP2, ("a.npy", ARRAY)),
    "zip_stored": real_zip(zipfile.ZIP_STORED, ("x/data.pkl", PLAIN), ("x/data/0", bytes(16))), "zip_cut": real_zip(0, ("a.npy", ARRAY))[:90],
    "zip_checksum": real_zip(0, ("a.npy", ARRAY), change=lambda b: b.replace(ARRAY, ARRAY[:-1] + b"x")),
    "zip_storage_checksum": real_zip(0, ("x/data.pkl", PLAIN), ("x/data/0", b"0123456789abcdef"),
                                     change=lambda b: b.replace(b"0123456789abcdef", b"0123456789abcdeF")),
    "zip_encrypted": real_zip(0, ("a.npy", ARRAY), change=lambda b: patched(8, b"\1\0")(b[:6] + b"\1\0" + b[8:])),
    "zip_bad_deflate": real_zip(zipfile.ZIP_DEFLATED, ("a.npy", ARRAY), change=lambda b: b[:36] + b"\xff\xff\xff" + b[39:]),
    "zip_bomb": real_zip(zipfile.ZIP_DEFLATED, ("a.npy", ARRAY), change=lambda b: patched(24, b"\0\0\0\x7f")(b[:22] + b"\0\0\0\x7f" + b[26:])),
}


# ---- GGUF

def string(s):
    s = s if isinstance(s, bytes) else s.encode()
    return struct.pack("<Q", len(s)) + s


def pair(key, kind, value):
    return string(key) + struct.pack("<I", kind) + value


def described(key, shape, kind, offset):
    return string(key) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", n) for n in shape) + struct.pack("<IQ", kind, offset)


def gguf(pairs=(), tensors=(), data=b"", version=3, counts=None, alignment=32):
    n, m = counts or (len(tensors), len(pairs))
    head = b"GGUF" + struct.pack("<IQQ", version, n, m) + b"".join(pairs) + b"".join(tensors)
    return head + bytes(-len(head) % alignment) + data


ONE = (described("w", (4,), 0, 0),)
SIZES = (1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8)
GGUFS = {
    "one": gguf((), ONE, bytes(16)), "version2": gguf((), ONE, bytes(32), 2), "no_tensor": gguf(),
    "values": gguf([pair(f"k{i}", i, b"\1" * n) for i, n in enumerate(SIZES) if n] + [pair("s", 8, string("text")), pair("l", 8, string("x" * 500)),
                                                                                      pair("z", 8, string("a\0b"))]),
    "arrays": gguf([pair("a", 9, struct.pack("<IQ", 8, 2) + string("a") + string("b")), pair("b", 9, struct.pack("<IQ", 4, 2) + bytes(8))]),
    "array_nested": gguf([pair("a", 9, struct.pack("<IQ", 9, 1))]), "array_long": gguf([pair("a", 9, struct.pack("<IQ", 4, 1 << 62))]),
    "array_text_cut": gguf([pair("a", 9, struct.pack("<IQ", 8, 5) + string("a"))]), "array_cut": gguf([pair("a", 9, b"\4")])[:40],
    "alignment": gguf([pair("general.alignment", 4, struct.pack("<I", 64))], ONE, bytes(16), alignment=64),
    "alignment_odd": gguf([pair("general.alignment", 4, struct.pack("<I", 24))]), "value_type": gguf([pair("a", 13, b"")]),
    "key_empty": gguf([pair("", 4, bytes(4))]), "key_long": gguf([struct.pack("<Q", 1 << 40)]), "large_text": gguf([pair("k" * 9000, 4, bytes(4))]),
    "cut": gguf((), ONE, bytes(16))[:30], "big": b"GGUF\0\0\0\3" + bytes(16), "version1": gguf(version=1), "many": gguf(counts=(1 << 40, 0)),
    "magic": b"GGML" + bytes(20), "two": gguf((), (described("a", (4,), 0, 0), described("b", (2, 2), 1, 32)), bytes(40)),
    "quantised": gguf((), (described("q", (32, 2), 8, 0),), bytes(68)), "blocks": gguf((), (described("q", (31,), 8, 0),), bytes(68)),
    "axes": gguf((), (described("w", (1,) * 5, 0, 0),), bytes(4)), "negative": gguf((), (described("w", (1 << 63,), 0, 0),), bytes(4)),
    "type": gguf((), (described("w", (4,), 99, 0),), bytes(16)), "overflow": gguf((), (described("w", (1 << 40, 1 << 40), 0, 0),), bytes(16)),
    "offset": gguf((), (described("w", (4,), 0, 32),), bytes(64)), "larger": gguf((), (described("w", (1 << 20,), 0, 0),), bytes(16)),
    "ends_early": gguf((), ONE, bytes(12)), "longer": gguf((), ONE, bytes(99)), "scalar": gguf((), (described("w", (), 0, 0),), bytes(4)),
    "empty": gguf((), (described("w", (0, 4), 0, 0),), b""), "twice": gguf((), (described("w", (), 0, 0), described("w", (), 0, 32)), bytes(36)),
}


# ---- what the HDF5 helper says

def message(tag, content=b"", size=None):
    return tag + struct.pack("<I", len(content) if size is None else size) + content


def dataset(path, shape=(2,), dtype=0, rank=None):
    return message(b"d", bytes([dtype, len(shape) if rank is None else rank]) + b"".join(struct.pack("<Q", n) for n in shape) + path.encode())


LISTED = message(b"l")
SPOKEN = {
    "natural": b"".join(dataset(f"vars/{i}") for i in ("10", "2", "a", "02", "1/b", "1/a", "1")) + LISTED + message(b"v", bytes(8)),
    "named": message(b"n", b"layers/dense\0dense_5") + dataset("layers/dense/vars/0") + LISTED + message(b"v", bytes(8)),
    "orders": message(b"o", b"\0b\0a\0") + message(b"o", b"a\0a/w:0\0a/b:0\0") + message(b"o", b"model_weights\0a\0b\0") +
              dataset("a/a/b:0") + dataset("a/a/w:0") + dataset("b/c") + dataset("model_weights/a/x") + dataset("other") + LISTED +
              message(b"v", bytes(8)) * 5,
    "pieces": dataset("w", (4,)) + LISTED + message(b"v", bytes(8)) * 2, "too_much": dataset("w") + LISTED + message(b"v", bytes(9)),
    "nothing": dataset("w") + LISTED + message(b"v"), "other_answer": dataset("w") + LISTED + LISTED, "gone": dataset("w") + LISTED,
    "unknown": message(b"?"), "long": message(b"d", b"", 1 << 30), "long_cut": message(b"d", b"abc", 5000), "large": message(b"x", b"a" * 9000),
    "dtype": dataset("w", dtype=99), "axes": dataset("w", rank=200), "no_path": dataset(""), "size": dataset("w", (1 << 63,)), "short": message(b"d", b"\0"),
    "text": message(b"n", b"a"), "twice": dataset("w") + dataset("w") + LISTED, "overflow": dataset("w", (1 << 40, 1 << 40)) + LISTED,
    "fault": message(b"x", b"bad\x01\x7f"), "only_head": b"d\1\0", "empty": LISTED, "scalar": dataset("w", ()) + LISTED + message(b"v", bytes(4)),
}

for target, group in (("pickle", PICKLES), ("gguf", GGUFS), ("archive", ARCHIVES), ("h5_pipe", SPOKEN)):
    for word, content in group.items():
        seed(target, word, content)
