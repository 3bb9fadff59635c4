/* A loop over steps whose rows do not depend on each other, as a function of its own for a range of the rows, which threads share: they
 * meet once, behind the last step. */
#include <inttypes.h>

#include "calls.h"
#include "loop.h"

typedef struct Rows {
    Body       *b;
    Node       *n;
    int         symbol;  /* number of the body's symbol that counts the rows */
    int         align;   /* ranges begin at multiples of it */
    Steps       s;
    const char *cname;   /* of the function and of the struct */
    const char *arguments, *rows, *work, *weights; /* in the function; the last: for what is computed in blocks */
    const char **gather, **block; /* of each input that is: the memory of its rows, and of what they become */
    Names      *names;
    CWriter     inside;  /* the function's statements */
    StrBuf      fields, values; /* of the struct */
} Rows;

/* ---- memory ---- */

enum { LINE = 64, MOST_ALIGNED = 16 }; /* that many rows a range has at least: mdl_share_steps */

static int common(int a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = (int)b;
        b = rest;
    }
    return a;
}

/* Ranges' workspaces lie side by side in that of all rows: `<callee>_plan` of the rows before is where one begins. For that each slot is
 * to have so many bytes for each row, and all are whole lines at the multiples of the result. 0: they can't be. */
static int alignment(Rows *r, CFunction *callee, const Dim *symbol)
{
    DimCtx *dims = r->b->e->program->dims;
    int     most = 1;
    for (size_t i = 0; i < callee->plan->slots.len; i++) {
        const Dim  *bytes = callee->plan->slots.at[i], *one = dim_int(dims, 1);
        const Dim **with = arena_array(r->b->e->arena, const Dim *, (size_t)dim_symbol_count(dims) + 1);
        int64_t     row;
        with[dim_symbol_id(symbol)] = one;
        const Dim *each = dim_substitute(dims, bytes, with, dim_symbol_count(dims));
        if (!each || !dim_is_int(each, &row) || row <= 0 || dim_mul(dims, each, symbol) != bytes) return 0;
        const int align = LINE / common(LINE, row);
        if (align > most) most = align;
    }
    for (size_t i = 0; i < callee->ir->nodes.len; i++) {
        const Node *n = direct_call(callee->ir->nodes.at[i]);
        if (!node_callee(n)) continue;
        CFunction *inner = function_called(r->b->e, callee, n);
        int        align = inner->work ? 0 : 1;
        for (int k = 0; k < inner->ir->nsymbols; k++) {
            if (node_symbols(n)[k] == symbol) align = alignment(r, inner, inner->ir->symbols[k]);
        }
        if (align == 0) return 0;
        if (align > most) most = align;
    }
    return most <= MOST_ALIGNED ? most : 0;
}

/* ---- the struct ---- */

/* A field, filled with `value` where the function is passed on; what the function calls it: "a->in0". */
static const char *field(Rows *r, const char *type, const char *name, const char *value)
{
    sb_printf(&r->fields, "%s%s;\n", type, name);
    sb_printf(&r->values, "%s%s", r->values.len > 0 ? ", " : "", value);
    return arena_printf(r->b->e->arena, "%s->%s", r->arguments, name);
}

/* The first of the range's rows: `a->in0 + begin * 128`. */
static const char *first_row(Rows *r, const char *pointer, Type row)
{
    const Dim *count = type_elements(r->b->e->program->dims, row);
    int64_t    one;
    if (count && dim_is_int(count, &one) && one == 1) return arena_printf(r->b->e->arena, "%s + begin", pointer);
    return arena_printf(r->b->e->arena, "%s + begin * %s", pointer, c_dim(&r->b->symbols, count, true));
}

/* A pointer to the range's rows of a value of the loop, of which `outer` axes stand before the rows. */
static const char *pointer_to(Rows *r, const char *prefix, int number, const char *constant, Type t, int outer, bool has_rows, const char *value)
{
    Arena      *a = r->b->e->arena;
    const char *name = names_claim(r->names, arena_printf(a, "%s%d", prefix, number));
    const char *type = arena_printf(a, "%s%s *", constant, c_type(t.dtype));
    const char *at = field(r, type, name, value);
    const Type  row = {t.dtype, t.rank - outer - 1, t.dims + outer + 1};
    cw_line(&r->b->w, "%sconst %s = %s;", type, name, has_rows ? first_row(r, at, row) : at);
    return name;
}

/* NULL: this input is in memory. */
static const Block *block_of(const Rows *r, int input)
{
    const NodePlan *np = &r->b->plan->nodes[r->n->id];
    return np->has_blocks && np->blocks[input].from ? &np->blocks[input] : NULL;
}

/* What the loop at hand goes through, as the function calls it. */
static void name_pointers(Rows *r)
{
    Steps *s = &r->s;
    Body  *b = r->b;
    const IrFunction *body = s->n->as.scan.body;
    for (int i = 0; i < s->n->nin; i++) {
        const Type   param = body->params.at[i]->type;
        const bool   has_rows = param.rank > 0 && param.dims[0] == body->symbols[r->symbol];
        const Block *block = block_of(r, i);
        if (block) s->in[i] = pointer_to(r, "in", i, "const ", block->from->type, !block->rows_first, true, value_pointer(b, block->from));
        else s->in[i] = pointer_to(r, "in", i, "const ", s->n->in[i]->type, i >= s->ncarry, has_rows, value_pointer(b, s->n->in[i]));
    }
    for (int i = 0; i < (int)s->results.len; i++) {
        s->out[i] = pointer_to(r, "out", i, "", s->results.at[i]->type, i >= s->ncarry, true, value_pointer(b, s->results.at[i]));
    }
    for (int i = 0; i < s->ncarry; i++) {
        const char *slot = arena_printf(b->e->arena, "(%s *)(void *)(work + at[%d])", c_type(s->n->in[i]->type.dtype), b->plan->nodes[s->n->id].temp + i);
        s->temp[i] = pointer_to(r, "temp", i, "", s->n->in[i]->type, 0, true, slot);
    }
    b->used_work |= s->ncarry > 0;
}

/* ---- blocks of steps ---- */

static Type row_type(Type t)
{
    return (Type){t.dtype, t.rank - 2, t.dims + 2};
}

/* The range's part of a slot for a block. */
static const char *block_memory(Rows *r, const char *prefix, int input, int slot, Type t)
{
    Body       *b = r->b;
    DimCtx     *dims = b->e->program->dims;
    const Dim  *space = dim_min(dims, r->n->as.scan.length, dim_int(dims, BLOCK_SPACE));
    const char *name = names_claim(r->names, arena_printf(b->e->arena, "%s%d", prefix, input)), *type = c_type(t.dtype);
    const char *at = field(r, arena_printf(b->e->arena, "%s *", type), name, arena_printf(b->e->arena, "(%s *)(void *)(work + at[%d])", type, slot));
    const Dim  *each = dim_mul(dims, space, type_elements(dims, row_type(t)));
    cw_line(&b->w, "%s *const %s = %s + begin * %s;", type, name, at, c_dim(&b->symbols, each, true));
    b->used_work = true;
    return name;
}

/* `mdl_rows_of_steps(rows3, in3 + first * 64, steps, rows, 64, 64, 8192, sizeof(float))` */
static const char *gathered(Rows *r, int input, const Block *block, const char *first, const char *steps)
{
    Body       *b = r->b;
    DimCtx     *dims = b->e->program->dims;
    const Type  t = block->from->type;
    const Dim  *row = type_elements(dims, row_type(t)), *all_rows = dim_mul(dims, r->n->as.scan.symbols[r->symbol], row);
    const Dim  *step = block->rows_first ? row : all_rows, *next = block->rows_first ? dim_mul(dims, r->n->as.scan.length, row) : row;
    StrBuf      text = {.arena = b->e->arena};
    sb_printf(&text, "mdl_rows_of_steps(%s, %s + %s * %s, %s, %s", r->gather[input], r->s.in[input], first, c_dim(&b->symbols, step, true), steps, r->rows);
    const Dim *const sizes[] = {row, step, next};
    for (size_t i = 0; i < countof(sizes); i++) sb_printf(&text, ", %s", c_dim(&b->symbols, sizes[i], false));
    sb_printf(&text, ", sizeof(%s))", c_type(t.dtype));
    return sb_text(&text);
}

/* The inputs of a block's steps. */
static void write_inputs(Rows *r, int input, const Block *block, const char *first, const char *steps)
{
    Body      *b = r->b;
    CFunction *callee = emit_function(b->e, block->inputs, b->fn->layout);
    const char *w = callee->weights ? arena_printf(b->e->arena, "%s, ", r->weights) : "";
    if (callee->work || callee->states) BUG("%s: a block's inputs need memory", b->f->name);
    cw_line(&b->w, "MDL_TRY(%s(%s%s, %s, %s, %s, error));", callee->cname, w, steps, r->rows,
            gathered(r, input, block, first, steps), r->block[input]);
}

/* The memory of all blocks, and the weights that they are made with. */
static void declare_blocks(Rows *r)
{
    Body *b = r->b;
    r->gather = arena_array(b->e->arena, const char *, (size_t)r->n->nin + 1);
    r->block = arena_array(b->e->arena, const char *, (size_t)r->n->nin + 1);
    for (int i = 0; i < r->n->nin; i++) {
        const Block *block = block_of(r, i);
        if (!block) continue;
        r->gather[i] = block_memory(r, "rows", i, block->slot, block->from->type);
        r->block[i] = block_memory(r, "x", i, block->slot + 1, r->n->in[i]->type);
    }
    if (b->fn->weights) {
        r->weights = field(r, arena_printf(b->e->arena, "const struct %s *", b->fn->layout->cname), names_claim(r->names, "weights"), "w");
        b->used_weights = true;
    }
}

/* The loop over the steps, or in blocks of them. */
static void open_steps(Rows *r)
{
    Body  *b = r->b;
    Steps *s = &r->s;
    Arena *a = b->e->arena;
    if (!b->plan->nodes[r->n->id].has_blocks) {
        steps_open(b, s);
        return;
    }
    const char *most = names_claim(r->names, "most"), *blocks = names_claim(r->names, "blocks"), *block = names_claim(r->names, "block");
    const char *first = names_claim(r->names, "first"), *steps = names_claim(r->names, "steps"), *step = names_claim(r->names, "step");
    cw_line(&b->w, "const int64_t %s = mdl_dim_max(%d / mdl_dim_max(%s, 1), 1), %s = (%s + %s - 1) / %s;", most, BLOCK_ROWS, r->rows, blocks,
            s->length, most, most);
    cw_open(&b->w, "for (int64_t %s = 0; %s < %s; %s++)", block, block, blocks, block);
    cw_line(&b->w, "const int64_t %s = %s * %s / %s, %s = %s * (%s + 1) / %s - %s;", first, s->length, block, blocks, steps, s->length, block,
            blocks, first);
    const bool  reverse = r->n->as.scan.reverse;
    const char *at = reverse ? arena_printf(a, "(%s - %s - %s)", s->length, first, steps) : first;
    const char *own = reverse ? arena_printf(a, "(%s + %s - 1 - %s)", first, steps, step) : arena_printf(a, "(%s - %s)", step, first);
    for (int i = 0; i < r->n->nin; i++) {
        if (!block_of(r, i)) continue;
        const Dim *row = type_elements(b->e->program->dims, row_type(r->n->in[i]->type));
        write_inputs(r, i, block_of(r, i), at, steps);
        s->element[i] = arena_printf(a, "%s + %s * %s * %s", r->block[i], own, r->rows, c_dim(&b->symbols, row, true));
    }
    s->counter = step;
    s->at = reverse ? arena_printf(a, "(%s - 1 - %s)", s->length, step) : step;
    cw_open(&b->w, "for (int64_t %s = %s; %s < %s + %s; %s++)", step, first, step, first, steps, step);
}

/* ---- the function ---- */

static const char *workspace(Rows *r)
{
    Body            *b = r->b;
    const CFunction *callee = r->s.callee;
    StrBuf           text = {.arena = b->e->arena};
    if (r->align == 0) return field(r, "char *", "work", arena_printf(b->e->arena, "work + at[%zu]", b->plan->slots.len));
    sb_printf(&text, "%s + %s_plan((size_t[%zu]){0}", field(r, "char *", "work", arena_printf(b->e->arena, "work + at[%zu]", b->plan->slots.len)),
              callee->cname, callee->plan->slots.len + 2);
    for (int i = 0; i < callee->ir->nsymbols; i++) {
        sb_printf(&text, ", %s", i == r->symbol ? "begin" : c_dim(&b->symbols, r->n->as.scan.symbols[i], false));
    }
    b->used_work = true;
    return arena_printf(b->e->arena, "%s)", sb_text(&text));
}

static const char *step_arguments(Rows *r)
{
    Body            *b = r->b;
    const CFunction *callee = r->s.callee;
    StrBuf           args = {.arena = b->e->arena};
    if (callee->weights) {
        const char *type = arena_printf(b->e->arena, "const struct %s *", callee->layout->cname);
        call_put(&args, field(r, type, "w", call_address(b, node_callee_path(r->n), false)));
    }
    if (callee->counter) call_put(&args, field(r, "int64_t ", "i", b->counter));
    for (int i = 0; i < callee->ir->nsymbols; i++) {
        call_put(&args, i == r->symbol ? r->rows : c_dim(&b->symbols, r->n->as.scan.symbols[i], false));
    }
    steps_put_values(b, &r->s, &args);
    if (callee->work) call_put(&args, r->work);
    call_put(&args, "error");
    return sb_text(&args);
}

static void write_steps(Rows *r)
{
    Body      *b = r->b;
    Steps     *s = &r->s;
    bool       odd;
    const bool known = steps_parity(s, &odd);
    s->length = c_dim(&b->symbols, r->n->as.scan.length, true); /* the function mentions its sizes */
    name_pointers(r);
    cw_line(&b->w, "const int64_t %s = end - begin;", r->rows);
    if (s->callee->work) cw_line(&b->w, "char *const %s = %s;", r->work, workspace(r));
    steps_declare(b, s, known, odd);
    if (b->plan->nodes[r->n->id].has_blocks) declare_blocks(r);
    open_steps(r);
    cw_line(&b->w, "MDL_TRY(%s(%s));", s->callee->cname, step_arguments(r));
    steps_turn(b, s);
    cw_close(&b->w, "%s", "");
    if (b->plan->nodes[r->n->id].has_blocks) cw_close(&b->w, "%s", "");
}

/* The sizes that the function mentions are fields, too. */
static StrBuf sizes(Rows *r, const bool *used)
{
    Body  *b = r->b;
    StrBuf text = {.arena = b->e->arena};
    for (int i = 0; i < b->f->nsymbols; i++) {
        const int   id = dim_symbol_id(b->f->symbols[i]);
        const char *name = b->symbols.names[id];
        if (!used[id]) continue;
        b->symbols.used[id] = true;
        sb_printf(&text, "const int64_t %s = %s;\n", name, field(r, "int64_t ", name, name));
    }
    return text;
}

static void write_function(Rows *r, StrBuf *sizes_text)
{
    CWriter *w = &r->b->e->bodies;
    cw_blank(w);
    cw_comment(w, "A range of the rows through all steps of a loop, in %s.", r->b->fn->cname);
    cw_open(w, "struct %s", r->cname);
    cw_lines(w, sb_text(&r->fields));
    cw_close(w, "%s", ";");
    cw_line(w, "static mdl_status %s(const void *context, int64_t begin, int64_t end, mdl_error *error)", r->cname);
    cw_open(w, "%s", "");
    cw_line(w, "const struct %s *const %s = context;", r->cname, r->arguments);
    cw_lines(w, sb_text(sizes_text));
    cw_lines(w, sb_text(&r->inside.out));
    cw_line(w, "return MDL_OK;");
    cw_close(w, "%s", "");
}

/* The body's writer, and its record of the sizes it mentions, are the function's for that time. */
static void emit_function_of_rows(Rows *r)
{
    Body    *b = r->b;
    Emitter *e = b->e;
    const CWriter outside = b->w;
    bool *const   used = b->symbols.used, *const inside = arena_array(e->arena, bool, (size_t)dim_symbol_count(e->program->dims) + 1);
    b->w = cw_create(e->arena);
    b->symbols.used = inside;
    write_steps(r);
    r->inside = b->w;
    b->w = outside;
    b->symbols.used = used;
    StrBuf text = sizes(r, inside);
    write_function(r, &text);
    const EmittedOutline made = {.cname = r->cname, .text = ""};
    vec_push(e->arena, &e->outlines, made);
}

static void name_own(Rows *r)
{
    static const char *const own[] = {"context", "begin", "end", "error", "w", "i", "work"};
    Body    *b = r->b;
    Emitter *e = b->e;
    r->names = names_create(e->arena, e->file, false);
    for (size_t i = 0; i < countof(own); i++) names_reserve(r->names, own[i]);
    for (int i = 0; i < b->f->nsymbols; i++) names_reserve(r->names, b->symbols.names[dim_symbol_id(b->f->symbols[i])]);
    r->arguments = names_claim(r->names, "a");
    r->rows = names_claim(r->names, "rows");
    r->work = names_claim(r->names, "own");
    r->cname = names_claim_visible(e->file, b->names, arena_printf(e->arena, "%s_rows", r->s.callee->cname));
    r->fields.arena = r->values.arena = e->arena;
    r->s.names = r->names;
}

bool emit_shared_steps(Body *b, Node *n)
{
    Rows r = {.b = b, .n = n, .symbol = b->plan->nodes[n->id].rows - 1};
    if (r.symbol < 0) return false;
    r.s = steps_of_scan(b, n);
    r.align = alignment(&r, r.s.callee, n->as.scan.body->symbols[r.symbol]);
    if (r.align == 0 && !b->plan->nodes[n->id].has_blocks) return false;
    name_own(&r);
    emit_function_of_rows(&r);
    const char *rows = c_dim(&b->symbols, n->as.scan.symbols[r.symbol], false);
    const char *context = arena_printf(b->e->arena, "&(const struct %s){%s}", r.cname, sb_text(&r.values));
    if (r.align > 0) cw_line(&b->w, "MDL_TRY(mdl_share_steps(%s, %d, %s, %s, %s, error));", rows, r.align, work_of_steps(b, n), r.cname, context);
    else cw_line(&b->w, "MDL_TRY(%s(%s, 0, %s, error));", r.cname, context, rows);
    b->used_error = true;
    return true;
}
