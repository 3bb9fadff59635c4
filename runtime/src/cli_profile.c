/* `profile`: where the time of a call goes, as a tree of layers and steps, and by lines of the source. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_report.h"
#include "json.h"
#include "model.h"
#include "text.h"

enum { BAR = 20, MAX_LINES = 20 };

/* ---- the tree ---- */

static void print_bar(double part)
{
    const int full = (int)(part * BAR + 0.5);
    for (int i = 0; i < BAR; i++) fputs(i < full ? "#" : " ", stdout);
}

/* Operations a second, and their share of the peak; blanks where nothing is multiplied. */
static void print_speed(const Report *r, size_t node)
{
    const double speed = mdl_report_gflops(r->work[node], r->total[node]);
    if (speed > 0 && r->peak > 0) printf("%7.1f GFLOP/s %3.0f %%  ", speed, 100e9 * speed / r->peak);
    else printf("%24s", "");
}

static void print_node(const Report *r, size_t node, int depth)
{
    const ProfileNode *n = &r->p->at[node];
    Text               path = {0};
    mdl_report_path(r, node, &path);
    printf("%6.1f %% %10.4f ms  ", 100 * mdl_report_share(r, r->total[node]), mdl_report_ms(r, r->total[node]));
    print_speed(r, node);
    print_bar(mdl_report_share(r, r->total[node]));
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
        if (mdl_report_share(r, r->total[i]) >= REPORT_SHOWN) print_tree(r, i, depth + 1);
        else small += r->total[i];
    }
    if (mdl_report_share(r, small) < REPORT_SHOWN) return;
    printf("%6.1f %% %10.4f ms  ", 100 * mdl_report_share(r, small), mdl_report_ms(r, small));
    printf("%24s", "");
    print_bar(mdl_report_share(r, small));
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
    for (size_t i = 0; i < count && i < MAX_LINES && mdl_report_share(r, lines[i].ns) >= REPORT_SHOWN; i++) {
        printf("%6.1f %% %10.4f ms  %s   %s\n", 100 * mdl_report_share(r, lines[i].ns), mdl_report_ms(r, lines[i].ns), lines[i].step->place,
               lines[i].step->text);
    }
}

/* ---- all of it ---- */

static void print_head(const Report *r)
{
    const int threads = mdl_report_threads(r);
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
    printf("{\"model\": \"%s\", \"threads\": %d, \"isa\": \"%s\", \"calls\": %llu, \"peak_flops\": %.6g, \"steps\": [", r->c->program->name, mdl_report_threads(r),
           mdl_isa_name(), (unsigned long long)r->calls, r->peak);
    for (size_t i = 0; i < r->p->count; i++) {
        const ProfileNode *n = &r->p->at[i];
        Text               path = {0}, t = {0};
        mdl_report_path(r, i, &path);
        put_member(&t, "path", mdl_text_part(&path, &t));
        put_member(&t, "place", i > 0 ? n->step->place : r->c->program->file);
        put_member(&t, "source", i > 0 ? n->step->text : r->c->program->name);
        printf("%s\n{\"parent\": %lld, \"times\": %llu, \"ns\": %.1f, \"self_ns\": %.1f, \"share\": %.6f, \"flops\": %.0f%s}", i > 0 ? "," : "",
               i > 0 ? (long long)n->parent : -1LL, (unsigned long long)n->times, 1e6 * mdl_report_ms(r, r->total[i]), 1e6 * mdl_report_ms(r, n->ns),
               mdl_report_share(r, r->total[i]), r->work[i] / (double)r->calls, mdl_text_part(&t, r->failed));
        mdl_text_free(&path);
        mdl_text_free(&t);
    }
    printf("\n]}\n");
}

static mdl_status print_report(const Report *r, mdl_error *error)
{
    Line *lines = calloc(r->p->count, sizeof *lines);
    if (lines == NULL) return mdl_fail_status(error, MDL_NO_MEMORY);
    if (r->c->cli->json) {
        print_json(r);
    } else {
        print_head(r);
        print_tree(r, 0, 0);
        print_lines(r, lines);
    }
    free(lines);
    return r->failed->failed ? mdl_fail_status(error, MDL_NO_MEMORY) : MDL_OK;
}

int mdl_cli_profile(const Cli *cli)
{
    Call       c;
    Text       parts = {0};
    Report     r = {.failed = &parts};
    mdl_status status;
    if (!cli->program->profiled) {
        fprintf(stderr, "%s: its steps do not read the clock; build it with `mdlc build %s --profile`, or ask `%s bench` for "
                        "the whole\n", cli->exe, cli->program->file, cli->exe);
        return EXIT_USAGE;
    }
    status = mdl_cli_prepare(&c, cli);
    if (status == MDL_OK) status = mdl_report_take(&r, &c);
    if (status == MDL_OK) status = print_report(&r, &c.error);
    mdl_report_free(&r);
    mdl_cli_release(&c);
    return status == MDL_OK ? EXIT_DONE : mdl_cli_fail(cli, &c.error);
}
