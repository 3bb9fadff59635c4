/* The reader of mapping files, on any bytes; what it accepts is applied to a small model and a small file. Reading and fitting
 * end, and what fits can be read, in exactly the variable's bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <mdl/mdl_weights.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static mdl_status give(void *context, size_t index, uint64_t begin, size_t size, void *out, mdl_error *error)
{
    (void)context, (void)error;
    memset(out, (int)((index + begin) & 63), size);
    return MDL_OK;
}

static bool ignore(void *context, const char *bytes, size_t size)
{
    (void)context, (void)bytes, (void)size;
    return true;
}

/* Variables v [6], w.0 [2, 3], w.1 [3, 2], x [1, 4, 2] bfloat16. */
static mdl_registry *make_model(void)
{
    static const int64_t six[] = {6}, wide[] = {2, 3}, high[] = {3, 2}, deep[] = {1, 4, 2};
    const mdl_layer_info info = {.class_name = "M", .keras_parent = MDL_NO_LAYER, .h5_parent = MDL_NO_LAYER, .file = "m.mdl", .line = 1};
    mdl_registry        *r = mdl_registry_create("M", &info);
    mdl_variable_add(r, MDL_MODEL, &(mdl_variable_info){.name = "v", .rank = 1, .shape = six}, NULL);
    mdl_variable_add(r, MDL_MODEL, &(mdl_variable_info){.name = "w.0", .rank = 2, .shape = wide}, NULL);
    mdl_variable_add(r, MDL_MODEL, &(mdl_variable_info){.name = "w.1", .rank = 2, .shape = high}, NULL);
    mdl_variable_add(r, MDL_MODEL, &(mdl_variable_info){.name = "x", .dtype = MDL_BFLOAT16, .rank = 3, .shape = deep}, NULL);
    return r;
}

/* Tensors a [2, 3], b [3, 2], c.0 [6], c.1 [2, 2, 2] and a half one, d [4, 2]. */
static mdl_weights *make_file(void)
{
    static const int64_t           wide[] = {2, 3}, high[] = {3, 2}, six[] = {6}, cube[] = {2, 2, 2}, half[] = {4, 2};
    static const mdl_stored        tensors[] = {
        {.name = "a", .name_len = 1, .rank = 2, .shape = wide}, {.name = "b", .name_len = 1, .rank = 2, .shape = high},
        {.name = "c.0", .name_len = 3, .rank = 1, .shape = six}, {.name = "c.1", .name_len = 3, .rank = 3, .shape = cube},
        {.name = "d", .name_len = 1, .dtype = MDL_FLOAT16, .rank = 2, .shape = half},
    };
    const mdl_weights_source source = {.read = give};
    mdl_weights             *w = NULL;
    if (mdl_weights_wrap("file", tensors, sizeof tensors / sizeof *tensors, &source, &w, NULL) != MDL_OK) abort();
    return w;
}

static void read_all(mdl_registry *r, const mdl_fit *fit)
{
    for (int32_t i = 0; i < mdl_registry_count(r); i++) {
        if (!mdl_fit_holds(fit, i)) continue;
        void *out = malloc((size_t)mdl_registry_variable(r, i)->bytes); /* exact, so that sanitizers see a step beyond it */
        if (out == NULL || mdl_fit_read(fit, i, out, NULL) != MDL_OK) abort();
        free(out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static mdl_registry *r;
    static mdl_weights  *w;
    mdl_mapping *mapping;
    mdl_fit     *fit;
    mdl_error    error;
    if (mdl_mapping_parse("map", (const char *)data, size, &mapping, &error) != MDL_OK) return 0;
    if (r == NULL) { /* once, for they take longer than all the rest */
        r = make_model();
        w = make_file();
    }
    const mdl_fit_options options = {.mapping = mapping, .partial = size % 2 != 0, .cast = true, .values = true};
    if (mdl_fit_make(r, w, &options, &fit, &error) != MDL_OK) abort();
    if (mdl_fit_print(fit, size % 3 != 0 ? MDL_TEXT : MDL_JSON, ignore, NULL, &error) != MDL_OK) abort();
    if (mdl_fit_blocking(fit) == 0) read_all(r, fit);
    mdl_fit_free(fit);
    mdl_mapping_free(mapping);
    return 0;
}
