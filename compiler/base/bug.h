/* Broken invariants, and the few macros every room uses. */
#ifndef MDLC_BUG_H
#define MDLC_BUG_H

#include <stddef.h>

#define countof(a) (sizeof(a) / sizeof *(a))

#if defined(__GNUC__)
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#else
#define PRINTF_LIKE(fmt, args)
#define NORETURN
#endif

/* A broken invariant of the compiler: prints where and what, asks for a report, exits with 70. */
NORETURN void bug_at(const char *file, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)

/* What the compiler was doing, named in a bug report: a pass, an entry point. */
void bug_context(const char *doing);

#endif
