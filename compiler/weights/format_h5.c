/* HDF5, as Keras writes it, by way of the helper. Tensors are called by their path in the file, "dense1/vars/0". */
#include "format_h5.h"

#include <stdlib.h>
#include <string.h>


enum { MAX_OBJECTS = 1000 * 1000 };

typedef struct H5File {
    Helper  helper;
    Message message;
    VEC(NamedGroup) orders; /* name: NUL-separated texts, an empty one at the end */
    uint32_t *numbers;      /* of each tensor, in the helper's list */
} H5File;

static void close_file(Checkpoint *c)
{
    H5File *f = c->reader;
    helper_stop(&f->helper);
    free(f->message.bytes);
    f->message.bytes = NULL;
}

static uint64_t number_at(const char *s, size_t size)
{
    uint64_t v = 0;
    for (size_t i = size; i-- > 0;) v = v << 8 | (unsigned char)s[i];
    return v;
}

/* ---- the list ---- */

static mdl_status nonsense(const Checkpoint *c, mdl_error *error) { return bad_file(c, error, "the HDF5 helper sent nonsense"); }

static mdl_status add_dataset(Checkpoint *c, const Message *m, mdl_error *error)
{
    int64_t      shape[MDL_MAX_RANK];
    const int    dtype = m->len >= 2 ? (unsigned char)m->bytes[0] : MDL_STORED_DTYPES;
    const size_t rank = m->len >= 2 ? (unsigned char)m->bytes[1] : 0;
    if (dtype >= MDL_STORED_DTYPES || rank > MDL_MAX_RANK || m->len <= 2 + 8 * rank) return nonsense(c, error);
    for (size_t i = 0; i < rank; i++) {
        const uint64_t size = number_at(m->bytes + 2 + 8 * i, 8);
        if (size > INT64_MAX) return nonsense(c, error);
        shape[i] = (int64_t)size;
    }
    const char *path = m->bytes + 2 + 8 * rank;
    checkpoint_add(c, path, m->len - 2 - 8 * rank, dtype, (int)rank, shape, NULL, 0);
    return MDL_OK;
}

static mdl_status add_text(Checkpoint *c, const Message *m, mdl_error *error)
{
    H5File      *f = c->reader;
    const size_t path = strlen(m->bytes);
    if (path >= m->len) return nonsense(c, error);
    const char      *copy = arena_copy(c->arena, m->bytes, m->len + 1);
    const NamedGroup g = {copy, copy + path + 1};
    if (m->tag == H5_NAME) vec_push(c->arena, &c->groups, g);
    else vec_push(c->arena, &f->orders, g);
    return MDL_OK;
}

static mdl_status read_list(Checkpoint *c, mdl_error *error)
{
    H5File *f = c->reader;
    for (size_t messages = 0;; messages++) {
        mdl_status status = helper_receive(&f->helper, &f->message, error);
        if (status != MDL_OK) return status;
        if (f->message.tag == H5_LISTED) return MDL_OK;
        if (messages > 2 * MAX_OBJECTS) return bad_file(c, error, "there are over a million objects");
        if (f->message.tag == H5_DATASET) status = add_dataset(c, &f->message, error);
        else if (f->message.tag == H5_NAME || f->message.tag == H5_ORDER) status = add_text(c, &f->message, error);
        else status = nonsense(c, error);
        if (status != MDL_OK) return status;
    }
}

/* ---- order ---- */

/* Runs of digits compare as numbers. */
int h5_order(const char *a, const char *b)
{
    while (*a && *b) {
        const size_t n = strspn(a, "0123456789"), k = strspn(b, "0123456789");
        if (n && k) {
            const int order = n != k ? (n < k ? -1 : 1) : memcmp(a, b, n);
            if (order) return order;
            a += n, b += k;
        }
        else if (*a != *b) return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        else a++, b++;
    }
    return *a ? 1 : *b ? -1 : 0;
}

typedef struct Placed {
    FileTensor tensor;
    uint32_t   number;
    size_t     layer, weight; /* places in the file's own lists; SIZE_MAX where it has none */
} Placed;

static int by_place(const void *a, const void *b)
{
    const Placed *x = a, *y = b;
    if (x->layer != y->layer) return x->layer < y->layer ? -1 : 1;
    if (x->weight != y->weight) return x->weight < y->weight ? -1 : 1;
    return h5_order(x->tensor.is.name, y->tensor.is.name);
}

/* Finds the place of what begins `rest` in a list, as a whole path or a whole text. */
static size_t place_in(const char *list, const char *rest)
{
    size_t i = 0;
    for (const char *s = list; *s; s += strlen(s) + 1, i++) {
        const size_t n = strlen(s);
        if (!strncmp(rest, s, n) && (!rest[n] || rest[n] == '/')) return i;
    }
    return SIZE_MAX;
}

/* A legacy file lists its layers and their weights: root or model_weights `layer_names`, layers `weight_names`. */
static void find_place(const H5File *f, Placed *p)
{
    const char *name = p->tensor.is.name;
    p->layer = p->weight = SIZE_MAX;
    for (size_t i = 0; i < f->orders.len; i++) {
        const char  *group = f->orders.at[i].path;
        const size_t n = strlen(group);
        if (n && (strncmp(name, group, n) || name[n] != '/')) continue;
        const char  *rest = n ? name + n + 1 : name;
        const bool   layers = !n || !strcmp(group, "model_weights");
        const size_t at = place_in(f->orders.at[i].name, rest);
        if (at == SIZE_MAX) continue;
        if (layers) p->layer = at;
        else p->weight = at;
    }
}

static void sort_tensors(Checkpoint *c)
{
    H5File      *f = c->reader;
    const size_t n = c->tensors.len;
    Placed      *placed = arena_array(c->arena, Placed, n + 1);
    f->numbers = arena_array(c->arena, uint32_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        placed[i].tensor = c->tensors.at[i];
        placed[i].number = (uint32_t)i;
        find_place(f, &placed[i]);
    }
    qsort(placed, n, sizeof *placed, by_place);
    for (size_t i = 0; i < n; i++) {
        c->tensors.at[i] = placed[i].tensor;
        f->numbers[i] = placed[i].number;
    }
}

/* ---- values ---- */

static mdl_status load(Checkpoint *c, size_t index, void *out, mdl_error *error)
{
    H5File             *f = c->reader;
    const uint32_t      number = f->numbers[index];
    const unsigned char word[4] = {(unsigned char)number, (unsigned char)(number >> 8), (unsigned char)(number >> 16),
                                   (unsigned char)(number >> 24)};
    uint64_t            left = c->tensors.at[index].is.bytes;
    char               *to = out;
    mdl_status          status = helper_send(&f->helper, H5_READ, word, sizeof word, error);
    while (status == MDL_OK && left) {
        status = helper_receive(&f->helper, &f->message, error);
        if (status != MDL_OK) break;
        if (f->message.tag != H5_VALUES || !f->message.len || f->message.len > left) return nonsense(c, error);
        memcpy(to, f->message.bytes, f->message.len);
        to += f->message.len;
        left -= f->message.len;
    }
    return status;
}

/* ---- opening ---- */

mdl_status h5_open_helper(Checkpoint *c, const Helper *h, mdl_error *error)
{
    H5File *f = arena_new(c->arena, H5File);
    f->helper = *h;
    c->reader = f;
    c->close = close_file;
    c->load = load;
    const mdl_status status = read_list(c, error);
    if (status != MDL_OK) return status;
    sort_tensors(c);
    return checkpoint_ready(c, error);
}
