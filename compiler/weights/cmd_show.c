/* `mdlc weights show`: what is in a file. */
#include <stdio.h>
#include <string.h>

#include "../base/str.h"
#include "command.h"
#include "glob.h"
#include "json.h"
#include "stats.h"
#include "table.h"

static bool listed(const Command *c, const FileTensor *t)
{
    return !c->filter || mdl_glob(c->filter, t->is.name, t->is.name_len);
}

static void put_number(Text *out, const char *key, double v)
{
    Arena *a = arena_create();
    StrBuf b = {.arena = a};
    sb_double(&b, v);
    mdl_put(out, key);
    mdl_put(out, sb_text(&b));
    arena_destroy(a);
}

/* ---- for people ---- */

static void put_values(Text *out, const Stats *s)
{
    char line[160], bars[3 * STATS_BINS + 1];
    const uint64_t finite = s->count - s->nan - s->infinite;
    if (finite) {
        stats_sparkline(s, bars);
        snprintf(line, sizeof line, "%.4g .. %.4g, mean %.4g, std %.4g  %s", s->min, s->max, s->mean, s->std, bars);
        mdl_put(out, line);
    }
    if (s->nan) mdl_put(out, finite ? "  NaN: " : "NaN: "), mdl_put_grouped(out, s->nan);
    if (s->infinite) mdl_put(out, finite || s->nan ? "  infinite: " : "infinite: "), mdl_put_grouped(out, s->infinite);
    if (!s->count) mdl_put(out, "(empty)");
}

static void put_table(const Command *c, const Checkpoint *f, const Stats *stats)
{
    Table t = {.out = c->out, .count = c->values ? 4 : 3, .columns = {
        {.title = "tensor", .whole = true}, {.title = "type"}, {.title = "bytes", .right = true}, {.title = "values"}}};
    for (int printing = 0; printing < 2; printing++) {
        if (printing) mdl_table_fit(&t, 0, MDL_WIDE), mdl_table_titles(&t);
        for (size_t i = 0; i < f->tensors.len; i++) {
            const FileTensor *x = &f->tensors.at[i];
            Text              type = {0}, bytes = {0}, values = {0};
            if (!listed(c, x)) continue;
            mdl_put(&type, tensor_type(x));
            mdl_put_shape(&type, x->is.rank, x->is.shape);
            mdl_put_grouped(&bytes, x->is.bytes);
            if (c->values && x->opaque) mdl_put(&values, "(quantised: not read)");
            else if (c->values) put_values(&values, &stats[i]);
            const char *const cells[] = {x->is.name, mdl_text_part(&type, t.out), mdl_text_part(&bytes, t.out),
                                         mdl_text_part(&values, t.out)};
            if (printing) mdl_table_row(&t, cells);
            else mdl_table_widen(&t, cells);
            mdl_text_free(&type), mdl_text_free(&bytes), mdl_text_free(&values);
        }
    }
}

static void put_text(const Command *c, const Checkpoint *f, const Stats *stats)
{
    uint64_t count = 0, elements = 0, bytes = 0;
    mdl_put(c->out, f->file);
    mdl_put(c->out, " (");
    mdl_put(c->out, f->format->name);
    mdl_put(c->out, ")\n\n");
    put_table(c, f, stats);
    for (size_t i = 0; i < f->tensors.len; i++) {
        const FileTensor *x = &f->tensors.at[i];
        if (!listed(c, x)) continue;
        count++;
        elements += x->is.elements;
        bytes += x->is.bytes;
    }
    mdl_put(c->out, "\n");
    mdl_put_grouped(c->out, count);
    mdl_put(c->out, count == 1 ? " tensor, " : " tensors, ");
    mdl_put_grouped(c->out, elements);
    mdl_put(c->out, elements == 1 ? " element, " : " elements, ");
    mdl_put_size(c->out, bytes);
    mdl_put(c->out, "\n");
    for (size_t i = 0; i < f->metadata.len; i++) {
        mdl_put(c->out, i ? "" : "\nmetadata\n");
        mdl_put(c->out, "  ");
        mdl_json_string(c->out, f->metadata.at[i].key, strlen(f->metadata.at[i].key));
        mdl_put(c->out, ": ");
        mdl_json_string(c->out, f->metadata.at[i].value, strlen(f->metadata.at[i].value));
        mdl_put(c->out, "\n");
    }
}

/* ---- for programs ---- */

static void put_stats(Text *out, const Stats *s)
{
    put_number(out, ", \"min\": ", s->min);
    put_number(out, ", \"max\": ", s->max);
    put_number(out, ", \"mean\": ", s->mean);
    put_number(out, ", \"std\": ", s->std);
    mdl_put(out, ", \"nan\": ");
    mdl_put_int(out, (int64_t)s->nan);
    mdl_put(out, ", \"infinite\": ");
    mdl_put_int(out, (int64_t)s->infinite);
    mdl_put(out, ", \"histogram\": [");
    for (size_t i = 0; i < STATS_BINS; i++) {
        if (i) mdl_put(out, ", ");
        mdl_put_int(out, (int64_t)s->bins[i]);
    }
    mdl_put(out, "]");
}

static void put_tensor(const Command *c, const FileTensor *t, const Stats *stats)
{
    mdl_put(c->out, "{\"name\": ");
    mdl_json_string(c->out, t->is.name, t->is.name_len);
    mdl_put(c->out, ", \"dtype\": ");
    mdl_json_string(c->out, tensor_type(t), strlen(tensor_type(t)));
    mdl_put(c->out, ", \"shape\": ");
    mdl_put_shape(c->out, t->is.rank, t->is.shape);
    mdl_put(c->out, ", \"bytes\": ");
    mdl_put_int(c->out, (int64_t)t->is.bytes);
    if (stats && !t->opaque) put_stats(c->out, stats);
    mdl_put(c->out, "}");
}

static void put_json(const Command *c, const Checkpoint *f, const Stats *stats)
{
    bool first = true;
    mdl_put(c->out, "{\"format_version\": 1,\n \"file\": ");
    mdl_json_string(c->out, f->file, strlen(f->file));
    mdl_put(c->out, ",\n \"format\": ");
    mdl_json_string(c->out, f->format->name, strlen(f->format->name));
    mdl_put(c->out, ",\n \"metadata\": {");
    for (size_t i = 0; i < f->metadata.len; i++) {
        if (i) mdl_put(c->out, ", ");
        mdl_json_string(c->out, f->metadata.at[i].key, strlen(f->metadata.at[i].key));
        mdl_put(c->out, ": ");
        mdl_json_string(c->out, f->metadata.at[i].value, strlen(f->metadata.at[i].value));
    }
    mdl_put(c->out, "},\n \"tensors\": [");
    for (size_t i = 0; i < f->tensors.len; i++) {
        if (!listed(c, &f->tensors.at[i])) continue;
        mdl_put(c->out, first ? "\n  " : ",\n  ");
        put_tensor(c, &f->tensors.at[i], stats ? &stats[i] : NULL);
        first = false;
    }
    mdl_put(c->out, first ? "]}\n" : "\n ]}\n");
}

int show_command(const Command *c)
{
    int         status = WEIGHTS_DONE;
    mdl_error   error;
    Checkpoint *f = open_file(c, 0, &status);
    if (!f) return status;
    Stats *stats = c->values ? arena_array(c->arena, Stats, f->tensors.len + 1) : NULL;
    for (size_t i = 0; c->values && i < f->tensors.len && !status; i++) {
        const FileTensor *t = &f->tensors.at[i];
        if (!t->opaque && listed(c, t) && tensor_stats(f, i, &stats[i], &error) != MDL_OK) status = complain(&error);
    }
    if (!status && c->json) put_json(c, f, stats);
    else if (!status) put_text(c, f, stats);
    checkpoint_close(f);
    return status;
}
