/* Any text goes through the compiler up to its C: as `mdlc check` does, with every model it has, and where nothing is wrong
 * with it, as `mdlc build` does, the graph verified between the passes. It ends with diagnostics that can be printed in both
 * forms and whose fixes can be applied. */
#include <stdint.h>
#include <stdio.h>

#include "emit/emit.h"
#include "ir/passes.h"
#include "sema/sema.h"

static void emit(Session *s, Program *p)
{
    const EmitOptions options = {"0", "fuzz", true, true, true};
    Layouts          *layouts = layouts_create(s->arena, p);
    run_passes(s->arena, p, layouts, NULL, true);
    emit_c(s->arena, p, layouts, s->sources, &options);
    mdl_registry_free(emit_registry(s->arena, p, s->sources));
}

/* True if there was no error. */
static bool compile(const char *text, size_t len, bool build, FILE *out)
{
    Arena             *a = arena_create();
    SourceMap         *sources = sources_create(a);
    Session            s = {a, interner_create(a), sources, diags_create(a, sources)};
    const ParseContext cx = {a, s.names, s.diags};
    const SemaOptions  options = {.check_all = !build};
    Source            *source = source_add(sources, "fuzz.mdl", arena_copy(a, text, len), len, false);
    AstFile           *file = parse_file(&cx, source);
    Program           *p = diag_errors(s.diags) ? NULL : sema_program(&s, file, &options);
    const bool         right = !diag_errors(s.diags);
    if (build && right && p && p->main) emit(&s, p);

    size_t fixed_len = 0;
    diags_render_text(s.diags, out, (DiagStyle){.color = true, .width = 80});
    diags_render_json(s.diags, out);
    diags_apply_fixes(s.diags, source->id, &fixed_len);
    arena_destroy(a);
    return right;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static FILE *nowhere;
    if (!nowhere) nowhere = fopen("/dev/null", "w");
    if (nowhere && compile((const char *)data, len, false, nowhere)) compile((const char *)data, len, true, nowhere);
    return 0;
}
