/* mdlc: a command line, and what it asks for. */
#include <string.h>

#include "command_line.h"
#include "process.h"

static int serve(Arena *a, int argc, char **argv)
{
    Options o = {0};
    int status;
    if (argc > 1 && !strcmp(argv[1], "explain")) return explain_verb(argc - 1, argv + 1);
    static const struct {
        const char *name;
        int (*serve)(Arena *a, int argc, char **argv);
    } verbs[] = {{"weights", weights_verb}, {"layers", layers_verb}, {"show", show_verb}}; /* those that read no model */
    for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++) {
        if (!strcmp(argv[1], verbs[i].name)) return verbs[i].serve(a, argc - 1, argv + 1);
    }
    return command_line_read(a, argc, argv, &o, &status) ? drive(&o) : status;
}

int main(int argc, char **argv)
{
    Arena *a = arena_create();
    int status = serve(a, argc, argv);
    if (!output_arrived() && !status) status = EXIT_USAGE;
    arena_destroy(a);
    return status;
}
