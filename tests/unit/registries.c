#include "registries.h"

#include <stdlib.h>
#include <string.h>

static const mdl_initializer glorot = {.kind = MDL_INIT_VARIANCE_SCALING, .text = "glorot_uniform", .a = 1, .mode = MDL_FAN_AVG,
                                       .distribution = MDL_DIST_UNIFORM};
static const mdl_initializer normal = {.kind = MDL_INIT_RANDOM_NORMAL, .text = "random_normal(stddev=0.02)", .b = 0.02};
static const mdl_initializer zeros = {.kind = MDL_INIT_ZEROS, .text = "zeros"};
static const mdl_initializer ones = {.kind = MDL_INIT_ONES, .text = "ones"};

static mdl_layer_info info_of(const char *class_name, mdl_name keras, int line)
{
    return (mdl_layer_info){.class_name = class_name, .keras = keras, .keras_parent = MDL_NO_LAYER, .h5_parent = MDL_NO_LAYER,
                            .file = "model.mdl", .line = line};
}

mdl_registry *test_registry(const char *model, const char *keras)
{
    const mdl_layer_info info = info_of(model, (mdl_name){keras, 0}, 3);
    return mdl_registry_create(model, &info);
}

mdl_layer test_layer(mdl_registry *r, mdl_layer parent, const char *component, const char *class_name, mdl_name keras, int line)
{
    mdl_layer_info info = info_of(class_name, keras, line);
    info.h5 = (mdl_name){component, 0};
    return mdl_layer_add(r, parent, component, &info);
}

/* Shapes live as long as the process: a table keeps them reachable. */
static const int64_t *shape_of(int rank, int64_t a, int64_t b)
{
    static int64_t shapes[64][2];
    static int     used;
    for (int i = 0; i < used; i++) {
        if (shapes[i][0] == a && (rank < 2 || shapes[i][1] == b)) return shapes[i];
    }
    shapes[used][0] = a;
    shapes[used][1] = b;
    return shapes[used++];
}

static void add(mdl_registry *r, mdl_layer layer, const char *name, mdl_dtype dtype, int rank, int64_t a, int64_t b,
                const mdl_initializer *init, const char *h5)
{
    const mdl_variable_info info = {.name = name, .dtype = dtype, .rank = rank, .shape = shape_of(rank, a, b), .init = init, .h5 = h5};
    mdl_variable_add(r, layer, &info, NULL);
}

mdl_layer test_dense(mdl_registry *r, mdl_layer parent, const char *component, int64_t number, int64_t in, int64_t out)
{
    const mdl_layer layer = test_layer(r, parent, component, "Dense", (mdl_name){"dense", number}, 5);
    add(r, layer, "kernel", MDL_FLOAT32, 2, in, out, &glorot, "vars/0");
    add(r, layer, "bias", MDL_FLOAT32, 1, out, 0, &zeros, "vars/1");
    return layer;
}

static void add_state(mdl_registry *r, mdl_layer layer, const char *name, mdl_dtype dtype, int64_t size, const mdl_initializer *init)
{
    const mdl_variable_info info = {.name = name, .dtype = dtype, .rank = size >= 0, .shape = shape_of(1, size, 0), .is_state = true,
                                    .init = init, .h5 = "vars/2"};
    mdl_variable_add(r, layer, &info, NULL);
}

static void add_block(mdl_registry *r, mdl_layer encoder, int64_t i)
{
    mdl_layer_info info = info_of("Block", (mdl_name){"block", i}, 12);
    info.output = "float32[batch, time, 64]";
    info.h5 = (mdl_name){"blocks/block", i};
    info.frozen = i == 0;
    const mdl_layer block = mdl_layer_item(r, encoder, "blocks", i, &info);
    const mdl_layer norm = test_layer(r, block, "norm", "BatchNormalization", (mdl_name){"batch_normalization", i}, 21);
    add_state(r, norm, "moving_mean", MDL_FLOAT32, 64, &zeros);
    add(r, norm, "gamma", MDL_FLOAT32, 1, 64, 0, &ones, "vars/0");
    add(r, norm, "beta", MDL_FLOAT32, 1, 64, 0, &zeros, "vars/1");
    const mdl_layer attention = test_layer(r, block, "self_attention", "Attention", (mdl_name){"attention", i}, 22);
    test_dense(r, attention, "query_projection", 3 * i, 64, 64);
}

static void add_every_dtype(mdl_registry *r)
{
    static const char *const names[] = {"f32", "f64", "f16", "bf16", "i8", "u8", "i16", "i32", "i64", "flag"};
    const mdl_layer layer = test_layer(r, MDL_MODEL, "types", "EveryType", (mdl_name){"every_type", 0}, 40);
    for (int d = MDL_FLOAT32; d <= MDL_BOOL; d++) add_state(r, layer, names[d], (mdl_dtype)d, d == MDL_INT64 ? -1 : 3, &zeros);
}

/* Four equal layers of a list, each with a layer below it, and a fifth that differs. */
static void add_towers(mdl_registry *r)
{
    for (int64_t i = 0; i < 5; i++) {
        mdl_layer_info info = info_of("Tower", (mdl_name){"tower", i}, 50);
        info.output = i < 4 ? "float32[batch, time, a_dimension_with_a_long_name, 64]" : "int32[batch]";
        info.h5 = (mdl_name){"towers/tower", i};
        test_layer(r, mdl_layer_item(r, MDL_MODEL, "towers", i, &info), "drop", "Dropout", (mdl_name){"dropout", i}, 51);
    }
}

mdl_registry *registry_of_everything(void)
{
    static const mdl_port_info inputs[] = {{"tokens", "int32[1 <= batch <= 64, time]"}, {"scale", "float32[]"}};
    static const mdl_port_info outputs[] = {{"logits", "float32[batch, time, 1000]"}, {"pooled", "float32[batch, 2*time + 1]"}};
    static const char *const   aliases[] = {"lm_head.weight", NULL};
    mdl_registry *r = test_registry("Everything", "everything");
    if (r == NULL) return NULL;
    mdl_registry_ports(r, 2, inputs, 2, outputs);

    const mdl_layer embed = test_layer(r, MDL_MODEL, "embed", "Embedding", (mdl_name){"embedding", 0}, 5);
    const mdl_variable_info table = {.name = "embeddings", .rank = 2, .shape = shape_of(2, 1000, 64), .init = &normal,
                                     .aliases = aliases, .h5 = "vars/0"};
    mdl_variable_add(r, embed, &table, NULL);

    mdl_layer_info  frozen = info_of("Encoder", (mdl_name){"encoder", 0}, 7);
    frozen.h5 = (mdl_name){"encoder", 0};
    const mdl_layer encoder = mdl_layer_add(r, MDL_MODEL, "encoder", &frozen);
    for (int64_t i = 0; i < 2; i++) add_block(r, encoder, i);

    frozen.frozen = true;
    frozen.line = 9;
    const mdl_layer frozen_encoder = mdl_layer_add(r, MDL_MODEL, "pretrained", &frozen);
    test_dense(r, frozen_encoder, "a_projection_with_quite_a_long_name.that_is_nested", 8, 64, 1000);
    mdl_layer_alias(r, encoder, "tied", embed);
    mdl_layer_alias(r, MDL_MODEL, "head", embed);

    const mdl_variable_info temperature = {.name = "temperature", .shape = NULL, .frozen = true, .init = &ones, .h5 = "vars/1",
                                           .keras = "temp", .keras2 = "Temperature"};
    mdl_variable_add(r, MDL_MODEL, &temperature, NULL);
    add(r, MDL_MODEL, "scale", MDL_BFLOAT16, 1, 64, 0, &ones, "vars/0");
    add_every_dtype(r);
    add_towers(r);

    mdl_layer_info info = info_of("Dense", (mdl_name){"dense", 9}, 31);
    info.state = MDL_UNUSED;
    mdl_layer_add(r, MDL_MODEL, "extra", &info);
    info.state = MDL_UNBUILT;
    info.missing = "the type of `x`: give it with --input 'x=float32[batch, 784]'";
    mdl_layer_add(r, MDL_MODEL, "later", &info);
    return r;
}

/* ---- printing ---- */

typedef struct Buffer {
    char  *s;
    size_t len;
} Buffer;

static bool append(void *context, const char *bytes, size_t size)
{
    Buffer *b = context;
    char   *grown = realloc(b->s, b->len + size + 1);
    if (grown == NULL) return false;
    memcpy(grown + b->len, bytes, size);
    b->s = grown;
    b->len += size;
    b->s[b->len] = '\0';
    return true;
}

char *test_manifest(mdl_registry *r, const mdl_manifest_options *options)
{
    Buffer b = {0};
    if (mdl_manifest(r, options, append, &b, NULL) == MDL_OK && b.s != NULL) return b.s;
    free(b.s);
    return NULL;
}

char *test_manifest_of(mdl_registry *r, int argc, char *const *argv)
{
    mdl_manifest_options options = {0};
    for (int at = 0; at < argc;) {
        if (mdl_manifest_option(&options, argc, argv, &at, NULL) != 1) return NULL;
    }
    return test_manifest(r, &options);
}
