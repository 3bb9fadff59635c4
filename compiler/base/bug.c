#include "bug.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *context = "starting";

void bug_context(const char *doing)
{
    context = doing;
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
    va_list args;
    fflush(stdout);
    fprintf(stderr, "mdlc: internal error while %s (%s:%d): ", context, file, line);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputs("\nThis is a bug in mdlc, not in the model. Please report it, with the model if you can.\n", stderr);
    exit(70);
}
