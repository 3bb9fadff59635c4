/* The output of one model is the input of another. */
#include <stdio.h>

#include "first.h"
#include "second.h"

static int fail(const mdl_error *e)
{
    fprintf(stderr, "%s\n", e->message);
    return 1;
}

int main(void)
{
    float         x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const int64_t shape[] = {2, 4};
    mdl_tensor    in = {x, MDL_FLOAT32, 2, shape}, middle = {0}, out = {0};
    mdl_model    *first = NULL, *second = NULL;
    mdl_error     e;
    if (mdl_model_create(&First_program, &first, &e) || mdl_model_init(first, 1, &e) || mdl_model_create(&Second_program, &second, &e) ||
        mdl_model_init(second, 2, &e) || mdl_model_call(first, &in, &middle, NULL, &e) ||
        mdl_model_call(second, &middle, &out, NULL, &e)) {
        return fail(&e);
    }
    printf("%d variables, %d variables, %d x %d\n", (int)mdl_registry_count(mdl_model_registry(first)),
           (int)mdl_registry_count(mdl_model_registry(second)), (int)out.shape[0], (int)out.shape[1]);
    mdl_model_free(second);
    mdl_model_free(first);
    return 0;
}
