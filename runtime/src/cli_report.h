/* A profile that was taken: what the verbs print of it. */
#ifndef MDL_CLI_REPORT_H
#define MDL_CLI_REPORT_H

#include "cli_call.h"
#include "profile.h"
#include "text.h"

typedef struct Report {
    const Call *c;
    Profile    *p;
    uint64_t   *total; /* ns of each node: with what it calls */
    double     *work;  /* the same, of operations */
    double      peak;  /* operations a second that the call's threads can do */
    uint64_t    calls;
    Text       *failed; /* whether one of the texts could not be made */
} Report;

/* What has less of a call than that is not shown by itself. */
#define REPORT_SHOWN 0.005

/* Calls the model for as many seconds as the command line says, and sums up. Free it also after a failure. */
mdl_status mdl_report_take(Report *r, Call *c);
void       mdl_report_free(Report *r);

int    mdl_report_threads(const Report *r);
double mdl_report_share(const Report *r, uint64_t ns);
double mdl_report_ms(const Report *r, uint64_t ns); /* of one call */
double mdl_report_gflops(double work, uint64_t ns);
void   mdl_report_path(const Report *r, size_t node, Text *t); /* of its layer, from the model on */

/* For `bench`: the time of each layer without those in it, its GFLOP/s and their share of the peak; as JSON the value of a member. */
mdl_status mdl_report_layers(const Report *r, mdl_error *error);

#endif
