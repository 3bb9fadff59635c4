/* The report of what doesn't fit, and the values of what does. */
#include <string.h>

#include "fit.h"
#include "json.h"
#include "weights.h"

const char *mdl_fault_name(mdl_fault_kind kind)
{
    static const char *const names[] = {
        [MDL_FAULT_MISSING] = "missing", [MDL_FAULT_UNEXPECTED] = "unexpected", [MDL_FAULT_SHAPE] = "wrong shape",
        [MDL_FAULT_TRANSPOSED] = "likely transposed", [MDL_FAULT_DTYPE] = "wrong dtype", [MDL_FAULT_RENAMED] = "likely renamed",
        [MDL_FAULT_DUPLICATE] = "duplicate", [MDL_FAULT_TIED] = "tied but different",
        [MDL_FAULT_NOT_FINITE] = "not finite", [MDL_FAULT_MAPPING] = "wrong mapping",
    };
    return names[kind];
}

const mdl_fault *mdl_fit_fault(const mdl_fit *f, size_t index)
{
    return index < f->count ? &f->faults[index] : NULL;
}

size_t mdl_fit_blocking(const mdl_fit *f)
{
    return f->blocking;
}

/* ---- text ---- */

/* "missing: `hidden.bias` float32[2] is not in the file   (mlp.mdl:12)" */
static void put_fault(Text *t, const mdl_fault *fault)
{
    if (!fault->blocks) mdl_put(t, "note: ");
    mdl_put(t, mdl_fault_name(fault->kind));
    mdl_put(t, ": ");
    mdl_put(t, fault->message);
    if (fault->source[0] != '\0') {
        mdl_put(t, "   (");
        mdl_put(t, fault->source);
        mdl_putc(t, ')');
    }
    mdl_putc(t, '\n');
}

/* What mends several faults in a row stands once, below them. */
static void put_text(Text *t, const mdl_fit *f)
{
    for (size_t i = 0; i < f->count; i++) {
        put_fault(t, &f->faults[i]);
        if (i + 1 < f->count && strcmp(f->faults[i].fix, f->faults[i + 1].fix) == 0) continue;
        mdl_put(t, "  fix: ");
        mdl_put(t, f->faults[i].fix);
        mdl_putc(t, '\n');
    }
}

mdl_status mdl_fit_check(const mdl_fit *f, mdl_error *error)
{
    mdl_error  all;
    Text       t = {0};
    enum { ROOM = sizeof all.message - 160 };
    size_t len = 0, shown = 0;
    bool   full = false;
    if (f->blocking == 0) return MDL_OK;
    for (size_t i = 0; i < f->count && !full; i++) {
        if (!f->faults[i].blocks) continue;
        put_fault(&t, &f->faults[i]);
        full = t.len > ROOM;
        if (full) break;
        len = t.len - 1;
        shown++;
    }
    mdl_fail(&all, MDL_BAD_FILE, "%.*s", (int)len, mdl_text_z(&t));
    mdl_text_free(&t);
    const char  *name = mdl_weights_name(f->w);
    const size_t more = f->blocking - shown;
    if (more == 0) return mdl_fail(error, MDL_BAD_FILE, "%.100s does not fit the model\n%s", name, all.message);
    return mdl_fail(error, MDL_BAD_FILE, "%.100s does not fit the model\n%s\nand %llu more", name, all.message,
                    (unsigned long long)more);
}

/* ---- JSON ---- */

static void put_string(Text *t, const char *key, const char *z)
{
    mdl_json_string(t, key, strlen(key));
    mdl_put(t, ": ");
    if (z == NULL) mdl_put(t, "null");
    else mdl_json_string(t, z, strlen(z));
}

static void put_type(Text *t, const char *key, const char *dtype, int rank, const int64_t *shape)
{
    mdl_put(t, ", ");
    mdl_json_string(t, key, strlen(key));
    if (dtype == NULL) {
        mdl_put(t, ": null");
        return;
    }
    mdl_put(t, ": {");
    put_string(t, "dtype", dtype);
    mdl_put(t, ", \"shape\": ");
    mdl_put_shape(t, rank, shape);
    mdl_putc(t, '}');
}

static void put_json_fault(Text *t, const mdl_fit *f, const mdl_fault *fault)
{
    const mdl_variable *v = fault->variable >= 0 ? mdl_registry_variable(f->r, fault->variable) : NULL;
    const mdl_stored   *s = fault->tensor >= 0 ? &f->w->tensors[fault->tensor] : NULL;
    mdl_put(t, "    {");
    put_string(t, "kind", mdl_fault_name(fault->kind));
    mdl_put(t, fault->blocks ? ", \"blocks\": true, " : ", \"blocks\": false, ");
    put_string(t, "path", v != NULL ? v->path : NULL);
    mdl_put(t, ", ");
    put_string(t, "tensor", s != NULL ? s->name : NULL);
    put_type(t, "model", v != NULL ? mdl_dtype_name(v->dtype) : NULL, v != NULL ? v->rank : 0, v != NULL ? v->shape : NULL);
    put_type(t, "stored", s != NULL ? mdl_stored_name(s->dtype) : NULL, s != NULL ? s->rank : 0, s != NULL ? s->shape : NULL);
    mdl_put(t, ", ");
    put_string(t, "source", fault->source[0] != '\0' ? fault->source : NULL);
    mdl_put(t, ", ");
    put_string(t, "message", fault->message);
    mdl_put(t, ", ");
    put_string(t, "fix", fault->fix);
    mdl_putc(t, '}');
}

static void put_json(Text *t, const mdl_fit *f)
{
    mdl_put(t, "{\n  \"format_version\": 1,\n  ");
    put_string(t, "model", f->r->layers[MDL_MODEL].info.class_name);
    mdl_put(t, ",\n  ");
    put_string(t, "file", mdl_weights_name(f->w));
    mdl_put(t, f->blocking == 0 ? ",\n  \"fits\": true,\n  \"variables\": " : ",\n  \"fits\": false,\n  \"variables\": ");
    mdl_put_int(t, f->r->nvariables);
    mdl_put(t, ",\n  \"tensors\": ");
    mdl_put_int(t, (int64_t)f->w->count);
    mdl_put(t, ",\n  \"faults\": [");
    for (size_t i = 0; i < f->count; i++) {
        mdl_put(t, i == 0 ? "\n" : ",\n");
        put_json_fault(t, f, &f->faults[i]);
    }
    mdl_put(t, f->count > 0 ? "\n  ]\n}\n" : "]\n}\n");
}

mdl_status mdl_fit_print(const mdl_fit *f, mdl_manifest_format format, mdl_write *write, void *context, mdl_error *error)
{
    if (format != MDL_TEXT && format != MDL_JSON) return mdl_fail(error, MDL_USAGE, "a report of the fit is text or JSON");
    Text t = {.write = write, .context = context};
    if (format == MDL_TEXT) put_text(&t, f);
    else put_json(&t, f);
    mdl_text_flush(&t);
    const mdl_status status = !t.failed ? MDL_OK : mdl_fail_status(error, t.stopped ? MDL_IO : MDL_NO_MEMORY);
    mdl_text_free(&t);
    return status;
}

/* ---- values ---- */

bool mdl_fit_holds(const mdl_fit *f, int32_t variable)
{
    return variable >= 0 && variable < f->r->nvariables && f->recipes[variable] != NULL;
}

const void *mdl_fit_data(const mdl_fit *f, int32_t variable)
{
    if (!mdl_fit_holds(f, variable)) return NULL;
    const Recipe *r = f->recipes[variable];
    while (r->op == RECIPE_RESHAPE) r = r->of[0];
    if (r->op != RECIPE_TENSOR || r->dtype != (int32_t)mdl_registry_variable(f->r, variable)->dtype) return NULL;
    return mdl_weights_data(f->w, r->tensor);
}

mdl_status mdl_fit_read(const mdl_fit *f, int32_t variable, void *out, mdl_error *error)
{
    if (!mdl_fit_holds(f, variable) || f->blocking > 0) {
        return mdl_fail(error, MDL_USAGE, "the file does not hold that variable, or does not fit");
    }
    return mdl_recipe_make(f->recipes[variable], f->w, mdl_registry_variable(f->r, variable)->dtype, out, error);
}
