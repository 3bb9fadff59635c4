#include "toy.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Weights {
    const float   *kernel, *bias;
    const int32_t *calls;
} Weights;

typedef struct States {
    int32_t calls;
} States;

static const mdl_port        inputs[] = {{"inputs", "float32[1 <= batch <= 64, 3]", MDL_FLOAT32, 2}};
static const mdl_port        outputs[] = {{"output", "float32[batch, 2]", MDL_FLOAT32, 2}};
static const mdl_port_info   input_info[] = {{"inputs", "float32[1 <= batch <= 64, 3]"}};
static const mdl_port_info   output_info[] = {{"output", "float32[batch, 2]"}};
static const char *const     symbols[] = {"batch"};
static const int64_t         kernel_shape[] = {3, 2}, bias_shape[] = {2};
static const mdl_initializer glorot = {.kind = MDL_INIT_VARIANCE_SCALING, .text = "glorot_uniform", .a = 1,
                                       .mode = MDL_FAN_AVG, .distribution = MDL_DIST_UNIFORM};
static const mdl_initializer zeros = {.kind = MDL_INIT_ZEROS, .text = "zeros"};
static const char *const     kernel_aliases[] = {"hidden.weight", NULL};

static mdl_registry *instantiate(void *weights)
{
    Weights              *w = weights;
    const mdl_layer_info  model = {.class_name = "Toy", .keras = {"toy", 0}, .keras_parent = MDL_NO_LAYER, .h5_parent = MDL_NO_LAYER,
                                   .output = "float32[batch, 2]", .file = "toy.mdl", .line = 1};
    const mdl_layer_info  hidden = {.class_name = "Dense", .keras = {"dense", 0}, .keras_parent = MDL_NO_LAYER, .h5 = {"hidden", 0},
                                    .h5_parent = MDL_NO_LAYER, .output = "float32[batch, 2]", .file = "toy.mdl", .line = 2};
    const mdl_layer_info  spare = {.class_name = "Dense", .keras = {"dense", 1}, .keras_parent = MDL_NO_LAYER, .h5 = {"layers/dense", 1},
                                   .h5_parent = MDL_NO_LAYER, .file = "toy.mdl", .line = 3, .state = MDL_UNUSED};
    mdl_registry *r = mdl_registry_create("Toy", &model);
    if (r == NULL) return NULL;
    const mdl_layer layer = mdl_layer_add(r, MDL_MODEL, "hidden", &hidden);
    mdl_variable_add(r, layer, &(mdl_variable_info){.name = "kernel", .rank = 2, .shape = kernel_shape, .init = &glorot,
                     .aliases = kernel_aliases, .h5 = "vars/0"}, w != NULL ? &w->kernel : NULL);
    mdl_variable_add(r, layer, &(mdl_variable_info){.name = "bias", .rank = 1, .shape = bias_shape, .init = &zeros, .h5 = "vars/1"},
                     w != NULL ? &w->bias : NULL);
    mdl_layer_add(r, MDL_MODEL, "spare", &spare);
    mdl_variable_add(r, MDL_MODEL, &(mdl_variable_info){.name = "calls", .dtype = MDL_INT32, .is_state = true, .init = &zeros,
                     .h5 = "vars/0"}, w != NULL ? &w->calls : NULL);
    mdl_registry_ports(r, 1, input_info, 1, output_info);
    return r;
}

static mdl_status bind(const int64_t *const *shapes, int64_t *values, mdl_error *error)
{
    values[0] = shapes[0][0];
    if (shapes[0][1] != 3) {
        return mdl_fail(error, MDL_BAD_INPUT, "input `inputs` has %lld features, not 3", (long long)shapes[0][1]);
    }
    if (values[0] < 1 || values[0] > 64) return mdl_fail(error, MDL_BAD_INPUT, "batch is %lld, not from 1 to 64", (long long)values[0]);
    return MDL_OK;
}

static void output_shape(const int64_t *values, int output, int64_t *shape)
{
    (void)output;
    shape[0] = values[0];
    shape[1] = 2;
}

static size_t workspace_size(const int64_t *values)
{
    return (size_t)values[0] * sizeof(float);
}

static void reset(const void *weights, void *states)
{
    ((States *)states)->calls = *((const Weights *)weights)->calls;
}

static void keep(const void *weights, const void *states)
{
    memcpy((void *)(uintptr_t)((const Weights *)weights)->calls, &((const States *)states)->calls, sizeof(int32_t));
}

static mdl_status call(const void *weights, void *states, const int64_t *values, const void *const *in, void *const *out,
                       void *workspace, const mdl_run *run, mdl_error *error)
{
    const Weights *w = weights;
    const float   *x = in[0];
    float         *y = out[0];
    (void)workspace, (void)run, (void)error;
    const int32_t calls = ++((States *)states)->calls;
    for (int64_t b = 0; b < values[0]; b++) {
        for (int64_t j = 0; j < 2; j++) {
            float sum = w->bias[j] + (float)calls;
            for (int64_t i = 0; i < 3; i++) sum += x[b * 3 + i] * w->kernel[i * 2 + j];
            y[b * 2 + j] = sum;
        }
    }
    return MDL_OK;
}

const mdl_program toy = {
    .name = "Toy", .file = "toy.mdl", .ninputs = 1, .noutputs = 1, .nsymbols = 1, .inputs = inputs, .outputs = outputs,
    .symbols = symbols, .weights_size = sizeof(Weights), .states_size = sizeof(States), .instantiate = instantiate,
    .bind = bind, .output_shape = output_shape, .workspace_size = workspace_size, .reset = reset, .keep = keep, .call = call,
};
