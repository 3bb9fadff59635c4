/* The weights are prepared once: what is computed from them alone, before any call. */
#include <inttypes.h>
#include <string.h>

#include "emitter.h"

static uint64_t rounded(uint64_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* Weights have sizes that are numbers. */
uint64_t prepared_bytes(Emitter *e, const CFunction *fn)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < fn->ir->nodes.len; i++) {
        const Node *n = fn->ir->nodes.at[i];
        if (n->kind == NODE_ASSIGN) {
            int64_t count = 0;
            dim_is_int(type_elements(e->program->dims, n->in[0]->type), &count);
            sum += rounded((uint64_t)count * (uint64_t)dtype_size(n->in[0]->type.dtype));
        } else if (node_callee(n)) {
            const uint64_t times = n->kind == NODE_LOOP ? (uint64_t)n->as.loop.count : 1;
            sum += times * prepared_bytes(e, function_called(e, fn, direct_call(n)));
        }
    }
    return sum;
}

static uint64_t work_of(Emitter *e, CFunction *prepare)
{
    uint64_t bytes = 0;
    workspace_most(e, prepare, &bytes);
    return rounded(bytes);
}

void declare_prepare(Emitter *e, CFunction *prepare)
{
    CWriter *w = &e->header;
    if (!prepare) return;
    cw_blank(w);
    cw_comment(w, "Computes what depends on the weights alone: once they have their values, before the first call, and again whenever they change. "
               "`memory` has %s_PREPARED_BYTES, begins at a multiple of 64 and stays as long as the weights are used. `run` may be NULL; its threads help.", e->prefix);
    cw_directive(w, "#define %s_PREPARED_BYTES UINT64_C(%" PRIu64 ")", e->prefix, prepared_bytes(e, prepare) + work_of(e, prepare));
    cw_line(w, "mdl_status %s_prepare(%s_weights *weights, void *memory, const mdl_run *run, mdl_error *error);", e->prefix, e->prefix);
}

static const char *work_text(Emitter *e, const CFunction *prepare)
{
    return prepare->work ? arena_printf(e->arena, "(char *)at.at + %" PRIu64 ", ", prepared_bytes(e, prepare)) : "";
}

/* For values that are in memory already, as in a file that `pack` made. */
static void define_attach(Emitter *e, const CFunction *prepare)
{
    CWriter *w = &e->interface;
    cw_blank(w);
    cw_line(w, "static void attach_any(void *weights, const void *memory)");
    cw_open(w, "%s", "");
    cw_line(w, "mdl_preparing at = {(char *)(uintptr_t)memory, true}; /* it is only read */");
    cw_line(w, "const mdl_status status = MDL_CALL_VARIANT(%s, weights, &at, %sNULL);", prepare->cname, work_text(e, prepare));
    cw_line(w, "((%s_weights *)weights)->%s = status == MDL_OK ? MDL_PREPARED : 0;", e->prefix, e->prepared);
    cw_close(w, "%s", "");
}

void define_prepare(Emitter *e, CFunction *prepare)
{
    CWriter *w = &e->interface;
    if (!prepare) return;
    cw_blank(w);
    cw_line(w, "mdl_status %s_prepare(%s_weights *weights, void *memory, const mdl_run *run, mdl_error *error)", e->prefix, e->prefix);
    cw_open(w, "%s", "");
    cw_line(w, "mdl_preparing at = {memory, false};");
    cw_line(w, "mdl_threads *const before = mdl_threads_enter(run ? run->threads : NULL);");
    cw_line(w, "const mdl_status status = MDL_CALL_VARIANT(%s, weights, &at, %serror);", prepare->cname, work_text(e, prepare));
    cw_line(w, "mdl_threads_leave(before);");
    cw_line(w, "weights->%s = status == MDL_OK ? MDL_PREPARED : 0;", e->prepared);
    cw_line(w, "return status;");
    cw_close(w, "%s", "");
    cw_blank(w);
    cw_line(w, "static mdl_status prepare_any(void *weights, void *memory, const mdl_run *run, mdl_error *error)");
    cw_open(w, "%s", "");
    cw_line(w, "return %s_prepare(weights, memory, run, error);", e->prefix);
    cw_close(w, "%s", "");
    define_attach(e, prepare);
}

/* FNV-1a, of code without its comments: where the source lies makes no difference. */
void prepared_depends(Emitter *e, const char *text)
{
    for (const char *end; *text; text++) {
        const bool comment = text[0] == '/' && text[1] == '*';
        if (comment && (end = strstr(text, "*/"))) text = end + 1;
        else if (*text != '\n' && *text != ' ') e->prepared_key = (e->prepared_key ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
    }
}

void describe_prepare(Emitter *e, const CFunction *prepare)
{
    CWriter *w = &e->interface;
    prepared_depends(e, e->options->version ? e->options->version : ""); /* of the kernels, too */
    cw_line(w, ".prepared_size = %s_PREPARED_BYTES,", e->prefix);
    cw_line(w, ".prepared_values = %" PRIu64 ",", prepared_bytes(e, prepare));
    cw_line(w, ".prepared_key = UINT64_C(0x%016" PRIx64 "),", e->prepared_key);
    cw_line(w, ".prepare = prepare_any,");
    cw_line(w, ".attach = attach_any,");
}
