/* `bench`: how long a call takes. What is timed is the generated call alone, with inputs, weights and workspace in place: what a
 * program pays that keeps a model and calls it again. Of programs whose steps read the clock it tells the layers, too. */
#include <stdio.h>
#include <stdlib.h>

#include "cli_report.h"
#include "clock.h"
#include "model.h"
#include "text.h"

enum { MAX_SAMPLES = 100000, MIN_SAMPLES = 3 };

/* Where a call takes so long, fewer samples than three will do: they hardly differ. */
#define LONG_SECONDS 1.0

/* A sample is the mean of `batch` calls, so many that reading the clock does not count. */
typedef struct Samples {
    double *ns; /* of a call; sorted when complete */
    size_t  count, batch;
    double  seconds; /* of all */
} Samples;

static mdl_status repeat(Call *c, size_t times, double *seconds)
{
    const double start = mdl_clock_seconds();
    mdl_status   status = MDL_OK;
    for (size_t i = 0; status == MDL_OK && i < times; i++) status = mdl_model_call_again(c->model, &c->run, &c->error);
    *seconds = mdl_clock_seconds() - start;
    return status;
}

/* Warms up for a tenth of the time, and finds how many calls take about 10 microseconds. */
static mdl_status find_batch(Call *c, size_t *batch)
{
    const double end = mdl_clock_seconds() + 0.1 * c->cli->seconds;
    double       took = 0;
    mdl_status   status = MDL_OK;
    *batch = 1;
    do {
        status = repeat(c, *batch, &took);
        if (took < 1e-5 && *batch < (size_t)1 << 20) *batch *= 2;
    } while (status == MDL_OK && mdl_clock_seconds() < end);
    return status;
}

static mdl_status take_samples(Call *c, Samples *s)
{
    const double start = mdl_clock_seconds(), end = start + c->cli->seconds;
    double       took = 0;
    mdl_status   status = find_batch(c, &s->batch);
    while (status == MDL_OK && s->count < MAX_SAMPLES
           && ((s->count < MIN_SAMPLES && took < LONG_SECONDS) || mdl_clock_seconds() < end)) {
        status = repeat(c, s->batch, &took);
        s->ns[s->count++] = 1e9 * took / (double)s->batch;
    }
    s->seconds = mdl_clock_seconds() - start;
    return status;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The smallest sample that at least `share` of all do not exceed. */
static double percentile(const Samples *s, double share)
{
    const size_t at = (size_t)(share * (double)s->count);
    return s->ns[at < s->count ? at : s->count - 1];
}

static double mean(const Samples *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->count; i++) sum += s->ns[i];
    return sum / (double)s->count;
}

/* "1.234 us": three decimals of the unit that fits. */
static void print_time(const char *name, double ns)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    int                      unit = 0;
    for (; ns >= 1000 && unit < 3; unit++) ns /= 1000;
    printf("  %-8s %9.3f %s\n", name, ns, units[unit]);
}

static const struct {
    const char *name, *key;
    double      share;
} shares[] = {{"min", "min", 0}, {"median", "p50", 0.5}, {"90 %", "p90", 0.9}, {"99 %", "p99", 0.99}, {"max", "max", 1}};

/* "97.8 MiB of weights, 167.0 MiB prepared from them, 10.7 MiB of workspace" */
static void print_memory(const Call *c)
{
    Text t = {0};
    mdl_put(&t, "  ");
    mdl_put_size(&t, mdl_model_bytes(c->model));
    mdl_put(&t, " of weights, ");
    if (c->program->prepared_values > 0) {
        mdl_put_size(&t, c->program->prepared_values);
        mdl_put(&t, " prepared from them, ");
    }
    mdl_put_size(&t, c->program->workspace_size(c->model->symbols));
    printf("%s of workspace\n", mdl_text_z(&t));
    mdl_text_free(&t);
}

static void print_text(const Call *c, const Samples *s)
{
    Text t = {0};
    printf("%s", c->program->name);
    for (int i = 0; i < c->program->nsymbols; i++) {
        printf("%s%s=%lld", i > 0 ? ", " : "  ", c->program->symbols[i], (long long)c->model->symbols[i]);
    }
    const int threads = c->threads != NULL ? mdl_threads_count(c->threads) : 1;
    printf("  %d thread%s, %s\n\n", threads, threads == 1 ? "" : "s", mdl_isa_name());
    for (size_t i = 0; i < countof(shares); i++) print_time(shares[i].name, percentile(s, shares[i].share));
    print_time("mean", mean(s));
    mdl_put_grouped(&t, (uint64_t)(s->count * s->batch));
    printf("\n  %.6g calls a second; ", 1e9 / percentile(s, 0.5));
    if (*mdl_text_z(&t) == '\0') printf("%zu", s->count * s->batch); /* without commas, where there is no memory for them */
    printf("%s calls in %.1f s", mdl_text_z(&t), s->seconds);
    if (s->batch > 1) printf(", %zu a sample", s->batch);
    printf("\n");
    mdl_text_free(&t);
    print_memory(c);
}

static void print_json(const Call *c, const Samples *s)
{
    printf("{\"model\": \"%s\", \"dims\": {", c->program->name);
    for (int i = 0; i < c->program->nsymbols; i++) {
        printf("%s\"%s\": %lld", i > 0 ? ", " : "", c->program->symbols[i], (long long)c->model->symbols[i]);
    }
    printf("}, \"threads\": %d, \"isa\": \"%s\"", c->threads != NULL ? mdl_threads_count(c->threads) : 1, mdl_isa_name());
    printf(", \"calls\": %zu, \"calls_a_sample\": %zu, \"latency_ns\": {", s->count * s->batch, s->batch);
    for (size_t i = 0; i < countof(shares); i++) printf("\"%s\": %.3f, ", shares[i].key, percentile(s, shares[i].share));
    printf("\"mean\": %.3f}, \"calls_a_second\": %.6g", mean(s), 1e9 / percentile(s, 0.5));
    printf(", \"bytes\": {\"weights\": %llu, \"prepared\": %zu, \"workspace\": %zu}", (unsigned long long)mdl_model_bytes(c->model),
           c->program->prepared_values, c->program->workspace_size(c->model->symbols));
}

static mdl_status measure(Call *c, Samples *s)
{
    s->ns = malloc(MAX_SAMPLES * sizeof *s->ns);
    if (s->ns == NULL) return mdl_fail_status(&c->error, MDL_NO_MEMORY);
    mdl_status status = mdl_model_call(c->model, c->inputs, c->outputs, &c->run, &c->error);
    if (status == MDL_OK) status = take_samples(c, s);
    if (status == MDL_OK) qsort(s->ns, s->count, sizeof *s->ns, by_size);
    return status;
}

/* The layers of a program whose steps read the clock, measured after the whole. */
static mdl_status measure_layers(Call *c)
{
    Text       parts = {0};
    Report     r = {.failed = &parts};
    mdl_status status = mdl_report_take(&r, c);
    if (status == MDL_OK && c->cli->json) printf(", \"profile\": ");
    if (status == MDL_OK) status = mdl_report_layers(&r, &c->error);
    mdl_report_free(&r);
    return status;
}

int mdl_cli_bench(const Cli *cli)
{
    Call       c;
    Samples    s = {0};
    mdl_status status = mdl_cli_prepare(&c, cli);
    if (status == MDL_OK) status = measure(&c, &s);
    if (status == MDL_OK) (cli->json ? print_json : print_text)(&c, &s);
    if (status == MDL_OK && cli->program->profiled) status = measure_layers(&c);
    if (status == MDL_OK && cli->json) printf("}\n");
    free(s.ns);
    mdl_cli_release(&c);
    return status == MDL_OK ? EXIT_DONE : mdl_cli_fail(cli, &c.error);
}
