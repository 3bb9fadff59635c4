/* The first byte says what is read: a file, a type or an expression. Whatever it is, reading it ends, with diagnostics that
 * lie inside the text and can be printed; a text to which the proposed fixes are applied can be read as well. */
#include <stdint.h>
#include <stdio.h>

#include "source/diag_sink.h"
#include "syntax/ast_print.h"
#include "syntax/parse.h"

static void check_span(const Source *source, Span s)
{
    if (span_known(s) && (s.end < s.start || s.end > source->len)) BUG("a place %u..%u outside the text", s.start, s.end);
}

static void check_diags(const DiagSink *diags, const Source *source)
{
    for (size_t i = 0; i < diags->all.len; i++) {
        const Diag *d = diags->all.at[i];
        check_span(source, d->span);
        for (size_t j = 0; j < d->parts.len; j++) check_span(source, d->parts.at[j].span);
    }
}

static void print_all(DiagSink *diags, FILE *out)
{
    diags_render_text(diags, out, (DiagStyle){.color = true, .width = 80});
    diags_render_json(diags, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static FILE *nowhere;
    if (!nowhere) nowhere = fopen("/dev/null", "w");
    if (len == 0 || !nowhere) return 0;

    Arena             *a = arena_create();
    SourceMap         *sources = sources_create(a);
    const ParseContext cx = {a, interner_create(a), diags_create(a, sources)};
    const char        *text = arena_copy(a, (const char *)data + 1, len - 1);
    Source            *source = source_add(sources, "fuzz.mdl", text, len - 1, false);
    if (data[0] == 't') {
        parse_type(&cx, source);
    } else if (data[0] == 'e') {
        parse_expr(&cx, source);
    } else {
        ast_print(nowhere, parse_file(&cx, source));
    }
    check_diags(cx.diags, source);
    print_all(cx.diags, nowhere);

    size_t      fixed_len = 0;
    const char *fixed = diags_apply_fixes(cx.diags, source->id, &fixed_len);
    if (fixed) parse_file(&cx, source_add(sources, "fixed.mdl", fixed, fixed_len, false));
    arena_destroy(a);
    return 0;
}
