/* Takes a profile, and sums up what the nodes of its tree have below them. */
#include "cli_report.h"

#include <stdlib.h>

#include "clock.h"
#include "model.h"
#include "peak.h"

enum { MIN_CALLS = 3 };

static mdl_status take(Profile *p, Call *c)
{
    mdl_status   status = mdl_model_call(c->model, c->inputs, c->outputs, &c->run, &c->error);
    const double end = mdl_clock_seconds() + c->cli->seconds;
    for (int i = 0; status == MDL_OK && (i < MIN_CALLS || mdl_clock_seconds() < end); i++) {
        mdl_profile_begin(p);
        status = mdl_model_call_again(c->model, &c->run, &c->error);
        mdl_profile_end(p);
        if (p->failed) return mdl_fail_status(&c->error, MDL_NO_MEMORY);
    }
    return status;
}

/* A node stands behind its parent, so sums go from the back. */
static bool sum_up(Report *r)
{
    r->total = calloc(r->p->count, sizeof *r->total);
    r->work = calloc(r->p->count, sizeof *r->work);
    if (r->total == NULL || r->work == NULL) return false;
    for (size_t i = r->p->count; i-- > 0;) {
        r->total[i] += r->p->at[i].ns;
        r->work[i] += r->p->at[i].flops;
        if (i > 0) r->total[r->p->at[i].parent] += r->total[i];
        if (i > 0) r->work[r->p->at[i].parent] += r->work[i];
    }
    r->peak = mdl_peak_flops() * mdl_report_threads(r);
    r->calls = r->p->at[0].times;
    return true;
}

mdl_status mdl_report_take(Report *r, Call *c)
{
    r->c = c;
    r->p = calloc(1, sizeof *r->p);
    if (r->p == NULL) return mdl_fail_status(&c->error, MDL_NO_MEMORY);
    const mdl_status status = take(r->p, c);
    if (status != MDL_OK) return status;
    return sum_up(r) ? MDL_OK : mdl_fail_status(&c->error, MDL_NO_MEMORY);
}

void mdl_report_free(Report *r)
{
    if (r->p != NULL) mdl_profile_free(r->p);
    free(r->p);
    free(r->total);
    free(r->work);
}

int mdl_report_threads(const Report *r)
{
    return r->c->threads != NULL ? mdl_threads_count(r->c->threads) : 1;
}

double mdl_report_share(const Report *r, uint64_t ns)
{
    return r->total[0] > 0 ? (double)ns / (double)r->total[0] : 0;
}

double mdl_report_ms(const Report *r, uint64_t ns)
{
    return 1e-6 * (double)ns / (double)r->calls;
}

double mdl_report_gflops(double work, uint64_t ns)
{
    return ns > 0 ? work / (double)ns : 0; /* one a nanosecond: 1e9 a second */
}

void mdl_report_path(const Report *r, size_t node, Text *t)
{
    const ProfileNode *n = &r->p->at[node];
    if (node == 0) return;
    mdl_report_path(r, n->parent, t);
    if (*n->step->path == '\0') return;
    if (t->len > 0) mdl_putc(t, '.');
    mdl_put(t, n->step->path);
}
