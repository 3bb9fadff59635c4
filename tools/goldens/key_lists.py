"""Usage: python3 tools/goldens/key_lists.py tests/weights/keys

What libraries call their weights: a line for each, name and shape, as state_dict() and `model.weights` give them. Nothing is
downloaded: the models are made without values. Runs what it finds installed of PyTorch (with transformers, torchvision, timm), of
Keras (with tf_keras) and of Flax, and leaves the other lists as they are. Two libraries are no packages: MDL_NANOGPT names a checkout
of karpathy/nanoGPT (3adf61e1, run with PyTorch 1.13, whose lists hold the masks of attention too), MDL_FLAX one of google/flax (18f8f311).
"""
import os
import sys

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3")


def write(name, rows):
    with open(os.path.join(sys.argv[1], name + ".txt"), "w", encoding="utf-8", newline="\n") as f:
        f.writelines(f"{key} {','.join(map(str, shape)) or '-'}\n" for key, shape in rows)
    print(name)


def made_in(folder, module):
    """A module of a checkout."""
    sys.path.insert(0, folder)
    return __import__(module)


def nanogpt_list():
    import torch
    if "MDL_NANOGPT" not in os.environ:
        raise ImportError("MDL_NANOGPT is not set")
    model = made_in(os.environ["MDL_NANOGPT"], "model")
    net = model.GPT(model.GPTConfig(vocab_size=50257))
    write("nanogpt", [(k, list(v.shape)) for k, v in net.state_dict().items()])


def flax_list():
    import jax
    import jax.numpy as jnp
    if "MDL_FLAX" not in os.environ:
        raise ImportError("MDL_FLAX is not set")
    models = made_in(os.path.join(os.environ["MDL_FLAX"], "examples", "imagenet"), "models")
    net = models.ResNet50(num_classes=1000)
    made = jax.eval_shape(net.init, jax.random.key(0), jnp.zeros((1, 224, 224, 3)))
    leaves = jax.tree_util.tree_flatten_with_path(made)[0]
    write("flax_resnet50", [(".".join(k.key for k in path), list(v.shape)) for path, v in leaves])


def encoder_list():
    """PyTorch's own transformer, which has one tensor for query, key and value."""
    import torch
    net = torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(512, 8), 6, torch.nn.LayerNorm(512))
    write("torch_encoder", [(k, list(v.shape)) for k, v in net.state_dict().items()])


def torch_lists():
    import torch
    import transformers as hf

    register = torch.nn.Module.register_parameter

    def without_values(module, name, parameter):
        register(module, name, parameter)
        if parameter is not None:
            module._parameters[name] = torch.nn.Parameter(parameter.to("meta"), requires_grad=parameter.requires_grad)
    torch.nn.Module.register_parameter = without_values
    rows = lambda m: [(k, list(v.shape)) for k, v in m.state_dict().items()]
    write("hf_gpt2", rows(hf.GPT2LMHeadModel(hf.GPT2Config())))
    write("hf_bert", rows(hf.BertModel(hf.BertConfig())))
    write("hf_vit", rows(hf.ViTForImageClassification(hf.ViTConfig(num_labels=1000))))
    write("hf_llama", rows(hf.LlamaForCausalLM(hf.LlamaConfig())))
    write("hf_distilbert", rows(hf.DistilBertModel(hf.DistilBertConfig())))
    write("hf_roberta", rows(hf.RobertaModel(hf.RobertaConfig(vocab_size=30522, max_position_embeddings=512))))
    write("hf_gpt_neox", rows(hf.GPTNeoXForCausalLM(hf.GPTNeoXConfig(hidden_size=768, num_hidden_layers=12,
                              num_attention_heads=12, intermediate_size=3072, vocab_size=50257))))
    import torchvision
    write("torchvision_resnet50", rows(torchvision.models.resnet50()))
    write("torchvision_vit", rows(torchvision.models.vit_b_16()))
    import timm
    write("timm_vit", rows(timm.create_model("vit_base_patch16_224")))


def keras_lists():
    import keras
    write("keras_resnet50", [(v.path, list(v.shape)) for v in keras.applications.ResNet50(weights=None).weights])
    import tf_keras
    write("tf_keras_resnet50", [(v.name, list(v.shape)) for v in tf_keras.applications.ResNet50(weights=None).weights])


os.makedirs(sys.argv[1], exist_ok=True)
for make in encoder_list, torch_lists, keras_lists, nanogpt_list, flax_list:
    try:
        make()
    except ImportError as missing:
        print(f"left out: {missing}")
