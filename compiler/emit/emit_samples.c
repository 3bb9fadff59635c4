/* A call of a model whose samples do not depend on each other: a function that computes some of them, which libmdl calls for blocks of the
 * batch. */
#include "../ir/samples.h"
#include "api.h"

/* An element of a port's first sample: "images + begin * (height * width * 3)". */
static const char *first_sample(Api *api, const char *pointer, Type t, const Dim *count)
{
    Emitter   *e = api->e;
    DimCtx    *dims = e->program->dims;
    const Dim *each = dim_int(dims, 1);
    int64_t    one;
    if (t.rank == 0 || t.dims[0] != count) return pointer;
    for (int i = 1; i < t.rank && each; i++) each = dim_mul(dims, each, t.dims[i]);
    if (!each) return NULL;
    if (dim_is_int(each, &one) && one == 1) return arena_printf(e->arena, "%s + begin", pointer);
    return arena_printf(e->arena, "%s + begin * %s", pointer, c_dim(&api->symbols, each, true));
}

/* The arguments of the model's function for the samples [begin, end); NULL: a sample is too large for an integer. */
static const char *arguments(Api *api, const Dim *count)
{
    Emitter       *e = api->e;
    const Program *p = e->program;
    const IrFunction *f = api->main->ir;
    StrBuf         args = {.arena = e->arena};
    if (api->main->weights) api_put(&args, "a->weights");
    for (int i = 0; i < f->nsymbols; i++) {
        api_put(&args, f->symbols[i] == count ? "end - begin" : api->symbols.names[dim_symbol_id(f->symbols[i])]);
    }
    for (size_t i = 0; i < p->inputs.len + p->outputs.len; i++) {
        const bool  in = i < p->inputs.len;
        const Port *port = in ? &p->inputs.at[i] : &p->outputs.at[i - p->inputs.len];
        const char *name = in ? api->inputs[i] : api->outputs[i - p->inputs.len];
        const char *first = first_sample(api, arena_printf(e->arena, "a->%s", name), port->type, count);
        if (!first) return NULL;
        api_put(&args, first);
    }
    api_put(&args, "workspace, error");
    return sb_text(&args);
}

static void write_struct(const Api *api, CWriter *w, const char *cname)
{
    Emitter       *e = api->e;
    const Program *p = e->program;
    cw_open(w, "struct %s", cname);
    if (api->main->weights) cw_line(w, "const %s_weights *weights;", e->prefix);
    for (size_t i = 0; i < p->symbols.len; i++) cw_line(w, "int64_t %s;", api->symbols.names[dim_symbol_id(p->symbols.at[i])]);
    for (size_t i = 0; i < p->inputs.len; i++) cw_line(w, "const %s *%s;", c_type(p->inputs.at[i].type.dtype), api->inputs[i]);
    for (size_t i = 0; i < p->outputs.len; i++) cw_line(w, "%s *%s;", c_type(p->outputs.at[i].type.dtype), api->outputs[i]);
    cw_close(w, "%s", ";");
}

static void write_run(const Api *api, CWriter *w, const char *cname, const char *run, const char *args)
{
    cw_line(w, "static mdl_status %s(const void *context, int64_t begin, int64_t end, void *workspace, mdl_error *error)", run);
    cw_open(w, "%s", "");
    cw_line(w, "const struct %s *const a = context;", cname);
    cw_line(w, "return MDL_CALL_VARIANT(%s, %s);", api->main->cname, args);
    cw_close(w, "%s", "");
}

static void write_size(const Api *api, CWriter *w, const char *cname, const char *size, const Dim *count)
{
    const Program *p = api->e->program;
    StrBuf         args = {.arena = api->e->arena};
    bool           others = false;
    for (size_t i = 0; i < p->symbols.len; i++) {
        const char *name = api->symbols.names[dim_symbol_id(p->symbols.at[i])];
        others |= p->symbols.at[i] != count;
        api_put(&args, p->symbols.at[i] == count ? "samples" : name);
    }
    cw_line(w, "static size_t %s(const void *context, int64_t samples)", size);
    cw_open(w, "%s", "");
    if (others) cw_line(w, "const struct %s *const a = context;", cname);
    else cw_line(w, "(void)context;");
    cw_line(w, "return %s_workspace_size(%s);", api->e->prefix, sb_text(&args));
    cw_close(w, "%s", "");
}

static const char *call_text(const Api *api, const Samples *s, const char *cname, const char *run, const char *size)
{
    Emitter       *e = api->e;
    const Program *p = e->program;
    StrBuf         values = {.arena = e->arena};
    if (api->main->weights) api_put(&values, "weights");
    api_put_symbols(api, &values, "");
    for (size_t i = 0; i < p->inputs.len; i++) api_put(&values, api->inputs[i]);
    for (size_t i = 0; i < p->outputs.len; i++) api_put(&values, api->outputs[i]);
    return arena_printf(e->arena, "mdl_share_samples(&(const mdl_samples){.count = %s, .weights = %s, .run = %s, .size = %s, .context = &(const struct %s){%s}, .workspace = workspace}, error)",
                        api->symbols.names[dim_symbol_id(s->count)], c_literal(e->arena, DT_FLOAT64, s->weights, 0), run, size, cname, sb_text(&values));
}

/* The parameters as fields of the struct that `a` points to. */
static Api inside(const Api *api)
{
    Api a = *api;
    const char **names = arena_array(api->e->arena, const char *, (size_t)dim_symbol_count(api->e->program->dims) + 1);
    for (size_t i = 0; i < api->e->program->symbols.len; i++) {
        const int id = dim_symbol_id(api->e->program->symbols.at[i]);
        names[id] = arena_printf(api->e->arena, "a->%s", api->symbols.names[id]);
    }
    a.symbols.names = names;
    return a;
}

/* Of a build that takes the time of steps, a call has its steps once. */
const char *emit_samples(Api *api, const char **count)
{
    Emitter *e = api->e;
    CWriter *w = &e->interface;
    Samples  s;
    Api      fields = inside(api);
    if (e->options->profile || !api->main->work || api->main->states || !samples_apart(e->program, &s)) return NULL;
    const char *args = arguments(&fields, s.count);
    if (!args) return NULL;
    const char *cname = names_claim(e->file, "samples"), *run = names_claim(e->file, "run_samples"), *size = names_claim(e->file, "size_of_samples");
    cw_blank(w);
    cw_comment(w, "A call for some of the samples, which do not depend on each other, and what it is given.");
    write_struct(api, w, cname);
    cw_blank(w);
    write_run(api, w, cname, run, args);
    cw_blank(w);
    write_size(&fields, w, cname, size, s.count);
    *count = api->symbols.names[dim_symbol_id(s.count)];
    return call_text(api, &s, cname, run, size);
}
