/* What `bench` tells of a profile: a line for each layer. */
#include "cli_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

typedef struct Layer {
    Text     path;
    uint64_t ns; /* of itself, without the layers in it */
    double   work;
} Layer;

static Layer *find(Layer *layers, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(mdl_text_z(&layers[i].path), path) == 0) return &layers[i];
    }
    return NULL;
}

/* In the order in which calls come to them. */
static size_t collect(const Report *r, Layer *layers)
{
    size_t count = 0;
    for (size_t i = 0; i < r->p->count; i++) {
        Text path = {0};
        mdl_report_path(r, i, &path);
        Layer *layer = find(layers, count, mdl_text_z(&path));
        if (layer == NULL) {
            layer = &layers[count++];
            mdl_put(&layer->path, mdl_text_z(&path));
        }
        layer->ns += r->p->at[i].ns;
        layer->work += r->p->at[i].flops;
        if (path.failed || layer->path.failed) r->failed->failed = true;
        mdl_text_free(&path);
    }
    return count;
}

static void print_line(const Report *r, Layer *l)
{
    const double speed = mdl_report_gflops(l->work, l->ns);
    printf("  %10.4f ms %6.1f %%", mdl_report_ms(r, l->ns), 100 * mdl_report_share(r, l->ns));
    if (speed > 0 && r->peak > 0) printf(" %8.1f GFLOP/s %5.0f %%", speed, 100e9 * speed / r->peak);
    else printf(" %24s", "");
    printf("  %s\n", l->path.len > 0 ? mdl_text_z(&l->path) : r->c->program->name);
}

static void print_text(const Report *r, Layer *layers, size_t count)
{
    Layer rest = {0};
    printf("\n  %13s %8s %24s  layer, without those in it; the peak is %.1f GFLOP/s\n", "time", "share", "speed, of peak", 1e-9 * r->peak);
    for (size_t i = 0; i < count; i++) {
        if (mdl_report_share(r, layers[i].ns) >= REPORT_SHOWN) print_line(r, &layers[i]);
        else rest.ns += layers[i].ns;
    }
    if (mdl_report_share(r, rest.ns) < REPORT_SHOWN) return;
    printf("  %10.4f ms %6.1f %% %24s  layers of less than 0.5 %%\n", mdl_report_ms(r, rest.ns), 100 * mdl_report_share(r, rest.ns), "");
}

static void print_json(const Report *r, Layer *layers, size_t count)
{
    printf("{\"peak_flops\": %.6g, \"layers\": [", r->peak);
    for (size_t i = 0; i < count; i++) {
        Text path = {0};
        mdl_json_string(&path, mdl_text_z(&layers[i].path), layers[i].path.len);
        printf("%s\n{\"path\": %s, \"ns\": %.1f, \"share\": %.6f, \"flops\": %.0f, \"gflops\": %.4g, \"of_peak\": %.4g}", i > 0 ? "," : "",
               mdl_text_part(&path, r->failed), 1e6 * mdl_report_ms(r, layers[i].ns), mdl_report_share(r, layers[i].ns),
               layers[i].work / (double)r->calls, mdl_report_gflops(layers[i].work, layers[i].ns),
               r->peak > 0 ? 1e9 * mdl_report_gflops(layers[i].work, layers[i].ns) / r->peak : 0);
        mdl_text_free(&path);
    }
    printf("\n]}");
}

mdl_status mdl_report_layers(const Report *r, mdl_error *error)
{
    Layer *layers = calloc(r->p->count, sizeof *layers);
    if (layers == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    const size_t count = collect(r, layers);
    (r->c->cli->json ? print_json : print_text)(r, layers, count);
    for (size_t i = 0; i < count; i++) mdl_text_free(&layers[i].path);
    free(layers);
    return r->failed->failed ? mdl_fail_status(error, MDL_NO_MEMORY) : MDL_OK;
}
