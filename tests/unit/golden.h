/* Expected output in files under tests/golden. BLESS=1 in the environment writes them instead of comparing. */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stddef.h>

/* Fails the test where `bytes` differ from the golden file, at the first line that does. */
void golden_check(const char *name, const char *bytes, size_t len);

#endif
