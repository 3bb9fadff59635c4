"""What evidence.py tries: the values of every argument, and what every layer is called on. All texts are MDL and Python at once."""
from layer_cases import flags, ints, x

# ---- the values of an argument beside its default, by its name

REGULARIZERS = ['"l1"', '"l2"']
CONSTRAINTS = ['"non_neg"', '"max_norm"']
INITIALIZERS = ['"he_normal"', "random_normal(stddev=0.02)", '"ones"']
ACTIVATIONS = ['"relu"', '"tanh"', '"gelu"']

DOMAINS = {
    # of every layer
    "dtype": ['"float64"', '"float16"', '"bfloat16"', '"mixed_float16"', '"mixed_bfloat16"'],
    "name": ['"first_name"', '"other"'],
    "trainable": ["false"],
    # sizes
    "units": ["3", "5"], "filters": ["4", "8"], "input_dim": ["3", "7"], "output_dim": ["4", "5"], "n": ["2", "3"],
    "num_heads": ["2", "3"], "key_dim": ["4", "3"], "value_dim": ["5", "2"], "lora_rank": ["1", "2"], "lora_alpha": ["1.0", "3.0"],
    "head_dim": ["3", "4"], "num_query_heads": ["4", "2"], "num_key_value_heads": ["2", "1"],
    # convolution and pooling
    "kernel_size": ["3", "2"], "pool_size": ["2", "3"], "strides": ["2", "3"], "dilation_rate": ["2", "3"], "padding": ['"same"'],
    "data_format": ['"channels_first"', '"channels_last"'], "groups": ["2", "4"], "depth_multiplier": ["2", "3"],
    "output_padding": ["0", "1"], "keepdims": ["true"], "output_size": ["2", "3"],
    # what is added
    "activation": ACTIVATIONS, "recurrent_activation": ['"hard_sigmoid"', '"relu"'], "use_bias": ["false"],
    **{f"{w}_initializer": INITIALIZERS for w in "kernel bias recurrent embeddings depthwise pointwise beta gamma moving_mean "
       "moving_variance alpha".split()},
    **{f"{w}_regularizer": REGULARIZERS for w in "kernel bias recurrent embeddings depthwise pointwise beta gamma alpha activity".split()},
    **{f"{w}_constraint": CONSTRAINTS for w in "kernel bias recurrent embeddings depthwise pointwise beta gamma alpha".split()},
    # normalization
    "epsilon": ["0.1", "1e-05"], "momentum": ["0.8", "0.5"], "center": ["false"], "scale": ["false"], "axis": ["1", "-2"],
    "synchronized": ["true"],
    # recurrence
    "return_sequences": ["true"], "return_state": ["true"], "go_backwards": ["true"], "unroll": ["true"], "reset_after": ["false"],
    "unit_forget_bias": ["false"], "dropout": ["0.3", "0.5"], "recurrent_dropout": ["0.3", "0.5"], "seed": ["1", "7"],
    "use_cudnn": ["false", "true"], "zero_output_for_mask": ["true"], 
    # dropout and noise
    "rate": ["0.2", "0.5"], "noise_shape": ["(none, 1)", "(1, none)"], "stddev": ["0.2", "0.5"],
    # attention
    "use_scale": ["true", "false"], "score_mode": ['"concat"'], "use_gate": ["true"], "sliding_window": ["2", "3"],
    "output_shape": ["5", "(2, 3)"], "attention_axes": ["1", "(1,)"], "flash_attention": ["false"],
    # the rest
    "mask_zero": ["true"], "tie_weights": ["false"], "logit_soft_cap": ["0.5", "2.0"], "reverse_dtype": ['"float32"', '"float64"'],
    "size": ["3", "1"], "interpolation": ['"bilinear"', '"bicubic"', '"lanczos3"', '"lanczos5"'],
    "max_value": ["1.5", "6.0"], "negative_slope": ["0.2", "0.05"], "threshold": ["0.5", "1.0"], "alpha": ["0.3", "2.0"],
    "shared_axes": ["[1]", "[1, 2]"], "mask_value": ["1.0", "-0.5"], "offset": ["-1.0", "0.25"], "normalize": ["true"],
    "stateful": ["true"], "renorm": ["true"], "renorm_momentum": ["0.8", "0.5"],
    "renorm_clipping": ["dict(rmin=0.5, rmax=1.5, dmax=0.2)", "dict(rmax=2.0)"],
    "merge_mode": ['"sum"', '"mul"', '"ave"', "none"],
    "l1": ["0.1", "0.01"], "l2": ["0.1", "0.01"],
    # images; a range of one value makes what is drawn the same for all
    "factor": ["(0.3, 0.3)", "0.4"], "value_range": ["(0, 1)", "(0, 128)"], "height": ["4", "9"], "width": ["3", "8"],
    "fill_mode": ['"constant"', '"nearest"', '"wrap"'], "fill_value": ["1.0", "-0.5"],
    **{f"{w}_factor": ["(0.2, 0.2)", "0.4"] for w in "brightness contrast saturation hue height width x y addition threshold".split()},
}

# ---- by layer, where the name alone does not tell

PAIRS = {"kernel_size": ["3", "(2, 3)"], "pool_size": ["3", "(2, 3)"], "strides": ["2", "(1, 2)"], "dilation_rate": ["2", "(1, 2)"],
         "output_size": ["2", "(3, 2)"], "size": ["3", "(1, 2)"]}
TRIPLES = {"kernel_size": ["2", "(1, 2, 3)"], "pool_size": ["2", "(1, 2, 3)"], "strides": ["2", "(1, 2, 2)"],
           "dilation_rate": ["2", "(1, 2, 2)"], "output_size": ["2", "(3, 2, 1)"], "size": ["1", "(1, 2, 3)"]}
CELLS = ["LSTMCell(3)", "GRUCell(4)", "SimpleRNNCell(3)", "[LSTMCell(3), GRUCell(4)]"]

MOVES = {"interpolation": ['"nearest"']}

# A class's name, or the end of one: the longest that fits counts. None: the argument is left out there.
OVERRIDES = {
    "1D": {},
    "2D": PAIRS,
    "3D": TRIPLES,
    "Conv1D": {"padding": ['"same"', '"causal"']},
    "SeparableConv1D": {"padding": ['"same"', '"causal"']},
    "DepthwiseConv1D": {"padding": ['"same"']},
    "SeparableConv2D": PAIRS | {"strides": ["2", "3"], "dilation_rate": ["2", "(2, 1)"]},
    "DepthwiseConv2D": PAIRS | {"strides": ["2", "3"], "dilation_rate": ["2", "(2, 1)"]},
    "Conv1DTranspose": {}, "Conv2DTranspose": PAIRS, "Conv3DTranspose": TRIPLES,
    "Cropping1D": {"cropping": ["2", "(0, 3)"]}, "Cropping2D": {"cropping": ["1", "(1, 2)", "((0, 1), (2, 0))"]},
    "Cropping3D": {"cropping": ["2", "(0, 1, 2)", "((0, 1), (1, 0), (2, 1))"]},
    "ZeroPadding1D": {"padding": ["2", "(0, 3)"]}, "ZeroPadding2D": {"padding": ["2", "(1, 2)", "((0, 1), (2, 0))"]},
    "ZeroPadding3D": {"padding": ["2", "(0, 1, 2)", "((0, 1), (1, 0), (2, 1))"]},
    "Dense": {"activation": ACTIVATIONS + ['"softmax"']},
    "Activation": {"activation": [f'"{a}"' for a in "relu gelu elu selu silu mish softplus softsign softmax log_softmax tanh sigmoid "
                                  "hard_sigmoid hard_silu leaky_relu relu6 celu exponential glu".split()] + ["gelu", "relu"]},
    "EinsumDense": {"equation": ['"abc,cd->abd"', '"...x,xy->...y"', '"abc,bd->adc"'], "output_shape": ["(none, 4)", "4", "(4, none)"],
                    "bias_axes": ['"d"', '"y"']},
    "Embedding": {"weights": []},
    "LayerNormalization": {"axis": ["1", "[1, 2]"]}, "RMSNormalization": {"axis": ["1", "[1, 2]"]},
    "GroupNormalization": {"groups": ["2", "4", "1", "-1"], "axis": ["-2", "2"]},
    "UnitNormalization": {"axis": ["1", "[1, 2]"]}, "Softmax": {"axis": ["1", "[1, 2]"]},
    "Concatenate": {"axis": ["1", "-2"]}, "Dot": {"axes": ["2", "(2, 2)", "-1"]},
    "Rescaling": {"scale": ["0.5", "2.0"]}, "Reshape": {"target_shape": ["(6, 2)", "(-1, 3)", "[2, 2, 3]"]},
    "Permute": {"dims": ["(2, 1)", "[1, 2]", "(3, 1, 2)"]},
    "Bidirectional": {"layer": ["LSTM(3)", "GRU(3, return_sequences=true)", "SimpleRNN(3, return_state=true)"],
                      "backward_layer": ["LSTM(3, go_backwards=true)", "GRU(3, go_backwards=true, return_sequences=true)"],
                      "weights": []},
    "TimeDistributed": {"layer": ["Dense(3)", "LayerNormalization()", "Flatten()", "Conv1D(3, 2)", "LSTM(3)"]},
    "SpectralNormalization": {
        "layer": ["Dense(3)", "Dense(2, use_bias=false, kernel_initializer=\"ones\")", "Embedding(3, 4)", "Embedding(3, 5, mask_zero=true)",
                  "EinsumDense(\"...x,xy->...y\", output_shape=4, bias_axes=\"y\")", "Conv1D(4, 2)", "Conv1DTranspose(3, 2)",
                  "DepthwiseConv1D(2, depth_multiplier=2)", "Conv2D(3, 2, padding=\"same\")", "Conv2DTranspose(3, 2, strides=2)",
                  "DepthwiseConv2D(2)", "Conv3D(3, 2)", "Dense(3, dtype=\"mixed_float16\")", "Dense(3, trainable=false)"],
        "power_iterations": ["2", "3"]},
    "RNN": {"cell": CELLS},
    "StackedRNNCells": {"cells": ["[LSTMCell(3), GRUCell(4)]", "[SimpleRNNCell(3), SimpleRNNCell(4)]"]},
    "ConvLSTM1D": {}, "ConvLSTM2D": PAIRS | {"strides": ["2", "3"]}, "ConvLSTM3D": TRIPLES | {"strides": ["2", "3"]},
    "Resizing": {"height": ["4", "7"], "width": ["3", "9"], "interpolation": ['"nearest"', '"bicubic"', '"lanczos3"', '"lanczos5"'],
                 "crop_to_aspect_ratio": ["true"], "pad_to_aspect_ratio": ["true"], "fill_mode": [], "antialias": ["true"]},
    "UpSampling1D": {"size": ["3", "1"]},
    "Attention": {"use_scale": ["true"]}, "AdditiveAttention": {"use_scale": ["false"]},
    "CategoryEncoding": {"num_tokens": ["4", "6"], "output_mode": ['"one_hot"', '"count"'], "dtype": ['"float64"', '"int32"']},
    "Discretization": {"bin_boundaries": ["[-1.0, 0.0, 1.0]", "[0.5]"], "num_bins": [], "output_mode": ['"one_hot"', '"multi_hot"', '"count"'],
                       "dtype": ['"float64"', '"int64"']},
    "BatchNormalization": {}, "Normalization": {"axis": ["none", "1", "[1, 2]"], "mean": ["0.5", "[0.1, 0.2, -0.3, 0.4]"], "variance": ["2.0", "[1.0, 0.5, 2.0, 0.25]"],
                      "invert": ["true"]},
    "STFTSpectrogram": {"mode": [f'"{m}"' for m in "magnitude psd real imag stft".split()], "frame_length": ["64", "100"],
                        "frame_step": ["20", "32"], "fft_length": ["256", "512"], "window": ['"hamming"', "none"], "periodic": ["true"],
                        "scaling": ['"spectrum"', "none"], "expand_dims": ["true"], "padding": ['"same"'], "dtype": ['"float64"']},
    "MelSpectrogram": {"fft_length": ["128", "256"], "sequence_stride": ["32", "50"], "sequence_length": ["100", "128"],
                       "window": ['"hamming"', "none"], "sampling_rate": ["8000", "22050"], "num_mel_bins": ["8", "16"], "min_freq": ["0.0", "50.0"],
                       "max_freq": ["3000.0", "3500.0"], "power_to_db": ["false"], "top_db": ["40.0", "20.0"], "mag_exp": ["1.0", "1.5"],
                       "min_power": ["1e-05", "1e-08"], "ref_power": ["0.5", "2.0"], "dtype": ['"float64"']},
    "RandomErasing": {"factor": ["0.0", "0.5"], "scale": ["(0.1, 0.2)", "(0.3, 0.3)"]}, "RandomPerspective": MOVES | {"factor": ["0.0", "0.5"], "scale": ["0.5", "0.0"]},
    "RandomGaussianBlur": {"factor": ["0.0", "0.5"], "kernel_size": ["(3, 3)", "(3, 5)"], "sigma": ["(0.7, 0.7)", "2.0"]},
    "RandomElasticTransform": MOVES | {"factor": ["0.0", "0.5"], "scale": ["0.5", "0.0"]},
    "RandAugment": MOVES | {"num_ops": ["1", "3"], "factor": ["0.2", "0.0"]},
    "AugMix": MOVES | {"num_chains": ["1", "2"], "chain_depth": ["1", "2"], "factor": ["0.2", "0.0"], "alpha": ["0.5", "2.0"], "all_ops": ["false"]},
    "CutMix": {"factor": ["0.5", "0.0"]}, "MixUp": {"alpha": ["0.5", "0.3"]}, "RandomInvert": {"factor": ["0.0", "0.5"]},
    "RandomGrayscale": {"factor": ["0.0", "1.0"]}, "RandomPosterization": {"factor": ["3", "5"]}, "Solarization": {"addition_factor": ["(0.2, 0.2)", "0.4"], "threshold_factor": ["(0.5, 0.5)", "0.4"]},
    "RandomFlip": {"mode": ['"horizontal"', '"vertical"']}, "Equalization": {"bins": ["64", "16"]},
    "ContrastLimitedAdaptiveHistogramEqualization": {"clip_limit": ["2.0", "1.0"], "tile_grid_size": ["(2, 3)", "(4, 4)"]},
    "RandomRotation": MOVES, "RandomZoom": MOVES, "RandomShear": MOVES, "RandomTranslation": MOVES, 
    "GaussianDropout": {"rate": ["0.2", "0.5"]}, "AlphaDropout": {"noise_shape": ["(2, 1)", "(1, 8)"]},
    "Dropout": {"noise_shape": ["(none, 1)", "(1, none)"]},
}

# ---- all pairs of values of these occur, and of the forms below with each of them

CROSSED = ["form", "strides", "padding", "dilation_rate", "data_format", "groups", "dtype", "mask", "activation", "use_bias",
           "return_sequences", "return_state", "go_backwards", "unroll", "reset_after", "use_scale", "score_mode", "merge_mode",
           "layer", "cell", "axis", "center", "scale", "keepdims", "interpolation", "noise_shape", "zero_output_for_mask", "normalize",
           "stateful", "renorm"]

# ---- a larger bound, where the reference itself is less exact: by a part of the layer's text

LOOSER = {
    'interpolation="bicubic"': (2e-3, "TensorFlow takes the weights of bicubic interpolation from a table of 1024 places"),
    'interpolation="lanczos': (1e-6, "TensorFlow resizes in float32"),
    'interpolation="bilinear"': (1e-6, "TensorFlow resizes in float32"),
    "antialias=true": (1e-6, "TensorFlow resizes in float32"),
    "RandomTranslation(": (1e-6, "Keras makes the transform in float32"),
    "RandomRotation(": (1e-6, "Keras makes the transform in float32"),
    "RandomShear(": (1e-6, "Keras makes the transform in float32"),
    "RandomZoom(": (1e-6, "Keras makes the transform in float32"),
    'LeakyReLU(': (5e-8, "TensorFlow has negative_slope in float32"),
    'MelSpectrogram(': (1e-5, "Keras makes the weights of the Mel bands in float32"),
}

# ---- what Keras does and MDL refuses, and why: parts of a layer's text

NOT_TOGETHER = [
    (r"moving_variance_initializer=(?!\"ones\").*renorm=true", "the first deviations are roots of variances that are drawn, also negative ones"),
]

# ---- what is left out, and why

LEFT_OUT = {
    "quantization_config": "quantized layers hold other variables",
    "gptq_unpacked_column_size": "quantized layers hold other variables",
    "weights": "an array in the source; MDL takes weights from files",
    "flash_attention": "true needs a graphics card",
    "use_cudnn": "true needs a graphics card, in Keras",
    "sparse": "true gives a sparse tensor",
}


# ---- what a layer is called on: inputs, fields before it, and the call

def form(*inputs, call=None, **before):
    return {"inputs": list(inputs), "before": before, "call": call or f"unit({', '.join(i['name'] for i in inputs)})"}


MASKED = form(ints(2, 6, high=3), embed="Embedding(3, 4, mask_zero=true)", call="unit(embed(x))")


def over(*shapes, masked=False, low=-2, high=2):
    forms = [form(x(*s, low=low, high=high)) for s in shapes]
    return forms + [MASKED] if masked else forms


ANY = over((3, 8), (2, 3, 4), (2, 2, 3, 4), masked=True)
A, B, C = (x(2, 3, 4, name=n) for n in "abc")
MERGING = [
    form(A, B, call="unit([a, b])"), form(A, B, C, call="unit([a, b, c])"), form(A, x(2, 3, 1, name="b"), call="unit([a, b])"),
    form(x(2, 4, name="a"), x(2, 3, 4, name="b"), call="unit([a, b])"),
    form(ints(2, 6, high=3, name="a"), ints(2, 6, high=3, name="b"), embed="Embedding(3, 4, mask_zero=true)",
         call="unit([embed(a), embed(b)])"),
    form(ints(2, 6, high=3, name="a"), x(2, 6, 4, name="b"), embed="Embedding(3, 4, mask_zero=true)", call="unit([embed(a), b])"),
]
Q, V, K = x(2, 5, 6, name="q"), x(2, 7, 6, name="v"), x(2, 7, 6, name="k")
QM, VM = flags(2, 5, name="qm", lengths=[5, 3]), flags(2, 7, name="vm", lengths=[7, 4])
ATTENTION = [
    form(Q, V, call="unit([q, v])"), form(Q, V, K, call="unit([q, v, k])"),
    form(Q, V, QM, VM, call="unit([q, v], mask=[qm, vm])"), form(Q, call="unit([q, q], use_causal_mask=true)"),
    form(Q, V, call="unit([q, v], return_attention_scores=true)"),
]
HEADS = [
    form(Q, call="unit(q, q)"), form(Q, V), form(Q, V, x(2, 7, 4, name="k")), form(Q, call="unit(q, q, use_causal_mask=true)"),
    form(Q, V, QM, call="unit(q, v, query_mask=qm)"), form(Q, V, VM, call="unit(q, v, value_mask=vm)"),
    form(Q, V, VM, call="unit(q, v, key_mask=vm)"), form(Q, V, flags(2, 5, 7, name="am"), call="unit(q, v, attention_mask=am)"),
    form(Q, V, call="unit(q, v, return_attention_scores=true)"),
]


def recurrent(size, *states):
    """A recurrent layer of `size` input features; `states` that units=3 takes."""
    h = [x(2, 3, name=s) for s in states]
    given = ", ".join(states)
    return [
        form(x(2, 5, size)), form(x(3, 4, size)), form(x(2, 5, size), flags(2, 5, name="mask", lengths=[5, 3]), call="unit(x, mask=mask)"),
        form(x(3, 6, size), flags(3, 6, name="mask"), call="unit(x, mask=mask)"), MASKED,
    ] + ([form(x(2, 5, size), *h, call=f"unit(x, initial_state=[{given}])")] if states else [])


def cell(*states):
    return [form(x(2, 4), *[x(2, n, name=s) for s in states], call=f"unit(x, [{', '.join(states)}])") for n in (3, 5)]


IMAGES = """AugMix AutoContrast CenterCrop ContrastLimitedAdaptiveHistogramEqualization CutMix Equalization MixUp RandAugment RandomBrightness RandomColorDegeneration
RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective
RandomPosterization RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom Resizing Solarization""".split()


# A class's name, or the end of one: the longest that fits counts. Images are given with channels last; where an argument
# data_format says otherwise, they are transposed.
FORMS = {
    "Dense": over((3, 4), (2, 3, 4), (2, 2, 3, 4), masked=True),
    "EinsumDense": over((2, 3, 4), (1, 5, 4)),
    "Embedding": [form(ints(2, 5, high=3)), form(ints(6, high=3)), form(ints(2, 3, 2, high=3, dtype="int64"))],
    "ReversibleEmbedding": [form(ints(2, 5, high=3)), form(ints(2, 5, high=3), call="unit(unit(x), reverse=true)"),
                            form(ints(6, high=3, dtype="int64"))],
    "Conv1D": over((2, 12, 4), (1, 9, 4)), "Conv2D": over((2, 8, 7, 4), (1, 7, 9, 4)), "Conv3D": over((1, 5, 6, 7, 4), (2, 6, 5, 7, 4)),
    "Conv1DTranspose": over((2, 6, 3), (1, 5, 2)), "Conv2DTranspose": over((1, 4, 5, 3), (2, 3, 4, 2)),
    "Conv3DTranspose": over((1, 3, 2, 4, 2), (2, 2, 3, 2, 3)),
    "DepthwiseConv1D": over((2, 12, 4), (1, 9, 3)), "DepthwiseConv2D": over((2, 8, 7, 4), (1, 7, 9, 3)),
    "SeparableConv1D": over((2, 12, 4), (1, 9, 3)), "SeparableConv2D": over((2, 8, 7, 4), (1, 7, 9, 3)),
    "Pooling1D": over((2, 8, 3), (1, 7, 4)) + [form(x(2, 8, 3, low=-3, high=-1))],
    "Pooling2D": over((2, 6, 8, 3), (1, 7, 5, 4)) + [form(x(2, 6, 8, 3, low=-3, high=-1))],
    "Pooling3D": over((2, 4, 6, 5, 2), (1, 5, 3, 4, 3)) + [form(x(1, 4, 6, 5, 2, low=-3, high=-1))],
    "GlobalAveragePooling1D": over((2, 8, 3), (1, 7, 4), masked=True) + [
        form(x(2, 5, 3), flags(2, 5, name="mask", lengths=[5, 3]), call="unit(x, mask=mask)")],
    "1D": over((2, 9, 4), (1, 7, 3), masked=True), "2D": over((2, 6, 7, 3), (1, 5, 8, 2)), "3D": over((1, 5, 6, 7, 2), (2, 7, 5, 5, 1)),
    "UpSampling2D": over((2, 5, 6, 2), (1, 6, 7, 3)), "UpSampling3D": over((1, 2, 3, 2, 2), (2, 2, 1, 3, 1)),
    "LSTM": recurrent(4, "h", "c"), "GRU": recurrent(4, "h"), "SimpleRNN": recurrent(4, "h"), "RNN": recurrent(4),
    **{f"ConvLSTM{n}D": over((2, 3, *a, 3), (1, 2, *b, 2)) + [
        form(x(2, 3, *a, 2), flags(2, 3, name="mask", lengths=[3, 2]), call="unit(x, mask=mask)")]
       for n, a, b in ((1, (7,), (6,)), (2, (6, 5), (5, 6)), (3, (4, 5, 4), (5, 4, 4)))},
    "LSTMCell": cell("h", "c"), "GRUCell": cell("h"), "SimpleRNNCell": cell("h"),
    "StackedRNNCells": [form(x(2, 4), x(2, 3, name="h"), x(2, 3, name="c"), x(2, 4, name="g"), call="unit(x, [[h, c], [g]])"),
                        form(x(2, 4), x(2, 3, name="h"), x(2, 4, name="g"), call="unit(x, [[h], [g]])")],
    "SpectralNormalization": over((3, 4), (2, 5, 4), (2, 4, 5, 4), (1, 4, 3, 4, 2)) + [form(x(2, 5, low=0, high=3)), MASKED],
    "Bidirectional": recurrent(4)[:4] + [MASKED], "TimeDistributed": over((2, 3, 5, 4), (3, 2, 4, 3)) + [MASKED],
    "MultiHeadAttention": HEADS, "GroupQueryAttention": HEADS, "GroupedQueryAttention": HEADS,
    "Attention": ATTENTION, "AdditiveAttention": ATTENTION,
    "Add": MERGING, "Average": MERGING, "Maximum": MERGING, "Minimum": MERGING, "Multiply": MERGING,
    "Subtract": [f for f in MERGING if "c]" not in f["call"]],
    "Concatenate": [form(A, B, call="unit([a, b])"), form(A, B, C, call="unit([a, b, c])")] + MERGING[4:],
    "Dot": [form(A, x(2, 5, 4, name="b"), call="unit([a, b])"), form(A, B, call="unit([a, b])")],
    "Reshape": over((2, 12), (2, 3, 4), (3, 2, 6)), "Permute": over((2, 3, 4), (2, 3, 4, 5)), "RepeatVector": over((2, 4), (3, 5)),
    "Flatten": over((2, 3, 4), (2, 3, 4, 5), (3, 4), (4,)),
    "PReLU": over((3, 8), (2, 3, 4), (2, 2, 3, 4), masked=True),
    "Softmax": ANY + [form(x(3, 8, low=-3, high=3), flags(3, 8, name="mask", lengths=[8, 5, 2]), call="unit(x, mask=mask)"),
                      form(x(2, 3, 4), flags(2, 3, 4, name="mask"), call="unit(x, mask=mask)")],
    "BatchNormalization": over((6, 8), (2, 3, 4), (2, 3, 2, 4)) + [
        MASKED, form(x(2, 4, 3), flags(2, 4, name="mask", lengths=[4, 2]), call="unit(x, mask=mask)")],
    "GroupNormalization": over((2, 8, 4), (2, 4, 8, 4), (1, 4, 4, 2, 4)),
    "LayerNormalization": ANY + [form(x(4, 7, low=20, high=21))], "RMSNormalization": ANY, "UnitNormalization": ANY,
    "Masking": [form(x(2, 9, 4), after="Dense(3)", call="after(unit(x))"), form(x(2, 5, 1), call="unit(round(2.0 * x) / 2.0)"),
                form(x(2, 6, 2, low=-1, high=1), call="unit(round(2.0 * x) / 2.0)"),
                form(x(2, 6, 1), after="LSTM(3)", call="after(unit(round(2.0 * x) / 2.0))")],
    "GaussianDropout": ANY, "GaussianNoise": ANY, "Dropout": over((3, 8), (2, 6)), "AlphaDropout": over((2, 8)),
    "SpatialDropout1D": over((2, 9, 4), (1, 7, 3), masked=True),
    "CategoryEncoding": [form(ints(2, 3, high=4)), form(ints(4, high=4)), form(ints(2, 3, high=4), x(2, 3, name="w"), call="unit(x, count_weights=w)")],
    "Discretization": over((2, 5), (7,), (2, 3, 2)), "Normalization": over((3, 4), (2, 3, 4), (2, 3, 2, 4)),
    "STFTSpectrogram": over((2, 600, 1), (1, 700, 2)), "MelSpectrogram": over((2, 600), (700,)),
    **{name: over((2, 6, 8, 3), (1, 7, 5, 3), low=0, high=255) + over((2, 6, 8, 3), (6, 8, 3), low=0, high=1) for name in IMAGES},
}
