#include "passes.h"

#include <string.h>

#include "../base/bug.h"

const Pass pass_table[] = {
    {"fold", pass_fold, true, NULL},
    {"states", pass_states, false, NULL},
    {"dedupe", pass_dedupe, true, NULL},
    {"roll", pass_roll, true, NULL},
    {"transpose-early", pass_transpose_early, true, NULL},
    {"share", pass_share, true, NULL},
    {"gates", pass_gates, true, NULL},
    {"fold-padding", pass_fold_padding, true, NULL},
    {"fold-scale", pass_fold_scale, true, "prepare"},
    {"legalize", pass_legalize, false, NULL},
    {"attention", pass_attention, true, NULL},
    {"winograd", pass_winograd, true, "prepare"},
    {"pack", pass_pack, true, "prepare"},
    {"prepare", pass_prepare, true, NULL},
    {"reductions", pass_reductions, true, NULL},
    {"slices", pass_slices, true, NULL},
    {"epilogues", pass_epilogues, true, NULL},
    {"rows", pass_rows, true, NULL},
    {"samples", pass_samples, true, NULL},
    {NULL, NULL, false, NULL},
};

static bool is_in(const PassNames *names, const char *name)
{
    for (size_t i = 0; names && i < names->len; i++) {
        if (strcmp(names->at[i], name) == 0) return true;
    }
    return false;
}

static bool add_pass(Arena *a, const char *name, PassNames *off)
{
    bool found = false;
    for (const Pass *pass = pass_table; pass->name; pass++) {
        if (!pass->can_be_off || (strcmp(name, "all") != 0 && strcmp(name, pass->name) != 0)) continue;
        vec_push(a, off, pass->name);
        found = true;
    }
    return found;
}

bool passes_off(Arena *a, const char *list, PassNames *off, const char **wrong)
{
    for (const char *at = list;;) {
        const size_t len = strcspn(at, ",");
        *wrong = arena_printf(a, "%.*s", (int)len, at);
        if (!add_pass(a, *wrong, off)) return false;
        if (!at[len]) return true;
        at += len + 1;
    }
}

void run_passes(Arena *a, Program *p, Layouts *layouts, const PassNames *off, bool verify)
{
    PassContext cx = {a, p, layouts};
    bug_context("trace");
    ir_number(p);
    if (verify) ir_verify(a, p, "trace");
    for (const Pass *pass = pass_table; pass->name; pass++) {
        if (is_in(off, pass->name) || (pass->with && is_in(off, pass->with))) continue;
        bug_context(pass->name);
        pass->run(&cx);
        ir_number(p);
        if (verify) ir_verify(a, p, pass->name);
    }
}
