/* What `mdlc weights` needs of the compiler: where it stands, and the variables of a model. */
#include "driver.h"
#include "weights/command.h"

static TextVec texts(const WordVec *words) { return (TextVec){words->at, words->len, words->cap}; }

static mdl_registry *load_model(Arena *a, const char *file, const ModelOptions *m, int *exit_status)
{
    const Options o = {.verb = "manifest", .file = file, .model = m->model, .defines = texts(&m->defines), .inputs = texts(&m->inputs),
                       .include_dirs = texts(&m->include_dirs), .training = m->training};
    return model_registry(a, &o, exit_status);
}

int weights_verb(Arena *a, int argc, char **argv)
{
    const WeightsDriver driver = {{own_folder(a)}, load_model};
    arena_limit(a, (size_t)2 << 30);
    return weights_command(a, argc, argv, &driver);
}
