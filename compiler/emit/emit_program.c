/* The functions that a program calls, and the descriptor that libmdl reads. */
#include <inttypes.h>
#include <string.h>

#include "api.h"

/* ---- counting ---- */

typedef struct Totals {
    uint64_t parameters, trainable, bytes;
} Totals;

static void add_variable(Totals *t, const Variable *v, bool frozen)
{
    uint64_t count = 1;
    for (int i = 0; i < v->rank; i++) count *= (uint64_t)v->shape[i];
    t->parameters += count;
    t->bytes += count * (uint64_t)dtype_size(v->dtype);
    if (!frozen && !v->frozen && !v->is_state) t->trainable += count;
}

static void add_layer(Totals *t, const Instance *layer, bool frozen);

static void add_slots(Totals *t, const SlotVec *slots, bool frozen)
{
    for (size_t i = 0; i < slots->len; i++) {
        const Slot *s = slots->at[i];
        if (s->kind != SLOT_LAYER) add_slots(t, &s->items, frozen);
        else if (!s->alias) add_layer(t, s->layer, frozen);
    }
}

static void add_layer(Totals *t, const Instance *layer, bool frozen)
{
    frozen |= layer->frozen;
    for (size_t i = 0; i < layer->variables.len; i++) add_variable(t, layer->variables.at[i], frozen);
    add_slots(t, &layer->slots, frozen);
}

static void emit_totals(Emitter *e)
{
    Totals t = {0};
    if (e->program->model) add_layer(&t, e->program->model, false);
    e->weight_bytes = t.bytes;
    cw_blank(&e->header);
    cw_directive(&e->header, "#define %s_PARAMETERS UINT64_C(%" PRIu64 ")", e->prefix, t.parameters);
    cw_directive(&e->header, "#define %s_TRAINABLE_PARAMETERS UINT64_C(%" PRIu64 ")", e->prefix, t.trainable);
    cw_directive(&e->header, "#define %s_BYTES UINT64_C(%" PRIu64 ")", e->prefix, t.bytes);
}

/* ---- signatures ---- */

void api_put(StrBuf *params, const char *text)
{
    if (params->len > 0) sb_put(params, ", ");
    sb_put(params, text);
}

void api_put_symbols(const Api *api, StrBuf *params, const char *type)
{
    const Program *p = api->e->program;
    for (size_t i = 0; i < p->symbols.len; i++) {
        api_put(params, arena_printf(api->e->arena, "%s%s", type, api->symbols.names[dim_symbol_id(p->symbols.at[i])]));
    }
}

static Api name_ports(Emitter *e, CFunction *main)
{
    Arena         *a = e->arena;
    const Program *p = e->program;
    Names         *names = names_create(a, e->file, false);
    static const char *const own[] = {"weights", "states", "workspace", "run", "error", "shapes", "symbols", "which", "shape",
                                      "run_samples", "size_of_samples", "status", "before"};
    for (size_t i = 0; i < countof(own); i++) names_reserve(names, own[i]);
    int          nsymbols = dim_symbol_count(p->dims);
    const char **symbols = arena_array(a, const char *, (size_t)nsymbols + 1);
    Api api = {e, main, {a, p->dims, symbols, arena_array(a, bool, (size_t)nsymbols + 1)},
               arena_array(a, const char *, p->inputs.len + 1), arena_array(a, const char *, p->outputs.len + 1)};
    for (int i = 0; i < nsymbols; i++) symbols[i] = dim_symbol_name(p->dims, i);
    for (size_t i = 0; i < p->symbols.len; i++) {
        int id = dim_symbol_id(p->symbols.at[i]);
        symbols[id] = names_claim(names, dim_symbol_name(p->dims, id));
    }
    for (size_t i = 0; i < p->inputs.len; i++) api.inputs[i] = names_claim(names, p->inputs.at[i].name);
    for (size_t i = 0; i < p->outputs.len; i++) api.outputs[i] = names_claim(names, p->outputs.at[i].name);
    return api;
}

static const char *call_params(const Api *api)
{
    Emitter       *e = api->e;
    const Program *p = e->program;
    StrBuf         params = {.arena = e->arena};
    if (e->has_weights) api_put(&params, arena_printf(e->arena, "const %s_weights *weights", e->prefix));
    if (e->has_states) api_put(&params, arena_printf(e->arena, "%s_states *states", e->prefix));
    api_put_symbols(api, &params, "int64_t ");
    for (size_t i = 0; i < p->inputs.len; i++) api_put(&params, arena_printf(e->arena, "const %s *%s", c_type(p->inputs.at[i].type.dtype), api->inputs[i]));
    for (size_t i = 0; i < p->outputs.len; i++) api_put(&params, arena_printf(e->arena, "%s *%s", c_type(p->outputs.at[i].type.dtype), api->outputs[i]));
    api_put(&params, "void *workspace, const mdl_run *run, mdl_error *error");
    return sb_text(&params);
}

static const char *symbol_params(const Api *api)
{
    StrBuf params = {.arena = api->e->arena};
    api_put_symbols(api, &params, "int64_t ");
    return params.len > 0 ? sb_text(&params) : "void";
}

/* ---- the header's declarations ---- */

static void describe_ports(const Api *api)
{
    Emitter       *e = api->e;
    const Program *p = e->program;
    for (size_t i = 0; i < p->inputs.len; i++) cw_comment(&e->header, "in   %s: %s", api->inputs[i], type_text(p->dims, e->arena, p->inputs.at[i].type));
    for (size_t i = 0; i < p->outputs.len; i++) cw_comment(&e->header, "out  %s: %s", api->outputs[i], type_text(p->dims, e->arena, p->outputs.at[i].type));
}

static void declare_workspace_bytes(const Api *api)
{
    Emitter *e = api->e;
    uint64_t bytes;
    if (!workspace_most(e, api->main, &bytes)) return;
    cw_comment(&e->header, "The most that it returns within the bounds of the model's sizes: enough for a static buffer.");
    cw_line(&e->header, "#define %s_WORKSPACE_BYTES UINT64_C(%" PRIu64 ")", e->prefix, bytes);
}

static void declare(const Api *api)
{
    Emitter *e = api->e;
    CWriter *w = &e->header;
    emit_totals(e);
    cw_blank(w);
    cw_comment(w, "Records every layer and variable. `weights` receives the addresses through which calls read them; NULL: only the record is wanted. Free it with mdl_registry_free.");
    cw_line(w, "mdl_registry *%s_instantiate(%s *weights);", e->prefix, e->has_weights ? arena_printf(e->arena, "%s_weights", e->prefix) : "void");
    cw_blank(w);
    cw_comment(w, "Bytes of the workspace of one call; give it memory aligned to 64.");
    cw_line(w, "size_t %s_workspace_size(%s);", e->prefix, symbol_params(api));
    declare_workspace_bytes(api);
    if (e->has_states) {
        cw_blank(w);
        cw_comment(w, "Gives the states their first values, from the weights.");
        cw_line(w, "void %s_reset(const %s_weights *weights, %s_states *states);", e->prefix, e->prefix, e->prefix);
        cw_blank(w);
        cw_comment(w, "The other way: writes the states to the memory of the weights, from where _reset will take them.");
        cw_line(w, "void %s_keep(const %s_weights *weights, const %s_states *states);", e->prefix, e->prefix, e->prefix);
    }
    cw_blank(w);
    cw_comment(w, "The forward pass. It allocates nothing; results must not overlap anything else. `run` may be NULL; its seed is that of random numbers.");
    describe_ports(api);
    cw_line(w, "mdl_status %s_call(%s);", e->prefix, call_params(api));
    cw_blank(w);
    cw_comment(w, "A model that has memory for its values and can load them: see mdl_model_load and its neighbours in mdl.h.");
    cw_line(w, "mdl_status %s_create(mdl_model **model, mdl_error *error);", e->prefix);
    cw_line(w, "void %s_free(mdl_model *model);", e->prefix);
    cw_blank(w);
    cw_comment(w, "All of it as data, for libmdl.");
    cw_line(w, "extern const mdl_program %s_program;", e->prefix);
}

/* ---- sizes ---- */

static void define_workspace_size(const Api *api)
{
    Emitter       *e = api->e;
    CWriter       *w = &e->interface;
    const Program *p = e->program;
    cw_blank(w);
    cw_line(w, "size_t %s_workspace_size(%s)", e->prefix, symbol_params(api));
    cw_open(w, "%s", "");
    bool uses = api->main->work;
    for (size_t i = 0; i < p->symbols.len; i++) {
        bool passed = false;
        for (int k = 0; k < p->main->nsymbols; k++) passed |= p->main->symbols[k] == p->symbols.at[i];
        if (!uses || !passed) cw_line(w, "(void)%s;", api->symbols.names[dim_symbol_id(p->symbols.at[i])]);
    }
    if (uses) {
        StrBuf args = {.arena = e->arena};
        for (int i = 0; i < p->main->nsymbols; i++) sb_printf(&args, ", %s", api->symbols.names[dim_symbol_id(p->main->symbols[i])]);
        cw_line(w, "return %s_plan((size_t[%zu]){0}%s);", api->main->cname, api->main->plan->slots.len + 2, sb_text(&args));
    } else {
        cw_line(w, "return 0;");
    }
    cw_close(w, "%s", "");
}

/* The checks on symbols alone, for callers with and without shapes. */
static bool define_check(Api *api)
{
    Emitter       *e = api->e;
    const Program *p = e->program;
    if (p->input_checks.len == 0) return false;
    CWriter *w = &e->interface, body = cw_create(e->arena);
    memset(api->symbols.used, 0, (size_t)dim_symbol_count(p->dims) * sizeof *api->symbols.used);
    for (size_t i = 0; i < p->input_checks.len; i++) emit_check(e->arena, &body, &api->symbols, p->input_checks.at[i]);
    cw_blank(w);
    cw_line(w, "static mdl_status check_sizes(%s, mdl_error *error)", symbol_params(api));
    cw_open(w, "%s", "");
    for (size_t i = 0; i < p->symbols.len; i++) {
        int id = dim_symbol_id(p->symbols.at[i]);
        if (!api->symbols.used[id]) cw_line(w, "(void)%s;", api->symbols.names[id]);
    }
    cw_lines(w, sb_text(&body.out));
    cw_line(w, "return MDL_OK;");
    cw_close(w, "%s", "");
    return true;
}

/* ---- the call ---- */

/* The call of the model's function, on all samples at once. */
static const char *call_of_main(const Api *api)
{
    Emitter       *e = api->e;
    const Program *p = e->program;
    CFunction     *m = api->main;
    StrBuf         args = {.arena = e->arena};
    if (m->weights) api_put(&args, "weights");
    if (m->states) api_put(&args, "states");
    for (int i = 0; i < m->ir->nsymbols; i++) api_put(&args, api->symbols.names[dim_symbol_id(m->ir->symbols[i])]);
    if (m->key) api_put(&args, "run ? run->seed : 0");
    for (size_t i = 0; i < p->inputs.len; i++) api_put(&args, api->inputs[i]);
    for (size_t i = 0; i < p->outputs.len; i++) api_put(&args, api->outputs[i]);
    if (m->work) api_put(&args, "workspace");
    api_put(&args, "error");
    return arena_printf(e->arena, "MDL_CALL_VARIANT(%s, %s)", m->cname, sb_text(&args));
}

static void define_call(Api *api, bool checks)
{
    Emitter       *e = api->e;
    CWriter       *w = &e->interface;
    const Program *p = e->program;
    CFunction     *m = api->main;
    StrBuf         symbols = {.arena = e->arena};
    const char    *count = NULL, *samples = emit_samples(api, &count);
    api_put_symbols(api, &symbols, "");
    cw_blank(w);
    cw_line(w, "mdl_status %s_call(%s)", e->prefix, call_params(api));
    cw_open(w, "%s", "");
    if (e->has_weights && !m->weights) cw_line(w, "(void)weights;");
    if (e->has_states && !m->states) cw_line(w, "(void)states;");
    if (!m->work) cw_line(w, "(void)workspace;");
    for (size_t i = 0; i < p->symbols.len && !checks; i++) {
        bool passed = false;
        for (int k = 0; k < m->ir->nsymbols; k++) passed |= m->ir->symbols[k] == p->symbols.at[i];
        if (!passed) cw_line(w, "(void)%s;", api->symbols.names[dim_symbol_id(p->symbols.at[i])]);
    }
    if (e->prepared) {
        cw_open(w, "if (weights->%s != MDL_PREPARED)", e->prepared);
        cw_line(w, "return mdl_fail(error, MDL_USAGE, \"the weights are not prepared: %s_prepare does that, once they have their values\");", e->prefix);
        cw_close(w, "%s", "");
    }
    if (checks) cw_line(w, "MDL_TRY(check_sizes(%s, error));", sb_text(&symbols));
    cw_line(w, "mdl_threads *const before = mdl_threads_enter(run ? run->threads : NULL);");
    if (samples) cw_line(w, "const mdl_status status = %s > 1 ? %s : %s;", count, samples, call_of_main(api));
    else cw_line(w, "const mdl_status status = %s;", call_of_main(api));
    cw_line(w, "mdl_threads_leave(before);");
    cw_line(w, "return status;");
    cw_close(w, "%s", "");
}

/* ---- states ---- */

/* The two ways: _reset gives the states the variables' values, _keep the variables the states'. */
typedef struct StateCopy {
    const char *verb; /* "reset", "keep" */
    bool       *done; /* layouts that have their function */
} StateCopy;

static bool is_empty(const Variable *v)
{
    for (int k = 0; k < v->rank; k++) {
        if (v->shape[k] == 0) return true;
    }
    return false;
}

static void copy_part(CWriter *w, const Part *p, const StateCopy *c)
{
    if (p->kind == PART_VARIABLE && p->assigned && !is_empty(p->variable)) {
        if (*c->verb == 'r') cw_line(w, "if (weights->%s) memcpy(states->%s, weights->%s, sizeof states->%s);", p->cname, p->cname, p->cname, p->cname);
        else cw_line(w, "if (weights->%s) memcpy((void *)(uintptr_t)weights->%s, states->%s, sizeof states->%s);", p->cname, p->cname, p->cname, p->cname);
    } else if (p->kind == PART_STRUCT && p->layout->has_states) {
        cw_line(w, "%s_%s(&weights->%s, &states->%s);", p->layout->cname, c->verb, p->cname, p->cname);
    } else if (p->kind == PART_ARRAY && p->layout->has_states) {
        cw_line(w, "for (int i = 0; i < %" PRId64 "; i++) %s_%s(&weights->%s[i], &states->%s[i]);", p->count, p->layout->cname, c->verb, p->cname, p->cname);
    }
}

static void copy_layout(Emitter *e, Layout *l, const StateCopy *c)
{
    if (c->done[l->id] || !l->has_states) return;
    c->done[l->id] = true;
    for (size_t i = 0; i < l->parts.len; i++) {
        if (l->parts.at[i].layout) copy_layout(e, l->parts.at[i].layout, c);
    }
    CWriter *w = &e->interface;
    const char *constant = *c->verb == 'r' ? "" : "const ";
    cw_blank(w);
    if (l == e->model) cw_line(w, "void %s_%s(const %s_weights *weights, %s%s_states *states)", e->prefix, c->verb, e->prefix, constant, e->prefix);
    else cw_line(w, "static void %s_%s(const struct %s *weights, %sstruct %s_states *states)", l->cname, c->verb, l->cname, constant, l->cname);
    cw_open(w, "%s", "");
    for (size_t i = 0; i < l->parts.len; i++) copy_part(w, &l->parts.at[i], c);
    cw_close(w, "%s", "");
}

static void emit_state_copies(Emitter *e)
{
    static const char *const verbs[] = {"reset", "keep"};
    for (size_t i = 0; i < countof(verbs); i++) {
        const StateCopy c = {verbs[i], arena_array(e->arena, bool, e->layouts->all.len + 1)};
        copy_layout(e, e->model, &c);
    }
}

/* ---- for libmdl: everything by address ---- */

static bool is_known(const bool *known, const Dim *d)
{
    for (int i = 0; i < d->nterms; i++) {
        for (int k = 0; k < d->terms[i].nfactors; k++) {
            const Atom *atom = d->terms[i].factors[k].atom;
            if (atom->kind == ATOM_SYMBOL ? !known[atom->symbol] : !is_known(known, atom->a) || !is_known(known, atom->b)) return false;
        }
    }
    return true;
}

/* The one unknown symbol of a term, if it is a factor of it, alone and once; -1: none is unknown; -2: another form. */
static int unknown_factor(const bool *known, const Term *t)
{
    int unknown = -1;
    for (int k = 0; k < t->nfactors; k++) {
        const Atom *atom = t->factors[k].atom;
        const Dim  *alone = &(Dim){.terms = &(Term){1, &t->factors[k], 1}, .nterms = 1};
        if (is_known(known, alone)) continue;
        if (unknown != -1 || atom->kind != ATOM_SYMBOL || t->factors[k].power != 1) return -2;
        unknown = atom->symbol;
    }
    return unknown;
}

/* The one unknown symbol of `d` where it is a*n + b with known a and b; -1 if there is none. */
static int unknown_of(const bool *known, const Dim *d)
{
    int unknown = -1;
    for (int i = 0; i < d->nterms; i++) {
        const int found = unknown_factor(known, &d->terms[i]);
        if (found == -2 || (found >= 0 && unknown >= 0 && found != unknown)) return -1;
        if (found >= 0) unknown = found;
    }
    return unknown;
}

typedef struct Binder {
    Api  *api;
    bool *known;
    bool *checked; /* [input * 32 + axis]: nothing to check there any more */
} Binder;

static void bind_axis(Binder *b, size_t input, int axis)
{
    Emitter    *e = b->api->e;
    CWriter    *w = &e->interface;
    DimCtx     *dims = e->program->dims;
    const Port *port = &e->program->inputs.at[input];
    const Dim  *d = port->type.dims[axis];
    int         unknown = unknown_of(b->known, d);
    if (unknown < 0) return;
    const char *name = b->api->symbols.names[unknown];
    b->known[unknown] = true;
    if (dim_symbol_id(d) == unknown) {
        cw_line(w, "const int64_t %s = shapes[%zu][%d];", name, input, axis);
        b->checked[input * 32 + (size_t)axis] = true;
        return;
    }
    const int   count = dim_symbol_count(dims);
    const Dim **with = arena_array(e->arena, const Dim *, (size_t)count + 1);
    with[unknown] = dim_int(dims, 0);
    const Dim *rest = dim_substitute(dims, d, with, count);
    with[unknown] = dim_int(dims, 1);
    const Dim *factor = dim_sub(dims, dim_substitute(dims, d, with, count), rest);
    cw_line(w, "const int64_t %s = mdl_dim_div(shapes[%zu][%d] - %s, %s);", name, input, axis,
            c_dim(&b->api->symbols, rest, true), c_dim(&b->api->symbols, factor, false));
}

static void check_axis(Binder *b, size_t input, int axis)
{
    Emitter    *e = b->api->e;
    CWriter    *w = &e->interface;
    const Port *port = &e->program->inputs.at[input];
    const Dim  *d = port->type.dims[axis];
    if (b->checked[input * 32 + (size_t)axis]) return;
    StrBuf message = {.arena = e->arena};
    sb_printf(&message, "%s: %s expected", port->name, type_text(e->program->dims, e->arena, port->type));
    const char *text = emit_string(e, sb_text(&message));
    const char *value = c_dim(&b->api->symbols, d, false);
    cw_open(w, "if (shapes[%zu][%d] != %s)", input, axis, value);
    cw_line(w, "return mdl_fail(error, MDL_BAD_INPUT, \"%%s; axis %d is %%\" PRId64 \", not %%\" PRId64, %s, shapes[%zu][%d], (int64_t)(%s));", axis, text, input, axis, value);
    cw_close(w, "%s", "");
}

static void define_bind(Api *api, bool checks)
{
    Emitter       *e = api->e;
    CWriter       *w = &e->interface;
    const Program *p = e->program;
    Binder b = {api, arena_array(e->arena, bool, (size_t)dim_symbol_count(p->dims) + 1), arena_array(e->arena, bool, (p->inputs.len + 1) * 32)};
    cw_blank(w);
    cw_line(w, "static mdl_status bind_sizes(const int64_t *const *shapes, int64_t *symbols, mdl_error *error)");
    cw_open(w, "%s", "");
    bool any = false;
    for (size_t i = 0; i < p->inputs.len; i++) any |= p->inputs.at[i].type.rank > 0;
    if (!any) cw_line(w, "(void)shapes;");
    if (!any && !checks) cw_line(w, "(void)error;");
    if (p->symbols.len == 0) cw_line(w, "(void)symbols;");
    size_t before = SIZE_MAX, left = p->symbols.len;
    for (int round = 0; left > 0 && left < before; round++) { /* plain names first */
        before = round == 0 ? SIZE_MAX : left;
        for (size_t i = 0; i < p->inputs.len; i++) {
            for (int k = 0; k < p->inputs.at[i].type.rank; k++) {
                bool plain = dim_symbol_id(p->inputs.at[i].type.dims[k]) >= 0;
                if (plain || round > 0) bind_axis(&b, i, k);
            }
        }
        left = 0;
        for (size_t i = 0; i < p->symbols.len; i++) left += !b.known[dim_symbol_id(p->symbols.at[i])];
    }
    if (left > 0) BUG("a dimension of the inputs of %s can't be told from their shapes", p->name);
    memset(api->symbols.used, 0, (size_t)dim_symbol_count(p->dims) * sizeof *api->symbols.used);
    bool fails = checks;
    for (size_t i = 0; i < p->inputs.len; i++) {
        for (int k = 0; k < p->inputs.at[i].type.rank; k++) {
            fails |= !b.checked[i * 32 + (size_t)k];
            check_axis(&b, i, k);
        }
    }
    if (any && !fails) cw_line(w, "(void)error;");
    StrBuf symbols = {.arena = e->arena};
    api_put_symbols(api, &symbols, "");
    if (checks) cw_line(w, "MDL_TRY(check_sizes(%s, error));", sb_text(&symbols));
    for (size_t i = 0; i < p->symbols.len; i++) cw_line(w, "symbols[%zu] = %s;", i, api->symbols.names[dim_symbol_id(p->symbols.at[i])]);
    cw_line(w, "return MDL_OK;");
    cw_close(w, "%s", "");
}

static void take_symbols(const Api *api, CWriter *w)
{
    const Program *p = api->e->program;
    for (size_t i = 0; i < p->symbols.len; i++) {
        int id = dim_symbol_id(p->symbols.at[i]);
        if (api->symbols.used[id]) cw_line(w, "const int64_t %s = symbols[%zu];", api->symbols.names[id], i);
    }
}

static void define_output_shape(Api *api)
{
    Emitter       *e = api->e;
    CWriter       *w = &e->interface, body = cw_create(e->arena);
    const Program *p = e->program;
    int            nsymbols = dim_symbol_count(p->dims);
    memset(api->symbols.used, 0, (size_t)nsymbols * sizeof *api->symbols.used);
    bool any_size = false, any_symbol = false;
    for (size_t i = 0; i < p->outputs.len; i++) {
        Type t = p->outputs.at[i].type;
        if (t.rank == 0) continue;
        any_size = true;
        cw_open(&body, "if (which == %zu)", i);
        for (int k = 0; k < t.rank; k++) cw_line(&body, "shape[%d] = %s;", k, c_dim(&api->symbols, t.dims[k], false));
        cw_close(&body, "%s", "");
    }
    for (int i = 0; i < nsymbols; i++) any_symbol |= api->symbols.used[i];
    cw_blank(w);
    cw_line(w, "static void output_shape(const int64_t *symbols, int which, int64_t *shape)");
    cw_open(w, "%s", "");
    if (!any_symbol) cw_line(w, "(void)symbols;");
    if (!any_size) cw_line(w, "(void)which, (void)shape;");
    take_symbols(api, w);
    cw_lines(w, sb_text(&body.out));
    cw_close(w, "%s", "");
}

static const char *symbol_arguments(const Api *api)
{
    StrBuf args = {.arena = api->e->arena};
    for (size_t i = 0; i < api->e->program->symbols.len; i++) sb_printf(&args, "%ssymbols[%zu]", i > 0 ? ", " : "", i);
    return sb_text(&args);
}

static void define_untyped(Api *api)
{
    Emitter       *e = api->e;
    CWriter       *w = &e->interface;
    const Program *p = e->program;
    cw_blank(w);
    cw_line(w, "static mdl_registry *instantiate_any(void *weights)");
    cw_open(w, "%s", "");
    cw_line(w, "return %s_instantiate(weights);", e->prefix);
    cw_close(w, "%s", "");

    cw_blank(w);
    cw_line(w, "static size_t workspace_size_any(const int64_t *symbols)");
    cw_open(w, "%s", "");
    if (p->symbols.len == 0) cw_line(w, "(void)symbols;");
    cw_line(w, "return %s_workspace_size(%s);", e->prefix, symbol_arguments(api));
    cw_close(w, "%s", "");

    cw_blank(w);
    cw_line(w, "static void reset_any(const void *weights, void *states)");
    cw_open(w, "%s", "");
    if (e->has_states) cw_line(w, "%s_reset(weights, states);", e->prefix);
    else cw_line(w, "(void)weights, (void)states;");
    cw_close(w, "%s", "");
    if (e->has_states) {
        cw_blank(w);
        cw_line(w, "static void keep_any(const void *weights, const void *states)");
        cw_open(w, "%s", "");
        cw_line(w, "%s_keep(weights, states);", e->prefix);
        cw_close(w, "%s", "");
    }

    StrBuf args = {.arena = e->arena};
    if (e->has_weights) api_put(&args, "weights");
    if (e->has_states) api_put(&args, "states");
    if (p->symbols.len > 0) api_put(&args, symbol_arguments(api));
    for (size_t i = 0; i < p->inputs.len; i++) api_put(&args, arena_printf(e->arena, "inputs[%zu]", i));
    for (size_t i = 0; i < p->outputs.len; i++) api_put(&args, arena_printf(e->arena, "outputs[%zu]", i));
    api_put(&args, "workspace, run, error");
    cw_blank(w);
    cw_line(w, "static mdl_status call_any(const void *weights, void *states, const int64_t *symbols, const void *const *inputs, void *const *outputs, void *workspace, const mdl_run *run, mdl_error *error)");
    cw_open(w, "%s", "");
    if (!e->has_weights) cw_line(w, "(void)weights;");
    if (!e->has_states) cw_line(w, "(void)states;");
    if (p->symbols.len == 0) cw_line(w, "(void)symbols;");
    if (p->inputs.len == 0) cw_line(w, "(void)inputs;");
    if (p->outputs.len == 0) cw_line(w, "(void)outputs;");
    cw_line(w, "return %s_call(%s);", e->prefix, sb_text(&args));
    cw_close(w, "%s", "");
}

static void define_ports(Emitter *e, const char *name, const Port *ports, size_t count)
{
    CWriter *w = &e->interface;
    if (count == 0) return;
    cw_blank(w);
    cw_open(w, "static const mdl_port %s[] =", name);
    for (size_t i = 0; i < count; i++) {
        Type t = ports[i].type;
        cw_line(w, "{%s, %s, %s, %d},", emit_string(e, ports[i].name), emit_string(e, type_text(e->program->dims, e->arena, t)), c_dtype(t.dtype), t.rank);
    }
    cw_close(w, ";");
}

static const char *model_file(Emitter *e)
{
    const Instance *model = e->program->model;
    const Source   *source = model && model->span.file ? source_get(e->sources, model->span.file) : NULL;
    return source ? source_shown(source) : "";
}

static void define_program(Api *api, const CFunction *prepare)
{
    Emitter       *e = api->e;
    CWriter       *w = &e->interface;
    const Program *p = e->program;
    define_ports(e, "program_inputs", p->inputs.at, p->inputs.len);
    define_ports(e, "program_outputs", p->outputs.at, p->outputs.len);
    if (p->symbols.len > 0) {
        cw_blank(w);
        cw_open(w, "static const char *const program_symbols[] =");
        for (size_t i = 0; i < p->symbols.len; i++) cw_line(w, "%s,", emit_string(e, dim_symbol_name(p->dims, dim_symbol_id(p->symbols.at[i]))));
        cw_close(w, ";");
    }
    cw_blank(w);
    cw_open(w, "const mdl_program %s_program =", e->prefix);
    cw_line(w, ".name = %s,", emit_string(e, p->name));
    cw_line(w, ".file = %s,", emit_string(e, model_file(e)));
    cw_line(w, ".ninputs = %zu,", p->inputs.len);
    cw_line(w, ".noutputs = %zu,", p->outputs.len);
    cw_line(w, ".nsymbols = %zu,", p->symbols.len);
    if (p->inputs.len > 0) cw_line(w, ".inputs = program_inputs,");
    if (p->outputs.len > 0) cw_line(w, ".outputs = program_outputs,");
    if (p->symbols.len > 0) cw_line(w, ".symbols = program_symbols,");
    if (e->has_weights) cw_line(w, ".weights_size = sizeof(%s_weights),", e->prefix);
    if (e->has_states) cw_line(w, ".states_size = sizeof(%s_states),", e->prefix);
    cw_line(w, ".instantiate = instantiate_any,");
    if (prepare) describe_prepare(e, prepare);
    cw_line(w, ".bind = bind_sizes,");
    cw_line(w, ".output_shape = output_shape,");
    cw_line(w, ".workspace_size = workspace_size_any,");
    cw_line(w, ".reset = reset_any,");
    if (e->has_states) cw_line(w, ".keep = keep_any,");
    cw_line(w, ".call = call_any,");
    if (e->options->profile) cw_line(w, ".profiled = 1,");
    cw_close(w, ";");
}

static void define_model(Emitter *e)
{
    CWriter *w = &e->interface;
    cw_blank(w);
    cw_line(w, "mdl_status %s_create(mdl_model **model, mdl_error *error)", e->prefix);
    cw_open(w, "%s", "");
    cw_line(w, "return mdl_model_create(&%s_program, model, error);", e->prefix);
    cw_close(w, "%s", "");
    cw_blank(w);
    cw_line(w, "void %s_free(mdl_model *model)", e->prefix);
    cw_open(w, "%s", "");
    cw_line(w, "mdl_model_free(model);");
    cw_close(w, "%s", "");
}

void emit_api(Emitter *e, CFunction *main, const CFunction *prepare)
{
    Api api = name_ports(e, main);
    declare(&api);
    define_workspace_size(&api);
    bool checks = define_check(&api);
    define_call(&api, checks);
    if (e->has_states) emit_state_copies(e);
    define_bind(&api, checks);
    define_output_shape(&api);
    define_untyped(&api);
    define_program(&api, prepare);
    define_model(e);
}
