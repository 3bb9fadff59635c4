#include "passes.h"

#include "../base/bug.h"

const Pass pass_table[] = {
    {"fold", pass_fold},
    {"states", pass_states},
    {"dedupe", pass_dedupe},
    {"roll", pass_roll},
    {"share", pass_share},
    {"legalize", pass_legalize},
    {NULL, NULL},
};

void run_passes(Arena *a, Program *p, Layouts *layouts, bool verify)
{
    PassContext cx = {a, p, layouts};
    bug_context("trace");
    ir_number(p);
    if (verify) ir_verify(a, p, "trace");
    for (const Pass *pass = pass_table; pass->name; pass++) {
        bug_context(pass->name);
        pass->run(&cx);
        ir_number(p);
        if (verify) ir_verify(a, p, pass->name);
    }
}
