/* Calls the example of docs/generated-code.md with a pool of the program's own, and compares with a call without threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tiny.h"

mdl_status call_on_openmp(mdl_model *model, int64_t batch, const float *x, float *output, void *workspace, mdl_error *error);

int main(void)
{
    enum { BATCH = 300000 }; /* enough for parts */
    mdl_error  error = {MDL_OK, ""};
    mdl_model *model = NULL;
    float     *x = calloc(BATCH * 8, sizeof *x), *alone = calloc(BATCH * 3, sizeof *x), *shared = calloc(BATCH * 3, sizeof *x);
    void      *workspace = aligned_alloc(64, Tiny_workspace_size(BATCH) / 64 * 64 + 64);
    if (Tiny_create(&model, &error) || mdl_model_init(model, 1, &error)) return puts(error.message), 1;
    for (int i = 0; i < BATCH * 8; i++) x[i] = (float)(i % 101) - 50;
    if (Tiny_call(mdl_model_weights(model), BATCH, x, alone, workspace, NULL, &error)) return puts(error.message), 1;
    if (call_on_openmp(model, BATCH, x, shared, workspace, &error)) return puts(error.message), 1;
    puts(memcmp(alone, shared, BATCH * 3 * sizeof *x) == 0 ? "the same" : "other values");
    Tiny_free(model);
    free(workspace);
    free(x);
    free(alone);
    free(shared);
    return 0;
}
