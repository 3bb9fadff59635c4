"""The cases of layers.py: MDL texts and inputs."""


def x(*shape, name="x", low=-1, high=1, dtype="float32", type=None):
    spec = dict(name=name, dtype=dtype, shape=list(shape), low=low, high=high)
    return spec | ({"type": type} if type else {})


def ints(*shape, high, name="x", dtype="int32"):
    return dict(name=name, dtype=dtype, shape=list(shape), low=0, high=high)


def flags(*shape, name, lengths=None):
    return dict(name=name, dtype="bool", shape=list(shape)) | ({"lengths": lengths} if lengths else {})


def case(name, layer, *inputs, call=None, returns=("output",), then=None, before=None, constant=False, symmetric=False, first_values=False,
         bound=0.0):
    """`before`: fields declared before `unit`. `returns`: names of the results. `then`: values read after the call.
    `symmetric`: two variables of one shape mean the same to the results. `first_values`: the variables keep those.
    `bound`: a larger one, where the reference itself is less exact."""
    call = call or f"unit({', '.join(i['name'] for i in inputs)})"
    return dict(name=name, fields={**(before or {}), "unit": layer}, inputs=list(inputs), call=call,
                returns=list(returns), then=then or {}, constant=constant, symmetric=symmetric,
                first_values=first_values, bound=bound)


CASES = {}

CASES["Dense"] = [
    case("units", "Dense(4)", x(2, 3)),
    case("keyword", "Dense(units=5)", x(2, 3)),
    case("rank3", "Dense(4)", x(2, 5, 3)),
    case("rank4", "Dense(4)", x(2, 2, 3, 3)),
    case("activation", "Dense(6, activation=relu)", x(4, 3)),
    case("activation_string", "Dense(6, activation=\"tanh\")", x(4, 3)),
    case("no_bias", "Dense(4, use_bias=false)", x(2, 3)),
    case("initializers", "Dense(4, kernel_initializer=\"he_normal\", bias_initializer=ones)", x(2, 3)),
    case("regularizers", "Dense(4, kernel_regularizer=\"l2\", bias_regularizer=\"l1\", activity_regularizer=\"l2\")", x(2, 3)),
    case("constraints", "Dense(4, kernel_constraint=\"non_neg\", bias_constraint=\"max_norm\")", x(2, 3)),
    case("name", "Dense(4, name=\"head\")", x(2, 3)),
    case("frozen", "Dense(4, trainable=false)", x(2, 3)),
    case("float64", "Dense(4, dtype=\"float64\")", x(2, 3)),
    case("symbolic", "Dense(4)", x(3, 5, 7, type="float32[batch, time, 7]")),
    case("wide", "Dense(33, activation=gelu)", x(3, 129)),
    case("lora", "Dense(4, lora_rank=2, lora_alpha=3)", x(2, 3)),
]

CASES["EinsumDense"] = [
    case("dense", "EinsumDense(\"ab,bc->ac\", output_shape=4, bias_axes=\"c\")", x(2, 3)),
    case("sequence", "EinsumDense(\"abc,cd->abd\", output_shape=(none, 4), bias_axes=\"d\")", x(2, 5, 3)),
    case("ellipsis", "EinsumDense(\"...x,xy->...y\", output_shape=4, bias_axes=\"y\")", x(2, 5, 3)),
    case("heads", "EinsumDense(\"abc,cde->abde\", output_shape=(none, 2, 6), bias_axes=\"de\")", x(2, 5, 3)),
    case("bias_outer", "EinsumDense(\"abc,cde->abde\", output_shape=(none, 2, 6), bias_axes=\"d\")", x(2, 5, 3)),
    case("bias_inner", "EinsumDense(\"abc,cde->abde\", output_shape=(none, 2, 6), bias_axes=\"e\")", x(2, 5, 3)),
    case("merge", "EinsumDense(\"abcd,cde->abe\", output_shape=(none, 4), bias_axes=\"e\")", x(2, 5, 3, 2)),
    case("no_bias", "EinsumDense(\"abc,cd->abd\", output_shape=(none, 4))", x(2, 5, 3)),
    case("activation", "EinsumDense(\"ab,bc->ac\", output_shape=6, bias_axes=\"c\", activation=relu)", x(4, 3)),
    case("over_time", "EinsumDense(\"abc,bd->adc\", output_shape=(4, none), bias_axes=\"d\")", x(2, 5, 3)),
    case("symbolic", "EinsumDense(\"abc,cd->abd\", output_shape=(none, 4), bias_axes=\"d\")",
         x(2, 5, 3, type="float32[batch, time, 3]")),
    case("float64", "EinsumDense(\"ab,bc->ac\", output_shape=4, bias_axes=\"c\", dtype=\"float64\")", x(2, 3)),
    case("initializers", "EinsumDense(\"ab,bc->ac\", output_shape=4, bias_axes=\"c\", kernel_initializer=\"he_uniform\", "
         "bias_initializer=ones, kernel_regularizer=\"l2\", bias_constraint=\"non_neg\")", x(2, 3)),
    case("lora", "EinsumDense(\"ab,bc->ac\", output_shape=4, bias_axes=\"c\", lora_rank=2)", x(2, 3)),
]

CASES["Embedding"] = [
    case("rank2", "Embedding(10, 4)", ints(2, 5, high=10)),
    case("rank1", "Embedding(10, 4)", ints(5, high=10)),
    case("rank3", "Embedding(10, 4)", ints(2, 3, 2, high=10)),
    case("int64", "Embedding(10, 4)", ints(2, 5, high=10, dtype="int64")),
    case("uint8", "Embedding(10, 4)", ints(2, 5, high=10, dtype="uint8")),
    case("float_ids", "Embedding(10, 4)", x(2, 5, low=0, high=8)),
    case("initializer", "Embedding(10, 4, embeddings_initializer=random_normal(stddev=0.02), embeddings_regularizer=\"l2\", "
         "embeddings_constraint=\"unit_norm\")", ints(2, 5, high=10)),
    case("symbolic", "Embedding(10, 4)", dict(ints(2, 5, high=10), type="int32[batch, time]")),
    case("mask_zero", "Embedding(3, 4, mask_zero=true)", ints(2, 6, high=3)),
    case("mask_reaches_lstm", "LSTM(3)", ints(2, 6, high=3), before={"embed": "Embedding(3, 4, mask_zero=true)"},
         call="unit(embed(x))"),
    case("mask_passes_dense", "GRU(3, return_sequences=true)", ints(2, 6, high=3),
         before={"embed": "Embedding(3, 4, mask_zero=true)", "dense": "Dense(5)"}, call="unit(dense(embed(x)))"),
    case("frozen", "Embedding(10, 4, trainable=false)", ints(2, 5, high=10)),
    case("float64", "Embedding(10, 4, dtype=\"float64\")", ints(2, 5, high=10)),
    case("lora", "Embedding(10, 4, lora_rank=2)", ints(2, 5, high=10)),
]

CASES["Dropout"] = [
    case("inference", "Dropout(0.5)", x(2, 6)),
    case("rank4", "Dropout(0.3)", x(2, 2, 3, 4)),
    case("rate_zero_training", "Dropout(0.0)", x(2, 6), call="unit(x, training=true)"),
    case("rate_one_training", "Dropout(1.0)", x(2, 6), call="unit(x, training=true)", constant=True),
    case("noise_shape", "Dropout(0.5, noise_shape=(none, 1))", x(2, 6)),
    case("seed", "Dropout(0.5, seed=3)", x(2, 6)),
    case("symbolic", "Dropout(0.5)", x(2, 6, type="float32[batch, width]")),
    case("float64", "Dropout(0.5, dtype=\"float64\")", x(2, 6)),
    case("training_false", "Dropout(0.5)", x(2, 6), call="unit(x, training=false)"),
]

_activations = ("linear relu leaky_relu relu6 elu selu celu gelu silu swish hard_silu hard_swish sigmoid hard_sigmoid "
                "sparse_sigmoid log_sigmoid tanh tanh_shrink hard_tanh softplus softsign soft_shrink hard_shrink sparse_plus "
                "squareplus mish exponential softmax log_softmax glu").split()  # not sparsemax: Keras 3.15 adds up all partial sums there
CASES["Activation"] = (
    [case(a, f"Activation(\"{a}\")", x(3, 12, low=-4, high=4)) for a in _activations] +
    [case("bare_" + a, f"Activation({a})", x(3, 12, low=-4, high=4)) for a in ("relu", "gelu", "tanh", "softmax")] +
    [case("rank1", "Activation(\"gelu\")", x(9, low=-4, high=4)),
     case("large", "Activation(\"softplus\")", x(3, 12, low=-100, high=100)),
     case("large_sigmoid", "Activation(\"sigmoid\")", x(3, 12, low=-100, high=100)),
     case("large_softmax", "Activation(\"softmax\")", x(3, 12, low=-100, high=100)),
     case("large_gelu", "Activation(\"gelu\")", x(3, 12, low=-100, high=100)),
     case("large_mish", "Activation(\"mish\")", x(3, 12, low=-100, high=100)),
     case("symbolic", "Activation(\"silu\")", x(3, 12, low=-4, high=4, type="float32[batch, width]")),
     case("float64", "Activation(\"gelu\", dtype=\"float64\")", x(3, 12, low=-4, high=4),
          bound=1e-8)])  # TensorFlow divides by the root of 2 rounded to float32

CASES["ReLU"] = [
    case("default", "ReLU()", x(3, 8, low=-3, high=3)),
    case("max_value", "ReLU(max_value=1.5)", x(3, 8, low=-3, high=3)),
    case("six", "ReLU(6.0)", x(3, 8, low=-9, high=9)),
    case("slope", "ReLU(negative_slope=0.2)", x(3, 8, low=-3, high=3)),
    case("threshold", "ReLU(threshold=0.5)", x(3, 8, low=-3, high=3)),
    case("all", "ReLU(max_value=2.0, negative_slope=0.1, threshold=0.6)", x(3, 8, low=-3, high=3)),
    case("slope_and_max", "ReLU(max_value=1.0, negative_slope=0.3)", x(3, 8, low=-3, high=3)),
    case("rank4", "ReLU()", x(2, 2, 3, 4)),
    case("symbolic", "ReLU(max_value=1.0)", x(3, 8, low=-3, high=3, type="float32[batch, width]")),
]
CASES["LeakyReLU"] = [
    case("default", "LeakyReLU()", x(3, 8, low=-3, high=3)),
    case("slope", "LeakyReLU(negative_slope=0.1)", x(3, 8, low=-3, high=3)),
    case("positional", "LeakyReLU(0.01)", x(3, 8, low=-3, high=3)),
    case("zero", "LeakyReLU(0.0)", x(3, 8, low=-3, high=3)),
    case("rank4", "LeakyReLU()", x(2, 2, 3, 4)),
    case("symbolic", "LeakyReLU()", x(3, 8, low=-3, high=3, type="float32[batch, width]")),
]
CASES["PReLU"] = [
    case("default", "PReLU()", x(3, 8, low=-3, high=3)),
    case("rank3", "PReLU()", x(2, 3, 4, low=-3, high=3)),
    case("shared_last", "PReLU(shared_axes=[2])", x(2, 3, 4, low=-3, high=3)),
    case("shared_space", "PReLU(shared_axes=[1, 2])", x(2, 4, 5, 3, low=-3, high=3)),
    case("shared_all", "PReLU(shared_axes=[1, 2, 3])", x(2, 4, 5, 3, low=-3, high=3)),
    case("rank4", "PReLU()", x(2, 2, 3, 4, low=-3, high=3)),
    case("initializer", "PReLU(alpha_initializer=constant(0.25), alpha_regularizer=\"l2\", alpha_constraint=\"non_neg\")",
         x(3, 8, low=-3, high=3)),
    case("symbolic", "PReLU(shared_axes=[1])", x(2, 3, 4, low=-3, high=3, type="float32[batch, time, 4]")),
]
CASES["Softmax"] = [
    case("default", "Softmax()", x(3, 8, low=-3, high=3)),
    case("axis", "Softmax(axis=1)", x(2, 3, 4, low=-3, high=3)),
    case("axes", "Softmax(axis=[1, 2])", x(2, 3, 4, low=-3, high=3)),
    case("rank4", "Softmax()", x(2, 2, 3, 4, low=-3, high=3)),
    case("large", "Softmax()", x(3, 8, low=-90, high=90)),
    case("mask", "Softmax()", x(3, 8, low=-3, high=3), flags(3, 8, name="mask", lengths=[8, 5, 2]), call="unit(x, mask=mask)"),
    case("mask_axes", "Softmax(axis=[1, 2])", x(2, 3, 4, low=-3, high=3), flags(2, 3, 4, name="mask"),
         call="unit(x, mask=mask)"),
    case("symbolic", "Softmax()", x(3, 8, low=-3, high=3, type="float32[batch, width]")),
]

_bn = {"moving_mean": "unit.moving_mean", "moving_variance": "unit.moving_variance"}
CASES["BatchNormalization"] = [
    case("rank2", "BatchNormalization()", x(4, 3)),
    case("rank4", "BatchNormalization()", x(2, 3, 4, 5)),
    case("axis", "BatchNormalization(axis=1)", x(2, 3, 4, 5)),
    case("epsilon", "BatchNormalization(epsilon=0.1)", x(4, 3)),
    case("no_center", "BatchNormalization(center=false)", x(4, 3)),
    case("no_scale", "BatchNormalization(scale=false)", x(4, 3)),
    case("neither", "BatchNormalization(center=false, scale=false)", x(4, 3)),
    case("training", "BatchNormalization()", x(4, 3), call="unit(x, training=true)", then=_bn),
    case("training_rank4", "BatchNormalization(momentum=0.8)", x(2, 3, 4, 5), call="unit(x, training=true)", then=_bn),
    case("training_axis", "BatchNormalization(axis=1)", x(2, 3, 4, 5), call="unit(x, training=true)", then=_bn),
    case("training_neither", "BatchNormalization(center=false, scale=false)", x(4, 3), call="unit(x, training=true)", then=_bn),
    case("training_frozen", "BatchNormalization(trainable=false)", x(4, 3), call="unit(x, training=true)", then=_bn),
    case("training_mask", "BatchNormalization()", x(2, 4, 3), flags(2, 4, name="mask", lengths=[4, 2]),
         call="unit(x, training=true, mask=mask)", then=_bn),
    case("initializers", "BatchNormalization(beta_initializer=ones, gamma_initializer=\"random_uniform\", "
         "moving_mean_initializer=ones, moving_variance_initializer=constant(2.0), gamma_regularizer=\"l2\", "
         "beta_constraint=\"non_neg\")", x(4, 3)),
    case("symbolic", "BatchNormalization()", x(2, 3, 4, 5, type="float32[batch, height, width, 5]")),
    case("float64", "BatchNormalization(dtype=\"float64\")", x(4, 3)),
]
CASES["LayerNormalization"] = [
    case("rank2", "LayerNormalization()", x(4, 7)),
    case("rank3", "LayerNormalization()", x(2, 3, 7)),
    case("axis", "LayerNormalization(axis=1)", x(2, 5, 4)),
    case("axes", "LayerNormalization(axis=[1, 2])", x(2, 5, 4)),
    case("axes_apart", "LayerNormalization(axis=[1, 3])", x(2, 5, 4, 3)),
    case("epsilon", "LayerNormalization(epsilon=1e-5)", x(4, 7)),
    case("no_center", "LayerNormalization(center=false)", x(4, 7)),
    case("no_scale", "LayerNormalization(scale=false)", x(4, 7)),
    case("neither", "LayerNormalization(center=false, scale=false)", x(4, 7)),
    case("offset", "LayerNormalization()", x(4, 7, low=20, high=21)),
    case("wide", "LayerNormalization(epsilon=1e-12)", x(2, 301)),
    case("initializers", "LayerNormalization(beta_initializer=ones, gamma_initializer=\"random_uniform\", "
         "beta_regularizer=\"l2\", gamma_constraint=\"non_neg\")", x(4, 7)),
    case("symbolic", "LayerNormalization()", x(2, 3, 7, type="float32[batch, time, 7]")),
    case("float64", "LayerNormalization(dtype=\"float64\")", x(4, 7)),
]
CASES["GroupNormalization"] = [
    case("groups", "GroupNormalization(groups=2)", x(2, 3, 4, 6)),
    case("one_group", "GroupNormalization(groups=1)", x(2, 3, 4, 6)),
    case("instance", "GroupNormalization(groups=-1)", x(2, 3, 4, 6)),
    case("default", "GroupNormalization()", x(2, 3, 64)),
    case("axis", "GroupNormalization(groups=3, axis=1)", x(2, 6, 3, 4)),
    case("axis_inner", "GroupNormalization(groups=2, axis=2)", x(2, 3, 4, 5)),
    case("rank2", "GroupNormalization(groups=2)", x(3, 8)),
    case("epsilon", "GroupNormalization(groups=2, epsilon=0.1)", x(2, 3, 4, 6)),
    case("no_center", "GroupNormalization(groups=2, center=false)", x(2, 3, 4, 6)),
    case("no_scale", "GroupNormalization(groups=2, scale=false)", x(2, 3, 4, 6)),
    case("neither", "GroupNormalization(groups=2, scale=false, center=false)", x(2, 3, 4, 6)),
    case("initializers", "GroupNormalization(groups=2, beta_initializer=ones, gamma_initializer=\"random_uniform\", "
         "gamma_regularizer=\"l2\", beta_constraint=\"non_neg\")", x(2, 3, 4, 6)),
    case("symbolic", "GroupNormalization(groups=2)", x(2, 3, 4, 6, type="float32[batch, height, width, 6]")),
]
CASES["RMSNormalization"] = [
    case("rank2", "RMSNormalization()", x(4, 7)),
    case("rank3", "RMSNormalization()", x(2, 3, 7)),
    case("axis", "RMSNormalization(axis=2)", x(2, 5, 4)),
    case("axes", "RMSNormalization(axis=[1, 2])", x(2, 5, 4)),
    case("epsilon", "RMSNormalization(epsilon=0.1)", x(4, 7)),
    case("wide", "RMSNormalization(epsilon=1e-5)", x(2, 301)),
    case("symbolic", "RMSNormalization()", x(2, 3, 7, type="float32[batch, time, 7]")),
    case("float64", "RMSNormalization(dtype=\"float64\")", x(4, 7)),
]

CASES["Conv1D"] = [
    case("valid", "Conv1D(4, 3)", x(2, 8, 3)),
    case("same", "Conv1D(4, 3, padding=\"same\")", x(2, 8, 3)),
    case("same_even", "Conv1D(4, 4, padding=\"same\")", x(2, 9, 3)),
    case("same_strides", "Conv1D(4, 3, strides=2, padding=\"same\")", x(2, 8, 3)),
    case("same_strides_odd", "Conv1D(4, 3, strides=2, padding=\"same\")", x(2, 9, 3)),
    case("causal", "Conv1D(4, 3, padding=\"causal\")", x(2, 8, 3)),
    case("causal_dilated", "Conv1D(4, 3, padding=\"causal\", dilation_rate=2)", x(2, 8, 3)),
    case("strides", "Conv1D(4, 3, strides=3)", x(2, 11, 3)),
    case("dilation", "Conv1D(4, 3, dilation_rate=2)", x(2, 9, 3)),
    case("groups", "Conv1D(6, 3, groups=3)", x(2, 8, 6)),
    case("no_bias", "Conv1D(4, 3, use_bias=false)", x(2, 8, 3)),
    case("activation", "Conv1D(4, kernel_size=2, activation=tanh)", x(2, 8, 3)),
    case("channels_first", "Conv1D(4, 3, data_format=\"channels_first\")", x(2, 3, 8)),
    case("initializers", "Conv1D(4, 3, kernel_initializer=\"he_normal\", bias_initializer=ones, kernel_regularizer=\"l2\", "
         "bias_constraint=\"non_neg\")", x(2, 8, 3)),
    case("symbolic", "Conv1D(4, 3, strides=2, padding=\"same\")", x(2, 9, 3, type="float32[batch, time, 3]")),
    case("symbolic_valid", "Conv1D(4, 3, strides=2)", x(2, 9, 3, type="float32[batch, time, 3]")),
]
CASES["Conv2D"] = [
    case("valid", "Conv2D(4, 3)", x(2, 5, 6, 3)),
    case("same", "Conv2D(4, 3, padding=\"same\")", x(2, 5, 6, 3)),
    case("kernel_sizes", "Conv2D(4, (2, 3))", x(2, 5, 6, 3)),
    case("strides", "Conv2D(4, 3, strides=2)", x(2, 7, 8, 3)),
    case("strides_two", "Conv2D(4, 3, strides=(2, 1), padding=\"same\")", x(2, 5, 6, 3)),
    case("same_strides", "Conv2D(4, 3, strides=2, padding=\"same\")", x(2, 5, 6, 3)),
    case("same_even", "Conv2D(4, 4, strides=3, padding=\"same\")", x(2, 7, 8, 3)),
    case("dilation", "Conv2D(4, 3, dilation_rate=2)", x(2, 7, 8, 3)),
    case("dilation_two", "Conv2D(4, 3, dilation_rate=(2, 1), padding=\"same\")", x(2, 7, 8, 3)),
    case("groups", "Conv2D(6, 3, groups=2)", x(2, 5, 6, 4)),
    case("groups_all", "Conv2D(8, 3, groups=4, padding=\"same\")", x(2, 5, 6, 4)),
    case("pointwise", "Conv2D(4, 1)", x(2, 5, 6, 3)),
    case("no_bias", "Conv2D(4, 3, use_bias=false)", x(2, 5, 6, 3)),
    case("activation", "Conv2D(4, 3, activation=relu)", x(2, 5, 6, 3)),
    case("one_filter", "Conv2D(1, 3, padding=\"same\")", x(2, 5, 6, 3)),
    case("channels_first", "Conv2D(4, 3, padding=\"same\", strides=2, data_format=\"channels_first\")", x(2, 3, 5, 6)),
    case("initializers", "Conv2D(4, 3, kernel_initializer=\"he_normal\", bias_initializer=ones, kernel_regularizer=\"l2\", "
         "bias_regularizer=\"l1\", kernel_constraint=\"max_norm\", activity_regularizer=\"l2\")", x(2, 5, 6, 3)),
    case("wide", "Conv2D(33, 3, padding=\"same\", activation=gelu)", x(1, 9, 7, 17)),
    case("symbolic", "Conv2D(4, 3, strides=2, padding=\"same\")", x(2, 5, 6, 3, type="float32[batch, height, width, 3]")),
    case("symbolic_valid", "Conv2D(4, 3, strides=2)", x(2, 5, 6, 3, type="float32[batch, height, width, 3]")),
    case("float64", "Conv2D(4, 3, dtype=\"float64\")", x(2, 5, 6, 3)),
]
CASES["Conv2DTranspose"] = [
    case("valid", "Conv2DTranspose(4, 3)", x(2, 4, 5, 3)),
    case("same", "Conv2DTranspose(4, 3, padding=\"same\")", x(2, 4, 5, 3)),
    case("strides", "Conv2DTranspose(4, 3, strides=2)", x(2, 4, 5, 3)),
    case("same_strides", "Conv2DTranspose(4, 3, strides=2, padding=\"same\")", x(2, 4, 5, 3)),
    case("double", "Conv2DTranspose(4, 2, strides=2)", x(2, 4, 5, 3)),
    case("stride_over_kernel", "Conv2DTranspose(4, 2, strides=3)", x(2, 4, 5, 3)),
    case("stride_over_kernel_same", "Conv2DTranspose(4, 2, strides=3, padding=\"same\")", x(2, 4, 5, 3)),
    case("even_kernel_same", "Conv2DTranspose(4, 4, strides=2, padding=\"same\")", x(2, 4, 5, 3)),
    case("five_same", "Conv2DTranspose(4, 5, strides=2, padding=\"same\")", x(2, 4, 5, 3)),
    case("kernel_sizes", "Conv2DTranspose(4, (2, 3), strides=(1, 2))", x(2, 4, 5, 3)),
    case("output_padding", "Conv2DTranspose(4, 3, strides=2, output_padding=1)", x(2, 4, 5, 3)),
    case("output_padding_same", "Conv2DTranspose(4, 3, strides=2, padding=\"same\", output_padding=1)", x(2, 4, 5, 3)),
    case("output_padding_zero", "Conv2DTranspose(4, 3, strides=2, padding=\"same\", output_padding=0)", x(2, 4, 5, 3)),
    case("no_bias", "Conv2DTranspose(4, 3, use_bias=false)", x(2, 4, 5, 3)),
    case("activation", "Conv2DTranspose(4, 3, strides=2, activation=relu)", x(2, 4, 5, 3)),
    case("channels_first", "Conv2DTranspose(4, 3, strides=2, padding=\"same\", data_format=\"channels_first\")", x(2, 3, 4, 5)),
    case("initializers", "Conv2DTranspose(4, 3, kernel_initializer=\"he_normal\", bias_initializer=ones, kernel_regularizer=\"l2\", "
         "bias_constraint=\"non_neg\")", x(2, 4, 5, 3)),
    case("symbolic", "Conv2DTranspose(4, 3, strides=2, padding=\"same\")",
         x(2, 4, 5, 3, type="float32[batch, height, width, 3]")),
]
CASES["DepthwiseConv2D"] = [
    case("valid", "DepthwiseConv2D(3)", x(2, 5, 6, 4)),
    case("same", "DepthwiseConv2D(3, padding=\"same\")", x(2, 5, 6, 4)),
    case("kernel_sizes", "DepthwiseConv2D((2, 3))", x(2, 5, 6, 4)),
    case("multiplier", "DepthwiseConv2D(3, depth_multiplier=2)", x(2, 5, 6, 3)),
    case("strides", "DepthwiseConv2D(3, strides=2)", x(2, 7, 8, 4)),
    case("same_strides", "DepthwiseConv2D(3, strides=2, padding=\"same\")", x(2, 6, 6, 4)),
    case("dilation", "DepthwiseConv2D(3, dilation_rate=2)", x(2, 7, 8, 4)),
    case("no_bias", "DepthwiseConv2D(3, use_bias=false)", x(2, 5, 6, 4)),
    case("activation", "DepthwiseConv2D(3, activation=relu6)", x(2, 5, 6, 4)),
    case("channels_first", "DepthwiseConv2D(3, padding=\"same\", data_format=\"channels_first\")", x(2, 4, 5, 6)),
    case("initializers", "DepthwiseConv2D(3, depthwise_initializer=\"he_normal\", bias_initializer=ones, "
         "depthwise_regularizer=\"l2\", depthwise_constraint=\"max_norm\", bias_regularizer=\"l1\")", x(2, 5, 6, 4)),
    case("wide", "DepthwiseConv2D(3, padding=\"same\")", x(1, 7, 9, 37)),
    case("symbolic", "DepthwiseConv2D(3, strides=2, padding=\"same\")", x(2, 6, 6, 4, type="float32[batch, height, width, 4]")),
]
CASES["SeparableConv2D"] = [
    case("valid", "SeparableConv2D(5, 3)", x(2, 5, 6, 4)),
    case("same", "SeparableConv2D(5, 3, padding=\"same\")", x(2, 5, 6, 4)),
    case("multiplier", "SeparableConv2D(5, 3, depth_multiplier=2)", x(2, 5, 6, 3)),
    case("strides", "SeparableConv2D(5, 3, strides=2, padding=\"same\")", x(2, 6, 7, 4)),
    case("dilation", "SeparableConv2D(5, 3, dilation_rate=2)", x(2, 7, 8, 4)),
    case("kernel_sizes", "SeparableConv2D(5, (2, 3))", x(2, 5, 6, 4)),
    case("no_bias", "SeparableConv2D(5, 3, use_bias=false)", x(2, 5, 6, 4)),
    case("activation", "SeparableConv2D(5, 3, activation=relu)", x(2, 5, 6, 4)),
    case("channels_first", "SeparableConv2D(5, 3, data_format=\"channels_first\")", x(2, 4, 5, 6)),
    case("initializers", "SeparableConv2D(5, 3, depthwise_initializer=\"he_normal\", pointwise_initializer=\"he_uniform\", "
         "bias_initializer=ones, depthwise_regularizer=\"l2\", pointwise_regularizer=\"l1\", pointwise_constraint=\"max_norm\")",
         x(2, 5, 6, 4)),
    case("symbolic", "SeparableConv2D(5, 3, padding=\"same\")", x(2, 5, 6, 4, type="float32[batch, height, width, 4]")),
]

for _pool in ("MaxPooling2D", "AveragePooling2D"):
    CASES[_pool] = [
        case("two", f"{_pool}(2)", x(2, 6, 8, 3)),
        case("odd_input", f"{_pool}(2)", x(2, 5, 7, 3)),
        case("sizes", f"{_pool}((2, 3))", x(2, 6, 9, 3)),
        case("strides", f"{_pool}(3, strides=2)", x(2, 7, 8, 3)),
        case("strides_two", f"{_pool}(2, strides=(1, 2))", x(2, 5, 6, 3)),
        case("same", f"{_pool}(3, strides=2, padding=\"same\")", x(2, 7, 8, 3)),
        case("same_stride_one", f"{_pool}(2, strides=1, padding=\"same\")", x(2, 5, 6, 3)),
        case("same_even", f"{_pool}(2, padding=\"same\")", x(2, 5, 7, 3)),
        case("negative", f"{_pool}(3, strides=2, padding=\"same\")", x(2, 6, 6, 3, low=-3, high=-1)),
        case("channels_first", f"{_pool}(2, data_format=\"channels_first\")", x(2, 3, 6, 8)),
        case("symbolic", f"{_pool}(2)", x(2, 6, 7, 3, type="float32[batch, height, width, 3]")),
        case("symbolic_same", f"{_pool}(3, strides=2, padding=\"same\")",
             x(2, 6, 7, 3, type="float32[batch, height, width, 3]")),
    ]
CASES["MaxPooling2D"].append(case("default", "MaxPooling2D()", x(2, 6, 8, 3)))
CASES["GlobalAveragePooling2D"] = [
    case("default", "GlobalAveragePooling2D()", x(2, 5, 6, 3)),
    case("keepdims", "GlobalAveragePooling2D(keepdims=true)", x(2, 5, 6, 3)),
    case("channels_first", "GlobalAveragePooling2D(data_format=\"channels_first\")", x(2, 3, 5, 6)),
    case("channels_first_keepdims", "GlobalAveragePooling2D(data_format=\"channels_first\", keepdims=true)", x(2, 3, 5, 6)),
    case("one_pixel", "GlobalAveragePooling2D()", x(2, 1, 1, 3)),
    case("symbolic", "GlobalAveragePooling2D()", x(2, 5, 6, 3, type="float32[batch, height, width, 3]")),
]
CASES["Flatten"] = [
    case("rank4", "Flatten()", x(2, 3, 4, 5)),
    case("rank3", "Flatten()", x(2, 3, 4)),
    case("rank2", "Flatten()", x(2, 3)),
    case("rank1", "Flatten()", x(4)),
    case("channels_first", "Flatten(data_format=\"channels_first\")", x(2, 3, 4, 5)),
    case("symbolic", "Flatten()", x(2, 3, 4, type="float32[batch, 3, 4]")),
    case("symbolic_time", "Flatten()", x(2, 3, 4, type="float32[batch, time, 4]")),
    case("before_dense", "Dense(3)", x(2, 3, 4, type="float32[batch, 3, 4]"), before={"flat": "Flatten()"}, call="unit(flat(x))"),
]
CASES["Reshape"] = [
    case("split", "Reshape((3, 4))", x(2, 12)),
    case("join", "Reshape((12,))", x(2, 3, 4)),
    case("infer", "Reshape((-1, 4))", x(2, 3, 8)),
    case("infer_middle", "Reshape((2, -1, 3))", x(2, 4, 6)),
    case("swap", "Reshape((4, 3))", x(2, 3, 4)),
    case("list", "Reshape([3, 2, 2])", x(2, 12)),
    case("symbolic", "Reshape((3, 4))", x(2, 12, type="float32[batch, 12]")),
    case("symbolic_infer", "Reshape((-1, 2))", x(2, 3, 4, type="float32[batch, time, 4]")),
]
CASES["ZeroPadding2D"] = [
    case("default", "ZeroPadding2D()", x(2, 3, 4, 2)),
    case("number", "ZeroPadding2D(2)", x(2, 3, 4, 2)),
    case("two_numbers", "ZeroPadding2D((1, 2))", x(2, 3, 4, 2)),
    case("four_numbers", "ZeroPadding2D(((1, 0), (2, 3)))", x(2, 3, 4, 2)),
    case("zero", "ZeroPadding2D(((0, 1), (0, 1)))", x(2, 3, 4, 2)),
    case("channels_first", "ZeroPadding2D((1, 2), data_format=\"channels_first\")", x(2, 2, 3, 4)),
    case("symbolic", "ZeroPadding2D(1)", x(2, 3, 4, 2, type="float32[batch, height, width, 2]")),
]
CASES["UpSampling2D"] = [
    case("default", "UpSampling2D()", x(2, 3, 4, 2)),
    case("number", "UpSampling2D(3)", x(2, 3, 4, 2)),
    case("two_numbers", "UpSampling2D((1, 2))", x(2, 3, 4, 2)),
    case("bilinear", "UpSampling2D(2, interpolation=\"bilinear\")", x(2, 3, 4, 2)),
    case("bilinear_uneven", "UpSampling2D((3, 2), interpolation=\"bilinear\")", x(2, 3, 4, 2)),
    case("bicubic", "UpSampling2D(2, interpolation=\"bicubic\")", x(2, 5, 6, 2)),
    case("lanczos3", "UpSampling2D(2, interpolation=\"lanczos3\")", x(2, 5, 6, 2)),
    case("lanczos5", "UpSampling2D(2, interpolation=\"lanczos5\")", x(2, 6, 7, 2)),
    case("channels_first", "UpSampling2D(2, data_format=\"channels_first\")", x(2, 2, 3, 4)),
    case("channels_first_bilinear", "UpSampling2D(2, data_format=\"channels_first\", interpolation=\"bilinear\")", x(2, 2, 3, 4)),
    case("symbolic", "UpSampling2D(2)", x(2, 3, 4, 2, type="float32[batch, height, width, 2]")),
]

_ab = (x(2, 3, 4, name="a"), x(2, 3, 4, name="b"))
CASES["Concatenate"] = [
    case("last", "Concatenate()", x(2, 3, 4, name="a"), x(2, 3, 2, name="b"), call="unit([a, b])"),
    case("axis", "Concatenate(axis=1)", x(2, 3, 4, name="a"), x(2, 5, 4, name="b"), call="unit([a, b])"),
    case("axis_negative", "Concatenate(axis=-2)", x(2, 3, 4, name="a"), x(2, 5, 4, name="b"), call="unit([a, b])"),
    case("three", "Concatenate()", x(2, 1, name="a"), x(2, 3, name="b"), x(2, 2, name="c"), call="unit([a, b, c])"),
    case("batch", "Concatenate(axis=0)", x(2, 3, name="a"), x(1, 3, name="b"), call="unit([a, b])"),
    case("symbolic", "Concatenate(axis=1)", x(2, 3, 4, name="a", type="float32[batch, s, 4]"),
         x(2, 5, 4, name="b", type="float32[batch, t, 4]"), call="unit([a, b])"),
]
for _merge in ("Add", "Multiply"):
    CASES[_merge] = [
        case("two", f"{_merge}()", *_ab, call="unit([a, b])"),
        case("three", f"{_merge}()", *_ab, x(2, 3, 4, name="c"), call="unit([a, b, c])"),
        case("broadcast_last", f"{_merge}()", x(2, 3, 4, name="a"), x(2, 3, 1, name="b"), call="unit([a, b])"),
        case("broadcast_middle", f"{_merge}()", x(2, 1, 4, name="a"), x(2, 3, 4, name="b"), call="unit([a, b])"),
        case("ranks", f"{_merge}()", x(2, 3, 4, name="a"), x(2, 4, name="b"), call="unit([a, b])"),
        case("integers", f"{_merge}()", ints(2, 3, high=9, name="a"), ints(2, 3, high=9, name="b"), call="unit([a, b])"),
        case("symbolic", f"{_merge}()", x(2, 3, 4, name="a", type="float32[batch, time, 4]"),
             x(2, 3, 4, name="b", type="float32[batch, time, 4]"), call="unit([a, b])"),
    ]

CASES["Sequential"] = [
    case("two", "Sequential([Dense(4), Dense(3)])", x(2, 5)),
    case("activations", "Sequential([Dense(4, activation=relu), ReLU(), Dense(3)])", x(4, 5)),
    case("convolution", "Sequential([Conv2D(4, 3), BatchNormalization(), ReLU(), Flatten(), Dense(3)])", x(2, 5, 6, 2)),
    case("nested", "Sequential([Sequential([Dense(4), LayerNormalization()]), Dense(3)])", x(2, 5)),
    case("keyword", "Sequential(layers=[Dense(4)])", x(2, 5)),
    case("one", "Sequential([Dropout(0.5)])", x(2, 5)),
    case("names", "Sequential([Dense(4, name=\"first\"), Dense(4, name=\"second\")], name=\"stack\")", x(2, 4)),
    case("called_twice", "Sequential([Dense(5), LayerNormalization()])", x(2, 5), call="unit(unit(x))"),
    case("symbolic", "Sequential([Dense(4), Dense(3)])", x(2, 6, 5, type="float32[batch, time, 5]")),
    case("frozen", "Sequential([Dense(4, trainable=false), Dense(3)])", x(2, 5)),
]


def _rnn_cases(kind, states):
    h = [x(2, 3, name=s) for s in states]
    state = "[" + ", ".join(states) + "]" if len(states) > 1 else states[0]
    ends = ["end_" + s for s in states]
    return [
        case("last", f"{kind}(3)", x(2, 5, 4)),
        case("sequences", f"{kind}(3, return_sequences=true)", x(2, 5, 4)),
        case("state", f"{kind}(3, return_state=true)", x(2, 5, 4), returns=["output"] + ends),
        case("sequences_state", f"{kind}(3, return_sequences=true, return_state=true)", x(2, 5, 4), returns=["output"] + ends),
        case("initial_state", f"{kind}(3)", x(2, 5, 4), *h, call=f"unit(x, initial_state={state})"),
        case("backwards", f"{kind}(3, go_backwards=true)", x(2, 5, 4)),
        case("backwards_sequences", f"{kind}(3, go_backwards=true, return_sequences=true)", x(2, 5, 4)),
        case("mask", f"{kind}(3)", x(2, 5, 4), flags(2, 5, name="mask", lengths=[5, 3]), call="unit(x, mask=mask)"),
        case("mask_sequences", f"{kind}(3, return_sequences=true)", x(2, 5, 4), flags(2, 5, name="mask", lengths=[2, 4]),
             call="unit(x, mask=mask)"),
        case("mask_holes", f"{kind}(3, return_sequences=true)", x(3, 6, 4), flags(3, 6, name="mask"), call="unit(x, mask=mask)"),
        case("mask_backwards", f"{kind}(3, return_sequences=true, go_backwards=true)", x(2, 5, 4),
             flags(2, 5, name="mask", lengths=[5, 3]), call="unit(x, mask=mask)"),
        case("no_bias", f"{kind}(3, use_bias=false)", x(2, 5, 4)),
        case("activation", f"{kind}(3, activation=relu)", x(2, 5, 4)),
        case("unroll", f"{kind}(3, unroll=true)", x(2, 5, 4)),
        case("dropout_inference", f"{kind}(3, dropout=0.5, recurrent_dropout=0.5)", x(2, 5, 4)),
        case("initializers", f"{kind}(3, kernel_initializer=\"he_normal\", recurrent_initializer=\"glorot_uniform\", "
             "bias_initializer=ones, kernel_regularizer=\"l2\", recurrent_regularizer=\"l1\", bias_constraint=\"non_neg\")",
             x(2, 5, 4)),
        case("one_step", f"{kind}(3)", x(2, 1, 4)),
        case("symbolic", f"{kind}(3, return_sequences=true)", x(2, 5, 4, type="float32[batch, time, 4]")),
        case("two_layers", f"{kind}(3)", x(2, 5, 4), before={"first": f"{kind}(6, return_sequences=true)"},
             call="unit(first(x))"),
        case("wide", f"{kind}(33, return_sequences=true)", x(3, 12, 17)),
        case("float64", f"{kind}(3, dtype=\"float64\")", x(2, 5, 4)),
    ]


CASES["SimpleRNN"] = _rnn_cases("SimpleRNN", ["h"])
CASES["LSTM"] = _rnn_cases("LSTM", ["h", "c"]) + [
    case("recurrent_activation", "LSTM(3, recurrent_activation=\"hard_sigmoid\")", x(2, 5, 4)),
    case("no_forget_bias", "LSTM(3, unit_forget_bias=false)", x(2, 5, 4)),
]
CASES["GRU"] = _rnn_cases("GRU", ["h"]) + [
    case("reset_before", "GRU(3, reset_after=false)", x(2, 5, 4)),
    case("reset_before_sequences", "GRU(3, reset_after=false, return_sequences=true)", x(2, 5, 4)),
    case("reset_before_no_bias", "GRU(3, reset_after=false, use_bias=false)", x(2, 5, 4)),
    case("recurrent_activation", "GRU(3, recurrent_activation=\"hard_sigmoid\")", x(2, 5, 4)),
]
CASES["Bidirectional"] = [
    case("lstm", "Bidirectional(LSTM(3))", x(2, 5, 4)),
    case("gru", "Bidirectional(GRU(3))", x(2, 5, 4)),
    case("simple", "Bidirectional(SimpleRNN(3))", x(2, 5, 4)),
    case("sequences", "Bidirectional(LSTM(3, return_sequences=true))", x(2, 5, 4)),
    case("sum", "Bidirectional(LSTM(3), merge_mode=\"sum\")", x(2, 5, 4)),
    case("mul", "Bidirectional(LSTM(3, return_sequences=true), merge_mode=\"mul\")", x(2, 5, 4)),
    case("ave", "Bidirectional(GRU(3), merge_mode=\"ave\")", x(2, 5, 4)),
    case("apart", "Bidirectional(LSTM(3, return_sequences=true), merge_mode=none)", x(2, 5, 4), returns=["forward", "backward"]),
    case("state", "Bidirectional(LSTM(3, return_state=true))", x(2, 5, 4),
         returns=["output", "forward_h", "forward_c", "backward_h", "backward_c"]),
    case("state_gru", "Bidirectional(GRU(3, return_state=true, return_sequences=true))", x(2, 5, 4),
         returns=["output", "forward_h", "backward_h"]),
    case("mask", "Bidirectional(LSTM(3))", x(2, 5, 4), flags(2, 5, name="mask", lengths=[5, 3]), call="unit(x, mask=mask)"),
    case("mask_sequences", "Bidirectional(LSTM(3, return_sequences=true))", x(2, 5, 4),
         flags(2, 5, name="mask", lengths=[5, 3]), call="unit(x, mask=mask)"),
    case("initial_state", "Bidirectional(GRU(3))", x(2, 5, 4), x(2, 3, name="f"), x(2, 3, name="b"),
         call="unit(x, initial_state=[f, b])"),
    case("backward_layer", "Bidirectional(LSTM(3), backward_layer=LSTM(2, go_backwards=true))", x(2, 5, 4)),
    case("symbolic", "Bidirectional(LSTM(3, return_sequences=true))", x(2, 5, 4, type="float32[batch, time, 4]")),
]
CASES["TimeDistributed"] = [
    case("dense", "TimeDistributed(Dense(3))", x(2, 5, 4)),
    case("conv", "TimeDistributed(Conv2D(3, 3))", x(2, 2, 5, 6, 2)),
    case("pool", "TimeDistributed(MaxPooling2D(2))", x(2, 3, 4, 6, 2)),
    case("flatten", "TimeDistributed(Flatten())", x(2, 3, 4, 2)),
    case("lstm", "TimeDistributed(LSTM(3))", x(2, 3, 5, 4)),
    case("norm", "TimeDistributed(LayerNormalization())", x(2, 3, 4)),
    case("batch_norm", "TimeDistributed(BatchNormalization())", x(2, 3, 4)),
    case("sequential", "TimeDistributed(Sequential([Dense(4), ReLU(), Dense(3)]))", x(2, 5, 4)),
    case("keyword", "TimeDistributed(layer=Dense(3, use_bias=false))", x(2, 5, 4)),
    case("symbolic", "TimeDistributed(Dense(3))", x(2, 5, 4, type="float32[batch, time, 4]")),
]
_q, _v, _k = x(2, 5, 6, name="q"), x(2, 7, 6, name="v"), x(2, 7, 4, name="k")
CASES["MultiHeadAttention"] = [
    case("self", "MultiHeadAttention(2, 3)", x(2, 5, 6), call="unit(x, x)"),
    case("cross", "MultiHeadAttention(2, 3)", _q, _v),
    case("key", "MultiHeadAttention(2, 3)", _q, _v, _k),
    case("key_keyword", "MultiHeadAttention(num_heads=2, key_dim=3)", _q, _v, _k, call="unit(q, v, key=k)"),
    case("value_dim", "MultiHeadAttention(2, 3, value_dim=5)", _q, _v),
    case("output_shape", "MultiHeadAttention(2, 3, output_shape=8)", _q, _v),
    case("output_shape_two", "MultiHeadAttention(2, 3, output_shape=(2, 4))", _q, _v),
    case("no_bias", "MultiHeadAttention(2, 3, use_bias=false)", _q, _v),
    case("one_head", "MultiHeadAttention(1, 4)", x(2, 5, 6), call="unit(x, x)"),
    case("causal", "MultiHeadAttention(2, 3)", x(2, 5, 6), call="unit(x, x, use_causal_mask=true)"),
    case("attention_mask", "MultiHeadAttention(2, 3)", _q, _v, flags(2, 5, 7, name="mask"),
         call="unit(q, v, attention_mask=mask)"),
    case("query_mask", "MultiHeadAttention(2, 3)", _q, _v, flags(2, 5, name="mask", lengths=[5, 4]),
         call="unit(q, v, query_mask=mask)"),
    case("value_mask", "MultiHeadAttention(2, 3)", _q, _v, flags(2, 7, name="mask", lengths=[7, 4]),
         call="unit(q, v, value_mask=mask)"),
    case("key_mask", "MultiHeadAttention(2, 3)", _q, _v, flags(2, 7, name="mask", lengths=[3, 6]),
         call="unit(q, v, key_mask=mask)"),
    case("masks", "MultiHeadAttention(2, 3)", x(2, 5, 6), flags(2, 5, name="mask", lengths=[5, 3]),
         call="unit(x, x, value_mask=mask, use_causal_mask=true)"),
    case("scores", "MultiHeadAttention(2, 3)", _q, _v, call="unit(q, v, return_attention_scores=true)",
         returns=["output", "scores"]),
    case("scores_causal", "MultiHeadAttention(2, 3)", x(2, 5, 6),
         call="unit(x, x, return_attention_scores=true, use_causal_mask=true)", returns=["output", "scores"]),
    case("dropout_inference", "MultiHeadAttention(2, 3, dropout=0.5)", _q, _v),
    case("attention_axes", "MultiHeadAttention(2, 3, attention_axes=(1, 2))", x(2, 2, 3, 6), call="unit(x, x)"),
    case("attention_axis", "MultiHeadAttention(2, 3, attention_axes=2)", x(2, 2, 3, 6), call="unit(x, x)"),
    case("gate", "MultiHeadAttention(2, 3, use_gate=true)", _q, _v),
    case("sliding_window", "MultiHeadAttention(2, 3, sliding_window=2)", x(2, 5, 6), call="unit(x, x)"),
    case("initializers", "MultiHeadAttention(2, 3, kernel_initializer=\"he_normal\", bias_initializer=ones, "
         "kernel_regularizer=\"l2\", bias_constraint=\"non_neg\")", _q, _v),
    case("symbolic", "MultiHeadAttention(2, 3)", x(2, 5, 6, type="float32[batch, time, 6]"),
         call="unit(x, x, use_causal_mask=true)"),
    case("wide", "MultiHeadAttention(4, 17)", x(2, 33, 65), call="unit(x, x)"),
]

# ---- the relatives: a few cases each

_seq, _vol = x(2, 9, 4), x(2, 5, 6, 7, 2)
CASES["Conv3D"] = [
    case("valid", "Conv3D(4, 3)", _vol), case("same_strides", "Conv3D(4, (2, 3, 3), strides=(1, 2, 2), padding=\"same\")", _vol),
    case("groups", "Conv3D(4, 2, groups=2, activation=relu, use_bias=false)", _vol),
    case("symbolic", "Conv3D(4, 2, padding=\"same\")", x(2, 5, 6, 7, 2, type="float32[batch, depth, height, width, 2]")),
]
CASES["Conv1DTranspose"] = [
    case("valid", "Conv1DTranspose(3, 3)", _seq), case("strides", "Conv1DTranspose(3, 4, strides=2)", _seq),
    case("same", "Conv1DTranspose(3, 3, strides=3, padding=\"same\", activation=\"tanh\")", _seq),
    case("output_padding", "Conv1DTranspose(3, 3, strides=2, padding=\"same\", output_padding=1)", _seq),
]
CASES["Conv3DTranspose"] = [
    case("valid", "Conv3DTranspose(3, 2)", x(1, 3, 4, 2, 2)), case("same", "Conv3DTranspose(3, 3, strides=2, padding=\"same\")", x(1, 3, 4, 2, 2)),
]
CASES["DepthwiseConv1D"] = [
    case("valid", "DepthwiseConv1D(3)", _seq), case("multiplier", "DepthwiseConv1D(3, depth_multiplier=2, padding=\"same\", strides=2)", _seq),
    case("dilation", "DepthwiseConv1D(3, dilation_rate=2, use_bias=false, activation=relu)", _seq),
]
CASES["SeparableConv1D"] = [
    case("valid", "SeparableConv1D(5, 3)", _seq), case("same", "SeparableConv1D(5, 3, padding=\"same\", strides=2, depth_multiplier=2)", _seq),
]
for _kind in ("Max", "Average"):
    CASES[_kind + "Pooling1D"] = [
        case("two", f"{_kind}Pooling1D(2)", _seq), case("same", f"{_kind}Pooling1D(3, strides=2, padding=\"same\")", x(2, 8, 4)),
        case("symbolic", f"{_kind}Pooling1D(2, strides=1)", x(2, 9, 4, type="float32[batch, time, 4]")),
    ]
    CASES[f"Global{_kind}Pooling1D"] = [
        case("default", f"Global{_kind}Pooling1D()", _seq), case("keepdims", f"Global{_kind}Pooling1D(keepdims=true)", _seq),
        case("channels_first", f"Global{_kind}Pooling1D(data_format=\"channels_first\")", _seq),
    ]
    CASES[f"Global{_kind}Pooling3D"] = [case("default", f"Global{_kind}Pooling3D()", x(2, 2, 3, 2, 2))]
CASES["GlobalAveragePooling1D"].append(case("mask", "GlobalAveragePooling1D()", _seq, flags(2, 9, name="mask", lengths=[9, 4]),
                                            call="unit(x, mask=mask)"))
CASES["GlobalMaxPooling2D"] = [
    case("default", "GlobalMaxPooling2D()", x(2, 5, 6, 3)), case("keepdims", "GlobalMaxPooling2D(keepdims=true)", x(2, 5, 6, 3)),
]
CASES["Cropping1D"] = [case("default", "Cropping1D()", _seq), case("pair", "Cropping1D((0, 3))", _seq), case("number", "Cropping1D(2)", _seq)]
CASES["Cropping2D"] = [
    case("number", "Cropping2D(1)", x(2, 5, 6, 3)), case("pair", "Cropping2D((1, 2))", x(2, 5, 6, 3)),
    case("four", "Cropping2D(((0, 1), (2, 0)))", x(2, 5, 6, 3)),
    case("channels_first", "Cropping2D(((0, 1), (2, 0)), data_format=\"channels_first\")", x(2, 3, 5, 6)),
    case("symbolic", "Cropping2D(1)", x(2, 5, 6, 3, type="float32[batch, height, width, 3]")),
]
CASES["Cropping3D"] = [case("default", "Cropping3D()", _vol), case("six", "Cropping3D(((0, 1), (1, 1), (2, 0)))", _vol)]
CASES["ZeroPadding1D"] = [case("default", "ZeroPadding1D()", _seq), case("pair", "ZeroPadding1D((2, 0))", _seq)]
CASES["ZeroPadding3D"] = [case("default", "ZeroPadding3D()", _vol), case("three", "ZeroPadding3D((1, 0, 2))", _vol)]
CASES["UpSampling1D"] = [case("default", "UpSampling1D()", _seq), case("three", "UpSampling1D(size=3)", _seq)]
CASES["UpSampling3D"] = [case("default", "UpSampling3D()", x(1, 2, 3, 2, 2)), case("sizes", "UpSampling3D((1, 2, 3))", x(1, 2, 3, 2, 2))]
CASES["Permute"] = [case("two", "Permute((2, 1))", _seq), case("three", "Permute((3, 1, 2))", x(2, 3, 4, 5))]
CASES["RepeatVector"] = [case("three", "RepeatVector(3)", x(2, 4)), case("symbolic", "RepeatVector(3)", x(2, 4, type="float32[batch, 4]"))]
_a, _b, _c = x(2, 3, 4, name="a"), x(2, 3, 4, name="b"), x(2, 3, 4, name="c")
for _kind in ("Average", "Maximum", "Minimum"):
    CASES[_kind] = [
        case("two", f"{_kind}()", _a, _b, call="unit([a, b])"), case("three", f"{_kind}()", _a, _b, _c, call="unit([a, b, c])"),
        case("broadcast", f"{_kind}()", _a, x(2, 3, 1, name="b"), call="unit([a, b])"),
    ]
CASES["Subtract"] = [
    case("two", "Subtract()", _a, _b, call="unit([a, b])"), case("broadcast", "Subtract()", _a, x(2, 1, 4, name="b"), call="unit([a, b])"),
]
CASES["Dot"] = [
    case("vectors", "Dot(1)", x(2, 5, name="a"), x(2, 5, name="b"), call="unit([a, b])"),
    case("matrices", "Dot((2, 1))", _a, x(2, 4, 5, name="b"), call="unit([a, b])"),
    case("same_axis", "Dot(2)", _a, x(2, 6, 4, name="b"), call="unit([a, b])"),
    case("normalize", "Dot(1, normalize=true)", x(2, 5, name="a"), x(2, 5, name="b"), call="unit([a, b])"),
]
CASES["ELU"] = [case("default", "ELU()", x(3, 8, low=-3, high=3)), case("alpha", "ELU(alpha=0.3)", x(3, 8, low=-3, high=3))]
CASES["Rescaling"] = [case("scale", "Rescaling(0.5)", _seq), case("offset", "Rescaling(2.0, offset=-1.0)", _seq)]
CASES["UnitNormalization"] = [case("default", "UnitNormalization()", _seq), case("axis", "UnitNormalization(axis=1)", _seq)]
CASES["Identity"] = [case("default", "Identity()", _seq)]
CASES["RNN"] = [
    case("lstm", "RNN(LSTMCell(3))", _seq), case("gru", "RNN(GRUCell(3), return_sequences=true)", _seq),
    case("simple_state", "RNN(SimpleRNNCell(3), return_state=true)", _seq, returns=["output", "end_h"]),
    case("stacked", "RNN([LSTMCell(3), GRUCell(5)], return_sequences=true)", _seq),
    case("stacked_state", "RNN([LSTMCell(3), GRUCell(2)], return_state=true)", _seq,
         call="[unit(x)[0], unit(x)[1][0], unit(x)[1][1], unit(x)[2][0]]", returns=["output", "end_h", "end_c", "end_second"]),
    case("backwards", "RNN(GRUCell(3, reset_after=false), go_backwards=true, return_sequences=true)", _seq),
    case("mask", "RNN(LSTMCell(3))", _seq, flags(2, 9, name="mask", lengths=[9, 4]), call="unit(x, mask=mask)"),
    case("symbolic", "RNN(LSTMCell(3))", x(2, 9, 4, type="float32[batch, time, 4]")),
]
CASES["GroupQueryAttention"] = [
    case("self", "GroupQueryAttention(3, 4, 2)", x(2, 5, 6), call="unit(x, x)"),
    case("cross", "GroupQueryAttention(3, 4, 2)", _q, _v), case("key", "GroupQueryAttention(3, 4, 1)", _q, _v, _k),
    case("equal", "GroupQueryAttention(3, 2, 2, use_bias=false)", _q, _v),
    case("causal", "GroupQueryAttention(3, 4, 2)", x(2, 5, 6), call="unit(x, x, use_causal_mask=true)"),
    case("mask", "GroupQueryAttention(3, 4, 2)", _q, _v, flags(2, 7, name="mask", lengths=[7, 4]), call="unit(q, v, value_mask=mask)"),
    case("attention_mask", "GroupQueryAttention(3, 4, 2)", _q, _v, flags(2, 5, 7, name="mask"), call="unit(q, v, attention_mask=mask)"),
    case("scores", "GroupQueryAttention(3, 4, 2)", _q, _v, call="unit(q, v, return_attention_scores=true)", returns=["output", "scores"]),
    case("gate", "GroupQueryAttention(3, 4, 2, use_gate=true)", _q, _v),
    case("symbolic", "GroupQueryAttention(3, 4, 2)", x(2, 5, 6, type="float32[batch, time, 6]"), call="unit(x, x)"),
]
CASES["Attention"] = [
    case("two", "Attention()", _q, _v, call="unit([q, v])"), case("three", "Attention()", _q, _v, x(2, 7, 6, name="k"), call="unit([q, v, k])"),
    case("scale", "Attention(use_scale=true)", _q, _v, call="unit([q, v])"),
    case("concat", "Attention(score_mode=\"concat\")", _q, _v, call="unit([q, v])"),
    case("concat_scale", "Attention(use_scale=true, score_mode=\"concat\")", _q, _v, call="unit([q, v])"),
    case("causal", "Attention()", _q, x(2, 5, 6, name="v"), call="unit([q, v], use_causal_mask=true)"),
    case("scores", "Attention()", _q, _v, call="unit([q, v], return_attention_scores=true)", returns=["output", "scores"]),
]
CASES["AdditiveAttention"] = [
    case("default", "AdditiveAttention()", _q, _v, call="unit([q, v])"),
    case("no_scale", "AdditiveAttention(use_scale=false)", _q, _v, call="unit([q, v])"),
]
CASES["ReversibleEmbedding"] = [
    case("forward", "ReversibleEmbedding(10, 4)", ints(2, 5, high=10)),
    case("tied", "ReversibleEmbedding(10, 4)", ints(2, 5, high=10), call="unit(unit(x), reverse=true)"),
    case("untied", "ReversibleEmbedding(10, 4, tie_weights=false)", ints(2, 5, high=10), call="unit(unit(x), reverse=true)"),
    case("capped", "ReversibleEmbedding(10, 4, logit_soft_cap=0.5)", ints(2, 5, high=10), call="unit(unit(x), reverse=true)"),
]
CASES["Masking"] = [
    case("lstm", "LSTM(3)", x(2, 9, 4), before={"mask": "Masking()"}, call="unit(mask(x))"),
]

_twice = dict(call="(unit(x), unit(x))", returns=("first", "second"))
for _name, _size in (("LSTM", 3), ("GRU", 3), ("SimpleRNN", 3)):
    CASES[_name] += [
        case("stateful", f"{_name}({_size}, stateful=true)", x(2, 5, 4), **_twice),
        case("stateful_sequences", f"{_name}({_size}, stateful=true, return_sequences=true, go_backwards=true)", x(2, 5, 4), **_twice),
        case("stateful_mask", f"{_name}({_size}, stateful=true)", x(2, 5, 4), flags(2, 5, name="mask", lengths=[5, 2]),
             call="(unit(x, mask=mask), unit(x, mask=mask))", returns=("first", "second")),
    ]
CASES["RNN"] += [
    case("stateful", "RNN(GRUCell(3), stateful=true)", x(2, 5, 4), **_twice),
    case("stateful_stacked", "RNN([LSTMCell(3), SimpleRNNCell(2)], stateful=true, return_sequences=true)", x(2, 5, 4), **_twice),
]
_renorm = {"moving_mean": "unit.moving_mean", "moving_variance": "unit.moving_variance", "moving_stddev": "unit.moving_stddev",
           "renorm_mean": "unit.renorm_mean", "renorm_stddev": "unit.renorm_stddev"}
CASES["BatchNormalization"] += [
    case("renorm_training", "BatchNormalization(renorm=true)", x(4, 3), call="unit(x, training=true)", then=_renorm),
    case("renorm_clipping", "BatchNormalization(renorm=true, renorm_clipping=dict(rmin=0.5, rmax=1.5, dmax=0.2), renorm_momentum=0.8)",
         x(6, 3, low=-3, high=9), call="unit(x, training=true)", then=_renorm),
    case("renorm_neither", "BatchNormalization(axis=1, center=false, scale=false, renorm=true)", x(2, 3, 4, 5),
         call="unit(x, training=true)", then=_renorm),
]
CASES["ActivityRegularization"] = [
    case("default", "ActivityRegularization()", x(2, 3)),
    case("both", "ActivityRegularization(l1=0.1, l2=0.2)", x(2, 3)),
    case("mask_passes", "LSTM(3)", ints(2, 6, high=3), before={"embed": "Embedding(3, 4, mask_zero=true)",
         "penalty": "ActivityRegularization(l2=0.5)"}, call="unit(penalty(embed(x)))"),
]
for _kind in ("Average", "Max"):
    for _rank, _shape in ((1, (7,)), (2, (5, 7)), (3, (4, 5, 3))):
        _name = f"Adaptive{_kind}Pooling{_rank}D"
        CASES[_name] = [
            case("one_size", f"{_name}(2)", x(2, *_shape, 3)),
            case("each", f"{_name}({(3, 4, 2)[:_rank] if _rank > 1 else 3})", x(2, *_shape, 3)),
            case("one", f"{_name}(1)", x(2, *_shape, 3)),
            case("all", f"{_name}({_shape if _rank > 1 else _shape[0]})", x(2, *_shape, 3)),
            case("channels_first", f"{_name}(2, data_format=\"channels_first\")", x(2, 3, *_shape)),
            case("symbolic", f"{_name}(2)", x(2, *_shape, 3, type=f"float32[batch, {', '.join(map(str, _shape))}, 3]")),
        ]
for _rank, _shape in ((1, (6,)), (2, (5, 6)), (3, (4, 3, 5))):
    _name = f"ConvLSTM{_rank}D"
    CASES[_name] = [
        case("default", f"{_name}(2, 2)", x(2, 3, *_shape, 3)),
        case("sequences", f"{_name}(2, 2, return_sequences=true)", x(2, 3, *_shape, 3)),
        case("state", f"{_name}(2, 2, return_state=true)", x(2, 3, *_shape, 3), returns=("output", "h", "c")),
        case("backwards", f"{_name}(2, 2, go_backwards=true, return_sequences=true)", x(2, 3, *_shape, 3)),
        case("strides", f"{_name}(2, 2, strides=2, padding=\"same\")", x(2, 3, *_shape, 3)),
        case("dilation", f"{_name}(2, 2, dilation_rate=2)", x(2, 3, *_shape, 3)),
        case("no_bias", f"{_name}(2, 2, use_bias=false)", x(2, 3, *_shape, 3)),
        case("activations", f"{_name}(2, 2, activation=\"relu\", recurrent_activation=\"hard_sigmoid\", unit_forget_bias=false)",
             x(2, 3, *_shape, 3)),
        case("mask", f"{_name}(2, 2, return_sequences=true)", x(2, 3, *_shape, 3), flags(2, 3, name="mask", lengths=[3, 1]),
             call="unit(x, mask=mask)"),
        case("stateful", f"{_name}(2, 2, stateful=true)", x(2, 3, *_shape, 3), **_twice),
        case("initial_state", f"{_name}(2, 2, padding=\"same\")", x(2, 3, *_shape, 3), x(2, *_shape, 2, name="h"), x(2, *_shape, 2, name="c"),
             call="unit(x, initial_state=[h, c])"),
        case("symbolic", f"{_name}(2, 2)", x(2, 3, *_shape, 3, type=f"float32[batch, time, {', '.join(map(str, _shape))}, 3]")),
        case("float64", f"{_name}(2, 2, dtype=\"float64\")", x(2, 3, *_shape, 3)),
    ]
CASES["Normalization"] = [
    case("default", "Normalization()", x(4, 3)),
    case("rank4", "Normalization()", x(2, 3, 4, 5)),
    case("axes", "Normalization(axis=(1, -1))", x(2, 3, 4, 5)),
    case("axis", "Normalization(axis=1)", x(2, 3, 4)),
    case("scalar", "Normalization(axis=none)", x(2, 3, 4)),
    case("invert", "Normalization(invert=true)", x(4, 3)),
    case("given", "Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 0.5, 4.0])", x(4, 3)),
    case("given_number", "Normalization(mean=0.5, variance=4.0, axis=none)", x(4, 3)),
    case("given_axes", "Normalization(axis=(1, 2), mean=[1.0, 2.0], variance=[4.0, 9.0])", x(3, 5, 2)),
    case("given_invert", "Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 0.0, 4.0], invert=true)", x(4, 3)),
    case("symbolic", "Normalization()", x(4, 3, type="float32[batch, 3]")),
]
CASES["CategoryEncoding"] = [
    case("default", "CategoryEncoding(5)", ints(3, 4, high=5)),
    case("multi_hot_rank1", "CategoryEncoding(num_tokens=5)", ints(3, high=5)),
    case("multi_hot_rank3", "CategoryEncoding(5)", ints(2, 3, 4, high=5)),
    case("one_hot", "CategoryEncoding(5, output_mode=\"one_hot\")", ints(3, high=5)),
    case("one_hot_column", "CategoryEncoding(5, \"one_hot\")", ints(3, 1, high=5)),
    case("one_hot_rank2", "CategoryEncoding(5, output_mode=\"one_hot\")", ints(3, 4, high=5)),
    case("count", "CategoryEncoding(5, output_mode=\"count\")", ints(3, 9, high=5)),
    case("count_rank1", "CategoryEncoding(5, output_mode=\"count\")", ints(9, high=5)),
    case("count_weights", "CategoryEncoding(5, output_mode=\"count\")", ints(3, 9, high=5), x(3, 9, name="w"), call="unit(x, count_weights=w)"),
    case("int64", "CategoryEncoding(5)", ints(3, 4, high=5, dtype="int64")),
    case("symbolic", "CategoryEncoding(5)", dict(ints(3, 4, high=5), type="int32[batch, n]")),
]
CASES["Discretization"] = [
    case("int", "Discretization(bin_boundaries=[0.0, 1.0, 2.0])", x(4, 5, low=-1, high=3)),
    case("one_hot", "Discretization([0.0, 1.0, 2.0], output_mode=\"one_hot\")", x(6, low=-1, high=3)),
    case("multi_hot", "Discretization([0.0, 1.0, 2.0], output_mode=\"multi_hot\")", x(4, 3, low=-1, high=3)),
    case("count", "Discretization([0.0, 1.0, 2.0], output_mode=\"count\")", x(4, 5, low=-1, high=3)),
    case("rank3", "Discretization([-0.5, 0.25])", x(2, 3, 4)),
    case("edges", "Discretization([0, 2, 4])", ints(3, 8, high=6)),
]
CASES["CenterCrop"] = [
    case("default", "CenterCrop(3, 4)", x(2, 6, 7, 3)),
    case("odd", "CenterCrop(4, 3)", x(2, 7, 6, 3)),
    case("one_image", "CenterCrop(3, 4)", x(6, 7, 3)),
    case("channels_first", "CenterCrop(3, 4, data_format=\"channels_first\")", x(2, 3, 6, 7)),
    case("enlarged", "CenterCrop(8, 9)", x(2, 6, 7, 3)),
    case("enlarged_one_side", "CenterCrop(4, 9)", x(2, 6, 7, 3)),
    case("integers", "CenterCrop(3, 4)", ints(2, 6, 7, 3, high=255)),
    case("symbolic", "CenterCrop(3, 4)", x(2, 6, 7, 3, type="float32[batch, 6, 7, 3]")),
]
CASES["MaxPooling3D"] = [
    case("default", "MaxPooling3D()", x(2, 4, 5, 6, 3)),
    case("same", "MaxPooling3D((2, 3, 2), padding=\"same\")", x(2, 4, 5, 6, 3)),
    case("strides", "MaxPooling3D(2, strides=1)", x(2, 4, 5, 3, 2)),
    case("strides_each", "MaxPooling3D(pool_size=3, strides=(1, 2, 1))", x(2, 4, 5, 4, 2)),
    case("channels_first", "MaxPooling3D(2, data_format=\"channels_first\")", x(2, 3, 4, 5, 6)),
]
CASES["AveragePooling3D"] = [
    case("default", "AveragePooling3D(2)", x(2, 4, 5, 6, 3)),
    case("same", "AveragePooling3D((2, 3, 2), padding=\"same\")", x(2, 4, 5, 6, 3)),
    case("strides", "AveragePooling3D(2, strides=1)", x(2, 4, 5, 3, 2)),
    case("strides_each", "AveragePooling3D(pool_size=3, strides=(1, 2, 1))", x(2, 4, 5, 4, 2)),
    case("channels_first", "AveragePooling3D(2, data_format=\"channels_first\")", x(2, 3, 4, 5, 6)),
]
CASES["Resizing"] = [
    case("default", "Resizing(5, 9)", x(2, 8, 6, 3)),
    case("nearest", "Resizing(5, 9, interpolation=\"nearest\")", x(2, 8, 6, 3)),
    case("bicubic", "Resizing(5, 9, interpolation=\"bicubic\")", x(2, 8, 6, 3)),
    case("lanczos3", "Resizing(5, 9, interpolation=\"lanczos3\")", x(2, 8, 6, 3)),
    case("antialias", "Resizing(3, 9, antialias=true)", x(2, 8, 6, 3)),
    case("antialias_bicubic", "Resizing(3, 4, interpolation=\"bicubic\", antialias=true)", x(2, 8, 6, 3)),
    case("crop", "Resizing(4, 6, crop_to_aspect_ratio=true)", x(2, 9, 6, 3)),
    case("crop_wide", "Resizing(6, 3, crop_to_aspect_ratio=true)", x(2, 5, 8, 3)),
    case("pad", "Resizing(4, 6, pad_to_aspect_ratio=true)", x(2, 9, 6, 3)),
    case("pad_value", "Resizing(6, 3, pad_to_aspect_ratio=true, fill_value=0.5)", x(2, 5, 8, 3)),
    case("integers", "Resizing(5, 9)", ints(2, 8, 6, 3, high=255)),
    case("integers_nearest", "Resizing(5, 9, interpolation=\"nearest\")", ints(2, 8, 6, 3, high=255, dtype="uint8")),
    case("one_image", "Resizing(5, 9)", x(8, 6, 3)),
    case("channels_first", "Resizing(5, 9, data_format=\"channels_first\")", x(2, 3, 8, 6)),
]

_image = x(2, 5, 6, 3, low=0, high=255)
_train = dict(call="unit(x, training=true)")
CASES["AutoContrast"] = [
    case("default", "AutoContrast()", _image),
    case("unit_range", "AutoContrast(value_range=(0, 1))", x(2, 5, 6, 3, low=0, high=1)),
    case("training", "AutoContrast((-1, 3))", x(2, 5, 6, 3, low=-1, high=2), **_train),
]
# with both ends of a factor equal, nothing is left to chance
CASES["RandomBrightness"] = [
    case("inference", "RandomBrightness(0.3)", _image, call="unit(x, training=false)"),
    case("up", "RandomBrightness((0.2, 0.2))", _image, **_train),
    case("down", "RandomBrightness((-0.3, -0.3), value_range=(0, 1))", x(2, 5, 6, 3, low=0, high=1), **_train),
    case("one_image", "RandomBrightness(factor=(0.2, 0.2))", x(5, 6, 3, low=0, high=255), **_train),
]
CASES["RandomContrast"] = [
    case("inference", "RandomContrast(0.3)", _image, call="unit(x, training=false)"),
    case("none", "RandomContrast(0.0, value_range=(10, 200))", _image, **_train),
]
CASES["RandomInvert"] = [
    case("inference", "RandomInvert(0.3)", _image, call="unit(x, training=false)"),
    case("always", "RandomInvert(factor=(1.0, 1.0))", _image, **_train),
    case("unit_range", "RandomInvert((1.0, 1.0), value_range=(0, 1))", x(2, 5, 6, 3, low=0, high=1), **_train),
    case("never", "RandomInvert(0.0)", _image, **_train),
]
CASES["RandomGrayscale"] = [
    case("inference", "RandomGrayscale()", _image, call="unit(x, training=false)"),
    case("always", "RandomGrayscale(factor=1.0)", _image, **_train),
    case("never", "RandomGrayscale(0.0)", _image, **_train),
    case("channels_first", "RandomGrayscale(1.0, data_format=\"channels_first\")", x(2, 3, 5, 6, low=0, high=255), **_train),
]
CASES["Solarization"] = [
    case("inference", "Solarization(0.3, 0.5)", _image, call="unit(x, training=false)"),
    case("default", "Solarization()", _image, **_train),
    case("unit_range", "Solarization(value_range=(0, 1))", x(2, 5, 6, 3, low=0, high=1), **_train),
]
CASES["RandomFlip"] = [
    case("inference", "RandomFlip()", _image, call="unit(x, training=false)"),
    case("integers", "RandomFlip(\"horizontal\")", ints(2, 5, 6, 3, high=255), call="unit(x, training=false)"),
]
CASES["RandomSaturation"] = [
    case("inference", "RandomSaturation(0.3)", _image, call="unit(x, training=false)"),
    case("less", "RandomSaturation((0.3, 0.3))", _image, **_train),
    case("more", "RandomSaturation((0.6, 0.6), value_range=(0, 1))", x(2, 5, 6, 3, low=0, high=1), **_train),
    case("channels_first", "RandomSaturation((0.2, 0.2), data_format=\"channels_first\")", x(2, 3, 5, 6, low=0, high=255), **_train),
]
CASES["RandomHue"] = [
    case("inference", "RandomHue(0.3)", _image, call="unit(x, training=false)"),
    case("none", "RandomHue((0, 0))", _image, **_train),
    case("opposite", "RandomHue((1.0, 1.0), value_range=(0, 1))", x(2, 5, 6, 3, low=0, high=1), **_train),
    case("channels_first", "RandomHue((1.0, 1.0), data_format=\"channels_first\")", x(2, 3, 5, 6, low=0, high=255), **_train),
]
CASES["RandomColorDegeneration"] = [
    case("inference", "RandomColorDegeneration(0.3)", _image, call="unit(x, training=false)"),
    case("part", "RandomColorDegeneration((0.4, 0.4))", _image, **_train),
    case("away", "RandomColorDegeneration((-0.4, -0.4), value_range=(0, 1))", x(2, 5, 6, 3, low=0, high=1), **_train),
    case("channels_first", "RandomColorDegeneration((0.4, 0.4), data_format=\"channels_first\")", x(2, 3, 5, 6, low=0, high=255), **_train),
]
CASES["RandomSharpness"] = [
    case("inference", "RandomSharpness(0.3)", _image, call="unit(x, training=false)"),
    case("sharper", "RandomSharpness((0.8, 0.8))", _image, **_train),
    case("blurred", "RandomSharpness((0.1, 0.1), value_range=(0, 1))", x(5, 6, 3, low=0, high=1), **_train),
    case("channels_first", "RandomSharpness((0.8, 0.8), data_format=\"channels_first\")", x(2, 3, 5, 6, low=0, high=255), **_train),
]
CASES["RandomPosterization"] = [
    case("inference", "RandomPosterization(3)", _image, call="unit(x, training=false)"),
    case("three", "RandomPosterization((3, 3))", _image, **_train),
    case("unit_range", "RandomPosterization((2, 2), value_range=(0, 1))", x(5, 6, 3, low=0, high=1), **_train),
]
CASES["RandomColorJitter"] = [
    case("inference", "RandomColorJitter(brightness_factor=0.3)", _image, call="unit(x, training=false)"),
    case("all", "RandomColorJitter((0, 255), (0.1, 0.1), (0.0, 0.0), (0.6, 0.6), (1.0, 1.0))", _image, **_train),
    case("none", "RandomColorJitter()", _image, **_train),
]
CASES["RandomCrop"] = [
    case("inference", "RandomCrop(3, 4)", _image, call="unit(x, training=false)"),
    case("same", "RandomCrop(5, 6)", _image, **_train),
    case("wider", "RandomCrop(3, 9)", _image, **_train),
    case("higher", "RandomCrop(9, 3)", _image, **_train),
    case("one_image", "RandomCrop(7, 8)", x(5, 6, 3, low=0, high=255), **_train),
    case("channels_first", "RandomCrop(4, 6, data_format=\"channels_first\")", x(2, 3, 5, 6, low=0, high=255), **_train),
]
CASES["RandomTranslation"] = [
    case("inference", "RandomTranslation(0.3, 0.2)", _image, call="unit(x, training=false)"),
    case("reflect", "RandomTranslation((0.3, 0.3), (-0.2, -0.2))", _image, **_train),
    case("wrap", "RandomTranslation((0.3, 0.3), (0.2, 0.2), fill_mode=\"wrap\")", _image, **_train),
    case("constant", "RandomTranslation((-0.3, -0.3), (0.2, 0.2), \"constant\", fill_value=9.0)", _image, **_train),
    case("nearest", "RandomTranslation((0.5, 0.5), 0.0, \"nearest\", \"nearest\")", x(5, 6, 3, low=0, high=255), **_train),
    case("channels_first", "RandomTranslation((0.3, 0.3), (0.2, 0.2), data_format=\"channels_first\")", x(2, 3, 5, 6, low=0, high=255), **_train),
]
CASES["RandomRotation"] = [
    case("inference", "RandomRotation(0.3)", _image, call="unit(x, training=false)"),
    case("reflect", "RandomRotation((0.1, 0.1))", _image, **_train),
    case("constant", "RandomRotation((-0.3, -0.3), \"constant\", fill_value=7.0)", _image, **_train),
    case("one_image", "RandomRotation((0.4, 0.4), \"nearest\")", x(5, 6, 3, low=0, high=255), **_train),
    case("channels_first", "RandomRotation((0.1, 0.1), \"wrap\", data_format=\"channels_first\")", x(2, 3, 5, 6, low=0, high=255), **_train),
]
CASES["RandomZoom"] = [
    case("inference", "RandomZoom(0.3)", _image, call="unit(x, training=false)"),
    case("out", "RandomZoom((0.3, 0.3))", _image, **_train),
    case("both", "RandomZoom((-0.3, -0.3), (0.2, 0.2), \"constant\", fill_value=7.0)", _image, **_train),
    case("one_image", "RandomZoom((0.4, 0.4), none, \"nearest\")", x(5, 6, 3, low=0, high=255), **_train),
    case("channels_first", "RandomZoom((-0.4, -0.4), (0.1, 0.1), \"wrap\", data_format=\"channels_first\")", x(2, 3, 5, 6, low=0, high=255), **_train),
]
CASES["RandomShear"] = [
    case("inference", "RandomShear(0.3, 0.1)", _image, call="unit(x, training=false)"),
    case("none", "RandomShear()", _image, **_train),
]
_sound = x(2, 40, 3)
CASES["STFTSpectrogram"] = [
    case("log", "STFTSpectrogram(frame_length=16)", _sound, symmetric=True),
    case("magnitude", "STFTSpectrogram(\"magnitude\", 16, 5, 32)", _sound, symmetric=True),
    case("psd", "STFTSpectrogram(\"psd\", 16, padding=\"same\")", _sound, symmetric=True),
    case("real", "STFTSpectrogram(\"real\", 12, expand_dims=true)", _sound),
    case("imag", "STFTSpectrogram(\"imag\", 12, window=none, scaling=none)", _sound),
    case("stft", "STFTSpectrogram(\"stft\", 12, window=\"hamming\", periodic=true, scaling=\"spectrum\", expand_dims=true)", _sound),
    case("symbolic", "STFTSpectrogram(\"magnitude\", 16)", x(2, 40, 3, type="float32[batch, time, 3]"), symmetric=True),
    case("hann", "STFTSpectrogram(\"stft\", 12)", _sound, first_values=True),
    case("hamming", "STFTSpectrogram(\"stft\", 12, window=\"hamming\", periodic=true, scaling=\"spectrum\")", _sound, first_values=True),
    case("blackman", "STFTSpectrogram(\"stft\", 12, window=\"blackman\", scaling=none)", _sound, first_values=True),
    case("angle", "STFTSpectrogram(\"angle\", 12, data_format=\"channels_last\")", _sound),
]
CASES["MelSpectrogram"] = [
    case("default", "MelSpectrogram(fft_length=256, sequence_stride=64, num_mel_bins=16)", x(2, 800)),
    case("one", "MelSpectrogram(256, 100, 200, \"hamming\", 8000, 12, 100.0, 3000.0)", x(800)),
    case("power", "MelSpectrogram(fft_length=256, sequence_stride=64, num_mel_bins=16, power_to_db=false, mag_exp=1.0)", x(2, 800)),
    case("reference", "MelSpectrogram(fft_length=256, num_mel_bins=8, top_db=20.0, ref_power=3.0, min_power=0.001, window=none)", x(2, 800)),
]
CASES["Equalization"] = [
    case("inference", "Equalization()", _image, call="unit(x, training=false)"),
    case("training", "Equalization()", _image, **_train),
    case("bins", "Equalization(value_range=(0, 1), bins=16)", x(2, 5, 6, 3, low=0, high=1), **_train),
    case("few", "Equalization(bins=2)", x(5, 6, 3, low=0, high=255), **_train),
    case("channels_first", "Equalization(data_format=\"channels_first\")", x(2, 3, 5, 6, low=0, high=255), **_train),
]
CASES["RandomGaussianBlur"] = [
    case("inference", "RandomGaussianBlur()", _image, call="unit(x, training=false)"),
    case("always", "RandomGaussianBlur((1.0, 1.0), 3, (0.7, 0.7))", _image, **_train),
    case("wide", "RandomGaussianBlur((1.0, 1.0), 5, (1.0, 1.0), value_range=(0, 1))", x(2, 5, 6, 3, low=0, high=1), **_train),
    case("never", "RandomGaussianBlur(0.0)", _image, **_train),
    case("channels_first", "RandomGaussianBlur((1.0, 1.0), sigma=(0.5, 0.5), data_format=\"channels_first\")", x(2, 3, 5, 6, low=0, high=255), **_train),
]
CASES["RandAugment"] = [
    case("inference", "RandAugment()", _image, call="unit(x, training=false)"),
    case("no_ops", "RandAugment(num_ops=0)", _image, **_train),
]
CASES["AugMix"] = [
    case("inference", "AugMix()", _image, call="unit(x, training=false)"),
    case("empty_chains", "AugMix(chain_depth=0)", _image, **_train),
]
CASES["RandomElasticTransform"] = [
    case("inference", "RandomElasticTransform()", _image, call="unit(x, training=false)"),
    case("never", "RandomElasticTransform(0.0)", _image, **_train),
    case("not_moved", "RandomElasticTransform((1.0, 1.0), scale=0.0)", x(5, 6, 3, low=0, high=255), **_train),
]
CASES["RandomErasing"] = [
    case("inference", "RandomErasing()", _image, call="unit(x, training=false)"),
    case("all", "RandomErasing((1.0, 1.0), (1.0, 1.0), (3.0, 7.0, 300.0))", _image, **_train),
    case("never", "RandomErasing(0.0)", _image, **_train),
    case("nothing", "RandomErasing((1.0, 1.0), (0.0, 0.0), 5)", _image, **_train),
]
CASES["MixUp"] = [
    case("inference", "MixUp()", _image, call="unit(x, training=false)"),
    case("alone", "MixUp(0.4)", x(1, 5, 6, 3, low=0, high=255), **_train),
    case("one_image", "MixUp(0.4)", x(5, 6, 3, low=0, high=255), **_train),
]
CASES["CutMix"] = [
    case("inference", "CutMix()", _image, call="unit(x, training=false)"),
    case("alone", "CutMix(0.4)", x(1, 5, 6, 3, low=0, high=255), **_train),
    case("one_image", "CutMix(0.4)", x(5, 6, 3, low=0, high=255), **_train),
]
CASES["RandomPerspective"] = [
    case("inference", "RandomPerspective()", _image, call="unit(x, training=false)"),
    case("never", "RandomPerspective(0.0)", _image, **_train),
    case("not_moved", "RandomPerspective((1.0, 1.0), scale=0.0, interpolation=\"nearest\")", x(5, 6, 3, low=0, high=255), **_train),
]
_large = x(2, 16, 24, 3, low=0, high=255)
CASES["ContrastLimitedAdaptiveHistogramEqualization"] = [
    case("default", "ContrastLimitedAdaptiveHistogramEqualization()", _large),
    case("odd", "ContrastLimitedAdaptiveHistogramEqualization(clip_limit=1.5, tile_grid_size=(3, 4))", x(2, 17, 23, 2, low=0, high=255)),
    case("no_limit", "ContrastLimitedAdaptiveHistogramEqualization((0, 1), 0.0, (2, 2))", x(12, 10, 3, low=0, high=1)),
    case("channels_first", "ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 3), data_format=\"channels_first\")",
         x(2, 3, 12, 10, low=0, high=255), **_train),
]
