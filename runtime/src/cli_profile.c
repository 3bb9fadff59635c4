/* `profile`: where the time of a call goes, as a tree of layers and steps, and by lines of the source. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_call.h"
#include "clock.h"
#include "json.h"
#include "model.h"
#include "peak.h"
#include "profile.h"
#include "text.h"

enum { BAR = 20, MAX_LINES = 20, MIN_CALLS = 3 };
#define SHOWN 0.005 /* of a call: steps below that are summed up */

typedef struct Report {
    const Call    *c;
    const Profile *p;
    uint64_t      *total; /* of each node: with what it calls */
    double        *work;  /* the same, of operations */
    double         peak;  /* operations a second that the call's threads can do */
    uint64_t       calls;
    Text          *failed; /* whether one of the texts could not be made */
} Report;

/* ---- measuring ---- */

static mdl_status take_profile(Call *c, Profile *p)
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

static int threads_of(const Report *r)
{
    return r->c->threads != NULL ? mdl_threads_count(r->c->threads) : 1;
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
    r->peak = mdl_peak_flops() * threads_of(r);
    r->calls = r->p->at[0].times;
    return true;
}

static double share(const Report *r, uint64_t ns)
{
    return r->total[0] > 0 ? (double)ns / (double)r->total[0] : 0;
}

/* Milliseconds of one call. */
static double ms(const Report *r, uint64_t ns)
{
    return 1e-6 * (double)ns / (double)r->calls;
}

/* The layer's path, from the model on. */
static void put_path(const Report *r, size_t node, Text *t)
{
    const ProfileNode *n = &r->p->at[node];
    if (node == 0) return;
    put_path(r, n->parent, t);
    if (*n->step->path == '\0') return;
    if (t->len > 0) mdl_putc(t, '.');
    mdl_put(t, n->step->path);
}

/* ---- the tree ---- */

static void print_bar(double part)
{
    const int full = (int)(part * BAR + 0.5);
    for (int i = 0; i < BAR; i++) fputs(i < full ? "#" : " ", stdout);
}

/* Operations a second, and their share of the peak; blanks where nothing is multiplied. */
static void print_speed(const Report *r, size_t node)
{
    const double speed = r->total[node] > 0 ? r->work[node] / (double)r->total[node] : 0; /* a nanosecond: 1e9 a second */
    if (speed > 0 && r->peak > 0) printf("%7.1f GFLOP/s %3.0f %%  ", speed, 100e9 * speed / r->peak);
    else printf("%24s", "");
}

static void print_node(const Report *r, size_t node, int depth)
{
    const ProfileNode *n = &r->p->at[node];
    Text               path = {0};
    put_path(r, node, &path);
    printf("%6.1f %% %10.4f ms  ", 100 * share(r, r->total[node]), ms(r, r->total[node]));
    print_speed(r, node);
    print_bar(share(r, r->total[node]));
    printf("  %*s", 2 * depth, "");
    if (node == 0) printf("%s\n", r->c->program->name);
    else printf("%s%s%s   %s\n", mdl_text_part(&path, r->failed), path.len > 0 ? "   " : "", n->step->text, n->step->place);
    mdl_text_free(&path);
}

/* In the order of the source, which is that of the call: what is next to each other there is here. */
static void print_tree(const Report *r, size_t node, int depth)
{
    uint64_t small = 0;
    print_node(r, node, depth);
    for (size_t i = r->p->at[node].child; i != 0; i = r->p->at[i].next) {
        if (share(r, r->total[i]) >= SHOWN) print_tree(r, i, depth + 1);
        else small += r->total[i];
    }
    if (share(r, small) < SHOWN) return;
    printf("%6.1f %% %10.4f ms  ", 100 * share(r, small), ms(r, small));
    printf("%24s", "");
    print_bar(share(r, small));
    printf("  %*ssteps of less than 0.5 %%\n", 2 * depth + 2, "");
}

/* ---- lines of the source ---- */

typedef struct Line {
    const mdl_step *step;
    uint64_t        ns;
} Line;

static int by_time(const void *a, const void *b)
{
    const Line *x = a, *y = b;
    if (x->ns != y->ns) return x->ns < y->ns ? 1 : -1;
    return strcmp(x->step->place, y->step->place);
}

static size_t line_of(Line *lines, size_t count, const mdl_step *step)
{
    size_t i = 0;
    while (i < count && strcmp(lines[i].step->place, step->place) != 0) i++;
    return i;
}

static void print_lines(const Report *r, Line *lines)
{
    size_t count = 0;
    for (size_t i = 1; i < r->p->count; i++) {
        const ProfileNode *n = &r->p->at[i];
        const size_t       at = line_of(lines, count, n->step);
        if (at == count) lines[count++] = (Line){n->step, 0};
        lines[at].ns += n->ns;
    }
    if (count > 1) qsort(lines, count, sizeof *lines, by_time);
    printf("\nlines of the source, without what they call\n");
    for (size_t i = 0; i < count && i < MAX_LINES && share(r, lines[i].ns) >= SHOWN; i++) {
        printf("%6.1f %% %10.4f ms  %s   %s\n", 100 * share(r, lines[i].ns), ms(r, lines[i].ns), lines[i].step->place,
               lines[i].step->text);
    }
}

/* ---- all of it ---- */

static void print_head(const Report *r)
{
    const int threads = threads_of(r);
    printf("%s", r->c->program->name);
    for (int i = 0; i < r->c->program->nsymbols; i++) {
        printf("%s%s=%lld", i > 0 ? ", " : "  ", r->c->program->symbols[i], (long long)r->c->model->symbols[i]);
    }
    printf("  %d thread%s, %s, %llu calls; the peak is %.1f GFLOP/s\n\n", threads, threads == 1 ? "" : "s", mdl_isa_name(),
           (unsigned long long)r->calls, 1e-9 * r->peak);
}

static void put_member(Text *t, const char *key, const char *value)
{
    mdl_put(t, ", ");
    mdl_json_string(t, key, strlen(key));
    mdl_put(t, ": ");
    mdl_json_string(t, value, strlen(value));
}

static void print_json(const Report *r)
{
    printf("{\"model\": \"%s\", \"threads\": %d, \"isa\": \"%s\", \"calls\": %llu, \"peak_flops\": %.6g, \"steps\": [", r->c->program->name, threads_of(r),
           mdl_isa_name(), (unsigned long long)r->calls, r->peak);
    for (size_t i = 0; i < r->p->count; i++) {
        const ProfileNode *n = &r->p->at[i];
        Text               path = {0}, t = {0};
        put_path(r, i, &path);
        put_member(&t, "path", mdl_text_part(&path, &t));
        put_member(&t, "place", i > 0 ? n->step->place : r->c->program->file);
        put_member(&t, "source", i > 0 ? n->step->text : r->c->program->name);
        printf("%s\n{\"parent\": %lld, \"times\": %llu, \"ns\": %.1f, \"self_ns\": %.1f, \"share\": %.6f, \"flops\": %.0f%s}", i > 0 ? "," : "",
               i > 0 ? (long long)n->parent : -1LL, (unsigned long long)n->times, 1e6 * ms(r, r->total[i]), 1e6 * ms(r, n->ns),
               share(r, r->total[i]), r->work[i] / (double)r->calls, mdl_text_part(&t, r->failed));
        mdl_text_free(&path);
        mdl_text_free(&t);
    }
    printf("\n]}\n");
}

static mdl_status print_report(Call *c, const Profile *p)
{
    Text   parts = {0};
    Report r = {.c = c, .p = p, .failed = &parts};
    Line  *lines = calloc(p->count, sizeof *lines);
    if (lines == NULL || !sum_up(&r)) {
        free(lines);
        free(r.total);
        free(r.work);
        return mdl_fail_status(&c->error, MDL_NO_MEMORY);
    }
    if (c->cli->json) {
        print_json(&r);
    } else {
        print_head(&r);
        print_tree(&r, 0, 0);
        print_lines(&r, lines);
    }
    free(lines);
    free(r.total);
    free(r.work);
    return parts.failed ? mdl_fail_status(&c->error, MDL_NO_MEMORY) : MDL_OK;
}

int mdl_cli_profile(const Cli *cli)
{
    Call       c;
    Profile    p = {0};
    mdl_status status;
    if (!cli->program->profiled) {
        fprintf(stderr, "%s: its steps do not read the clock; build it with `mdlc build %s --profile`, or ask `%s bench` for "
                        "the whole\n", cli->exe, cli->program->file, cli->exe);
        return EXIT_USAGE;
    }
    status = mdl_cli_prepare(&c, cli);
    if (status == MDL_OK) status = take_profile(&c, &p);
    if (status == MDL_OK) status = print_report(&c, &p);
    mdl_profile_free(&p);
    mdl_cli_release(&c);
    return status == MDL_OK ? EXIT_DONE : mdl_cli_fail(cli, &c.error);
}
