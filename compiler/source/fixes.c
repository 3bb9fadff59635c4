/* The edits that diagnostics propose, applied to a file. */
#include <stdlib.h>
#include <string.h>

#include "diag_sink.h"

typedef VEC(const DiagPart *) Edits;

static int by_start(const void *a, const void *b)
{
    const DiagPart *x = *(const DiagPart *const *)a, *y = *(const DiagPart *const *)b;
    if (x->span.start != y->span.start) return x->span.start < y->span.start ? -1 : 1;
    if (x->span.end != y->span.end) return x->span.end < y->span.end ? -1 : 1;
    return x->serial < y->serial ? -1 : 1;
}

static Edits edits_of(const DiagSink *s, uint32_t file)
{
    Edits edits = {0};
    for (size_t i = 0; i < s->all.len; i++) {
        const Diag *d = s->all.at[i];
        for (size_t j = 0; j < d->parts.len; j++) {
            const DiagPart *p = &d->parts.at[j];
            if (p->kind == PART_FIX && p->span.file == file) vec_push(s->arena, &edits, p);
        }
    }
    if (edits.len) qsort(edits.at, edits.len, sizeof *edits.at, by_start);
    return edits;
}

/* Of two edits that overlap the first is applied: the other may be wrong by then. */
char *diags_apply_fixes(DiagSink *s, uint32_t file, size_t *len)
{
    const Source *src = source_get(s->sources, file);
    const Edits   edits = edits_of(s, file);
    if (!src || !edits.len) return NULL;
    StrBuf   out = {.arena = s->arena};
    uint32_t done = 0; /* the text is copied up to here */
    for (size_t i = 0; i < edits.len; i++) {
        const DiagPart *e = edits.at[i];
        if (e->span.start < done) continue;
        sb_putn(&out, src->text + done, e->span.start - done);
        sb_put(&out, e->text);
        done = e->span.end;
    }
    sb_putn(&out, src->text + done, src->len - done);
    *len = out.len;
    return arena_copy(s->arena, sb_text(&out), out.len);
}
