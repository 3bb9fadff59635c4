/* Makes the n-th allocation fail, for tests of what happens then. The test program is linked with --wrap for the allocators. */
#ifndef ALLOC_FAIL_H
#define ALLOC_FAIL_H

/* The allocation number `n` from now on, counted from 0, fails, and those after it too; -1: none. */
void alloc_fail_at(long n);
/* Allocations since alloc_fail_at. */
long alloc_count(void);

#endif
