/* The function that records the layers.
 *
 * Two layers whose subtrees are recorded by the same calls, but for numbers, share a recipe: numbers are those in the names
 * of other tools (dense_2) and the ids of layers elsewhere in the tree. A recipe that is used at several places, or for a
 * user's own layer, becomes a C function; the numbers that differ between its uses are its arguments, as few as
 * possible: those that always keep the same distance are one. A run of list elements is a loop where its arguments
 * grow evenly. */
#include <inttypes.h>
#include <string.h>

#include "emitter.h"
#include "walk.h"

typedef struct Recipe Recipe;

typedef struct Use {
    Recipe *recipe;    /* NULL: an alias */
    size_t  at;        /* where its numbers begin among its owner's */
    Child   child;
    Path    canonical; /* of an alias: the first path of the layer */
} Use;

typedef struct Number {
    int     base;   /* -1: always the same; else an argument: 0 is the parent's id, n the n-th of `numbers` */
    int64_t offset; /* the value, or what is added to the base */
} Number;

struct Recipe {
    Instance   *first;
    Layout     *layout;    /* without parts: no weights to point to */
    VEC(Use) uses;
    size_t      count;     /* numbers of the subtree: parent's id, keras, keras_parent, h5, h5_parent, the owners of what it
                            * lists, then the children's */
    VEC(const int64_t *) instances; /* the numbers of each layer made by it */
    Number     *numbers;   /* what is known of each when all instances are seen */
    size_t      bases;     /* arguments beside the parent's id */
    size_t     *base_at;   /* the number that stands for each argument; [0]: the parent's id */
    int         places;    /* where it is used */
    bool        root;      /* needs the address of the model's weights */
    const char *cname;     /* of the C function, or NULL: written where it is used */
};

enum { N_PARENT, N_KERAS, N_KERAS_PARENT, N_H5, N_H5_PARENT, N_OWN };

typedef struct Builder {
    Emitter  *e;
    Interner *interner;
    Map       by_key;     /* Sym -> Recipe */
    Map       initializers; /* Sym -> name of a constant */
    VEC(Recipe *) recipes; /* inner first */
    int       nshapes;
} Builder;

/* ---- keys ---- */

static void key_text(StrBuf *key, const char *text)
{
    if (text) sb_printf(key, "%zu:%s", strlen(text), text);
    sb_putc(key, '|');
}

static void key_initializer(StrBuf *key, const mdl_initializer *init)
{
    if (!init) return;
    sb_printf(key, "(%d ", (int)init->kind);
    key_text(key, init->text);
    sb_double(key, init->a);
    sb_putc(key, ' ');
    sb_double(key, init->b);
    sb_printf(key, " %d %d %u %u %d", (int)init->mode, (int)init->distribution, init->in_axes, init->out_axes, init->count);
    for (int i = 0; i < init->count && init->values; i++) {
        sb_putc(key, ' ');
        sb_double(key, init->values[i]);
    }
    for (int i = 0; i < init->count && init->parts; i++) {
        sb_printf(key, " %" PRId64, init->lengths[i]);
        key_initializer(key, &init->parts[i]);
    }
    sb_putc(key, ')');
}

static void key_variable(StrBuf *key, const Variable *v)
{
    key_text(key, v->name->text);
    sb_printf(key, "%d %d %d %d", (int)v->dtype, v->is_state, v->frozen, v->in_place);
    for (int i = 0; i < v->rank; i++) sb_printf(key, " %" PRId64, v->shape[i]);
    key_initializer(key, v->init);
    for (const char *const *alias = v->aliases; alias && *alias; alias++) key_text(key, *alias);
    sb_putc(key, ';');
    key_text(key, v->h5);
    key_text(key, v->keras);
    key_text(key, v->keras2);
}

static void key_layer(StrBuf *key, const Instance *layer)
{
    key_text(key, layer->class_name);
    key_text(key, layer->keras.text);
    key_text(key, layer->keras2);
    key_text(key, layer->h5.text);
    sb_printf(key, "%d %d %d %d %u %u ", layer->keras_parent != NULL, layer->h5_parent != NULL, (int)layer->state, layer->frozen,
              layer->span.file, layer->span.start);
    key_text(key, layer->output);
    key_text(key, layer->missing);
    for (size_t i = 0; i < layer->variables.len; i++) key_variable(key, layer->variables.at[i]);
    for (size_t i = 0; i < layer->listings.len; i++) {
        const Listing *l = &layer->listings.at[i];
        key_text(key, l->name->text);
        key_text(key, l->variable->name->text);
        key_text(key, l->h5);
        sb_printf(key, "%zu ", l->before);
    }
}

/* The path without its indices. */
static void key_path(StrBuf *key, Path path)
{
    for (int i = 0; i < path.len; i++) sb_printf(key, ".%s", path.steps[i].name ? path.steps[i].name->text : "[]");
}

/* ---- recipes and their numbers ---- */

typedef VEC(int64_t) Numbers;

static Recipe *recipe_of(Builder *b, Instance *layer, mdl_layer parent, Numbers *numbers);

/* An alias has the id of the layer and the indices of its first path. */
static void add_alias(Builder *b, Recipe *r, const Child *c, StrBuf *key, Numbers *numbers)
{
    Arena *a = b->e->arena;
    vec_push(a, &r->uses, (Use){.at = numbers->len, .child = *c, .canonical = c->layer->path});
    vec_push(a, numbers, c->layer->id);
    for (int i = 0; i < c->layer->path.len; i++) {
        if (!c->layer->path.steps[i].name) vec_push(a, numbers, c->layer->path.steps[i].index);
    }
    sb_put(key, "alias ");
    key_text(key, c->component);
    key_path(key, c->layer->path);
}

static void add_child(Builder *b, Recipe *r, const Child *c, StrBuf *key, Numbers *numbers, mdl_layer self)
{
    Arena  *a = b->e->arena;
    size_t  at = numbers->len;
    Recipe *child = recipe_of(b, c->layer, self, numbers);
    vec_push(a, &r->uses, (Use){.recipe = child, .at = at, .child = *c});
    sb_printf(key, "child %p %" PRId64 " ", (void *)child, c->index);
    key_text(key, c->component);
}

/* Appends the numbers of the layer and all below it. */
static Recipe *recipe_of(Builder *b, Instance *layer, mdl_layer parent, Numbers *numbers)
{
    Emitter *e = b->e;
    Arena   *a = e->arena;
    Recipe  *r = arena_new(a, Recipe);
    StrBuf   key = {.arena = a};
    Numbers  own = {0};
    r->first = layer;
    r->layout = layout_of(e->layouts, layer);
    key_layer(&key, layer);
    vec_push(a, &own, parent);
    vec_push(a, &own, layer->keras.number);
    vec_push(a, &own, layer->keras_parent ? layer->keras_parent->id : MDL_NO_LAYER);
    vec_push(a, &own, layer->h5.number);
    vec_push(a, &own, layer->h5_parent ? layer->h5_parent->id : MDL_NO_LAYER);
    for (size_t i = 0; i < layer->listings.len; i++) vec_push(a, &own, layer->listings.at[i].variable->owner->id);
    ChildVec children = children_of(a, layer);
    for (size_t i = 0; i < children.len; i++) {
        if (children.at[i].alias) add_alias(b, r, &children.at[i], &key, &own);
        else add_child(b, r, &children.at[i], &key, &own, layer->id);
    }
    const Sym *sym = intern(b->interner, sb_text(&key), key.len);
    Recipe    *known = map_get(&b->by_key, sym);
    if (!known) {
        known = r;
        known->count = own.len;
        map_set(&b->by_key, sym, known);
        vec_push(a, &b->recipes, known);
    }
    vec_push(a, &known->instances, own.at);
    for (size_t i = 0; i < own.len; i++) vec_push(a, numbers, own.at[i]);
    return known;
}

static bool is_constant(const Recipe *r, size_t k)
{
    for (size_t i = 1; i < r->instances.len; i++) {
        if (r->instances.at[i][k] != r->instances.at[0][k]) return false;
    }
    return true;
}

static bool keeps_distance(const Recipe *r, size_t k, size_t base)
{
    for (size_t i = 1; i < r->instances.len; i++) {
        if (r->instances.at[i][k] - r->instances.at[i][base] != r->instances.at[0][k] - r->instances.at[0][base]) return false;
    }
    return true;
}

/* Which numbers are arguments, and how the others follow from them. */
static void find_bases(Builder *b, Recipe *r)
{
    Arena *a = b->e->arena;
    r->numbers = arena_array(a, Number, r->count);
    VEC(size_t) bases = {0};
    vec_push(a, &bases, N_PARENT);
    for (size_t k = 0; k < r->count; k++) {
        int64_t value = r->instances.at[0][k];
        if (is_constant(r, k)) {
            r->numbers[k] = (Number){-1, value};
            continue;
        }
        size_t base = 0;
        while (base < bases.len && !keeps_distance(r, k, bases.at[base])) base++;
        if (base == bases.len) vec_push(a, &bases, k);
        r->numbers[k] = (Number){(int)base, value - r->instances.at[0][bases.at[base]]};
    }
    r->bases = bases.len - 1;
    r->base_at = bases.at;
}

/* ---- which recipes become functions ---- */

/* The uses [from, end) are neighbours in one list, with one recipe and one array of weights. */
static size_t run_end(const Recipe *r, size_t from)
{
    const Use *first = &r->uses.at[from];
    size_t     end = from + 1;
    if (!first->recipe || first->child.index < 0) return end;
    while (end < r->uses.len) {
        const Use *u = &r->uses.at[end];
        bool next = u->recipe == first->recipe && u->child.index == first->child.index + (int64_t)(end - from) &&
                    strcmp(u->child.component, first->child.component) == 0;
        if (!next) break;
        end++;
    }
    return end;
}

static void choose_functions(Builder *b)
{
    for (size_t i = 0; i < b->recipes.len; i++) {
        Recipe *r = b->recipes.at[i];
        for (size_t k = 0; k < r->uses.len; k = run_end(r, k)) {
            Use *u = &r->uses.at[k];
            if (u->recipe) u->recipe->places += run_end(r, k) > k + 1 ? 2 : 1;
            r->root |= u->recipe ? u->recipe->root : true;
        }
    }
    for (size_t i = 0; i < b->recipes.len; i++) {
        Recipe *r = b->recipes.at[i];
        bool model = r->first == b->e->program->model;
        if (!model && (r->places > 1 || !r->first->library)) {
            r->cname = names_claim(b->e->file, arena_printf(b->e->arena, "add_%s", r->first->class_name));
        }
    }
}

/* ---- constants ---- */

static const char *shape_constant(Builder *b, const int64_t *shape, int rank)
{
    if (rank == 0) return "NULL";
    StrBuf text = {.arena = b->e->arena};
    for (int i = 0; i < rank; i++) sb_printf(&text, "%s%s", i > 0 ? ", " : "", c_integer(b->e->arena, shape[i]));
    const Sym  *sym = intern(b->interner, arena_printf(b->e->arena, "shape %s", sb_text(&text)), text.len + 6);
    const char *name = map_get(&b->initializers, sym);
    if (name) return name;
    StrBuf wish = {.arena = b->e->arena};
    sb_put(&wish, "shape");
    for (int i = 0; i < rank; i++) sb_printf(&wish, "_%" PRId64, shape[i]);
    char *made = names_claim(b->e->file, sb_text(&wish));
    cw_line(&b->e->constants, "static const int64_t %s[] = {%s};", made, sb_text(&text));
    map_set(&b->initializers, sym, made);
    return made;
}

static const char *initializer_constant(Builder *b, const mdl_initializer *init);

static void put_initializer(Builder *b, StrBuf *text, const mdl_initializer *init)
{
    static const char *const kinds[] = {
        [MDL_INIT_ZEROS] = "MDL_INIT_ZEROS", [MDL_INIT_ONES] = "MDL_INIT_ONES", [MDL_INIT_CONSTANT] = "MDL_INIT_CONSTANT",
        [MDL_INIT_IDENTITY] = "MDL_INIT_IDENTITY", [MDL_INIT_RANDOM_NORMAL] = "MDL_INIT_RANDOM_NORMAL",
        [MDL_INIT_RANDOM_UNIFORM] = "MDL_INIT_RANDOM_UNIFORM", [MDL_INIT_TRUNCATED_NORMAL] = "MDL_INIT_TRUNCATED_NORMAL",
        [MDL_INIT_VARIANCE_SCALING] = "MDL_INIT_VARIANCE_SCALING", [MDL_INIT_ORTHOGONAL] = "MDL_INIT_ORTHOGONAL",
        [MDL_INIT_STFT] = "MDL_INIT_STFT", [MDL_INIT_VALUES] = "MDL_INIT_VALUES", [MDL_INIT_PIECEWISE] = "MDL_INIT_PIECEWISE",
    };
    static const char *const modes[] = {[MDL_FAN_IN] = "MDL_FAN_IN", [MDL_FAN_OUT] = "MDL_FAN_OUT", [MDL_FAN_AVG] = "MDL_FAN_AVG"};
    static const char *const distributions[] = {
        [MDL_DIST_TRUNCATED_NORMAL] = "MDL_DIST_TRUNCATED_NORMAL",
        [MDL_DIST_UNTRUNCATED_NORMAL] = "MDL_DIST_UNTRUNCATED_NORMAL",
        [MDL_DIST_UNIFORM] = "MDL_DIST_UNIFORM",
    };
    static const char *const windows[] = {
        [MDL_WINDOW_NONE] = "MDL_WINDOW_NONE", [MDL_WINDOW_HANN] = "MDL_WINDOW_HANN", [MDL_WINDOW_HAMMING] = "MDL_WINDOW_HAMMING",
        [MDL_WINDOW_BLACKMAN] = "MDL_WINDOW_BLACKMAN", [MDL_WINDOW_VALUES] = "MDL_WINDOW_VALUES",
    };
    Emitter *e = b->e;
    sb_printf(text, "{.kind = %s, .text = %s", kinds[init->kind], emit_string(e, init->text));
    if (init->a != 0 || init->b != 0) {
        sb_printf(text, ", .a = %s", c_literal(e->arena, DT_FLOAT64, init->a, 0));
        sb_printf(text, ", .b = %s", c_literal(e->arena, DT_FLOAT64, init->b, 0));
    }
    if (init->kind == MDL_INIT_VARIANCE_SCALING) {
        sb_printf(text, ", .mode = %s, .distribution = %s", modes[init->mode], distributions[init->distribution]);
        if (init->in_axes || init->out_axes) sb_printf(text, ", .in_axes = %uu, .out_axes = %uu", init->in_axes, init->out_axes);
    }
    if (init->window != MDL_WINDOW_NONE) sb_printf(text, ", .window = %s", windows[init->window]);
    if (init->periodic) sb_put(text, ", .periodic = true");
    if (init->values && init->count > 0) {
        StrBuf values = {.arena = e->arena};
        for (int i = 0; i < init->count; i++) sb_printf(&values, "%s%s", i > 0 ? ", " : "", c_literal(e->arena, DT_FLOAT64, init->values[i], 0));
        char *name = names_claim(e->file, "values");
        cw_line(&e->constants, "static const double %s[] = {%s};", name, sb_text(&values));
        sb_printf(text, ", .values = %s, .count = %d", name, init->count);
    }
    if (init->parts && init->count > 0) {
        StrBuf parts = {.arena = e->arena};
        for (int i = 0; i < init->count; i++) {
            if (i > 0) sb_put(&parts, ", ");
            put_initializer(b, &parts, &init->parts[i]);
        }
        char *name = names_claim(e->file, "parts");
        cw_line(&e->constants, "static const mdl_initializer %s[] = {%s};", name, sb_text(&parts));
        sb_printf(text, ", .parts = %s, .lengths = %s, .count = %d", name, shape_constant(b, init->lengths, init->count), init->count);
    }
    sb_putc(text, '}');
}

static const char *initializer_constant(Builder *b, const mdl_initializer *init)
{
    if (!init) return "NULL";
    StrBuf key = {.arena = b->e->arena}, text = {.arena = b->e->arena};
    key_initializer(&key, init);
    const Sym *sym = intern(b->interner, sb_text(&key), key.len);
    char      *name = map_get(&b->initializers, sym);
    if (name) return arena_printf(b->e->arena, "&%s", name);
    put_initializer(b, &text, init);
    StrBuf wish = {.arena = b->e->arena};
    sb_put(&wish, "init_");
    for (const char *s = init->text; s && *s && *s != '('; s++) sb_putc(&wish, *s);
    name = names_claim(b->e->file, sb_text(&wish));
    cw_line(&b->e->constants, "static const mdl_initializer %s = %s;", name, sb_text(&text));
    map_set(&b->initializers, sym, name);
    return arena_printf(b->e->arena, "&%s", name);
}

static const char *aliases_constant(Builder *b, const char *const *aliases)
{
    StrBuf text = {.arena = b->e->arena};
    for (; *aliases; aliases++) sb_printf(&text, "%s, ", emit_string(b->e, *aliases));
    char *name = names_claim(b->e->file, "aliases");
    cw_line(&b->e->constants, "static const char *const %s[] = {%sNULL};", name, sb_text(&text));
    return name;
}

/* ---- writing ---- */

/* Where calls are written: inside the function of `recipe`, at a layer whose numbers begin at `at`. */
typedef struct Spot {
    Builder    *b;
    CWriter    *w;
    Recipe     *recipe;
    size_t      at;
    const char *parent, *self; /* C expressions of the ids */
    const char *weights;       /* "w" */
    Layout     *layout;        /* of what `weights` points to */
    Path        path;          /* from there to this layer */
    const char *root;          /* the address of the model's weights, or NULL */
    Names      *names;         /* of the C function's local variables */
} Spot;

static Names *local_names(Emitter *e)
{
    static const char *const own[] = {"r", "parent", "component", "index", "w", "root", "n", "self", "weights", "i"};
    Names *names = names_create(e->arena, e->file, false);
    for (size_t i = 0; i < countof(own); i++) names_reserve(names, own[i]);
    return names;
}

static const char *offset_text(Arena *a, const char *base, int64_t offset)
{
    if (offset == 0) return base;
    return arena_printf(a, "%s %c %" PRId64, base, offset < 0 ? '-' : '+', offset < 0 ? -offset : offset);
}

static const char *base_text(const Spot *s, int base)
{
    return base == 0 ? "parent" : arena_printf(s->b->e->arena, "n[%d]", base - 1);
}

/* Number `k` of the subtree at the spot. */
static const char *number_text(const Spot *s, size_t k)
{
    Number n = s->recipe->numbers[s->at + k];
    if (n.base < 0) return c_integer(s->b->e->arena, n.offset);
    return offset_text(s->b->e->arena, base_text(s, n.base), n.offset);
}

static const char *layer_text(const Spot *s, size_t k)
{
    Number n = s->recipe->numbers[s->at + k];
    if (n.base < 0 && n.offset == MDL_NO_LAYER) return "MDL_NO_LAYER";
    if (n.base < 0 && n.offset == MDL_MODEL) return "MDL_MODEL";
    if (n.base <= 0) return number_text(s, k);
    return arena_printf(s->b->e->arena, "(mdl_layer)(%s)", number_text(s, k));
}

/* `blocks[3].attn` from a struct; with `counter`, the last array's index runs with it. NULL: no weights there. */
static const char *field_text(Builder *b, Layout *from, Path path, const char *counter)
{
    LayoutPath found = {0};
    Layout    *to;
    if (!from || !layout_find(b->e->arena, from, path, &found, &to)) return NULL;
    StrBuf text = {.arena = b->e->arena};
    for (size_t i = 0; i < found.len; i++) {
        const LayoutStep *s = &found.at[i];
        sb_printf(&text, "%s%s", i > 0 ? "." : "", s->part->cname);
        if (s->part->kind != PART_ARRAY) continue;
        if (counter && i + 1 == found.len) sb_printf(&text, "[%s]", offset_text(b->e->arena, counter, s->index));
        else sb_printf(&text, "[%" PRId64 "]", s->index);
    }
    return sb_text(&text);
}

static const char *slot_text(const Spot *s, Path path)
{
    const char *field = s->weights ? field_text(s->b, s->layout, path_join(s->b->e->arena, s->path, path), NULL) : NULL;
    return field ? arena_printf(s->b->e->arena, "MDL_SLOT(%s, %s)", s->weights, field) : "NULL";
}

static const char *info_text(const Spot *s, const Instance *layer)
{
    static const char *const states[] = {[MDL_BUILT] = "MDL_BUILT", [MDL_UNUSED] = "MDL_UNUSED", [MDL_UNBUILT] = "MDL_UNBUILT"};
    Emitter *e = s->b->e;
    Source  *source = layer->span.file ? source_get(e->sources, layer->span.file) : NULL;
    StrBuf   t = {.arena = e->arena};
    sb_printf(&t, ".class_name = %s, .keras = {%s, ", emit_string(e, layer->class_name), emit_string(e, layer->keras.text));
    sb_printf(&t, "%s}, .keras_parent = %s, ", number_text(s, N_KERAS), layer_text(s, N_KERAS_PARENT));
    sb_printf(&t, ".h5 = {%s, %s}, .h5_parent = %s", emit_string(e, layer->h5.text), number_text(s, N_H5), layer_text(s, N_H5_PARENT));
    if (layer->keras2) sb_printf(&t, ", .keras2 = %s", emit_string(e, layer->keras2));
    if (layer->output) sb_printf(&t, ", .output = %s", emit_string(e, layer->output));
    if (source) sb_printf(&t, ", .file = %s, .line = %" PRIu32, emit_string(e, source_shown(source)), source_place(source, layer->span.start).line);
    if (layer->state != MDL_BUILT) sb_printf(&t, ", .state = %s", states[layer->state]);
    if (layer->missing) sb_printf(&t, ", .missing = %s", emit_string(e, layer->missing));
    if (layer->frozen) sb_put(&t, ", .frozen = true");
    return sb_text(&t);
}

static void write_variable(const Spot *s, const Variable *v)
{
    Emitter *e = s->b->e;
    StrBuf   t = {.arena = e->arena};
    Step     step = {.name = v->name};
    sb_printf(&t, ".name = %s, .dtype = %s, .rank = %d, ", emit_string(e, v->name->text), c_dtype(v->dtype), v->rank);
    /* Each writes a constant: which comes first must not be left to the compiler that compiles this. */
    const char *init = initializer_constant(s->b, v->init);
    const char *shape = shape_constant(s->b, v->shape, v->rank);
    sb_printf(&t, ".shape = %s, .init = %s, ", shape, init);
    sb_printf(&t, ".h5 = %s", emit_string(e, v->h5));
    if (v->is_state) sb_put(&t, ", .is_state = true");
    if (v->frozen) sb_put(&t, ", .frozen = true");
    if (v->in_place) sb_put(&t, ", .in_place = true");
    if (v->aliases && v->aliases[0]) sb_printf(&t, ", .aliases = %s", aliases_constant(s->b, v->aliases));
    if (v->keras) sb_printf(&t, ", .keras = %s", emit_string(e, v->keras));
    if (v->keras2) sb_printf(&t, ", .keras2 = %s", emit_string(e, v->keras2));
    cw_line(s->w, "mdl_variable_add(r, %s, &(const mdl_variable_info){%s}, %s);", s->self, sb_text(&t), slot_text(s, (Path){&step, 1}));
}

/* ---- shared layers ---- */

/* The C field of the alias' first path, its indices from the numbers. */
static const char *canonical_text(const Spot *s, const Use *u, Path below)
{
    Emitter   *e = s->b->e;
    Path       path = path_join(e->arena, u->canonical, below);
    LayoutPath found = {0};
    Layout    *to;
    if (!layout_find(e->arena, e->model, path, &found, &to)) return NULL;
    /* Which step of the path each array index comes from: the numbers hold one for every index, in order. */
    StrBuf text = {.arena = e->arena};
    size_t number = 1;
    int    step = 0;
    for (size_t i = 0; i < found.len; i++) {
        const LayoutStep *ls = &found.at[i];
        sb_printf(&text, "%s%s", i > 0 ? "." : "", ls->part->cname);
        while (step < path.len && path.steps[step].name && (ls->part->name != path.steps[step].name)) step++;
        step += ls->part->name != NULL;
        bool element = step < path.len && !path.steps[step].name && (ls->part->kind == PART_ARRAY || !ls->part->name);
        if (ls->part->kind == PART_ARRAY) {
            const char *index = c_integer(e->arena, ls->index);
            if (element && step < u->canonical.len) index = offset_text(e->arena, number_text(s, u->at + number), ls->index - path.steps[step].index);
            sb_printf(&text, "[%s]", index);
        }
        if (element) {
            if (step < u->canonical.len) number++;
            step++;
        }
    }
    return sb_text(&text);
}

static void write_slot_aliases(const Spot *s, const Use *u, const Instance *layer, Path below)
{
    Emitter *e = s->b->e;
    for (size_t i = 0; i < layer->variables.len; i++) {
        Step        step = {.name = layer->variables.at[i]->name};
        Path        path = path_join(e->arena, below, (Path){&step, 1});
        const char *first = canonical_text(s, u, path);
        if (!first) continue;
        cw_line(s->w, "mdl_slot_alias(r, MDL_SLOT(%s, %s), %s);", s->root, first, slot_text(s, path_join(e->arena, u->child.path, path)));
    }
    ChildVec children = children_of(e->arena, layer);
    for (size_t i = 0; i < children.len; i++) write_slot_aliases(s, u, children.at[i].layer, path_join(e->arena, below, children.at[i].path));
}

static void write_alias(const Spot *s, const Use *u)
{
    cw_line(s->w, "mdl_layer_alias(r, %s, %s, %s);", s->self, emit_string(s->b->e, u->child.component), layer_text(s, u->at));
    if (s->weights && s->root) write_slot_aliases(s, u, u->child.layer, (Path){NULL, 0});
}

/* ---- layers ---- */

static void write_contents(const Spot *s, const Recipe *r);

/* mdl_layer_add or mdl_layer_item, and what is below; for a recipe without a function. */
static void write_inline(const Spot *s, const Use *u)
{
    Emitter    *e = s->b->e;
    Instance   *layer = u->recipe->first;
    Source     *source = layer->span.file ? source_get(e->sources, layer->span.file) : NULL;
    const char *parent = s->self;
    Spot        inner = *s;
    bool        holds = layer->variables.len > 0 || u->recipe->uses.len > 0;
    inner.at = s->at + u->at;
    inner.parent = parent;
    inner.self = "layer";
    inner.path = path_join(e->arena, s->path, u->child.path);
    const char *index = u->child.index < 0 ? "" : arena_printf(e->arena, ", %" PRId64, u->child.index);
    const char *call = arena_printf(e->arena, "mdl_layer_%s(r, %s, %s%s, &(const mdl_layer_info){%s})", u->child.index < 0 ? "add" : "item",
                                    parent, emit_string(e, u->child.component), index, info_text(&inner, layer));
    cw_blank(s->w);
    if (source) cw_comment(s->w, "%s: %s   %s:%" PRIu32, path_text(e->arena, u->child.path), layer->class_name, source_shown(source), source_place(source, layer->span.start).line);
    if (!holds) {
        cw_line(s->w, "%s;", call);
        return;
    }
    StrBuf wish = {.arena = e->arena};
    for (int i = 0; i < inner.path.len; i++) {
        if (i > 0) sb_putc(&wish, '_');
        sb_put(&wish, path_text(e->arena, (Path){&inner.path.steps[i], 1}));
    }
    inner.self = names_claim(s->names, sb_text(&wish));
    cw_line(s->w, "const mdl_layer %s = %s;", inner.self, call);
    write_contents(&inner, u->recipe);
}

/* The arguments of the recipe's function for the use at `at`, as numbers of the spot's recipe. */
static Number argument(const Spot *s, const Use *u, size_t base)
{
    return s->recipe->numbers[s->at + u->at + u->recipe->base_at[base]];
}

/* Do the arguments of the uses [from, end) grow evenly? */
static bool grows_evenly(const Spot *s, const Recipe *r, size_t from, size_t end)
{
    const Recipe *callee = r->uses.at[from].recipe;
    for (size_t k = 1; k <= callee->bases; k++) {
        Number  first = argument(s, &r->uses.at[from], k);
        int64_t step = end - from > 1 ? argument(s, &r->uses.at[from + 1], k).offset - first.offset : 0;
        for (size_t i = from; i < end; i++) {
            Number n = argument(s, &r->uses.at[i], k);
            if (n.base != first.base || n.offset != first.offset + (int64_t)(i - from) * step) return false;
        }
    }
    return true;
}

/* One call of a recipe's function, or with `counter` the body of a loop over `count` of them. */
static void write_call(const Spot *s, const Recipe *r, size_t from, const char *counter)
{
    Emitter      *e = s->b->e;
    const Use    *u = &r->uses.at[from];
    const Recipe *callee = u->recipe;
    StrBuf        args = {.arena = e->arena};
    sb_printf(&args, "r, %s, %s, ", s->self, emit_string(e, u->child.component));
    if (counter) sb_put(&args, offset_text(e->arena, counter, u->child.index));
    else sb_printf(&args, "%" PRId64, u->child.index);
    if (callee->layout && callee->layout->parts.len > 0) {
        const char *field = s->weights ? field_text(s->b, s->layout, path_join(e->arena, s->path, u->child.path), counter) : NULL;
        sb_printf(&args, ", MDL_SLOT(%s, %s)", s->weights, field ? field : "?");
    }
    if (callee->root && e->has_weights) sb_printf(&args, ", %s", s->root);
    if (callee->bases > 0) {
        sb_put(&args, ", (const int64_t[]){");
        for (size_t k = 1; k <= callee->bases; k++) {
            Number      n = argument(s, u, k);
            const char *text = n.base < 0 ? c_integer(e->arena, n.offset) : offset_text(e->arena, base_text(s, n.base), n.offset);
            int64_t     step = counter ? argument(s, &r->uses.at[from + 1], k).offset - n.offset : 0;
            if (step == 1 && n.base < 0 && n.offset == 0) text = counter;
            else if (step == 1) text = arena_printf(e->arena, "%s + %s", text, counter);
            else if (step != 0) text = arena_printf(e->arena, "%s + %" PRId64 " * %s", text, step, counter);
            sb_printf(&args, "%s%s", k > 1 ? ", " : "", text);
        }
        sb_putc(&args, '}');
    }
    cw_line(s->w, "%s(%s);", callee->cname, sb_text(&args));
}

/* Do the elements stand in one array of the weights (or have none)? */
static bool one_array(const Spot *s, const Recipe *r, size_t from, size_t end)
{
    const Recipe *callee = r->uses.at[from].recipe;
    if (!callee->layout || callee->layout->parts.len == 0) return true;
    const Part *array = NULL;
    for (size_t i = from; i < end; i++) {
        LayoutPath found = {0};
        Layout    *to;
        Path       path = path_join(s->b->e->arena, s->path, r->uses.at[i].child.path);
        if (!s->layout || !layout_find(s->b->e->arena, s->layout, path, &found, &to)) return false;
        const Part *part = found.at[found.len - 1].part;
        if (part->kind != PART_ARRAY || (array && part != array)) return false;
        array = part;
    }
    return true;
}

static void write_uses(const Spot *s, const Recipe *r)
{
    for (size_t k = 0; k < r->uses.len;) {
        const Use *u = &r->uses.at[k];
        size_t     end = run_end(r, k);
        if (!u->recipe) write_alias(s, u);
        else if (!u->recipe->cname) write_inline(s, u);
        else if (end - k > 1 && grows_evenly(s, r, k, end) && one_array(s, r, k, end)) {
            cw_blank(s->w);
            cw_open(s->w, "for (int64_t i = 0; i < %zu; i++)", end - k);
            write_call(s, r, k, "i");
            cw_close(s->w, "%s", "");
            k = end;
            continue;
        } else {
            write_call(s, r, k, NULL);
        }
        k++;
    }
}

/* What the layer lists of others, before its own variable of this index. */
static void write_listings(const Spot *s, const Instance *layer, size_t before)
{
    Emitter *e = s->b->e;
    for (size_t i = 0; i < layer->listings.len; i++) {
        const Listing *l = &layer->listings.at[i];
        if (l->before != before) continue;
        cw_line(s->w, "mdl_variable_list(r, %s, &(const mdl_listing_info){.name = %s, .owner = %s, .variable = %s, .h5 = %s});", s->self,
                emit_string(e, l->name->text), layer_text(s, N_OWN + i), emit_string(e, l->variable->name->text),
                l->h5 ? emit_string(e, l->h5) : "NULL");
    }
}

static void write_contents(const Spot *s, const Recipe *r)
{
    write_listings(s, r->first, 0);
    for (size_t i = 0; i < r->first->variables.len; i++) {
        write_variable(s, r->first->variables.at[i]);
        write_listings(s, r->first, i + 1);
    }
    write_uses(s, r);
}

static void write_function(Builder *b, Recipe *r)
{
    Emitter *e = b->e;
    CWriter  body = cw_create(e->arena);
    bool     weights = r->layout && r->layout->parts.len > 0, root = r->root && e->has_weights;
    bool     holds = r->first->variables.len > 0 || r->uses.len > 0;
    Spot     s = {.b = b, .w = &body, .recipe = r, .parent = "parent", .self = "self", .weights = weights ? "w" : NULL, .layout = r->layout, .root = root ? "root" : NULL, .names = local_names(e)};
    const char *info = info_text(&s, r->first);
    write_contents(&s, r);
    CWriter *w = &e->code;
    StrBuf   params = {.arena = e->arena};
    sb_put(&params, "mdl_registry *r, mdl_layer parent, const char *component, int64_t index");
    if (weights) sb_printf(&params, ", struct %s *w", r->layout->cname);
    if (root) sb_printf(&params, ", %s_weights *root", e->prefix);
    if (r->bases > 0) sb_put(&params, ", const int64_t *n");
    cw_blank(w);
    cw_line(w, "static void %s(%s)", r->cname, sb_text(&params));
    cw_open(w, "%s", "");
    cw_line(w, "%smdl_layer_item(r, parent, component, index, &(const mdl_layer_info){%s});", holds ? "const mdl_layer self = " : "", info);
    if (root && !strstr(sb_text(&body.out), "root")) cw_line(w, "(void)root;");
    cw_lines(w, sb_text(&body.out));
    cw_close(w, "%s", "");
}

static void write_ports(Builder *b, const char *name, const Port *ports, size_t count)
{
    Emitter *e = b->e;
    if (count == 0) return;
    cw_open(&e->constants, "static const mdl_port_info %s[] =", name);
    for (size_t i = 0; i < count; i++) {
        cw_line(&e->constants, "{%s, %s},", emit_string(e, ports[i].name), emit_string(e, type_text(e->program->dims, e->arena, ports[i].type)));
    }
    cw_close(&e->constants, ";");
}

static void write_model(Builder *b, Recipe *r)
{
    Emitter       *e = b->e;
    const Program *p = e->program;
    CWriter        body = cw_create(e->arena);
    Spot s = {.b = b, .w = &body, .recipe = r, .parent = "MDL_NO_LAYER", .self = "MDL_MODEL", .weights = e->has_weights ? "weights" : NULL, .layout = r->layout, .root = e->has_weights ? "weights" : NULL, .names = local_names(e)};
    const char *info = info_text(&s, r->first);
    write_contents(&s, r);
    write_ports(b, "port_inputs", p->inputs.at, p->inputs.len);
    write_ports(b, "port_outputs", p->outputs.at, p->outputs.len);
    CWriter *w = &e->code;
    cw_blank(w);
    cw_line(w, "mdl_registry *%s_instantiate(%s *weights)", e->prefix, e->has_weights ? arena_printf(e->arena, "%s_weights", e->prefix) : "void");
    cw_open(w, "%s", "");
    cw_line(w, "mdl_registry *r = mdl_registry_create(%s, &(const mdl_layer_info){%s});", emit_string(e, p->name), info);
    if (!e->has_weights) cw_line(w, "(void)weights;");
    cw_line(w, "if (!r) return NULL;");
    cw_line(w, "mdl_registry_ports(r, %zu, %s, %zu, %s);", p->inputs.len, p->inputs.len ? "port_inputs" : "NULL", p->outputs.len, p->outputs.len ? "port_outputs" : "NULL");
    cw_lines(w, sb_text(&body.out));
    cw_line(w, "return r;");
    cw_close(w, "%s", "");
}

/* requires the structs to be named; ensures `<Model>_instantiate` and what it calls */
void emit_instantiate(Emitter *e)
{
    Builder b = {.e = e, .interner = interner_create(e->arena), .by_key = {.arena = e->arena}, .initializers = {.arena = e->arena}};
    Numbers numbers = {0};
    number_layers(e->arena, e->program->model);
    Recipe *model = recipe_of(&b, e->program->model, MDL_NO_LAYER, &numbers);
    for (size_t i = 0; i < b.recipes.len; i++) find_bases(&b, b.recipes.at[i]);
    choose_functions(&b);
    for (size_t i = 0; i < b.recipes.len; i++) {
        if (b.recipes.at[i]->cname) write_function(&b, b.recipes.at[i]);
    }
    write_model(&b, model);
}
