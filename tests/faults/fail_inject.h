/* Which call fails, and how: what the files of the library share. */
#ifndef FAIL_INJECT_H
#define FAIL_INJECT_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>

extern int  fail_why;      /* the errno */
extern bool fail_is_short; /* half of it is done instead */

/* Counts a call; whether it is the one that fails, with errno set. A process that is to be killed then is. */
bool fails(const char *name);
/* Adds a line to the log. */
void note(const char *line);
/* Notes what memory is still in use, and which descriptors, at the end: "left: ..." */
void note_left(void);

/* The next definition of a function: libc's. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
/* A call that fails with `value`; "short" leaves it as it is. */
#define FAILS(value, name) \
    if (fails(#name) && !fail_is_short) return value;

#endif
