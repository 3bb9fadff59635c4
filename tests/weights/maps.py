#!/usr/bin/env python3
"""`mdlc weights map` on what libraries call their weights: keys/*.txt, written by tools/goldens/key_lists.py.

For five libraries every variable must be sure and right, and for three where query, key and value are one on one side and three on the
other (twins/*.mdl); for the others whatever is sure must be right. Then names are changed at
random, in ways of which some keep their meaning and most do not: what is sure must still be right.

    maps.py [--mdlc MDLC] [--count N]        N random renamings, 60 unless told
"""
import argparse
import concurrent.futures
import json
import os
import random
import re
import string
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")
NORM, DENSE = {"gamma": "weight", "beta": "bias"}, {"kernel": "weight.T", "bias": "bias"}
CONV = {"kernel": "weight.permute(2, 3, 1, 0)", "bias": "bias"}
BN = {**NORM, "moving_mean": "running_mean", "moving_variance": "running_var"}


def rules(*lines):
    """What is right: (path, name) with stars; `{...}` gives the parts of a layer their names."""
    out = []
    for path, name, *parts in lines:
        for part, other in (parts[0] if parts else {"": ""}).items():
            out.append((f"{path}.{part}" if part else path, f"{name}.{other}" if other else name))
    return out


def bert(prefix="", embeddings="embeddings.", layer="encoder.layer.*."):
    return rules(("words.embeddings", embeddings + "word_embeddings.weight"), ("positions.embeddings", embeddings + "position_embeddings.weight"),
                 ("segment_types.embeddings", embeddings + "token_type_embeddings.weight"), ("norm", embeddings + "LayerNorm", NORM),
                 *((f"blocks.*.attention.{q}", f"{layer}attention.self.{q}", DENSE) for q in ("query", "key", "value")),
                 ("blocks.*.attention.out", layer + "attention.output.dense", DENSE),
                 ("blocks.*.attention_norm", layer + "attention.output.LayerNorm", NORM), ("blocks.*.up", layer + "intermediate.dense", DENSE),
                 ("blocks.*.down", layer + "output.dense", DENSE), ("blocks.*.output_norm", layer + "output.LayerNorm", NORM),
                 ("pooler", "pooler.dense", DENSE))


GPT2 = rules(("wte.embeddings", "transformer.wte.weight"), ("wpe.embeddings", "transformer.wpe.weight"),
             ("blocks.*.ln1", "transformer.h.*.ln_1", NORM), ("blocks.*.ln2", "transformer.h.*.ln_2", NORM), ("ln_f", "transformer.ln_f", NORM),
             *((a, "transformer.h.*." + b, {"kernel": "weight", "bias": "bias"}) for a, b in (
                 ("blocks.*.attn.qkv", "attn.c_attn"), ("blocks.*.attn.out", "attn.c_proj"), ("blocks.*.up", "mlp.c_fc"),
                 ("blocks.*.down", "mlp.c_proj"))))
# The same names as GPT-2's, but of linear layers, whose weights are transposed; square ones can't be told from the others by shape.
NANOGPT = rules(("wte.embeddings", "transformer.wte.weight"), ("wpe.embeddings", "transformer.wpe.weight"),
                ("blocks.*.ln1", "transformer.h.*.ln_1", NORM), ("blocks.*.ln2", "transformer.h.*.ln_2", NORM), ("ln_f", "transformer.ln_f", NORM),
                *((a, "transformer.h.*." + b, DENSE) for a, b in (("blocks.*.attn.qkv", "attn.c_attn"), ("blocks.*.attn.out", "attn.c_proj"),
                                                                  ("blocks.*.up", "mlp.c_fc"), ("blocks.*.down", "mlp.c_proj"))))
HEADS = ".reshape(12, 64)"
VIT = rules(("class_token", "vit.embeddings.cls_token"), ("positions", "vit.embeddings.position_embeddings"),
            ("patches", "vit.embeddings.patch_embeddings.projection", CONV),
            *((f"blocks.*.attention.{q}", f"vit.encoder.layer.*.attention.attention.{q}",
               {"kernel": "weight.T.reshape(768, 12, 64)", "bias": "bias" + HEADS}) for q in ("query", "key", "value")),
            ("blocks.*.attention.attention_output", "vit.encoder.layer.*.attention.output.dense",
             {"kernel": "weight.T.reshape(12, 64, 768)", "bias": "bias"}),
            ("blocks.*.norm1", "vit.encoder.layer.*.layernorm_before", NORM), ("blocks.*.norm2", "vit.encoder.layer.*.layernorm_after", NORM),
            ("blocks.*.up", "vit.encoder.layer.*.intermediate.dense", DENSE), ("blocks.*.down", "vit.encoder.layer.*.output.dense", DENSE),
            ("norm", "vit.layernorm", NORM), ("head", "classifier", DENSE))
def apart(path, name, heads="", weight="weight", bias="bias", turn=".T"):
    """Query, key and value, each a third of one tensor."""
    out = []
    for k, part in enumerate(("query", "key", "value")):
        rows = f"{768 * k}:{768 * (k + 1)}"
        out += [(f"{path}.{part}.kernel", f"{name}{weight}[{rows if turn else ':, ' + rows}]{turn}" + (heads and ".reshape(768, 12, 64)")),
                (f"{path}.{part}.bias", f"{name}{bias}[{rows}]" + heads)]
    return out


TORCHVISION_VIT = apart("blocks.*.attention", "encoder.layers.encoder_layer_*.self_attention.in_proj_", HEADS) + rules(("class_token", "class_token"), ("positions", "encoder.pos_embedding"), ("patches", "conv_proj", CONV),
                        ("blocks.*.norm1", "encoder.layers.encoder_layer_*.ln_1", NORM), ("blocks.*.norm2", "encoder.layers.encoder_layer_*.ln_2", NORM),
                        ("blocks.*.up", "encoder.layers.encoder_layer_*.mlp.0", DENSE), ("blocks.*.down", "encoder.layers.encoder_layer_*.mlp.3", DENSE),
                        ("blocks.*.attention.attention_output", "encoder.layers.encoder_layer_*.self_attention.out_proj",
                         {"kernel": "weight.T.reshape(12, 64, 768)", "bias": "bias"}),
                        ("norm", "encoder.ln", NORM), ("head", "heads.head", DENSE))
TIMM_VIT = apart("blocks.*.attention", "blocks.*.attn.qkv.", HEADS) + rules(("class_token", "cls_token"), ("positions", "pos_embed"), ("patches", "patch_embed.proj", CONV),
                 ("blocks.*.norm1", "blocks.*.norm1", NORM), ("blocks.*.norm2", "blocks.*.norm2", NORM),
                 ("blocks.*.up", "blocks.*.mlp.fc1", DENSE), ("blocks.*.down", "blocks.*.mlp.fc2", DENSE),
                 ("blocks.*.attention.attention_output", "blocks.*.attn.proj", {"kernel": "weight.T.reshape(12, 64, 768)", "bias": "bias"}),
                 ("norm", "norm", NORM), ("head", "head", DENSE))
ENCODER = rules(("norm", "norm", NORM), ("layers.*.norm1", "layers.*.norm1", NORM), ("layers.*.norm2", "layers.*.norm2", NORM),
                ("layers.*.up", "layers.*.linear1", DENSE), ("layers.*.down", "layers.*.linear2", DENSE),
                ("layers.*.self_attn.attention_output", "layers.*.self_attn.out_proj", {"kernel": "weight.T.reshape(8, 64, 512)", "bias": "bias"}))
ENCODER += [(path, name.replace("768, 12", "512, 8").replace("12, 64", "8, 64").replace("1536:2304", "1024:1536").replace("768:1536", "512:1024")
             .replace("0:768", "0:512")) for path, name in apart("layers.*.self_attn", "layers.*.self_attn.in_proj_", HEADS)]
GPT2_APART = [row for row in GPT2 if "qkv" not in row[0]] + apart("blocks.*.attn", "transformer.h.*.attn.c_attn.", turn="")
NANOGPT_APART = [row for row in NANOGPT if "qkv" not in row[0]]
BERT_FUSED = [row for row in bert() if not any(f".{q}." in row[0] for q in ("query", "key", "value"))]
BERT_FUSED = [("blocks.*.attention.qkv.kernel", "concat(" + ", ".join(f"encoder.layer.*.attention.self.{q}.weight.T" for q in ("query", "key", "value")) +
               ", axis=1)"),
              ("blocks.*.attention.qkv.bias", "concat(" + ", ".join(f"encoder.layer.*.attention.self.{q}.bias" for q in ("query", "key", "value")) +
               ", axis=0)"), *BERT_FUSED]
LLAMA = rules(("embed.embeddings", "model.embed_tokens.weight"), ("head.kernel", "lm_head.weight.T"), ("norm.scale", "model.norm.weight"),
              ("blocks.*.attention_norm.scale", "model.layers.*.input_layernorm.weight"),
              ("blocks.*.feed_forward_norm.scale", "model.layers.*.post_attention_layernorm.weight"),
              *((f"blocks.*.attention.{a}.kernel", f"model.layers.*.self_attn.{b}_proj.weight.T") for a, b in
                (("query", "q"), ("key", "k"), ("value", "v"), ("out", "o"))),
              *((f"blocks.*.feed_forward.{a}.kernel", f"model.layers.*.mlp.{a}_proj.weight.T") for a in ("gate", "up", "down")))


def resnet(stem, stem_norm, block, conv, norm, shortcut, shortcut_norm, head, convs, norms, dense, first=1):
    out = rules(("stem_conv", stem, convs), ("stem_norm", stem_norm, norms), ("head", head, dense))
    for s in range(4):
        for b in range((3, 4, 6, 3)[s]):
            here, there = f"stages.{s}.blocks.{b}.", block.format(s=s + first, b=b + (first > 1))
            for k in (1, 2, 3):
                out += rules((f"{here}conv{k}", there + conv.format(k=k), convs), (f"{here}norm{k}", there + norm.format(k=k), norms))
            if b == 0:
                out += rules((here + "shortcut_conv", there + shortcut, convs), (here + "shortcut_norm", there + shortcut_norm, norms))
    return out


LEFT = {"kernel": CONV["kernel"]}
TORCHVISION_RESNET = resnet("conv1", "bn1", "layer{s}.{b}.", "conv{k}", "bn{k}", "downsample.0", "downsample.1", "fc", LEFT, BN, DENSE)
same = lambda *names: {n: n for n in names}
KERAS_RESNET = [(path, name[::-1].replace(".", "/", 1)[::-1]) for path, name in resnet(
    "conv1_conv", "conv1_bn", "conv{s}_block{b}_", "{k}_conv", "{k}_bn", "0_conv", "0_bn", "predictions", same("kernel", "bias"),
    same("gamma", "beta", "moving_mean", "moving_variance"), same("kernel", "bias"), first=2)]

def flax_resnet():
    """Blocks are counted throughout, and parameters and states stand apart."""
    def norm(path, name):
        return [*((f"{path}.{a}", f"params.{name}.{b}") for a, b in (("gamma", "scale"), ("beta", "bias"))),
                *((f"{path}.moving_{a}", f"batch_stats.{name}.{b}") for a, b in (("mean", "mean"), ("variance", "var")))]
    out = [("stem_conv.kernel", "params.conv_init.kernel"), *norm("stem_norm", "bn_init"),
           ("head.kernel", "params.Dense_0.kernel"), ("head.bias", "params.Dense_0.bias")]
    blocks = [(s, b) for s in range(4) for b in range((3, 4, 6, 3)[s])]
    for i, (s, b) in enumerate(blocks):
        here, there = f"stages.{s}.blocks.{b}.", f"BottleneckResNetBlock_{i}."
        for k in (1, 2, 3):
            out += [(f"{here}conv{k}.kernel", f"params.{there}Conv_{k - 1}.kernel"), *norm(f"{here}norm{k}", f"{there}BatchNorm_{k - 1}")]
        out += [(here + "shortcut_conv.kernel", f"params.{there}conv_proj.kernel"), *norm(here + "shortcut_norm", there + "norm_proj")]
    return out


# list: (example, what is right, whether all must be sure)
LISTS = {
    "hf_gpt2": ("gpt2", GPT2, True), "hf_bert": ("bert", bert(), True), "hf_vit": ("vit", VIT, True), "hf_llama": ("llama", LLAMA, True),
    "torchvision_resnet50": ("resnet50", TORCHVISION_RESNET, True),
    "torch_encoder": ("encoder", ENCODER, True), "hf_gpt2 apart": ("gpt2_apart", GPT2_APART, True), "hf_bert fused": ("bert_fused", BERT_FUSED, True),
    "nanogpt apart": ("gpt2_apart", NANOGPT_APART, False),
    "torchvision_vit": ("vit", TORCHVISION_VIT, False), "timm_vit": ("vit", TIMM_VIT, False), "hf_roberta": ("bert", bert(), False),
    "hf_distilbert": ("bert", rules(("words.embeddings", "embeddings.word_embeddings.weight"),
                                    ("positions.embeddings", "embeddings.position_embeddings.weight"), ("norm", "embeddings.LayerNorm", NORM)), False),
    "hf_gpt_neox": ("gpt2", rules(("wte.embeddings", "gpt_neox.embed_in.weight"), ("ln_f", "gpt_neox.final_layer_norm", NORM),
                                  ("blocks.*.attn.out", "gpt_neox.layers.*.attention.dense", DENSE)), False),
    "nanogpt": ("gpt2", NANOGPT, False),
    "flax_resnet50": ("resnet50", flax_resnet(), False),
    "keras_resnet50": ("resnet50", KERAS_RESNET, False),
    "tf_keras_resnet50": ("resnet50", [(p, n + ":0") for p, n in KERAS_RESNET], False),
}


class Failed(Exception):
    pass


def read_keys(name):
    with open(os.path.join(HERE, "keys", name.split()[0] + ".txt"), encoding="utf-8") as f:
        rows = [line.rsplit(" ", 1) for line in f.read().splitlines()]
    return [(key, [int(s) for s in shape.split(",")] if shape != "-" else []) for key, shape in rows]


def write_file(path, rows):
    """A file of the size that it says, which is a hole."""
    header, at = {}, 0
    for name, shape in rows:
        size = 4
        for s in shape:
            size *= s
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text)
        f.truncate(8 + len(text) + at)


def fill(pattern, name):
    """What the stars of a pattern stand for in a name; None if it does not match."""
    found = re.fullmatch("(.+?)".join(map(re.escape, pattern.split("*"))), name)
    return found and found.groups()


def look_up(pairs, path):
    for pattern, other in sorted(pairs, key=lambda p: "*" in p[0]):
        stars = fill(pattern, path)
        if stars is not None:
            for star in stars if len(stars) > 1 else stars * other.count("*"):
                other = other.replace("*", star, 1)
            return other
    return None


def run_map(mdlc, example, file, *more):
    model = os.path.join(TOP, "examples", example, example + ".mdl")
    if not os.path.exists(model):
        model = os.path.join(HERE, "twins", example + ".mdl")
    done = subprocess.run([mdlc, "weights", "map", model, file, *more], capture_output=True, text=True, timeout=120)
    if done.returncode not in (0, 1):
        raise Failed(done.stderr)
    lines = [line for line in done.stdout.splitlines() if line and not line.startswith("#")]
    pairs = [tuple(line.split(" = ", 1)) for line in lines if not line.startswith("_ =")]
    listed = subprocess.run([mdlc, "manifest", model, *more, "--template", "{path}"], capture_output=True, text=True, timeout=60).stdout.split()
    return {path: look_up(pairs, path) for path in listed}, done.returncode


def check_list(mdlc, name, work):
    example, right, complete = LISTS[name]
    file = os.path.join(work, name + ".safetensors")
    write_file(file, read_keys(name))
    pairs, status = run_map(mdlc, example, file)
    wrong = [f"{path} = {got}" for path, got in pairs.items() if got not in (None, "_") and got != look_up(right, path)]
    wrong += [f"{path} = _" for path, got in pairs.items() if got == "_" and look_up(right, path)]
    unsure = [path for path, got in pairs.items() if got is None]
    if wrong:
        raise Failed(f"{len(wrong)} pairs are sure and wrong:\n  " + "\n  ".join(wrong[:8]))
    if complete and (unsure or status):
        raise Failed(f"{len(unsure)} variables are not sure: {unsure[:5]}")
    return f"{len(pairs) - len(unsure)} of {len(pairs)} sure"


# ---- random renamings

SMALL = {name: "depth=3" for name in ("hf_gpt2", "hf_bert", "hf_vit", "hf_llama", "torch_encoder", "hf_gpt2 apart", "hf_bert fused",
                                      "timm_vit", "torchvision_vit")}


def original(back, value):
    """The value of a rule with the names that the tensors had before."""
    joined = re.fullmatch(r"concat\((.*), axis=(\d)\)", value)
    if joined:
        return f"concat({', '.join(original(back, part) for part in joined[1].split(', '))}, axis={joined[2]})"
    tensor = max((v for v in back if value == v or value.startswith((v + ".", v + "["))), key=len)
    return back[tensor] + value[len(tensor):]



def word(r):
    return "".join(r.choice(string.ascii_lowercase) for _ in range(r.randint(1, 8)))


def rename(r, keys):
    """New names for all: words replaced throughout, prefixes, separators, other numbers, or names that say nothing."""
    words = sorted({w for k in keys for w in re.findall(r"[A-Za-z]+", k)})
    replaced = {w: word(r) for w in words if r.random() < r.choice((0.05, 0.3, 1.0))}
    prefix = r.choice(("", "", word(r) + ".", "model.", "0."))
    separator, shift = r.choice("../_"), r.choice((0, 0, 1, 7))
    dropped = {w for w in words if r.random() < r.choice((0, 0, 0.1))}
    out = {}
    for i, k in enumerate(keys):
        new = re.sub(r"[A-Za-z]+", lambda m: "" if m[0] in dropped else replaced.get(m[0], m[0]), k)
        new = re.sub(r"(?<=\.)\d+(?=\.)", lambda m: str(int(m[0]) + shift), new)
        new = re.sub(r"[._]{2,}", ".", prefix + new).strip("._").replace(".", separator)
        out[k] = new or word(r)
    if len(set(out.values())) < len(out):
        out = {k: f"{v}.{i}" for i, (k, v) in enumerate(out.items())}
    if r.random() < 0.1:
        out = {k: f"{word(r)}{i}" for i, k in enumerate(keys)}
    return out


def check_renaming(mdlc, seed, work):
    r = random.Random(seed)
    name = r.choice(sorted(SMALL))
    example, right, _ = LISTS[name]
    rows = [(k, s) for k, s in read_keys(name) if not (m := re.search(r"[._](\d+)\.", k)) or int(m[1]) < 3]
    new = rename(r, [k for k, _ in rows])
    back = {v: k for k, v in new.items()}
    order = [(new[k], s) for k, s in rows]
    if r.random() < 0.5:
        r.shuffle(order)
    file = os.path.join(work, f"{seed}.safetensors")
    write_file(file, order)
    pairs, _ = run_map(mdlc, example, file, "-D", SMALL[name])
    os.remove(file)
    for path, got in pairs.items():
        if got in (None, "_"):
            continue
        want = look_up(right, path)
        was = original(back, got)
        if was != want:
            raise Failed(f"seed {seed}: {path} = {got}, which was {was}; right is {want}")
    return sum(got is not None for got in pairs.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mdlc", default=os.path.join(TOP, "build", "bin", "mdlc"))
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    mdlc, failed, sure = os.path.abspath(args.mdlc), 0, 0
    with tempfile.TemporaryDirectory() as work, concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        def attempt(check, what):
            try:
                return check(mdlc, what, work)
            except (Failed, ValueError, subprocess.TimeoutExpired) as error:
                return error
        for name, result in zip(LISTS, pool.map(lambda n: attempt(check_list, n), LISTS)):
            if isinstance(result, Exception):
                failed += 1
                print(f"FAILED {name}: {result}")
            else:
                print(f"{name}: {result}")
        for result in pool.map(lambda s: attempt(check_renaming, s), range(args.count)):
            if isinstance(result, Exception):
                failed += 1
                print(f"FAILED {result}")
            else:
                sure += result
    print(f"{args.count} renamings, {sure} variables sure")
    print(f"{len(LISTS) + args.count - failed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
